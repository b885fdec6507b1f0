"""The figures of each part as text of the README."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks import exports, targets
from benchmarks.runs import (
    COLD,
    FLOOR,
    FMQL,
    HUGO,
    ONE,
    PAGES,
    PEERS,
    QUERY,
    SCRIPT,
    SHARE,
    UNCHANGED,
)
from benchmarks.targets import TARGETS, Target
from benchmarks.workers import serial

_MIB = 1024 * 1024
_PEERS = {
    HUGO: "Hugo",
    PAGES: "Hugo with pages",
    SCRIPT: "script",
    FLOOR: "floor",
    FMQL: "fmql",
}
_RUNS = {
    COLD: "cold",
    UNCHANGED: "unchanged",
    SHARE: "1 % changed",
    ONE: "one file changed",
    QUERY: "query",
}
_SHORT = {
    "python": "`python -c pass`",
    "version": "`pressroom --version`",
    "help": "`pressroom --help`",
    "status": "`pressroom status`",
    COLD: "`pressroom build` of the sample, cold",
    UNCHANGED: "`pressroom build` of the sample, unchanged",
}
_SITES = {"answers": "questions and answers", "docs": "pages of documentation"}
_TEXT = {"", "run", "stage", "output", "command", "export", "settings", "site", "target", "met"}


def summary(results: Mapping[str, Any]) -> str:
    """How long which size takes, against Hugo."""
    wanted = (COLD, UNCHANGED, ONE)
    head = ["site", *(f"{_RUNS[run]}, s" for run in wanted), "Hugo, s"]
    head += [f"{_RUNS[run]} ÷ Hugo" for run in wanted]
    rows = []
    for part, what in _SITES.items():
        for size in results.get(part, {}).get("sizes", ()):
            walls = {run: size["runs"][run]["wall"] for run in wanted}
            hugo = size["runs"].get(HUGO, {}).get("wall")
            row = [f"{size['files']:,} {what}, {_mib(size['bytes'])} MiB"]
            row += [*map(_seconds, walls.values()), _seconds(hugo) if hugo else "–"]
            rows.append(row + [_ratio(wall, hugo) if hugo else "–" for wall in walls.values()])
    return markdown(head, rows)


def startup(results: Mapping[str, Any]) -> str:
    """The table of short commands."""
    rows = []
    for name, label in _SHORT.items():
        run = results["runs"][name]
        wall, least, most = run["wall"], min(run["walls"]), max(run["walls"])
        rows.append([label, f"{wall:.3f} ({least:.3f}–{most:.3f})", f"{run['cpu']:.3f}"])
    title = f"The sample has {results['files']} files; {_rounds(results)}.\n\n"
    return title + markdown(["command", "wall, s", "CPU, s"], rows)


def sizes(results: Mapping[str, Any]) -> str:
    """The tables of a site, size by size."""
    return "\n".join(map(_size, results["sizes"]))


def _size(size: Mapping[str, Any]) -> str:
    runs = size["runs"]
    peers = [name for name in PEERS if name in runs]
    head = ["", "wall, s", "CPU, s", "peak, MiB"]
    head += [f"{name} ÷ {_PEERS[peer]}" for name in ("wall", "CPU") for peer in peers]
    labels = _PEERS | {name: f"**Pressroom, {what}**" for name, what in _RUNS.items()}
    rows = [[labels[name], *_cells(runs, name, peers)] for name in labels if name in runs]
    title = f"### {size['files']:,} files, {_mib(size['bytes'])} MiB ({_rounds(size)})\n\n"
    return title + markdown(head, rows)


def _cells(runs: Mapping[str, Any], name: str, peers: Sequence[str]) -> list[str]:
    own = runs[name]
    # A query is what fmql does, and nothing that the others do.
    compared = () if name in PEERS else (FMQL,) if name == QUERY else PEERS
    ratios = [
        _ratio(own[figure], runs[peer][figure]) if peer in compared else ""
        for figure in ("wall", "cpu")
        for peer in peers
    ]
    return [_with_spread(own), _seconds(own["cpu"]), _mib(own["peak"]), *ratios]


def optional_exports(results: Mapping[str, Any]) -> str:
    """The table of exports, each beside a build without any of them."""
    runs = results["runs"]
    base = runs[exports.NONE]
    title = f"Cold builds of {results['files']:,} files, {_rounds(results)}.\n\n"
    head = ["export", "settings", "wall, s", "more wall, s", "more CPU, s", "peak, MiB"]
    rows = [["**none of these**", "", _with_spread(base), "", "", _mib(base["peak"])]]
    for name, keys in exports.OPTIONAL.items():
        if keys:
            run = runs[name]
            written = ", ".join(f"`{key} = {value}`" for key, value in keys.items())
            more = [f"{run[each] - base[each]:+.2f}" for each in ("wall", "cpu")]
            rows.append([name, written, _with_spread(run), *more, _mib(run["peak"])])
    return title + markdown(head, rows)


def workers(results: Mapping[str, Any]) -> str:
    """The table of stages with one worker and with two."""
    runs = results["runs"]
    title = f"Cold builds of {results['files']:,} files, {_rounds(results)}.\n\n"
    head = ["stage", "1 worker, s", "2 workers, s", "serial share"]
    walls = {"**all**": {name: run["wall"] for name, run in runs.items()}, **results["stages"]}
    rows = [
        [stage, _seconds(one), _seconds(two), f"{serial(one, two):.0%}"]
        for stage, (one, two) in ((name, (each["1"], each["2"])) for name, each in walls.items())
    ]
    return title + markdown(head, rows)


def all_targets(results: Mapping[str, Any]) -> str:
    """The table of targets."""
    rows = [*_targets(results)]
    measured = [row for row in rows if row[2] != "not measured"]
    met = sum(row[2] == "yes" for row in rows)
    counted = f"{met} of {len(measured)} targets that were measured are met.\n\n"
    return counted + markdown(["target", "figure", "met"], rows)


def _targets(results: Mapping[str, Any]) -> Iterator[list[str]]:
    for target in TARGETS:
        runs = targets.runs_of(results, target.files)
        yield _judged(_named(target), target.most, targets.figure(target, runs), _unit(target))
    yield _judged("serial share of a cold run", targets.SERIAL, targets.serial_share(results), "%")


def _named(target: Target) -> str:
    if not target.files:
        return _SHORT[target.run]
    figure = {"wall": "", "cpu": ", CPU time", "peak": ", peak of memory"}[target.figure]
    return f"{target.files:,} files, {_RUNS[target.run]}{figure}"


def _unit(target: Target) -> str:
    if target.over:
        return f"× {_PEERS[target.over]}"
    return "MiB" if target.figure == "peak" else "s"


def _judged(name: str, most: float, measured: float | None, unit: str) -> list[str]:
    scale = {"MiB": 1 / _MIB, "%": 100}.get(unit, 1)
    target = f"{name} ≤ {most * scale:g} {unit}"
    if measured is None:
        return [target, "–", "not measured"]
    is_met = "yes" if measured <= most else "**no**"
    return [target, f"{measured * scale:.{0 if scale < 1 else 1 if scale > 1 else 3}f}", is_met]


def _rounds(results: Mapping[str, Any]) -> str:
    return f"median of {results['rounds']} rounds" if results["rounds"] > 1 else "one round"


def large(results: Mapping[str, Any], machine: str) -> str:
    """The table of the single runs of a size."""
    head = ["run", "stage", "wall, s", "share", "peak, MiB", "output"]
    rows = [row for name, run in results["runs"].items() for row in _stages(name, run)]
    return f"### {results['files']:,} files, one run each\n\n{machine}{markdown(head, rows)}"


def _stages(name: str, run: Mapping[str, Any]) -> list[list[str]]:
    total = [
        f"**{name}**",
        "**all**",
        f"**{_seconds(run['wall'])}**",
        "",
        f"**{_mib(run['peak'])}**",
        f"{_seconds(run['cpu'])} s of CPU time",
    ]
    stages = [
        [
            "",
            stage["name"],
            _seconds(stage["ended"] - stage["began"]),
            f"{(stage['ended'] - stage['began']) / run['wall']:.1%}",
            _mib(stage["peak"]) if stage["peak"] else "–",
            stage["what"],
        ]
        for stage in run["stages"]
        if not stage["what"].startswith("0 files made")  # by an export that is off
    ]
    return [total, *stages]


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table with its numbers to the right."""
    rule = ["---" if name in _TEXT else "---:" for name in head]
    lines = [head, rule, *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _with_spread(run: Mapping[str, Any]) -> str:
    walls = run["walls"]
    spread = f" ({_seconds(min(walls))}–{_seconds(max(walls))})" if len(walls) > 1 else ""
    return f"{_seconds(run['wall'])}{spread}"


def _mib(size: float) -> str:
    mib = size / _MIB
    return f"{mib:,.{1 if mib < 1 else 0}f}"


def _seconds(seconds: float) -> str:
    """Seconds with three figures that count, and no more than two decimals."""
    return f"{seconds:,.{0 if seconds >= 100 else 1 if seconds >= 10 else 2}f}"


def _ratio(value: float, other: float) -> str:
    ratio = value / other
    return f"{ratio:.{1 if ratio >= 10 else 2}f}"
