"""Staging: the release that a run writes, and what the steps of the run hand to each other.

::

    out/staging/<run>/release/       what is being written, laid out like a release
    out/staging/<run>/work/          what the steps of a run hand to each other
    out/staging/<run>/lock           locked while the process of the run lives
    out/staging/<name>.tmp/          what is being deleted

A run is one process. What it leaves behind when it is killed, the next run to begin removes: the
lock on the file in its folder is gone with the process.

Folders are made here, and taken away, under the lock of the output folder (`local.locked`): nobody
meets one that is half begun or half deleted.
"""

import contextlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from filelock import FileLock, Timeout

from ..base.digests import digest
from ..base.errors import PipelineError
from ..files import atomic
from . import local
from .manifest import MANIFEST, Counts, Manifest, Output, Release, SchemaChange, open_release
from .store import ReleaseStore

_DELETED = ".tmp"


class StepRecord(NamedTuple):
    """What a step of a run made, and what later steps are to know of it.

    - `counts`: by the names of `Counts`.
    - `parsed`, `reused`: so many files were parsed, of so many the published release had rows.
    - `damaged`: files of the published release that are not as its manifest says.
    - `is_lacking`: the storage lacks some of them.
    - `is_unchanged`: the published release is up to date.
    - `passed`: the id of the release that the audit let pass.
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
    state: str = ""
    no_history: str = ""


@dataclass(frozen=True)
class Staging:
    """The release that a run writes. Made by `begin`.

    `store` is where the release is to be published, `pinned` the release that the site was pinned
    to when the run began, and `lock` held until the run ends.
    """

    store: ReleaseStore
    run: str
    as_of: int
    previous: Release | None
    pinned: str | None
    lock: FileLock
    _records: dict[str, StepRecord] = field(default_factory=dict)
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
        self._records[step] = record
        return record

    def recorded(self, step: str) -> StepRecord | None:
        """What a step of this run made, if it ran."""
        return self._records.get(step)

    def made(self) -> dict[str, Output]:
        """The outputs that the steps of this run made, by name."""
        records = dict(self._records).values()  # exports are recorded by threads
        return {name: out for record in records for name, out in record.outputs.items()}

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
                raise PipelineError(local.lost(entry.path))
        return [self.previous.root / entry.path for entry in files]


def _home(out: Path, run: str) -> Path:
    return out / "staging" / run


def begin(store: ReleaseStore, run: str, as_of: int) -> Staging:
    """The staging folder of a new run, which is the caller's to `discard`.

    Raises:
        PipelineError: ``current`` points to something that is no release, the output folder
            cannot be written, or the storage does not answer.
    """
    out, home = store.out, _home(store.out, run)
    lock = FileLock(home / "lock")
    try:  # at once: a signal may end the process at any line
        with local.locked(out):
            _clear(out)
            store.prepare()
            previous = local.current(out)
            for name in ("work", "release"):
                (home / name).mkdir(parents=True)
            lock.acquire(blocking=False)
        empty_trash(out)
        return Staging(store, run, as_of, previous, local.pinned(out) if previous else None, lock)
    except BaseException:
        _end(out, home, lock)
        raise


def discard(staging: Staging) -> None:
    """Remove the staging folder of a run, if the output folder lets it."""
    _end(staging.out, _home(staging.out, staging.run), staging.lock)


def _end(out: Path, home: Path, lock: FileLock) -> None:
    if home.exists():
        with contextlib.suppress(PipelineError):  # an error of its own is being told
            with local.locked(out):
                trashed = trash(out, home)
            shutil.rmtree(trashed, ignore_errors=True)
    lock.release()


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
    """The release in a staging folder, once its manifest is written."""
    return open_release(staging.root) if (staging.root / MANIFEST).exists() else None
