r"""Where a Markdown text holds code and maths.

Which delimiters begin maths is a setting of the site: a dollar is money as often.  The time that
it takes is linear in the length of the text, whatever the text is: an opening delimiter learns the
place of its closing one from a single pass from right to left, and is never searched for again.
"""

import re
from collections.abc import Iterable, Iterator, Set
from enum import StrEnum
from functools import cache
from typing import NamedTuple, TypeAlias

__all__ = ["ALL", "Delimiters", "Kind", "Span", "code_spans", "spans", "unbalanced"]

Delimiters: TypeAlias = tuple[str, ...]  # those that open maths, of `ALL`
ALL: Delimiters = ("$", "$$", r"\(", r"\[")


class Kind(StrEnum):
    """What a span is."""

    FENCE = "fence"  # a fenced code block
    CODE = "code"  # inline code
    DISPLAY = "display"  # maths set on lines of its own: $$…$$ or \[…\]
    INLINE = "inline"  # maths within a line: \(…\) or $…$


class Span(NamedTuple):
    """A piece of text that is not prose.

    ``text[start:end]`` is the piece with its delimiters, ``text[inner_start:inner_end]``
    without.  A fence begins at its first backtick or tilde; its inner text is whole lines,
    indented as they stand, and its end is the end of the closing line or of the text.
    """

    kind: Kind
    start: int
    end: int
    inner_start: int
    inner_end: int


# A fence may stand in any container block, so its indent is not limited to the three
# columns of CommonMark 0.31 §4.5, and list and quote markers may precede it.
_FENCE_LINE = re.compile(
    r"""
    ^ [ \t]*
    (?P<markers> (?: >[ \t]* | (?: [-*+] | \d{1,9}[.)] ) [ \t]+ )*+ )
    (?P<fence> `{3,} | ~{3,} )
    (?P<info> [^\n]* )
    """,
    re.MULTILINE | re.VERBOSE,
)
_BLANK_LINE = r"\n[ \t]*(?=\n)"
# Here every alternative begins with a literal: `re` then skips what none of them begins with.
_BACKTICKS = re.compile(rf"``*|{_BLANK_LINE}")
_MATHS_MARK = re.compile(rf"\\[\\$()\[\]]|\$\$\$+|\$\$?|{_BLANK_LINE}")
# The row end in "\\[2pt]" is no delimiter, nor is an escaped dollar or a price of three.
_CLOSING = {"$$": "$$", r"\[": r"\]", r"\(": r"\)", "$": "$"}


def spans(text: str, maths: Delimiters = ALL) -> list[Span]:
    """The code and the maths of a decoded text, in order and never overlapping.

    Code comes first: what looks like maths in code is code.  What no rule claims is prose,
    a dollar before an amount of money above all, and what stands between other delimiters than
    those of `maths`.
    """
    code = code_spans(text)
    if not any(opening in text for opening in maths):
        return code
    signs = _signs(maths)
    found: list[Span] = []
    for start, end, following in _gaps(code, len(text)):
        found += _maths(text, start, end, signs)
        if following:
            found.append(following)
    return found


def unbalanced(text: str, maths: Delimiters = ALL) -> list[int]:
    r"""The places of ``$$``, ``\(``, ``\)``, ``\[`` and ``\]`` in prose that have no partner.

    Only those that are delimiters of `maths`, and no single dollar: it is money as often.
    """
    if "$$" not in text and ("\\" not in text or not re.search(r"\\[()\[\]]", text)):
        return []
    signs = _signs(maths)
    return [
        mark.start
        for start, end, _ in _gaps(code_spans(text), len(text))
        if not _take_turns(_MATHS_MARK.findall(text, start, end), signs)
        for mark, partner in _pairs(text, start, end, signs)
        if partner is None and mark.sign != "$" and mark.sign[0] != "\n"
    ]


@cache
def _signs(maths: Delimiters) -> frozenset[str]:
    """The delimiters that open maths, and those that close it."""
    return frozenset(sign for opening in maths for sign in (opening, _CLOSING[opening]))


def _take_turns(marks: Iterable[str], signs: Set[str]) -> bool:
    """Whether each delimiter is closed by the one after it, as nearly always.

    Single dollars are passed over: a pair of them holds no other delimiter.
    """
    closing: str | None = None
    for mark in marks:
        if mark == "$" or (mark not in signs and mark[0] != "\n"):
            continue
        if closing is not None:
            if mark != closing:
                return False
            closing = None
        elif mark[0] != "\n":
            closing = _CLOSING.get(mark)
            if closing is None:
                return False
    return closing is None


def code_spans(text: str) -> list[Span]:
    """Fences, then inline code between them; in order."""
    if "`" not in text and "~" not in text:
        return []
    found: list[Span] = []
    for start, end, following in _gaps(list(_fences(text)), len(text)):
        found += _inline_code(text, start, end)
        if following:
            found.append(following)
    return found


def _gaps(found: list[Span], length: int) -> Iterator[tuple[int, int, Span | None]]:
    """The stretches that no span covers, each with the span after it."""
    start = 0
    for span in found:
        yield start, span.start, span
        start = span.end
    yield start, length, None


def _fences(text: str) -> Iterator[Span]:
    """Fenced code blocks, CommonMark 0.31 §4.5; one that is never closed runs to the end."""
    if "```" not in text and "~~~" not in text:
        return
    opening: re.Match[str] | None = None
    mark = ""  # of the opening line, and cut out of it once: it may be long
    for line in _FENCE_LINE.finditer(text):
        fence, info = line["fence"], line["info"]
        if opening is None:
            # A backtick in the info string makes it inline code.
            if fence[0] == "~" or "`" not in info:
                opening, mark = line, fence
        elif fence.startswith(mark) and not info.strip() and _only_quotes(line):
            yield Span(
                Kind.FENCE, opening.start("fence"), line.end(), opening.end() + 1, line.start()
            )
            opening = None
    if opening is not None:
        inner_start = min(opening.end() + 1, len(text))
        yield Span(Kind.FENCE, opening.start("fence"), len(text), inner_start, len(text))


def _only_quotes(line: re.Match[str]) -> bool:
    """A list marker opens an item, in which nothing can be closed."""
    return not line["markers"].strip("> \t")


def _inline_code(text: str, start: int, end: int) -> Iterator[Span]:
    """Backtick runs of equal length within a paragraph, CommonMark 0.31 §6.1."""
    runs = list(_BACKTICKS.finditer(text, start, end))
    escaped = [_is_escaped(text, run.start(), start) for run in runs]
    closing: list[int | None] = [None] * len(runs)
    nearest: dict[int, int] = {}
    for index in range(len(runs) - 1, -1, -1):
        run = runs[index]
        if text[run.start()] == "\n":
            nearest.clear()
            continue
        length = run.end() - run.start()
        closing[index] = nearest.get(length - escaped[index])
        # A backslash within code is a backslash, so an escaped run can close.
        nearest[length] = index
    index = 0
    while index < len(runs):
        close = closing[index]
        if close is not None:
            first, last = runs[index], runs[close]
            span_start = first.start() + escaped[index]
            yield Span(Kind.CODE, span_start, last.end(), first.end(), last.start())
            index = close
        index += 1


def _is_escaped(text: str, offset: int, start: int) -> bool:
    """Whether an odd number of backslashes stands before the offset."""
    before = offset
    while before > start and text[before - 1] == "\\":
        before -= 1
    return (offset - before) % 2 == 1


class _Mark(NamedTuple):
    """A delimiter of maths, or the end of a paragraph."""

    sign: str
    start: int
    end: int


def _maths(text: str, start: int, end: int, signs: Set[str]) -> Iterator[Span]:
    """Maths in a stretch without code."""
    for first, last in _pairs(text, start, end, signs):
        if last is not None:
            kind = Kind.DISPLAY if first.sign in ("$$", r"\[") else Kind.INLINE
            yield Span(kind, first.start, last.end, first.end, last.start)


def _pairs(
    text: str, start: int, end: int, signs: Set[str]
) -> Iterator[tuple[_Mark, _Mark | None]]:
    """The marks in a stretch without code but outside of maths, each with the one that closes it.

    The leftmost delimiter that is closed wins.
    """
    marks = [
        _Mark(sign, *mark.span())
        for mark in _MATHS_MARK.finditer(text, start, end)
        if (sign := mark.group()) in signs or sign[0] == "\n"
    ]
    closing = _closing_marks(marks)
    index = 0
    while index < len(marks):
        first, close = marks[index], closing[index]
        index += 1
        if close is None or (
            first.sign == "$" and not _is_maths(text, first.start, marks[close].start)
        ):
            yield first, None
        else:
            yield first, marks[close]
            index = close + 1


def _closing_marks(marks: list[_Mark]) -> list[int | None]:
    """For each opening delimiter the next one that could close it, within its paragraph.

    Single dollars hold no other delimiter: there are too many amounts of money to let
    the dollar of one reach over a formula to the dollar of the next.
    """
    closing: list[int | None] = [None] * len(marks)
    nearest: dict[str, int] = {}
    for index in range(len(marks) - 1, -1, -1):
        mark = marks[index].sign
        if mark[0] == "\n":
            nearest.clear()
            continue
        if mark in _CLOSING:
            closing[index] = nearest.get(_CLOSING[mark])
        if mark != "$":
            nearest.pop("$", None)
        nearest[mark] = index
    return closing


def _is_maths(text: str, opening: int, closing: int) -> bool:
    """Whether two single dollars are delimiters, not two amounts of money.

    Tight opens with tight (``$x$``) and spaced with spaced (``$ x $``).  No digit follows
    the closing dollar, which would make an amount of it, and no letter a spaced one.  Behind a
    blank a digit makes an amount of it where the first is one (``$1,000, or US$ 5``).  Behind a
    Latin letter or a digit none opens (``US$5``, ``A$AP``), nor do two names of variables
    (``$HOME/bin:$PATH``) or an amount with words behind it (``$5 per month and 10$``) hold maths.
    """
    first, inner = text[opening + 1], text[opening + 1 : closing]
    before, after = text[opening - 1 : opening], text[closing + 1 : closing + 3]
    if opening and before.isascii() and before.isalnum():
        return False
    spaced = first.isspace()
    if spaced != text[closing - 1].isspace():
        return False
    if first.isdigit():
        is_amount = after[:1].isspace() and after[1:].isdigit()
        if is_amount or ("\\" not in inner and _WORDS.search(inner)):
            return False
    elif _is_name(inner[:2]) and _is_name(after):
        return False
    return not (after[:1].isdigit() or (spaced and after[:1].isalpha()))


_WORDS = re.compile(r"\b[A-Za-z]{3,}[ ][A-Za-z]{3,}\b")


def _is_name(text: str) -> bool:
    """Whether a name of a variable of a shell begins like this."""
    return len(text) == 2 and text.isascii() and text.isupper() and text.isalpha()
