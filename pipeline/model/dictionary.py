"""The data dictionary, `docs/data-dictionary.md`: what the schemas of a site say, for people.

``python -m pressroom.model.dictionary SETTINGS`` prints it, and ``make docs`` writes it.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from .content import ContentModel
from .schemas import tables
from .settings_toml import load
from .table import ForeignKey, Kind, Table, description, kind_of, rules


class Join(NamedTuple):
    """How rows of `table` find those of another, where that is no foreign key."""

    table: str
    key: ForeignKey
    note: str


JOINS = (
    Join(
        "changes",
        ForeignKey("url", "articles", "url"),
        "No row for a url that was removed.",
    ),
)

_OF_SAMPLE = """\
Of the sample site, made by `make docs` from `pipeline/model/schemas.py` and the columns that
`pressroom.toml` and its preset declare: change it there. Codes of `findings` and `rejects` are
explained in [rejects.md](rejects.md). Every release has the dictionary of its own tables, as
`data-dictionary.md`.
"""
_HEAD = """\
Every release holds these tables twice, with the same rows: as Parquet in
`tables/<table>/part-00000.parquet`, `part-00001.parquet`, …, and as CSV in `csv/<table>.csv`;
`history` and `releases`, which grow with each release, as Parquet alone. The parts of a table, one
after the other, are the table. `pressroom query` has a view for each.

- **A null is not an empty text.** In CSV a null is an empty field, and an empty text is `""`.
- **Times are in UTC**, to the microsecond. A time *as-of* is that of the run, not of the clock.
- **Lists and structs** are such in Parquet, and JSON in CSV.
- **Lines** are those of the source file, from 1: what an editor shows.
- **What a file states stays as stated.** What was found out about it stands in a column beside it.
- **The key of an article is its `url`.** Its `id` is not unique.
"""

_JOINS_HEAD = """\
## How the tables join

| from | to | |
|---|---|---|"""


def of_release(model: ContentModel) -> str:
    """The dictionary of a site."""
    return _markdown(model, "Of the tables of this release, made by Pressroom.\n")


def of_sample(model: ContentModel) -> str:
    """That of the documentation."""
    return _markdown(model, _OF_SAMPLE)


def _markdown(model: ContentModel, whose: str) -> str:
    of_site = tables(model)
    lines = (line for table in of_site.values() for line in _table(table))
    return "\n".join(["# Data dictionary\n", whose, _HEAD, *_joins(of_site), *lines])


def _joins(of_site: Mapping[str, Table]) -> Iterator[str]:
    yield _JOINS_HEAD
    for table in of_site.values():
        for key in table.foreign_keys:
            is_optional = table.schema.field(key.column).nullable
            rows = "one row, or none for null" if is_optional else "always one row"
            yield _join(table.name, key, f"Foreign key: {rows}.")
    for join in JOINS:
        yield _join(*join)
    yield ""


def _join(name: str, key: ForeignKey, note: str) -> str:
    return f"| `{name}.{key.column}` | `{key.reference}.{key.reference_column}` | {note} |"


def _table(table: Table) -> Iterator[str]:
    yield f"## {table.name}\n"
    yield f"{table.description}\n"
    key = ", ".join(f"`{name}`" for name in table.primary_key)
    yield f"Primary key: {key or 'none'}.\n"
    yield "| column | type | null | |"
    yield "|---|---|---|---|"
    for field in table.schema:
        yield from _column(field, field.name)
    yield ""


def _column(field: pa.Field, name: str) -> Iterator[str]:
    """The line of a column, and below it those of the fields of its structs."""
    text = description(field)
    values = rules(field).values
    if "." not in name and any(value not in text for value in values):
        text += f" Values: {', '.join(f'`{value}`' for value in values)}."
    text = text.replace("|", "\\|")
    yield f"| `{name}` | {_type(field.type)} | {'yes' if field.nullable else ''} | {text} |"
    inner = field.type.value_type if pa.types.is_list(field.type) else field.type
    if pa.types.is_struct(inner):
        for part in inner:
            yield from _column(part, f"{name}{'[]' * (inner is not field.type)}.{part.name}")


# What people call otherwise.
_TYPES: Mapping[Kind, str] = {"boolean": "true, false", "datetime": "time"}


def _type(stored: pa.DataType) -> str:
    """A type in the words of people."""
    if pa.types.is_list(stored):
        return f"list of {_type(stored.value_type)}"
    kind = kind_of(stored)
    return "integer (64 bits)" if stored == pa.int64() else _TYPES.get(kind, kind)


if __name__ == "__main__":
    print(of_sample(load(Path(sys.argv[1])).content), end="")
