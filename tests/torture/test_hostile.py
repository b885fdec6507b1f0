"""One run over a folder of which every fifth file is hostile, by the command line."""

import hashlib
import json
import resource
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest
from lxml import etree

from pressroom.base import printable
from pressroom.base.problems import Code
from tests.conftest import Completed, pressroom, read_rows
from tests.quicktakes import SETTINGS, TABLES
from tests.torture import hostile

_SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
_HINTS = {str(code): code.hint for code in Code}
_WITHOUT_TEXT = {Code.NOT_UTF8, Code.UTF_16}


def build(settings: Path) -> Completed:
    """`pressroom build` as a person runs it, with all the time that it needs."""
    command = [sys.executable, "-m", "pressroom", "build", "--settings", str(settings), "--json"]
    done = subprocess.run(
        command,
        cwd=settings.parent,
        capture_output=True,
        text=True,
        timeout=3_600,
        check=False,
    )
    return Completed(done.returncode, done.stdout, done.stderr)


class Tortured(NamedTuple):
    """A raw folder, the settings for it, and what the first run over it left."""

    folder: hostile.Folder
    settings: Path
    done: Completed
    release: Path

    def build(self) -> Completed:
        return build(self.settings)

    def rows(self, table: str) -> list[dict[str, Any]]:
        return read_rows(self.release, table)


@pytest.fixture(
    scope="module", params=[1_000, pytest.param(10_000, marks=pytest.mark.torture)], ids="{}".format
)
def tortured(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Tortured:
    home = tmp_path_factory.mktemp("tortured")
    folder = hostile.generate(home / "raw", request.param)
    settings = home / "pressroom.toml"
    settings.write_text(
        f"{SETTINGS}[limits]\nmax_rejects = 0.2\nmax_rejects_files = 0\n"
        "[compute]\nworkers = 2\nshard_files = 250\n",
        encoding="utf-8",
    )
    done = build(settings)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    if done.status == 0:
        print(f"{request.param:,} files: {done.json['seconds']} s, {peak:,} MB in one process")
    return Tortured(folder, settings, done, (home / "out" / "current").resolve())


@pytest.fixture(scope="module")
def rejects(tortured: Tortured) -> dict[str, dict[str, Any]]:
    return {row["source_path"]: row for row in tortured.rows("rejects")}


def test_there_are_forty_ways_to_be_hostile_and_each_is_tried(tortured: Tortured) -> None:
    assert len({way.name for way in hostile.WAYS}) == len(hostile.WAYS) >= 40
    assert {way.name for way in tortured.folder.hostile.values()} == {
        way.name for way in hostile.WAYS
    }
    assert len(tortured.folder.good) == 4 * len(tortured.folder.hostile)


def test_the_run_succeeds_and_no_process_crashes(tortured: Tortured) -> None:
    assert tortured.done.status == 0, tortured.done.err
    assert "Traceback" not in tortured.done.err
    assert tortured.done.json["published"]


def test_exactly_the_good_files_are_articles(tortured: Tortured) -> None:
    articles = {row["source_path"]: row for row in tortured.rows("articles")}

    assert {path: row["url"] for path, row in articles.items()} == tortured.folder.good
    for path, row in articles.items():
        data = (tortured.folder.root / path).read_bytes()
        assert row["source_bytes"] == len(data)
        assert row["source_sha256"] == hashlib.sha256(data).hexdigest()
        assert row["text"], path


def test_exactly_the_hostile_files_are_set_aside_each_with_a_code_it_must_have(
    tortured: Tortured, rejects: dict[str, dict[str, Any]]
) -> None:
    hostile_files = tortured.folder.hostile

    assert set(rejects) == set(hostile_files)
    wrong = {
        path: (row["code"], row["message"])
        for path, row in rejects.items()
        if row["code"] not in hostile_files[path].codes
    }
    assert not wrong


def test_each_problem_has_a_message_a_hint_and_a_place_where_there_is_one(
    tortured: Tortured, rejects: dict[str, dict[str, Any]]
) -> None:
    for path, row in rejects.items():
        way = tortured.folder.hostile[path]
        assert row["problems"][0] == {key: row[key] for key in row["problems"][0]}
        for problem in row["problems"]:
            assert problem["hint"] == _HINTS[problem["code"]]
            assert problem["message"].endswith("."), path
            assert len(problem["message"]) < 1_000, path
            assert (problem["line"] is not None) == way.has_line, path
            assert (problem["column_number"] is not None) == way.has_line, path
        has_excerpt = way.has_line and row["code"] not in _WITHOUT_TEXT
        assert (row["excerpt"] is not None) == has_excerpt, path


def test_the_sums_stand_in_the_manifest_and_are_printed(tortured: Tortured) -> None:
    manifest = json.loads((tortured.release / "manifest.json").read_bytes())
    good, bad = len(tortured.folder.good), len(tortured.folder.hostile)
    sums = {"files": good + bad, "articles": good, "rejects": bad}

    assert {name: manifest["counts"][name] for name in sums} == sums
    assert {name: tortured.done.json[name] for name in sums} == sums
    assert manifest["counts"]["changes"]["added"] == good


def test_duckdb_reads_every_table(tortured: Tortured) -> None:
    manifest = json.loads((tortured.release / "manifest.json").read_bytes())
    for table in TABLES:
        parts = f"{tortured.release}/tables/{table}/*.parquet"
        count = duckdb.execute("select count(*) from read_parquet(?)", [parts]).fetchall()
        assert count == [(manifest["outputs"][table]["rows"],)], table
        duckdb.execute("select * from read_parquet(?)", [parts]).fetchall()


def test_lxml_reads_every_sitemap_and_finds_every_article_once(tortured: Tortured) -> None:
    found: list[str] = []
    for path in (tortured.release / "site").glob("sitemap*.xml"):
        root = etree.parse(path).getroot()
        if root.tag == f"{_SITEMAP}urlset":
            found += (element.text for element in root.iter(f"{_SITEMAP}loc"))
    expected = [row["url"] for row in tortured.rows("articles") if not row["no_index"]]

    assert sorted(found) == sorted(f"http://localhost:8000{url}" for url in expected)


def test_json_reads_every_feed_and_each_holds_items(tortured: Tortured) -> None:
    site = tortured.release / "site"
    feeds = [site / "feed.json", *(site / "feeds").glob("*.json")]

    assert len(feeds) > 3
    for path in feeds:
        feed = json.loads(path.read_bytes())
        assert feed["items"], path
        assert all(item["content_html"] for item in feed["items"]), path


def test_every_reject_is_listed_without_a_control_character(
    tortured: Tortured,
) -> None:
    listed = pressroom("rejects", "--settings", tortured.settings, cwd=tortured.settings.parent)

    assert listed.status == 0, listed.err
    assert "Cc" not in {unicodedata.category(char) for char in listed.out.replace("\n", "")}
    for path in tortured.folder.hostile:
        assert printable.line(path) in listed.out


def test_a_second_run_publishes_nothing(tortured: Tortured) -> None:
    again = tortured.build()

    assert again.status == 0, again.err
    assert not again.json["published"]
    assert again.json["release"] == tortured.release.name


@pytest.fixture(scope="module")
def mended(tortured: Tortured) -> Completed:
    tortured.folder.mend()
    return tortured.build()


def test_without_the_hostile_files_the_articles_remain(
    tortured: Tortured, mended: Completed
) -> None:
    good = len(tortured.folder.good)

    assert mended.status == 0, mended.err
    assert mended.json["published"]
    assert (mended.json["files"], mended.json["articles"], mended.json["rejects"]) == (
        good,
        good,
        0,
    )
    assert mended.json["changes"] == {"added": 0, "changed": 0, "removed": 0}
    articles = read_rows(tortured.settings.parent / "out" / "current", "articles")
    assert [row["url"] for row in articles] == [row["url"] for row in tortured.rows("articles")]
