"""Raw files on object storage, whose objects are taken for files in folders."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..base.errors import SettingsError, StorageError
from ..base.problems import Code, DocumentError
from ..files import s3
from ..model.paths import Sources
from . import listing
from .listing import Listed, Selection
from .raw_file import RawFile, too_large, tried, vanished


@dataclass(frozen=True, slots=True)
class BucketSource:
    """A place on object storage, by its URL."""

    url: str

    @property
    def home(self) -> str:
        """The URL."""
        return self.url

    @property
    def folders(self) -> tuple[Path, ...]:
        """None: whoever reads asks the storage."""
        return ()

    @property
    def has_etags(self) -> bool:
        """All objects have one."""
        return True

    def resolved(self) -> "BucketSource":
        """The same: there are no links."""
        return self

    def identity(self) -> None:
        """None: nothing tells a prefix from another that takes its place."""

    def check(self) -> None:
        """Refuse a place without objects."""
        if next(s3.at(self.url).listed(), None) is None:
            message = f"There is nothing at {self.url}. Name another with --raw or paths.raw."
            raise SettingsError(message)

    def check_apart(self, out: Path, storage: str) -> None:
        """Refuse a storage that lies in it, or that it lies in."""
        here, there = f"{self.url}/", f"{storage}/"
        if storage and (there.startswith(here) or here.startswith(there)):
            raise SettingsError(
                f"Raw files and storage must not be inside each other: {self.url}, {storage}."
            )

    def holds(self, path: Path) -> bool:
        """No path of a machine does."""
        return False

    def listed(
        self, patterns: Sources, passed_over: Counter[str] | None = None
    ) -> Iterator[Listed]:
        """All are in memory, for a storage tells them in no order."""
        chosen = self._chosen(Selection(patterns, passed_over))
        return iter(sorted(chosen, key=lambda one: listing.order(one.path)))

    def size(self, paths: Sequence[str]) -> int | None:
        """None: reading an object is mostly waiting, whatever its size."""
        return None

    def signature(self, patterns: Sources) -> str:
        """A digest of paths and ETags."""
        return listing.signature((path, etag.encode()) for path, etag in self.listed(patterns))

    def read(self, path: str, file_bytes: int) -> RawFile:
        """An object, and the ETag of what was read, which may be another than was listed."""
        try:
            data, etag = s3.at(self.url).read(path, file_bytes)
        except FileNotFoundError as error:
            raise vanished() from error
        except s3.RefusedError as error:
            raise DocumentError(Code.UNREADABLE, str(error)) from error
        except s3.TooLargeError as error:
            raise too_large(file_bytes) from error
        return RawFile(path, data, hashlib.sha256(data).hexdigest(), etag)

    def read_all(self, paths: Iterable[str], file_bytes: int) -> Iterator[RawFile | DocumentError]:
        """Some are read ahead of the one that is taken."""
        return s3.at_once(partial(tried, self.read, file_bytes), paths)

    def _chosen(self, chosen: Selection) -> Iterator[Listed]:
        """What is chosen. What would be above an object in a folder counts as folders."""
        is_open = {"": True}

        def opens(folder: str) -> bool:
            if folder not in is_open:
                above, _, name = folder[:-1].rpartition("/")
                is_open[folder] = (
                    opens(above and above + "/") and name[:1] != "." and chosen.folder(folder)
                )
            return is_open[folder]

        bucket = s3.at(self.url)
        for found in bucket.listed():
            folder, slash, name = found.path.rpartition("/")
            if name[:1] == "." or not opens(folder + slash):
                continue
            if chosen.file(found.path):
                if not _is_folder(bucket, found):
                    yield Listed(found.path, found.etag)
            elif chosen.passes_over(found.path) and not _is_folder(bucket, found):
                chosen.pass_over(found.path)


def _is_folder(bucket: s3.Bucket, found: s3.Object) -> bool:
    """Whether an object has a key that ends in a slash, which the listing does not show.

    Such a one is empty, and there is none with the path that is shown.
    """
    if found.bytes:
        return False
    try:
        bucket.modified(found.path)
    except FileNotFoundError:
        return True
    except StorageError:  # whoever reads it is told
        return False
    return False
