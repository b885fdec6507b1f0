"""What a release did to a url: added, changed (which fields) or removed.

Stated fields are compared, not what follows from them: the file's bytes, digests, counts, times.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..files import parquet
from ..model.schemas import ARTICLES, CHANGES, KEYWORDS, STATED_LINKS

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
}
_FIELDS = [name for name in ARTICLES.schema.names if name not in _DERIVED]
_LISTS = {
    "keywords": [name for name in KEYWORDS.schema.names if name != "keyword_key"],
    "related_links": [name for name in STATED_LINKS.names if name != "line"],
}


class Stated(NamedTuple):
    """What articles state: these, and their keywords and links, which may be among others.

    None is what is not known, of a release that has lost it.
    """

    articles: pa.Table | None
    keywords: pa.Table | None
    related_links: pa.Table | None


def fields(urls: Sequence[str], old: Stated, new: Stated) -> dict[str, list[str]]:
    """The fields that differ, by url, of those articles in which any does.

    Both hold articles of these urls, in their order. What is not known does not differ.
    """
    differing: dict[str, list[str]] = {}
    if old.articles is not None and new.articles is not None:
        for name in _FIELDS:
            is_other = _is_other(old.articles[name], new.articles[name])
            for place in np.flatnonzero(is_other).tolist():
                differing.setdefault(urls[place], []).append(name)
    for name, columns in _LISTS.items():
        tables = [getattr(stated, name) for stated in (old, new)]
        if any(table is None for table in tables):
            continue
        before, now = (_by_url(table, columns, urls) for table in tables)
        for url in urls:
            if before.get(url) != now.get(url):
                differing.setdefault(url, []).append(name)
    return differing


def _is_other(old: pa.ChunkedArray, new: pa.ChunkedArray) -> Any:
    """Where values differ; null is a value."""
    is_other = pc.or_kleene(pc.not_equal(old, new), pc.xor(old.is_valid(), new.is_valid()))
    return pc.fill_null(is_other, False).to_numpy()


def _by_url(
    table: pa.Table, columns: Sequence[str], urls: Sequence[str]
) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of some urls, in their order."""
    of_urls = table.filter(pc.is_in(table["url"], pa.array(urls, pa.string())))
    rows: dict[str, list[tuple[Any, ...]]] = {}
    for row in zip(*(of_urls[name].to_pylist() for name in columns), strict=True):
        rows.setdefault(row[0], []).append(row)
    return rows


def made(urls: Iterable[str], known: Iterable[bool], changed: Mapping[str, list[str]]) -> pa.Table:
    """The table ``changes`` for urls that are published: whether they were `known` before."""
    rows: list[tuple[str, str, list[str]]] = []
    for url, is_known in zip(urls, known, strict=True):
        if not is_known:
            rows.append((url, "added", []))
        elif url in changed:
            rows.append((url, "changed", changed[url]))
    return parquet.to_table(rows, CHANGES.schema)


def removed(urls: Iterable[str]) -> pa.Table:
    """The table ``changes`` for urls that are gone."""
    return parquet.to_table([(url, "removed", []) for url in urls], CHANGES.schema)
