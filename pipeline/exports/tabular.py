"""CSV (RFC 4180) of every table, and the Data Package (v2) that describes them.

The CSV is exact: null is an empty field and empty text is ``""``; lists and structs are JSON;
times are ISO 8601 in UTC; lines end in CRLF.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from pipeline import store
from pipeline.exports.base import Context, Export
from pipeline.schemas import TABLES, Table, description
from pipeline.store import FileEntry

_FOLDER = "csv"
_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"


class CsvJob(NamedTuple):
    """One table."""

    table: str
    parts: tuple[Path, ...]
    root: Path


def write(context: Context) -> list[FileEntry]:
    """Write ``csv/<table>.csv`` for every table, and ``csv/datapackage.json``."""
    jobs = [CsvJob(name, context.tables[name], context.root) for name in TABLES]
    by_path = {entry.path: entry for entry in context.run(write_csv, jobs)}
    entries = [by_path[f"{_FOLDER}/{name}.csv"] for name in TABLES]
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


def write_csv(job: CsvJob) -> FileEntry:
    """Write the CSV of one table, part by part."""
    path = f"{_FOLDER}/{job.table}.csv"
    schema = pa.schema(
        [pa.field(field.name, _csv_type(field.type)) for field in TABLES[job.table].schema]
    )
    options = pa.csv.WriteOptions(eol="\r\n")
    rows = 0
    with (
        store.created(job.root / path) as stream,
        pa.csv.CSVWriter(stream, schema, write_options=options) as writer,
    ):
        for part in job.parts:
            table = store.read(part)
            rows += table.num_rows
            columns = [_as_text(column) for column in table.columns]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))
    return store.entry(job.root, path, rows)


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
