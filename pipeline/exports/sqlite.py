"""``sqlite/site.db``: every table of a release in one SQLite file, with full-text search.

Tables are STRICT. A boolean is 0 or 1, dates and times are ISO 8601 (in UTC, with Z), lists and
structs are JSON. The FTS5 table ``articles_fts`` has the url, the title and the plain text of each
article; its rowid is that of ``articles``. ``sqlite/metadata.json`` describes all for Datasette.
Off by default: `exports.sqlite` in the settings.
"""

import contextlib
import errno
import itertools
import json
import os
import sqlite3
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from ..files import atomic, parquet, values
from ..files.atomic import FileEntry
from ..model.schemas import tables
from ..model.settings import Settings
from ..model.table import Table, description
from . import datasette
from .base import PLAIN_TEXT, Context, Export, all_tables, write_text
from .sql_names import quoted

DATABASE = "sqlite/site.db"
_METADATA = "sqlite/metadata.json"
# What people filter by or join on, besides keys.
_INDEXED = frozenset({"subject_slug", "published", "target_url", "status", "code", "term_key"})
# The file is nobody's before it is whole, and one that is half written is thrown away: no journal.
# What is deleted, as by a merge of FTS5, is overwritten: no byte depends on what memory held.
_PRAGMAS = (
    *("page_size = 8192", "encoding = 'UTF-8'", "journal_mode = off", "synchronous = off"),
    *("locking_mode = exclusive", "cache_size = -65536", "secure_delete = on"),
)
# So much of the index of words is sorted in memory: by the default, 1 MiB, it takes twice as long.
_SORTED_BYTES = 32 * 1024 * 1024


class DatabaseJob(NamedTuple):
    """All tables with the files of their parts, and the plain texts of articles likewise."""

    tables: tuple[Table, ...]
    parts: Mapping[str, tuple[Path, ...]]
    texts: tuple[Path, ...]
    is_english: bool
    root: Path


def write(context: Context) -> list[FileEntry]:
    """Write the database and its description, if the settings ask for them."""
    settings = context.settings
    if not settings.exports.sqlite:
        return []
    of_site = tuple(tables(settings.content).values())
    job = DatabaseJob(
        of_site,
        {table.name: context.tables[table.name] for table in of_site},
        context.tables[PLAIN_TEXT],
        settings.site.language.lower().partition("-")[0] == "en",
        context.root,
    )
    described = json.dumps(datasette.metadata(settings.site, of_site), indent=2, ensure_ascii=False)
    return [
        next(iter(context.run(write_database, [job]))),
        write_text(context, _METADATA, f"{described}\n"),
    ]


def write_database(job: DatabaseJob) -> FileEntry:
    """Write the database, part by part.

    Raises:
        OSError: The disk is full.
    """
    rows = 0
    with atomic.written_at(job.root, DATABASE) as path, _opened(path) as database:
        for table in job.tables:
            database.execute(ddl(table))
            places = ", ".join("?" * len(table.schema))
            insert = f"insert into {quoted(table.name)} values ({places})"
            for columns in _read_ahead(job.parts[table.name], table.schema.names):
                database.executemany(insert, zip(*columns, strict=True))
                rows += len(columns[0])
            for column in _indexed(table):
                name = quoted(f"index of {table.name}.{column}")
                database.execute(f"create index {name} on {quoted(table.name)} ({quoted(column)})")
        _write_search(database, job)
    return atomic.entry(job.root, DATABASE, rows)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A new database that is written in one transaction."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
        try:
            for pragma in _PRAGMAS:
                database.execute(f"pragma {pragma}")
            database.execute("begin")
            yield database
            database.execute("commit")
        except sqlite3.Error as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
            raise


def ddl(table: Table) -> str:
    """The statement that makes a table; what it and its columns are stands in comments.

    Without a rowid a table is a fifth smaller, and nothing but search asks for that of an article.
    """
    lines = [(f"{quoted(field.name)} {_type(field)}", description(field)) for field in table.schema]
    if table.primary_key:
        lines.append((f"primary key ({_listed(table.primary_key)})", ""))
    lines += [
        (
            f"foreign key ({quoted(key.column)}) references {quoted(key.reference)}"
            f" ({quoted(key.reference_column)})",
            "",
        )
        for key in table.foreign_keys
    ]
    has_rowid = table.name == "articles" or not table.primary_key
    body = "".join(
        f"    {line}{',' if number < len(lines) else ''}{_comment(about)}\n"
        for number, (line, about) in enumerate(lines, 1)
    )
    options = "strict" if has_rowid else "strict, without rowid"
    return f"create table {quoted(table.name)} ({_comment(table.description)}\n{body}) {options}"


def _type(field: pa.Field) -> str:
    kind = field.type
    is_whole = pa.types.is_boolean(kind) or pa.types.is_integer(kind)
    name = "integer" if is_whole else "real" if pa.types.is_floating(kind) else "text"
    return name if field.nullable else f"{name} not null"


def _comment(text: str) -> str:
    line = " ".join(text.replace("\0", "").split())
    return f"  -- {line}" if line else ""


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(quoted, names))


def _indexed(table: Table) -> list[str]:
    """The columns with an index of their own: those that a key begins with have one."""
    referring = {key.column for key in table.foreign_keys}
    return [
        name
        for name in table.schema.names
        if name in referring | _INDEXED and name != next(iter(table.primary_key), None)
    ]


def _read_ahead(parts: Iterable[Path], names: Sequence[str]) -> Iterator[list[list[Any]]]:
    """The columns of each part: another thread reads one while the last is written."""

    def read(part: Path) -> list[list[Any]]:
        return [_values(column) for column in parquet.read(part, names).columns]

    with ThreadPoolExecutor(1) as thread:
        ahead: deque[Future[list[list[Any]]]] = deque()
        for part in parts:
            ahead.append(thread.submit(read, part))
            if len(ahead) > 1:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def _values(column: pa.ChunkedArray) -> list[Any]:
    """The values of a column as SQLite has them."""
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    elif pa.types.is_date(column.type):
        column = column.cast(pa.string())
    found: list[Any] = values.csv_column(column).to_pylist()
    return found


def _write_search(database: sqlite3.Connection, job: DatabaseJob) -> None:
    """Write the table of search: words of titles count ten times as much as others.

    Words of one stem are one in English; SQLite knows the stems of no other language.
    """
    stem = "porter " if job.is_english else ""
    database.execute(
        "create virtual table articles_fts using fts5 (url unindexed, title, text,"
        f" tokenize = '{stem}unicode61 remove_diacritics 2')"
    )
    configure = "insert into articles_fts (articles_fts, rank) values (?, ?)"
    database.execute(configure, ("hashsize", _SORTED_BYTES))
    database.execute(configure, ("rank", "bm25(0, 10, 1)"))
    numbers = itertools.count(1)
    insert = "insert into articles_fts (rowid, url, title, text) values (?, ?, ?, ?)"
    for columns in _read_ahead(job.texts, ["url", "title", "text"]):
        # The numbers stand behind what ends first, so that none is taken and not used.
        rows = ((next(numbers), *row) for row in zip(*columns, strict=True))
        database.executemany(insert, rows)


def _depends_on(settings: Settings) -> Any:
    if not settings.exports.sqlite:
        return None
    return [settings.site, settings.content.all_columns(), sqlite3.sqlite_version]


EXPORT = Export(
    name="sqlite",
    description="Every table in one SQLite file with full-text search, for Datasette;"
    " off by default.",
    kinds=("sqlite",),
    tables=lambda model: (*all_tables(model), PLAIN_TEXT),
    module=__name__,
    settings=_depends_on,
    write=write,
    about_release=(DATABASE,),
)
