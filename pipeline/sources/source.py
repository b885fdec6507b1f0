"""Where raw files are, chosen once: in a folder, or on object storage."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from ..base.places import Place
from ..base.problems import DocumentError
from ..model.paths import Sources
from .bucket import BucketSource
from .folder import FolderSource
from .listing import Listed
from .raw_file import RawFile


class Source(Protocol):
    """Where raw files are: a small value that can be sent to another process.

    All that looks at raw files raises a `PipelineError` if a storage does not answer.
    """

    @property
    def home(self) -> str:
        """The folder or the URL, as people are told it."""

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders, as absolute paths, that a machine needs to read raw files."""

    @property
    def has_etags(self) -> bool:
        """Whether an ETag is listed with each file, by which it is known without being read."""

    def resolved(self) -> "Source":
        """The source itself, where this is a link to it.

        The link may be led to another version while a run reads, which is not to mix the two.
        """

    def identity(self) -> tuple[int, int] | None:
        """Tells it from another that takes its place; None if it is gone, or nothing can."""

    def check(self) -> None:
        """Refuse a folder that does not exist, and a place on object storage that holds nothing.

        Raises:
            SettingsError: It does not.
        """

    def check_apart(self, out: Path, storage: str) -> None:
        """Refuse to read what is published: in an output folder, or on a storage, if there is one.

        Raises:
            SettingsError: One lies in the other.
        """

    def holds(self, path: Path) -> bool:
        """Whether a path of this machine lies in it, or leads there."""

    def listed(
        self, patterns: Sources, passed_over: Counter[str] | None = None
    ) -> Iterator[Listed]:
        """The raw files that patterns choose, in order, without what is hidden.

        Files that would be listed but for their suffix are counted in `passed_over`, by that.

        Raises:
            SettingsError: As `check`, or one of the patterns is none.
            OSError: A folder cannot be listed, or the disk fails.
        """

    def size(self, paths: Sequence[str]) -> int | None:
        """The bytes of files together; None where that takes more than a look at each.

        One that cannot be looked at has none.
        """

    def signature(self, patterns: Sources) -> str:
        """A digest of the same files without opening one, for who waits for a change.

        Raises:
            SettingsError, OSError: As `listed`.
        """

    def read(self, path: str, file_bytes: int) -> RawFile:
        """Read one file.

        Raises:
            DocumentError: It cannot be read, lies outside of the source, is larger than
                `file_bytes`, or is being written.
        """

    def read_all(self, paths: Iterable[str], file_bytes: int) -> Iterator[RawFile | DocumentError]:
        """Read files, in the order of their paths. Errors take their places."""


def source_at(location: Place) -> Source:
    """The source in a folder, or at the URL of a place on object storage."""
    return BucketSource(location) if isinstance(location, str) else FolderSource(location)
