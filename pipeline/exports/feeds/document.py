"""What a feed is, whatever its format: what it says of itself, and the documents that it has."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import NamedTuple

from .content import Item
from .selection import Key

_FOLDER = "site"


class Feed(NamedTuple):
    """A feed: what tells it from others, its title, and its language (BCP 47)."""

    key: Key
    title: str
    language: str


class Document(NamedTuple):
    """What a document of a feed says besides its items. All URLs are absolute.

    `url` is its own, `current` that of the feed that readers subscribe to; `previous`, if there is
    any, that of the page with what is older. `is_archive`: it is such a page. `updated` is when its
    content last changed. `description` and `hub` may be empty.
    """

    base_url: str
    site_title: str
    title: str
    description: str
    language: str
    url: str
    current: str
    previous: str | None
    is_archive: bool
    hub: str
    updated: dt.datetime

    @property
    def home(self) -> str:
        """The page that a feed is of."""
        return f"{self.base_url}/"


class Format(NamedTuple):
    """A format of feeds, by the name that settings have for it, and its `label` for people.

    `of_site` is the name of the file of the feed of the site; those of all others end in `suffix`.
    Readers of OPML know feeds in XML best.
    """

    name: str
    label: str
    media_type: str
    of_site: str
    suffix: str
    is_xml: bool
    write: Callable[[Document, Sequence[Item]], bytes]

    def path(self, key: Key) -> str:
        """The file, below a release, of the feed that readers subscribe to."""
        if key.kind == "site":
            return f"{_FOLDER}/{self.of_site}"
        folder = "" if key.kind == "subjects" else f"{key.kind}/"
        return f"{_FOLDER}/feeds/{folder}{key.name}{self.suffix}"

    def page(self, key: Key, number: int) -> str:
        """The file, below a release, of a page of what is older; the oldest is number 1."""
        return f"{_FOLDER}/feeds/archives/{key.path}/{number}{self.suffix}"
