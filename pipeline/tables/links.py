"""Related links: what became of each, and the graph that they make.

Links join on the url of the target, never on its id: ids are not unique. The index over all
articles holds about 42 bytes an article and is memory-mapped by every worker.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ..model.schemas import RELATED_LINKS
from . import url_index


def keys(articles: pa.Table) -> dict[str, npt.NDArray[Any]]:
    """What the index (`scratch.INDEX`) holds of articles, in their order.

    `articles` has the columns of the table.
    """
    ids = ids_of(articles)
    return {
        "url": url_index.digests(articles["url"].to_pylist()),
        "title_sha256": url_index.digests(articles["title"].to_pylist(), 8),
        "subject_sha256": url_index.digests(articles["subject"].to_pylist(), 8),
        "id": ids.fill_null(0).to_numpy(zero_copy_only=False),
        "has_id": ids.is_valid().to_numpy(zero_copy_only=False),
        "no_index": articles["no_index"].to_numpy(),
    }


def ids_of(articles: pa.Table) -> pa.Array:
    """The ids of articles, null where the site declares no such column of whole numbers."""
    if "id" in articles.column_names and pa.types.is_integer(articles["id"].type):
        return articles["id"].combine_chunks()
    return pa.nulls(len(articles), pa.int64())


class Targets(NamedTuple):
    """The different urls that links point to: the number of that of each link, and their rows.

    A row is that of the index, -1 where there is none.
    """

    codes: npt.NDArray[np.int32]
    rows: npt.NDArray[np.int64]


def targets_of(stated: pa.Table, index: url_index.Columns) -> Targets:
    """Look up the targets of links, each url once."""
    urls = _distinct(stated["related_url"])
    return Targets(urls.codes, url_index.find(index, urls.texts))


def looked_up(targets: Targets, index: url_index.Columns) -> str:
    """The digest of what the index says of the targets of links: all that `resolve` takes of it."""
    columns = {name: _looked_up(index[name], targets.rows) for name in index if name != "url"}
    return url_index.digest_of({"exists": targets.rows >= 0, **columns})


def statuses(stated: pa.Table, targets: Targets) -> pa.Array:
    """What became of links, in the same order: the column ``status``.

    Args:
        stated: Links as written (`schemas.STATED_LINKS`), in the order of articles and positions.
        targets: What `targets_of` found of these links.
    """
    is_self = _is_true(pc.equal(stated["url"], stated["related_url"]))
    is_repeated = _stands_above(_distinct(stated["url"]).codes, targets.codes)
    is_repeated &= _is_true(pc.is_valid(stated["related_url"]))
    is_missing = targets.rows[targets.codes] < 0
    return _first_true(self=is_self, duplicate=is_repeated, missing=is_missing)


def resolve(
    stated: pa.Table, statuses: pa.Array, targets: Targets, index: url_index.Columns
) -> pa.Table:
    """Links with what became of them: the table ``related_links``, in the same order.

    `index` holds the keys of all articles, sorted by url.
    """
    rows = targets.rows[targets.codes]
    exists = rows >= 0
    has_id = exists & _looked_up(index["has_id"], rows)
    columns = {
        **dict(zip(stated.column_names, stated.columns, strict=True)),
        "status": statuses,
        "id_matches": pc.equal(
            stated["related_id"], pa.array(_looked_up(index["id"], rows), mask=~has_id)
        ),
        "title_matches": _matches(stated["related_title"], index["title_sha256"], rows),
        "subject_matches": _matches(stated["related_subject"], index["subject_sha256"], rows),
        "target_no_index": pa.array(_looked_up(index["no_index"], rows), mask=~exists),
    }
    return pa.table([columns[name] for name in RELATED_LINKS.schema.names], RELATED_LINKS.schema)


def pairs(
    stated: pa.Table, statuses: pa.Array, targets: Targets, index: url_index.Columns
) -> dict[str, npt.NDArray[np.int32]]:
    """The ``ok`` links as rows of the index: ``source`` and ``target``."""
    ok = pc.equal(statuses, "ok").to_numpy(zero_copy_only=False)
    sources = _distinct(stated["url"].filter(ok))
    from_rows = url_index.find(index, sources.texts)[sources.codes]
    to_rows = targets.rows[targets.codes[ok]]
    return {"source": from_rows.astype(np.int32), "target": to_rows.astype(np.int32)}


class _Distinct(NamedTuple):
    """The different texts of a column, and the number of the one in each row: null is one too."""

    texts: list[str | None]
    codes: npt.NDArray[np.int32]


def _distinct(column: pa.ChunkedArray) -> _Distinct:
    encoded = column.combine_chunks().dictionary_encode(null_encoding="encode")
    return _Distinct(encoded.dictionary.to_pylist(), encoded.indices.to_numpy())


def _is_true(column: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    """A column of booleans in which null is false."""
    values: npt.NDArray[np.bool_] = pc.fill_null(column, False).to_numpy()
    return values


def _first_true(**conditions: npt.NDArray[np.bool_]) -> pa.Array:
    """The name of the first condition that holds in a row, or ``ok``."""
    numbers = np.select(list(conditions.values()), range(len(conditions)), len(conditions))
    return pa.DictionaryArray.from_arrays(numbers, [*conditions, "ok"]).dictionary_decode()


def _stands_above(
    urls: npt.NDArray[np.int32], targets: npt.NDArray[np.int32]
) -> npt.NDArray[np.bool_]:
    """Whether the same link, as numbers of its two urls, stands in a row above."""
    _, firsts = np.unique(urls.astype(np.int64) << 32 | targets, return_index=True)
    repeated = np.ones(len(urls), dtype=bool)
    repeated[firsts] = False
    return repeated


def _looked_up(column: npt.NDArray[Any], rows: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
    """The values of a column of the index by their rows; zero where the row is -1."""
    values = np.zeros(len(rows), dtype=column.dtype)
    values[rows >= 0] = column[rows[rows >= 0]]
    return values


def _matches(
    stated: pa.ChunkedArray, known: npt.NDArray[Any], rows: npt.NDArray[np.int64]
) -> pa.Array:
    """Whether stated texts are those whose digests stand in the index; null without either."""
    texts = _distinct(stated)
    digests = url_index.digests(texts.texts, 8)[texts.codes]
    can_tell = (rows >= 0) & _is_true(pc.is_valid(stated))
    return pa.array(digests == _looked_up(known, rows), mask=~can_tell)


def shared_ids(index: url_index.Columns) -> dict[str, npt.NDArray[np.int64]]:
    """Each ``id`` that several ``articles`` have, and how many these are."""
    ids, counts = np.unique(index["id"][index["has_id"]], return_counts=True)
    return {"id": ids[counts > 1], "articles": counts[counts > 1]}


_PAIRS = 1_000_000  # at a time


def degrees(pairs: url_index.Columns, articles: int) -> dict[str, npt.NDArray[np.int32]]:
    """The degree of each article in the graph of distinct pairs; arrays of shape (articles,).

    `pairs` are rows of the index: ``source`` and ``target``.
    """
    known = np.sort(_edges(pairs["source"], pairs["target"]))
    counted = {
        name: np.zeros(articles, np.int32) for name in ("links_out", "links_in", "reciprocal")
    }
    for start in range(0, len(known), _PAIRS):
        source, target = (pairs[name][start : start + _PAIRS] for name in ("source", "target"))
        back = _edges(target, source)
        returns = known[np.minimum(np.searchsorted(known, back), len(known) - 1)] == back
        for name, rows in zip(counted, (source, target, source[returns]), strict=True):
            counted[name] += np.bincount(rows, minlength=articles).astype(np.int32)
    return counted


def _edges(source: npt.NDArray[np.int32], target: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """Pairs as one number each."""
    return source.astype(np.int64) << 32 | target
