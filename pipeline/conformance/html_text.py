"""What the HTML in feeds holds that readers would not show as it is meant.

It is read as `markup.html` writes it: attributes have values in double quotes.
"""

import html
import re
from collections.abc import Iterator
from functools import lru_cache

_TAG = re.compile(r'<([A-Za-z][A-Za-z0-9-]*)((?:\s+[^\s=<>"/]+(?:="[^"]*")?)*)\s*/?>')
_ATTRIBUTE = re.compile(r'\s([^\s=<>"/]+)="([^"]*)"')
_OF_ADDRESSES = {"href", "src", "poster", "action", "cite", "background"}
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_ACTIVE = {"script", "style", "iframe", "object", "embed", "form", "base", "link", "meta"}
_RUNS = ("javascript:", "vbscript:")


@lru_cache  # an item stands in several feeds, each of which has several formats
def problems(text: str) -> tuple[tuple[bool, str], ...]:
    """Addresses that are not absolute, and what runs code or changes the page around it.

    Each with whether it is an address.
    """
    return tuple(_problems(text))


def _problems(text: str) -> Iterator[tuple[bool, str]]:
    for tag, attributes in _TAG.findall(text):
        if tag.lower() in _ACTIVE:
            yield False, f"<{tag}>"
        for name, value in _ATTRIBUTE.findall(attributes):
            if name.lower().startswith("on") or name.lower() == "style":
                yield False, f"{name} of <{tag}>"
            elif name.lower() in _OF_ADDRESSES:
                address = html.unescape(value).strip()
                if address.lower().startswith(_RUNS):
                    yield False, address
                elif address and not _SCHEME.match(address):
                    yield True, address
