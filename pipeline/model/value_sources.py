"""Where a column gets its value: keys of the front matter, the path, the text, a template.

=================  =================================================================================
``date``           the key; ``a.b`` is a key with a dot, else a step into a mapping
``!published``     the key, true for false
``robots=noindex``  whether the key has this value
``:filename``      the name of the file: its date for a date, else its text
``:folder``        the first folder of the path in its collection, else the collection's own
``:path``          the path: a date in it for a date, else all but language, suffix, index file
``:git``           the first commit of the file for `published`, else the last one
``:url``           a date in the url that the front matter states, as in ``/2024/01/02/news``
``:heading``       the first heading of the text
``:title``         the heading of the first level that the text begins with
``:body``          the text below the front matter
``{…}``            a template (`templates`)
=================  =================================================================================
"""

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from ..base.errors import SettingsError
from . import templates
from .checks import nearest
from .templates import Template


class Kind(Enum):
    """What a source looks at."""

    KEY = "key"
    FILENAME = ":filename"
    FOLDER = ":folder"
    PATH = ":path"
    URL = ":url"
    GIT = ":git"
    HEADING = ":heading"
    TITLE = ":title"
    BODY = ":body"
    TEMPLATE = "{"


_SPECIAL = {kind.value: kind for kind in Kind if kind.value.startswith(":")}


class Source(NamedTuple):
    """One source of a value; `text` is what names it, `key` that of the front matter, if any.

    `equals` is the text that its value is compared with, `is_negated` turns true and false round.
    """

    text: str
    kind: Kind
    key: str = ""
    is_negated: bool = False
    equals: str | None = None
    template: Template | None = None


def parse(text: str, placeholders: Mapping[str, str]) -> Source:
    """The source that a text of the settings names.

    Raises:
        SettingsError: It names none.
    """
    if "{" in text:
        return Source(text, Kind.TEMPLATE, template=templates.parse(text, placeholders))
    if text.startswith(":"):
        if text not in _SPECIAL:
            raise SettingsError(f"unknown source {text!r}{nearest(text, _SPECIAL)}")
        return Source(text, _SPECIAL[text])
    negated, key = text.startswith("!"), text.removeprefix("!")
    key, sign, value = key.partition("=")
    if not key.strip():
        raise SettingsError(f"the source {text!r} names no key.")
    return Source(text, Kind.KEY, key.strip(), negated, value.strip() if sign else None)
