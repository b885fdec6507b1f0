"""Checkouts of the project, in which commands are run as people type them."""

import os
import re
import shutil
import subprocess
import textwrap
import time
from collections.abc import Mapping
from pathlib import Path

from tests.conftest import ROOT
from tests.servers import BIN


def blocks(text: str, language: str) -> list[str]:
    """The code blocks of a Markdown text that are in a language."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^\1```$", text, re.MULTILINE | re.DOTALL)
    return [textwrap.dedent(block) for _, block in found]


def checkout(home: Path) -> Path:
    """A copy of the project in a new folder, with the environment of the tests."""
    made = (".*", "out", "tests", "*.egg-info", "__pycache__")
    shutil.copytree(ROOT, home, ignore=shutil.ignore_patterns(*made))
    give_environment(home)
    return home


def give_environment(home: Path) -> None:
    """Let a checkout use the environment of the tests as its own, which make finds up to date."""
    (home / ".venv").mkdir()
    for name in ("bin", "lib", "pyvenv.cfg"):
        (home / ".venv" / name).symlink_to(BIN.parent / name)
    for name in (".ready", ".server"):
        stamp = home / ".venv" / name
        stamp.touch()
        os.utime(stamp, (time.time() + 24 * 3600,) * 2)


def run(
    command: str, home: Path, status: int = 0, environment: Mapping[str, str] | None = None
) -> str:
    """What the lines of a shell print."""
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=home,
        env={**os.environ, "PATH": path, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stderr
    return done.stdout
