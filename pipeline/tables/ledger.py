"""The ledger: what is remembered of a url from release to release.

Part k of the ledger holds the articles of part k of ``articles``, row for row; the last part
holds the urls that are gone. When a url was first seen and when it changed no raw file says.
`recall` turns the ledger of the previous release into an index.
Times are microseconds since 1970 (UTC) as 64-bit integers; one that is not known is `NEVER`.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ..files import parquet
from ..model.release_schemas import LEDGER
from ..model.schemas import CORE
from ..model.table import TIMESTAMP
from . import links, scratch, url_index

NEVER = np.iinfo(np.int64).min  # before all times
_NOT_REMEMBERED = np.iinfo(np.int64).max


def recall(parts: Mapping[int, Path], as_of: int) -> dict[str, npt.NDArray[Any]]:
    """The parts of a ledger, by number, as `scratch.LEDGER_INDEX` has it."""
    remembered = [
        _memory(number, parquet.read_as(path, LEDGER.schema), as_of)
        for number, path in parts.items()
    ]
    return url_index.by_url(url_index.concatenate(remembered, scratch.LEDGER_INDEX.schema))


def _memory(part: int, ledger: pa.Table, as_of: int) -> dict[str, npt.NDArray[Any]]:
    first_seen, modified = times(ledger["first_seen"]), times(ledger["modified"])
    content_changed, updated = times(ledger["content_changed"]), times(ledger["updated"])
    # Before it was told where ``modified`` came from, it was as-of where the content had changed,
    # where no date was stated, and whatever date was stated at first sight.
    is_old = ledger["modified_from"].combine_chunks().is_null().to_numpy(zero_copy_only=False)
    is_old &= modified != NEVER
    was_seen = (modified > first_seen) & (modified <= as_of)
    content_changed[is_old] = np.where(was_seen, modified, NEVER)[is_old]
    updated[is_old] = _NOT_REMEMBERED
    return {
        "url": url_index.digests(ledger["url"].to_pylist()),
        "first_seen": first_seen,
        "content_changed": content_changed,
        "updated": updated,
        "content": url_index.from_hex(ledger["content_sha256"].to_pylist()),
        "part": np.full(len(ledger), part, dtype=np.int32),
        "row": np.arange(len(ledger), dtype=np.int32),
        "is_live": ledger["last_seen"].combine_chunks().is_null().to_numpy(zero_copy_only=False),
    }


def times(column: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """A column of times; shape (n,)."""
    values = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return np.array(values.cast(pa.int64()).fill_null(NEVER))


def assign_dates(articles: pa.Table, memory: url_index.Columns, as_of: int) -> dict[str, pa.Array]:
    """The columns of articles that tell when they were first seen and last changed.

    ``first_seen`` is as-of at first sight. ``modified`` is the latest of what is stated (`updated`,
    `published`) and ``content_changed``, when a release saw the significant content change; a time
    that is stated anew counts instead of what was seen. What is stated later than as-of does not
    count until then: where nothing else is known, ``first_seen`` does.
    """
    rows = url_index.find(memory, articles["url"].to_pylist())
    is_known = rows >= 0

    def remembered(name: str, absent: int) -> npt.NDArray[np.int64]:
        found = np.full(len(rows), absent, np.int64)
        found[is_known] = memory[name][rows[is_known]]
        return found

    first_seen = remembered("first_seen", as_of)
    content_changed = remembered("content_changed", NEVER)
    contents = url_index.from_hex(articles["content_sha256"].to_pylist())
    is_other = is_known.copy()
    is_other[is_known] = memory["content"][rows[is_known]] != contents[is_known]
    content_changed[is_other] = as_of

    dates = [times(published(articles)), times(articles["updated"])]
    past = [np.where(date <= as_of, date, NEVER) for date in dates]
    before = remembered("updated", NEVER)
    is_stated_anew = (past[1] != NEVER) & (past[1] != before) & (before != _NOT_REMEMBERED)
    content_changed[is_known & is_stated_anew] = NEVER

    stated, is_dated = np.maximum(*past), np.maximum(*dates) != NEVER
    seen = np.where(content_changed <= as_of, content_changed, NEVER)
    seen = np.maximum(seen, np.where(is_dated & (stated == NEVER), first_seen, NEVER))
    modified = np.maximum(stated, seen)
    made_from = pc.if_else(stated >= seen, "stated", "seen")
    return {
        "first_seen": _column(first_seen),
        "modified": _column(modified),
        "modified_from": pc.if_else(modified == NEVER, None, made_from),
        "content_changed": _column(content_changed),
    }


def _column(times: npt.NDArray[np.int64]) -> pa.Array:
    return pa.array(times, mask=times == NEVER).cast(TIMESTAMP)


def published(articles: pa.Table) -> pa.Array:
    """When articles were published, in microseconds: a day that has no time is its midnight."""
    days = articles["published"].combine_chunks()
    midnights = days.cast(pa.timestamp("us")).cast(pa.int64())
    times = articles["published_at"].combine_chunks().cast(pa.int64())
    return pc.if_else(days.is_valid(), pc.coalesce(times, midnights), midnights)


# What the ledger takes of articles.
COLUMNS = tuple(name for name in LEDGER.schema.names if name != "last_seen")


def live(articles: pa.Table) -> pa.Table:
    """The rows of the ledger of published articles; these have the `COLUMNS`, but for an id."""
    columns = {name: articles[name] for name in COLUMNS if name != "id"}
    columns["id"] = links.ids_of(articles)
    columns["last_seen"] = pa.nulls(len(articles))
    arrays = {name: columns[name] for name in LEDGER.schema.names}
    return pa.table(arrays, schema=LEDGER.schema)


def published_before(
    parts: Mapping[int, Path], memory: url_index.Columns, urls: Sequence[str]
) -> dict[str, dt.date | None]:
    """The dates of publication that the ledger has of some urls, which are all in it."""
    return _stated_before(parts, memory, urls, LEDGER.schema.field("published"))


def titles_before(
    articles: Mapping[int, Path], memory: url_index.Columns, urls: Sequence[str]
) -> list[str | None]:
    """The titles that some urls of a ledger had; None where the part of `articles` is not known."""
    found = _stated_before(articles, memory, urls, CORE.field("title"))
    return [found[url] for url in urls]


def _stated_before(
    parts: Mapping[int, Path], memory: url_index.Columns, urls: Sequence[str], field: pa.Field
) -> dict[str, Any]:
    """What the rows of some urls of a ledger have in a column of the table with such parts."""
    rows = url_index.find(memory, urls)
    wanted = {part for part in np.unique(memory["part"][rows]).tolist() if part in parts}
    values = {
        part: parquet.read_as(parts[part], pa.schema([field]))[field.name].to_pylist()
        for part in wanted
    }
    places = zip(memory["part"][rows].tolist(), memory["row"][rows].tolist(), strict=True)
    found = (values[part][row] if part in values else None for part, row in places)
    return dict(zip(urls, found, strict=True))


def gone(
    parts: Mapping[int, Path], memory: url_index.Columns, index: url_index.Columns, last_seen: int
) -> tuple[pa.Table, pa.Table]:
    """The rows of the ledger of urls that are not in `index`, and those of them that were live.

    `last_seen` is the as-of time of the previous release. Both tables are sorted by url.
    """
    missing = ~np.isin(memory["url"], index["url"], assume_unique=True)
    tables = []
    for part in np.unique(memory["part"][missing]).tolist():
        rows = memory["row"][missing & (memory["part"] == part)]
        tables.append(parquet.read_as(parts[part], LEDGER.schema).take(np.sort(rows)))
    ledger = pa.concat_tables([LEDGER.schema.empty_table(), *tables]).sort_by("url")
    removed = ledger.filter(pc.is_null(ledger["last_seen"]))
    seen = pc.fill_null(ledger["last_seen"], last_seen)
    column = LEDGER.schema.get_field_index("last_seen")
    return ledger.set_column(column, LEDGER.schema.field("last_seen"), seen), removed
