"""``pressroom explain``: file and line of each field of an article, and its findings."""

import difflib
import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import click
import pyarrow.compute as pc

from ..base import printable
from ..base.errors import PipelineError, SettingsError
from ..base.problems import DocumentError
from ..base.wording import cut
from ..files import parquet
from ..frontmatter.fences import decode, split
from ..frontmatter.load import load
from ..model.columns import DEFAULT_KEYS
from ..model.content import ContentModel
from ..model.schemas import tables
from ..model.settings import Settings
from ..releases.manifest import Release
from ..sources.source import Source
from .common import Site, command
from .terminal import echo

_SHOWN = 60
_NEAR, _IS_NEAR = 3, 0.6  # urls that are offered, and how alike the last part must be


@command("raw", "out", "storage")
@click.argument("url")
def explain(site: Site, url: str) -> None:
    """Show where each field of an article comes from, and its findings.

    URL is that of the file, from the root of the site, or the address in a browser.
    """
    release = site.current("articles", *site.settings.content.lists(), "related_links", "findings")
    for line in explained(release, url, site.settings, site.source):
        echo(line)


def explained(release: Release, asked: str, settings: Settings, source: Source) -> Iterator[str]:
    """Lines for people about the article with a url, as in its file or as a browser shows it.

    Raises:
        PipelineError: No published article has the url.
    """
    url = _url(release, asked, settings)
    article = _article(release, url, settings.content)
    yield printable.line(article["source_path"])
    lines = _lines(article, settings, source)
    if lines is None:
        yield f"  Lines are not shown. {_why_not_shown(source)}"
    model = settings.content.of(article["source_path"]).model
    columns = (*DEFAULT_KEYS, *model.columns)
    width = max(map(len, columns))
    for column in columns:
        if article.get(column) not in (None, ""):
            stated = _stated(model, column, lines or {})
            line = (lines or {}).get(stated, "")
            yield f"{line:>5}  {column:<{width}}  {stated} = {_shown(article[column])}"
    for row in _rows(release, "related_links", url):
        stated = f"{settings.content.related.prefix}{row['position']} = {row['related_url']}"
        told = f"{row['line']:>5}  {'related_links':<{width}}  {stated} ({row['status']})"
        yield printable.line(told)
    for row in _rows(release, "findings", url):
        line = row["line"] or ""
        told = f"{line:>5}  {row['severity']}: {row['message']} [{row['code']}]"
        yield printable.line(told)


def _stated(model: ContentModel, column: str, lines: Mapping[str, int]) -> str:
    """The source that filled a column: the first whose key the file has, else all there are."""
    sources = model.sources(column)
    if column == "url" and model.url and not any(source in lines for source in sources):
        return f"content.url {model.url}"
    if column in model.set and not any(source in lines for source in sources):
        return "content.set"
    return next((source for source in sources if source in lines), ", ".join(sources))


def _url(release: Release, asked: str, settings: Settings) -> str:
    """The url of the article that is asked for."""
    path = asked.partition("#")[0]
    for base in filter(None, (release.base_url, settings.site.base_url)):
        if path.startswith(f"{base}/"):
            path = path.removeprefix(base)
    wanted = _folded(path)
    found = [url for url in _urls(release) if _folded(url) == wanted]
    if not found:
        path = path.partition("?")[0]
        found = [url for url in _urls(release) if _folded(url) == _folded(path)]
    if found:
        return path if path in found else found[0]
    message = f"No article of {release.id} has the url {printable.line(path)}"
    if near := _near(release, path):
        raise PipelineError("\n  ".join([f"{message}. Similar urls:", *near]))
    raise PipelineError(f"{message}: it starts with a slash, as in a file.")


def _folded(url: str) -> str:
    """What urls have in common that differ in how they are encoded, or in a slash at the end."""
    return unquote(url).rstrip("/")


def _near(release: Release, path: str) -> list[str]:
    """The urls that a person may have meant: those whose last part is much the same."""
    by_last: dict[str, list[str]] = {}
    for url in _urls(release):
        by_last.setdefault(_last(url), []).append(url)
    lasts = difflib.get_close_matches(_last(path), by_last, _NEAR, _IS_NEAR)
    near = (difflib.get_close_matches(path, by_last[last], _NEAR, 0) for last in lasts)
    return list(itertools.chain.from_iterable(near))[:_NEAR]


def _last(url: str) -> str:
    return _folded(url).rpartition("/")[2].lower()


def _urls(release: Release) -> Iterator[str]:
    for entry in release.outputs["articles"].files:
        yield from parquet.read(release.root / entry.path, ["url"])["url"].to_pylist()


def _article(release: Release, url: str, model: ContentModel) -> dict[str, Any]:
    (row,) = _rows(release, "articles", url)
    columns = {name: tables(model)[name].schema.names[2] for name in model.lists()}
    terms = {
        name: [row[column] for row in _rows(release, name, url)]
        for name, column in columns.items()
        if name in release.tables
    }
    return {**row, **{name: ", ".join(found) for name, found in terms.items()}}


def _rows(release: Release, table: str, url: str) -> Iterator[dict[str, Any]]:
    for entry in release.outputs[table].files:
        path: Path = release.root / entry.path
        urls = parquet.read(path, ["url"])["url"]
        if pc.any(pc.equal(urls, url)).as_py():
            rows = parquet.read(path)
            yield from rows.filter(pc.equal(rows["url"], url)).to_pylist()


def _lines(article: dict[str, Any], settings: Settings, source: Source) -> dict[str, int] | None:
    """The line of each key; None if the file has gone or changed since it was published."""
    try:
        file = source.read(article["source_path"], settings.limits.file_bytes)
        if file.sha256 != article["source_sha256"]:
            return None
        is_optional = settings.sources.front_matter == "optional"
        document = split(decode(file.data), is_optional=is_optional)
        front_matter = load(document, settings.limits)
    except DocumentError:
        return None
    return {key: line for key, (line, _) in front_matter.positions.items()}


def _why_not_shown(source: Source) -> str:
    try:
        source.check()
    except SettingsError as error:
        return str(error)
    return "The file is not as it was published."


def _shown(value: Any) -> str:
    return repr(cut(str(value), _SHOWN))
