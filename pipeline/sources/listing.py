"""The raw folder: which files are sources, in what order, and how they are cut into shards.

It is a folder, or a place on object storage, whose objects are taken for files. A source path is
the path below it, ``/`` between its parts, as text in which bytes that are not UTF-8 are surrogate
escapes (`os.fsdecode`). Order is that of the parts as bytes, so that a folder's files stand
together, and parts in order are the sorted table.
"""

import errno
import hashlib
import mimetypes
import os
import stat
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from ..base.errors import SettingsError, StorageError
from ..base.places import Place
from ..base.problems import Code, DocumentError
from ..files import atomic, s3
from ..model.patterns import compile_patterns
from ..model.settings import Sources
from . import raw_file

SUFFIXES = (".md", ".markdown")


class Listed(NamedTuple):
    """A source as it was listed, with its ETag, which a file has none of."""

    path: str
    etag: str = ""


class SourceFile(NamedTuple):
    """A source as it was read: its bytes and their SHA-256 in hexadecimal, and its ETag."""

    path: str
    data: bytes
    sha256: str
    etag: str = ""


def discover(
    raw: Place,
    patterns: Sources = Sources(),  # noqa: B008  it is frozen
) -> Iterator[Listed]:
    """The sources of a raw folder, in order; of a folder one's names at a time are in memory.

    Hidden files and folders are passed over, and so is what the patterns leave out. A link is
    followed if it stays below the folder and does not lead back to where it stands; the path of
    any other is a source, which `read` refuses. So is that of a folder that cannot be listed: its
    files must not disappear in silence.

    Raises:
        SettingsError: The folder does not exist, or one of the patterns is none.
        PipelineError: The storage cannot be listed.
        OSError: The folder cannot be listed, or the disk fails.
    """
    if isinstance(raw, str):
        return iter(sorted(_stored(raw, patterns), key=lambda found: _parts(found.path)))
    check(raw)
    return map(Listed, _Walk(raw, patterns).sources())


def glance(
    raw: Place,
    patterns: Sources = Sources(),  # noqa: B008  it is frozen
) -> str:
    """A digest of all sources as they look from outside, for who waits for a change.

    That is path, size and time of change of a file, of which an edit that keeps both does not show;
    path and ETag of an object. None is opened.

    Raises:
        SettingsError, PipelineError, OSError: As `discover`.
    """
    seen = hashlib.sha256()
    for path, etag in discover(raw, patterns):
        looks = etag.encode() if isinstance(raw, str) else _looks(f"{raw}/{path}")
        seen.update(os.fsencode(path) + b"\0" + looks + b"\0")
    return seen.hexdigest()


def _looks(target: str) -> bytes:
    """What is seen of a file from outside; of one that cannot be looked at, why."""
    try:
        status = os.stat(target)  # noqa: PTH116  as text
    except OSError as error:
        return b"%d" % (error.errno or 0)
    return b"%d %d" % (status.st_size, status.st_mtime_ns)


def check(raw: Place) -> None:
    """Refuse a raw folder that does not exist; on object storage, one that holds nothing.

    Raises:
        SettingsError: It does not.
        PipelineError: The storage cannot be listed.
    """
    if isinstance(raw, str):
        if next(s3.at(raw).listed(), None) is None:
            raise SettingsError(f"There is nothing at {raw}. Name another with --raw or paths.raw.")
    elif not raw.is_dir():
        message = f"The raw folder {raw} does not exist. Name another with --raw or paths.raw."
        raise SettingsError(message)


def version(raw: Place) -> tuple[int, int] | None:
    """Tells a raw folder from another that takes its place; None if it is gone, or on storage."""
    try:
        status = None if isinstance(raw, str) else raw.stat()
    except FileNotFoundError:
        return None
    return (status.st_dev, status.st_ino) if status else None


class _Wanted:
    """Which files, by their paths, are sources, and which folders hold any."""

    def __init__(self, patterns: Sources) -> None:
        self.includes = compile_patterns(patterns.include) if patterns.include else lambda _: True
        self.excludes = compile_patterns(patterns.exclude) if patterns.exclude else lambda _: False

    def file(self, path: str) -> bool:
        """Whether a file is a source, as far as its folder is not left out."""
        is_source = path.lower().endswith(SUFFIXES) and self.includes(path)
        return is_source and not self.excludes(path)

    def folder(self, path: str) -> bool:
        """Whether a folder, whose path ends in ``/``, is not left out."""
        return not self.excludes(path)


def _stored(raw: str, patterns: Sources) -> Iterator[Listed]:
    """The sources on object storage. What would be above them in a folder counts as folders."""
    wanted = _Wanted(patterns)
    is_open = {"": True}

    def opens(folder: str) -> bool:
        if folder not in is_open:
            above, _, name = folder[:-1].rpartition("/")
            is_open[folder] = (
                opens(above and above + "/") and name[:1] != "." and wanted.folder(folder)
            )
        return is_open[folder]

    bucket = s3.at(raw)
    for found in bucket.listed():
        folder, slash, name = found.path.rpartition("/")
        is_wanted = name[:1] != "." and wanted.file(found.path) and opens(folder + slash)
        if is_wanted and not _is_folder(bucket, found):
            yield Listed(found.path, found.etag)


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


def _parts(path: str) -> list[bytes]:
    return os.fsencode(path).split(b"/")


class _Walk:
    """A walk through a raw folder."""

    def __init__(self, raw: Path, patterns: Sources) -> None:
        self.raw = raw
        self.wanted = _Wanted(patterns)

    def sources(self) -> Iterator[str]:
        """All sources, in order."""
        ways = [self.below(_Found("", 0))]  # no recursion: folders nest more deeply than calls
        while ways:
            found = next(ways[-1], None)
            if found is None:
                ways.pop()
            elif found.links is None:
                yield found.path
            else:
                ways.append(self.below(found))

    def below(self, folder: "_Found") -> Iterator["_Found"]:
        """What stands in a folder, in order; the folder itself as a source if it is not told."""
        try:
            with os.scandir(f"{self.raw}/{folder.path}") as entries:
                shown = [entry for entry in entries if not entry.name.startswith(".")]
        except OSError as error:
            if not folder.path or error.errno not in _OF_ONE_FOLDER:
                raise
            if self.wanted.folder(folder.path):
                yield _Found(folder.path)
            return
        above = f"{folder.path}/" if folder.path else ""
        for entry in sorted(shown, key=lambda entry: os.fsencode(entry.name)):
            path, kind = above + entry.name, _kind(entry)
            if kind == "link":
                yield from self.link(path, folder.links or 0)
            elif kind == "folder":
                yield from self.inside(path, folder.links)
            else:
                yield from self.file(path)

    def inside(self, path: str, links: int | None) -> Iterator["_Found"]:
        """A folder, if it is not left out."""
        if self.wanted.folder(path + "/"):
            yield _Found(path, links)

    def file(self, path: str) -> Iterator["_Found"]:
        """A file, if it is a source."""
        if self.wanted.file(path):
            yield _Found(path)

    def link(self, path: str, links: int) -> Iterator["_Found"]:
        """What a link leads to; the link itself if it must not or cannot be followed."""
        target = self.raw / path
        try:
            is_folder = stat.S_ISDIR(target.stat().st_mode)
        except OSError:
            is_folder = _may_be_folder(target.name)
        else:
            is_inside = raw_file.is_below(os.path.realpath(target), os.path.realpath(self.raw))
            if is_folder and is_inside and links < _MAX_LINKS and not _leads_back(self.raw, path):
                yield from self.inside(path, links + 1)
                return
        if not is_folder:
            yield from self.file(path)
        elif self.wanted.folder(path + "/") and self.wanted.folder(path):
            yield _Found(path)


class _Found(NamedTuple):
    """A source; or a folder to go into, with the number of links on the way to it."""

    path: str
    links: int | None = None


# These are about one folder, which may not be listed, has gone, or lies too deep. Others, such as
# an error of the disk, are about all of them.
_OF_ONE_FOLDER = {
    *(errno.EACCES, errno.EPERM, errno.ENOENT, errno.ENOTDIR),
    *(errno.ENAMETOOLONG, errno.ELOOP),
}


def _kind(entry: "os.DirEntry[str]") -> str:
    """Whether an entry is a link, a folder or a file."""
    try:
        if entry.is_symlink():
            return "link"
        return "folder" if entry.is_dir() else "file"
    except OSError:  # its kind does not stand in the folder, and it cannot be looked at
        return "folder" if _may_be_folder(entry.name) else "file"


def _may_be_folder(name: str) -> bool:
    return mimetypes.guess_type(name)[0] is None


# Folders of links to folders of links would multiply without end.
_MAX_LINKS = 1


def _leads_back(raw: Path, path: str) -> bool:
    """Whether a path leads to one of the folders on its way."""
    parts = path.split("/")
    above = {os.path.realpath(raw / "/".join(parts[:count])) for count in range(len(parts))}
    return os.path.realpath(raw / path) in above


def cut(found: Iterable[Listed], shard_files: int) -> Iterator[list[Listed]]:
    """Ordered sources in shards of about `shard_files`; the last may be empty, if all is.

    A border stands behind a path whose checksum says so, or after four times the mean: borders
    depend on the paths around them alone, so that a new file disturbs one shard.
    """
    shard: list[Listed] = []
    is_first = True
    for one in found:
        shard.append(one)
        is_border = zlib.crc32(os.fsencode(one.path)) % shard_files == 0
        if is_border or len(shard) == 4 * shard_files:
            yield shard
            shard, is_first = [], False
    if shard or is_first:
        yield shard


def read(raw: Place, path: str, file_bytes: int) -> SourceFile:
    """Read one file.

    Raises:
        DocumentError: It cannot be read, lies outside of the raw folder, is larger than
            `file_bytes`, or is being written.
        PipelineError: The storage does not answer, or refuses to.
    """
    if isinstance(raw, str):
        return _read_stored(s3.at(raw), path, file_bytes)
    data = raw_file.read(raw, path, file_bytes)
    return SourceFile(path, data, hashlib.sha256(data).hexdigest())


def read_all(
    raw: Place, paths: Iterable[str], file_bytes: int
) -> Iterator[SourceFile | DocumentError]:
    """Read files one after the other; from object storage, some ahead. Errors take their places.

    Raises:
        PipelineError: The storage does not answer, or refuses to.
    """
    read_one: Callable[[str], SourceFile | DocumentError] = partial(_tried, raw, file_bytes)
    return s3.at_once(read_one, paths) if isinstance(raw, str) else map(read_one, paths)


def _tried(raw: Place, file_bytes: int, path: str) -> SourceFile | DocumentError:
    try:
        return read(raw, path, file_bytes)
    except DocumentError as error:
        return error


def _read_stored(bucket: s3.Bucket, path: str, file_bytes: int) -> SourceFile:
    try:
        data, etag = bucket.read(path, file_bytes)
    except FileNotFoundError as error:
        raise raw_file.vanished() from error
    except s3.RefusedError as error:
        raise DocumentError(Code.UNREADABLE, str(error)) from error
    except s3.TooLargeError as error:
        raise raw_file.too_large(file_bytes) from error
    return SourceFile(path, data, hashlib.sha256(data).hexdigest(), etag)


class Slice(NamedTuple):
    """Where the sources of a shard stand in a file of `write_list`, and how many they are."""

    start: int
    stop: int
    files: int


def write_list(target: Path, shards: Iterable[Sequence[Listed]]) -> list[Slice]:
    """Write the sources of shards to a file for `read_list`."""
    slices: list[Slice] = []
    with atomic.renamed(target) as temporary, temporary.open("wb") as stream:
        for found in shards:
            start = stream.tell()
            stream.write(os.fsencode("".join([f"{path}\0{etag}\0" for path, etag in found])))
            slices.append(Slice(start, stream.tell(), len(found)))
    return slices


def read_list(source: Path, part: Slice) -> list[Listed]:
    """The sources of a slice."""
    with source.open("rb") as stream:
        stream.seek(part.start)
        texts = os.fsdecode(stream.read(part.stop - part.start)).split("\0")
    return list(map(Listed, texts[:-1:2], texts[1::2]))
