"""Markdown to safe HTML, with maths as it was written and URLs that are absolute.

What Markdown must not read is taken out before it and put back after the sanitizer: code
and maths, as :func:`pipeline.text.spans` finds them, each as a token.  So no backslash of a
formula is eaten, no index in it becomes emphasis, and what is code here is code everywhere
else in the pipeline.

Raw HTML is off: a tag is text.  The sanitizer's allow-list is what Markdown can make.
"""

import html
import re
from collections.abc import Iterator
from enum import Enum
from functools import partial
from itertools import chain, pairwise
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import nh3
from markdown import Markdown
from markdown.extensions.sane_lists import SaneListExtension
from markdown.extensions.tables import TableExtension

from pipeline.text import Kind, Span, spans

__all__ = ["to_html"]

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
_TAB = 4
_DEEPEST = 16  # lists within lists: the converter recurses
_BRACKET_STEPS = 20_000_000  # some seconds


class _Tokens(NamedTuple):
    """The spans of a document, and the character that stands on both sides of their numbers."""

    mark: str
    text: str
    spans: list[Span]

    def source(self, number: int) -> str:
        """A span as it was written."""
        span = self.spans[number]
        return self.text[span.start : span.end]

    def pattern(self) -> str:
        return f"{self.mark}([0-9]+){self.mark}"


def to_html(markdown: str, page_url: str, site_url: str | None = None) -> str:
    r"""The HTML of a decoded answer.

    Maths stands in it with its delimiters, escaped as HTML and else unchanged, for a script
    such as KaTeX to find.  Relative URLs, fragments too, are resolved against ``page_url``;
    those that begin with a slash stand below ``site_url``, where the site is no whole host.
    Line ends are ``\n``; U+0000 becomes U+FFFD, as CommonMark 0.31 §2.3 has it.
    """
    text = markdown.replace("\r\n", "\n").replace("\0", "\N{REPLACEMENT CHARACTER}")
    tokens = _Tokens(_unused_character(text), text, spans(text))
    clean = nh3.clean(
        _converter().convert(_without_endless_links(_normalized(_with_tokens(tokens)))),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=partial(_attribute, tokens, page_url, site_url),
    )
    return _put_back(clean, tokens)


def _converter() -> Markdown:
    """A converter of its own for each document: it holds state, and keeps it after an error."""
    converter = Markdown(
        tab_length=_TAB, extensions=[TableExtension(use_align_attribute=True), SaneListExtension()]
    )
    converter.preprocessors.deregister("html_block")
    converter.inlinePatterns.deregister("html")
    converter.ESCAPED_CHARS.append("$")
    return converter


# --- before Markdown -------------------------------------------------------------------------


def _unused_character(text: str) -> str:
    """The first character for private use that the text does not hold."""
    private_use = chain(range(0xE000, 0xF900), range(0xF0000, 0xFFFFE), range(0x100000, 0x10FFFE))
    return next(mark for mark in map(chr, private_use) if mark not in text)


def _with_tokens(tokens: _Tokens) -> str:
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


def _without_endless_links(text: str) -> str:
    """Take a block's brackets for text, where there are too many to look for their partners.

    Python-Markdown reads on to the end of the block from each bracket that opens.
    """
    return "\n\n".join(
        block.replace("[", r"\[") if block.count("[") * len(block) > _BRACKET_STEPS else block
        for block in text.split("\n\n")
    )


# --- after Markdown --------------------------------------------------------------------------


def _attribute(
    tokens: _Tokens, page_url: str, site_url: str | None, tag: str, name: str, value: str
) -> str | None:
    """Put back what a token took from an attribute, and make a URL absolute.

    The sanitizer has looked at URLs before it calls this, and does not look again.
    """
    value = re.sub(tokens.pattern(), lambda token: tokens.source(int(token[1])), value)
    if name not in ("href", "src"):
        return value
    try:
        is_of_site = site_url and value.startswith("/") and not value.startswith("//")
        url = f"{site_url}{value}" if is_of_site else urljoin(page_url, value)
        return url if urlsplit(url).scheme in _SCHEMES else None
    except ValueError:  # no URL at all: "http://[::1"
        return None


def _put_back(clean: str, tokens: _Tokens) -> str:
    """Set code and maths where their tokens stand; a fence takes the place of its paragraph."""
    token = tokens.pattern()
    pattern = re.compile(f"<p>{token}</p>|{token}")

    def replacement(match: re.Match[str]) -> str:
        alone = match[1] is not None
        span = tokens.spans[int(match[1] or match[2])]
        if span.kind is Kind.FENCE:
            return _fence(tokens.text, span)
        content = _inline(tokens.text, span)
        return f"<p>{content}</p>" if alone else content

    return pattern.sub(replacement, clean)


def _inline(text: str, span: Span) -> str:
    if span.kind is not Kind.CODE:
        return html.escape(text[span.start : span.end], quote=False)
    # Line ends are blanks, and one blank on both sides goes: CommonMark 0.31 §6.1.
    code = text[span.inner_start : span.inner_end].replace("\n", " ")
    if code.startswith(" ") and code.endswith(" ") and not code.isspace():
        code = code[1:-1]
    return f"<code>{html.escape(code, quote=False)}</code>"


def _fence(text: str, span: Span) -> str:
    """The block without the indent of its fence; a class names its language (CommonMark §4.5)."""
    indent = _indent(text, span)
    blank = r"[ \t>]" if ">" in indent else r"[ \t]"
    lines = text[span.inner_start : span.inner_end]
    code = (
        re.sub(rf"^{blank}{{1,{len(indent)}}}", "", lines, flags=re.MULTILINE) if indent else lines
    )
    info = text[span.start : span.inner_start].lstrip("`~").split()
    language = f' class="language-{html.escape(info[0])}"' if info else ""
    return f"<pre><code{language}>{html.escape(code, quote=False)}</code></pre>"
