"""Keeping what an audit held back, to be looked at until a run ends well (`local.held_back`).

It is laid out like a release and shares its files with the published one, but is not among the
releases: no reader comes to it who does not ask for it.
"""

import shutil
from pathlib import Path

from ..files import atomic
from . import local
from .local import HELD_BACK
from .manifest import Release, open_release
from .staging import Staging, empty_trash, trash


def keep(staging: Staging) -> Release:
    """Keep a staged release in the place of what was kept before; the run may go on with it."""
    out, copy = staging.out, staging.root.with_name(HELD_BACK)
    shutil.rmtree(copy, ignore_errors=True)  # of an attempt that died
    copy.mkdir()
    for path in staging.root.rglob("*"):
        if path.is_file():
            atomic.hard_link(path, copy, path.relative_to(staging.root).as_posix())
    with local.locked(out):
        _remove(out)
        copy.rename(out / HELD_BACK)
    empty_trash(out)
    return open_release(out / HELD_BACK)


def forget(out: Path) -> None:
    """Remove what is kept, once a run has ended well."""
    if (out / HELD_BACK).exists():
        with local.locked(out):
            _remove(out)
        empty_trash(out)


def _remove(out: Path) -> None:
    if (out / HELD_BACK).exists():
        trash(out, out / HELD_BACK)
