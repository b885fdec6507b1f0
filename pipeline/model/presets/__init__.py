"""Presets: settings files for the sites of a generator or an editor, which owners complete.

`merged` puts what an owner states above a preset. Tables are merged key by key, and so are
collections of one name; lists and values replace, but for ``sources.exclude``, which is added to.
A declared column that is ``""``, or a collection whose ``files`` are ``[]``, is removed.
"""

import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any

from ...base.errors import SettingsError
from ..checks import nearest

Values = dict[str, Any]


def names() -> list[str]:
    """The presets that there are."""
    files = resources.files(__name__).iterdir()
    return sorted(file.name[:-5] for file in files if file.name.endswith(".toml"))


def text_of(name: str) -> str:
    """The settings file of a preset.

    Raises:
        SettingsError: There is none of that name.
    """
    if name not in names():
        raise SettingsError(f"content.preset: unknown preset {name!r}{nearest(name, names())}")
    return resources.files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8")


def keys_of(name: str) -> Mapping[str, Any]:
    """The sources of columns that a preset states, as they are written; none without a name.

    Raises:
        SettingsError: There is no preset of that name.
    """
    stated = _at(tomllib.loads(text_of(name)), "content", "keys") if name else None
    return stated or {}


def requires_front_matter(name: str) -> bool:
    """Whether a preset says that a file without front matter is no page; none does without a name.

    Raises:
        SettingsError: There is no preset of that name.
    """
    values = tomllib.loads(text_of(name)) if name else {}
    return bool(_at(values, "sources", "front_matter") == "required")


def says(name: str, text: str) -> bool:
    """Whether a text stands as a value in a preset; none does without a name.

    Raises:
        SettingsError: There is no preset of that name.
    """
    return bool(name) and f'"{text}"' in text_of(name)


def merged(owner: Mapping[str, Any]) -> Values:
    """The values of a settings file above those of its preset, if it names one.

    Raises:
        SettingsError: There is no preset of that name.
    """
    content = owner.get("content")
    name = content.get("preset") if isinstance(content, dict) else None
    return above(tomllib.loads(text_of(name)) if isinstance(name, str) and name else {}, owner)


def above(preset: Mapping[str, Any], owner: Mapping[str, Any]) -> Values:
    """The values of a settings file above those of another."""
    values = _merged(_spelled_out(preset), _spelled_out(owner))
    excluded = [_at(each, "sources", "exclude") for each in (preset, owner)]
    if all(isinstance(one, list) for one in excluded):
        values["sources"]["exclude"] = [*excluded[0], *excluded[1]]
    collections = [_at(each, "content", "collections") for each in (preset, owner)]
    if all(isinstance(one, list) for one in collections):
        values["content"]["collections"] = list(_collections(*collections))
    _drop_columns(values)
    return values


def _spelled_out(values: Mapping[str, Any]) -> Values:
    """The same with each column as a table, where it is nothing but its type."""
    content = values.get("content")
    if not isinstance(content, dict) or not isinstance(content.get("columns"), dict):
        return dict(values)
    columns = {
        name: {"type": one} if isinstance(one, str) and one else one
        for name, one in content["columns"].items()
    }
    return {**values, "content": {**content, "columns": columns}}


def _at(values: Mapping[str, Any], table: str, key: str) -> Any:
    found = values.get(table)
    return found.get(key) if isinstance(found, dict) else None


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> Values:
    values = dict(below)
    for key, stated in above.items():
        under = values.get(key)
        both = isinstance(under, dict) and isinstance(stated, dict)
        values[key] = _merged(under or {}, stated) if both else stated
    return values


def same_collections(
    of_preset: list[Any], of_owner: list[Any]
) -> Iterator[tuple[int | None, int | None]]:
    """The collections of an owner, then those of the preset that bear no name of theirs.

    Each is its number in the file of the owner and that in the preset, if it stands there.
    """
    known = {one["name"]: number for number, one in enumerate(of_preset) if "name" in one}
    stated = set()
    for number, one in enumerate(of_owner):
        name = one.get("name") if isinstance(one, dict) else None
        stated.add(name)
        if not (isinstance(one, dict) and one.get("files") == []):
            yield number, known.get(str(name))
    for number, one in enumerate(of_preset):
        if one.get("name") is None or one["name"] not in stated:
            yield None, number


def _collections(of_preset: list[Any], of_owner: list[Any]) -> Iterator[Any]:
    for owners, presets in same_collections(of_preset, of_owner):
        below = {} if presets is None else of_preset[presets]
        above = {} if owners is None else of_owner[owners]
        yield _merged(below, above) if isinstance(above, dict) else above


def _drop_columns(values: Values) -> None:
    columns = _at(values, "content", "columns")
    if isinstance(columns, dict):
        values["content"]["columns"] = {name: one for name, one in columns.items() if one != ""}
