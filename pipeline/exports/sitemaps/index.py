"""The index of the sitemaps, whose ``lastmod`` is when the bytes of a sitemap last changed.

No table says so: it is known from the previous release alone, from its manifest and its index.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ...files.atomic import FileEntry
from ...releases.cache import Cache
from . import document

PATH = "site/sitemap.xml"


class Previous(NamedTuple):
    """The previous release: the digests of its sitemaps by path, and what its index says of them.

    ``lastmod`` is by the location as XML holds it.
    """

    sha256: Mapping[str, str]
    lastmod: Mapping[bytes, str]


NOTHING = Previous({}, {})


def recall(known: Cache) -> Previous:
    """What the previous release says; of a damaged index nothing is believed."""
    if PATH not in known.files:
        return NOTHING
    sha256 = {path: entry.sha256 for path, entry in known.files.items()}
    return Previous(sha256, document.listed((known.root / PATH).read_bytes()))


def written(
    sitemaps: Iterable[tuple[str, FileEntry]],
    previous: Previous,
    as_of: str,
    stylesheet: str | None,
) -> list[bytes]:
    """The index, in pieces; `sitemaps` are locations and files, `as_of` is a W3C Datetime."""
    head, foot = document.index(stylesheet)
    entries = (
        document.sitemap(location, _lastmod(location, entry, previous, as_of))
        for location, entry in sitemaps
    )
    return [head, *entries, foot]


def _lastmod(location: str, entry: FileEntry, previous: Previous, as_of: str) -> str:
    """When a sitemap got its bytes: never later than as-of, should a clock have been set back."""
    before = previous.lastmod.get(document.loc(location))
    is_same = previous.sha256.get(entry.path) == entry.sha256
    return before if before and is_same and before <= as_of else as_of
