"""The commands of the documentation run, in checkouts in which `make run` was called."""

import contextlib
import re
import shutil
from pathlib import Path

import dagster as dg
import pytest
import yaml

from pressroom.dagster.definitions import defs
from tests.checkout import blocks, checkout, run
from tests.conftest import ROOT
from tests.pages import PAGES, README, of_pages
from tests.quicktakes import TABLES
from tests.servers import BIN, Page, eventually, free_port, running

MAKE = {"make run\n", "make test\n", "make ui\n"}
# What needs a server of its own is in `tests/test_databases_page.py`.
SERVED = set(blocks(PAGES["docs/databases.md"], "sh"))
COMMANDS = [
    block
    for block in of_pages("sh")
    if not block.startswith("pressroom query") | (block in MAKE | SERVED)
]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout in which `make run` was called, beside a site of somebody."""
    home = checkout(tmp_path_factory.mktemp("project") / "pressroom")
    shutil.copytree(ROOT / "tests/cases/init/jekyll", home / "path/to/site")
    run("make run", home)
    return home


@pytest.fixture
def home(project: Path, tmp_path: Path) -> Path:
    """A copy of it, for commands that change something."""
    return shutil.copytree(project, tmp_path / "pressroom", symlinks=True)


def as_shown(shown: str) -> re.Pattern[str]:
    """What is shown, in which … stands for anything on its line."""
    return re.compile(re.escape(shown).replace("…", ".*"))


def test_make_run_ends_with_what_the_readme_shows(project: Path) -> None:
    shown = next(block for block in blocks(README, "text") if block.startswith("release"))
    printed = run("make -s run", project).splitlines(keepends=True)
    assert as_shown(shown).fullmatch("".join(printed[-shown.count("\n") :]))


def test_what_dagster_remembers_and_its_runs_print_is_for_the_user_alone(home: Path) -> None:
    instance = home / ".dagster"
    assert list(instance.glob("storage/*/compute_logs"))
    assert instance.stat().st_mode & 0o777 == 0o700
    instance.chmod(0o755)  # as earlier versions made it
    run("make .dagster/dagster.yaml", home)
    assert instance.stat().st_mode & 0o777 == 0o700


def test_make_test_runs_the_tests(project: Path) -> None:
    assert ".venv/bin/pytest" in run("make -n test", project)


def test_make_ui_serves_the_assets_on_loopback(home: Path, tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log"
    with running("make", "ui", f"PORT={port}", cwd=home, log=log):
        page = Page(port)
        eventually(page.answers, log=log)
        nodes = page.ask("{assetNodes{assetKey{path}}}")
        assert {node["assetKey"]["path"][-1] for node in nodes} >= {*TABLES, "release"}


def test_other_calls_of_make_than_those_above_are_in_no_block() -> None:
    assert {block for block in of_pages("sh") if "make" in block} == MAKE


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_run(home: Path, command: str) -> None:
    run(command, home)


def test_a_release_is_rolled_back_as_shown(home: Path) -> None:
    run("pressroom build --base-url https://other.example", home)
    for block in blocks(PAGES["docs/releases.md"], "console"):
        command, _, shown = block.removeprefix("$ ").partition("\n")
        assert as_shown(shown).match(run(command, home))
    run("pressroom build --base-url https://another.example", home)
    assert (home / "out/current").resolve().name.startswith("000003")


def test_the_commands_of_a_cluster_make_one(home: Path, tmp_path: Path) -> None:
    (block,) = blocks(PAGES["docs/cluster.md"], "console")
    here = block.replace("10.0.0.1", "127.0.0.1").replace("8786", str(free_port()))
    *servers, build = here.split("$ ")[1:]
    with contextlib.ExitStack() as cluster:
        for server in servers:
            program, *arguments = server.split()
            log = tmp_path / f"{arguments[0]}.log"
            cluster.enter_context(running(BIN / program, *arguments, cwd=home, log=log))
        run(f"for _ in $(seq 9); do {build.strip()} && break; done", home)


@pytest.mark.parametrize("config", [block for block in of_pages("yaml") if "ops:" in block])
def test_the_launchpad_takes_the_configuration_of_a_run(config: str) -> None:
    assert dg.validate_run_config(defs.resolve_job_def("publish"), yaml.safe_load(config))
