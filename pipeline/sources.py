"""The raw folder: which files are sources, in what order, and how they are cut into shards.

A source path is the path below the raw folder, ``/`` between its parts, as text in which bytes
that are not UTF-8 are surrogate escapes (`os.fsdecode`). Order is that of the parts as bytes, so
that a folder's files stand together, and parts in order are the sorted table.
"""

import errno
import hashlib
import mimetypes
import os
import re
import stat
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import Code, DocumentError, PipelineError, SettingsError
from pipeline.settings import Sources, compile_patterns

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# What would act on a terminal, and what turns the direction of a line round
# (Unicode Standard Annex 9).
CONTROLS = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
SUFFIXES = (".md", ".markdown")


class SourceFile(NamedTuple):
    """A file as it was read: its bytes and their SHA-256 in hexadecimal."""

    path: str
    data: bytes
    sha256: str


def discover(raw: Path, patterns: Sources = Sources()) -> list[str]:  # noqa: B008  it is frozen
    """The source paths below a folder, in order.

    Hidden files and folders are passed over, and so is what the patterns leave out. A link is
    followed if it stays below the folder and does not lead back to where it stands; the path of
    any other is a source, which `read` refuses.

    Raises:
        SettingsError: The folder does not exist, or one of the patterns is none.
        PipelineError: Folders are nested hundreds deep.
        OSError: A folder below it cannot be listed: files must not disappear in silence.
    """
    check(raw)
    try:
        return sorted(_Walk(raw, patterns).below("", 0), key=_order)
    except RecursionError as error:
        raise PipelineError(f"Folders below {raw} are nested too deeply to be listed.") from error


def check(raw: Path) -> None:
    """Refuse a raw folder that does not exist.

    Raises:
        SettingsError: It does not.
    """
    if not raw.is_dir():
        message = f"The raw folder {raw} does not exist. Name another with --raw or paths.raw."
        raise SettingsError(message)


class _Walk:
    """A walk through a raw folder."""

    def __init__(self, raw: Path, patterns: Sources) -> None:
        self.raw = raw
        self.includes = compile_patterns(patterns.include) if patterns.include else lambda _: True
        self.excludes = compile_patterns(patterns.exclude) if patterns.exclude else lambda _: False

    def below(self, folder: str, links: int) -> Iterator[str]:
        """The sources below a folder, whose path ends in /; `links` are on the way to it."""
        with os.scandir(self.raw / folder) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                path = folder + entry.name
                if entry.is_symlink():
                    yield from self.link(path, links)
                elif entry.is_dir():
                    yield from self.inside(path, links)
                else:
                    yield from self.file(path)

    def inside(self, path: str, links: int) -> Iterator[str]:
        """The sources below a folder, if it is not left out."""
        if not self.excludes(path + "/"):
            yield from self.below(path + "/", links)

    def file(self, path: str) -> Iterator[str]:
        """A file, if it is a source."""
        if path.lower().endswith(SUFFIXES) and self.includes(path) and not self.excludes(path):
            yield path

    def link(self, path: str, links: int) -> Iterator[str]:
        """What a link leads to; the link itself if it must not or cannot be followed."""
        target = self.raw / path
        try:
            is_folder = stat.S_ISDIR(target.stat().st_mode)
        except OSError:  # it may have led to a folder
            is_folder = mimetypes.guess_type(target.name)[0] is None
        else:
            is_inside = _is_below(os.path.realpath(target), os.path.realpath(self.raw))
            if is_folder and is_inside and links < _MAX_LINKS and not _leads_back(self.raw, path):
                yield from self.inside(path, links + 1)
                return
        if not is_folder:
            yield from self.file(path)
        elif not self.excludes(path + "/") and not self.excludes(path):
            yield path


# Folders of links to folders of links would multiply without end.
_MAX_LINKS = 1


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _leads_back(raw: Path, path: str) -> bool:
    """Whether a path leads to one of the folders on its way."""
    parts = path.split("/")
    above = {os.path.realpath(raw / "/".join(parts[:count])) for count in range(len(parts))}
    return os.path.realpath(raw / path) in above


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
        DocumentError: It cannot be read, lies outside of the raw folder, or is larger than
            `file_bytes`.
    """
    is_link = (raw / path).is_symlink()
    try:
        with open(_open(raw, path, is_link), "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise DocumentError(Code.NOT_A_FILE, "This is not a regular file.")
            data = stream.read(file_bytes + 1)
    except OSError as error:
        raise _unreadable(error, is_link) from error
    if len(data) > file_bytes:
        message = f"The file is larger than {file_bytes:,} bytes."
        raise DocumentError(Code.TOO_LARGE, message)
    return SourceFile(path, data, hashlib.sha256(data).hexdigest())


def _open(raw: Path, path: str, is_link: bool) -> int:
    """A descriptor. Links to folders on the way have been looked at by `discover`."""
    target: Path | str = raw / path
    if is_link:
        target = os.path.realpath(target)
        if not _is_below(target, os.path.realpath(raw)):
            raise DocumentError(Code.LINK_OUTSIDE, "The link leads out of the raw folder.")
    # Opening a named pipe would wait for a writer.
    return os.open(target, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)


def _unreadable(error: OSError, is_link: bool) -> DocumentError:
    if error.errno == errno.ELOOP:
        return DocumentError(Code.LINK_LOOP, "The link leads to itself.")
    if isinstance(error, IsADirectoryError) and is_link:
        message = "The link leads back to a folder that it stands in, or through too many others."
        return DocumentError(Code.LINK_LOOP, message)
    if isinstance(error, IsADirectoryError):
        return DocumentError(Code.NOT_A_FILE, "This is not a regular file.")
    if isinstance(error, FileNotFoundError) and is_link:
        return DocumentError(Code.LINK_DANGLING, "The link leads to nothing.")
    if isinstance(error, FileNotFoundError):
        return DocumentError(Code.VANISHED, "The file was listed, and gone when it was to be read.")
    return DocumentError(Code.UNREADABLE, f"The file cannot be read: {error.strerror}.")


def one_line(path: str) -> str:
    """A source path for a line of a report: `shown`, with control characters as ``\\xNN``."""
    return re.sub("[\x00-\x1f\x7f-\x9f\u2028\u2029]", lambda m: ascii(m.group())[1:-1], shown(path))


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
