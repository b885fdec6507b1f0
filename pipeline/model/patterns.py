"""Patterns of paths, as lines of a ``.gitignore`` write them."""

import re
from collections.abc import Callable, Sequence

from ..base.errors import SettingsError


def compile_patterns(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Whether a path below the raw folder, a folder's with ``/`` at its end, fits any pattern.

    Raises:
        SettingsError: One is no pattern.
    """
    from pathspec import GitIgnoreSpec  # noqa: PLC0415  0.06 s, paid only where there are patterns

    for pattern in patterns:
        try:
            compiled = GitIgnoreSpec.from_lines([pattern]).patterns
        except (ValueError, re.error):
            compiled = []
        if "\n" in pattern or not any(one.regex for one in compiled):
            message = f"{pattern!r} is not a .gitignore pattern, such as drafts/ or *.en.md."
            raise SettingsError(message)
    fits = GitIgnoreSpec.from_lines(patterns).match_file
    # In the pattern's regular expression a dot stands for all but a newline.
    return lambda path: fits(path.replace("\n", "\r"))


def check_patterns(patterns: tuple[str, ...]) -> tuple[str, ...]:
    """The same patterns.

    Raises:
        SettingsError: One is no pattern.
    """
    if patterns:
        compile_patterns(patterns)
    return patterns
