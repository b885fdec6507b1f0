"""What docs/databases.md shows: each command, statement and program does what is said of it."""

import contextlib
import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.checkout import blocks, run
from tests.conftest import ROOT, pressroom, read_rows
from tests.pages import PAGES
from tests.postgres import needs_postgres, server
from tests.servers import eventually, free_port, running

PAGE = PAGES["docs/databases.md"]
SEARCH, JOIN = blocks(PAGE, "sql")
VIEWS, DUCKDB, POSTGRES, DATASETS = blocks(PAGE, "python")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which `out` has the sample, by the settings that are shown."""
    home = tmp_path_factory.mktemp("databases")
    (home / "raw").symlink_to(ROOT / "raw")
    settings = (ROOT / "pressroom.toml").read_text()
    [shown] = blocks(PAGE, "toml")
    for line in shown.splitlines()[1:]:
        name = line.split(" = ")[0]
        assert f"\n{name} = false\n" in settings
        settings = settings.replace(f"\n{name} = false\n", f"\n{line}\n")
    (home / "pressroom.toml").write_text(settings)
    done = pressroom("build", cwd=home)
    assert done.status == 0, done.err
    return home


@pytest.fixture
def database(home: Path) -> Iterator[sqlite3.Connection]:
    file = f"file:{home}/out/current/sqlite/site.db?mode=ro"
    with contextlib.closing(sqlite3.connect(file, uri=True)) as database:
        yield database


def program(code: str, home: Path) -> str:
    return run(f"python - <<'END'\n{code}END", home)


def test_a_search_finds_the_article_and_what_it_says(database: sqlite3.Connection) -> None:
    [(url, title, found)] = database.execute(SEARCH)
    assert url.endswith("/how-does-pagerank-use-a-random-surfer")
    assert title == "How does PageRank use a random surfer?"
    assert "[surfer]" in found


def test_a_search_is_joined_to_articles(database: sqlite3.Connection) -> None:
    assert database.execute(JOIN).fetchall() == [
        ("When does a database index not help?", "2025-12-05", 266),
        ("How does PageRank use a random surfer?", "2025-12-18", 279),
        ("How does an inverted index answer a phrase query?", "2025-12-18", 250),
    ]


def test_views_are_read_in_the_folder_of_the_release(home: Path) -> None:
    assert "Data Engineering" in program(VIEWS, home / "out/current")


def test_a_table_comes_into_a_database_of_duckdb_in_two_lines(home: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    program(DUCKDB, home)
    with duckdb.connect(str(home / "site.duckdb")) as database:
        found = database.sql("from articles").to_arrow_table().to_pylist()
    assert found == read_rows(home / "out/current", "articles")


@needs_postgres
def test_every_table_comes_into_postgresql_in_two_lines(home: Path) -> None:
    pytest.importorskip("adbc_driver_postgresql")
    without = {"articles": "source_lines", "rejects": "problems"}
    assert all(f"`{name}`" in PAGE for name in without)
    names = sorted(path.name for path in (home / "out/current/tables").iterdir())
    with server() as port:
        uri = f"postgresql://postgres:of%20the%20superuser@127.0.0.1:{port}/postgres"
        code = POSTGRES.replace("postgresql://ann@localhost/site", uri)
        assert code != POSTGRES
        line = code.splitlines()[-1]
        for name in names:
            drop = f'.drop_columns("{without[name]}")' if name in without else ""
            again = line.replace("text_links", name).replace('"))', f'"){drop}, mode="replace")')
            code += f"{again}\n"
        code += f"""
import json
cursor = postgres.cursor()
def fetched(sql):
    cursor.execute(sql)
    return cursor.fetchall()
counts = {{name: fetched(f'select count(*) from "{{name}}"')[0][0] for name in {names}}}
kinds = dict(fetched("select column_name, data_type from information_schema.columns"
    " where table_name = 'articles'"))
print(json.dumps([counts, kinds]))
"""
        counts, kinds = json.loads(program(code, home))
    assert counts == {name: len(read_rows(home / "out/current", name)) for name in names}
    assert {
        name: kinds[name] for name in ("url", "published", "modified", "no_index", "score")
    } == {
        "url": "text",
        "published": "date",
        "modified": "timestamp with time zone",
        "no_index": "boolean",
        "score": "double precision",
    }
    assert [kinds["aliases"], kinds["id"], kinds["word_count"]] == ["ARRAY", "bigint", "integer"]


def test_hugging_face_loads_what_is_shown(home: Path) -> None:
    pytest.importorskip("datasets")
    articles, lines = map(int, program(DATASETS, home).split())
    assert articles == len(read_rows(home / "out/current", "articles"))
    assert lines < articles


@pytest.mark.skipif(shutil.which("datasette") is None, reason="Datasette is not installed")
def test_datasette_serves_what_is_shown(home: Path, tmp_path: Path) -> None:
    install, folder, command = blocks(PAGE, "sh")[0].splitlines()
    assert [install, folder] == ["pip install datasette", "cd out/current"]
    port, log = str(free_port()), tmp_path / "log"
    address = f"http://127.0.0.1:{port}/site"

    def read(path: str) -> str:
        with urlopen(f"{address}{path}") as response:
            text: str = response.read().decode()
            return text

    def is_ready() -> bool:
        with contextlib.suppress(OSError):
            return "articles" in read(".json")
        return False

    with running(*command.split(), "--port", port, log=log, cwd=home / "out/current"):
        eventually(is_ready, log=log)
        found = json.loads(read("/articles.json?_search=random+surfer&_shape=array&_col=title"))
        title = "How does PageRank use a random surfer?"
        assert [row["title"] for row in found] == [title]
        assert title in read("/articles/" + found[0]["url"].replace("/", "~2F"))
        assert title in read("/search?words=random+surfer")


def test_the_keys_of_an_object_are_those_of_the_table(home: Path) -> None:
    rows = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `")]
    shown = [name.strip(" `") for row in rows for name in row.split(",")]
    with (home / "out/current/jsonl/articles.jsonl").open() as lines:
        assert [*json.loads(next(lines))] == shown
