"""What holds for every input, whatever its bytes are: the functions that the fuzzer calls.

Each takes bytes and raises when a law is broken. They need nothing but the project, so that the
ordinary tests hold them to the seeds.
"""

import datetime as dt
import hashlib
import json
import re
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import lxml.html
import pyarrow as pa
from markdown import Markdown

from pressroom.base.problems import Code, DocumentError, Problem
from pressroom.content.article import Article, Body, Skipped, normalize
from pressroom.content.escaped_newlines import COMMANDS, AmbiguityReason, decode_newlines
from pressroom.content.lint import lint
from pressroom.files import parquet
from pressroom.frontmatter import toml_reader
from pressroom.frontmatter.document import Document
from pressroom.frontmatter.fences import decode, split
from pressroom.frontmatter.load import load
from pressroom.markup import commonmark, document, mathml, source
from pressroom.markup.html import Address
from pressroom.markup.html import write as write_html
from pressroom.markup.rules import Rules
from pressroom.markup.spans import Kind, spans
from pressroom.markup.stream import Builder, TooComplexError
from pressroom.model.link_schemas import STATED_LINKS
from pressroom.model.schemas import REJECTS
from pressroom.model.settings import Limits
from pressroom.model.slugs import fold
from pressroom.tables import rejects, scratch
from tests.quicktakes import MODEL, TABLES

PAGE = "https://www.example.org/base/learn/questions/a"
SITE = "https://www.example.org/base"
_LIMITS, _MODEL = Limits(), MODEL


def to_html(markdown: str) -> str:
    """What a feed shows of a text; what nobody foresaw in it is raised."""
    with suppress(TooComplexError):
        commonmark.pieces(source.read(markdown))
    return document.read(markdown).html(PAGE, SITE)


class LawError(AssertionError):
    """A law is broken."""


def law(holds: bool, *what: Any) -> None:
    """Raise unless a law holds."""
    if not holds:
        raise LawError(*what)


@contextmanager
def bounded(size: int) -> Iterator[None]:
    """Two seconds of this process for 20 KB and for all that is smaller, in proportion above."""
    began = time.process_time()
    yield
    taken = time.process_time() - began
    law(taken <= 2 * max(1.0, size / 20_000), f"{size:,} bytes take {taken:.1f} s")


# --- read ------------------------------------------------------------------------------------


def read(data: bytes) -> None:
    """A file is an article whose rows fit their tables, or a list of problems that show."""
    text: str | None = None
    result: Article | Skipped | list[Problem]
    try:
        with bounded(len(data)):
            text = decode(data)
            document = split(text)
            result = normalize(load(document, _LIMITS), Body(document.body), _MODEL)
    except DocumentError as error:
        result = [*error.problems]
    if isinstance(result, Article):
        _accepted(result, data)
    elif isinstance(result, list):
        _refused(result, data, text)


def _accepted(article: Article, data: bytes) -> None:
    columns = article.columns
    source = {
        "source_path": "a.md",
        "source_bytes": len(data),
        "source_sha256": hashlib.sha256(data).hexdigest(),
        "first_seen": 0,
        "modified": 0,
        "modified_from": "stated",
        "content_changed": None,
    }
    _row({**columns, **source}, TABLES["articles"].schema)
    for name in _MODEL.required:
        law(columns[name] is not None or name == "text", name, "is null")
    law(columns["extra"] is None or isinstance(json.loads(columns["extra"]), dict), "extra")
    url = columns["url"]
    for position, keyword in enumerate(article.lists["keywords"], 1):
        values = {"url": url, "position": position, "term": keyword, "term_key": ""}
        _row({**values, "term_key": fold(keyword)}, TABLES["keywords"].schema)
    for link in article.links:
        _row(dict(zip(STATED_LINKS.names, (url, *link), strict=True)), STATED_LINKS)
    for finding in lint(article, _MODEL):
        names = scratch.FINDINGS.schema.names
        _row(dict(zip(names, (url, *finding), strict=True)), scratch.FINDINGS.schema)


def _refused(problems: Sequence[Problem], data: bytes, text: str | None) -> None:
    law(bool(problems), "neither article nor problem")
    for problem in problems:
        law(isinstance(problem.code, Code), problem)
        law(problem.message.endswith("."), problem)
        law((problem.line is None) == (problem.column is None), problem)
        law(problem.line is None or problem.line >= 1, problem)
        law(problem.column is None or problem.column >= 1, problem)
        if text is not None and problem.line is not None:
            law(problem.line <= text.count("\n") + 1, "behind the last line", problem)
    row = rejects.row("a.md", hashlib.sha256(data).hexdigest(), problems, text)
    if row["excerpt"] is not None:
        law(row["excerpt"].count("\n") == 1, "an excerpt is a line and a caret", row["excerpt"])
    _row({**row, "first_seen": 0}, REJECTS.schema)


def _row(values: Mapping[str, Any], schema: pa.Schema) -> None:
    """Arrow takes a row, and gives back its text."""
    table = parquet.to_table([tuple(values[name] for name in schema.names)], schema)
    table.validate(full=True)
    row: dict[str, Any] = table.to_pylist()[0]
    for field in schema:
        law(field.nullable or row[field.name] is not None, field.name, "is null")
        if pa.types.is_string(field.type):
            law(row[field.name] == values[field.name], field.name)


# --- text ------------------------------------------------------------------------------------

_LEFT = re.compile(r"\\(n[A-Za-z]*)")
_DELIMITERS: Mapping[Kind, Sequence[tuple[str, str]]] = {
    Kind.DISPLAY: (("$$", "$$"), (r"\[", r"\]")),
    Kind.INLINE: (("$", "$"), (r"\(", r"\)")),
}


def text(data: bytes) -> None:
    """Escapes become newlines and nothing else changes; spans are in order and inside."""
    raw = data.decode(errors="replace")
    with bounded(len(data)):
        decoded, ambiguities = decode_newlines(raw)
        found = spans(decoded)
        spans(raw)
    law(_only_escapes_differ(raw, decoded), "more than escapes changed", decoded)
    code = [span for span in found if span.kind in (Kind.CODE, Kind.FENCE)]
    for left in _LEFT.finditer(decoded):
        is_in_code = any(span.start < left.start() < span.end for span in code)
        law(
            is_in_code or left[1] in COMMANDS,
            "an escape is left that is neither command nor code",
            left,
        )
    before = -1
    for ambiguity in ambiguities:
        law(before < ambiguity.offset < len(decoded), "ambiguities are not in order", ambiguities)
        before = ambiguity.offset
        at = decoded[ambiguity.offset]
        expected = {
            AmbiguityReason.NU: "\n\\",
            AmbiguityReason.RELATION: "\n\\",
            AmbiguityReason.COMMAND_OUTSIDE_MATHS: "\n\\",
            AmbiguityReason.INLINE_CODE: "\\",
            AmbiguityReason.NEWLINE_IN_STRING: "\n",
        }
        law(at in expected[ambiguity.reason], ambiguity, at)
    end = 0
    for span in found:
        places = (end, span.start, span.inner_start, span.inner_end, span.end, len(decoded))
        law(list(places) == sorted(places), "spans are not in order, or not inside", span, places)
        law(span.start < span.end, "an empty span", span)
        end = span.end
        opening = decoded[span.start : span.inner_start]
        closing = decoded[span.inner_end : span.end]
        if span.kind in _DELIMITERS:
            law((opening, closing) in _DELIMITERS[span.kind], span, opening, closing)
            law("\n\n" not in decoded[span.start : span.end], "maths over a paragraph", span)
        elif span.kind is Kind.CODE:
            law(set(opening) == {"`"} and opening == closing, span, opening, closing)
        else:
            law(opening[:3] in ("```", "~~~"), span, opening)
            law(decoded[span.end : span.end + 1] in ("", "\n"), "a fence ends in a line", span)


def _only_escapes_differ(raw: str, decoded: str) -> bool:
    place = 0
    for index, part in enumerate(raw.split(r"\n")):
        if index:
            place += 1 if decoded.startswith("\n", place) else 2
            if not decoded.endswith(("\n", r"\n"), 0, place):
                return False
        if not decoded.startswith(part, place):
            return False
        place += len(part)
    return place == len(decoded)


# --- html ------------------------------------------------------------------------------------

_TAGS = {"a", "abbr", "b", "bdi", "bdo", "blockquote", "br", "caption", "cite", "code", "dd", "del"}
_TAGS |= {"details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3"}
_TAGS |= {"h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q"}
_TAGS |= {"rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "summary"}
_TAGS |= {
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
    "wbr",
}
_ATTRIBUTES = frozenset({"align", "alt", "class", "colspan", "datetime", "dir", "height", "href"})
_ATTRIBUTES |= {"open", "rel", "rowspan", "src", "start", "title", "value", "width"}
# MathML Core and menclose; of MathML 3 what links, runs or holds HTML is left out.
_MATHS = {"math", "semantics", "annotation", "menclose", "merror", "mfrac", "mi", "mn", "mo", "ms"}
_MATHS |= {"mmultiscripts", "mover", "mpadded", "mphantom", "mprescripts", "mroot", "mrow"}
_MATHS |= {"mspace", "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd", "mtext"}
_MATHS |= {"mtr", "munder", "munderover"}
_NO_ATTRIBUTE_OF_MATHS = re.compile(r"on.*|style|class|id|.*href|src|action.*|.*:.*")
_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_IGNORED_IN_URLS = re.compile("[\t\n\r]")  # by browsers (WHATWG URL, 4.4), before they look


def html(data: bytes) -> None:
    """No text makes an element, an attribute or a URL that could run, nor takes its time."""
    markdown = data.decode(errors="replace")
    with bounded(len(data)):
        rendered = to_html(markdown)
    _law_of_html(rendered)


def dialect(data: bytes) -> None:
    """The same of Python-Markdown's HTML; its time is bounded by the process that it runs in."""
    text = data.decode(errors="replace")
    read = source.read(text, Rules("python-markdown", _EXTENSIONS))
    builder = Builder(read)
    with suppress(TooComplexError, RecursionError):
        builder.html(Markdown(extensions=list(_EXTENSIONS)).convert(read.text))
    _law_of_html(write_html(builder.finished(), read, Address(PAGE, SITE)))


_EXTENSIONS = ("abbr", "admonition", "attr_list", "def_list", "footnotes", "md_in_html", "tables")


def _law_of_html(rendered: str) -> None:
    for parse in (_elements_of_stdlib, _elements_of_lxml):
        for tag, attributes in parse(rendered):
            _harmless(tag, attributes)
    law("\0" not in rendered, "NUL")
    rendered.encode()


def _harmless(tag: str, attributes: Mapping[str, str]) -> None:
    if tag in _MATHS:
        law(not any(map(_NO_ATTRIBUTE_OF_MATHS.fullmatch, attributes)), tag, attributes)
        return
    law(tag in _TAGS, "the element", tag)
    law(_ATTRIBUTES.issuperset(attributes), "an attribute of", tag, attributes)
    law("class" not in attributes or tag == "code", "class of", tag, attributes)
    for name in ("href", "src"):
        if name in attributes:
            url = _IGNORED_IN_URLS.sub("", attributes[name]).strip("".join(map(chr, range(33))))
            law(urlsplit(url).scheme.lower() in _SCHEMES, "the URL", url)


class _Collector(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def handle_comment(self, data: str) -> None:
        self.found.append(("a comment", {}))

    def handle_decl(self, decl: str) -> None:
        self.found.append(("a declaration", {}))

    def handle_pi(self, data: str) -> None:
        self.found.append(("an instruction", {}))


def _elements_of_stdlib(rendered: str) -> list[tuple[str, dict[str, str]]]:
    collector = _Collector()
    collector.feed(rendered)
    collector.close()
    return collector.found


def _elements_of_lxml(rendered: str) -> list[tuple[str, dict[str, str]]]:
    # A text of its own would be wrapped; libxml2 ends at NUL, which html() refuses.
    root = lxml.html.document_fromstring(f"<div>{rendered}</div>")
    division = root.find(".//div")
    law(division is not None and division.getnext() is None, "an element ends the page's own")
    nodes = list(root.iter())
    law(all(isinstance(node.tag, str) for node in nodes), "a comment or an instruction")
    inside = [node for node in nodes if node.tag not in ("html", "body") and node is not division]
    return [(node.tag, dict(node.attrib)) for node in inside]


# --- the parts of reading ----------------------------------------------------------------------


def decode_bytes(data: bytes) -> None:
    """A file is its text, but for a byte order mark and the ends of lines; or has a place."""
    try:
        with bounded(len(data)):
            decoded = decode(data)
    except DocumentError as error:
        law(error.problem.code in (Code.NOT_UTF8, Code.UTF_16), error.problem)
        law((error.problem.line or 0) >= 1 and (error.problem.column or 0) >= 1, error.problem)
        return
    law("\r" not in decoded, "the end of a line is a newline")
    written = data.decode().removeprefix("\ufeff")
    law(decoded.split("\n") == re.split("\r\n|\r|\n", written), "the lines are not those")


def toml(data: bytes) -> None:
    """What is read is what tomllib reads, as text; what it refuses is refused, in its place."""
    block = data.decode(errors="replace").replace("\r", "\n")
    try:
        with bounded(len(data)):
            found = toml_reader.read(Document(block, 2, "", "toml"), _LIMITS)
    except DocumentError as error:
        line, column = error.problem.line or 0, error.problem.column or 0
        law(2 <= line <= block.count("\n") + 2 and column >= 1, error.problem)
        return
    law(found.values == _texts(tomllib.loads(block, parse_float=_plain)), found.values)
    for path, (line, column) in found.positions.items():
        law(2 <= line <= block.count("\n") + 2 and column >= 1, path, line, column)


def _plain(number: str) -> str:
    return number.replace("_", "")


def _texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _texts(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_texts(part) for part in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, int):
        return hex(value) if value.bit_length() > toml_reader._MOST_BITS else str(value)
    return value


def maths(data: bytes) -> None:
    """A formula is MathML of what is harmless, with its TeX, or none; and a line of text."""
    tex = data.decode(errors="replace")
    with bounded(len(data)):
        made = mathml.from_tex(tex, display=bool(len(tex) % 2))
        line = mathml.to_text(tex)
    law(line == " ".join(line.split()), "a line without blanks that show nothing", line)
    if made is None:
        return
    root = ET.fromstring(made)
    for element in root.iter():
        name = element.tag.rpartition("}")[2]
        law(name in _MATHS, "the element", name)
        law(not any(map(_NO_ATTRIBUTE_OF_MATHS.fullmatch, element.attrib)), name, element.attrib)
    (annotation,) = root.iter("{http://www.w3.org/1998/Math/MathML}annotation")
    # An XML parser takes a carriage return for a newline (XML 1.0, 2.11).
    law((annotation.text or "") == tex.replace("\r\n", "\n").replace("\r", "\n"), "the TeX")


LAWS: Mapping[str, Callable[[bytes], None]] = {
    "read": read,
    "decode": decode_bytes,
    "toml": toml,
    "text": text,
    "maths": maths,
    "html": html,
    "dialect": dialect,
}
