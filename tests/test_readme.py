"""What the README says is true: its commands and queries run, its lists are complete."""

import contextlib
import dataclasses
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import duckdb
import pytest

from pipeline.cli import main
from pipeline.errors import Code
from pipeline.findings import FindingCode
from pipeline.schemas import TABLES
from pipeline.settings import Settings, load
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text()
BIN = Path(sys.executable).parent


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with its environment, in which `make run` was called."""
    home = tmp_path_factory.mktemp("project") / "pressroom"
    made = (".*", "out", "tests", "*.egg-info", "__pycache__")
    shutil.copytree(ROOT, home, ignore=shutil.ignore_patterns(*made))
    (home / ".venv").mkdir()
    (home / ".venv" / "bin").symlink_to(BIN)
    (home / ".venv" / ".ready").touch()
    run("make run", home)
    return home


def run(command: str, home: Path) -> str:
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=home,
        env={**os.environ, "PATH": path, "DAGSTER_DISABLE_TELEMETRY": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_make_run_ends_with_what_the_readme_shows(project: Path) -> None:
    shown = next(block for block in blocks("text") if block.startswith("release"))
    printed = run("make -s run", project)
    lines = zip(shown.splitlines(), printed.splitlines()[-8:], strict=True)
    for line, said in lines:
        assert re.fullmatch(re.escape(line).replace("…", ".*"), said)


def test_make_ui_serves_the_assets_on_loopback(project: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    server = subprocess.Popen(
        ["make", "ui", f"PORT={port}"],
        cwd=project,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        assert assets_served(f"http://127.0.0.1:{port}/graphql") >= {*TABLES, "release"}
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def assets_served(address: str) -> set[str]:
    """The assets that a server knows, once it answers."""
    query = json.dumps({"query": "{assetNodes{assetKey{path}}}"}).encode()
    request = urllib.request.Request(address, query, {"Content-Type": "application/json"})
    for _ in range(120):
        with contextlib.suppress(OSError), urllib.request.urlopen(request) as response:
            nodes = json.load(response)["data"]["assetNodes"]
            return {node["assetKey"]["path"][-1] for node in nodes}
        time.sleep(0.5)
    pytest.fail("the server did not answer within a minute")


@pytest.mark.parametrize("command", [c for c in blocks("sh") if not c.startswith("make")])
def test_the_commands_run(project: Path, command: str) -> None:
    run(command, project)


@pytest.mark.parametrize("query", blocks("sql"))
def test_the_queries_give_rows(project: Path, query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    answer = duckdb.sql(query)
    assert answer
    assert answer.fetchall()


@pytest.mark.parametrize("program", blocks("python"))
def test_the_programs_print_something(project: Path, program: str) -> None:
    script = project / "example.py"
    script.write_text(program)
    assert run("python example.py", project)


@pytest.mark.parametrize("settings", blocks("toml"))
def test_the_settings_are_accepted(tmp_path: Path, settings: str) -> None:
    path = tmp_path / "pressroom.toml"
    path.write_text(settings)
    assert load(path)


def test_the_settings_file_of_the_project_is_that_of_the_readme_and_explains_itself() -> None:
    settings = load(ROOT / "pressroom.toml")
    assert settings.content.required == Settings().content.required
    assert settings.limits == Settings().limits
    assert settings.exports == Settings().exports


def test_every_section_of_the_settings_stands_in_the_settings_file() -> None:
    text = (ROOT / "pressroom.toml").read_text()
    for section in dataclasses.fields(Settings):
        assert f"[{section.name}]" in text


def test_every_table_code_command_and_option_is_in_the_readme() -> None:
    words = {*TABLES, *Code, *FindingCode}
    words |= {f"pressroom {name}" for name in main.commands}
    words |= {
        option
        for name in main.commands
        for parameter in main.commands[name].params
        for option in parameter.opts
    }
    missing = sorted(word for word in words if f"`{word}" not in README)
    assert not missing
