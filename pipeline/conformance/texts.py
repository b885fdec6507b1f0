"""What texts in feeds of all formats are to be: times and URLs."""

import datetime as dt
import re
from typing import Any

_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[-+][0-9]{2}:[0-9]{2})"
)
_URL = re.compile("https?://[!-.0-~]++(?:/[!-~]*+)?")


def time(text: Any) -> dt.datetime | None:
    """A time of RFC 3339; None if it is none."""
    try:
        return dt.datetime.fromisoformat(text) if _TIME.fullmatch(text) else None
    except (TypeError, ValueError):
        return None


def is_url(text: Any) -> bool:
    """Whether it is an absolute URL of http or https."""
    return isinstance(text, str) and bool(_URL.fullmatch(text))
