"""Rows as a table for people, and as exact CSV and JSON for programs.

How values stand in both is said in `pressroom.files.values`. What a terminal obeys is an escape in
JSON; CSV has none, so there it stays, unless a terminal is what it is written to.
"""

import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc

from ..base import printable
from ..base.errors import SettingsError
from ..base.wording import counted
from ..files import values
from .sql import Answer

Form = Callable[[Answer, IO[str]], None]
_SHOWN = 1_000


def as_csv(answer: Answer, stream: IO[str]) -> None:
    """Write CSV, as the rows come."""
    has_header = True
    for rows in answer.rows:
        made = io.BytesIO()
        values.write_csv(values.csv_columns(rows), made, has_header=has_header)
        text = made.getvalue().decode()
        stream.write(printable.lines(text.replace("\r\n", "\n")) if stream.isatty() else text)
        has_header = False


def as_json(answer: Answer, stream: IO[str]) -> None:
    """Write an array of objects, each on a line of its own, as the rows come.

    Raises:
        SettingsError: Two columns have one name.
    """
    separator = "["
    for line in _objects(answer):
        stream.write(f"{separator}{line}")
        separator = ",\n"
    stream.write("]\n" if separator != "[" else "[]\n")


def as_json_lines(answer: Answer, stream: IO[str]) -> None:
    """Write an object on each line, as the rows come.

    Raises:
        SettingsError: Two columns have one name.
    """
    for line in _objects(answer):
        stream.write(f"{line}\n")


def _objects(answer: Answer) -> Iterator[str]:
    name, count = Counter(answer.schema.names).most_common(1)[0]
    if count > 1:
        raise SettingsError(f"{count} columns are called {name}: rename them with `as`.")
    for rows in answer.rows:
        for objects in rows.to_struct_array().chunks:
            yield from map(printable.as_json, values.as_json(objects).to_pylist())


def as_table(answer: Answer, stream: IO[str]) -> None:
    """Write the first rows in columns, cut to the width of a terminal; elsewhere nothing is cut."""
    from rich import box  # noqa: PLC0415  0.1 s
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    first, more = _first(answer)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for field in first.schema:
        table.add_column(
            Text(printable.line(field.name)),
            justify="right" if _is_number(field.type) else "left",
            no_wrap=True,
            overflow="ellipsis",
        )
    for row in zip(*map(_shown, first.columns), strict=True):
        table.add_row(*map(Text, row))
    width = None if stream.isatty() else 2**31
    console = Console(file=stream, width=width, highlight=False)
    console.print(table)
    if more:
        console.print(Text(f"… and {counted(more, 'more row')}: CSV and JSON have all."))


def _first(answer: Answer) -> tuple[pa.Table, int]:
    """The rows that are shown, and how many there are more."""
    first, rows = answer.schema.empty_table(), 0
    for piece in answer.rows:
        if rows < _SHOWN:
            first = pa.concat_tables([first, piece.slice(0, _SHOWN - rows)])
        rows += piece.num_rows
    return first, rows - first.num_rows


def _is_number(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    )


def _shown(column: pa.ChunkedArray) -> list[str]:
    """Values on one line each; a time without its fraction but with its zone, null as ``–``."""
    texts = values.csv_column(column).cast(pa.string())
    if pa.types.is_timestamp(column.type):
        texts = pc.replace_substring(pc.utf8_slice_codeunits(texts, 0, 19), "T", " ")
        zone = " UTC" if column.type.tz else ""  # in which CSV states times, whatever theirs is
        texts = pc.binary_join_element_wise(texts, zone, "")
    return ["–" if text is None else printable.line(text) for text in texts.to_pylist()]


FORMS: Mapping[str, Form] = {
    "table": as_table,
    "csv": as_csv,
    "json": as_json,
    "jsonl": as_json_lines,
}
