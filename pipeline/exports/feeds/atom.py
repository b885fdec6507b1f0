"""Atom (RFC 4287), whose pages are archives as RFC 5005 has them."""

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from ..base import utc
from . import xml
from .content import Item
from .document import Document, Format
from .xml import add

_TYPE = "application/atom+xml"


def write(document: Document, items: Sequence[Item]) -> bytes:
    """A document as Atom, in UTF-8."""
    namespaces = {
        "xmlns": xml.NAMESPACES["xmlns:atom"],
        "xmlns:fh": xml.NAMESPACES["xmlns:fh"],
        "xmlns:media": xml.NAMESPACES["xmlns:media"],
    }
    root = ET.Element("feed", {**namespaces, "xml:lang": document.language})
    add(root, "id", document.current)
    add(root, "title", document.title)
    if document.description:
        add(root, "subtitle", document.description)
    add(root, "updated", utc(document.updated))
    add(add(root, "author"), "name", document.site_title)
    add(root, "generator", "Pressroom")
    add(root, "link", rel="self", type=_TYPE, href=document.url)
    add(root, "link", rel="alternate", type="text/html", href=document.home)
    if document.hub:
        add(root, "link", rel="hub", href=document.hub)
    if document.is_archive:
        add(root, "fh:archive")
        add(root, "link", rel="current", type=_TYPE, href=document.current)
    if document.previous:
        add(root, "link", rel="prev-archive", type=_TYPE, href=document.previous)
    for item in items:
        _add_entry(root, item, document)
    return xml.to_bytes(root)


def _add_entry(root: ET.Element, item: Item, document: Document) -> None:
    entry, url = add(root, "entry"), document.base_url + item.url
    if item.language and item.language != document.language:
        entry.set("xml:lang", item.language)
    add(entry, "id", url)
    add(entry, "title", item.title)
    add(entry, "link", rel="alternate", type="text/html", href=url)
    if item.published:
        add(entry, "published", utc(item.published))
    add(entry, "updated", utc(item.changed))
    for author in item.authors:
        add(add(entry, "author"), "name", author)
    for tag in item.tags:
        add(entry, "category", term=tag)
    if item.image:
        add(entry, "media:content", url=item.image, medium="image")
    if item.summary:
        add(entry, "summary", item.summary)
    add(entry, "content", item.html, type="html")


FORMAT = Format("atom", "Atom", _TYPE, of_site="atom.xml", suffix=".atom", is_xml=True, write=write)
