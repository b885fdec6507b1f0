"""The locks: what is installed is what was locked, to the byte, and no server gets dev tools."""

import re
import tomllib
from typing import NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.checkout import run
from tests.conftest import ROOT

DEV, RUNTIME = "requirements.lock", "requirements-runtime.lock"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
_ENTRY = re.compile(r"([\w.-]+)(\[[\w,-]+\])?==([^\s\\;]+)(?: ; [^\\]+)?((?: \\\n +--hash=\S+)*)\n")


class Pin(NamedTuple):
    """The version of a package, and the digests of its files."""

    version: str
    hashes: list[str]


def pins(lock: str) -> dict[str, Pin]:
    """What a lock holds, all of which is pins and comments."""
    text = (ROOT / lock).read_text()
    found: dict[str, Pin] = {
        canonicalize_name(name): Pin(version, re.findall("--hash=(.+?)(?: |$)", hashes, re.M))
        for name, _, version, hashes in _ENTRY.findall(text)
    }
    rest = re.sub(r"^\s*#.*\n|^\n", "", _ENTRY.sub("", text), flags=re.M)
    assert not rest
    return found


def required(*extras: str) -> list[Requirement]:
    """What the project asks for, with some of its extras."""
    asked = [*PROJECT["dependencies"], *(one for extra in extras for one in EXTRAS[extra])]
    return list(map(Requirement, asked))


SERVER = sorted(EXTRAS.keys() - {"dev"})


@pytest.mark.parametrize("lock", [DEV, RUNTIME])
def test_each_pin_has_the_digests_of_its_files(lock: str) -> None:
    assert len(pins(lock)) > 50
    for name, pin in pins(lock).items():
        assert pin.hashes, name
        assert all(re.fullmatch("sha256:[0-9a-f]{64}", one) for one in pin.hashes), name


@pytest.mark.parametrize("lock", [DEV, RUNTIME])
def test_a_lock_names_no_host_and_no_folder(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert not re.search(r"://|(^| )(-i|-f|--\w+-(url|links|host)|file:)\b| @ |^/", text, re.M)


def test_what_a_server_runs_is_what_is_tested() -> None:
    dev = pins(DEV)
    assert pins(RUNTIME).items() <= dev.items()


@pytest.mark.parametrize(("lock", "extras"), [(DEV, [*EXTRAS]), (RUNTIME, SERVER)])
def test_a_lock_holds_all_that_the_project_asks_for(lock: str, extras: list[str]) -> None:
    found = pins(lock)
    for asked in required(*extras):
        assert found[canonicalize_name(asked.name)].version in asked.specifier, asked


def test_a_server_gets_no_tools_of_development() -> None:
    tools = {canonicalize_name(Requirement(one).name) for one in EXTRAS["dev"]}
    of_libraries = {"markdown-it-py"}  # of rich
    assert tools & pins(RUNTIME).keys() <= of_libraries


@pytest.mark.parametrize(("target", "lock"), [(".venv/.ready", DEV), ("server", RUNTIME)])
def test_make_installs_what_is_locked_and_nothing_else(target: str, lock: str) -> None:
    installs = re.findall(r"pip install .*", run(f"make -nB {target}", ROOT))
    assert installs == [
        f"pip install -qq --require-hashes -r {lock}",
        "pip install -qq --no-deps --no-build-isolation -e .",
    ]


def test_make_locks_all_extras_of_a_server() -> None:
    commands = run("make -nB lock", ROOT)
    assert sorted(re.findall(r"--extra (\S+)", commands)) == SERVER
