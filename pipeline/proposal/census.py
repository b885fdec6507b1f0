"""A census of front matter: which keys files state, how often, and values of what type."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ..base.problems import DocumentError
from ..content import columns
from ..content.wrong_value import WrongValueError
from ..frontmatter.document import Document
from ..frontmatter.fences import decode, split
from ..frontmatter.load import load
from ..model.settings import Settings
from ..sources.raw_file import RawFile

# What two types have in common. What only these hold is read as the wider one.
_WIDER = {
    frozenset({"integer", "number"}): "number",
    frozenset({"date", "datetime"}): "datetime",
}


class Key(NamedTuple):
    """A key of the front matter: how many files state it, and of what types their values are."""

    name: str
    files: int
    types: Counter[str]

    @property
    def type(self) -> str:
        """The type of a column that holds every value; a list and a mapping are never texts."""
        found = frozenset(self.types)
        if len(found) == 1:
            return next(iter(found))
        if "json" in found:
            return "json"
        if "list" in found:
            return "list"
        return _WIDER.get(found, "text")


class Census(NamedTuple):
    """What files say: how many there are, how many of them have no front matter or none that can
    be read, and what keys the others have, the most frequent first.
    """

    files: int
    without: int
    unreadable: int
    keys: tuple[Key, ...]


def taken(found: Iterable[RawFile | DocumentError], settings: Settings) -> Census:
    """The census of files; an error in the place of one is one that could not be read."""
    readers = _readers(settings)
    files = without = unreadable = 0
    types: dict[str, Counter[str]] = {}
    for file in found:
        files += 1
        try:
            document = _document(file)
            values = load(document, settings.limits).values if document else {}
        except DocumentError:
            unreadable += 1
            continue
        without += document is None
        for key, value in values.items():
            if value is not None:
                types.setdefault(key, Counter())[_type(value, readers)] += 1
    keys = (Key(name, counted.total(), counted) for name, counted in types.items())
    in_order = sorted(keys, key=lambda key: (-key.files, key.name))
    return Census(files, without, unreadable, tuple(in_order))


def _document(file: RawFile | DocumentError) -> Document | None:
    """A file split at its fences; None if it has none."""
    if isinstance(file, DocumentError):
        raise file
    text = decode(file.data)
    document = split(text, is_optional=True)
    return None if document.body == text else document


def _readers(settings: Settings) -> Mapping[str, columns.Convert]:
    """A text is of the first type whose reader takes it: 1 is an integer before it is true."""
    model = settings.content
    return {
        "integer": columns.as_integer,
        "number": columns.as_number((-math.inf, math.inf)),
        "boolean": columns.as_boolean,
        "date": columns.as_date(model.date_range, model.date_formats, settings.site.rules),
    }


def _type(value: Any, readers: Mapping[str, columns.Convert]) -> str:
    """The type of a value, as settings name it."""
    if isinstance(value, dict):
        return "json"
    if isinstance(value, list):
        return "list" if all(isinstance(one, str | None) for one in value) else "json"
    for name, read in readers.items():
        try:
            found = read(value)
        except WrongValueError:
            continue
        has_time = name == "date" and found[1] is not None
        return "datetime" if has_time else name
    return "text"
