"""What is wrong with a content model as a whole, where each value may stand."""

import datetime as dt
import re
from collections.abc import Iterator

from ..base.errors import SettingsError
from . import templates, value_sources
from .checks import nearest
from .collections import Collection
from .columns import BUILT_IN, DEFAULT_KEYS, NO_TABLES, OWN_COLUMNS
from .content import ContentModel
from .value_sources import Kind, Source

_NAME = re.compile("[a-z][a-z0-9_]*")
# What SQLite calls rows, tables of its own, and those of the search over articles.
_OF_SQLITE = re.compile("rowid|(sqlite_|articles_fts).*")
# What the bounds of a column are, by its type.
_BOUNDS = {"integer": float, "number": float, "date": dt.date, "datetime": dt.date}


def contradictions(content: ContentModel) -> Iterator[tuple[str, str]]:
    """What is wrong with a content model: the dotted key to look at, and a message."""
    places = _places(content)
    wrong = [
        found for place, stated, model in places for found in _wrong_names(place, stated, model)
    ]
    wrong += _two_types(content)
    wrong += _wrong_feeds(content)
    wrong += _wrong_numbers(content, places)
    yield from wrong
    if wrong:
        return
    for place, _, model in places:
        yield from _wrong_sources(model, place)
        if problem := _wrong_extensions(model):
            yield f"{place}.markdown_extensions", f"{place}.markdown_extensions: {problem}"


def _places(content: ContentModel) -> list[tuple[str, ContentModel | Collection, ContentModel]]:
    """Where columns are named: the dotted key, what stands there, and what holds there."""
    collections = zip(content.collections, content.of_collections(), strict=True)
    return [
        ("content", content, content),
        *(
            (f"content.collections.{number}", one, model)
            for number, (one, model) in enumerate(collections)
        ),
    ]


def _wrong_names(
    place: str, stated: ContentModel | Collection, model: ContentModel
) -> Iterator[tuple[str, str]]:
    """Columns that there are not, or that there may not be."""
    for name, column in stated.columns.items():
        key = f"{place}.columns.{name}"
        if name in DEFAULT_KEYS:
            yield key, f"{key}: every site has this column; its sources are {place}.keys.{name}."
        elif (
            name in OWN_COLUMNS
            or (column.type == "list" and name in BUILT_IN | NO_TABLES)
            or _OF_SQLITE.fullmatch(name)
        ):
            yield key, f"{key}: the name is taken. Choose another, with key = {name!r}."
        elif not _NAME.fullmatch(name):
            message = "a name is of lower-case letters, digits and underscores"
            yield key, f"{key}: {message}. Choose another, with key = {name!r}."
        elif column.range and not isinstance(column.range[0], _BOUNDS.get(column.type, ())):
            yield key, f"{key}: a column of type {column.type} has no such range."
    known = (*DEFAULT_KEYS, *model.columns)
    columns = [(f"{place}.keys.{name}", name, (*DEFAULT_KEYS, "skip")) for name in stated.keys]
    columns += [(f"{place}.set.{name}", name, known) for name in stated.set]
    columns += [(f"{place}.required", name, known) for name in stated.required or ()]
    flags = [name for name in stated.set if name in _FLAGS]
    yield from (
        (f"{place}.set.{name}", f"{place}.set.{name}: write {name} = true in [{place}].")
        for name in flags
    )
    for key, name, names in columns:
        if name not in names:
            yield key, f"unknown column {name!r}{nearest(name, names)}"


def _wrong_feeds(content: ContentModel) -> Iterator[tuple[str, str]]:
    """Collections whose feed is called by no name, or by that of another's."""
    if not content.collections_with_feeds():
        return
    from .slugs import slug  # noqa: PLC0415  Arrow, which schemas need, is slow to import

    names: dict[str, str] = {}
    for number, one in enumerate(content.collections):
        key = f"content.collections.{number}"
        if one.feed and one.name is None:
            yield f"{key}.feed", f"{key}.feed: its feed is called by its name: give it one."
        elif one.feed and one.name and one.name != names.setdefault(slug(one.name), one.name):
            other = names[slug(one.name)]
            yield f"{key}.name", f"{key}.name: its feed would be that of {other!r}: choose another."


def _wrong_numbers(
    content: ContentModel, places: list[tuple[str, ContentModel | Collection, ContentModel]]
) -> Iterator[tuple[str, str]]:
    """Columns by whose numbers links name other files, and that hold none."""
    numbers = [name for name, one in content.all_columns().items() if one.type == "integer"]
    for place, stated, _ in places:
        for key, column in (stated.related.by_id if stated.related else {}).items():
            if column not in numbers:
                near = nearest(column, numbers) if numbers else ": declare it in content.columns."
                where = f"{place}.related.by_id.{key}"
                yield where, f"{where}: no column of type integer is called {column!r}{near}"


def _two_types(content: ContentModel) -> Iterator[tuple[str, str]]:
    """Columns that are of another type in a collection than elsewhere: a table has one."""
    types = {name: (one.type, "content") for name, one in content.columns.items()}
    for number, collection in enumerate(content.collections):
        for name, column in collection.columns.items():
            place = f"content.collections.{number}"
            kind, first = types.setdefault(name, (column.type, place))
            if kind != column.type:
                key = f"{place}.columns.{name}"
                yield key, f"{key}: of type {column.type} here, and {kind} in {first}.columns."


def _wrong_sources(content: ContentModel, place: str) -> Iterator[tuple[str, str]]:
    """Sources and templates that mean nothing, and required columns without any."""
    named = [(f"{place}.keys.{name}", content.sources(name)) for name in content.keys]
    named += [(f"{place}.columns.{name}", content.sources(name)) for name in content.columns]
    named.append((f"{place}.keys.skip", content.skip_sources()))
    named.append((f"{place}.translation", content.translation))
    for key, sources in named:
        for source in sources:
            try:
                parsed = value_sources.parse(source, content.placeholders)
            except SettingsError as error:
                yield key, f"{key}: {error}"
            else:
                yield from _wrong_use(key, parsed)
    for spelling, template in content.placeholders.items():
        key = f"{place}.placeholders.{spelling}"
        try:
            templates.parse(template, {})
        except SettingsError as error:
            yield key, f"{key}: {error}"
    for form in content.date_formats:
        if problem := _wrong_form(form):
            yield f"{place}.date_formats", f"{place}.date_formats: {problem}"
    try:
        templates.parse(content.url, content.placeholders)
    except SettingsError as error:
        yield f"{place}.url", f"{place}.url: {error}"
    for name in content.required:
        is_filled = content.sources(name) or name in content.set
        if not is_filled and not (name == "url" and content.url):
            message = f"the column {name!r} is required, so it needs a source."
            yield f"{place}.keys.{name}", message


_FLAGS = ("no_index", "skip")


def _wrong_use(key: str, source: Source) -> Iterator[tuple[str, str]]:
    """A source that says nothing of a column: signs of flags elsewhere, and flags without a key."""
    is_flag = key.rpartition(".")[2] in _FLAGS
    if is_flag and source.kind is not Kind.KEY:
        yield key, f"{key}: a flag is filled by keys, not by {source.text!r}."
    elif not is_flag and (source.is_negated or source.equals is not None):
        yield key, f"{key}: {source.text!r} is for flags (no_index, skip) alone."


def _wrong_form(form: str) -> str | None:
    try:
        dt.datetime.strptime("", form)  # noqa: DTZ007
    except ValueError as error:
        if "directive" in str(error) or "stray %" in str(error):  # else it does not fit the text
            return f"{form!r} is no form of dates: {error}."
    return None


def _wrong_extensions(content: ContentModel) -> str | None:
    """What is wrong with the extensions of Python-Markdown, if anything is."""
    if not content.markdown_extensions:
        return None
    if content.dialect != "python-markdown":
        return 'these are extensions of Python-Markdown: set content.dialect = "python-markdown".'
    from ..markup.extensions import unusable  # noqa: PLC0415  for this dialect alone

    if problem := unusable(content.markdown_extensions):
        return f"{problem}. For pymdownx: pip install 'pressroom[markdown-extensions]'."
    return None
