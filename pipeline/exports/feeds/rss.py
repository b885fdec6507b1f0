"""RSS 2.0 with the modules that readers know (rssboard.org/rss-profile).

A description is HTML for readers, and a summary is not: its signs are written as references.
"""

import datetime as dt
import html
from collections.abc import Sequence
from email.utils import format_datetime
from xml.etree import ElementTree as ET

from ..base import utc
from . import xml
from .content import Item
from .document import Document, Format
from .xml import add

_MODULES = ("xmlns:atom", "xmlns:content", "xmlns:dc", "xmlns:fh", "xmlns:media")
_TYPE = "application/rss+xml"


def write(document: Document, items: Sequence[Item]) -> bytes:
    """A document as RSS, in UTF-8."""
    root = ET.Element(
        "rss", {"version": "2.0", **{name: xml.NAMESPACES[name] for name in _MODULES}}
    )
    channel = ET.SubElement(root, "channel")
    add(channel, "title", document.title)
    add(channel, "link", document.home)
    add(channel, "description", html.escape(document.description or document.title, quote=False))
    add(channel, "language", document.language)
    add(channel, "lastBuildDate", _rfc_822(document.updated))
    add(channel, "generator", "Pressroom")
    add(channel, "docs", "https://www.rssboard.org/rss-specification")
    _link(channel, "self", document.url)
    if document.hub:
        add(channel, "atom:link", rel="hub", href=document.hub)
    if document.is_archive:
        add(channel, "fh:archive")
        _link(channel, "current", document.current)
    if document.previous:
        _link(channel, "prev-archive", document.previous)
    for item in items:
        _add_item(channel, item, document)
    return xml.to_bytes(root)


def _link(channel: ET.Element, relation: str, url: str) -> None:
    add(channel, "atom:link", rel=relation, type=_TYPE, href=url)


def _add_item(channel: ET.Element, item: Item, document: Document) -> None:
    element, url = add(channel, "item"), document.base_url + item.url
    if item.title:
        add(element, "title", item.title)
    add(element, "link", url)
    add(element, "guid", url, isPermaLink="true")
    if item.published:
        add(element, "pubDate", _rfc_822(item.published))
    if item.is_modified and item.modified:
        add(element, "atom:updated", utc(item.modified))
    for author in item.authors:
        add(element, "dc:creator", author)
    for tag in item.tags:
        add(element, "category", tag)
    if item.language and item.language != document.language:
        add(element, "dc:language", item.language)
    if item.image:
        add(element, "media:content", url=item.image, medium="image")
    add(element, "description", html.escape(item.summary, quote=False))
    add(element, "content:encoded", item.html)


def _rfc_822(time: dt.datetime) -> str:
    return format_datetime(time.astimezone(dt.UTC), usegmt=True)


FORMAT = Format("rss", "RSS", _TYPE, of_site="feed.xml", suffix=".xml", is_xml=True, write=write)
