"""The raw folder: which files are sources, in what order, and how they are cut into shards.

A source path is the path below the raw folder, ``/`` between its parts, as text in which bytes
that are not UTF-8 are surrogate escapes (`os.fsdecode`). Order is that of the parts as bytes, so
that a folder's files stand together, and parts in order are the sorted table.
"""

import hashlib
import os
import stat
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import Code, DocumentError, SettingsError

SUFFIXES = (".md", ".markdown")


class SourceFile(NamedTuple):
    """A file as it was read: its bytes and their SHA-256 in hexadecimal."""

    path: str
    data: bytes
    sha256: str


def discover(raw: Path) -> list[str]:
    """The source paths below a folder, in order. Hidden files and folders are passed over.

    Raises:
        SettingsError: The folder does not exist.
        OSError: A folder below it cannot be listed: files must not disappear in silence.
    """
    check(raw)
    return sorted(_walk(raw, ""), key=_order)


def check(raw: Path) -> None:
    """Refuse a raw folder that does not exist.

    Raises:
        SettingsError: It does not.
    """
    if not raw.is_dir():
        message = f"The raw folder {raw} does not exist. Name another with --raw or paths.raw."
        raise SettingsError(message)


def _walk(folder: Path, prefix: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            path = prefix + entry.name
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(folder / entry.name, path + "/")
            elif entry.name.lower().endswith(SUFFIXES) or entry.is_dir():
                yield path  # a link to a folder is not followed, but not passed over either


def _order(path: str) -> bytes:
    """Sort key: NUL is below every byte of a name, so that folders sort part by part."""
    return os.fsencode(path).replace(b"/", b"\0")


def cut(paths: Sequence[str], shard_files: int) -> list[range]:
    """Slices of ordered paths, about `shard_files` long.

    A border stands behind a path whose checksum says so, or after four times the mean: borders
    depend on the paths around them alone, so that a new file disturbs one shard.
    """
    shards, start = [], 0
    for index, path in enumerate(paths, 1):
        is_border = zlib.crc32(os.fsencode(path)) % shard_files == 0
        if is_border or index - start == 4 * shard_files:
            shards.append(range(start, index))
            start = index
    if start < len(paths):
        shards.append(range(start, len(paths)))
    return shards


def read(raw: Path, path: str, file_bytes: int) -> SourceFile:
    """Read one file.

    Raises:
        DocumentError: It cannot be read, or is larger than `file_bytes`.
    """
    try:
        # Opening a named pipe would wait for a writer.
        descriptor = os.open(raw / path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with open(descriptor, "rb") as stream:  # noqa: PTH123  a descriptor, not a path
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise DocumentError(Code.UNREADABLE, "This is not a regular file.")
            data = stream.read(file_bytes + 1)
    except OSError as error:
        message = f"The file cannot be read: {error.strerror}."
        raise DocumentError(Code.UNREADABLE, message) from error
    if len(data) > file_bytes:
        message = f"The file is larger than {file_bytes:,} bytes."
        raise DocumentError(Code.TOO_LARGE, message)
    return SourceFile(path, data, hashlib.sha256(data).hexdigest())


def shown(path: str) -> str:
    """A source path as valid text: a byte that is not UTF-8 is written as ``\\xNN``."""
    return os.fsencode(path).decode("utf-8", errors="backslashreplace")


def write_list(target: Path, paths: Sequence[str]) -> list[int]:
    """Write paths to a file for `read_list`; the result holds the offset of each, and the end."""
    offsets, data = [0], bytearray()
    for path in paths:
        data += os.fsencode(path) + b"\0"
        offsets.append(len(data))
    target.write_bytes(data)
    return offsets


def read_list(source: Path, start: int, stop: int) -> list[str]:
    """The paths between two offsets of a file of `write_list`."""
    with source.open("rb") as stream:
        stream.seek(start)
        names = stream.read(stop - start).split(b"\0")
    return [os.fsdecode(name) for name in names[:-1]]
