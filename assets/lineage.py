"""Which columns, and which keys of the front matter, the values of a column are made from.

For people who ask where a value comes from. ``tests/test_lineage.py`` changes the keys of articles
and holds what is stated here to what changes in the tables.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pressroom.model import value_sources
from pressroom.model.columns import DEFAULT_KEYS, LISTS
from pressroom.model.content import ContentModel
from pressroom.model.schemas import tables
from pressroom.model.value_sources import Kind

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
_LINKS = tuple(f"related.{key}" for key in _LINK_KEYS)
_STATED_LINK = {f"related_{key}": _raw(f"related.{key}") for key in _LINK_KEYS}
_TARGET = (*_articles("url", "source_path", "aliases"), *_raw("related.url"))
# Links name articles by their urls, their files, and other names.
_IN_TEXT = (*_articles("url", "source_path", "aliases", "names"), *_raw("text"))
_FILE = ("source_path", "source_lines", "source_bytes", "source_sha256")
# Of a column without a source, no key or column alone decides.
_NOTHING: Mapping[str, tuple[str, ...]] = dict.fromkeys(
    ("extra", "first_seen", "collection", *_FILE), ()
)


def _sources(model: ContentModel) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """The columns and keys that those of each table are made from."""
    declared, of_site = model.all_columns(), tables(model)
    filled = (*DEFAULT_KEYS, *(name for name, one in declared.items() if one.type != "list"))
    significant = _raw(
        *("text", "body", "title", "subject"),
        *(name for name, one in declared.items() if one.significant),
        *_LINKS,
    )
    changeable = (
        *_articles(*(column for column in filled if column != "url"), "published_at", "body"),
        *_articles("extra"),
        *(f"{name}.{of_site[name].schema.names[2]}" for name in model.lists()),
        *(f"related_links.{column}" for column in _STATED_LINK),
    )
    doubtful = (
        *_articles("text", "description", "title", "subject"),
        *(_articles("id") if "id" in filled else ()),
        *(f"related_links.{name}" for name in ("related_url", "status")),
        *(f"text_links.{name}" for name in ("href", "status", "anchor_exists", "found_by")),
        *(f"related_links.{name}_matches" for name in ("id", "title", "subject")),
    )
    lists = {
        name: {
            "url": _raw("url"),
            **dict.fromkeys(of_site[name].schema.names[1:], _raw(LISTS.get(name, name))),
        }
        for name in model.lists()
    }
    return {
        "articles": {
            **{column: _raw(column) for column in (*filled, "body")},
            "translation": _raw("translation"),
            "published_at": _raw("published"),
            "subject_slug": _raw("subject"),
            "word_count": _raw("text"),
            "doubtful_escapes": _raw("text"),
            "content_sha256": significant,
            **dict.fromkeys(
                ("modified", "modified_from"), (*_raw("published"), *_raw("updated"), *significant)
            ),
            "content_changed": (*significant, *_raw("updated")),
            **_NOTHING,
        },
        **lists,
        "rejects": dict.fromkeys(
            (
                *("source_path", "source_sha256", "code", "message", "hint"),
                *("line", "column_number", "excerpt", "problems", "first_seen"),
            ),
            (),
        ),
        "skipped": dict.fromkeys(("source_path", "source_sha256", "reason", "key"), ()),
        "related_links": {
            "url": _articles("url"),
            "position": (),
            **_STATED_LINK,
            "line": (),
            "key": (),
            **dict.fromkeys(("status", "target_url", "found_by"), _TARGET),
            **{
                f"{key}_matches": (
                    *_TARGET,
                    *(_articles(key) if key in filled else ()),
                    *_raw(f"related.{key}"),
                )
                for key in ("id", "title", "subject")
            },
            "target_no_index": (*_TARGET, *_articles("no_index")),
        },
        "text_links": {
            "url": _articles("url"),
            **dict.fromkeys(("position", "line", "kind", "href", "fragment"), _raw("text")),
            **dict.fromkeys(("target_url", "found_by", "status"), _IN_TEXT),
            "anchor_exists": (*_IN_TEXT, "anchors.anchor"),
        },
        "anchors": {
            "url": _raw("url"),
            **dict.fromkeys(("position", "line", "level", "anchor", "title"), _raw("text")),
        },
        "redirects": {
            "from_url": _articles("url", "aliases"),
            "to_url": _articles("url", "aliases"),
            "kind": _articles("url", "aliases"),
            "evidence": _articles(*(("id",) if "id" in filled else ()), "content_sha256"),
            "since": _articles("url", "aliases"),
            "is_live": _articles("url"),
        },
        "link_degrees": {
            "url": _articles("url"),
            **dict.fromkeys(("links_out", "links_in", "reciprocal"), _TARGET),
            **dict.fromkeys(("text_links_out", "text_links_in"), _IN_TEXT),
            "is_orphan": (*_TARGET, *_raw("text")),
        },
        "subjects": {
            "slug": _articles("subject_slug"),
            "label": _articles("subject_slug", "subject"),
            "spellings": _articles("subject_slug", "subject"),
            "articles": _articles("subject_slug"),
            "first_published": _articles("subject_slug", "published"),
            "last_published": _articles("subject_slug", "published"),
            "links_in": (*_articles("subject_slug"), "link_degrees.links_in"),
            "text_links_in": (*_articles("subject_slug"), "link_degrees.text_links_in"),
        },
        "findings": {
            "url": _articles("url"),
            "source_path": _articles("source_path"),
            "line": (*_articles("source_lines"), "related_links.line", "text_links.line"),
            **dict.fromkeys(("key", "code", "severity", "message"), doubtful),
        },
        "changes": {
            "url": _articles("url"),
            "change": (*_articles("url"), *changeable),
            "fields": changeable,
            **{name: _articles(name) for name in ("published", "modified", "title")},
        },
        "ledger": {
            **{
                column: _articles(column)
                for column in (
                    *("url", "first_seen", "modified", "modified_from", "content_changed"),
                    *("published", "content_sha256"),
                )
            },
            **{name: _articles(name) if name in filled else () for name in ("id", "updated")},
            "source_path": (),
            "source_sha256": (),
            "last_seen": _articles("url"),
        },
        **{name: dict.fromkeys(of_site[name].schema.names, ()) for name in ("history", "releases")},
    }


def sources(table: str, model: ContentModel) -> dict[str, list[Source]]:
    """What each column of a table is made from, each source once, in the order of its columns."""
    made_from = _sources(model)[table]
    return {
        column: list(
            dict.fromkeys(one for name in made_from[column] for one in _named(name, model))
        )
        for column in tables(model)[table].schema.names
    }


def keys(model: ContentModel) -> dict[str, str]:
    """What stands in a raw file: its keys, each with the column that it fills, and its body."""
    filled = {
        source: f"Fills the column {column}."
        for column in (*DEFAULT_KEYS, *model.all_columns())
        for source in _of_files(column, model)
    }
    links = {
        _link_key(key, model): f"Fills related_{key} of the table related_links."
        for key in _LINK_KEYS
    }
    return {**filled, **links, "body": "The text below the front matter."}


def _named(name: str, model: ContentModel) -> Iterator[Source]:
    table, _, column = name.partition(".")
    if table != RAW or column == "body":
        yield Source(table, column)
    elif column.startswith("related."):
        yield Source(table, _link_key(column.removeprefix("related."), model))
    else:
        yield from (Source(table, source) for source in _of_files(column, model))


def _of_files(column: str, model: ContentModel) -> Iterator[str]:
    """The keys that fill a column, and ``body`` where the body does."""
    models = [model, *model.of_collections()]
    for text in dict.fromkeys(text for one in models for text in one.sources(column)):
        source = value_sources.parse(text, model.placeholders)
        if source.key or source.kind is Kind.BODY:
            yield source.key or "body"


def _link_key(key: str, model: ContentModel) -> str:
    return f"{model.related.prefix}….{key}"
