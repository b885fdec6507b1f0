"""Releases on object storage, as its catalog names them, and the copies that a machine works with.

::

    <storage>/catalog.json                          the one object that changes: what is published
    <storage>/releases/<id>-<chance>/manifest.json  … and the files that it lists
    <storage>/releases/<id>-<chance>/objects.json   the size and ETag of each
    <storage>/etags/<raw>.parquet                   what is known of raw objects

A release is uploaded under a name that nobody else writes, and published by the catalog, which is
written last and only if it is still the one that was read: of two publishers one wins. A reader
takes the prefix from the catalog and the files from the manifest, and never lists anything.

A machine has releases in its output folder as they stand on a disk alone, current and pinned as the
catalog says since the last `pull`; of one that another machine published there is just the manifest
until `fetch` brings the rest.
"""

import contextlib
import json
import os
import secrets
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from pipeline import releases, storage, store
from pipeline.errors import ConflictError, PipelineError
from pipeline.releases import MANIFEST, Release
from pipeline.storage import Bucket, at_once
from pipeline.store import FileEntry

_CATALOG = "catalog.json"
_OBJECTS = "objects.json"
_ABANDONED_SECONDS = 24 * 3600


class Published(NamedTuple):
    """Where a release is, and when another took its place, in seconds since 1970."""

    prefix: str
    superseded: int | None = None


@dataclass(frozen=True)
class Catalog:
    """What is published: the ids of the current and the pinned release, and all that are kept.

    `etag` is that of the object that was read; None if there is no catalog yet.
    """

    url: str
    current: str | None = None
    pinned: str | None = None
    releases: Mapping[str, Published] = field(default_factory=dict)
    etag: str | None = None

    @property
    def bucket(self) -> Bucket:
        """The storage that it is of."""
        return storage.at(self.url)


def read(url: str) -> Catalog:
    """The catalog of a site, or an empty one.

    Raises:
        PipelineError: The storage does not answer, or the object is no catalog.
    """
    try:
        data, etag = storage.at(url).read(_CATALOG)
    except FileNotFoundError:
        return Catalog(url)
    try:
        stated = json.loads(data)
        kept = {name: Published(**published) for name, published in stated["releases"].items()}
        return Catalog(url, stated["current"], stated["pinned"], kept, etag)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PipelineError(f"{url}/{_CATALOG} is no catalog: {error!r}.") from error


def _write(catalog: Catalog) -> None:
    """Put a catalog in the place of the one that it was made from, which `etag` is of.

    Raises:
        ConflictError: Somebody else did so in the meantime.
        PipelineError: The storage does not answer, or heeds no conditions.
    """
    kept = {name: published._asdict() for name, published in catalog.releases.items()}
    stated = {"current": catalog.current, "pinned": catalog.pinned, "releases": kept}
    data = json.dumps(stated, indent=1).encode()
    if catalog.etag is None:
        _check_conditions(catalog.bucket)
    try:
        catalog.bucket.swap(_CATALOG, data, catalog.etag)
    except PipelineError:
        # The answer may have been lost on its way, and the question asked again.
        with contextlib.suppress(PipelineError, FileNotFoundError):
            if catalog.bucket.read(_CATALOG).data == data:
                return
        raise


def _check_conditions(bucket: Bucket) -> None:
    """Look whether the storage refuses to create what is there: else publishers would collide."""
    probe = f"probe-{secrets.token_hex(4)}"
    bucket.swap(probe, b"", None)
    try:
        bucket.swap(probe, b"", None)
    except ConflictError:
        return
    finally:
        bucket.delete([probe])
    message = (
        f"The storage at {bucket.url} writes an object although it was told not to (If-None-Match,"
        " RFC 9110): two publishers could overwrite each other."
    )
    raise PipelineError(message)


# --- from the storage to this machine -----------------------------------------------------------


def pull(url: str, out: Path) -> Catalog:
    """Let an output folder say what the catalog says, under the lock of the folder.

    Without storage (an empty URL), and before there is a catalog, it goes on saying what it says.

    What the folder holds besides stays: it may be the site before it moved to the storage.

    Raises:
        PipelineError: The storage does not answer, or lacks the manifest of a release.
    """
    catalog = read(url) if url else Catalog(url)
    if catalog.etag is None:
        return catalog
    for _ in at_once(lambda name: _bring_manifest(catalog, out, name), catalog.releases):
        pass
    for link, name in (("current", catalog.current), ("pinned", catalog.pinned)):
        store.point(out / link, Path("releases") / name if name else None)
    return catalog


def _bring_manifest(catalog: Catalog, out: Path, name: str) -> None:
    published, folder = catalog.releases[name], out / "releases" / name
    if not (folder / MANIFEST).exists():
        try:
            data = catalog.bucket.read(f"{published.prefix}/{MANIFEST}").data
        except FileNotFoundError as error:
            message = (
                f"{catalog.url}/{published.prefix} is named in the catalog, and has no {MANIFEST}."
            )
            raise PipelineError(message) from error
        folder.mkdir(parents=True, exist_ok=True)
        store.write_bytes(folder, MANIFEST, data)
    if published.superseded is not None:
        os.utime(folder, (published.superseded, published.superseded))


def lacking(url: str, release: Release) -> list[str]:
    """The files of a release that are not on the storage as they were uploaded; none is read.

    Raises:
        PipelineError: The storage does not answer.
    """
    catalog = read(url)
    if release.id not in catalog.releases:
        return []
    prefix = catalog.releases[release.id].prefix
    try:
        uploaded = json.loads(catalog.bucket.read(f"{prefix}/{_OBJECTS}").data)
    except (FileNotFoundError, ValueError):
        uploaded = {}
    found = _objects(catalog.bucket, prefix)
    paths = [entry["path"] for entry in release.manifest["files"]]
    return [path for path in paths if path not in found or found[path] != uploaded.get(path)]


def _objects(bucket: Bucket, prefix: str) -> dict[str, list[Any]]:
    """Size and ETag of the objects below a prefix, by the path below it."""
    listed = bucket.listed(prefix)
    return {one.path.removeprefix(prefix + "/"): [one.bytes, one.etag] for one in listed}


def fetch(url: str, release: Release, outputs: Collection[str] | None = None) -> list[str]:
    """Bring files of a release that this machine lacks, or holds otherwise: all, or some outputs'.

    Returns:
        The paths of those that the storage lacks, or holds otherwise, too.

    Raises:
        PipelineError: The storage does not answer, or the disk is full.
    """
    wanted = set(releases.damaged(release, outputs))
    if not wanted:
        return []
    catalog = read(url)
    if release.id not in catalog.releases:
        return sorted(wanted)
    prefix = catalog.releases[release.id].prefix
    entries = [
        entry
        for output in release.outputs.values()
        for entry in output.files
        if entry.path in wanted
    ]
    brought = at_once(lambda entry: _bring(catalog.bucket, prefix, release.root, entry), entries)
    return [entry.path for entry, is_whole in zip(entries, brought, strict=True) if not is_whole]


def _bring(bucket: Bucket, prefix: str, root: Path, entry: FileEntry) -> bool:
    """Bring a file, if it is on the storage as the manifest says."""
    (root / entry.path).unlink(missing_ok=True)  # its bytes may be another release's too
    try:
        with store.created(root, entry.path) as stream:
            bucket.fetch(f"{prefix}/{entry.path}", stream)
    except FileNotFoundError:
        return False
    return releases.is_intact(root, entry)


def verify(url: str, release: Release) -> list[tuple[str, str]]:
    """As `releases.verify`, of a release as it is on the storage: all of it is read.

    Raises:
        PipelineError: The storage does not hold the release, or does not answer.
    """
    catalog = read(url)
    if release.id not in catalog.releases:
        raise PipelineError(f"{release.id} is not at {url}.")
    prefix = catalog.releases[release.id].prefix
    there = _objects(catalog.bucket, prefix)
    entries = [entry for output in release.outputs.values() for entry in output.files]

    def harm(entry: FileEntry) -> str:
        if entry.path not in there:
            return "missing"
        sha256 = catalog.bucket.sha256(f"{prefix}/{entry.path}")
        return "" if sha256 == entry.sha256 else "damaged"

    kinds = zip(at_once(harm, entries), entries, strict=True)
    listed = {MANIFEST, _OBJECTS, *(entry.path for entry in entries)}
    too_much = [("too much", path) for path in sorted(there) if path not in listed]
    return [(kind, entry.path) for kind, entry in kinds if kind] + too_much


# --- from this machine to the storage -----------------------------------------------------------


def upload(url: str, release: Release, previous: Release | None) -> Published:
    """Upload a release; files that an earlier one has too are copied by the storage.

    Nobody is led to it before `publish`.

    Raises:
        PipelineError: The storage does not answer, or lacks what was just written.
    """
    catalog = read(url)
    bucket, prefix = catalog.bucket, f"releases/{release.id}-{secrets.token_hex(4)}"
    there = _there(catalog, previous)

    def put(entry: Mapping[str, Any]) -> None:
        target = f"{prefix}/{entry['path']}"
        source = there.get(entry["sha256"])
        if source is None or not bucket.copy(source, target, entry["bytes"]):
            bucket.upload(target, release.root / entry["path"])

    for _ in at_once(put, release.manifest["files"]):
        pass
    found = _objects(bucket, prefix)
    for entry in release.manifest["files"]:
        if found.get(entry["path"], [None])[0] != entry["bytes"]:
            message = f"{bucket.url}/{prefix}/{entry['path']} is not there as it was uploaded."
            raise PipelineError(message)
    bucket.write(f"{prefix}/{_OBJECTS}", json.dumps(found).encode())
    bucket.upload(f"{prefix}/{MANIFEST}", release.root / MANIFEST)
    return Published(prefix)


def _there(catalog: Catalog, previous: Release | None) -> dict[str, str]:
    """Where the intact files of a release are on the storage, by their SHA-256."""
    if previous is None or previous.id not in catalog.releases:
        return {}
    prefix, harmed = catalog.releases[previous.id].prefix, set(lacking(catalog.url, previous))
    return {
        entry["sha256"]: f"{prefix}/{entry['path']}"
        for entry in previous.manifest["files"]
        if entry["path"] not in harmed
    }


def publish(
    catalog: Catalog, release: str, published: Published, retired: Collection[str] = ()
) -> None:
    """Make an uploaded release the current one, unpinned, and forget those that are `retired`.

    Raises:
        ConflictError: The catalog is not the one that was read any more.
        PipelineError: The storage does not answer.
    """
    kept = {name: one for name, one in _superseded(catalog).items() if name not in retired}
    _write(replace(catalog, current=release, pinned=None, releases={**kept, release: published}))


def roll_back(catalog: Catalog, release: str) -> None:
    """Make another release of the catalog the current one, and pin the site to it.

    Raises:
        ConflictError: The catalog is not the one that was read any more.
        PipelineError: The storage does not hold the release, or does not answer.
    """
    if release not in catalog.releases:
        raise PipelineError(f"{release} is not at {catalog.url}. The published release stays.")
    kept = _superseded(catalog)
    _write(replace(catalog, current=release, pinned=release, releases=kept))


def unpin(catalog: Catalog) -> None:
    """Let builds publish again.

    Raises:
        ConflictError: The catalog is not the one that was read any more.
        PipelineError: The storage does not answer.
    """
    _write(replace(catalog, pinned=None))


def _superseded(catalog: Catalog) -> dict[str, Published]:
    """The releases, of which the current one is superseded now."""
    kept = dict(catalog.releases)
    if catalog.current in kept:
        kept[catalog.current] = kept[catalog.current]._replace(superseded=int(time.time()))
    return kept


def sweep(url: str) -> None:
    """Delete what no catalog names: retired releases, and those whose runs died or lost.

    A day is left to runs that are uploading. What cannot be deleted now is the next run's to try.
    """
    if not url:
        return
    with contextlib.suppress(PipelineError):
        catalog = read(url)
        named = {published.prefix for published in catalog.releases.values()}
        for prefix in catalog.bucket.prefixes("releases"):
            objects = list(catalog.bucket.listed(prefix)) if prefix not in named else []
            newest = max((one.modified for one in objects), default=0)
            if time.time() - newest > _ABANDONED_SECONDS:
                catalog.bucket.delete(one.path for one in objects)


def adopt(catalog: Catalog, out: Path) -> None:
    """Bring to the storage, which has no catalog yet, what an output folder has published.

    Raises:
        ConflictError: There is a catalog meanwhile.
        PipelineError: The storage does not answer, or the release is damaged.
    """
    release, pinned = releases.current(out), releases.pinned(out)
    if release is None:
        return
    if harmed := releases.damaged(release):
        message = f"{release.root} is damaged ({harmed[0]}): build once without storage."
        raise PipelineError(message)
    publish(catalog, release.id, upload(catalog.url, release, None))
    if pinned == release.id:
        roll_back(read(catalog.url), release.id)
