"""Related links: what became of each, and the graph that they make.

Links join on the url of the target, never on its id: ids are not unique. The index over all
articles holds about 42 bytes an article and is memory-mapped by every worker.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline import url_index
from pipeline.schemas import RELATED_LINKS

if TYPE_CHECKING:
    import pandas as pd

KEYS = {"url": "S16", "title": "S8", "subject": "S8", "id": "i8", "has_id": "?", "no_index": "?"}


def keys(articles: pa.Table) -> dict[str, npt.NDArray[Any]]:
    """What the index holds of articles, in their order; `articles` has the columns of the table."""
    ids = articles["id"].combine_chunks()
    return {
        "url": url_index.digests(articles["url"].to_pylist()),
        "title": url_index.digests(articles["title"].to_pylist(), 8),
        "subject": url_index.digests(articles["subject"].to_pylist(), 8),
        "id": ids.fill_null(0).to_numpy(zero_copy_only=False),
        "has_id": ids.is_valid().to_numpy(zero_copy_only=False),
        "no_index": articles["no_index"].to_numpy(),
    }


def resolve(stated: pa.Table, index: url_index.Columns) -> tuple[pa.Table, npt.NDArray[np.int32]]:
    """What became of links: the table ``related_links``, and the pairs of the ``ok`` ones.

    Args:
        stated: Links as written (`schemas.STATED_LINKS`), in the order of articles and positions.
        index: The keys of all articles, sorted by url.

    Returns:
        The links in the same order, and an array of shape (n, 2) of rows of the index: source,
        target.
    """
    import pandas as pd  # noqa: PLC0415  half a second that the parent of the workers is spared

    links = stated.to_pandas(types_mapper=pd.ArrowDtype)
    links["source"] = _rows(links["url"], index)
    links = links.merge(
        _targets(links["related_url"], index), on="related_url", how="left", validate="many_to_one"
    )
    exists = links["target"] >= 0
    repeated = links.duplicated(["url", "related_url"]) & links["related_url"].notna()
    links["status"] = np.select(
        [(links["url"] == links["related_url"]).fillna(False).astype(bool), repeated, ~exists],
        ["self", "duplicate", "missing"],
        default="ok",
    )
    links["id_matches"] = (links["related_id"] == links["target_id"]).where(
        exists & links["target_has_id"]
    )
    for name in ("title", "subject"):
        stated_texts = links[f"related_{name}"].to_numpy(dtype=object, na_value=None)
        stated_digests = url_index.digests(stated_texts, 8)
        matches = pd.Series(stated_digests == links[f"target_{name}"].to_numpy())
        is_stated = links[f"related_{name}"].notna()
        links[f"{name}_matches"] = matches.astype("bool[pyarrow]").where(exists & is_stated)
    links["target_no_index"] = links["target_no_index"].astype("bool[pyarrow]").where(exists)
    ok = links.loc[links["status"] == "ok", ["source", "target"]].to_numpy(dtype=np.int32)
    names = RELATED_LINKS.schema.names
    return pa.Table.from_pandas(links[names], RELATED_LINKS.schema, preserve_index=False), ok


def _rows(urls: "pd.Series[Any]", index: url_index.Columns) -> npt.NDArray[np.int64]:
    return url_index.find(index, urls.astype(object).where(urls.notna(), None).tolist())


def _targets(urls: "pd.Series[Any]", index: url_index.Columns) -> "pd.DataFrame":
    """One row for each different url, with what the index knows of it."""
    import pandas as pd  # noqa: PLC0415

    distinct = urls.drop_duplicates().reset_index(drop=True)
    rows = _rows(distinct, index)
    known: dict[str, Any] = {"related_url": distinct, "target": rows}
    for name in ("id", "has_id", "title", "subject", "no_index"):
        column = index[name]
        known[f"target_{name}"] = (
            column[rows] if len(column) else np.zeros(len(rows), dtype=KEYS[name])
        )
    return pd.DataFrame(known)


def shared_ids(index: url_index.Columns) -> npt.NDArray[np.int64]:
    """The ids that several articles have, and how many; an array of shape (n, 2)."""
    ids, counts = np.unique(index["id"][index["has_id"]], return_counts=True)
    return np.stack([ids, counts], axis=1)[counts > 1]


def degrees(pairs: npt.NDArray[np.int32], articles: int) -> dict[str, npt.NDArray[np.int32]]:
    """The degree of each article in the graph of distinct pairs; arrays of shape (articles,).

    `pairs` has the shape (n, 2): rows of the index, source and target.
    """
    source, target = pairs[:, 0].astype(np.int64), pairs[:, 1].astype(np.int64)
    returns = np.isin(source << 32 | target, target << 32 | source)
    counted = {"links_out": source, "links_in": target, "reciprocal": source[returns]}
    return {
        name: np.bincount(rows, minlength=articles).astype(np.int32)
        for name, rows in counted.items()
    }
