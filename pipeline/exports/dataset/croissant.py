"""Tables as a dataset in Croissant 1.0 (MLCommons), which is schema.org's with its records."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from ...files.atomic import FileEntry
from ...model.table import Kind, Table, description, kind_of
from .about import About

_FORMAT = "application/x-parquet"  # what the specification calls Parquet
_TYPES: Mapping[Kind, str] = {
    "boolean": "sc:Boolean",
    "integer": "sc:Integer",
    "number": "sc:Float",
    "date": "sc:Date",
    "datetime": "sc:DateTime",
    "text": "sc:Text",
}
# That of the specification, which demands it in every file.
_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataBiases": "cr:dataBiases",
    "dataCollection": "cr:dataCollection",
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "personalSensitiveInformation": "cr:personalSensitiveInformation",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


def dataset(about: About, tables: Sequence[tuple[Table, Sequence[FileEntry]]]) -> str:
    """The text of ``croissant.json``, by the tables and the parts of their Parquet."""
    stated = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": about.title,
        "description": about.description,
        "url": about.homepage,
        "version": about.version,
        "datePublished": about.created,
        "citeAs": f"{about.title}, {about.homepage}, {about.created}",
        **({"license": about.license} if about.license else {}),
        "distribution": [one for table, parts in tables for one in _files(table, parts)],
        "recordSet": [_record_set(table) for table, _ in tables],
    }
    return json.dumps(stated, indent=1, ensure_ascii=False)


def _files(table: Table, parts: Sequence[FileEntry]) -> Iterator[dict[str, Any]]:
    """The parts of a table, each with its digest, and what they are together."""
    for part in parts:
        yield {
            "@type": "cr:FileObject",
            "@id": part.path,
            "name": part.path.rpartition("/")[2],
            "contentUrl": part.path,
            "contentSize": f"{part.bytes} B",
            "encodingFormat": _FORMAT,
            "sha256": part.sha256,
        }
    yield {
        "@type": "cr:FileSet",
        "@id": _file_set(table.name),
        "name": table.name,
        "encodingFormat": _FORMAT,
        "includes": f"{_file_set(table.name)}/*.parquet",
    }


def _file_set(table: str) -> str:
    return f"tables/{table}"


def _record_set(table: Table) -> dict[str, Any]:
    key = [{"@id": f"{table.name}/{name}"} for name in table.primary_key]
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": table.description,
        **({"key": key} if key else {}),
        "field": [_column(field, table) for field in table.schema],
    }


def _column(field: pa.Field, table: Table) -> dict[str, Any]:
    """A column; of several foreign keys of one, the first is stated, for a field has but one."""
    stated = _field(field, f"{table.name}/{field.name}", _source(table.name, field.name))
    keys = (key for key in table.foreign_keys if key.column == field.name)
    if key := next(keys, None):
        # By the column, not by the field of it: with that mlcroissant fails to read the records.
        stated["references"] = _source(key.reference, key.reference_column)
    return stated


def _source(table: str, column: str) -> dict[str, Any]:
    return {"fileSet": {"@id": _file_set(table)}, "extract": {"column": column}}


def _field(field: pa.Field, name: str, source: Mapping[str, Any]) -> dict[str, Any]:
    """A column or, taken out of one, a field of its structs."""
    stated = {
        "@type": "cr:Field",
        "@id": name,
        "name": field.name,
        "description": description(field),
    }
    inner = field.type
    if pa.types.is_list(inner):
        inner, stated["repeated"] = inner.value_type, True
    if not pa.types.is_struct(inner):
        return {**stated, "dataType": _TYPES[kind_of(inner)], "source": source}
    of_struct = [
        _field(part, f"{name}/{part.name}", {**source, "transform": {"jsonPath": part.name}})
        for part in inner
    ]
    return {**stated, "subField": of_struct}
