"""Digests of values: what is made from values of the same digest is the same."""

import dataclasses
import hashlib
import json
from typing import Any


def digest(*values: Any) -> str:
    """SHA-256, in hexadecimal, of values: text, numbers, lists, mappings, dataclasses."""
    text = json.dumps(values, default=_plain, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return str(value)
