"""``site/llms.txt`` (llmstxt.org): what there is on the site, for language models.

It is a Markdown file in which names and notes are text, whatever they hold. Off by default:
`exports.llms` in the settings.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from ..base.wording import counted
from ..files import parquet
from ..files.atomic import FileEntry
from ..model.schemas import NO_SUBJECT
from ..model.settings import Settings, Site
from .as_markdown import in_block, text
from .base import Context, Export, always, write_text
from .feeds.document import Format
from .feeds.documents import FORMATS
from .feeds.selection import Key
from .sitemaps import listing

_PATH = "site/llms.txt"
_FEEDS = "Feeds"
# Of a subject of these names the section would be another, or one that may be left out.
_TAKEN = {_FEEDS.casefold(), "optional"}
# The reference parser of llmstxt.org finds the summary where something stands behind it alone.
_ABOUT = "Feeds hold the newest articles."
_WITHOUT_SUBJECT = "Others"
_IN_URLS = str.maketrans({"(": "%28", ")": "%29"})


class LlmsJob(NamedTuple):
    """All articles and subjects of a site."""

    articles: tuple[Path, ...]
    subjects: tuple[Path, ...]
    settings: Settings

    @property
    def site(self) -> Site:
        """What the file says of the site, and where that is."""
        return self.settings.site

    @property
    def has_titles(self) -> bool:
        """Whether each article is listed."""
        return self.settings.exports.llms == "titles"


def write(context: Context) -> list[FileEntry]:
    """Write the file, if the settings ask for it."""
    tables, settings = context.tables, context.settings
    if settings.exports.llms == "off":
        return []
    job = LlmsJob(tables["articles"], tables["subjects"], settings)
    return [write_text(context, _PATH, next(iter(context.run(text_of, [job]))))]


def text_of(job: LlmsJob) -> str:
    """The whole file: articles that search engines are not to find stand nowhere in it."""
    asked = job.settings.feeds.formats
    articles, formats = _by_subject(job), [one for one in FORMATS if one.name in asked]
    labels = _labels(job.subjects)
    if job.has_titles:
        sections = [
            _section(_heading(labels.get(subject, _WITHOUT_SUBJECT)), articles[subject])
            for subject in sorted(articles)
        ]
    else:
        counts = {
            name: counted(len(articles[name]), "article") for name in labels if name in articles
        }
        lines = [
            _link(labels[name], _address(job.site, formats[0], Key("subjects", name)), counts[name])
            for name in sorted(counts)
            if formats
        ]
        sections = [_section("Subjects", lines)]
    feeds = [
        _link(form.label, _address(job.site, form, Key("site")), "the newest articles")
        for form in formats
    ]
    if listing.is_any(job.articles, job.settings):
        feeds.append(_link("Sitemap", job.site.absolute("/sitemap.xml"), "all articles"))
    head = [f"# {text(job.site.title)}"]
    if job.site.description:
        head.append(f"> {in_block(job.site.description)}")
    return "\n\n".join(filter(None, [*head, _ABOUT, *sections, _section(_FEEDS, feeds)])) + "\n"


def _address(site: Site, form: Format, key: Key) -> str:
    return site.served_at(form.path(key))


def _by_subject(job: LlmsJob) -> dict[str, list[str]]:
    """A line for each article, by the slug of its subject; empty if titles are not asked for."""
    found: dict[str, list[str]] = {}
    line_of, columns = _titles(job) if job.has_titles else (lambda _: "", ())
    for path in job.articles:
        articles = parquet.read(path, ["url", "subject_slug", "no_index", *columns])
        for row in articles.filter(pc.invert(articles["no_index"])).to_pylist():
            found.setdefault(row["subject_slug"] or NO_SUBJECT, []).append(line_of(row))
    return found


def _titles(job: LlmsJob) -> tuple[Callable[[Mapping[str, Any]], str], tuple[str, ...]]:
    """What makes the line of an article, and the columns that it looks at."""
    from . import described  # noqa: PLC0415  it knows Markdown, which few sites need here

    def line_of(row: Mapping[str, Any]) -> str:
        name = described.title(row) or row["url"]
        return _link(
            name, job.site.absolute(row["url"]), described.description(row, job.settings.content)
        )

    return line_of, described.COLUMNS


def _labels(parts: tuple[Path, ...]) -> dict[str, str]:
    table = pa.concat_tables(parquet.read(path, ["slug", "label"]) for path in parts)
    return dict(zip(table["slug"].to_pylist(), table["label"].to_pylist(), strict=True))


def _heading(label: str) -> str:
    return f"{label} (subject)" if label.casefold() in _TAKEN else label


def _section(heading: str, lines: list[str]) -> str:
    """A section; empty without lines."""
    return f"## {text(heading)}\n\n" + "\n".join(lines) if lines else ""


def _link(name: str, url: str, note: str) -> str:
    link = f"- [{text(name)}]({url.translate(_IN_URLS)})"
    return f"{link}: {text(note)}" if note else link


EXPORT = Export(
    name="llms",
    description="llms.txt: subjects, feeds and titles, for language models; off by default.",
    kinds=("txt",),
    tables=always("articles", "subjects"),
    module=__name__,
    settings=lambda settings: [
        *(settings.site, settings.exports.llms, settings.content),
        *(settings.feeds.formats, *listing.depends_on(settings)),
    ],
    write=write,
)
