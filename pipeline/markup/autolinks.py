"""URLs and addresses of mail that stand in text as they are (GFM §6.9)."""

from collections.abc import Iterator
from typing import NamedTuple

from linkify_it import LinkifyIt

from .rules import IN_AUTOLINKS

__all__ = ["Autolink", "autolinks"]

_LONGEST_WORD = 2_083  # the longest URL that browsers and sitemaps take
_linkify = LinkifyIt(options={"fuzzy_link": True, "fuzzy_email": True, "fuzzy_ip": False})


class Autolink(NamedTuple):
    """A link in a text: what it leads to, and from where to where it stands."""

    url: str
    start: int
    end: int


def autolinks(text: str) -> Iterator[Autolink]:
    """The links in a text of a parser, in order."""
    if not any(sign in text for sign in IN_AUTOLINKS):
        return
    # linkify-it-py takes time with the square of the length of a word.
    if len(text) > _LONGEST_WORD and len(max(text.split(), key=len)) > _LONGEST_WORD:
        return
    for link in _linkify.match(text) or ():
        if link.url.startswith(("http:", "https:", "mailto:")) and (
            link.schema or link.raw[:4].lower() == "www."
        ):
            yield Autolink(link.url, link.index, link.last_index)
