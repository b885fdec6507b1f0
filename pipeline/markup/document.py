"""A Markdown text that was read once, and all that readers are shown of it."""

from dataclasses import dataclass
from types import MappingProxyType

from . import commonmark, html, plain, python_markdown, templates
from .complexity import is_of_text
from .html import Address, Links
from .rules import GFM, MOST_CHARS, Rules
from .source import Source
from .source import read as read_source
from .stream import END, START, TEXT, Piece

__all__ = ["Markdown", "read"]


_NO_LINKS: Links = MappingProxyType({})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})


@dataclass(frozen=True, slots=True)
class Markdown:
    """The pieces of a text; `is_as_written`: it could not be rendered, and is shown as it is."""

    source: Source
    pieces: list[Piece]
    is_as_written: bool

    def html(self, page_url: str, site_url: str | None = None, links: Links = _NO_LINKS) -> str:
        """Safe HTML; see `pressroom.markup.html.write`."""
        return html.write(self.pieces, self.source, Address(page_url, site_url, links))

    def text(self) -> str:
        """Plain text: blocks apart by a blank line, items behind their markers."""
        return plain.text(self.pieces, self.source)

    def heading(self) -> str | None:
        """The first heading on one line; None if there is none with text."""
        start = None
        for number, (kind, value, _) in enumerate(self.pieces):
            if kind == START and value in _HEADINGS:
                start = number
            elif kind == END and value in _HEADINGS and start is not None:
                words = plain.text(self.pieces[start : number + 1], self.source).split()
                if words:
                    return " ".join(words)
        return None

    def title(self) -> str | None:
        """The heading of the first level that the text begins with; None if it does not."""
        first = next((value for kind, value, _ in self.pieces if kind == START), None)
        return self.heading() if first == "h1" else None

    def summary(self, limit: int) -> str:
        """The first words on one line, at most `limit` characters, without code blocks."""
        return plain.summary(self.pieces, self.source, limit)


def read(markdown: str, rules: Rules = GFM) -> Markdown:
    """Read a decoded text.

    One of more than a million characters, one that nests more than 100 deep, or whose HTML would be
    longer than 64 KiB and than eight times the text (before addresses are absolute and maths is
    MathML), is shown as it is.
    """
    source = read_source(markdown, rules)
    pieces = _pieces(source, rules)
    if pieces is not None:
        return Markdown(source, pieces, is_as_written=False)
    original = source.original
    if "comments" in rules.syntax:
        original = templates.without_comments(original)
    as_written: list[Piece] = [(START, "pre", {}), (TEXT, original, {}), (END, "pre", {})]
    return Markdown(source, as_written, is_as_written=True)


def _pieces(source: Source, rules: Rules) -> list[Piece] | None:
    """The pieces of a source; None where there are none: a text ends no build."""
    if source.size > MOST_CHARS:
        return None
    try:
        if rules.dialect == "gfm":
            return commonmark.pieces(source, rules)
        return python_markdown.pieces(source, rules.extensions)
    except BaseException as error:
        if not is_of_text(error):
            raise
        return None
