"""What is written out in a program: ``key: 'value'`` of JavaScript and TypeScript.

Nothing is run, and nothing understood but comments, texts and brackets: what a program computes is
not found.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

_TOKEN = re.compile(
    r"""
    (?P<comment> //[^\n]*+ | /\* (?:[^*]|\*(?!/))*+ (?:\*/)? )
    | (?P<text>
        '(?:[^'\\\n]|\\.){0,1000}+' | "(?:[^"\\\n]|\\.){0,1000}+" | `(?:[^`\\]|\\.){0,1000}+` )
    | (?P<word> [\w$]++ )
    | (?P<sign> [^\s] )
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_CLOSING = {"}": "{", "]": "["}


class Literal(NamedTuple):
    """A text, or ``true`` or ``false``, and the keys around it from the outermost.

    The path of an object that stands in a list is that of the list.
    """

    path: tuple[str, ...]
    value: str


Literals: TypeAlias = Sequence[Literal]


def literals(program: str) -> Literals:
    """All that is written out, in order."""
    found: list[Literal] = []
    brackets: list[tuple[str, str]] = []  # those that are open, and the key before each
    # The word or text before a token; the key whose value it may be; whether a value was before.
    before, key, is_behind_value = "", "", False
    for token in _TOKEN.finditer(program):
        kind, text = token.lastgroup, token.group()
        if kind == "comment":
            continue
        if kind in ("text", "word"):
            value = _value(text) if kind == "text" else text
            is_in_list = bool(brackets) and brackets[-1][0] == "["
            is_behind_value = bool(key or is_in_list) and (
                value is not None if kind == "text" else text in ("true", "false")
            )
            if is_behind_value:
                keys = [*(name for _, name in brackets), key]
                found.append(Literal(tuple(filter(None, keys)), value or ""))
            before, key = value or "", ""
            continue
        if text in "+." and is_behind_value:  # it was only the beginning of a value
            found.pop()
        if text in "{[":
            brackets.append((text, key))
        elif text in _CLOSING and brackets and brackets[-1][0] == _CLOSING[text]:
            brackets.pop()
        before, key = "", before if text in ":=" else ""
        is_behind_value = False
    return found


def _value(text: str) -> str | None:
    """The text between quotes; None if a program makes a part of it."""
    if text[0] == "`" and "${" in text:
        return None
    return _ESCAPE.sub(lambda found: {"n": "\n", "t": "\t"}.get(found[1], found[1]), text[1:-1])


def all_of(found: Literals, *path: str) -> list[str]:
    """The values whose path ends so and is the shortest of such paths."""
    matching = [one for one in found if one.path[-len(path) :] == path]
    shortest = min((len(one.path) for one in matching), default=0)
    return [one.value for one in matching if len(one.path) == shortest]


def first_of(found: Literals, *path: str) -> str:
    """The first of them; empty if there is none."""
    return next(iter(all_of(found, *path)), "")


def keys_of(found: Literals, *path: str) -> list[str]:
    """The keys, in order, below the first place whose path ends so."""
    below: dict[str, None] = {}
    for one in found:
        for start in range(len(one.path) - len(path)):
            if one.path[start : start + len(path)] == path:
                below[one.path[start + len(path)]] = None
                break
    return list(below)
