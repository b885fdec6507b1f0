"""What Pressroom is to stay below, and whether the figures of a run do."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from benchmarks.runs import COLD, FLOOR, HUGO, ONE, SCRIPT, SHARE, UNCHANGED
from benchmarks.workers import serial

Figures = Mapping[str, Mapping[str, float]]  # of runs: wall and CPU time, peak

_MIB = 1024 * 1024


class Target(NamedTuple):
    """A figure and the most that it may be.

    The figure is `wall`, `cpu` or `peak` of a run, over that of another where there is one. `files`
    is the size; the short commands have none.
    """

    files: int
    run: str
    most: float
    figure: str = "wall"
    over: str = ""


SERIAL = 0.12  # the share of a cold run
TARGETS = (
    Target(0, "version", 0.1),
    Target(0, "help", 0.1),
    Target(0, "status", 0.2),
    Target(0, "unchanged", 0.25),
    Target(0, "cold", 0.45),
    Target(1_000, COLD, 1.0, over=HUGO),
    Target(1_000, UNCHANGED, 0.6, over=HUGO),
    Target(1_000, ONE, 0.9, over=HUGO),
    Target(36_000, ONE, 1.0, over=FLOOR),
    Target(36_000, SHARE, 1.5, over=FLOOR),
    Target(36_000, UNCHANGED, 0.55, over=FLOOR),
    Target(36_000, COLD, 0.20, over=HUGO),
    Target(36_000, COLD, 0.40, over=SCRIPT),
    Target(36_000, COLD, 3.0, "cpu", over=FLOOR),
    Target(36_000, COLD, 250 * _MIB, "peak"),
    Target(100_000, COLD, 0.17, over=HUGO),
)


def figure(target: Target, runs: Figures) -> float | None:
    """What was measured, or None where one of the runs was not."""
    if target.run not in runs or (target.over and target.over not in runs):
        return None
    own = runs[target.run][target.figure]
    return own / runs[target.over][target.figure] if target.over else own


def runs_of(results: Mapping[str, Any], files: int) -> Figures:
    """The runs of a size, or the short commands, as far as they were measured."""
    if not files:
        found: Figures = results.get("startup", {}).get("runs", {})
        return found
    sizes = results.get("answers", {}).get("sizes", ())
    return next((size["runs"] for size in sizes if size["files"] == files), {})


def serial_share(results: Mapping[str, Any]) -> float | None:
    """The serial share of a cold run, if it was measured."""
    runs = results.get("workers", {}).get("runs")
    return serial(runs["1"]["wall"], runs["2"]["wall"]) if runs else None
