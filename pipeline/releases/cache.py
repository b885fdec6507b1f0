"""The previous release as a cache: its files that match its manifest.

A file with the same inputs is not made again, and one with the same bytes is not written again:
both are hard-linked.
"""

import json
from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from ..base.errors import PipelineError
from ..files import atomic, parquet
from ..files.atomic import FileEntry
from . import local
from .manifest import Output, Release


class Cache(NamedTuple):
    """The intact files of a release at `root`: by path, by folder and inputs, by SHA-256."""

    root: Path
    files: dict[str, FileEntry]
    by_inputs: dict[tuple[str, str], FileEntry]
    by_sha256: dict[str, FileEntry]

    def only(self, *paths: str) -> "Cache":
        """What is known of some files: for a job, which is to be small."""
        return _cache(self.root, [self.files[path] for path in paths if path in self.files])

    def intact(self, number: int, tables: Iterable[str]) -> set[str]:
        """The tables of which the part of a number is here."""
        return {table for table in tables if parquet.part_path(table, number) in self.files}

    def hard_link(self, entry: FileEntry, root: Path, path: str) -> FileEntry:
        """Hard-link a file into the release at `root`."""
        atomic.hard_link(self.root / entry.path, root, path)
        return entry._replace(path=path)

    def reuse(
        self, root: Path, path: str, *, inputs: str | None = None, sha256: str | None = None
    ) -> FileEntry | None:
        """Hard-link a file of the same into the release at `root`, if there is one.

        The same is what was made from these `inputs` in the same folder, or has these bytes.
        """
        known = self.by_inputs.get((_folder(path), inputs)) if inputs else None
        if known is None and sha256 is not None:
            known = self.by_sha256.get(sha256)
        return None if known is None else self.hard_link(known, root, path)

    def part(
        self, root: Path, table: str, number: int, inputs: str, rows: Callable[[], pa.Table]
    ) -> FileEntry:
        """A part of a table of the release at `root`: linked if it is known, else made of `rows`.

        `inputs` is the digest of all that `rows` depends on; without any it is made each time.
        """
        path = parquet.part_path(table, number)
        if same := self.reuse(root, path, inputs=inputs):
            return same
        made = rows()
        data = parquet.to_parquet(made)
        entry = atomic.describe(path, data, made.num_rows)
        if not self.reuse(root, path, sha256=entry.sha256):
            atomic.put(root, path, data)
        return entry._replace(inputs=inputs)

    def has(self, output: Output) -> bool:
        """Whether all files of an output of this release are intact."""
        return all(entry.path in self.files for entry in output.files)

    def adopt(self, output: Output, root: Path) -> None:
        """Link all files of an output of this release into the one at `root`.

        Raises:
            PipelineError: One of them is lost.
        """
        for entry in output.files:
            if entry.path not in self.files:
                raise PipelineError(local.lost(entry.path))
            self.hard_link(entry, root, entry.path)


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _cache(root: Path, entries: Iterable[FileEntry]) -> Cache:
    files = {entry.path: entry for entry in entries}
    by_inputs = {
        (_folder(entry.path), entry.inputs): entry for entry in files.values() if entry.inputs
    }
    return Cache(root, files, by_inputs, {entry.sha256: entry for entry in files.values()})


EMPTY = _cache(Path(), [])


def of(
    release: Release | None,
    damaged: Collection[str],
    *,
    rebuild: bool,
    outputs: Collection[str] | None = None,
) -> Cache:
    """What of a release, or of some outputs, may be reused; with `rebuild` by bytes alone."""
    if release is None:
        return EMPTY
    of_outputs = release.outputs if outputs is None else release.outputs.keys() & outputs
    files = (entry for name in of_outputs for entry in release.outputs[name].files)
    intact = (entry for entry in files if entry.path not in damaged)
    return _cache(
        release.root, (entry._replace(inputs=None) for entry in intact) if rebuild else intact
    )


# The folder of what no raw file says, among the files of an export.
STATE = "state/"


def remembered(release: Release | None, damaged: Collection[str], output: str) -> Cache:
    """What an export of a release holds that is intact, for a full run, too.

    If it has lost what no raw file says, the newest older release that has all of the export stands
    in for it, if there is one.
    """
    if release is not None and output in release.outputs:
        files = release.outputs[output].files
        is_lost = any(entry.path.startswith(STATE) and entry.path in damaged for entry in files)
        if is_lost and (older := local.older_with(release, output)):
            release, damaged = older, ()
    return of(release, damaged, rebuild=False, outputs=[output])


def save(target: Path, cache: Cache) -> None:
    """Note for `load`, in another process, what may be used again."""
    files = [entry.to_json() for entry in cache.files.values()]
    atomic.write_whole(target, json.dumps({"root": str(cache.root), "files": files}).encode())


def load(source: Path) -> Cache:
    """What `save` noted; nothing where there is no release."""
    try:
        written = source.stat()
    except FileNotFoundError:
        return EMPTY
    return _read(source, written.st_ino, written.st_mtime_ns)


@lru_cache(maxsize=1)
def _read(source: Path, *_version: int) -> Cache:
    noted = json.loads(source.read_bytes())
    return _cache(Path(noted["root"]), map(FileEntry.from_json, noted["files"]))


def state(release: Release, cache: Cache, table: str) -> dict[int, Path] | None:
    """The parts, by number, of a table that remembers what no raw file says.

    Where it has lost rows, they are those of the newest older release that has them all, and are
    numbered on from the parts of articles; None if there is no such release.
    """
    files = release.outputs[table].files
    if all(entry.path in cache.files for entry in files if entry.rows):
        return {
            number: release.root / entry.path
            for number, entry in enumerate(files)
            if entry.path in cache.files
        }
    if older := local.older_with(release, table):
        return dict(enumerate(older.paths(table), len(release.outputs["articles"].files)))
    return None
