"""What an export is given, and what it tells of itself."""

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol, TypeVar

from ..base.fingerprint import versions_of_extensions
from ..files import atomic
from ..files.atomic import FileEntry
from ..model.content import ContentModel
from ..model.release_schemas import PAST
from ..model.schemas import tables
from ..model.settings import Settings
from ..releases import cache
from ..releases.cache import Cache

Job = TypeVar("Job")
Report = TypeVar("Report")


class Map(Protocol):
    """Maps a function over jobs by an executor; reports come in any order."""

    def __call__(self, function: Callable[[Job], Report], jobs: Iterable[Job]) -> Iterator[Report]:
        """The reports of all jobs."""
        ...


class Context(NamedTuple):
    """The tables to export, where to write below, who runs it, and what was made before.

    `rows`, `versions` and `files` hold the number of rows of each table, the digest of its content
    and the entries of its parts, `code` the digest of the code and libraries of the export. For one
    that is dated, `as_of` is in seconds since 1970 (UTC), and `passed_over` says how many files are
    not read, by suffix. `schema_version` is that of the manifest. `remembered` gives what the
    published release holds of the export, also in a full run: for what no raw file says. `say`
    tells the people who watch a sentence.
    """

    settings: Settings
    root: Path
    as_of: int
    passed_over: Mapping[str, int]
    tables: Mapping[str, tuple[Path, ...]]
    rows: Mapping[str, int]
    versions: Mapping[str, str]
    code: str
    cache: Cache
    run: Map
    files: Mapping[str, Sequence[FileEntry]] = MappingProxyType({})
    schema_version: Callable[[], int] = lambda: 1
    remembered: Callable[[], Cache] = lambda: cache.EMPTY
    say: Callable[[str], None] = lambda _: None


def always(*names: str) -> Callable[[ContentModel], tuple[str, ...]]:
    """These tables, whatever the content model of a site is."""
    return lambda _: names


def all_tables(model: ContentModel) -> tuple[str, ...]:
    """All tables of a site."""
    return tuple(tables(model))


def tables_without_past(model: ContentModel) -> tuple[str, ...]:
    """All tables of a site, but those of its past.

    They grow with each release for ever, part by part: a file that holds a table as a whole would
    be made anew for each release, and soon be the largest of all.
    """
    return tuple(name for name in tables(model) if name not in PAST)


# The export that others read: they do not import it, so that its code makes none of them stale.
PLAIN_TEXT = "plain_text"


def of_markdown(content: ContentModel) -> list[Any]:
    """All of the settings that what is seen of a text in Markdown depends on."""
    models = (content, *content.of_collections())
    extensions = {name for model in models for name in model.markdown_extensions}
    return [content, versions_of_extensions(sorted(extensions))]


class Export(NamedTuple):
    """A format. Its bytes depend on its tables, on `settings` of the site, on the code of `module`.

    Among the tables may be the names of exports before it in the registry: it reads their files.
    `about_release` are files that hold what this release changed: they alone are no reason to
    publish one. An export that `is_dated` says of the run what no table does, such as its as-of
    time, and is made anew for each release. `next_due` is of one that time alone may change: from
    the files below a release, when it does next, in seconds since 1970.
    """

    name: str
    description: str
    kinds: tuple[str, ...]
    tables: Callable[[ContentModel], tuple[str, ...]]
    module: str
    settings: Callable[[Settings], Any]
    write: Callable[[Context], list[FileEntry]]
    about_release: tuple[str, ...] = ()
    is_dated: bool = False
    next_due: Callable[[Settings, Path, Iterable[FileEntry]], int | None] = lambda *_: None

    def outputs(self, _: ContentModel) -> tuple[str, ...]:
        """An export is one output, on every site."""
        return (self.name,)


def write_text(context: Context, path: str, text: str) -> FileEntry:
    """Write a small file, or link that of the previous release if it holds the same."""
    data = text.encode()
    entry = atomic.describe(path, data)
    if not context.cache.reuse(context.root, path, sha256=entry.sha256):
        atomic.put(context.root, path, data)
    return entry


def write_lines(root: Path, path: str, objects: Iterable[Mapping[str, Any]]) -> FileEntry:
    """Write JSON Lines below a release: an object on each line, as they come."""
    rows = 0
    with atomic.created(root, path) as stream:
        for one in objects:
            stream.write(f"{json.dumps(one, ensure_ascii=False)}\n".encode())
            rows += 1
    return atomic.entry(root, path, rows)


def utc(time: dt.datetime) -> str:
    """A time as RFC 3339 and W3C Datetime have it: ``2025-01-31T16:00:24Z``, to the second."""
    seconds = time.astimezone(dt.UTC).isoformat(timespec="seconds")
    return seconds.replace("+00:00", "Z")
