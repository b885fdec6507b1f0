"""Values as text: how files of text, and answers to queries, hold what Arrow holds.

CSV is RFC 4180 and exact: null is an empty field and empty text is ``""``; lists and structs are
JSON; times are ISO 8601; lines end in CRLF, and a line end of a value is kept within its quotes.
Only U+0000, which RFC 4180 has no place for and readers end a text at, becomes U+FFFD. In JSON a
number that it has none for is text: a fraction that no double holds, an infinity.
"""

import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from ..base.errors import PipelineError
from . import parquet  # noqa: F401  before the first array, which would import pandas

_NUL = re.compile(b"\0")
_quoted = json.JSONEncoder(ensure_ascii=False).encode


class Sink(Protocol):
    """What bytes are written to."""

    @property
    def closed(self) -> bool:
        """Whether it takes no more."""

    def write(self, data: bytes, /) -> int:
        """Write bytes, and return how many."""

    def flush(self) -> None:
        """Hand on what was written."""


def write_csv(table: pa.Table, stream: Sink, *, has_header: bool) -> None:
    """Write the rows of a table that `csv_columns` made, with the names of its columns first."""
    from pyarrow import csv  # noqa: PLC0415  only a worker that writes CSV needs it

    options = csv.WriteOptions(eol="\r\n", include_header=has_header)
    csv.write_csv(table, pa.PythonFile(stream, mode="w"), options)


def csv_columns(table: pa.Table) -> pa.Table:
    """A table as CSV holds it: numbers, dates and yes or no as they are, all else as text."""
    return pa.Table.from_arrays(list(map(csv_column, table.columns)), table.column_names)


def csv_column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """One column of that."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return csv_column(column.cast(kind.value_type))
    if pa.types.is_nested(kind):
        texts = pa.chunked_array([as_json(chunk) for chunk in column.chunks], pa.string())
        return pc.if_else(pc.is_valid(column), texts, pa.scalar(None, pa.string()))
    if pa.types.is_temporal(kind):
        times = iso_8601(column)
        return column if pa.types.is_date(kind) else times
    if pa.types.is_binary(kind):
        return pa.chunked_array([_texts(column, bytes.hex)])
    if pa.types.is_string(kind) and _may_hold_nul(column):
        return pc.replace_substring(column, "\0", "\N{REPLACEMENT CHARACTER}")
    return column.cast(pa.string()) if pa.types.is_null(kind) else column


def as_json(values: pa.Array) -> pa.Array:
    """Values as JSON, each a text: set together by Arrow, four times as fast as one by one."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        return as_json(values.dictionary_decode())
    if pa.types.is_fixed_size_list(kind):
        return as_json(values.cast(pa.list_(kind.value_type)))
    if pa.types.is_struct(kind):
        texts = _objects(values)
    elif pa.types.is_map(kind):
        names = as_json(values.keys).to_pylist()
        keys = [name if name.startswith('"') else _quoted(name) for name in names]
        items = pc.binary_join_element_wise(
            pa.array(keys, pa.string()), as_json(values.items), ": "
        )
        texts = _joined("{", values.offsets, items, "}")
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        texts = _joined("[", values.offsets, as_json(values.values), "]")
    else:
        texts = _scalars(values)
    return pc.if_else(values.is_valid(), texts, "null")


def _objects(values: pa.StructArray) -> pa.Array:
    pieces: list[Any] = []
    if not values.type.num_fields:
        return pa.array(["{}"] * len(values), pa.string())
    for number, field in enumerate(values.type):
        pieces += [", " if number else "{", f"{_quoted(field.name)}: "]
        pieces.append(as_json(values.field(number)))
    return pc.binary_join_element_wise(*pieces, "}", "")


def _joined(begin: str, offsets: pa.Array, items: pa.Array, end: str) -> pa.Array:
    lists = pa.ListArray.from_arrays(offsets, items)
    return pc.binary_join_element_wise(begin, pc.binary_join(lists, ", "), end, "")


def _scalars(values: pa.Array) -> pa.Array:
    """Texts, numbers and the like as JSON; null stays."""
    kind = values.type
    if pa.types.is_floating(kind):
        numbers = values.cast(pa.string())
        return pc.if_else(pc.is_finite(values), numbers, _in_quotes(numbers))
    if pa.types.is_decimal(kind) and kind.scale:
        return _texts(values, lambda value: str(value) if _is_double(value) else f'"{value}"')
    if pa.types.is_temporal(kind):
        return _in_quotes(iso_8601(values))
    if pa.types.is_binary(kind):
        return _in_quotes(_texts(values, bytes.hex))
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _texts(values, _quoted)
    return values.cast(pa.string())


def _is_double(value: Decimal) -> bool:
    return Decimal(str(float(value))) == value


def _in_quotes(texts: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise('"', texts, '"', "")


def _texts(values: pa.Array, text: Callable[[Any], str]) -> pa.Array:
    found = [None if value is None else text(value) for value in values.to_pylist()]
    return pa.array(found, pa.string())


def iso_8601(times: pa.Array) -> pa.Array:
    """Dates, and times as ``2025-01-31T16:00:24.5Z``, five times as fast as `strftime`.

    Without a zone there is no Z.

    Raises:
        PipelineError: One has no such form, such as infinity, 24:00 or a year BC.
    """
    kind = times.type
    texts = _iso_8601(times, kind)
    if pc.any(pc.match_substring_regex(texts, _NO_TIME)).as_py():
        message = "A date or time has no form in ISO 8601: cast it to text, as in (…)::varchar."
        raise PipelineError(message)
    return texts


# What Arrow writes of a value that it has no text for, and years that ISO 8601 does not have.
_NO_TIME = "^[<+-]|value"


def _iso_8601(times: pa.Array, kind: pa.DataType) -> pa.Array:
    if pa.types.is_date(kind):
        return times.cast(pa.string())
    is_utc = pa.types.is_timestamp(kind) and kind.tz is not None
    local = times.cast(pa.timestamp(kind.unit)) if is_utc else times
    texts = pc.replace_substring(local.cast(pa.string()), " ", "T")
    if kind.unit != "s":
        texts = pc.ascii_rtrim(pc.ascii_rtrim(texts, "0"), ".")
    return pc.binary_join_element_wise(texts, "Z", "") if is_utc else texts


def _may_hold_nul(column: pa.ChunkedArray) -> bool:
    """Look at the bytes of all texts at once, which costs a fiftieth of looking at each."""
    data = (chunk.buffers()[2] for chunk in column.chunks)
    return any(texts and _NUL.search(texts) for texts in data)
