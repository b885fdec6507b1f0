"""What assets and sensors are given: the settings of the site, and the run that a step is of."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from pydantic import Field

from pressroom.base import printable
from pressroom.base.errors import PipelineError, StorageError, WorkerError
from pressroom.base.wording import cut
from pressroom.engine import build
from pressroom.engine.progress import Lines
from pressroom.engine.run import Options, Run
from pressroom.model import settings_toml
from pressroom.model.settings import Settings

SETTINGS_VARIABLE = "PRESSROOM_SETTINGS"
_NAME = "pressroom.toml"
_CLONE = Path(__file__).resolve().parent.parent
_RELEASE = dg.AssetKey("release")
_MESSAGE_CHARS = 5_000
_PUBLISHES_NOTHING = "This run does not select the asset release: it publishes nothing."

# Of an error that another attempt cannot mend, `Pressroom.run` says so.
RETRIES = dg.RetryPolicy(max_retries=2, delay=2, backoff=dg.Backoff.EXPONENTIAL)


def settings_file(stated: str = "") -> Path:
    """The settings of the site: the file that is stated, else the one that everybody uses.

    That is named by the environment, else in the folder that Dagster was started in, or beside the
    code, for a clone whose workspace is loaded from elsewhere.
    """
    if named := stated or os.environ.get(SETTINGS_VARIABLE):
        return Path(named)
    here = Path.cwd() / _NAME
    return here if here.exists() or not (_CLONE / _NAME).exists() else _CLONE / _NAME


def notes(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> dict[str, str]:
    """What is to be known of the run that a step is of: whether it does not select the release."""
    selected = context.run.asset_selection
    return {"note": _PUBLISHES_NOTHING} if selected and _RELEASE not in selected else {}


def short(text: str) -> str:
    """A text as the event log may have it: nothing in it acts or is secret, and it is not long."""
    return cut(printable.message(text), _MESSAGE_CHARS)


class Cause(Exception):
    """An error with its causes, as the event log may have them: Dagster stores the text of each."""


def _cause(error: BaseException) -> Cause:
    cause = Cause(f"{type(error).__name__}: {short(str(error))}").with_traceback(
        error.__traceback__
    )
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    cause.__cause__ = _cause(before) if before else None
    return cause


class Pressroom(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The site, and what a single run is asked to do otherwise than usual."""

    settings_file: str = Field(
        default="",
        description="Path of the settings; else that in PRESSROOM_SETTINGS, else pressroom.toml"
        " beside the folder assets.",
    )
    as_of: int | None = Field(
        default=None,
        description="The time of the run in seconds since 1970 (UTC); else SOURCE_DATE_EPOCH,"
        " else now.",
    )
    full: bool = Field(default=False, description="Build everything again.")
    force: bool = Field(default=False, description="Publish even if nothing has changed.")
    accept_removals: bool = Field(
        default=False, description="Publish although many articles are gone."
    )

    def settings(self) -> Settings:
        """The settings as they stand in their file now."""
        return settings_toml.load(settings_file(self.settings_file))

    @contextmanager
    def run(
        self, context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext
    ) -> Iterator[Run]:
        """The run that a step belongs to; re-executions find the staging folder of the first.

        An error that is meant for people becomes a `dagster.Failure` with its text.
        """
        for note in notes(context).values():
            context.log.warning(note)
        try:
            run = build.begin(
                self.settings(),
                Options(full=self.full, force=self.force, accept_removals=self.accept_removals),
                context.run.root_run_id or context.run.run_id,
                build.as_of(self.as_of, os.environ.get("SOURCE_DATE_EPOCH")),
                Lines(
                    lambda line: context.log.info(short(line)),
                    lambda line: context.log.warning(short(line)),
                ),
            )
            with run.pool:
                yield run
        except (PipelineError, OSError) as error:
            may_pass = isinstance(error, WorkerError | StorageError | OSError)
            why = short(str(error))
            raise dg.Failure(description=why, allow_retries=may_pass) from _cause(error)
        except Exception as error:  # noqa: BLE001  Dagster would store its text as it is
            raise _cause(error) from None
