"""JSON Feed 1.1 (jsonfeed.org): the newest articles of the site and of each subject.

The id of an item is its absolute url: the number of an article is not unique. An item has its
content as HTML and as plain text, for readers that show no HTML.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc

from ...base.fingerprint import digest, versions_of_extensions
from ...content.damaged_description import is_damaged
from ...files import atomic, parquet
from ...files.atomic import FileEntry
from ...markup.rules import Rules
from ...model.article_row import published_at, text_of
from ...model.settings import Settings, Site
from ...tables import url_index
from ..base import Context, Export, Previous, linked, utc
from .selection import Place, Selection, SelectJob, select

_FOLDER = "site"
_VERSION = "https://jsonfeed.org/version/1.1"
_SUMMARY_CHARS = 300
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
    "content_sha256",
)

_Article: TypeAlias = dict[str, Any]  # a row of articles: `_SHOWN`, and its keywords


class GatherJob(NamedTuple):
    """The articles of one part that feeds have; they go to the file `gathered`."""

    rows: list[int]
    articles: Path
    keywords: Path
    gathered: Path


class FeedJob(NamedTuple):
    """One feed; `gathered` are the articles of parts, by number.

    `beside` are feeds of this run that share items.
    """

    path: str
    title: str
    places: list[Place]
    gathered: Mapping[int, Path]
    site: Site
    rules: Rules
    root: Path
    code: str
    previous: Previous | None
    beside: tuple[str, ...] = ()


class Content(NamedTuple):
    """The text of an article as an item has it."""

    html: str
    text: str


def write(context: Context) -> list[FileEntry]:
    """Write ``site/feed.json`` and ``site/feeds/<subject>.json``.

    Subjects come first: the feed of the site takes from theirs the items that they share.
    """
    articles, site = context.tables["articles"], context.settings.site
    rules = context.settings.content.markdown
    selection = next(iter(context.run(select, [SelectJob(articles, context.settings.exports)])))
    gathered = _gathered(context, selection)

    def job(path: str, title: str, places: list[Place], *beside: str) -> FeedJob:
        of_places = {part: gathered[part] for part in {place.part for place in places}}
        previous = context.previous.only(path) if context.previous else None
        made_from = of_places, site, rules, context.root, context.code, previous
        return FeedJob(path, title, places, *made_from, beside)

    labels = _labels(context.tables["subjects"])
    subjects = [
        job(f"{_FOLDER}/feeds/{subject}.json", f"{site.title}: {labels.get(subject, subject)}", of)
        for subject, of in sorted(selection.subjects.items())
    ]
    of_site = set(selection.site)
    beside = [feed.path for feed in subjects if not of_site.isdisjoint(feed.places)]
    whole = job(f"{_FOLDER}/feed.json", site.title, selection.site, *beside)
    return sorted([*context.run(write_feed, subjects), *context.run(write_feed, [whole])])


def _gathered(context: Context, selection: Selection) -> dict[int, Path]:
    """Where the articles that feeds have were gathered, by part: each part is read but once."""
    rows: dict[int, set[int]] = {}
    for place in chain(selection.site, *selection.subjects.values()):
        rows.setdefault(place.part, set()).add(place.row)
    articles, keywords = context.tables["articles"], context.tables["keywords"]
    gathered = {part: context.work / f"feeds-{part:05}" for part in rows}
    jobs = [
        GatherJob(sorted(of_part), articles[part], keywords[part], gathered[part])
        for part, of_part in rows.items()
    ]
    for _ in context.run(gather, jobs):
        pass
    return gathered


def _labels(parts: Iterable[Path]) -> dict[str, str]:
    table = pa.concat_tables(parquet.read(path, ["slug", "label"]) for path in parts)
    return dict(zip(table["slug"].to_pylist(), table["label"].to_pylist(), strict=True))


def write_feed(job: FeedJob) -> FileEntry:
    """Write one feed, or link that of the previous release if it was made from the same."""
    articles = _articles(job)
    inputs = digest(job.code, job.site, job.rules, job.title, articles)
    if known := linked(job.previous, job.root, job.path, lambda known: known.inputs == inputs):
        return known
    items = _beside(job)
    others = [one for one in articles if job.site.absolute(one["url"]) not in items]
    contents = _contents_before(job, others)
    for article in others:
        item = _item(article, job, contents)
        items[item["id"]] = item
    feed = {
        "version": _VERSION,
        "title": job.title,
        "home_page_url": job.site.absolute("/"),
        "feed_url": job.site.absolute(quote(job.path.removeprefix(_FOLDER))),
        **({"description": job.site.description} if job.site.description else {}),
        "language": job.site.language,
        "items": [items[job.site.absolute(place.url)] for place in job.places],
    }
    data = json.dumps(feed, ensure_ascii=False, indent=1).encode()
    return atomic.write_bytes(job.root, job.path, data)._replace(inputs=inputs)


def _contents_before(job: FeedJob, articles: list[_Article]) -> dict[str, Content]:
    """The contents in the same feed of the previous release of articles that say the same still."""
    if job.previous is None or job.previous.memory is None or job.path not in job.previous.files:
        return {}
    memory = url_index.read(job.previous.memory)
    rows = url_index.find(memory, [article["url"] for article in articles]).tolist()
    same = [
        article["url"]
        for article, row in zip(articles, rows, strict=True)
        if row >= 0 and url_index.to_hex(memory["content"][row]) == article["content_sha256"]
    ]
    return {
        item["id"]: Content(item["content_html"], item.get("content_text", ""))
        for item in _items(job.previous.root / job.path, map(job.site.absolute, same))
    }


def _beside(job: FeedJob) -> dict[str, dict[str, Any]]:
    """The items of this feed that stand in other feeds of this run, by id."""
    urls = [job.site.absolute(place.url) for place in job.places]
    return {item["id"]: item for path in job.beside for item in _items(job.root / path, urls)}


def _items(feed: Path, urls: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The items of a feed that have some urls."""
    wanted = set(urls)
    yield from (item for item in json.loads(feed.read_bytes())["items"] if item["id"] in wanted)


def gather(job: GatherJob) -> None:
    """Take what feeds show of some articles of a part."""
    articles = parquet.read(job.articles, _SHOWN).take(job.rows)
    keywords = _keywords(job.keywords, articles["url"].to_pylist())
    tags = [keywords.get(url, []) for url in articles["url"].to_pylist()]
    articles = articles.append_column("row", pa.array(job.rows, pa.int32()))
    articles = articles.append_column("keywords", pa.array(tags, pa.list_(pa.string())))
    parquet.write_scratch(job.gathered, articles)


def _articles(job: FeedJob) -> list[_Article]:
    """The articles of a feed, in its order."""
    found: dict[tuple[int, int], _Article] = {}
    for part, gathered in sorted(job.gathered.items()):
        rows = pa.array([place.row for place in job.places if place.part == part], pa.int32())
        table = parquet.read(gathered)
        for article in table.filter(pc.is_in(table["row"], rows)).to_pylist():
            found[part, article.pop("row")] = article
    return [found[place.part, place.row] for place in job.places]


def _keywords(part: Path, urls: Sequence[str]) -> dict[str, list[str]]:
    """The keywords of some urls, each once whatever its case."""
    table = parquet.read(part, ["url", "keyword", "keyword_key"])
    keywords: dict[str, dict[str, str]] = {}
    for row in table.filter(pc.is_in(table["url"], pa.array(urls))).to_pylist():
        keywords.setdefault(row["url"], {}).setdefault(row["keyword_key"], row["keyword"])
    return {url: list(by_key.values()) for url, by_key in keywords.items()}


def _item(article: _Article, job: FeedJob, contents: Mapping[str, Content]) -> dict[str, Any]:
    # A tenth of a second that a worker is spared if all items are known.
    from ...markup import document, plain  # noqa: PLC0415

    site = job.site
    url, author = site.absolute(article["url"]), (article["author"] or "").strip()
    text = text_of(article) or ""
    description = _description(article, text)
    content = contents.get(url)
    if content is None or description is None:
        read = document.read(text, job.rules)
        content = content or Content(read.html(url, site.base_url), read.text())
        description = description or read.summary(_SUMMARY_CHARS)
    item = {
        "id": url,
        "url": url,
        "title": plain.line(article["title"] or ""),
        "content_html": content.html,
        "content_text": content.text,
        "summary": plain.line(description),
        **_dates(article),
        "authors": [{"name": author}] if author else None,
        "tags": article["keywords"],
    }
    return {name: value for name, value in item.items() if value or name == "content_html"}


def _description(article: _Article, text: str) -> str | None:
    """The description; None where it is empty or damaged, and the text must speak for itself."""
    description = (article["description"] or "").strip()
    is_usable = description and not is_damaged(description, article["title"] or "", text)
    return description if is_usable else None


def _dates(article: _Article) -> dict[str, str]:
    published = published_at(article)
    if published is None:
        return {"date_modified": utc(article["modified"])}
    dates = {"date_published": utc(published)}
    if article["modified"] > published:
        dates["date_modified"] = utc(article["modified"])
    return dates


def _depends_on(settings: Settings) -> Any:
    limits = settings.exports
    counts = limits.feed_items, limits.subject_feed_items
    rules = settings.content.markdown
    return [settings.site, counts, rules, versions_of_extensions(rules.extensions)]


EXPORT = Export(
    name="json_feed",
    description="JSON Feed 1.1 of the newest articles, for the site and for each subject.",
    kinds=("json",),
    tables=("articles", "keywords", "subjects"),
    module=__name__,
    settings=_depends_on,
    write=write,
)
