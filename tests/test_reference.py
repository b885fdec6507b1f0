"""The reference of the settings is complete, and that of today's types."""

from dataclasses import fields
from typing import get_type_hints

from pressroom.model import presets
from pressroom.model.collections import Collection
from pressroom.model.columns import DEFAULT_KEYS, Column
from pressroom.model.publishing import Page
from pressroom.model.reference import TEXTS, markdown
from pressroom.model.related import Related
from pressroom.model.settings import Settings
from pressroom.model.url_formats import FORMATS
from pressroom.model.value_sources import Kind
from tests.conftest import ROOT

REFERENCE = ROOT / "docs" / "settings.md"


def keys() -> set[str]:
    """All keys of a settings file; of a collection, those that [content] has not."""
    found = {
        f"{section.name}.{each.name}"
        for section in fields(Settings)
        for each in fields(get_type_hints(Settings)[section.name])
    }
    tables = {"columns": Column, "related": Related, "collections": Collection}
    for name, kind in tables.items():
        of_table = {f"content.{name}.{each.name}" for each in fields(kind)}
        again = {key for key in of_table if f"content.{key.rpartition('.')[2]}" in found}
        found |= of_table - again if kind is Collection else of_table
    return found | {f"sitemaps.pages.{each.name}" for each in fields(Page)}


def test_the_reference_is_that_of_the_settings() -> None:
    assert REFERENCE.read_text() == markdown(), "renew it by: make docs"


def test_every_key_has_its_sentence() -> None:
    assert set(TEXTS) == keys()
    assert all(text.endswith((".", "…")) for text in TEXTS.values())


def test_it_names_all_columns_and_presets() -> None:
    text = REFERENCE.read_text()
    assert all(f"| `{column}` |" in text for column in DEFAULT_KEYS)
    assert all(f"`{name}`" in text for name in presets.names())


def test_it_names_all_sources_and_formats() -> None:
    text = REFERENCE.read_text()
    assert all(f"`{kind.value}`" in text for kind in Kind if kind.value[:1] == ":")
    assert all(f"`{name}`" in text for name in FORMATS)
