"""The content model of a site of questions and answers, of which most tests make their files."""

import tomllib
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter

from pressroom.exports.base import tables_without_past
from pressroom.model import presets
from pressroom.model.content import ContentModel
from pressroom.model.schemas import tables

SETTINGS = '[content]\npreset = "quicktakes"\n'
MODEL = TypeAdapter(ContentModel).validate_python(
    presets.merged(tomllib.loads(SETTINGS))["content"]
)
TABLES = tables(MODEL)
IN_CSV = {name: TABLES[name] for name in tables_without_past(MODEL)}
# The front-matter key of each column that has one.
KEYS = {name: key for name in (*MODEL.keys, *MODEL.columns) if (key := MODEL.key(name))}


def quicktakes(**changes: Any) -> ContentModel:
    """The model with some changes; those of keys and columns are merged with what there is."""
    merged: dict[str, Any] = {
        name: {**getattr(MODEL, name), **changes.pop(name, {})} for name in ("keys", "columns")
    }
    return replace(MODEL, **changes, **merged)
