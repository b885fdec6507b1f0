"""Commands that run in turn, round by round, so that a slow hour of the machine falls on all."""

import statistics
import sys
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from benchmarks.measure import Usage

_SAMPLE_EVERY = 0.05
_SHORT_ROUNDS, _SHORT_FILES = 7, 1_000
_ROUNDS, _MOST_FILES_OF_ROUNDS = 3, 36_000

# Runs all commands once, given the number of the round and how often memory is sampled.
Round = Callable[[int, float], dict[str, Usage]]


def wanted(files: int, rounds: int) -> int:
    """How many rounds so many files get: as the command line says, or more of what is short."""
    if rounds:
        return rounds
    if files <= _SHORT_FILES:
        return _SHORT_ROUNDS
    return _ROUNDS if files <= _MOST_FILES_OF_ROUNDS else 1


def in_turn(title: str, rounds: int, one_round: Round) -> dict[str, Any]:
    """The figures of commands: a round that samples memory and warms up, then timed ones."""
    say(f"{title}: memory")
    peaks = {name: used.peak for name, used in one_round(0, _SAMPLE_EVERY).items()}
    walls: dict[str, list[float]] = defaultdict(list)
    cpus: dict[str, list[float]] = defaultdict(list)
    for number in range(1, rounds + 1):
        say(f"{title}: round {number} of {rounds}")
        used = one_round(number, 0)
        say(", ".join(f"{name} {one.wall:.2f} s" for name, one in used.items()))
        for name, one in used.items():
            walls[name].append(round(one.wall, 4))
            cpus[name].append(round(one.cpu, 4))
    runs = {name: _figures(walls[name], cpus[name], peaks[name]) for name in peaks}
    return {"rounds": rounds, "runs": runs}


def _figures(walls: list[float], cpus: list[float], peak: int) -> dict[str, Any]:
    return {
        "wall": statistics.median(walls),
        "cpu": statistics.median(cpus),
        "peak": peak,
        "walls": walls,
        "cpus": cpus,
    }


def say(line: str) -> None:
    """Tell who waits what is measured."""
    print(line, file=sys.stderr, flush=True)
