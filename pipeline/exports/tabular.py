"""CSV (RFC 4180) of the tables, and the Data Package (v2) that describes them.

How values stand in it is said in `pressroom.files.values`.
"""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, NamedTuple

import pyarrow as pa

from ..base.fingerprint import digest
from ..files import atomic, parquet, values
from ..files.atomic import FileEntry
from ..model.schemas import tables
from ..model.table import Table, description
from .base import Context, Export, present_tables

_FOLDER = "csv"
_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"


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
    package = {
        "$schema": _PROFILE,
        "name": "pressroom",
        "title": context.settings.site.title,
        "homepage": context.settings.site.base_url,
        "resources": [
            _resource(declared[name], entry)
            for name, entry in zip(present_tables(context.settings.content), entries, strict=True)
        ],
    }
    if context.settings.site.description:
        package["description"] = context.settings.site.description
    data = json.dumps(package, indent=2, ensure_ascii=False).encode()
    return [*entries, atomic.write_bytes(context.root, f"{_FOLDER}/datapackage.json", data)]


def write_tables(context: Context, layout: Layout) -> list[FileEntry]:
    """Write the CSV of the tables, or link that of tables that did not change, in their order."""
    names = [name for name in present_tables(context.settings.content) if name in context.tables]
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


def _resource(table: Table, entry: FileEntry) -> dict[str, Any]:
    """A Data Resource with its Table Schema."""
    schema: dict[str, Any] = {
        "fields": [_field(field) for field in table.schema],
        "missingValues": [""],
    }
    if table.primary_key:
        schema["primaryKey"] = list(table.primary_key)
    if table.foreign_keys:
        schema["foreignKeys"] = [
            {
                "fields": [key.column],
                "reference": {"resource": key.reference, "fields": [key.reference_column]},
            }
            for key in table.foreign_keys
        ]
    return {
        "name": table.name,
        "type": "table",
        "description": table.description,
        "path": entry.path.removeprefix(_FOLDER + "/"),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": entry.bytes,
        "hash": f"sha256:{entry.sha256}",
        "schema": schema,
    }


def _field(field: pa.Field) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": field.name,
        "type": _table_schema_type(field.type),
        "description": description(field),
    }
    if not field.nullable:
        described["constraints"] = {"required": True}
    return described


def _table_schema_type(kind: pa.DataType) -> str:
    """The field type of Table Schema (Data Package v2) for an Arrow type."""
    checks = (
        (pa.types.is_boolean, "boolean"),
        (pa.types.is_integer, "integer"),
        (pa.types.is_floating, "number"),
        (pa.types.is_date, "date"),
        (pa.types.is_timestamp, "datetime"),
        (pa.types.is_list, "array"),
        (pa.types.is_struct, "object"),
    )
    return next((name for check, name in checks if check(kind)), "string")


EXPORT = Export(
    name="csv",
    description="Every table as exact CSV (RFC 4180), with a Data Package (v2) descriptor.",
    kinds=("csv",),
    tables=present_tables,
    module=__name__,
    settings=lambda settings: [settings.site, settings.content.all_columns()],
    write=write,
    about_release=(f"{_FOLDER}/changes.csv", f"{_FOLDER}/datapackage.json"),
)
