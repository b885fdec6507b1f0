"""CSV (RFC 4180) of the tables, and the Data Package (v2) that describes them.

How values stand in it is said in `pressroom.files.values`.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, NamedTuple

import pyarrow as pa

from ..base.digests import digest
from ..files import atomic, parquet, values
from ..files.atomic import FileEntry
from ..model.schemas import tables
from .base import Context, Export, tables_without_past, write_text
from .dataset import data_package
from .dataset.about import about

_FOLDER = "csv"


class Layout(NamedTuple):
    """Where the CSV of all tables stands, what each file begins with, what becomes of a column."""

    folder: str
    head: bytes
    column: Callable[[pa.ChunkedArray], pa.ChunkedArray]


def _exact(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column


EXACT = Layout(_FOLDER, b"", _exact)


class CsvJob(NamedTuple):
    """One table."""

    table: str
    parts: tuple[Path, ...]
    root: Path
    layout: Layout


def write(context: Context) -> list[FileEntry]:
    """Write ``csv/<table>.csv`` for each table, and ``csv/datapackage.json``."""
    entries, declared = write_tables(context, EXACT), tables(context.settings.content)
    resources = [
        data_package.csv_resource(declared[name], entry.path.removeprefix(f"{_FOLDER}/"), entry)
        for name, entry in zip(tables_without_past(context.settings.content), entries, strict=True)
    ]
    text = data_package.package(
        about(context.settings.site, context.as_of, context.schema_version()), resources
    )
    return [*entries, write_text(context, f"{_FOLDER}/datapackage.json", text)]


def write_tables(context: Context, layout: Layout) -> list[FileEntry]:
    """Write the CSV of the tables, or link that of tables that did not change, in their order."""
    names = [
        name for name in tables_without_past(context.settings.content) if name in context.tables
    ]
    inputs = {name: digest(context.code, context.versions[name]) for name in names}
    linked = {
        name: context.cache.reuse(context.root, _path(layout, name), inputs=inputs[name])
        for name in names
    }
    jobs = [
        CsvJob(name, context.tables[name], context.root, layout)
        for name, entry in linked.items()
        if entry is None
    ]
    written = {entry.path: entry for entry in context.run(write_csv, jobs)}
    return [
        entry or written[_path(layout, name)]._replace(inputs=inputs[name])
        for name, entry in linked.items()
    ]


def _path(layout: Layout, table: str) -> str:
    return f"{layout.folder}/{table}.csv"


def write_csv(job: CsvJob) -> FileEntry:
    """Write the CSV of one table, part by part."""
    path = _path(job.layout, job.table)
    rows = 0
    with atomic.created(job.root, path) as stream:
        sink = _Digested(stream)
        sink.write(job.layout.head)
        for number, part in enumerate(job.parts):
            table = values.csv_columns(parquet.read(part))
            columns = list(map(job.layout.column, table.columns))
            shown = pa.Table.from_arrays(columns, table.column_names)
            values.write_csv(shown, sink, has_header=number == 0)
            rows += table.num_rows
    return FileEntry(path, sink.size, sink.sha256.hexdigest(), rows)


class _Digested:
    """A stream that digests what it passes on: the text of a part as a whole is never in memory."""

    closed = False  # Arrow asks

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.size = 0
        self.sha256 = hashlib.sha256()

    def write(self, data: bytes) -> int:
        """Write bytes."""
        self.size += len(data)
        self.sha256.update(data)
        return self._stream.write(data)

    def flush(self) -> None:
        """Do nothing, where Arrow flushes at the end: so does `atomic.created`."""


EXPORT = Export(
    name="csv",
    description="Every table as exact CSV (RFC 4180), with a Data Package (v2) descriptor.",
    kinds=("csv",),
    tables=tables_without_past,
    module=__name__,
    settings=lambda settings: [settings.site, settings.content.all_columns()],
    write=write,
    about_release=(f"{_FOLDER}/changes.csv", f"{_FOLDER}/datapackage.json"),
    is_dated=True,
)
