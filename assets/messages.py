"""What Dagster is told of errors: it stores and shows the text of each as it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from pressroom.base import printable
from pressroom.base.errors import PipelineError, SettingsError, StorageError, WorkerError
from pressroom.base.wording import cut

_MESSAGE_CHARS = 5_000


def short(text: str) -> str:
    """A text as the event log may have it: nothing in it acts or is secret, and it is not long."""
    return cut(printable.message(text), _MESSAGE_CHARS)


class Cause(Exception):
    """An error with its causes, as the event log may have them."""


def _cause(error: BaseException) -> Cause:
    cause = Cause(f"{type(error).__name__}: {short(str(error))}").with_traceback(
        error.__traceback__
    )
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    cause.__cause__ = _cause(before) if before else None
    return cause


@contextmanager
def step_errors() -> Iterator[None]:
    """Let an error that is meant for people fail a step with its text.

    A step is tried again where the same may go well the next time.

    Raises:
        Failure: In any case.
    """
    try:
        yield
    except dg.Failure:
        raise
    except (PipelineError, OSError) as error:
        may_pass = isinstance(error, WorkerError | StorageError | OSError)
        raise dg.Failure(short(str(error)), allow_retries=may_pass) from _cause(error)
    except Exception as error:  # noqa: BLE001  Dagster would store its text as it is
        cause = _cause(error)
        raise dg.Failure(f"{cause}", allow_retries=False) from cause


@contextmanager
def definition_errors(file: Path) -> Iterator[None]:
    """Let an error of the settings in a file be one of Dagster's definitions.

    Raises:
        DagsterInvalidDefinitionError: The settings are wrong; the text names their file and, unless
            Dagster itself refuses them, the line.
    """
    try:
        yield
    except SettingsError as error:
        raise dg.DagsterInvalidDefinitionError(short(str(error))) from None
    except dg.DagsterInvalidDefinitionError as error:
        why = short(f"{file}: automation: {error}")
        raise dg.DagsterInvalidDefinitionError(why) from None
