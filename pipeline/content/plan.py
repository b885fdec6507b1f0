"""A content model worked out for reading: which key fills which column, and what is tried else."""

from collections.abc import Mapping, Set
from functools import lru_cache
from typing import NamedTuple

from ..model import templates, value_sources
from ..model.content import ContentModel
from ..model.schemas import SOURCE_LINES
from ..model.settings import SiteRules
from ..model.templates import Template
from ..model.value_sources import Kind, Source
from .columns import Convert, as_first, as_joined, as_text, converters


class Field(NamedTuple):
    """A column that one key fills: the last part `name`, in mapping `folder` of a plan.

    Where it `is_text`, a text is taken as it is.
    """

    column: str
    key: str
    folder: int
    name: str
    convert: Convert
    is_text: bool


class Derived(NamedTuple):
    """A column that the first of several sources fills, or a constant where none does."""

    column: str
    sources: tuple[Source, ...]
    constant: str | None
    convert: Convert


class Plan(NamedTuple):
    """How the columns of files are read.

    `folders` are the paths of the mappings that hold keys of fields; `fields` stand in the order in
    which problems are reported. `taken` are the paths of all keys of fields, and `whole` those of
    them that step into no mapping. `skip` are the flags that say that a file has no page,
    `url_keys` the keys of urls, and `lists` the columns that are tables of terms.
    """

    folders: tuple[tuple[str, ...], ...]
    fields: tuple[Field, ...]
    derived: Mapping[str, Derived]
    skip: tuple[Source, ...]
    url_keys: tuple[str, ...]
    lists: tuple[str, ...]
    significant: tuple[str, ...]
    required: Mapping[str, str]
    unfilled: tuple[str, ...]
    lines: tuple[tuple[str, str], ...]
    taken: Set[tuple[str, ...]]
    whole: Set[str]
    url: Template


@lru_cache(maxsize=64)
def plan_of(model: ContentModel, site: SiteRules) -> Plan:
    """The plan of a content model."""
    convert = converters(model, site)
    url = templates.parse(model.url, model.placeholders)
    sources = {column: _sources(model, column) for column in convert}
    plain = {
        column: of_column[0].key
        for column, of_column in sources.items()
        if _is_plain(of_column)
        and column not in model.set
        and not (column == "url" and (url.parts or model.placeholders or model.languages))
    }
    paths = {column: tuple(key.split(".")) for column, key in plain.items()}
    folders = tuple(dict.fromkeys(path[:-1] for path in paths.values()))
    fields = tuple(
        Field(
            column,
            key,
            folders.index(paths[column][:-1]),
            paths[column][-1],
            convert[column],
            convert[column] in (as_text, as_first, as_joined),
        )
        for column, key in plain.items()
    )
    derived = [
        Derived(column, of_column, model.set.get(column), convert[column])
        for column, of_column in sources.items()
        if column not in plain
        and (of_column or column in model.set or (column == "url" and url.parts))
    ]
    required = dict.fromkeys(("url", *model.required))  # the url is the key of every table
    return Plan(
        folders,
        fields,
        {one.column: one for one in derived},
        tuple(value_sources.parse(text, model.placeholders) for text in model.skip_sources()),
        tuple(source.key for source in sources["url"] if source.key),
        tuple(name for name, one in model.columns.items() if one.type == "list"),
        tuple(sorted(name for name, one in model.columns.items() if one.significant)),
        {column: model.key(column) for column in required},
        tuple(column for column in convert if column not in plain),
        tuple((column, model.key(column)) for column in SOURCE_LINES.names),
        frozenset(paths.values()),
        frozenset(key for key in plain.values() if "." not in key),
        url,
    )


def _sources(model: ContentModel, column: str) -> tuple[Source, ...]:
    """The sources of a column; what translations have in common is none where there are none."""
    if column == "translation":
        stated = model.translation if model.languages else ()
    else:
        stated = model.sources(column)
    return tuple(value_sources.parse(text, model.placeholders) for text in stated)


def _is_plain(sources: tuple[Source, ...]) -> bool:
    """Whether one key fills a column, as it is written."""
    if len(sources) != 1:
        return False
    source = sources[0]
    return source.kind is Kind.KEY and not source.is_negated and source.equals is None
