"""Templates of urls and of other values: text with ``{…}`` that the values of a file fill.

``{path}`` is the value of a name, ``{slug:hugo}`` the same in a format (`url_formats`),
``{a|b}`` the first that a file has, ``{a|}`` that or nothing, and ``{a+b}`` the segments of all
that it has, each once.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from ..base.errors import SettingsError
from .checks import nearest
from .url_formats import FORMATS, formatted

# What a name stands for: a text, the texts of a list, or nothing.
Value: TypeAlias = str | list[str] | None
_PATHS = ("path", "undated")


class Field(NamedTuple):
    """Names, whose values are joined, and the format of these; without a name an empty text."""

    names: tuple[str, ...]
    format: str


class Template(NamedTuple):
    """A text in parts: as it is, or the alternatives for a value."""

    text: str
    parts: tuple[str | tuple[Field, ...], ...]

    @property
    def names(self) -> Iterator[str]:
        """The names that it asks for."""
        for part in self.parts:
            if not isinstance(part, str):
                yield from (name for field in part for name in field.names)

    @property
    def ends_in_path(self) -> bool:
        """Whether it ends in ``{path}`` or ``{path}.html``."""
        parts = self.parts[:-1] if self.parts[-1:] == (".html",) else self.parts
        last = parts[-1] if parts else ""
        return not isinstance(last, str) and last[-1].names == ("path",)

    def terms(self, value: Callable[[str], Value]) -> list[str]:
        """The values of names that are all of it, each by itself; else the one text, if any."""
        if len(self.parts) == 1 and not isinstance(self.parts[0], str):
            return _found(self.parts[0], value) or []
        text = self.filled(value)
        return [] if text is None else [text]

    def filled(
        self, value: Callable[[str], Value], written: Callable[[str], str] = str
    ) -> str | None:
        """The text with the values of names; None if one has no value and no alternative.

        `written` is how a value stands in the text.
        """
        texts = []
        for part in self.parts:
            if isinstance(part, str):
                texts.append(part)
            elif (found := _found(part, value)) is not None:
                texts.append(written("/".join(found)))
            else:
                return None
        return "".join(texts)


def _found(fields: tuple[Field, ...], value: Callable[[str], Value]) -> list[str] | None:
    """The segments of the first alternative that has any."""
    for field in fields:
        if not field.names:
            return []
        found = [_segments(name, value(name), field.format) for name in field.names]
        segments = [segment for of_name in found for segment in of_name]
        if segments:
            is_joined = len(field.names) > 1
            return list(dict.fromkeys(segments)) if is_joined else segments
    return None


def _segments(name: str, value: Value, form: str) -> list[str]:
    """A value in a format: a path segment by segment, a list text by text."""
    if value is None:
        return []
    if isinstance(value, str) and (name in _PATHS or name.isdigit()):
        return [formatted(text, form, is_path=name == "path") for text in value.split("/")]
    return [formatted(text, form) for text in ([value] if isinstance(value, str) else value)]


_FIELD = re.compile(r"\{([^{}]*)\}")


def parse(text: str, placeholders: Mapping[str, str]) -> Template:
    """The template of a text; `placeholders` are other spellings of parts of it.

    Raises:
        SettingsError: A brace is not closed, or a format is unknown.
    """
    text = _spelled_out(text, placeholders)
    parts: list[str | tuple[Field, ...]] = []
    end = 0
    for found in _FIELD.finditer(text):
        parts += [_literal(text[end : found.start()], text), _alternatives(found[1], text)]
        end = found.end()
    parts.append(_literal(text[end:], text))
    return Template(text, tuple(part for part in parts if part != ""))


def _spelled_out(text: str, placeholders: Mapping[str, str]) -> str:
    """A text in which other spellings are replaced, but for what stands within braces."""

    def ours(found: re.Match[str]) -> str:
        return placeholders[found[1]] if found[1] else found[0]

    return _spellings(tuple(placeholders)).sub(ours, text) if placeholders else text


@lru_cache(maxsize=16)
def _spellings(placeholders: tuple[str, ...]) -> re.Pattern[str]:
    """Finds placeholders, the longest first, and fields, in which none is looked for."""
    known = "|".join(map(re.escape, sorted(placeholders, key=len, reverse=True)))
    return re.compile(rf"({known})|{_FIELD.pattern}")


def _literal(part: str, text: str) -> str:
    if "{" in part or "}" in part:
        raise SettingsError(f"the template {text!r} has a brace without its partner.")
    return part


def _alternatives(inner: str, text: str) -> tuple[Field, ...]:
    fields = []
    for alternative in inner.split("|"):
        names, _, form = alternative.strip().partition(":")
        if form and form not in FORMATS:
            raise SettingsError(
                f"the template {text!r}: unknown format {form!r}{nearest(form, FORMATS)}"
            )
        fields.append(Field(tuple(name.strip() for name in names.split("+") if names), form))
    if not all(fields[0].names) or not fields[0].names:
        raise SettingsError(f"the template {text!r} has {{}} without a name.")
    return tuple(fields)
