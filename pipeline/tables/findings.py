"""Findings that need more than one file: those between articles, and the table of all.

What the text of one file gives reason to look at is found when it is read (`content.lint`).
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from ..base import printable
from ..base.problems import FindingCode
from ..base.wording import and_more
from ..content import lint
from ..files import parquet
from ..model.content import ContentModel
from ..model.findings import OFF, Findings
from ..model.schemas import FINDINGS
from ..model.slugs import signs
from ..model.table import TIMESTAMP
from ..releases.manifest import SchemaChange
from . import due, ledger, links, scratch


def in_text(found: pa.Table) -> pa.Table:
    """Those of some findings that `lint` made."""
    return found.filter(pc.is_in(found["code"], pa.array(map(str, lint.CODES))))


ARTICLE_COLUMNS = (
    *("url", "source_path", "id", "subject", "subject_slug", "source_lines"),
    *due.COLUMNS,
    "first_seen",
)
_COMPARED = ("id", "title", "subject")
LINK_COLUMNS = (
    *("url", "key", "related_id", "related_url", "target_url", "found_by", "line", "status"),
    *(f"{name}_matches" for name in _COMPARED),
)
TEXT_LINK_COLUMNS = (
    *("url", "line", "href", "target_url", "fragment", "anchor_exists"),
    *("found_by", "status"),
)


class Tables(NamedTuple):
    """What the findings between articles are found in, of one shard.

    `articles` has the `ARTICLE_COLUMNS`; `links` the `LINK_COLUMNS` of related_links, `text_links`
    the `TEXT_LINK_COLUMNS`; `disputed_aliases` are those of its articles
    (`scratch.DISPUTED_ALIASES`); `shared_ids` maps an id that several articles have to their
    number; `labels` a slug to the usual spelling of the subject; `near_urls` a url to all that are
    nearly equal, itself among them. `as_of` is in microseconds since 1970.
    """

    articles: pa.Table
    links: pa.Table
    text_links: pa.Table
    disputed_aliases: pa.Table
    shared_ids: Mapping[int, int]
    labels: Mapping[str, str]
    near_urls: Mapping[str, Sequence[str]]
    as_of: int


def of_tables(tables: Tables, model: ContentModel) -> pa.Table:
    """The findings between the articles of a shard and all others, as `scratch.FINDINGS`."""
    found = [
        _near(tables, model),
        _aliases(tables, model),
        _ids(tables, model),
        *_spellings(tables, model),
        *_links(tables.links),
        *_text_links(tables, model),
        *_dates(tables, model),
    ]
    return pa.concat_tables(found)


def _found(
    rows: pa.Table, line: pa.ChunkedArray, key: Any, code: FindingCode, message: Any
) -> pa.Table:
    """A finding in each of some rows, with values for all of them or one for each."""
    columns = (rows["url"], line, key, str(code), message)
    arrays = [pa.repeat(value, len(rows)) if isinstance(value, str) else value for value in columns]
    return pa.table(arrays, names=scratch.FINDINGS.schema.names).cast(scratch.FINDINGS.schema)


def _joined(*texts: Any) -> pa.ChunkedArray:
    """Texts set together row by row; a text that is no column stands in each row."""
    return pc.binary_join_element_wise(*texts, "")


def _line(articles: pa.Table, key: str) -> pa.ChunkedArray:
    return pc.struct_field(articles["source_lines"], key)


_NAMED = 3  # urls, in one finding


def _near(tables: Tables, model: ContentModel) -> pa.Table:
    near = pa.array(tables.near_urls, pa.string())
    rows = tables.articles.filter(pc.is_in(tables.articles["url"], near))
    messages = [_near_message(url, tables.near_urls[url]) for url in rows["url"].to_pylist()]
    line = pa.nulls(len(rows), pa.int32())
    message = pa.array(messages, pa.string())
    return _found(rows, line, model.key("url") or "url", FindingCode.NEAR_URL, message)


def _near_message(url: str, group: Sequence[str]) -> str:
    first = [one for one in group[: _NAMED + 1] if one != url][:_NAMED]
    named = ", ".join([*first, *and_more(len(group) - 1, len(first))])
    return f"Differs in case, last slash or index name alone from {named}."


def _aliases(tables: Tables, model: ContentModel) -> pa.Table:
    rows = tables.disputed_aliases
    is_url = pc.equal(rows["owner"], rows["alias"])
    message = pc.if_else(
        is_url,
        _joined("The alias ", rows["alias"], " is the URL of an article."),
        _joined(
            "The alias ", rows["alias"], " is one of ", rows["owner"], ", too, which keeps it."
        ),
    )
    key = model.key("aliases") or "aliases"
    line = pa.nulls(len(rows), pa.int32())
    return _found(rows, line, key, FindingCode.TAKEN_ALIAS, message)


def _ids(tables: Tables, model: ContentModel) -> pa.Table:
    ids = pa.array(tables.shared_ids.keys(), pa.int64())
    numbers = pa.array(tables.shared_ids.values(), pa.int64())
    is_shared = pc.is_in(links.ids_of(tables.articles), ids)
    shared = tables.articles.filter(is_shared)
    id_of = links.ids_of(tables.articles).filter(is_shared)
    number = numbers.take(pc.index_in(id_of, ids))
    text = pa.string()
    message = _joined("id ", id_of.cast(text), " is used by ", number.cast(text), " articles.")
    return _found(shared, _line(shared, "id"), model.key("id"), FindingCode.SHARED_ID, message)


def _spellings(tables: Tables, model: ContentModel) -> Iterator[pa.Table]:
    """Subjects that are not written as most with the same slug are.

    If only case and what parts words differ, it is one subject, spelled in two ways. Other signs
    may tell two subjects apart (A and A*), and neither is to be mended.
    """
    slugs = pa.array(tables.labels.keys(), pa.string())
    labels = pa.array(tables.labels.values(), pa.string())
    label = labels.take(pc.index_in(tables.articles["subject_slug"], slugs))
    articles = tables.articles.append_column("label", label)
    other = articles.filter(pc.not_equal(articles["subject"], label))
    pairs = list(zip(other["subject"].to_pylist(), other["label"].to_pylist(), strict=True))
    is_same = pa.array([signs(subject) == signs(label) for subject, label in pairs], pa.bool_())
    messages = [
        f"The subject is spelled {subject!r} here and {label!r} elsewhere."
        if same
        else f"The subject {subject!r} has the slug of {label!r}, and shares its feed and sitemaps."
        for (subject, label), same in zip(pairs, is_same.to_pylist(), strict=True)
    ]
    other = other.append_column("message", pa.array(messages, pa.string()))
    for code, rows in (
        (FindingCode.SUBJECT_SPELLING, other.filter(is_same)),
        (FindingCode.SHARED_SLUG, other.filter(pc.invert(is_same))),
    ):
        yield _found(rows, _line(rows, "subject"), model.key("subject"), code, rows["message"])


_STATUS_CODES = {
    "missing": (FindingCode.MISSING_LINK, "No article has the URL "),
    "self": (FindingCode.SELF_LINK, "The link points to its own article: "),
    "duplicate": (FindingCode.REPEATED_LINK, "Duplicate link: an earlier one has the URL "),
}


def _links(resolved: pa.Table) -> Iterator[pa.Table]:
    def of(rows: pa.Table, code: FindingCode, message: Any) -> pa.Table:
        return _found(rows, rows["line"], rows["key"], code, message)

    for status, (code, words) in _STATUS_CODES.items():
        rows = resolved.filter(pc.equal(resolved["status"], status))
        number = rows["related_id"].cast(pa.string())
        stated = pc.coalesce(rows["related_url"], number, pa.scalar("None"))
        yield of(rows, code, _joined(words, stated, "."))
    former = resolved.filter(pc.fill_null(pc.equal(resolved["found_by"], "alias"), False))
    message = _joined(former["related_url"], " is a former URL of ", former["target_url"], ".")
    yield of(former, FindingCode.ALIAS_LINK, message)
    differs = [pc.invert(resolved[f"{name}_matches"]) for name in _COMPARED]
    stale = resolved.filter(pc.or_kleene(differs[0], pc.or_kleene(differs[1], differs[2])))
    stated = (stale[f"{name}_matches"].to_pylist() for name in _COMPARED)
    messages = [
        f"The linked article has a different {' and '.join(_differing(row))}."
        for row in zip(*stated, strict=True)
    ]
    yield of(stale, FindingCode.STALE_LINK, pa.array(messages, pa.string()))


def _text_links(tables: Tables, model: ContentModel) -> Iterator[pa.Table]:
    """Links in texts that lead nowhere, past a place of the page, or to a former url."""
    links = tables.text_links
    article = pc.index_in(links["url"], tables.articles["url"].combine_chunks())
    is_body = pc.is_null(_line(tables.articles, "text")).take(article)
    key = pc.if_else(is_body, "body", model.key("text") or "body")
    links = links.append_column("key", key)

    def of(rows: pa.Table, code: FindingCode, message: Any) -> pa.Table:
        return _found(rows, rows["line"], rows["key"], code, message)

    missing = links.filter(pc.equal(links["status"], "missing"))
    yield of(missing, FindingCode.MISSING_LINK, _joined("No article is at ", missing["href"], "."))
    without = links.filter(pc.fill_null(pc.invert(links["anchor_exists"]), False))
    message = _joined(without["target_url"], " has no heading or id ", without["fragment"], ".")
    yield of(without, FindingCode.MISSING_ANCHOR, message)
    former = links.filter(pc.fill_null(pc.equal(links["found_by"], "alias"), False))
    message = _joined(former["href"], " is a former URL of ", former["target_url"], ".")
    yield of(former, FindingCode.ALIAS_LINK, message)


_YEAR = 366 * 86_400 * 1_000_000  # microseconds: few plan ahead so far, and many mistype a year


def _dates(tables: Tables, model: ContentModel) -> Iterator[pa.Table]:
    """Dates that are yet to come, but of articles that are held until then: for a year at most."""
    times, as_of = due.times_of(tables.articles, model), tables.as_of
    is_far = times.published > ledger.times(tables.articles["first_seen"]) + _YEAR
    is_early = (times.published > as_of) & ((times.shown <= as_of) | is_far)
    for name, is_later, dates in (
        ("published", is_early, times.published),
        ("updated", times.updated > as_of, times.updated),
    ):
        rows = tables.articles.filter(pa.array(is_later))
        days = pc.strftime(pa.array(dates[is_later]).cast(TIMESTAMP), "%Y-%m-%d")
        message = _joined(pa.chunked_array([days]), " is later than this release.")
        line = pa.nulls(len(rows), pa.int32())
        yield _found(rows, line, model.key(name) or name, FindingCode.FUTURE_DATE, message)


def _differing(matches: tuple[bool | None, ...]) -> list[str]:
    return [name for name, same in zip(_COMPARED, matches, strict=True) if same is False]


def to_table(articles: pa.Table, found: Iterable[pa.Table], levels: Findings) -> pa.Table:
    """The table ``findings``: those of a shard, in the order of its articles and their lines."""
    rows = pa.concat_tables(found)
    article = pc.index_in(rows["url"], articles["url"])
    rows = rows.append_column("article", article)
    rows = rows.append_column("source_path", articles["source_path"].take(article))
    order = [(name, "ascending") for name in ("article", "line", "key", "code")]
    return graded(rows.filter(pc.is_valid(article)).sort_by(order), levels)


class Moved(NamedTuple):
    """An article whose date of publication was another in the release before."""

    url: str
    source_path: str
    before: dt.date
    now: dt.date


def moved_dates(moved: Iterable[Moved], model: ContentModel) -> pa.Table:
    """Dates that have moved, as findings without a severity."""
    key, code = model.key("published") or "published", str(FindingCode.DATE_MOVED)
    rows = [
        (one.url, None, key, code, f"It was {one.before}, and is {one.now}.", one.source_path)
        for one in moved
    ]
    return parquet.to_table(rows, _UNGRADED)


def of_code(path: Path, code: FindingCode) -> pa.Table:
    """The findings of a code in a part, without their severity."""
    return parquet.read(path).filter(pc.field("code") == str(code)).select(_UNGRADED.names)


def of_site(changed: Iterable[SchemaChange], why: str) -> pa.Table:
    """The findings of the site as a whole, without a severity.

    These are columns that `changed` their type, and `why` nothing is known of the history of the
    raw folder, if the site wants that; else it is empty.
    """
    code = FindingCode.SCHEMA_CHANGE
    found = [(one.column, code, f"{one}.") for one in changed if one.is_of_type]
    if why:
        found.append(("content.keys", FindingCode.NO_HISTORY, f"{no_history(why)}."))
    rows = [(None, None, key, str(code), message, None) for key, code, message in found]
    return parquet.to_table(rows, _UNGRADED)


_UNGRADED = pa.schema([*scratch.FINDINGS.schema, FINDINGS.schema.field("source_path")])


def no_history(why: str) -> str:
    """What to say of a raw folder without a history, by a clause whose "it" is the folder."""
    return f"The raw folder has no history for :git: {why}"


def graded(rows: pa.Table, levels: Findings) -> pa.Table:
    """Rows with how much they matter, without those that do not."""
    codes = pa.array(map(str, FindingCode))
    severities = pa.array(map(levels.level, FindingCode), pa.string())
    severity = severities.take(pc.index_in(rows["code"], codes))
    rows = rows.append_column("severity", severity).filter(pc.not_equal(severity, OFF))
    return rows.select(FINDINGS.schema.names).cast(FINDINGS.schema)


def line(row: Mapping[str, Any]) -> str:
    """Path and line of a finding, what it is, and its code: one line."""
    where = ":".join(str(row[name]) for name in ("source_path", "line") if row[name] is not None)
    return printable.line(f"{where}{where and ': '}{row['message']} [{row['code']}]")


# What `line` needs.
LINE = ("source_path", "line", "message", "code")


def errors(path: Path) -> pa.Table:
    """The `LINE` of those findings of a part that are errors."""
    is_error = pc.equal(parquet.read(path, ["severity"])["severity"], "error")
    if not pc.any(is_error).as_py():  # most parts: no text is read
        return pa.table({name: pa.nulls(0) for name in LINE})
    return parquet.read(path, LINE).filter(is_error)
