"""The benchmark: corpora of growing size, Pressroom beside its peers, figures into the README.

What is compared runs in turn, round by round, so that a slow hour of the machine falls on all.
"""

import argparse
import json
import shutil
import statistics
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import report
from benchmarks.measure import Usage
from benchmarks.runs import PEERS, Bench

_SAMPLE_EVERY = 0.05
_ROUNDS, _MOST_FILES_OF_ROUNDS = 3, 36_000


def measure(bench: Bench, files: int, peers: Sequence[str]) -> dict[str, Any]:
    """The figures of one size: a round that samples memory and warms up, then timed ones."""
    bench.prepare(files)
    rounds = _ROUNDS if files <= _MOST_FILES_OF_ROUNDS else 1
    _say(f"{files:,} files: memory")
    peaks = {name: used.peak for name, used in _round(bench, files, peers, 0).items()}
    walls: dict[str, list[float]] = defaultdict(list)
    cpus: dict[str, list[float]] = defaultdict(list)
    for number in range(1, rounds + 1):
        _say(f"{files:,} files: round {number} of {rounds}")
        for name, used in _round(bench, files, peers, number).items():
            walls[name].append(round(used.wall, 4))
            cpus[name].append(round(used.cpu, 4))
    runs = {name: _figures(walls[name], cpus[name], peaks[name]) for name in peaks}
    return {"files": files, "bytes": _size(bench.raw(files)), "rounds": rounds, "runs": runs}


def _round(bench: Bench, files: int, peers: Sequence[str], number: int) -> dict[str, Usage]:
    sample_every = 0 if number else _SAMPLE_EVERY
    used = {name: bench.peer(name, files, sample_every) for name in peers}
    used |= bench.builds(files, number, sample_every)
    bench.clear()
    _say(", ".join(f"{name} {one.wall:.2f} s" for name, one in used.items()))
    return used


def _figures(walls: list[float], cpus: list[float], peak: int) -> dict[str, Any]:
    return {
        "wall": statistics.median(walls),
        "cpu": statistics.median(cpus),
        "peak": peak,
        "walls": walls,
        "cpus": cpus,
    }


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*.md"))


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure Pressroom and its peers, and write the figures into the README."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bench", description=main.__doc__)
    parser.add_argument("sizes", type=int, nargs="+", metavar="FILES")
    parser.add_argument("--folder", type=Path, required=True, help="for corpora and results")
    parser.add_argument("--peers", default=" ".join(PEERS), help="which of them, with blanks")
    given = parser.parse_args(arguments)
    bench, peers = Bench(given.folder.resolve()), given.peers.split()
    if unknown := set(peers) - set(PEERS):
        parser.error(f"no such peer: {', '.join(unknown)}")
    shutil.rmtree(bench.out, ignore_errors=True)
    results = report.machine() | {
        "sizes": [measure(bench, files, peers) for files in sorted(given.sizes)]
    }
    (bench.folder / "results.json").write_text(json.dumps(results, indent=2) + "\n")
    report.publish(bench, "results")


if __name__ == "__main__":
    main()
