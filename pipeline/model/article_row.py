"""What a row of ``articles`` says in two columns at a time: its text, and when it was published."""

import datetime as dt
from collections.abc import Mapping
from typing import Any


def text_of(row: Mapping[str, Any]) -> str | None:
    """The text of an article: its answer if it has one, else its body."""
    text: str | None = row["body"] if row["answer"] is None else row["answer"]
    return text


def published_at(row: Mapping[str, Any]) -> dt.datetime | None:
    """When an article was published: midnight (UTC) of its date where no time is stated."""
    if row["published"] is None:
        return None
    time: dt.datetime | None = row["published_at"]
    return time or dt.datetime.combine(row["published"], dt.time(), dt.UTC)
