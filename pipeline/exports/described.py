"""What an article is called and said to be about, each on one line of plain text."""

from collections.abc import Mapping
from typing import Any

from ..content.damaged_description import is_damaged
from ..markup import plain
from ..model.content import ContentModel

# Of articles, what the functions look at.
COLUMNS = ("source_path", "title", "description", "text")


def title(article: Mapping[str, Any]) -> str:
    """The title; empty if there is none."""
    return _line(article["title"])


def description(article: Mapping[str, Any], site: ContentModel) -> str:
    """The description; empty if there is none, or it is damaged."""
    found = _line(article["description"])
    if found and "damaged-description" in site.of(article["source_path"]).model.lint:
        stated = article["description"].strip()
        if is_damaged(stated, article["title"] or "", article["text"] or ""):
            return ""
    return found


def _line(text: str | None) -> str:
    return " ".join(plain.line(text or "").split())
