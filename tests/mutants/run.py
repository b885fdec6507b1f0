"""Mutation testing of modules: ``python -m tests.mutants.run FOLDER CHILDREN MODULE …``.

mutmut changes one expression at a time, and runs the tests that reach it. A mutant that survives
is a change of the program that no test notices: a test is missing, the code says more than it has
to, or the change is none. Functions with a decorator (properties, context managers, caches) are
left out by mutmut, as is what stands outside of functions.

For each module FOLDER gets a copy of the project, in which ``mutmut browse`` and ``mutmut show``
tell more, and the log of the run. CHILDREN mutants are tested at a time. mutmut is no dependency
of the project: ``make mutants`` installs it into an environment of its own, beside the project's
packages.
"""

import json
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent.parent
# mutmut imports what it changes from the copy, by the name of its folder.
_COPIED = {
    "pipeline": "pressroom",
    "assets": "pressroom/dagster",
    "tests": "tests",
    "pyproject.toml": "pyproject.toml",
}
_MUTMUT = Path(sys.executable).with_name("mutmut")
# The tests of a module: pytest's arguments. None of them may take long, for each mutant that
# survives has run them all; those that no mutant reaches in the process of the test are not run.
_TESTS = {
    "engine/checks": ["tests/test_checks.py"],
    "releases/cache": ["tests/test_cache.py"],
    "releases/manifest": ["tests/test_release_folders.py"],
    "tables/ledger": ["tests/test_ledger_rows.py"],
}
_UNNOTICED = ("survived", "no tests")


def main() -> None:
    """Test the mutants of the modules that the arguments name."""
    folder, children, *modules = sys.argv[1:]
    for module in modules:
        home = Path(folder) / module
        _copy(home, module)
        _report(module, home, _run(home, children))


def _copy(home: Path, module: str) -> None:
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    for name, there in _COPIED.items():
        source = _ROOT / name
        if source.is_dir():
            shutil.copytree(source, home / there, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, home / there)
    settings = {
        "source_paths": ["pressroom"],
        "only_mutate": [f"pressroom/{module}.py"],
        "pytest_add_cli_args_test_selection": [*_TESTS[module], "-k", "not cluster"],
        "pytest_add_cli_args": ["-p", "tests.mutants.plugin", "-p", "no:cacheprovider"],
    }
    # Lists of text are the same in TOML as in JSON.
    lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    with (home / "pyproject.toml").open("a") as stream:
        stream.write("\n".join(["", "[tool.mutmut]", *lines, ""]))


def _run(home: Path, children: str) -> float:
    """Run mutmut in a copy of the project: how many seconds that took."""
    began = time.monotonic()
    with (home / "log").open("wb") as log:
        command = [str(_MUTMUT), "run", "--max-children", children]
        done = subprocess.run(command, cwd=home, stdout=log, stderr=log, check=False)
    if done.returncode:
        sys.exit(f"mutmut failed: see {home / 'log'}")
    return time.monotonic() - began


def _report(module: str, home: Path, seconds: float) -> None:
    listed = _mutmut(home, "results", "--all", "true").splitlines()
    found = dict(line.strip().rsplit(": ", 1) for line in listed if ": " in line)
    counts = Counter(found.values())
    noticed = len(found) - sum(counts[status] for status in _UNNOTICED)
    figures = ", ".join(f"{count:,} {status}" for status, count in counts.most_common())
    for name, status in found.items():
        if status != "killed":
            print(_mutmut(home, "show", name))
    print(
        f"{module}: {noticed / max(1, len(found)):.1%} of {len(found):,} mutants noticed"
        f" ({figures}) in {seconds:,.0f} s",
        flush=True,
    )


def _mutmut(home: Path, *arguments: str) -> str:
    done = subprocess.run([_MUTMUT, *arguments], cwd=home, capture_output=True, check=True)
    return done.stdout.decode()


if __name__ == "__main__":
    main()
