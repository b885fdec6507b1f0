"""The plain text of each article, from which the exports `sqlite` and `jsonl` are made.

To make it takes half a millisecond, so it is made once for both: the texts of each part are a file
of the release, ``plain_text/part-….parquet``, in which the next run finds those that say the same
still.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from ..base.digests import digest
from ..files import atomic, parquet
from ..files.atomic import FileEntry
from ..model.content import ContentModel
from ..model.settings import Settings
from ..releases.cache import Cache
from .base import PLAIN_TEXT, Context, Export, always, of_markdown

SCHEMA = pa.schema(
    {"url": pa.string(), "title": pa.string(), "description": pa.string(), "text": pa.string()}
)


class TextsJob(NamedTuple):
    """The articles of one part; their texts go to the file `path` below `root`.

    `version` is the digest of what they depend on besides the articles.
    """

    articles: Path
    path: str
    model: ContentModel
    root: Path
    version: str
    cache: Cache


def write(context: Context) -> list[FileEntry]:
    """Write the texts of all articles, if an export of them is asked for."""
    if not _is_wanted(context.settings):
        return []
    version = digest(context.code, _depends_on(context.settings))
    jobs = [
        TextsJob(
            articles,
            path := f"{PLAIN_TEXT}/part-{number:05}.parquet",
            context.settings.content,
            context.root,
            version,
            context.cache.only(path),
        )
        for number, articles in enumerate(context.tables["articles"])
    ]
    return sorted(context.run(write_part, jobs))


def write_part(job: TextsJob) -> FileEntry:
    """Write the texts of a part, or link what the previous release has of the same."""
    from . import described  # noqa: PLC0415  it knows Markdown, which few sites need here

    articles = parquet.read(job.articles, ["url", *described.COLUMNS]).to_pylist()
    inputs = digest(job.version, articles)
    if known := job.cache.reuse(job.root, job.path, inputs=inputs):
        return known
    rows = [
        (
            article["url"],
            described.title(article),
            described.description(article, job.model),
            _text(article, job.model),
        )
        for article in articles
    ]
    data = parquet.to_parquet(parquet.to_table(rows, SCHEMA))
    return atomic.write_bytes(job.root, job.path, data, len(rows))._replace(inputs=inputs)


def _text(article: Mapping[str, Any], model: ContentModel) -> str:
    from ..markup import document  # noqa: PLC0415

    rules = model.of(article["source_path"]).model.markdown
    return document.read(article["text"] or "", rules).text()


def _is_wanted(settings: Settings) -> bool:
    return settings.exports.sqlite or settings.exports.jsonl


def _depends_on(settings: Settings) -> Any:
    return of_markdown(settings.content) if _is_wanted(settings) else None


EXPORT = Export(
    name=PLAIN_TEXT,
    description="The plain text of each article, for SQLite and JSON Lines; off by default.",
    kinds=("parquet",),
    tables=always("articles"),
    module=__name__,
    settings=_depends_on,
    write=write,
)
