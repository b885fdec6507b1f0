"""What a site publishes for readers and for search engines: feeds and sitemaps."""

import re
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from annotated_types import Ge, Gt, Le

from ..base.errors import SettingsError
from .checks import STRICT, Checked

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


@dataclass(frozen=True, slots=True)
class Sitemaps:
    """How much one sitemap holds, of `urls` and of uncompressed `bytes`."""

    __pydantic_config__ = STRICT

    urls: Annotated[int, Gt(0), Le(50_000)] = 50_000
    bytes: Annotated[int, Ge(16_384), Le(52_428_800)] = 52_428_800
