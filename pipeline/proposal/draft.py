"""A draft of settings: what the configuration of a site states of them, and where it does."""

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias
from urllib.parse import urlsplit

from ..base.errors import SettingsError
from ..model.settings import check_base_url

Value: TypeAlias = "str | bool | list[str] | Mapping[str, Value]"


class Stated(NamedTuple):
    """A value of the settings, and a short comment that says where it comes from."""

    value: Value
    comment: str = ""


Table: TypeAlias = Mapping[str, Stated]


HERE = Stated(".", "all of this folder")


@dataclass(frozen=True, slots=True)
class Draft:
    """Settings by their tables, of which each may be empty.

    `raw` is the folder of the content, below the one that was looked at or beside it. `notes` are
    sentences about what the configuration says and settings cannot.
    """

    raw: Stated = HERE
    site: Table = field(default_factory=dict)
    sources: Table = field(default_factory=dict)
    content: Table = field(default_factory=dict)
    keys: Table = field(default_factory=dict)
    collections: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()


def stated(comment: str, **values: Value) -> dict[str, Stated]:
    """The values that say anything, with a comment that holds for each."""
    return {key: Stated(value, comment) for key, value in values.items() if value or value is False}


# The keys of files whose values `set` can say for all of them, and their columns.
_SET = {"author": "author", "description": "description", "lang": "language"}


def constants(values: Mapping[str, object]) -> dict[str, str]:
    """What a configuration states for files that state none, by the column that can hold it."""
    texts = {key: value.strip() for key, value in values.items() if isinstance(value, str)}
    return {column: texts[key] for key, column in _SET.items() if texts.get(key)}


def left_over(values: Mapping[str, object], taken: Iterable[str] = ()) -> list[str]:
    """The keys of such values for which settings have no place, but for how pages look."""
    known = {key for key, column in _SET.items() if column in constants(values)}
    return sorted(set(values) - known - {"layout", *taken})


def site(file: str, *, base_url: str = "", **texts: str) -> dict[str, Stated]:
    """The table ``[site]`` of a configuration; an address that is none is left out."""
    return stated(file, base_url=address(base_url), **texts)


def address(text: str, path: str = "") -> str:
    """The base URL of a site at a path of an address; empty if that is none on the web."""
    below = "" if "://" in path else path.strip("/")
    joined = f"{text.rstrip('/')}/{below}".rstrip("/") if text else ""
    try:
        return check_base_url(joined) if urlsplit(joined).hostname else ""
    except (SettingsError, ValueError):
        return ""


def below(*parts: str) -> str:
    """A path of parts, each of which may be ``.`` or begin or end with what joins them."""
    steps: list[str] = []
    for part in (part for text in parts for part in text.split("/")):
        if part == ".." and steps and steps[-1] != "..":
            steps.pop()
        elif part not in ("", "."):
            steps.append(part)
    return "/".join(steps) or "."


def shared(paths: Iterable[str]) -> str:
    """The folder in which all of some paths lie; ``.`` if that is the root, or there are none."""
    parts = [path.split("/") for path in paths]
    common = itertools.takewhile(lambda step: len(set(step)) == 1, zip(*parts, strict=False))
    return below(*(step[0] for step in common))
