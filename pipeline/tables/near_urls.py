"""Urls that differ in case, their last slash or the name of an index file alone."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from . import scratch, url_index

_INDEX = "/index.html"


def fold(url: str) -> str:
    """What urls have in common that are nearly equal."""
    path, mark, query = url.lower().partition("?")
    return f"{path.removesuffix(_INDEX).rstrip('/')}{mark}{query}"


def digests(urls: Sequence[str]) -> npt.NDArray[np.bytes_]:
    """The digests of folded urls, in their order."""
    return url_index.digests(list(map(fold, urls)))


def repeated(of_shards: Iterable[npt.NDArray[np.bytes_]]) -> npt.NDArray[np.bytes_]:
    """The digests that more than one url of a site has."""
    values, counts = np.unique(np.concatenate(list(of_shards)), return_counts=True)
    return values[counts > 1]


def table(urls: Sequence[str]) -> pa.Table:
    """Urls as `scratch.NEAR_URLS`: those that are nearly equal to others of the site."""
    keys = url_index.to_table({"near": digests(urls)})
    return keys.append_column(scratch.NEAR_URLS.schema.field("url"), pa.array(urls, pa.string()))


def groups_of(near: pa.Table, urls: Iterable[str]) -> Mapping[str, list[str]]:
    """Those of some urls that are nearly equal to others: each with its whole group, in order."""
    groups: dict[bytes, list[str]] = {}
    for key, url in zip(near["near"].to_pylist(), near["url"].to_pylist(), strict=True):
        groups.setdefault(key, []).append(url)
    group_of = {url: group for group in map(sorted, groups.values()) for url in group}
    return {url: group_of[url] for url in urls if url in group_of}
