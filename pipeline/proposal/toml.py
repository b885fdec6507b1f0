"""TOML that people read: tables, a line for each key, and a comment behind it.

The standard library writes none. What acts on a terminal is written as an escape, which TOML has
for every character.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ..base import printable

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_WIDTH = 100
_COMMENT_COLUMN = 40


class Line(NamedTuple):
    """A key with its value, which is a text, a boolean, a list or a mapping of such; a comment."""

    key: str
    value: Any
    comment: str = ""


def table(header: str, lines: Iterable[Line]) -> str:
    """A table below its header; comments stand in one column as far as there is room."""
    written = [(f"{key(line.key)} = {value(line.value)}", line.comment) for line in lines]
    widths = [len(text) for text, comment in written if comment and len(text) <= _COMMENT_COLUMN]
    column = max(widths, default=0)
    return "\n".join([header, *(_with(text, remark, column) for text, remark in written)]) + "\n"


def comment(text: str) -> str:
    """A line that is a comment."""
    return f"# {printable.line(text)}"


def _with(text: str, remark: str, column: int) -> str:
    if not remark:
        return text
    return f"{comment(remark)}\n{text}" if "\n" in text else f"{text:<{column}}  {comment(remark)}"


def key(name: str) -> str:
    """A key, in quotes if need be."""
    return name if _BARE.fullmatch(name) else value(name)


def value(of: Any) -> str:
    """A value; a list that is too long for a line has one for each of its values."""
    if isinstance(of, bool):
        return str(of).lower()
    if isinstance(of, str):
        return '"' + "".join(map(_char, of)) + '"'
    if isinstance(of, Mapping):
        return "{ " + ", ".join(f"{key(name)} = {value(one)}" for name, one in of.items()) + " }"
    texts = [value(one) for one in of]
    line = f"[{', '.join(texts)}]"
    return line if len(line) < _WIDTH else "[\n" + "".join(f"    {text},\n" for text in texts) + "]"


def _char(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    if printable.line(char) == char:
        return char
    # Half of a surrogate pair is no character, and TOML has no escape for it.
    is_half = "\ud800" <= char <= "\udfff"
    return printable.REPLACEMENT if is_half else f"\\U{ord(char):08X}"
