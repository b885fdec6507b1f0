"""Columns for the keys that no column takes yet: their names, types and numbers of files."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from ..base.wording import counted
from ..model.columns import BUILT_IN, DEFAULT_KEYS, NO_TABLES, OWN_COLUMNS
from ..model.content import ContentModel
from .census import Census, Key
from .toml import Line

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_OTHER = re.compile(r"[^a-z0-9]+")
# What has a meaning in a source of a value.
_NO_KEY = re.compile(r"[:!]|.*[={}]", re.DOTALL)
_RARE = 0.01


class Columns(NamedTuple):
    """What keys are for: sources of columns of every site, further columns; too `rare` for one."""

    sources: tuple[Line, ...]
    lines: tuple[Line, ...]
    rare: tuple[Key, ...]


def proposed(census: Census, model: ContentModel) -> Columns:
    """Columns for the keys that no column of a model takes.

    Without a preset, which may have left it out, a key fills the column of its name.
    """
    taken = model.all_keys()
    taken |= {key.partition(".")[0] for key in taken}
    prefix = model.related.prefix
    related = re.compile(f"{re.escape(prefix)}[0-9]+" if prefix else "(?!)")
    free = [
        key
        for key in census.keys
        if key.name not in taken and not related.fullmatch(key.name) and not _NO_KEY.match(key.name)
    ]
    enough = min(max(2, census.files * _RARE), census.files)
    used = {*BUILT_IN, *NO_TABLES, *DEFAULT_KEYS, *OWN_COLUMNS, *model.all_columns()}
    sources, lines = [], []
    for key in free:
        if key.files < enough:
            continue
        comment = _comment(key, census.files)
        if key.name in DEFAULT_KEYS and not model.preset:
            sources.append(Line(key.name, [key.name, *model.sources(key.name)], comment))
            continue
        name = _free(_column(key.name), used)
        used.add(name)
        value = key.type if name == key.name else {"key": key.name, "type": key.type}
        lines.append(Line(name, value, comment))
    rare = tuple(key for key in free if key.files < enough)
    return Columns(tuple(sources), tuple(lines), rare)


def _comment(key: Key, files: int) -> str:
    text = f"{key.files:,} of {counted(files, 'file')}"
    if len(key.types) == 1:
        return text
    types = ", ".join(f"{number:,} {name}" for name, number in key.types.most_common())
    return f"{text}: {types}"


def _column(key: str) -> str:
    """The name of a column for a key: lower case, words with ``_`` between them."""
    if _NAME.fullmatch(key):
        return key
    words = _OTHER.sub("_", _HUMP.sub("_", key).lower()).strip("_")
    return words if _NAME.fullmatch(words) else f"key_{words}".rstrip("_")


def _free(name: str, used: Iterable[str]) -> str:
    """A name that is not used: the name itself, or as the file states it, or with a number."""
    if name not in used:
        return name
    stated = f"{name}_stated"
    numbered = (f"{stated}_{number}" for number in range(2, 10_000))
    return next(free for free in (stated, *numbered) if free not in used)
