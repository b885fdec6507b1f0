"""The walk through a raw folder: all files that patterns choose, in order.

Hidden files and folders are passed over. A link is followed if it stays below the folder and does
not lead back to where it stands; the path of any other is listed as if it were a file, which
`folder_read` refuses. So is that of a folder that cannot be listed: its files must not disappear in
silence.
"""

import errno
import mimetypes
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from .folder_read import is_below
from .listing import Selection


def walk(raw: Path, chosen: Selection) -> Iterator[str]:
    """The paths, below the folder, of its files; one folder's names at a time are in memory.

    Raises:
        OSError: The folder cannot be listed, or the disk fails.
    """
    return _Walk(raw, chosen).files()


@dataclass(frozen=True, slots=True)
class _Walk:
    """A walk through a raw folder."""

    raw: Path
    chosen: Selection

    def files(self) -> Iterator[str]:
        """All files, in order."""
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
        """What is in a folder, in order; the folder itself as a file if it cannot be listed."""
        try:
            with os.scandir(f"{self.raw}/{folder.path}") as entries:
                shown = [entry for entry in entries if not entry.name.startswith(".")]
        except OSError as error:
            if not folder.path or error.errno not in _OF_ONE_FOLDER:
                raise
            if self.chosen.folder(folder.path):
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
        if self.chosen.folder(path + "/"):
            yield _Found(path, links)

    def file(self, path: str) -> Iterator["_Found"]:
        """A file, if it is chosen."""
        if self.chosen.file(path):
            yield _Found(path)
        elif self.chosen.passes_over(path):
            self.chosen.pass_over(path)

    def link(self, path: str, links: int) -> Iterator["_Found"]:
        """What a link leads to; the link itself if it must not or cannot be followed."""
        target = self.raw / path
        try:
            is_folder = stat.S_ISDIR(target.stat().st_mode)
        except OSError:
            is_folder = _may_be_folder(target.name)
        else:
            is_inside = is_below(os.path.realpath(target), os.path.realpath(self.raw))
            if is_folder and is_inside and links < _MAX_LINKS and not _leads_back(self.raw, path):
                yield from self.inside(path, links + 1)
                return
        if not is_folder:
            yield from self.file(path)
        elif self.chosen.folder(path + "/") and self.chosen.folder(path):
            yield _Found(path)


class _Found(NamedTuple):
    """A file; or a folder to go into, with the number of links on the way to it."""

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
