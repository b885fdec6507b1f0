"""The commands that are measured, and the folders that they read and write.

Everything lies below one folder: `corpus-<files>`, which is kept, `out`, which is not, and the
peers' environment `venv`.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import corpus
from benchmarks.measure import CommandError, Usage, run

HERE = Path(__file__).resolve().parent
PEERS = ("hugo", "script", "floor")
COLD, UNCHANGED, SHARE, ONE = "cold", "unchanged", "share", "one"
_SHARE = 0.01

Edit = Callable[[float, int], int]


@dataclass(frozen=True, slots=True)
class Bench:
    """A folder for all that a benchmark needs."""

    folder: Path

    @property
    def out(self) -> Path:
        """Where the measured commands write."""
        return self.folder / "out"

    def raw(self, files: int) -> Path:
        """The corpus of so many files."""
        return self.folder / f"corpus-{files}" / "content"

    def prepare(self, files: int) -> None:
        """Generate a corpus, if it is not there or is not as it was left."""
        raw, stamp = self.raw(files), self._stamp(files)
        if not stamp.exists() or stamp.read_text() != _generator():
            shutil.rmtree(raw.parent, ignore_errors=True)
            command = [sys.executable, "-m", "benchmarks.corpus", str(files), str(raw)]
            subprocess.run(command, cwd=HERE.parent, check=True)
            stamp.write_text(_generator())

    @contextmanager
    def edits(self, files: int) -> Iterator[Edit]:
        """Take edits of a corpus, and undo them all at the end."""
        before: dict[Path, bytes] = {}

        def edit(share: float, seed: int) -> int:
            changed = corpus.change(self.raw(files), share=share, count=1, seed=seed)
            before.update({path: changed[path] for path in changed.keys() - before.keys()})
            return len(changed)

        self._stamp(files).unlink()  # an interrupted run must not leave edits to the next
        yield edit
        corpus.restore(before)
        self._stamp(files).write_text(_generator())

    def peer(self, name: str, files: int, sample_every: float = 0) -> Usage:
        """Run a peer over a corpus, into an empty folder."""
        raw, out = self.raw(files), self._empty(name)
        commands: dict[str, Callable[[Path, Path], list[str]]] = {
            "hugo": self._hugo,
            "script": self._script,
            "floor": self._floor,
        }
        used = run(commands[name](raw, out), self.folder, sample_every)
        if name == "floor":
            _expect(used.out.split()[0], str(files), "files that the floor read")
        else:
            urls = (out / "sitemap.xml").read_bytes().count(b"<loc>")
            _expect(urls > 0.99 * files, True, f"whole sitemap of {name}, {urls:,} urls")
        shutil.rmtree(out, ignore_errors=True)
        return used

    def pressroom(
        self, what: str, files: int, sample_every: float = 0, *, quiet: bool = True
    ) -> Usage:
        """Build the corpus with Pressroom, and see that it did what this run is to measure."""
        raw = self.raw(files)
        out = self._empty("pressroom") if what == COLD else self.out / "pressroom"
        command = [str(Path(sys.executable).with_name("pressroom")), "build", "--json"]
        command += ["--settings", str(HERE.parent / "pressroom.toml")]
        command += ["--raw", str(raw), "--out", str(out), "--base-url", "https://www.example.org"]
        used = run(command + ["--quiet"] * quiet, self.folder, sample_every)
        result = json.loads(used.out)
        _expect(result["articles"], files, "articles")
        _expect(result["published"], what != UNCHANGED, f"release, {what}")
        return used

    def builds(self, files: int, seed: int, sample_every: float = 0) -> dict[str, Usage]:
        """Build into an empty folder, then again and again from the release before."""
        used = {what: self.pressroom(what, files, sample_every) for what in (COLD, UNCHANGED)}
        with self.edits(files) as edit:
            for what, share in ((SHARE, _SHARE), (ONE, 0.0)):
                edited = edit(share, seed)
                used[what] = self.pressroom(what, files, sample_every)
                changed = json.loads(used[what].out)["changes"]["changed"]
                _expect(changed, edited, "changed articles")
        return used

    def clear(self) -> None:
        """Delete what was written; corpora stay."""
        shutil.rmtree(self.out, ignore_errors=True)

    def python(self) -> str:
        """The interpreter of the peers' environment."""
        return str(self.folder / "venv" / "bin" / "python")

    def _stamp(self, files: int) -> Path:
        return self.raw(files).with_name("generator")

    def _empty(self, name: str) -> Path:
        folder = self.out / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        return folder

    def _hugo(self, raw: Path, out: Path) -> list[str]:
        # The package's command is a Python program around this one, which costs time of its own.
        [binary] = self.folder.glob("venv/lib/python3*/site-packages/hugo/binaries/hugo*")
        places = ["--contentDir", str(raw), "--destination", str(out)]
        caches = ["--cacheDir", str(self.out / "hugo-cache"), "--noBuildLock", "--quiet"]
        return [str(binary), "--source", str(HERE / "peers" / "hugo"), *places, *caches]

    def _script(self, raw: Path, out: Path) -> list[str]:
        return [self.python(), str(HERE / "peers" / "script.py"), str(raw), str(out)]

    def _floor(self, raw: Path, out: Path) -> list[str]:
        return [self.python(), str(HERE / "peers" / "floor.py"), str(raw), str(cores())]


def cores() -> int:
    """The cores that this process, and what it starts, may use."""
    return len(os.sched_getaffinity(0))


def _generator() -> str:
    """A digest of what generates a corpus."""
    names = ("corpus.py", "answers.py", "words.py")
    return hashlib.sha256(b"".join((HERE / name).read_bytes() for name in names)).hexdigest()


def _expect(value: Any, expected: Any, what: str) -> None:
    if value != expected:
        raise CommandError(f"{what}: {value!r}, where {expected!r} was expected")
