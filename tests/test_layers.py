"""Which settings file states a rule, and on which line."""

from pathlib import Path

import pytest

from pressroom.base import toml_keys
from pressroom.model.layers import Layers, layers_of
from pressroom.model.settings_toml import load

OWNER = """\
[sources]
exclude = ["/mine/"]

[content]
preset = "jekyll"
keys = { title = "name" }
url = "/{path}/"

[[content.collections]]
name = "mine"
files = "mine/**"
[content.collections.keys]
author = "by"

[[content.collections]]
name = "posts"
future = "hold"

[[content.collections]]
name = "drafts"
files = []
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "pressroom.toml"
    path.write_text(OWNER)
    return path


@pytest.fixture
def layers(file: Path) -> Layers:
    return layers_of(file)


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        (("content", "url"), "{file}:7"),
        (("content", "keys", "title"), "{file}:6"),
        (("content", "keys", "updated"), "preset jekyll"),
        (("content", "slash"), "default"),
        (("content", "set", "author"), "default"),
        (("limits", "depth"), "default"),
    ],
)
def test_a_rule_is_of_the_owner_the_preset_or_the_defaults(
    layers: Layers, file: Path, keys: tuple[str, ...], place: str
) -> None:
    assert layers.of(*keys) == place.format(file=file)


def numbers(file: Path) -> dict[str | None, int]:
    return {one.name: number for number, one in enumerate(load(file).content.collections)}


@pytest.mark.parametrize(
    ("name", "keys", "place"),
    [
        ("mine", ("content", "files"), "{file}:11"),
        ("mine", ("content", "keys", "author"), "{file}:13"),
        ("mine", ("content", "keys", "title"), "{file}:6"),
        ("posts", ("content", "future"), "{file}:17"),
        ("posts", ("content", "files"), "preset jekyll"),
        ("posts", ("content", "url"), "preset jekyll"),
        ("mine", ("content", "url"), "{file}:7"),
        ("mine", ("sources", "exclude"), "{file}:2"),
    ],
)
def test_what_a_collection_says_goes_before(
    layers: Layers, file: Path, name: str, keys: tuple[str, ...], place: str
) -> None:
    assert layers.of(*keys, collection=numbers(file)[name]) == place.format(file=file)


def test_each_collection_of_the_site_has_its_numbers(layers: Layers, file: Path) -> None:
    assert len(layers.collections) == len(load(file).content.collections)
    assert "drafts" not in numbers(file)


def test_an_item_of_a_list_is_of_the_file_that_has_it(layers: Layers, file: Path) -> None:
    assert layers.of("sources", "exclude", item="/mine/") == f"{file}:2"
    (other, *_) = (one for one in load(file).sources.exclude if one != "/mine/")
    assert layers.of("sources", "exclude", item=other) == "preset jekyll"


def test_without_a_file_all_is_by_default() -> None:
    assert layers_of(None).of("content", "url") == "default"


def test_tables_within_arrays_have_the_numbers_of_these() -> None:
    text = "[[a]]\nb = 1\n[a.c]\nd = 2\n[[a]]\n[a.c]\nd = 3\n[[a.e]]\nf = 4\n[a.e.g]\nh = 5\n"
    found = {key: line for key, (line, _) in toml_keys.places(text, 1, 100)}
    expected = {"a.0.c.d": 4, "a.1.c.d": 7, "a.1.e.0.f": 9, "a.1.e.0.g.h": 11}
    assert expected.items() <= found.items()
