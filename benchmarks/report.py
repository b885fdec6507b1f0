"""What figures hold for, and how they come into the README: text and plots between its markers."""

import datetime as dt
import os
import platform
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks import tables
from benchmarks.runs import FMQL, HERE, HUGO, SCRIPT, Bench, cores

STARTUP, ANSWERS, DOCS, EXPORTS, WORKERS = "startup", "answers", "docs", "exports", "workers"
PARTS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    STARTUP: tables.startup,
    ANSWERS: tables.sizes,
    DOCS: tables.sizes,
    EXPORTS: tables.optional_exports,
    WORKERS: tables.workers,
}
README = HERE / "README.md"
_PACKAGES = ("numpy", "pandas", "pyarrow", "PyYAML")
_PEERS_PACKAGES = {
    HUGO: ("hugo",),
    SCRIPT: ("python-frontmatter", "Markdown"),
    FMQL: ("fmql",),
}
_SIZES_ALTERNATIVE = "Wall time and peak memory over the number of files, on logarithmic axes"
_LARGE_ALTERNATIVE = "Memory over time of cold builds, with their stages"


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


def publish(bench: Bench, results: Mapping[str, Any]) -> None:
    """Write the parts that were measured into the README, and what follows from them."""
    sections = {"summary": tables.summary(results), "targets": tables.all_targets(results)}
    for part, table in PARTS.items():
        if part in results:
            sections[part] = f"{_machine(results[part])}\n{table(results[part])}"
    if ANSWERS in results:
        sections[ANSWERS] += f"\n{_plot(bench, 'results', _SIZES_ALTERNATIVE)}"
    write(README, sections)


def publish_large(bench: Bench, results: Mapping[str, Any]) -> None:
    """Write the tables of single runs, and their plot, into the README."""
    text = "\n".join(tables.large(size, f"{_machine(size)}\n") for size in results.values())
    write(README, {"large": f"{text}\n{_plot(bench, 'large', _LARGE_ALTERNATIVE)}"})


def write(page: Path, sections: Mapping[str, str]) -> None:
    """Put texts between the markers of their names, in place of what stands there."""
    text = page.read_text()
    for name, section in sections.items():
        before, begin, rest = text.partition(f"<!-- begin {name} -->\n")
        _, end, after = rest.partition(f"<!-- end {name} -->\n")
        text = f"{before}{begin}\n{section}\n{end}{after}"
    page.write_text(text)


def _plot(bench: Bench, name: str, alternative: str) -> str:
    """Draw a plot of the results of a name, and the line that shows it."""
    plot = HERE / f"{name}.svg"
    figures = bench.folder / f"{name}.json"
    command = [bench.python(), str(HERE / "plot.py"), name, str(figures), str(plot)]
    subprocess.run(command, check=True)
    return f"![{alternative}]({plot.name})\n"


def _machine(results: Mapping[str, Any]) -> str:
    """What the figures hold for, with the peers that are among them."""
    measured = {name for size in results.get("sizes", ()) for name in size["runs"]}
    used = [packages for peer, packages in _PEERS_PACKAGES.items() if peer in measured]
    peers = [package for packages in used for package in packages]
    versions = [f"Python {results['python']}", *_versions(results["packages"], _PACKAGES)]
    versions += _versions(results["peers"], peers)
    return (
        f"{results['date']}: {results['cores']} cores, {results['memory'] / 2**30:.0f} GiB of"
        f" memory; {', '.join(versions)}.\n"
    )


def _versions(packages: Mapping[str, str], names: Sequence[str]) -> list[str]:
    return [f"{name} {packages[name]}" for name in names]
