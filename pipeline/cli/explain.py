"""``pressroom explain``: what became of a file, by which rules, and where its columns come from."""

import difflib
import itertools
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import click
import pyarrow.compute as pc

from ..base import printable
from ..base.errors import PipelineError, SettingsError
from ..base.problems import Code, DocumentError
from ..content import origins
from ..content.article import Article, rules_of
from ..content.origins import Found
from ..files import parquet
from ..model.columns import DEFAULT_KEYS
from ..model.content import ContentModel
from ..model.findings import OFF
from ..model.layers import layers_of
from ..model.link_schemas import STATED_LINKS
from ..model.schemas import tables
from ..model.settings import Settings
from ..releases import local
from ..releases.manifest import Release
from ..sources import git
from ..sources.listing import left_out
from ..sources.source import Source
from . import explanation
from .common import Site, command
from .explanation import Row, Rules
from .terminal import echo

_NEAR, _IS_NEAR = 3, 0.6  # urls that are offered, and how alike the last part must be
_OF_FILES = ("articles", "rejects", "skipped")
_OF_ARTICLES = ("related_links", "text_links", "findings")


@command("raw", "out", "storage")
@click.argument("asked", metavar="URL|PATH")
def explain(site: Site, asked: str) -> None:
    """Show what became of a file, by which rules, and where each column of it comes from.

    The file is named by the url of its article, from the root of the site or as the address in a
    browser, or by its path, from here or below the raw folder.
    """
    lists = site.settings.content.lists()
    if release := local.current(site.paths.out):
        site.bring(release, (*_OF_FILES, *lists, *_OF_ARTICLES))
    path = path_of(asked, site, release)
    if path is None:
        release = site.current("articles")
        url = _url(release, asked, site)
        path = str(next(_rows(release, "articles", "url", url))["source_path"])
    for line in explained(release, path, site):
        echo(printable.line(line))


def explained(release: Release | None, path: str, site: Site) -> Iterator[str]:
    """Lines for people about the raw file at a path, which may be gone, or not be published."""
    settings, source = site.settings, site.source
    rules = Rules(settings.content, settings.content.of(path), layers_of(site.file))
    row = _row(release, path, settings.content) if release else None
    sha256, found = _read(path, settings, source)
    is_known = row is None or (sha256 is not None and sha256 == row.values["source_sha256"])
    omitted = left_out(path, settings.sources)
    yield path
    if row and release:
        yield f"  {explanation.became(row, found if is_known else None, rules)}, in {release.id}"
        if not is_known:
            yield f"  Lines are not shown. {_why_not_shown(source, found)}"
        if not _is_gone(found):
            for change in explanation.next_build(row, found, omitted, rules, is_same=is_known):
                yield f"  The next build: {change}"
    elif omitted:
        yield f"  {explanation.would_become(found, omitted, rules)}"
    else:
        yield f"  {explanation.would_become(found, omitted, rules)}, in the next build"
    yield from explanation.of_collection(rules)
    article = _article(row, found, path, settings)
    if article:
        as_of = release.manifest.as_of if row and release else int(time.time())
        yield from explanation.columns(article, found if is_known else None, rules, as_of)
        yield from explanation.text_links(article)
        yield from explanation.findings(article)
    elif not omitted or row:
        yield from explanation.problems(row, found)
    yield from explanation.rules_beside(rules)


# --- the file that is asked for -------------------------------------------------------------------


def path_of(asked: str, site: Site, release: Release | None) -> str | None:
    """The path of the raw file that is asked for; None if it is not one, but a url."""
    source = site.source
    paths = list(dict.fromkeys(_paths(asked, source)))
    for path in paths:
        if _is_there(path, source):
            return path
    for path in paths:
        if release and _row(release, path, site.settings.content):
            return path
    if Path(asked).is_file():
        message = f"{printable.line(asked)} is not in the raw folder {source.home}."
        raise PipelineError(message)
    return None


def _paths(asked: str, source: Source) -> Iterator[str]:
    """The paths that may be meant, below the source: as from here, or from there."""
    for folder in source.folders:
        for follow in (os.path.normpath, os.path.realpath):
            home, target = (Path(follow(Path(one).absolute())) for one in (folder, asked))
            if target.is_relative_to(home) and target != home:
                yield str(target.relative_to(home))
    below = os.path.normpath(asked.removeprefix(f"{source.home}/"))
    if not below.startswith(("/", "..")) and "://" not in asked.removeprefix(source.home):
        yield below


def _is_there(path: str, source: Source) -> bool:
    if source.folders:
        return any((folder / path).is_file() for folder in source.folders)
    try:
        source.read(path, 1)
    except DocumentError as error:
        return Code.VANISHED not in [problem.code for problem in error.problems]
    return True


def _url(release: Release, asked: str, site: Site) -> str:
    """The url of the article that is asked for."""
    path = asked.partition("#")[0]
    for base in filter(None, (release.base_url, site.settings.site.base_url)):
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
    raise PipelineError(f"{message}, and {site.source.home} has no such file.")


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


# --- what is known of it --------------------------------------------------------------------------


def _row(release: Release, path: str, model: ContentModel) -> Row | None:
    """What a release has of a file, as it is shown."""
    for table in (name for name in _OF_FILES if name in release.outputs):
        for values in _rows(release, table, "source_path", printable.encodable(path)):
            others = _others(release, values["url"], model) if table == "articles" else {}
            return Row(table, {**values, **others})
    return None


def _others(release: Release, url: str, model: ContentModel) -> dict[str, Any]:
    """The texts of the lists of an article, and its rows of other tables, by name."""
    columns = {name: tables(model)[name].schema.names[2] for name in model.lists()}
    lists = {
        name: [row[column] for row in _rows(release, name, "url", url)]
        for name, column in columns.items()
        if name in release.outputs
    }
    rows = {
        name: list(_rows(release, name, "url", url))
        for name in _OF_ARTICLES
        if name in release.outputs
    }
    return {**lists, **rows}


def _rows(release: Release, table: str, column: str, value: str) -> Iterator[dict[str, Any]]:
    for entry in release.outputs[table].files:
        path: Path = release.root / entry.path
        if pc.any(pc.equal(parquet.read(path, [column])[column], value)).as_py():
            rows = parquet.read(path)
            yield from rows.filter(pc.equal(rows[column], value)).to_pylist()


def _read(path: str, settings: Settings, source: Source) -> tuple[str | None, Found]:
    """The digest of a file, if it can be read, and what is made of it."""
    try:
        file = source.read(path, settings.limits.file_bytes)
    except DocumentError as error:
        return None, Found(list(error.problems), {}, {})
    commits = _commits(path, settings.content, source)
    return file.sha256, origins.found(file.data, path, rules_of(settings), commits)


def _commits(path: str, model: ContentModel, source: Source) -> Sequence[int]:
    """When a file was committed first and last, if its rules ask for that, and it is known."""
    of_path = model.of(path).model
    if not source.folders or not any(":git" in of_path.sources(one) for one in DEFAULT_KEYS):
        return ()
    try:
        git.state(source.folders[0])
    except git.UnknownHistoryError:
        return ()
    return git.history(source.folders[0], path).get(path, ())


def _article(row: Row | None, found: Found, path: str, settings: Settings) -> dict[str, Any] | None:
    """The values of an article, that of the release if the file is in it; None if it is none."""
    if row:
        return row.values if row.table == "articles" else None
    made = found.made
    if not isinstance(made, Article):
        return None
    names = STATED_LINKS.names[1:]
    links = [dict(zip(names, link, strict=True)) for link in made.links]
    levels = ((one, settings.findings.level(one.code)) for one in made.findings)
    findings = [{**one._asdict(), "severity": level} for one, level in levels if level != OFF]
    others = {"source_path": path, "related_links": links, "findings": findings}
    return {**made.columns, **made.lists, **others}


def _is_gone(found: Found) -> bool:
    problems = found.made if isinstance(found.made, list) else []
    return Code.VANISHED in [problem.code for problem in problems]


def _why_not_shown(source: Source, found: Found) -> str:
    try:
        source.check()
    except SettingsError as error:
        return str(error)
    return "The file is gone." if _is_gone(found) else "The file is not as it was published."
