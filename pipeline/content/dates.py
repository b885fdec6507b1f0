"""Dates as other tools write them: forms with one meaning, and those that settings name."""

import datetime as dt
import re
from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from ..base.printable import brief
from ..base.problems import Code
from .wrong_value import WrongValueError

Dated: TypeAlias = tuple[dt.date, dt.datetime | None]

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?)"
    r" ?([Zz]|[-+][0-9]{2}:?[0-9]{2})?(?:\[[\w/+-]{1,40}\])?"
)
# 2022/07/08, 2022-7-8, 20220708; and Ruby's time of a file: 2023-01-29 18:30:22 -0800.
_NUMBERS = re.compile(r"([0-9]{4})([-/.]?)([0-9]{1,2})\2([0-9]{1,2})")
_DAY_OR_MONTH = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2[0-9]{4}")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_WORDS = re.compile(
    r"(?:[A-Za-z]{3,9},? )?"
    r"(?:(?P<month>[A-Za-z]{3,9})\.? (?P<day>[0-9]{1,2})(?:st|nd|rd|th)?,?"
    r"|(?P<day_first>[0-9]{1,2})(?:st|nd|rd|th)?\.? (?P<month_second>[A-Za-z]{3,9})\.?,?)"
    r" (?P<year>[0-9]{4})"
)
_RFC_2822 = re.compile(
    r"(?:[A-Za-z]{3}, )?[0-9]{1,2} [A-Za-z]{3} [0-9]{4} [0-9]{2}:[0-9]{2}(?::[0-9]{2})?"
    r" (?:[-+][0-9]{4}|[A-Z]{1,4})"
)


def parse(
    text: str,
    formats: Sequence[str],
    timezone: str = "UTC",
    days: Literal["stated", "site"] = "stated",
) -> Dated:
    """Day and, if one is stated, time in UTC; a time without a zone is of `timezone`.

    The day is that of the author, of the offset that is stated, or by `days` that in `timezone`.
    `formats` are of `strptime`, for forms that could be read in several ways.

    Raises:
        WrongValueError: It has none of these forms, or does not exist.
    """
    text = text.strip()
    try:
        if _DATE.fullmatch(text):
            return dt.date.fromisoformat(text), None
        found = _read(text) or _as_formats(text, formats)
        if isinstance(found, dt.datetime):
            return _instant(found, zone(timezone), days)
        if found is not None:
            return found, None
    except (ValueError, OverflowError) as error:
        message = f"{brief(text)} does not exist: {error}."
        raise WrongValueError(Code.INVALID_DATE, message) from error
    raise WrongValueError(Code.INVALID_DATE, f"{brief(text)} {_why_none(text)}")


def _read(text: str) -> dt.date | None:
    if found := _TIME.fullmatch(text):
        date, time, offset = found.groups()
        hour, colon, rest = time.partition(":")
        return dt.datetime.fromisoformat(f"{date}T{hour:0>2}{colon}{rest}{(offset or '').upper()}")
    if found := _NUMBERS.fullmatch(text):
        year, between, month, day = found.groups()
        if between or len(text) == len("20220708"):
            return dt.date(int(year), int(month), int(day))
    if found := _WORDS.fullmatch(text):
        name = (found["month"] or found["month_second"]).lower()
        months = [number for number, month in enumerate(_MONTHS, 1) if month.startswith(name)]
        if months:
            day = found["day"] or found["day_first"]
            return dt.date(int(found["year"]), months[0], int(day))
    if _RFC_2822.fullmatch(text):
        return parsedate_to_datetime(text)
    return None


def _why_none(text: str) -> str:
    """Why a text is not taken for a date, and what would let it be taken for one."""
    found = _DAY_OR_MONTH.fullmatch(text)
    first, sign, second = found.groups() if found else ("0", "", "0")
    days_first = f"%d{sign}%m{sign}%Y", int(first), int(second)
    months_first = f"%m{sign}%d{sign}%Y", int(second), int(first)
    forms = [
        f"{form!r}"
        for form, day, month in (days_first, months_first)
        if 1 <= day <= 31 and 1 <= month <= 12
    ]
    if not forms:
        return "is not a date."
    could_be = "could be read in two ways" if len(forms) > 1 else "has a form of few sites"
    return f"{could_be}: name its form in content.date_formats, {' or '.join(forms)}."


def _as_formats(text: str, formats: Sequence[str]) -> dt.date | None:
    for form in formats:
        try:
            read = dt.datetime.strptime(text, form)  # noqa: DTZ007  the zone follows
        except ValueError:
            continue
        has_time = any(part in form for part in ("%H", "%I", "%c", "%X"))
        return read if has_time else read.date()
    return None


def _instant(time: dt.datetime, zone: dt.tzinfo, days: str) -> Dated:
    time = time.replace(tzinfo=time.tzinfo or zone)
    day = time.astimezone(zone) if days == "site" else time
    return day.date(), time.astimezone(dt.UTC)


def midnight(day: dt.date, timezone: str) -> dt.datetime:
    """The midnight with which a day begins in a time zone, in UTC."""
    time = dt.datetime.combine(day, dt.time(), zone(timezone))
    try:
        return time.astimezone(dt.UTC)
    except OverflowError:  # the first day of all, east of Greenwich
        return time.replace(tzinfo=dt.UTC)


@lru_cache
def zone(name: str) -> dt.tzinfo:
    """A time zone of the IANA database."""
    return dt.UTC if name == "UTC" else ZoneInfo(name)
