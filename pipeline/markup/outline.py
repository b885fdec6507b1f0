"""What a text links to, and where links can lead to in it, with lines; and what readers miss of it.

Read off the parser's events, without making anything of the text: that takes a fifth of the time of
rendering it (60 of 300 µs), and is done for every text.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import cached_property
from html import unescape
from typing import Any, NamedTuple

from . import templates
from .complexity import is_of_text, may_be_complex
from .elements import HIDDEN
from .link_kinds import LinkKind
from .rules import GFM, IN_AUTOLINKS, MOST_CHARS, Rules
from .source import Source, line_feeds, size_of
from .source import read as read_source
from .spans import Kind

__all__ = ["NOTHING", "Anchor", "Link", "Outline", "outline"]


class Link(NamedTuple):
    """A link of a text; `href` is what it leads to as written, `line` is counted from 1."""

    kind: LinkKind
    href: str
    line: int


class Anchor(NamedTuple):
    """A place that a fragment can lead to: a heading of a level, or (0) another element.

    `id` is what the author calls it; without one, a heading is called by its `text`.
    """

    line: int
    level: int
    id: str | None
    text: str


class Outline(NamedTuple):
    """What a text links to and can be linked at, in order; of a text shown as written, nothing.

    `template` is the first template syntax that is left out; `is_as_written`: the text cannot be
    rendered.
    """

    links: tuple[Link, ...] = ()
    anchors: tuple[Anchor, ...] = ()
    template: str | None = None
    is_as_written: bool = False


NOTHING = Outline()
_AS_WRITTEN = Outline(is_as_written=True)
# What a link or an anchor cannot be written without, besides what autolinks have. To look for a
# text takes a tenth of the time that a pattern takes, and most have none of these. `^` takes four
# times as long as a line end.
_OF_LINKS = ("](", "]:", "[[")
_HTML = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*+:|\b(?:href|src|id|name)\s*+=", re.IGNORECASE)
_HEADING = re.compile(r"\n[ \t>*+\d.)-]*+\#{1,6}(?:\s|\Z)")
# A line of what may stand before an underline, and of it.
_UNDERLINE = re.compile(r"\n(?=[ \t\v\f>*+\d.)=-]++(?:\n|\Z))[^\n=-]*+[=-]")
_OF_PYTHON_MARKDOWN = ("#", "<h", "<H")  # more headings


def _may_lead(text: str) -> bool:
    """Whether a text may hold a link or an anchor.

    For speed alone: its events are read in 220 µs, and it is told here in 10.
    """
    text = line_feeds(text)
    return (
        ("]" in text and any(sign in text for sign in _OF_LINKS))
        or any(sign in text for sign in IN_AUTOLINKS)
        or ("<" in text and bool(_HTML.search(text)))
        or ("#" in text and bool(_HEADING.search(f"\n{text}")))
        or (("=" in text or "-" in text) and bool(_UNDERLINE.search(text)))
    )


def outline(markdown: str, rules: Rules = GFM) -> Outline:
    """Read the outline of a decoded text; nearly all that have none are told so at a glance."""
    if len(markdown) > MOST_CHARS and size_of(markdown) > MOST_CHARS:
        return _AS_WRITTEN
    leads = _may_lead(markdown)
    if rules.dialect != "gfm":
        leads = leads or any(sign in markdown for sign in _OF_PYTHON_MARKDOWN)
        return _of_html(markdown, rules) if leads else NOTHING
    if may_be_complex(markdown):
        from . import document  # noqa: PLC0415  0.1 s that most runs are spared

        read = document.read(markdown, rules)
        if read.is_as_written:
            return _AS_WRITTEN._replace(template=_template(read.source))
        return _of_events(read.source, rules)
    if not leads and not templates.may_be_in(markdown):
        return NOTHING
    source = read_source(markdown, rules)
    return _of_events(source, rules) if leads else Outline(template=_template(source))


def _template(source: Source) -> str | None:
    return source.dropped and source.restored(source.dropped)


# --- Markdown of pulldown-cmark ------------------------------------------------------------------

_REFERENCES = frozenset({"Reference", "Collapsed", "Shortcut"})
_AUTOLINKS = frozenset({"Autolink", "Email"})


def _of_events(source: Source, rules: Rules) -> Outline:
    reader = _Reader(source)
    try:
        reader.read(rules)
    except BaseException as error:
        if not is_of_text(error):
            raise
        return _AS_WRITTEN._replace(template=_template(source))
    return Outline(tuple(reader.links), tuple(reader.anchors), _template(source))


class _Reader:
    """Finds links and anchors in the events of one source."""

    def __init__(self, source: Source) -> None:
        self.links: list[Link] = []
        self.anchors: list[Anchor] = []
        self._source = source
        self._places = _Places(source)
        self._link_depth = 0  # links do not nest: in the text of one no URL becomes another
        self._images = 0  # that are open: of what is in the text of one, readers see the words
        self._hidden = ""  # the tag of an element that is not shown
        self._is_in_raw_link = False  # of HTML: likewise
        self._is_code = False
        self._may_autolink = any(sign in source.text for sign in IN_AUTOLINKS)
        self._html: tuple[int, list[str]] | None = None  # a block: its place, and its lines
        self._heading: tuple[int, int, list[str]] | None = None  # place, level, pieces of text

    def read(self, rules: Rules) -> None:
        """Read all events."""
        import pyromark  # noqa: PLC0415

        from .commonmark import options  # noqa: PLC0415

        for event, place in pyromark.events_with_range(self._source.text, options=options(rules)):
            value: Any
            kind, value = (event, None) if isinstance(event, str) else next(iter(event.items()))
            if kind == "Text":
                self._text(value, place["start"])
            elif kind == "Start":
                self._start(value, place["start"])
            elif kind == "End":
                self._end(value)
            elif kind == "InlineHtml":
                self._markup(value, place["start"])
            elif kind == "Html":
                self._html = self._html or (place["start"], [])
                self._html[1].append(value)
            elif kind == "Code" and self._heading:
                token = next(self._source.tokens(value), None)
                self._heading[2].append(self._source.code(token.number) if token else value)
            elif kind == "SoftBreak" and self._heading:
                self._heading[2].append(" ")

    def _start(self, tag: Any, start: int) -> None:
        if isinstance(tag, str):
            return
        name, value = next(iter(tag.items()))
        if name == "Link":
            self._link_depth += 1
            if not self._images:
                self._add(_kind(value["link_type"]), _address(value, self._source), start)
        elif name == "Image":
            self._images += 1
            if self._images == 1:
                is_embed = isinstance(value["link_type"], dict)
                kind = LinkKind.EMBED if is_embed else LinkKind.IMAGE
                self._add(kind, _address(value, self._source), start)
        elif name == "Heading":
            self._heading = start, int(value["level"][1]), []
        elif name == "CodeBlock":
            self._is_code = True

    def _end(self, tag: Any) -> None:
        name = tag if isinstance(tag, str) else next(iter(tag))
        if name == "Link":
            self._link_depth -= 1
        elif name == "Image":
            self._images -= 1
        elif name == "Heading":
            self._end_heading()
        elif name == "CodeBlock":
            self._is_code = False
        elif name == "HtmlBlock" and self._html:
            start, lines = self._html
            self._html = None
            self._markup("".join(lines), start)

    def _text(self, text: str, start: int) -> None:
        if self._is_code or self._images:
            return
        if self._heading:
            self._heading[2].append(text)
        is_in_link = self._link_depth or self._is_in_raw_link or self._hidden
        may_lead = self._may_autolink and not is_in_link
        if may_lead and any(sign in text for sign in IN_AUTOLINKS):
            from .autolinks import autolinks  # noqa: PLC0415  it loads a library

            done = 0
            for url, begin, _ in autolinks(text):
                start += len(text[done:begin].encode())
                done = begin
                self._add(LinkKind.AUTOLINK, self._source.attribute(url), start)

    def _end_heading(self) -> None:
        if self._heading is None:
            return
        start, level, pieces = self._heading
        self._heading = None
        written = "".join(pieces)
        text = " ".join(self._source.restored(self._source.visible(written)).split())
        if not self._hidden:
            named = _named(self._source.restored(written)) if self._source.templates else None
            self.anchors.append(Anchor(self._line(start), level, named, text))

    def _markup(self, html: str, start: int) -> None:
        """Look at the tags of HTML that stands in the text."""
        from . import raw_html  # noqa: PLC0415

        done = 0
        for before, written, tag, attributes, is_end in raw_html.markup(html):
            place = start + len((html[done : done + len(before)]).encode())
            done += len(before) + len(written)
            start = place + len(written.encode())
            if self._hidden:
                self._hidden = "" if is_end and tag == self._hidden else self._hidden
            elif tag in HIDDEN:
                self._hidden = "" if is_end else tag
            elif tag == "a" and is_end:
                self._is_in_raw_link = False
            elif tag and not is_end and attributes:
                self._tag(tag, dict(raw_html.attributes(attributes)), place)

    def _tag(self, tag: str, attributes: dict[str, str], start: int) -> None:
        if tag == "a" and "href" in attributes:
            self._is_in_raw_link = True
            self._add(LinkKind.LINK, self._value(attributes["href"]), start)
        elif tag == "img" and "src" in attributes:
            self._add(LinkKind.IMAGE, self._value(attributes["src"]), start)
        name = attributes.get("id") or (attributes.get("name") if tag == "a" else None)
        if name:
            self.anchors.append(Anchor(self._line(start), 0, self._value(name), ""))

    def _value(self, written: str) -> str:
        return self._source.address(unescape(written))

    def _add(self, kind: LinkKind, href: str, start: int) -> None:
        if not self._hidden:
            self.links.append(Link(kind, href.strip(), self._line(start)))

    def _line(self, start: int) -> int:
        return self._places.line(start)


def _named(heading: str) -> str | None:
    """The id of an attribute list at the end: ``{#id}`` of Pandoc, ``{: #id}`` of kramdown."""
    text = heading.rstrip()
    if not text.endswith("}"):
        return None
    stated = text[text.rfind("{") + 1 : -1].removeprefix(":").replace(".", " .").split()
    return next((one[1:] for one in stated if one.startswith("#") and len(one) > 1), None)


def _kind(link_type: Any) -> LinkKind:
    if isinstance(link_type, dict):
        return LinkKind.WIKILINK
    if link_type in _AUTOLINKS:
        return LinkKind.AUTOLINK
    return LinkKind.REFERENCE if link_type in _REFERENCES else LinkKind.LINK


def _address(link: Any, source: Source) -> str:
    """What a link leads to; in a table a bar of a wikilink stands behind a backslash."""
    href = source.address(link["dest_url"])
    if isinstance(link["link_type"], dict):
        return href.removesuffix("\\")
    return f"mailto:{href}" if link["link_type"] == "Email" else href


class _Places:
    """The lines, from 1, of places in what a parser reads: bytes of `Source.text`."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def line(self, place: int) -> int:
        """The line in the text as it was written."""
        shown = bisect_left(self._line_ends, place)
        if self._gaps[0]:
            shown += self._gaps[1][bisect_right(self._gaps[0], place)]
        lines = self._source.lines
        return (lines[min(shown, len(lines) - 1)] if lines else shown) + 1

    @cached_property
    def _data(self) -> bytes:
        return self._source.text.encode()

    @cached_property
    def _line_ends(self) -> list[int]:
        return [found.start() for found in re.finditer(b"\n", self._data)]

    @cached_property
    def _gaps(self) -> tuple[list[int], list[int]]:
        """Where tokens end that stand for several lines, and how many are missing up to each."""
        source, ends, missing = self._source, list[int](), [0]
        if "\n" not in "".join(source.templates) and not any(
            map(self._lost, range(len(source.spans)))
        ):
            return ends, missing
        lost = [(end, self._lost(number)) for end, number in self._tokens(source.signs.mark)]
        lost += [
            (end, self._of_template(number)) for end, number in self._tokens(source.signs.drop)
        ]
        for end, lines in sorted(lost):
            if lines:
                ends.append(end)
                missing.append(missing[-1] + lines)
        return ends, missing

    def _tokens(self, sign: str) -> Iterator[tuple[int, int]]:
        """Where each token between two signs ends, and its number."""
        mark, start = sign.encode(), 0
        while (begin := self._data.find(mark, start)) >= 0:
            end = self._data.find(mark, begin + len(mark))
            start = end + len(mark)
            yield start, int(self._data[begin + len(mark) : end])

    def _lost(self, number: int) -> int:
        """How many line ends of a span its token does not have."""
        span = self._source.spans[number]
        lines = self._source.shown.count("\n", span.start, span.end)
        return lines - (span.kind is Kind.FENCE)

    def _of_template(self, number: int) -> int:
        text = self._source.templates[number]
        return text.count("\n") + sum(self._lost(one.number) for one in self._source.tokens(text))


# --- Markdown of Python-Markdown -----------------------------------------------------------------


def _of_html(markdown: str, rules: Rules) -> Outline:
    """The outline of a text that is known as HTML alone: lines are those that hold an address."""
    from . import document  # noqa: PLC0415
    from .stream import END, START, TEXT, VOID  # noqa: PLC0415

    read = document.read(markdown, rules)
    if read.is_as_written:
        return _AS_WRITTEN
    lines = _Search(markdown)
    links, anchors = list[Link](), list[Anchor]()
    heading: list[str] | None = None
    for what, value, attributes in read.pieces:
        if what is START and value == "a" and "href" in attributes:
            links.append(Link(LinkKind.LINK, attributes["href"], lines.of(attributes["href"])))
        elif what is VOID and value == "img" and "src" in attributes:
            links.append(Link(LinkKind.IMAGE, attributes["src"], lines.of(attributes["src"])))
        elif what is START and value in _HEADINGS:
            heading = []
        elif what is TEXT and heading is not None:
            heading.append(value)
        elif what is END and value in _HEADINGS and heading is not None:
            text = " ".join("".join(heading).split())
            anchors.append(Anchor(lines.of(text), int(value[1]), None, text))
            heading = None
    return Outline(tuple(links), tuple(anchors))


_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})


class _Search:
    """Finds the lines of pieces of a text that are asked for in their order."""

    def __init__(self, text: str) -> None:
        self._text, self._place = text, 0

    def of(self, piece: str) -> int:
        """The line, from 1, of the next such piece; that of the one before if there is none."""
        found = self._text.find(piece, self._place)
        if found >= 0:
            self._place = found
        return self._text.count("\n", 0, self._place) + 1
