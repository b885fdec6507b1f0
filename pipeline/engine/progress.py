"""What a run shows of itself while it works: warnings alone, a line a stage, or a live display."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Protocol

from ..base import printable

if TYPE_CHECKING:
    from rich.progress import Progress as Bars


class Progress(Protocol):
    """What the steps of a run tell of themselves, one stage after the other."""

    def begin(self, stage: str, total: int, unit: str) -> None:
        """A stage begins that has so many files, parts or the like to do."""

    def advance(self, count: int, rejects: int = 0) -> None:
        """So many more are done, and so many more files of the run were rejected."""

    def say(self, line: str) -> None:
        """A line that stays: what a stage came to, or a message."""

    def warn(self, line: str) -> None:
        """A line that somebody is to read, also where no other is shown."""


class Quiet:
    """Shows the warnings."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write

    def begin(self, stage: str, total: int, unit: str) -> None:
        """Show nothing."""

    def advance(self, count: int, rejects: int = 0) -> None:
        """Show nothing."""

    def say(self, line: str) -> None:
        """Show nothing."""

    def warn(self, line: str) -> None:
        """Write the line."""
        self._write(printable.note(line))


class Lines:
    """Shows the lines that stay, and nothing else: for logs, which may have warnings apart."""

    def __init__(
        self, write: Callable[[str], None], warn: Callable[[str], None] | None = None
    ) -> None:
        self._write = write
        self._warn = warn or write

    def begin(self, stage: str, total: int, unit: str) -> None:
        """Show nothing: the stage says a line at its end."""

    def advance(self, count: int, rejects: int = 0) -> None:
        """Show nothing: the stage says a line at its end."""

    def say(self, line: str) -> None:
        """Write the line."""
        self._write(printable.note(line))

    def warn(self, line: str) -> None:
        """Write the line as a warning."""
        self._warn(printable.note(line))


_DRAW_SECONDS = 0.1


class Live:
    """Shows a bar of the present stage below the lines that stay."""

    def __init__(self, bars: "Bars") -> None:
        self._bars = bars
        self._rejects = 0
        self._drawn = 0.0

    def begin(self, stage: str, total: int, unit: str) -> None:
        """Show the bar of this stage, and of no other."""
        for task in self._bars.tasks:
            self._bars.remove_task(task.id)
        self._bars.add_task(stage, total=total, unit=unit, speed="", rejects=self._set_aside())
        self._bars.refresh()

    def advance(self, count: int, rejects: int = 0) -> None:
        """Move the bar."""
        self._rejects += rejects
        stage = self._bars.tasks[-1]
        unit = stage.fields["unit"]
        speed = f"{stage.speed:,.0f} {unit}/s" if stage.speed else ""
        self._bars.update(stage.id, advance=count, speed=speed, rejects=self._set_aside())
        self._draw()

    def say(self, line: str) -> None:
        """Print the line above the bar; that of a stage which is done goes."""
        for stage in self._bars.tasks:
            if stage.total is not None and stage.completed >= stage.total:
                self._bars.remove_task(stage.id)
        self._bars.refresh()
        told = printable.note(line)
        self._bars.console.print(told, markup=False, highlight=False, soft_wrap=True)

    def warn(self, line: str) -> None:
        """Print the line above the bar."""
        self.say(line)

    def _draw(self) -> None:
        """Draw the bar as often as can be seen, without a thread: workers are forked meanwhile."""
        if (now := time.monotonic()) - self._drawn > _DRAW_SECONDS:
            self._drawn = now
            self._bars.refresh()

    def _set_aside(self) -> str:
        return f"{self._rejects:,} rejected" * bool(self._rejects)


@contextmanager
def shown(stream: IO[str], *, quiet: bool) -> Iterator[Progress]:
    """The progress of a run as a stream can show it: live on a terminal, as lines elsewhere."""

    def write(line: str) -> None:
        print(line, file=stream, flush=True)

    if quiet:
        yield Quiet(write)
    elif stream.isatty() and os.environ.get("TERM", "dumb") != "dumb":
        with _live(stream) as bars:
            yield Live(bars)
    else:
        yield Lines(write)


def _live(stream: IO[str]) -> "Bars":
    """A display that leaves the terminal as it was, however the run ends."""
    # 0.1 s, paid only where there is a terminal.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        TextColumn("{task.completed:,} of {task.total:,} {task.fields[unit]}", markup=False),
        TextColumn("{task.fields[speed]}", markup=False),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[rejects]}", markup=False),
        console=Console(file=stream),
        transient=True,
        auto_refresh=False,
        redirect_stdout=False,  # for the result
        redirect_stderr=False,
    )
