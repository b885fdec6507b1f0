"""An index of urls: columns of equal length, sorted by the digest of a url.

The column ``url`` holds the first 16 bytes of each url's SHA-256; the others hold what is known
of it. Columns are NumPy arrays that share the memory of Arrow's, so that an index which is mapped
from a file (`scratch`) takes none of its own.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Columns: TypeAlias = Mapping[str, npt.NDArray[Any]]

FLAG = pa.uint8()  # true or false: an array of booleans has a byte for each, Arrow's own a bit


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


def to_table(columns: Columns) -> pa.Table:
    """Columns as a table: digests as binary of their size, booleans as `FLAG`."""
    return pa.table({name: _to_arrow(column) for name, column in columns.items()})


def _to_arrow(column: npt.NDArray[Any]) -> pa.Array:
    if column.dtype.kind != "S":
        return pa.array(column.view(np.uint8) if column.dtype == bool else column)
    data = pa.py_buffer(np.ascontiguousarray(column))  # NumPy's values lack NUL bytes at their end
    size = pa.binary(column.dtype.itemsize)
    return pa.FixedSizeBinaryArray.from_buffers(size, len(column), [None, data])


def columns(table: pa.Table) -> dict[str, npt.NDArray[Any]]:
    """The columns of a table without nulls, read-only; what stands in one piece is not copied."""
    return {name: array(table[name]) for name in table.column_names}


def array(column: pa.ChunkedArray) -> npt.NDArray[Any]:
    """A column of such a table."""
    values = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    dtype = _dtype(values.type)
    if not len(values):
        return np.empty(0, dtype)
    return np.frombuffer(values.buffers()[1], dtype, len(values), values.offset * dtype.itemsize)


def _dtype(kind: pa.DataType) -> np.dtype[Any]:
    if pa.types.is_fixed_size_binary(kind):
        return np.dtype(f"S{kind.byte_width}")
    return np.dtype(bool if kind == FLAG else kind.to_pandas_dtype())


def concatenate(parts: Sequence[Columns], schema: pa.Schema) -> dict[str, npt.NDArray[Any]]:
    """Columns one after the other; the schema is that of their table, for no parts at all."""
    return {
        field.name: np.concatenate(
            [np.empty(0, _dtype(field.type)), *(part[field.name] for part in parts)]
        )
        for field in schema
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
    rows = find_digests(columns["url"], digests(urls))
    rows[[url is None for url in urls]] = -1
    return rows


def find_digests(
    known: npt.NDArray[np.bytes_], wanted: npt.NDArray[np.bytes_]
) -> npt.NDArray[np.int64]:
    """The row of each digest among sorted ones, -1 where there is none; shape (n,)."""
    if not len(known) or not len(wanted):
        return np.full(len(wanted), -1, dtype=np.int64)
    rows = np.searchsorted(known, wanted)
    rows[rows == len(known)] = 0
    return np.where(known[rows] == wanted, rows, -1)
