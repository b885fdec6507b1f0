"""What of a text readers will not see as it was written, found without rendering most texts."""

import re
from typing import NamedTuple

from . import templates
from .rules import GFM, MOST_CHARS, Rules
from .source import Source, size_of
from .source import read as read_source

__all__ = ["Review", "review"]


class Review(NamedTuple):
    """What is not shown as its author may expect.

    `template` is the first template syntax that is left out; `is_as_written`: the text cannot be
    rendered.
    """

    template: str | None
    is_as_written: bool


FINE = Review(None, is_as_written=False)


def review(markdown: str, rules: Rules = GFM) -> Review:
    """Look for what `read` leaves out, without rendering what cannot have any of it."""
    if len(markdown) > MOST_CHARS and size_of(markdown) > MOST_CHARS:
        return FINE._replace(is_as_written=True)
    if rules.dialect != "gfm":
        return FINE
    may_be_complex = _may_be_complex(markdown)
    if not (may_be_complex or templates.may_be_in(markdown)):
        return FINE
    if not may_be_complex:
        return Review(_template(read_source(markdown, rules)), is_as_written=False)
    from . import document  # noqa: PLC0415  0.1 s that most runs are spared

    read = document.read(markdown, rules)
    return Review(_template(read.source), read.is_as_written)


def _template(source: Source) -> str | None:
    return source.dropped and source.restored(source.dropped)


# What nests: quotes and lists by how lines begin (two elements for two characters at the most),
# HTML, and emphasis. Less than a hundred together.
_DEEP_LINE = re.compile(r"^[ \t>*+\d.)-]{40}", re.MULTILINE)
_TAGS = 28
_DENSE = 28  # signs in a block, of those that can begin an element
_NOT_A_SIGN = bytes(set(range(256)) - set(b"*_[~|`"))
_MANY_LINES = 400  # which make much HTML as rows of a table, however short


def _may_be_complex(text: str) -> bool:
    """Whether a text may nest too deeply or make too much HTML; nearly all cannot."""
    if text.count("<") >= _TAGS or _DEEP_LINE.search(text):
        return True
    if "|" in text and text.count("\n") >= _MANY_LINES:
        return True
    if _signs(text) < _DENSE:
        return False
    if "]:" in text and text.count("[") >= _DENSE:  # the address of a link stands in each of them
        return True
    blocks = text.replace("\r\n", "\n").split("\n\n")
    return any(_signs(block) >= _DENSE for block in blocks)


def _signs(text: str) -> int:
    return len(text.encode(errors="replace").translate(None, _NOT_A_SIGN))
