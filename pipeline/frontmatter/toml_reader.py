"""TOML front matter (TOML 1.0), by the standard library's parser.

It gives values with types, which are made text again: in the form that was written for fractions,
and else in the one that the content model reads. It keeps no positions; those of keys are looked
for in the text (`toml_keys`).
"""

import datetime as dt
import re
import tomllib
from functools import cache
from typing import Any

from ..base import toml_keys
from ..base.printable import NOT_PRINTABLE
from ..base.problems import Code, DocumentError
from ..model.settings import Limits
from .budget import LONGEST_PATH, Budget
from .document import Document, FrontMatter

_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_LONGEST = 262_144  # nor is it linear in other things that the limits allow
_DATE_LIKE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{2}:\d{2}")


def read(document: Document, limits: Limits) -> FrontMatter:
    """Read a block of TOML.

    Raises:
        DocumentError: The block is not TOML, or goes beyond a limit.
    """
    if len(document.block) > _LONGEST:
        message = f"The front matter is longer than {_LONGEST:,} characters."
        raise DocumentError(Code.TOO_LONG, message, document.first_line, 1)
    if found := _too_deep(limits.depth).search(document.block):
        message = f"Values are nested more than {limits.depth} levels deep."
        raise document.error_at(Code.TOO_DEEP, message, found.start())
    try:
        values = tomllib.loads(document.block, parse_float=lambda text: text.replace("_", ""))
    except RecursionError as error:
        message = f"Values are nested more than {limits.depth} levels deep."
        raise DocumentError(Code.TOO_DEEP, message, document.first_line, 1) from error
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(error, document) from error
    except ValueError as error:  # Python refuses to read integers of more than 4,300 digits
        found = _MANY_DIGITS.search(document.block)
        message = "The number has more than 4,300 digits."
        raise document.error_at(Code.TOO_LONG, message, found.start() if found else 0) from error
    positions = _positions(document)
    texts = _Texts(positions, document.first_line, limits).mapping(values, "", 1)
    return FrontMatter(texts, positions, [], document.first_line)


@cache
def _too_deep(depth: int) -> re.Pattern[str]:
    """A key of more parts, for tomllib's time grows with the square of their number.

    At the start of a line blanks may stand around the dots; elsewhere that is prose in a text.
    """
    at_start = rf"^[ \t]*+(?:\[\[?[ \t]*+)?(?:{toml_keys.PART}[ \t]*+\.[ \t]*+){{{depth}}}"
    inside = rf"[{{,][ \t]*+(?:{toml_keys.PART}\.){{{depth}}}"
    return re.compile(f"{at_start}|{inside}", re.MULTILINE)


_MANY_DIGITS = re.compile("(?<![0-9_])[0-9_]{4300,}+")


class _Texts:
    """Makes text of values with types, within limits."""

    def __init__(
        self, positions: dict[str, tuple[int, int]], first_line: int, limits: Limits
    ) -> None:
        self.positions = positions
        self.budget = Budget(limits)
        self.place = (first_line, 1)  # of the last value that was found in the text
        self.budget.count(1, self.place)

    def mapping(self, values: dict[str, Any], path: str, depth: int) -> dict[str, Any]:
        self.budget.reach(depth, self.place)
        prefix = path + "." if path else ""
        texts = {}
        for key, value in values.items():
            path_of_key = prefix + key
            self.place = self.positions.get(path_of_key, self.place)
            self.budget.count(1, self.place)
            self.budget.step(path_of_key, self.place)
            self.check(key)
            texts[key] = self.value(value, path_of_key, depth + 1)
        return texts

    def value(self, value: Any, path: str, depth: int) -> Any:
        self.budget.count(1, self.place)
        if isinstance(value, dict):
            return self.mapping(value, path, depth)
        if isinstance(value, list):
            self.budget.reach(depth, self.place)
            return [self.value(item, f"{path}.{i}", depth + 1) for i, item in enumerate(value)]
        text = _text(value)
        self.budget.measure(text, self.place)
        self.check(text)
        return text

    def check(self, text: str) -> None:
        if found := NOT_PRINTABLE.search(text):
            message = (
                f"An escape sequence produces U+{ord(found.group()):04X}, which is not allowed."
            )
            raise DocumentError(Code.FORBIDDEN_CHARACTER, message, *self.place)


# Of a number of 4,300 digits: Python writes no longer ones (`sys.get_int_max_str_digits`).
_MOST_BITS = 14_284


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.date | dt.time):  # a datetime is a date, too
        return value.isoformat()
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        return hex(value)
    return str(value)


_MEANINGS = {
    "Expected '=' after a key": "Expected = after the key.",
    "Invalid value": "Invalid value: text needs quotes.",
    "Cannot overwrite a value": "Duplicate key.",
    "Cannot mutate immutable": "Duplicate key.",
    "Duplicate inline table key": "Duplicate key.",
    "Cannot declare": "Duplicate table.",
    "Unclosed array": "Unclosed array.",
    "Unclosed inline table": "Unclosed inline table; an inline table must be on one line.",
    "Unescaped '\\'": "Invalid escape sequence; in single quotes a backslash is just a backslash.",
    'Expected "\'"': "Unterminated string.",
    "Expected ']'": "Expected ] after the table name.",
    "Unterminated string": "Unterminated string.",
    "Invalid date or datetime": "The date or time does not exist.",
    "Expected newline or end of document": "Unexpected text after the value: text needs"
    " quotes, a number must not start with 0, and a date must exist.",
    "Invalid statement": "Expected a key: letters, digits, - and _, or quoted text.",
    "Invalid initial character for a key part": "Expected a key; special characters need quotes.",
    "Escaped character is not a Unicode scalar": "The escape is an unpaired surrogate.",
}
_CODES = {
    "Cannot overwrite a value": Code.DUPLICATE_KEY,
    "Cannot mutate immutable": Code.DUPLICATE_KEY,
    "Duplicate inline table key": Code.DUPLICATE_KEY,
    "Cannot declare": Code.DUPLICATE_KEY,
    "Invalid date or datetime": Code.INVALID_DATE,
    "Found invalid character": Code.FORBIDDEN_CHARACTER,
    "Escaped character is not": Code.FORBIDDEN_CHARACTER,
}


def _syntax_error(error: tomllib.TOMLDecodeError, document: Document) -> DocumentError:
    words = str(error)
    at = _AT.search(words)
    line, column = document.first_line, 1
    if at and at[1]:
        line, column = document.first_line + int(at[1]) - 1, int(at[2])
    words = words[: at.start()] if at else words
    code = next((c for begin, c in _CODES.items() if words.startswith(begin)), Code.TOML_SYNTAX)
    meaning = next((m for begin, m in _MEANINGS.items() if words.startswith(begin)), "")
    if at and not at[1]:
        line, column = _end(document, code)
    if code is Code.FORBIDDEN_CHARACTER and not meaning:
        char = words.removeprefix("Found invalid character ")
        meaning = f"The character {char} is not allowed."
    elif words == "Illegal character '\\n'":
        meaning = "Unterminated string: it must end on its line."
    elif words.startswith("Expected newline"):
        text = document.block.split("\n")[line - document.first_line]
        if _DATE_LIKE.search(text[max(0, column - 11) : column + 11]):
            code, meaning = Code.INVALID_DATE, "The date or time does not exist, or needs quotes."
    return DocumentError(code, meaning or f"The front matter is not TOML: {words}.", line, column)


def _end(document: Document, code: Code) -> tuple[int, int]:
    """Where to point when tomllib says "at end of document": a key's second line, or the end."""
    if code is Code.DUPLICATE_KEY:
        seen: set[str] = set()
        for path, place in toml_keys.places(document.block, document.first_line, LONGEST_PATH):
            if path in seen:
                return place
            seen.add(path)
    lines = document.block.rstrip("\n").split("\n")
    return document.first_line + len(lines) - 1, len(lines[-1]) + 1


def _positions(document: Document) -> dict[str, tuple[int, int]]:
    positions: dict[str, tuple[int, int]] = {}
    for path, place in toml_keys.places(document.block, document.first_line, LONGEST_PATH):
        positions.setdefault(path, place)
    return positions
