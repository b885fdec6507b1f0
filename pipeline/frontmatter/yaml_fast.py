"""YAML front matter of the plainest shape, read by its lines and not by libyaml.

Nearly every file is no more than ``key: text``, ``key: >-`` above one line of text, and ``key:``
above such entries. Only what can mean nothing else in YAML is read here; what is left, right or
wrong, is left to `yaml_reader`.

An editing system writes the same keys in the same order into file after file. A shape that is seen
often gets a pattern of its own, which takes all values out of a block in one match: it finds what
the general pattern finds, in a third of the time.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from ..model.settings import Limits
from .document import Document, FrontMatter

# A plain scalar begins with no indicator (YAML 1.1, 5.3), nor here with ~, and holds neither a
# colon before a blank nor a # behind one. Nothing is tried again, so that time is linear.
_PLAIN = r"""
    ( (?! [\s?:,\[\]{}\#&*!|>'"%@`~] | -(?![\w.]) )
      [^\n:\#]++ (?: (?: :(?=\S) | (?<!\ )\# ) [^\n:\#]*+ )*+ )
    (?<!\ )
"""
_HEAD = r"^ ( (\ *+) ([A-Za-z_][A-Za-z0-9_]{0,99}+) : (?: \ ++ | (?=\n) ) )"
_FOLDED = r">- \n %s \ ++ ( [^\n]++ ) (?<!\ )"  # behind the indent of the key
_INDENT = r"\2"
_ENTRY = re.compile(
    rf"{_HEAD} (?: {_FOLDED % _INDENT} | {_PLAIN} )?+ \n", re.VERBOSE | re.MULTILINE
)
# What stands before a value, the indent and the key therein, a folded value, a plain one.
_Entry: TypeAlias = tuple[str, str, str, str, str]

_PRINTABLE_ASCII = bytes([*b"\n", *range(0x20, 0x7F)])
# What libyaml refuses, or takes for a blank or the end of a line.
_SPECIAL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def read(document: Document, limits: Limits) -> FrontMatter | None:
    """Read a block of YAML as `yaml_reader.read` does; None if it is not of the plainest shape.

    None too where it may go beyond a limit: nothing is refused here.
    """
    block, first_line = document.block, document.first_line
    lines = block.rstrip("\n").count("\n") + 1
    # Twice as many values as lines are more than there can be, with the mapping of all.
    if 2 * lines >= limits.nodes or limits.depth < 2 or len(block) > limits.scalar_chars:
        return None
    if _holds_special(block):
        return None
    if known := _SHAPES.read(block, first_line, lines):
        return known
    entries: list[_Entry] = _ENTRY.findall(block)
    found = _filled(entries, first_line, lines)
    if found:
        _SHAPES.learn(entries, lines, found)
    return found


def _holds_special(block: str) -> bool:
    rest = block.encode().translate(None, _PRINTABLE_ASCII)
    return bool(rest) and _SPECIAL.search(rest.decode()) is not None


def _filled(entries: Sequence[_Entry], first_line: int, lines: int) -> FrontMatter | None:
    """The mapping of entries, if they fill so many lines and each stands where it may."""
    values: dict[str, Any] = {}
    positions: dict[str, tuple[int, int]] = {}
    mapping, prefix = values, ""
    margin: str | None = ""  # of the entries of `mapping`; None as long as it has none
    line = first_line
    for head, indent, key, folded, plain in entries:
        if indent != margin:
            if bool(indent) is not (margin is None):
                return None
            if not indent:
                mapping, prefix = values, ""
            margin = indent
        if plain:
            mapping[key] = _text(plain)
            positions[prefix + key] = line, len(head) + 1
        elif folded:
            mapping[key] = folded
            positions[prefix + key] = line, len(head) + 1
            line += 1
        elif indent:
            return None
        else:
            mapping, prefix, margin = {}, key + ".", None
            values[key] = mapping
            positions[key] = line, 1
        line += 1
    is_all = line == first_line + lines and margin is not None
    if not is_all or len(positions) < len(entries):  # a key stands twice
        return None
    return FrontMatter(values, positions, [], first_line)


def _text(plain: str) -> str | None:
    return None if plain == "null" else plain


# --- shapes ---------------------------------------------------------------------------------------


class _Shape(NamedTuple):
    """What blocks of one shape have in common.

    `pattern` matches a whole block and has a group for each value; the groups of `plain` are plain
    scalars. `outer` has the keys of the block, with the group of each that has one; `inner` those
    of mappings in it, with the first of their groups and the one behind the last.
    """

    pattern: re.Pattern[str]
    plain: frozenset[int]
    outer: Mapping[str, int | None]
    inner: Mapping[str, tuple[tuple[str, ...], int, int]]
    positions: Mapping[str, tuple[int, int]]

    def read(self, block: str, first_line: int) -> FrontMatter | None:
        """What a block says, if it is of this shape."""
        match = self.pattern.fullmatch(block)
        if match is None:
            return None
        texts: Sequence[Any] = match.groups()
        if "null" in texts:
            texts = [_text(text) if n in self.plain else text for n, text in enumerate(texts)]
        values: dict[str, Any] = {
            key: None if group is None else texts[group] for key, group in self.outer.items()
        }
        for key, (keys, start, stop) in self.inner.items():
            values[key] = dict(zip(keys, texts[start:stop], strict=True))
        return FrontMatter(values, self.positions, [], first_line)


class _Shapes:
    """The shapes that were seen `often`, by the first line of a block and the number of its lines.

    To make a pattern takes as long as to read a hundred blocks. That of a long block costs more
    than it ever saves: `_LINES` is the most.
    """

    _LINES = 200
    _SHAPES = 100  # files that are all different must not fill the memory ...
    _COUNTS = 10_000  # ... neither with patterns nor with what was seen but once

    def __init__(self, often: int = 100) -> None:
        self._often = often
        self._known: dict[tuple[int, int], list[_Shape]] = {}
        self._left = self._SHAPES
        self._seen: Counter[int] = Counter()

    def read(self, block: str, first_line: int, lines: int) -> FrontMatter | None:
        """What a block says, if it is of a shape that is known."""
        for shape in self._known.get((first_line, lines), ()):
            if found := shape.read(block, first_line):
                return found
        return None

    def learn(self, entries: Sequence[_Entry], lines: int, found: FrontMatter) -> None:
        """Count the shape of a block that was read; know it if it was seen often."""
        if not self._left or lines > self._LINES:
            return
        if len(self._seen) == self._COUNTS:
            self._seen.clear()
        heads = ((head, bool(folded), bool(plain)) for head, _, _, folded, plain in entries)
        shape = hash((found.first_line, lines, *heads))  # of two with one hash, one is known early
        self._seen[shape] += 1
        if self._seen[shape] == self._often:
            of_lines = self._known.setdefault((found.first_line, lines), [])
            of_lines.append(_shape(entries, found.positions))
            self._left -= 1
            if not self._left:
                self._seen.clear()


_SHAPES = _Shapes()


def _shape(entries: Sequence[_Entry], positions: Mapping[str, tuple[int, int]]) -> _Shape:
    """The shape of a block that `_filled` has read: its entries stand where they may."""
    outer: dict[str, int | None] = {}
    inner: dict[str, tuple[tuple[str, ...], int, int]] = {}
    plain: set[int] = set()
    group, parent = 0, ""
    for _, indent, key, in_fold, in_line in entries:
        if not in_fold and not in_line:
            outer[key], inner[key], parent = None, ((), group, group), key
            continue
        if in_line:
            plain.add(group)
        if indent:
            keys, start, stop = inner[parent]
            inner[parent] = (*keys, key), start, stop + 1
        else:
            outer[key] = group
        group += 1
    pattern = re.compile("".join([*_patterns(entries), r"\n*+"]), re.VERBOSE)
    return _Shape(pattern, frozenset(plain), outer, inner, positions)


def _patterns(entries: Sequence[_Entry]) -> Iterator[str]:
    """The pattern of each entry: what stands before the value as it is, and the value."""
    for head, indent, _, folded, plain in entries:
        value = _FOLDED % re.escape(indent) if folded else _PLAIN if plain else ""
        yield rf"{re.escape(head)} {value} \n"
