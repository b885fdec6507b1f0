"""What is printed, and how an error ends a command."""

import contextlib
import datetime as dt
import signal
import sys
from collections.abc import Iterator

import click

from ..base import printable
from ..base.errors import PipelineError

INTERRUPTED = 128 + signal.SIGINT  # as a shell has it
ABORTED = "Aborted!"


def echo(*lines: str, err: bool = False) -> None:
    """Print each on a line of its own, in which nothing acts on a terminal."""
    click.echo("\n".join(map(printable.line, lines)), err=err)


def complain(error: str) -> None:
    """Print an error."""
    echo(*f"pressroom: {printable.message(error)}".split("\n"), err=True)


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """End with a message and the exit status of an error, not with a traceback."""
    try:
        yield
    except PipelineError as error:
        complain(f"{error}")
        sys.exit(error.exit_status)
    except BrokenPipeError:
        raise  # the reader of a pipe has enough: for click
    except KeyboardInterrupt:
        echo(ABORTED, err=True)
        sys.exit(INTERRUPTED)
    except OSError as error:
        place = f"{printable.line(str(error.filename))}: " if error.filename else ""
        complain(f"{place}{error.strerror or error}.")
        sys.exit(PipelineError.exit_status)


def utc(seconds: int) -> str:
    """A time in seconds since 1970 for people."""
    return f"{dt.datetime.fromtimestamp(seconds, dt.UTC):%Y-%m-%d %H:%M:%S} UTC"


def size(count: float) -> str:
    """A number of bytes for people."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} B" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:,.1f} TB"
