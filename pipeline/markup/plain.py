"""Pieces to plain text: what a reader sees of the HTML, with nothing that marks it up.

Code stands as it was written; maths is TeX without its delimiters, with characters for the commands
that are one (:func:`pressroom.markup.mathml.to_text`); links and emphasis are their text.
"""

import html
import re
import unicodedata

from .elements import EMPTY, HTML
from .source import Source
from .spans import Kind
from .stream import BLOCK, END, FOOTNOTE, SPAN, START, TEXT, Attributes, Piece

__all__ = ["line", "summary", "text"]

_BLOCKS = frozenset({"blockquote", "caption", "details", "div", "dl", "figcaption", "figure", "p"})
_BLOCKS |= {"h1", "h2", "h3", "h4", "h5", "h6", "pre", "summary", "table"}
_LINES = frozenset({"dd", "dt"})
_LISTS = frozenset({"ul", "ol"})
_CELLS = frozenset({"td", "th"})
_ELLIPSIS = "…"
_SCRIPTS = {
    "sup": ("^", str.maketrans("0123456789+-−=()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾")),
    "sub": ("_", str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")),
}


def text(pieces: list[Piece], source: Source) -> str:
    """The whole text: blocks apart by a blank line, items behind their markers."""
    return _Writer(source, code_blocks=True).written(pieces)


def summary(pieces: list[Piece], source: Source, limit: int) -> str:
    """The first words on one line, at most `limit` characters, without code blocks."""
    written = _Writer(source, code_blocks=False).written(pieces)
    return _cut(" ".join(written.split()), limit)


_TAG = re.compile(r"<(/?+)([A-Za-z][A-Za-z0-9-]*+)(?:[\s/][^<>]*+)?+>")
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


def line(text: str) -> str:
    """A title or a description that may hold HTML, for a place where text alone may stand.

    Tags that come in pairs are left out, and character references are what they stand for. What
    a title is about stays: in "How to center a <div>" a tag has no partner. So does Markdown:
    ``__init__`` is a name.
    """
    if "<" in text:
        tags = {(end, name.lower()) for end, name in _TAG.findall(text)}
        paired = {name for end, name in tags if end and ("", name) in tags} | EMPTY
        text = _TAG.sub(lambda tag: "" if tag[2].lower() in paired & HTML else tag.group(), text)
    return _REFERENCE.sub(lambda found: html.unescape(found.group()), text) if "&" in text else text


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


def _raised(tag: str, text: str) -> str:
    """What is raised or lowered, in characters that are, so that 10⁶ is not 106; 1st is 1st."""
    sign, characters = _SCRIPTS[tag]
    if all(ord(char) in characters or char.isspace() for char in text):
        return text.translate(characters)
    return f"{sign}{text}" if len(text) == 1 else text


class _Writer:
    """Writes pieces as text."""

    def __init__(self, source: Source, *, code_blocks: bool) -> None:
        self.parts: list[str] = []
        self._source = source
        self._code_blocks = code_blocks
        self._pre: list[str] | None = None  # the text of a block of which lines are kept
        self._script = ""  # the tag of what is raised or lowered
        self._cells = 0  # of the row
        self._numbers: list[int | None] = []  # of the next item of each open list; None: bullets
        self._margins: list[str] = []  # of each open item
        # What is due before the next text.
        self._line_ends = 0
        self._blank = False
        self._markers: list[str] = []
        self._is_behind_formula = False

    def written(self, pieces: list[Piece]) -> str:
        """The text of some pieces."""
        for what, value, attributes in pieces:
            if what is TEXT:
                self._text(value)
            elif what is START:
                self._start(value, attributes)
            elif what is END:
                self._end(value)
            elif what is SPAN:
                self._span(int(value))
            elif what is BLOCK:
                self._block(value)
            elif what is FOOTNOTE:
                self._write(f"[{value}]")
            elif value == "img":
                self._text(attributes.get("alt", ""))
            elif self._pre is not None and value == "br":
                self._pre.append("\n")
            elif value != "wbr":
                self._end_line(1 if value == "br" else 2)
        return "".join(self.parts)

    def _start(self, tag: str, attributes: Attributes) -> None:
        """Note what is due before the text of an element."""
        if tag in _BLOCKS:
            self._end_line(2)
            if tag == "pre" and self._pre is None:
                self._pre = []
        elif tag in _LISTS:
            self._end_line(1 if self._numbers else 2)
            start = attributes.get("start", "")
            number = int(start) if start.isdecimal() and len(start) < 10 else 1
            self._numbers.append(number if tag == "ol" else None)
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
        elif tag in _LINES:
            self._end_line(1)
        elif tag in _SCRIPTS:
            self._script = tag

    def _end(self, tag: str) -> None:
        """Note what is due behind an element."""
        if tag in _BLOCKS:
            if tag == "pre" and self._pre is not None:
                lines, self._pre = "".join(self._pre), None
                # HTML Living Standard 13.1.2.5: a line end behind the tag is not shown.
                self._lines(lines.removeprefix("\n"))
            self._end_line(2)
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
        elif tag == self._script:
            self._script = ""

    def _open_item(self) -> None:
        number = self._numbers[-1] if self._numbers else None
        marker = "- " if number is None else f"{number}. "
        if number is not None:
            self._numbers[-1] = number + 1
        self._markers.append(marker)
        self._margins.append(" " * len(marker))

    def _text(self, text: str) -> None:
        if self._pre is not None:
            self._pre.append(text)
        else:
            self._prose(_raised(self._script, text) if self._script else text)

    def _span(self, number: int) -> None:
        kind = self._source.spans[number].kind
        if kind is Kind.CODE:
            self._write(self._source.code(number))
            return
        from . import mathml  # noqa: PLC0415  0.03 s that a text without maths is spared

        is_display = kind is Kind.DISPLAY
        self._end_line(is_display)
        self._write(mathml.to_text(self._source.inner(number)))
        self._end_line(is_display)
        self._is_behind_formula = is_display

    def _block(self, code: str) -> None:
        self._end_line(2)
        if self._code_blocks:
            self._lines(code)
        self._end_line(2)

    def _lines(self, code: str) -> None:
        """Lines as they are."""
        self._blank = False
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
