"""Staging: the release that a run writes, and what the steps of the run hand to each other.

::

    out/staging/<run>/release/               what is being written, laid out like a release
    out/staging/<run>/work/                  what the steps of a run hand to each other
    out/staging/<run>/steps/<step>.json      what a step made
    out/staging/<run>/lock                   locked while the one process of the run lives
    out/staging/<name>.tmp/                  what is being deleted

A run knows by its staging folder alone how far it came: Dagster may run each step in a process of
its own, and re-execute a run from the step that failed. A run that is one process is `held` by it
instead, so that what it leaves behind is known at once.

Folders are made here, and taken away, under the lock of the output folder (`local.locked`): nobody
meets one that is half begun or half deleted.
"""

import contextlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from filelock import FileLock, Timeout

from ..base.errors import PipelineError
from ..base.fingerprint import digest
from ..files import atomic
from ..files.atomic import FileEntry
from . import local
from .cache import lost
from .manifest import MANIFEST, Counts, Manifest, Output, Release, SchemaChange, open_release
from .store import ReleaseStore

MOVED = "moved"
# Of the records of steps.
_FORMAT = 1
_ABANDONED_SECONDS = 24 * 3600
_DELETED = ".tmp"


class StepRecord(NamedTuple):
    """What a step of a run made, and what later steps, and later processes, are to know of it.

    - `counts`: by the names of `Counts`.
    - `parsed`, `reused`: so many files were parsed, of so many the published release had rows.
    - `damaged`: files of the published release that are not as its manifest says.
    - `is_lacking`: the storage lacks some of them.
    - `is_unchanged`: the published release is up to date.
    - `passed`: the id of the release that the audit let pass.
    - `release`: the id of the release that was moved to its place.
    - `state`: the digest of the repository of the raw files.
    - `no_history`: why that tells nothing, as a clause whose "it" is the raw folder.
    """

    outputs: Mapping[str, Output] = MappingProxyType({})
    counts: Mapping[str, int | Mapping[str, int] | None] = MappingProxyType({})
    parsed: int = 0
    reused: int = 0
    damaged: tuple[str, ...] = ()
    is_lacking: bool = False
    is_unchanged: bool = False
    passed: str | None = None
    release: str | None = None
    state: str = ""
    no_history: str = ""


@dataclass(frozen=True)
class Staging:
    """The release that a run writes. Made by `begin`, or found again by the same run.

    `store` is where the release is to be published, and `pinned` the release that the site was
    pinned to when the run began.
    """

    store: ReleaseStore
    run: str
    as_of: int
    previous: Release | None
    pinned: str | None = None
    root: Path = field(init=False)
    work: Path = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "root", _home(self.out, self.run) / "release")
        object.__setattr__(self, "work", _home(self.out, self.run) / "work")

    @property
    def out(self) -> Path:
        """The output folder."""
        return self.store.out

    def record(self, step: str, record: StepRecord) -> StepRecord:
        """Remember what a step made."""
        home = _home(self.out, self.run)
        atomic.write_bytes(home, f"steps/{step}.json", _to_json(record))
        os.utime(home)  # not abandoned
        return record

    def recorded(self, step: str) -> StepRecord | None:
        """What a step of this run made, if it ran."""
        source = _home(self.out, self.run) / f"steps/{step}.json"
        try:
            written = source.stat()
        except FileNotFoundError:
            return None
        return _recorded(source, written.st_ino, written.st_mtime_ns)

    def made(self) -> dict[str, Output]:
        """The outputs that the steps of this run made, by name."""
        steps = sorted((_home(self.out, self.run) / "steps").glob("*.json"))
        records = [self.recorded(path.stem) for path in steps]
        return {name: out for record in records if record for name, out in record.outputs.items()}

    def outputs(self) -> dict[str, Output]:
        """The outputs that this release would hold: made by this run, else the previous ones."""
        previous = self.previous.outputs if self.previous else {}
        return {**previous, **self.made()}

    def parts(self, table: str) -> list[Path]:
        """The parts of a table, in order.

        Raises:
            PipelineError: Neither this run made the table nor does the published release hold it.
        """
        made = self.made()
        if table in made:
            return [self.root / entry.path for entry in made[table].files]
        if self.previous is None:
            message = f"There is no table {table} yet: run the whole job first."
            raise PipelineError(message)
        files = self.previous.outputs[table].files
        for entry in files:
            if not (self.previous.root / entry.path).exists():
                raise PipelineError(lost(entry.path))
        return [self.previous.root / entry.path for entry in files]

    def prune(self, outputs: Mapping[str, Output]) -> None:
        """Remove files that no output lists: what an earlier attempt of the run left behind."""
        listed = {entry.path for output in outputs.values() for entry in output.files}
        for path in local.unlisted(self.root, listed):
            (self.root / path).unlink()


def _home(out: Path, run: str) -> Path:
    return out / "staging" / run


@lru_cache(maxsize=64)  # the steps of a run, which ask for each other's records hundreds of times
def _recorded(source: Path, *_version: int) -> StepRecord:
    return _from_json(source.read_bytes())


def _to_json(record: StepRecord) -> bytes:
    outputs = {
        name: {**output._asdict(), "files": [entry.to_json() for entry in output.files]}
        for name, output in record.outputs.items()
    }
    stated = {**record._asdict(), "outputs": outputs, "counts": dict(record.counts)}
    return json.dumps({"format": _FORMAT, **stated}).encode()


def _from_json(data: bytes) -> StepRecord:
    """A record as it was written.

    Raises:
        PipelineError: Another version of pressroom wrote it.
    """
    stated = json.loads(data)
    if stated.pop("format", None) != _FORMAT:
        message = "Another version of pressroom began this run: start another."
        raise PipelineError(message)
    outputs = {
        name: Output(
            output["recipe"], output["inputs"], tuple(map(FileEntry.from_json, output["files"]))
        )
        for name, output in stated["outputs"].items()
    }
    return StepRecord(**{**stated, "outputs": outputs, "damaged": tuple(stated["damaged"])})


@contextlib.contextmanager
def held(out: Path, run: str) -> Iterator[None]:
    """A run that is this one process: its staging folder goes when the run ends.

    If the process is killed, the next run to begin removes the folder: the lock on the file in it
    is gone with the process.

    Raises:
        PipelineError: The output folder cannot be written.
    """
    home = _home(out, run)
    lock = FileLock(home / "lock")
    try:  # at once: a signal may end the process at any line
        with local.locked(out):
            home.mkdir(parents=True)
            lock.acquire(blocking=False)
        yield
    finally:
        discard(out, run)
        lock.release()


def begin(store: ReleaseStore, run: str, as_of: int) -> Staging:
    """The staging folder of a run: the one that it began before, or a new one.

    Raises:
        PipelineError: ``current`` points to something that is no release, the output folder
            cannot be written, or the storage does not answer.
    """
    out = store.out
    begun = _home(out, run) / "begun.json"
    if not begun.exists():
        with local.locked(out):
            _clear(out)
            if not begun.exists():  # by another process of the run
                store.prepare()
                _begin(begun, local.current(out), local.pinned(out), as_of)
        empty_trash(out)
    state = json.loads(begun.read_bytes())
    previous = state["previous"]
    release = open_release(out / "releases" / previous) if previous else None
    return Staging(store, run, state["as_of"], release, state["pinned"])


def _begin(begun: Path, previous: Release | None, pinned: str | None, as_of: int) -> None:
    state = {
        "previous": previous.id if previous else None,
        "pinned": pinned if previous else None,
        "as_of": as_of,
    }
    for name in ("work", "release"):
        (begun.parent / name).mkdir(parents=True, exist_ok=True)
    atomic.write_bytes(begun.parent, begun.name, json.dumps(state).encode())


def discard(out: Path, run: str) -> None:
    """Remove the staging folder of a run, if it has one, and if the output folder lets it."""
    home = _home(out, run)
    if home.exists():
        with contextlib.suppress(PipelineError):  # an error of its own is being told
            with local.locked(out):
                trashed = trash(out, home)
            shutil.rmtree(trashed, ignore_errors=True)


def trash(out: Path, folder: Path) -> Path:
    """Take a folder away in one step, under the lock, to where `empty_trash` deletes it."""
    target = out / "staging" / (folder.name + _DELETED)
    shutil.rmtree(target, ignore_errors=True)
    return folder.rename(target)


def empty_trash(out: Path) -> None:
    """Delete what is in the trash, also by runs that died while they deleted it."""
    for trashed in (out / "staging").glob(f"*{_DELETED}"):
        shutil.rmtree(trashed, ignore_errors=True)


def _clear(out: Path) -> None:
    """Take away what dead runs left behind, under the lock of the output folder."""
    for name in ("current", "pinned"):
        atomic.temporary_link(out / name).unlink(missing_ok=True)
    staging = out / "staging"
    for home in list(staging.iterdir()) if staging.exists() else ():
        if home.suffix != _DELETED:
            _clear_dead(out, home)


def _clear_dead(out: Path, home: Path) -> None:
    if not (home / "lock").exists():
        # Of several processes, or none just now: a day is left to re-execute a failed run.
        if time.time() - home.stat().st_mtime > _ABANDONED_SECONDS:
            trash(out, home)
        return
    with contextlib.suppress(Timeout), FileLock(home / "lock", blocking=False):
        trash(out, home)


def write_manifest(
    staging: Staging,
    outputs: Mapping[str, Output],
    inputs: str,
    base_url: str,
    counts: Counts,
    python: str = "",
    schema_changes: tuple[SchemaChange, ...] = (),
    schema_version: int = 1,
) -> Release:
    """Write the manifest, the last file of a release, which gets its number and its id by that."""
    outputs = dict(sorted(outputs.items()))
    sequence = local.next_sequence(staging.out)
    files = [entry for output in outputs.values() for entry in output.files]
    content = digest([[entry.path, entry.sha256] for entry in files])
    manifest = Manifest(
        f"{sequence:06}-{content[:8]}",
        sequence,
        staging.previous.id if staging.previous else None,
        staging.as_of,
        inputs,
        base_url,
        counts,
        outputs,
        staging.run,
        python,
        schema_changes,
        schema_version,
    )
    atomic.write_bytes(staging.root, MANIFEST, manifest.to_json().encode())
    return Release(staging.root, manifest)


def staged(staging: Staging) -> Release | None:
    """The release in a staging folder, once its manifest is written.

    It may stand in its place already, if the run died between the last two steps of `publish`.
    """
    moved = staging.recorded(MOVED)
    if moved is not None and moved.release is not None and not staging.root.exists():
        return open_release(staging.out / "releases" / moved.release)
    return open_release(staging.root) if (staging.root / MANIFEST).exists() else None
