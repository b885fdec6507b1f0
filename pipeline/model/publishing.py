"""What a site publishes for readers and for search engines: feeds and sitemaps."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from annotated_types import Ge, Gt, Le

from ..base.errors import SettingsError
from . import templates
from .checks import STRICT, Checked, nearest
from .content import ContentModel

FeedFormat: TypeAlias = Literal["json", "rss", "atom"]


def check_hub(url: str) -> str:
    """The address of a WebSub hub, or nothing.

    Raises:
        SettingsError: It is no absolute URL.
    """
    if url and not _HUB.fullmatch(url):
        raise SettingsError(f"{url!r} is not of the form https://hub.example.org/.")
    return url


_HUB = re.compile(r"https?://[A-Za-z0-9._~:\[\]-]+(/[!-~]*)?")


@dataclass(frozen=True, slots=True)
class Feeds:
    """Which feeds there are, in which `formats`, and what they hold.

    The feeds of the site, of a language and of a collection hold `items` articles, that of a
    subject `subject_items`: the newest by `order`. With `archives` all others stand on pages of
    `archive_items`. The feed of a subject without articles goes after `expired_days`. `opml` is a
    list of all feeds, `hub` the address of a WebSub hub that tells subscribers of new articles.
    """

    __pydantic_config__ = STRICT

    items: Annotated[int, Gt(0)] = 50
    subject_items: Annotated[int, Gt(0)] = 20
    order: Literal["published", "first_seen"] = "published"
    formats: tuple[FeedFormat, ...] = ("json", "rss", "atom")
    archives: bool = False
    archive_items: Annotated[int, Gt(0), Le(10_000)] = 100
    expired_days: Annotated[int, Ge(0)] = 30
    opml: bool = True
    hub: Annotated[str, Checked(check_hub)] = ""


# What urls of further pages may name, and the column of articles that has its values.
PAGE_NAMES: Mapping[str, str] = {
    "subject_slug": "subject_slug",
    "collection": "collection",
    "language": "language",
    "year": "published",
    "month": "published",
}
_LONGEST_URL = 500  # characters; with its values still shorter than a loc may be


def _check_page(url: str) -> str:
    """The url of a page, or a pattern of such.

    Raises:
        SettingsError: It is no path from the root of the site, or names what articles do not have.
    """
    if not url.startswith("/") or url.startswith("//") or "#" in url or len(url) > _LONGEST_URL:
        raise SettingsError(f"{url!r} is no path from the root of the site, such as '/about/'.")
    for name in templates.parse(url, {}).names:
        if name not in PAGE_NAMES:
            raise SettingsError(f"unknown name {name!r}{nearest(name, PAGE_NAMES)}")
    return url


@dataclass(frozen=True, slots=True)
class Page:
    """Pages of the site that no file stands for: one, or, with names in its `url`, several.

    There is one for each value that articles have (`PAGE_NAMES`). Its `lastmod` is that of the
    newest of these, or none.
    """

    __pydantic_config__ = STRICT

    url: Annotated[str, Checked(_check_page)]
    lastmod: Literal["newest", "none"] = "none"


@dataclass(frozen=True, slots=True)
class Sitemaps:
    """What sitemaps list, what they say of it, and how they are written.

    One holds so many `urls` and uncompressed `bytes`. They list `pages` beside articles, and no
    article of some collections, by name, or subjects, as they are spelled or by their slug. With
    `images` they name those of each article, with a `stylesheet` browsers show them as tables. With
    `gzip` all but the index are compressed.
    """

    __pydantic_config__ = STRICT

    urls: Annotated[int, Gt(0), Le(50_000)] = 50_000
    bytes: Annotated[int, Ge(16_384), Le(52_428_800)] = 52_428_800
    pages: tuple[Page, ...] = ()
    leave_out_collections: tuple[str, ...] = ()
    leave_out_subjects: tuple[str, ...] = ()
    images: bool = False
    stylesheet: Literal["css", "xsl", ""] = "css"
    gzip: bool = False


def contradictions(sitemaps: Sitemaps, content: ContentModel) -> Iterator[tuple[str, str]]:
    """What is wrong with these settings as a whole: the dotted key to look at, and a message."""
    key, names = "sitemaps.leave_out_collections", [one.name for one in content.collections]
    for name in sitemaps.leave_out_collections:
        if name not in names:
            near = nearest(name, filter(None, names)) if any(names) else "; there is none."
            yield key, f"{key}: unknown collection {name!r}{near}"
