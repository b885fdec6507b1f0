"""CSV as RFC 4180 has it, its Data Package, and Parquet: the same values in both."""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pressroom.base.problems import Code
from pressroom.exports import tabular
from pressroom.exports.base import Context, Job, Report
from pressroom.exports.dataset import data_package
from pressroom.exports.dataset.about import about
from pressroom.files import parquet
from pressroom.model.settings import Settings
from pressroom.model.settings import Site as SiteSettings
from pressroom.model.table import description, rules
from pressroom.releases import cache
from tests.conftest import AS_OF, Site, article, contents
from tests.quicktakes import IN_CSV, MODEL, TABLES
from tests.standards import rfc4180
from tests.standards.releases import Published

pytest_plugins = ["tests.standards.fixtures"]

# --- the strict reader ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", []),
        (b"a,b\r\n", [["a", "b"]]),
        (b'a,b\r\n,""\r\n', [["a", "b"], [None, ""]]),
        (b'"a ""b"", c"\r\n', [['a "b", c']]),
        (b'"a\r\nb\nc"\r\n', [["a\r\nb\nc"]]),
    ],
)
def test_the_strict_reader_reads_rfc_4180(data: bytes, expected: list[list[str | None]]) -> None:
    assert rfc4180.read(data) == expected


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"a,b\n", id="CS-01 line feed alone"),
        pytest.param(b"a,b", id="CS-01 no end of the last line"),
        pytest.param(b"a,b\r\n1\r\n", id="CS-01 fewer fields"),
        pytest.param(b'a"b\r\n', id="CS-01 quote in a bare field"),
        pytest.param(b'"a"b\r\n', id="CS-01 text behind a quote"),
        pytest.param(b'"a\r\n', id="CS-01 open quote"),
        pytest.param(b"\xff\r\n", id="CS-02 not UTF-8"),
    ],
)
def test_the_strict_reader_refuses_all_else(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"record|field|decode"):
        rfc4180.read(data)


# --- CSV -----------------------------------------------------------------------------------------


def boolean(text: str) -> bool:
    return {"true": True, "false": False}[text]


def timestamp(text: str) -> dt.datetime:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d*[1-9])?Z", text)
    return dt.datetime.fromisoformat(text)


_READ: dict[str, Callable[[str], Any]] = {
    "string": str,
    "int32": int,
    "int64": int,
    "double": float,
    "bool": boolean,
    "date32[day]": dt.date.fromisoformat,
    "timestamp[us, tz=UTC]": timestamp,
}


def typed(text: str | None, kind: pa.DataType) -> Any:
    """The value that a cell stands for."""
    return None if text is None else _READ.get(str(kind), json.loads)(text)


def test_the_odd_release_shows_what_the_sample_does_not(odd: Published) -> None:
    assert len(odd.parts("articles")) > 2
    assert sorted(len(row["problems"]) for row in odd.rows("rejects")) == [1, 1, 2]
    assert {row["change"] for row in odd.rows("changes")} == {"changed", "removed"}
    assert any(row["last_seen"] for row in odd.rows("ledger"))
    assert any(row["author"] == "" for row in odd.rows("articles"))


@pytest.mark.parametrize("table", IN_CSV)
def test_csv_and_parquet_hold_the_same_values_cell_by_cell_CS_01_CS_03(
    release: Published, table: str
) -> None:
    schema = IN_CSV[table].schema

    header, *records = rfc4180.read((release.root / "csv" / f"{table}.csv").read_bytes())

    assert header == schema.names
    assert [
        {field.name: typed(cell, field.type) for field, cell in zip(schema, record, strict=True)}
        for record in records
    ] == release.rows(table)


@pytest.mark.parametrize("table", IN_CSV)
def test_csv_is_utf8_without_byte_order_mark_and_nul_CS_02_CS_04(
    release: Published, table: str
) -> None:
    data = (release.root / "csv" / f"{table}.csv").read_bytes()

    data.decode("utf-8")
    assert not data.startswith(b"\xef\xbb\xbf")
    assert b"\0" not in data
    assert b"\r" not in data.replace(b"\r\n", b"")


_TEXTS = {
    "formula": ("=1+1", b'"=1+1"'),
    "text that is a number": ("'-1.0'", b'"-1.0"'),
    "at": ("'@x'", b'"@x"'),
    "full width": ("＝1", '"＝1"'.encode()),
    "comma": ("'a, b'", b'"a, b"'),
    "quote": ("""'say "so"'""", b'"say ""so"""'),
    "line": ('"a\\nb"', b'"a\nb"'),
    "blank": ('" "', b'" "'),
    "empty text": ('""', b'""'),
    "null": ("~", b""),
    "nothing": ("", b""),
    "the word null": ("'null'", b'"null"'),
    "NA": ("NA", b'"NA"'),
}


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    site = Site(tmp_path_factory.mktemp("texts"))
    for number, (written, _) in enumerate(_TEXTS.values()):
        site.write(**{f"a{number:02}": article(slug=f"a{number}", author=written)})
    site.build()
    return contents(site.out / "current")["csv/articles.csv"]


@pytest.mark.parametrize("name", _TEXTS)
def test_a_text_stands_in_csv_as_it_was_written_CS_03_CS_05(texts: bytes, name: str) -> None:
    line = texts.split(b"\r\n")[1 + list(_TEXTS).index(name)]

    assert b",false," + _TEXTS[name][1] + b',"Databases","databases",' in line


def in_order(function: Callable[[Job], Report], jobs: Iterable[Job]) -> Iterator[Report]:
    return map(function, jobs)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a\rb", "a\rb"),
        ("a\r\nb\nc", "a\r\nb\nc"),
        ("\r", "\r"),
        ("a\u2028b\x85c", "a\u2028b\x85c"),
        ("a\x01b\ufffec", "a\x01b\ufffec"),
        ("a\0b", "a\ufffdb"),
    ],
)
def test_odd_characters_are_kept_within_quotes_and_nul_has_no_place_CS_03_CS_04(
    tmp_path: Path, value: str, expected: str
) -> None:
    rows = parquet.to_table([("/a", 1, value, "b")], IN_CSV["keywords"].schema)
    part = parquet.write_table(tmp_path, parquet.part_path("keywords", 0), rows)
    tables = {"keywords": (tmp_path / part.path,)}
    context = Context(
        Settings(content=MODEL),
        tmp_path,
        AS_OF,
        {},
        tables,
        rows={},
        versions={"keywords": part.sha256},
        code="",
        cache=cache.EMPTY,
        run=in_order,
    )

    [entry] = tabular.write_tables(context, tabular.EXACT)
    data = (tmp_path / entry.path).read_bytes()

    assert rfc4180.read(data)[1] == ["/a", "1", expected, "b"]
    assert b"\r" not in re.sub(rb'"[^"]*"', b"", data).replace(b"\r\n", b"")


def test_a_number_stands_in_csv_with_all_its_digits_and_without_quotes_CS_05(site: Site) -> None:
    scores = ["-1.0", "0", "0.1", "0.30000000000000004", "1e-9", "9.999999999999998"]
    site.write(**{f"a{n}": article(slug=f"a{n}", score=score) for n, score in enumerate(scores)})
    site.build()
    data = contents(site.out / "current")["csv/articles.csv"]

    header, *records = rfc4180.read(data)
    cells = [record[header.index("score")] or "" for record in records]

    assert list(map(float, cells)) == list(map(float, scores))
    assert all(f',1,"default",,,,{cell},,,2,0,'.encode() in data for cell in cells)


def test_the_csv_of_a_table_that_did_not_change_is_linked(site: Site) -> None:
    site.write(a=article(seo="{page_keywords: one}"))
    site.build()
    first = {path.name: path.stat().st_ino for path in (site.out / "current/csv").iterdir()}
    site.write(a=article(seo="{page_keywords: two}"))
    site.build(as_of=AS_OF + 60)
    again = {path.name: path.stat().st_ino for path in (site.out / "current/csv").iterdir()}

    made = {"articles.csv", "keywords.csv", "changes.csv", "ledger.csv", "datapackage.json"}
    assert {name for name in again if again[name] != first[name]} == made


# --- Data Package --------------------------------------------------------------------------------

_TYPES = {
    "string": "string",
    "int32": "integer",
    "int64": "integer",
    "double": "number",
    "bool": "boolean",
    "date32[day]": "date",
    "timestamp[us, tz=UTC]": "datetime",
    "list<element: string>": "array",
}


def package(release: Published, path: str = "csv/datapackage.json") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((release.root / path).read_bytes())
    return found


def resource(release: Published, table: str, path: str = "csv/datapackage.json") -> dict[str, Any]:
    (found,) = (one for one in package(release, path)["resources"] if one["name"] == table)
    return found


@pytest.mark.parametrize("path", ["csv/datapackage.json", "datapackage.json"])
def test_a_data_package_names_its_profile_and_itself_DP_01_DP_04(
    release: Published, path: str
) -> None:
    found = package(release, path)

    assert found["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert re.fullmatch(r"[a-z0-9.-]+", found["name"])
    assert found["title"] == release.site.title
    assert found["homepage"] == found["id"] == release.site.base_url
    assert found["sources"] == [{"title": release.site.title, "path": release.site.base_url}]
    assert release.site.description in found["description"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", found["version"])
    assert timestamp(found["created"]).timestamp() == release.as_of
    assert "licenses" not in found


@pytest.mark.parametrize(
    ("license", "expected"),
    [
        ("CC-BY-4.0", {"name": "CC-BY-4.0", "path": "https://spdx.org/licenses/CC-BY-4.0.html"}),
        ("https://example.org/terms", {"path": "https://example.org/terms"}),
    ],
)
def test_a_data_package_has_the_licence_that_settings_state(
    license: str, expected: dict[str, str]
) -> None:
    found = json.loads(data_package.package(about(SiteSettings(license=license), AS_OF), []))

    assert found["licenses"] == [expected]


def test_every_table_is_a_resource_and_every_file_is_named_DP_02(release: Published) -> None:
    resources = package(release)["resources"]

    assert [resource["name"] for resource in resources] == list(IN_CSV)
    assert all(re.fullmatch(r"[a-z0-9._-]+", resource["name"]) for resource in resources)
    assert all("data" not in resource for resource in resources)
    paths = {resource["path"] for resource in resources}
    files = {path.name for path in (release.root / "csv").iterdir()}
    assert paths == files - {"datapackage.json"}


@pytest.mark.parametrize("table", IN_CSV)
def test_a_resource_describes_its_file_DP_03(release: Published, table: str) -> None:
    found = resource(release, table)
    data = (release.root / "csv" / found["path"]).read_bytes()

    assert (found["type"], found["format"]) == ("table", "csv")
    assert (found["mediatype"], found["encoding"]) == ("text/csv", "utf-8")
    assert found["bytes"] == len(data)
    assert found["hash"] == "sha256:" + hashlib.sha256(data).hexdigest()
    assert found["description"] == IN_CSV[table].description


@pytest.mark.parametrize("table", TABLES)
def test_a_resource_describes_the_parts_of_its_parquet_DP_03(
    release: Published, table: str
) -> None:
    found, parts = resource(release, table, "datapackage.json"), release.parts(table)
    paths = found["path"] if isinstance(found["path"], list) else [found["path"]]

    assert [release.root / path for path in paths] == parts
    assert (found["type"], found["format"]) == ("table", "parquet")
    assert found["mediatype"] == "application/vnd.apache.parquet"
    assert found["bytes"] == sum(part.stat().st_size for part in parts)
    hashes = ["sha256:" + hashlib.sha256(part.read_bytes()).hexdigest() for part in parts]
    assert found.get("hash") == (hashes[0] if len(hashes) == 1 else None)
    if table in IN_CSV:
        of_csv = resource(release, table)["schema"]
        assert {**found["schema"], "missingValues": [""]} == of_csv


@pytest.mark.parametrize("table", IN_CSV)
def test_a_table_schema_describes_every_column_DP_03(sample: Published, table: str) -> None:
    found = resource(sample, table)["schema"]

    assert found["missingValues"] == [""]
    for field, column in zip(found["fields"], IN_CSV[table].schema, strict=True):
        assert field["name"] == column.name
        nested = "object" if pa.types.is_struct(column.type) else "array"
        assert field["type"] == _TYPES.get(str(column.type), nested)
        assert field["description"] == description(column)
        constraints = field.get("constraints", {})
        assert constraints.get("required", False) is not column.nullable
        assert constraints.get("unique", False) is (TABLES[table].primary_key == (column.name,))


@pytest.mark.parametrize(
    ("table", "column", "expected"),
    [
        ("related_links", "status", {"enum": ["ok", "missing", "self", "duplicate", "external"]}),
        ("related_links", "found_by", {"enum": ["url", "file", "alias", "slug", "id"]}),
        ("text_links", "found_by", {"enum": ["url", "file", "alias", "name"]}),
        ("findings", "severity", {"enum": ["info", "warning", "error"]}),
        ("findings", "line", {"minimum": 1}),
        ("articles", "word_count", {"minimum": 0}),
        ("ledger", "content_sha256", {"pattern": "[0-9a-f]{64}"}),
        ("rejects", "code", {"enum": [str(code) for code in Code]}),
    ],
)
def test_a_column_states_what_its_values_keep(
    sample: Published, table: str, column: str, expected: dict[str, Any]
) -> None:
    fields = {field["name"]: field for field in resource(sample, table)["schema"]["fields"]}
    constraints = fields[column]["constraints"]

    assert {name: value for name, value in constraints.items() if name != "required"} == expected


def test_the_keys_of_the_data_package_are_those_of_the_design_DP_05(sample: Published) -> None:
    schemas = {item["name"]: item["schema"] for item in package(sample)["resources"]}
    of_articles = {"fields": ["url"], "reference": {"resource": "articles", "fields": ["url"]}}

    assert schemas["articles"]["primaryKey"] == ["url"]
    assert schemas["keywords"]["primaryKey"] == ["url", "position"]
    assert schemas["related_links"]["primaryKey"] == ["url", "position"]
    assert schemas["subjects"]["primaryKey"] == ["slug"]
    of_ledger = {"fields": ["url"], "reference": {"resource": "ledger", "fields": ["url"]}}
    of_subjects = {"resource": "subjects", "fields": ["slug"]}
    assert schemas["articles"]["foreignKeys"] == [
        {"fields": ["subject_slug"], "reference": of_subjects},
        of_ledger,
    ]
    assert schemas["changes"]["foreignKeys"] == [of_ledger]
    target = {**of_articles, "fields": ["target_url"]}
    assert schemas["keywords"]["foreignKeys"] == [of_articles]
    for table in ("related_links", "text_links"):
        assert schemas[table]["foreignKeys"] == [of_articles, target]


@pytest.mark.parametrize("table", IN_CSV)
def test_keys_hold_DP_05(release: Published, table: str) -> None:
    rows, described = release.rows(table), IN_CSV[table]

    keys = [tuple(row[name] for name in described.primary_key) for row in rows]
    assert not described.primary_key or len(keys) == len(set(keys))
    for key in described.foreign_keys:
        referenced = {row[key.reference_column] for row in release.rows(key.reference)}
        assert {row[key.column] for row in rows} - {None} <= referenced


# --- Parquet -------------------------------------------------------------------------------------


def test_articles_stand_in_the_order_of_their_paths_PQ_04(release: Published) -> None:
    paths = [row["source_path"].encode().split(b"/") for row in release.rows("articles")]

    assert paths == sorted(paths)


@pytest.mark.parametrize("table", IN_CSV)
def test_a_part_holds_no_time_of_writing_and_no_run_PQ_04(release: Published, table: str) -> None:
    for part in release.parts(table):
        metadata = pq.read_metadata(part)
        assert metadata.num_row_groups <= 1
        assert set(metadata.metadata) == {b"ARROW:schema", b"PANDAS_ATTRS"}


@pytest.mark.parametrize("table", IN_CSV)
def test_a_date_is_a_date_and_a_time_has_a_zone_PQ_02(sample: Published, table: str) -> None:
    schema = pq.ParquetFile(sample.parts(table)[0]).schema
    logical = {
        schema.column(index).path: schema.column(index).logical_type.type
        for index in range(len(schema))
    }

    for column in IN_CSV[table].schema:
        if pa.types.is_date(column.type):
            assert logical[column.name] == "DATE"
        if pa.types.is_timestamp(column.type):
            assert logical[column.name] == "TIMESTAMP"
        if pa.types.is_list(column.type):
            assert {
                path.split(".")[1:3] == ["list", "element"]
                for path in logical
                if path.startswith(column.name + ".")
            } == {True}


@pytest.mark.parametrize("table", TABLES)
def test_readers_show_what_a_column_is(sample: Published, table: str) -> None:
    expected = {field.name: description(field) for field in TABLES[table].schema}

    for part in sample.parts(table):
        assert {field.name: description(field) for field in pq.read_schema(part)} == expected
        attributes = json.loads(pl.read_parquet_metadata(part)["PANDAS_ATTRS"])
        assert attributes == {"descriptions": expected}
    assert pd.read_parquet(sample.root / "tables" / table).attrs == attributes


@pytest.mark.parametrize("table", TABLES)
def test_a_part_has_filters_of_targets_and_dictionaries_of_words(
    sample: Published, table: str
) -> None:
    schema = TABLES[table].schema
    words = {field.name for field in schema if rules(field).values}

    for part in sample.parts(table):
        metadata = pq.read_metadata(part)
        if not metadata.num_rows:
            continue
        group = metadata.row_group(0)
        columns = [group.column(number) for number in range(group.num_columns)]
        assert {one.path_in_schema for one in columns if one.has_dictionary_page} == words
        filtered = {one.path_in_schema for one in columns if one.bloom_filter_offset is not None}
        assert filtered == {"target_url"}.intersection(schema.names)
