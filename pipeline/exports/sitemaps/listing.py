"""Which urls sitemaps list: those of articles, and of further pages."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from ...model.settings import Settings
from . import pages, selection


def urls(articles: tuple[Path, ...], settings: Settings) -> Iterator[pa.ChunkedArray]:
    """The urls, from the root of the site: those of each part, then those of further pages."""
    further = pages.patterns(settings.sitemaps.pages)
    newest, columns = pages.Newest(further), sorted(pages.columns(further))
    for part in articles:
        listed = selection.listed(part, settings.sitemaps, 0, columns)  # when is not asked
        newest.add(listed)
        yield listed["url"]
    found = pages.without_articles(newest.urls(settings.content), articles)
    yield pa.chunked_array([pa.array(list(found), pa.string())])


def depends_on(settings: Settings) -> list[Any]:
    """The settings that decide which urls these are."""
    sitemaps, content = settings.sitemaps, settings.content
    left_out = sitemaps.leave_out_collections, sitemaps.leave_out_subjects
    return [sitemaps.pages, *left_out, content.languages, content.main_language_in_urls]


def is_any(articles: tuple[Path, ...], settings: Settings) -> bool:
    """Whether sitemaps list anything, and so are there."""
    return any(len(found) for found in urls(articles, settings))
