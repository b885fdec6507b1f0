"""The tables: their columns, types, descriptions and keys.

What a site declares is added to what every site has (`tables`). The one source for Parquet, CSV,
``datapackage.json``, Dagster's column metadata and the data dictionary. Every column has a
description, held as Arrow field metadata.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import pyarrow as pa

from .columns import Column
from .content import ContentModel

TIMESTAMP = pa.timestamp("us", tz="UTC")
DESCRIPTION = b"description"
NO_SUBJECT = "no-subject"  # names the files of articles without a subject; no slug is the same


class ForeignKey(NamedTuple):
    """`column` of this table holds only values of `reference_column` of table `reference`."""

    column: str
    reference: str
    reference_column: str


class Table(NamedTuple):
    """A table of a release."""

    name: str
    description: str
    schema: pa.Schema
    primary_key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...] = ()


def _column(name: str, kind: pa.DataType, description: str, *, nullable: bool = False) -> pa.Field:
    return pa.field(name, kind, nullable=nullable, metadata={DESCRIPTION: description.encode()})


def _optional(name: str, kind: pa.DataType, description: str) -> pa.Field:
    return _column(name, kind, description, nullable=True)


_STRING, _INT32, _INT64, _BOOL = pa.string(), pa.int32(), pa.int64(), pa.bool_()
_URL = _column("url", _STRING, "Path of the article from the root of the site: its key.")
_OF_ARTICLES = (ForeignKey("url", "articles", "url"),)
_CONTENT_SHA256 = _column(
    "content_sha256",
    _STRING,
    "SHA-256, in hexadecimal, of the significant content: text, titles, subject, stated links.",
)
_FIRST_SEEN = _column(
    "first_seen", TIMESTAMP, "As-of time of the first release that held this url."
)
_MODIFIED = _column(
    "modified",
    TIMESTAMP,
    "When the significant content last changed; at first sight the date of the front matter.",
)
_SOURCE_PATH = _column(
    "source_path",
    _STRING,
    "Path of the file below the raw folder, with / between its parts; bytes that are not UTF-8"
    " are written as \\xNN.",
)

PROBLEM = pa.struct(
    [
        _column("code", _STRING, "The reason, as one of the documented codes."),
        _column("message", _STRING, "What is wrong, as a sentence."),
        _column("hint", _STRING, "What to do about it."),
        _optional("line", _INT32, "Line in the file, from 1."),
        _optional("column", _INT32, "Column in the line, in characters, from 1."),
    ]
)

SOURCE_LINES = pa.struct(
    [
        _optional("id", _INT32, "Line of the id."),
        _optional("subject", _INT32, "Line of the subject."),
        _optional("description", _INT32, "Line of the description for search engines."),
        _optional("text", _INT32, "Line of the text; null where it is the body."),
    ]
)

_SLUG = (
    "Subject in lower case, its words separated by hyphens; + # & . become words where they belong"
    " to one (c-plus-plus)."
)
_TEXTS = pa.list_(_STRING)
_STATED = [
    _URL,
    _optional("collection", _STRING, "Name of the collection that the file belongs to."),
    _optional("language", _STRING, "Language, as the settings or the file name it."),
    _optional("translation", _STRING, "What translations of one article have in common."),
    _optional("slug", _STRING, "What the url calls the article, where a template makes it."),
    _optional("title", _STRING, "Title."),
    _optional("text", _STRING, "The text as Markdown, escapes decoded; null if blank."),
    _optional("body", _STRING, "What stands below the front matter, where that is not the text."),
    _optional("description", _STRING, "Description for search engines, as stated."),
    _optional("published", pa.date32(), "Date of publication, in the zone that is stated."),
    _optional(
        "published_at",
        TIMESTAMP,
        "Time of publication, where the file states one, or the site has a time zone.",
    ),
    _optional("updated", TIMESTAMP, "When the file says that it was last changed."),
    _optional("held_until", TIMESTAMP, "When it is to be shown, if not when it was published."),
    _optional("expires", TIMESTAMP, "From when on it is kept out of sitemaps and feeds."),
    _column(
        "no_index",
        _BOOL,
        "True: kept out of sitemaps and feeds, by the file, or before its date or once expired.",
    ),
    _optional("author", _STRING, "Author, or authors with commas between them."),
    _optional("subject", _STRING, "Subject as spelled in the file, the first of several."),
    _optional("subject_slug", _STRING, _SLUG),
    _optional("aliases", _TEXTS, "Former urls, as stated."),
    _optional("names", _TEXTS, "Other names, by which links may call it."),
]
_FOUND = [
    _column(
        "word_count",
        _INT32,
        "Words of the text, split at white space; of scripts without spaces (Chinese, Japanese,"
        " Thai, Lao, Khmer, Burmese) a letter is one.",
    ),
    _column("doubtful_escapes", _INT32, "Number of ambiguous backslash-n sequences."),
    _optional("extra", _STRING, "JSON object of the keys that have no column."),
    _SOURCE_PATH,
    _column("source_lines", SOURCE_LINES, "Lines, from 1, of some keys in the file."),
    _column("source_bytes", _INT64, "Size of the file in bytes."),
    _column("source_sha256", _STRING, "SHA-256 of the file, in hexadecimal."),
    _CONTENT_SHA256,
    _FIRST_SEEN,
    _MODIFIED,
]
# The columns that articles of every site have.
CORE = pa.schema([*_STATED, *_FOUND])

_TYPES = {
    "text": _STRING,
    "integer": _INT64,
    "number": pa.float64(),
    "boolean": _BOOL,
    "date": pa.date32(),
    "datetime": TIMESTAMP,
    "json": _STRING,
}


def _declared(name: str, column: Column) -> pa.Field:
    words = "a JSON value" if column.type == "json" else column.type
    return _optional(
        name, _TYPES[column.type], column.description or f"{name}: {words}, as stated."
    )


def _articles(columns: Mapping[str, Column]) -> Table:
    declared = [_declared(name, one) for name, one in columns.items() if one.type != "list"]
    return Table(
        "articles",
        "One row per accepted file, in the order of the source paths.",
        pa.schema([*_STATED, *declared, *_FOUND]),
        ("url",),
    )


def _list(name: str, description: str, *columns: pa.Field) -> Table:
    """A list of articles: behind url and position its text, then what that is grouped by, if so."""
    position = _column("position", _INT32, "Position in the list, from 1.")
    schema = pa.schema([_URL, position, *columns])
    return Table(name, description, schema, ("url", "position"), _OF_ARTICLES)


ARTICLE_SUBJECTS = _list(
    "article_subjects",
    "One row per subject of an article, in the order stated. Sitemaps, feeds and the table subjects"
    " group by the first.",
    _column("subject", _STRING, "Subject as spelled in the file."),
    _column("subject_slug", _STRING, _SLUG),
)
ARTICLE_AUTHORS = _list(
    "article_authors",
    "One row per author of an article, in the order stated.",
    _column("author", _STRING, "Author as stated: a text, commas and all, or one of a list."),
)


def _terms(name: str, column: Column) -> Table:
    return _list(
        name,
        column.description or f"One row per term in the list {name} of an article.",
        _column("term", _STRING, "Term as written, without surrounding white space."),
        _column("term_key", _STRING, "Term folded for grouping: NFKC, case folded."),
    )


_LINK_POSITION = _column("position", _INT32, "Number of the link in the file.")
_STATED_LINK = [
    _URL,
    _LINK_POSITION,
    _optional("related_id", _INT64, "Id of the target, or the number that names it, as stated."),
    _optional("related_title", _STRING, "Title of the target as stated."),
    _optional("related_subject", _STRING, "Subject of the target as stated."),
    _optional("related_url", _STRING, "What the link leads to, as stated."),
    _column("line", _INT32, "Line of the link in the file, from 1."),
    _column("key", _STRING, "Key of the front matter that states it."),
]
STATED_LINKS = pa.schema(_STATED_LINK)

RELATED_LINKS = Table(
    "related_links",
    "One row per related link as written, with what became of it.",
    pa.schema(
        [
            *_STATED_LINK,
            _column(
                "status",
                _STRING,
                "ok, self (points to its own article), duplicate (the same target stands at a"
                " lower position), missing (no such article) or external.",
            ),
            _optional("target_url", _STRING, "Url of the article that it leads to."),
            _optional("found_by", _STRING, "What names the article: url, file, alias, slug or id."),
            _optional(
                "id_matches", _BOOL, "Stated id equals the target's; null if there is no target."
            ),
            _optional(
                "title_matches",
                _BOOL,
                "Stated title equals the target's; null if there is no target.",
            ),
            _optional(
                "subject_matches",
                _BOOL,
                "Stated subject equals the target's; null if there is no target.",
            ),
            _optional(
                "target_no_index", _BOOL, "no_index of the target; null if there is no target."
            ),
        ]
    ),
    ("url", "position"),
    (*_OF_ARTICLES, ForeignKey("target_url", "articles", "url")),
)

_TEXT_LINK = [
    _URL,
    _column("position", _INT32, "Number of the link in the text, from 1."),
    _column(
        "line",
        _INT32,
        "Line in the file, from 1; that of the key where the text stands in the front matter.",
    ),
    _column("kind", _STRING, "link, image, wikilink, embed, autolink or reference."),
    _column("href", _STRING, "What it leads to, as written."),
]
WRITTEN_LINKS = pa.schema(_TEXT_LINK)

TEXT_LINKS = Table(
    "text_links",
    "One row per link in a text, with what it leads to.",
    pa.schema(
        [
            *_TEXT_LINK,
            _optional("target_url", _STRING, "Url of the article that it leads to."),
            _optional("fragment", _STRING, "Fragment, decoded: the part behind #."),
            _optional(
                "anchor_exists",
                _BOOL,
                "Whether the article that it leads to has the fragment; null without either.",
            ),
            _optional(
                "found_by",
                _STRING,
                "What names the article: url, file (its path), alias or name (of a wikilink).",
            ),
            _column(
                "status",
                _STRING,
                "ok, self (within its own article), missing (no such article), asset (a file that"
                " is no article) or external.",
            ),
        ]
    ),
    ("url", "position"),
    (*_OF_ARTICLES, ForeignKey("target_url", "articles", "url")),
)

ANCHORS = Table(
    "anchors",
    "One row per place in a text that a fragment can lead to: headings, and elements with an id.",
    pa.schema(
        [
            _URL,
            _column("position", _INT32, "Number of the anchor in the text, from 1."),
            _column(
                "line",
                _INT32,
                "Line in the file, from 1; that of the key where the text stands in the front"
                " matter.",
            ),
            _optional("level", _INT32, "Level of the heading, from 1; null for other elements."),
            _column("anchor", _STRING, "Its id, or the one that GitHub makes of the heading."),
            _optional("title", _STRING, "Words of the heading."),
        ]
    ),
    ("url", "position"),
    _OF_ARTICLES,
)

LINK_DEGREES = Table(
    "link_degrees",
    "One row per article in the graphs of related links and of text links whose status is ok.",
    pa.schema(
        [
            _URL,
            _column("links_out", _INT32, "Articles that this one states as related."),
            _column("links_in", _INT32, "Articles that state this one as related."),
            _column("reciprocal", _INT32, "Links out whose target links back."),
            _column("text_links_out", _INT32, "Articles that the text of this one links to."),
            _column("text_links_in", _INT32, "Articles whose texts link to this one."),
            _column("is_orphan", _BOOL, "No article links to this one in either way."),
        ]
    ),
    ("url",),
    _OF_ARTICLES,
)

SUBJECTS = Table(
    "subjects",
    "One row per subject.",
    pa.schema(
        [
            _column("slug", _STRING, "What articles are grouped by: articles.subject_slug."),
            _column("label", _STRING, "The most common spelling."),
            _column("spellings", pa.list_(_STRING), "All spellings, the most common first."),
            _column("articles", _INT32, "Articles of the subject."),
            _optional("first_published", pa.date32(), "Earliest date of publication."),
            _optional("last_published", pa.date32(), "Latest date of publication."),
            _column("links_in", _INT32, "Sum of link_degrees.links_in of its articles."),
            _column("text_links_in", _INT32, "Sum of link_degrees.text_links_in of its articles."),
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
            _optional("source_sha256", _STRING, "SHA-256 of the file; null if it was not read."),
            *PROBLEM,
            _optional("excerpt", _STRING, "The line of the first problem, with a caret below it."),
            _column("problems", pa.list_(PROBLEM), "All problems of the file, the first as above."),
            _column("first_seen", TIMESTAMP, "As-of time of the first release that rejected it."),
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
            _optional("source_sha256", _STRING, "SHA-256 of the file, in hexadecimal."),
            _column(
                "reason",
                _STRING,
                "key (a flag of content.keys.skip), url (it is false), collection (which is"
                " skipped) or bundle (it belongs to the page of an index.md).",
            ),
            _optional("key", _STRING, "Key of the front matter that says so."),
        ]
    ),
    ("source_path",),
)

FINDINGS = Table(
    "findings",
    "One row per finding in an accepted file, or in the site as a whole.",
    pa.schema(
        [
            _optional("url", _STRING, "Path of the article; null for the site as a whole."),
            _optional(
                "source_path",
                _STRING,
                "Path of its file below the raw folder; null for the site as a whole.",
            ),
            _optional("line", _INT32, "Line in the file, from 1."),
            _column(
                "key",
                _STRING,
                "Key of the front matter, a dot between nested ones; of the site as a whole the"
                " column, or the key of the settings.",
            ),
            _column("code", _STRING, "What was found, as one of the documented codes."),
            _column("severity", _STRING, "info, warning or error, as the settings have it."),
            _column("message", _STRING, "What was found, as a sentence."),
        ]
    ),
    (),
    _OF_ARTICLES,
)

REDIRECTS = Table(
    "redirects",
    "One row per former url of an article; it is kept from release to release.",
    pa.schema(
        [
            _column("from_url", _STRING, "Former url; no article has it."),
            _column("to_url", _STRING, "Url that the article has now, or had last."),
            _column("kind", _STRING, "alias (stated by the file) or moved (found by a release)."),
            _optional(
                "evidence",
                _STRING,
                "By what a move was found: id, file or content; null for aliases.",
            ),
            _column("since", TIMESTAMP, "As-of time of the first release with this redirect."),
            _column("is_live", _BOOL, "Whether there is an article at to_url."),
        ]
    ),
    ("from_url",),
)

CHANGES = Table(
    "changes",
    "One row per url that this release added, changed or removed.",
    pa.schema(
        [
            _URL,
            _column("change", _STRING, "added, changed or removed."),
            _column(
                "fields",
                pa.list_(_STRING),
                "What changed: columns of articles, lists, related_links; empty unless changed.",
            ),
        ]
    ),
    ("url",),
)

LEDGER = Table(
    "ledger",
    "One row per url that was ever published; it outlives the article.",
    pa.schema(
        [
            _URL,
            _FIRST_SEEN,
            _MODIFIED,
            _CONTENT_SHA256,
            _optional("id", _INT64, "Id, where the site declares one of whole numbers."),
            _optional("source_sha256", _STRING, "SHA-256 of the file, in hexadecimal."),
            _optional(
                "last_seen",
                TIMESTAMP,
                "As-of time of the last release that held this url; null while it is published.",
            ),
        ]
    ),
    ("url",),
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


def description(field: pa.Field) -> str:
    """The description of a column."""
    text: bytes = field.metadata[DESCRIPTION]
    return text.decode()
