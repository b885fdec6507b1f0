"""Findings: what is doubtful in an accepted file, with file, line and key.

A finding never keeps an article from being published. Some follow from the text of one file and
are found when it is read (`of_article`); the others from the tables (`of_tables`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from pipeline.schemas import FINDINGS
from pipeline.seo import is_damaged
from pipeline.settings import ContentModel
from pipeline.sources import CONTROLS, REPLACEMENT
from pipeline.text import Doubt, DoubtReason, unbalanced

if TYPE_CHECKING:
    import pandas as pd

_CONTEXT = 30
_EACH = 20  # findings of one code in one article: a broken file has thousands


class Severity(StrEnum):
    """How much a finding matters: `WARNING` is seen by readers of the site."""

    INFO = "info"
    WARNING = "warning"


class FindingCode(StrEnum):
    """What was found."""

    severity: Severity

    def __new__(cls, value: str, severity: Severity) -> "FindingCode":
        """A code with its severity."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.severity = severity
        return member

    DOUBTFUL_ESCAPE = "doubtful_escape", Severity.INFO
    UNBALANCED_MATHS = "unbalanced_maths", Severity.WARNING
    DAMAGED_DESCRIPTION = "damaged_description", Severity.WARNING
    SUBJECT_SPELLING = "subject_spelling", Severity.INFO
    SHARED_ID = "shared_id", Severity.INFO
    STALE_LINK = "stale_link", Severity.INFO
    MISSING_LINK = "missing_link", Severity.WARNING
    SELF_LINK = "self_link", Severity.WARNING
    REPEATED_LINK = "repeated_link", Severity.WARNING


class Finding(NamedTuple):
    """A finding in an article that is known from elsewhere."""

    line: int | None
    key: str
    code: FindingCode
    message: str


_DOUBTS = {
    DoubtReason.NU: r"\nu is the Greek letter, or a line end and the word u",
    DoubtReason.COMMAND_OUTSIDE_MATHS: "a LaTeX command stands outside of maths",
    DoubtReason.NEWLINE_IN_STRING: r"\n in code is a line end, or stands in a string literal",
}


def of_article(
    columns: Mapping[str, Any], text: str | None, doubts: Sequence[Doubt], model: ContentModel
) -> Iterator[Finding]:
    """What the text of one article gives reason to look at."""
    lines = columns["source_lines"]
    answer = columns["answer"]
    is_body = answer is None
    line, key = (None, "body") if is_body else (lines["answer"], model.key("answer"))
    for doubt in doubts[:_EACH]:
        message = f"{_DOUBTS[doubt.reason]}: {context(answer or '', doubt.offset)}"
        yield Finding(line, key, FindingCode.DOUBTFUL_ESCAPE, message)
    if is_damaged(columns["description"] or "", columns["title"] or "", text or ""):
        message = f"The description has lost text: {context(columns['description'], 0)}"
        where = lines["description"], model.key("description")
        yield Finding(*where, FindingCode.DAMAGED_DESCRIPTION, message)
    for offset in unbalanced(text or "")[:_EACH]:
        message = f"A delimiter of maths has no partner: {context(text or '', offset)}"
        yield Finding(line, key, FindingCode.UNBALANCED_MATHS, message)


def context(text: str, offset: int) -> str:
    r"""A place in a text with what stands around it, on one line; line ends are shown as ``⏎``."""
    start, end = max(0, offset - _CONTEXT), offset + _CONTEXT
    before, after = ("…" if start else ""), ("…" if end < len(text) else "")
    shown = text[start:end].replace("\n", "⏎")
    return f"{before}{CONTROLS.sub(REPLACEMENT, shown)}{after}"


OF_ARTICLE = pa.schema(
    [FINDINGS.schema.field(name) for name in ("url", "line", "key", "code", "message")]
)


class Tables(NamedTuple):
    """What the findings between articles are found in; frames of one shard.

    `articles` has url, source_path, id, subject, subject_slug and source_lines; `links` the columns
    of related_links; `shared_ids` maps an id that several articles have to their number; `labels`
    a slug to the usual spelling of the subject.
    """

    articles: "pd.DataFrame"
    links: "pd.DataFrame"
    shared_ids: Mapping[int, int]
    labels: Mapping[str, str]


def of_tables(tables: Tables, model: ContentModel) -> "pd.DataFrame":
    """The findings between the articles of a shard and all others; columns as `OF_ARTICLE`."""
    import pandas as pd  # noqa: PLC0415  half a second that the parent of the workers is spared

    found = [*_ids(tables, model), *_spellings(tables, model), *_links(tables.links, model)]
    return pd.DataFrame(found, columns=OF_ARTICLE.names)


def _ids(tables: Tables, model: ContentModel) -> Iterator[tuple[Any, ...]]:
    articles = tables.articles
    shared = articles[articles["id"].isin(list(tables.shared_ids))]
    for url, id_, lines in shared[["url", "id", "source_lines"]].itertuples(index=False):
        message = f"The id {id_} stands on {tables.shared_ids[id_]} articles."
        yield url, lines["id"], model.key("id"), FindingCode.SHARED_ID, message


def _spellings(tables: Tables, model: ContentModel) -> Iterator[tuple[Any, ...]]:
    articles = tables.articles[tables.articles["subject_slug"].notna()]
    labels = articles["subject_slug"].map(dict(tables.labels))
    other = articles[articles["subject"] != labels]
    for url, subject, slug, lines in other[
        ["url", "subject", "subject_slug", "source_lines"]
    ].itertuples(index=False):
        message = f"The subject is spelled {subject!r}, and {tables.labels[slug]!r} elsewhere."
        yield url, lines["subject"], model.key("subject"), FindingCode.SUBJECT_SPELLING, message


_STATUS_CODES = {
    "missing": (FindingCode.MISSING_LINK, "No article has the url"),
    "self": (FindingCode.SELF_LINK, "The link points to its own article:"),
    "duplicate": (FindingCode.REPEATED_LINK, "A link above has the same url"),
}


def _links(links: "pd.DataFrame", model: ContentModel) -> Iterator[tuple[Any, ...]]:
    stale = [
        (name, links[f"{name}_matches"].fillna(True) == False)  # noqa: E712  null is none
        for name in ("id", "title", "subject")
    ]
    is_stale = stale[0][1] | stale[1][1] | stale[2][1]
    doubtful = links[(links["status"] != "ok") | is_stale]
    for row in doubtful.to_dict("records"):
        key = f"{model.related_prefix}{row['position']}"
        if row["status"] in _STATUS_CODES:
            code, words = _STATUS_CODES[row["status"]]
            yield row["url"], row["line"], key, code, f"{words} {row['related_url']}."
        others = [name for name, _ in stale if row[f"{name}_matches"] is False]
        if others:
            message = f"The article linked to has another {' and '.join(others)}."
            yield row["url"], row["line"], key, FindingCode.STALE_LINK, message


def to_table(articles: "pd.DataFrame", found: Iterable["pd.DataFrame"]) -> pa.Table:
    """The table ``findings``: those of a shard, in the order of its articles and their lines."""
    import pandas as pd  # noqa: PLC0415

    rows = pd.concat(found, ignore_index=True)
    known = articles[["url", "source_path"]].reset_index(names="article")
    rows = rows.merge(known, on="url", how="inner", validate="many_to_one")
    rows["severity"] = rows["code"].map({str(code): str(code.severity) for code in FindingCode})
    rows = rows.sort_values(["article", "line", "key", "code"], kind="stable")
    return pa.Table.from_pandas(rows[FINDINGS.schema.names], FINDINGS.schema, preserve_index=False)
