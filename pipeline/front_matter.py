"""Front matter: splitting a file at its fences, and reading the YAML between them.

`load` works on the events of libyaml (YAML 1.1), not on a loader. So scalars stay the text that
was written (no ``NO`` → False, no ``1:30`` → 90), positions and duplicate keys are seen, and the
limits on depth, nodes and aliases hold before anything is built: PyYAML's ``CSafeLoader`` ends
the process on 200 KB of ``[``.
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import yaml
from yaml.cyaml import CParser  # type: ignore[attr-defined]

from pipeline.errors import Code, DocumentError, Problem
from pipeline.settings import Limits

FENCE = "---"
_BYTE_ORDER_MARK = "\ufeff"


class Document(NamedTuple):
    """A file split at its fences. `first_line` is the line, from 1, where `block` begins."""

    block: str
    first_line: int
    body: str


class FrontMatter(NamedTuple):
    """What a block of front matter says.

    `values` holds text, None (nothing, ``~`` or ``null``), lists and mappings; `positions` the
    line and column of each value of a mapping by its dotted key; `problems` what is wrong without
    keeping the rest from being read.
    """

    values: dict[str, Any]
    positions: dict[str, tuple[int, int]]
    problems: list[Problem]
    first_line: int


def decode(data: bytes) -> str:
    """The text of a file: UTF-8, a byte order mark dropped, every line end as a newline.

    Raises:
        DocumentError: The bytes are not UTF-8; the message holds the byte offset.
    """
    try:
        return _newlines(data.decode("utf-8").removeprefix(_BYTE_ORDER_MARK))
    except UnicodeDecodeError as error:
        start = error.start
        before = _newlines(data[:start].decode("utf-8").removeprefix(_BYTE_ORDER_MARK))
        message = f"Byte {data[start]:#04x} at offset {start} is not UTF-8."
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise DocumentError(Code.NOT_UTF8, message, line, column) from error


def _newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


_LEADING_BLANK_LINES = re.compile(r"(?:[ \t]*\n)*")
_ALMOST_A_FENCE = re.compile(r"^(?:[ \t]*-{3,}[ \t]*|\.\.\.[ \t]*)$", re.MULTILINE)


def split(text: str) -> Document:
    """Split a file into the block between the fences and the body.

    A fence is a line that is exactly ``---``; blank lines before the first are allowed.

    Raises:
        DocumentError: There is no fence at the beginning, or none that ends the block.
    """
    start = _LEADING_BLANK_LINES.match(text).end()  # type: ignore[union-attr]  # matches always
    fence_line = text.count("\n", 0, start) + 1
    if not text.startswith(FENCE + "\n", start):
        if text[start:] == FENCE:
            raise _unclosed(text, start, fence_line)
        begin = text[start : start + 40].partition("\n")[0]
        message = f"The file does not begin with --- but with {begin!r}."
        if start == len(text):
            message = "The file is empty."
        raise DocumentError(Code.NO_FRONT_MATTER, message, fence_line, 1)
    start += len(FENCE)
    end = text.find("\n" + FENCE + "\n", start)
    body_start = end + len(FENCE) + 2
    if end < 0:
        if not text.endswith("\n" + FENCE) or len(text) - len(FENCE) <= start:
            raise _unclosed(text, start, fence_line)
        end, body_start = len(text) - len(FENCE) - 1, len(text)
    return Document(text[start + 1 : end + 1], fence_line + 1, text[body_start:])


def _unclosed(text: str, start: int, fence_line: int) -> DocumentError:
    message = f"The front matter that begins in line {fence_line} has no end."
    near = _ALMOST_A_FENCE.search(text, start + 1)
    if near:
        line = text.count("\n", 0, near.start()) + 1
        message += f" Line {line} looks like an end, but is {near.group()!r}."
    return DocumentError(Code.UNCLOSED_FRONT_MATTER, message, fence_line, 1)


_CORE_TAGS = {
    f"tag:yaml.org,2002:{name}"
    for name in ("str", "int", "float", "bool", "null", "timestamp", "seq", "map")
}
_NULLS = {"", "~", "null"}
# YAML 1.1 breaks lines at these three; the authors' editors and YAML 1.2 do not. They are taken
# out before parsing and put back into the scalars.
_UNICODE_BREAKS = re.compile("[\x85\u2028\u2029]")
# What libyaml refuses as it stands, but lets an escape in double quotes make (YAML 1.1, 5.1).
_NOT_PRINTABLE = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# libyaml compares each of these lines with all before it: 4 MB of them take minutes.
_TAG_DIRECTIVE = re.compile(r"^%TAG[ \t]", re.MULTILINE)


def load(document: Document, limits: Limits) -> FrontMatter:
    """Read a block of front matter.

    Raises:
        DocumentError: The block is not YAML, is no mapping, or goes beyond a limit.
    """
    block, restore = _hide_unicode_breaks(document)
    if directive := _TAG_DIRECTIVE.search(block):
        message = "A line that begins with %TAG is not supported."
        raise _error_at(Code.UNSUPPORTED_TAG, message, document, directive.start())
    try:
        return _Reader(CParser(block.encode()), document.first_line, limits, restore).read()
    except UnicodeDecodeError as error:  # libyaml lets a tag name half of a surrogate pair
        tag = re.search(r"![^\s!]*%", block)
        message = "A tag holds bytes that are not UTF-8."
        raise _error_at(
            Code.UNSUPPORTED_TAG, message, document, tag.start() if tag else 0
        ) from error
    except yaml.reader.ReaderError as error:
        raise _character_error(error, block.encode(), document.first_line) from error
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(error, block, document.first_line) from error


def _error_at(code: Code, message: str, document: Document, offset: int) -> DocumentError:
    before = document.block[:offset]
    line = document.first_line + before.count("\n")
    return DocumentError(code, message, line, offset - before.rfind("\n"))


def _hide_unicode_breaks(document: Document) -> tuple[str, Callable[[str], str] | None]:
    block = document.block
    first = _UNICODE_BREAKS.search(block)
    if not first:
        return block, None
    # Free is what stands in the block neither as it is nor as an escape.
    free = [
        chr(code)
        for code in range(0xE000, 0xF900)
        if chr(code) not in block and f"{code:04x}" not in block and f"{code:04X}" not in block
    ]
    if len(free) < 3:
        message = f"U+{ord(first.group()):04X} stands beside too many private-use characters."
        raise _error_at(Code.FORBIDDEN_CHARACTER, message, document, first.start())
    pairs = list(zip("\x85\u2028\u2029", free, strict=False))
    for char, substitute in pairs:
        block = block.replace(char, substitute)

    def restore(text: str) -> str:
        for char, substitute in pairs:
            text = text.replace(substitute, char)
        return text

    return block, restore


class _Reader:
    """Builds values from libyaml's events; one instance reads one block."""

    def __init__(
        self,
        parser: CParser,
        first_line: int,
        limits: Limits,
        restore: Callable[[str], str] | None,
    ) -> None:
        self.next_event = parser.get_event
        self.first_line = first_line
        self.limits = limits
        self.restore = restore
        self.nodes = 0
        self.deepest = 0
        self.anchors: dict[str, tuple[Any, int, int] | None] = {}
        self.positions: dict[str, tuple[int, int]] = {}
        self.problems: list[Problem] = []

    def read(self) -> FrontMatter:
        values: Any = {}
        self.next_event()  # stream start
        event = self.next_event()
        if type(event) is not yaml.StreamEndEvent:  # else: comments and blank lines only
            first = self.next_event()
            if type(first) is not yaml.MappingStartEvent and not _is_nothing(first):
                raise self.error(Code.NOT_A_MAPPING, "The front matter is not a mapping.", first)
            values = self.node(first, "", 1) or {}
            self.next_event()  # document end
            event = self.next_event()
            if type(event) is not yaml.StreamEndEvent:
                message = "A second YAML document begins inside the front matter."
                raise self.error(Code.SEVERAL_DOCUMENTS, message, event)
        return FrontMatter(values, self.positions, self.problems, self.first_line)

    def place(self, event: Any) -> tuple[int, int]:
        """Line and column in the file, from 1."""
        mark = event.start_mark
        return mark.line + self.first_line, mark.column + 1

    def error(self, code: Code, message: str, event: Any) -> DocumentError:
        return DocumentError(code, message, *self.place(event))

    def node(self, event: Any, path: str, depth: int) -> Any:
        """The value that begins with an event; `path` is its dotted key."""
        self.count(1, event)
        kind = type(event)
        if kind is yaml.ScalarEvent and event.anchor is None and event.tag is None:
            return self.scalar(event)
        if kind is yaml.AliasEvent:
            return self.alias(event, depth)
        if event.tag is not None and event.tag not in _CORE_TAGS:
            raise self.error(Code.UNSUPPORTED_TAG, f"The tag {event.tag!r} is unknown.", event)
        self.reach(depth, event)
        before, elsewhere = self.nodes, self.deepest
        self.deepest = depth
        if event.anchor is not None:
            self.anchors[event.anchor] = None  # open: an alias to it here is a cycle
        value: Any
        if kind is yaml.MappingStartEvent:
            value = self.mapping(path, depth)
        elif kind is yaml.SequenceStartEvent:
            value = self.sequence(path, depth)
        else:
            value = self.scalar(event)
        if event.anchor is not None:
            self.anchors[event.anchor] = (value, self.nodes - before + 1, self.deepest - depth)
        self.deepest = max(elsewhere, self.deepest)
        return value

    def reach(self, depth: int, event: Any) -> None:
        self.deepest = max(self.deepest, depth)
        if depth > self.limits.depth:
            message = f"Values are nested more than {self.limits.depth} deep."
            raise self.error(Code.TOO_DEEP, message, event)

    def count(self, nodes: int, event: Any) -> None:
        self.nodes += nodes
        if self.nodes > self.limits.nodes:
            message = f"The front matter holds more than {self.limits.nodes:,} values."
            raise self.error(Code.TOO_MANY_NODES, message, event)

    def scalar(self, event: Any) -> str | None:
        text: str = event.value
        if event.implicit[0] and text in _NULLS:
            return None
        if len(text) > self.limits.scalar_chars:
            message = f"The value is longer than {self.limits.scalar_chars:,} characters."
            raise self.error(Code.TOO_LONG, message, event)
        return self.text(event)

    def text(self, event: Any) -> str:
        text: str = event.value
        if event.style == '"' and (found := _NOT_PRINTABLE.search(text)):
            message = (
                f"A backslash escape in the double quotes makes U+{ord(found.group()):04X}, which"
                " is not allowed. Single quotes keep a backslash as it is."
            )
            raise self.error(Code.FORBIDDEN_CHARACTER, message, event)
        return self.restore(text) if self.restore else text

    def alias(self, event: Any, depth: int) -> Any:
        if event.anchor not in self.anchors:
            message = f"*{event.anchor} refers to nothing."
            raise self.error(Code.UNKNOWN_ALIAS, message, event)
        known = self.anchors[event.anchor]
        if known is None:
            message = f"*{event.anchor} refers to the value that it stands in."
            raise self.error(Code.ALIAS_CYCLE, message, event)
        value, size, height = known
        self.count(size - 1, event)
        self.reach(depth + height, event)
        return value

    def sequence(self, path: str, depth: int) -> list[Any]:
        values: list[Any] = []
        while type(event := self.next_event()) is not yaml.SequenceEndEvent:
            values.append(self.node(event, f"{path}.{len(values)}", depth + 1))
        return values

    def mapping(self, path: str, depth: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        prefix = path + "." if path else ""
        while type(event := self.next_event()) is not yaml.MappingEndEvent:
            key = self.key(event)
            key_event, event = event, self.next_event()
            value = self.node(event, prefix + key, depth + 1)
            if key in values:
                message = f"The key {key!r} stands here a second time."
                line, column = self.place(key_event)
                self.problems.append(Problem(Code.DUPLICATE_KEY, message, line, column))
                continue
            values[key] = value
            self.positions[prefix + key] = self.place(event)
        return values

    def key(self, event: Any) -> str:
        self.count(1, event)
        if type(event) is not yaml.ScalarEvent or event.anchor or event.tag:
            message = "A key is not plain text. A value that begins with [ or { needs quotes."
            raise self.error(Code.UNSUPPORTED_KEY, message, event)
        if event.value == "<<" and event.implicit[0]:
            raise self.error(Code.MERGE_KEY, "The merge key << is not supported.", event)
        return self.text(event)


def _is_nothing(event: Any) -> bool:
    return type(event) is yaml.ScalarEvent and event.implicit[0] and event.value in _NULLS


def _character_error(error: Any, data: bytes, first_line: int) -> DocumentError:
    """libyaml states only the byte offset of a character that it refuses."""
    before = data[: error.position]
    line = before.count(b"\n")
    column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", errors="replace"))
    message = f"The character U+{error.character:04X} is not allowed."
    return DocumentError(Code.FORBIDDEN_CHARACTER, message, first_line + line, column + 1)


class _Rule(NamedTuple):
    """What libyaml's words mean to an author; in `line`, NUL stands at the place of the problem."""

    words: str
    line: str
    code: Code
    message: str
    at_start: bool = False  # the place is where libyaml's context begins, not where it gave up


_TEXT_AFTER = "(expected key|not allowed in this context)$"
# The first that fits counts. <> stands for the character at the place.
_RULES = (
    _Rule("tab character", "", Code.TAB, "A tab stands in the indentation."),
    _Rule("", r"^ *\0?\t", Code.TAB, "A tab stands in the indentation."),
    _Rule("", "\ufeff *\0", Code.FORBIDDEN_CHARACTER, "The character U+FEFF is not allowed."),
    _Rule(_TEXT_AFTER, r"""["'] *\0""", Code.QUOTES, "Text follows the closing quote."),
    _Rule(
        _TEXT_AFTER,
        r"[\]}] *\0",
        Code.RESERVED_CHARACTER,
        "Text follows the bracket that ends a value. A value that begins with [ or { needs quotes.",
    ),
    _Rule(
        "mapping values are not allowed",
        r"^ +[^ \0]+ *\0",
        Code.UNQUOTED_COLON,
        "This line is indented as if it went on with the value above, in which a colon followed by"
        " a space needs quotes. If it is a key of its own, correct the indentation.",
    ),
    _Rule(
        "mapping values are not allowed",
        "",
        Code.UNQUOTED_COLON,
        "A colon followed by a space stands in a value without quotes.",
    ),
    _Rule(
        "expected key",
        r"^ +\0",
        Code.SYNTAX,
        "The indentation fits no line above: keys of one mapping, and the hyphens of one list,"
        " begin in the same column.",
    ),
    _Rule(
        "expected (key|':')",
        "",
        Code.NOT_A_MAPPING,
        "This line is neither `key: value` nor indented under a key: a colon is missing, or text"
        " that belongs to the line above is not indented.",
        at_start=True,
    ),
    _Rule(
        "an alias",
        "",
        Code.UNKNOWN_ALIAS,
        "A value that begins with * is a reference.",
        at_start=True,
    ),
    _Rule(
        "an anchor",
        "",
        Code.RESERVED_CHARACTER,
        "A value must not begin with &.",
        at_start=True,
    ),
    _Rule("tag", "", Code.UNSUPPORTED_TAG, "A value that begins with ! is a tag.", at_start=True),
    _Rule(
        "scanning a quoted",
        "",
        Code.QUOTES,
        "The quote that begins here has no end.",
        at_start=True,
    ),
    _Rule(
        "parsing a quoted",
        "",
        Code.QUOTES,
        "In double quotes a backslash begins an escape, and this one means nothing. Single quotes"
        " keep a backslash as it is.",
    ),
    _Rule(
        "expected ',' or",
        "",
        Code.RESERVED_CHARACTER,
        "The bracket that begins a value here is not closed. Text that begins with [ or { needs"
        " quotes.",
        at_start=True,
    ),
    _Rule(
        "block scalar",
        "",
        Code.RESERVED_CHARACTER,
        "A value that begins with > or | begins on the next line.",
        at_start=True,
    ),
    _Rule("flow node", "", Code.SYNTAX, "A value is missing before <>."),
    _Rule(
        "cannot start any token|not allowed in this context|expected node content",
        "",
        Code.RESERVED_CHARACTER,
        "A value must not begin with <>.",
    ),
    _Rule(
        "directive",
        "",
        Code.RESERVED_CHARACTER,
        "A line must not begin with %.",
        at_start=True,
    ),
    _Rule(
        "document start",
        "",
        Code.SEVERAL_DOCUMENTS,
        "A line above that is ... or begins with % ends the front matter.",
    ),
)


def _syntax_error(error: yaml.MarkedYAMLError, block: str, first_line: int) -> DocumentError:
    mark: Any = error.problem_mark or error.context_mark
    words = f"{error.context}: {error.problem}"
    lines = block.split("\n")
    text = lines[mark.line] if mark.line < len(lines) else ""
    place = f"{text[: mark.column]}\0{text[mark.column :]}"
    for rule in _RULES:
        if re.search(rule.words, words) and re.search(rule.line, place):
            break
    else:
        rule = _Rule("", "", Code.SYNTAX, f"The front matter is not YAML: {error.problem}.")
    if rule.at_start and error.context_mark and "block mapping" not in words:
        mark = error.context_mark
    message = rule.message.replace("<>", repr(text[mark.column : mark.column + 1]))
    return DocumentError(rule.code, message, first_line + mark.line, mark.column + 1)
