"""IndexNow (indexnow.org): telling search engines by HTTP which urls changed."""

import datetime as dt
import email.utils
import time
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from ..base import printable, web
from ..base.errors import PipelineError
from ..base.wording import cut

MOST_URLS = 10_000  # of one request
PENDING = 202  # the urls are taken, and the key is yet to be looked at
_TYPE = "application/json; charset=utf-8"
_TRIES = 5
_FIRST_WAIT, _LONGEST_WAIT = 2.0, 300.0  # seconds
_TOO_MANY = 429


class Target(NamedTuple):
    """Who is told, of which site: its key is to be found in a file on it."""

    endpoint: str
    base_url: str
    key: str

    @property
    def host(self) -> str:
        """The host that all urls are of, with its port if one is stated."""
        return urlsplit(self.base_url).netloc

    @property
    def key_location(self) -> str:
        """Where the file of the key is."""
        return web.uri(f"{self.base_url}/{self.key}.txt")


def requests(target: Target, urls: Sequence[str]) -> Iterator[dict[str, object]]:
    """The requests that tell of some urls, which are from the root of the site."""
    for start in range(0, len(urls), MOST_URLS):
        yield {
            "host": target.host,
            "key": target.key,
            "keyLocation": target.key_location,
            "urlList": [web.uri(target.base_url + url) for url in urls[start : start + MOST_URLS]],
        }


def send(
    target: Target,
    request: dict[str, object],
    wait: Callable[[float], None] = time.sleep,
    say: Callable[[str], None] = lambda _: None,
) -> int:
    """Send a request, again and again while it may go well; the status of the answer: 200 or 202.

    `say` is told why it waits, in seconds.

    Raises:
        PipelineError: It was refused, or there was no answer.
    """
    pause = _FIRST_WAIT
    for left in reversed(range(_TRIES)):
        asked = None
        try:
            answer = web.post(target.endpoint, request, target.endpoint, _TYPE)
        except PipelineError as error:
            problem, may_go_well = f"{error}", True
        else:
            if answer.status < 300:
                return answer.status
            problem = _refusal(target, answer)
            may_go_well = answer.status == _TOO_MANY or answer.status >= 500
            asked = _seconds(answer.retry_after)
        seconds = max(pause, asked or 0)
        if not (may_go_well and left):
            raise PipelineError(problem)
        if seconds > _LONGEST_WAIT:
            raise PipelineError(f"{problem} It asks to wait {seconds:,.0f} s: send again then.")
        say(f"{problem} Trying again in {seconds:,.0f} s.")
        wait(seconds)
        pause *= 2
    raise AssertionError("the last try returns or raises")


def _refusal(target: Target, answer: web.Answer) -> str:
    """What an answer means, as a sentence."""
    meanings = {
        400: "it does not understand the request.",
        403: f"it does not take the key: {target.key_location} must be online and hold it.",
        422: f"the urls are not of {target.host}, or {target.key_location} does not hold the key.",
        _TOO_MANY: "it was sent too much.",
    }
    told = " ".join(printable.note(answer.text).split())
    meaning = meanings.get(answer.status) or "it failed."
    quoted = f" It said: {cut(told, 200)}" if told else ""
    return f"{target.endpoint} answered with status {answer.status}: {meaning}{quoted}"


def _seconds(retry_after: str | None) -> float | None:
    """The seconds of a header ``Retry-After``, which holds them or a time (RFC 9110, 10.2.3)."""
    if retry_after is None:
        return None
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        until = email.utils.parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    now = dt.datetime.now(dt.UTC)
    return (until.astimezone(dt.UTC) - now).total_seconds()
