"""What no raw file says of feeds: since when one is empty, and which articles its pages hold.

It is a file of the release, which the next run, also a full one, reads: a full page keeps what it
held, and the feed of a subject stays for a while when its last article is gone.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from ...files import atomic, parquet
from ...files.atomic import FileEntry
from ...releases.cache import STATE, Cache
from ..base import Context
from .selection import Key

PATH = f"{STATE}feeds.parquet"
_DAY = 24 * 3600
_SCHEMA = pa.schema(
    {
        "kind": pa.string(),
        "name": pa.string(),
        "label": pa.string(),
        "empty_since": pa.int64(),
        "pages": pa.list_(
            pa.struct({"urls": pa.list_(pa.string()), "modified": pa.list_(pa.int64())})
        ),
    }
)


class Page(NamedTuple):
    """A full page: the urls of its articles, and when each was modified last when it was filled."""

    urls: tuple[str, ...]
    modified: tuple[int | None, ...]

    def only(self, urls: Mapping[str, object]) -> "Page":
        """The same without the urls that are not among some."""
        kept = [pair for pair in zip(self.urls, self.modified, strict=True) if pair[0] in urls]
        return Page(tuple(url for url, _ in kept), tuple(time for _, time in kept))


class Known(NamedTuple):
    """What is known of a feed: its label, and its full pages, the oldest first.

    `empty_since` is the as-of time, in seconds since 1970, of the first release in which it held
    nothing; None while it holds anything.
    """

    label: str
    empty_since: int | None = None
    pages: tuple[Page, ...] = ()

    def goes(self, days: int) -> int | None:
        """When the feed of a subject goes, so many days after its last article."""
        return None if self.empty_since is None else self.empty_since + days * _DAY


def recall(remembered: Cache) -> dict[Key, Known]:
    """What the published release knows of each feed."""
    if PATH not in remembered.files:
        return {}
    return dict(map(_known, parquet.read(remembered.root / PATH).to_pylist()))


def _known(row: dict[str, Any]) -> tuple[Key, Known]:
    pages = (Page(tuple(page["urls"]), tuple(page["modified"])) for page in row["pages"])
    return Key(row["kind"], row["name"]), Known(row["label"], row["empty_since"], tuple(pages))


def remember(context: Context, known: Mapping[Key, Known]) -> FileEntry:
    """Write what is known of each feed, for the next run."""
    rows = [
        (*key, one.label, one.empty_since, [page._asdict() for page in one.pages])
        for key, one in sorted(known.items())
    ]
    data = parquet.to_parquet(parquet.to_table(rows, _SCHEMA))
    entry = atomic.describe(PATH, data)
    if not context.cache.reuse(context.root, PATH, sha256=entry.sha256):
        atomic.put(context.root, PATH, data)
    return entry


def next_due(root: Path, files: Iterable[FileEntry], days: int) -> int | None:
    """When the feed of a subject goes next, in seconds since 1970; None if none does.

    `files` are those of the export, below `root`.
    """
    if not any(entry.path == PATH for entry in files):
        return None
    rows = map(_known, parquet.read(root / PATH).to_pylist())
    times = [known.goes(days) for key, known in rows if key.kind == "subjects"]
    return min((time for time in times if time is not None), default=None)
