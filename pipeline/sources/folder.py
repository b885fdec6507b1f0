"""Raw files in a folder, on a disk of this machine or one that several share."""

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..base.errors import SettingsError
from ..base.problems import DocumentError
from ..model.paths import Sources
from . import folder_read, listing
from .listing import Listed, Selection
from .raw_file import RawFile, tried
from .walk import walk


@dataclass(frozen=True, slots=True)
class FolderSource:
    """A folder, or a link to one."""

    path: Path

    @property
    def home(self) -> str:
        """The folder."""
        return str(self.path)

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folder."""
        return (self.path.absolute(),)

    @property
    def has_etags(self) -> bool:
        """None: a file may be edited and keep its size and its time of change."""
        return False

    def resolved(self) -> "FolderSource":
        """The folder that links lead to."""
        return FolderSource(Path(os.path.realpath(self.path)))

    def identity(self) -> tuple[int, int] | None:
        """Device and inode."""
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return None
        return status.st_dev, status.st_ino

    def check(self) -> None:
        """Refuse what is no folder."""
        if not self.path.is_dir():
            raise SettingsError(
                f"The raw folder {self.path} does not exist. Name another with --raw or paths.raw."
            )

    def check_apart(self, out: Path, storage: str) -> None:
        """Refuse an output folder that lies in it."""
        if self.holds(out):
            raise SettingsError(f"The output folder {out} is inside the raw folder {self.path}.")

    def holds(self, path: Path) -> bool:
        """Whether a path lies in the folder, once all links are followed."""
        return path.resolve().is_relative_to(self.path.resolve())

    def listed(
        self, patterns: Sources, passed_over: Counter[str] | None = None
    ) -> Iterator[Listed]:
        """As `walk`: one folder's names at a time are in memory."""
        self.check()
        return map(Listed, walk(self.path, Selection(patterns, passed_over)))

    def size(self, paths: Sequence[str]) -> int | None:
        """The sum of what the file system says."""
        return sum(_size(f"{self.path}/{path}") for path in paths)

    def signature(self, patterns: Sources) -> str:
        """A digest of paths, sizes and times of change: an edit that keeps both does not show."""
        return listing.signature(
            (path, _status(f"{self.path}/{path}")) for path, _ in self.listed(patterns)
        )

    def read(self, path: str, file_bytes: int) -> RawFile:
        """As `folder_read.read`."""
        data = folder_read.read(self.path, path, file_bytes)
        return RawFile(path, data, hashlib.sha256(data).hexdigest())

    def read_all(self, paths: Iterable[str], file_bytes: int) -> Iterator[RawFile | DocumentError]:
        """One after the other."""
        return map(partial(tried, self.read, file_bytes), paths)


def _size(target: str) -> int:
    try:
        return os.stat(target).st_size  # noqa: PTH116  as text
    except OSError:
        return 0


def _status(target: str) -> bytes:
    """Size and time of change of a file; of one that cannot be looked at, why."""
    try:
        status = os.stat(target)  # noqa: PTH116  as text
    except OSError as error:
        return b"%d" % (error.errno or 0)
    return b"%d %d" % (status.st_size, status.st_mtime_ns)
