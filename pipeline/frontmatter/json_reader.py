"""JSON front matter (RFC 8259), token by token.

The standard library's decoder keeps no positions, recurses as deep as a file tells it to, and lets
the last of two equal keys win.
"""

import json
import re
from array import array
from bisect import bisect_right
from typing import Any, NamedTuple

from ..base.printable import NOT_PRINTABLE, brief
from ..base.problems import Code, DocumentError, Problem
from ..model.settings import Limits
from .budget import Budget
from .document import Document, FrontMatter

# For each turn of a group that it could take back, `re` keeps a hundred bytes.
_STRING = r""""[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+"""
_BEGIN_OF_STRING = re.compile(_STRING)
_TOKEN = re.compile(
    rf"""[ \t\n\r]*(?:
        (?P<string>{_STRING}")
      | (?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)(?![\w.])
      | (?P<word>true|false|null)(?!\w)
      | (?P<sign>[][{{}}:,])
    )""",
    re.VERBOSE,
)
_BLANK = re.compile(r"[ \t\n\r]*")
_SURROGATE = re.compile("[\ud800-\udfff]")


def read(document: Document, limits: Limits) -> FrontMatter:
    """Read a block of JSON.

    Raises:
        DocumentError: The block is not a JSON object, or goes beyond a limit.
    """
    reader = _Reader(document, limits)
    return FrontMatter(reader.read(), reader.positions, reader.problems, document.first_line)


class _Token(NamedTuple):
    kind: str
    text: str
    offset: int


class _Reader:
    """Builds values from tokens; one instance reads one block."""

    def __init__(self, document: Document, limits: Limits) -> None:
        self.document = document
        self.budget = Budget(limits)
        self.offset = 0
        self.line_starts = array("I", [0])  # a list of four million takes 150 MB
        self.line_starts.extend(match.end() for match in re.finditer("\n", document.block))
        self.positions: dict[str, tuple[int, int]] = {}
        self.problems: list[Problem] = []

    def read(self) -> dict[str, Any]:
        self.budget.count(1, self.place(0))
        values = self.mapping(self.token(), "", 1)
        if _BLANK.sub("", self.document.block[self.offset :]):
            raise self.error(Code.JSON_SYNTAX, "Text after the closing brace.", self.offset)
        return values

    def place(self, offset: int) -> tuple[int, int]:
        row = bisect_right(self.line_starts, offset) - 1
        return self.document.first_line + row, offset - self.line_starts[row] + 1

    def error(self, code: Code, message: str, offset: int) -> DocumentError:
        return DocumentError(code, message, *self.place(offset))

    def token(self) -> _Token:
        block = self.document.block
        match = _TOKEN.match(block, self.offset)
        if match:
            self.offset = match.end()
            kind = match.lastgroup or ""
            return _Token(kind, match[kind], match.start(kind))
        start = _BLANK.match(block, self.offset).end()  # type: ignore[union-attr]  # matches always
        raise self.unreadable(start)

    def unreadable(self, start: int) -> DocumentError:
        """Why no token begins at a place."""
        block = self.document.block
        if block[start : start + 1] == '"':
            return self.bad_string(start)
        word = re.compile(r"[^\s,:{}\[\]]*").match(block, start)
        text = word.group() if word else ""
        if text.startswith("'"):
            message = "JSON puts text and keys in double quotes."
        elif block[start : start + 2] in {"//", "/*"} or text.startswith("#"):
            message = "JSON has no comments."
        elif re.fullmatch(r"[-+]?[0-9.]+([eE].*)?", text):
            message = f"{brief(text)} is not a JSON number."
        elif text:
            message = f"{brief(text)} is not a value: text needs double quotes."
        else:
            line = self.document.first_line
            message = (
                f"The front matter that starts on line {line} is not closed: a brace is missing."
            )
            return self.error(Code.UNCLOSED_FRONT_MATTER, message, 0)
        return self.error(Code.JSON_SYNTAX, message, start)

    def bad_string(self, start: int) -> DocumentError:
        match = _BEGIN_OF_STRING.match(self.document.block, start)
        end = match.end() if match else start
        char = self.document.block[end : end + 1]
        if char == "\\":
            message = "Invalid escape sequence."
            return self.error(Code.JSON_SYNTAX, message, end)
        if char in {"\n", ""}:
            return self.error(Code.JSON_SYNTAX, "Unterminated string.", start)
        message = f"The character U+{ord(char):04X} is not allowed."
        return self.error(Code.FORBIDDEN_CHARACTER, message, end)

    def value(self, token: _Token, path: str, depth: int) -> Any:
        self.budget.count(1, self.place(token.offset))
        if token.text == "{":
            return self.mapping(token, path, depth)
        if token.text == "[":
            return self.sequence(token, path, depth)
        if token.kind == "string":
            return self.text(token)
        if token.kind == "sign":
            message = f"Missing value before {token.text!r}."
            raise self.error(Code.JSON_SYNTAX, message, token.offset)
        self.budget.measure(token.text, self.place(token.offset))
        return None if token.text == "null" else token.text

    def text(self, token: _Token) -> str:
        text: str = json.loads(token.text, strict=True)
        if found := _SURROGATE.search(text):
            message = f"The escape of U+{ord(found.group()):04X} is an unpaired surrogate."
            raise self.error(Code.FORBIDDEN_CHARACTER, message, token.offset)
        if found := NOT_PRINTABLE.search(text):
            message = f"The character U+{ord(found.group()):04X} is not allowed."
            raise self.error(Code.FORBIDDEN_CHARACTER, message, token.offset)
        self.budget.measure(text, self.place(token.offset))
        return text

    def sequence(self, token: _Token, path: str, depth: int) -> list[Any]:
        self.budget.reach(depth, self.place(token.offset))
        values: list[Any] = []
        token = self.token()
        if token.text == "]":
            return values
        while True:
            values.append(self.value(token, f"{path}.{len(values)}", depth + 1))
            if not self.goes_on("]"):
                return values
            token = self.token()

    def mapping(self, token: _Token, path: str, depth: int) -> dict[str, Any]:
        self.budget.reach(depth, self.place(token.offset))
        values: dict[str, Any] = {}
        lines: dict[str, int] = {}
        prefix = path + "." if path else ""
        token = self.token()
        if token.text == "}":
            return values
        while True:
            self.budget.count(1, self.place(token.offset))
            if token.kind != "string":
                message = f"Expected a key in double quotes, not {brief(token.text)}."
                raise self.error(Code.JSON_SYNTAX, message, token.offset)
            key_token, key = token, self.text(token)
            colon = self.token()
            if colon.text != ":":
                message = f"Expected a colon after the key {brief(key)}."
                raise self.error(Code.JSON_SYNTAX, message, colon.offset)
            token = self.token()
            path_of_key = prefix + key
            self.budget.step(path_of_key, self.place(key_token.offset))
            value = self.value(token, path_of_key, depth + 1)
            line, column = self.place(key_token.offset)
            if key in values:
                message = f"Duplicate key {brief(key)} (first on line {lines[key]})."
                self.problems.append(Problem(Code.DUPLICATE_KEY, message, line, column))
            else:
                values[key], lines[key] = value, line
                self.positions[path_of_key] = self.place(token.offset)
            if not self.goes_on("}"):
                return values
            token = self.token()

    def goes_on(self, end: str) -> bool:
        """Whether a comma follows, and not the end."""
        token = self.token()
        if token.kind != "sign" or token.text not in {",", end}:
            message = f"Expected a comma or {end} before {brief(token.text)}."
            raise self.error(Code.JSON_SYNTAX, message, token.offset)
        return token.text == ","
