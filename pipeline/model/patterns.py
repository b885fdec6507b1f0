"""Which paths are meant: by patterns, as lines of a ``.gitignore`` write them, and by suffixes."""

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


def deciding(patterns: Sequence[str], path: str) -> str | None:
    """The pattern by which a path is one of those that are meant, if it is."""
    from pathspec import GitIgnoreSpec  # noqa: PLC0415  as above

    found = GitIgnoreSpec.from_lines(patterns).check_file(path.replace("\n", "\r"))
    return patterns[found.index] if found.include and found.index is not None else None


def check_patterns(patterns: tuple[str, ...]) -> tuple[str, ...]:
    """The same patterns.

    Raises:
        SettingsError: One is no pattern.
    """
    if patterns:
        compile_patterns(patterns)
    return patterns


def check_suffixes(suffixes: tuple[str, ...]) -> tuple[str, ...]:
    """Suffixes of file names in lower case.

    Raises:
        SettingsError: There are none, or one begins with no dot, or holds nothing behind it.
    """
    if not suffixes:
        raise SettingsError('no file has a suffix of an empty list: list one, such as ".md".')
    for suffix in suffixes:
        if not _SUFFIX.fullmatch(suffix):
            message = f'{suffix!r} is not a suffix: a dot and what follows it, such as ".md".'
            raise SettingsError(message)
    return tuple(suffix.lower() for suffix in suffixes)


# Names are compared in lower case and as they stand: neither blanks nor folders are part of one.
_SUFFIX = re.compile(r"\.[^\s/\\*?]*[^\s/\\*?.]")
