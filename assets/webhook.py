"""Telling the webhook of the settings about a run.

Its address is a secret, for who knows it may post: no error holds it.
"""

from collections.abc import Mapping
from typing import Any

from pressroom.base import web
from pressroom.base.errors import PipelineError, SettingsError


def post(address: str, message: Mapping[str, Any]) -> None:
    """POST a message as JSON.

    Raises:
        SettingsError: The address is none of http or https.
        PipelineError: The message did not arrive.
    """
    if not web.is_address(address):
        raise SettingsError("The address of the webhook does not begin with http:// or https://.")
    answer = web.post(address, message, "The webhook")
    if answer.status >= 300:
        raise PipelineError(f"The webhook answered with status {answer.status}.")
