"""OPML 2.0 (opml.org): a list of feeds, for readers that subscribe to many at once."""

from collections.abc import Iterable
from typing import NamedTuple
from xml.etree import ElementTree as ET

from . import xml
from .xml import add


class Outline(NamedTuple):
    """A feed of the list: its title, its URL, that of its page, and its language."""

    title: str
    url: str
    home: str
    language: str


def write(title: str, outlines: Iterable[Outline]) -> bytes:
    """A list of feeds as OPML, in UTF-8. The type is `rss` whatever the format of a feed."""
    root = ET.Element("opml", {"version": "2.0"})
    add(add(root, "head"), "title", title)
    body = add(root, "body")
    for one in outlines:
        add(
            body,
            "outline",
            type="rss",
            text=one.title,
            title=one.title,
            xmlUrl=one.url,
            htmlUrl=one.home,
            language=one.language,
        )
    return xml.to_bytes(root)
