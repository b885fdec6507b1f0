"""What is installed, told by names, sizes and times alone: Python itself asks for no more.

`fingerprint` digests the code itself, which takes longer.
"""

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
    installed = [sorted(_distributions(Path(folder))) for folder in sys.path]
    return digest(platform.python_version(), installed, sorted(_files(str(_PACKAGE))))


def _distributions(folder: Path) -> list[str]:
    """The names, with their versions, of what is installed in a folder, if it is one."""
    try:
        return [path.name for path in folder.iterdir() if path.name.endswith(_METADATA)]
    except OSError:  # an archive, or not there
        return []


def _files(folder: str) -> Iterator[tuple[str, int, int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                if entry.name != "__pycache__":
                    yield from _files(entry.path)
            else:
                status = entry.stat()
                yield entry.path, status.st_size, status.st_mtime_ns
