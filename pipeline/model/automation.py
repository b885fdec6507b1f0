"""When Dagster publishes, and who is told: checked before Dagster sees it, with file and line."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge

from ..base.errors import SettingsError
from .checks import STRICT, Checked

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


def _cron_field(number: str, names: Sequence[str] = ()) -> str:
    value = f"({'|'.join((number, *names))})"
    item = rf"(\*|{value}(-{value})?)(/(?!0+\b)({number}))?"
    return f"{item}(,{item})*"


# As in crontab(5).
_CRON = re.compile(
    " +".join(
        (
            _cron_field("[0-5]?[0-9]"),
            _cron_field("[01]?[0-9]|2[0-3]"),
            _cron_field("0?[1-9]|[12][0-9]|3[01]"),
            _cron_field("0?[1-9]|1[0-2]", _MONTHS),
            _cron_field("[0-7]", _DAYS),
        )
    ),
    re.ASCII | re.IGNORECASE,
)
_CRON_RANGE = re.compile("((?<![0-9])[0-9]++|[a-z]{3})-([0-9]+|[a-z]{3})")


def is_cron(text: str) -> bool:
    """Whether this is a cron expression of five fields, in which no range runs backwards."""
    ranges = _CRON_RANGE.findall(text.lower())
    ordered = all(_cron_number(first) <= _cron_number(last) for first, last in ranges)
    return bool(_CRON.fullmatch(text)) and ordered


def _cron_number(value: str) -> int:
    for names, first in ((_MONTHS, 1), (_DAYS, 0)):
        if value in names:
            return names.index(value) + first
    return int(value) if value.isdigit() else 0


def _check_cron(text: str) -> str:
    if text and not is_cron(text):
        example = "0 3 * * * (minute, hour, day, month, day of the week)"
        raise SettingsError(f"{text!r} is not of the form {example}.")
    return text


def _check_timezone(name: str) -> str:
    from zoneinfo import ZoneInfo  # noqa: PLC0415  not paid by workers

    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:  # KeyError: ZoneInfoNotFoundError
        message = f"{name!r} is not a time zone such as Europe/Berlin or UTC."
        raise SettingsError(message) from error
    return name


_OWNER = re.compile(r"team:[A-Za-z0-9_]+|[A-Za-z0-9._%+-]+@([A-Za-z0-9-]+\.)+[A-Za-z]{2,}")
_VARIABLE = re.compile("[A-Za-z_][A-Za-z0-9_]*")


def _check_owners(owners: tuple[str, ...]) -> tuple[str, ...]:
    for owner in owners:
        if not _OWNER.fullmatch(owner):
            raise SettingsError(f"{owner!r} is neither an email address nor of the form team:name.")
    return owners


def _check_variable(name: str) -> str:
    if name and not _VARIABLE.fullmatch(name):
        raise SettingsError(f"{name!r} is not the name of an environment variable.")
    return name


@dataclass(frozen=True, slots=True)
class Automation:
    """When Dagster publishes, and who is told of what.

    Without `cron` there is no schedule. The release counts as late if no run has ended well for
    `late_hours`, and as failed after `failed_hours`; 0 is never. `owners` are mail addresses, or
    ``team:name``. `webhook_variable` names the environment variable that holds the address to
    which runs that failed are reported: such an address is a secret. What Dagster remembers of a
    run goes after `keep_runs_days`; 0 is never. The sensor that publishes after edits looks every
    `watch_seconds`, and waits until it has seen the same twice.
    """

    __pydantic_config__ = STRICT

    cron: Annotated[str, Checked(_check_cron)] = "0 3 * * *"
    timezone: Annotated[str, Checked(_check_timezone)] = "UTC"
    late_hours: Annotated[int, Ge(0)] = 26
    failed_hours: Annotated[int, Ge(0)] = 50
    owners: Annotated[tuple[str, ...], Checked(_check_owners)] = ()
    webhook_variable: Annotated[str, Checked(_check_variable)] = "PRESSROOM_WEBHOOK"
    keep_runs_days: Annotated[int, Ge(0)] = 90
    watch_seconds: Annotated[int, Ge(1)] = 30


def contradictions(automation: Automation) -> Iterator[tuple[str, str]]:
    """What is wrong with these settings as a whole: the dotted key to look at, and a message."""
    late, failed = automation.late_hours, automation.failed_hours
    if failed and late >= failed:
        key = "automation.late_hours"
        yield key, f"{key}: {late} is not below failed_hours, {failed}."
