"""Files that need not be read again, because nothing can have written to them since they were.

::

    out/identities.json     of the files of the current release, with their SHA-256

A file of a release is read-only, and keeps its inode, its size and its time of modification however
often it is hard-linked. Who writes to it in spite of that changes one of them. A disk that loses
bits changes none: so each run reads a share of all files in any case, and `local.verify` all.
"""

import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, TypeAlias

from ..files import atomic
from ..files.atomic import FileEntry
from .manifest import Release

NAME = "identities.json"
_WRITABLE = 0o222
_SHARES = 16

# Device, inode, size in bytes, time of modification in nanoseconds.
_Identity: TypeAlias = tuple[int, int, int, int]


class Identities(NamedTuple):
    """The SHA-256 of files by what the file system says of them."""

    known: Mapping[_Identity, str]

    def prove(self, root: Path, entry: FileEntry) -> bool:
        """Whether a file, of a release at `root`, is as its entry says, without reading it."""
        found = _identity(f"{root}/{entry.path}")
        return found is not None and self.known.get(found) == entry.sha256


NONE = Identities({})


def load(out: Path) -> Identities:
    """What is known of the files of an output folder; nothing where it cannot be read."""
    try:
        rows = json.loads((out / NAME).read_bytes())
        return Identities({(row[0], row[1], row[2], row[3]): row[4] for row in rows})
    except (OSError, ValueError, TypeError, LookupError):
        return NONE


def keep(out: Path, release: Release) -> None:
    """Note what the file system says of the files of a release that were just found intact."""
    found = ((_identity(f"{release.root}/{one.path}"), one.sha256) for one in release.files)
    rows = [[*identity, sha256] for identity, sha256 in found if identity]
    atomic.write_whole(out / NAME, json.dumps(rows, separators=(",", ":")).encode())


def share_to_read() -> int:
    """The share of all files that a run reads in any case: of each 16 the one of this number."""
    return os.urandom(1)[0] % _SHARES


def is_of(share: int, place: int) -> bool:
    """Whether the file at a place belongs to a share."""
    return place % _SHARES == share


def _identity(path: str) -> _Identity | None:
    """What tells a file from others, and from itself after a write; None if it may be written."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode) or found.st_mode & _WRITABLE:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
