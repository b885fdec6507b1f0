"""The tables of links: those of front matter and of texts, what they lead to, and former urls."""

import pyarrow as pa

from ..markup.link_kinds import LinkKind
from . import vocabulary
from .table import (
    BOOL,
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
from .vocabulary import FoundBy

_LINK_POSITION = column("position", INT32, "Number of the link in the file.")
_STATED_LINK = [
    URL,
    _LINK_POSITION,
    optional("related_id", INT64, "Id of the target, or the number that names it, as stated."),
    optional("related_title", STRING, "Title of the target as stated."),
    optional("related_subject", STRING, "Subject of the target as stated."),
    optional("related_url", STRING, "What the link leads to, as stated."),
    column("line", INT32, "Line of the link in the file, from 1.", minimum=1),
    column("key", STRING, "Key of the front matter that states it."),
]
STATED_LINKS = pa.schema(_STATED_LINK)

RELATED_LINKS = Table(
    "related_links",
    "One row per related link as written, with what became of it.",
    pa.schema(
        [
            *_STATED_LINK,
            column(
                "status",
                STRING,
                "ok, self (points to its own article), duplicate (the same target stands at a"
                " lower position), missing (no such article) or external.",
                values=vocabulary.LINK_STATUSES,
            ),
            optional("target_url", STRING, "Url of the article that it leads to."),
            optional(
                "found_by",
                STRING,
                "What names the article: url, file, alias, slug or id.",
                values=(by.word for by in FoundBy if by is not FoundBy.NAME),
            ),
            optional(
                "id_matches", BOOL, "Stated id equals the target's; null if there is no target."
            ),
            optional(
                "title_matches",
                BOOL,
                "Stated title equals the target's; null if there is no target.",
            ),
            optional(
                "subject_matches",
                BOOL,
                "Stated subject equals the target's; null if there is no target.",
            ),
            optional(
                "target_no_index", BOOL, "no_index of the target; null if there is no target."
            ),
        ]
    ),
    ("url", "position"),
    (*OF_ARTICLES, ForeignKey("target_url", "articles", "url")),
)

_TEXT_LINK = [
    URL,
    column("position", INT32, "Number of the link in the text, from 1.", minimum=1),
    column(
        "line",
        INT32,
        "Line in the file, from 1; that of the key where the text stands in the front matter.",
        minimum=1,
    ),
    column("kind", STRING, "link, image, wikilink, embed, autolink or reference.", values=LinkKind),
    column("href", STRING, "What it leads to, as written."),
]
WRITTEN_LINKS = pa.schema(_TEXT_LINK)

TEXT_LINKS = Table(
    "text_links",
    "One row per link in a text, with what it leads to.",
    pa.schema(
        [
            *_TEXT_LINK,
            optional("target_url", STRING, "Url of the article that it leads to."),
            optional("fragment", STRING, "Fragment, decoded: the part behind #."),
            optional(
                "anchor_exists",
                BOOL,
                "Whether the article that it leads to has the fragment; null without either.",
            ),
            optional(
                "found_by",
                STRING,
                "What names the article: url, file (its path), alias or name (of a wikilink).",
                values=(by.word for by in FoundBy if by not in (FoundBy.SLUG, FoundBy.ID)),
            ),
            column(
                "status",
                STRING,
                "ok, self (within its own article), missing (no such article), asset (a file that"
                " is no article) or external.",
                values=vocabulary.TEXT_LINK_STATUSES,
            ),
        ]
    ),
    ("url", "position"),
    (*OF_ARTICLES, ForeignKey("target_url", "articles", "url")),
)

ANCHORS = Table(
    "anchors",
    "One row per place in a text that a fragment can lead to: headings, and elements with an id.",
    pa.schema(
        [
            URL,
            column("position", INT32, "Number of the anchor in the text, from 1.", minimum=1),
            column(
                "line",
                INT32,
                "Line in the file, from 1; that of the key where the text stands in the front"
                " matter.",
                minimum=1,
            ),
            optional(
                "level",
                INT32,
                "Level of the heading, from 1; null for other elements.",
                minimum=1,
            ),
            column("anchor", STRING, "Its id, or the one that GitHub makes of the heading."),
            optional("title", STRING, "Words of the heading."),
        ]
    ),
    ("url", "position"),
    OF_ARTICLES,
)

LINK_DEGREES = Table(
    "link_degrees",
    "One row per article in the graphs of related links and of text links whose status is ok.",
    pa.schema(
        [
            URL,
            column("links_out", INT32, "Articles that this one states as related.", minimum=0),
            column("links_in", INT32, "Articles that state this one as related.", minimum=0),
            column("reciprocal", INT32, "Links out whose target links back.", minimum=0),
            column(
                "text_links_out", INT32, "Articles that the text of this one links to.", minimum=0
            ),
            column("text_links_in", INT32, "Articles whose texts link to this one.", minimum=0),
            column("is_orphan", BOOL, "No article links to this one in either way."),
        ]
    ),
    ("url",),
    OF_ARTICLES,
)

REDIRECTS = Table(
    "redirects",
    "One row per former url of an article; it is kept from release to release.",
    pa.schema(
        [
            column("from_url", STRING, "Former url; no article has it."),
            column("to_url", STRING, "Url that the article has now, or had last."),
            column(
                "kind",
                STRING,
                "alias (stated by the file) or moved (found by a release).",
                values=vocabulary.REDIRECT_KINDS,
            ),
            optional(
                "evidence",
                STRING,
                "By what a move was found: id, path, file or content; null for aliases.",
                values=vocabulary.EVIDENCE.values(),
            ),
            column("since", TIMESTAMP, "As-of time of the first release with this redirect."),
            column("is_live", BOOL, "Whether there is an article at to_url."),
        ]
    ),
    ("from_url",),
)
