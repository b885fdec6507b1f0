"""Which columns, and which keys of the front matter, the values of a column are made from.

For people who ask where a value comes from. ``tests/test_lineage.py`` changes the keys of articles
and holds what is stated here to what changes in the tables.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pressroom.model.content import DEFAULT_KEYS, ContentModel

RAW = "raw_files"
_LINK_KEYS = ("id", "title", "subject", "url")


class Source(NamedTuple):
    """A column of a table; of `RAW`, a key of the front matter, or ``body``."""

    table: str
    column: str


def _raw(*columns: str) -> tuple[str, ...]:
    return tuple(f"{RAW}.{column}" for column in columns)


def _articles(*columns: str) -> tuple[str, ...]:
    return tuple(f"articles.{column}" for column in columns)


# Keys of the raw files stand here as the columns that they fill; those of links as ``related.…``.
_FILLED = tuple(column for column in DEFAULT_KEYS if column != "keywords")
_LINKS = tuple(f"related.{key}" for key in _LINK_KEYS)
_STATED_LINK = {f"related_{key}": _raw(f"related.{key}") for key in _LINK_KEYS}
_SIGNIFICANT = _raw("answer", "body", "title", "article_title", "question", "subject", *_LINKS)
_TARGET = (*_articles("url"), *_raw("related.url"))
_CHANGEABLE = (
    *_articles(*(column for column in _FILLED if column != "url"), "published_at", "body", "extra"),
    "keywords.keyword",
    *(f"related_links.{column}" for column in _STATED_LINK),
)
_DOUBTFUL = (
    *_articles("answer", "body", "description", "title", "id", "subject"),
    *(f"related_links.{name}" for name in ("related_url", "status")),
    *(f"related_links.{name}_matches" for name in ("id", "title", "subject")),
)

# Of a column without a source, no key or column alone decides.
_SOURCES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "articles": {
        **{column: _raw(column) for column in (*_FILLED, "body")},
        "published_at": _raw("published"),
        "subject_slug": _raw("subject"),
        "word_count": _raw("answer", "body"),
        "doubtful_escapes": _raw("answer"),
        "content_sha256": _SIGNIFICANT,
        "modified": (*_raw("published"), *_SIGNIFICANT),
        **dict.fromkeys(("extra", "first_seen"), ()),
        **dict.fromkeys(("source_path", "source_lines", "source_bytes", "source_sha256"), ()),
    },
    "keywords": {
        "url": _raw("url"),
        **dict.fromkeys(("position", "keyword", "keyword_key"), _raw("keywords")),
    },
    "rejects": dict.fromkeys(
        (
            *("source_path", "source_sha256", "code", "message", "hint", "line", "column"),
            *("excerpt", "problems", "first_seen"),
        ),
        (),
    ),
    "related_links": {
        "url": _articles("url"),
        "position": (),
        **_STATED_LINK,
        "line": (),
        "status": _TARGET,
        **{
            f"{key}_matches": (*_TARGET, *_articles(key), *_raw(f"related.{key}"))
            for key in ("id", "title", "subject")
        },
        "target_no_index": (*_TARGET, *_articles("no_index")),
    },
    "link_degrees": {
        "url": _articles("url"),
        **dict.fromkeys(("links_out", "links_in", "reciprocal", "is_orphan"), _TARGET),
    },
    "subjects": {
        "slug": _articles("subject_slug"),
        "label": _articles("subject_slug", "subject"),
        "spellings": _articles("subject_slug", "subject"),
        "articles": _articles("subject_slug"),
        "first_published": _articles("subject_slug", "published"),
        "last_published": _articles("subject_slug", "published"),
    },
    "findings": {
        "url": _articles("url"),
        "source_path": _articles("source_path"),
        "line": (*_articles("source_lines"), "related_links.line"),
        **dict.fromkeys(("key", "code", "severity", "message"), _DOUBTFUL),
    },
    "changes": {
        "url": _articles("url"),
        "change": (*_articles("url"), *_CHANGEABLE),
        "fields": _CHANGEABLE,
    },
    "ledger": {
        **{
            column: _articles(column)
            for column in ("url", "first_seen", "modified", "content_sha256")
        },
        "last_seen": _articles("url"),
    },
}


def sources(table: str, model: ContentModel) -> dict[str, list[Source]]:
    """What each column of a table is made from, in the order of its columns."""
    return {
        column: [source for name in names for source in _named(name, model)]
        for column, names in _SOURCES[table].items()
    }


def keys(model: ContentModel) -> dict[str, str]:
    """What stands in a raw file: its keys, each with the column that it fills, and its body."""
    filled = {
        source: f"Fills the column {column}."
        for column in DEFAULT_KEYS
        for source in model.sources(column)
    }
    links = {
        _link_key(key, model): f"Fills related_{key} of the table related_links."
        for key in _LINK_KEYS
    }
    return {**filled, **links, "body": "Fills the column body: the text below the front matter."}


def _named(name: str, model: ContentModel) -> Iterator[Source]:
    table, _, column = name.partition(".")
    if table != RAW or column == "body":
        yield Source(table, column)
    elif column.startswith("related."):
        yield Source(table, _link_key(column.removeprefix("related."), model))
    else:
        yield from (Source(table, source) for source in model.sources(column))


def _link_key(key: str, model: ContentModel) -> str:
    return f"{model.related_prefix}….{key}"
