"""Which columns ``articles`` has: those of every site, and those that a site declares."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

from ..base.errors import SettingsError
from .checks import STRICT, Checked, Shorthand, ordered

# The columns that front matter fills, and their sources where the settings say nothing.
DEFAULT_KEYS: Mapping[str, tuple[str, ...]] = {
    "url": ("permalink", "url"),
    "slug": ("slug", ":filename"),
    "title": ("title", ":heading", ":filename"),
    "text": (":body",),
    "description": ("description", "summary", "excerpt"),
    "published": ("date", ":filename"),
    "updated": ("lastmod", "updated", ":git"),
    "held_until": (),
    "expires": ("expiryDate",),
    "no_index": ("draft", "!published", "robots=noindex"),
    "author": ("author", "authors"),
    "subject": ("category", "categories", ":folder"),
    "aliases": ("aliases", "redirect_from"),
    "names": (),
    "language": ("lang",),
}
# The flags that say that a file has no page, where the settings say nothing.
SKIP_KEYS = ("headless",)
# Columns that hold several texts.
OF_TEXTS = frozenset({"aliases", "names"})
# The lists that articles of every site have, and the columns of which they hold all texts.
LISTS: Mapping[str, str] = {"article_subjects": "subject", "article_authors": "author"}

# The columns of articles that no front matter fills, and the tables of every site (`schemas`): no
# column of a site may be called so. They stand here, for Arrow is slow to import.
OWN_COLUMNS = frozenset(
    {
        "collection",
        "translation",
        "body",
        "published_at",
        "subject_slug",
        "word_count",
        "doubtful_escapes",
        "extra",
        "source_path",
        "source_lines",
        "source_bytes",
        "source_sha256",
        "content_sha256",
        "first_seen",
        "modified",
        "modified_from",
        "content_changed",
    }
)
BUILT_IN = frozenset(
    {
        *LISTS,
        "anchors",
        "articles",
        "changes",
        "findings",
        "history",
        "ledger",
        "link_degrees",
        "redirects",
        "rejects",
        "related_links",
        "releases",
        "skipped",
        "subjects",
        "text_links",
    }
)

# What a release holds besides tables, and what Dagster shows: no list may be called so either.
NO_TABLES = frozenset(
    {
        *("csv", "spreadsheet", "dataset", "sitemap", "robots", "redirect_rules", "headers"),
        *("indexnow", "llms", "structured_data", "feeds", "report"),
        *("plain_text", "sqlite", "jsonl", "duckdb"),
        *("conformance", "release", "staged", "raw_files"),
    }
)

ColumnType: TypeAlias = Literal[
    "text", "integer", "number", "boolean", "date", "datetime", "list", "json"
]
Bounds: TypeAlias = tuple[float, float] | tuple[dt.date, dt.date]


def check_sources(sources: Any) -> tuple[str, ...]:
    """The sources of a value as settings state them: one, a list, or none (``false``, ``""``).

    Raises:
        SettingsError: It is anything else.
    """
    if sources is False or sources == "":
        return ()
    if isinstance(sources, str):
        return (sources,)
    if not isinstance(sources, list | tuple) or not all(isinstance(one, str) for one in sources):
        raise SettingsError("name a key, a list of keys, or false for none.")
    return tuple(sources)


Keys: TypeAlias = Mapping[str, Annotated[Any, Checked(check_sources)]]


def _check_range(bounds: Any) -> Bounds | None:
    if bounds is None:
        return None
    kinds = [type(one) for one in bounds] if isinstance(bounds, list | tuple) else []
    if kinds == [dt.date, dt.date]:
        return ordered(tuple(bounds))
    if len(kinds) != 2 or not {int, float}.issuperset(kinds):
        raise SettingsError("name the least and the greatest value, such as [0, 10].")
    return ordered((float(bounds[0]), float(bounds[1])))


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a site declares, or, of type ``list``, a table of its terms.

    `key` are its sources (`value_sources`); without any it is the key of its own name. `range` are
    the least and the greatest value, `formats` (of `strptime`) those of dates, `separator` stands
    between the terms of a list that is written as one text, `prefix` may stand before each term.
    When a `significant` value changes, the article counts as modified.
    """

    __pydantic_config__ = STRICT

    type: ColumnType = "text"
    key: Annotated[Any, Checked(check_sources)] = ()
    range: Annotated[Any, Checked(_check_range)] = None
    formats: tuple[str, ...] = ()
    separator: str = ""
    prefix: str = ""
    description: str = ""
    significant: bool = False


def _spelled_out(column: Any) -> Any:
    return {"type": column} if isinstance(column, str) else column


# In settings, a column that is nothing but its type may be written as that.
Columns: TypeAlias = Mapping[str, Annotated[Column, Shorthand(_spelled_out)]]
