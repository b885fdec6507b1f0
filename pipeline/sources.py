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
from collections.abc import Iterable, Iterator, Sequence
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


def discover(
    raw: Path,
    patterns: Sources = Sources(),  # noqa: B008  it is frozen
) -> Iterator[str]:
    """The source paths below a folder, in order; one folder's names at a time are in memory.

    Hidden files and folders are passed over, and so is what the patterns leave out. A link is
    followed if it stays below the folder and does not lead back to where it stands; the path of
    any other is a source, which `read` refuses.

    Raises:
        SettingsError: The folder does not exist, or one of the patterns is none.
        PipelineError: Folders are nested hundreds deep.
        OSError: A folder below it cannot be listed: files must not disappear in silence.
    """
    check(raw)
    return _walked(raw, _Walk(raw, patterns))


def glance(
    raw: Path,
    patterns: Sources = Sources(),  # noqa: B008  it is frozen
) -> str:
    """A digest of the paths, sizes and times of change of all sources, for who waits for a change.

    No file is opened: an edit that keeps size and time does not show.

    Raises:
        SettingsError, PipelineError, OSError: As `discover`.
    """
    seen = hashlib.sha256()
    for path in discover(raw, patterns):
        seen.update(os.fsencode(path) + b"\0" + _looks(f"{raw}/{path}") + b"\0")
    return seen.hexdigest()


def _looks(target: str) -> bytes:
    """What is seen of a file from outside; of one that cannot be looked at, why."""
    try:
        status = os.stat(target)  # noqa: PTH116  as text
    except OSError as error:
        return b"%d" % (error.errno or 0)
    return b"%d %d" % (status.st_size, status.st_mtime_ns)


def _walked(raw: Path, walk: "_Walk") -> Iterator[str]:
    try:
        yield from walk.below("", 0)
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
            shown = [entry for entry in entries if not entry.name.startswith(".")]
        for entry in sorted(shown, key=lambda entry: os.fsencode(entry.name)):
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


def cut(paths: Iterable[str], shard_files: int) -> Iterator[list[str]]:
    """Ordered paths in shards of about `shard_files`; the last may be empty, if all is.

    A border stands behind a path whose checksum says so, or after four times the mean: borders
    depend on the paths around them alone, so that a new file disturbs one shard.
    """
    shard: list[str] = []
    is_first = True
    for path in paths:
        shard.append(path)
        is_border = zlib.crc32(os.fsencode(path)) % shard_files == 0
        if is_border or len(shard) == 4 * shard_files:
            yield shard
            shard, is_first = [], False
    if shard or is_first:
        yield shard


def read(raw: Path, path: str, file_bytes: int) -> SourceFile:
    """Read one file.

    Raises:
        DocumentError: It cannot be read, lies outside of the raw folder, or is larger than
            `file_bytes`.
    """
    target = f"{raw}/{path}"
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
            data = _content(descriptor, file_bytes + 1)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise _unreadable(error, is_link) from error
    if len(data) > file_bytes:
        message = f"The file is larger than {file_bytes:,} bytes."
        raise DocumentError(Code.TOO_LARGE, message)
    return SourceFile(path, data, hashlib.sha256(data).hexdigest())


# Opening a named pipe would wait for a writer.
_READ_ONLY = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK


def _followed(raw: Path, target: str) -> str:
    """What a link leads to. Links to folders on the way have been looked at by `discover`."""
    target = os.path.realpath(target)
    if not _is_below(target, os.path.realpath(raw)):
        raise DocumentError(Code.LINK_OUTSIDE, "The link leads out of the raw folder.")
    return target


def _content(descriptor: int, most: int) -> bytes:
    """The bytes of a regular file, or so many of them; a folder cannot be read."""
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
        raise DocumentError(Code.NOT_A_FILE, "This is not a regular file.")
    size = status.st_size
    data = os.read(descriptor, min(size + 1, most))
    if len(data) == size:  # one more was asked for: this is the end
        return data
    while rest := os.read(descriptor, most - len(data)):
        data += rest
    return data


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


class Slice(NamedTuple):
    """Where the paths of a shard stand in a file of `write_list`, and how many they are."""

    start: int
    stop: int
    files: int


def write_list(target: Path, shards: Iterable[Sequence[str]]) -> list[Slice]:
    """Write the paths of shards to a file for `read_list`."""
    slices: list[Slice] = []
    with target.open("wb") as stream:
        for paths in shards:
            start = stream.tell()
            stream.writelines(os.fsencode(path) + b"\0" for path in paths)
            slices.append(Slice(start, stream.tell(), len(paths)))
    return slices


def read_list(source: Path, part: Slice) -> list[str]:
    """The paths of a slice."""
    with source.open("rb") as stream:
        stream.seek(part.start)
        names = stream.read(part.stop - part.start).split(b"\0")
    return [os.fsdecode(name) for name in names[:-1]]
