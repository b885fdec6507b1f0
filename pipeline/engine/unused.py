"""What settings say in vain: patterns that no file fits, names and dates that no file has."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from ..content.source_values import is_known
from ..files import parquet
from ..model import collections, languages, presets, templates
from ..model.columns import DEFAULT_KEYS
from ..model.content import ContentModel
from ..model.patterns import compile_patterns
from ..model.settings import Settings
from ..model.slugs import slug
from ..releases.manifest import Release


class _Pattern(NamedTuple):
    """A pattern of paths, where it stands, and whether a path fits it."""

    where: str
    text: str
    fits: Callable[[str], bool]


def unused(settings: Settings, release: Release) -> Iterator[str]:
    """A line for each pattern and each name that the owner of a site states in vain."""
    left = list(_patterns(settings))
    for path in _paths(release):
        if not left:
            break
        left = [pattern for pattern in left if not pattern.fits(path)]
    for where, text, _ in left:
        yield f"{where}: no file fits {text!r}"
    if subjects := settings.sitemaps.leave_out_subjects:
        parts = [parquet.read(path, ["slug"]) for path in release.paths("subjects")]
        known = set(pa.concat_tables(parts)["slug"].to_pylist())
        for subject in subjects:
            if slug(subject) not in known:
                yield f"sitemaps.leave_out_subjects: no article has the subject {subject!r}"
    if settings.feeds.formats and settings.feeds.order == "published" and not _is_dated(release):
        yield 'feeds are empty, for no article has a date: set feeds.order to "first_seen"'
    names = dict(_names(settings.content))
    if names and release.counts.articles:
        parts = [parquet.read(path, ["extra"]) for path in release.paths("articles")]
        extra = pa.concat_tables(parts)["extra"]
        for name, template in names.items():
            key = f'"{name.partition(".")[0]}":'
            if not pc.any(pc.match_substring(extra, key)).as_py():
                yield f"{template!r}: no file has a key {name!r}, and no column is called so"


def _is_dated(release: Release) -> bool:
    """Whether any article has a date of publication, or there is none at all."""
    parts = (parquet.read(path, ["published"])["published"] for path in release.paths("articles"))
    return not release.counts.articles or any(part.null_count < len(part) for part in parts)


def _paths(release: Release) -> Iterator[str]:
    for table in ("articles", "rejects", "skipped"):
        for part in release.paths(table):
            yield from parquet.read(part, ["source_path"])["source_path"].to_pylist()


def _patterns(settings: Settings) -> Iterator[_Pattern]:
    """The patterns that files are to fit, without those of the preset."""
    content = settings.content
    for pattern in settings.sources.include:
        if not pattern.startswith("!"):
            yield _Pattern("sources.include", pattern, compile_patterns([pattern]))
    for number, one in enumerate(content.collections):
        where = f"[[content.collections]] {one.name or number + 1}"
        for pattern in one.files:
            if not presets.says(content.preset, pattern):
                yield _Pattern(where, pattern, partial(_fits, content, pattern))


def _fits(content: ContentModel, pattern: str, path: str) -> bool:
    _, path = languages.split(path, content.languages)
    return collections.match((pattern,), path) is not None


def _names(content: ContentModel) -> Iterator[tuple[str, str]]:
    """Names in templates of the owner that can only be keys, each with its template."""
    keys = content.all_keys()
    for model in (content, *content.of_collections()):
        columns = (*DEFAULT_KEYS, *model.columns)
        sources = (source for column in columns for source in model.sources(column))
        for text in (model.url, *sources):
            if "{" not in text or presets.says(content.preset, text):
                continue
            for name in templates.parse(text, {}).names:
                if not is_known(name) and name not in keys and name not in columns:
                    yield name, text
