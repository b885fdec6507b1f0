"""Mechanical fixes of rejected files: what an author would have to type, proposed.

A mend changes the lines that hold a problem and no others. It never decides what an author meant
where two readings are possible, and nothing is proposed that is not accepted when it is read again.
"""

import copy
import itertools
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ..base import printable
from ..base.errors import SettingsError
from ..base.problems import Code, DocumentError, Problem, unforeseen
from ..base.wording import counted
from ..content.article import Rules, article_of
from ..files import atomic
from ..frontmatter.fences import decode, other_unicode, split
from ..sources.raw_file import RawFile
from ..sources.source import Source
from .fixes import FENCES, proposals

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


def problems_of(data: bytes, path: str, rules: Rules) -> Sequence[Problem]:
    """All that keeps a file from being an article; nothing if it is one, or is skipped."""
    try:
        result = article_of(decode(data), path, rules)
    except DocumentError as error:
        return error.problems
    except Exception as error:  # noqa: BLE001  as a build does with the same file
        return unforeseen(error).problems
    return tuple(result) if isinstance(result, list) else ()


def check_folder(folder: Path, source: Source, out: Path, paths: Sequence[str]) -> None:
    """Refuse a folder in which a proposed file would stand in the place of another.

    Raises:
        SettingsError: It lies in the raw folder or in the output folder, is a file, holds a file
            of such a path, or a link that leads out of it.
    """
    home = folder.resolve()
    for place in (folder, *(folder / path for path in paths)):
        real = place.resolve()
        if source.holds(real) or real.is_relative_to(out.resolve()):
            message = f"{folder} is inside the raw folder or the output folder: name another."
            raise SettingsError(message)
        if not real.is_relative_to(home):
            message = f"A symlink in {folder} leads out of it: name an empty folder."
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


def mend_file(file: RawFile | DocumentError, rules: Rules) -> Mended:
    """Propose a file for a raw file that was read, or for none.

    For one that is accepted as it is, nothing is proposed and nothing is left.
    """
    if isinstance(file, DocumentError):
        return Mended(None, (), file.problems)
    if not problems_of(file.data, file.path, rules):
        return Mended(None, (), ())
    return mend(file.data, file.path, rules)


def mend(data: bytes, path: str, rules: Rules) -> Mended:
    """Propose a file that is accepted, if mechanical changes lead to one.

    Of the ways to mend a problem the one is taken after which the file can be read furthest.
    """
    try:
        lines = _Lines(data)
    except UnicodeError:
        lines = None
    if lines is None or len(data) > _MOST_BYTES:
        return Mended(None, (), tuple(problems_of(data, path, rules)))
    keys = {part for key in rules.model.all_keys() for part in key.split(".")}
    changed: set[int] = set()
    left: list[Problem] = []
    problems = problems_of(lines.data, path, rules)
    to_read = max(_MOST_READ, _MOST_TIMES_READ * len(data))
    for _ in range(_MOST_MENDS):
        problem = next((problem for problem in problems if problem not in left), None)
        if problem is None or to_read < 0:
            break
        best, rank = None, _rank(problems)
        for change in itertools.islice(
            proposals(lines.texts, problem, _language(lines.data), keys), _MOST_WAYS
        ):
            candidate = lines.replaced(change)
            to_read -= len(data)
            if to_read < 0:
                break
            after = problems_of(candidate.data, path, rules)
            is_mended = not any((p.line or 0) - 1 in change and p.code not in FENCES for p in after)
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


def _language(data: bytes) -> str | None:
    try:
        return split(decode(data)).language
    except DocumentError:
        return None


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


_OF_VALUES = {
    *(Code.MISSING_KEY, Code.EMPTY_VALUE, Code.WRONG_TYPE, Code.OUT_OF_RANGE),
    *(Code.INVALID_DATE, Code.INVALID_URL),
}


def _rank(problems: Sequence[Problem]) -> tuple[int, int, int]:
    """How far a file can be read: to a fence, its syntax or its values; how many problems are
    left, and where. The problem behind a mended one in the same entry is seen only now.
    """
    codes = {problem.code for problem in problems}
    stages = (FENCES - {Code.UNCLOSED_FRONT_MATTER}, FENCES, set(Code) - _OF_VALUES)
    stage = next((number for number, stage in enumerate(stages) if codes & stage), len(stages))
    return stage, -len(problems), sum(problem.line or 0 for problem in problems)
