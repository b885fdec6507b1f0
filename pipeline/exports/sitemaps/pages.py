"""Further pages, which no file stands for: home, lists by subject, year and the like.

The settings have patterns of their urls. Of a pattern with names there is a page for each value
that listed articles have, and a page stands for the articles with this value.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc

from ...content import urls
from ...files import parquet
from ...model import templates
from ...model.content import ContentModel
from ...model.publishing import PAGE_NAMES, Page

# The values of the names of a pattern, in the order of these.
Values: TypeAlias = tuple[str | None, ...]


class Pattern(NamedTuple):
    """A page of the settings: the names in its url."""

    page: Page
    names: tuple[str, ...]


def patterns(pages: Iterable[Page]) -> list[Pattern]:
    """The patterns of the settings."""
    return [Pattern(page, _names(page)) for page in pages]


def _names(page: Page) -> tuple[str, ...]:
    return tuple(dict.fromkeys(templates.parse(page.url, {}).names))


def columns(pages: Iterable[Pattern]) -> set[str]:
    """The columns of articles that patterns need."""
    return {PAGE_NAMES[name] for pattern in pages for name in pattern.names}


class Newest:
    """When the articles of each page last changed, as far as that is known."""

    def __init__(self, pages: Sequence[Pattern]) -> None:
        self._pages = pages
        self._found: list[dict[Values, str]] = [{} if one.names else {(): ""} for one in pages]

    def add(self, articles: pa.Table) -> None:
        """Add the articles of a part, which have ``lastmod`` and the columns of all patterns."""
        for (_, names), found in zip(self._pages, self._found, strict=True):
            keys = {str(number): _of_articles(name, articles) for number, name in enumerate(names)}
            rows = pa.table({**keys, "lastmod": articles["lastmod"]})
            grouped = rows.group_by([*keys], use_threads=False).aggregate([("lastmod", "max")])
            for row in grouped.to_pylist():
                values = tuple(row[key] for key in keys)
                found[values] = max(found.get(values, ""), row["lastmod_max"] or "")

    def urls(self, model: ContentModel) -> dict[str, str | None]:
        """The urls of all pages, in the order of the patterns, and their ``lastmod``, if any."""
        made: dict[str, str | None] = {}
        for (page, names), found in zip(self._pages, self._found, strict=True):
            newest: dict[str, str] = {}
            for values, lastmod in found.items():
                url = _url(page, dict(zip(names, values, strict=True)), model)
                if url is not None:
                    newest[url] = max(newest.get(url, ""), lastmod)
            for url in sorted(newest):
                made.setdefault(url, newest[url] if page.lastmod == "newest" else None)
        return made


def _of_articles(name: str, articles: pa.Table) -> pa.ChunkedArray:
    """The values that a name has for articles."""
    column = articles[PAGE_NAMES[name]]
    if name in _OF_DATES:
        return pc.utf8_slice_codeunits(column.cast(pa.string()), *_OF_DATES[name])
    return column


_OF_DATES = {"year": (0, 4), "month": (5, 7)}  # where they stand in 2025-01-31


def _url(page: Page, values: Mapping[str, str | None], model: ContentModel) -> str | None:
    """The url of a page; None where articles have no value, and so no such page."""

    def value(name: str) -> str | None:
        found = values[name]
        # As in the urls of articles: those of the main language need not begin with it.
        return "" if name == "language" and found and not model.begins_urls(found) else found

    filled = templates.parse(page.url, {}).filled(value, quote)
    return None if filled is None else urls.spelled(re.sub("/{2,}", "/", filled))


def without_articles(
    pages: Mapping[str, str | None], parts: Iterable[Path]
) -> dict[str, str | None]:
    """The pages that are not those of articles, listed or not."""
    left = dict(pages)
    for part in parts:
        found = parquet.read(part, ["url"])["url"]
        for url in found.filter(pc.is_in(found, pa.array(pages, pa.string()))).to_pylist():
            left.pop(url, None)
    return left
