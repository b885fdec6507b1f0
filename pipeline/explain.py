"""Where an article comes from: file and line of each field, and what is doubtful about it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from pipeline import sources, store
from pipeline.errors import DocumentError, PipelineError
from pipeline.front_matter import decode, load, split
from pipeline.releases import Release
from pipeline.settings import DEFAULT_KEYS, Settings

# What is read of a release.
TABLES = ("articles", "keywords", "related_links", "findings")
_SHOWN = 60


def explain(release: Release, url: str, settings: Settings) -> Iterator[str]:
    """Lines for people about the article with a url.

    Raises:
        PipelineError: No published article has the url.
    """
    article = _article(release, url)
    yield sources.one_line(article["source_path"])
    lines = _lines(article, settings)
    if lines is None:
        yield "  The file is not as it was published: lines are not shown."
    width = max(map(len, DEFAULT_KEYS))
    for column in DEFAULT_KEYS:
        key = settings.content.key(column)
        if column in article and article[column] is not None:
            line = (lines or {}).get(key, "")
            yield f"{line:>5}  {column:<{width}}  {key} = {_shown(article[column])}"
    for row in _rows(release, "related_links", url):
        stated = f"{settings.content.related_prefix}{row['position']} = {row['related_url']}"
        yield f"{row['line']:>5}  {'related_links':<{width}}  {stated} ({row['status']})"
    for row in _rows(release, "findings", url):
        line = row["line"] or ""
        yield f"{line:>5}  {row['severity']}: {row['message']} [{row['code']}]"


def _article(release: Release, url: str) -> dict[str, Any]:
    for row in _rows(release, "articles", url):
        keywords = [row["keyword"] for row in _rows(release, "keywords", url)]
        return {**row, "keywords": ", ".join(keywords)}
    message = f"No article of {release.id} has the url {url}: it begins with a slash, as in a file."
    raise PipelineError(message)


def _rows(release: Release, table: str, url: str) -> Iterator[dict[str, Any]]:
    for entry in release.outputs[table].files:
        path: Path = release.root / entry.path
        urls = store.read(path, ["url"])["url"]
        if pc.any(pc.equal(urls, url)).as_py():
            rows = store.read(path)
            yield from rows.filter(pc.equal(rows["url"], url)).to_pylist()


def _lines(article: dict[str, Any], settings: Settings) -> dict[str, int] | None:
    """The line of each key; None if the file has gone or changed since it was published."""
    try:
        source = sources.read(
            settings.paths.raw, article["source_path"], settings.limits.file_bytes
        )
        if source.sha256 != article["source_sha256"]:
            return None
        front_matter = load(split(decode(source.data)), settings.limits)
    except DocumentError:
        return None
    return {key: line for key, (line, _) in front_matter.positions.items()}


def _shown(value: Any) -> str:
    text = str(value)
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")
