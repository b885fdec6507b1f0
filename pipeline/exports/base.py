"""What an export is given, and what it tells of itself."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from ..files import atomic
from ..files.atomic import FileEntry
from ..model.settings import Settings

Job = TypeVar("Job")
Report = TypeVar("Report")


class Map(Protocol):
    """Maps a function over jobs by an executor; reports come in any order."""

    def __call__(self, function: Callable[[Job], Report], jobs: Iterable[Job]) -> Iterator[Report]:
        """The reports of all jobs."""
        ...


class Previous(NamedTuple):
    """The same export of the published release.

    `files` are its intact files, by path below `root`.
    """

    root: Path
    files: Mapping[str, FileEntry]

    def only(self, path: str) -> "Previous":
        """The same with what is known of one file: for a job, which is to be small."""
        files = {path: self.files[path]} if path in self.files else {}
        return self._replace(files=files)


class Context(NamedTuple):
    """The tables to export, where to write below, who runs it, and what was made before.

    `rows` and `versions` hold the number of rows of each table and the digest of its content,
    `code` the digest of the code and libraries of the export. `as_of` is in seconds since 1970
    (UTC), for one that is dated.
    """

    settings: Settings
    root: Path
    as_of: int
    tables: Mapping[str, tuple[Path, ...]]
    rows: Mapping[str, int]
    versions: Mapping[str, str]
    code: str
    previous: Previous | None
    run: Map

    def linked(self, path: str, inputs: str) -> FileEntry | None:
        """Link a file of the previous export into this one, if it was made from the same."""
        return linked(self.previous, self.root, path, inputs=inputs)


def linked(
    previous: Previous | None,
    root: Path,
    path: str,
    *,
    inputs: str | None = None,
    sha256: str | None = None,
) -> FileEntry | None:
    """Link a file of a previous export into the release at `root`, if there is one of the same.

    The same is what was made from these `inputs`; without them, what has these bytes.
    """
    known = previous.files.get(path) if previous else None
    if previous is None or known is None:
        return None
    if known.sha256 != sha256 if inputs is None else known.inputs != inputs:
        return None
    atomic.hard_link(previous.root / path, root, path)
    return known


class Export(NamedTuple):
    """A format. Its bytes depend on its tables, on `settings` of the site, on the code of `module`.

    `about_release` are files that hold what this release changed: they alone are no reason to
    publish one. An export that `is_dated` holds the as-of time, and is made anew for each release.
    """

    name: str
    description: str
    kinds: tuple[str, ...]
    tables: tuple[str, ...]
    module: str
    settings: Callable[[Settings], Any]
    write: Callable[[Context], list[FileEntry]]
    about_release: tuple[str, ...] = ()
    is_dated: bool = False

    @property
    def outputs(self) -> tuple[str, ...]:
        """An export is one output."""
        return (self.name,)


def utc(time: dt.datetime) -> str:
    """A time as RFC 3339 and W3C Datetime have it: ``2025-01-31T16:00:24Z``, to the second."""
    seconds = time.astimezone(dt.UTC).isoformat(timespec="seconds")
    return seconds.replace("+00:00", "Z")


def iso_8601(times: pa.ChunkedArray) -> pa.ChunkedArray:
    """Times in UTC as ``2025-01-31T16:00:24.500000``, five times as fast as `strftime`."""
    return pc.replace_substring(times.cast(pa.timestamp("us")).cast(pa.string()), " ", "T")
