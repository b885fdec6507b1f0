"""Markdown made ready for a parser: what it must not read is taken out.

Code and maths, as `spans` finds them, stand as tokens, so that no backslash of
a formula is eaten, no index in it becomes emphasis, and what is code here is code everywhere else
in the pipeline.  A token of code stands between its backticks, since these decide how CommonMark
reads what is around them.
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from typing import NamedTuple

from . import templates
from .raw_html import without_unknown
from .rules import GFM, MOST_CHARS, Rules
from .spans import Kind, Span, spans

__all__ = ["Source", "Token", "line_feeds", "read", "size_of"]

_NO_CHARACTER = re.compile("[\0\ud800-\udfff]")
_DATA_URI = re.compile(r"\bdata:[\w.+-]{1,99}/[\w.+-]{1,99}(?:;[\w=-]{1,99}){0,9},[\w+/=%-]{64,}+")


class Signs(NamedTuple):
    """Characters that a text does not hold."""

    mark: str
    less: str
    drop: str


class Token(NamedTuple):
    """A token in a text: its place, and the number of the span that it stands for."""

    start: int
    end: int
    number: int


@dataclass(frozen=True, slots=True)
class Source:
    """A text for a parser of Markdown.

    `original` is what readers get if it cannot be rendered.  `text` is `shown` with a token in the
    place of each of `spans` and of each of `templates`, tags that are left out.  Tokens of spans
    begin and end with the character `mark`, those of templates with `drop`; `less` stands for
    ``<`` where that begins no tag.  `lines` are the numbers, from 0, that the lines of `shown` have
    in `original`, None where these are the same.  `size` counts characters without embedded files.
    `dropped` is the first template syntax that was left out and is no address, in which tokens may
    stand.
    """

    original: str
    shown: str
    text: str
    spans: list[Span]
    templates: list[str]
    signs: Signs
    size: int
    dropped: str | None
    lines: Sequence[int] | None = None

    @property
    def mark(self) -> str:
        """The character that tokens of spans begin and end with."""
        return self.signs.mark

    def holds_signs(self, text: str) -> bool:
        """Whether anything in a piece of what a parser made stands for something else."""
        return any(sign in text for sign in self.signs)

    def tokens(self, text: str) -> Iterator[Token]:
        """The tokens of spans in a piece of what a parser made of `text`."""
        if self.signs.mark in text:
            for found in _spans_in(self.signs.mark).finditer(text):
                yield Token(*found.span(), int(found[2] or found[3]))

    def of(self, number: int) -> str:
        """A span as it was written, with its delimiters."""
        span = self.spans[number]
        return self._written(span, span.start, span.end)

    def inner(self, number: int) -> str:
        """A span as it was written, without its delimiters."""
        span = self.spans[number]
        return self._written(span, span.inner_start, span.inner_end)

    def _written(self, span: Span, start: int, end: int) -> str:
        text = self.shown[start:end]
        if "\n" not in text or span.kind is Kind.FENCE:
            return text
        if not _QUOTE_MARKERS.match(_indent(self.shown, span)):
            return text
        first, line_end, others = text.partition("\n")
        return first + line_end + _QUOTE_MARKERS.sub("", others)

    def visible(self, text: str) -> str:
        """A piece of what a parser made, without templates; tokens of spans stay."""
        if self.signs.drop in text:
            text = _templates_in(self.signs.drop).sub("", text)
        return text.replace(self.signs.less, "<")

    def attribute(self, text: str) -> str:
        """The value of an attribute: without templates, and with spans as they were written."""
        return self.restored(self.visible(text))

    def address(self, text: str) -> str:
        """The address of a link, with what template tags in it stand for, where that is known."""
        return templates.addressed(self.restored(text))

    def restored(self, text: str) -> str:
        """A piece of what a parser made, as it was written."""
        signs = self.signs
        if signs.drop in text:
            templates = self.templates
            text = _templates_in(signs.drop).sub(lambda found: templates[int(found[1])], text)
        if signs.mark in text:
            pattern = _spans_in(signs.mark)
            text = pattern.sub(lambda found: self.of(int(found[2] or found[3])), text)
        return text.replace(signs.less, "<")

    def code(self, number: int) -> str:
        """Inline code: line ends are blanks, one on both sides goes (CommonMark 0.31 §6.1)."""
        inner = self.inner(number).replace("\n", " ")
        if inner.startswith(" ") and inner.endswith(" ") and not inner.isspace():
            return inner[1:-1]
        return inner

    def fence(self, number: int) -> tuple[str, str]:
        """The info string of a fenced block, and its lines without the indent of the fence."""
        span = self.spans[number]
        info = self.shown[span.start : span.inner_start].lstrip("`~").strip()
        indent, lines = _indent(self.shown, span), self.inner(number)
        if indent:
            blanks = " \t>" if ">" in indent else " \t"
            lines = "\n".join(_unindented(line, len(indent), blanks) for line in lines.split("\n"))
        return info, lines


def read(markdown: str, rules: Rules = GFM) -> Source:
    r"""Make a decoded text ready for the parser of its dialect.

    A text of more than `MOST_CHARS` is not read.  Line ends become ``\n``; U+0000 becomes U+FFFD,
    as CommonMark 0.31 §2.3 has it, and so does half of a surrogate pair.  Python-Markdown gets a
    text as it is, but for maths.
    """
    original = line_feeds(markdown)
    if "\0" in original or not original.isascii():
        original = _NO_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", original)
    signs = Signs(*islice(_unused_characters(original), 3))
    if (size := size_of(original)) > MOST_CHARS:
        return Source(original, "", "", [], [], signs, size, None)
    is_commonmark = rules.dialect == "gfm"
    blocks = templates.blocks(original) if is_commonmark else templates.Blocks(original)
    shown = blocks.text
    found = spans(shown, rules.maths)
    if not is_commonmark:
        found = [span for span in found if span.kind in (Kind.DISPLAY, Kind.INLINE)]
    whole = _with_tokens(shown, found, signs.mark)
    text = _DATA_URI.sub("data:,", whole) if "data:" in whole else whole
    size = len(shown) - (len(whole) - len(text))  # code may show an embedded file
    left_out = list[str]()
    if "comments" in rules.syntax and is_commonmark:
        text = templates.comments(text, signs.drop, left_out)
    comments = len(left_out)
    if is_commonmark:
        text = without_unknown(templates.inline(text, signs.drop, left_out), signs.less)
    lost = (tag for tag in left_out[comments:] if not templates.is_address(tag))
    dropped = blocks.dropped or next(lost, None)
    return Source(original, shown, text, found, left_out, signs, size, dropped, blocks.lines)


def line_feeds(text: str) -> str:
    """A text whose lines all end in a line feed (CommonMark 0.31 §2.1)."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def size_of(text: str) -> int:
    """The characters of a text without embedded files."""
    if "data:" not in text or len(text) <= MOST_CHARS:
        return len(text)
    return len(text) - sum(len(found.group()) for found in _DATA_URI.finditer(text))


def _unused_characters(text: str) -> Iterator[str]:
    """The characters for private use that the text does not hold, not as an entity either."""
    held = set[str]() if text.isascii() else set(text)
    if "&" in text:
        held.update(html.unescape(text), html.unescape(html.unescape(text)))
    private_use = chain(range(0xE000, 0xF900), range(0xF0000, 0xFFFFE), range(0x100000, 0x10FFFE))
    return (sign for sign in map(chr, private_use) if sign not in held)


def _with_tokens(text: str, found: list[Span], mark: str) -> str:
    parts: list[str] = []
    done = 0
    for number, span in enumerate(found):
        token = f"{mark}{number}{mark}"
        if span.kind is Kind.FENCE:
            # Another fence of the same indent, so that it is a block where that was one.
            margin = _LIST_MARKER.sub(lambda marker: " " * len(marker[0]), _indent(text, span))
            token = f"```{token}\n{margin}```"
        elif span.kind is Kind.CODE:
            ticks = text[span.start : span.inner_start]
            token = f"{ticks}{token}{ticks}"
        parts += text[done : span.start], token
        done = span.end
    parts.append(text[done:])
    return "".join(parts)


# Before each line of a quote, also of a list in it.
_QUOTE_MARKERS = re.compile(r"^[ \t]*+(?:>[ \t]?+)++", re.MULTILINE)
_LIST_MARKER = re.compile(r"[-*+]|(?<!\d)\d++[.)]")


def _indent(text: str, span: Span) -> str:
    """What stands before a span on its line; before a fence blanks and markers of containers."""
    return text[text.rfind("\n", 0, span.start) + 1 : span.start]


def _unindented(line: str, most: int, blanks: str) -> str:
    return line[:most].lstrip(blanks) + line[most:]


@lru_cache(maxsize=16)
def _templates_in(drop: str) -> re.Pattern[str]:
    return re.compile(f"{drop}([0-9]+){drop}")


@lru_cache(maxsize=16)
def _spans_in(mark: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?<!`)(?P<ticks>`++){mark}([0-9]+){mark}[ \t\n>]*+(?P=ticks)|{mark}([0-9]+){mark}"
    )
