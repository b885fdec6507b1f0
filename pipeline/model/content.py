"""The content model of a site: where each column gets its value, and what is required."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Annotated, Literal, TypeAlias

from annotated_types import MinLen

from ..base.errors import SettingsError
from ..markup.rules import MATHS, Dialect, Rules
from . import collections, templates, value_sources
from .checks import STRICT, Checked, nearest, ordered
from .collections import Collection, Keys, Match

# What fills a column where the settings say nothing.
DEFAULT_KEYS: Mapping[str, str] = {
    "url": "url",
    "id": "id",
    "schema": "_schema",
    "published": "date",
    "title": "title",
    "article_title": "article_title",
    "question": "question",
    "answer": "answer",
    "description": "seo.page_description",
    "seo_title": "seo.title",
    "keywords": "seo.page_keywords",
    "author": "author",
    "subject": "subject",
    "score": "score",
    "no_index": "no_index",
    "date_format": "date_format",
    "post_on_text": "post_on_text",
}
# What is done at the end of urls.
Slash: TypeAlias = Literal["kept", "always", "never"]
# Values that templates use, and that have no column.
OF_TEMPLATES: Mapping[str, tuple[str, ...]] = {"slug": ("slug", ":filename")}
_NAMES = (*DEFAULT_KEYS, *OF_TEMPLATES)


def _check_maths(signs: tuple[str, ...]) -> tuple[str, ...]:
    for sign in signs:
        if sign not in MATHS:
            known = ", ".join(f"'{one}'" for one in MATHS)
            raise SettingsError(f"{sign!r} is not a maths delimiter; known are {known}.")
    return signs


@dataclass(frozen=True, slots=True)
class ContentModel:
    """Where each column gets its value, and what is required of it.

    `keys` maps a column to its sources (`value_sources`), the first of which that has a value fills
    it; without any it is null. Every key that no column takes goes to the column ``extra``. `url`
    is a template for files that state none, `slash` what is done at the end of urls, `index` the
    names of files that stand for their folder, `placeholders` other spellings in urls and their
    templates. `set` are values for files that state none; with `no_index` no file is in sitemaps
    and feeds. `date_formats` (of `strptime`) are for dates that could be read in several ways. The
    first of the `collections` that a path fits says what is otherwise for it. `maths` are the
    delimiters that open maths in a text, of `MATHS`.
    """

    __pydantic_config__ = STRICT

    keys: Keys = field(default_factory=dict, hash=False)  # a dict has no hash
    url: str = ""
    slash: Slash = "kept"
    index: tuple[str, ...] = ("index", "_index")
    placeholders: Mapping[str, str] = field(default_factory=dict, hash=False)
    date_formats: tuple[str, ...] = ()
    set: Mapping[str, str] = field(default_factory=dict, hash=False)
    no_index: bool = False
    collections: tuple[Collection, ...] = ()
    required: tuple[str, ...] = ("url", "id", "published", "title", "answer", "subject")
    keyword_separator: Annotated[str, MinLen(1)] = ","
    related_prefix: Annotated[str, MinLen(1)] = "related_article"
    score_range: Annotated[tuple[float, float], Checked(ordered)] = (-1.0, 10.0)
    date_range: Annotated[tuple[dt.date, dt.date], Checked(ordered)] = (
        dt.date(1970, 1, 1),
        dt.date(2100, 1, 1),
    )
    dialect: Dialect = "gfm"
    markdown_extensions: tuple[str, ...] = ()
    maths: Annotated[tuple[str, ...], Checked(_check_maths)] = MATHS

    @property
    def markdown(self) -> Rules:
        """How texts are written."""
        return Rules(self.dialect, self.markdown_extensions, self.maths)

    def sources(self, column: str) -> tuple[str, ...]:
        """The sources of a column, or of a value that templates use, in their order."""
        stated = self.keys.get(column)
        if stated is None:
            return OF_TEMPLATES.get(column) or (DEFAULT_KEYS[column],)
        return collections.check_sources(stated)

    def key(self, column: str) -> str:
        """The first front-matter key of a column, dotted; empty if no key fills it."""
        parsed = (value_sources.parse(source, self.placeholders) for source in self.sources(column))
        return next((source.key for source in parsed if source.key), "")

    def all_keys(self) -> frozenset[str]:
        """The front-matter keys of all columns, also those that collections name."""
        models = [self, *(_of_collection(self, one) for one in self.collections)]
        sources = (source for model in models for name in _NAMES for source in model.sources(name))
        parsed = (value_sources.parse(source, self.placeholders) for source in sources)
        return frozenset(source.key for source in parsed if source.key)

    def of(self, path: str) -> tuple["ContentModel", Match]:
        """What holds for a path below the raw folder, and how it fits its collection."""
        for collection in self.collections:
            if found := collections.match(collection.files, path):
                return _of_collection(self, collection), found
        return self, collections.WHOLE


@lru_cache
def _of_collection(content: ContentModel, collection: Collection) -> ContentModel:
    return replace(
        content,
        keys={**content.keys, **collection.keys},
        url=content.url if collection.url is None else collection.url,
        required=content.required if collection.required is None else collection.required,
        set={**content.set, **collection.set},
        no_index=content.no_index or collection.no_index,
        collections=(),
    )


def contradictions(content: ContentModel) -> Iterator[tuple[str, str]]:
    """What is wrong with a content model as a whole: the dotted key to look at, and a message."""
    wrong = list(_wrong_names(content))
    yield from wrong
    if wrong:
        return
    models = [("content", content)]
    models += [
        (f"content.collections.{number}", _of_collection(content, collection))
        for number, collection in enumerate(content.collections)
    ]
    for place, model in models:
        yield from _wrong_sources(model, place)
    if problem := _wrong_extensions(content):
        yield "content.markdown_extensions", f"content.markdown_extensions: {problem}"


def _wrong_names(content: ContentModel) -> Iterator[tuple[str, str]]:
    """Columns that there are not."""
    stated = [("content", content.keys, content.set, content.required)]
    stated += [
        (f"content.collections.{number}", one.keys, one.set, one.required or ())
        for number, one in enumerate(content.collections)
    ]
    for place, keys, values, required in stated:
        columns = [(f"{place}.keys.{column}", column) for column in keys]
        columns += [(f"{place}.set.{column}", column) for column in values]
        columns += [(f"{place}.required", column) for column in required]
        for key, column in columns:
            known = {**DEFAULT_KEYS, **OF_TEMPLATES} if ".keys." in key else DEFAULT_KEYS
            if column not in known:
                yield key, f"unknown column {column!r}{nearest(column, known)}"


def _wrong_sources(content: ContentModel, place: str) -> Iterator[tuple[str, str]]:
    """Sources and templates that mean nothing, and required columns without any."""
    for column in content.keys:
        for source in content.sources(column):
            try:
                value_sources.parse(source, content.placeholders)
            except SettingsError as error:
                yield f"{place}.keys.{column}", f"{place}.keys.{column}: {error}"
    try:
        templates.parse(content.url, content.placeholders)
    except SettingsError as error:
        yield f"{place}.url", f"{place}.url: {error}"
    for column in content.required:
        is_filled = content.sources(column) or column in content.set
        if column != "answer" and not is_filled and not (column == "url" and content.url):
            message = f"the column {column!r} is required, so it needs a source."
            yield f"{place}.keys.{column}", message


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
