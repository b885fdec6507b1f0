"""The commands that are measured, and the folders that they read and write.

Everything lies below one folder: `<site>-<files>`, which is kept, `out`, which is not, and the
peers' environment `venv`.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import corpus, docs_tree, edits
from benchmarks.measure import CommandError, Usage, run

HERE = Path(__file__).resolve().parent
HUGO, PAGES, SCRIPT, FLOOR, FMQL = PEERS = ("hugo", "pages", "script", "floor", "fmql")
COLD, UNCHANGED, SHARE, ONE, QUERY = "cold", "unchanged", "share", "one", "query"
_SHARE = 0.01
_FMQL_FILES = 1_000  # ten times as many take it most of a minute
# The same question in two languages.
_MATCH = "MATCH (t) RETURN t.url, t.date, t.title, t.subject"
_SELECT = "select url, published, title, subject from articles"

Edit = Callable[[float, int], int]


class Site(NamedTuple):
    """A kind of site: a module of this package makes its files, its settings are in `sites/`."""

    name: str
    module: str
    say_more: edits.SayMore
    peers: tuple[str, ...]

    @property
    def settings(self) -> Path:
        """The settings that Pressroom builds it with."""
        return HERE / "sites" / f"{self.name}.toml"


ANSWERS = Site("answers", "corpus", corpus.say_more, (HUGO, SCRIPT, FLOOR, FMQL))
DOCS = Site("docs", "docs_tree", docs_tree.say_more, (HUGO, PAGES))


@dataclass(frozen=True, slots=True)
class Bench:
    """A folder for all that a benchmark of a site needs."""

    folder: Path
    site: Site = ANSWERS

    @property
    def out(self) -> Path:
        """Where the measured commands write."""
        return self.folder / "out"

    def raw(self, files: int) -> Path:
        """The corpus of so many files."""
        return self.folder / f"{self.site.name}-{files}" / "content"

    def prepare(self, files: int) -> None:
        """Generate a corpus, if it is not there or is not as it was left."""
        raw, stamp = self.raw(files), self._stamp(files)
        if not stamp.exists() or stamp.read_text() != self._generator():
            shutil.rmtree(raw.parent, ignore_errors=True)
            command = [sys.executable, "-m", f"benchmarks.{self.site.module}", str(files), str(raw)]
            subprocess.run(command, cwd=HERE.parent, check=True)
            stamp.write_text(self._generator())

    @contextmanager
    def edits(self, files: int) -> Iterator[Edit]:
        """Take edits of a corpus, and undo them all at the end."""
        before: dict[Path, bytes] = {}

        def edit(share: float, seed: int) -> int:
            raw, say_more = self.raw(files), self.site.say_more
            changed = edits.change(raw, say_more, share=share, count=1, seed=seed)
            before.update({path: changed[path] for path in changed.keys() - before.keys()})
            return len(changed)

        self._stamp(files).unlink()  # an interrupted run must not leave edits to the next
        yield edit
        edits.restore(before)
        self._stamp(files).write_text(self._generator())

    def peers(self, files: int, names: Sequence[str]) -> list[str]:
        """Those of these peers that read such a site, at this size."""
        names = [name for name in self.site.peers if name in names]
        return [name for name in names if name != FMQL or files <= _FMQL_FILES]

    def peer(self, name: str, files: int, sample_every: float = 0) -> Usage:
        """Run a peer over a corpus, into an empty folder, and see that it did its work."""
        raw, out = self.raw(files), self._empty(name)
        commands: dict[str, Callable[[Path, Path], list[str]]] = {
            HUGO: self._hugo,
            PAGES: self._pages,
            SCRIPT: self._script,
            FLOOR: self._floor,
            FMQL: self._fmql,
        }
        used = run(commands[name](raw, out), self.folder, sample_every)
        if name == FLOOR:
            expect(used.out.split()[0], str(files), "files that the floor read")
        elif name == FMQL:
            expect(len(used.out.splitlines()), files, "rows of fmql")
        else:
            urls = sum(path.read_bytes().count(b"<url>") for path in out.rglob("sitemap.xml"))
            expect(urls > 0.97 * files, True, f"whole sitemap of {name}, {urls:,} urls")
        if name == PAGES:
            pages = sum(1 for _ in out.rglob("index.html"))
            expect(pages > 0.97 * files, True, f"all pages, {pages:,}")
        shutil.rmtree(out, ignore_errors=True)
        return used

    def pressroom(
        self,
        what: str,
        files: int,
        sample_every: float = 0,
        *,
        quiet: bool = True,
        settings: Path | None = None,
        options: Sequence[str] = (),
    ) -> Usage:
        """Build the corpus with Pressroom, and see that it did what this run is to measure."""
        out = self._empty("pressroom") if what == COLD else self.out / "pressroom"
        command = [
            pressroom(),
            "build",
            "--json",
            "--settings",
            str(settings or self.site.settings),
        ]
        command += ["--raw", str(self.raw(files)), "--out", str(out), *options]
        used = run(command + ["--quiet"] * quiet, self.folder, sample_every)
        result = json.loads(used.out)
        expect(result["articles"], files, "articles")
        expect(result["published"], what != UNCHANGED, f"release, {what}")
        return used

    def builds(self, files: int, seed: int, sample_every: float = 0) -> dict[str, Usage]:
        """Build into an empty folder, then again and again from the release before; query it."""
        used = {what: self.pressroom(what, files, sample_every) for what in (COLD, UNCHANGED)}
        with self.edits(files) as edit:
            for what, share in ((SHARE, _SHARE), (ONE, 0.0)):
                edited = edit(share, seed)
                used[what] = self.pressroom(what, files, sample_every)
                changed = json.loads(used[what].out)["changes"]["changed"]
                expect(changed, edited, "changed articles")
        if FMQL in self.site.peers:
            out = ["--out", str(self.out / "pressroom")]
            asked = [pressroom(), "query", *out, "--jsonl", _SELECT]
            used[QUERY] = run(asked, self.folder, sample_every)
            expect(len(used[QUERY].out.splitlines()), files, "rows of the query")
        return used

    def clear(self) -> None:
        """Delete what was written; corpora stay."""
        shutil.rmtree(self.out, ignore_errors=True)

    def python(self) -> str:
        """The interpreter of the peers' environment."""
        return str(self.folder / "venv" / "bin" / "python")

    def _generator(self) -> str:
        """A digest of what generates the corpora."""
        names = (f"{self.site.module}.py", "answers.py", "words.py")
        return hashlib.sha256(b"".join((HERE / name).read_bytes() for name in names)).hexdigest()

    def _stamp(self, files: int) -> Path:
        return self.raw(files).with_name("generator")

    def _empty(self, name: str) -> Path:
        folder = self.out / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        return folder

    def _hugo(self, raw: Path, out: Path) -> list[str]:
        return [*self._pages(raw, out), "--config", "hugo.toml,listed.toml"]

    def _pages(self, raw: Path, out: Path) -> list[str]:
        # The package's command is a Python program around this one, which costs time of its own.
        [binary] = self.folder.glob("venv/lib/python3*/site-packages/hugo/binaries/hugo*")
        source = ["--source", str(HERE / "peers" / f"hugo-{self.site.name}")]
        places = ["--contentDir", str(raw), "--destination", str(out)]
        caches = ["--cacheDir", str(self.out / "hugo-cache"), "--noBuildLock", "--quiet"]
        return [str(binary), *source, *places, *caches]

    def _script(self, raw: Path, out: Path) -> list[str]:
        return [self.python(), str(HERE / "peers" / "script.py"), str(raw), str(out)]

    def _floor(self, raw: Path, out: Path) -> list[str]:
        return [self.python(), str(HERE / "peers" / "floor.py"), str(raw), str(cores())]

    def _fmql(self, raw: Path, out: Path) -> list[str]:
        command = str(Path(self.python()).with_name("fmql"))
        return [command, "query", _MATCH, "--workspace", str(raw), "--format", "json"]


def pressroom() -> str:
    """The command of the project's environment."""
    return str(Path(sys.executable).with_name("pressroom"))


def cores() -> int:
    """The cores that this process, and what it starts, may use."""
    return len(os.sched_getaffinity(0))


def expect(value: Any, expected: Any, what: str) -> None:
    """Refuse a run that did not do what it is to measure."""
    if value != expected:
        raise CommandError(f"{what}: {value!r}, where {expected!r} was expected")
