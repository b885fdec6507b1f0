"""Sitemaps (sitemaps.org, protocol 0.9): an index, and one or more sitemaps for each subject.

``lastmod`` of a url is when its significant content last changed; that of a sitemap in the index
is the newest of its urls. ``changefreq`` and ``priority`` are left out: search engines ignore them.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, NamedTuple
from urllib.parse import quote
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.compute as pc

from ..files import atomic, parquet, values
from ..files.atomic import FileEntry
from ..model.schemas import NO_SUBJECT
from ..model.settings import Settings
from ..releases.cache import Cache
from .base import Context, Export, always

_FOLDER = "site"
_HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE = b'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_OF_URIS = "%:/?#[]@!$&'()*+,;=~"
_PLAIN = re.compile(r"[\w.~%:/?#\[\]@!$()*+,;=-]*", re.ASCII).fullmatch
_COLUMNS = ("url", "subject_slug", "no_index", "modified")


class SitemapJob(NamedTuple):
    """All sitemaps of a site: one job, since it reads four small columns."""

    articles: tuple[Path, ...]
    settings: Settings
    root: Path
    cache: Cache


class _Row(NamedTuple):
    """A url, and when it last changed; empty where nothing is known."""

    url: str
    lastmod: str


def write(context: Context) -> list[FileEntry]:
    """Write ``site/sitemap.xml`` and ``site/sitemap-<subject>-<n>.xml``.

    With nothing to list no file is written: an empty ``urlset`` is not valid.
    """
    articles = context.tables["articles"]
    job = SitemapJob(articles, context.settings, context.root, context.cache)
    return next(iter(context.run(write_sitemaps, [job])))


class _Page:
    """One sitemap while its entries are put down in a file that all sitemaps share."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.size = sum(map(len, _frame(b"urlset")))
        self.urls = 0
        self.lastmod = ""
        self._extents: list[tuple[int, int]] = []

    def append(self, entries: list[bytes], shared: IO[bytes]) -> None:
        start = shared.tell()
        shared.writelines(entries)
        self._extents.append((start, shared.tell() - start))

    def content(self, shared: IO[bytes]) -> Iterator[bytes]:
        head, foot = _frame(b"urlset")
        yield head
        for start, length in self._extents:
            shared.seek(start)
            yield shared.read(length)
        yield foot


def write_sitemaps(job: SitemapJob) -> list[FileEntry]:
    """Write all sitemaps, reading articles part by part."""
    pages: dict[str, list[_Page]] = {}
    folder = job.root / _FOLDER
    folder.mkdir(exist_ok=True)
    with atomic.named(folder), TemporaryFile(dir=folder) as shared:
        for path in job.articles:
            for subject, rows in _by_subject(parquet.read(path, _COLUMNS)).items():
                _append(pages.setdefault(subject, []), subject, rows, job, shared)
        finished = [page for subject in sorted(pages) for page in pages[subject]]
        entries = [_write(job, page.path, partial(page.content, shared)) for page in finished]
    if not finished:
        return []
    head, foot = _frame(b"sitemapindex")
    index = [
        _entry(b"sitemap", _location(page.path, job.settings), page.lastmod) for page in finished
    ]
    return [_write(job, f"{_FOLDER}/sitemap.xml", lambda: [head, *index, foot]), *entries]


def _by_subject(articles: pa.Table) -> dict[str, list[_Row]]:
    articles = articles.filter(pc.invert(articles["no_index"]))
    groups: dict[str, list[_Row]] = {}
    times = values.iso_8601(articles["modified"])
    seconds = pc.utf8_slice_codeunits(times, 0, len("2025-01-31T16:00:24"))
    columns = articles["subject_slug"], articles["url"], seconds
    for subject, url, time in zip(*(column.to_pylist() for column in columns), strict=True):
        lastmod = f"{time}Z" if time else ""
        groups.setdefault(subject or NO_SUBJECT, []).append(_Row(url, lastmod))
    return groups


def _append(
    pages: list[_Page], subject: str, rows: list[_Row], job: SitemapJob, shared: IO[bytes]
) -> None:
    """Append urls to the last page of a subject, beginning new pages at the limits."""
    limits = job.settings.sitemaps
    pending: list[bytes] = []
    page = pages[-1] if pages else None
    for url, lastmod in rows:
        entry = _entry(b"url", job.settings.site.absolute(url), lastmod)
        if page is None or page.urls == limits.urls or page.size + len(entry) > limits.bytes:
            if page is not None:
                page.append(pending, shared)
            page, pending = _Page(f"{_FOLDER}/sitemap-{subject}-{len(pages) + 1}.xml"), []
            pages.append(page)
        pending.append(entry)
        page.urls += 1
        page.size += len(entry)
        page.lastmod = max(page.lastmod, lastmod)
    if page is not None:
        page.append(pending, shared)


def _write(job: SitemapJob, path: str, content: Callable[[], Iterable[bytes]]) -> FileEntry:
    """Write a file, or link that of the previous release if it holds the same."""
    size, sha256 = 0, hashlib.sha256()
    for data in content():
        size += len(data)
        sha256.update(data)
    entry = FileEntry(path, size, sha256.hexdigest())
    if not job.cache.reuse(job.root, path, sha256=entry.sha256):
        with atomic.created(job.root, path) as stream:
            stream.writelines(content())
    return entry


def _location(path: str, settings: Settings) -> str:
    return settings.site.absolute(quote(path.removeprefix(_FOLDER)))


def _entry(element: bytes, location: str, lastmod: str) -> bytes:
    loc = b"<loc>%b</loc>" % _loc(location)
    time = b"<lastmod>%b</lastmod>" % lastmod.encode() if lastmod else b""
    return b"<%b>%b%b</%b>\n" % (element, loc, time, element)


def _loc(location: str) -> bytes:
    """A URL as XML holds it: of nearly all nothing needs to be quoted, which is soon seen."""
    if _PLAIN(location):
        return location.encode()
    # What RFC 3986 has no place for is no character of XML either, at times.
    uri = quote(location, safe=_OF_URIS)
    return escape(uri, {'"': "&quot;", "'": "&apos;"}).encode("ascii")


def _frame(root: bytes) -> tuple[bytes, bytes]:
    """What stands before and behind the entries of a document."""
    return _HEAD + b"<%b %b>\n" % (root, _NAMESPACE), b"</%b>\n" % root


EXPORT = Export(
    name="sitemap",
    description="Sitemaps of every indexable article, one per subject, and their index.",
    kinds=("xml",),
    tables=always("articles"),
    module=__name__,
    settings=lambda settings: [
        settings.site.base_url,
        settings.sitemaps,
    ],
    write=write,
)
