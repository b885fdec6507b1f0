"""Markdown to pieces by pulldown-cmark: CommonMark 0.31 with GFM's extensions.

It reads any text in linear time.  Extended autolinks (GFM §6.9), which it does not know, are made
of its text; so are the titles of callouts other than GFM's five alerts.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pyromark
from pyromark import Options

from .autolinks import autolinks
from .highlights import highlighted
from .rules import GFM, Rules
from .source import Source
from .stream import END, START, Builder, Piece

__all__ = ["options", "pieces"]

_OPTIONS = (
    Options.ENABLE_TABLES
    | Options.ENABLE_FOOTNOTES
    | Options.ENABLE_STRIKETHROUGH
    | Options.ENABLE_TASKLISTS
    | Options.ENABLE_GFM
)
_ELEMENTS = {
    "Paragraph": "p",
    "Emphasis": "em",
    "Strong": "strong",
    "Strikethrough": "del",
    "Item": "li",
    "Link": "a",
}
_CALLOUT = re.compile(r"\[!([A-Za-z][\w -]{0,40}+)\][-+]?+[ \t]*+")


def options(rules: Rules) -> Options:
    """What the parser is to know besides CommonMark."""
    return _OPTIONS | Options.ENABLE_WIKILINKS if "wikilinks" in rules.syntax else _OPTIONS


def pieces(source: Source, rules: Rules = GFM) -> list[Piece]:
    """The pieces of a source.

    Raises:
        TooComplexError: It nests too deeply, or makes too much HTML.
    """
    read = _Reader(source).read(options(rules))
    return highlighted(read) if "highlights" in rules.syntax and "==" in source.text else read


class _Title(NamedTuple):
    """The title of a callout that is open: the kind, which it is where the author gives none.

    `depth` is how many elements are open in it, `start` how many pieces there are before it.
    """

    kind: str
    depth: int
    start: int


class _Reader:
    """Turns the events of one source into pieces."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.to = Builder(source)
        self.html: list[str] = []  # the lines of a block of HTML
        self.code: tuple[str, list[str]] | None = None  # a block's info string, and its text
        self.image: dict[str, str] = {}  # the attributes of the image that is open
        self.images = 0  # that are open: in the text of one there may be others
        self.alignments: tuple[str, ...] = ()
        self.cell, self.column = "td", 0
        self.may_be_callout = False
        self.title: _Title | None = None
        self.numbers: dict[str, int] = {}  # of footnotes, in the order of their references
        self.notes: dict[str, list[Piece]] = {}
        self.around: list[list[Piece]] = []  # the pieces that go on behind each open footnote

    def read(self, options: Options) -> list[Piece]:
        """Read all events."""
        for event in pyromark.events(self.source.text, options=options):
            value: Any
            kind, value = (event, None) if isinstance(event, str) else next(iter(event.items()))
            if self.images:
                self._in_image(kind, value)
            elif kind == "Text":
                self._text(value)
            elif kind == "Start":
                self._start(*_name(value))
            elif kind == "End":
                self._end(*_name(value))
            else:
                self._inline(kind, value)
        return [*self.to.finished(), *self._footnotes()]

    def _start(self, name: str, value: Any) -> None:
        may_be_callout, self.may_be_callout = self.may_be_callout, False
        if name == "Link":
            self.to.start("a", self._address(value, "href"))
        elif name in _ELEMENTS:
            self.may_be_callout = may_be_callout and name == "Paragraph"
            self.to.start(_ELEMENTS[name])
        elif name == "CodeBlock":
            self.code = (value["Fenced"] if isinstance(value, dict) else "", [])
        elif name == "Image":
            self.image, self.images = {"alt": "", **self._address(value, "src")}, 1
        elif name == "Heading":
            self.to.start(value["level"].lower())
        elif name == "List":
            attributes = {} if value in {None, 1} else {"start": str(value)}
            self.to.start("ul" if value is None else "ol", attributes)
        elif name == "BlockQuote":
            self.to.start("blockquote")
            self.may_be_callout = value is None
            if value:
                self.to.start("p")
                self._end_title(self._title(value))
                self.to.end("p")
        elif name == "FootnoteDefinition":
            self.around.append(self.to.pieces)
            self.notes[value] = self.to.pieces = []
            self.to.floors.append(self.to.depth)
            self.to.start("li")
        else:
            self._start_of_table(name, value)

    def _end(self, name: str, value: Any) -> None:
        if self.title and name == "Paragraph":
            self._end_title(self.title)
        if name in _ELEMENTS:
            self.to.end(_ELEMENTS[name])
        elif name == "CodeBlock":
            self._code_block()
        elif name == "HtmlBlock":
            self.to.html("".join(self.html))
            self.html = []
        elif name == "Heading":
            self.to.end(value.lower())
        elif name == "List":
            self.to.end("ol" if value else "ul")
        elif name == "BlockQuote":
            self.to.end("blockquote")
        elif name == "FootnoteDefinition":
            self.to.end("li")
            self.to.floors.pop()
            self.to.pieces = self.around.pop()
        else:
            self._end_of_table(name)

    def _inline(self, kind: str, value: Any) -> None:
        if kind in {"SoftBreak", "HardBreak"}:
            if self.title and self.to.depth == self.title.depth:
                self._end_title(self.title)
                self.to.end("p")
                self.to.start("p")
            else:
                if kind == "HardBreak":
                    self.to.void("br")
                self.to.text("\n")
        elif kind == "Code":
            self.to.code(value)
        elif kind == "InlineHtml":
            self.to.html(value)
        elif kind == "Html":
            self.html.append(value)
        elif kind == "Rule":
            self.to.void("hr")
        elif kind == "TaskListMarker":
            self.to.task(is_done=value)
        elif kind == "FootnoteReference":
            self.to.footnote(self.numbers.setdefault(value, len(self.numbers) + 1))

    # --- text ------------------------------------------------------------------------------------

    def _text(self, text: str) -> None:
        if self.code:
            self.code[1].append(text)
            return
        if self.may_be_callout:
            self.may_be_callout = False
            if callout := _CALLOUT.match(text):
                text = text[callout.end() :]
                self._title(callout[1].capitalize())
        done = 0
        for url, start, end in () if self.to.is_in("a") else autolinks(text):
            self.to.text(text[done:start])
            self.to.start("a", {"href": self.source.attribute(url)})
            self.to.text(text[start:end])
            self.to.end("a")
            done = end
        self.to.text(text[done:])

    def _title(self, kind: str) -> _Title:
        self.to.start("strong")
        self.title = _Title(kind, self.to.depth, len(self.to.pieces))
        return self.title

    def _end_title(self, title: _Title) -> None:
        self.title = None
        if len(self.to.pieces) == title.start:
            self.to.text(title.kind)
        self.to.end("strong")

    def _code_block(self) -> None:
        assert self.code is not None
        info, text = self.code[0], "".join(self.code[1])
        self.code = None
        tokens = self.source.tokens(info) if info else self.source.tokens(text)
        token = next(tokens, None)
        # A fence that was indented too far for one is the only thing in an indented block.
        if token and (info or token.end - token.start == len(text.strip())):
            self.to.fence(token.number)
        else:
            self.to.block(self.source.restored(text).removesuffix("\n") + "\n")

    # --- links, images, footnotes ----------------------------------------------------------------

    def _address(self, link: Any, name: str) -> dict[str, str]:
        title = {"title": self.source.attribute(link["title"])} if link["title"] else {}
        return {name: _written(link["link_type"], self.source.address(link["dest_url"])), **title}

    def _in_image(self, kind: str, value: Any) -> None:
        if kind == "Text":
            self.image["alt"] += self.source.attribute(value)
        elif kind == "Code":
            token = next(self.source.tokens(value), None)
            self.image["alt"] += self.source.code(token.number) if token else value
        elif kind in {"Start", "End"}:
            if _name(value)[0] == "Image":
                self.images += 1 if kind == "Start" else -1
            if not self.images:
                self.to.void("img", self.image)
        else:
            self.image["alt"] += " "

    def _footnotes(self) -> Iterator[Piece]:
        """The notes that are referred to, as a list in the order of their numbers."""
        notes = [self.notes[label] for label in self.numbers if label in self.notes]
        if notes:
            yield START, "ol", {}
            for note in notes:
                yield from note
            yield END, "ol", {}

    # --- tables ----------------------------------------------------------------------------------

    def _start_of_table(self, name: str, value: Any) -> None:
        if name == "Table":
            self.alignments = value
            self.to.start("table")
        elif name == "TableCell":
            alignment = self.alignments[self.column]
            self.to.start(self.cell, {} if alignment == "None" else {"align": alignment.lower()})
        elif name in {"TableHead", "TableRow"}:
            if name == "TableHead":
                self.to.start("thead")
                self.cell = "th"
            self.to.start("tr")
            self.column = 0

    def _end_of_table(self, name: str) -> None:
        if name == "TableCell":
            self.to.end(self.cell)
            self.column += 1
        elif name in {"TableHead", "TableRow"}:
            self.to.end("tr")
            if name == "TableHead":
                self.to.end("thead")
                self.to.start("tbody")
                self.cell = "td"
        elif name == "Table":
            self.to.end("tbody")
            self.to.end("table")


def _written(link_type: Any, address: str) -> str:
    """The address of a link; that of a wikilink, which is a name, within its brackets."""
    if isinstance(link_type, dict):
        return f"[[{address.removesuffix(chr(92))}]]"
    return f"mailto:{address}" if link_type == "Email" else address


def _name(tag: Any) -> tuple[str, Any]:
    """The name of a tag, and what belongs to it."""
    return (tag, None) if isinstance(tag, str) else next(iter(tag.items()))
