"""How figures are shown: tables and plots between the markers of the README."""

import datetime as dt
import json
import os
import platform
import re
import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from benchmarks.runs import COLD, HERE, ONE, PEERS, SHARE, UNCHANGED, Bench, cores

_README = HERE / "README.md"
_PACKAGES = ("numpy", "pandas", "pyarrow", "PyYAML")
_PEERS_PACKAGES = {"hugo": ("hugo",), "script": ("python-frontmatter", "Markdown")}
_LABELS = {
    "hugo": "Hugo",
    "script": "script",
    "floor": "floor",
    COLD: "**Pressroom, cold**",
    UNCHANGED: "**Pressroom, unchanged**",
    SHARE: "**Pressroom, 1 % changed**",
    ONE: "**Pressroom, one file changed**",
}
_MIB = 1024 * 1024


def machine() -> dict[str, Any]:
    """What the figures hold for: date, cores, memory and versions."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    pins = (HERE / "peers" / "requirements.txt").read_text()
    return {
        "date": f"{dt.datetime.now(dt.UTC):%Y-%m-%d}",
        "cores": cores(),
        "memory": memory,
        "python": platform.python_version(),
        "packages": {name: version(name) for name in _PACKAGES},
        "peers": dict(re.findall(r"^(\S+)==(\S+)", pins, re.MULTILINE)),
    }


def publish(bench: Bench, name: str) -> None:
    """Draw the plot of some results, and write their tables into the README."""
    place = bench.folder / f"{name}.json"
    results = json.loads(place.read_text())
    plot = HERE / f"{name}.svg"
    command = [bench.python(), str(HERE / "plot.py"), name, str(place), str(plot)]
    subprocess.run(command, check=True)
    text = _tables(results) if name == "results" else _runs(results)
    text += f"\n![{_ALTERNATIVES[name]}]({plot.name})\n"
    before, begin, rest = _README.read_text().partition(f"<!-- begin {name} -->\n")
    _, end, after = rest.partition(f"<!-- end {name} -->\n")
    _README.write_text(f"{before}{begin}\n{text}\n{end}{after}")


_ALTERNATIVES = {
    "results": "Wall time and peak memory over the number of files, on logarithmic axes",
    "large": "Memory over time of cold builds, with their stages",
}


def _tables(results: dict[str, Any]) -> str:
    measured = {name for size in results["sizes"] for name in size["runs"]}
    used = [packages for peer, packages in _PEERS_PACKAGES.items() if peer in measured]
    peers = [package for packages in used for package in packages]
    return "\n".join([_machine(results, peers), *map(_table, results["sizes"])])


def _machine(results: dict[str, Any], peers: Sequence[str] = ()) -> str:
    versions = [f"Python {results['python']}", *_versions(results["packages"])]
    versions += _versions({name: results["peers"][name] for name in peers})
    return (
        f"{results['date']}: {results['cores']} cores, {results['memory'] / 2**30:.0f} GiB of"
        f" memory; {', '.join(versions)}.\n"
    )


def _versions(packages: dict[str, str]) -> list[str]:
    return [f"{name} {number}" for name, number in packages.items()]


def _table(size: dict[str, Any]) -> str:
    """The table of one size."""
    runs = size["runs"]
    peers = [name for name in PEERS if name in runs]
    rounds = f"median of {size['rounds']} rounds" if size["rounds"] > 1 else "one round"
    head = ["", "wall, s", "CPU, s", "peak, MiB"]
    head += [f"{name} ÷ {_LABELS[peer]}" for name in ("wall", "CPU", "peak") for peer in peers]
    rows = [[_LABELS[name], *_cells(runs, name, peers)] for name in _LABELS if name in runs]
    title = f"### {size['files']:,} files, {size['bytes'] / _MIB:,.0f} MiB ({rounds})\n\n"
    return title + _markdown(head, rows)


def _cells(runs: dict[str, Any], name: str, peers: Sequence[str]) -> list[str]:
    own = runs[name]
    spread = ""
    if len(own["walls"]) > 1:
        spread = f" ({_seconds(min(own['walls']))}–{_seconds(max(own['walls']))})"
    wall, cpu, peak = _seconds(own["wall"]), _seconds(own["cpu"]), f"{own['peak'] / _MIB:,.0f}"
    ratios = [
        "" if name in PEERS else _ratio(own[figure], runs[peer][figure])
        for figure in ("wall", "cpu", "peak")
        for peer in peers
    ]
    return [f"{wall}{spread}", cpu, peak, *ratios]


def _runs(results: dict[str, Any]) -> str:
    """The tables of single runs, one size after the other."""
    parts = []
    for size in results.values():
        parts.append(f"### {size['files']:,} files, one run each\n\n{_machine(size)}")
        head = ["run", "stage", "wall, s", "share", "peak, MiB", "output"]
        rows = [row for name, run in size["runs"].items() for row in _stages(name, run)]
        parts.append(_markdown(head, rows))
    return "\n".join(parts)


def _stages(name: str, run: dict[str, Any]) -> list[list[str]]:
    total = [
        f"**{name}**",
        "**all**",
        f"**{_seconds(run['wall'])}**",
        "",
        f"**{run['peak'] / _MIB:,.0f}**",
        f"{_seconds(run['cpu'])} s of CPU time",
    ]
    stages = [
        [
            "",
            stage["name"],
            _seconds(stage["ended"] - stage["began"]),
            f"{(stage['ended'] - stage['began']) / run['wall']:.1%}",
            f"{stage['peak'] / _MIB:,.0f}" if stage["peak"] else "–",
            stage["what"],
        ]
        for stage in run["stages"]
    ]
    return [total, *stages]


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table with its numbers to the right."""
    text = {"", "run", "stage", "output"}
    rule = ["---" if name in text else "---:" for name in head]
    lines = [head, rule, *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _seconds(seconds: float) -> str:
    """Seconds with three figures that count, and no more than two decimals."""
    return f"{seconds:,.{0 if seconds >= 100 else 1 if seconds >= 10 else 2}f}"


def _ratio(value: float, other: float) -> str:
    ratio = value / other
    return f"{ratio:.{1 if ratio >= 10 else 2}f}"
