"""Files that need not be read again, because nobody has written to them since they were.

::

    out/identities.json     of the files of the current release, with their SHA-256

A file of a release is read-only, and keeps its inode, its size and its time of modification however
often it is hard-linked. Who writes to it in spite of that changes one of them, unless he sets the
time back. A disk that loses bits changes none. So each run reads a sample of all files in any case,
and `local.verify` all.

For speed alone: to read a release of 350 MB takes 0.3 s of a processor, twice in each run.
"""

import contextlib
import json
import os
import stat
import time
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import TypeAlias

from ..files import atomic
from .manifest import Release

NAME = "identities.json"
_WRITABLE = 0o222
_SAMPLES = 16
_HOUR, _DAY = 3600, 24 * 3600  # seconds

# Device, inode, size in bytes, time of modification in nanoseconds.
Identity: TypeAlias = tuple[int, int, int, int]
# The SHA-256 of files that were read, by what the file system said of them before.
Identities: TypeAlias = Mapping[Identity, str]
Noted: TypeAlias = MutableMapping[Identity, str]


def load(out: Path) -> Identities:
    """What is known of the files of an output folder; nothing where it cannot be read."""
    try:
        rows = json.loads((out / NAME).read_bytes())
        return {(row[0], row[1], row[2], row[3]): row[4] for row in rows}
    except (OSError, ValueError, TypeError, LookupError, RecursionError):
        return {}


def keep(out: Path, release: Release, noted: Identities) -> None:
    """Keep what was noted of the files of a release.

    Raises:
        OSError: The output folder cannot be written.
    """
    of_release = {entry.sha256 for entry in release.files}
    rows = [[*identity, sha256] for identity, sha256 in noted.items() if sha256 in of_release]
    atomic.write_whole(out / NAME, json.dumps(rows, separators=(",", ":")).encode())


def forget(out: Path) -> None:
    """Let the next run read all files, as far as the output folder can be written."""
    with contextlib.suppress(OSError):
        (out / NAME).unlink(missing_ok=True)


def sample() -> int:
    """The files that a run reads in any case: of each 16 the one of this number.

    It is another in each hour, and so that all come up whether runs are an hour, a day or a week
    apart.
    """
    now = int(time.time())
    return (now // _HOUR + now // _DAY) % _SAMPLES


def is_in(sample: int | None, place: int) -> bool:
    """Whether the file at a place belongs to a sample."""
    return place % _SAMPLES == sample


def identity(path: str) -> Identity | None:
    """What tells a file from others, and from itself after a write; None if it may be written."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode) or found.st_mode & _WRITABLE:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
