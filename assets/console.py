"""What a run prints in a terminal: what its steps say, and why it failed, in a line each."""

import logging
import sys
from typing import Any

import dagster as dg


class _Line(logging.Formatter):
    """A message as it is; of a failure the sentence alone, whose trace the UI has."""

    def format(self, record: logging.LogRecord) -> str:
        """The text of a record."""
        meta = getattr(record, "dagster_meta", {})
        text = _failure(meta.get("dagster_event")) or meta.get("orig_message")
        level = "" if record.levelno < logging.WARNING else f"{record.levelname.lower()}: "
        return f"{level}{text or record.getMessage()}"


def _failure(event: Any) -> str | None:
    """Why a step failed, in words if it has any; that a run did."""
    if event and event.is_run_failure:
        return f"the run {event.job_name} failed"
    failed = event.step_failure_data if event and event.is_step_failure else None
    stated = failed.user_failure_data if failed else None
    return stated.description if stated else None


@dg.logger(
    config_schema={"log_level": dg.Field(str, is_required=False, default_value="INFO")},
    description="Prints a line a message, and no trace of an error that is meant for people.",
)
def lines(context: dg.InitLoggerContext) -> logging.Logger:
    """The logger that Dagster prints the messages of runs with."""
    logger = logging.Logger("pressroom", context.logger_config["log_level"])
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Line())
    logger.addHandler(handler)
    return logger


# Of a job that does not name one, Dagster prints traces, and each event.
LOGGERS = {"pressroom_console": lines}
CONFIG: dict[str, Any] = {"loggers": {name: {} for name in LOGGERS}}
