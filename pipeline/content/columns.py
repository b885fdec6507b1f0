"""What a column holds of what a file states: its type and its range.

Types come from the content model, never from a guess of YAML: a value is text until it is read
here, and one that does not fit is named in words of its author.
"""

import datetime as dt
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from ..base.printable import brief
from ..base.problems import Code
from ..model.collections import Slash
from ..model.columns import DEFAULT_KEYS, OF_TEXTS, Column, ColumnType
from ..model.content import ContentModel
from ..model.settings import SiteRules
from . import dates, urls
from .dates import Dated
from .wrong_value import WrongValueError

Convert: TypeAlias = Callable[[Any], Any]

_READABLE = json.JSONEncoder(ensure_ascii=False, sort_keys=True)  # `json.dumps` makes one a call


def as_text(value: Any) -> str:
    """A scalar, as it was written.

    Raises:
        WrongValueError: It is a list or a mapping. So do all functions here with what does not fit.
    """
    if isinstance(value, str):
        return value
    what, begin = ("a mapping", "{") if isinstance(value, dict) else ("a list", "[ or -")
    message = f"expected text, not {what}. Text that starts with {begin} needs quotes."
    raise WrongValueError(Code.WRONG_TYPE, message)


_INTEGER = re.compile("-?(?:0|[1-9][0-9]{0,18})")


def as_integer(value: Any) -> int:
    """A whole number of at most 64 bits."""
    text = as_text(value)
    if not _INTEGER.fullmatch(text):
        raise WrongValueError(Code.WRONG_TYPE, f"{brief(text)} is not an integer.")
    number = int(text)
    if not -(2**63) <= number < 2**63:
        raise WrongValueError(Code.OUT_OF_RANGE, f"{text} does not fit in 64 bits.")
    return number


def as_within(bounds: tuple[float, float]) -> Callable[[Any], int]:
    """A reader of whole numbers within bounds, both of which are included."""

    def convert(value: Any) -> int:
        number = as_integer(value)
        _check_range(number, bounds, as_text(value))
        return number

    return convert


def _check_range(number: float, bounds: tuple[float, float], text: str) -> None:
    if not bounds[0] <= number <= bounds[1]:
        message = f"{brief(text)} is not between {bounds[0]:g} and {bounds[1]:g}."
        raise WrongValueError(Code.OUT_OF_RANGE, message)


_NUMERAL = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")


def as_number(bounds: tuple[float, float]) -> Callable[[Any], float]:
    """A reader of numbers within bounds, both of which are included."""

    def convert(value: Any) -> float:
        text = as_text(value)
        if not _NUMERAL.fullmatch(text):
            raise WrongValueError(Code.WRONG_TYPE, f"{brief(text)} is not a number.")
        number = float(text)
        if math.isinf(number):
            raise WrongValueError(Code.OUT_OF_RANGE, f"{brief(text)} is too large a number.")
        _check_range(number, bounds, text)
        return number

    return convert


_BOOLEANS = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}


def is_boolean(value: Any) -> bool:
    """Whether `as_boolean` can read a value."""
    return isinstance(value, str) and value.lower() in _BOOLEANS


def as_boolean(value: Any) -> bool:
    """True or false, as YAML 1.2 (10.3.2) or YAML 1.1 spell them, or 1 and 0."""
    text = as_text(value)
    found = _BOOLEANS.get(text.lower())
    if found is None:
        raise WrongValueError(Code.WRONG_TYPE, f"{brief(text)} is neither true nor false.")
    return found


def as_date(
    bounds: tuple[dt.date, dt.date], formats: Sequence[str], site: SiteRules
) -> Callable[[Any], Dated]:
    """A reader of dates within bounds, which are included, with the time if one is stated."""

    def convert(value: Any) -> Dated:
        date, time = dates.parse(as_text(value), formats, site.timezone, site.days)
        if not bounds[0] <= date <= bounds[1]:
            message = f"{brief(value)} is not between {bounds[0]} and {bounds[1]}."
            raise WrongValueError(Code.OUT_OF_RANGE, message)
        return date, time

    return convert


def as_day(read: Callable[[Any], Dated]) -> Callable[[Any], dt.date]:
    """A reader of days, by one of dates."""
    return lambda value: read(value)[0]


def as_instant(read: Callable[[Any], Dated], timezone: str) -> Callable[[Any], dt.datetime]:
    """A reader of instants, by one of dates: of a day alone, its midnight in a time zone."""

    def convert(value: Any) -> dt.datetime:
        date, time = read(value)
        return time or dates.midnight(date, timezone)

    return convert


def as_json(value: Any) -> str:
    """Any value, as JSON (RFC 8259)."""
    return _READABLE.encode(value)


def as_url(host: str, slash: Slash) -> Callable[[Any], str]:
    """A reader of urls (`urls.normalized`)."""

    def convert(value: Any) -> str:
        return urls.normalized(as_text(value), host, slash)

    return convert


def as_first(value: Any) -> str | None:
    """A text, or the first of a list that is not blank."""
    if not isinstance(value, list):
        return as_text(value)
    return next((as_text(part) for part in value if part is not None and not _is_blank(part)), None)


def _is_blank(value: Any) -> bool:
    return isinstance(value, str) and not value.strip()


def as_joined(value: Any) -> str | None:
    """A text, or the texts of a list, and the names of mappings in it, with commas between them."""
    if isinstance(value, dict) and "name" in value:
        return None if value["name"] is None else as_text(value["name"])
    if not isinstance(value, list):
        return as_text(value)
    texts = [as_joined(part) for part in value if part is not None]
    return ", ".join(text for text in texts if text) or None


def texts_in(value: Any) -> list[str]:
    """The texts of a list, and the names of mappings in it, but for those that are blank."""
    if isinstance(value, list):
        return [text for part in value for text in texts_in(part)]
    if isinstance(value, dict):
        return texts_in(value.get("name"))
    return [value] if isinstance(value, str) and not _is_blank(value) else []


def has_only_texts(value: Any) -> bool:
    """Whether `texts_in` leaves nothing out that a value says."""
    if isinstance(value, list):
        return all(map(has_only_texts, value))
    if isinstance(value, dict):
        return value.keys() == {"name"} and has_only_texts(value["name"])
    return True


def as_terms(separator: str = "", prefix: str = "") -> Callable[[Any], list[str]]:
    """A reader of terms: a list, or one text, with a separator between them if there is one.

    The prefix, if there is one, is no part of a term.
    """

    def convert(value: Any) -> list[str]:
        if isinstance(value, list):
            return _terms(value, prefix)
        text = as_text(value)
        return _terms(text.split(separator) if separator else [text], prefix)

    return convert


def _terms(values: Sequence[Any], prefix: str) -> list[str]:
    texts = [value.strip() for value in values if isinstance(value, str)]
    terms = [term for text in texts if (term := text.removeprefix(prefix).lstrip())]
    if others := [value for value in values if value is not None and not isinstance(value, str)]:
        message = f"expected text in the list, not {as_json(others[0]):.40}."
        raise WrongValueError(Code.WRONG_TYPE, message, terms)
    return terms


# What a related link states, by its keys.
OF_LINKS: Mapping[str, Convert] = {
    "id": as_integer,
    "title": as_text,
    "subject": as_text,
    "url": as_text,
}


def converters(model: ContentModel, site: SiteRules) -> dict[str, Convert]:
    """The reader of each column."""
    of_date = as_date(model.date_range, model.date_formats, site)
    core = dict.fromkeys(DEFAULT_KEYS, as_text) | {
        "url": as_url(site.host, model.slash),
        "published": of_date,
        "updated": as_instant(of_date, site.timezone),
        **dict.fromkeys(("held_until", "expires"), as_instant(of_date, site.timezone)),
        "no_index": as_boolean,
        "author": as_joined,
        "subject": as_first,
        **dict.fromkeys(OF_TEXTS, as_terms()),
    }
    declared = {name: _declared(one, model, site) for name, one in model.columns.items()}
    return {**core, "translation": as_text, **declared}


_WIDE = (-math.inf, math.inf)


def _declared(column: Column, model: ContentModel, site: SiteRules) -> Convert:
    bounds: Any = column.range
    formats = column.formats or model.date_formats
    of_date = as_date(bounds or model.date_range, formats, site)
    readers: Mapping[ColumnType, Convert] = {
        "text": as_text,
        "integer": as_within(bounds) if bounds else as_integer,
        "number": as_number(bounds or _WIDE),
        "boolean": as_boolean,
        "date": as_day(of_date),
        "datetime": as_instant(of_date, site.timezone),
        "list": as_terms(column.separator, column.prefix),
        "json": as_json,
    }
    return readers[column.type]
