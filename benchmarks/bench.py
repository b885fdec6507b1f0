"""The benchmark: Pressroom beside its peers, part by part, figures into the README."""

import argparse
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import exports, report, startup, workers
from benchmarks.measure import Usage
from benchmarks.rounds import in_turn, wanted
from benchmarks.runs import DOCS, PEERS, Bench

# The files of the other parts, and fewer where no size is as large.
_DOCS_FILES, _EXPORTS_FILES, _WORKERS_FILES = (1_000, 10_000), 10_000, 36_000


def sizes(bench: Bench, files: Sequence[int], peers: Sequence[str], rounds: int) -> dict[str, Any]:
    """The figures of a site at these sizes."""
    return {"sizes": [_size(bench, each, peers, rounds) for each in sorted(files)]}


def _size(bench: Bench, files: int, peers: Sequence[str], rounds: int) -> dict[str, Any]:
    bench.prepare(files)

    def one_round(number: int, sample_every: float) -> dict[str, Usage]:
        names = bench.peers(files, peers)
        used = {name: bench.peer(name, files, sample_every) for name in names}
        used |= bench.builds(files, number, sample_every)
        bench.clear()
        return used

    written = sum(path.stat().st_size for path in bench.raw(files).rglob("*.md"))
    title = f"{files:,} files of {bench.site.name}"
    return {"files": files, "bytes": written} | in_turn(title, wanted(files, rounds), one_round)


def measure(part: str, bench: Bench, given: argparse.Namespace) -> dict[str, Any]:
    """The figures of one part of the page."""
    peers, largest, rounds = given.peers.split(), max(given.sizes), given.rounds
    match part:
        case report.STARTUP:
            return startup.measure(bench, rounds)
        case report.ANSWERS:
            return sizes(bench, given.sizes, peers, rounds)
        case report.DOCS:
            files = sorted({min(each, largest) for each in _DOCS_FILES})
            return sizes(Bench(bench.folder, DOCS), files, peers, rounds)
        case report.EXPORTS:
            return exports.measure(bench, min(_EXPORTS_FILES, largest), rounds)
        case _:
            return workers.measure(bench, min(_WORKERS_FILES, largest), rounds)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure Pressroom and its peers, and write the figures into the README."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bench", description=main.__doc__)
    parser.add_argument("sizes", type=int, nargs="+", metavar="FILES")
    parser.add_argument("--folder", type=Path, required=True, help="for corpora and results")
    parser.add_argument("--parts", default=" ".join(report.PARTS), help="which, with blanks")
    parser.add_argument("--peers", default=" ".join(PEERS), help="which of them, with blanks")
    parser.add_argument("--rounds", type=int, default=0, help="instead of as many as are worth it")
    given = parser.parse_args(arguments)
    bench, parts = Bench(given.folder.resolve()), given.parts.split()
    if unknown := {*given.peers.split()} - {*PEERS} | {*parts} - {*report.PARTS}:
        parser.error(f"no such peer or part: {', '.join(sorted(unknown))}")
    shutil.rmtree(bench.out, ignore_errors=True)
    place = bench.folder / "results.json"
    results = json.loads(place.read_text()) if place.exists() else {}
    for part in parts:
        results[part] = report.machine() | measure(part, bench, given)
        place.write_text(json.dumps(results, indent=2) + "\n")
    report.publish(bench, results)


if __name__ == "__main__":
    main()
