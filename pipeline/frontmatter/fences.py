"""Bytes to text, and where the front matter of a text begins and ends.

A fence is a line that is exactly ``---`` around YAML or ``+++`` around TOML; JSON is an object
that begins in the first column, and its braces are its fences (as Hugo reads them).
"""

import re
from collections.abc import Iterator
from itertools import islice

from ..base.printable import NOT_PRINTABLE
from ..base.problems import Code, DocumentError, Problem
from .document import Document

LANGUAGES = {"---": "yaml", "+++": "toml"}
_BYTE_ORDER_MARK = "\ufeff"
_UTF_32_MARKS = {b"\xff\xfe\0\0": "utf-32-le", b"\0\0\xfe\xff": "utf-32-be"}
_UTF_16_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


def decode(data: bytes) -> str:
    """The text of a file: UTF-8, a byte order mark dropped, every line end as a newline.

    Raises:
        DocumentError: The bytes are not UTF-8; the message holds the byte offset, or the name of
            the encoding where the bytes tell it.
    """
    if name := other_unicode(data):
        message = f"The file is {name.upper()}, not UTF-8."
        raise DocumentError(Code.UTF_16, message, 1, 1)
    try:
        return _newlines(data.decode("utf-8").removeprefix(_BYTE_ORDER_MARK))
    except UnicodeDecodeError as error:
        start = error.start
        before = _newlines(data[:start].decode("utf-8").removeprefix(_BYTE_ORDER_MARK))
        message = f"Byte {data[start]:#04x} at offset {start} is not UTF-8."
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise DocumentError(Code.NOT_UTF8, message, line, column) from error


def other_unicode(data: bytes) -> str | None:
    """The Unicode encoding that bytes are in if it is not UTF-8, for `bytes.decode`.

    It is told by its byte order mark, or by every other byte being zero: text of ASCII letters in
    UTF-16 is valid UTF-8, full of NUL.
    """
    if name := _UTF_32_MARKS.get(data[:4]) or _UTF_16_MARKS.get(data[:2]):
        return name
    head = data[:64]
    if len(head) < 4:
        return None
    low, high = head[::2], head[1::2]
    if not any(high) and all(low):
        return "utf-16-le"
    if not any(low) and all(high):
        return "utf-16-be"
    return None


def meant_fence(line: str) -> str | None:
    """The fence that a line is or is almost, with blanks or dashes of a word processor, if any."""
    return next((fence for fence, almost in _MEANT.items() if almost.fullmatch(line)), None)


def _newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


_BEHIND_A_FENCE = " \t\xa0"
_ENDS = {
    "---": re.compile(r"^(?:---|\.\.\.)[ \t\xa0]*(?:\n|\Z)", re.MULTILINE),
    "+++": re.compile(r"^\+\+\+[ \t\xa0]*(?:\n|\Z)", re.MULTILINE),
}
# Front matter of Eleventy and of gray-matter in another language, such as ---js.
_OTHER_LANGUAGE = re.compile("---(?!ya?ml$|toml$|json$)([a-z]+)$")
# gray-matter lets a fence name the language, too.
_NAMED = re.compile("---[a-z]+$")
_LEADING_BLANK_LINES = re.compile(r"(?:[ \t]*+\n)*+")
# Word processors make dashes of hyphens.
_ALMOST = {"---": r"-{3,}|\.\.\.|[-–—]{2,3}|[–—]", "+++": r"\+{3,}"}
_MEANT = {
    fence: re.compile(rf"[ \t\ufeff]*(?:{almost})[ \t\ufeff]*") for fence, almost in _ALMOST.items()
}
# Behind a fence, also the other one where it is written as it should be.
_ALMOST_AN_END = {
    fence: re.compile(rf"^[ \t]*(?:{_ALMOST[fence]}|{other})[ \t]*$", re.MULTILINE)
    for fence, other in (("---", r"\+{3}"), ("+++", "-{3}"))
}
# {{ and {% begin a template, not an object.
_JSON = re.compile(r"\{(?![{%])")


def split(text: str, *, is_optional: bool = False) -> Document:
    """Split a file into the block between the fences and the body.

    Blank lines before the first fence are allowed, and blanks behind a fence; ``...`` ends YAML,
    too. If front matter `is_optional`, a file without any is all body.

    Raises:
        DocumentError: There is no fence at the beginning, or none that ends the block. An object
            without an end is not refused here.
    """
    document = _split(text, is_optional=is_optional)
    if NOT_PRINTABLE.search(document.body):
        found = _forbidden(text, len(text) - len(document.body))  # a body is the end of the text
        return document._replace(problems=tuple(islice(found, _MOST_PROBLEMS)))
    return document


_MOST_PROBLEMS = 20  # of one body: one that is no text is full of them


def _forbidden(text: str, body_start: int) -> Iterator[Problem]:
    """The first character of each line of the body that no value may hold either."""
    line, line_start = text.count("\n", 0, body_start) + 1, text.rfind("\n", 0, body_start) + 1
    start = body_start
    while start >= 0 and (found := NOT_PRINTABLE.search(text, start)):
        line += text.count("\n", line_start, found.start())
        line_start = text.rfind("\n", 0, found.start()) + 1
        message = f"The character U+{ord(found.group()):04X} is not allowed."
        yield Problem(Code.FORBIDDEN_CHARACTER, message, line, found.start() - line_start + 1)
        start = text.find("\n", found.start())


def _split(text: str, *, is_optional: bool) -> Document:
    start = _LEADING_BLANK_LINES.match(text).end()  # type: ignore[union-attr]  # matches always
    line = text.count("\n", 0, start) + 1
    is_empty = not text or text.isspace()
    if is_empty and not is_optional:
        raise DocumentError(Code.EMPTY_FILE, "The file is empty.", 1, 1)
    begin = text[start : start + 40].partition("\n")[0]
    fence = begin.rstrip(_BEHIND_A_FENCE)
    if fence in LANGUAGES:
        return _fenced(text, start, line, fence)
    if _JSON.match(text, start):
        return _object(text, start, line)
    if found := _OTHER_LANGUAGE.match(begin):
        message = f"Front matter in {found[1]} is not supported."
        raise DocumentError(Code.OTHER_LANGUAGE, message, line, 1)
    if is_optional and not _NAMED.match(begin):
        return Document("", line, text, "yaml")
    message = f"The file does not start with --- but with {begin!r}."
    raise DocumentError(Code.NO_FRONT_MATTER, message, line, 1)


def _fenced(text: str, start: int, fence_line: int, fence: str) -> Document:
    start = text.find("\n", start) + 1
    end = text.find(f"\n{fence}\n", start)
    block = text[start : end + 1]
    # Nearly all end so, and are searched for it alone in a quarter of the time (6 of 27 µs).
    may_end_before = f"\n{fence}" in block or "\n..." in block or block.startswith((fence, "..."))
    if end >= 0 and not may_end_before:
        return Document(block, fence_line + 1, text[end + len(fence) + 2 :], LANGUAGES[fence])
    found = _ENDS[fence].search(text, start) if start else None
    if found is None:
        raise _unclosed(text, start, fence_line, fence)
    block, body = text[start : found.start()], text[found.end() :]
    return Document(block, fence_line + 1, body, LANGUAGES[fence])


def _unclosed(text: str, start: int, fence_line: int, fence: str) -> DocumentError:
    message = f"The front matter that starts on line {fence_line} is not closed."
    near = _ALMOST_AN_END[fence].search(text, start + 1)
    if near:
        line = text.count("\n", 0, near.start()) + 1
        message += f" Line {line} looks like the closing line, but is {near.group()!r}."
    return DocumentError(Code.UNCLOSED_FRONT_MATTER, message, fence_line, 1)


# A string ends with its line at the latest, so that one quote too many does not hide the end. For
# each turn of a group that it could take back, `re` keeps a hundred bytes.
_JSON_SIGNS = re.compile(r'"[^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*+"?|[{}]')


def _object(text: str, start: int, line: int) -> Document:
    depth = 0
    for sign in _JSON_SIGNS.finditer(text, start):
        depth += {"{": 1, "}": -1}.get(sign.group(), 0)
        if depth == 0:
            body = re.sub(r"\A[ \t]*\n", "", text[sign.end() :])
            return Document(text[start : sign.end()], line, body, "json")
    return Document(text[start:], line, "", "json")  # the reader finds why it has no end
