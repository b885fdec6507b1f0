"""What a column holds of what a file states: its type and its range.

Types come from the content model, never from a guess of YAML: a value is text until it is read
here, and one that does not fit is named in words of its author.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from ..base.printable import brief
from ..base.problems import Code
from ..model.content import ContentModel, Slash
from . import dates, urls
from .dates import Dated
from .wrong_value import WrongValueError

Convert: TypeAlias = Callable[[Any], Any]


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


_NUMERAL = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")


def as_number(bounds: tuple[float, float]) -> Callable[[Any], float]:
    """A reader of numbers within bounds, both of which are included."""

    def convert(value: Any) -> float:
        text = as_text(value)
        if not _NUMERAL.fullmatch(text):
            raise WrongValueError(Code.WRONG_TYPE, f"{brief(text)} is not a number.")
        number = float(text)
        if not bounds[0] <= number <= bounds[1]:
            message = f"{brief(text)} is not between {bounds[0]:g} and {bounds[1]:g}."
            raise WrongValueError(Code.OUT_OF_RANGE, message)
        return number

    return convert


_BOOLEANS = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}


def as_boolean(value: Any) -> bool:
    """True or false, as YAML 1.2 (10.3.2) or YAML 1.1 spell them, or 1 and 0."""
    text = as_text(value)
    found = _BOOLEANS.get(text.lower())
    if found is None:
        raise WrongValueError(Code.WRONG_TYPE, f"{brief(text)} is neither true nor false.")
    return found


def as_date(bounds: tuple[dt.date, dt.date], formats: Sequence[str]) -> Callable[[Any], Dated]:
    """A reader of dates within bounds, which are included, with the time if one is stated."""

    def convert(value: Any) -> Dated:
        date, time = dates.parse(as_text(value), formats)
        if not bounds[0] <= date <= bounds[1]:
            message = f"{brief(value)} is not between {bounds[0]} and {bounds[1]}."
            raise WrongValueError(Code.OUT_OF_RANGE, message)
        return date, time

    return convert


def as_url(host: str, slash: Slash) -> Callable[[Any], str]:
    """A reader of urls (`urls.normalized`)."""

    def convert(value: Any) -> str:
        return urls.normalized(as_text(value), host, slash)

    return convert


def as_first(value: Any) -> str | None:
    """A text, or the first of a list."""
    if not isinstance(value, list):
        return as_text(value)
    stated = [part for part in value if part is not None]
    return as_text(stated[0]) if stated else None


def as_joined(value: Any) -> str | None:
    """A text, or the texts of a list, and the names of mappings in it, with commas between them."""
    if isinstance(value, dict) and "name" in value:
        return as_text(value["name"])
    if not isinstance(value, list):
        return as_text(value)
    texts = [as_joined(part) for part in value if part is not None]
    return ", ".join(text for text in texts if text) or None


def as_keywords(separator: str) -> Callable[[Any], list[str]]:
    """A reader of keywords: a list, or text with a separator between them."""

    def convert(value: Any) -> list[str]:
        parts = (
            [as_text(part) for part in value if part is not None]
            if isinstance(value, list)
            else as_text(value).split(separator)
        )
        return [keyword for part in parts if (keyword := part.strip())]

    return convert


# What a related link states, by its keys.
OF_LINKS: Mapping[str, Convert] = {
    "id": as_integer,
    "title": as_text,
    "subject": as_text,
    "url": as_text,
}


_TEXT_COLUMNS = (
    "schema",
    "title",
    "article_title",
    "question",
    "answer",
    "description",
    "seo_title",
    "author",
    "subject",
    "date_format",
    "post_on_text",
)


def converters(model: ContentModel, host: str) -> dict[str, Convert]:
    """The reader of each column; `host` is that of the site."""
    return dict.fromkeys(_TEXT_COLUMNS, as_text) | {
        "subject": as_first,
        "author": as_joined,
        "url": as_url(host, model.slash),
        "id": as_integer,
        "score": as_number(model.score_range),
        "no_index": as_boolean,
        "published": as_date(model.date_range, model.date_formats),
        "keywords": as_keywords(model.keyword_separator),
    }
