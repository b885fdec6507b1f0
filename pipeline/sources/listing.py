"""The list of raw files: which paths are on it, in what order, and how it is cut into shards.

A path is that below the source, ``/`` between its parts, as text in which bytes that are not UTF-8
are surrogate escapes (`os.fsdecode`). Order is that of the parts as bytes, so that a folder's files
stand together, and parts in order are the sorted table.
"""

import hashlib
import os
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from ..files import atomic
from ..model.paths import Sources
from ..model.patterns import compile_patterns, deciding


class Listed(NamedTuple):
    """A raw file as it was listed, with its ETag, which a file of a folder has none of."""

    path: str
    etag: str = ""


class Selection:
    """Which files, by their paths, are chosen, and which folders may hold any.

    With `passed_over`, files that would be chosen but for their suffix are counted in it by that.

    Raises:
        SettingsError: One of the patterns is none.
    """

    def __init__(self, patterns: Sources, passed_over: Counter[str] | None = None) -> None:
        self._suffixes = patterns.extensions
        self._passed_over = passed_over
        self._includes = compile_patterns(patterns.include) if patterns.include else lambda _: True
        self._excludes = compile_patterns(patterns.exclude) if patterns.exclude else lambda _: False

    def file(self, path: str) -> bool:
        """Whether a file is chosen, as far as its folder is not left out."""
        return path.lower().endswith(self._suffixes) and self._fits(path)

    def passes_over(self, path: str) -> bool:
        """Whether such a file is to be counted by its suffix, for which alone it is not chosen."""
        is_counted = self._passed_over is not None and not path.lower().endswith(self._suffixes)
        return is_counted and self._fits(path)

    def pass_over(self, path: str) -> None:
        """Count it."""
        if self._passed_over is not None:
            self._passed_over[suffix(path)] += 1

    def _fits(self, path: str) -> bool:
        return self._includes(path) and not self._excludes(path)

    def folder(self, path: str) -> bool:
        """Whether a folder, whose path ends in ``/``, is not left out."""
        return not self._excludes(path)


class LeftOut(NamedTuple):
    """Why a file is not listed; `pattern` is that of `exclude`, for it or for a folder above."""

    reason: Literal["hidden", "exclude", "include", "suffix"]
    pattern: str = ""


def left_out(path: str, patterns: Sources) -> LeftOut | None:
    """Why patterns, or its name, keep a file from being listed, if anything does."""
    parts = path.split("/")
    if any(part.startswith(".") for part in parts):
        return LeftOut("hidden")
    folders = ("/".join(parts[:count]) + "/" for count in range(1, len(parts)))
    for one in (*folders, path):
        if patterns.exclude and (pattern := deciding(patterns.exclude, one)):
            return LeftOut("exclude", pattern)
    if patterns.include and not deciding(patterns.include, path):
        return LeftOut("include")
    return None if Selection(patterns).file(path) else LeftOut("suffix")


# A suffix tells what a file is; behind the dot of a version or a sentence stands something else.
_SUFFIX = re.compile(r"[^/](\.(?=[0-9]*[a-z])[a-z0-9_+-]{1,16}~?)\Z")


def suffix(path: str) -> str:
    """The suffix of a path as files are counted by it: in lower case; empty if it has none."""
    found = _SUFFIX.search(path.lower())
    return found[1] if found else ""


def most_first(counts: Mapping[str, int]) -> dict[str, int]:
    """The same counts, the largest first."""
    return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def order(path: str) -> list[bytes]:
    """What paths are sorted by."""
    return os.fsencode(path).split(b"/")


def signature(seen: Iterable[tuple[str, bytes]]) -> str:
    """The digest, in hexadecimal, of paths with what is seen of each from outside."""
    digest = hashlib.sha256()
    for path, metadata in seen:
        digest.update(os.fsencode(path) + b"\0" + metadata + b"\0")
    return digest.hexdigest()


def cut(found: Iterable[Listed], shard_files: int) -> Iterator[list[Listed]]:
    """An ordered list in shards of about `shard_files`; the last may be empty, if all is.

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


class Slice(NamedTuple):
    """Where the files of a shard stand in a list on disk, and how many they are."""

    start: int
    stop: int
    files: int


def write_list(target: Path, shards: Iterable[Sequence[Listed]]) -> list[Slice]:
    """Write the files of shards to a list for `read_list`."""
    slices: list[Slice] = []
    with atomic.renamed(target) as temporary, temporary.open("wb") as stream:
        for found in shards:
            start = stream.tell()
            stream.write(os.fsencode("".join([f"{path}\0{etag}\0" for path, etag in found])))
            slices.append(Slice(start, stream.tell(), len(found)))
    return slices


def read_list(source: Path, part: Slice) -> list[Listed]:
    """The files of a slice of what `write_list` wrote."""
    with source.open("rb") as stream:
        stream.seek(part.start)
        texts = os.fsdecode(stream.read(part.stop - part.start)).split("\0")
    return list(map(Listed, texts[:-1:2], texts[1::2]))
