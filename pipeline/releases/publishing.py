"""Publishing: the one atomic swap that makes a release current, and what becomes of older ones."""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Protocol

from ..base.errors import ConflictError, PipelineError
from ..files import atomic
from . import local
from .manifest import Release, open_release
from .staging import Staging, empty_trash, staged, trash
from .store import ReleaseStore

# A reader that has resolved `current` goes on reading a release that is superseded meanwhile.
_READ_SECONDS = 3600


class Retention(Protocol):
    """How many releases stay: the newest `keep`, and those superseded within `keep_days` days."""

    @property
    def keep(self) -> int:
        """One at least, so that the number of a release is never given again."""

    @property
    def keep_days(self) -> int:
        """Days of 24 hours."""


def publish(
    staging: Staging,
    retention: Retention,
    *,
    force: bool = False,
    check_cancelled: Callable[[], None] = lambda: None,
    commit: Callable[[], None] = lambda: None,
) -> Release:
    """Make a staged release the current one: compare and swap, under a lock.

    On a site that is pinned nothing is published, unless `force` removes the pin. `check_cancelled`
    is called while a release is uploaded, and `commit` right before it gets its place: both may
    raise what ends the process.

    Returns:
        The release that is current now: the staged one, or that which the site is pinned to.

    Raises:
        ConflictError: Another run published since this one began.
        PipelineError: No release is staged, or the output folder cannot be written.
    """
    release = staged(staging)
    if release is None:
        raise PipelineError("No release is staged.")
    out, store = staging.out, staging.store
    for folder in (path for path in release.root.rglob("*") if path.is_dir()):
        atomic.sync(folder)
    atomic.sync(release.root)
    with local.locked(out):  # what is not to be published is not uploaded
        store.pull()
        if (now := _instead(out, release, force)) is not None:
            return now
    place = store.upload(
        release, staging.previous, check_cancelled
    )  # others wait for the swap alone
    with local.locked(out):
        pulled = store.pull()
        if (now := _instead(out, release, force)) is not None:
            return now
        retired = _retired(out, retention, release)
        commit()
        pulled.publish(
            release.id, place, {folder.name for folder in retired}, lambda: _move(staging, release)
        )
        for folder in retired:
            trash(out, folder)
    empty_trash(out)
    store.vacuum()
    return Release(out / "releases" / release.id, release.manifest)


def _instead(out: Path, release: Release, force: bool) -> Release | None:
    """The release that stays current instead of a staged one; None if that may be published.

    Raises:
        ConflictError: Another run published since the one that staged it began.
    """
    now = local.current(out)
    if now is not None and local.pinned(out) and not force:
        return now
    _check_is_next(out, release, now)
    return None


def _check_is_next(out: Path, release: Release, now: Release | None) -> None:
    # A rollback may have led back to the release that this one began from, after another run
    # published one of the same number.
    is_taken = release.manifest.sequence < local.next_sequence(out)
    if is_taken or (now.id if now else None) != release.manifest.previous:
        message = "Another run published a release in the meantime; run again."
        raise ConflictError(message)


def _move(staging: Staging, release: Release) -> None:
    """Put a staged release in its place."""
    target = staging.out / "releases" / release.id
    target.parent.mkdir(exist_ok=True)
    release.root.rename(target)
    atomic.sync(target.parent)


def rollback(store: ReleaseStore, release: Release) -> None:
    """Make another release the current one, and pin the site to it, so that no build undoes it.

    Raises:
        ConflictError: Another run published to the storage in the meantime.
        PipelineError: The release is damaged or gone, or the output folder cannot be written.
    """
    if damaged := _damaged(store, release):
        message = (
            f"{release.id} is damaged: {', '.join(damaged[:3])}"
            f"{' …' * (len(damaged) > 3)}. The published release stays."
        )
        if intact := _intact_before(store, release):
            message += f" The newest before it that is intact: `pressroom rollback {intact}`."
        raise PipelineError(message)
    with local.locked(store.out):
        if not release.root.exists():
            message = f"{release.id} was removed in the meantime. The published release stays."
            raise PipelineError(message)
        store.pull().rollback(release.id)


def _damaged(store: ReleaseStore, release: Release) -> list[str]:
    return [*store.damaged(release, Event()), *store.lacking(release)]


def _intact_before(store: ReleaseStore, release: Release) -> str | None:
    """The newest release before one that a rollback can lead to."""
    older = [folder for folder in local.folders(store.out) if folder.name < release.id]
    for folder in reversed(older):
        with contextlib.suppress(PipelineError):
            if not _damaged(store, open_release(folder)):
                return folder.name
    return None


def unpin(store: ReleaseStore) -> None:
    """Let builds publish again.

    Raises:
        ConflictError: Another run published to the storage in the meantime.
        PipelineError: The output folder cannot be written.
    """
    with local.locked(store.out):
        store.pull().unpin()


def _retired(out: Path, retention: Retention, release: Release) -> list[Path]:
    """The folders of releases that are too old beside one that is about to be published.

    Their times of modification are when they were superseded. The one before stays, for the clock
    of the disk may be another. None is pinned here: while one is, nothing is published.
    """
    seconds = max(_READ_SECONDS, retention.keep_days * 24 * 3600)
    older = [folder for folder in local.folders(out) if folder.name != release.id]
    return [
        folder
        for folder in older[: max(0, len(older) + 1 - retention.keep)]
        if folder.name != release.manifest.previous
        and time.time() - folder.stat().st_mtime > seconds
    ]
