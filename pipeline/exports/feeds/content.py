"""What feeds show of an article, whatever their format: rendered once, for all of them.

The rendered articles of each part are a file of the release, ``rendered/part-….parquet``. From it
all feeds of a run are made, and in it the next run finds those that say the same still: to render
one takes about a millisecond, to read it back a hundredth of that.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc

from ...base import web
from ...base.digests import digest
from ...content.addresses import link_rules
from ...content.damaged_description import is_damaged
from ...files import atomic, parquet
from ...files.atomic import FileEntry
from ...model.columns import Column
from ...model.content import ContentModel
from ...model.table import TIMESTAMP
from ...model.url_formats import formatted
from ...releases.cache import Cache
from ..article_lists import lists_of_tags, texts
from ..base import Context
from .selection import Place

_SUMMARY_CHARS = 300
_SHOWN = (
    "url",
    "source_path",
    "title",
    "text",
    "description",
    "published",
    "published_at",
    "modified",
    "first_seen",
    "language",
)
_IMAGE = "image"  # the column, where a site declares it as a text
_SCHEMA = pa.schema(
    {
        "url": pa.string(),
        "title": pa.string(),
        "html": pa.string(),
        "text": pa.string(),
        "summary": pa.string(),
        "published": TIMESTAMP,
        "modified": TIMESTAMP,
        "first_seen": TIMESTAMP,
        "language": pa.string(),
        "image": pa.string(),
        "authors": pa.list_(pa.string()),
        "tags": pa.list_(pa.string()),
        "inputs": pa.string(),
    }
)

# A row of articles: `_SHOWN`, its authors and tags, and how to read it.
_Article: TypeAlias = dict[str, Any]


class Item(NamedTuple):
    """An article as feeds show it.

    `url` is from the root of the site, `html` is safe and has absolute addresses, the other texts
    are plain; `title` and `summary` may be empty. A date alone is published at midnight
    UTC. `image` is an absolute URL, `language` a tag of BCP 47; both are null where nothing is
    known, as are `published` and `modified`. `inputs` is the digest of all that the item is made
    from.
    """

    url: str
    title: str
    html: str
    text: str
    summary: str
    published: dt.datetime | None
    modified: dt.datetime | None
    first_seen: dt.datetime
    language: str | None
    image: str | None
    authors: list[str]
    tags: list[str]
    inputs: str

    @property
    def changed(self) -> dt.datetime:
        """When it last changed, as far as that is known: at the latest when it was first seen."""
        return self.modified or self.published or self.first_seen

    @property
    def is_modified(self) -> bool:
        """Whether it changed after it was published, or there is no date of that."""
        return bool(self.modified and (not self.published or self.modified > self.published))


class RenderJob(NamedTuple):
    """The rows of one part that feeds have; they go to the file `path` below `root`."""

    rows: list[int]
    articles: Path
    authors: Path
    tags: list[Path]
    links: Path
    suffixes: tuple[str, ...]
    path: str
    base_url: str
    model: ContentModel
    root: Path
    code: str
    cache: Cache


def rendered(context: Context, places: Iterable[Place]) -> dict[int, FileEntry]:
    """Render the articles at some places: the files of their items, by the number of the part."""
    rows: dict[int, set[int]] = {}
    for place in places:
        rows.setdefault(place.part, set()).add(place.row)
    paths = {f"rendered/part-{part:05}.parquet": part for part in rows}
    jobs = [
        RenderJob(
            sorted(rows[part]),
            context.tables["articles"][part],
            context.tables["article_authors"][part],
            [context.tables[name][part] for name in lists_of_tags(context.settings.content)],
            context.tables["text_links"][part],
            link_rules(context.settings).suffixes,
            path,
            context.settings.site.base_url,
            context.settings.content,
            context.root,
            context.code,
            context.cache.only(path),
        )
        for path, part in paths.items()
    ]
    return {paths[entry.path]: entry for entry in context.run(render, jobs)}


def inputs(rendered: Mapping[int, Path], places: Sequence[Place]) -> list[str]:
    """What the items at some places are made from, as `Item.inputs`, without reading the items."""
    found: dict[str, str] = {}
    for part in sorted({place.part for place in places}):
        table = parquet.read(rendered[part], ["url", "inputs"])
        found |= zip(table["url"].to_pylist(), table["inputs"].to_pylist(), strict=True)
    return [found[place.url] for place in places]


def items_of(rendered: Mapping[int, Path], places: Sequence[Place]) -> list[Item]:
    """The items at some places, in their order, from the file that `render` wrote of each part."""
    urls = [place.url for place in places]
    found = {
        item.url: item
        for part in sorted({place.part for place in places})
        for item in _items(parquet.read(rendered[part]), pc.field("url").isin(urls))
    }
    return [found[url] for url in urls]


def _items(table: pa.Table, wanted: pc.Expression) -> Iterator[Item]:
    return (Item(**row) for row in table.filter(wanted).to_pylist())


def render(job: RenderJob) -> FileEntry:
    """Render the articles of a part, or link what the previous release has of the same.

    Parts may get other numbers, as when one is cut in two: then all of theirs is rendered anew.
    """
    articles = _articles(job)
    of_each = [digest(job.code, job.base_url, article) for article in articles]
    of_all = digest(of_each)
    if known := job.cache.reuse(job.root, job.path, inputs=of_all):
        return known
    before = _before(job, of_each)
    items = [
        before.get(of_one) or _item(article, job, of_one)
        for article, of_one in zip(articles, of_each, strict=True)
    ]
    data = parquet.to_parquet(parquet.to_table(items, _SCHEMA))
    return atomic.write_bytes(job.root, job.path, data)._replace(inputs=of_all)


def _articles(job: RenderJob) -> list[_Article]:
    has_image = job.model.all_columns().get(_IMAGE, _NO_COLUMN).type == "text"
    columns = (*_SHOWN, _IMAGE) if has_image else _SHOWN
    table = parquet.read(job.articles, columns).take(job.rows)
    urls = table["url"].to_pylist()
    authors = texts([job.authors], "author", "author", urls)
    tags, links = texts(job.tags, "term", "term_key", urls), _links(job, urls)
    return [
        {
            **row,
            "authors": authors.get(row["url"], []),
            "tags": tags.get(row["url"], []),
            "links": links.get(row["url"], {}),
            **_rules(row.pop("source_path"), job.model),
        }
        for row in table.to_pylist()
    ]


_NO_COLUMN = Column("boolean")


def _rules(path: str, site: ContentModel) -> dict[str, Any]:
    """How a text of the file at a path is to be read."""
    model = site.of(path).model
    return {"rules": model.markdown, "may_be_damaged": "damaged-description" in model.lint}


_LINK = ("url", "kind", "href", "target_url", "fragment", "status")


def _links(job: RenderJob, urls: Sequence[str]) -> Mapping[str, dict[str, str | None]]:
    """What the links of articles lead to, as `markup.html.Links`, by the url of the article."""
    table = parquet.read(job.links, _LINK)
    known = pc.is_in(table["status"], pa.array(["ok", "self", "missing"]))
    known = pc.and_(known, pc.not_equal(table["kind"], "image"))
    found: dict[str, dict[str, str | None]] = {}
    for row in table.filter(pc.and_(known, pc.is_in(table["url"], pa.array(urls)))).to_pylist():
        is_name = row["kind"] in ("wikilink", "embed")
        if row["status"] == "missing" and not is_name and _may_be_page(row["href"], job.suffixes):
            continue
        written = f"[[{row['href']}]]" if is_name else row["href"]
        found.setdefault(row["url"], {})[written] = _leads_to(row, job.base_url, is_name=is_name)
    return found


def _may_be_page(href: str, suffixes: Sequence[str]) -> bool:
    """Whether a url from the root may be that of a page without a file, such as a list of tags."""
    path = href.partition("#")[0].partition("?")[0]
    is_whole = href.startswith(("/", "http://", "https://"))
    return is_whole and "{" not in href and not path.lower().endswith(tuple(suffixes))


def _leads_to(row: Mapping[str, Any], base_url: str, *, is_name: bool) -> str | None:
    """The absolute URL of a link, with its query and fragment; None if it leads nowhere."""
    target = row["target_url"]
    if target is None:
        return None
    path, mark, fragment = row["href"].partition("#")
    query = path[path.find("?") :] if "?" in path and "?" not in target else ""
    if is_name and fragment:  # the words of a heading
        fragment = formatted(fragment.rpartition("#")[2], "github")
    return f"{base_url}{target}{query}{mark}{quote(fragment, safe=_IN_FRAGMENT)}"


_IN_FRAGMENT = "%:/?@!$&'()*+,;=-._~"  # RFC 3986, 3.5


def _before(job: RenderJob, of_each: Sequence[str]) -> Mapping[str, Item]:
    """The items of the previous release that were made from the same, by the digest of that."""
    if job.path not in job.cache.files:
        return {}
    table = parquet.read(job.cache.root / job.path)
    return {item.inputs: item for item in _items(table, pc.field("inputs").isin(of_each))}


def _item(article: _Article, job: RenderJob, of_one: str) -> Item:
    # A tenth of a second that a worker is spared if all items are known.
    from ...markup import document, plain  # noqa: PLC0415

    text = article["text"] or ""
    read = document.read(text, article["rules"])
    description = _description(article, text) or read.summary(_SUMMARY_CHARS)
    page_url = job.base_url + article["url"]
    return Item(
        article["url"],
        plain.line(article["title"] or ""),
        read.html(page_url, job.base_url, article["links"]),
        read.text(),
        plain.line(description),
        _published_at(article),
        article["modified"],
        article["first_seen"],
        language_tag(article["language"]),
        _image(article.get(_IMAGE), page_url, job.base_url),
        article["authors"],
        article["tags"],
        of_one,
    )


def _description(article: _Article, text: str) -> str | None:
    """The description; None where it is empty or damaged, and the text must speak for itself."""
    description = (article["description"] or "").strip()
    if article["may_be_damaged"] and is_damaged(description, article["title"] or "", text):
        return None
    return description or None


def _image(stated: str | None, page_url: str, base_url: str) -> str | None:
    """The absolute URL of an image; None where none is stated that readers could load."""
    from ...markup import html  # noqa: PLC0415

    url = html.absolute(stated.strip(), page_url, base_url) if stated else None
    return web.uri(url) if url and url.startswith(("http://", "https://")) else None


def language_tag(language: str | None) -> str | None:
    """A language as feeds name it (BCP 47); None where it is none."""
    tag = (language or "").replace("_", "-")
    return tag if _TAG.fullmatch(tag) else None


_TAG = re.compile("[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def _published_at(article: _Article) -> dt.datetime | None:
    """When an article was published: midnight in UTC of its day where no time is stated.

    None where that is yet to come: only then was it modified before.
    """
    if article["published"] is None:
        return None
    midnight = dt.datetime.combine(article["published"], dt.time(), dt.UTC)
    time: dt.datetime = article["published_at"] or midnight
    return time if article["modified"] and time <= article["modified"] else None
