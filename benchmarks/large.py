"""One run each of Pressroom over a corpus too large to repeat: its stages, its memory over time.

Memory is sampled in the same run, so seldom that it takes well below a hundredth of the time.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import report
from benchmarks.measure import Usage, stages
from benchmarks.runs import COLD, UNCHANGED, Bench

_SAMPLE_EVERY = 1.0


def measure(bench: Bench, files: int, whats: Sequence[str]) -> dict[str, Any]:
    """The figures of one size."""
    bench.prepare(files)
    runs = {}
    for what in whats:
        print(f"{files:,} files: {what}", file=sys.stderr, flush=True)
        runs[what] = _figures(bench.pressroom(what, files, _SAMPLE_EVERY, quiet=False))
    written = sum(path.lstat().st_size for path in bench.out.rglob("*") if path.is_file())
    bench.clear()
    return {"files": files, "runs": runs, "written": written}


def _figures(used: Usage) -> dict[str, Any]:
    return {
        "wall": used.wall,
        "cpu": used.cpu,
        "peak": used.peak,
        "stages": stages(used),
        "memory": [(round(seconds, 2), size) for seconds, size in used.memory],
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure single runs of Pressroom, and write the figures into the README."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.large", description=main.__doc__)
    parser.add_argument("files", type=int, metavar="FILES")
    parser.add_argument("--folder", type=Path, required=True, help="for corpora and results")
    parser.add_argument("--runs", default=f"{COLD} {UNCHANGED}", help="which of these two")
    given = parser.parse_args(arguments)
    bench, whats = Bench(given.folder.resolve()), given.runs.split()
    if whats not in ([COLD], [COLD, UNCHANGED]):
        parser.error(f"--runs is '{COLD}' or '{COLD} {UNCHANGED}'")
    bench.clear()
    results = report.machine() | measure(bench, given.files, whats)
    place = bench.folder / "large.json"
    known = json.loads(place.read_text()) if place.exists() else {}
    known[str(given.files)] = results  # in the order of sizes, whenever each was measured
    ordered = {files: known[files] for files in sorted(known, key=int)}
    place.write_text(json.dumps(ordered, indent=1) + "\n")
    report.publish_large(bench, ordered)


if __name__ == "__main__":
    main()
