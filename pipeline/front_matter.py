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
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        start = error.start
        line = data.count(b"\n", 0, start) + 1
        before = data[data.rfind(b"\n", 0, start) + 1 : start]
        message = f"Byte {data[start]:#04x} at offset {start} is not UTF-8."
        column = len(before.decode("utf-8", errors="replace")) + 1
        raise DocumentError(Code.NOT_UTF8, message, line, column) from error
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
        what = "The file is empty." if start == len(text) else "The file does not begin with ---."
        raise DocumentError(Code.NO_FRONT_MATTER, what, fence_line, 1)
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


def load(document: Document, limits: Limits) -> FrontMatter:
    """Read a block of front matter.

    Raises:
        DocumentError: The block is not YAML, is no mapping, or goes beyond a limit.
    """
    block, restore = _hide_unicode_breaks(document.block)
    try:
        return _Reader(CParser(block.encode()), document.first_line, limits, restore).read()
    except yaml.reader.ReaderError as error:
        raise _character_error(error, block.encode(), document.first_line) from error
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(error, block, document.first_line) from error


def _hide_unicode_breaks(block: str) -> tuple[str, Callable[[str], str] | None]:
    if not _UNICODE_BREAKS.search(block):
        return block, None
    free = (chr(code) for code in range(0xE000, 0xF900) if chr(code) not in block)
    pairs = [(char, next(free)) for char in "\x85\u2028\u2029"]
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
        self.anchors: dict[str, tuple[Any, int] | None] = {}
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
            return self.alias(event)
        if event.tag is not None and event.tag not in _CORE_TAGS:
            raise self.error(Code.UNSUPPORTED_TAG, f"The tag {event.tag!r} is unknown.", event)
        if depth > self.limits.depth:
            message = f"Values are nested more than {self.limits.depth} deep."
            raise self.error(Code.TOO_DEEP, message, event)
        before = self.nodes
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
            self.anchors[event.anchor] = (value, self.nodes - before + 1)
        return value

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
        return self.restore(text) if self.restore else text

    def alias(self, event: Any) -> Any:
        if event.anchor not in self.anchors:
            message = f"*{event.anchor} refers to nothing."
            raise self.error(Code.UNKNOWN_ALIAS, message, event)
        known = self.anchors[event.anchor]
        if known is None:
            message = f"*{event.anchor} refers to the value that it stands in."
            raise self.error(Code.ALIAS_CYCLE, message, event)
        value, size = known
        self.count(size - 1, event)
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
            raise self.error(Code.UNSUPPORTED_KEY, "A key is not plain text.", event)
        if event.value == "<<" and event.implicit[0]:
            raise self.error(Code.MERGE_KEY, "The merge key << is not supported.", event)
        text: str = event.value
        return self.restore(text) if self.restore else text


def _is_nothing(event: Any) -> bool:
    return type(event) is yaml.ScalarEvent and event.implicit[0] and event.value in _NULLS


def _character_error(error: Any, data: bytes, first_line: int) -> DocumentError:
    """libyaml states only the byte offset of a character that it refuses."""
    before = data[: error.position]
    line = before.count(b"\n")
    column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", errors="replace"))
    message = f"The character U+{error.character:04X} is not allowed."
    return DocumentError(Code.FORBIDDEN_CHARACTER, message, first_line + line, column + 1)


_SYNTAX_CODES = (
    ("mapping values are not allowed", Code.UNQUOTED_COLON),
    ("found undefined alias", Code.UNKNOWN_ALIAS),
    ("did not find expected alphabetic or numeric character", Code.UNKNOWN_ALIAS),
    ("undefined tag handle", Code.UNSUPPORTED_TAG),
)


def _syntax_error(error: yaml.MarkedYAMLError, block: str, first_line: int) -> DocumentError:
    mark: Any = error.problem_mark or error.context_mark
    problem = error.problem or error.context or "The front matter is not YAML."
    lines = block.split("\n")
    text = lines[mark.line] if mark.line < len(lines) else ""
    rest = text[mark.column :]
    code = next((code for words, code in _SYNTAX_CODES if words in problem), Code.SYNTAX)
    if code is Code.SYNTAX:
        if "\t" in text[: mark.column + 1]:
            code = Code.TAB
        elif "cannot start any token" in problem and rest[:1] in {"@", "`", "%"}:
            code = Code.RESERVED_CHARACTER
        elif re.match(r"""\s*[^\s:#][^:]*:\s+["']""", text) and "expected" in problem:
            code = Code.QUOTES
    message = f"{problem[0].upper()}{problem[1:]}."
    return DocumentError(code, message, first_line + mark.line, mark.column + 1)
