"""YAML front matter, read as the events of libyaml (YAML 1.1), not by a loader.

So scalars stay the text that was written (no ``NO`` → False, no ``1:30`` → 90), positions and
duplicate keys are seen, and the limits on depth, nodes and aliases hold before anything is built:
PyYAML's ``CSafeLoader`` ends the process on 200 KB of ``[``.
"""

import re
from collections.abc import Callable
from itertools import chain
from typing import Any, NamedTuple

import yaml
from yaml.cyaml import CParser  # type: ignore[attr-defined]

from ..base.printable import NOT_PRINTABLE, brief
from ..base.problems import Code, DocumentError, Problem
from ..model.settings import Limits
from .budget import Budget
from .document import Document, FrontMatter
from .yaml_errors import character_error, lookalike, syntax_error

_CORE_TAGS = {
    f"tag:yaml.org,2002:{name}"
    for name in ("str", "int", "float", "bool", "null", "timestamp", "seq", "map")
}
_NULLS = {"", "~", "null"}
# YAML 1.1 breaks lines at these three; the authors' editors and YAML 1.2 do not. They are taken
# out before parsing and put back into the scalars.
_UNICODE_BREAKS = re.compile("[\x85\u2028\u2029]")
# libyaml compares each of these lines with all before it: 4 MB of them take minutes.
_TAG_DIRECTIVE = re.compile(r"^%TAG[ \t]", re.MULTILINE)

# What one line may be wrong in without making nonsense of the rest.
_OF_ONE_ENTRY = {
    Code.SYNTAX,
    Code.UNQUOTED_COLON,
    Code.QUOTES,
    Code.RESERVED_CHARACTER,
    Code.TAB,
    Code.FORBIDDEN_CHARACTER,
    Code.NOT_A_MAPPING,
    Code.UNSUPPORTED_KEY,
    Code.MERGE_KEY,
    Code.UNSUPPORTED_TAG,
    Code.UNKNOWN_ALIAS,
    Code.ALIAS_CYCLE,
    Code.TOO_LONG,
}
_MOST_PROBLEMS = 20
_MOST_CHARS = 250_000  # of a block that is read again and again


def read(document: Document, limits: Limits) -> FrontMatter:
    """Read a block of YAML.

    libyaml gives up at the first mistake. The entry that holds it (a key at the left margin with
    all below it) is then taken out and the rest read again, so that an author learns of all.

    Raises:
        DocumentError: The block is not YAML, is no mapping, or goes beyond a limit.
    """
    problems: list[Problem] = []
    has_lost_anchors = False
    while True:
        try:
            found = _read(document, limits)
        except DocumentError as error:
            problem = error.problem
            if not (problem.code == Code.UNKNOWN_ALIAS and has_lost_anchors):
                problems.append(problem)
            lines = document.block.split("\n")
            entry = _entry(lines, (problem.line or 0) - document.first_line)
            if (
                problem.code not in _OF_ONE_ENTRY
                or len(problems) == _MOST_PROBLEMS
                or len(document.block) > _MOST_CHARS
                or not any(lines[index].strip() for index in entry)
            ):
                break
            for index in entry:
                has_lost_anchors |= "&" in lines[index]
                lines[index] = ""
            document = document._replace(block="\n".join(lines))
        else:
            if not problems:
                return found
            problems += found.problems
            break
    problems.sort(key=lambda problem: problem.line or 0)
    raise DocumentError(*problems[0], more=tuple(problems[1:]))


_KEY = re.compile(r"(?![\s#]|- ).*?:(?:\s|$)")


def _entry(lines: list[str], index: int) -> range:
    """The lines of the entry that a line belongs to; from the line on if it begins none."""
    if not 0 <= index < len(lines):
        return range(0)
    start = index
    while start > 0 and (lines[start][:1] in {"", " ", "\t", "#"} or lines[start][:2] == "- "):
        start -= 1
    stop = index + 1
    while stop < len(lines) and not _KEY.match(lines[stop]):
        stop += 1
    return range(start, stop)


def _read(document: Document, limits: Limits) -> FrontMatter:
    block, restore = _hide_unicode_breaks(document)
    if directive := _TAG_DIRECTIVE.search(block):
        message = "%TAG directives are not supported."
        raise document.error_at(Code.UNSUPPORTED_TAG, message, directive.start())
    try:
        return _Reader(CParser(block.encode()), document.first_line, limits, restore).read()
    except UnicodeDecodeError as error:  # libyaml lets a tag name half of a surrogate pair
        tag = re.search(r"![^\s!]*%", block)
        message = "A tag contains bytes that are not UTF-8."
        offset = tag.start() if tag else 0
        raise document.error_at(Code.UNSUPPORTED_TAG, message, offset) from error
    except yaml.reader.ReaderError as error:
        raise character_error(error, block.encode(), document.first_line) from error
    except yaml.MarkedYAMLError as error:
        raise syntax_error(error, block, document.first_line) from error


def _hide_unicode_breaks(document: Document) -> tuple[str, Callable[[str], str] | None]:
    block = document.block
    first = _UNICODE_BREAKS.search(block)
    if not first:
        return block, None
    # Free is what stands in the block neither as it is nor as an escape.
    escaped = {found.lower() for found in re.findall("(?=([EeFf][0-9A-Fa-f]{3}))", block)}
    free = [
        chr(code)
        for code in sorted(set(range(0xE000, 0xF900)) - set(map(ord, set(block))))
        if f"{code:04x}" not in escaped
    ]
    if len(free) < 3:
        message = f"U+{ord(first.group()):04X} is used with too many private-use characters."
        raise document.error_at(Code.FORBIDDEN_CHARACTER, message, first.start())
    pairs = list(zip("\x85\u2028\u2029", free, strict=False))
    for char, substitute in pairs:
        block = block.replace(char, substitute)

    def restore(text: str) -> str:
        for char, substitute in pairs:
            text = text.replace(substitute, char)
        return text

    return block, restore


class _Anchored(NamedTuple):
    """A value that aliases repeat; `nodes` and `chars` are those of all that it holds."""

    value: Any
    nodes: int
    chars: int
    height: int


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
        self.budget = Budget(limits)
        self.restore = restore
        self.anchors: dict[str, _Anchored | None] = {}
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
                message = "A second YAML document starts inside the front matter."
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
        self.budget.count(1, self.place(event))
        kind = type(event)
        if kind is yaml.ScalarEvent and event.anchor is None and event.tag is None:
            return self.scalar(event)
        if kind is yaml.AliasEvent:
            return self.alias(event, depth)
        if event.tag is not None and event.tag not in _CORE_TAGS:
            raise self.error(Code.UNSUPPORTED_TAG, f"The tag {brief(event.tag)} is unknown.", event)
        budget = self.budget
        budget.reach(depth, self.place(event))
        nodes, chars, elsewhere = budget.nodes, budget.chars, budget.deepest
        budget.deepest = depth
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
            held = budget.nodes - nodes, budget.chars - chars, budget.deepest - depth
            self.anchors[event.anchor] = _Anchored(value, *held)
        budget.deepest = max(elsewhere, budget.deepest)
        return value

    def scalar(self, event: Any) -> str | None:
        text: str = event.value
        if event.implicit[0] and text in _NULLS:
            return None
        self.budget.measure(text, self.place(event))
        return self.text(event)

    def text(self, event: Any) -> str:
        text: str = event.value
        if event.style == '"' and (found := NOT_PRINTABLE.search(text)):
            message = (
                f"An escape sequence in double quotes produces U+{ord(found.group()):04X}, which"
                " is not allowed. Single quotes keep a backslash as it is."
            )
            raise self.error(Code.FORBIDDEN_CHARACTER, message, event)
        return self.restore(text) if self.restore else text

    def alias(self, event: Any, depth: int) -> Any:
        if event.anchor not in self.anchors:
            message = f"*{event.anchor[:40]} refers to no anchor."
            raise self.error(Code.UNKNOWN_ALIAS, message, event)
        known = self.anchors[event.anchor]
        if known is None:
            message = f"*{event.anchor[:40]} refers to the value that contains it."
            raise self.error(Code.ALIAS_CYCLE, message, event)
        self.budget.repeat(known.nodes, known.chars, self.place(event))
        self.budget.reach(depth + known.height, self.place(event))
        return known.value

    def sequence(self, path: str, depth: int) -> list[Any]:
        values: list[Any] = []
        while type(event := self.next_event()) is not yaml.SequenceEndEvent:
            values.append(self.node(event, f"{path}.{len(values)}", depth + 1))
        return values

    def mapping(self, path: str, depth: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        merged: list[list[dict[str, Any]]] = []
        prefix = path + "." if path else ""
        lines: dict[str, int] = {}
        while type(event := self.next_event()) is not yaml.MappingEndEvent:
            key = self.key(event)
            key_event, event = event, self.next_event()
            path_of_key = prefix + key
            self.budget.step(path_of_key, self.place(key_event))
            value = self.node(event, path_of_key, depth + 1)
            line, column = self.place(key_event)
            if _is_merge(key_event):
                merged.append(self.merged(value, key_event))
                continue
            if key in values:
                message = f"Duplicate key {brief(key)} (first on line {lines[key]})."
                self.problems.append(Problem(Code.DUPLICATE_KEY, message, line, column))
                continue
            values[key], lines[key] = value, line
            # A mapping or list in lines of its own is found at its key.
            begins_below = not getattr(event, "flow_style", True)
            self.positions[path_of_key] = self.place(key_event if begins_below else event)
        for mapping in chain.from_iterable(merged):  # the first that states a key wins
            values = {**mapping, **values}
        return values

    def merged(self, value: Any, key: Any) -> list[dict[str, Any]]:
        """The mappings whose keys are merged (YAML 1.1, "Merge Key Language-Independent Type")."""
        mappings = value if isinstance(value, list) else [value]
        if not all(isinstance(mapping, dict) for mapping in mappings):
            message = "The merge key << takes a mapping, or a list of mappings."
            raise self.error(Code.MERGE_KEY, message, key)
        return mappings

    def key(self, event: Any) -> str:
        self.budget.count(1, self.place(event))
        if type(event) is not yaml.ScalarEvent or event.anchor or event.tag:
            message = "A key is not plain text. A value that starts with [ or { needs quotes."
            raise self.error(Code.UNSUPPORTED_KEY, message, event)
        self.budget.measure(event.value, self.place(event))
        if not event.style and not event.value.isascii() and (seen := lookalike(event.value)):
            line, column = self.place(event)
            problem = Problem(Code.FORBIDDEN_CHARACTER, seen[1], line, column + seen[0])
            self.problems.append(problem)
        return self.text(event)


def _is_merge(event: Any) -> bool:
    return event.value == "<<" and bool(event.implicit[0])


def _is_nothing(event: Any) -> bool:
    return type(event) is yaml.ScalarEvent and event.implicit[0] and event.value in _NULLS
