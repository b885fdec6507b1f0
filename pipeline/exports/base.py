"""What an export is given, and what it tells of itself."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

from pipeline.settings import Settings
from pipeline.store import FileEntry

Job = TypeVar("Job")
Report = TypeVar("Report")

NO_SUBJECT = "no-subject"


class Map(Protocol):
    """Maps a function over jobs by an executor; reports come in any order."""

    def __call__(self, function: Callable[[Job], Report], jobs: Iterable[Job]) -> Iterator[Report]:
        """The reports of all jobs."""
        ...


class Context(NamedTuple):
    """The tables to export, where to write below, and who runs it."""

    settings: Settings
    root: Path
    tables: Mapping[str, tuple[Path, ...]]
    run: Map


class Export(NamedTuple):
    """A format. `modules` and `settings` are what its bytes depend on besides its tables.

    `about_release` are files that hold what this release changed: they alone are no reason to
    publish one.
    """

    name: str
    description: str
    kinds: tuple[str, ...]
    tables: tuple[str, ...]
    modules: tuple[str, ...]
    libraries: tuple[str, ...]
    settings: Callable[[Settings], Any]
    write: Callable[[Context], list[FileEntry]]
    about_release: tuple[str, ...] = ()

    @property
    def outputs(self) -> tuple[str, ...]:
        """An export is one output."""
        return (self.name,)


def utc(time: dt.datetime) -> str:
    """A time as RFC 3339 and W3C Datetime have it: ``2025-01-31T16:00:24Z``, to the second."""
    seconds = time.astimezone(dt.UTC).isoformat(timespec="seconds")
    return seconds.replace("+00:00", "Z")
