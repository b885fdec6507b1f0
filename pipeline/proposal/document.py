"""A draft as a settings file: its parts in order, and those of them that settings take."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from ..base.errors import SettingsError
from . import toml
from .draft import Draft, Stated, Table
from .recognition import Recognized
from .toml import Line

_COLLECTION = "[[content.collections]]"
# The order of the tables in the file.
_TABLES = (
    *("[paths]", "[site]", "[sources]"),
    *("[content]", "[content.keys]", "[content.columns]", _COLLECTION),
)
_PLACE = re.compile(r"^.*?\.toml(:[0-9]+)?: ", re.MULTILINE)
NO_ADDRESS = Stated("https://www.example.org", "stated nowhere: where is the site published?")


class Part(NamedTuple):
    """Lines of a table that only make sense together, below its header."""

    header: str
    lines: tuple[Line, ...]


def parts(found: Recognized, home: Path) -> Iterator[Part]:
    """All that a draft for a folder says."""
    draft, name = found.draft, home.resolve().name
    yield from _each("[paths]", {"raw": draft.raw, "out": _out(draft, home)})
    title = Stated(name, "the name of the folder")
    yield from _each("[site]", {"base_url": NO_ADDRESS, "title": title} | dict(draft.site))
    yield from _each("[sources]", draft.sources)
    preset = Stated(found.preset, f"what holds for {found.name} where nothing is said here")
    yield from _each("[content]", {"preset": preset} if found.preset else {})
    yield from _each("[content]", draft.content)
    yield from _each("[content.keys]", draft.keys)
    for table in draft.collections:
        yield Part(_COLLECTION, tuple(_lines(table)))


def accepted(
    proposed: Iterable[Part], check: Callable[[str], object]
) -> tuple[list[Part], list[str]]:
    """The parts that settings take, and what they say against the others.

    `check` raises a `SettingsError` for a text. A configuration may say what makes no sense.
    """
    whole = list(proposed)
    try:
        check(text(whole))
    except SettingsError:
        pass
    else:
        return whole, []
    taken: list[Part] = []
    refused = []
    for part in whole:
        try:
            check(text([*taken, part]))
        except SettingsError as error:
            # A line of this text is named in front, which nobody will see.
            refused.append(_PLACE.sub("", str(error)).replace("\n", " "))
        else:
            taken.append(part)
    return taken, refused


def text(of: Iterable[Part]) -> str:
    """The tables of parts, with empty lines between them."""
    tables: dict[str, list[Line]] = {}
    for number, part in enumerate(of):
        # A collection is a table of its own.
        name = f"{part.header}{number}" if part.header == _COLLECTION else part.header
        tables.setdefault(name, []).extend(part.lines)
    in_order = sorted(tables, key=lambda name: _TABLES.index(name.rstrip("0123456789")))
    return "\n".join(toml.table(name.rstrip("0123456789"), tables[name]) for name in in_order)


def _each(header: str, table: Table) -> Iterator[Part]:
    """A part for each line of a table."""
    return (Part(header, (line,)) for line in _lines(table))


def _lines(table: Table) -> Iterator[Line]:
    said = ""
    for key, (value, comment) in table.items():
        yield Line(key, value, "" if comment == said else comment)
        said = comment


def _out(draft: Draft, home: Path) -> Stated:
    """A folder for releases, which must not lie within that of the content."""
    raw = os.path.normpath(home.resolve() / str(draft.raw.value))
    if not home.resolve().is_relative_to(raw):
        return Stated("pressroom-out", "where releases are written")
    beside = os.path.relpath(f"{raw}-pressroom", home.resolve())
    return Stated(Path(beside).as_posix(), "where releases are written: not within raw")
