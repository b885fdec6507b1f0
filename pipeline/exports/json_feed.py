"""JSON Feed 1.1 (jsonfeed.org): the newest articles of the site and of each subject.

The id of an item is its absolute url: the number of an article is not unique. Newest is by time
of publication, descending, then by url; a date alone is midnight UTC. An item has its content as
HTML and as plain text, for readers that show no HTML.
"""

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc

from pipeline import store
from pipeline.exports.base import NO_SUBJECT, Context, Export, utc
from pipeline.plain import summary, to_text
from pipeline.render import to_html
from pipeline.schemas import TIMESTAMP
from pipeline.seo import is_damaged
from pipeline.settings import Exports, Settings, Site
from pipeline.store import FileEntry

_FOLDER = "site"
_VERSION = "https://jsonfeed.org/version/1.1"
_SUMMARY_CHARS = 300
_SELECTED_BY = ("url", "subject_slug", "published", "published_at", "no_index")
_SHOWN = (
    "url",
    "title",
    "answer",
    "body",
    "description",
    "author",
    "published",
    "published_at",
    "modified",
)


class Place(NamedTuple):
    """Where an article stands: the number of its part, and its row there."""

    part: int
    row: int


class SelectJob(NamedTuple):
    """The choice of the newest articles."""

    articles: tuple[Path, ...]
    exports: Exports


class Selection(NamedTuple):
    """The newest articles of the site and of each subject, newest first."""

    site: list[Place]
    subjects: dict[str, list[Place]]


class FeedJob(NamedTuple):
    """One feed."""

    path: str
    title: str
    places: list[Place]
    articles: tuple[Path, ...]
    keywords: tuple[Path, ...]
    site: Site
    root: Path


def write(context: Context) -> list[FileEntry]:
    """Write ``site/feed.json`` and ``site/feeds/<subject>.json``."""
    articles, keywords = context.tables["articles"], context.tables["keywords"]
    selection = next(iter(context.run(select, [SelectJob(articles, context.settings.exports)])))
    site = context.settings.site
    feeds = {f"{_FOLDER}/feed.json": (site.title, selection.site)}
    labels = _labels(context.tables["subjects"])
    for subject, places in sorted(selection.subjects.items()):
        title = f"{site.title}: {labels.get(subject, subject)}"
        feeds[f"{_FOLDER}/feeds/{subject}.json"] = (title, places)
    jobs = [
        FeedJob(path, title, places, articles, keywords, site, context.root)
        for path, (title, places) in feeds.items()
    ]
    return sorted(context.run(write_feed, jobs))


def _labels(parts: Iterable[Path]) -> dict[str, str]:
    table = pa.concat_tables(store.read(path, ["slug", "label"]) for path in parts)
    return dict(zip(table["slug"].to_pylist(), table["label"].to_pylist(), strict=True))


def select(job: SelectJob) -> Selection:
    """Choose the newest articles, keeping no more of a part than could still be chosen."""
    newest: pa.Table | None = None
    for number, path in enumerate(job.articles):
        candidates = _candidates(store.read(path, _SELECTED_BY), number)
        merged = candidates if newest is None else pa.concat_tables([newest, candidates])
        newest = _newest(merged, job.exports)
    subjects: dict[str, list[Place]] = {}
    site: list[Place] = []
    for row in newest.to_pylist() if newest is not None else ():
        place = Place(row["part"], row["row"])
        site.append(place)
        subjects.setdefault(row["subject"], []).append(place)
    limits = job.exports
    return Selection(
        site[: limits.feed_items],
        {name: places[: limits.subject_feed_items] for name, places in subjects.items()},
    )


def _candidates(articles: pa.Table, part: int) -> pa.Table:
    table = pa.table(
        {
            "time": _times(articles),
            "url": articles["url"],
            "subject": pc.fill_null(articles["subject_slug"], NO_SUBJECT),
            "part": pa.repeat(pa.scalar(part, pa.int32()), len(articles)),
            "row": pa.array(range(len(articles)), pa.int32()),
        }
    )
    return table.filter(pc.invert(articles["no_index"]))


def _times(articles: pa.Table) -> pa.ChunkedArray:
    return pc.coalesce(articles["published_at"], articles["published"].cast(TIMESTAMP))


def _newest(candidates: pa.Table, limits: Exports) -> pa.Table:
    """The rows, newest first, that are among the newest of the site or of their subject."""
    ordered = candidates.sort_by([("time", "descending"), ("url", "ascending")])
    seen: dict[str, int] = {}
    chosen = []
    for index, subject in enumerate(ordered["subject"].to_pylist()):
        seen[subject] = seen.get(subject, 0) + 1
        if index < limits.feed_items or seen[subject] <= limits.subject_feed_items:
            chosen.append(index)
    return ordered.take(pa.array(chosen, pa.int64()))


def write_feed(job: FeedJob) -> FileEntry:
    """Write one feed."""
    feed = {
        "version": _VERSION,
        "title": job.title,
        "home_page_url": job.site.absolute("/"),
        "feed_url": job.site.absolute(quote(job.path.removeprefix(_FOLDER))),
        **({"description": job.site.description} if job.site.description else {}),
        "language": job.site.language,
        "items": [_item(article, job.site) for article in _articles(job)],
    }
    data = json.dumps(feed, ensure_ascii=False, indent=1).encode()
    return store.write_bytes(job.root, job.path, data)


def _articles(job: FeedJob) -> list[dict[str, Any]]:
    """The articles of a feed, with their keywords, in its order."""
    found: dict[Place, dict[str, Any]] = {}
    for part in sorted({place.part for place in job.places}):
        rows = [place.row for place in job.places if place.part == part]
        articles = store.read(job.articles[part], _SHOWN).take(rows).to_pylist()
        keywords = _keywords(job.keywords[part], [article["url"] for article in articles])
        for row, article in zip(rows, articles, strict=True):
            found[Place(part, row)] = {**article, "keywords": keywords.get(article["url"], [])}
    return [found[place] for place in job.places]


def _keywords(part: Path, urls: Sequence[str]) -> dict[str, list[str]]:
    """The keywords of some urls, each once whatever its case."""
    table = store.read(part, ["url", "keyword", "keyword_key"])
    keywords: dict[str, dict[str, str]] = {}
    for row in table.filter(pc.is_in(table["url"], pa.array(urls))).to_pylist():
        keywords.setdefault(row["url"], {}).setdefault(row["keyword_key"], row["keyword"])
    return {url: list(by_key.values()) for url, by_key in keywords.items()}


def _item(article: dict[str, Any], site: Site) -> dict[str, Any]:
    url, author = site.absolute(article["url"]), (article["author"] or "").strip()
    text = (article["body"] if article["answer"] is None else article["answer"]) or ""
    item = {
        "id": url,
        "url": url,
        "title": article["title"],
        "content_html": to_html(text, url, site.base_url),
        "content_text": to_text(text),
        "summary": _summary(article, text),
        **_dates(article),
        "authors": [{"name": author}] if author else None,
        "tags": article["keywords"],
    }
    return {name: value for name, value in item.items() if value or name == "content_html"}


def _summary(article: dict[str, Any], text: str) -> str:
    """The description, or the beginning of the text where it is empty or damaged."""
    description = (article["description"] or "").strip()
    if description and not is_damaged(description, article["title"] or "", text):
        return description
    return summary(text, _SUMMARY_CHARS)


def _dates(article: dict[str, Any]) -> dict[str, str]:
    if article["published"] is None:
        return {"date_modified": utc(article["modified"])}
    midnight = dt.datetime.combine(article["published"], dt.time(), dt.UTC)
    published = article["published_at"] or midnight
    dates = {"date_published": utc(published)}
    if article["modified"] > published:
        dates["date_modified"] = utc(article["modified"])
    return dates


def _depends_on(settings: Settings) -> Any:
    limits = settings.exports
    return [settings.site, limits.feed_items, limits.subject_feed_items]


EXPORT = Export(
    name="json_feed",
    description="JSON Feed 1.1 of the newest articles, for the site and for each subject.",
    kinds=("json",),
    tables=("articles", "keywords", "subjects"),
    modules=(
        __name__,
        "pipeline.exports.base",
        "pipeline.mathml",
        "pipeline.plain",
        "pipeline.render",
        "pipeline.schemas",
        "pipeline.seo",
        "pipeline.settings",
        "pipeline.store",
        "pipeline.text",
    ),
    libraries=("latex2mathml", "markdown", "nh3", "pyarrow"),
    settings=_depends_on,
    write=write,
)
