"""What a release did to a url: added, changed (which fields) or removed.

Stated fields are compared, not what follows from them: the file's bytes, digests, counts, times.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
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
_COLUMNS = {
    "articles": [name for name in ARTICLES.schema.names if name not in _DERIVED],
    "keywords": ["url", "position", "keyword"],
    "related_links": [name for name in STATED_LINKS.names if name != "line"],
}

Stated = dict[str, Any]


def compare(root: Path, part: int, previous: Path | None, memory: url_index.Columns) -> pa.Table:
    """The table ``changes`` for one part of the articles of a release.

    Args:
        root: The release that is being written.
        part: The number of the part.
        previous: The release to compare with.
        memory: The ledger of that release.
    """
    new = _stated(root, part)
    rows = url_index.find(memory, list(new))
    was_live = rows >= 0
    was_live[was_live] = memory["is_live"][rows[was_live]]
    old: dict[str, Stated] = {}
    if previous is not None:
        for old_part in np.unique(memory["part"][rows[was_live]]).tolist():
            old |= _stated(previous, old_part, new)
    made: list[tuple[str, str, list[str]]] = []
    for (url, fields), known in zip(new.items(), was_live.tolist(), strict=True):
        if not known:
            made.append((url, "added", []))
        elif changed := [name for name in fields if fields[name] != old[url].get(name)]:
            made.append((url, "changed", changed))
    return store.to_table(made, CHANGES.schema)


def removed(urls: Iterable[str]) -> pa.Table:
    """The table ``changes`` for urls that are gone."""
    return store.to_table([(url, "removed", []) for url in urls], CHANGES.schema)


def _stated(release: Path, part: int, urls: Iterable[str] | None = None) -> dict[str, Stated]:
    """What articles of a part state, by url: columns, keywords and links. `urls` narrows them."""
    stated: dict[str, Stated] = {}
    for table, columns in _COLUMNS.items():
        rows = store.read(release / store.part_path(table, part), columns)
        if urls is not None:
            rows = rows.filter(pc.is_in(rows["url"], pa.array(urls, pa.string())))
        for row in rows.to_pylist():
            url = row.pop("url")
            if table == "articles":
                stated[url] = {**row, "keywords": [], "related_links": []}
            else:
                stated[url][table].append(row)
    return stated
