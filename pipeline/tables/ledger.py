"""The ledger: what is remembered of a url from release to release.

Part k of the ledger holds the articles of part k of ``articles``, row for row; the last part
holds the urls that are gone. When a url was first seen and when it changed no raw file says.
`recall` turns the ledger of the previous release into an index.
Times are microseconds since 1970 (UTC) as 64-bit integers.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ..files import parquet
from ..model.schemas import LEDGER
from . import links, scratch, url_index


def recall(parts: Mapping[int, Path]) -> dict[str, npt.NDArray[Any]]:
    """The parts of a ledger, by number, as `scratch.LEDGER_INDEX` has it."""
    remembered = [
        _memory(number, parquet.read_as(path, LEDGER.schema)) for number, path in parts.items()
    ]
    return url_index.by_url(url_index.concatenate(remembered, scratch.LEDGER_INDEX.schema))


# What the ledger takes of articles.
COLUMNS = tuple(name for name in LEDGER.schema.names if name != "last_seen")


def _memory(part: int, ledger: pa.Table) -> dict[str, npt.NDArray[Any]]:
    return {
        "url": url_index.digests(ledger["url"].to_pylist()),
        "first_seen": _times(ledger["first_seen"]),
        "modified": _times(ledger["modified"]),
        "content": url_index.from_hex(ledger["content_sha256"].to_pylist()),
        "part": np.full(len(ledger), part, dtype=np.int32),
        "row": np.arange(len(ledger), dtype=np.int32),
        "is_live": ledger["last_seen"].combine_chunks().is_null().to_numpy(zero_copy_only=False),
    }


def _times(column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    times: npt.NDArray[np.int64] = column.cast(pa.int64()).to_numpy()
    return times


def assign_dates(
    articles: pa.Table, memory: url_index.Columns, as_of: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """First seen and modified of articles, in their order; two arrays of shape (n,).

    ``first_seen`` is as-of at first sight. ``modified`` is then the date of the front matter;
    when the significant content changes it becomes the latest of itself, that date and as-of.
    """
    rows = url_index.find(memory, articles["url"].to_pylist())
    is_known = rows >= 0
    stated = published(articles)
    first_seen = np.full(len(rows), as_of, np.int64)
    modified = pc.fill_null(stated, as_of).to_numpy(zero_copy_only=False).copy()
    if is_known.any():
        known = {name: memory[name][rows[is_known]] for name in ("first_seen", "modified")}
        before = known["modified"]
        contents = url_index.from_hex(articles["content_sha256"].to_pylist())
        is_other = memory["content"][rows[is_known]] != contents[is_known]
        latest = np.maximum(before, np.maximum(modified[is_known], as_of))
        first_seen[is_known] = known["first_seen"]
        modified[is_known] = np.where(is_other, latest, before)
    return first_seen, modified


def published(articles: pa.Table) -> pa.Array:
    """When articles were published, in microseconds: a day that has no time is its midnight."""
    days = articles["published"].combine_chunks()
    midnights = days.cast(pa.timestamp("us")).cast(pa.int64())
    times = articles["published_at"].combine_chunks().cast(pa.int64())
    return pc.if_else(days.is_valid(), pc.coalesce(times, midnights), midnights)


def live(articles: pa.Table) -> pa.Table:
    """The rows of the ledger of published articles; these have the `COLUMNS`, but for an id."""
    columns = {name: articles[name] for name in COLUMNS if name != "id"}
    columns["id"] = links.ids_of(articles)
    columns["last_seen"] = pa.nulls(len(articles))
    arrays = {name: columns[name] for name in LEDGER.schema.names}
    return pa.table(arrays, schema=LEDGER.schema)


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
