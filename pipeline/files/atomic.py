"""Files that are written whole or not at all.

Every file is written under a temporary name, synced and renamed, never opened under an existing
name: that could be a hard link into a published release.
"""

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import IO, Any, NamedTuple

READ_ONLY = 0o444
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class FileEntry(NamedTuple):
    """A file of a release. `path` is below the release; `rows` is None for what is no table.

    `inputs` is the digest of what the file was made from, where that is known for it alone.
    """

    path: str
    bytes: int
    sha256: str
    rows: int | None = None
    inputs: str | None = None

    def to_json(self) -> dict[str, str | int | None]:
        """The entry as JSON has it everywhere: an object with a member for each field."""
        return self._asdict()

    @classmethod
    def from_json(cls, stated: Mapping[str, Any]) -> "FileEntry":
        """The entry of such an object.

        Raises:
            KeyError: It lacks path, bytes or sha256.
        """
        return cls(
            stated["path"],
            stated["bytes"],
            stated["sha256"],
            stated.get("rows"),
            stated.get("inputs"),
        )


def entry(root: Path, path: str, rows: int | None = None) -> FileEntry:
    """The entry of a file that was written, from its bytes."""
    with (root / path).open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        return FileEntry(path, stream.tell(), sha256, rows)


def describe(path: str, data: Any, rows: int | None = None) -> FileEntry:
    """The entry of a file that is to hold these bytes."""
    return FileEntry(path, len(data), hashlib.sha256(data).hexdigest(), rows)


def write_bytes(root: Path, path: str, data: Any, rows: int | None = None) -> FileEntry:
    """Write a whole file below a release."""
    put(root, path, data)
    return describe(path, data, rows)


def put(root: Path, path: str, data: Any) -> None:
    """Write the bytes of a file below a release."""
    with created(root, path) as stream:
        stream.write(data)


@contextmanager
def created(root: Path, path: str) -> Iterator[IO[bytes]]:
    """A new file below a release, which gets its name, read-only and synced, when all went well."""
    with written_at(root, path) as temporary, temporary.open("xb") as stream:
        yield stream


@contextmanager
def written_at(root: Path, path: str) -> Iterator[Path]:
    """The same for a library that takes no stream: the name at which it is to write the file."""
    make_folder(root, path)
    with renamed(root / path) as temporary:
        yield temporary
        sync(temporary)
        temporary.chmod(READ_ONLY)


@contextmanager
def renamed(path: Path) -> Iterator[Path]:
    """A temporary name, whose file gets its own when all went well.

    A job may run twice at a time, on a worker that was given up and on another: neither writes into
    a file of the other's, and nobody reads half a file.
    """
    temporary = path.with_name(f"{path.name}.{os.urandom(4).hex()}.tmp")
    try:
        with named(path):
            yield temporary
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Let the error of a full disk say what was written: a write does not know its file."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL and error.filename is None:
            error.filename = str(path)
        raise


def write_whole(path: Path, data: Any) -> None:
    """Write a file that no release holds, in the place of another if there is one."""
    path.parent.mkdir(exist_ok=True)
    with renamed(path) as temporary:
        temporary.write_bytes(data)


def make_folder(root: Path, path: str) -> None:
    """Make the folder of a path below a release, and not that of the release.

    Where it is gone, its run has ended, which a job on another machine may outlive.
    """
    for folder in reversed(PurePath(path).parents[:-1]):
        (root / folder).mkdir(exist_ok=True)


def hard_link(source: Path, root: Path, path: str) -> None:
    """Give a published file another name, or copy it where that fails."""
    make_folder(root, path)
    try:
        with renamed(root / path) as temporary:
            os.link(source, temporary)
    except OSError:  # EPERM, EXDEV, EMLINK: no hard links here, or no more of them
        with created(root, path) as stream, source.open("rb") as original:
            shutil.copyfileobj(original, stream)
    else:
        # Of two names of one file, as after a job that ran before, neither was taken away.
        temporary.unlink(missing_ok=True)


def point(link: Path, target: Path | None) -> None:
    """Point a symbolic link to a path that is relative to its folder, in one step, or remove it."""
    if target is None:
        link.unlink(missing_ok=True)
    else:
        temporary = temporary_link(link)
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(target)
        temporary.replace(link)
    sync(link.parent)


def temporary_link(link: Path) -> Path:
    """The name under which a link is made, before it replaces another."""
    return link.with_name(link.name + ".tmp")


def sync(path: Path) -> None:
    """Let the bytes of a file, or the names in a folder, outlive a loss of power."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
