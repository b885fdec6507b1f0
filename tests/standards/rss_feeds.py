"""A strict checker of RSS 2.0 with the rules of its Best Practices Profile.

A problem is a text that begins with the id of its rule.
"""

import re
from collections.abc import Iterator

from lxml import etree

from tests.standards import json_feeds, xml_feeds
from tests.standards.xml_feeds import ATOM, LANGUAGE, is_absolute

CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
_DAYS = "Mon|Tue|Wed|Thu|Fri|Sat|Sun"
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_TIME = re.compile(
    rf"(?:{_DAYS}), [0-9]{{2}} (?:{_MONTHS}) [0-9]{{4}} [0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}"
    r" (?:GMT|[-+][0-9]{4})"
)
_ITEM = {
    *("title", "link", "description", "guid", "pubDate", "category", "enclosure", "author"),
    *("comments", "source"),
}
_MANY = {"category"}


def check(data: bytes, location: str) -> list[str]:
    """The problems of a feed as it is served at a URL."""
    root = xml_feeds.parse(data)
    return [f"RS-11 {root}"] if isinstance(root, str) else list(_feed(root, location))


def _feed(root: etree._Element, location: str) -> Iterator[str]:
    channels = root.findall("channel")
    if root.tag != "rss" or root.get("version") != "2.0" or len(channels) != 1 or len(root) != 1:
        yield "RS-01 no rss 2.0 with one channel"
        return
    channel = channels[0]
    for name in xml_feeds.one_each(channel, "title", "link", "description"):
        yield f"RS-01 {name} of the channel"
    yield from _absolute(channel.findtext("link"), "link of the channel")
    for name in xml_feeds.one_each(channel, "language", "generator", "docs", "lastBuildDate"):
        yield f"RS-10 {name}"
    if not LANGUAGE.fullmatch(channel.findtext("language") or ""):
        yield "RS-10 language"
    yield from _time(channel.findtext("lastBuildDate"))
    if xml_feeds.links(channel).get("self") != [location]:
        yield f"RS-07 atom:link rel=self of {location}"
    yield from (f"AT-10 {one}" for one in xml_feeds.wrong_paging(channel, location))
    items = channel.findall("item")
    guids = [item.findtext("guid") or "" for item in items]
    yield from (f"RS-03 guid {guid} stands more than once" for guid in xml_feeds.repeated(guids))
    for item, guid in zip(items, guids, strict=True):
        yield from (f"{problem} ({guid})" for problem in _item(item))


def _item(item: etree._Element) -> Iterator[str]:
    names = [child.tag for child in item]
    if not (item.findtext("title") or item.findtext("description")):
        yield "RS-02 neither title nor description"
    for name in {name for name in names if "{" not in name}:
        if name not in _ITEM:
            yield f"RS-02 unknown element {name}"
        elif names.count(name) > 1 and name not in _MANY:
            yield f"RS-02 {name} more than once"
    guid = item.find("guid")
    if guid is None or not (guid.text or "").strip():
        yield "RS-03 no guid"
    elif guid.get("isPermaLink", "true") == "true":
        yield from _absolute(guid.text, "guid", "RS-03")
    yield from _absolute(item.findtext("link"), "link")
    for time in item.findall("pubDate"):
        yield from _time(time.text)
    yield from _of_item(item)


def _of_item(item: etree._Element) -> Iterator[str]:
    for enclosure in item.findall("enclosure"):
        if not {"url", "length", "type"} <= set(enclosure.keys()):
            yield "RS-05 enclosure without url, length or type"
    if "@" not in item.findtext("author", "@"):
        yield "RS-06 author is no address"
    if not all((creator.text or "").strip() for creator in item.findall(CREATOR)):
        yield "RS-06 dc:creator without a name"
    if not all((updated.text or "").endswith("Z") for updated in item.findall(f"{ATOM}updated")):
        yield "RS-04 atom:updated"
    for name in ("description", CONTENT):
        for problem in json_feeds.html_problems(item.findtext(name) or ""):
            yield f"RS-09 {problem}"
    if "&lt;p&gt;" in (item.findtext(CONTENT) or "")[:9]:
        yield "RS-08 HTML that is escaped twice"


def _absolute(url: str | None, name: str, rule: str = "RS-09") -> Iterator[str]:
    if not is_absolute(url):
        yield f"{rule} {name} {url!r} is not absolute"


def _time(text: str | None) -> Iterator[str]:
    if not _TIME.fullmatch(text or ""):
        yield f"RS-04 {text!r} is no time of RFC 822"
