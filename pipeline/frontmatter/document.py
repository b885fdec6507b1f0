"""A file split at its fences, and what its front matter says, whatever the language of that is."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from ..base.problems import Code, DocumentError, Problem


class Document(NamedTuple):
    """A file split at its fences. `first_line` is the line, from 1, where `block` begins.

    `language` is that of the block: ``yaml``, ``toml`` or ``json``. `problems` are those of the
    body.
    """

    block: str
    first_line: int
    body: str
    language: str = "yaml"
    problems: tuple[Problem, ...] = ()

    def error_at(self, code: Code, message: str, offset: int) -> DocumentError:
        """A problem at a character of the block, counted from 0."""
        before = self.block[:offset]
        line = self.first_line + before.count("\n")
        return DocumentError(code, message, line, offset - before.rfind("\n"))


class FrontMatter(NamedTuple):
    """What a block of front matter says.

    `values` holds text, None (nothing, ``~`` or ``null``), lists and mappings; `positions` the
    line and column of each value of a mapping by its dotted key; `problems` what is wrong without
    keeping the rest from being read.
    """

    values: dict[str, Any]
    positions: Mapping[str, tuple[int, int]]
    problems: list[Problem]
    first_line: int
