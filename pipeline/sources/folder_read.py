"""The bytes of one file of the raw folder, which may be edited, moved or replaced meanwhile.

What is read lies in the raw folder, whatever became of the folders on the way since they were
listed, and is what the file holds when nobody is writing it.
"""

import contextlib
import errno
import os
import stat
import time
from pathlib import Path

from ..base.problems import Code, DocumentError, unforeseen
from .raw_file import too_large, vanished

# Opening a named pipe would wait for a writer.
_READ_ONLY = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK
# An editor that writes in place empties the file first. So what was written to within so long may
# be half of it, though it stood still while it was read; it is read again.
_FRESH_NS = 50_000_000
_TRIES, _PAUSE_SECONDS = 10, 0.05


def read(raw: Path, path: str, file_bytes: int) -> bytes:
    """Read one file. It is fastest where `raw` is a real path.

    Raises:
        DocumentError: It cannot be read, lies outside of the raw folder, is larger than
            `file_bytes`, or changes for half a second.
    """
    target = f"{raw}/{path}"
    for _ in range(_TRIES):
        data = _whole(raw, target, file_bytes + 1)
        if data is None:
            time.sleep(_PAUSE_SECONDS)
        elif len(data) > file_bytes:
            raise too_large(file_bytes)
        else:
            return data
    raise DocumentError(Code.CHANGING, "The file changed each time it was read.")


def is_below(path: str, folder: str) -> bool:
    """Whether a path is that of a folder or lies below it, as text."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _whole(raw: Path, target: str, most: int) -> bytes | None:
    """The bytes of a file, or so many of them; None if it is being written."""
    is_link = False
    try:
        try:
            descriptor = os.open(target, _READ_ONLY | os.O_NOFOLLOW)
        except OSError as error:
            is_link = error.errno == errno.ELOOP and os.path.islink(target)  # noqa: PTH114  as text
            if not is_link:
                raise
            descriptor = os.open(_followed(raw, target), _READ_ONLY)
        try:
            before = os.fstat(descriptor)
            _check(before, descriptor, raw, target)
            data = _content(descriptor, before.st_size, most)
            if not data:
                _wait_for_truncation(descriptor)
            return data if _is_settled(before, os.fstat(descriptor)) else None
        finally:
            os.close(descriptor)
    except OSError as error:
        raise _unreadable(error, target, is_link) from error
    except MemoryError as error:
        raise unforeseen(error) from error


def _followed(raw: Path, target: str) -> str:
    """What a link leads to."""
    target = os.path.realpath(target)
    if not is_below(target, os.path.realpath(raw)):
        raise DocumentError(Code.LINK_OUTSIDE, "The symlink leads out of the raw folder.")
    return target


def _check(status: os.stat_result, descriptor: int, raw: Path, target: str) -> None:
    """Refuse what is no file, and one that is not in the raw folder. A folder cannot be read."""
    if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
        raise DocumentError(Code.NOT_A_FILE, "Not a regular file.")
    # `walk` has looked at links to folders; this may have become one since.
    try:
        place = os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115  as text
    except OSError:  # not on Linux, or too deep
        place = os.path.realpath(target)
    if not is_below(place, f"{raw}") and not is_below(place, os.path.realpath(raw)):
        message = "A parent folder is a symlink that leads out of the raw folder."
        raise DocumentError(Code.LINK_OUTSIDE, message)


def _content(descriptor: int, size: int, most: int) -> bytes:
    data = os.read(descriptor, min(size + 1, most))
    if len(data) == size:  # one more was asked for: this is the end
        return data
    while rest := os.read(descriptor, most - len(data)):
        data += rest
    return data


def _wait_for_truncation(descriptor: int) -> None:
    """Wait for whoever is emptying a file: it is empty for a moment before its time says so.

    On Linux this asks for the lock under which both are done (``inode_lock`` in ext4, XFS, Btrfs
    and tmpfs); a file that is empty has no hole to be found.
    """
    with contextlib.suppress(OSError, AttributeError):
        os.lseek(descriptor, 0, os.SEEK_HOLE)


def _is_settled(before: os.stat_result, after: os.stat_result) -> bool:
    """Whether a file, as it looked before and after it was read, was left alone meanwhile."""
    return (
        before.st_mtime_ns == after.st_mtime_ns
        and before.st_size == after.st_size
        and before.st_ctime_ns == after.st_ctime_ns
        # A time in the future, of another clock, says nothing.
        and not 0 <= time.time_ns() - after.st_mtime_ns < _FRESH_NS
    )


def _unreadable(error: OSError, target: str, is_link: bool) -> DocumentError:
    why = (Code.UNREADABLE, f"The file cannot be read: {error.strerror}.")
    if error.errno == errno.ELOOP:
        why = Code.LINK_LOOP, "Symlink loop."
    elif error.errno == errno.ENAMETOOLONG:
        why = Code.PATH_TOO_LONG, "The path is too long for the operating system."
    elif isinstance(error, IsADirectoryError) and is_link:
        message = "Symlink loop, or too many symlinks in a row."
        why = Code.LINK_LOOP, message
    elif isinstance(error, IsADirectoryError):
        message = "The folder cannot be listed; none of its files were read."
        why = Code.UNREADABLE_FOLDER, message
    elif isinstance(error, FileNotFoundError) and is_link:
        why = Code.LINK_DANGLING, "Broken symlink."
    elif isinstance(error, FileNotFoundError):
        return vanished()
    elif os.path.isdir(target):  # noqa: PTH112  as text
        message = f"The folder cannot be read, and so none of its files were: {error.strerror}."
        why = Code.UNREADABLE_FOLDER, message
    return DocumentError(*why)
