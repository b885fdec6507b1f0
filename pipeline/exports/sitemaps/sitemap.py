"""Sitemaps (sitemaps.org, protocol 0.9): an index, and one or more sitemaps for each subject.

``lastmod`` of a url is when its significant content last changed, that of a sitemap in the index
when its bytes did.
"""

import datetime as dt
import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import NamedTuple

import pyarrow as pa

from ...files import atomic
from ...files.atomic import FileEntry
from ...model.settings import Settings
from ...releases.cache import Cache
from ..base import Context, Export, always, utc
from . import alternates, document, images, index, pages, selection, stylesheet
from .division import Division
from .index import Previous

_NAME = "sitemap"
_FOLDER = "site"
_OF_PAGES = "pages"  # names the sitemaps of further pages, and those of a subject called so


class SitemapJob(NamedTuple):
    """All sitemaps of a site: one job, since it reads few small columns.

    `text_links` are the parts of that table, whose numbers are those of articles, `as_of` is in
    seconds since 1970 (UTC).
    """

    articles: tuple[Path, ...]
    text_links: tuple[Path, ...]
    settings: Settings
    root: Path
    as_of: int
    cache: Cache
    previous: Previous


def write(context: Context) -> list[FileEntry]:
    """Write ``site/sitemap.xml`` and ``site/sitemap-<subject>-<n>.xml``.

    With nothing to list no file is written: an empty ``urlset`` is not valid.
    """
    job = SitemapJob(
        context.tables["articles"],
        context.tables["text_links"],
        context.settings,
        context.root,
        context.as_of,
        context.cache,
        index.recall(context.remembered()),
    )
    return next(iter(context.run(write_sitemaps, [job])))


def write_sitemaps(job: SitemapJob) -> list[FileEntry]:
    """Write all sitemaps, reading articles part by part."""
    folder, sitemaps = job.root / _FOLDER, job.settings.sitemaps
    kind = sitemaps.stylesheet
    style = f"{_NAME}.{kind}" if kind else None
    frame = document.urlset(
        style,
        has_alternates=alternates.are_listed(job.settings),
        has_images=sitemaps.images,
    )
    folder.mkdir(exist_ok=True)
    with atomic.named(folder), TemporaryFile(dir=folder) as shared:
        division = Division(frame, sitemaps, shared)
        _divide(job, division)
        entries = [
            _write_sitemap(job, one.name, partial(division.content, one))
            for one in division.sitemaps
        ]
    if not entries:
        return []
    located = [(job.settings.site.served_at(entry.path), entry) for entry in entries]
    as_of = utc(dt.datetime.fromtimestamp(job.as_of, dt.UTC))
    listed = index.written(located, job.previous, as_of, style)
    files = [_write(job, index.PATH, lambda: listed), *entries]
    if style:
        files.append(_write(job, f"{_FOLDER}/{style}", lambda: [stylesheet.CONTENT[kind]]))
    return files


def _divide(job: SitemapJob, division: Division) -> None:
    """Put the entries of all pages into sitemaps: articles, then further pages."""
    settings = job.settings
    further = pages.patterns(settings.sitemaps.pages)
    newest = pages.Newest(further)
    columns = pages.columns(further)
    translated = _translated(job)
    if settings.sitemaps.images:
        columns.update(images.columns(settings.content))
    for number, part in enumerate(job.articles):
        articles = selection.listed(part, settings.sitemaps, job.as_of, sorted(columns))
        newest.add(articles)
        notes = [translated] if translated else []
        if settings.sitemaps.images:
            notes.append(images.by_url(articles, job.text_links[number], settings.site))
        for group, entries in _by_group(articles, notes, settings).items():
            division.append(group, entries)
    urls = newest.urls(settings.content)
    if urls:
        urls = pages.without_articles(urls, job.articles)
        absolute = settings.site.absolute
        entries = [document.url(absolute(url), lastmod) for url, lastmod in urls.items()]
        division.append(_OF_PAGES, entries)


def _translated(job: SitemapJob) -> Mapping[str, bytes]:
    if not alternates.are_listed(job.settings):
        return {}
    listed = (
        selection.listed(part, job.settings.sitemaps, job.as_of, alternates.COLUMNS)
        for part in job.articles
    )
    return alternates.by_url(listed, job.settings)


def _by_group(
    articles: pa.Table, notes: list[Mapping[str, bytes]], settings: Settings
) -> dict[str, list[bytes]]:
    """The entries of articles by what names their sitemaps; `notes` are their ends, by url."""
    groups: dict[str, list[bytes]] = {}
    columns = (articles[name].to_pylist() for name in ("group", "url", "lastmod"))
    for group, url, lastmod in zip(*columns, strict=True):
        further = b"".join([note[url] for note in notes if url in note]) if notes else b""
        entry = document.url(settings.site.absolute(url), lastmod, further)
        groups.setdefault(group, []).append(entry)
    return groups


def _write_sitemap(job: SitemapJob, name: str, content: Callable[[], Iterator[bytes]]) -> FileEntry:
    path = f"{_FOLDER}/{name}"
    if not job.settings.sitemaps.gzip:
        return _write(job, path, content)
    packed = [*_packed(content())]
    return _write(job, f"{path}.gz", lambda: packed)


def _packed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Bytes as gzip has them; its head names neither a file nor a time."""
    packer = zlib.compressobj(wbits=31)
    yield from map(packer.compress, pieces)
    yield packer.flush()


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


EXPORT = Export(
    name=_NAME,
    description="Sitemaps of every indexable article, one per subject, and their index.",
    kinds=("xml",),
    tables=always("articles", "text_links"),
    module=__name__,
    settings=lambda settings: [
        settings.site.base_url,
        settings.sitemaps,
        settings.content.languages,
        settings.content.main_language_in_urls,
        images.columns(settings.content),
    ],
    write=write,
)
