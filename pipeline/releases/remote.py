"""Releases on object storage, as its catalog names them, and the copies that a machine works with.

::

    <storage>/catalog.json                          the one object that changes: what is published
    <storage>/releases/<id>-<chance>/manifest.json  … and the files that it lists
    <storage>/releases/<id>-<chance>/objects.json   the size and ETag of each, and of the manifest
    <storage>/etags/<raw>.parquet                   what is known of raw objects

A release is uploaded under a name that nobody else writes, and published by the catalog, which is
written last and only if it is still the one that was read: of two publishers one wins. A reader
takes the prefix from the catalog and the files from the manifest, and never lists anything.

An output folder works for one storage, whose URL it keeps. It has releases as they stand on a disk
alone, and `releases.seen` says what the catalog said at the last `pull`; of a release that another
machine published there is just the manifest until `fetch` brings the rest. So there is no link
``current`` for the readers of a folder: `settle` makes a folder of theirs.
"""

import contextlib
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from ..base.errors import ConflictError, PipelineError, SettingsError, StorageError
from ..base.wording import some
from ..files import atomic, s3
from ..files.atomic import FileEntry
from ..files.s3 import Bucket, at_once
from . import local
from .local import SEEN
from .manifest import MANIFEST, Release, open_release

_CATALOG = "catalog.json"
_OBJECTS = "objects.json"
_READ_SECONDS = 24 * 3600
_ID = re.compile(r"[0-9]{6,}-[0-9a-f]{8}")
# What stands below releases/ and is not so named is somebody else's.
_PREFIX = re.compile(rf"releases/{_ID.pattern}-[0-9a-f]{{8}}")
_NO_ETAG = '"00000000000000000000000000000000"'


class Published(NamedTuple):
    """Where a release is, and when another took its place, in seconds since 1970."""

    prefix: str
    superseded: int | None = None


@dataclass(frozen=True)
class Catalog:
    """What is published: the ids of the current and the pinned release, and all that are kept.

    `retired` are the prefixes of those that are kept no more, and since when, in seconds since
    1970: a reader may still be there. `etag` is that of the object that was read; None if there is
    no catalog yet.
    """

    url: str
    current: str | None = None
    pinned: str | None = None
    releases: Mapping[str, Published] = field(default_factory=dict)
    retired: Mapping[str, int] = field(default_factory=dict)
    etag: str | None = None

    @property
    def bucket(self) -> Bucket:
        """The storage that it is of."""
        return s3.at(self.url)


def read(url: str) -> Catalog:
    """The catalog of a site, or an empty one.

    Raises:
        PipelineError: The storage does not answer, or the object is no catalog.
    """
    try:
        data, etag = s3.at(url).read(_CATALOG)
    except FileNotFoundError:
        return Catalog(url)
    try:
        stated = json.loads(data)
        kept = {_id(name): _published(one) for name, one in stated["releases"].items()}
        current, pinned = stated["current"], stated["pinned"]
        if current not in kept or (pinned is not None and pinned not in kept):
            raise ValueError(current, pinned)
        retired = {_prefix(prefix): int(since) for prefix, since in stated["retired"].items()}
        return Catalog(url, current, pinned, kept, retired, etag)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PipelineError(f"{url}/{_CATALOG} is no catalog: {error!r}.") from error


def _id(name: str) -> str:
    """The id of a release, which is to name a folder."""
    if not _ID.fullmatch(name):
        raise ValueError(name)
    return name


def _published(stated: Mapping[str, Any]) -> Published:
    prefix, superseded = stated["prefix"], stated.get("superseded")
    return Published(_prefix(prefix), None if superseded is None else int(superseded))


def _prefix(stated: str) -> str:
    """Where a release is, or was."""
    if not _PREFIX.fullmatch(stated):
        raise ValueError(stated)
    return stated


def _write(catalog: Catalog, out: Path) -> None:
    """Put a catalog in the place of the one that it was made from, which `etag` is of.

    The output folder says what it says from then on.

    Raises:
        ConflictError: Somebody else did so in the meantime.
        PipelineError: The storage does not answer, or heeds no conditions.
    """
    kept = {name: published._asdict() for name, published in catalog.releases.items()}
    stated = {
        "current": catalog.current,
        "pinned": catalog.pinned,
        "releases": kept,
        "retired": catalog.retired,
    }
    data = json.dumps(stated, indent=1).encode()
    if catalog.etag is None:
        _check_conditions(catalog.bucket)
    try:
        catalog.bucket.swap(_CATALOG, data, catalog.etag)
    except PipelineError:
        if not _is_there(catalog.bucket, data):
            raise
    _remember(catalog, out)


def _is_there(bucket: Bucket, data: bytes) -> bool:
    """Whether a catalog was written after all: the answer may have been lost on its way."""
    with contextlib.suppress(PipelineError, FileNotFoundError):
        return bucket.read(_CATALOG).data == data
    return False


def _check_conditions(bucket: Bucket) -> None:
    """Look whether the storage heeds the conditions that keep publishers apart."""
    probe = f"probe-{secrets.token_hex(4)}"
    bucket.swap(probe, b"", None)
    try:
        for name, etag in (("If-None-Match", None), ("If-Match", _NO_ETAG)):
            with contextlib.suppress(ConflictError):
                bucket.swap(probe, b"", etag)
                message = (
                    f"The storage at {bucket.url} does not heed {name} (RFC 9110) when it writes:"
                    " two publishers could overwrite each other."
                )
                raise PipelineError(message)
    finally:
        bucket.delete([probe])


# --- from the storage to this machine -----------------------------------------------------------


def pull(url: str, out: Path, *, moves: bool = False) -> Catalog:
    """Let an output folder say what the catalog says, under the lock of the folder.

    Without storage (an empty URL), and before there is a catalog, it goes on saying what it says.

    What the folder holds besides stays. What another machine has retired goes. Where the folder is
    a site itself, and whoever moved it to the storage died before the folder said so, it says so
    now if it `moves`.

    Raises:
        SettingsError: The folder is a site itself, or works for another storage.
        PipelineError: The storage does not answer.
    """
    check_home(url, out)
    catalog = read(url) if url else Catalog(url)
    if catalog.etag is None:
        return catalog
    _check_no_site(catalog, out, moves=moves)
    for _ in at_once(lambda name: _bring_manifest(catalog, out, name), catalog.releases):
        pass
    for name in _known(out).difference(catalog.releases):
        shutil.rmtree(out / "releases" / name, ignore_errors=True)
    _remember(catalog, out)
    return catalog


def check_home(url: str, out: Path) -> None:
    """Refuse an output folder that works for another storage than this, or none.

    Raises:
        SettingsError: It does.
    """
    stated = local.seen(out)
    if stated is not None and stated["url"] != url:
        home = stated["url"]
        message = (
            f"{out} works for {home}: name that with --storage, or another folder with --out."
            f" `pressroom fetch --storage {home} --out FOLDER` brings the site into a new folder,"
            " from where the next build publishes it elsewhere."
        )
        raise SettingsError(message)


def _check_no_site(catalog: Catalog, out: Path, *, moves: bool) -> None:
    """Refuse an output folder that is a site itself, unless it moves to where its release is.

    Raises:
        SettingsError: It is.
    """
    here = None if local.seen(out) else local.current_id(out)
    if here is not None and not (moves and here in catalog.releases):
        message = (
            f"{out} is a site of its own, and does not work for {catalog.url}:"
            " name another folder with --out, or no storage."
        )
        raise SettingsError(message)


def _bring_manifest(catalog: Catalog, out: Path, name: str) -> None:
    """Bring a manifest that is not here; of a release that has lost its own there is a folder."""
    published, folder = catalog.releases[name], out / "releases" / name
    if not (folder / MANIFEST).exists():
        place = f"{published.prefix}/{MANIFEST}"
        folder.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            data = catalog.bucket.read(place).data
            _check_paths(data, f"{catalog.url}/{place}")
            atomic.write_bytes(folder, MANIFEST, data)
    if published.superseded is not None:
        os.utime(folder, (published.superseded, published.superseded))


def _check_paths(manifest: bytes, place: str) -> None:
    """Refuse what is no manifest, or names anything outside of its release."""
    try:
        paths = [PurePosixPath(entry["path"]) for entry in json.loads(manifest)["files"]]
    except (ValueError, KeyError, TypeError) as error:
        raise PipelineError(f"{place} is no manifest: {error!r}.") from error
    for path in paths:
        if path.is_absolute() or ".." in path.parts:
            raise PipelineError(f"{place} names {path}, which is no path below it.")


def _known(out: Path) -> set[str]:
    """The releases that the catalog named when it was last seen here."""
    stated = local.seen(out)
    return set(stated["releases"]) if stated else set()


def _remember(catalog: Catalog, out: Path) -> None:
    """Let an output folder say what a catalog says, and lead no reader of a folder anywhere."""
    stated = {
        "url": catalog.url,
        "current": catalog.current,
        "pinned": catalog.pinned,
        "releases": sorted(catalog.releases),
    }
    if local.seen(out) != stated:
        atomic.put(out, SEEN, json.dumps(stated, indent=1).encode())
    for link in ("current", "pinned"):
        (out / link).unlink(missing_ok=True)


def settle(url: str, out: Path) -> Release:
    """Make a new folder the site that is on a storage, under the lock of the folder.

    The published release is there whole, and that which the site is pinned to. It works for no
    storage.

    Raises:
        SettingsError: The folder is a site, or works for a storage.
        PipelineError: There is no site at the URL, it lacks a file, or it does not answer.
    """
    if local.current_id(out) is not None:
        raise SettingsError(f"{out} holds releases already: name a new folder with --out.")
    catalog = read(url)
    if catalog.current is None:
        raise PipelineError(f"There is no release in {url} yet.")
    names = [name for name in (catalog.pinned, catalog.current) if name is not None]
    for name in names:
        _bring_manifest(catalog, out, name)
        if harmed := fetch(url, open_release(out / "releases" / name)):
            raise PipelineError(f"{name} lacks {some(harmed)} at {url}: see `pressroom verify`.")
    if catalog.pinned is not None:
        atomic.point(out / "pinned", Path("releases") / catalog.pinned)
    atomic.point(out / "current", Path("releases") / catalog.current)
    return open_release(out / "releases" / catalog.current)


def lacking(url: str, release: Release) -> list[str]:
    """The files of a release, and its manifest, that are not on the storage as they were uploaded.

    None is read: sizes and ETags are compared. They may be whole on this machine, and elsewhere.

    Raises:
        PipelineError: The storage does not answer.
    """
    return _lacking(read(url), release)


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
    heed: Callable[[], None] = lambda: None,
) -> list[str]:
    """Bring files of a release that this machine lacks, or holds otherwise: all, or some outputs'.

    `heed` is called between them, and may raise what ends the process.

    Returns:
        The paths of those that the storage lacks, or holds otherwise, too.

    Raises:
        PipelineError: The storage does not answer.
        OSError: The disk is full.
    """
    wanted = set(local.damaged(release, outputs))
    if not wanted:
        return []
    catalog = read(url)
    if release.id not in catalog.releases:
        return sorted(wanted)
    prefix = catalog.releases[release.id].prefix
    entries = [entry for entry in release.files if entry.path in wanted]
    harmed = []
    brought = at_once(lambda entry: _bring(catalog.bucket, prefix, release.root, entry), entries)
    for entry, is_whole in zip(entries, brought, strict=True):
        heed()
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
    """As `releases.verify`, of a release as it is on the storage: all of it is read.

    Raises:
        PipelineError: The storage does not hold the release, or does not answer.
    """
    catalog = read(url)
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
    too_much = [("too much", path) for path in sorted(there) if path not in listed]
    return [(kind, entry.path) for kind, entry in kinds if kind] + too_much


# --- from this machine to the storage -----------------------------------------------------------


def upload(
    url: str,
    release: Release,
    previous: Release | None,
    heed: Callable[[], None] = lambda: None,
) -> Published:
    """Upload a release; files that an earlier one has too are copied by the storage.

    Nobody is led to it before `publish`. `heed` is called between files, and may raise what ends
    the process.

    Raises:
        PipelineError: The storage does not answer, or lacks what was just written.
    """
    catalog = read(url)
    bucket, prefix = catalog.bucket, f"releases/{release.id}-{secrets.token_hex(4)}"
    there = _there(catalog, previous)
    manifest = atomic.describe(MANIFEST, (release.root / MANIFEST).read_bytes())
    entries = [*release.files, manifest]

    def put(entry: FileEntry) -> None:
        source, target = there.get(entry.sha256), f"{prefix}/{entry.path}"
        if source is None or not bucket.copy(source, target, entry.bytes):
            bucket.upload(target, release.root / entry.path)

    for _ in at_once(put, entries):
        heed()
    found = _objects(bucket, prefix)
    for entry in entries:
        if found.get(entry.path, [None])[0] != entry.bytes:
            message = f"{bucket.url}/{prefix}/{entry.path} is not there as it was uploaded."
            raise StorageError(message)
    bucket.write(f"{prefix}/{_OBJECTS}", json.dumps(found).encode())
    return Published(prefix)


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


def publish(
    catalog: Catalog, out: Path, release: str, published: Published, retired: Collection[str]
) -> None:
    """Make an uploaded release the current one, unpinned, and forget those that are `retired`.

    Raises:
        ConflictError: The catalog is not the one that was read any more.
        PipelineError: The storage does not answer.
    """
    now, every = int(time.time()), _superseded(catalog)
    gone = {one.prefix: now for name, one in every.items() if name in retired}
    kept = {name: one for name, one in every.items() if name not in retired}
    recent = {at: since for at, since in catalog.retired.items() if now - since < 2 * _READ_SECONDS}
    written = replace(
        catalog,
        current=release,
        pinned=None,
        releases={**kept, release: published},
        retired={**recent, **gone},
    )
    _write(written, out)


def roll_back(catalog: Catalog, out: Path, release: str) -> None:
    """Make another release of the catalog the current one, and pin the site to it.

    Raises:
        ConflictError: The catalog is not the one that was read any more.
        PipelineError: The storage does not hold the release, or does not answer.
    """
    if release not in catalog.releases:
        raise PipelineError(f"{release} is not at {catalog.url}. The published release stays.")
    kept = _superseded(catalog)
    _write(replace(catalog, current=release, pinned=release, releases=kept), out)


def unpin(catalog: Catalog, out: Path) -> None:
    """Let builds publish again.

    Raises:
        ConflictError: The catalog is not the one that was read any more.
        PipelineError: The storage does not answer.
    """
    if catalog.pinned is not None:
        _write(replace(catalog, pinned=None), out)


def _superseded(catalog: Catalog) -> dict[str, Published]:
    """The releases, of which the current one is superseded now."""
    kept = dict(catalog.releases)
    if catalog.current in kept:
        kept[catalog.current] = kept[catalog.current]._replace(superseded=int(time.time()))
    return kept


def sweep(url: str) -> None:
    """Delete releases that were retired a day ago, and what runs uploaded that died or lost.

    It goes by the clock of the storage, right after a catalog was written. What cannot be deleted
    now is the next run's to try.
    """
    if not url:
        return
    with contextlib.suppress(PipelineError, FileNotFoundError):
        catalog = read(url)
        bucket, now = catalog.bucket, catalog.bucket.modified(_CATALOG)
        named = {published.prefix for published in catalog.releases.values()}
        for prefix in bucket.prefixes("releases"):
            if prefix in named or not _PREFIX.fullmatch(prefix):
                continue
            objects = list(bucket.listed(prefix))
            newest = max((one.modified for one in objects), default=0)
            if now - max(newest, catalog.retired.get(prefix, 0)) > _READ_SECONDS:
                bucket.delete(one.path for one in objects)


def adopt(catalog: Catalog, out: Path) -> None:
    """Bring to the storage, which has no catalog yet, what an output folder has published.

    Raises:
        ConflictError: There is a catalog meanwhile.
        PipelineError: The storage does not answer, or a release is damaged.
    """
    current, pinned = local.current_id(out), local.pinned(out)
    if current is None:
        return
    uploaded = {}
    for name in {current, pinned or current}:
        release = open_release(out / "releases" / name)
        if harmed := local.damaged(release):
            raise PipelineError(_cannot_adopt(catalog, out, release, harmed))
        uploaded[name] = upload(catalog.url, release, None)
    _write(replace(catalog, current=current, pinned=pinned, releases=uploaded), out)


def _cannot_adopt(catalog: Catalog, out: Path, release: Release, harmed: list[str]) -> str:
    if local.seen(out) is None:
        return f"{release.root} is damaged ({some(harmed)}): build once without storage."
    return (
        f"{catalog.url}/{_CATALOG} is gone, and {out} does not hold {release.id} whole: restore it"
        " from a backup, or build on a machine that made the release."
    )
