"""Releases as they stand on disk: what their manifests say, and whether it is so.

::

    out/current -> releases/000002-1f2e3d4c      what readers resolve, once
    out/pinned -> releases/000002-1f2e3d4c       while there is one, builds publish nothing
    out/releases/<sequence>-<digest>/manifest.json, tables/, csv/, site/
    out/held-back/manifest.json, tables/, …      what the last run left, if it was held back
    out/storage.json                             instead of the links: see `seen`
    out/notified.json                            what search engines were told of last
    out/identities.json                          what spares a run reading all files of a release
    out/up-to-date.json                          what spares a run the rest of its work
"""

import contextlib
import json
import os
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain, takewhile
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..base.errors import PipelineError, SettingsError
from ..files import atomic
from ..files.atomic import FileEntry
from .identities import Identities, Noted, identity, is_in
from .manifest import MANIFEST, Release, open_release

SEEN = "storage.json"
HELD_BACK = "held-back"


def seen(out: Path) -> Mapping[str, Any] | None:
    """What the storage said last that an output folder works for; None if it works for none.

    A release may be here in part then. So none is named as readers of a folder look for it, but by
    ``current`` and ``pinned`` in this file, beside the ``url`` and the ids of all ``releases``.

    Raises:
        PipelineError: The file is not as it was written.
    """
    try:
        stated = json.loads((out / SEEN).read_bytes())
        return {name: stated[name] for name in ("url", "current", "pinned", "releases")}
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, KeyError, TypeError) as error:
        message = f"{out / SEEN} is corrupt ({error!r}): remove it."
        raise PipelineError(message) from error


def current(out: Path) -> Release | None:
    """The published release of an output folder.

    Raises:
        PipelineError: ``current`` is no symbolic link, or points to something that is no release,
            or is gone where there are releases.
    """
    if (stated := seen(out)) is not None:
        root = (out / "releases" / stated["current"]).resolve()
        if not (root / MANIFEST).exists():
            message = (
                f"{stated['url']} has lost the manifest of its current release {root.name}: restore"
                " it, build on a machine that has it, or publish an older release (`pressroom"
                " rollback`)."
            )
            raise PipelineError(message)
        return open_release(root)
    link = out / "current"
    if link.is_symlink():
        try:
            return open_release(link.resolve())
        except PipelineError as error:
            message = f"{error} Restore it from a backup, or go back with `pressroom rollback`."
            raise PipelineError(message) from error
    if link.exists():
        message = (
            f"{link} is not a symbolic link, as after a copy that follows links: remove it, and the"
            " next build points it to the newest release."
        )
        raise PipelineError(message)
    if lacks_current(out):
        message = (
            f"{link} is missing, though there are releases: `pressroom build` points it to the"
            " newest, `pressroom rollback RELEASE` to another."
        )
        raise PipelineError(message)
    return None


def lacks_current(out: Path) -> bool:
    """Whether a folder has releases, but nothing that says which of them is published."""
    link = out / "current"
    is_named = link.is_symlink() or link.exists() or seen(out) is not None
    return not is_named and any(folders(out))


def current_id(out: Path) -> str | None:
    """The id of the published release, whole or not."""
    return _named(out, "current")


def pinned(out: Path) -> str | None:
    """The id of the release that a rollback pinned the site to: builds publish nothing else."""
    return _named(out, "pinned")


def _named(out: Path, name: str) -> str | None:
    if (stated := seen(out)) is not None:
        named: str | None = stated[name]
        return named
    link = out / name
    return link.readlink().name if link.is_symlink() else None


def held_back(out: Path) -> Release | None:
    """What the last run left, if it was held back; it is none of the releases.

    Raises:
        PipelineError: It has no manifest that can be read.
    """
    root = out / HELD_BACK
    return open_release(root) if (root / MANIFEST).exists() else None


def find(out: Path, beginning: str) -> Release:
    """The release whose id begins so; a number is that of the sequence, ``3`` as ``000003``.

    Raises:
        SettingsError: There is none, or more than one.
        PipelineError: It has no manifest that can be read.
    """
    found = [folder for folder in folders(out) if folder.name.startswith(beginning.zfill(6))]
    if len(found) == 1:
        return open_release(found[0])
    names = ", ".join(folder.name for folder in found)
    message = f"{beginning!r} matches {len(found):,} releases: {names}."
    if not found:
        message = f"There is no release {beginning!r} in {out}: see `pressroom releases`."
    raise SettingsError(message)


def before(out: Path) -> Release:
    """The release before the current one: that which it was made from, or the newest older one.

    Raises:
        PipelineError: There is none, or it has no manifest that can be read.
    """
    now = current_id(out)
    older = [folder for folder in folders(out) if now is None or folder.name < now]
    if not older:
        message = f"There is no release in {out} before {now or 'the first'}."
        raise PipelineError(message)
    if now is not None:
        # The current release may be so damaged that it does not say.
        with contextlib.suppress(PipelineError):
            previous = open_release(out / "releases" / now).manifest.previous
            older = [folder for folder in older if folder.name == previous] or older
    return open_release(older[-1])


def older_with(release: Release, output: str) -> Release | None:
    """The newest release older than one of those kept beside it that has all files of an output."""
    older = [root for root in folders(release.root.parents[1]) if root.name < release.root.name]
    for root in reversed(older):
        with contextlib.suppress(PipelineError):
            found = open_release(root)
            if output in found.outputs and not damaged(found, [output]):
                return found
    return None


def damaged(
    release: Release,
    outputs: Collection[str] | None = None,
    *,
    known: Identities = MappingProxyType({}),
    sample: int | None = None,
    noted: Noted | None = None,
    stop: threading.Event | None = None,
) -> list[str]:
    """The files, of some outputs or all, that are missing, or not as the manifest states.

    None is read that is `known` by its identity, but for those of a `sample`. Those that are intact
    are `noted`. Once there is a `stop` no further file is looked at.
    """
    names = release.outputs if outputs is None else outputs
    entries = [entry for name in names for entry in release.outputs[name].files]
    found = {} if noted is None else noted
    to_read = []
    for place, entry in enumerate(entries):
        of_file = identity(f"{release.root}/{entry.path}")
        is_known = of_file is not None and known.get(of_file) == entry.sha256
        if of_file and is_known and not is_in(sample, place):
            found[of_file] = entry.sha256
        else:
            to_read.append(entry)
    if not to_read:
        return []
    # A future for each of a million files would take a gigabyte; large files stand side by side.
    groups = -(-len(to_read) // _FILES_OF_A_GROUP)
    dealt = [to_read[group::groups] for group in range(groups)]
    harmed_of = partial(_harmed, release.root, stop, found)
    with ThreadPoolExecutor() as threads:  # reading and hashing let go of the interpreter
        harmed = set(chain.from_iterable(threads.map(harmed_of, dealt)))
    return [entry.path for entry in entries if entry.path in harmed]


_FILES_OF_A_GROUP = 50


def _harmed(
    root: Path, stop: threading.Event | None, noted: Noted, entries: Sequence[FileEntry]
) -> list[str]:
    wanted = takewhile(lambda _: not (stop and stop.is_set()), entries)
    return [entry.path for entry in wanted if not _is_intact(root, entry, noted)]


def _is_intact(root: Path, entry: FileEntry, noted: Noted) -> bool:
    # Before it is read: what is written meanwhile gives it another.
    of_file = identity(f"{root}/{entry.path}")
    try:
        found = atomic.entry(root, entry.path)
    except OSError:
        return False
    is_intact = (found.bytes, found.sha256) == (entry.bytes, entry.sha256)
    if is_intact and of_file:
        noted[of_file] = entry.sha256
    return is_intact


def lost(path: str) -> str:
    """The message of a run that needs a file which the published release has lost."""
    return f"The published release has lost {path}: run the full job to repair it."


def missing(release: Release) -> set[str]:
    """The files of the manifest that are not there."""
    return {entry.path for entry in release.files if not (release.root / entry.path).exists()}


def verify(release: Release) -> list[tuple[str, str]]:
    """What is ``damaged``, ``missing`` or ``unexpected`` in a release, and the paths."""
    harm = [
        ("damaged" if (release.root / path).exists() else "missing", path)
        for path in damaged(release)
    ]
    listed = {entry.path for entry in release.files}
    return harm + [("unexpected", path) for path in unlisted(release.root, listed)]


def unlisted(root: Path, listed: Collection[str]) -> list[str]:
    """The files and links below a release, but its manifest, that are not in a list of paths."""
    files = (path for path in root.rglob("*") if path.is_symlink() or not path.is_dir())
    found = (path.relative_to(root).as_posix() for path in files)
    return sorted(path for path in found if path != MANIFEST and path not in listed)


def next_sequence(out: Path) -> int:
    """The number of the next release."""
    return max((int(release.name[:6]) for release in folders(out)), default=0) + 1


def folders(out: Path) -> Iterator[Path]:
    """The folders of releases, the oldest first."""
    folder = out / "releases"
    if folder.exists():
        yield from sorted(path for path in folder.iterdir() if path.name[:6].isdigit())


@contextlib.contextmanager
def locked(out: Path) -> Iterator[None]:
    """An output folder in which nobody else makes, moves or removes a folder meanwhile.

    The lock is of the kind of flock(2): it vanishes with its owner, however that ends, and counts
    on other machines that share the disk. Its file stays, and means nothing.

    Raises:
        PipelineError: The output folder cannot be written.
    """
    from filelock import FileLock  # noqa: PLC0415  0.02 s, which commands that only read are spared

    try:
        out.mkdir(parents=True, exist_ok=True)
        with FileLock(out / "lock"):
            yield
    except OSError as error:
        message = f"The output folder {out} cannot be written: {error.strerror or error}."
        raise PipelineError(message) from error


def make_current(out: Path, release_id: str) -> None:
    """Let ``current`` lead to a release; the one before is superseded now."""
    link = out / "current"
    with contextlib.suppress(FileNotFoundError):  # there is none, or it was removed by hand
        os.utime(link)  # the release: superseded now
    atomic.point(link, Path("releases") / release_id)


def restore_current(out: Path) -> str | None:
    """Let ``current`` lead to a release again if it is gone, as after a backup that lost links.

    A build would take the folder for empty, and forget what the ledger remembers. The release is
    that to which the site is pinned, or the newest.

    Returns:
        The id of that release; None if nothing was to be done.

    Raises:
        PipelineError: The output folder cannot be written.
    """
    if not lacks_current(out):
        return None
    with locked(out):
        if not lacks_current(out):
            return None
        names = [folder.name for folder in folders(out)]
        to = pinned(out)
        release_id = to if to in names else names[-1]
        make_current(out, release_id)
    return release_id
