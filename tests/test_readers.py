"""Independent readers agree with us and with each other on what a release holds."""

import datetime as dt
import html
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import feedparser_rs
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.dataset
import pyarrow.parquet as pq
import pytest

from tests.generators.pages import from_npm, run
from tests.quicktakes import IN_CSV, TABLES
from tests.standards.crawler import crawled
from tests.standards.releases import Published, served_at

pytest_plugins = ["tests.standards.fixtures"]

Rows = list[dict[str, Any]]
Answers = Callable[[str], Any]

# The type of a column as each reader calls it.
_POLARS: dict[str, Any] = {
    "string": pl.String(),
    "int32": pl.Int32(),
    "int64": pl.Int64(),
    "double": pl.Float64(),
    "bool": pl.Boolean(),
    "date32[day]": pl.Date(),
    "timestamp[us, tz=UTC]": pl.Datetime("us", "UTC"),
}
_DUCKDB = {
    "string": "VARCHAR",
    "int32": "INTEGER",
    "int64": "BIGINT",
    "double": "DOUBLE",
    "bool": "BOOLEAN",
    "date32[day]": "DATE",
    "timestamp[us, tz=UTC]": "TIMESTAMP WITH TIME ZONE",
}


def polars_type(kind: pa.DataType) -> Any:
    if pa.types.is_list(kind):
        return pl.List(polars_type(kind.value_type))
    if pa.types.is_struct(kind):
        return pl.Struct({field.name: polars_type(field.type) for field in kind})
    return _POLARS[str(kind)]


def duckdb_type(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return duckdb_type(kind.value_type) + "[]"
    if pa.types.is_struct(kind):
        fields = (
            f'"{field.name}" {duckdb_type(field.type)}'
            if field.name == "text"  # the name of a type
            else f"{field.name} {duckdb_type(field.type)}"
            for field in kind
        )
        return f"STRUCT({', '.join(fields)})"
    return _DUCKDB[str(kind)]


def by_duckdb(release: Published, table: str) -> Rows:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        found = connection.sql(f"select * from '{release.root}/tables/{table}/*.parquet'")
        types = {field.name: duckdb_type(field.type) for field in TABLES[table].schema}
        assert dict(zip(found.columns, map(str, found.types), strict=True)) == types
        rows: Rows = found.to_arrow_table().to_pylist()
        return rows


def by_polars(release: Published, table: str) -> Rows:
    found = pl.scan_parquet(release.root / "tables" / table / "*.parquet").collect()
    types = {field.name: polars_type(field.type) for field in TABLES[table].schema}
    assert dict(found.schema) == types
    return found.to_dicts()


def by_pandas(release: Published, table: str) -> Rows:
    found = pd.read_parquet(release.root / "tables" / table, dtype_backend="pyarrow")
    types = [pd.ArrowDtype(field.type) for field in TABLES[table].schema]
    assert list(found.columns) == TABLES[table].schema.names
    for kind, expected in zip(found.dtypes, types, strict=True):
        # In Parquet the values of a list are its elements, in Arrow its items.
        assert str(kind).replace("<element:", "<item:").replace(" not null", "") == str(
            expected
        ).replace(" not null", "")
    rows: Rows = pa.Table.from_pandas(found, preserve_index=False).to_pylist()
    return rows


def by_dataset(release: Published, table: str) -> Rows:
    found = pa.dataset.dataset(release.root / "tables" / table).to_table()
    assert found.schema.equals(TABLES[table].schema)
    rows: Rows = found.to_pylist()
    return rows


# What ibis calls them; of a list or a struct its schema is that of Arrow.
_IBIS = {"date32[day]": "date", "timestamp[us, tz=UTC]": "timestamp('UTC', 6)", "double": "float64"}


def by_ibis(release: Published, table: str) -> Rows:
    ibis = pytest.importorskip("ibis")
    connection = ibis.duckdb.connect()
    connection.raw_sql("set TimeZone = 'UTC'")
    found = connection.read_parquet(str(release.root / "tables" / table / "*.parquet"))
    for field in TABLES[table].schema:
        kind = found.schema()[field.name]
        if pa.types.is_nested(field.type):
            assert kind.to_pyarrow() == bare(field.type)
        else:
            assert str(kind) == _IBIS.get(
                str(field.type), str(field.type).replace("bool", "boolean")
            )
    rows: Rows = found.to_pyarrow().to_pylist()
    return rows


def bare(kind: pa.DataType) -> pa.DataType:
    """A type without names of items, descriptions, and that something is never null."""
    if pa.types.is_list(kind):
        return pa.list_(bare(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([pa.field(field.name, bare(field.type)) for field in kind])
    return kind


# ibis calls DuckDB as it was called before.
@pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")
@pytest.mark.parametrize("read", [by_duckdb, by_polars, by_pandas, by_dataset, by_ibis])
def test_a_reader_finds_the_same_columns_types_and_rows_as_every_other_PQ_01_PQ_02(
    release: Published, read: Callable[[Published, str], Rows]
) -> None:
    for table in TABLES:
        assert read(release, table) == release.rows(table), table


_READ_BY_NODE = """
import { readdirSync } from "node:fs";
import {
  asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema,
} from "hyparquet";
import { compressors } from "hyparquet-compressors";
BigInt.prototype.toJSON = function () { return `${this}`; };
const told = {};
for (const table of readdirSync(process.argv[2])) {
  const rows = [];
  let columns;
  for (const part of readdirSync(`${process.argv[2]}/${table}`).sort()) {
    const file = await asyncBufferFromFile(`${process.argv[2]}/${table}/${part}`);
    columns = parquetSchema(await parquetMetadataAsync(file)).children.map(({ element }) => [
      element.name, element.type, element.logical_type?.type, element.logical_type?.isAdjustedToUTC,
    ]);
    rows.push(...await parquetReadObjects({ file, compressors }));
  }
  told[table] = { columns, rows };
}
console.log(JSON.stringify(told));
"""
# A type of Parquet, what it means, and whether that is UTC.
_PARQUET = {
    "string": ["BYTE_ARRAY", "STRING", None],
    "int32": ["INT32", None, None],
    "int64": ["INT64", None, None],
    "double": ["DOUBLE", None, None],
    "bool": ["BOOLEAN", None, None],
    "date32[day]": ["INT32", "DATE", None],
    "timestamp[us, tz=UTC]": ["INT64", "TIMESTAMP", True],
}


def in_javascript(value: Any, kind: pa.DataType) -> Any:
    """A value as JSON of JavaScript has it, where a time has milliseconds."""
    if value is None:
        return None
    if isinstance(value, list):
        return [in_javascript(one, kind.value_type) for one in value]
    if isinstance(value, dict):
        return {field.name: in_javascript(value[field.name], field.type) for field in kind}
    if isinstance(value, dt.date):
        time = value if isinstance(value, dt.datetime) else dt.datetime.combine(value, dt.time())
        return time.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
    return str(value) if kind == pa.int64() else value


def test_hyparquet_finds_the_same_columns_types_and_rows_on_node_PQ_01_PQ_02(
    release: Published, tmp_path: Path
) -> None:
    from_npm(tmp_path, "hyparquet")
    (tmp_path / "read.mjs").write_text(_READ_BY_NODE)
    told = json.loads(run("node", "read.mjs", release.root / "tables", cwd=tmp_path))

    assert told.keys() == TABLES.keys()
    for name, table in TABLES.items():
        found = {column[0]: column[1:] for column in told[name]["columns"]}
        assert [*found] == table.schema.names
        for field in table.schema:
            if not pa.types.is_nested(field.type):
                assert found[field.name] == _PARQUET[str(field.type)], (name, field.name)
        assert told[name]["rows"] == [
            {field.name: in_javascript(row[field.name], field.type) for field in table.schema}
            for row in release.rows(name)
        ], name


_SAMPLE_COUNTS = [
    ("select count(*) from articles", 35),
    ("select count(*) from articles where score is null", 4),
    ("select count(*) from articles where no_index", 1),
    ("select count(distinct subject_slug) from articles", 10),
    ("select count(distinct subject) from articles", 11),
    ("select count(*) from keywords", 248),
    ("select count(*) from related_links", 80),
    ("select count(*) from related_links where status = 'ok'", 77),
    ("select count(*) from related_links where status = 'missing'", 1),
    ("select count(*) from related_links where status = 'self'", 1),
    ("select count(*) from related_links where status = 'duplicate'", 1),
    ("select sum(links_out) from link_degrees", 77),
    ("select count(*) from subjects", 10),
    ("select sum(len(spellings)) from subjects", 11),
    ("select sum(articles) from subjects", 35),
    ("select count(*) from changes where change = 'added'", 35),
    ("select count(*) from ledger where last_seen is null", 35),
    ("select count(*) from rejects", 0),
]


@pytest.fixture(scope="module")
def duckdb_views(sample: Published) -> Iterator[Answers]:
    with duckdb.connect() as connection:
        for table in TABLES:
            files = f"{sample.root}/tables/{table}/*.parquet"
            connection.execute(f"create view {table} as select * from '{files}'")
        yield lambda query: connection.execute(query).fetchone()


@pytest.fixture(scope="module")
def polars_frames(sample: Published) -> Answers:
    tables = sample.root / "tables"
    frames = {table: pl.scan_parquet(tables / table / "*.parquet") for table in TABLES}
    context = pl.SQLContext(frames, eager=True)
    return lambda query: context.execute(query.replace("len(", "array_length(")).row(0)


@pytest.mark.parametrize("reader", ["duckdb_views", "polars_frames"])
@pytest.mark.parametrize(("query", "expected"), _SAMPLE_COUNTS)
def test_a_query_over_the_sample_gives_what_was_counted_by_hand(
    request: pytest.FixtureRequest, query: str, expected: int, reader: str
) -> None:
    answers: Answers = request.getfixturevalue(reader)

    assert answers(query) == (expected,)


def test_the_tables_read_through_the_name_current(
    sample: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(sample.root.parent.parent.parent)

    with duckdb.connect() as connection:
        found = connection.sql("select * from 'out/current/tables/articles/*.parquet'").fetchall()

    assert len(found) == 35


# --- CSV -----------------------------------------------------------------------------------------


def csv_by_duckdb(path: Path) -> Rows:
    with duckdb.connect() as connection:
        found = connection.sql(
            f"select * from read_csv('{path}', all_varchar = true, header = true, delim = ',',"
            " quote = '\"', escape = '\"', new_line = '\\r\\n', nullstr = '',"
            " allow_quoted_nulls = false, max_line_size = 10000000)"
        )
        rows: Rows = found.to_arrow_table().to_pylist()
        return rows


def csv_by_polars(path: Path) -> Rows:
    return pl.read_csv(path, infer_schema=False).to_dicts()


def csv_by_pyarrow(path: Path) -> Rows:
    with path.open("rb") as stream:
        header = stream.readline().decode().strip()
    names = header.replace('"', "").split(",")
    table = pa.csv.read_csv(
        path,
        parse_options=pa.csv.ParseOptions(newlines_in_values=True),
        convert_options=pa.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    rows: Rows = table.to_pylist()
    return rows


@pytest.mark.parametrize("read", [csv_by_duckdb, csv_by_polars, csv_by_pyarrow])
def test_a_reader_finds_the_texts_and_the_nulls_of_every_table_in_its_csv_CS_03(
    release: Published, read: Callable[[Path], Rows]
) -> None:
    for name, table in IN_CSV.items():
        texts = [field.name for field in table.schema if pa.types.is_string(field.type)]
        found = read(release.root / "csv" / f"{name}.csv")
        rows = release.rows(name)
        assert chosen(found, texts) == chosen(rows, texts), name
        assert nulls(found, table.schema.names) == nulls(rows, table.schema.names), name


def chosen(rows: Rows, names: list[str]) -> list[list[Any]]:
    return [[row[name] for name in names] for row in rows]


def nulls(rows: Rows, names: list[str]) -> list[list[bool]]:
    return [[row[name] is None for name in names] for row in rows]


# Frictionless takes these of its own dependencies.
@pytest.mark.filterwarnings("ignore::DeprecationWarning:frictionless")
def test_frictionless_finds_the_data_package_valid_with_its_keys_DP_05(
    release: Published,
) -> None:
    from frictionless import Package

    report = Package(str(release.root / "csv" / "datapackage.json")).validate()

    assert report.valid, report.flatten(["title", "fieldName", "rowNumber", "message"])
    assert report.stats["tasks"] == len(IN_CSV)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:frictionless")
def test_frictionless_finds_the_rows_of_parquet_valid_by_its_data_package_DP_05(
    release: Published,
) -> None:
    from frictionless import Package

    descriptor = json.loads((release.root / "datapackage.json").read_text(encoding="utf-8"))
    Package.from_descriptor(descriptor)  # raises where it breaks the profile
    # Frictionless reads Parquet by pandas, which has no whole number beside a null, nor a list.
    for resource in descriptor["resources"]:
        for name in ("path", "format", "mediatype", "bytes", "hash"):
            resource.pop(name, None)
        names = [field["name"] for field in resource["schema"]["fields"]]
        resource["data"] = [names, *chosen(release.rows(resource["name"]), names)]

    report = Package.from_descriptor(descriptor).validate()

    assert report.valid, report.flatten(["title", "fieldName", "rowNumber", "message"])
    assert report.stats["tasks"] == len(TABLES)


@pytest.mark.parametrize(
    ("table", "column", "error"),
    [
        ("keywords", 0, "foreign-key"),
        ("related_links", 0, "foreign-key"),
        ("articles", 0, "primary-key"),
    ],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning:frictionless")
def test_frictionless_finds_a_key_that_does_not_hold_DP_05(
    sample: Published, tmp_path: Path, table: str, column: int, error: str
) -> None:
    from frictionless import Package

    for path in (sample.root / "csv").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    lines = (tmp_path / f"{table}.csv").read_bytes().splitlines(keepends=True)
    broken = lines[-1].split(b",")
    if error == "foreign-key":
        broken[column] = b'"/nowhere"'
    (tmp_path / f"{table}.csv").write_bytes(b"".join([*lines, b",".join(broken)]))
    descriptor = json.loads((tmp_path / "datapackage.json").read_text(encoding="utf-8"))
    for resource in descriptor["resources"]:
        del resource["bytes"], resource["hash"]
    (tmp_path / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")

    report = Package(str(tmp_path / "datapackage.json")).validate()

    assert error in {found[0] for found in report.flatten(["type"])}


# --- sitemaps and feeds --------------------------------------------------------------------------


def test_a_crawler_finds_every_indexable_url_and_no_other_SM_13_G_10(release: Published) -> None:
    found = crawled(served_at(release.site, "sitemap.xml"), release.files("sitemap*.xml"))

    pages = {page.url: page.last_modified for page in found}
    assert len(pages) == len(found)
    assert pages == {
        release.site.base_url + row["url"]: row["modified"]
        and row["modified"].replace(microsecond=0)
        for row in release.indexable()
    }


def test_a_feed_reader_finds_the_items_of_every_feed(release: Published) -> None:
    feeds = release.files("feed.json") | release.files("feeds/*.json")
    articles = {release.site.base_url + row["url"]: row for row in release.indexable()}

    for url, data in feeds.items():
        parsed = feedparser_rs.parse(data)
        assert (parsed.bozo, parsed.version, parsed.feed.language) == (
            False,
            "json11",
            release.site.language,
        ), url
        items = json.loads(data)["items"]
        assert [entry.id for entry in parsed.entries] == [item["id"] for item in items]
        for entry in parsed.entries:
            article = articles[entry.link]
            # The reader takes the plain text of a title for HTML, and escapes it.
            assert html.unescape(entry.title or "") == (article["title"] or "")
            assert bool(entry.content[0].value) == bool(article["text"])
            if article["published"]:
                published = dt.datetime.fromisoformat(entry.published).astimezone(dt.UTC)
                time = article["published_at"]
                assert published.date() == (time.date() if time else article["published"])


def test_the_parts_of_a_table_have_one_schema_whatever_rows_they_hold_PQ_03(
    release: Published,
) -> None:
    for name, table in TABLES.items():
        parts = release.parts(name)
        assert parts, name
        for part in parts:
            assert pq.read_schema(part).equals(table.schema), part
