"""How the pages of a subject are divided among sitemaps: at a number of urls and of bytes.

Entries are put down in one file that all sitemaps share while articles are read, for those of a
subject stand in many parts.
"""

from collections.abc import Iterator
from typing import IO

from ...model.publishing import Sitemaps
from .document import Frame


class Sitemap:
    """One sitemap: its name, and where its entries stand in the shared file."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.urls = 0
        self.bytes = 0
        self._extents: list[tuple[int, int]] = []

    def append(self, entries: list[bytes], shared: IO[bytes]) -> None:
        """Put down entries, which are counted already."""
        start = shared.tell()
        shared.writelines(entries)
        self._extents.append((start, shared.tell() - start))

    def content(self, frame: Frame, shared: IO[bytes]) -> Iterator[bytes]:
        """The document, in pieces."""
        yield frame.head
        for start, length in self._extents:
            shared.seek(start)
            yield shared.read(length)
        yield frame.foot


class Division:
    """All sitemaps of a site, by what names them."""

    def __init__(self, frame: Frame, limits: Sitemaps, shared: IO[bytes]) -> None:
        self.frame = frame
        self._limits = limits
        self._shared = shared
        self._groups: dict[str, list[Sitemap]] = {}

    @property
    def sitemaps(self) -> list[Sitemap]:
        """The sitemaps, sorted by group, and by number within it."""
        return [one for group in sorted(self._groups) for one in self._groups[group]]

    def append(self, group: str, entries: list[bytes]) -> None:
        """Append urls to the last sitemap of a group, beginning new ones at the limits."""
        sitemaps, most = self._groups.setdefault(group, []), self._limits.bytes - self.frame.bytes
        pending: list[bytes] = []
        last = sitemaps[-1] if sitemaps else None
        for entry in entries:
            if last is None or last.urls == self._limits.urls or last.bytes + len(entry) > most:
                if last is not None:
                    last.append(pending, self._shared)
                last, pending = Sitemap(f"sitemap-{group}-{len(sitemaps) + 1}.xml"), []
                sitemaps.append(last)
            pending.append(entry)
            last.urls += 1
            last.bytes += len(entry)
        if last is not None:
            last.append(pending, self._shared)

    def content(self, sitemap: Sitemap) -> Iterator[bytes]:
        """One sitemap as a document, in pieces."""
        return sitemap.content(self.frame, self._shared)
