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
