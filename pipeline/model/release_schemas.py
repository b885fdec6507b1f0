"""The tables of what releases changed, and of what they remember of urls that may be gone."""

import pyarrow as pa

from . import vocabulary
from .table import (
    HEX_SHA256,
    INT32,
    INT64,
    STRING,
    TIMESTAMP,
    URL,
    ForeignKey,
    Table,
    column,
    optional,
)

CONTENT_SHA256 = column(
    "content_sha256",
    STRING,
    "SHA-256, in hexadecimal, of the significant content: text, titles, subject, stated links.",
    pattern=HEX_SHA256,
)
FIRST_SEEN = column("first_seen", TIMESTAMP, "As-of time of the first release that held this url.")
MODIFIED = optional(
    "modified",
    TIMESTAMP,
    "When its significant content (content_sha256) last changed, as the file states (updated,"
    " published) or a release saw; never later than as-of, and null where nothing is known.",
)
MODIFIED_FROM = optional(
    "modified_from",
    STRING,
    "Where modified comes from: stated in the file, or seen by a release.",
    values=vocabulary.MODIFIED_FROM,
)
CONTENT_CHANGED = optional(
    "content_changed",
    TIMESTAMP,
    "As-of time of the release that last saw the significant content change; null if none did, or"
    " if the file has stated another time of its last change since.",
)
PUBLISHED = optional("published", pa.date32(), "Date of publication, in the zone that is stated.")
UPDATED = optional("updated", TIMESTAMP, "When the file says that it was last changed.")
SOURCE_SHA256 = optional(
    "source_sha256", STRING, "SHA-256 of the file, in hexadecimal.", pattern=HEX_SHA256
)
OF_LEDGER = ForeignKey("url", "ledger", "url")


_CHANGE = [
    column(
        "fields",
        pa.list_(STRING),
        "What changed: columns of articles, lists, related_links; empty unless changed.",
    ),
    optional(
        "published", pa.date32(), "Date of publication from then on; of a removed url, before."
    ),
    optional("modified", TIMESTAMP, "When it last changed (articles.modified), likewise."),
    optional("title", STRING, "Title, likewise."),
]
CHANGES = Table(
    "changes",
    "One row per url that this release added, changed or removed.",
    pa.schema(
        [
            URL,
            column("change", STRING, "added, changed or removed.", values=vocabulary.CHANGE_KINDS),
            *_CHANGE,
        ]
    ),
    ("url",),
    (OF_LEDGER,),
)

_RELEASE = column("release", STRING, "Id of the release.")
_AS_OF = column("as_of", TIMESTAMP, "As-of time of the release.")
HISTORY = Table(
    "history",
    "One row per url that a release before this one added, changed or removed, the oldest first."
    " The view of pressroom query has the rows of changes, too.",
    pa.schema(
        [
            URL,
            _RELEASE,
            _AS_OF,
            column(
                "change",
                STRING,
                "added, changed, removed; or present: it was there already, and of what was before"
                " that release nothing is known.",
                values=(*vocabulary.CHANGE_KINDS, vocabulary.PRESENT),
            ),
            *_CHANGE,
        ]
    ),
    ("url", "release"),
    (OF_LEDGER, ForeignKey("release", "releases", "release")),
)
RELEASES = Table(
    "releases",
    "One row per release before this one, the oldest first; those that were undone are left out."
    " The view of pressroom query has a row for this release, too.",
    pa.schema(
        [
            _RELEASE,
            column("sequence", INT32, "Number of the release."),
            optional("previous", STRING, "Id of the release that it was made from; null: none."),
            _AS_OF,
            optional("base_url", STRING, "Where the site was published; null where not known."),
            column("files", INT64, "Raw files that were listed."),
            column("articles", INT64, "Rows of articles."),
            column("rejects", INT64, "Rows of rejects."),
            column("skipped", INT64, "Rows of skipped."),
            column("findings", INT64, "Rows of findings."),
            column("related_links", INT64, "Related links, with those whose target is missing."),
            column("related_links_missing", INT64, "Related links whose target is missing."),
            column("text_links", INT64, "Links in texts, with those whose target is missing."),
            column("text_links_missing", INT64, "Links in texts whose target is missing."),
            column("added", INT64, "Urls that it added."),
            column("changed", INT64, "Urls that it changed."),
            column("removed", INT64, "Urls that it removed."),
            column("bytes", INT64, "Size of all its files in bytes."),
            column(
                "schema_version",
                INT32,
                "1 for the first release, and one more than before where columns of tables differ.",
            ),
        ]
    ),
    ("release",),
)

# What was before a release: it grows with each.
PAST = {table.name: table for table in (HISTORY, RELEASES)}

LEDGER = Table(
    "ledger",
    "One row per url that was ever published; it outlives the article.",
    pa.schema(
        [
            URL,
            FIRST_SEEN,
            MODIFIED,
            MODIFIED_FROM,
            CONTENT_CHANGED,
            PUBLISHED,
            UPDATED,
            CONTENT_SHA256,
            optional("id", INT64, "Id, where the site declares one of whole numbers."),
            optional("source_path", STRING, "Path of the file below the raw folder."),
            SOURCE_SHA256,
            optional(
                "last_seen",
                TIMESTAMP,
                "As-of time of the last release that held this url; null while it is published.",
            ),
        ]
    ),
    ("url",),
)
