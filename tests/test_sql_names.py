"""Every table and column can be named in SQL as it is, without quotes."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator

import duckdb
import pyarrow as pa
import pytest

from pressroom.model.content import ContentModel
from pressroom.model.schemas import tables

TABLES = tables(ContentModel())

# Reserved in PostgreSQL 18, of no table or column unless quoted: appendix C, "SQL Key Words".
_RESERVED = """
    all analyse analyze and any array as asc asymmetric authorization binary both case cast check
    collate collation column concurrently constraint create cross current_catalog current_date
    current_role current_schema current_time current_timestamp current_user default deferrable desc
    distinct do else end except false fetch for foreign freeze from full grant group having ilike in
    initially inner intersect into is isnull join lateral leading left like limit localtime
    localtimestamp natural not notnull null offset on only or order outer overlaps placing primary
    references returning right select session_user similar some symmetric system_user table
    tablesample then to trailing true union unique user using variadic verbose when where window
    with
"""
POSTGRES = frozenset(_RESERVED.split())

Execute = Callable[[str], object]


@contextlib.contextmanager
def by_sqlite() -> Iterator[Execute]:
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        yield connection.execute


@contextlib.contextmanager
def by_duckdb() -> Iterator[Execute]:
    with duckdb.connect() as connection:
        yield connection.execute


@pytest.mark.parametrize("connect", [by_sqlite, by_duckdb])
@pytest.mark.parametrize("table", TABLES)
def test_no_table_and_no_column_needs_quotes(
    table: str, connect: Callable[[], contextlib.AbstractContextManager[Execute]]
) -> None:
    names = TABLES[table].schema.names
    with connect() as execute:
        execute(f"create table {table} ({', '.join(f'{name} int' for name in names)})")
        execute(f"select {', '.join(names)} from {table} where {names[0]} = 1 order by {names[-1]}")


def test_the_databases_refuse_what_is_reserved() -> None:
    for connect, error in ((by_sqlite, sqlite3.Error), (by_duckdb, duckdb.Error)):
        with connect() as execute, pytest.raises(error):
            execute("create table rejects (table int)")


def parts(kind: pa.DataType) -> Iterable[pa.Field]:
    """The fields of a struct, or of those in a list."""
    inner = kind.value_type if pa.types.is_list(kind) else kind
    return inner if pa.types.is_struct(inner) else ()


@pytest.mark.parametrize("table", TABLES)
def test_no_name_is_reserved_in_postgresql(table: str) -> None:
    schema = TABLES[table].schema
    fields = {part.name for field in schema for part in parts(field.type)}
    assert not {table, *schema.names}.intersection(POSTGRES)
    assert not fields.intersection(POSTGRES)
