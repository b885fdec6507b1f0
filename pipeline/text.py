r"""Where an answer holds code and maths, and which of its escapes are newlines.

An answer is Markdown with LaTeX in it.  In the front matter it stands on one line:
each newline is written as a backslash and an ``n``, and *nothing else* is escaped, so
that ``\t`` and ``\r`` begin LaTeX commands (``\text``, ``\rho``), and so does ``\n`` now
and then (``\neq``).  :func:`decode_newlines` tells the two apart; :func:`spans` finds code
and maths in what it returns.

Both take time linear in the length of the text, whatever the text is: an opening
delimiter learns the place of its closing one from a single pass from right to left, and
is never searched for again.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

__all__ = [
    "Decoded",
    "Doubt",
    "DoubtReason",
    "Kind",
    "Span",
    "decode_newlines",
    "spans",
    "unbalanced",
]


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


class DoubtReason(StrEnum):
    """Why an escape may have been read wrongly."""

    NU = "nu"  # a newline before the word u, or the Greek letter
    COMMAND_OUTSIDE_MATHS = "command_outside_maths"  # kept, though LaTeX has no business there
    NEWLINE_IN_STRING = "newline_in_string"  # decoded, though it may break a string literal


class Doubt(NamedTuple):
    """A place in the decoded text: of the newline, or of the backslash that was kept."""

    offset: int
    reason: DoubtReason


class Decoded(NamedTuple):
    """An answer with real newlines, and the places where another reading is possible.

    Doubts stand in the order of their offsets, one at most for a place.
    """

    text: str
    doubts: tuple[Doubt, ...]


# --- spans -----------------------------------------------------------------------------------

# A fence may stand in any container block, so its indent is not limited to the three
# columns of CommonMark 0.31 §4.5, and list and quote markers may precede it.
_FENCE_LINE = re.compile(
    r"""
    ^ [ \t]*
    (?P<markers> (?: >[ \t]* | (?: [-*+] | \d{1,9}[.)] ) [ \t]+ )* )
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
_DELIMITERS = {"$$", "$", r"\(", r"\)", r"\[", r"\]"}
_CLOSING = {"$$": "$$", r"\[": r"\]", r"\(": r"\)", "$": "$"}


def spans(text: str) -> list[Span]:
    """The code and the maths of a decoded text, in order and never overlapping.

    Code comes first: what looks like maths in code is code.  What no rule claims is prose,
    a dollar before an amount of money above all.
    """
    code = _code(text)
    if "$" not in text and r"\(" not in text and r"\[" not in text:
        return code
    found: list[Span] = []
    for start, end, following in _gaps(code, len(text)):
        found += _maths(text, start, end)
        if following:
            found.append(following)
    return found


def unbalanced(text: str) -> list[int]:
    r"""The places of ``$$``, ``\(``, ``\)``, ``\[`` and ``\]`` in prose that have no partner.

    A single dollar is not among them: it is money as often.
    """
    if "$$" not in text and ("\\" not in text or not re.search(r"\\[()\[\]]", text)):
        return []
    return [
        mark.start
        for start, end, _ in _gaps(_code(text), len(text))
        if not _take_turns(_MATHS_MARK.findall(text, start, end))
        for mark, partner in _pairs(text, start, end)
        if partner is None and mark.sign != "$" and mark.sign in _DELIMITERS
    ]


def _take_turns(marks: Iterable[str]) -> bool:
    """Whether each delimiter is closed by the one after it, as nearly always.

    Single dollars are passed over: a pair of them holds no other delimiter.
    """
    closing: str | None = None
    for mark in marks:
        if mark == "$":
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


def _code(text: str) -> list[Span]:
    """Fences, then inline code between them."""
    if not _may_hold_code(text):
        return []
    found: list[Span] = []
    for start, end, following in _gaps(list(_fences(text)), len(text)):
        found += _inline_code(text, start, end)
        if following:
            found.append(following)
    return found


def _may_hold_code(text: str) -> bool:
    return "`" in text or "~" in text


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
    for line in _FENCE_LINE.finditer(text):
        fence, info = line["fence"], line["info"]
        if opening is None:
            # A backtick in the info string makes it inline code.
            if fence[0] == "~" or "`" not in info:
                opening = line
        elif fence.startswith(opening["fence"]) and not info.strip() and _only_quotes(line):
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


def _maths(text: str, start: int, end: int) -> Iterator[Span]:
    """Maths in a stretch without code."""
    for first, last in _pairs(text, start, end):
        if last is not None:
            kind = Kind.DISPLAY if first.sign in ("$$", r"\[") else Kind.INLINE
            yield Span(kind, first.start, last.end, first.end, last.start)


def _pairs(text: str, start: int, end: int) -> Iterator[tuple[_Mark, _Mark | None]]:
    """The marks in a stretch without code but outside of maths, each with the one that closes it.

    The leftmost delimiter that is closed wins.
    """
    marks = [
        _Mark(sign, *mark.span())
        for mark in _MATHS_MARK.finditer(text, start, end)
        if (sign := mark.group()) in _DELIMITERS or sign[0] == "\n"
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
    the closing dollar, which would make an amount of it, and no letter a spaced one.
    """
    spaced = text[opening + 1].isspace()
    if spaced != text[closing - 1].isspace():
        return False
    after = text[closing + 1 : closing + 2]
    return not (after.isdigit() or (spaced and after.isalpha()))


# --- newlines --------------------------------------------------------------------------------

_ESCAPE = r"\n"
_ESCAPES = re.compile(r"\\n")  # sought in a half of the time that `str.replace` takes
_QUOTE_LINE = re.compile("\n[^\n]*[\"']")
# The LaTeX commands in use that begin with \n: \nabla \neq \neg \notin \not \nmid \nu.
# A word end is no \b: \nu_e is the command \nu with an index.
_COMMAND = re.compile(r"\\n(?:abla|eq|eg|otin|ot|mid|u)(?![A-Za-z])")


def decode_newlines(raw: str) -> Decoded:
    r"""Set a newline for each backslash + ``n``, but for those that begin a LaTeX command.

    A command stays if it is in the list, outside code; ``\nu`` only if ``$$`` does not stand
    directly before it, for there a line begins with the variable u.  Backslashes before the
    escape are text: ``\\\n`` is the LaTeX row end ``\\`` and a newline.  In code the escape
    stays where it stands in a string literal: ``printf("done\n")``.
    """
    if _COMMAND.search(raw) is None:
        text = _ESCAPES.sub("\n", raw)
        doubts: list[Doubt] = []
    else:
        text, doubts = _decode_around_commands(raw)
    if _may_hold_code(text) and _QUOTE_LINE.search(text):
        # Where lines end as they are, it cannot be known which of them were escapes.
        text, doubts = _keep_literals(text, doubts, is_escaped="\n" not in raw)
    return Decoded(text, tuple(doubts))


def _decode_around_commands(raw: str) -> tuple[str, list[Doubt]]:
    parts: list[str] = []
    length = done = 0
    nu: list[int] = []
    kept: list[int] = []
    for command in _commands_outside_code(raw):
        before = raw[done : command.start()].replace(_ESCAPE, "\n")
        length += len(before)
        is_nu = command.group() == r"\nu"
        if is_nu:
            nu.append(length)
        else:
            kept.append(length)
        begins_line = is_nu and raw.endswith("$$", 0, command.start())
        word = "\nu" if begins_line else command.group()
        parts += before, word
        length += len(word)
        done = command.end()
    parts.append(raw[done:].replace(_ESCAPE, "\n"))
    text = "".join(parts)
    doubts = [Doubt(offset, DoubtReason.NU) for offset in nu]
    doubts += (
        Doubt(offset, DoubtReason.COMMAND_OUTSIDE_MATHS) for offset in _outside_maths(text, kept)
    )
    return text, sorted(doubts)


def _commands_outside_code(raw: str) -> Iterable[re.Match[str]]:
    r"""What reads as a command and is none of code's: ``\nmid = lo`` in a fence is a line.

    Where code lies is read off the text with every escape a newline, as in code they all
    are; each with a blank before it, so that offsets are those of the raw text.  The newline
    that ends a closing fence is the fence's: nothing else may stand there.
    """
    code = _code(raw.replace(_ESCAPE, " \n"))
    ends = [span.end for span in code]
    for command in _COMMAND.finditer(raw):
        index = bisect_right(ends, command.start())
        if index == len(code) or command.start() < code[index].start:
            yield command


def _outside_maths(text: str, offsets: list[int]) -> Iterator[int]:
    if not offsets:
        return
    found = spans(text)
    ends = [span.end for span in found]
    for offset in offsets:
        index = bisect_right(ends, offset)
        if index == len(found) or offset < found[index].start:
            yield offset


def _keep_literals(text: str, doubts: list[Doubt], *, is_escaped: bool) -> tuple[str, list[Doubt]]:
    r"""Set ``\n`` again where a newline stands in a string literal of code, or doubt it."""
    breaks = [(offset, is_sure and is_escaped) for offset, is_sure in _broken_strings(text)]
    literals = [offset for offset, is_certain in breaks if is_certain]
    doubts = doubts + [
        Doubt(offset, DoubtReason.NEWLINE_IN_STRING)
        for offset, is_certain in breaks
        if not is_certain
    ]
    parts: list[str] = []
    done = 0
    for offset in literals:
        parts += text[done:offset], _ESCAPE
        done = offset + 1
    parts.append(text[done:])
    moved = [
        Doubt(offset + bisect_left(literals, offset), reason) for offset, reason in sorted(doubts)
    ]
    return "".join(parts), moved


def _broken_strings(text: str) -> Iterator[tuple[int, bool]]:
    """The newlines in code that stand between two quotes, and whether that is certain.

    It is if a line has left a double quote open and the next line that has any begins with
    one.  If that line has it elsewhere, either may open a string, so nothing is certain from
    there to the end of the code.  Three quotes are a Python docstring, which may hold
    newlines; single quotes are apostrophes as often.
    """
    for code in _code(text):
        pending: list[int] = []
        is_lost = was_single = False
        end = code.inner_start - 1
        for line in text[code.inner_start : code.inner_end].split("\n"):
            if was_single and line.startswith("'") and not pending:
                yield end, False
            end += len(line) + 1
            quotes = line.replace('"""', "").count('"')
            closes = bool(pending) and line.startswith('"') and not line.startswith('"""')
            is_lost |= bool(pending) and not closes and quotes % 2 == 1
            if pending and quotes % 2 | closes:
                yield from ((offset, not is_lost) for offset in pending)
            if quotes:
                pending = []
            if pending or (quotes + closes) % 2:
                pending.append(end)
            was_single = line.count("'") % 2 == 1
