"""Mechanical mends of files that were set aside: what an author would have to type, proposed.

A mend changes the lines that hold a problem and no others. It never decides what an author meant
where two readings are possible, and nothing is proposed that is not accepted when it is read again.
"""

import contextlib
import copy
import datetime as dt
import itertools
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from ..base import printable
from ..base.errors import Code, DocumentError, Problem, SettingsError, unforeseen
from ..base.wording import counted
from ..content.articles import Article, normalize
from ..files import atomic
from ..frontmatter.fences import other_unicode
from ..frontmatter.load import decode, load, split
from ..model.settings import DEFAULT_KEYS, ContentModel, Limits
from ..sources.listing import read

# A file is read again for each way to mend each of its problems.
_MOST_MENDS = 100
_MOST_WAYS = 20
_MOST_BYTES = 1_000_000
# To read a hundred bytes takes up to 0.2 ms where there is much to mend.
_MOST_READ = 1_000_000
_MOST_TIMES_READ = 4  # and of a large file


class Mended(NamedTuple):
    """What became of a file: the proposed bytes and the lines, from 1, that differ; or None.

    `left` are the problems that need a person; nothing is proposed while there are any.
    """

    data: bytes | None
    lines: tuple[int, ...]
    left: tuple[Problem, ...]


def problems_of(data: bytes, limits: Limits, model: ContentModel) -> Sequence[Problem]:
    """All that keeps a file from being an article; nothing if it is one."""
    try:
        document = split(decode(data))
        result = normalize(load(document, limits), document.body, model)
    except DocumentError as error:
        return error.problems
    except Exception as error:  # noqa: BLE001  as a build does with the same file
        return unforeseen(error).problems
    return () if isinstance(result, Article) else tuple(result)


def check_folder(folder: Path, others: Sequence[Path], paths: Sequence[str]) -> None:
    """Refuse a folder in which a proposed file would stand in the place of another.

    Raises:
        SettingsError: It lies in one of the `others`, raw folder and output folder, is a
            file, holds a file of such a path, or a link that leads out of it.
    """
    home = folder.resolve()
    for place in (folder, *(folder / path for path in paths)):
        real = place.resolve()
        if any(real.is_relative_to(other.resolve()) for other in others):
            message = f"{folder} leads into the raw folder or into the output folder: name another."
            raise SettingsError(message)
        if not real.is_relative_to(home):
            message = f"A link in {folder} leads out of it: name an empty folder."
            raise SettingsError(message)
    taken = [path for path in paths if os.path.lexists(folder / path)]
    if taken:
        more = f" and {counted(len(taken) - 1, 'other')}" * (len(taken) > 1)
        message = f"{folder} holds {printable.line(taken[0])}{more} already: name an empty folder."
        raise SettingsError(message)
    if folder.exists() and not folder.is_dir():
        message = f"{folder} is not a folder."
        raise SettingsError(message)


def write(folder: Path, path: str, data: bytes) -> None:
    """Write a proposed file.

    Raises:
        OSError: It cannot be written, or exists.
    """
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    stream = target.open("xb")
    try:
        with atomic.named(target), stream:
            stream.write(data)
    except BaseException:
        target.unlink()  # what there is of it
        raise


def mend_file(raw: Path, path: str, limits: Limits, model: ContentModel) -> Mended:
    """Propose a file for one of the raw folder. One that is accepted as it is has nothing left."""
    try:
        data = read(raw, path, limits.file_bytes).data
    except DocumentError as error:
        return Mended(None, (), error.problems)
    if not problems_of(data, limits, model):
        return Mended(None, (), ())
    return mend(data, limits, model)


def mend(data: bytes, limits: Limits, model: ContentModel) -> Mended:
    """Propose a file that is accepted, if mechanical changes lead to one.

    Of the ways to mend a problem the one is taken after which the file can be read furthest.
    """
    try:
        lines = _Lines(data)
    except UnicodeError:
        lines = None
    if lines is None or len(data) > _MOST_BYTES:
        return Mended(None, (), tuple(problems_of(data, limits, model)))
    changed: set[int] = set()
    left: list[Problem] = []
    problems = problems_of(lines.data, limits, model)
    to_read = max(_MOST_READ, _MOST_TIMES_READ * len(data))
    for _ in range(_MOST_MENDS):
        problem = next((problem for problem in problems if problem not in left), None)
        if problem is None or to_read < 0:
            break
        best, rank = None, _rank(problems)
        for change in itertools.islice(_proposals(lines, problem, model), _MOST_WAYS):
            candidate = lines.replaced(change)
            to_read -= len(data)
            if to_read < 0:
                break
            after = problems_of(candidate.data, limits, model)
            is_mended = not any(
                (p.line or 0) - 1 in change and p.code not in _FENCES for p in after
            )
            if is_mended and _rank(after) > rank:
                best, rank = (change, candidate, after), _rank(after)
        if best is None:
            left.append(problem)
        else:
            change, candidate, problems = best
            changed.update(n + 1 for n, text in change.items() if text != lines.texts[n])
            lines = candidate
    if problems:
        return Mended(None, (), tuple(problems))
    return Mended(lines.data, tuple(sorted(changed)), ())


class _Lines:
    """The lines of a file, each with its end, so that what is not changed stays as it is."""

    def __init__(self, data: bytes) -> None:
        name = other_unicode(data)
        text = data.decode(name or "utf-8")
        self.mark = "\ufeff" if text.startswith("\ufeff") and not name else ""
        parts = re.split("(\r\n|\r|\n)", text.removeprefix("\ufeff"))
        self.texts, self.ends = parts[::2], [*parts[1::2], ""]
        self.newline = self.ends[0] or "\n"

    @property
    def data(self) -> bytes:
        pairs = zip(self.texts, self.ends, strict=True)
        return (self.mark + "".join(text + end for text, end in pairs)).encode()

    def replaced(self, change: Mapping[int, str]) -> "_Lines":
        """The same with other lines; one that holds a newline puts a line before its own."""
        lines = copy.copy(self)
        lines.texts = list(self.texts)
        for number, text in change.items():
            lines.texts[number] = text.replace("\n", self.newline)
        return lines


_FENCES = {Code.NO_FRONT_MATTER, Code.UNCLOSED_FRONT_MATTER, Code.EMPTY_FILE}
_OF_VALUES = {
    *(Code.MISSING_KEY, Code.EMPTY_VALUE, Code.WRONG_TYPE, Code.OUT_OF_RANGE),
    *(Code.INVALID_DATE, Code.INVALID_URL),
}


def _rank(problems: Sequence[Problem]) -> tuple[int, int, int]:
    """How far a file can be read: to a fence, its syntax or its values; how many problems are
    left, and where. The problem behind a mended one in the same entry is seen only now.
    """
    codes = {problem.code for problem in problems}
    stages = (_FENCES - {Code.UNCLOSED_FRONT_MATTER}, _FENCES, set(Code) - _OF_VALUES)
    stage = next((number for number, stage in enumerate(stages) if codes & stage), len(stages))
    return stage, -len(problems), sum(problem.line or 0 for problem in problems)


Change = dict[int, str]


def _proposals(lines: _Lines, problem: Problem, model: ContentModel) -> Iterator[Change]:
    """Ways to mend a problem: lines, from 0, with what to put there."""
    number = (problem.line or 1) - 1
    if problem.code in _FENCES:
        yield from _fences(lines.texts, number)
    mend = _MENDS.get(problem.code)
    if mend is not None and split(decode(lines.data)).language == "yaml":
        yield from mend(lines.texts, number, problem, model)


_FENCE = re.compile("[ \t\ufeff]*(?:-{3,}|[-–—]{2,3}|[–—]|\\.\\.\\.|(\\+{3,}))[ \t\ufeff]*")
_KEY_LINE = re.compile(r"[A-Za-z_][\w-]*:(?:[ \t]|$)")


def _fences(texts: Sequence[str], number: int) -> Iterator[Change]:
    """The line that is almost a fence; else a fence where the file can be read with it."""
    begins = texts[number] if number < len(texts) else ""
    if begins not in {"---", "+++"}:
        if match := _FENCE.fullmatch(begins):
            yield {number: "+++" if match[1] else "---"}
        elif _KEY_LINE.match(begins):
            yield {number: "---\n" + begins}
        return
    for index, text in enumerate(texts[number + 1 :], number + 1):
        if _FENCE.fullmatch(text):
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


def _quote(
    texts: Sequence[str], number: int, _problem: Problem, _model: ContentModel
) -> Iterator[Change]:
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


def _quote_brackets(
    texts: Sequence[str], number: int, problem: Problem, model: ContentModel
) -> Iterator[Change]:
    """Brackets that are text for sure, not a list; ``yes`` where true is needed."""
    value = _value(texts[number])
    if value is None:
        return
    if re.fullmatch(r"\[\[.*\]\]|\{\{.*\}\}|\[[^],]*\]", value.text):
        yield from _quote(texts, number, problem, model)
    flag = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(value.text.lower())
    if flag:
        yield {number: value.before + flag + value.after}


def _spaces(
    texts: Sequence[str], number: int, _problem: Problem, _model: ContentModel
) -> Iterator[Change]:
    """Blanks for the tabs before a line; how many is tried."""
    text = texts[number]
    begin = text[: len(text) - len(text.lstrip(" \t"))]
    for width in (2, 4, 8, 0):
        yield {number: begin.replace("\t", " " * width) + text[len(begin) :]}


def _quote_sign(
    texts: Sequence[str], number: int, problem: Problem, model: ContentModel
) -> Iterator[Change]:
    """A value that begins with ! or *, if that is not a tag or a reference by the look of it."""
    value = _value(texts[number])
    text = value.text if value else ""
    anchor = re.match(r"\*([\w-]+)", text)
    if text.startswith("!!") or (anchor and any(f"&{anchor[1]}" in line for line in texts)):
        return
    yield from _quote(texts, number, problem, model)


_NO_COLON = re.compile(r"(\s*[A-Za-z_][\w-]*)[ \t]+([>|][-+]?[ \t]*)")
_NO_BLANK = re.compile(r"(\s*([A-Za-z_][\w-]*)):(?!//)(\S.*)")


def _colon(
    texts: Sequence[str], number: int, _problem: Problem, model: ContentModel
) -> Iterator[Change]:
    """The colon after a key, or the blank after the colon of a key that the model knows."""
    if match := _NO_COLON.fullmatch(texts[number]):
        yield {number: f"{match[1]}: {match[2]}"}
    known = {part for column in DEFAULT_KEYS for part in model.key(column).split(".")}
    match = _NO_BLANK.fullmatch(texts[number])
    if match and match[2] in known:
        yield {number: f"{match[1]}: {match[3]}"}


_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")

# What is left of \alpha, \beta, \frac or \vec where a program took the backslash for an escape.
_DAMAGED_TEX = re.compile("[\x07\x08\x0b\x0c](?=[A-Za-z])")


def _visible(
    texts: Sequence[str], number: int, problem: Problem, model: ContentModel
) -> Iterator[Change]:
    """The line without what cannot be seen; in single quotes if a backslash made it."""
    if _DAMAGED_TEX.search(texts[number]):
        return
    text = _INVISIBLE.sub("", texts[number])
    if text != texts[number]:
        yield {number: text}
    else:
        yield from _quote(texts, number, problem, model)


_MONTHS = "january february march april may june july august september october november december"
_MONTH = {name[:3]: number for number, name in enumerate(_MONTHS.split(), 1)}
_DATES = (
    re.compile(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})"),
    re.compile(r"(?P<m>[A-Za-z]{3,9})\.? (?P<d>\d{1,2})(?:st|nd|rd|th)?,? (?P<y>\d{4})"),
    re.compile(r"(?P<d>\d{1,2})(?:st|nd|rd|th)?\.? (?P<m>[A-Za-z]{3,9})\.?,? (?P<y>\d{4})"),
)


def _date(
    texts: Sequence[str], number: int, _problem: Problem, _model: ContentModel
) -> Iterator[Change]:
    """A date that begins with the year, or has the month as an English word."""
    value = _value(texts[number])
    text = value.text.strip("'\"") if value else ""
    for form in _DATES:
        found = form.fullmatch(text)
        if value is None or found is None:
            continue
        name = found["m"].lower()
        month = int(name) if name.isdigit() else _MONTH.get(name[:3], 0)
        if not name.isdigit() and not any(full.startswith(name) for full in _MONTHS.split()):
            continue
        with contextlib.suppress(ValueError):
            date = dt.date(int(found["y"]), month, int(found["d"]))
            yield {number: value.before + date.isoformat() + value.after}


def _percent(
    texts: Sequence[str], number: int, _problem: Problem, _model: ContentModel
) -> Iterator[Change]:
    """The percent-encoding of a path; what has a query or a fragment is more than a path."""
    value = _value(texts[number])
    if value is None or not value.text.startswith("/") or {"?", "#"} & set(value.text):
        return
    path = quote(value.text, safe="/%:@!$&'()*+,;=~-._")
    yield {number: value.before + path + value.after}


_Mend = Callable[[Sequence[str], int, Problem, ContentModel], Iterator[Change]]
_MENDS: Mapping[Code, _Mend] = {
    Code.UNQUOTED_COLON: _quote,
    Code.QUOTES: _quote,
    Code.RESERVED_CHARACTER: _quote,
    Code.UNKNOWN_ALIAS: _quote_sign,
    Code.UNSUPPORTED_TAG: _quote_sign,
    Code.UNSUPPORTED_KEY: _quote,
    Code.WRONG_TYPE: _quote_brackets,
    Code.TAB: _spaces,
    Code.NOT_A_MAPPING: _colon,
    Code.FORBIDDEN_CHARACTER: _visible,
    Code.INVALID_DATE: _date,
    Code.INVALID_URL: _percent,
}
