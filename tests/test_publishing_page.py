"""What docs/publishing.md shows of robots.txt, IndexNow and structured data."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checkout import blocks, run
from tests.conftest import AS_OF, pressroom
from tests.pages import PAGES
from tests.search_engine import Engine, serving

PAGE = PAGES["docs/publishing.md"]


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].partition("\n## ")[0]


@pytest.fixture
def engine() -> Iterator[Engine]:
    with serving() as server:
        yield server


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder of two articles, without settings."""
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/index.md").write_text("---\ntitle: Home\n---\nText.\n")
    (tmp_path / "raw/tea.md").write_text("---\ntitle: Why </script>?\n---\nTea is **hot**.\n")
    return tmp_path


def built(home: Path, settings: str) -> Path:
    """The files for the site, built by the settings of a section."""
    of_site = '[site]\nbase_url = "https://www.example.org"\n'
    (home / "pressroom.toml").write_text(of_site + settings)
    done = pressroom("build", "--as-of", str(AS_OF), cwd=home)
    assert done.status == 0, done.err
    return home / "out/current/site"


def test_robots_txt_is_as_shown_without_settings(home: Path) -> None:
    [shown] = blocks(section("robots.txt"), "text")
    assert (built(home, "") / "robots.txt").read_text() == shown


def test_robots_txt_forbids_what_the_settings_that_are_shown_forbid(home: Path) -> None:
    [settings] = blocks(section("robots.txt"), "toml")
    text = (built(home, settings) / "robots.txt").read_text()
    assert text.startswith("User-agent: *\nAllow: /drafts/shown/\nDisallow: /drafts/\n")
    assert "User-agent: GPTBot\nUser-agent: CCBot\nDisallow: /\n" in text


def test_llms_txt_lists_what_the_settings_that_are_shown_ask_for(home: Path) -> None:
    (home / "raw/boats").mkdir()
    (home / "raw/boats/canoe.md").write_text("---\ntitle: Canoe\n---\nText.\n")
    [settings] = blocks(section("llms.txt"), "toml")
    assert "## Subjects" in (built(home, settings) / "llms.txt").read_text()


def test_search_engines_are_told_by_the_commands_that_are_shown(home: Path, engine: Engine) -> None:
    told = section("Telling search engines")
    [settings] = blocks(told, "toml")
    [commands] = blocks(told, "console")
    base_url = '[site]\nbase_url = "https://a.example"\n'
    settings += f'indexnow_endpoint = "{engine.address}"\n'
    (home / "pressroom.toml").write_text(base_url + settings)
    printed = run(commands.replace("$ ", ""), home)

    assert "added    https://a.example/tea/\n" in printed
    assert [one["urlList"] for one in engine.told] == [
        ["https://a.example/", "https://a.example/tea/"]
    ]


def test_the_program_writes_the_structured_data_of_each_page(home: Path) -> None:
    of_data = section("Structured data")
    built(home, blocks(of_data, "toml")[0])
    [program] = blocks(of_data, "python")
    run(f"python - <<'END'\n{program}END", home)

    text = (home / "includes/tea.jsonld").read_text()
    assert r"Why <\/script>?" in text
    assert json.loads(text)["headline"] == "Why </script>?"
    assert (home / "includes/index.jsonld").exists()


def test_questions_are_pages_of_them_by_the_settings_that_are_shown(home: Path) -> None:
    site = built(home, blocks(section("Structured data"), "toml")[2])
    lines = (site / "structured-data.jsonl").read_text().splitlines()
    kinds = {json.loads(json.loads(line)["jsonld"])["@type"] for line in lines}
    assert kinds == {"QAPage"}
