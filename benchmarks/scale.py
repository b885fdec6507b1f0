"""What grows with the number of files, and what with the number of shards.

`files`: corpora of growing size in shards of 1,000, built cold, unchanged, and with 1 % changed.
`shards`: as many shards as a far larger site has, each of one tiny file, built cold, unchanged,
and with one file changed: what a build costs for each shard, whatever is in it.
"""

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.report import machine
from benchmarks.runs import HERE, Bench

_FOLDER_FILES = 1000
_TEXT = "---\nid: {n}\ndate: 2025-01-01\ntitle: T{n}\nanswer: A\nsubject: S{s}\nurl: /a/{n}\n---\n"
_SUBJECTS = 40
_AS_OF = 1_800_000_000


def write(raw: Path, files: int) -> None:
    """Write so many of the smallest files that are articles."""
    for number in range(files):
        path = _path(raw, number)
        if number % _FOLDER_FILES == 0:
            path.parent.mkdir(parents=True)
        path.write_text(_TEXT.format(n=number, s=number % _SUBJECTS))


def _path(raw: Path, number: int) -> Path:
    return raw / f"{number // _FOLDER_FILES:05}" / f"{number:08}.md"


def measure(raw: Path, shard_files: int, edit: Callable[[], object]) -> dict[str, Any]:
    """A cold build, an unchanged one, and one after an edit: each is a process of its own."""
    out = raw.with_name("out")
    shutil.rmtree(out, ignore_errors=True)
    runs: dict[str, Any] = {}
    for number, what in enumerate(("cold", "unchanged", "edited")):
        if what == "edited":
            edit()
        print(f"{raw.parent.name}: {what}", file=sys.stderr, flush=True)
        command = [sys.executable, "-m", "benchmarks.costs", str(raw), str(out)]
        command += ["--shard-files", str(shard_files), "--as-of", str(_AS_OF + number)]
        done = subprocess.run(command, cwd=HERE.parent, check=True, stdout=subprocess.PIPE)
        runs[what] = json.loads(done.stdout)
    shutil.rmtree(out)
    return runs


def of_shards(folder: Path, shards: int) -> dict[str, Any]:
    """The costs of so many shards of one file."""
    raw = folder / f"shards-{shards}" / "raw"
    shutil.rmtree(raw.parent, ignore_errors=True)
    write(raw, shards)

    def edit() -> None:
        changed = _path(raw, shards // 2)
        changed.write_text(changed.read_text().replace("answer: A", "answer: B"))

    runs = measure(raw, 1, edit)
    shutil.rmtree(raw.parent)
    return runs


def of_files(folder: Path, files: int) -> dict[str, Any]:
    """The costs of so many files like those of a real site."""
    bench = Bench(folder)
    bench.prepare(files)
    with bench.edits(files) as edit:
        return measure(bench.raw(files), 1000, lambda: edit(0.01, 1))


_MEASURED = {"files": of_files, "shards": of_shards}


def main(arguments: Sequence[str] | None = None) -> None:
    """Build at growing sizes, and write down what each build cost."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=main.__doc__)
    parser.add_argument("what", choices=tuple(_MEASURED))
    parser.add_argument("sizes", type=int, nargs="+", metavar="N")
    parser.add_argument("--folder", type=Path, required=True, help="for files, output and figures")
    given = parser.parse_args(arguments)
    folder = given.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for size in given.sizes:
        runs = _MEASURED[given.what](folder, size)
        results = machine() | {"what": given.what, "size": size, "runs": runs}
        (folder / f"{given.what}-{size}.json").write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
