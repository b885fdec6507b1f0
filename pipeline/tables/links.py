"""Links: what became of each, and the graphs that they make.

The index over all articles holds about 42 bytes an article and is memory-mapped by every worker.
"""

from collections.abc import Collection
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ..model.link_schemas import RELATED_LINKS, TEXT_LINKS
from ..model.vocabulary import FoundBy
from . import url_index
from .link_targets import Targets, anchors_exist


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


class Known(NamedTuple):
    """What is known of all articles: their keys by url (`scratch.INDEX`), and their urls."""

    keys: url_index.Columns
    urls: pa.ChunkedArray

    def urls_of(self, rows: npt.NDArray[np.int64]) -> pa.ChunkedArray:
        """The urls of some rows; null where the row is -1."""
        return self.urls.take(pa.array(rows, mask=rows < 0))

    def rows_of(self, urls: pa.ChunkedArray) -> npt.NDArray[np.int64]:
        """The rows of a column of urls."""
        found = _distinct(urls)
        return url_index.find(self.keys, found.texts)[found.codes]


def statuses(
    links: pa.Table, sources: npt.NDArray[np.int64], targets: Targets, *, may_repeat: bool
) -> pa.Array:
    """What became of links, in the same order: the column ``status``.

    Args:
        links: Links as written, in the order of articles and positions.
        sources: The rows of their articles in the index.
        targets: What they lead to.
        may_repeat: Another link to the same target is as good as the first.
    """
    told = pa.chunked_array([targets.status], pa.string())
    is_self = ((targets.rows >= 0) & (targets.rows == sources)) | _is_true(pc.equal(told, "self"))
    status = pc.if_else(targets.rows >= 0, "ok", told)
    if not may_repeat:
        # What leads nowhere is told apart by how it is written.
        codes = np.where(targets.rows < 0, -2 - _distinct(links["related_url"]).codes, targets.rows)
        is_repeated = _stands_above(sources, codes) & _is_true(pc.is_valid(links["related_url"]))
        status = pc.if_else(is_repeated, "duplicate", status)
    return pc.if_else(is_self, "self", status)


def resolve_text(
    written: pa.Table,
    statuses: pa.Array,
    targets: Targets,
    known: Known,
    anchors: npt.NDArray[np.bytes_],
) -> pa.Table:
    """Links in texts with what became of them: the table ``text_links``, in the same order."""
    is_self = pc.equal(statuses, "self")
    urls = pc.if_else(is_self, written["url"], known.urls_of(targets.rows))
    columns = {
        **dict(zip(written.column_names, written.columns, strict=True)),
        "target_url": urls,
        "fragment": pa.array(targets.fragments, pa.string()),
        "anchor_exists": anchors_exist(urls.to_pylist(), targets.fragments, anchors),
        "found_by": _found_by(targets),
        "status": statuses,
    }
    return pa.table([columns[name] for name in TEXT_LINKS.schema.names], TEXT_LINKS.schema)


_FOUND_BY = pa.array([one.word for one in FoundBy], pa.string())


def _found_by(targets: Targets) -> pa.Array:
    return _FOUND_BY.take(pa.array(targets.found_by, mask=targets.rows < 0))


def resolve(
    stated: pa.Table, statuses: pa.Array, targets: Targets, known: Known, copies: Collection[str]
) -> pa.Table:
    """Related links with what became of them: the table ``related_links``, in the same order.

    `copies` are those of id, title and subject that are held against the target's.
    """
    index, rows = known.keys, targets.rows
    exists = rows >= 0
    has_id = exists & _looked_up(index["has_id"], rows)
    has_id &= _is_true(pc.is_valid(stated["related_url"]))  # else the id is what names the target
    columns = {
        **dict(zip(stated.column_names, stated.columns, strict=True)),
        "status": statuses,
        "target_url": known.urls_of(rows),
        "found_by": _found_by(targets),
        "id_matches": pc.equal(
            stated["related_id"], pa.array(_looked_up(index["id"], rows), mask=~has_id)
        ),
        "title_matches": _matches(stated["related_title"], index["title_sha256"], rows),
        "subject_matches": _matches(stated["related_subject"], index["subject_sha256"], rows),
        "target_no_index": pa.array(_looked_up(index["no_index"], rows), mask=~exists),
    }
    for name in _COMPARED - {*copies}:
        columns[f"{name}_matches"] = pa.nulls(len(stated), pa.bool_())
    return pa.table([columns[name] for name in RELATED_LINKS.schema.names], RELATED_LINKS.schema)


_COMPARED = frozenset({"id", "title", "subject"})


def pairs(resolved: pa.Table, known: Known) -> dict[str, npt.NDArray[np.int32]]:
    """The ``ok`` links as rows of the index, each pair once: ``source`` and ``target``.

    `resolved` has the columns ``url``, ``target_url`` and ``status``.
    """
    ok = resolved.filter(pc.equal(resolved["status"], "ok"))
    edges = np.unique(_edges(known.rows_of(ok["url"]), known.rows_of(ok["target_url"])))
    return {
        "source": (edges >> 32).astype(np.int32),
        "target": (edges & 0xFFFFFFFF).astype(np.int32),
    }


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


def _stands_above(
    sources: npt.NDArray[np.int64], targets: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Whether the same link, as numbers of what it leads from and to, stands in a row above."""
    shifted = targets - targets.min(initial=0)  # fewer than 2³², as rows and links are
    _, firsts = np.unique(sources << 32 | shifted, return_index=True)
    repeated = np.ones(len(sources), dtype=bool)
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


def degrees(
    related: url_index.Columns, in_texts: url_index.Columns, articles: int
) -> dict[str, npt.NDArray[np.int32]]:
    """The degree of each article in two graphs of distinct pairs; arrays of shape (articles,).

    Pairs are rows of the index: ``source`` and ``target``.
    """
    known = np.sort(_edges(related["source"], related["target"]))
    reciprocal = np.zeros(articles, np.int32)
    for start in range(0, len(known), _PAIRS):
        source, target = (related[name][start : start + _PAIRS] for name in ("source", "target"))
        back = _edges(target, source)
        returns = known[np.minimum(np.searchsorted(known, back), len(known) - 1)] == back
        reciprocal += _counted(source[returns], articles)
    return {
        "links_out": _counted(related["source"], articles),
        "links_in": _counted(related["target"], articles),
        "reciprocal": reciprocal,
        "text_links_out": _counted(in_texts["source"], articles),
        "text_links_in": _counted(in_texts["target"], articles),
    }


def _counted(rows: npt.NDArray[np.int32], articles: int) -> npt.NDArray[np.int32]:
    """How often each row stands in `rows`."""
    counted = np.zeros(articles, np.int32)
    for start in range(0, len(rows), _PAIRS):
        part = rows[start : start + _PAIRS]
        counted += np.bincount(part, minlength=articles).astype(np.int32)
    return counted


def _edges(source: npt.NDArray[Any], target: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Pairs as one number each."""
    edges: npt.NDArray[np.int64] = source.astype(np.int64) << 32 | target
    return edges
