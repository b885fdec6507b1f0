"""Telling another system by HTTP what happened.

The address is a secret, for who knows it may post: no error holds it.
"""

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from pressroom.base.errors import PipelineError, SettingsError

_SECONDS = 10


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirected POST would arrive as a GET, without what it says (RFC 9110, 15.4)."""

    def redirect_request(self, *_: Any) -> None:
        return None


def post(address: str, message: Mapping[str, Any]) -> None:
    """POST a message as JSON.

    Raises:
        SettingsError: The address is none of http or https.
        PipelineError: The message did not arrive.
    """
    try:
        parts = urlsplit(address)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address:
        raise SettingsError("The address of the webhook does not begin with http:// or https://.")
    data = json.dumps(message).encode()
    headers = {"Content-Type": "application/json", "User-Agent": "pressroom"}
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        request = urllib.request.Request(address, data, headers, method="POST")
        with opener.open(request, timeout=_SECONDS):
            pass
    except urllib.error.HTTPError as error:
        error.close()
        raise PipelineError(f"The webhook answered with status {error.code}.") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise PipelineError(f"The webhook cannot be reached: {_words(error)}.") from None


def _words(error: Exception) -> str:
    reason = getattr(error, "reason", None)  # of a URLError
    why = reason if isinstance(reason, OSError) else error
    return (isinstance(why, OSError) and why.strerror) or type(why).__name__
