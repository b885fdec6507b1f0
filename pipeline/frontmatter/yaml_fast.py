"""YAML front matter of the plainest shape, read by its lines and not by libyaml.

Nearly every file is no more than ``key: text``, ``key: >-`` above one line of text, and ``key:``
above such entries. Only what can mean nothing else in YAML is read here; what is left, right or
wrong, is left to `yaml_reader`.

For speed alone: that takes a fifth of the time (40 of 210 µs a file).
"""

import re
from collections.abc import Sequence
from typing import Any, TypeAlias

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
_FOLDED = r">- \n \2 \ ++ ( [^\n]++ ) (?<!\ )"  # behind the indent of the key
_ENTRY = re.compile(rf"{_HEAD} (?: {_FOLDED} | {_PLAIN} )?+ \n", re.VERBOSE | re.MULTILINE)
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
    return _filled(_ENTRY.findall(block), first_line, lines)


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
