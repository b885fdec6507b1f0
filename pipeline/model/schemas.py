"""The tables: their columns, types, descriptions and keys.

What a site declares is added to what every site has (`tables`). The one source for Parquet, CSV,
``datapackage.json``, Dagster's column metadata and the data dictionary. Every column has a
description, held as Arrow field metadata.
"""

from collections.abc import Mapping
from functools import lru_cache

import pyarrow as pa

from ..base.problems import Code, FindingCode
from . import vocabulary
from .columns import Column
from .content import ContentModel
from .findings import SEVERITIES
from .link_schemas import ANCHORS, LINK_DEGREES, REDIRECTS, RELATED_LINKS, TEXT_LINKS
from .release_schemas import (
    CHANGES,
    CONTENT_CHANGED,
    CONTENT_SHA256,
    FIRST_SEEN,
    HISTORY,
    LEDGER,
    MODIFIED,
    MODIFIED_FROM,
    OF_LEDGER,
    PUBLISHED,
    RELEASES,
    SOURCE_SHA256,
    UPDATED,
)
from .table import (
    BOOL,
    HEX_SHA256,
    INT32,
    INT64,
    OF_ARTICLES,
    STRING,
    TIMESTAMP,
    URL,
    ForeignKey,
    Table,
    column,
    optional,
)

NO_SUBJECT = "no-subject"  # names the files of articles without a subject; no slug is the same


_SOURCE_PATH = column(
    "source_path",
    STRING,
    "Path of the file below the raw folder, with / between its parts; bytes that are not UTF-8"
    " are written as \\xNN.",
)

PROBLEM = pa.struct(
    [
        column("code", STRING, "The reason, as one of the documented codes.", values=Code),
        column("message", STRING, "What is wrong, as a sentence."),
        column("hint", STRING, "What to do about it."),
        optional("line", INT32, "Line in the file, from 1.", minimum=1),
        optional("column_number", INT32, "Column in the line, in characters, from 1.", minimum=1),
    ]
)

SOURCE_LINES = pa.struct(
    [
        optional("id", INT32, "Line of the id."),
        optional("subject", INT32, "Line of the subject."),
        optional("description", INT32, "Line of the description for search engines."),
        optional("text", INT32, "Line of the text; null where it is the body."),
    ]
)

_SLUG = (
    "Subject in lower case, its words separated by hyphens; + # & . become words where they belong"
    " to one (c-plus-plus)."
)
_TEXTS = pa.list_(STRING)
_STATED = [
    URL,
    optional("collection", STRING, "Name of the collection that the file belongs to."),
    optional("language", STRING, "Language, as the settings or the file name it."),
    optional("translation", STRING, "What translations of one article have in common."),
    optional("slug", STRING, "What the url calls the article, where a template makes it."),
    optional("title", STRING, "Title."),
    optional("text", STRING, "The text as Markdown, escapes decoded; null if blank."),
    optional("body", STRING, "What stands below the front matter, where that is not the text."),
    optional("description", STRING, "Description for search engines, as stated."),
    PUBLISHED,
    optional(
        "published_at",
        TIMESTAMP,
        "Time of publication, where the file states one, or the site has a time zone.",
    ),
    UPDATED,
    optional("held_until", TIMESTAMP, "When it is to be shown, if not when it was published."),
    optional("expires", TIMESTAMP, "From when on it is kept out of sitemaps and feeds."),
    column(
        "no_index",
        BOOL,
        "True: kept out of sitemaps and feeds, by the file, or before its date or once expired.",
    ),
    optional("author", STRING, "Author, or authors with commas between them."),
    optional("subject", STRING, "Subject as spelled in the file, the first of several."),
    optional("subject_slug", STRING, _SLUG),
    optional("aliases", _TEXTS, "Former urls, as stated."),
    optional("names", _TEXTS, "Other names, by which links may call it."),
]
_FOUND = [
    column(
        "word_count",
        INT32,
        "Words of the text, split at white space; of scripts without spaces (Chinese, Japanese,"
        " Thai, Lao, Khmer, Burmese) a letter is one.",
        minimum=0,
    ),
    column("doubtful_escapes", INT32, "Number of ambiguous backslash-n sequences.", minimum=0),
    optional("extra", STRING, "JSON object of the keys that have no column."),
    _SOURCE_PATH,
    column("source_lines", SOURCE_LINES, "Lines, from 1, of some keys in the file."),
    column("source_bytes", INT64, "Size of the file in bytes.", minimum=0),
    column("source_sha256", STRING, "SHA-256 of the file, in hexadecimal.", pattern=HEX_SHA256),
    CONTENT_SHA256,
    FIRST_SEEN,
    MODIFIED,
    MODIFIED_FROM,
    CONTENT_CHANGED,
]
# The columns that articles of every site have.
CORE = pa.schema([*_STATED, *_FOUND])

_TYPES = {
    "text": STRING,
    "integer": INT64,
    "number": pa.float64(),
    "boolean": BOOL,
    "date": pa.date32(),
    "datetime": TIMESTAMP,
    "json": STRING,
}


def _declared(name: str, column: Column) -> pa.Field:
    words = "a JSON value" if column.type == "json" else column.type
    return optional(name, _TYPES[column.type], column.description or f"{name}: {words}, as stated.")


def _articles(columns: Mapping[str, Column]) -> Table:
    declared = [_declared(name, one) for name, one in columns.items() if one.type != "list"]
    return Table(
        "articles",
        "One row per accepted file, in the order of the source paths.",
        pa.schema([*_STATED, *declared, *_FOUND]),
        ("url",),
        (ForeignKey("subject_slug", "subjects", "slug"), OF_LEDGER),
    )


def _list(name: str, description: str, *columns: pa.Field) -> Table:
    """A list of articles: behind url and position its text, then what that is grouped by, if so."""
    position = column("position", INT32, "Position in the list, from 1.", minimum=1)
    schema = pa.schema([URL, position, *columns])
    return Table(name, description, schema, ("url", "position"), OF_ARTICLES)


ARTICLE_SUBJECTS = _list(
    "article_subjects",
    "One row per subject of an article, in the order stated. Sitemaps, feeds and the table subjects"
    " group by the first.",
    column("subject", STRING, "Subject as spelled in the file."),
    column("subject_slug", STRING, _SLUG),
)
ARTICLE_AUTHORS = _list(
    "article_authors",
    "One row per author of an article, in the order stated.",
    column("author", STRING, "Author as stated: a text, commas and all, or one of a list."),
)


def _terms(name: str, declared: Column) -> Table:
    return _list(
        name,
        declared.description or f"One row per term in the list {name} of an article.",
        column("term", STRING, "Term as written, without surrounding white space."),
        column("term_key", STRING, "Term folded for grouping: NFKC, case folded."),
    )


SUBJECTS = Table(
    "subjects",
    "One row per subject.",
    pa.schema(
        [
            column("slug", STRING, "What articles are grouped by: articles.subject_slug."),
            column("label", STRING, "The most common spelling."),
            column("spellings", pa.list_(STRING), "All spellings, the most common first."),
            column("articles", INT32, "Articles of the subject.", minimum=0),
            optional("first_published", pa.date32(), "Earliest date of publication."),
            optional("last_published", pa.date32(), "Latest date of publication."),
            column("links_in", INT32, "Sum of link_degrees.links_in of its articles.", minimum=0),
            column(
                "text_links_in",
                INT32,
                "Sum of link_degrees.text_links_in of its articles.",
                minimum=0,
            ),
        ]
    ),
    ("slug",),
)

REJECTS = Table(
    "rejects",
    "One row per rejected file.",
    pa.schema(
        [
            _SOURCE_PATH,
            optional(
                "source_sha256",
                STRING,
                "SHA-256 of the file; null if it was not read.",
                pattern=HEX_SHA256,
            ),
            *PROBLEM,
            optional("excerpt", STRING, "The line of the first problem, with a caret below it."),
            column("problems", pa.list_(PROBLEM), "All problems of the file, the first as above."),
            column("first_seen", TIMESTAMP, "As-of time of the first release that rejected it."),
        ]
    ),
    ("source_path",),
)

SKIPPED = Table(
    "skipped",
    "One row per file that has no page, by a rule of its owner.",
    pa.schema(
        [
            _SOURCE_PATH,
            SOURCE_SHA256,
            column(
                "reason",
                STRING,
                "key (a flag of content.keys.skip), url (it is false), collection (which is"
                " skipped) or bundle (it belongs to the page of an index.md).",
                values=vocabulary.SKIP_REASONS,
            ),
            optional("key", STRING, "Key of the front matter that says so."),
        ]
    ),
    ("source_path",),
)

FINDINGS = Table(
    "findings",
    "One row per finding in an accepted file, or in the site as a whole.",
    pa.schema(
        [
            optional("url", STRING, "Path of the article; null for the site as a whole."),
            optional(
                "source_path",
                STRING,
                "Path of its file below the raw folder; null for the site as a whole.",
            ),
            optional("line", INT32, "Line in the file, from 1.", minimum=1),
            column(
                "key",
                STRING,
                "Key of the front matter, a dot between nested ones; of the site as a whole the"
                " column, or the key of the settings.",
            ),
            column(
                "code",
                STRING,
                "What was found, as one of the documented codes.",
                values=FindingCode,
            ),
            column(
                "severity",
                STRING,
                "info, warning or error, as the settings have it.",
                values=SEVERITIES,
            ),
            column("message", STRING, "What was found, as a sentence."),
        ]
    ),
    (),
    OF_ARTICLES,
)


_OTHERS = (
    REJECTS,
    SKIPPED,
    TEXT_LINKS,
    ANCHORS,
    REDIRECTS,
    RELATED_LINKS,
    LINK_DEGREES,
    SUBJECTS,
    FINDINGS,
    CHANGES,
    LEDGER,
    HISTORY,
    RELEASES,
)


@lru_cache
def tables(model: ContentModel) -> Mapping[str, Table]:
    """The tables of a site, by name."""
    columns = model.all_columns()
    declared = [_terms(name, one) for name, one in columns.items() if one.type == "list"]
    lists = ARTICLE_SUBJECTS, ARTICLE_AUTHORS, *declared
    return {table.name: table for table in (_articles(columns), *lists, *_OTHERS)}


def articles_of(model: ContentModel) -> pa.Schema:
    """The columns of the table ``articles``."""
    return tables(model)["articles"].schema
