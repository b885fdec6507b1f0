"""A strict checker of Atom: the schema of RFC 4287, and the rules that it cannot state.

A problem is a text that begins with the id of its rule.
"""

import datetime as dt
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from lxml import etree

from tests.standards import json_feeds, xml_feeds
from tests.standards.xml_feeds import ATOM, is_absolute

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z")


@cache
def _schema() -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(Path(__file__).with_name("atom.rng")))


def check(data: bytes, location: str) -> list[str]:
    """The problems of a feed as it is served at a URL."""
    root = xml_feeds.parse(data)
    if isinstance(root, str):
        return [f"AT-01 {root}"]
    found = list(_feed(root, location))
    if not _schema().validate(root):
        found += [f"AT-00 {error.message}" for error in _schema().error_log]
    return found


def _feed(root: etree._Element, location: str) -> Iterator[str]:
    for name in xml_feeds.one_each(root, f"{ATOM}id", f"{ATOM}title", f"{ATOM}updated"):
        yield f"AT-01 {name}"
    of_relation = xml_feeds.links(root)
    if of_relation.get("self") != [location]:
        yield f"AT-01 link rel=self of {location}"
    entries = root.findall(f"{ATOM}entry")
    has_author = root.find(f"{ATOM}author") is not None
    if not has_author and any(entry.find(f"{ATOM}author") is None for entry in entries):
        yield "AT-01 no author"
    yield from _links(root)
    yield from (f"AT-10 {one}" for one in xml_feeds.wrong_paging(root, location))
    if root.findtext(f"{ATOM}id") != of_relation.get("current", [location])[0]:
        yield "AT-04 a page with another id than its feed"
    ids = [entry.findtext(f"{ATOM}id") or "" for entry in entries]
    yield from (f"AT-04 id {one} stands more than once" for one in xml_feeds.repeated(ids))
    updated = [_time(each) for each in root.iter(f"{ATOM}updated", f"{ATOM}published")]
    if None in updated:
        yield "AT-05 a time that is not RFC 3339 with T and Z"
    of_entries = [entry.findtext(f"{ATOM}updated") or "" for entry in entries]
    if entries and max(of_entries) != root.findtext(f"{ATOM}updated"):
        yield "AT-08 updated is not that of the newest entry"
    for entry, one in zip(entries, ids, strict=True):
        yield from (f"{problem} ({one})" for problem in _entry(entry))


def _entry(entry: etree._Element) -> Iterator[str]:
    for name in xml_feeds.one_each(entry, f"{ATOM}id", f"{ATOM}updated"):
        yield f"AT-03 {name}"
    if len(entry.findall(f"{ATOM}title")) != 1:
        yield "AT-03 title"
    if not is_absolute(entry.findtext(f"{ATOM}id")):
        yield "AT-04 id is not absolute"
    if entry.find(f"{ATOM}content") is None and "alternate" not in xml_feeds.links(entry):
        yield "AT-03 neither content nor a link to the page"
    yield from _links(entry)
    for text in entry.iter(f"{ATOM}content", f"{ATOM}summary", f"{ATOM}title"):
        if len(text):
            yield "AT-06 elements in a text"
        if text.get("type") == "html":
            yield from (f"AT-07 {one}" for one in json_feeds.html_problems(text.text or ""))
    if not all(one.get("term", "").strip() for one in entry.findall(f"{ATOM}category")):
        yield "AT-03 a category without term"


def _links(element: etree._Element) -> Iterator[str]:
    kinds = [
        f"{link.get('type')} {link.get('hreflang')}"
        for link in element.findall(f"{ATOM}link")
        if link.get("rel", "alternate") == "alternate"
    ]
    if xml_feeds.repeated(kinds):
        yield "AT-02 several alternates of one type and language"
    for urls in xml_feeds.links(element).values():
        yield from (f"AT-07 {url!r} is not absolute" for url in urls if not is_absolute(url))


def _time(element: etree._Element) -> dt.datetime | None:
    text = element.text or ""
    try:
        return dt.datetime.fromisoformat(text) if _TIME.fullmatch(text) else None
    except ValueError:
        return None
