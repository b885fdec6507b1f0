"""Tables as a Data Package (v2) of Data Resources with Table Schemas (datapackage.org)."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from ...files.atomic import FileEntry
from ...model.table import Kind, Table, description, kind_of, rules
from .about import About

_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
# What Table Schema calls otherwise than we do.
_TYPES: Mapping[Kind, str] = {"list": "array", "struct": "object", "text": "string"}


def package(about: About, resources: Iterable[Mapping[str, Any]]) -> str:
    """The text of ``datapackage.json``."""
    stated: dict[str, Any] = {
        "$schema": _PROFILE,
        "name": about.name,
        "id": about.homepage,
        "title": about.title,
        "description": about.description,
        "homepage": about.homepage,
        "version": about.version,
        "created": about.created,
    }
    if about.license:
        named = {"name": about.license_name} if about.license_name else {}
        stated["licenses"] = [{**named, "path": about.license}]
    stated["sources"] = [{"title": about.title, "path": about.homepage}]
    stated["resources"] = list(resources)
    return json.dumps(stated, indent=2, ensure_ascii=False)


def csv_resource(table: Table, path: str, entry: FileEntry) -> dict[str, Any]:
    """A table as CSV, at a path from the descriptor."""
    form = {"format": "csv", "mediatype": "text/csv", "encoding": "utf-8"}
    # A null is an empty field, and an empty text stands in quotes.
    return _resource(table, path, form, [entry], {"missingValues": [""]})


def parquet_resource(table: Table, parts: Sequence[FileEntry]) -> dict[str, Any]:
    """A table as the parts of its Parquet, whose paths are those from the descriptor."""
    paths = [part.path for part in parts]
    form = {"format": "parquet", "mediatype": "application/vnd.apache.parquet"}
    path = paths[0] if len(paths) == 1 else paths
    return _resource(table, path, form, parts, {"missingValues": []})


def _resource(
    table: Table,
    path: str | list[str],
    form: Mapping[str, str],
    files: Sequence[FileEntry],
    of_values: Mapping[str, Any],
) -> dict[str, Any]:
    stated: dict[str, Any] = {
        "name": table.name,
        "type": "table",
        "description": table.description,
        "path": path,
        **form,
        "bytes": sum(file.bytes for file in files),
    }
    if len(files) == 1:  # a hash is one of a file
        stated["hash"] = f"sha256:{files[0].sha256}"
    return {**stated, "schema": _schema(table, of_values)}


def _schema(table: Table, of_values: Mapping[str, Any]) -> dict[str, Any]:
    stated = {"fields": [_field(field, table) for field in table.schema], **of_values}
    if table.primary_key:
        stated["primaryKey"] = list(table.primary_key)
    if table.foreign_keys:
        stated["foreignKeys"] = [
            {
                "fields": [key.column],
                "reference": {"resource": key.reference, "fields": [key.reference_column]},
            }
            for key in table.foreign_keys
        ]
    return stated


def _field(field: pa.Field, table: Table) -> dict[str, Any]:
    kept, kind = rules(field), kind_of(field.type)
    constraints = {
        "required": not field.nullable,
        "unique": table.primary_key == (field.name,),
        "enum": list(kept.values),
        "pattern": kept.pattern,
    }
    constraints = {name: value for name, value in constraints.items() if value}
    if kept.minimum is not None:
        constraints["minimum"] = kept.minimum
    stated: dict[str, Any] = {
        "name": field.name,
        "type": _TYPES.get(kind, kind),
        "description": description(field),
    }
    return {**stated, "constraints": constraints} if constraints else stated
