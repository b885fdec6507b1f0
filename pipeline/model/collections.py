"""Collections: rules for the files of a folder, by patterns of their paths."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias

from annotated_types import MinLen

from ..base.errors import SettingsError
from ..markup.rules import MATHS, Dialect, Syntax
from .checks import STRICT, Checked, ordered
from .columns import Columns, Keys, check_sources
from .related import Related

# What is done at the end of urls.
Slash: TypeAlias = Literal["kept", "always", "never"]
Decode: TypeAlias = Literal["", "escaped-newlines"]
Future: TypeAlias = Literal["publish", "hold"]
Lint: TypeAlias = Literal["damaged-description"]


def check_maths(signs: tuple[str, ...]) -> tuple[str, ...]:
    """The delimiters of maths.

    Raises:
        SettingsError: One of them opens none.
    """
    for sign in signs:
        if sign not in MATHS:
            known = ", ".join(f"'{one}'" for one in MATHS)
            raise SettingsError(f"{sign!r} is not a maths delimiter; known are {known}.")
    return signs


def check_files(files: Any) -> tuple[str, ...]:
    """The patterns of a collection: one, or a list.

    Raises:
        SettingsError: There is none, or one is empty.
    """
    patterns = check_sources(files)
    if not all(patterns) or not patterns:
        raise SettingsError("name a pattern of files, such as posts/**, or a list of patterns.")
    if wrong := [one for one in patterns if one.startswith("/") or one.endswith("/")]:
        meant = wrong[0].lstrip("/") + ("**" if wrong[0].endswith("/") else "")
        raise SettingsError(f"{wrong[0]!r} fits no file: write {meant}.")
    return patterns


@dataclass(frozen=True, slots=True)
class Collection:
    """What holds for the files that fit one of the patterns `files`; all else is as in [content].

    With a `feed` it has one of its own, called by its `name`.
    In a pattern, ``*`` stands for a part of a name, ``**`` for folders or none. `keys`, `columns`,
    `set` and `placeholders` are merged with those of the content, all else stands in its place;
    where it is None, as there.
    """

    __pydantic_config__ = STRICT

    files: Annotated[Any, Checked(check_files)]
    name: Annotated[str, MinLen(1)] | None = None
    feed: bool = False
    keys: Keys = field(default_factory=dict, hash=False)
    columns: Columns = field(default_factory=dict, hash=False)
    set: Mapping[str, str] = field(default_factory=dict, hash=False)
    required: tuple[str, ...] | None = None
    date_range: Annotated[tuple[dt.date, dt.date], Checked(ordered)] | None = None
    date_formats: tuple[str, ...] | None = None
    url: str | None = None
    slash: Slash | None = None
    index: tuple[str, ...] | None = None
    placeholders: Mapping[str, str] = field(default_factory=dict, hash=False)
    bundles: bool | None = None
    translation: tuple[str, ...] | None = None
    future: Future | None = None
    no_index: bool | None = None
    skip: bool | None = None
    dialect: Dialect | None = None
    markdown_extensions: tuple[str, ...] | None = None
    maths: Annotated[tuple[str, ...], Checked(check_maths)] | None = None
    syntax: tuple[Syntax, ...] | None = None
    decode: Decode | None = None
    lint: tuple[Lint, ...] | None = None
    related: Related | None = None


class Match(NamedTuple):
    """How a path fits a pattern: where `{path}` begins, and what the wildcards stand for."""

    start: int
    wildcards: tuple[str, ...]


WHOLE = Match(0, ())


def match(patterns: tuple[str, ...], path: str) -> Match | None:
    """How a path fits the first of some patterns that it fits."""
    for pattern in patterns:
        expression, beginning = _compiled(pattern)
        if found := expression.fullmatch(path):
            groups = list(found.groups(default=""))
            start = found.start(beginning) if beginning else 0
            return Match(
                start, tuple(groups[: beginning - 1] + groups[beginning:] if beginning else groups)
            )
    return None


_WILDCARD = re.compile(r"\*\*/|\*\*|\*")
_EXPRESSIONS = {"**/": r"(?:(.+)/)?", "**": r"(.*)", "*": r"([^/]*)"}


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> tuple[re.Pattern[str], int]:
    """The expression of a pattern, and the number of an empty group where `{path}` begins.

    That is at the last ``**``, else at the first ``*``, else there is none (0).
    """
    wildcards = _WILDCARD.findall(pattern)
    literals = [re.escape(part) for part in _WILDCARD.split(pattern)]
    expressions = [*(_EXPRESSIONS[wildcard] for wildcard in wildcards), ""]
    deep = [number for number, wildcard in enumerate(wildcards, 1) if wildcard != "*"]
    beginning = deep[-1] if deep else min(len(wildcards), 1)
    if beginning:
        expressions[beginning - 1] = f"(){expressions[beginning - 1]}"
    text = "".join(a + b for a, b in zip(literals, expressions, strict=True))
    return re.compile(text, re.DOTALL), beginning
