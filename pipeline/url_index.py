"""An index of urls on disk: columns of equal length, sorted by the digest of a url.

The column ``url`` holds the first 16 bytes of each url's SHA-256; the others hold what is known
of it. Each column is one ``.npy`` file in the folder of the index and is memory-mapped by whoever
reads it, so that all processes share its pages.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Columns: TypeAlias = Mapping[str, npt.NDArray[Any]]


def digests(texts: Iterable[str | None], size: int = 16) -> npt.NDArray[np.bytes_]:
    """The first `size` bytes of the SHA-256 of each text; shape (n,); no text is empty text."""
    values = [hashlib.sha256((text or "").encode()).digest()[:size] for text in texts]
    return np.array(values, dtype=f"S{size}")


def by_url(columns: Columns) -> dict[str, npt.NDArray[Any]]:
    """The columns sorted by ``url``; rows of one url keep their order."""
    order = np.argsort(columns["url"], kind="stable")
    return {name: column[order] for name, column in columns.items()}


def write(folder: Path, columns: Columns) -> None:
    """Write columns that are sorted by ``url``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, column in columns.items():
        np.save(folder / f"{name}.npy", column, allow_pickle=False)


def read(folder: Path) -> Columns:
    """The columns that `write` wrote, memory-mapped and read-only."""
    return {path.stem: np.load(path, mmap_mode="r") for path in sorted(folder.glob("*.npy"))}


def concatenate(parts: Sequence[Columns], like: Mapping[str, str]) -> dict[str, npt.NDArray[Any]]:
    """Columns one after the other; `like` names them with their dtypes, for no parts at all."""
    return {
        name: np.concatenate([np.empty(0, dtype), *(part[name] for part in parts)])
        for name, dtype in like.items()
    }


def repeated(urls: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Where digests stand more than once; shape (n, 2): the first place, another place."""
    order = np.argsort(urls, kind="stable")
    is_first = np.ones(len(urls), dtype=bool)
    is_first[1:] = urls[order][1:] != urls[order][:-1]
    firsts = order[np.maximum.accumulate(np.where(is_first, np.arange(len(urls)), 0))]
    return np.stack([firsts[~is_first], order[~is_first]], axis=1)


def find(columns: Columns, urls: Sequence[str | None]) -> npt.NDArray[np.int64]:
    """The row of each url in columns sorted by ``url``, -1 where there is none; shape (n,)."""
    known = columns["url"]
    if not len(known) or not len(urls):
        return np.full(len(urls), -1, dtype=np.int64)
    wanted = digests(urls)
    rows = np.searchsorted(known, wanted)
    rows[rows == len(known)] = 0
    found = (known[rows] == wanted) & np.array([url is not None for url in urls])
    return np.where(found, rows, -1)
