"""What a site sets so that most of its files are read, where a run rejected or passed them over.

Nothing is advised that was not tried: files are read again with other settings, and a setting
without which as many are articles is not among those that are told.
"""

import dataclasses
import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

import pyarrow as pa

from ..base.errors import PipelineError
from ..base.problems import Code, DocumentError
from ..base.wording import and_more
from ..content.article import Article, Rules, article_of, rules_of
from ..files import parquet
from ..frontmatter.fences import decode
from ..model import presets
from ..model.settings import Settings
from ..releases.manifest import Release
from ..sources import listing
from ..sources.raw_file import RawFile
from .run import Run

Value = TypeVar("Value")

# Where fewer files are rejected, it is for reasons of their own.
_MANY = 0.05
# What a file lacks, and a setting can do without or put in its place.
_LACKING = {Code.MISSING_KEY, Code.EMPTY_VALUE, Code.NO_FRONT_MATTER}
# What can begin with front matter, and is Markdown or HTML.
_TEXTS = {
    *(".md", ".markdown", ".mdown", ".mkdown", ".mkdn", ".mkd", ".mdwn", ".mdtxt", ".mdtext"),
    *(".mdx", ".mdoc", ".markdoc", ".qmd", ".rmd", ".text", ".txt", ".html", ".htm"),
}
_URL = "/{path}/"
_SIGNS, _ESCAPED = re.compile(r"[\\*?\[\]]|[ ]$"), r"\\\g<0>"  # of patterns
_LOOKED_AT, _TRIED, _BYTES = 1_000, 20, 50_000
_NEARLY = 0.9


def advice(run: Run, release: Release) -> list[str]:
    """Lines that say which settings would let a staged release have most of what it lacks.

    There are none if it lacks little, if no setting would help, or if the raw files cannot be
    reached any more.
    """
    counts, lines = release.counts, list[str]()
    try:
        if counts.rejects > counts.files * _MANY:
            lines += _for_rejects(run, release)
        if not counts.articles:
            lines += _for_passed_over(run)
    except (OSError, PipelineError):  # whether the release is published does not depend on this
        return []
    return lines


def _for_rejects(run: Run, release: Release) -> list[str]:
    parts = [parquet.read(path, ["source_path", "problems"]) for path in release.paths("rejects")]
    table = pa.concat_tables(parts)
    rows = table.take(pa.array(_some(range(len(table)), _LOOKED_AT), pa.int64())).to_pylist()
    copied = [
        row["source_path"]
        for row in rows
        if presets.requires_front_matter(run.settings.content.preset)
        and row["problems"][0]["code"] == Code.NO_FRONT_MATTER
    ]
    if len(copied) * 2 > len(rows):
        return _left_out(run.settings.content.preset, copied, len(rows))
    lacking = [
        row["source_path"]
        for row in rows
        if {problem["code"] for problem in row["problems"]} <= _LACKING
    ]
    if len(lacking) * 2 <= len(rows):
        return []
    files = _read(run, lacking)
    needed = _needed(run.settings, files)
    if needed is None or needed.articles * len(lacking) * 2 <= len(files) * len(rows):
        return []
    return _told(run.settings, needed, "rejected", len(files))


def _left_out(preset: str, paths: Sequence[str], rejected: int) -> list[str]:
    """How files are left out of which the generator of the preset makes no page."""
    patterns = [f"/{_SIGNS.sub(_ESCAPED, path)}" for path in paths]
    return [
        f"{len(paths):,} of {rejected:,} rejected files that were looked at have no front matter,"
        f" and are no pages by the preset {preset}: leave them out, with patterns such as below.",
        "  [sources]",
        f"  exclude = {json.dumps(patterns[:_TRIED], ensure_ascii=False)}",
        *and_more(len(patterns), _TRIED),
    ]


def _for_passed_over(run: Run) -> list[str]:
    suffixes = [suffix for suffix in run.passed_over if suffix in _TEXTS]
    if not suffixes:
        return []
    sources = dataclasses.replace(run.settings.sources, extensions=tuple(suffixes))
    paths = defaultdict[str, list[str]](list)
    for path, _ in run.source.listed(sources):
        paths[listing.suffix(path)].append(path)
    tried, files = list[str](), list[RawFile]()
    for suffix in suffixes:
        of_suffix = _read(run, paths[suffix])
        needed = _needed(run.settings, of_suffix)
        if needed is not None and needed.articles * 2 > len(of_suffix):
            tried.append(suffix)
            files += of_suffix
    settings = _with_extensions(run.settings, tried)
    needed = _needed(settings, files)
    return _told(run.settings, needed, "passed-over", len(files)) if needed else []


def _with_extensions(settings: Settings, suffixes: Sequence[str]) -> Settings:
    extensions = (*settings.sources.extensions, *suffixes)
    sources = dataclasses.replace(settings.sources, extensions=extensions)
    return dataclasses.replace(settings, sources=sources)


def _read(run: Run, paths: Sequence[str]) -> list[RawFile]:
    """Some of the files, from all over the list, that are not large."""
    read = run.source.read_all(_some(paths, _TRIED), min(_BYTES, run.settings.limits.file_bytes))
    return [file for file in read if isinstance(file, RawFile)]


def _some(values: Sequence[Value], most: int) -> Sequence[Value]:
    """No more than so many values, from all over a list."""
    count = min(most, len(values))
    return [values[place * len(values) // count] for place in range(count)]


# --- what files need -----------------------------------------------------------------------------


class _Needed(NamedTuple):
    """Settings, how many files are articles with them, and the columns that these do without."""

    settings: Settings
    articles: int
    columns: tuple[str, ...]


_OPTIONAL, _TEMPLATE = "sources.front_matter", "content.url"


def _needed(settings: Settings, files: Sequence[RawFile]) -> _Needed | None:
    """The fewest changes of settings with which about as many files are articles as with all.

    None if no file is one even then.
    """
    columns = [column for column in settings.content.required if column != "url"]
    possible = [*columns, _TEMPLATE, _OPTIONAL]
    changes = set(possible)
    most = _articles(_changed(settings, changes), files)
    for change in possible:
        if _articles(_changed(settings, changes - {change}), files) >= _NEARLY * most:
            changes.remove(change)
    changed = _changed(settings, changes)
    lacking = ("url",) * (_TEMPLATE in changes) + tuple(filter(changes.__contains__, columns))
    return _Needed(changed, _articles(changed, files), lacking) if most else None


def _changed(settings: Settings, changes: Collection[str]) -> Settings:
    sources, content = settings.sources, settings.content
    if _OPTIONAL in changes:
        sources = dataclasses.replace(sources, front_matter="optional")
    url = content.url or _URL * (_TEMPLATE in changes)
    required = tuple(column for column in content.required if column not in changes)
    content = dataclasses.replace(content, url=url, required=required)
    return dataclasses.replace(settings, sources=sources, content=content)


def _articles(settings: Settings, files: Sequence[RawFile]) -> int:
    rules = rules_of(settings)
    return sum(_is_article(file, rules) for file in files)


def _is_article(file: RawFile, rules: Rules) -> bool:
    try:
        return isinstance(article_of(decode(file.data), file.path, rules), Article)
    except DocumentError:
        return False
    except Exception:  # noqa: BLE001  the build rejects such a file as well
        return False


# --- what is told --------------------------------------------------------------------------------


def _told(before: Settings, needed: _Needed, what: str, tried: int) -> list[str]:
    lines = list(_as_toml(before, needed.settings))
    if not lines:
        return []
    read = f"{needed.articles:,} of {tried:,} {what} files that were tried"
    columns = ", ".join(needed.columns)
    others = f" Where other keys hold {columns}, name those in content.keys instead."
    said = f"{read} become articles with the settings below.{others * bool(columns)}"
    return [said, *lines]


def _as_toml(before: Settings, after: Settings) -> Iterator[str]:
    """What differs between settings, as lines of a settings file."""
    for section in ("sources", "content"):
        was: Any = getattr(before, section)
        now: Any = getattr(after, section)
        names = [field.name for field in dataclasses.fields(now)]
        differing = [name for name in names if getattr(was, name) != getattr(now, name)]
        if differing:
            yield f"  [{section}]"
        for name in differing:
            yield f"  {name} = {json.dumps(getattr(now, name))}"
