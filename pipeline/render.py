"""Markdown to safe HTML, with maths as MathML and URLs that are absolute.

What Markdown must not read is taken out before it and put back after the sanitizer: code
and maths, as :func:`pipeline.text.spans` finds them, each as a token.  So no backslash of a
formula is eaten, no index in it becomes emphasis, and what is code here is code everywhere
else in the pipeline.

Raw HTML is off: a tag is text.  The sanitizer's allow-list is what Markdown can make.

Python-Markdown takes time with the square of a block; what no author writes is kept from it, so
that a text of any kind takes a second for each 100 KB at most.
"""

import html
import re
from bisect import bisect_left
from collections.abc import Iterator
from enum import Enum
from functools import partial
from itertools import chain, islice, pairwise
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree as ET

import nh3
from markdown import Markdown
from markdown.blockprocessors import HashHeaderProcessor
from markdown.extensions.sane_lists import SaneListExtension
from markdown.extensions.tables import TableExtension

from pipeline import mathml
from pipeline.text import Kind, Span, spans

__all__ = ["Clean", "code", "convert", "fence", "html_of", "to_html"]

_TAGS = {"a", "blockquote", "br", "code", "em", "hr", "img", "li", "ol", "p", "pre", "strong", "ul"}
_TAGS |= {"h1", "h2", "h3", "h4", "h5", "h6", "table", "tbody", "td", "th", "thead", "tr"}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"alt", "src", "title"},
    "ol": {"start"},
    "td": {"align"},
    "th": {"align"},
}
_SCHEMES = frozenset({"http", "https", "mailto"})
_NO_CHARACTER = re.compile("[\0\ud800-\udfff]")
_TAB = 4
_DEEPEST = 16  # lists within lists: the converter recurses
# What a document may cost, each some tenths of a second.
_BLOCK_SQUARES = 2_600_000_000  # one block of 50 KB, a hundred of 5 KB, ten thousand short ones
_BLOCK_CHARS = 500  # that a block takes the time of, however short
_BRACKET_STEPS = 400_000  # from each bracket that opens to its partner
_MATHS_COST = 50_000  # characters of TeX, and 30 more for each formula


class Clean(NamedTuple):
    """Safe HTML in which each span of `text` is a token: `mark`, its number, and `mark` again."""

    html: str
    mark: str
    text: str
    spans: list[Span]

    def source(self, number: int) -> str:
        """A span as it was written."""
        span = self.spans[number]
        return self.text[span.start : span.end]

    def pattern(self) -> str:
        """A regular expression whose group is the number of a token's span."""
        return f"{self.mark}([0-9]+){self.mark}"


def to_html(markdown: str, page_url: str, site_url: str | None = None) -> str:
    r"""The HTML of a decoded answer.

    Maths is MathML with its TeX as annotation; where the TeX is not understood it stands with
    its delimiters in ``<code class="math">``, so that no dollar passes for money.  Relative URLs,
    fragments too, are resolved against ``page_url``; those that begin with a slash stand below
    ``site_url``, where the site is no whole host.  Line ends are ``\n``; U+0000 becomes U+FFFD,
    as CommonMark 0.31 §2.3 has it, and so does half of a surrogate pair.  A text that no converter
    reads in reasonable time is shown as it is.
    """
    return html_of(convert(markdown, page_url, site_url))


def convert(markdown: str, page_url: str, site_url: str | None = None) -> Clean:
    """A decoded answer as HTML from which code and maths are still taken out."""
    text = _NO_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", markdown.replace("\r\n", "\n"))
    mark, bracket = islice(_unused_characters(text), 2)
    tokens = Clean("", mark, text, spans(text))
    normalized = _normalized(_with_tokens(tokens))
    if sum((len(block) + _BLOCK_CHARS) ** 2 for block in normalized.split("\n\n")) > _BLOCK_SQUARES:
        return Clean(f"<pre>\n{html.escape(text, quote=False)}</pre>", mark, text, [])
    clean = nh3.clean(
        _converted(_without_endless_links(normalized, bracket)),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=partial(_attribute, tokens, bracket, page_url, site_url),
    )
    return tokens._replace(html=clean.replace(bracket, "["))


class _Headings(HashHeaderProcessor):
    """Headings of a block, all at once: the library looks at the rest again for each of them."""

    def run(self, parent: ET.Element, blocks: list[str]) -> None:
        lines = _LINES_OF_HEADINGS.split(blocks[0])
        pieces = [piece for line in lines if (piece := line.strip("\n"))]
        if len(pieces) > 1:
            blocks[:1] = pieces
        else:
            super().run(parent, blocks)


# Inline patterns that match only where a character stands; most texts have none of these left.
_PATTERNS = {
    "&": ("entity",),
    "<": ("autolink", "automail"),
    "[": (
        *("image_link", "image_reference", "link", "reference"),
        *("short_image_ref", "short_reference"),
    ),
    "`": ("backtick",),
}
_idle: dict[str, Markdown] = {}


def _converted(text: str) -> str:
    """The HTML of a text, by a converter that looks only for what there may be in it.

    To make one takes as long as a short text. It holds state, which it keeps after an error: only
    one that came to its end is used again.
    """
    characters = "".join(character for character in _PATTERNS if character in text)
    converter = _idle.pop(characters, None) or _converter(characters)
    made = converter.reset().convert(text)
    _idle[characters] = converter
    return made


def _converter(characters: str) -> Markdown:
    """A converter of texts that have no other characters of `_PATTERNS`."""
    converter = Markdown(
        tab_length=_TAB, extensions=[TableExtension(use_align_attribute=True), SaneListExtension()]
    )
    converter.preprocessors.deregister("html_block")
    unneeded = (names for each, names in _PATTERNS.items() if each not in characters)
    for name in chain(["html"], *unneeded):
        converter.inlinePatterns.deregister(name)
    converter.parser.blockprocessors.register(_Headings(converter.parser), "hashheader", 70)
    converter.ESCAPED_CHARS.append("$")
    return converter


# --- before Markdown -------------------------------------------------------------------------


def _unused_characters(text: str) -> Iterator[str]:
    """The characters for private use that the text does not hold, not as an entity either."""
    held = set(text)
    if "&" in text:
        held.update(html.unescape(text), html.unescape(html.unescape(text)))
    private_use = chain(range(0xE000, 0xF900), range(0xF0000, 0xFFFFE), range(0x100000, 0x10FFFE))
    return (mark for mark in map(chr, private_use) if mark not in held)


def _with_tokens(tokens: Clean) -> str:
    parts: list[str] = []
    done = 0
    for number, span in enumerate(tokens.spans):
        token = f"{tokens.mark}{number}{tokens.mark}"
        if span.kind is Kind.FENCE:
            # A block needs no blank line beside it, the paragraph that stands for it does.
            indent = _indent(tokens.text, span)
            before = "" if indent.strip() else f"\n{indent}"
            token = f"{before}{token}\n"
        parts += tokens.text[done : span.start], token
        done = span.end
    parts.append(tokens.text[done:])
    return "".join(parts)


def _indent(text: str, span: Span) -> str:
    """What stands before a fence on its line: blanks, or the markers of its containers."""
    return text[text.rfind("\n", 0, span.start) + 1 : span.start]


_BLOCK_START = re.compile(
    r"""
      \#{1,6} (?: [ ] | $ )                                      # a heading
    | (?P<rule> [-*_] ) [ ]* (?: (?P=rule) [ ]* ){2,} $
    | (?P<quote> > )
    | (?P<marker> [-*+] | (?P<number> \d{1,9} ) [.)] ) (?P<gap> [ ]+ ) (?= \S )
    """,
    re.VERBOSE,
)
# What Python-Markdown takes for a heading and CommonMark does not, and lists within lists
# on one line, deep enough to exhaust the stack.
_LINES_OF_HEADINGS = re.compile(r"^(#{1,6}[^\n]*(?:\n|\Z))", re.MULTILINE)
# A rule, or the line under a heading, in a quote: the library would search all of it for each.
_QUOTED_END = re.compile(r"(?P<markers>>[> ]*?)[ ]*(?:=+|-+|[-*_](?:[ ]*[-*_]){2,})[ ]*$")
_NO_BLOCK = re.compile(r"#+[^#\s]|#{7}|(?:(?:[-*+]|\d+[.)])[ ]+){8}")
_UNDERLINE = re.compile(r"(?:=+|-+)[ ]*$")
_DELIMITER_ROW = re.compile(r"[ ]*(?=.*\|)\|?[ ]*:?-+:?[ ]*(?:\|[ ]*:?-+:?[ ]*)*\|?[ ]*$")


class _Item(NamedTuple):
    """An open list item: the column where its content begins, and whether it has a number."""

    content: int
    ordered: bool


class _Paragraph(Enum):
    """Where the paragraph began that the next line could continue."""

    ITEM = "on the line of its list item"
    BLOCK = "on a line of its own"


def _normalized(text: str) -> str:
    """The blocks of CommonMark, set as Python-Markdown reads them.

    CommonMark 0.31 §5.2 measures the indent of a list item's content against its marker,
    Python-Markdown in steps of four columns.  Where CommonMark lets a list or a table follow
    a paragraph, or a list of the other kind a list, a blank line is set between them.
    """
    return "\n".join(_normalized_lines(text.expandtabs(_TAB).split("\n")))


def _normalized_lines(lines: list[str]) -> Iterator[str]:
    items: list[_Item] = []  # the open ones, outermost first
    paragraph: _Paragraph | None = None
    for line, following in pairwise([*lines, ""]):
        body = line.lstrip()
        if not body:
            paragraph = None
            yield ""
            continue
        column = len(line) - len(body)
        depth = sum(item.content <= column for item in items)
        indent = column - (items[depth - 1].content if depth else 0)
        start = _BLOCK_START.match(body) if indent < _TAB else None
        if start and start["marker"] and _is_no_item(start, paragraph, depth, len(items)):
            start, body = None, _as_text(body)
        if paragraph and start is None:
            depth = len(items)  # a lazy continuation line, wherever it begins
        left = items[depth] if depth < len(items) else None
        margin = " " * _TAB * depth
        del items[depth:]
        if start and start["marker"]:
            item = _Item(column + _content_column(start), start["number"] is not None)
            if paragraph is _Paragraph.BLOCK or (left and left.ordered != item.ordered):
                yield ""
            marker = f"{start['number']}." if item.ordered else "-"
            yield f"{margin}{marker} {_text(body[start.end() :])}"
            items.append(item)
            paragraph = _Paragraph.ITEM
        else:
            if paragraph and "|" in body and _DELIMITER_ROW.match(following):
                yield ""
                paragraph = None
            yield from _block_lines(body, start, paragraph, margin, indent)
            paragraph = _paragraph_after(body, start, paragraph, indent)


def _block_lines(
    body: str, start: re.Match[str] | None, paragraph: _Paragraph | None, margin: str, indent: int
) -> Iterator[str]:
    """A line that is no list item, and what it needs behind it."""
    if start is None and paragraph:
        yield _text(body)  # blanks before it would stay in the paragraph
    elif start is None and indent >= _TAB:
        yield f"{margin}{' ' * indent}{body}"
    else:
        yield margin + (body if start else _text(body))
    if _ends_block(body, start, paragraph):
        yield ""
    elif start and start["quote"] and (quote := _QUOTED_END.match(body)):
        yield margin + quote["markers"]


def _ends_block(body: str, start: re.Match[str] | None, paragraph: _Paragraph | None) -> bool:
    """A rule, lest it be the text of a heading, and the line under one: its end is no search."""
    underlines = paragraph is _Paragraph.BLOCK and _UNDERLINE.match(body) is not None
    return underlines or (start is not None and start["rule"] is not None)


def _paragraph_after(
    body: str, start: re.Match[str] | None, paragraph: _Paragraph | None, indent: int
) -> _Paragraph | None:
    if _ends_block(body, start, paragraph):
        return None
    if start:
        return _Paragraph.BLOCK if start["quote"] else None
    is_code = indent >= _TAB and not paragraph
    return paragraph or (None if is_code else _Paragraph.BLOCK)


def _is_no_item(
    start: re.Match[str], paragraph: _Paragraph | None, depth: int, open_items: int
) -> bool:
    """A number other than 1 begins no list in a paragraph: "in the year / 1990. It was"."""
    in_paragraph = paragraph is not None and depth == open_items
    return depth >= _DEEPEST or (in_paragraph and start["number"] not in (None, "1"))


def _content_column(start: re.Match[str]) -> int:
    """Where the content of an item begins; five blanks are one, and code behind it."""
    gap = len(start["gap"])
    return len(start["marker"]) + (gap if gap <= _TAB else 1)


def _text(body: str) -> str:
    return _as_text(body) if _NO_BLOCK.match(body) else body


def _as_text(body: str) -> str:
    """Escape the character that makes a block of the line."""
    return re.sub(r"^\d*", r"\g<0>\\", body)


_BRACKET = re.compile(r"\\.|[\[\]]\(?|[()]", re.DOTALL)
_TITLE_END = re.compile(r"""["'][ ]*\)""")


def _without_endless_links(text: str, bracket: str) -> str:
    """Put another character for the brackets of a block, where looking for links has no end.

    Python-Markdown reads from each bracket that opens to its partner or to the end of the block,
    in several passes, and from the parenthesis behind its partner likewise.
    """
    if "[" not in text:
        return text
    left = _BRACKET_STEPS
    blocks = text.split("\n\n")
    for number, block in enumerate(blocks):
        if "[" in block:
            steps = _bracket_steps(block)
            if steps > left:
                blocks[number] = block.replace("[", bracket)
            else:
                left -= steps
    return "\n\n".join(blocks)


def _bracket_steps(block: str) -> int:
    """How far Python-Markdown reads to find the partners of all brackets, one pass of it."""
    steps = 0
    brackets: list[int] = []
    parentheses: list[tuple[int, bool]] = []  # with whether a link's destination begins there
    titles = [found.end() for found in _TITLE_END.finditer(block)]
    for found in _BRACKET.finditer(block):
        place, what = found.start(), found.group()
        if what[0] == "[":
            brackets.append(place)
        elif what[0] == "]" and brackets:
            steps += place - brackets.pop()
        if what.endswith("("):
            parentheses.append((found.end(), what == "]("))
        elif what == ")" and parentheses:
            start, is_link = parentheses.pop()
            if is_link:
                steps += _destination_end(block, start, place, titles) - start
    steps += sum(len(block) - place for place in brackets)
    return steps + sum(len(block) - place for place, is_link in parentheses if is_link)


def _destination_end(block: str, start: int, end: int, titles: list[int]) -> int:
    """Where a destination ends: parentheses do not count in a title, which may never end."""
    if block.find('"', start, end) < 0 and block.find("'", start, end) < 0:
        return end
    following = bisect_left(titles, start)
    return titles[following] if following < len(titles) else len(block)


# --- after Markdown --------------------------------------------------------------------------


def _attribute(
    tokens: Clean,
    bracket: str,
    page_url: str,
    site_url: str | None,
    tag: str,
    name: str,
    value: str,
) -> str | None:
    """Put back what a token took from an attribute, and make a URL absolute.

    The sanitizer has looked at URLs before it calls this, and does not look again.
    """
    value = value.replace(bracket, "[")
    value = re.sub(tokens.pattern(), lambda token: tokens.source(int(token[1])), value)
    if name not in ("href", "src"):
        return value
    try:
        is_of_site = site_url and value.startswith("/") and not value.startswith("//")
        url = f"{site_url}{value}" if is_of_site else urljoin(page_url, value)
        return url if urlsplit(url).scheme in _SCHEMES else None
    except ValueError:  # no URL at all: "http://[::1"
        return None


def html_of(clean: Clean) -> str:
    """Set code and maths where their tokens stand; a fence takes the place of its paragraph."""
    token = clean.pattern()
    pattern = re.compile(f"<p>{token}</p>|{token}")
    affordable = set(_affordable(clean.spans))

    def replacement(match: re.Match[str]) -> str:
        alone = match[1] is not None
        number = int(match[1] or match[2])
        span = clean.spans[number]
        if span.kind is Kind.FENCE:
            return _fence(clean.text, span)
        if span.kind is Kind.CODE:
            content = f"<code>{html.escape(code(clean.text, span), quote=False)}</code>"
        else:
            content = _maths(clean.text, span, is_affordable=number in affordable)
        return f"<p>{content}</p>" if alone else content

    return pattern.sub(replacement, _PRE.sub(partial(_as_written, clean), clean.html))


_PRE = re.compile("<pre>.*?</pre>", re.DOTALL)


def _as_written(clean: Clean, pre: re.Match[str]) -> str:
    """An indented code block, in which nothing else is code or maths."""
    return re.sub(
        clean.pattern(),
        lambda token: html.escape(clean.source(int(token[1])), quote=False),
        pre.group(),
    )


def _affordable(found: list[Span]) -> Iterator[int]:
    """The numbers of the formulas, from the first on, that a document has time for."""
    left = _MATHS_COST
    for number, span in enumerate(found):
        if span.kind in (Kind.DISPLAY, Kind.INLINE):
            left -= span.end - span.start + 30
            if left >= 0:
                yield number


def _maths(text: str, span: Span, *, is_affordable: bool) -> str:
    tex = text[span.inner_start : span.inner_end]
    made = mathml.from_tex(tex, display=span.kind is Kind.DISPLAY) if is_affordable else None
    source = html.escape(text[span.start : span.end], quote=False)
    return made or f'<code class="math">{source}</code>'


def code(text: str, span: Span) -> str:
    """Inline code: line ends are blanks, and one on both sides goes (CommonMark 0.31 §6.1)."""
    inner = text[span.inner_start : span.inner_end].replace("\n", " ")
    if inner.startswith(" ") and inner.endswith(" ") and not inner.isspace():
        return inner[1:-1]
    return inner


def fence(text: str, span: Span) -> str:
    """The lines of a fenced block without the indent of its fence."""
    indent = _indent(text, span)
    lines = text[span.inner_start : span.inner_end]
    if not indent:
        return lines
    blank = r"[ \t>]" if ">" in indent else r"[ \t]"
    return re.sub(rf"^{blank}{{1,{len(indent)}}}", "", lines, flags=re.MULTILINE)


def _fence(text: str, span: Span) -> str:
    """A class names the language of the block (CommonMark 0.31 §4.5)."""
    info = text[span.start : span.inner_start].lstrip("`~").split()
    language = f' class="language-{html.escape(info[0])}"' if info else ""
    return f"<pre><code{language}>{html.escape(fence(text, span), quote=False)}</code></pre>"
