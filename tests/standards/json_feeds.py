"""A strict checker of JSON Feed 1.1 (jsonfeed.org), stricter than readers are.

A problem is a text that begins with the id of its rule.
"""

import datetime as dt
import html
import json
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

VERSION = "https://jsonfeed.org/version/1.1"
_TOP = {
    "version": str,
    "title": str,
    "home_page_url": str,
    "feed_url": str,
    "description": str,
    "user_comment": str,
    "next_url": str,
    "icon": str,
    "favicon": str,
    "authors": list,
    "language": str,
    "expired": bool,
    "hubs": list,
    "items": list,
}
_ITEM = {
    "id": str,
    "url": str,
    "external_url": str,
    "title": str,
    "content_html": str,
    "content_text": str,
    "summary": str,
    "image": str,
    "banner_image": str,
    "date_published": str,
    "date_modified": str,
    "authors": list,
    "tags": list,
    "language": str,
    "attachments": list,
}
_AUTHOR = {"name": str, "url": str, "avatar": str}
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[-+][0-9]{2}:[0-9]{2})"
)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_ENTITY = re.compile(r"&(?:#[0-9]+|#[xX][0-9A-Fa-f]+|[A-Za-z][A-Za-z0-9]*);")
_ACTIVE = {"script", "style", "iframe", "object", "embed", "form", "base", "link", "meta", "svg"}
_URL_ATTRIBUTES = {"href", "src", "srcset", "poster", "action", "data", "cite", "background"}


def check(data: bytes, location: str) -> list[str]:
    """The problems of a feed as it is served at a URL."""
    return list(_feed(data, location))


def _feed(data: bytes, location: str) -> Iterator[str]:
    try:
        pairs = json.loads(data.decode("utf-8"), object_pairs_hook=list, parse_constant=_refuse)
        feed = json.loads(data, object_pairs_hook=_once)
    except ValueError as error:
        yield f"JF-01 no JSON in UTF-8: {error}"
        return
    if not isinstance(feed, dict):
        yield "JF-01 no object"
        return
    if feed.get("version") != VERSION or pairs[0][0] != "version":
        yield "JF-02 version is not 1.1, or not the first key"
    if not str(feed.get("title") or "").strip():
        yield "JF-03 no title"
    if not isinstance(feed.get("items"), list):
        yield "JF-04 items is no array"
        return
    yield from _links(feed, location)
    if feed.get("feed_url") != location or not _is_absolute(feed.get("home_page_url")):
        yield f"JF-05 feed_url {feed.get('feed_url')!r}, home_page_url"
    yield from _authors(feed)
    if "language" in feed and not _LANGUAGE.fullmatch(str(feed["language"])):
        yield f"JF-08 language {feed['language']!r}"
    yield from _keys(feed, _TOP)
    ids = [item.get("id") for item in feed["items"]]
    for item in feed["items"]:
        if ids.count(item.get("id")) > 1:
            yield f"JF-12 id {item.get('id')!r} stands more than once"
        yield from (f"{problem} ({item.get('id')})" for problem in _item(item))


def _links(feed: dict[str, Any], location: str) -> Iterator[str]:
    if "next_url" in feed and (feed["next_url"] == location or not _is_absolute(feed["next_url"])):
        yield f"JF-06 next_url {feed['next_url']!r}"
    for hub in feed.get("hubs", ()):
        if set(hub) != {"type", "url"} or not _is_absolute(hub["url"]):
            yield f"JF-11 hub {hub}"


def _image_and_language(item: dict[str, Any]) -> Iterator[str]:
    for key in ("image", "banner_image"):
        if key in item and not _is_absolute(item[key]):
            yield f"JF-17 {key} {item[key]!r}"
    if "language" in item and not _LANGUAGE.fullmatch(str(item["language"])):
        yield f"JF-08 language {item['language']!r}"


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        message = "a key stands twice"
        raise ValueError(message)
    return values


def _keys(values: dict[str, Any], known: Mapping[str, type]) -> Iterator[str]:
    for key, value in values.items():
        if key not in known:
            yield f"JF-22 unknown key {key!r}"
        elif type(value) is not known[key]:
            yield f"JF-22 {key} is a {type(value).__name__}"


def _is_absolute(url: Any) -> bool:
    if not isinstance(url, str):
        return False
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.netloc) and url.isascii()


def _authors(values: dict[str, Any]) -> Iterator[str]:
    if "author" in values:
        yield "JF-07 author is of version 1.0"
    for author in values.get("authors", ()):
        if not any(str(author.get(key, "")).strip() for key in _AUTHOR):
            yield f"JF-07 an author without name, url and avatar: {author}"
        yield from _keys(author, _AUTHOR)


def _item(item: dict[str, Any]) -> Iterator[str]:
    if not isinstance(item.get("id"), str) or not item["id"].strip():
        yield "JF-12 id is no text"
    if not _is_absolute(item.get("url")):
        yield f"JF-13 url {item.get('url')!r}"
    if not {"content_html", "content_text"} & set(item):
        yield "JF-14 no content"
    if _has_markup(str(item.get("title", ""))):
        yield "JF-14 markup in title"
    # Words that look like tags are words where the HTML shows them as such: an article on HTML.
    shown = "".join(re.sub("<[^>]*>", "", str(item.get("content_html", ""))).split())
    for key in ("summary", "content_text"):
        for found in _markup(str(item.get(key, ""))):
            if html.escape("".join(found.split()), quote=False) not in shown:
                yield f"JF-14 markup in {key}: {found}"
    yield from html_problems(str(item.get("content_html", "")))
    times = [_time(item.get(key)) for key in ("date_published", "date_modified") if key in item]
    if None in times:
        yield "JF-15 a time that is not RFC 3339"
    elif len(times) == 2 and times[1] < times[0]:  # type: ignore[operator]
        yield "JF-15 modified before it was published"
    yield from _image_and_language(item)
    yield from _authors(item)
    tags = item.get("tags", [])
    if not all(isinstance(tag, str) and tag.strip() for tag in tags):
        yield f"JF-16 tags {tags}"
    if len(set(map(str, tags))) != len(tags):
        yield f"JF-22 a tag stands twice: {tags}"
    yield from _keys(item, _ITEM)


def _has_markup(text: str) -> bool:
    return bool(_markup(text))


def _markup(text: str) -> list[str]:
    """What looks like a tag or an entity."""
    entities = [found for found in _ENTITY.findall(text) if html.unescape(found) != found]
    return [*_TAG.findall(text), *entities]


def _time(text: Any) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(text) if _TIME.fullmatch(text) else None
    except (TypeError, ValueError):
        return None


class _Html(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.problems: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _ACTIVE:
            self.problems.append(f"JF-14 <{tag}> in content_html")
        for name, value in attrs:
            if name.startswith("on") or name == "style":
                self.problems.append(f"JF-14 {name} in content_html")
            is_mail = (value or "").startswith("mailto:")
            if name in _URL_ATTRIBUTES and not is_mail and not _is_absolute(value):
                self.problems.append(f"JF-13 a URL in content_html is not absolute: {value!r}")


def html_problems(text: str) -> list[str]:
    """What HTML in a feed may not hold: relative URLs, scripts."""
    parser = _Html()
    parser.feed(text)
    parser.close()
    return parser.problems
