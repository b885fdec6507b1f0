"""Releases: staging, manifest, and the one atomic swap that publishes.

::

    out/current -> releases/000002-1f2e3d4c      what readers resolve, once
    out/releases/<sequence>-<digest>/manifest.json, tables/, csv/, site/
    out/staging/<run>/release/                   what is being written, laid out like a release
    out/staging/<run>/work/                      what the steps of a run hand to each other
    out/staging/<run>/steps/<step>.json          what a step made

A run knows by its staging folder alone how far it came: Dagster may run each step in a process of
its own, and re-execute a run from the step that failed.
"""

import contextlib
import json
import os
import shutil
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from filelock import FileLock

from pipeline import store
from pipeline.errors import ConflictError, PipelineError
from pipeline.recipes import digest
from pipeline.store import FileEntry

MANIFEST = "manifest.json"
_MOVED = "moved"
_KEPT_SECONDS = 3600
_ABANDONED_SECONDS = 24 * 3600


class Output(NamedTuple):
    """A table or an export: its files, and the digest of what it was made from."""

    inputs: str
    files: tuple[FileEntry, ...]

    @property
    def version(self) -> str:
        """The digest of the files' content."""
        return digest([[entry.path, entry.sha256] for entry in self.files])

    @property
    def rows(self) -> int:
        """The rows of all parts; 0 for what is no table."""
        return sum(entry.rows or 0 for entry in self.files)


class StepRecord(NamedTuple):
    """What a step of a run made and counted."""

    outputs: dict[str, Output]
    counts: dict[str, Any]


@dataclass(frozen=True)
class Release:
    """A release, published or staged."""

    root: Path
    manifest: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Sequence and digest, such as ``000002-1f2e3d4c``."""
        return str(self.manifest["release"])

    @property
    def counts(self) -> Mapping[str, Any]:
        """Files, articles, rejects, links by status, changes by kind, …"""
        counts: Mapping[str, Any] = self.manifest["counts"]
        return counts

    def outputs(self) -> dict[str, Output]:
        """The outputs by name."""
        files: dict[str, list[FileEntry]] = {name: [] for name in self.manifest["outputs"]}
        for entry in self.manifest["files"]:
            files[entry["output"]].append(
                FileEntry(entry["path"], entry["bytes"], entry["sha256"], entry["rows"])
            )
        return {
            name: Output(self.manifest["outputs"][name]["inputs"], tuple(entries))
            for name, entries in files.items()
        }


def current(out: Path) -> Release | None:
    """The published release of an output folder.

    Raises:
        PipelineError: ``current`` is no symbolic link, or points to something that is no release.
    """
    link = out / "current"
    if link.is_symlink():
        return _open(link.resolve())
    if link.exists():
        message = f"{link} is no symbolic link, as after a copy that follows links: remove it."
        raise PipelineError(message)
    return None


def _open(root: Path) -> Release:
    try:
        return Release(root, json.loads((root / MANIFEST).read_bytes()))
    except (OSError, ValueError) as error:
        message = f"{root} is not a whole release: its {MANIFEST} cannot be read ({error})."
        raise PipelineError(message) from error


@dataclass(frozen=True)
class Staging:
    """The release that a run writes. Made by `begin`, or found again by the same run."""

    out: Path
    run: str
    as_of: int
    previous: Release | None
    root: Path = field(init=False)
    work: Path = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "root", _home(self.out, self.run) / "release")
        object.__setattr__(self, "work", _home(self.out, self.run) / "work")

    def record(self, step: str, record: StepRecord) -> StepRecord:
        """Remember what a step made."""
        data = json.dumps({"outputs": record.outputs, "counts": record.counts}).encode()
        home = _home(self.out, self.run)
        store.write_bytes(home, f"steps/{step}.json", data)
        os.utime(home)  # not abandoned
        return record

    def recorded(self, step: str) -> StepRecord | None:
        """What a step of this run made, if it ran."""
        try:
            data = json.loads((_home(self.out, self.run) / f"steps/{step}.json").read_bytes())
        except FileNotFoundError:
            return None
        outputs = {
            name: Output(inputs, tuple(FileEntry(*entry) for entry in files))
            for name, (inputs, files) in data["outputs"].items()
        }
        return StepRecord(outputs, data["counts"])

    def made(self) -> dict[str, Output]:
        """The outputs that the steps of this run made, by name."""
        steps = sorted((_home(self.out, self.run) / "steps").glob("*.json"))
        records = [self.recorded(path.stem) for path in steps]
        return {name: out for record in records if record for name, out in record.outputs.items()}

    def outputs(self) -> dict[str, Output]:
        """The outputs that this release would hold: made by this run, else the previous ones."""
        previous = self.previous.outputs() if self.previous else {}
        return {**previous, **self.made()}

    def parts(self, table: str) -> list[Path]:
        """The parts of a table, in order.

        Raises:
            PipelineError: Neither this run made the table nor does a published release hold it.
        """
        made = self.made()
        if table in made:
            return [self.root / entry.path for entry in made[table].files]
        if self.previous is None:
            message = f"There is no table {table} yet: run the whole job first."
            raise PipelineError(message)
        files = self.previous.outputs()[table].files
        return [self.previous.root / entry.path for entry in files]

    def adopt(self, outputs: Mapping[str, Output]) -> None:
        """Link files of the previous release into this one, or copy them where that fails."""
        if self.previous is None:
            return
        for output in outputs.values():
            for entry in output.files:
                target = self.root / entry.path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.unlink(missing_ok=True)
                _link(self.previous.root / entry.path, target)

    def prune(self, outputs: Mapping[str, Output]) -> None:
        """Remove files that no output lists: what an earlier attempt of the run left behind."""
        listed = {entry.path for output in outputs.values() for entry in output.files}
        for path in unlisted(self.root, listed):
            (self.root / path).unlink()


def damaged(release: Release) -> list[str]:
    """The files that are missing, or not of the size and SHA-256 that the manifest states."""
    return [
        entry["path"] for entry in release.manifest["files"] if not _is_intact(release.root, entry)
    ]


def _is_intact(root: Path, entry: Mapping[str, Any]) -> bool:
    try:
        found = store.entry(root, entry["path"])
    except OSError:
        return False
    return (found.bytes, found.sha256) == (entry["bytes"], entry["sha256"])


def unlisted(root: Path, listed: Collection[str]) -> list[str]:
    """The files below a release, but for its manifest, that are not in a list of paths."""
    found = (path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    return sorted(path for path in found if path != MANIFEST and path not in listed)


def _home(out: Path, run: str) -> Path:
    return out / "staging" / run


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # EPERM, EXDEV, EMLINK: no hard links here, or no more of them
        with store.created(target) as stream, source.open("rb") as original:
            shutil.copyfileobj(original, stream)


def begin(out: Path, run: str, as_of: int) -> Staging:
    """The staging folder of a run: the one that it began before, or a new one.

    Raises:
        PipelineError: ``current`` points to something that is no release, or the output folder
            cannot be written.
    """
    begun = _home(out, run) / "begun.json"
    if begun.exists():
        state = json.loads(begun.read_bytes())
        previous = state["previous"]
        release = _open(out / "releases" / previous) if previous else None
        return Staging(out, run, state["as_of"], release)
    release = current(out)
    staging = Staging(out, run, as_of, release)
    state = {"previous": release.id if release else None, "as_of": as_of}
    try:
        _clear_abandoned(out / "staging")
        staging.work.mkdir(parents=True, exist_ok=True)
        staging.root.mkdir(exist_ok=True)
        store.write_bytes(_home(out, run), begun.name, json.dumps(state).encode())
    except OSError as error:
        message = f"The output folder {out} cannot be written: {error.strerror}."
        raise PipelineError(message) from error
    return staging


def discard(out: Path, run: str) -> None:
    """Remove the staging folder of a run."""
    shutil.rmtree(_home(out, run), ignore_errors=True)


def _clear_abandoned(folder: Path) -> None:
    """Remove what dead runs left behind; a day is left to re-execute a failed one."""
    for home in folder.iterdir() if folder.exists() else ():
        with contextlib.suppress(FileNotFoundError):  # its run has just ended
            if time.time() - home.stat().st_mtime > _ABANDONED_SECONDS:
                shutil.rmtree(home, ignore_errors=True)


def write_manifest(staging: Staging, manifest: Mapping[str, Any]) -> Release:
    """Complete a manifest with id, sequence and files, and write it: the last file of a release."""
    outputs = staging.outputs()
    files = [
        {"output": name, "inputs": output.inputs, **entry._asdict()}
        for name, output in sorted(outputs.items())
        for entry in output.files
    ]
    sequence = _next_sequence(staging.out)
    content = digest([[entry["path"], entry["sha256"]] for entry in files])
    whole = {
        "release": f"{sequence:06}-{content[:8]}",
        "sequence": sequence,
        "previous": staging.previous.id if staging.previous else None,
        "as_of": staging.as_of,
        **manifest,
        "outputs": {
            name: {
                "inputs": output.inputs,
                "version": output.version,
                "files": len(output.files),
                "rows": output.rows,
            }
            for name, output in sorted(outputs.items())
        },
        "files": files,
    }
    data = json.dumps(whole, indent=1, ensure_ascii=False).encode()
    store.write_bytes(staging.root, MANIFEST, data)
    return Release(staging.root, whole)


def _next_sequence(out: Path) -> int:
    return max((int(release.name[:6]) for release in _releases(out)), default=0) + 1


def _releases(out: Path) -> Iterator[Path]:
    folder = out / "releases"
    if folder.exists():
        yield from sorted(path for path in folder.iterdir() if path.name[:6].isdigit())


def staged(staging: Staging) -> Release | None:
    """The release in a staging folder, once its manifest is written.

    It may stand in its place already, if the run died between the last two steps of `publish`.
    """
    moved = staging.recorded(_MOVED)
    if moved is not None and not staging.root.exists():
        return _open(staging.out / "releases" / moved.counts["release"])
    return _open(staging.root) if (staging.root / MANIFEST).exists() else None


def publish(staging: Staging) -> Release:
    """Make a staged release the current one: compare and swap, under a lock.

    Raises:
        ConflictError: Another run published since this one began.
        PipelineError: No release is staged.
    """
    release = staged(staging)
    if release is None:
        raise PipelineError("No release is staged: select manifest too.")
    out = staging.out
    target = out / "releases" / release.id
    for folder in (path for path in release.root.rglob("*") if path.is_dir()):
        _sync(folder)
    _sync(release.root)
    with FileLock(out / "lock"):
        now = current(out)
        if (now.id if now else None) != release.manifest["previous"]:
            message = "Another run published a release in the meantime; run again."
            raise ConflictError(message)
        target.parent.mkdir(exist_ok=True)
        staging.record(_MOVED, StepRecord({}, {"release": release.id}))
        if release.root != target:
            release.root.rename(target)
        _sync(target.parent)
        _point(out / "current", Path("releases") / release.id)
        _retire(out, {release.id, str(release.manifest["previous"])})
    return Release(target, release.manifest)


def _point(link: Path, target: Path) -> None:
    """Point a symbolic link somewhere else, in one step."""
    temporary = link.with_name(link.name + ".tmp")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    temporary.replace(link)
    _sync(link.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _retire(out: Path, kept: set[str]) -> None:
    """Remove releases but those kept and those superseded less than an hour ago.

    A folder's time of change is that of its last rename into place, so a release counts as
    superseded when the next one was published.
    """
    folders = list(_releases(out))
    superseded: Sequence[Path] = folders[1:]
    for folder, successor in zip(folders, superseded, strict=False):
        age = time.time() - successor.stat().st_ctime
        if folder.name not in kept and age > _KEPT_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
