"""What each step of one build costs, by who pays: this process (the driver) or its workers.

It runs the steps of a build itself, to look around between them: CPU time, bytes
that went through read(2) and write(2) (proc(5), ``rchar`` and ``wchar``: mapped pages are not among
them), the most memory that any one process held.
"""

import argparse
import dataclasses
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pressroom.engine import build, per_release
from pressroom.engine.progress import Quiet
from pressroom.exports import EXPORTS
from pressroom.model.paths import Paths
from pressroom.model.settings import Compute, Settings, Site
from pressroom.releases import staging
from pressroom.releases.manifest import MANIFEST, Release
from tests.quicktakes import MODEL

Result = TypeVar("Result")

_TICKS = os.sysconf("SC_CLK_TCK")


class Paid(NamedTuple):
    """What processes have paid, so far or in a step; `peak` is the most bytes of one of them."""

    cpu: float
    read: int
    written: int
    peak: int

    def since(self, before: "Paid") -> "Paid":
        """What came to it."""
        paid = (self.cpu - before.cpu, self.read - before.read, self.written - before.written)
        return Paid(*paid, self.peak)


def _paid(pids: Sequence[int]) -> Paid:
    """What these processes paid; their peaks begin anew (proc(5), /proc/pid/clear_refs)."""
    cpu, read, written, peak = 0.0, 0, 0, 0
    for pid in pids:
        here = Path("/proc", str(pid))
        fields = (here / "stat").read_text().rpartition(")")[2].split()
        cpu += (int(fields[11]) + int(fields[12])) / _TICKS
        counts = dict(line.split(": ") for line in (here / "io").read_text().splitlines())
        read, written = read + int(counts["rchar"]), written + int(counts["wchar"])
        status = (here / "status").read_text()
        peak = max(peak, int(status.partition("VmHWM:")[2].split()[0]) * 1024)
        (here / "clear_refs").write_text("5")
    return Paid(cpu, read, written, peak)


def _descendants() -> list[int]:
    """The processes that this one has started, and theirs."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = [], [os.getpid()]
    while waiting:
        children = parents.get(waiting.pop(), [])
        found += children
        waiting += children
    return found


def _folder(root: Path) -> dict[str, tuple[int, int]]:
    """Files and bytes below a folder, by the first part of the path without its number."""
    found: dict[str, tuple[int, int]] = {}
    for folder, _, names in os.walk(root):
        for name in names:
            path = Path(folder, name)
            kind = path.relative_to(root).parts[0].partition(".")[0].rstrip("-0123456789")
            files, size = found.get(kind, (0, 0))
            found[kind] = files + 1, size + path.stat().st_size
    return found


class Ledger:
    """What the steps of one run cost."""

    def __init__(self) -> None:
        self.steps: dict[str, dict[str, dict[str, Any]]] = {}
        self._before = self._now()

    def _now(self) -> dict[str, Paid]:
        return {"driver": _paid([os.getpid()]), "workers": _paid(_descendants())}

    def count(self, step: str, do: Callable[[], Result]) -> Result:
        """Do a step; what is done between steps costs nothing."""
        self._before = self._now()
        result = do()
        now = self._now()
        self.steps[step] = {who: now[who].since(self._before[who])._asdict() for who in now}
        return result


def costs(settings: Settings, as_of: int) -> dict[str, Any]:
    """Build once, and say what each step cost."""
    paid = Ledger()
    began = time.monotonic()
    quiet = Quiet(partial(print, file=sys.stderr))
    this = paid.count(
        "begin", lambda: build.begin(settings, build.Options(), "costs", as_of, quiet)
    )
    with this.pool:
        paid.count("ingest", partial(build.ingest, this))
        if not this.keeps_published:
            _make(this, paid)
        paid.count("audit", partial(build.audit, this))
        work = _folder(this.workspace.scratch)
        outcome = paid.count("release", partial(build.release, this))
    staging.discard(this.staging)
    return {
        "published": outcome.published,
        "parsed": outcome.parsed,
        "wall": time.monotonic() - began,
        "steps": paid.steps,
        "work": work,
        "release": _contents(outcome.release),
    }


def _make(this: build.Run, paid: Ledger) -> None:
    """Take the steps that an unchanged build leaves out."""
    for step in (build.link, build.summarize):
        paid.count(step.__name__, partial(step, this))
    paid.count("release tables", partial(per_release.make, this))
    for item in EXPORTS:
        paid.count(item.name, partial(build.export, this, item))
    paid.count("manifest", partial(build.manifest, this))


def _contents(release: Release) -> dict[str, Any]:
    outputs = {
        name: (len(output.files), sum(entry.bytes for entry in output.files), output.rows)
        for name, output in release.outputs.items()
    }
    manifest = (release.root / MANIFEST).stat().st_size
    return {"manifest": manifest, "outputs": outputs, "counts": dataclasses.asdict(release.counts)}


def main(arguments: Sequence[str] | None = None) -> None:
    """Build once, and print the costs as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.costs", description=main.__doc__)
    parser.add_argument("raw", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--shard-files", type=int, default=Compute().shard_files)
    parser.add_argument("--as-of", type=int, default=1_800_000_000)
    given = parser.parse_args(arguments)
    settings = Settings(
        content=MODEL,
        paths=Paths(given.raw, given.out),
        site=Site("https://www.broadsheet.test"),
        compute=Compute(shard_files=given.shard_files),
    )
    json.dump(costs(settings, given.as_of), sys.stdout)


if __name__ == "__main__":
    main()
