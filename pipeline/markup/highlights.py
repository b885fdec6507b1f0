"""``==words==`` within the pieces of a text, as `mark` elements."""

import re

from .stream import END, START, TEXT, Piece

__all__ = ["highlighted"]

_SIGN = re.compile("(?<!=)==(?!=)")
_CODE = frozenset({"code", "kbd", "pre", "samp"})


def highlighted(pieces: list[Piece]) -> list[Piece]:
    """The pieces with a `mark` for each pair of signs within one element, outside of code.

    Inside of a pair no blank is next to a sign: ``a == b`` is text.
    """
    done: list[Piece] = []
    begins: list[int | None] = [None]  # where in `done`, in each element that is open, one may
    in_code = 0
    for piece in pieces:
        what, value, _ = piece
        if what is TEXT and not in_code and "==" in value:
            begins[-1] = _in_text(value, done, begins[-1])
            continue
        if what is START:
            begins.append(None)
            in_code += value in _CODE
        elif what is END:
            begins.pop()
            in_code -= value in _CODE
        done.append(piece)
    return done


def _in_text(text: str, done: list[Piece], begin: int | None) -> int | None:
    """Add a text, and say where a highlight may begin that does not end in it."""
    at = 0
    for sign in _SIGN.finditer(text):
        if sign.start() > at:
            done.append((TEXT, text[at : sign.start()], {}))
        at = sign.end()
        if begin is not None and not text[sign.start() - 1 : sign.start()].isspace():
            done[begin] = (START, "mark", {})
            done.append((END, "mark", {}))
            begin = None
        else:
            begin = None if text[at : at + 1].isspace() else len(done)
            done.append((TEXT, sign.group(), {}))
    if at < len(text):
        done.append((TEXT, text[at:], {}))
    return begin
