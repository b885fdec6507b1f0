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
alone, and `local.seen` says what the catalog said at the last `pull`; of a release that another
machine published there is just the manifest until `fetch` brings the rest. So there is no link
``current`` for the readers of a folder: `settle` makes a folder of theirs.
"""

import contextlib
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path, PurePosixPath

from ..base.errors import PipelineError, SettingsError
from ..base.wording import some
from ..files import atomic, s3
from ..files.s3 import at_once
from . import catalog as catalogs
from . import local, transfer
from .catalog import CATALOG, PREFIX, Catalog, Published
from .manifest import MANIFEST, Release, open_release


def pull(url: str, out: Path, *, moves: bool = False) -> Catalog:
    """Let an output folder say what the catalog says, under the lock of the folder.

    Before there is a catalog, it goes on saying what it says.

    What the folder holds besides stays. What another machine has retired goes. Where the folder is
    a site itself, and whoever moved it to the storage died before the folder said so, it says so
    now if it `moves`.

    Raises:
        SettingsError: The folder is a site itself, or works for another storage.
        PipelineError: The storage does not answer.
    """
    check_home(url, out)
    catalog = catalogs.read(url)
    if catalog.etag is None:
        return catalog
    _check_no_site(catalog, out, moves=moves)
    for _ in at_once(lambda name: _bring_manifest(catalog, out, name), catalog.releases):
        pass
    for name in _known(out).difference(catalog.releases):
        shutil.rmtree(out / "releases" / name, ignore_errors=True)
    catalogs.remember(catalog, out)
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
            f"{out} is bound to {home}: pass that as --storage, or another folder as --out."
            f" `pressroom fetch --storage {home} --out FOLDER` copies the site into a new folder,"
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
            f"{out} is a site of its own, not bound to {catalog.url}:"
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
        raise PipelineError(f"{place} is not a manifest: {error!r}.") from error
    for path in paths:
        if path.is_absolute() or ".." in path.parts:
            raise PipelineError(f"{place} names {path}, which is not a path below it.")


def _known(out: Path) -> set[str]:
    """The releases that the catalog named when it was last seen here."""
    stated = local.seen(out)
    return set(stated["releases"]) if stated else set()


def settle(url: str, out: Path) -> Release:
    """Make a new folder the site that is on a storage, under the lock of the folder.

    The published release is there whole, and that which the site is pinned to. It works for no
    storage.

    Raises:
        SettingsError: The folder is a site, or works for a storage.
        PipelineError: There is no site at the URL, it lacks a file, or it does not answer.
    """
    if local.current_id(out) is not None:
        raise SettingsError(f"{out} already contains releases: name a new folder with --out.")
    catalog = catalogs.read(url)
    if catalog.current is None:
        raise PipelineError(f"There is no release in {url} yet.")
    names = [name for name in (catalog.pinned, catalog.current) if name is not None]
    for name in names:
        _bring_manifest(catalog, out, name)
        if harmed := transfer.fetch(url, open_release(out / "releases" / name)):
            raise PipelineError(
                f"{name} is missing {some(harmed)} at {url}: see `pressroom verify`."
            )
    if catalog.pinned is not None:
        atomic.point(out / "pinned", Path("releases") / catalog.pinned)
    atomic.point(out / "current", Path("releases") / catalog.current)
    return open_release(out / "releases" / catalog.current)


def bring_note(url: str, out: Path, name: str, *, anew: bool = False) -> None:
    """Bring a note on a site, unless nobody kept one, or it is here and not to be brought anew.

    Raises:
        PipelineError: The storage does not answer.
    """
    if anew or not (out / name).exists():
        with contextlib.suppress(FileNotFoundError):
            atomic.write_whole(out / name, s3.at(url).read(name).data)


def keep_note(url: str, name: str, data: bytes) -> None:
    """Keep a note on a site for other machines.

    Raises:
        PipelineError: The storage does not answer.
    """
    s3.at(url).write(name, data)


def vacuum(url: str) -> None:
    """Delete releases that were retired a day ago, and what runs uploaded that died or lost.

    It goes by the clock of the storage, right after a catalog was written. What cannot be deleted
    now is the next run's to try.
    """
    with contextlib.suppress(PipelineError, FileNotFoundError):
        catalog = catalogs.read(url)
        bucket, now = catalog.bucket, catalog.bucket.modified(CATALOG)
        named = {published.prefix for published in catalog.releases.values()}
        for prefix in bucket.prefixes("releases"):
            if prefix in named or not PREFIX.fullmatch(prefix):
                continue
            objects = list(bucket.listed(prefix))
            newest = max((one.modified for one in objects), default=0)
            if now - max(newest, catalog.retired.get(prefix, 0)) > catalogs.READ_SECONDS:
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
        uploaded[name] = Published(transfer.upload(catalog.url, release, None))
    catalogs.write(replace(catalog, current=current, pinned=pinned, releases=uploaded), out)


def _cannot_adopt(catalog: Catalog, out: Path, release: Release, harmed: list[str]) -> str:
    if local.seen(out) is None:
        return f"{release.root} is damaged ({some(harmed)}): build once without storage."
    return (
        f"{catalog.url}/{CATALOG} is gone, and {out} does not have all of {release.id}: restore it"
        " from a backup, or build on a machine that made the release."
    )
