"""Reading settings files.

`load` is strict: an unknown key is refused with the nearest known one. Paths in the file are
relative to the file.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from ..base import toml_keys
from ..base.errors import SettingsError
from . import automation, contradictions, crawlers, presets, publishing
from . import settings as of_settings
from .checks import nearest
from .paths import read
from .settings import Settings

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_LONGEST_KEY = 1_000  # nobody writes one


def load(path: Path) -> Settings:
    """Read a settings file (TOML 1.0).

    Raises:
        SettingsError: The file is missing, is not TOML, has an unknown key or a wrong value;
            the text names file and line.
    """
    return parse(read(path), path)


def parse(text: str, path: Path) -> Settings:
    """The settings that a text states which is, or would be, in a file.

    Raises:
        SettingsError: As `load`.
    """
    from pydantic import ValidationError  # noqa: PLC0415  0.1 s, not paid by workers

    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = f"{path}: not a TOML file: {error}."
        raise SettingsError(message) from error
    try:
        values = presets.merged(values)
    except SettingsError as error:
        raise SettingsError(_said([("content.preset", str(error))], path, text)) from error
    if message := _said(_of_earlier_versions(values), path, text):
        raise SettingsError(message)
    try:
        settings = _validator().validate_python(values)
    except ValidationError as error:
        raise SettingsError(_said(_wrong(error.errors()), path, text)) from error
    found = chain(
        contradictions.contradictions(settings.content),
        automation.contradictions(settings.automation),
        publishing.contradictions(settings.sitemaps, settings.content),
        crawlers.contradictions(settings.robots),
        of_settings.contradictions(settings),
    )
    if message := _said(found, path, text):
        raise SettingsError(message)
    return replace(settings, paths=settings.paths.within(path.resolve().parent))


@cache
def _validator() -> "TypeAdapter[Settings]":
    """What validates settings; it takes 0.2 s to make."""
    from pydantic import TypeAdapter  # noqa: PLC0415

    return TypeAdapter(Settings)


_MOVED_EXPORTS = {
    "feed_items": "feeds.items",
    "subject_feed_items": "feeds.subject_items",
    "sitemap_urls": "sitemaps.urls",
    "sitemap_bytes": "sitemaps.bytes",
}
_MOVED = {
    "keyword_separator": "columns.keywords.separator",
    "score_range": "columns.score.range",
    "related_prefix": "related.prefix",
}
# Columns that every site had.
_OF_QUICKTAKES = {"answer", "id", "keywords", "score", "article_title", "question", "seo_title"}


def _of_earlier_versions(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The keys that meant something in earlier versions, and what to write now."""
    exports, content = values.get("exports"), values.get("content")
    if isinstance(exports, dict):
        for key in _MOVED_EXPORTS.keys() & exports:
            yield f"exports.{key}", f"exports.{key}: it is {_MOVED_EXPORTS[key]} now."
    if not isinstance(content, dict):
        return
    keys, required = content.get("keys"), content.get("required")
    moved = [
        (f"content.{key}", f"it is content.{now} now")
        for key, now in _MOVED.items()
        if key in content
    ]
    moved += [
        (
            f"content.keys.{column}",
            f"it is content.{'keys.text' if column == 'answer' else 'columns.' + column} now",
        )
        for column in sorted(_OF_QUICKTAKES.intersection(keys if isinstance(keys, dict) else ()))
    ]
    if isinstance(required, list) and "answer" in required:
        moved.append(("content.required", "the column 'answer' is 'text' now"))
    preset = "" if content.get("preset") else ', and add preset = "quicktakes" to [content]'
    yield from ((key, f"{key}: {what}{preset}.") for key, what in moved)


def _said(problems: Iterable[tuple[str, str]], path: Path, text: str) -> str:
    """Problems of keys, a line each, behind the file and the line of their keys."""
    places = [(key, line) for key, (line, _) in toml_keys.places(text, 1, _LONGEST_KEY)]
    lines = []
    for key, message in problems:
        line = toml_keys.line_of(places, key)
        lines.append(f"{path}: {message}" if line is None else f"{path}:{line}: {message}")
    return "\n".join(dict.fromkeys(lines))


def _wrong(errors: Iterable[Any]) -> Iterator[tuple[str, str]]:
    """The dotted keys that pydantic refuses, and why."""
    for error in errors:
        loc = [str(part) for part in error["loc"]]
        key = ".".join(loc)
        if error["type"] == "value_error":  # of `Checked`
            yield key, f"{key}: {error['ctx']['error']}"
        elif error["type"] == "unexpected_keyword_argument":
            yield key, f"unknown key {key!r}{nearest(loc[-1], _known(loc[:-1]))}"
        elif loc[:2] == ["paths", "raw"]:  # of a union there is an error for each type
            yield "paths.raw", "paths.raw: Input should be a folder, or s3://bucket/prefix."
        else:
            yield key, f"{key}: {error['msg']}."


def _known(loc: list[str]) -> list[str]:
    """The keys that may stand at a place of the settings file."""
    kind: Any = Settings
    for part in loc:
        if part.isdigit() or (get_origin(kind) is not None and not is_dataclass(kind)):
            kind = next((one for one in get_args(kind) if is_dataclass(one)), None)
        else:
            kind = get_type_hints(kind).get(part) if is_dataclass(kind) else None
    return [one.name for one in fields(kind)] if is_dataclass(kind) else []
