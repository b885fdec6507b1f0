"""What share of a cold build one core must do alone, from builds with one worker and with two.

Amdahl: if a build with one worker takes t₁, of which the share s is serial, then one with two takes
t₂ = t₁ (s + (1 − s) / 2), so that s = 2 t₂ / t₁ − 1.
"""

import statistics
from collections import defaultdict
from typing import Any

from benchmarks.measure import Usage, stages
from benchmarks.rounds import in_turn, wanted
from benchmarks.runs import COLD, Bench

_WORKERS = (1, 2)
_OWN_STAGES = ("ingest", "link", "summarize", "manifest", "audit", "release", "end")


def measure(bench: Bench, files: int, rounds: int) -> dict[str, Any]:
    """The figures of a cold build with one worker and with two, and its stages."""
    bench.prepare(files)
    seconds: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))

    def one_round(number: int, sample_every: float) -> dict[str, Usage]:
        used = {}
        for workers in _WORKERS:
            options = ("--workers", str(workers))
            name = str(workers)
            used[name] = bench.pressroom(COLD, files, sample_every, quiet=False, options=options)
            if number:
                for stage, took in by_stage(used[name]).items():
                    seconds[stage][name].append(took)
        bench.clear()
        return used

    results = in_turn(f"workers of {files:,} files", wanted(files, rounds), one_round)
    medians = {
        stage: {name: statistics.median(took) for name, took in runs.items()}
        for stage, runs in seconds.items()
    }
    return {"files": files, "stages": medians} | results


def by_stage(used: Usage) -> dict[str, float]:
    """The seconds of each stage; exports, which run side by side, are one."""
    seconds: dict[str, float] = defaultdict(float)
    for stage in stages(used):
        name = stage["name"] if stage["name"] in _OWN_STAGES else "exports"
        seconds[name] += stage["ended"] - stage["began"]
    return seconds


def serial(one: float, two: float) -> float:
    """The serial share of what takes so long with one worker and with two."""
    return 2 * two / one - 1
