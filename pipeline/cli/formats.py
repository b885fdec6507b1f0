"""Rows as a table for people, and as exact CSV and JSON for programs.

CSV is as in ``csv/`` of a release: RFC 4180, text in quotes, so that null (an empty field) and
empty text (``""``) are told apart; lists and structs are JSON. In both, a time is ISO 8601, and a
number that JSON has none for is text: a fraction that no double holds, an infinity. What a terminal
obeys is an escape in JSON; CSV has none, so there it stays, unless a terminal is what it is written
to.
"""

import datetime as dt
import itertools
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import IO, Any

from ..base import printable
from ..base.errors import SettingsError
from ..base.wording import counted
from .sql import Answer, Row

Form = Callable[[Answer, IO[str]], None]
_SHOWN = 1_000
_FRACTION = re.compile(r"(\.\d*?[1-9])0+(?!\d)")  # 12:00:00.500000


def as_csv(answer: Answer, stream: IO[str]) -> None:
    """Write CSV, row by row."""
    for row in itertools.chain([answer.columns], answer.rows):
        written = ",".join(map(_cell, row))
        stream.write((printable.lines(written) if stream.isatty() else written) + "\r\n")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    plain = value if isinstance(value, str) else _plain(value)
    if isinstance(plain, bool | int | float):
        return _json(plain).removesuffix(".0")
    if type(value) is dt.date:
        return str(plain)
    text = plain if isinstance(plain, str) else _json(plain)
    quoted = text.replace('"', '""').replace("\0", "\N{REPLACEMENT CHARACTER}")
    return f'"{quoted}"'


def as_json(answer: Answer, stream: IO[str]) -> None:
    """Write an array of objects, each on a line of its own, row by row.

    Raises:
        SettingsError: Two columns have one name.
    """
    separator = "["
    for line in _objects(answer):
        stream.write(f"{separator}{line}")
        separator = ",\n"
    stream.write("]\n" if separator != "[" else "[]\n")


def as_json_lines(answer: Answer, stream: IO[str]) -> None:
    """Write an object on each line, row by row.

    Raises:
        SettingsError: Two columns have one name.
    """
    for line in _objects(answer):
        stream.write(f"{line}\n")


def _objects(answer: Answer) -> Iterator[str]:
    name, count = Counter(answer.columns).most_common(1)[0]
    if count > 1:
        raise SettingsError(f"{count} columns are called {name}: rename them with `as`.")
    for row in answer.rows:
        yield printable.as_json(_json(dict(zip(answer.columns, map(_plain, row), strict=True))))


_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    match value:
        case None | bool() | int() | str():
            return value
        case float() | Decimal():
            return _number(value)
        case dt.date() | dt.time():  # a datetime is a date
            return _FRACTION.sub(r"\1", value.isoformat()).replace("+00:00", "Z")
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
    return value.hex() if isinstance(value, bytes) else str(value)


def _number(value: float | Decimal) -> float | str:
    is_exact = isinstance(value, float) or Decimal(str(float(value))) == value
    return float(value) if is_exact and math.isfinite(value) else str(value)


def as_table(answer: Answer, stream: IO[str]) -> None:
    """Write the first rows in columns, cut to the width of a terminal; elsewhere nothing is cut."""
    from rich import box  # noqa: PLC0415  0.1 s
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    rows = list(itertools.islice(answer.rows, _SHOWN))
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for number, name in enumerate(answer.columns):
        table.add_column(
            Text(printable.line(name)),
            justify="right" if _are_numbers(rows, number) else "left",
            no_wrap=True,
            overflow="ellipsis",
        )
    for row in rows:
        table.add_row(*(Text(_shown(value)) for value in row))
    width = None if stream.isatty() else 2**31
    console = Console(file=stream, width=width, highlight=False)
    console.print(table)
    if more := sum(1 for _ in answer.rows):
        console.print(Text(f"… and {counted(more, 'more row')}: --csv and --json print all."))


def _are_numbers(rows: list[Row], column: int) -> bool:
    kinds = {type(row[column]) for row in rows} - {type(None)}
    return kinds <= {int, float, Decimal}


def _shown(value: Any) -> str:
    """A value on one line; a number as it is, null as ``–``."""
    if value is None:
        return "–"
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    plain = _plain(value)
    return printable.line(plain if isinstance(plain, str) else _json(plain))


FORMS: Mapping[str, Form] = {
    "table": as_table,
    "csv": as_csv,
    "json": as_json,
    "jsonl": as_json_lines,
}
