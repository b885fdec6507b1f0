"""What a release did to a url: added, changed (which fields) or removed.

Stated fields are compared, not what follows from them: the file's bytes, digests, counts, times.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ..model.content import ContentModel
from ..model.release_schemas import CHANGES

_DERIVED = {
    "subject_slug",
    "word_count",
    "doubtful_escapes",
    "source_path",
    "source_lines",
    "source_bytes",
    "source_sha256",
    "content_sha256",
    "first_seen",
    "modified",
    "modified_from",
    "content_changed",
}
_NOT_STATED = {"line", "subject_slug", "term_key"}  # of lists and links


def compared(model: ContentModel) -> tuple[str, ...]:
    """The tables that are compared."""
    return ("articles", *model.lists(), "related_links")


class Stated(NamedTuple):
    """What articles state: these, and their lists and links, which may be among others.

    None is what is not known, of a release that has lost it, or never had it.
    """

    articles: pa.Table | None
    lists: Mapping[str, pa.Table | None]
    related_links: pa.Table | None

    @property
    def is_partly_lost(self) -> bool:
        """Whether something is not known."""
        return None in (self.articles, *self.lists.values(), self.related_links)


def fields(urls: Sequence[str], old: Stated, new: Stated) -> dict[str, list[str]]:
    """The fields that differ, by url, of those articles in which any does.

    Both hold articles of these urls, in their order; the old ones may have fewer columns. What is
    not known does not differ.
    """
    differing: dict[str, list[str]] = {}
    if old.articles is not None and new.articles is not None:
        for name in old.articles.column_names:
            if name in _DERIVED:
                continue
            is_other = _is_other(old.articles[name], new.articles[name])
            for place in np.flatnonzero(is_other).tolist():
                differing.setdefault(urls[place], []).append(name)
    for name in (*new.lists, "related_links"):
        tables = [
            stated.lists[name] if name in new.lists else stated.related_links
            for stated in (old, new)
        ]
        if tables[0] is None or tables[1] is None:
            continue
        before, now = (_by_url(table, urls) for table in tables if table is not None)
        for url in urls:
            if before.get(url) != now.get(url):
                differing.setdefault(url, []).append(name)
    return differing


def _is_other(old: pa.ChunkedArray, new: pa.ChunkedArray) -> Any:
    """Where values differ; null is a value."""
    if pa.types.is_list(new.type):  # which Arrow does not compare
        pairs = zip(old.to_pylist(), new.to_pylist(), strict=True)
        return np.array([one != other for one, other in pairs], dtype=bool)
    is_other = pc.or_kleene(pc.not_equal(old, new), pc.xor(old.is_valid(), new.is_valid()))
    return pc.fill_null(is_other, False).to_numpy()


def _by_url(table: pa.Table, urls: Sequence[str]) -> dict[str, list[tuple[Any, ...]]]:
    """What rows of some urls state, in their order."""
    columns = [name for name in table.column_names if name not in _NOT_STATED]
    of_urls = table.filter(pc.is_in(table["url"], pa.array(urls, pa.string())))
    rows: dict[str, list[tuple[Any, ...]]] = {}
    for row in zip(*(of_urls[name].to_pylist() for name in columns), strict=True):
        rows.setdefault(row[0], []).append(row)
    return rows


def made(
    articles: pa.Table, is_known: npt.NDArray[np.bool_], changed: Mapping[str, list[str]]
) -> pa.Table:
    """The table ``changes`` for published articles: whether their urls were known before."""
    is_changed = np.array([url in changed for url in articles["url"].to_pylist()], dtype=bool)
    rows = articles.filter(pa.array(~is_known | is_changed))
    kinds = pc.if_else(pa.array(is_known[~is_known | is_changed]), "changed", "added")
    fields = [
        changed[url] if kind == "changed" else []
        for url, kind in zip(rows["url"].to_pylist(), kinds.to_pylist(), strict=True)
    ]
    return _table(rows, kinds, fields, rows["title"])


def removed(rows: pa.Table, titles: Sequence[str | None]) -> pa.Table:
    """The table ``changes`` for urls that are gone: their rows of the ledger, and their titles."""
    kinds = pa.array(["removed"] * len(rows), pa.string())
    return _table(rows, kinds, [[]] * len(rows), titles)


def _table(
    rows: pa.Table,
    kinds: pa.Array,
    fields: Sequence[list[str]],
    titles: pa.ChunkedArray | Sequence[str | None],
) -> pa.Table:
    columns = rows["url"], kinds, fields, rows["published"], rows["modified"], titles
    made = dict(zip(CHANGES.schema.names, columns, strict=True))
    return pa.table(made, schema=CHANGES.schema)
