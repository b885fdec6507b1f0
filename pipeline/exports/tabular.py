"""CSV (RFC 4180) of every table, and the Data Package (v2) that describes them.

The CSV is exact: null is an empty field and empty text is ``""``; lists and structs are JSON;
times are ISO 8601 in UTC; lines end in CRLF, and a line end of a value is kept within its quotes.
Only U+0000, which RFC 4180 has no place for and readers end a text at, becomes U+FFFD.
"""

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from ..base.fingerprint import digest
from ..files import atomic, parquet
from ..files.atomic import FileEntry
from ..model.schemas import TABLES, Table, description
from .base import Context, Export, iso_8601

_FOLDER = "csv"
_NUL = re.compile(b"\0")
_quoted = json.JSONEncoder(ensure_ascii=False).encode
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
    entries = write_tables(context, EXACT)
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
    return [*entries, atomic.write_bytes(context.root, f"{_FOLDER}/datapackage.json", data)]


def write_tables(context: Context, layout: Layout) -> list[FileEntry]:
    """Write the CSV of the tables, or link that of tables that did not change, in their order."""
    names = [name for name in TABLES if name in context.tables]
    inputs = {name: digest(context.code, context.versions[name]) for name in names}
    linked = {
        name: context.cache.linked(context.root, _path(layout, name), inputs=inputs[name])
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
    from pyarrow import csv  # noqa: PLC0415  only a worker that writes CSV needs it

    path = _path(job.layout, job.table)
    schema = pa.schema(
        [pa.field(field.name, _csv_type(field.type)) for field in TABLES[job.table].schema]
    )
    rows = 0
    with atomic.created(job.root, path) as stream:
        sink = _Digested(stream)
        sink.write(job.layout.head)
        with csv.CSVWriter(
            pa.PythonFile(sink, mode="w"), schema, write_options=csv.WriteOptions(eol="\r\n")
        ) as writer:
            for part in job.parts:
                table = parquet.read(part)
                columns = [job.layout.column(_as_text(column)) for column in table.columns]
                writer.write_table(pa.Table.from_arrays(columns, schema=schema))
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


def _csv_type(kind: pa.DataType) -> pa.DataType:
    is_text = pa.types.is_nested(kind) or pa.types.is_timestamp(kind)
    return pa.string() if is_text else kind


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column as CSV holds it: times and nested values as text, others as they are."""
    if pa.types.is_timestamp(column.type):
        shortest = pc.ascii_rtrim(pc.ascii_rtrim(iso_8601(column), "0"), ".")
        return pc.binary_join_element_wise(shortest, "Z", "")
    if pa.types.is_nested(column.type):
        texts = pa.chunked_array([_json(chunk) for chunk in column.chunks], pa.string())
        return pc.if_else(pc.is_valid(column), texts, pa.scalar(None, pa.string()))
    if pa.types.is_string(column.type) and _may_hold_nul(column):
        return pc.replace_substring(column, "\0", "\N{REPLACEMENT CHARACTER}")
    return column


def _json(values: pa.Array) -> pa.Array:
    """Lists, structs, texts and integers as JSON: set together by Arrow, four times as fast."""
    if pa.types.is_struct(values.type):
        pieces: list[Any] = []
        for number, field in enumerate(values.type):
            pieces += [", " if number else "{", f"{_quoted(field.name)}: "]
            pieces.append(_json(values.field(number)))
        texts = pc.binary_join_element_wise(*pieces, "}", "")
    elif pa.types.is_list(values.type):
        items = pa.ListArray.from_arrays(values.offsets, _json(values.values))
        texts = pc.binary_join_element_wise("[", pc.binary_join(items, ", "), "]", "")
    elif pa.types.is_string(values.type):
        quoted = [None if text is None else _quoted(text) for text in values.to_pylist()]
        texts = pa.array(quoted, pa.string())
    else:
        texts = values.cast(pa.string())
    return pc.if_else(values.is_valid(), texts, "null")


def _may_hold_nul(column: pa.ChunkedArray) -> bool:
    """Look at the bytes of all texts at once, which costs a fiftieth of looking at each."""
    data = (chunk.buffers()[2] for chunk in column.chunks)
    return any(texts and _NUL.search(texts) for texts in data)


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
    tables=tuple(TABLES),
    module=__name__,
    settings=lambda settings: settings.site,
    write=write,
    about_release=(f"{_FOLDER}/changes.csv", f"{_FOLDER}/datapackage.json"),
)
