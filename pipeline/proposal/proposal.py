"""The settings file that is proposed for a folder, and what is said about it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from ..base.errors import SettingsError
from ..base.wording import counted
from ..model import presets, settings_toml
from ..model.paths import Sources
from ..model.settings import Settings
from ..sources.folder import FolderSource
from . import census, columns, document, recognition, toml
from .census import Census
from .configuration import Folder
from .document import Part
from .draft import stated
from .recognition import Recognized
from .toml import Line

FILE = "pressroom.toml"
_MOST_FILES = 5_000  # that are read; of more, so many from all of the list


class Proposal(NamedTuple):
    """The text of a settings file, and lines for people about what was found and why."""

    text: str
    told: tuple[str, ...]


def proposed(home: Path) -> Proposal:
    """The settings that a folder needs; paths in them are relative to it.

    Raises:
        SettingsError: No file of it would be read.
    """
    folder = Folder(home)
    configured = recognition.configured(folder)
    found = configured or _guessed(home)
    elsewhere = [] if configured else list(_elsewhere(folder))
    check = partial(settings_toml.parse, path=home / FILE)
    parts, refused = document.accepted(document.parts(found, home), check)
    settings = check(document.text(parts))
    source = FolderSource(Path(str(settings.paths.raw)))
    is_there = source.path.is_dir()
    paths = [file.path for file in source.listed(settings.sources)] if is_there else []
    if not paths:
        raise SettingsError("\n".join([*_nothing(source, found), *elsewhere]))
    seen = _census(source, paths, settings)
    further = columns.proposed(seen, settings.content)
    parts += [Part("[content.keys]", (line,)) for line in further.sources]
    parts += [Part("[content.columns]", (line,)) for line in further.lines]
    parts += _optional_front_matter(seen, settings, found)
    notes = (*found.draft.notes, *refused)
    rare = ", ".join(f"{key.name} ({key.files:,})" for key in further.rare)
    head = [
        f"The settings of this site, as `pressroom init` proposes them. {_what(found)}",
        *(f"Note: {note}" for note in notes),
        *([f"Keys of few files, which stay in the column extra: {rare}."] if rare else []),
    ]
    told = [
        _what(found),
        *elsewhere,
        _files(paths, seen),
        *_taken_over(parts),
        *(f"Note: {note}" for note in notes),
    ]
    return Proposal("\n".join([*map(toml.comment, head), "", document.text(parts)]), tuple(told))


def _guessed(home: Path) -> Recognized:
    """What a folder without any configuration is taken for."""
    source = FolderSource(home)
    installed = [f"{name}/" for name in ("node_modules", "vendor") if (home / name).is_dir()]
    sources = Sources(exclude=tuple(installed))
    paths = [file.path for file in source.listed(sources)]
    found = recognition.guessed(paths, _census(source, paths, Settings()))
    left_out = stated("installed packages", exclude=installed)
    return found._replace(draft=replace(found.draft, sources=left_out))


def _census(source: FolderSource, paths: Sequence[str], settings: Settings) -> Census:
    step = -(-len(paths) // _MOST_FILES) or 1
    files = source.resolved().read_all(paths[::step], settings.limits.file_bytes)
    return census.taken(files, settings)


def _optional_front_matter(seen: Census, settings: Settings, found: Recognized) -> Iterator[Part]:
    """That files need no front matter, where some have none and may be pages."""
    is_required = settings.sources.front_matter == "required"
    if seen.without and is_required and not presets.requires_front_matter(found.preset):
        comment = f"without any: {seen.without:,} of {counted(seen.files, 'file')}"
        yield Part("[sources]", (Line("front_matter", "optional", comment),))


def _what(found: Recognized) -> str:
    if found.preset:
        return f"This looks like {found.name}: {found.reason}."
    return "No site generator was recognized, so no preset is used."


def _elsewhere(folder: Folder) -> Iterator[str]:
    """The folders below that have what this one has not: a configuration."""
    for name, generator in recognition.inside(folder):
        yield f"{name} has a configuration of {generator}: see `pressroom init {name}`."


def _files(paths: Sequence[str], seen: Census) -> str:
    suffixes = Counter(PurePosixPath(path).suffix.lower() for path in paths)
    kinds = ", ".join(f"{number:,} {suffix}" for suffix, number in suffixes.most_common())
    parts = [f"{counted(len(paths), 'file')} ({kinds})"]
    if seen.files < len(paths):
        parts.append(f"{seen.files:,} of them were read")
    if seen.without:
        parts.append(f"{seen.without:,} without front matter")
    if seen.unreadable:
        parts.append(f"{seen.unreadable:,} whose front matter cannot be read")
    return f"{', '.join(parts)}."


def _taken_over(parts: Sequence[Part]) -> Iterator[str]:
    """What the settings say, in one line."""
    tables = Counter(part.header for part in parts)
    said = [
        f"{part.header[1:-1]}.{line.key}"
        for part in parts
        if part.header in ("[site]", "[sources]", "[content]", "[content.keys]")
        for line in part.lines
    ]
    words = {"[[content.collections]]": "collection", "[content.columns]": "column"}
    said += [counted(tables[header], word) for header, word in words.items() if tables[header]]
    yield f"Proposed: {', '.join(said)}."


def _nothing(source: FolderSource, found: Recognized) -> Iterator[str]:
    yield f"There is no front-matter file in {source.home}."
    if found.preset:
        yield _what(found)
