"""A checker of sitemaps: protocol 0.9 of sitemaps.org, and what Google asks for besides.

The schema lets pass relative locations, other hosts, duplicates and more; so each rule is looked
at here as well. A problem is a text that begins with the id of its rule.
"""

import datetime as dt
import gzip
import re
import subprocess
import zlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from lxml import etree

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
IMAGE = "http://www.google.com/schemas/sitemap-image/1.1"
XHTML = "http://www.w3.org/1999/xhtml"
SCHEMAS = {
    root: Path(__file__).with_name(name)
    for root, name in (("urlset", "sitemap.xsd"), ("sitemapindex", "siteindex.xsd"))
}
MAX_ENTRIES = 50_000
MAX_BYTES = 52_428_800
MAX_IMAGES = 1_000
_CHILDREN = {
    "urlset": ("url", ["loc", "lastmod", "changefreq", "priority"]),
    "sitemapindex": ("sitemap", ["loc", "lastmod"]),
}
_LASTMOD = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:Z|[-+][0-9]{2}:[0-9]{2}))?"
)
_URI = re.compile(r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+")
_RAW = re.compile(rb'(?<=loc>)[^<]*(?=</)|(?<=href=")[^"]*')
_ESCAPED = re.compile(rb"(?:[^&'\"<>]|&(?:amp|apos|quot|lt|gt);)*")


class Entry(NamedTuple):
    """A url of a sitemap, or a sitemap of an index."""

    loc: str
    lastmod: str | None
    images: tuple[str, ...] = ()

    @property
    def time(self) -> dt.datetime:
        """When it last changed; a date alone is midnight UTC."""
        assert self.lastmod is not None
        time = dt.datetime.fromisoformat(self.lastmod)
        return time if time.tzinfo else time.replace(tzinfo=dt.UTC)


def entries(data: bytes) -> list[Entry]:
    """What a sitemap or an index lists."""
    return [
        Entry(
            element.findtext(f"{{{NAMESPACE}}}loc"),
            element.findtext(f"{{{NAMESPACE}}}lastmod"),
            tuple(_images(element)),
        )
        for element in _parsed(data)
    ]


def _images(element: Any) -> list[str]:
    return [found.text or "" for found in element.iter(f"{{{IMAGE}}}loc")]


def _parsed(data: bytes) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    return etree.fromstring(data, parser)


def unpacked(location: str, data: bytes) -> bytes:
    """A sitemap as it was before it was compressed, if it was.

    Raises:
        OSError, EOFError, zlib.error: It is no gzip.
    """
    return gzip.decompress(data) if location.endswith(".gz") else data


def check_file(location: str, data: bytes) -> list[str]:
    """The problems of one sitemap or index, as it is served at a URL."""
    try:
        found = _file(location, unpacked(location, data))
    except (OSError, EOFError, zlib.error) as error:
        return [f"SM-14 no gzip: {error} ({location})"]
    # RFC 1952: flags, and the time at which it was compressed.
    if location.endswith(".gz") and data[3:8] != bytes(5):
        return [f"SM-14 a name or a time stands in the head ({location})"]
    return [f"{problem} ({location})" for problem in found]


def refused(xmllint: str, files: Collection[Path]) -> str:
    """What xmllint says of sitemaps and indexes that their schemas refuse; nothing if none is."""
    said = []
    for root, schema in SCHEMAS.items():
        of_root = [path for path in files if f"<{root} ".encode() in path.read_bytes()]
        assert of_root
        command = [xmllint, "--nonet", "--noout", "--schema", str(schema), *map(str, of_root)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        said += [done.stderr] if done.returncode else []
    return "".join(said)


def _file(location: str, data: bytes) -> Iterator[str]:
    try:
        data.decode("utf-8")
        root = _parsed(data)
    except (UnicodeDecodeError, etree.XMLSyntaxError) as error:
        yield f"SM-01 no well-formed XML in UTF-8: {error}"
        return
    if root.getroottree().docinfo.encoding != "UTF-8" or data.startswith(b"\xef\xbb\xbf"):
        yield "SM-01 the encoding is not stated as UTF-8, or there is a byte order mark"
    name = etree.QName(root)
    if name.namespace != NAMESPACE or name.localname not in _CHILDREN:
        yield f"SM-01 the root is {root.tag}"
        return
    schema = etree.XMLSchema(etree.parse(SCHEMAS[name.localname]))
    if not schema.validate(root):
        yield from (f"XSD {error.message}" for error in schema.error_log)
    if len(data) > MAX_BYTES or len(root) > MAX_ENTRIES:
        yield f"SM-08 {len(root)} entries, {len(data)} bytes"
    if not len(root):
        yield "SM-10 nothing is listed"
    child, order = _CHILDREN[name.localname]
    for element in root:
        yield from _element(element, child, order, location)
    for raw in _RAW.findall(data):
        if not _ESCAPED.fullmatch(raw):
            yield f"SM-03 not escaped as XML: {raw.decode()}"
    for loc, count in Counter(_texts(root, "loc")).items():
        if count > 1:
            yield f"SM-09 {loc} stands {count} times"


def _texts(element: Any, name: str) -> list[str]:
    return [found.text or "" for found in element.iter(f"{{{NAMESPACE}}}{name}")]


def _element(element: Any, child: str, order: list[str], location: str) -> Iterator[str]:
    own = f"{{{NAMESPACE}}}"
    names = [found.tag.removeprefix(own) for found in element]
    further = [name for name in names if name.startswith("{")]
    names = names[: len(names) - len(further)]
    if etree.QName(element).localname != child:
        yield f"SM-11 a {etree.QName(element).localname} where a {child} is due"
    if names != [name for name in order if name in names]:
        yield f"SM-06 the order is {', '.join(names + further)}"
    if {"changefreq", "priority"} & set(names):
        yield "G-01 changefreq and priority are of no use"
    if names.count("loc") != 1:
        yield f"SM-02 {names.count('loc')} loc"
    for loc in _texts(element, "loc"):
        yield from _loc(loc, location)
    images = _images(element)
    if len(images) > MAX_IMAGES or len(set(images)) < len(images):
        yield f"G-06 {len(images)} images, {len(set(images))} different ones"
    for image in images:
        if not re.match(r"https?://[^/]", image) or not _URI.fullmatch(image) or len(image) >= 2048:
            yield f"G-06 no absolute URL of an image: {image!r}"
    for lastmod in _texts(element, "lastmod"):
        if not _is_time(lastmod):
            yield f"SM-05 lastmod {lastmod!r}"


def _loc(loc: str, location: str) -> Iterator[str]:
    if not re.match(r"https?://[^/]", loc):
        yield f"SM-02 not absolute: {loc!r}"
    if len(loc) >= 2048:
        yield f"SM-02 {len(loc)} characters long"
    if not _URI.fullmatch(loc):
        yield f"SM-03 not RFC 3986: {loc!r}"
    url, base = urlsplit(loc), urlsplit(location)
    folder = base.path.rpartition("/")[0] + "/"
    if (url.scheme, url.netloc) != (base.scheme, base.netloc) or not url.path.startswith(folder):
        yield f"SM-04 not below the sitemap: {loc!r}"
    if url.fragment or "#" in loc:
        yield f"G-03 a fragment is no page of its own: {loc!r}"


def _is_time(text: str) -> bool:
    try:
        return bool(_LASTMOD.fullmatch(text) and dt.datetime.fromisoformat(text))
    except ValueError:
        return False


def check_site(
    index: str, files: Mapping[str, bytes], pages: Collection[str], now: int
) -> list[str]:
    """The problems of all sitemaps of a site, by the URLs they are served at."""
    found = [problem for location, data in files.items() for problem in check_file(location, data)]
    return found or list(_site(index, files, pages, dt.datetime.fromtimestamp(now, dt.UTC)))


def _site(
    index: str, files: Mapping[str, bytes], pages: Collection[str], now: dt.datetime
) -> Iterator[str]:
    if index not in files:
        yield "SM-11 there is no index"
        return
    listed = entries(files[index])
    if {entry.loc for entry in listed} != set(files) - {index}:
        yield f"SM-13 the index lists {sorted(entry.loc for entry in listed)}, not {sorted(files)}"
    urls: list[str] = []
    for child in listed:
        data = unpacked(child.loc, files[child.loc]) if child.loc in files else b"<gone/>"
        if etree.QName(_parsed(data)).localname != "urlset":
            yield f"SM-11 no urlset: {child.loc}"
            continue
        found = entries(data)
        urls += [entry.loc for entry in found]
        newest = max((entry.time for entry in found if entry.lastmod), default=None)
        if not child.lastmod or (newest and child.time < newest):
            yield f"SM-12 lastmod of {child.loc} is {child.lastmod}, its newest url's {newest}"
        elif child.time > now:
            yield f"G-02 lastmod in the future: {child.loc}"
    if len(urls) != len(set(urls)):
        yield "SM-09 a url stands in more than one sitemap"
    if set(urls) != set(pages):
        yield f"SM-13 {sorted(set(urls) ^ set(pages))} are listed but no pages, or pages not listed"
