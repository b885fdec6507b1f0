"""Sitemaps (sitemaps.org, protocol 0.9): an index, and one or more sitemaps for each subject.

``lastmod`` of a url is when its significant content last changed; that of a sitemap in the index
is the newest of its urls. ``changefreq`` and ``priority`` are left out: search engines ignore them.
"""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.compute as pc

from pipeline import store
from pipeline.exports.base import NO_SUBJECT, Context, Export, utc
from pipeline.settings import Settings
from pipeline.store import FileEntry

_FOLDER = "site"
_HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE = b'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_OF_URIS = "%:/?#[]@!$&'()*+,;=~"
_COLUMNS = ("url", "subject_slug", "no_index", "modified")


class SitemapJob(NamedTuple):
    """All sitemaps of a site: one job, since it reads four small columns."""

    articles: tuple[Path, ...]
    settings: Settings
    root: Path


def write(context: Context) -> list[FileEntry]:
    """Write ``site/sitemap.xml`` and ``site/sitemap-<subject>-<n>.xml``.

    With nothing to list no file is written: an empty ``urlset`` is not valid.
    """
    job = SitemapJob(context.tables["articles"], context.settings, context.root)
    return next(iter(context.run(write_sitemaps, [job])))


class _Page:
    """One sitemap while it is written: entries are appended to a temporary file."""

    def __init__(self, path: str, temporary: Path) -> None:
        self.path = path
        self.temporary = temporary
        self.size = len(_urlset([]))
        self.urls = 0
        self.lastmod = dt.datetime.min.replace(tzinfo=dt.UTC)
        temporary.unlink(missing_ok=True)

    def append(self, entries: list[bytes]) -> None:
        with self.temporary.open("ab") as stream:
            stream.writelines(entries)

    def finish(self, root: Path) -> FileEntry:
        entry = store.write_bytes(root, self.path, _urlset([self.temporary.read_bytes()]))
        self.temporary.unlink()
        return entry


def write_sitemaps(job: SitemapJob) -> list[FileEntry]:
    """Write all sitemaps, reading articles part by part."""
    pages: dict[str, list[_Page]] = {}
    (job.root / _FOLDER).mkdir(parents=True, exist_ok=True)
    for path in job.articles:
        articles = store.read(path, _COLUMNS)
        articles = articles.filter(pc.invert(articles["no_index"]))
        for subject, rows in _by_subject(articles):
            _append(pages.setdefault(subject, []), subject, rows, job)
    finished = [page for subject in sorted(pages) for page in pages[subject]]
    entries = [page.finish(job.root) for page in finished]
    if not finished:
        return []
    index = [
        _entry(b"sitemap", _location(page.path, job.settings), page.lastmod) for page in finished
    ]
    data = _document(b"sitemapindex", index)
    return [store.write_bytes(job.root, f"{_FOLDER}/sitemap.xml", data), *entries]


def _by_subject(articles: pa.Table) -> Iterator[tuple[str, list[tuple[str, dt.datetime]]]]:
    groups: dict[str, list[tuple[str, dt.datetime]]] = {}
    columns = (articles[name].to_pylist() for name in ("url", "subject_slug", "modified"))
    for url, subject, modified in zip(*columns, strict=True):
        groups.setdefault(subject or NO_SUBJECT, []).append((url, modified))
    yield from groups.items()


def _append(
    pages: list[_Page], subject: str, rows: list[tuple[str, dt.datetime]], job: SitemapJob
) -> None:
    """Append urls to the last page of a subject, beginning new pages at the limits."""
    limits = job.settings.exports
    pending: list[bytes] = []
    for url, modified in rows:
        entry = _entry(b"url", job.settings.site.absolute(url), modified)
        page = pages[-1] if pages else None
        if (
            page is None
            or page.urls == limits.sitemap_urls
            or page.size + len(entry) > limits.sitemap_bytes
        ):
            if page is not None:
                page.append(pending)
            name = f"{_FOLDER}/sitemap-{subject}-{len(pages) + 1}.xml"
            page, pending = _Page(name, job.root / f"{name}.entries.tmp"), []
            pages.append(page)
        pending.append(entry)
        page.urls += 1
        page.size += len(entry)
        page.lastmod = max(page.lastmod, modified)
    pages[-1].append(pending)


def _location(path: str, settings: Settings) -> str:
    return settings.site.absolute(quote(path.removeprefix(_FOLDER)))


def _entry(element: bytes, location: str, lastmod: dt.datetime) -> bytes:
    # What RFC 3986 has no place for is no character of XML either, at times.
    uri = quote(location, safe=_OF_URIS)
    loc = escape(uri, {'"': "&quot;", "'": "&apos;"}).encode("ascii")
    inner = b"<loc>%b</loc><lastmod>%b</lastmod>" % (loc, utc(lastmod).encode())
    return b"<%b>%b</%b>\n" % (element, inner, element)


def _urlset(entries: list[bytes]) -> bytes:
    return _document(b"urlset", entries)


def _document(root: bytes, entries: list[bytes]) -> bytes:
    return b"".join([_HEAD, b"<%b %b>\n" % (root, _NAMESPACE), *entries, b"</%b>\n" % root])


EXPORT = Export(
    name="sitemap",
    description="Sitemaps of every indexable article, one a subject, and their index.",
    kinds=("xml",),
    tables=("articles",),
    modules=(__name__, "pipeline.exports.base", "pipeline.settings", "pipeline.store"),
    libraries=("pyarrow",),
    settings=lambda settings: [
        settings.site.base_url,
        settings.exports.sitemap_urls,
        settings.exports.sitemap_bytes,
    ],
    write=write,
)
