"""Sitemaps as XML: protocol 0.9 of sitemaps.org, and what search engines add to it.

``changefreq`` and ``priority`` are left out: search engines ignore them.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple
from xml.sax.saxutils import escape

from ...base import web

_HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'
# Beside the sitemap, wherever that is: browsers take a stylesheet of the same origin alone.
_STYLESHEET = '<?xml-stylesheet type="text/{kind}" href="{name}"?>\n'
_NAMESPACE = b'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_XHTML = b' xmlns:xhtml="http://www.w3.org/1999/xhtml"'
_IMAGE = b' xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
_PLAIN = re.compile(r"[\w.~%:/?#\[\]@!$()*+,;=-]*", re.ASCII).fullmatch
_LONGEST = 2_047  # characters of a loc


class Frame(NamedTuple):
    """What stands before and behind the entries of a document."""

    head: bytes
    foot: bytes

    @property
    def bytes(self) -> int:
        """The size of both."""
        return len(self.head) + len(self.foot)


def urlset(stylesheet: str | None, *, has_alternates: bool, has_images: bool) -> Frame:
    """The frame of a sitemap; `stylesheet` is the name of a file beside it."""
    further = (_XHTML if has_alternates else b"") + (_IMAGE if has_images else b"")
    return _frame(b"urlset", stylesheet, further)


def index(stylesheet: str | None) -> Frame:
    """The frame of an index of sitemaps."""
    return _frame(b"sitemapindex", stylesheet)


def _frame(root: bytes, stylesheet: str | None, further: bytes = b"") -> Frame:
    style = b""
    if stylesheet:
        kind = stylesheet.rpartition(".")[2]
        style = _STYLESHEET.format(kind=kind, name=stylesheet).encode()
    head = _HEAD + style + b"<%b %b%b>\n" % (root, _NAMESPACE, further)
    return Frame(head, b"</%b>\n" % root)


def url(location: str, lastmod: str | None, further: bytes = b"") -> bytes:
    """The entry of a page; `further` are its alternates and images."""
    return _entry(b"url", loc(location), lastmod, further)


def sitemap(location: str, lastmod: str) -> bytes:
    """The entry of a sitemap in an index."""
    return _entry(b"sitemap", loc(location), lastmod)


def _entry(element: bytes, location: bytes, lastmod: str | None, further: bytes = b"") -> bytes:
    time = b"<lastmod>%b</lastmod>" % lastmod.encode() if lastmod else b""
    return b"<%b><loc>%b</loc>%b%b</%b>\n" % (element, location, time, further, element)


_OF_INDEX = re.compile(rb"<sitemap><loc>([^<]*)</loc><lastmod>([^<]*)</lastmod></sitemap>")


def listed(index: bytes) -> dict[bytes, str]:
    """The ``lastmod`` of each sitemap in an index that was made here, by its `loc`."""
    return {location: time.decode() for location, time in _OF_INDEX.findall(index)}


def alternates(links: Iterable[tuple[str, str]]) -> bytes:
    """The language versions of a page, as pairs of ``hreflang`` and location."""
    return b"".join(
        b'<xhtml:link rel="alternate" hreflang="%b" href="%b"/>' % (code.encode(), loc(location))
        for code, location in links
    )


def images(locations: Iterable[str]) -> bytes:
    """The images of a page, without those whose location is longer than a sitemap may hold."""
    return b"".join(
        b"<image:image><image:loc>%b</image:loc></image:image>" % found
        for found in map(loc, locations)
        if len(found) <= _LONGEST
    )


def loc(location: str) -> bytes:
    """A URL as XML holds it: of nearly all nothing needs to be quoted, which is soon seen."""
    if _PLAIN(location):
        return location.encode()
    # What RFC 3986 has no place for is no character of XML either, at times.
    uri = web.uri(location)
    return escape(uri, {'"': "&quot;", "'": "&apos;"}).encode("ascii")
