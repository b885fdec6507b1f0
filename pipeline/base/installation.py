"""What is installed, told by names, sizes and times alone: Python itself asks for no more.

For speed alone: this takes 4 ms, and `fingerprint`, which digests the code itself, 75.
"""

import contextlib
import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

from .digests import digest

_PACKAGE = Path(__file__).parents[1]
_METADATA = (".dist-info", ".egg-info")  # the names of whose folders end in a version


def identity() -> str:
    """The digest of Python's version, of the names of what is installed, and of our own files."""
    installed = {name for folder in sys.path for name in _distributions(Path(folder))}
    return digest(platform.python_version(), sorted(installed), sorted(_files(str(_PACKAGE))))


def _distributions(folder: Path) -> list[str]:
    """The names, with their versions, of what is installed in a folder, if it is one."""
    try:
        return [path.name for path in folder.iterdir() if path.name.endswith(_METADATA)]
    except OSError:  # an archive, or not there
        return []


def _files(folder: str) -> Iterator[tuple[str, int, int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name != "__pycache__":
                    yield from _files(entry.path)
                continue
            with contextlib.suppress(FileNotFoundError):  # an editor's, which has gone since
                status = entry.stat(follow_symlinks=False)
                yield entry.path, status.st_size, status.st_mtime_ns
