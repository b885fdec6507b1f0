"""The mechanical changes that may mend a problem of a file, by the code of the problem.

Each yields ways to change lines: what an author would have to type. Which of them leads to a file
that is accepted is for `fix` to find out.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from ..base.problems import Code, Problem
from ..frontmatter.fences import meant_fence

# Lines, by their numbers from 0, with what to put there.
Change = dict[int, str]
FENCES = {Code.NO_FRONT_MATTER, Code.UNCLOSED_FRONT_MATTER, Code.EMPTY_FILE}


def proposals(
    texts: Sequence[str], problem: Problem, language: str | None, keys: Collection[str]
) -> Iterator[Change]:
    """Ways to mend a problem in the lines of a file.

    `language` is that of its front matter, None where it has none; `keys` are those that the model
    knows.
    """
    number = (problem.line or 1) - 1
    if problem.code in FENCES:
        yield from _fences(texts, number)
    if language != "yaml":
        return
    if problem.code == Code.NOT_A_MAPPING:
        yield from _colon(texts, number, keys)
    elif problem.code in _MENDS:
        yield from _MENDS[problem.code](texts, number)


_KEY_LINE = re.compile(r"[A-Za-z_][\w-]*:(?:[ \t]|$)")


def _fences(texts: Sequence[str], number: int) -> Iterator[Change]:
    """The line that is almost a fence; else a fence where the file can be read with it."""
    begins = texts[number] if number < len(texts) else ""
    if begins not in {"---", "+++"}:
        if fence := meant_fence(begins):
            yield {number: fence}
        elif _KEY_LINE.match(begins):
            yield {number: "---\n" + begins}
        return
    for index, text in enumerate(texts[number + 1 :], number + 1):
        if meant_fence(text):
            yield {index: begins}
    last = len(texts) - 1
    for index in range(number + 1, last):
        if not texts[index].strip() and texts[index + 1].strip():
            # What could be keys and comments may be front matter, or the body.
            rest = [text for text in texts[index + 1 :] if text.strip() and text[0] not in " \t#"]
            if not all(_KEY_LINE.match(text) for text in rest):
                yield {index: begins}
            return
    yield {last: f"{texts[last]}\n{begins}" if texts[last] else f"{begins}\n"}


class _Value(NamedTuple):
    """A value and what stands before and after it in its line."""

    before: str
    text: str
    after: str


# Indentation, hyphens of a list, key, colon.
_BEFORE_VALUE = re.compile(r"[ \t]*(?:-[ ]+)*+(?:[\w.]|-(?![ ]))[\w .-]*?:[ \t]+|[ \t]*(?:-[ ]+)++")


def _value(line: str) -> _Value | None:
    """The value that begins in a line."""
    match = _BEFORE_VALUE.match(line)
    text = line[match.end() :].rstrip() if match else ""
    if match is None or not text:
        return None
    return _Value(match.group(), text, line[match.end() + len(text) :])


_BLOCK = re.compile(r"(^|\s)[|>][-+1-9]*$")


def _quoted(texts: Sequence[str], first: int, last: int) -> Iterator[Change]:
    """The value that begins in one line and ends in another, in quotes."""
    value = _value(texts[first])
    if value is None:
        return
    parts = [value.text, *texts[first + 1 : last], *([texts[last].rstrip()] * (last > first))]
    if any(re.search(r"(^|\s)#", part) for part in parts):
        return  # a comment, or text
    if first < last and _BLOCK.search(value.text):
        return  # its text may begin in the next line, or in this one
    quoted = _in_quotes(parts)
    if quoted is not None:
        quoted[0] = value.before + quoted[0]
        if first == last:
            quoted[0] += value.after
        yield {first + index: text for index, text in enumerate(quoted)}


def _in_quotes(parts: Sequence[str]) -> list[str] | None:
    """A value of one line or more between quotes; None if an author could mean two things."""
    begin, end = parts[0][0], parts[-1][-1:]
    rest = [parts[0][1:], *parts[1:]]
    if begin in "'\"":
        if begin == end and any(rest):
            return _in_one_pair(parts, begin)
        if not any(begin in part for part in rest):  # "'": an apostrophe, or a quote without end
            return [*parts[:-1], parts[-1] + begin] if begin == '"' else None
    if begin in _BRACKETS and not any(_BRACKETS[begin] in part for part in rest):
        return None  # text, or a list without its end
    return _single(parts)


def _in_one_pair(parts: Sequence[str], sign: str) -> list[str] | None:
    surrounds = _surrounds("\n".join(parts), sign)
    if surrounds is None:
        return None
    if not surrounds:
        return _single(parts)
    inner = [*parts]
    inner[0] = inner[0][1:]
    inner[-1] = inner[-1][:-1]
    if sign == "'":
        return _single([part.replace("''", "'") for part in inner])
    return None if any(_MEANT_ESCAPE.search(part) for part in inner) else _single(inner)


def _single(parts: Sequence[str]) -> list[str]:
    """In single quotes, which change no character."""
    texts = [part.replace("'", "''") for part in parts]
    texts[0] = "'" + texts[0]
    texts[-1] += "'"
    return texts


_BRACKETS = {"[": "]", "{": "}"}


def _surrounds(value: str, sign: str) -> bool | None:
    """Whether the quotes that a value begins and ends with are one pair around it: not those of
    ``"a" and "b"``. None if either could be meant.
    """
    inner = value[1:-1]
    at = inner.find(sign)
    before, after = inner[:at][-1:], inner[at + 1 :][:1]
    if at < 0 or inner[at : at + 2] == "''" or (before.isalnum() and after.isalnum()):
        return True
    if not before or before.isspace() or before in "([{\\":
        return True
    return False if inner.count(sign) % 2 == 0 else None


# Written on purpose: in single quotes it would stay as it is.
_MEANT_ESCAPE = re.compile(r'\\(?:["/\\]|[ntr](?![A-Za-z])|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2})')


def _quote(texts: Sequence[str], number: int) -> Iterator[Change]:
    """The value in or around a line in quotes."""
    yield from _quoted(texts, number, number)
    indent = _indent(texts[number])
    first = number
    while first > 0 and texts[first].strip() and _indent(texts[first]) >= max(indent, 1):
        first -= 1
    last = number
    while last + 1 < len(texts) and _indent(texts[last + 1]) > _indent(texts[first]):
        last += 1
    # One word and a colon may be a key that stands in the wrong column.
    if first < last and not any(_KEY_LINE.match(t.strip()) for t in texts[first + 1 : last + 1]):
        yield from _quoted(texts, first, last)


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip(" ")) if text.strip() else 0


def _quote_brackets(texts: Sequence[str], number: int) -> Iterator[Change]:
    """Brackets that are text for sure, not a list."""
    value = _value(texts[number])
    if value and re.fullmatch(r"\[\[.*\]\]|\{\{.*\}\}|\[[^],]*\]", value.text):
        yield from _quote(texts, number)


def _spaces(texts: Sequence[str], number: int) -> Iterator[Change]:
    """Blanks for the tabs before a line; how many is tried."""
    text = texts[number]
    begin = text[: len(text) - len(text.lstrip(" \t"))]
    for width in (2, 4, 8, 0):
        yield {number: begin.replace("\t", " " * width) + text[len(begin) :]}


def _quote_sign(texts: Sequence[str], number: int) -> Iterator[Change]:
    """A value that begins with ! or *, if that is not a tag or a reference by the look of it."""
    value = _value(texts[number])
    text = value.text if value else ""
    anchor = re.match(r"\*([\w-]+)", text)
    if text.startswith("!!") or (anchor and any(f"&{anchor[1]}" in line for line in texts)):
        return
    yield from _quote(texts, number)


_NO_COLON = re.compile(r"(\s*[A-Za-z_][\w-]*)[ \t]+([>|][-+]?[ \t]*)")
_NO_BLANK = re.compile(r"(\s*([A-Za-z_][\w-]*)):(?!//)(\S.*)")


def _colon(texts: Sequence[str], number: int, keys: Collection[str]) -> Iterator[Change]:
    """The colon after a key, or the blank after the colon of a known key."""
    if match := _NO_COLON.fullmatch(texts[number]):
        yield {number: f"{match[1]}: {match[2]}"}
    match = _NO_BLANK.fullmatch(texts[number])
    if match and match[2] in keys:
        yield {number: f"{match[1]}: {match[3]}"}


_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")

# What is left of \alpha, \beta, \frac or \vec where a program took the backslash for an escape.
_DAMAGED_TEX = re.compile("[\x07\x08\x0b\x0c](?=[A-Za-z])")


def _visible(texts: Sequence[str], number: int) -> Iterator[Change]:
    """The line without what cannot be seen; in single quotes if a backslash made it."""
    if _DAMAGED_TEX.search(texts[number]):
        return
    text = _INVISIBLE.sub("", texts[number])
    if text != texts[number]:
        yield {number: text}
    else:
        yield from _quote(texts, number)


_MENDS: Mapping[Code, Callable[[Sequence[str], int], Iterator[Change]]] = {
    Code.UNQUOTED_COLON: _quote,
    Code.QUOTES: _quote,
    Code.RESERVED_CHARACTER: _quote,
    Code.UNKNOWN_ALIAS: _quote_sign,
    Code.UNSUPPORTED_TAG: _quote_sign,
    Code.UNSUPPORTED_KEY: _quote,
    Code.WRONG_TYPE: _quote_brackets,
    Code.TAB: _spaces,
    Code.FORBIDDEN_CHARACTER: _visible,
}
