"""A text as a stream of pieces: the one form between Markdown and what is made of it.

The stream is well nested, whatever the source was: an element that is open when its parent ends
is ended there, an end without a beginning is left out.  Nesting and size are bounded while the
stream is built, since neither pulldown-cmark nor the sanitizer bounds them.
"""

from collections.abc import Mapping
from enum import Enum
from html import unescape
from typing import NamedTuple, TypeAlias

from . import raw_html
from .elements import ATTRIBUTES, EMPTY, HIDDEN, HTML, KEPT, SECTIONS
from .source import Source
from .spans import Kind

__all__ = ["BLOCK", "END", "FOOTNOTE", "SPAN", "START", "TEXT", "VOID", "Attributes", "Builder"]
__all__ += ["Piece", "TooComplexError", "What"]

DEEPEST = 100  # elements within elements
_EXPANSION = 8  # characters of HTML for each of the source
_SMALLEST_LIMIT = 64 * 1024  # characters of HTML that any text may have
_MOST_PIECES = 500_000  # 100 MB; an author's text of 4 MB has 100,000

Attributes: TypeAlias = Mapping[str, str]
_NONE: Attributes = {}


class What(Enum):
    """What a piece is, and what its value is."""

    START = "the tag of an element that begins"
    END = "the tag of an element that ends"
    VOID = "the tag of an element without content"
    TEXT = "text"
    BLOCK = "the lines of a code block; its language is the attribute `language`"
    SPAN = "the number of a span of the source: inline code, or maths"
    FOOTNOTE = "the number of a footnote that is referred to"


START, END, VOID, TEXT, BLOCK, SPAN, FOOTNOTE = What  # looked up a hundred times a text

# A plain tuple: a text has hundreds, and a NamedTuple takes three times as long to make.
Piece: TypeAlias = tuple[What, str, Attributes]


class TooComplexError(Exception):
    """The text nests too deeply, or makes too much HTML."""


class _Open(NamedTuple):
    """An element that is open; `is_raw` if a tag in the text began it, not Markdown."""

    tag: str
    is_raw: bool
    hidden_from: list[Piece] | None = None  # where pieces go again once a hidden element ends


_PARAGRAPH = _Open("p", is_raw=False)


class Builder:
    """Builds the pieces of one source."""

    def __init__(self, source: Source) -> None:
        self.pieces: list[Piece] = []
        self.source = source
        self._open: list[_Open] = []
        self.floors = [0]  # of what is open: where each footnote begins, which stands apart
        self._room = max(_SMALLEST_LIMIT, _EXPANSION * source.size)

    def start(self, tag: str, attributes: Attributes = _NONE, *, is_raw: bool = False) -> None:
        """Begin an element.

        Raises:
            TooComplexError: There are too many around it, or too much before it.
        """
        if len(self._open) == DEEPEST:
            raise TooComplexError
        hidden_from = None
        if is_raw and tag in HIDDEN:
            hidden_from, self.pieces = self.pieces, []
        self._open.append(_Open(tag, is_raw, hidden_from))
        if hidden_from is None:
            self._add(START, tag, attributes, 2 * len(tag) + 5)

    def end(self, tag: str) -> None:
        """End the element of Markdown that is open, and what is open in it."""
        if tag == "p" and self._open and self._open[-1] == _PARAGRAPH:
            self._end_paragraph()
        elif any(one.tag == tag and not one.is_raw for one in reversed(self._open)):
            while self._pop() != (tag, False):
                pass

    def raw(self, tag: str, attributes: Attributes, *, is_end: bool) -> None:
        """Take over a tag that stands in the text."""
        if tag in SECTIONS:
            tag = "div"
        if tag in EMPTY:
            if not is_end:
                self.void(tag, attributes)
        elif tag in KEPT or tag in HIDDEN:
            if not is_end:
                self.start(tag, attributes, is_raw=True)
            elif tag in HIDDEN:
                self._end_hidden(tag)
            elif self._is_open_raw(tag):
                while self._pop() != (tag, True):
                    pass

    def html(self, fragment: str) -> None:
        """Add HTML: its tags as elements, the rest as text; comments are left out."""
        for before, written, tag, attributes, is_end in raw_html.markup(fragment):
            if before:
                self.text(unescape(before))
            if tag == "input" and "checkbox" in attributes:
                self.task(is_done="checked" in attributes)
            elif tag and tag not in HTML:
                self.text(unescape(written))
            elif tag:
                known = ATTRIBUTES.get(tag, ())
                values = {
                    name: self._value(name, unescape(value))
                    for name, value in raw_html.attributes(attributes)
                    if name in known
                }
                self.raw(tag, values, is_end=is_end)

    def _value(self, name: str, value: str) -> str:
        is_address = name in {"href", "src"}
        return self.source.address(value) if is_address else self.source.attribute(value)

    def void(self, tag: str, attributes: Attributes = _NONE) -> None:
        """Add an element without content."""
        self._add(VOID, tag, attributes, len(tag) + 2)

    def text(self, text: str) -> None:
        """Add text; what a token stands for in it comes as a piece of its own."""
        if self.source.holds_signs(text):
            in_code = self.is_in("pre") or self.is_in("code")
            text = self.source.restored(text) if in_code else self.source.visible(text)
        done = 0
        for token in self.source.tokens(text):
            if token.start > done:
                self._add(TEXT, text[done : token.start])
            span = self.source.spans[token.number]
            if span.kind is Kind.FENCE:
                self.fence(token.number)
            elif span.kind is Kind.CODE:  # in HTML: there backticks are backticks
                self._add(TEXT, self.source.of(token.number))
            else:
                self._add(SPAN, str(token.number))
            done = token.end
        if done < len(text):
            self._add(TEXT, text[done:] if done else text)

    def code(self, code: str) -> None:
        """Add inline code of Markdown; a fence that was indented too far for one comes as such."""
        token = next(self.source.tokens(code), None)
        if token and self.source.spans[token.number].kind is Kind.FENCE:
            self.fence(token.number)
            return
        # GFM §4.10: in a table a backslash before a bar is no part of the code.
        if token and (r"\|" not in self.source.of(token.number) or not self.is_in("table")):
            self._add(SPAN, str(token.number))
            return
        written = self.source.code(token.number).replace(r"\|", "|") if token else code
        self._add(START, "code")
        self._add(TEXT, written)
        self._add(END, "code")

    def fence(self, number: int) -> None:
        """Add a fenced block, which ends a paragraph that it stands in."""
        info, code = self.source.fence(number)
        in_paragraph = bool(self._open) and self._open[-1] == _PARAGRAPH
        if in_paragraph:
            self._end_paragraph()
        self.block(code, info.split()[0] if info.split() else "")
        if in_paragraph:
            self.start("p")

    def block(self, code: str, language: str = "") -> None:
        """Add a code block."""
        self._add(BLOCK, code, {"language": language} if language else _NONE, 30)

    def task(self, *, is_done: bool) -> None:
        """Add the box of a task, as a character: readers of feeds show no form."""
        self.text("☑ " if is_done else "☐ ")

    def footnote(self, number: int) -> None:
        """Add a reference to a footnote."""
        self._add(FOOTNOTE, str(number), _NONE, 30)

    @property
    def depth(self) -> int:
        """How many elements are open."""
        return len(self._open)

    def is_in(self, tag: str) -> bool:
        """Whether an element of this tag is open."""
        return any(one.tag == tag for one in self._open)

    def finished(self) -> list[Piece]:
        """All pieces, once every element is ended."""
        while self._open:
            self._pop()
        return self.pieces

    def _is_open_raw(self, tag: str) -> bool:
        """Whether a raw element is open within the innermost one of Markdown."""
        for one in reversed(self._open):
            if not one.is_raw:
                return False
            if one.tag == tag:
                return True
        return False

    def _end_hidden(self, tag: str) -> None:
        """End a hidden element; what of Markdown is open in it, as a paragraph, is shown again."""
        for index in range(len(self._open) - 1, self.floors[-1] - 1, -1):
            hidden_from = self._open[index].hidden_from
            if self._open[index].tag == tag and hidden_from is not None:
                inner = [one for one in self._open[index + 1 :] if not one.is_raw]
                self._open[index:] = inner
                self.pieces = hidden_from
                self.pieces += [(START, one.tag, _NONE) for one in inner]
                return

    def _end_paragraph(self) -> None:
        """End the paragraph that is open; one without text is none."""
        if self.pieces and self.pieces[-1][0] is TEXT and self.source.templates:
            _, text, _ = self.pieces.pop()
            if text.rstrip():
                self.pieces.append((TEXT, text.rstrip(), _NONE))
        if self.pieces and self.pieces[-1][:2] == (START, "p"):
            self.pieces.pop()
            self._open.pop()
        else:
            self._pop()

    def _pop(self) -> tuple[str, bool]:
        tag, is_raw, hidden_from = self._open.pop()
        if hidden_from is None:
            self.pieces.append((END, tag, _NONE))
        else:
            self.pieces = hidden_from
        return tag, is_raw

    def _add(
        self, what: What, value: str, attributes: Attributes = _NONE, overhead: int = 0
    ) -> None:
        self._room -= len(value) + overhead
        if attributes:
            self._room -= sum(map(len, attributes.values()))
        if self._room < 0 or len(self.pieces) > _MOST_PIECES:
            raise TooComplexError
        self.pieces.append((what, value, attributes))
