"""Markdown to plain text: what a reader sees of the HTML, with nothing that marks it up.

It goes by way of the HTML that :mod:`pipeline.render` makes, so that both say the same.  Code
stands as it was written; maths is TeX without its delimiters, with characters for the commands
that are one (:func:`pipeline.mathml.to_text`); links and emphasis are their text.
"""

import html
import re
import unicodedata

from pipeline import mathml, render
from pipeline.text import Kind, Span

__all__ = ["summary", "summary_of", "text_of", "to_text"]

_BLOCKS = frozenset({"p", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "table"})
_LISTS = frozenset({"ul", "ol"})
_CELLS = frozenset({"td", "th"})
_ELLIPSIS = "…"


def to_text(markdown: str) -> str:
    """The text of a decoded answer: blocks apart by a blank line, items behind their markers."""
    return text_of(render.convert(markdown, ""))


def summary(markdown: str, limit: int) -> str:
    """The first words of the text on one line, at most `limit` characters, without code blocks."""
    return summary_of(render.convert(markdown, ""), limit)


def text_of(clean: render.Clean) -> str:
    """`to_text` of what is converted already, for whatever page: URLs do not stand in the text."""
    return _written(clean, code_blocks=True)


def summary_of(clean: render.Clean, limit: int) -> str:
    """`summary` of what is converted already."""
    return _cut(" ".join(_written(clean, code_blocks=False).split()), limit)


def _written(clean: render.Clean, *, code_blocks: bool) -> str:
    writer = _Writer(clean, code_blocks=code_blocks)
    for tag, attributes, end_tag, data in _PIECES.findall(clean.html):
        if tag:
            writer.start(tag, attributes)
        elif end_tag:
            writer.end(end_tag)
        else:
            writer.data(html.unescape(data))
    return "".join(writer.parts)


# The sanitizer writes HTML in one way only: each value in double quotes, each "<" a tag.
_PIECES = re.compile(r'<([a-z0-9]+)((?: [a-z]+="[^"]*")*)>|</([a-z0-9]+)>|([^<]+)')
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')


def _attribute(attributes: str, name: str) -> str:
    """The value of an attribute; empty if there is none."""
    return html.unescape(dict(_ATTRIBUTE.findall(attributes)).get(name, ""))


def _cut(text: str, limit: int) -> str:
    """Cut at a blank, or within the first word where it is too long, with an ellipsis."""
    if len(text) <= limit:
        return text
    room = limit - len(_ELLIPSIS)
    words = text[: room + 1].rpartition(" ")[0]
    if not words:
        while room and unicodedata.combining(text[room]):
            room -= 1
        words = text[:room]
    return words.rstrip(" ,;:.–—-([") + _ELLIPSIS


class _Writer:
    """Writes the text of HTML that the sanitizer made: every element of it is closed."""

    def __init__(self, clean: render.Clean, *, code_blocks: bool) -> None:
        self.parts: list[str] = []
        self._clean = clean
        self._token = re.compile(clean.pattern())
        self._code_blocks = code_blocks
        self._is_pre = False
        self._cells = 0  # of the row
        self._numbers: list[int | None] = []  # of the next item of each open list; None: bullets
        self._margins: list[str] = []  # of each open item
        # What is due before the next text.
        self._line_ends = 0
        self._blank = False
        self._markers: list[str] = []
        self._is_behind_formula = False

    def start(self, tag: str, attributes: str) -> None:
        """Note what is due before the text of an element."""
        if tag in _BLOCKS:
            self._end_line(2)
            self._is_pre = tag == "pre"
        elif tag in _LISTS:
            self._end_line(1 if self._numbers else 2)
            self._numbers.append(int(_attribute(attributes, "start") or 1) if tag == "ol" else None)
        elif tag == "li":
            self._end_line(1)
            self._open_item()
        elif tag == "tr":
            self._end_line(1)
            self._cells = 0
        elif tag in _CELLS:
            if self._cells:
                self._blank = True
                self._write("|")
                self._blank = True
            self._cells += 1
        elif tag == "br":
            self._end_line(1)
        elif tag == "img":
            self._prose(_attribute(attributes, "alt"))

    def end(self, tag: str) -> None:
        """Note what is due behind an element."""
        if tag in _BLOCKS:
            self._end_line(2)
            self._is_pre = False
        elif tag in _LISTS:
            self._numbers.pop()
            self._end_line(1 if self._numbers else 2)
        elif tag == "li":
            margin = self._margins.pop()
            if self._markers:
                self._markers.pop()
            # Its last paragraph asks for a blank line, which another item does without.
            self._line_ends = min(self._line_ends, 1) if margin else self._line_ends
            self._end_line(1)

    def data(self, data: str) -> None:
        """Write prose, and code and maths where their tokens stand."""
        if self._is_pre:
            source = self._clean.source
            self._code(self._token.sub(lambda token: source(int(token[1])), data))
            return
        done = 0
        for token in self._token.finditer(data):
            self._prose(data[done : token.start()])
            self._span(self._clean.spans[int(token[1])])
            done = token.end()
        self._prose(data[done:])

    def _open_item(self) -> None:
        number = self._numbers[-1]
        marker = "- " if number is None else f"{number}. "
        if number is not None:
            self._numbers[-1] = number + 1
        self._markers.append(marker)
        self._margins.append(" " * len(marker))

    def _span(self, span: Span) -> None:
        text = self._clean.text
        if span.kind is Kind.FENCE:
            self._end_line(2)
            self._code(render.fence(text, span))
            self._end_line(2)
        elif span.kind is Kind.CODE:
            self._write(render.code(text, span))
        else:
            is_display = span.kind is Kind.DISPLAY
            self._end_line(is_display)
            self._write(mathml.to_text(text[span.inner_start : span.inner_end]))
            self._end_line(is_display)
            self._is_behind_formula = is_display

    def _code(self, code: str) -> None:
        """Lines as they are."""
        if self._code_blocks:
            for line in code.removesuffix("\n").split("\n"):
                self._end_line(1)
                self._write(line)

    def _prose(self, text: str) -> None:
        """Text in which a run of blanks is one."""
        words = text.split()
        if words:
            if self._is_behind_formula and words[0][0] in ".,;:!?)":
                self._line_ends = 0
            self._blank = self._blank or text[0].isspace()
            self._write(" ".join(words))
        self._blank = text[-1:].isspace() if words else self._blank or bool(text)

    def _end_line(self, number: int) -> None:
        """Ask for line ends; between a marker and its text there are none."""
        if not self._markers:
            self._line_ends = max(self._line_ends, number)

    def _write(self, text: str) -> None:
        begins_line = not self.parts or bool(self._line_ends or self._markers)
        if self.parts:
            self.parts.append("\n" * self._line_ends)
        if begins_line and text:
            self.parts += self._margins[: len(self._margins) - len(self._markers)]
            self.parts += self._markers
        elif self._blank:
            self.parts.append(" ")
        self.parts.append(text)
        if text:
            self._markers.clear()
        self._line_ends = 0
        self._blank = False
        self._is_behind_formula = False
