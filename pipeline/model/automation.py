"""When Dagster publishes, and who is told.

Cron, time zone and owners are checked by Dagster, when it loads its definitions: it quotes what it
refuses. What it would not see is checked here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge

from ..base import web
from ..base.errors import SettingsError
from .checks import STRICT, Checked

_VARIABLE = re.compile("[A-Za-z_][A-Za-z0-9_]*")


def _check_variable(name: str) -> str:
    if name and not _VARIABLE.fullmatch(name):
        raise SettingsError(f"{name!r} is not the name of an environment variable.")
    return name


def _check_ui_url(url: str) -> str:
    if url and not web.is_address(url):
        raise SettingsError(f"{url!r} is not of the form https://dagster.example.org.")
    return url


@dataclass(frozen=True, slots=True)
class Automation:
    """When Dagster publishes, and who is told of what.

    Without `cron` there is no schedule. The release counts as late if no run has ended well for
    `late_hours`, and as failed after `failed_hours`; 0 is never. `owners` are mail addresses, or
    ``team:name``. `webhook_variable` names the environment variable that holds the address to
    which runs that failed are reported: such an address is a secret. `ui_url` is the address of
    Dagster's UI, to which these reports link. What Dagster remembers of a run goes after
    `keep_runs_days`; 0 is never. The sensor that publishes after edits looks every
    `watch_seconds`, and waits until it has seen the same twice.
    """

    __pydantic_config__ = STRICT

    cron: str = "0 3 * * *"
    timezone: str = "UTC"
    late_hours: Annotated[int, Ge(0)] = 26
    failed_hours: Annotated[int, Ge(0)] = 50
    owners: tuple[str, ...] = ()
    webhook_variable: Annotated[str, Checked(_check_variable)] = "PRESSROOM_WEBHOOK"
    ui_url: Annotated[str, Checked(_check_ui_url)] = ""
    keep_runs_days: Annotated[int, Ge(0)] = 90
    watch_seconds: Annotated[int, Ge(1)] = 30


def contradictions(automation: Automation) -> Iterator[tuple[str, str]]:
    """What is wrong with these settings as a whole: the dotted key to look at, and a message.

    Of these hours Dagster says that an invariant failed, and names neither of them.
    """
    late, failed = automation.late_hours, automation.failed_hours
    if failed and late >= failed:
        key = "automation.late_hours"
        yield key, f"{key}: {late} is not below failed_hours, {failed}."
