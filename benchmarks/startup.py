"""Short commands, and the sample of the repository in a folder of its own."""

import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.measure import Usage, run
from benchmarks.rounds import in_turn, wanted
from benchmarks.runs import COLD, HERE, UNCHANGED, Bench, expect, pressroom

_ROOT = HERE.parent


def measure(bench: Bench, rounds: int) -> dict[str, Any]:
    """The figures of commands that take well below a second."""
    raw = _ROOT / "raw"
    files = sum(1 for path in raw.rglob("*") if path.is_file())

    def one_round(_: int, sample_every: float) -> dict[str, Usage]:
        home = bench.out / "sample"
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(raw, home / "raw")
        shutil.copy(_ROOT / "pressroom.toml", home)
        commands = _commands(home)
        used = {
            name: run(command, bench.folder, sample_every) for name, command in commands.items()
        }
        published = [json.loads(used[name].out)["published"] for name in ("cold", "unchanged")]
        expect(published, [True, False], "releases of the sample")
        bench.clear()
        return used

    return {"files": files} | in_turn("short commands", wanted(files, rounds), one_round)


def _commands(home: Path) -> Mapping[str, Sequence[str]]:
    """The commands in their order, by what results call them."""
    settings = ["--settings", str(home / "pressroom.toml")]
    build = [pressroom(), "build", "--json", "--quiet", *settings]
    return {
        "python": [sys.executable, "-c", "pass"],
        "version": [pressroom(), "--version"],
        "help": [pressroom(), "--help"],
        COLD: build,
        UNCHANGED: build,
        "status": [pressroom(), "status", *settings],
    }
