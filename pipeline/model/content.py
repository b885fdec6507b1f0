"""The content model of a site: which front-matter key fills which column, and what is required."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated

from annotated_types import MinLen

from ..base.errors import SettingsError
from ..markup.rules import MATHS, Dialect, Rules
from .checks import STRICT, Checked, nearest, ordered

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


def _check_maths(signs: tuple[str, ...]) -> tuple[str, ...]:
    for sign in signs:
        if sign not in MATHS:
            known = ", ".join(f"'{one}'" for one in MATHS)
            raise SettingsError(f"{sign!r} is not a maths delimiter; known are {known}.")
    return signs


@dataclass(frozen=True, slots=True)
class ContentModel:
    """Which front-matter key fills which column, and what is required of it.

    `keys` maps a column to a key; a dot steps into a mapping (``seo.title``), an empty text
    leaves the column null. Every key that no column takes goes to the column ``extra``. `maths` are
    the delimiters that open maths in a text, of `MATHS`.
    """

    __pydantic_config__ = STRICT

    keys: Mapping[str, str] = field(default_factory=dict, hash=False)  # a dict has no hash
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

    def key(self, column: str) -> str:
        """The front-matter key of a column, dotted; empty if no key fills it."""
        return self.keys.get(column, DEFAULT_KEYS[column])


def contradictions(content: ContentModel) -> Iterator[tuple[str, str]]:
    """What is wrong with a content model as a whole: the dotted key to look at, and a message."""
    columns = [(f"content.keys.{column}", column) for column in content.keys]
    columns += [("content.required", column) for column in content.required]
    unknown = [(key, column) for key, column in columns if column not in DEFAULT_KEYS]
    for key, column in unknown:
        yield key, f"unknown column {column!r}{nearest(column, DEFAULT_KEYS)}"
    if unknown:
        return
    for column in content.required:
        if column != "answer" and not content.key(column):
            message = f"the column {column!r} is required, so it needs a key."
            yield f"content.keys.{column}", message
    if problem := _wrong_extensions(content):
        yield "content.markdown_extensions", f"content.markdown_extensions: {problem}"


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
