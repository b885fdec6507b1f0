"""Which settings file states a rule: that of the owner, or the preset that it completes."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..base import toml_keys
from . import presets

DEFAULT = "default"
_LONGEST_KEY = 1_000  # nobody writes one


class Layer(NamedTuple):
    """A settings file: its name for people, its values, and the lines of its keys, if of use."""

    name: str
    values: Mapping[str, Any]
    lines: tuple[tuple[str, int], ...] = ()

    def place(self, keys: Sequence[str]) -> str:
        """Where it states a value: its name, with the line of the key or of the table around it."""
        line = toml_keys.line_of(self.lines, ".".join(keys))
        return self.name if line is None else f"{self.name}:{line}"


class Layers(NamedTuple):
    """The settings of a site, the first layer above the others.

    `collections` are the numbers that each of its collections has in each layer, if it has one.
    """

    layers: tuple[Layer, ...]
    collections: tuple[tuple[int | None, ...], ...]

    def of(self, *keys: str, collection: int | None = None, item: Any = None) -> str:
        """The file, with its line, that states what stands at some keys; `DEFAULT` if none does.

        What the collection of a number says goes before. With an `item`, it is the file whose list
        has that.
        """
        for layer, parts in self._places(keys, collection):
            stated = _at(layer.values, parts)
            if stated is not None and (item is None or item in stated):
                return layer.place(parts)
        return DEFAULT

    def _places(
        self, keys: tuple[str, ...], collection: int | None
    ) -> Iterator[tuple[Layer, tuple[str, ...]]]:
        if collection is not None and keys[0] == "content":
            for layer, number in zip(self.layers, self.collections[collection], strict=True):
                if number is not None:
                    yield layer, ("content", "collections", str(number), *keys[1:])
        yield from ((layer, keys) for layer in self.layers)


def layers_of(file: Path | None) -> Layers:
    """The layers of a settings file that can be read; without any there are just the defaults.

    Raises:
        OSError, SettingsError: It cannot.
    """
    if file is None:
        return Layers((), ())
    text = file.read_text(encoding="utf-8-sig")
    owner = tomllib.loads(text)
    places = toml_keys.places(text, 1, _LONGEST_KEY)
    layers = [Layer(str(file), owner, tuple((key, line) for key, (line, _) in places))]
    if name := _at(owner, ("content", "preset")):
        layers.append(Layer(f"preset {name}", tomllib.loads(presets.text_of(name))))
    collections = [_at(layer.values, ("content", "collections")) or [] for layer in layers]
    numbers = presets.same_collections(collections[1] if len(layers) > 1 else [], collections[0])
    return Layers(tuple(layers), tuple(pair[: len(layers)] for pair in numbers))


def _at(values: Any, keys: Sequence[str]) -> Any:
    """What stands at some keys; None if nothing does."""
    for key in keys:
        if isinstance(values, list):
            values = values[int(key)]
        elif isinstance(values, dict):
            values = values.get(key)
    return values
