"""The documents of one feed: pages of what is older, once they are full, and what is newest.

Pages are filled in the order of first sight, the oldest is number 1. A full page stays as it is: an
article that changes is put down once more, on the next page that gets full, and stands in the
current document until then. So a reader who goes from there page by page to the oldest, and keeps
the first of each id, has every article as it is now.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ...base.digests import digest
from ...files import atomic
from ...files.atomic import FileEntry
from ...model.publishing import Feeds
from ...model.settings import Site
from ...releases.cache import Cache
from . import atom, content, json_feed, rss
from .content import Item
from .document import Document, Feed, Format
from .selection import Place, limit
from .state import Page

# A new format is one new module with a `Format`, and its name here and in `model.publishing`.
FORMATS: tuple[Format, ...] = (json_feed.FORMAT, rss.FORMAT, atom.FORMAT)

_BYTES = 1_000_000  # of a document: what readers take without complaint
_BETWEEN = 2  # bytes, between items
_SPARE = 1_000  # bytes, for other numbers and relations than in a sample
_AT_ONCE = 1_000  # items in memory


class Look(NamedTuple):
    """What the documents of all feeds have in common."""

    site: Site
    feeds: Feeds
    code: str

    @property
    def formats(self) -> list[Format]:
        """The formats that settings ask for."""
        return [one for one in FORMATS if one.name in self.feeds.formats]

    def document(self, feed: Feed, form: Format, updated: dt.datetime, *, pages: int) -> Document:
        """The current document of a feed that has so many full pages."""
        url = self._url(form.path(feed.key))
        previous = self._url(form.page(feed.key, pages)) if pages else None
        return self._document(feed, updated, url, url, previous)

    def page(self, feed: Feed, form: Format, updated: dt.datetime, number: int) -> Document:
        """A full page of a feed."""
        url, current = (
            self._url(path) for path in (form.page(feed.key, number), form.path(feed.key))
        )
        previous = self._url(form.page(feed.key, number - 1)) if number > 1 else None
        return self._document(feed, updated, url, current, previous)

    def page_inputs(self, feed: Feed, form: Format, number: int, urls: Sequence[str]) -> str:
        """The digest of what a full page is made from; what its articles say is none of it."""
        return digest(*self.said(feed), form.name, number, list(urls))

    def said(self, feed: Feed) -> list[str]:
        """What each document of a feed says besides its items, and the code that writes it."""
        site = self.site
        names = site.base_url, site.title, site.description, feed.title, feed.language
        return [self.code, *names, feed.key.path]

    def _url(self, path: str) -> str:
        return self.site.served_at(path)

    def _document(
        self, feed: Feed, updated: dt.datetime, url: str, current: str, previous: str | None
    ) -> Document:
        is_archive = url != current
        return Document(
            self.site.base_url,
            self.site.title,
            feed.title,
            self.site.description,
            feed.language,
            url,
            current,
            previous,
            is_archive,
            "" if is_archive else self.feeds.hub,
            updated,
        )


class FeedJob(NamedTuple):
    """One feed: what its documents are made from, and the file of items of each part.

    `current` are the articles of the current document, newest first, and those that no full page
    has as they are now; the latter are `pending`, in the order in which pages are filled. There are
    `pages` full ones, of which those in `again` are written anew. `empty_since` is for a feed that
    holds nothing (`state`).
    """

    feed: Feed
    look: Look
    current: list[Place]
    pending: list[Place]
    pages: int
    again: list[tuple[int, list[Place]]]
    empty_since: int | None
    rendered: Mapping[int, Path]
    root: Path
    cache: Cache


class FeedReport(NamedTuple):
    """The files of a feed, and the pages that got full."""

    feed: Feed
    files: list[FileEntry]
    pages: list[Page]


def write_feed(job: FeedJob) -> FeedReport:
    """Write all documents of a feed that are not linked yet."""
    files = []
    for number, places in job.again:
        files += _write_page(job, number, places, content.items_of(job.rendered, places))
    pages: list[Page] = []
    batch: list[tuple[Place, Item]] = []
    empty = _sizes(job, ())
    left = room = _BYTES - _SPARE - max(empty)
    for place, item, weight in _weighed(job, empty):
        if batch and (len(batch) == job.look.feeds.archive_items or weight > left):
            files += _fill(job, pages, batch)
            batch, left = [], room
        batch.append((place, item))
        left -= weight
    if len(batch) == job.look.feeds.archive_items:
        files += _fill(job, pages, batch)
        batch = []
    pending = {place.url for place, _ in batch}
    files += _write_current(job, job.pages + len(pages), pending)
    return FeedReport(job.feed, files, pages)


def _weighed(job: FeedJob, empty: Sequence[int]) -> Iterator[tuple[Place, Item, int]]:
    """The articles that no full page has, with their items and the bytes that these take."""
    for start in range(0, len(job.pending), _AT_ONCE):
        places = job.pending[start : start + _AT_ONCE]
        for place, item in zip(places, content.items_of(job.rendered, places), strict=True):
            yield place, item, _weight(item, job, empty)


def _weight(item: Item, job: FeedJob, empty: Sequence[int]) -> int:
    """The bytes that an item takes in the format in which it takes most.

    `empty` are the sizes of a document without items.
    """
    sizes = zip(_sizes(job, [item]), empty, strict=True)
    return max(with_it - without for with_it, without in sizes) + _BETWEEN


def _sizes(job: FeedJob, items: Sequence[Item]) -> list[int]:
    """The bytes of a document with some items, in each format."""
    look = job.look
    return [
        len(form.write(look.page(job.feed, form, _LONG_AGO, 2), items)) for form in look.formats
    ]


_LONG_AGO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def _fill(job: FeedJob, pages: list[Page], batch: list[tuple[Place, Item]]) -> list[FileEntry]:
    """Write the next full page, and put it down among the `pages`."""
    places = [place for place, _ in batch]
    urls, modified = (
        tuple(place.url for place in places),
        tuple(place.modified for place in places),
    )
    pages.append(Page(urls, modified))
    return _write_page(job, job.pages + len(pages), places, [item for _, item in batch])


def _write_page(
    job: FeedJob, number: int, places: Sequence[Place], items: Sequence[Item]
) -> list[FileEntry]:
    feed, look = job.feed, job.look
    updated = max((item.changed for item in items), default=_LONG_AGO)
    urls = [place.url for place in places]
    return [
        atomic.write_bytes(
            job.root,
            form.page(feed.key, number),
            form.write(look.page(feed, form, updated, number), items),
        )._replace(inputs=look.page_inputs(feed, form, number, urls))
        for form in look.formats
    ]


def _write_current(job: FeedJob, pages: int, pending: set[str]) -> list[FileEntry]:
    """Write the current document in all formats, or link those that were made from the same."""
    feed, look = job.feed, job.look
    newest = limit(feed.key.kind, look.feeds)
    places = [
        place for number, place in enumerate(job.current) if number < newest or place.url in pending
    ]
    of_items = content.inputs(job.rendered, places)
    of_run = pages, look.feeds.hub, job.empty_since, sorted(pending)
    common = (*look.said(feed), *of_run, of_items)
    inputs = {form.path(feed.key): digest(*common, form.name) for form in look.formats}
    known = [job.cache.reuse(job.root, path, inputs=made) for path, made in inputs.items()]
    linked = [entry for entry in known if entry]
    if len(linked) == len(inputs):
        return linked
    written = _fitting(job, pages, content.items_of(job.rendered, places), pending)
    return [
        atomic.write_bytes(job.root, path, data)._replace(inputs=inputs[path])
        for path, data in written.items()
    ]


def _fitting(job: FeedJob, pages: int, items: list[Item], pending: set[str]) -> dict[str, bytes]:
    """The current document in all formats: of items that are too many bytes without the oldest.

    One item stays in any case, and so do those that no full page has.
    """
    feed, look = job.feed, job.look

    def written(items: Sequence[Item]) -> dict[str, bytes]:
        updated = max((item.changed for item in items), default=_time(job.empty_since))
        return {
            form.path(feed.key): form.write(look.document(feed, form, updated, pages=pages), items)
            for form in look.formats
        }

    whole = written(items)
    if max(map(len, whole.values())) <= _BYTES:
        return whole
    empty = _sizes(job, ())
    weights = [_weight(item, job, empty) for item in items]
    weighed = list(zip(items, weights, strict=True))
    of_pending = sum(weight for item, weight in weighed if item.url in pending)
    left = _BYTES - _SPARE - max(empty) - of_pending
    fits, kept = True, list[Item]()
    for item, weight in weighed:
        if item.url not in pending:
            left -= weight
            fits = fits and (left >= 0 or not (kept or pending))
        if fits or item.url in pending:
            kept.append(item)
    return written(kept)


def _time(seconds: int | None) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds or 0, dt.UTC)
