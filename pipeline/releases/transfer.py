"""The files of a release between this machine and object storage, as a catalog names them.

::

    <storage>/releases/<id>-<chance>/manifest.json  … and the files that it lists
    <storage>/releases/<id>-<chance>/objects.json   the size and ETag of each, and of the manifest

A release is uploaded under a name that nobody else writes.
"""

import json
import secrets
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from ..base.errors import PipelineError, StorageError
from ..files import atomic
from ..files.atomic import FileEntry
from ..files.s3 import Bucket, at_once
from . import catalog as catalogs
from . import local
from .catalog import Catalog
from .manifest import MANIFEST, Release

_OBJECTS = "objects.json"


def lacking(url: str, release: Release) -> list[str]:
    """The files of a release, and its manifest, that are not on the storage as they were uploaded.

    None is read: sizes and ETags are compared. They may be whole on this machine, and elsewhere.

    Raises:
        PipelineError: The storage does not answer.
    """
    return _lacking(catalogs.read(url), release)


def _lacking(catalog: Catalog, release: Release) -> list[str]:
    paths = [MANIFEST, *(entry.path for entry in release.files)]
    if release.id not in catalog.releases:
        return paths
    prefix = catalog.releases[release.id].prefix
    try:
        uploaded = json.loads(catalog.bucket.read(f"{prefix}/{_OBJECTS}").data)
    except (FileNotFoundError, ValueError):
        return paths
    found = _objects(catalog.bucket, prefix)
    return [path for path in paths if path not in found or found[path] != uploaded.get(path)]


def _objects(bucket: Bucket, prefix: str) -> dict[str, list[Any]]:
    """Size and ETag of the objects below a prefix, by the path below it."""
    listed = bucket.listed(prefix)
    return {one.path.removeprefix(prefix + "/"): [one.bytes, one.etag] for one in listed}


def fetch(
    url: str,
    release: Release,
    outputs: Collection[str] | None = None,
    check_cancelled: Callable[[], None] = lambda: None,
) -> list[str]:
    """Bring files of a release that this machine lacks, or holds otherwise: all, or some outputs'.

    `check_cancelled` is called between them, and may raise what ends the process.

    Returns:
        The paths of those that the storage lacks, or holds otherwise, too.

    Raises:
        PipelineError: The storage does not answer.
        OSError: The disk is full.
    """
    wanted = set(local.damaged(release, outputs))
    if not wanted:
        return []
    catalog = catalogs.read(url)
    if release.id not in catalog.releases:
        return sorted(wanted)
    prefix = catalog.releases[release.id].prefix
    entries = [entry for entry in release.files if entry.path in wanted]
    harmed = []
    brought = at_once(lambda entry: _bring(catalog.bucket, prefix, release.root, entry), entries)
    for entry, is_whole in zip(entries, brought, strict=True):
        check_cancelled()
        if not is_whole:
            harmed.append(entry.path)
    return harmed


class _HarmedError(Exception):
    """An object is not what the manifest says."""


def _bring(bucket: Bucket, prefix: str, root: Path, entry: FileEntry) -> bool:
    """Bring a file, if it is on the storage as the manifest says."""
    try:
        with atomic.created(root, entry.path) as stream:
            if bucket.fetch(f"{prefix}/{entry.path}", stream.write) != entry.sha256:
                raise _HarmedError
    except (FileNotFoundError, _HarmedError):
        return False
    return True


def verify(url: str, release: Release) -> list[tuple[str, str]]:
    """As `local.verify`, of a release as it is on the storage: all of it is read.

    Raises:
        PipelineError: The storage does not hold the release, or does not answer.
    """
    catalog = catalogs.read(url)
    if release.id not in catalog.releases:
        raise PipelineError(f"{release.id} is not at {url}.")
    prefix = catalog.releases[release.id].prefix
    there = _objects(catalog.bucket, prefix)
    manifest = atomic.describe(MANIFEST, (release.root / MANIFEST).read_bytes())
    entries = [manifest, *release.files]

    def harm(entry: FileEntry) -> str:
        if entry.path not in there:
            return "missing"
        sha256 = catalog.bucket.fetch(f"{prefix}/{entry.path}", lambda _: None)
        return "" if sha256 == entry.sha256 else "damaged"

    kinds = zip(at_once(harm, entries), entries, strict=True)
    listed = {_OBJECTS, *(entry.path for entry in entries)}
    unexpected = [("unexpected", path) for path in sorted(there) if path not in listed]
    return [(kind, entry.path) for kind, entry in kinds if kind] + unexpected


def upload(
    url: str,
    release: Release,
    previous: Release | None,
    check_cancelled: Callable[[], None] = lambda: None,
) -> str:
    """Upload a release; files that an earlier one has too are copied by the storage.

    Nobody is led to it before `publish`. `check_cancelled` is called between files, and may raise
    what ends the process.

    Raises:
        PipelineError: The storage does not answer, or lacks what was just written.
    """
    catalog = catalogs.read(url)
    bucket, prefix = catalog.bucket, f"releases/{release.id}-{secrets.token_hex(4)}"
    there = _there(catalog, previous)
    manifest = atomic.describe(MANIFEST, (release.root / MANIFEST).read_bytes())
    entries = [*release.files, manifest]

    def put(entry: FileEntry) -> None:
        source, target = there.get(entry.sha256), f"{prefix}/{entry.path}"
        if source is None or not bucket.copy(source, target, entry.bytes):
            bucket.upload(target, release.root / entry.path)

    for _ in at_once(put, entries):
        check_cancelled()
    found = _objects(bucket, prefix)
    for entry in entries:
        if found.get(entry.path, [None])[0] != entry.bytes:
            message = f"{bucket.url}/{prefix}/{entry.path} does not match what was uploaded."
            raise StorageError(message)
    bucket.write(f"{prefix}/{_OBJECTS}", json.dumps(found).encode())
    return prefix


def _there(catalog: Catalog, previous: Release | None) -> dict[str, str]:
    """Where the intact files of a release are on the storage, by their SHA-256."""
    if previous is None or previous.id not in catalog.releases:
        return {}
    prefix, harmed = catalog.releases[previous.id].prefix, set(_lacking(catalog, previous))
    return {
        entry.sha256: f"{prefix}/{entry.path}"
        for entry in previous.files
        if entry.path not in harmed
    }
