"""What a table is: its name, its columns with their types, descriptions and rules, and its keys."""

import json
from collections.abc import Iterable
from functools import partial
from typing import Literal, NamedTuple, TypeAlias

import pyarrow as pa

from ..files.parquet import DESCRIPTION, VALUES

TIMESTAMP = pa.timestamp("us", tz="UTC")
STRING, INT32, INT64, BOOL = pa.string(), pa.int32(), pa.int64(), pa.bool_()
# Further keys of the metadata of a column.
_MINIMUM, _PATTERN = b"minimum", b"pattern"
HEX_SHA256 = "[0-9a-f]{64}"

Kind: TypeAlias = Literal[
    "boolean", "integer", "number", "date", "datetime", "list", "struct", "text"
]


class ForeignKey(NamedTuple):
    """`column` of this table holds only values of `reference_column` of table `reference`."""

    column: str
    reference: str
    reference_column: str


class Table(NamedTuple):
    """A table of a release."""

    name: str
    description: str
    schema: pa.Schema
    primary_key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...] = ()


class Rules(NamedTuple):
    """What all values of a column keep: one of `values`, if any; a least number; a pattern."""

    values: tuple[str, ...] = ()
    minimum: int | None = None
    pattern: str = ""


def column(
    name: str,
    kind: pa.DataType,
    description: str,
    *,
    nullable: bool = False,
    values: Iterable[str] = (),
    minimum: int | None = None,
    pattern: str = "",
) -> pa.Field:
    """A column that holds no null, unless it is `nullable`; for the others see `Rules`."""
    metadata = {DESCRIPTION: description.encode()}
    if words := [str(value) for value in values]:
        metadata[VALUES] = json.dumps(words).encode()
    if minimum is not None:
        metadata[_MINIMUM] = str(minimum).encode()
    if pattern:
        metadata[_PATTERN] = pattern.encode()
    return pa.field(name, kind, nullable=nullable, metadata=metadata)


optional = partial(column, nullable=True)  # a column that may hold nulls


def description(field: pa.Field) -> str:
    """The description of a column."""
    text: bytes = field.metadata[DESCRIPTION]
    return text.decode()


def rules(field: pa.Field) -> Rules:
    """What all values of a column keep."""
    stated = field.metadata
    minimum = stated.get(_MINIMUM)
    return Rules(
        tuple(json.loads(stated.get(VALUES, b"[]"))),
        None if minimum is None else int(minimum),
        stated.get(_PATTERN, b"").decode(),
    )


def kind_of(stored: pa.DataType) -> Kind:
    """What values of a type are, in the words of settings where these have one."""
    checks: tuple[tuple[Kind, bool], ...] = (
        ("boolean", pa.types.is_boolean(stored)),
        ("integer", pa.types.is_integer(stored)),
        ("number", pa.types.is_floating(stored)),
        ("date", pa.types.is_date(stored)),
        ("datetime", pa.types.is_timestamp(stored)),
        ("list", pa.types.is_list(stored)),
        ("struct", pa.types.is_struct(stored)),
    )
    return next((name for name, holds in checks if holds), "text")


URL = column("url", STRING, "Path of the article from the root of the site: its key.")
OF_ARTICLES = (ForeignKey("url", "articles", "url"),)
