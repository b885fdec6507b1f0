"""Publishing: the one atomic swap that makes a release current, and what becomes of older ones."""

import contextlib
import os
import time
from pathlib import Path

from pipeline import releases
from pipeline.errors import ConflictError, PipelineError
from pipeline.releases import Release
from pipeline.settings import Releases
from pipeline.staging import MOVED, Staging, StepRecord, locked, set_aside, staged, sweep

# A reader that has resolved `current` goes on reading a release that is superseded meanwhile.
_READ_SECONDS = 3600
_KEEP_BY_DEFAULT = Releases()


def publish(
    staging: Staging, retention: Releases = _KEEP_BY_DEFAULT, *, force: bool = False
) -> Release:
    """Make a staged release the current one: compare and swap, under a lock.

    On a site that is pinned nothing is published, unless `force` removes the pin.

    Returns:
        The release that is current now: the staged one, or that which the site is pinned to.

    Raises:
        ConflictError: Another run published since this one began.
        PipelineError: No release is staged, or the output folder cannot be written.
    """
    release = staged(staging)
    if release is None:
        raise PipelineError("No release is staged: select manifest too.")
    out = staging.out
    for folder in (path for path in release.root.rglob("*") if path.is_dir()):
        _sync(folder)
    _sync(release.root)
    with locked(out):
        now = releases.current(out)
        if now is not None and (_is_done(release, now) or (releases.pinned(out) and not force)):
            return now
        _check_is_next(out, release, now)
        published = _move(staging, release)
        _unpin(out)
        _make_current(out, release.id)
        _retire(out, retention, {release.id, release.manifest["previous"]})
    sweep(out)
    return published


def _is_done(release: Release, now: Release) -> bool:
    """The run published the release, and died after that."""
    return release.root.resolve() == now.root


def _check_is_next(out: Path, release: Release, now: Release | None) -> None:
    # A rollback may have led back to the release that this one began from, after another run
    # published one of the same number.
    is_moved = release.root.parent == out / "releases"
    is_taken = not is_moved and release.manifest["sequence"] < releases.next_sequence(out)
    if is_taken or (now.id if now else None) != release.manifest["previous"]:
        message = "Another run published a release in the meantime; run again."
        raise ConflictError(message)


def _move(staging: Staging, release: Release) -> Release:
    """Put a staged release in its place, unless the run did so before it died."""
    target = staging.out / "releases" / release.id
    target.parent.mkdir(exist_ok=True)
    staging.record(MOVED, StepRecord({}, {"release": release.id}))
    if release.root != target:
        release.root.rename(target)
    _sync(target.parent)
    return Release(target, release.manifest)


def rollback(out: Path, release: Release) -> None:
    """Make another release the current one, and pin the site to it, so that no build undoes it.

    Raises:
        PipelineError: The release is damaged or gone, or the output folder cannot be written.
    """
    damaged = releases.damaged(release)
    if damaged:
        message = (
            f"{release.id} is damaged: {', '.join(damaged[:3])}"
            f"{' …' * (len(damaged) > 3)}. The published release stays."
        )
        raise PipelineError(message)
    with locked(out):
        if not release.root.exists():
            message = f"{release.id} was removed meanwhile. The published release stays."
            raise PipelineError(message)
        # First: if this process dies between the two, no build publishes what was to be undone.
        _point(out / "pinned", release.id)
        _make_current(out, release.id)


def unpin(out: Path) -> None:
    """Let builds publish again.

    Raises:
        PipelineError: The output folder cannot be written.
    """
    with locked(out):
        _unpin(out)


def _unpin(out: Path) -> None:
    (out / "pinned").unlink(missing_ok=True)
    _sync(out)


def _make_current(out: Path, release_id: str) -> None:
    current = out / "current"
    with contextlib.suppress(FileNotFoundError):  # there is none, or it was removed by hand
        os.utime(current)  # the release: superseded now
    _point(current, release_id)


def _point(link: Path, release_id: str) -> None:
    """Point a symbolic link to a release, in one step."""
    temporary = releases.temporary(link)
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(Path("releases") / release_id)
    temporary.replace(link)
    _sync(link.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _retire(out: Path, retention: Releases, kept: set[str]) -> None:
    """Take away old releases; a folder's time of modification is when it was superseded.

    Some are `kept` by name, for the clock of the disk may be another. None is pinned here: while
    one is, nothing is published.
    """
    seconds = max(_READ_SECONDS, retention.keep_days * 24 * 3600)
    for folder in list(releases.folders(out))[: -retention.keep]:
        if folder.name not in kept and time.time() - folder.stat().st_mtime > seconds:
            set_aside(out, folder)
