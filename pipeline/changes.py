"""What a release did to a url: added, changed (which fields) or removed.

Stated fields are compared, not what follows from them: the file's bytes, digests, counts, times.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import store, url_index
from pipeline.schemas import ARTICLES, CHANGES, STATED_LINKS

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
# What `compare` looks at in all articles of a part.
COLUMNS = ("url", "source_sha256", "content_sha256")
_STATED = {
    "articles": [name for name in ARTICLES.schema.names if name not in _DERIVED],
    "keywords": ["url", "position", "keyword"],
    "related_links": [name for name in STATED_LINKS.names if name != "line"],
}

Stated = dict[str, Any]


class Before(NamedTuple):
    """The release to compare with: where it stands, its ledger, which of its files are intact.

    `same_recipe`: its rows were made by the code and settings of today, so that equal files have
    equal rows.
    """

    root: Path
    memory: url_index.Columns
    intact: frozenset[str]
    same_recipe: bool


def compare(root: Path, part: int, articles: pa.Table, before: Before | None) -> pa.Table:
    """The table ``changes`` for one part of the release at `root`; `articles` has the `COLUMNS`."""
    urls = articles["url"].to_pylist()
    if before is None:
        return store.to_table([(url, "added", []) for url in urls], CHANGES.schema)
    rows = url_index.find(before.memory, urls)
    known = rows >= 0
    known[known] = before.memory["is_live"][rows[known]]
    fields = _changed(root, part, before, articles.filter(known), rows[known])
    made: list[tuple[str, str, list[str]]] = []
    for url, is_known in zip(urls, known.tolist(), strict=True):
        if not is_known:
            made.append((url, "added", []))
        elif url in fields:
            made.append((url, "changed", fields[url]))
    return store.to_table(made, CHANGES.schema)


def _changed(
    root: Path, part: int, before: Before, articles: pa.Table, rows: npt.NDArray[np.int64]
) -> dict[str, list[str]]:
    """The fields that differ, of those articles in which any does; `rows` are of the ledger.

    Of an article whose former part is damaged it is known at most that its content differs.
    """
    parts, places = before.memory["part"][rows], before.memory["row"][rows]
    fields: dict[str, list[str]] = {}
    for old_part in np.unique(parts).tolist():
        of_part = parts == old_part
        current = articles.filter(of_part)
        if not _paths(old_part) <= before.intact:
            contents = url_index.from_hex(current["content_sha256"].to_pylist())
            is_other = before.memory["content"][rows[of_part]] != contents
            fields |= {url: [] for url in current["url"].filter(is_other).to_pylist()}
            continue
        if before.same_recipe:
            path = before.root / store.part_path("articles", old_part)
            old = store.read(path, ["source_sha256"]).take(places[of_part])
            current = current.filter(pc.not_equal(current["source_sha256"], old["source_sha256"]))
        fields |= _differences(before.root, old_part, root, part, current["url"].to_pylist())
    return fields


def _differences(
    before: Path, old_part: int, root: Path, part: int, urls: Sequence[str]
) -> dict[str, list[str]]:
    if not urls:
        return {}
    old, new = _stated(before, old_part, urls), _stated(root, part, urls)
    differing = {
        url: [name for name in new[url] if new[url][name] != old[url].get(name)] for url in urls
    }
    return {url: names for url, names in differing.items() if names}


def _paths(part: int) -> set[str]:
    return {store.part_path(table, part) for table in _STATED}


def removed(urls: Iterable[str]) -> pa.Table:
    """The table ``changes`` for urls that are gone."""
    return store.to_table([(url, "removed", []) for url in urls], CHANGES.schema)


def _stated(release: Path, part: int, urls: Sequence[str]) -> dict[str, Stated]:
    """What some articles of a part state, by url: columns, keywords and links."""
    stated: dict[str, Stated] = {}
    for table, columns in _STATED.items():
        rows = store.read(release / store.part_path(table, part), columns)
        of_urls = rows.filter(pc.is_in(rows["url"], pa.array(urls, pa.string())))
        for row in of_urls.to_pylist():
            url = row.pop("url")
            if table == "articles":
                stated[url] = {**row, "keywords": [], "related_links": []}
            else:
                stated[url][table].append(row)
    return stated
