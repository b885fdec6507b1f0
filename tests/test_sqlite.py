"""The SQLite file: the tables as they are, keys that hold, and questions that are answered."""

import contextlib
import datetime as dt
import errno
import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pytest

from pressroom.engine.steps import recipe_of
from pressroom.exports import datasette, sqlite
from pressroom.model.columns import Column
from pressroom.model.schemas import tables
from pressroom.model.settings import Compute, Exports, Settings
from pressroom.model.settings import Site as SiteSettings
from tests.conftest import AS_OF, Site, article, contents
from tests.quicktakes import TABLES, quicktakes
from tests.standards.releases import Published

pytest_plugins = ["tests.standards.fixtures"]

ON = Exports(sqlite=True)
FOLDER = "learn/databases/questions"


@contextlib.contextmanager
def opened(release: Path) -> Iterator[sqlite3.Connection]:
    file = f"file:{quote(str(release.resolve()))}/sqlite/site.db?immutable=1"
    with contextlib.closing(sqlite3.connect(file, uri=True)) as database:
        database.row_factory = sqlite3.Row
        yield database


def answers(site: Site, words: str) -> list[str]:
    """The ends of the urls that a search finds, the best first."""
    with opened(site.out / "current") as database:
        found = database.execute(
            "select url from articles_fts where articles_fts match ? order by rank", (words,)
        )
        return [row["url"].rpartition("/")[2] for row in found]


# --- the tables ----------------------------------------------------------------------------------


def stored(value: Any, kind: pa.DataType) -> Any:
    """A value as the file is to hold it; lists and structs are compared as values."""
    if value is None:
        return None
    if isinstance(value, dt.datetime):
        text = value.astimezone(dt.UTC).replace(tzinfo=None).isoformat()
        return (text.rstrip("0").rstrip(".") if "." in text else text) + "Z"
    if isinstance(value, dt.date):
        return value.isoformat()
    if pa.types.is_nested(kind):
        return json.loads(json.dumps(value))
    return int(value) if isinstance(value, bool) else value


def test_every_table_has_its_rows_and_types(release: Published) -> None:
    with opened(release.root) as database:
        for name, table in TABLES.items():
            key = ", ".join(table.primary_key) or "rowid"
            found = database.execute(f'select * from "{name}" order by {key}').fetchall()
            rows = release.rows(name)
            if table.primary_key:
                rows.sort(key=lambda row: tuple(row[column] for column in table.primary_key))
            assert len(found) == len(rows), name
            for ours, theirs in zip(rows, found, strict=True):
                for field in table.schema:
                    value = theirs[field.name]
                    if pa.types.is_nested(field.type) and value is not None:
                        value = json.loads(value)
                    assert value == stored(ours[field.name], field.type), (name, field.name)


def test_keys_hold_and_are_indexed(release: Published) -> None:
    with opened(release.root) as database:
        assert [row[0] for row in database.execute("pragma integrity_check")] == ["ok"]
        assert database.execute("pragma foreign_key_check").fetchall() == []
        for name, table in TABLES.items():
            keys = database.execute(f'pragma foreign_key_list("{name}")').fetchall()
            assert {(key["from"], key["table"], key["to"]) for key in keys} == {*table.foreign_keys}
            columns = database.execute(f'pragma table_info("{name}")').fetchall()
            ranked = sorted((row["pk"], row["name"]) for row in columns if row["pk"])
            assert tuple(column for _, column in ranked) == table.primary_key
            for key in table.foreign_keys:
                plan = database.execute(
                    f'explain query plan select * from "{name}" where "{key.column}" = ?', ("a",)
                ).fetchone()["detail"]
                assert plan.startswith("SEARCH"), (name, key)


def test_a_table_refuses_values_of_other_types(sample: Published, tmp_path: Path) -> None:
    copy = tmp_path / "site.db"
    shutil.copy(sample.root / "sqlite/site.db", copy)
    copy.chmod(0o600)
    with contextlib.closing(sqlite3.connect(copy)) as database:
        for wrong in ("articles = 'many'", "label = null"):
            with pytest.raises(sqlite3.IntegrityError):
                database.execute(f"update subjects set {wrong}")


def test_there_is_no_file_unless_settings_ask_for_it(site: Site) -> None:
    site.write(a=article(slug="a"))
    site.build()
    kinds = ("sqlite", "plain_text", "jsonl", "duckdb", "README")
    assert not [path for path in contents(site.out / "current") if path.startswith(kinds)]
    site.build(AS_OF + 60, exports=ON)
    found = [path for path in contents(site.out / "current") if path.startswith(kinds)]
    assert found == ["plain_text/part-00000.parquet", "sqlite/metadata.json", "sqlite/site.db"]
    site.build(AS_OF + 120)
    assert not [path for path in contents(site.out / "current") if path.startswith(kinds)]


def test_two_builds_give_the_same_bytes(site: Site, tmp_path: Path) -> None:
    files = {f"{number:02}": article(slug=number, answer=f"Text {number}.") for number in range(9)}
    other = tmp_path / "other"
    other.mkdir()
    for one in (site, Site(other)):
        one.write(**files)
        one.build(exports=ON)
    assert contents(site.out / "current") == contents(other / "out/current")


def test_another_version_of_the_library_makes_the_file_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    on, off = Settings(exports=ON), Settings()
    before = [recipe_of(sqlite.EXPORT, settings) for settings in (on, off)]
    monkeypatch.setattr(sqlite3, "sqlite_version", "9.9.9")
    after = [recipe_of(sqlite.EXPORT, settings) for settings in (on, off)]
    assert [before[0] == after[0], before[1] == after[1]] == [False, True]


def test_hostile_names_and_descriptions_are_no_sql(site: Site) -> None:
    about = 'It\'s "quoted"\n); drop table articles; -- \\ /* '
    columns = {"order": Column(description=about), "group": Column("list", description=about)}
    site.write(
        a='---\nurl: /a\norder: "\'); drop table articles; --"\ngroup: [\'"\', "\'", x]\n---\n'
    )
    site.build(exports=ON, content=quicktakes(columns=columns, required=("url",)))
    with opened(site.out / "current") as database:
        assert database.execute('select "order" from articles').fetchone()[0].startswith("');")
        terms = database.execute('select term from "group" order by position')
        assert [row[0] for row in terms] == ['"', "'", "x"]
        sql = database.execute("select sql from sqlite_master where name = 'group'").fetchone()[0]
    assert sql.splitlines()[0].endswith("""-- It's "quoted" ); drop table articles; -- \\ /*""")


def test_a_site_of_one_bare_article_has_all_tables(site: Site) -> None:
    site.write(a="---\nurl: /a\n---\n")
    site.build(exports=ON, content=quicktakes(required=("url",)))
    with opened(site.out / "current") as database:
        counts = {
            name: database.execute(f'select count(*) from "{name}"').fetchone()[0]
            for name in TABLES
        }
        found = database.execute("select * from articles_fts").fetchall()
    assert {name for name, count in counts.items() if count} == {
        *("articles", "changes", "ledger", "link_degrees")
    }
    assert [tuple(row) for row in found] == [("/a", "", "")]


def test_a_full_disk_is_told_as_such_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = (*sqlite._PRAGMAS, "max_page_count = 2")
    monkeypatch.setattr(sqlite, "_PRAGMAS", few)
    job = sqlite.DatabaseJob(tuple(TABLES.values()), dict.fromkeys(TABLES, ()), (), True, tmp_path)
    with pytest.raises(OSError) as told:  # noqa: PT011
        sqlite.write_database(job)
    assert told.value.errno == errno.ENOSPC
    assert told.value.filename == str(tmp_path / "sqlite/site.db")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


# --- search --------------------------------------------------------------------------------------


def test_a_question_is_answered_by_the_article_that_is_about_it(site: Site) -> None:
    site.write(
        a=article(slug="tea", title="Why is tea hot?", answer="'**Boats** [sail](/away).'"),
        b=article(slug="boats", title="How do boats sail?", answer="Not by *tea*."),
        c=article(slug="math", answer="'Of $\\alpha$ and `code()` and <b>naïve</b> users.'"),
    )
    site.build(exports=ON)
    assert answers(site, "tea") == ["tea", "boats"]  # a title says more than a text
    assert answers(site, "boat sailing") == ["boats", "tea"]
    assert answers(site, "away") == []  # where a link leads to is no text
    assert answers(site, "naive code α") == ["math"]
    assert answers(site, "title: tea") == ["tea"]
    with opened(site.out / "current") as database:
        [found] = database.execute(
            "select articles.url, snippet(articles_fts, 2, '[', ']', '…', 9) as text"
            " from articles_fts join articles on articles.rowid = articles_fts.rowid"
            " where articles_fts match 'boats sail' and articles.title like '%tea%'"
        )
    assert tuple(found) == (f"/{FOLDER}/tea", "[Boats] [sail].")


def test_stems_are_those_of_english_alone(site: Site) -> None:
    site.write(a=article(slug="a", answer="Boats."))
    site.build(exports=ON, site=SiteSettings(language="de"))
    assert [answers(site, word) for word in ("boats", "boat")] == [["a"], []]


def test_texts_are_read_once_for_all_that_is_made_of_them(site: Site) -> None:
    for number in range(6):
        site.write(**{f"{number}": article(slug=number, answer=f"Text {number}.")})
    cut = Compute(workers=1, shard_files=3)
    first = site.build(exports=ON, compute=cut).release.root
    site.write(**{"4": article(slug=4, answer="Another.")})
    second = site.build(AS_OF + 60, exports=ON, compute=cut).release.root
    parts = sorted(path.name for path in (first / "plain_text").iterdir())
    same = [(first / "plain_text" / name).samefile(second / "plain_text" / name) for name in parts]
    assert sorted(same) == [False, *[True] * (len(parts) - 1)]
    assert len(parts) > 1
    assert answers(site, "another") == ["4"]


# --- Datasette -----------------------------------------------------------------------------------


def test_the_description_is_of_what_there_is(sample: Published) -> None:
    described = json.loads((sample.root / "sqlite/metadata.json").read_text())
    of_database = described["databases"]["site"]
    assert described["title"] == "Pressroom"
    assert described["source_url"] == "https://pressroom.example/"
    assert [*of_database["tables"]] == [*TABLES]
    with opened(sample.root) as database:
        for name, table in of_database["tables"].items():
            columns = {row["name"] for row in database.execute(f'pragma table_info("{name}")')}
            assert table["columns"].keys() == columns
            named = [*table.get("facets", []), table.get("label_column"), table.get("sort_desc")]
            assert {one for one in named if one} <= columns
        names = {row[0] for row in database.execute("select name from sqlite_master")}
        assert of_database["tables"]["articles"]["fts_table"] in names
        database.create_function("escape_fts", 1, lambda words: f'"{words}"')
        [first, *_] = database.execute(
            of_database["queries"]["search"]["sql"], {"words": "random surfer"}
        )
    assert first["title"] == "How does PageRank use a random surfer?"


def test_a_site_without_a_description_states_none() -> None:
    found = datasette.metadata(SiteSettings(), tables(quicktakes()).values())
    assert {"description", "license"}.isdisjoint(found)
    assert found["source"] == "localhost:8000"
