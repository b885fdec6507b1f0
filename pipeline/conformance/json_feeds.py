"""JSON Feed 1.1 (jsonfeed.org)."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from . import html_text, texts
from .rules import Breach, Kind, Rule, Staged

VERSION = "https://jsonfeed.org/version/1.1"
_SPEC = "JSON Feed 1.1"
RULES = (
    Rule("JF-01", "A JSON object in UTF-8; no key stands twice.", f"{_SPEC}, introduction"),
    Rule("JF-02", "`version` is that of 1.1, and comes first.", f"{_SPEC}, version"),
    Rule("JF-03", "There is a `title`.", f"{_SPEC}, title"),
    Rule("JF-04", "`items` is an array.", f"{_SPEC}, items"),
    Rule(
        "JF-05",
        "`feed_url` is where it is served; `home_page_url` is there.",
        f"{_SPEC}, top level",
    ),
    Rule(
        "JF-06", "`next_url` leads on to pages of the release, and to an end.", f"{_SPEC}, next_url"
    ),
    Rule(
        "JF-07", "Authors are a list, and each has a name, a URL or an avatar.", f"{_SPEC}, authors"
    ),
    Rule("JF-08", "`language` is a tag of RFC 5646.", f"{_SPEC}, language"),
    Rule("JF-11", "A hub has a type and a URL.", f"{_SPEC}, hubs"),
    Rule("JF-12", "`id` is text, and no other item of the feed has it.", f"{_SPEC}, items"),
    Rule("JF-13", "URLs are absolute, those in HTML too.", f"{_SPEC}, items"),
    Rule("JF-14", "There is content; its HTML is safe.", f"{_SPEC}, items"),
    Rule("JF-15", "Dates are of RFC 3339, and none is later than the release.", f"{_SPEC}, items"),
    Rule("JF-16", "`tags` are texts.", f"{_SPEC}, items"),
    Rule("JF-17", "Addresses of images are absolute.", f"{_SPEC}, items"),
    Rule("JF-20", "It is below 1 MB.", f"{_SPEC}, suggestions for publishers", is_must=False),
    Rule("JF-22", "Keys and their types are those of the specification.", f"{_SPEC}, throughout"),
)
_BYTES = 1_000_000
_TOP: Mapping[str, type] = {
    **dict.fromkeys(("version", "title", "home_page_url", "feed_url", "description"), str),
    **dict.fromkeys(("user_comment", "next_url", "icon", "favicon", "language"), str),
    **dict.fromkeys(("authors", "hubs", "items"), list),
    "expired": bool,
}
_ITEM: Mapping[str, type] = {
    **dict.fromkeys(("id", "url", "external_url", "title", "content_html", "content_text"), str),
    **dict.fromkeys(("summary", "image", "banner_image", "date_published"), str),
    **dict.fromkeys(("date_modified", "language"), str),
    **dict.fromkeys(("authors", "tags", "attachments"), list),
}
_AUTHOR: Mapping[str, type] = dict.fromkeys(("name", "url", "avatar"), str)
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")


def check(staged: Staged) -> Iterator[Breach]:
    """The breaches of all feeds of a release."""
    next_urls: dict[str, str] = {}
    served = {staged.served_at(path): path for path in staged.files}
    for path in sorted(staged.changed):
        data = staged.read(path)
        if len(data) > _BYTES:
            yield Breach("JF-20", path, f"{len(data):,} bytes")
        try:
            pairs = json.loads(data.decode(), object_pairs_hook=_once, parse_constant=_refuse)
        except ValueError as error:
            yield Breach("JF-01", path, str(error))
            continue
        if not isinstance(pairs, dict):
            yield Breach("JF-01", path, "no object")
            continue
        for rule, what in _feed(pairs, staged.served_at(path), staged.as_of):
            yield Breach(rule, path, what)
        if "next_url" in pairs:
            next_urls[path] = served.get(pairs["next_url"], "")
    for path in next_urls:
        if not _ends(path, next_urls):
            yield Breach("JF-06", path, "next_url leads nowhere, or in a circle")


def _ends(path: str, next_urls: Mapping[str, str]) -> bool:
    """Whether a reader who goes on from page to page comes to the last one."""
    seen = set[str]()
    while path in next_urls and path not in seen:
        seen.add(path)
        path = next_urls[path]
    return bool(path) and path not in seen


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("a key stands twice")
    return values


_Breaches = Iterator[tuple[str, str]]


def _feed(feed: dict[str, Any], url: str, as_of: int) -> _Breaches:
    if next(iter(feed), "") != "version" or feed["version"] != VERSION:
        yield "JF-02", str(feed.get("version"))
    if not str(feed.get("title") or "").strip():
        yield "JF-03", "no title"
    if feed.get("feed_url") != url or not texts.is_url(feed.get("home_page_url")):
        yield "JF-05", f"{feed.get('feed_url')}, {feed.get('home_page_url')}"
    yield from _authors(feed)
    yield from _language(feed)
    for hub in feed.get("hubs", ()):
        if not (isinstance(hub, dict) and hub.get("type") and texts.is_url(hub.get("url"))):
            yield "JF-11", str(hub)
    yield from _keys(feed, _TOP)
    items = feed.get("items")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        yield "JF-04", "items is no array of objects"
        return
    ids = set[str]()
    for item in items:
        if str(item.get("id")) in ids:
            yield "JF-12", f"{item['id']} stands twice"
        ids.add(str(item.get("id")))
        yield from ((rule, f"{item.get('id')}: {what}") for rule, what in _item(item, as_of))


def _item(item: dict[str, Any], as_of: int) -> _Breaches:
    if not isinstance(item.get("id"), str) or not item["id"].strip():
        yield "JF-12", "id is no text"
    if not texts.is_url(item.get("url")):
        yield "JF-13", f"url is {item.get('url')}"
    for key in ("image", "banner_image"):
        if key in item and not texts.is_url(item[key]):
            yield "JF-17", f"{key} is {item[key]}"
    yield from _content(item)
    yield from _dates(item, as_of)
    yield from _authors(item)
    yield from _language(item)
    tags = item.get("tags", [])
    if not all(isinstance(tag, str) and tag.strip() for tag in tags):
        yield "JF-16", str(tags)
    yield from _keys(item, _ITEM)


def _content(item: dict[str, Any]) -> _Breaches:
    if not {"content_html", "content_text"} & item.keys():
        yield "JF-14", "no content"
    text = str(item.get("content_html", ""))
    for is_address, what in html_text.problems(text):
        yield "JF-13" if is_address else "JF-14", what


def _dates(item: dict[str, Any], as_of: int) -> _Breaches:
    times = [(key, item[key]) for key in ("date_published", "date_modified") if key in item]
    read = [texts.time(text) for _, text in times]
    for (key, text), time in zip(times, read, strict=True):
        if time is None or time.timestamp() > as_of:
            yield "JF-15", f"{key} is {text}"
    if len(read) == 2 and read[0] and read[1] and read[1] < read[0]:
        yield "JF-15", "modified before it was published"


def _authors(values: dict[str, Any]) -> _Breaches:
    if "author" in values:
        yield "JF-07", "author is of version 1.0"
    for author in values.get("authors", ()):
        if not isinstance(author, dict) or not any(map(str.strip, map(str, author.values()))):
            yield "JF-07", str(author)
        else:
            yield from _keys(author, _AUTHOR)


def _language(values: dict[str, Any]) -> _Breaches:
    if "language" in values and not _LANGUAGE.fullmatch(str(values["language"])):
        yield "JF-08", str(values["language"])


def _keys(values: dict[str, Any], known: Mapping[str, type]) -> _Breaches:
    for key, value in values.items():
        if key not in known:
            yield "JF-22", f"unknown key {key}"
        elif type(value) is not known[key]:
            yield "JF-22", f"{key} is a {type(value).__name__}"


def _concerns(path: str) -> bool:
    return path == "site/feed.json" or (path.startswith("site/feeds/") and path.endswith(".json"))


KIND = Kind("json feeds", RULES, _concerns, check)
