"""What a release did to a url: added, changed (which fields) or removed.

Stated fields are compared, not what follows from them: the file's bytes, digests, counts, times.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline import store, url_index
from pipeline.schemas import ARTICLES, CHANGES, STATED_LINKS

_DERIVED = {
    "subject_slug",
    "word_count",
    "doubtful_escapes",
    "source_path",
    "source_bytes",
    "source_sha256",
    "content_sha256",
    "first_seen",
    "modified",
}
_COLUMNS = {
    "articles": [name for name in ARTICLES.schema.names if name not in _DERIVED],
    "keywords": ["url", "position", "keyword"],
    "related_links": STATED_LINKS.names,
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
    new = _stated(root, [part])
    rows = url_index.find(memory, list(new))
    was_live = rows >= 0
    was_live[was_live] = memory["is_live"][rows[was_live]]
    parts = np.unique(memory["part"][rows[was_live]]).tolist()
    old = _stated(previous, parts) if previous is not None else {}
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


def _stated(release: Path, parts: Sequence[int]) -> dict[str, Stated]:
    """What the articles of some parts state, by url: their columns, keywords and links."""
    stated: dict[str, Stated] = {}
    for part in parts:
        for table, columns in _COLUMNS.items():
            rows = store.read(release / store.part_path(table, part), columns).to_pylist()
            for row in rows:
                url = row.pop("url")
                if table == "articles":
                    stated[url] = {**row, "keywords": [], "related_links": []}
                else:
                    stated[url][table].append(row)
    return stated
