"""The images of pages: that which an article states, in a column of that name, and its text's."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

import pyarrow as pa
import pyarrow.compute as pc

from ...files import parquet
from ...model.content import ContentModel
from ...model.settings import Site
from . import document

_COLUMN = "image"
_MOST = 1_000  # of one page
_STRAY = re.compile("%(?![0-9A-Fa-f]{2})")


def columns(model: ContentModel) -> tuple[str, ...]:
    """The columns of articles that state an image: one that is so called, if a site declares it."""
    declared = model.all_columns().get(_COLUMN)
    return (_COLUMN,) if declared and declared.type == "text" else ()


def by_url(articles: pa.Table, text_links: Path, site: Site) -> Mapping[str, bytes]:
    """What the entries of pages say of their images, by url; links are those of the same part."""
    links = parquet.read(text_links, ["url", "kind", "href"])
    links = links.filter(pc.equal(links["kind"], "image"))
    found: dict[str, list[str]] = {}
    if _COLUMN in articles.column_names:
        stated = articles.filter(pc.is_valid(articles[_COLUMN]))
        for url, image in _pairs(stated, _COLUMN):
            found.setdefault(url, []).append(image)
    for url, image in _pairs(links, "href"):
        found.setdefault(url, []).append(image)
    return {url: document.images(_locations(url, hrefs, site)) for url, hrefs in found.items()}


def _pairs(rows: pa.Table, column: str) -> Iterator[tuple[str, str]]:
    return zip(rows["url"].to_pylist(), rows[column].to_pylist(), strict=True)


def _locations(url: str, hrefs: Iterable[str], site: Site) -> Iterator[str]:
    absolute = (_absolute(href.strip(), site.absolute(url), site) for href in hrefs)
    return islice(dict.fromkeys(one for one in absolute if one), _MOST)


def _absolute(href: str, page: str, site: Site) -> str | None:
    """The URL of an image, as on its page; None if it has none that can be fetched."""
    try:
        is_of_site = href.startswith("/") and not href.startswith("//")
        found = urldefrag(site.absolute(href) if is_of_site else urljoin(page, href)).url
        parts = urlsplit(found)
    except ValueError:  # no URL at all: "http://[::1"
        return None
    if not href or parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    return _STRAY.sub("%25", found)
