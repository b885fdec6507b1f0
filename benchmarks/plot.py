"""The plots of the README. It runs in the peers' environment, which has matplotlib.

Usage: python plot.py (results | large) FIGURES.json PLOT.svg
"""

import json
import sys
from typing import Any

import matplotlib as mpl

mpl.use("svg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

_MIB = 1024 * 1024
_LINES = {
    "hugo": ("Hugo", "#7a7a7a", "s", "-"),
    "script": ("script", "#b07d2b", "^", "-"),
    "fmql": ("fmql", "#6b4f2a", "D", "--"),
    "floor": ("floor", "#7a7a7a", "v", ":"),
    "cold": ("Pressroom, cold", "#0b5fa5", "o", "-"),
    "share": ("Pressroom, 1 % changed", "#2a9d8f", "o", "--"),
    "one": ("Pressroom, one file changed", "#8e5bb5", "o", "-."),
    "unchanged": ("Pressroom, unchanged", "#c8385a", "o", ":"),
}


def scale(results: dict[str, Any]) -> Figure:
    """Wall time and peak memory over the number of files."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.6))
    _over_files(left, results["sizes"], "wall", 1, "Wall time, s")
    _over_files(right, results["sizes"], "peak", _MIB, "Peak memory, MiB")
    lines, labels = left.get_legend_handles_labels()
    figure.legend(lines, labels, loc="lower center", ncols=4, frameon=False)
    figure.tight_layout(rect=(0, 0.13, 1, 1))
    return figure


def _over_files(axes: Axes, sizes: list[Any], key: str, unit: int, title: str) -> None:
    for name, (label, color, marker, style) in _LINES.items():
        points = [
            (size["files"], size["runs"][name][key] / unit)
            for size in sizes
            if name in size["runs"]
        ]
        if points:
            axes.plot(
                *zip(*points, strict=True), style, color=color, marker=marker, ms=5, label=label
            )
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("Files")
    ticks = [size["files"] for size in sizes]
    axes.set_xticks(ticks, [f"{files:,}" for files in ticks])
    axes.minorticks_off()
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 3)))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,g}")
    axes.set_title(title, loc="left")
    _quiet(axes)


def over_time(results: dict[str, Any]) -> Figure:
    """Memory over time of the cold build of each size, with its stages."""
    sizes = list(results.values())
    figure, rows = plt.subplots(len(sizes), 1, figsize=(10, 3.4 * len(sizes)), squeeze=False)
    for axes, size in zip(rows[:, 0], sizes, strict=True):
        run = size["runs"]["cold"]
        seconds, memory = zip(*run["memory"], strict=True)
        axes.plot(seconds, [size / _MIB for size in memory], color="#0b5fa5", lw=1.5)
        axes.set_xlim(0, run["wall"])
        axes.set_ylim(0, 1.25 * run["peak"] / _MIB)
        for stage in run["stages"]:
            axes.axvline(stage["ended"], color="#bbbbbb", lw=0.8)
            if stage["ended"] - stage["began"] > 0.05 * run["wall"]:
                middle = (stage["began"] + stage["ended"]) / 2
                axes.text(middle, 1.19 * run["peak"] / _MIB, stage["name"], ha="center", va="top")
        axes.set_title(f"Memory of a cold build of {size['files']:,} files, MiB", loc="left")
        axes.set_xlabel("Seconds")
        _quiet(axes)
    figure.tight_layout()
    return figure


def _quiet(axes: Axes) -> None:
    axes.grid(color="#e6e6e6")
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def main() -> None:
    """Draw the plot that the command line names."""
    kind, figures, target = sys.argv[1:]
    mpl.rcParams["svg.hashsalt"] = "pressroom"  # the same figures give the same file
    with open(figures, encoding="utf-8") as file:  # noqa: PTH123
        results = json.load(file)
    figure = scale(results["answers"]) if kind == "results" else over_time(results)
    figure.savefig(target, facecolor="white", metadata={"Date": None})


if __name__ == "__main__":
    main()
