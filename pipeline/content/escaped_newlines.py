r"""Which backslash + ``n`` of an answer is a newline.

An answer is Markdown with LaTeX in it.  In the front matter it stands on one line: each newline is
written as a backslash and an ``n``, and *nothing else* is escaped, so that ``\t`` and ``\r`` begin
LaTeX commands (``\text``, ``\rho``), and so does ``\n`` now and then (``\neq``), or it stands in
code (``printf("done\n")``).  :func:`decode_newlines` tells them apart, in time linear in the length
of the text.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from ..markup.spans import ALL, Delimiters, Kind, Span, code_spans, spans

__all__ = ["COMMANDS", "Ambiguity", "AmbiguityReason", "Decoded", "decode_newlines"]


class AmbiguityReason(StrEnum):
    """Why an escape may have been read wrongly."""

    NU = "nu"  # a newline before the word u, or the Greek letter
    RELATION = "relation"  # a newline before a name such as e or sim in maths, or \ne or \nsim
    COMMAND_OUTSIDE_MATHS = "command_outside_maths"  # where LaTeX has no business
    NEWLINE_IN_STRING = "newline_in_string"  # decoded, though it may break a string literal
    INLINE_CODE = "inline_code"  # kept in inline code, though it may be a newline between words


class Ambiguity(NamedTuple):
    """A place in the decoded text: of the newline, or of the backslash that was kept."""

    offset: int
    reason: AmbiguityReason


class Decoded(NamedTuple):
    """An answer with real newlines, and the places where another reading is possible.

    Ambiguities stand in the order of their offsets, one at most for a place.
    """

    text: str
    ambiguities: tuple[Ambiguity, ...]


class _Escape(NamedTuple):
    """An escape that is more than a newline in prose: its place, and how it is read."""

    start: int
    stays: bool
    reason: AmbiguityReason | None


_ESCAPE = r"\n"
_ESCAPES = re.compile(r"\\n")  # sought in a half of the time that `str.replace` takes
# A command ends where no letter follows, which is no \b: \nu_e is the command \nu with an index.
_WORDS = re.compile(r"\\(n[A-Za-z]+)")
_QUOTE_LINE = re.compile("\n[^\n]*[\"']")
# The commands of KaTeX 0.19.1, MathJax 3.2.2 (base, ams, newcommand, mathtools, physics) and
# latex2mathml 3.81.1 that begin with n, with those of the LaTeX kernel and of TeX that may stand in
# a formula.  Left out are \nin and \nis (stix): a newline before the word is much more common.
_NAMES = """
    nHdownarrow nHuparrow nLeftarrow nLeftrightarrow nRightarrow nVDash nVdash nVleftarrow
    nVleftarrowtail nVleftrightarrow nVrightarrow nVrightarrowtail nVtwoheadleftarrow
    nVtwoheadleftarrowtail nVtwoheadrightarrow nVtwoheadrightarrowtail nabla napprox nasymp
    natnums natural ncong ndownarrow ndres ne nearrow neg negmedspace negthickspace negthinspace
    neovnwarrow neovsearrow neptune neq nequiv neswarrow neuter newcommand newcount newcounter
    newdimen newenvironment newfont newif newlength newline newpage newsavebox newtheorem nexi
    nexists ngeq ngeqq ngeqslant ngtr ngtrless ngtrsim nhVvert nhpar ni niobar nisd nleftarrow
    nleftrightarrow nleq nleqq nleqslant nless nlessgtr nlesssim nmid nni noalign nobreak
    nobreakspace nocite noexpand noindent nolimits nolinebreak nonfrenchspacing nonscript
    nonumber nopagebreak norm normalcolor normalfont normalsize not notag notasymp notbackslash
    notin notni notowner notowns notslash nparallel npolint nprec npreccurlyeq npreceq
    nrightarrow nrres nshortmid nshortparallel nsim nsime nsimeq nsqsubseteq nsqsupseteq nsubset
    nsubseteq nsubseteqq nsucc nsucccurlyeq nsucceq nsupset nsupseteq nsupseteqq ntriangleleft
    ntrianglelefteq ntriangleright ntrianglerighteq nu null nulldelimiterspace number numexpr
    nunlhd nunrhd nuparrow nuup nvDash nvLeftarrow nvLeftrightarrow nvRightarrow nvdash nvinfty
    nvleftarrow nvleftarrowtail nvleftrightarrow nvrightarrow nvrightarrowtail
    nvtwoheadleftarrow nvtwoheadleftarrowtail nvtwoheadrightarrow nvtwoheadrightarrowtail
    nwarrow nwovnearrow nwsearrow
"""
COMMANDS = frozenset(_NAMES.split())
# These stay outside of maths as well, for what would follow the newline is no word.
_ANYWHERE = frozenset(["nabla", "neq", "neg", "notin", "not", "nmid"])
# The rest of these is a name in formulas: e^x, i\hbar, sim(a, b).
_NAMED = "ne ni nni nless nsubset nparallel nsim nprec nsucc napprox nequiv"
_RELATIONS = frozenset(_NAMED.split())
# Outside of maths these are a newline and a word for sure; the others are ambiguous.
_OF_PROSE = _RELATIONS | {"nexists"}
_ENVIRONMENT = re.compile(
    r"\\(begin|end)\{((?:align(?:ed|at)?|array|cases|eqnarray|equation|gather(?:ed)?|math|multline"
    r"|[a-zA-Z]{0,6}matrix|split)\*?)\}"
)


def decode_newlines(raw: str, maths: Delimiters = ALL) -> Decoded:
    r"""Set a newline for each backslash + ``n``, but for those of LaTeX and of code.

    A LaTeX command stays in maths, as `maths` delimits it, and in an environment for maths; the
    commonest stay everywhere but in code.  ``\nu`` is a newline if ``$$`` stands directly before
    it, for there a line begins with the variable u; so are ``\ne``, ``\nsim`` and their like in
    displayed maths where a relation has nothing on its left.  Backslashes before the escape are
    text: ``\\\n`` is the LaTeX row end ``\\`` and a newline.  In inline code, which no one breaks,
    the escape stays; in a block it stays in a string literal: ``printf("done\n")``.
    """
    ambiguities: list[Ambiguity] = []
    if _ESCAPE not in raw:
        text = raw
    elif "`" not in raw and COMMANDS.isdisjoint(_WORDS.findall(raw)):
        text = _ESCAPES.sub("\n", raw)
    else:
        text, ambiguities = _decoded(raw, _special(raw, maths))
    if ("`" in text or "~" in text) and _QUOTE_LINE.search(text):
        # Where lines end as they are, it cannot be known which of them were escapes.
        text, ambiguities = _keep_literals(text, ambiguities, is_escaped="\n" not in raw)
    return Decoded(text, tuple(ambiguities))


def _decoded(raw: str, special: Iterable[_Escape]) -> tuple[str, list[Ambiguity]]:
    parts: list[str] = []
    ambiguities: list[Ambiguity] = []
    length = done = 0
    for escape in special:
        before = raw[done : escape.start].replace(_ESCAPE, "\n")
        length += len(before)
        if escape.reason:
            ambiguities.append(Ambiguity(length, escape.reason))
        sign = _ESCAPE if escape.stays else "\n"
        parts += before, sign
        length += len(sign)
        done = escape.start + len(_ESCAPE)
    parts.append(raw[done:].replace(_ESCAPE, "\n"))
    return "".join(parts), ambiguities


def _special(raw: str, maths: Delimiters) -> list[_Escape]:
    """The escapes of commands and of inline code, in order.

    Where code lies is read off the text with every escape a newline, each with a blank before it,
    so that offsets are those of the raw text.  The newline that ends a closing fence is the
    fence's: nothing else may stand there.
    """
    code = code_spans(raw.replace(_ESCAPE, " \n"))
    ends = [span.end for span in code]
    commands = [
        found
        for found in _WORDS.finditer(raw)
        if found[1] in COMMANDS and _at(code, ends, found.start()) is None
    ]
    inline = (span for span in code if span.kind is Kind.CODE)
    return sorted([*_of_commands(raw, commands, maths), *_of_inline_code(raw, inline)])


def _at(found: Sequence[Span], ends: Sequence[int], offset: int) -> Span | None:
    """The span that holds an offset; `ends` are those of all spans."""
    index = bisect_right(ends, offset)
    return found[index] if index < len(found) and found[index].start <= offset else None


# --- commands --------------------------------------------------------------------------------


def _of_commands(
    raw: str, commands: Sequence[re.Match[str]], maths: Delimiters
) -> Iterator[_Escape]:
    """What each of some commands is, by the maths that there is if all of them are commands."""
    if not commands:
        return
    text = _masked(raw, commands)
    delimited = [span for span in spans(text, maths) if span.kind in (Kind.DISPLAY, Kind.INLINE)]
    environments = list(_environments(text)) if r"\end{" in text else []
    ends, ends_of_environments = ([span.end for span in of] for of in (delimited, environments))
    for command in commands:
        start, name = command.start(), command[1]
        span = _at(delimited, ends, start)
        within = span or _at(environments, ends_of_environments, start)
        outside = None if span else AmbiguityReason.COMMAND_OUTSIDE_MATHS
        if name == "nu":
            yield _Escape(start, not raw.endswith("$$", 0, start), AmbiguityReason.NU)
        elif name in _ANYWHERE:
            yield _Escape(start, True, outside)
        elif within is None or _begins_paragraph(text, within, start):
            if name not in _OF_PROSE:
                yield _Escape(start, False, AmbiguityReason.COMMAND_OUTSIDE_MATHS)
        elif name in _RELATIONS and within.kind is Kind.DISPLAY:
            yield _relation_or_name(text, within, command)
        else:
            yield _Escape(start, True, outside)


def _masked(raw: str, commands: Iterable[re.Match[str]]) -> str:
    """The text with its newlines, of the same length: each has a blank before it."""
    parts: list[str] = []
    done = 0
    for command in commands:
        parts += raw[done : command.start()].replace(_ESCAPE, " \n"), command.group()
        done = command.end()
    parts.append(raw[done:].replace(_ESCAPE, " \n"))
    return "".join(parts)


def _environments(text: str) -> Iterator[Span]:
    r"""Environments for maths, with or without delimiters around; the outermost ones.

    Each reaches to the first ``\end`` of its name.
    """
    opening: re.Match[str] | None = None
    for sign in _ENVIRONMENT.finditer(text):
        if opening is None:
            opening = sign if sign[1] == "begin" else None
        elif sign[1] == "end" and sign[2] == opening[2]:
            yield Span(Kind.DISPLAY, opening.start(), sign.end(), opening.end(), sign.start())
            opening = None


def _begins_paragraph(text: str, span: Span, start: int) -> bool:
    """Whether a word behind a blank line stands between single dollars: two amounts of money."""
    if text[span.start : span.inner_start] != "$":
        return False
    return text[max(span.start, start - _NEAR) : start].rstrip(" \t").endswith("\n")


_NEAR = 40  # characters looked at before a command, so that many of them take linear time
_NO_OPERAND = ("\\\\", *"=+-*/<>,;:")


def _relation_or_name(text: str, display: Span, command: re.Match[str]) -> _Escape:
    r"""What ``\ne`` or ``\nsim`` is in displayed maths: a relation, or a newline and a name.

    A relation has something on its left and no script: ``e^x`` and ``sim(a, b)`` begin a line.
    """
    start, end = command.span()
    before = text[max(display.inner_start, start - _NEAR) : start]
    operand = before.rstrip()
    is_name = not operand or operand.endswith(_NO_OPERAND) or text[end : end + 1] in ("^", "_")
    is_sure = not is_name and before[-1].isspace()
    return _Escape(start, not is_name, None if is_sure else AmbiguityReason.RELATION)


# --- code ------------------------------------------------------------------------------------

# No code goes on over the beginning of another block (CommonMark 0.31 §3).
_BLOCK = re.compile(r"\\n(?=[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]|#{1,6}[ \t]|>[ \t]))")


def _of_inline_code(raw: str, inline: Iterable[Span]) -> Iterator[_Escape]:
    """The escapes in inline code: they stay, unless a line behind one begins another block."""
    for code in inline:
        if _BLOCK.search(raw, code.inner_start, code.inner_end):
            continue
        quotes, done = 0, code.inner_start
        for escape in _ESCAPES.finditer(raw, code.inner_start, code.inner_end):
            start, end = escape.span()
            quotes += raw.count('"', done, start)
            done = start
            beside = raw[start - 1], raw[end]
            is_between_words = all(char.isalnum() or char.isspace() for char in beside)
            is_ambiguous = is_between_words and quotes % 2 == 0
            yield _Escape(start, True, AmbiguityReason.INLINE_CODE if is_ambiguous else None)


def _keep_literals(
    text: str, ambiguities: list[Ambiguity], *, is_escaped: bool
) -> tuple[str, list[Ambiguity]]:
    r"""Set ``\n`` again where a newline stands in a string literal of code, or is ambiguous."""
    breaks = [(offset, is_sure and is_escaped) for offset, is_sure in _broken_strings(text)]
    literals = [offset for offset, is_certain in breaks if is_certain]
    ambiguities = ambiguities + [
        Ambiguity(offset, AmbiguityReason.NEWLINE_IN_STRING)
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
        Ambiguity(offset + bisect_left(literals, offset), reason)
        for offset, reason in sorted(ambiguities)
    ]
    return "".join(parts), moved


def _broken_strings(text: str) -> Iterator[tuple[int, bool]]:
    """The newlines in code that stand between two quotes, and whether that is certain.

    It is if a line has left a double quote open and the next line that has any begins with
    one.  If that line has it elsewhere, either may open a string, so nothing is certain from
    there to the end of the code.  Three quotes are a Python docstring, which may hold
    newlines; single quotes are apostrophes as often.
    """
    for code in code_spans(text):
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
