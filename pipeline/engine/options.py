"""What a single run is asked for, besides the settings of its site."""

import time
from dataclasses import dataclass

from ..base.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Options:
    """What a single run is asked to do otherwise than usual.

    With `keep_tables` no raw file is read: the exports are made of the published tables.
    """

    full: bool = False
    force: bool = False
    accept_removals: bool = False
    keep_tables: bool = False


_LAST_SECOND = 253_402_300_799  # of the year 9999


def as_of(stated: int | None, source_date_epoch: str | None) -> int:
    """The time of a run in seconds since 1970 (UTC): as stated, else SOURCE_DATE_EPOCH, else now.

    Raises:
        SettingsError: It is no number of seconds until the year 9999.
    """
    text = str(stated) if stated is not None else source_date_epoch or str(int(time.time()))
    if not text.isascii() or not text.isdigit() or int(text) > _LAST_SECOND:
        message = f"Invalid --as-of {text!r}: not a number of seconds since 1970 (UTC)."
        raise SettingsError(message)
    return int(text)
