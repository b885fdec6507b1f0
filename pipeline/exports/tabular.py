"""CSV (RFC 4180) of every table, and the Data Package (v2) that describes them.

The CSV is exact: null is an empty field and empty text is ``""``; lists and structs are JSON;
times are ISO 8601 in UTC; lines end in CRLF, and a line end of a value is kept within its quotes.
Only U+0000, which RFC 4180 has no place for and readers end a text at, becomes U+FFFD.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from pipeline import store
from pipeline.exports.base import Context, Export
from pipeline.schemas import TABLES, Table, description
from pipeline.store import FileEntry

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
    """Write ``csv/<table>.csv`` for every table, and ``csv/datapackage.json``."""
    entries = list(write_tables(context, EXACT))
    package = {
        "$schema": _PROFILE,
        "name": "pressroom",
        "title": context.settings.site.title,
        "homepage": context.settings.site.base_url,
        "resources": [
            _resource(table, entry) for table, entry in zip(TABLES.values(), entries, strict=True)
        ],
    }
    if context.settings.site.description:
        package["description"] = context.settings.site.description
    data = json.dumps(package, indent=2, ensure_ascii=False).encode()
    return [*entries, store.write_bytes(context.root, f"{_FOLDER}/datapackage.json", data)]


def write_tables(context: Context, layout: Layout) -> Iterator[FileEntry]:
    """Write the CSV of the tables, and give the files in their order."""
    names = [name for name in TABLES if name in context.tables]
    jobs = [CsvJob(name, context.tables[name], context.root, layout) for name in names]
    by_path = {entry.path: entry for entry in context.run(write_csv, jobs)}
    return (by_path[_path(layout, name)] for name in names)


def _path(layout: Layout, table: str) -> str:
    return f"{layout.folder}/{table}.csv"


def write_csv(job: CsvJob) -> FileEntry:
    """Write the CSV of one table, part by part."""
    path = _path(job.layout, job.table)
    schema = pa.schema(
        [pa.field(field.name, _csv_type(field.type)) for field in TABLES[job.table].schema]
    )
    rows = 0
    with (
        store.created(job.root / path) as stream,
        _writer(stream, schema, job.layout.head) as writer,
    ):
        for part in job.parts:
            table = store.read(part)
            rows += table.num_rows
            columns = [job.layout.column(_as_text(column)) for column in table.columns]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))
    return store.entry(job.root, path, rows)


def _writer(stream: IO[bytes], schema: pa.Schema, head: bytes) -> pa.csv.CSVWriter:
    stream.write(head)
    return pa.csv.CSVWriter(stream, schema, write_options=pa.csv.WriteOptions(eol="\r\n"))


def _csv_type(kind: pa.DataType) -> pa.DataType:
    is_text = pa.types.is_nested(kind) or pa.types.is_timestamp(kind)
    return pa.string() if is_text else kind


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column as CSV holds it: times and nested values as text, others as they are."""
    if pa.types.is_timestamp(column.type):
        text = pc.strftime(column, format="%Y-%m-%dT%H:%M:%SZ")
        return pc.replace_substring_regex(text, r"\.?0*Z$", "Z") if _has_fraction(text) else text
    if pa.types.is_nested(column.type):
        values = [
            None if value is None else json.dumps(value, ensure_ascii=False)
            for value in column.to_pylist()
        ]
        return pa.chunked_array([values], pa.string())
    if pa.types.is_string(column.type):
        return pc.replace_substring(column, "\0", "\N{REPLACEMENT CHARACTER}")
    return column


def _has_fraction(text: pa.ChunkedArray) -> bool:
    return bool(pc.any(pc.match_substring(text, ".")).as_py())


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
    description="Every table as exact CSV (RFC 4180), with a Data Package (v2) around them.",
    kinds=("csv",),
    tables=tuple(TABLES),
    modules=(__name__, "pipeline.schemas", "pipeline.store"),
    libraries=("pyarrow",),
    settings=lambda settings: settings.site,
    write=write,
    about_release=(f"{_FOLDER}/changes.csv", f"{_FOLDER}/datapackage.json"),
)
