"""The content model of a site: where each column gets its value, and what is required."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from typing import Annotated, NamedTuple

from ..markup.rules import Dialect, Rules, Syntax
from . import collections, languages, presets, value_sources
from .checks import STRICT, Checked, ordered
from .collections import Collection, Decode, Future, Lint, Match, Slash, check_maths
from .columns import DEFAULT_KEYS, LISTS, SKIP_KEYS, Column, Columns, Keys, check_sources
from .related import Related


@dataclass(frozen=True, slots=True)
class ContentModel:
    """Where each column gets its value, and what is required of it.

    `preset` names the settings that these complete (`presets`).

    `keys` maps a column of every site to its sources (`value_sources`), the first of which that has
    a value fills it; without any it is null. `columns` are further ones. Every key that no column
    takes goes to the column ``extra``. `set` are values for files that state none. Files without a
    value of a column that is `required` are rejected; a url is required always. Dates are within
    `date_range`; `date_formats` (of `strptime`) are for those that could be read in several ways.

    `url` is a template for files that state none, `slash` what is done at the end of urls, `index`
    the names of files that stand for their folder, `placeholders` other spellings in urls and their
    templates. With `bundles`, beside and below a file ``index.md`` nothing is a page. `languages`
    are those of a site in several (`languages`), the main one first, with which urls begin only if
    `main_language_in_urls` says so; files with the same `translation` are one page. What is dated
    in the `future` is published, or held until then: kept out of sitemaps and feeds. With
    `no_index` no file is in sitemaps and feeds; with `skip` none is an article. The first of the
    `collections` that a path fits says what is otherwise for it.

    Texts are written in a `dialect` of Markdown, with `markdown_extensions` of Python-Markdown;
    `maths` are the delimiters that open maths, of `MATHS`; `syntax` is what else they may hold.
    `decode` names escapes in a text that
    stands in the front matter (`content.escaped_newlines`), `lint` what else is looked for.
    `related` says where links to other articles stand.
    """

    __pydantic_config__ = STRICT

    preset: str = ""
    keys: Keys = field(default_factory=dict, hash=False)  # a dict has no hash
    columns: Columns = field(default_factory=dict, hash=False)
    set: Mapping[str, str] = field(default_factory=dict, hash=False)
    required: tuple[str, ...] = ()
    date_range: Annotated[tuple[dt.date, dt.date], Checked(ordered)] = (
        dt.date(1000, 1, 1),
        dt.date(9999, 12, 31),
    )
    date_formats: tuple[str, ...] = ()
    url: str = "/{path}/"
    slash: Slash = "kept"
    index: tuple[str, ...] = ("index", "_index")
    placeholders: Mapping[str, str] = field(default_factory=dict, hash=False)
    bundles: bool = False
    languages: tuple[str, ...] = ()
    main_language_in_urls: bool = False
    translation: tuple[str, ...] = (":path",)
    future: Future = "publish"
    no_index: bool = False
    skip: bool = False
    dialect: Dialect = "gfm"
    markdown_extensions: tuple[str, ...] = ()
    maths: Annotated[tuple[str, ...], Checked(check_maths)] = ()
    syntax: tuple[Syntax, ...] = ("wikilinks",)
    decode: Decode = ""
    lint: tuple[Lint, ...] = ()
    related: Related = field(default_factory=Related)
    collections: tuple[Collection, ...] = ()

    @property
    def markdown(self) -> Rules:
        """How texts are written."""
        return Rules(self.dialect, self.markdown_extensions, self.maths, self.syntax)

    def sources(self, column: str) -> tuple[str, ...]:
        """The sources of a column, in their order."""
        if column in self.columns:
            return check_sources(self.columns[column].key) or (column,)
        return check_sources(self.keys.get(column, DEFAULT_KEYS.get(column, ())))

    def skip_sources(self) -> tuple[str, ...]:
        """The sources of the flags that say that a file has no page."""
        return check_sources(self.keys.get("skip", SKIP_KEYS))

    def key(self, column: str) -> str:
        """The first front-matter key of a column, dotted; empty if no key fills it."""
        parsed = (value_sources.parse(source, self.placeholders) for source in self.sources(column))
        return next((source.key for source in parsed if source.key), "")

    def all_keys(self) -> frozenset[str]:
        """The front-matter keys of all columns, also those that collections name."""
        sources = (
            value_sources.parse(source, model.placeholders) for model, source in self._all_sources()
        )
        return frozenset(source.key for source in sources if source.key)

    def _all_sources(self) -> Iterator[tuple["ContentModel", str]]:
        """The sources of all columns, with what holds where they are named."""
        for model in (self, *self.of_collections()):
            for column in (*DEFAULT_KEYS, *model.columns):
                yield from ((model, source) for source in model.sources(column))

    def of_collections(self) -> tuple["ContentModel", ...]:
        """What holds for each collection."""
        return tuple(_of_collection(self, one) for one in self.collections)

    def all_columns(self) -> dict[str, Column]:
        """The declared columns of the whole site, by name."""
        declared = dict(self.columns)
        for model in self.of_collections():
            declared = {**model.columns, **declared}
        return declared

    def lists(self) -> tuple[str, ...]:
        """The names of the tables of lists: those of every site, and the declared columns."""
        declared = (name for name, one in self.all_columns().items() if one.type == "list")
        return (*LISTS, *declared)

    def collections_with_feeds(self) -> tuple[str, ...]:
        """The names of the collections that have a feed each."""
        return tuple(dict.fromkeys(one.name or "" for one in self.collections if one.feed))

    def begins_urls(self, language: str | None) -> bool:
        """Whether the urls of a language begin with it; None is that of a site in just one."""
        is_main = language in self.languages[:1]
        return language is not None and (self.main_language_in_urls or not is_main)

    def related_ids(self) -> dict[str, str]:
        """The keys that name other articles by numbers: the column in which these have theirs."""
        found: dict[str, str] = {}
        for model in (self, *self.of_collections()):
            found |= model.related.by_id
        return found

    def asks_git(self) -> bool:
        """Whether a column is filled from the history of the repository."""
        return any(source == ":git" for _, source in self._all_sources())

    def names_git(self) -> bool:
        """Whether its owner says that git is asked, which the defaults and presets do as well."""
        known = presets.keys_of(self.preset)
        return any(
            ":git" in (sources := check_sources(stated))
            and sources != check_sources(known.get(column, ""))
            for model in (self, *self.of_collections())
            for column, stated in model.keys.items()
        )

    def of(self, path: str) -> "OfPath":
        """What holds for a path below the raw folder."""
        language, path = languages.split(path, self.languages)
        for collection in self.collections:
            if found := collections.match(collection.files, path):
                return OfPath(_of_collection(self, collection), path, language, found, collection)
        return OfPath(self, path, language, collections.WHOLE, None)


class OfPath(NamedTuple):
    """What holds for a file.

    `path` is without the part that names its `language` (None where the site has just one), `match`
    is how it fits its collection, if it has one.
    """

    model: ContentModel
    path: str
    language: str | None
    match: Match
    collection: Collection | None


_MERGED = ("keys", "columns", "set", "placeholders")
_NOT_OF_CONTENT = ("files", "name", "feed")
_OF_COLLECTION = tuple(one.name for one in fields(Collection) if one.name not in _NOT_OF_CONTENT)


@lru_cache
def _of_collection(content: ContentModel, collection: Collection) -> ContentModel:
    said = {name: getattr(collection, name) for name in _OF_COLLECTION}
    stated = {name: value for name, value in said.items() if value is not None}
    merged = {name: {**getattr(content, name), **stated.get(name, {})} for name in _MERGED}
    return replace(content, **{**stated, **merged}, collections=())
