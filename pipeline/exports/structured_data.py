"""Structured data for the pages of articles: JSON-LD in the words of schema.org.

``site/structured-data.jsonl`` has a line for each article that search engines are to find, with its
url and the text for the element ``script`` of its page. A property that is not known is left out,
and none is guessed. Off by default: `exports.structured_data` in the settings.

An article is an ``Article``. Where the owner asserts that users can submit answers, one that states
a question is a ``QAPage``, whose answer is the whole text.

The texts of each part are a file of the release, ``structured/part-….parquet``, in which the next
run finds those that say the same still.
"""

import datetime as dt
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urljoin

import pyarrow as pa
import pyarrow.compute as pc

from ..base import web
from ..base.digests import digest
from ..files import atomic, parquet
from ..files.atomic import FileEntry
from ..model.content import ContentModel
from ..model.settings import QUESTION, Exports, Settings, Site
from ..releases.cache import Cache
from .article_lists import lists_of_tags, texts
from .base import Context, Export, of_markdown, utc, write_lines

_PATH = "site/structured-data.jsonl"
_SCHEMA = pa.schema({"url": pa.string(), "jsonld": pa.string()})
_COLUMNS = (
    *("url", "source_path", "language", "title", "description", "text"),
    *("published", "published_at", "modified", "no_index"),
)
_IMAGE = "image"  # that of an article, where the site declares such a column
# What would end the element around a text, or let it go on (HTML, 4.12.1.3); in no text of JSON do
# other characters mean the same.
_ACTING = re.compile("</|<(?=!--|script)|[\u2028\u2029]", re.IGNORECASE)
_ESCAPED = {"</": r"<\/", "<": r"\u003c", "\u2028": r"\u2028", "\u2029": r"\u2029"}

# A row of articles: `_COLUMNS`, the declared ones, its authors, subjects and tags.
_Article = dict[str, Any]


class PartJob(NamedTuple):
    """The articles of one part; the texts go to the file `path` below `root`.

    `version` is the digest of what they depend on besides the articles.
    """

    articles: Path
    authors: Path
    subjects: Path
    tags: list[Path]
    path: str
    site: Site
    model: ContentModel
    exports: Exports
    root: Path
    version: str
    cache: Cache


class FileJob(NamedTuple):
    """The texts of all parts, which are files below `root`."""

    parts: tuple[str, ...]
    root: Path


def write(context: Context) -> list[FileEntry]:
    """Write the file, and what it is made from, if the settings ask for it."""
    settings, tables = context.settings, context.tables
    if settings.exports.structured_data == "off":
        return []
    version = digest(context.code, _depends_on(settings))
    jobs = [
        PartJob(
            articles,
            tables["article_authors"][number],
            tables["article_subjects"][number],
            [tables[name][number] for name in lists_of_tags(settings.content)],
            path := f"structured/part-{number:05}.parquet",
            settings.site,
            settings.content,
            settings.exports,
            context.root,
            version,
            context.cache.only(path),
        )
        for number, articles in enumerate(tables["articles"])
    ]
    parts = sorted(context.run(write_part, jobs))
    inputs = digest(version, [part.sha256 for part in parts])
    whole = context.cache.reuse(context.root, _PATH, inputs=inputs)
    if whole is None:
        job = FileJob(tuple(part.path for part in parts), context.root)
        whole = next(iter(context.run(write_file, [job])))._replace(inputs=inputs)
    return [whole, *parts]


def write_part(job: PartJob) -> FileEntry:
    """Write the texts of a part, or link what the previous release has of the same."""
    articles = _articles(job)
    inputs = digest(job.version, articles)
    if known := job.cache.reuse(job.root, job.path, inputs=inputs):
        return known
    rows = [(article["url"], _json_ld(article, job)) for article in articles]
    data = parquet.to_parquet(parquet.to_table(rows, _SCHEMA))
    return atomic.write_bytes(job.root, job.path, data, len(rows))._replace(inputs=inputs)


def write_file(job: FileJob) -> FileEntry:
    """Write the lines of all parts."""
    rows = (row for path in job.parts for row in parquet.read(job.root / path).to_pylist())
    return write_lines(job.root, _PATH, rows)


def _articles(job: PartJob) -> list[_Article]:
    columns = [*_COLUMNS, *_declared(job.model)]
    table = parquet.read(job.articles, columns)
    table = table.filter(pc.invert(table["no_index"]))
    authors = texts([job.authors], "author", "author")
    subjects = texts([job.subjects], "subject", "subject_slug")
    tags = texts(job.tags, "term", "term_key")
    return [
        {
            **row,
            "rules": job.model.of(row["source_path"]).model.markdown,
            "authors": authors.get(row["url"], []),
            "subjects": subjects.get(row["url"], []),
            "tags": tags.get(row["url"], []),
        }
        for row in table.to_pylist()
    ]


def _declared(model: ContentModel) -> list[str]:
    """The columns of texts that a site may declare, and that mean something here."""
    declared = model.all_columns()
    return [
        name for name in (QUESTION, _IMAGE) if name in declared and declared[name].type == "text"
    ]


def _json_ld(article: _Article, job: PartJob) -> str:
    """JSON-LD as the text of an element ``script``."""
    is_question = job.exports.structured_data == "qapage" and article.get(QUESTION)
    answer = _answer(article) if is_question else ""
    stated = _page(article, answer, job) if answer else _article(article, job)
    return script_text(_known(stated))


def script_text(stated: Mapping[str, Any]) -> str:
    """JSON that ends no element ``script``, whatever its texts hold."""
    text = json.dumps(stated, ensure_ascii=False)
    return _ACTING.sub(lambda found: _ESCAPED[found[0]], text)


def _known(stated: Mapping[str, Any]) -> dict[str, Any]:
    """The properties that are known, in their order."""
    return {name: value for name, value in stated.items() if value not in ("", None, [])}


def _article(article: _Article, job: PartJob) -> dict[str, Any]:
    from . import described  # noqa: PLC0415  it knows Markdown, which few sites need here

    url = job.site.absolute(article["url"])
    return {
        "@context": "https://schema.org",
        "@type": "Article",
        "mainEntityOfPage": {"@type": "WebPage", "@id": url},
        "url": url,
        "headline": described.title(article),
        "description": described.description(article, job.model),
        "image": _image(article, url, job.site),
        "inLanguage": article["language"] or job.site.language,
        **_dates(article),
        "author": _authors(article, job.site),
        "about": [{"@type": "Thing", "name": name} for name in article["subjects"]],
        "keywords": article["tags"],
        "digitalSourceType": _source_type(job.exports),
    }


def _page(article: _Article, answer: str, job: PartJob) -> dict[str, Any]:
    """A page of a question and its answer; that anybody accepted this is not known."""
    from . import described  # noqa: PLC0415

    url, dates = job.site.absolute(article["url"]), _dates(article)
    question = " ".join(article[QUESTION].split())
    entity = {
        "@type": "Question",
        "name": described.title(article) or question,
        "text": question,
        "answerCount": 1,
        **dates,
        "suggestedAnswer": _known(
            {
                "@type": "Answer",
                "text": answer,
                **dates,
                "author": _authors(article, job.site),
                "digitalSourceType": _source_type(job.exports),
            }
        ),
    }
    return {
        "@context": "https://schema.org",
        "@type": "QAPage",
        "@id": url,
        "url": url,
        "inLanguage": article["language"] or job.site.language,
        "image": _image(article, url, job.site),
        "about": [{"@type": "Thing", "name": name} for name in article["subjects"]],
        "keywords": article["tags"],
        "mainEntity": _known(entity),
    }


def _answer(article: _Article) -> str:
    """The whole text, as readers see it."""
    from ..markup import document  # noqa: PLC0415

    return document.read(article["text"] or "", article["rules"]).text()


def _dates(article: _Article) -> dict[str, str]:
    """When it was published and modified (ISO 8601), what is known of that and no contradiction."""
    day, time, modified = (article[name] for name in ("published", "published_at", "modified"))
    dates = {"datePublished": utc(time) if time else f"{day}"} if day else {}
    began = time or (day and dt.datetime.combine(day, dt.time(), dt.UTC))
    if modified and (began is None or modified >= began):
        dates["dateModified"] = utc(modified)
    return dates


def _authors(article: _Article, site: Site) -> list[dict[str, str]]:
    return [
        {"@type": "Organization" if name == site.title else "Person", "name": name}
        for name in article["authors"]
        if name
    ]


def _image(article: _Article, url: str, site: Site) -> str:
    stated = (article.get(_IMAGE) or "").strip()
    is_of_site = stated.startswith("/") and not stated.startswith("//")
    absolute = site.absolute(stated) if is_of_site else urljoin(url, stated)
    return web.uri(absolute) if stated else ""


def _source_type(exports: Exports) -> str:
    kind = exports.digital_source_type
    return f"https://schema.org/{kind}" if kind else ""


def _depends_on(settings: Settings) -> Any:
    if settings.exports.structured_data == "off":
        return None
    exports = settings.exports.structured_data, settings.exports.digital_source_type
    return [settings.site, exports, *of_markdown(settings.content)]


EXPORT = Export(
    name="structured_data",
    description="JSON-LD (schema.org) for the pages of articles; off by default.",
    kinds=("json",),
    tables=lambda model: (
        *("articles", "article_authors", "article_subjects"),
        *lists_of_tags(model),
    ),
    module=__name__,
    settings=_depends_on,
    write=write,
)
