"""An index of urls on disk: columns of equal length, sorted by the digest of a url.

The column ``url`` holds the first 16 bytes of each url's SHA-256; the others hold what is known
of it. Each column is one ``.npy`` file in the folder of the index and is memory-mapped by whoever
reads it, so that all processes share its pages. What a shard knows of its own urls, on the way into
an index, is one array in one file (`write_records`).
"""

import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from ..files import atomic

Columns: TypeAlias = Mapping[str, npt.NDArray[Any]]
Records: TypeAlias = npt.NDArray[np.void]  # columns that are the fields of one array


def digests(texts: Iterable[str | None], size: int = 16) -> npt.NDArray[np.bytes_]:
    """The first `size` bytes of the SHA-256 of each text; shape (n,); no text is empty text."""
    values = [hashlib.sha256((text or "").encode()).digest()[:size] for text in texts]
    return np.array(values, dtype=f"S{size}")


def from_hex(texts: Sequence[str]) -> npt.NDArray[np.bytes_]:
    """Whole SHA-256 digests in hexadecimal as bytes; shape (n,)."""
    return np.frombuffer(bytes.fromhex("".join(texts)), "S32")


def to_hex(sha256: np.bytes_) -> str:
    """An element of `from_hex` in hexadecimal: NumPy drops NUL bytes at the end of it."""
    return bytes(sha256).ljust(32, b"\0").hex()


def digest_of(columns: Columns) -> str:
    """The SHA-256, in hexadecimal, of columns: their names and bytes."""
    digest = hashlib.sha256()
    for name, column in sorted(columns.items()):
        digest.update(name.encode() + b"\0" + np.ascontiguousarray(column).tobytes())
    return digest.hexdigest()


def by_url(columns: Columns) -> dict[str, npt.NDArray[Any]]:
    """The columns sorted by ``url``; rows of one url keep their order."""
    order = np.argsort(columns["url"], kind="stable")
    return {name: column[order] for name, column in columns.items()}


def write(folder: Path, columns: Columns) -> None:
    """Write columns that are sorted by ``url``."""
    folder.mkdir(exist_ok=True)
    for name, column in columns.items():
        save(folder / f"{name}.npy", column)


def save(path: Path, array: npt.NDArray[Any]) -> None:
    """Write an array; on a full disk `numpy.save` can lose the end of it without a word."""
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    atomic.write_whole(path, buffer.getbuffer())


def write_records(path: Path, columns: Columns) -> None:
    """Write the columns of a shard, in any order, as one array: a file for each would be many."""
    fields = [(name, column.dtype) for name, column in columns.items()]
    records = np.empty(len(next(iter(columns.values()))), fields)
    for name, column in columns.items():
        records[name] = column
    save(path, records)


def read_records(path: Path) -> Records:
    """What `write_records` wrote, in memory."""
    records: Records = np.load(path)
    return records


def read_field(path: Path, name: str) -> npt.NDArray[Any]:
    """One column of what `write_records` wrote; no view, which would keep the others too."""
    return read_records(path)[name].copy()


def read(folder: Path) -> Columns:
    """The columns that `write` wrote, memory-mapped and read-only."""
    # Of a Path NumPy looks at each folder on the way to it, which takes as long as the rest.
    return {path.stem: np.load(str(path), mmap_mode="r") for path in sorted(folder.glob("*.npy"))}


def concatenate(
    parts: Sequence[Columns | Records], like: Mapping[str, str]
) -> dict[str, npt.NDArray[Any]]:
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
    rows = find_digests(columns, digests(urls))
    rows[[url is None for url in urls]] = -1
    return rows


def find_digests(columns: Columns, wanted: npt.NDArray[np.bytes_]) -> npt.NDArray[np.int64]:
    """The row of each digest in columns sorted by ``url``, -1 where there is none; shape (n,)."""
    known = columns["url"]
    if not len(known) or not len(wanted):
        return np.full(len(wanted), -1, dtype=np.int64)
    rows = np.searchsorted(known, wanted)
    rows[rows == len(known)] = 0
    return np.where(known[rows] == wanted, rows, -1)
