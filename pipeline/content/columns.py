"""What a column holds of what a file states: its type, its range, and the key that fills it.

Types come from the content model, never from a guess of YAML: a value is text until it is read
here, and one that does not fit is named in words of its author.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping, Set
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import unquote

from ..base.printable import brief
from ..base.problems import Code
from ..model.content import ContentModel
from ..model.schemas import SOURCE_LINES

Convert: TypeAlias = Callable[[Any], Any]


class WrongValueError(Exception):
    """A value that does not fit its column."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(code, message)
        self.code, self.message = code, message


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


# What YAML 1.1 takes for booleans besides, in lower case, as YAML 1.2 writes them.
ONCE_BOOLEAN = {"yes": "true", "on": "true", "no": "false", "off": "false"}


def as_boolean(value: Any) -> bool:
    """True or false as in the core schema of YAML 1.2, section 10.3.2."""
    text = as_text(value)
    if text not in {"true", "True", "TRUE", "false", "False", "FALSE"}:
        meant = ONCE_BOOLEAN.get(text.lower())
        instead = f": write {meant}" if meant else ""
        raise WrongValueError(Code.WRONG_TYPE, f"{brief(text)} is neither true nor false{instead}.")
    return text.lower() == "true"


_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?"
    r" ?([Zz]|[-+][0-9]{2}:?[0-9]{2})?"
)


def as_date(
    bounds: tuple[dt.date, dt.date],
) -> Callable[[Any], tuple[dt.date, dt.datetime | None]]:
    """A reader of dates within bounds, which are included, with the time if one is stated."""

    def convert(value: Any) -> tuple[dt.date, dt.datetime | None]:
        date, time = _instant(value)
        if not bounds[0] <= date <= bounds[1]:
            message = f"{brief(value)} is not between {bounds[0]} and {bounds[1]}."
            raise WrongValueError(Code.OUT_OF_RANGE, message)
        return date, time

    return convert


def _instant(value: Any) -> tuple[dt.date, dt.datetime | None]:
    """Date and, if one is stated, time in UTC; a time without a zone is UTC."""
    text = as_text(value).strip()
    try:
        if _DATE.fullmatch(text):
            return dt.date.fromisoformat(text), None
        if _TIME.fullmatch(text):
            time = dt.datetime.fromisoformat(re.sub(" (?=[-+Z])", "", text.upper()))
            time = time.replace(tzinfo=time.tzinfo or dt.UTC).astimezone(dt.UTC)
            return time.date(), time
    except (ValueError, OverflowError) as error:
        raise WrongValueError(
            Code.INVALID_DATE, f"{brief(text)} does not exist: {error}."
        ) from error
    raise WrongValueError(Code.INVALID_DATE, f"{brief(text)} is not a date.")


_PATH = re.compile(r"/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]++|%[0-9A-Fa-f]{2}|/(?!/))*+")


def as_url(value: Any) -> str:
    """A path from the root of the site (RFC 3986, ``path-absolute``)."""
    text = as_text(value)
    if text.startswith("//") or not _PATH.fullmatch(text):
        raise WrongValueError(
            Code.INVALID_URL, f"{brief(text)} is not a path from the root of the site."
        )
    # Few urls have a part that could be one.
    if ("/." in text or "%" in text) and not {".", ".."}.isdisjoint(unquote(text).split("/")):
        raise WrongValueError(Code.INVALID_URL, f"{brief(text)} has a . or .. segment.")
    if len(text) > 1900:
        raise WrongValueError(Code.INVALID_URL, f"{brief(text)} is longer than 1,900 characters.")
    return text


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


class Field(NamedTuple):
    """A column and the key that fills it: the last part `name`, in mapping `folder` of a plan."""

    column: str
    key: str
    folder: int
    name: str
    convert: Convert


class Plan(NamedTuple):
    """A content model worked out for reading.

    `folders` are the paths of the mappings that hold keys of columns; `fields` stand in the order
    in which problems are reported. `taken` are the paths of all keys that fill columns, and `whole`
    those of them that step into no mapping.
    """

    folders: tuple[tuple[str, ...], ...]
    fields: tuple[Field, ...]
    required: tuple[Field, ...]
    unfilled: tuple[str, ...]
    lines: tuple[tuple[str, str], ...]
    taken: Set[tuple[str, ...]]
    whole: Set[str]


@lru_cache
def plan_of(model: ContentModel) -> Plan:
    """The plan of a content model."""
    converters: dict[str, Convert] = dict.fromkeys(_TEXT_COLUMNS, as_text) | {
        "url": as_url,
        "id": as_integer,
        "score": as_number(model.score_range),
        "no_index": as_boolean,
        "published": as_date(model.date_range),
        "keywords": as_keywords(model.keyword_separator),
    }
    paths = {column: tuple(model.key(column).split(".")) for column in converters}
    folders = tuple(dict.fromkeys(path[:-1] for path in paths.values()))
    fields = {
        column: Field(column, model.key(column), folders.index(path[:-1]), path[-1], convert)
        for (column, path), convert in zip(paths.items(), converters.values(), strict=True)
    }
    required = dict.fromkeys(("url", *model.required))  # the url is the key of every table
    filled = [field for field in fields.values() if field.key]
    return Plan(
        folders,
        tuple(filled),
        tuple(fields[column] for column in required),
        tuple(field.column for field in fields.values() if not field.key),
        tuple((column, model.key(column)) for column in SOURCE_LINES.names),
        frozenset(paths[field.column] for field in filled),
        frozenset(field.key for field in filled if len(paths[field.column]) == 1),
    )
