"""What a table is: its name, its columns with their types and descriptions, and its keys."""

from typing import NamedTuple

import pyarrow as pa

TIMESTAMP = pa.timestamp("us", tz="UTC")
DESCRIPTION = b"description"
STRING, INT32, INT64, BOOL = pa.string(), pa.int32(), pa.int64(), pa.bool_()


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


def column(name: str, kind: pa.DataType, description: str, *, nullable: bool = False) -> pa.Field:
    """A column that holds no null, unless it is `nullable`."""
    return pa.field(name, kind, nullable=nullable, metadata={DESCRIPTION: description.encode()})


def optional(name: str, kind: pa.DataType, description: str) -> pa.Field:
    """A column that may hold nulls."""
    return column(name, kind, description, nullable=True)


def description(field: pa.Field) -> str:
    """The description of a column."""
    text: bytes = field.metadata[DESCRIPTION]
    return text.decode()


URL = column("url", STRING, "Path of the article from the root of the site: its key.")
OF_ARTICLES = (ForeignKey("url", "articles", "url"),)
