"""Telling another system by HTTP what happened.

An address may be a secret, for who knows it may post: no error holds it.
"""

import contextlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from .errors import PipelineError

_SECONDS = 10
_MOST_BYTES = 2_000  # of what is said of a refusal


class Answer(NamedTuple):
    """The status of an answer, its header ``Retry-After``, and the beginning of what it says."""

    status: int
    retry_after: str | None
    text: str


def is_address(text: str) -> bool:
    """Whether a text is an address of http or https."""
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def uri(text: str) -> str:
    """An absolute URL or a path in which nothing is left that RFC 3986 has no place for."""
    return quote(text, safe="%:/?#[]@!$&'()*+,;=~")


def post(
    address: str, message: Mapping[str, Any], whose: str, content_type: str = "application/json"
) -> Answer:
    """POST a message as JSON; `whose` address it is, as people are told.

    Raises:
        PipelineError: There was no answer.
    """
    # They take a while, and most commands post nothing.
    import http.client  # noqa: PLC0415
    import urllib.error  # noqa: PLC0415
    import urllib.request  # noqa: PLC0415

    class NoRedirect(urllib.request.HTTPRedirectHandler):
        """A redirected POST would arrive as a GET, without what it says (RFC 9110, 15.4)."""

        def redirect_request(self, *_: Any) -> None:
            return None

    data = json.dumps(message).encode()
    headers = {"Content-Type": content_type, "User-Agent": "pressroom"}
    opener = urllib.request.build_opener(NoRedirect)
    try:
        request = urllib.request.Request(address, data, headers, method="POST")
        with opener.open(request, timeout=_SECONDS) as response:
            return Answer(response.status, None, "")
    except urllib.error.HTTPError as error:
        text = b""
        with error, contextlib.suppress(OSError, http.client.HTTPException):
            text = error.read(_MOST_BYTES)
        return Answer(error.code, error.headers.get("Retry-After"), text.decode(errors="replace"))
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise PipelineError(f"{whose} cannot be reached: {_words(error)}.") from None


def _words(error: Exception) -> str:
    reason = getattr(error, "reason", None)  # of a URLError
    why = reason if isinstance(reason, OSError) else error
    return (isinstance(why, OSError) and why.strerror) or type(why).__name__
