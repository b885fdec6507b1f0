"""JSON Feed 1.1 (jsonfeed.org).

The id of an item is its absolute url: the number of an article is not unique. An item has its
content as HTML and as plain text, for readers that show no HTML.
"""

import json
from collections.abc import Sequence
from typing import Any

from ..base import utc
from .content import Item
from .document import Document, Format

_VERSION = "https://jsonfeed.org/version/1.1"


def write(document: Document, items: Sequence[Item]) -> bytes:
    """A document as JSON, in UTF-8."""
    feed = {
        "version": _VERSION,
        "title": document.title,
        "home_page_url": document.home,
        "feed_url": document.url,
        "next_url": document.previous,
        "description": document.description,
        "language": document.language,
        "hubs": [{"type": "WebSub", "url": document.hub}] if document.hub else [],
    }
    stated = {name: value for name, value in feed.items() if value}
    stated["items"] = [_item(item, document) for item in items]
    return json.dumps(stated, ensure_ascii=False, indent=1).encode()


def _item(item: Item, document: Document) -> dict[str, Any]:
    url = document.base_url + item.url
    values = {
        "id": url,
        "url": url,
        "title": item.title,
        "content_html": item.html,
        "content_text": item.text,
        "summary": item.summary,
        "image": item.image,
        **_dates(item),
        "authors": [{"name": author} for author in item.authors],
        "tags": item.tags,
        "language": item.language if item.language != document.language else None,
    }
    return {name: value for name, value in values.items() if value or name == "content_html"}


def _dates(item: Item) -> dict[str, str]:
    dates = {"date_published": utc(item.published)} if item.published else {}
    if item.is_modified and item.modified:
        dates["date_modified"] = utc(item.modified)
    return dates


FORMAT = Format(
    "json",
    "JSON Feed",
    "application/feed+json",
    of_site="feed.json",
    suffix=".json",
    is_xml=False,
    write=write,
)
