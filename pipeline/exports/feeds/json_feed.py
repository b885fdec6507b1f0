"""JSON Feed 1.1 (jsonfeed.org): the newest articles of the site and of each subject.

The id of an item is its absolute url: the number of an article is not unique. An item has its
content as HTML and as plain text, for readers that show no HTML.
"""

import json
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pyarrow as pa

from ...base.fingerprint import digest, versions_of_extensions
from ...files import atomic, parquet
from ...files.atomic import FileEntry
from ...model.settings import Settings, Site
from ...releases.cache import Cache
from ..base import Context, Export, utc
from . import content
from .content import Item
from .selection import Place, SelectJob, select

_FOLDER = "site"
_VERSION = "https://jsonfeed.org/version/1.1"


class FeedJob(NamedTuple):
    """One feed: the urls of its items, and the files in which these are."""

    path: str
    title: str
    urls: list[str]
    rendered: tuple[Path, ...]
    site: Site
    root: Path
    code: str
    cache: Cache


def write(context: Context) -> list[FileEntry]:
    """Write ``site/feed.json`` and ``site/feeds/<subject>.json``, and what they are made from."""
    articles, site = context.tables["articles"], context.settings.site
    selection = next(iter(context.run(select, [SelectJob(articles, context.settings.feeds)])))
    rendered = content.rendered(context, chain(selection.site, *selection.subjects.values()))

    def job(path: str, title: str, places: list[Place]) -> FeedJob:
        parts = sorted({place.part for place in places})
        return FeedJob(
            path,
            title,
            [place.url for place in places],
            tuple(context.root / rendered[part].path for part in parts),
            site,
            context.root,
            context.code,
            context.cache.only(path),
        )

    labels = _labels(context.tables["subjects"])
    jobs = [
        job(f"{_FOLDER}/feeds/{subject}.json", f"{site.title}: {labels.get(subject, subject)}", of)
        for subject, of in sorted(selection.subjects.items())
    ]
    jobs.append(job(f"{_FOLDER}/feed.json", site.title, selection.site))
    return sorted([*rendered.values(), *context.run(write_feed, jobs)])


def _labels(parts: Iterable[Path]) -> dict[str, str]:
    table = pa.concat_tables(parquet.read(path, ["slug", "label"]) for path in parts)
    return dict(zip(table["slug"].to_pylist(), table["label"].to_pylist(), strict=True))


def write_feed(job: FeedJob) -> FileEntry:
    """Write one feed, or link that of the previous release if it was made from the same."""
    items = content.inputs(job.rendered, job.urls)
    inputs = digest(job.code, job.site, job.path, job.title, items)
    if known := job.cache.reuse(job.root, job.path, inputs=inputs):
        return known
    feed = {
        "version": _VERSION,
        "title": job.title,
        "home_page_url": job.site.absolute("/"),
        "feed_url": job.site.absolute(quote(job.path.removeprefix(_FOLDER))),
        **({"description": job.site.description} if job.site.description else {}),
        "language": job.site.language,
        "items": [_item(item, job.site) for item in content.items_of(job.rendered, job.urls)],
    }
    data = json.dumps(feed, ensure_ascii=False, indent=1).encode()
    return atomic.write_bytes(job.root, job.path, data)._replace(inputs=inputs)


def _item(item: Item, site: Site) -> dict[str, Any]:
    url = site.absolute(item.url)
    values = {
        "id": url,
        "url": url,
        "title": item.title,
        "content_html": item.html,
        "content_text": item.text,
        "summary": item.summary,
        **_dates(item),
        "authors": [{"name": author} for author in item.authors],
        "tags": item.tags,
    }
    return {name: value for name, value in values.items() if value or name == "content_html"}


def _dates(item: Item) -> dict[str, str]:
    dates = {}
    if item.published is not None:
        dates["date_published"] = utc(item.published)
    if item.modified is not None and (item.published is None or item.modified > item.published):
        dates["date_modified"] = utc(item.modified)
    return dates


def _depends_on(settings: Settings) -> Any:
    models = (settings.content, *settings.content.of_collections())
    extensions = {name for model in models for name in model.markdown_extensions}
    return [
        settings.site,
        settings.feeds,
        settings.content,
        versions_of_extensions(sorted(extensions)),
    ]


EXPORT = Export(
    name="json_feed",
    description="JSON Feed 1.1 of the newest articles, for the site and for each subject.",
    kinds=("json",),
    tables=lambda model: (
        *("articles", "article_authors", *content.lists_of_tags(model)),
        *("text_links", "subjects"),
    ),
    module=__name__,
    settings=_depends_on,
    write=write,
)
