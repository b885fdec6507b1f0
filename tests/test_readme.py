"""What the README says is true: its commands and queries run, its lists are complete."""

import contextlib
import dataclasses
import re
from pathlib import Path

import pytest

from pressroom.base.problems import Code, FindingCode
from pressroom.cli import app
from pressroom.model.settings import Settings, load
from tests.checkout import blocks, checkout, run
from tests.conftest import ROOT
from tests.quicktakes import MODEL, TABLES
from tests.servers import BIN, Page, eventually, free_port, running
from tests.standards.releases import Published

pytest_plugins = ["tests.standards.fixtures"]

README = (ROOT / "README.md").read_text()
QUERY = "pressroom query"
QUERIES = [block for block in blocks(README, "sh") if block.startswith(QUERY)]
FRAMES = str.maketrans(dict.fromkeys("─│┌┐└┘├┤┬┴┼═╞╡╪┆", " "))
TEN = 10


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout in which `make run` was called."""
    home = checkout(tmp_path_factory.mktemp("project") / "pressroom")
    run("make run", home)
    return home


def test_make_run_ends_with_what_the_readme_shows(project: Path) -> None:
    shown = next(block for block in blocks(README, "text") if block.startswith("release"))
    printed = run("make -s run", project).splitlines()
    expected = shown.splitlines()
    for line, said in zip(expected, printed[-len(expected) :], strict=True):
        assert re.fullmatch(re.escape(line).replace("…", ".*"), said)


def test_what_dagster_remembers_and_its_runs_print_is_for_the_user_alone(project: Path) -> None:
    home = project / ".dagster"
    assert list(home.glob("storage/*/compute_logs"))
    assert home.stat().st_mode & 0o777 == 0o700
    home.chmod(0o755)  # as earlier versions made it
    run("make .dagster/dagster.yaml", project)
    assert home.stat().st_mode & 0o777 == 0o700


def test_make_ui_serves_the_assets_on_loopback(project: Path, tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log"
    with running("make", "ui", f"PORT={port}", cwd=project, log=log):
        page = Page(port)
        eventually(page.answers, log=log)
        nodes = page.ask("{assetNodes{assetKey{path}}}")
        assert {node["assetKey"]["path"][-1] for node in nodes} >= {*TABLES, "release"}


@pytest.mark.parametrize(
    "command", [c for c in blocks(README, "sh") if not c.startswith(("make", QUERY))]
)
def test_the_commands_run(project: Path, command: str) -> None:
    run(command, project)


def test_the_commands_of_a_cluster_make_one(project: Path, tmp_path: Path) -> None:
    (block,) = blocks(README, "console")
    here = block.replace("10.0.0.1", "127.0.0.1").replace("8786", str(free_port()))
    *servers, build = here.split("$ ")[1:]
    with contextlib.ExitStack() as cluster:
        for server in servers:
            program, *arguments = server.split()
            log = tmp_path / f"{arguments[0]}.log"
            cluster.enter_context(running(BIN / program, *arguments, cwd=project, log=log))
        run(f"for _ in $(seq 9); do {build.strip()} && break; done", project)


# A piece of each query and program, and of its answer for the sample; blanks and frames left out.
ANSWERS = [
    ("as articles from articles group by all", "Data Engineering 5 Data engineering 2"),
    ("from findings", "missing_link warning 1 1 repeated_link warning 1 1 self_link warning 1 1"),
    (
        "status = 'missing'",
        '"learn/information-retrieval/how-does-pagerank-use-a-random-surfer.md",44,'
        '"/learn/information-retrieval/questions/how-does-hits-rank-hubs-and-authorities"',
    ),
    ("order by links_in", "When does a database index not help? 5 2"),
    ("is_orphan", "Distributed Systems 3 1 63"),
    ("having", '4203 ["Databases", "Distributed Systems"] What does eventual consistency mean'),
    ("subject != label", "learn/data-engineering/why-does-a-csv-file-need-quoting-rules.md"),
    ("from changes", "added – 35"),
    ("strftime(published", "2025-11 4 1089 2025-12 17 4289 2026-01 14 3107"),
    ("term_key_x", "alert incident 2"),
    ("pl.scan_parquet", "data-engineering 290 How can escaped line breaks be"),
]


def home_of(sample: Published) -> Path:
    """The folder in which `out` is that of a release."""
    return sample.root.parent.parent.parent


@pytest.mark.parametrize(("piece", "said"), ANSWERS)
def test_the_questions_are_answered(sample: Published, piece: str, said: str) -> None:
    (asked,) = (block for block in [*QUERIES, *blocks(README, "python")] if piece in block)
    command = asked if asked in QUERIES else f"python - <<'END'\n{asked}END"
    printed = " ".join(run(command, home_of(sample)).translate(FRAMES).split())

    assert said in printed


def test_every_query_and_program_is_held_to_an_answer() -> None:
    assert len(ANSWERS) == len(QUERIES) + len(blocks(README, "python")) == 1 + TEN


def test_a_query_prints_what_the_readme_shows(sample: Published) -> None:
    query, shown = re.findall(
        r"^```sh\n(pressroom query[^`]*)```\n\n```text\n(.*?)^```$",
        README,
        re.MULTILINE | re.DOTALL,
    )[0]

    assert [
        line.rstrip() for line in run(query, home_of(sample)).splitlines()
    ] == shown.splitlines()


def test_the_images_are_those_of_the_folder_and_small() -> None:
    images = {str(path.relative_to(ROOT)) for path in (ROOT / "docs" / "images").iterdir()}
    assert set(re.findall(r"^!\[.*\]\((.*\.png)\)$", README, re.MULTILINE)) == images
    assert all((ROOT / image).stat().st_size < 150_000 for image in images)


DOCS = [path.read_text() for path in sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("settings", [x for text in (README, *DOCS) for x in blocks(text, "toml")])
def test_the_settings_are_accepted(tmp_path: Path, settings: str) -> None:
    path = tmp_path / "pressroom.toml"
    path.write_text(settings)
    assert load(path)


def test_the_settings_file_of_the_project_is_that_of_the_readme_and_explains_itself() -> None:
    settings = load(ROOT / "pressroom.toml")
    assert settings.content.preset == MODEL.preset
    assert settings.limits == Settings().limits
    assert settings.exports == Settings().exports


def test_every_section_of_the_settings_stands_in_the_settings_file() -> None:
    text = (ROOT / "pressroom.toml").read_text()
    for section in dataclasses.fields(Settings):
        assert f"[{section.name}]" in text


def test_every_table_code_command_and_option_is_in_the_readme() -> None:
    words = {*TABLES, *Code, *FindingCode}
    words |= {f"pressroom {name}" for name in app.main.commands}
    words |= {
        option
        for name in app.main.commands
        for parameter in app.load(name).params
        for option in parameter.opts
        if option.startswith("-")
    }
    missing = sorted(word for word in words if f"`{word}" not in README)
    assert not missing
