"""What one process must hold and do for all shards, and for all articles, of a very large site.

The functions are those of a run; what they are given is made up: entries of parts that are
nowhere, digests of urls that nobody wrote. So the driver of a run can be measured at 10⁵ shards,
and the indexes over all articles at 10⁷, in minutes. Each group runs in a process of its own.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.report import machine
from benchmarks.runs import HERE
from pressroom.engine.steps import INGEST, LINK, SUMMARIZE
from pressroom.files import parquet
from pressroom.files.atomic import FileEntry
from pressroom.model.paths import Sources
from pressroom.releases import cache, staging
from pressroom.releases.manifest import MANIFEST, Counts, Output, open_release
from pressroom.releases.staging import StepRecord
from pressroom.releases.store import store_at
from pressroom.sources import listing as lists
from pressroom.sources.source import source_at
from pressroom.tables import links, scratch, url_index
from tests.quicktakes import MODEL

_PART_ROWS = 1000
_LINKS = 2.6  # ok links of an article of a real site


class Meter:
    """CPU time and memory of this process, call by call."""

    def __init__(self) -> None:
        self.found: dict[str, dict[str, float]] = {}

    def call(self, name: str, do: Callable[[], Any], written: Path | None = None) -> Any:
        """What a call gives; its CPU time, the memory before and at its peak, bytes of a file."""
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew (proc(5))
        before, since = _memory("VmRSS"), time.process_time()
        result = do()
        cpu, peak = time.process_time() - since, _memory("VmHWM")
        self.found[name] = {"cpu": round(cpu, 3), "before": before, "peak": peak}
        if written:
            self.found[name]["bytes"] = _size(written)
        return result


def _memory(field: str) -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.partition(f"{field}:")[2].split()[0]) * 1024


def _size(path: Path) -> int:
    files = [path] if path.is_file() else path.rglob("*")
    return sum(file.stat().st_size for file in files if file.is_file())


def listing(meter: Meter, shards: int, folder: Path) -> None:
    """The list of raw files, of which each is a shard."""
    for number in range(shards):
        path = folder / "raw" / f"{number // 1000:05}" / f"{number:08}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    def listed() -> object:
        found = source_at(folder / "raw").listed(Sources())
        return lists.write_list(folder / "paths", lists.cut(found, 1))

    meter.call("list the raw folder, cut, write the list", listed, folder / "paths")


def _entries(table: str, shards: int) -> tuple[FileEntry, ...]:
    """The parts of a table, one a shard; there is one part of subjects."""

    def entry(number: int) -> FileEntry:
        sha256 = hashlib.sha256(f"{table} {number}".encode()).hexdigest()
        return FileEntry(parquet.part_path(table, number), 40_000, sha256, _PART_ROWS, sha256[::-1])

    return tuple(entry(number) for number in range(1 if table == "subjects" else shards))


def records(meter: Meter, shards: int, folder: Path) -> None:
    """What steps hand to each other, and the manifest: an entry for each part of each table."""
    begun = staging.begin(store_at(folder), "run", 1_800_000_000)
    for step in (INGEST, LINK, SUMMARIZE):
        outputs = {
            name: Output("recipe", "in", _entries(name, shards)) for name in step.outputs(MODEL)
        }
        begun.record(step.name, StepRecord(outputs))
    made = meter.call("ask for all records", begun.made)
    meter.call("digest all outputs", lambda: [output.version for output in made.values()])
    manifest = begun.root / MANIFEST
    write = partial(staging.write_manifest, begun, begun.outputs(), "", "", Counts())
    meter.call("write the manifest", write, manifest)
    release = meter.call("read the manifest", lambda: open_release(begun.root))
    meter.call("its outputs", lambda: release.outputs)
    known = folder / "cache.json"
    meter.call(
        "note what is known",
        lambda: cache.save(known, cache.of(release, (), rebuild=False)),
        known,
    )


def known(meter: Meter, shards: int, folder: Path) -> None:
    """What each worker of an incremental run reads before its first part."""
    entries = [
        entry.to_json()
        for step in (INGEST, LINK, SUMMARIZE)
        for name in step.outputs(MODEL)
        for entry in _entries(name, shards)
    ]
    (folder / "cache.json").write_text(json.dumps({"root": str(folder), "files": entries}))
    del entries
    meter.call("a worker reads what is known", lambda: cache.load(folder / "cache.json"))


def _random(rows: int, schema: pa.Schema) -> dict[str, np.ndarray[Any, Any]]:
    chance = np.random.default_rng(1)
    return {
        name: np.ones(rows, bool)
        if column.dtype == bool
        else np.frombuffer(chance.bytes(rows * column.dtype.itemsize), column.dtype)
        for name, column in url_index.concatenate([], schema).items()
    }


def duplicates(meter: Meter, articles: int, _: Path) -> None:
    """Which urls stand twice."""
    urls = _random(articles, pa.schema({"url": pa.binary(16)}))["url"]
    meter.call("urls that stand twice", lambda: url_index.repeated(urls))


def index(meter: Meter, articles: int, folder: Path) -> None:
    """The index of all articles, as `ingest` lays it out."""
    columns = _random(articles, scratch.INDEX.schema)

    def write() -> None:
        scratch.INDEX.write(folder, url_index.to_table(url_index.by_url(columns)))

    meter.call("the index of articles", write, folder / "index")


def memory(meter: Meter, articles: int, folder: Path) -> None:
    """The ledger as an index, from parts that are read already."""
    parts = [
        _random(_PART_ROWS, scratch.LEDGER_INDEX.schema) for _ in range(articles // _PART_ROWS)
    ]

    def write() -> None:
        columns = url_index.by_url(url_index.concatenate(parts, scratch.LEDGER_INDEX.schema))
        scratch.LEDGER_INDEX.write(folder, url_index.to_table(columns))

    meter.call("the index of the ledger", write, folder / "memory")


def degrees(meter: Meter, articles: int, _: Path) -> None:
    """The degrees of all articles."""
    chance = np.random.default_rng(1)
    size = int(articles * _LINKS)
    pairs = {
        name: chance.integers(articles, size=size, dtype=np.int32) for name in ("source", "target")
    }
    meter.call("degrees", lambda: links.degrees(pairs, pairs, articles))


_GROUPS = {
    "shards": (listing, records, known),
    "articles": (duplicates, index, memory, degrees),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what one process does for so many shards or articles."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.bookkeeping", description=main.__doc__
    )
    parser.add_argument("what", choices=tuple(_GROUPS))
    parser.add_argument("sizes", type=int, nargs="+", metavar="N")
    parser.add_argument("--folder", type=Path, required=True, help="for files and figures")
    parser.add_argument("--only", help="one group, in this process")
    given = parser.parse_args(arguments)
    if given.only:
        group = next(each for each in _GROUPS[given.what] if each.__name__ == given.only)
        meter = Meter()
        with tempfile.TemporaryDirectory(dir=given.folder) as folder:
            group(meter, given.sizes[0], Path(folder))
        json.dump(meter.found, sys.stdout)
        return
    given.folder.mkdir(parents=True, exist_ok=True)
    for size in given.sizes:
        found: dict[str, Any] = {}
        for group in _GROUPS[given.what]:
            command = [sys.executable, "-m", "benchmarks.bookkeeping", given.what, str(size)]
            command += ["--folder", str(given.folder), "--only", group.__name__]
            done = subprocess.run(command, cwd=HERE.parent, check=True, stdout=subprocess.PIPE)
            found |= json.loads(done.stdout)
        results = machine() | {"what": given.what, "size": size, "found": found}
        place = given.folder / f"bookkeeping-{given.what}-{size}.json"
        place.write_text(json.dumps(results, indent=1) + os.linesep)


if __name__ == "__main__":
    main()
