"""Columns that a site declares: their types, their tables, and what does not fit them."""

import csv
import datetime as dt
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from frictionless import Package

from pressroom.base.errors import SettingsError
from pressroom.base.problems import FindingCode
from pressroom.content.article import Article, Body, normalize
from pressroom.exports import EXPORTS
from pressroom.frontmatter.fences import split
from pressroom.frontmatter.load import load as load_block
from pressroom.model.collections import Collection
from pressroom.model.columns import BUILT_IN, DEFAULT_KEYS, NO_TABLES, OWN_COLUMNS, Column
from pressroom.model.content import ContentModel
from pressroom.model.schemas import CORE, tables
from pressroom.model.settings import Compute, Limits, Settings, SiteRules
from pressroom.model.settings_toml import load
from pressroom.releases.manifest import open_release
from tests.conftest import AS_OF, Site

UTC = dt.UTC


def read(text: str, column: Column, timezone: str = "UTC") -> Article:
    document = split(f"---\nx: {text}\n---\nBody.\n")
    model = ContentModel(columns={"x": column})
    site = SiteRules("a.example", timezone)
    article = normalize(load_block(document, Limits()), Body(document.body), model, "a.md", site)
    assert isinstance(article, Article)
    return article


FITS: list[tuple[Column, str, Any]] = [
    (Column("text"), "a b", "a b"),
    (Column("text"), "'01'", "01"),
    (Column("integer"), "12", 12),
    (Column("integer", range=(0, 10)), "10", 10),
    (Column("number"), "-1.5e3", -1500.0),
    (Column("number", range=(0, 1)), ".5", 0.5),
    (Column("boolean"), "yes", True),
    (Column("boolean"), "0", False),
    (Column("date"), "2024-01-02T23:30:00-08:00", dt.date(2024, 1, 2)),
    (Column("date", formats=("%d.%m.%Y",)), "02.01.2024", dt.date(2024, 1, 2)),
    (Column("datetime"), "2024-01-02", dt.datetime(2024, 1, 2, tzinfo=UTC)),
    (Column("datetime"), "2024-01-02 10:00 +0200", dt.datetime(2024, 1, 2, 8, tzinfo=UTC)),
    (Column("json"), "{a: [b, {c: d}]}", '{"a": ["b", {"c": "d"}]}'),
    (Column("list"), "[a, ' b ', a]", ["a", "b", "a"]),
    (Column("list"), "a b", ["a b"]),
    (Column("list", separator=" "), "a  b", ["a", "b"]),
    (Column("list", separator=" "), "[a b]", ["a b"]),
    (Column("list", separator=",", prefix="#"), "'#a, b,# c, #'", ["a", "b", "c"]),
    (Column("list", prefix="#"), "['#a', '##b', c#]", ["a", "#b", "c#"]),
]


@pytest.mark.parametrize(("column", "text", "value"), FITS)
def test_a_value_is_read_as_the_type_of_its_column(column: Column, text: str, value: Any) -> None:
    article = read(text, column)
    assert (article.lists if column.type == "list" else article.columns)["x"] == value
    assert article.columns["extra"] is None


@pytest.mark.parametrize(
    ("source", "text", "terms"),
    [
        ("{x}", "a b", ["a b"]),
        ("{x}", "[a b, c/d]", ["a b", "c/d"]),
        ("{x:lower}", "A B", ["a b"]),
        ("{y|}", "a b", []),
        ("{x}!", "a b", ["a b!"]),
        ("{y}", "a b", []),
    ],
)
def test_a_template_makes_terms_that_are_not_separated(
    source: str, text: str, terms: list[str]
) -> None:
    assert read(text, Column("list", key=source, separator=" ")).lists["x"] == terms


WRONG: list[tuple[Column, str]] = [
    (Column("text"), "[a]"),
    (Column("integer"), "1.5"),
    (Column("integer"), "012"),
    (Column("integer"), "9223372036854775808"),
    (Column("integer", range=(0, 10)), "11"),
    (Column("number"), "1e999"),
    (Column("number"), ".inf"),
    (Column("number", range=(0, 1)), "1.01"),
    (Column("boolean"), "maybe"),
    (Column("date"), "02.01.2024"),
    (Column("date", range=(dt.date(2000, 1, 1), dt.date(2001, 1, 1))), "2024-01-02"),
    (Column("datetime"), "{a: b}"),
    (Column("list"), "{a: b}"),
]


@pytest.mark.parametrize(("column", "text"), WRONG)
def test_a_value_that_does_not_fit_is_null_a_finding_and_kept(column: Column, text: str) -> None:
    article = read(text, column)
    assert not (article.lists if column.type == "list" else article.columns)["x"]
    [finding] = article.findings
    assert (finding.code, finding.line, finding.key) == (FindingCode.WRONG_VALUE, 2, "x")
    assert "x" in json.loads(article.columns["extra"])


def test_what_is_no_text_in_a_list_costs_itself_alone() -> None:
    article = read("[a, {b: c}, d]", Column("list"))
    assert article.lists["x"] == ["a", "d"]
    assert [finding.code for finding in article.findings] == [FindingCode.WRONG_VALUE]
    assert json.loads(article.columns["extra"]) == {"x": ["a", {"b": "c"}, "d"]}


def test_a_time_without_a_zone_is_of_the_zone_of_the_site() -> None:
    article = read("2024-07-01 10:00", Column("datetime"), "Europe/Vienna")
    assert article.columns["x"] == dt.datetime(2024, 7, 1, 8, tzinfo=UTC)


def settings(home: Path, content: str) -> Settings:
    file = home / "pressroom.toml"
    file.write_text(content)
    return load(file)


SITE = """\
[content.columns]
weight = "integer"
score = { type = "number", range = [0, 1], description = "How good it is." }
seen = "datetime"
tags = { type = "list", separator = " " }
raw_data = { key = "Raw-Data", type = "json" }

[[content.collections]]
name = "notes"
files = "notes/**"
columns = { mood = "text", places = "list" }
"""


@pytest.fixture
def built(site: Site) -> Site:
    (site.raw / "notes").mkdir()
    site.write(
        a="---\nweight: 3\nscore: 0.5\nseen: 2024-01-02\ntags: x Y\nRaw-Data: {a: 1}\n---\n# A\n",
        b="---\nweight: heavy\nmood: none\n---\n# B\n",
    )
    (site.raw / "notes" / "c.md").write_text("---\nmood: fine\nplaces: [Rome]\n---\n# C\n")
    site.build(content=settings(site.home, SITE).content)
    return site


def test_columns_and_lists_of_all_collections_are_in_the_tables(built: Site) -> None:
    rows = {row["source_path"]: row for row in built.rows("articles")}
    names = ("collection", "weight", "score", "mood", "raw_data")
    assert {path: tuple(row[name] for name in names) for path, row in rows.items()} == {
        "a.md": (None, 3, 0.5, None, '{"a": "1"}'),
        "b.md": (None, None, None, None, None),
        "notes/c.md": ("notes", None, None, "fine", None),
    }
    assert rows["b.md"]["extra"] == '{"mood": "none", "weight": "heavy"}'
    assert [(row["term"], row["term_key"]) for row in built.rows("tags")] == [
        ("x", "x"),
        ("Y", "y"),
    ]
    assert [row["term"] for row in built.rows("places")] == ["Rome"]


def test_the_data_package_describes_them_and_is_valid(built: Site) -> None:
    package = Package(str(built.out / "current" / "csv" / "datapackage.json"))
    assert package.get_resource("articles").schema.get_field("score").description == (
        "How good it is."
    )
    assert {"tags", "places", "skipped"} <= {one.name for one in package.resources}
    assert package.validate().valid


def test_duckdb_reads_their_types(built: Site) -> None:
    path = built.out / "current" / "tables" / "articles" / "part-00000.parquet"
    described = duckdb.execute(f"select column_name, column_type from (describe from '{path}')")
    types = dict(described.fetchall())
    assert {name: types[name] for name in ("weight", "score", "seen", "raw_data", "mood")} == {
        "weight": "BIGINT",
        "score": "DOUBLE",
        "seen": "TIMESTAMP WITH TIME ZONE",
        "raw_data": "VARCHAR",
        "mood": "VARCHAR",
    }


def test_other_columns_change_no_article(built: Site) -> None:
    other = SITE.replace('weight = "integer"', 'weight = "text"\nmood = "text"')
    built.build(as_of=AS_OF + 60, content=settings(built.home, other).content)
    assert {row["source_path"]: row["weight"] for row in built.rows("articles")} == {
        "a.md": "3",
        "b.md": "heavy",
        "notes/c.md": None,
    }
    [change] = built.rows("changes")
    assert (change["url"], change["fields"]) == ("/b/", ["mood", "extra"])


def test_a_column_of_another_type_is_told(built: Site) -> None:
    assert open_release((built.out / "current").resolve()).manifest.schema_changes == ()
    other = SITE.replace('weight = "integer"', 'weight = "text"').replace("seen", "viewed")
    built.build(as_of=AS_OF + 60, content=settings(built.home, other).content)
    changes = open_release((built.out / "current").resolve()).manifest.schema_changes
    assert {(one.table, one.column, one.before, one.after) for one in changes} == {
        ("articles", "weight", "int64", "string"),
        ("articles", "seen", "timestamp[us, tz=UTC]", None),
        ("articles", "viewed", None, "timestamp[us, tz=UTC]"),
    }
    assert any("articles.weight" in line for line in built.lines)


def test_a_site_of_before_there_were_presets_needs_one(site: Site) -> None:
    site.write(a="---\ntitle: A\nanswer: Text.\n---\n")
    site.build(content=ContentModel(columns={"answer": Column()}))
    with pytest.raises(SettingsError, match='preset = "quicktakes"'):
        site.build(content=ContentModel())


def test_the_order_of_columns_is_that_of_the_settings_in_every_part(site: Site) -> None:
    texts = {name: f"---\naa: 1\nbb: 2\ntitle: {name}\n---\n" for name in "abcd"}
    site.write(**texts)
    options: dict[str, Any] = {"compute": Compute(workers=1, shard_files=1)}
    one, other = Column("text", significant=True), Column("text", significant=True)
    site.build(content=ContentModel(columns={"aa": one, "bb": other}), **options)
    site.write(a=texts["a"].replace("aa: 1", "aa: 3"))
    site.build(as_of=AS_OF + 60, content=ContentModel(columns={"bb": other, "aa": one}), **options)
    text = (site.out / "current" / "csv" / "articles.csv").read_text(encoding="utf-8")
    table = csv.DictReader(text.splitlines())
    assert {row["title"]: (row["aa"], row["bb"]) for row in table} == {
        **dict.fromkeys("bcd", ("1", "2")),
        "a": ("3", "2"),
    }
    assert [row["url"] for row in site.rows("changes")] == ["/a/"]
    changed = {row["title"]: row["content_changed"] for row in site.rows("articles")}
    edited = dt.datetime.fromtimestamp(AS_OF + 60, dt.UTC)
    assert changed == {"a": edited, **dict.fromkeys("bcd")}


def test_a_list_that_is_declared_no_more_is_gone(built: Site) -> None:
    other = SITE.replace('tags = { type = "list", separator = " " }\n', "")
    built.build(as_of=AS_OF + 60, content=settings(built.home, other).content)
    release = open_release((built.out / "current").resolve())
    assert "tags" not in release.tables
    assert release.manifest.schema_version == 2
    assert {change.table for change in release.manifest.schema_changes} == {"tags"}
    assert not (release.root / "tables" / "tags").exists()


def test_names_that_are_taken_are_those_of_the_schemas() -> None:
    assert {*DEFAULT_KEYS, *OWN_COLUMNS} == set(CORE.names)
    assert set(tables(ContentModel())) == BUILT_IN
    others = {"conformance", "release", "staged", "raw_files"}
    assert {item.name for item in EXPORTS} | others == NO_TABLES


def test_a_column_has_one_type_in_the_whole_site() -> None:
    model = ContentModel(
        columns={"a": Column("integer")},
        collections=(Collection(("x/**",), columns={"b": Column("list")}),),
    )
    assert model.lists() == ("article_subjects", "article_authors", "b")
    assert list(tables(model))[:4] == ["articles", *model.lists()]
    assert "a" in tables(model)["articles"].schema.names
