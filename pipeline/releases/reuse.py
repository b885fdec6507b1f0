"""Parts of the published release that need not be made, or written, again.

A part is known by the digest of what it was made from, which spares making it, and by its content,
which spares writing it: both are linked. Only files that were found as their manifest says are
known at all.
"""

import json
from collections.abc import Callable, Collection
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from ..base.errors import PipelineError
from ..files import atomic, parquet
from ..files.atomic import FileEntry
from . import local
from .manifest import Release


class Known(NamedTuple):
    """The intact files of the published release at `root`: by path, by inputs, by content."""

    root: Path
    by_path: dict[str, FileEntry]
    by_inputs: dict[tuple[str, str], FileEntry]
    by_content: dict[str, FileEntry]

    def link(self, entry: FileEntry, root: Path, path: str, inputs: str) -> FileEntry:
        """Link a known file into another release."""
        atomic.hard_link(self.root / entry.path, root, path)
        return entry._replace(path=path, inputs=inputs)


NOTHING = Known(Path(), {}, {}, {})


def write(target: Path, release: Release, damaged: Collection[str], *, rebuild: bool) -> None:
    """Note for `read` what of a release may be used again; with `rebuild` only equal content."""
    entries = [
        (name, *entry)
        for name, output in release.outputs.items()
        for entry in output.files
        if entry.path not in damaged
    ]
    atomic.write_whole(target, json.dumps([str(release.root), rebuild, entries]).encode())


def read(source: Path) -> Known:
    """What `write` noted; nothing where there is no release."""
    try:
        written = source.stat()
    except FileNotFoundError:
        return NOTHING
    return _read(source, written.st_ino, written.st_mtime_ns)


@lru_cache(maxsize=1)
def _read(source: Path, *_version: int) -> Known:
    return _known(*json.loads(source.read_bytes()))


def _known(root: str, rebuild: bool, noted: list[list[Any]]) -> Known:
    entries = [(name, FileEntry(*entry)) for name, *entry in noted]
    by_inputs = {} if rebuild else {(name, e.inputs): e for name, e in entries if e.inputs}
    by_content = {entry.sha256: entry for _, entry in entries}
    return Known(Path(root), {entry.path: entry for _, entry in entries}, by_inputs, by_content)


def part(
    known: Known,
    root: Path,
    table: str,
    index: int,
    inputs: str,
    rows: Callable[[], pa.Table],
) -> FileEntry:
    """One part of a table of the release at `root`: linked if it is known, else made.

    `inputs` is the digest of all that `rows` depends on.
    """
    path = parquet.part_path(table, index)
    if same := known.by_inputs.get((table, inputs)):
        return known.link(same, root, path, inputs)
    made = rows()
    data = parquet.to_parquet(made)
    entry = atomic.describe(path, data, made.num_rows)
    if same := known.by_content.get(entry.sha256):
        return known.link(same, root, path, inputs)
    atomic.put(root, path, data)
    return entry._replace(inputs=inputs)


def ledger_parts(previous: Release | None, damaged: Collection[str]) -> dict[int, Path]:
    """The parts of the ledger of a release, by number; those with rows must not be `damaged`.

    If one is, the ledger of the newest older release that has all of it stands for this one: urls
    that are younger are forgotten. Its numbers are those of no part of articles of `previous`.

    Raises:
        PipelineError: No release has all of its ledger: all dates of first sight would be lost.
    """
    if previous is None:
        return {}
    files = previous.outputs["ledger"].files
    lost = [entry.path for entry in files if entry.path in damaged and entry.rows]
    if not lost:
        return {
            number: previous.root / entry.path
            for number, entry in enumerate(files)
            if entry.path not in damaged
        }
    older = local.older_with(previous, "ledger")
    if older is None:
        message = (
            f"The published release {previous.root} has lost {lost[0]}, which remembers when urls"
            " were first seen, and no older release has a whole ledger: restore it from a backup."
        )
        raise PipelineError(message)
    return dict(enumerate(older.paths("ledger"), len(previous.outputs["articles"].files)))
