"""How links of texts are written."""

from enum import StrEnum

__all__ = ["LinkKind"]


class LinkKind(StrEnum):
    """How a link is written. HTML is as Markdown's inline links and images."""

    LINK = "link"
    IMAGE = "image"
    WIKILINK = "wikilink"
    EMBED = "embed"
    AUTOLINK = "autolink"
    REFERENCE = "reference"
