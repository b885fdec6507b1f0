"""``jsonl/articles.jsonl``: an article on each line, for search engines and language models.

Articles that search engines are not to find stand nowhere in it. All lines have the same keys;
what is not known is null. Beside it, ``README.md`` describes the release as a data set of Hugging
Face. Off by default: `exports.jsonl` in the settings.
"""

import datetime as dt
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from ..files import parquet
from ..files.atomic import FileEntry
from ..model.content import ContentModel
from ..model.schemas import tables
from ..model.settings import Settings, Site
from . import dataset_card
from .article_lists import lists_of_tags, texts
from .base import PLAIN_TEXT, Context, Export, utc, write_lines, write_text

_PATH = "jsonl/articles.jsonl"
_COLUMNS = (
    *("url", "no_index", "language", "subject", "published", "published_at", "modified"),
    *("word_count", "text"),
)
_LINK = ("url", "target_url")
_ID_CHARS = 32


class Part(NamedTuple):
    """The files of one part: of the articles, their plain texts, and what they list."""

    articles: Path
    texts: Path
    authors: Path
    subjects: Path
    tags: tuple[Path, ...]
    links: tuple[Path, ...]


class LinesJob(NamedTuple):
    """All articles of a site."""

    parts: tuple[Part, ...]
    site: Site
    root: Path


def write(context: Context) -> list[FileEntry]:
    """Write the lines and the card, if the settings ask for them."""
    settings, found = context.settings, context.tables
    if not settings.exports.jsonl:
        return []
    parts = tuple(
        Part(
            articles,
            of_texts,
            found["article_authors"][number],
            found["article_subjects"][number],
            tuple(found[name][number] for name in lists_of_tags(settings.content)),
            (found["text_links"][number], found["related_links"][number]),
        )
        for number, (articles, of_texts) in enumerate(
            zip(found["articles"], found[PLAIN_TEXT], strict=True)
        )
    )
    lines = next(iter(context.run(write_articles, [LinesJob(parts, settings.site, context.root)])))
    of_site = tables(settings.content)
    names = _tables(settings.content)
    listed = [dataset_card.listed(of_site[name], context.files[name]) for name in names]
    card = dataset_card.card(settings, listed, context.rows["articles"])
    return [lines, write_text(context, dataset_card.PATH, card)]


def write_articles(job: LinesJob) -> FileEntry:
    """Write the lines, part by part, in the order of the table."""
    objects = (one for part in job.parts for one in _objects(part, job.site))
    return write_lines(job.root, _PATH, objects)


def _objects(part: Part, site: Site) -> Iterator[dict[str, Any]]:
    authors = texts([part.authors], "author", "author")
    subjects = texts([part.subjects], "subject", "subject_slug")
    tags = texts(part.tags, "term", "term_key")
    links = _links(part)
    plain = parquet.read(part.texts, ["title", "description", "text"])
    plain = plain.rename_columns(["plain_title", "plain_description", "plain_text"])
    articles = parquet.read(part.articles, _COLUMNS)
    joined = pa.Table.from_arrays(
        [*articles.columns, *plain.columns], [*articles.column_names, *plain.column_names]
    )
    for row in joined.filter(pc.invert(joined["no_index"])).to_pylist():
        url = row["url"]
        yield {
            "id": hashlib.sha256(url.encode()).hexdigest()[:_ID_CHARS],
            "url": url,
            "address": site.absolute(url),
            "title": row["plain_title"] or None,
            "description": row["plain_description"] or None,
            "language": row["language"] or site.language,
            "subject": row["subject"],
            "subjects": subjects.get(url, []),
            "tags": tags.get(url, []),
            "authors": authors.get(url, []),
            "published": f"{row['published']}" if row["published"] else None,
            "published_timestamp": _timestamp(row["published_at"] or row["published"]),
            "modified": utc(row["modified"]) if row["modified"] else None,
            "word_count": row["word_count"],
            "text": row["plain_text"],
            "markdown": row["text"] or "",
            "links": links.get(url, []),
        }


def _links(part: Part) -> dict[str, list[str]]:
    """The urls of the other articles that each leads to, those of its text first, each once."""
    found: dict[str, dict[str, None]] = {}
    for path in part.links:
        table = parquet.read(path, ["url", "target_url", "status"])
        table = table.filter(pc.equal(table["status"], "ok"))
        for url, target in zip(*(table[name].to_pylist() for name in _LINK), strict=True):
            found.setdefault(url, {})[target] = None
    return {url: list(targets) for url, targets in found.items()}


def _timestamp(time: dt.date | None) -> int | None:
    """Seconds since 1970, of a day those of its midnight in UTC."""
    if time is None:
        return None
    if not isinstance(time, dt.datetime):
        time = dt.datetime.combine(time, dt.time(), dt.UTC)
    return int(time.timestamp())


def _tables(model: ContentModel) -> tuple[str, ...]:
    """The tables that the card lists: those that say of articles what their owner does."""
    return ("articles", *model.lists(), "text_links", "related_links", "subjects")


def _depends_on(settings: Settings) -> Any:
    if not settings.exports.jsonl:
        return None
    return [settings.site, settings.content.languages, settings.content.all_columns()]


EXPORT = Export(
    name="jsonl",
    description="An article on each line, and a data set card, for search engines and language"
    " models; off by default.",
    kinds=("json",),
    tables=lambda model: (*_tables(model), PLAIN_TEXT),
    module=__name__,
    settings=_depends_on,
    write=write,
)
