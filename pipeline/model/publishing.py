"""What a site publishes for readers and for search engines: feeds and sitemaps."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt, Le

from .checks import STRICT


@dataclass(frozen=True, slots=True)
class Feeds:
    """How many items there are in the feed of the site, and in that of a subject."""

    __pydantic_config__ = STRICT

    items: Annotated[int, Gt(0)] = 50
    subject_items: Annotated[int, Gt(0)] = 20


@dataclass(frozen=True, slots=True)
class Sitemaps:
    """How much one sitemap holds, of `urls` and of uncompressed `bytes`."""

    __pydantic_config__ = STRICT

    urls: Annotated[int, Gt(0), Le(50_000)] = 50_000
    bytes: Annotated[int, Ge(16_384), Le(52_428_800)] = 52_428_800
