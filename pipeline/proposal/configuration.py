"""The configuration of a site generator, whatever its language: YAML, TOML, JSON or JavaScript.

Of data, scalars are text or what TOML and JSON make of them, and a tag of YAML means nothing. Names
of keys are found in any case, as Hugo has it. A program is not run: `javascript` finds what is
written out in it.
"""

import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from . import javascript

Values: TypeAlias = Mapping[str, Any]

_MOST_BYTES = 262_144  # nobody writes more, and PyYAML takes a minute for a megabyte
_SCRIPTS = (".js", ".cjs", ".mjs", ".ts", ".cts", ".mts")


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder in which a site generator, or nobody, has left its configuration."""

    path: Path

    def first(self, *patterns: str) -> str:
        """The first file or folder, by its path below this one, of a glob; empty if none is."""
        for pattern in patterns:
            try:
                found = min(self.path.glob(pattern), default=None)
            except OSError:
                continue
            if found:
                return found.relative_to(self.path).as_posix()
        return ""

    def all(self, pattern: str) -> list[str]:
        """The files and folders of a glob, in order."""
        try:
            return sorted(
                found.relative_to(self.path).as_posix() for found in self.path.glob(pattern)
            )
        except OSError:
            return []

    def below(self, name: str, suffix: str) -> Iterator[str]:
        """The files of a suffix at any depth of a folder, without hidden and installed ones."""
        for parent, folders, files in os.walk(self.path / name):
            folders[:] = sorted(one for one in folders if one[0] != "." and one != "node_modules")
            here = Path(parent).relative_to(self.path)
            yield from ((here / one).as_posix() for one in sorted(files) if one.endswith(suffix))

    def is_folder(self, name: str) -> bool:
        """Whether a path is that of a folder."""
        return bool(name) and (self.path / name).is_dir()

    def text(self, name: str) -> str:
        """The text of a file; empty if there is none, it cannot be read, or is longer than any."""
        try:
            with (self.path / name).open("rb") as file:
                data = file.read(_MOST_BYTES + 1)
        except OSError:
            return ""
        return data.decode("utf-8-sig", "replace") if len(data) <= _MOST_BYTES else ""

    def script(self, name: str) -> javascript.Literals:
        """What is written out in a program."""
        return javascript.literals(self.text(name))

    def values(self, name: str) -> Values:
        """What a file of data says; nothing if it cannot be read, or is a program."""
        text, suffix = self.text(name), Path(name).suffix
        try:
            if suffix == ".toml":
                return tomllib.loads(text)
            if suffix == ".json":
                found = json.loads(text)
            elif suffix in (".yml", ".yaml"):
                found = _of_yaml(text)
            else:
                return {}
        except (ValueError, RecursionError, yaml.YAMLError):
            return {}
        return found if isinstance(found, dict) else {}


def _of_yaml(text: str) -> Any:
    """The values of the first document of a text, whose scalars are text.

    It is composed by PyYAML in Python, which ends at its own depth and not with the process.
    """
    loader = yaml.SafeLoader(text)
    try:
        loader.check_node()
        return _plain(loader.get_node(), {})
    finally:
        loader.dispose()


def _plain(node: Any, known: dict[int, Any]) -> Any:
    """The value of a node; `known` are those of nodes that aliases repeat."""
    if id(node) in known:
        return known[id(node)]
    if isinstance(node, yaml.MappingNode):
        mapping = known[id(node)] = {}
        for key, value in node.value:
            mapping[str(_plain(key, known))] = _plain(value, known)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        sequence: list[Any] = []
        known[id(node)] = sequence
        sequence += (_plain(value, known) for value in node.value)
        return sequence
    if node is None or node.tag == "tag:yaml.org,2002:null":
        return None
    return node.value


def at(values: Any, *path: str) -> Any:
    """The value at a path of keys; None if there is none."""
    for key in path:
        if not isinstance(values, Mapping):
            return None
        by_name = {str(name).lower(): value for name, value in values.items()}
        values = values[key] if key in values else by_name.get(key.lower())
    return values


def text_at(values: Any, *path: str) -> str:
    """The text at a path of keys; empty if there is none."""
    found = at(values, *path)
    return found.strip() if isinstance(found, str) else ""


def flag_at(values: Any, *path: str) -> bool | None:
    """True or false at a path of keys; None if neither stands there."""
    return {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}.get(
        str(at(values, *path)).lower()
    )


def mapping_at(values: Any, *path: str) -> Values:
    """The mapping at a path of keys; an empty one if there is none."""
    found = at(values, *path)
    return found if isinstance(found, Mapping) else {}


def list_at(values: Any, *path: str) -> list[Any]:
    """The list at a path of keys; an empty one if there is none."""
    found = at(values, *path)
    return found if isinstance(found, list) else []


def texts_at(values: Any, *path: str) -> list[str]:
    """The texts of a list, or the one text, at a path of keys."""
    found = at(values, *path)
    return list(_texts(found if isinstance(found, list) else [found]))


def _texts(values: list[Any]) -> Iterator[str]:
    return (value.strip() for value in values if isinstance(value, str) and value.strip())
