"""What a person sees of a table at a glance: its first rows, and a chart of what it counts.

Whatever a table holds, this is small and plain: few rows and columns, text cut short, without what
would act on a page or a terminal.
"""

import contextlib
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.base import printable
from pressroom.base.errors import PipelineError
from pressroom.base.wording import cut
from pressroom.dagster import charts
from pressroom.exports.report import figures
from pressroom.files import parquet
from pressroom.releases import local
from pressroom.releases.manifest import Output, open_release

Cell: TypeAlias = str | int | float | bool | None

_ROWS = 10
_CHARS = 100
_BARS = 24
_RELEASES = 8

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "articles": ("url", "title", "subject", "published", "word_count"),
    "article_subjects": ("url", "position", "subject"),
    "article_authors": ("url", "position", "author"),
    "rejects": ("source_path", "line", "column_number", "code", "message"),
    "skipped": ("source_path", "reason", "key"),
    "related_links": ("url", "position", "related_url", "status"),
    "text_links": ("url", "line", "kind", "href", "status"),
    "anchors": ("url", "line", "level", "anchor"),
    "redirects": ("from_url", "to_url", "kind", "since"),
    "link_degrees": ("url", "links_out", "links_in", "text_links_out", "text_links_in"),
    "subjects": ("label", "articles", "first_published", "last_published"),
    "findings": ("source_path", "line", "key", "code", "message"),
    "changes": ("url", "change", "fields"),
    "ledger": ("url", "first_seen", "modified", "last_seen"),
    "history": ("url", "release", "as_of", "change", "fields"),
    "releases": ("release", "articles", "added", "changed", "removed"),
}


_OF_TERMS = ("url", "position", "term")


class Parts(NamedTuple):
    """A table: its name, and the files below a release that hold its rows."""

    table: str
    root: Path
    output: Output

    def read(self, *columns: str) -> Iterator[pa.Table]:
        """Some columns of the parts that have rows."""
        return (parquet.read(self.root / path, columns) for path in self.paths)

    @property
    def paths(self) -> list[str]:
        """The parts that have rows."""
        return [entry.path for entry in self.output.files if entry.rows]


def rows(table: Parts) -> list[dict[str, Cell]]:
    """The first rows of a table."""
    columns = _COLUMNS.get(table.table, _OF_TERMS)
    first: list[dict[str, Any]] = []
    for part in table.read(*columns):
        first += part.slice(0, _ROWS - len(first)).to_pylist()
        if len(first) == _ROWS:
            break
    return [{name: _cell(value) for name, value in row.items()} for row in first]


def _cell(value: Any) -> Cell:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    return plain(", ".join(value) if isinstance(value, list) else str(value))


def plain(text: str, chars: int = _CHARS) -> str:
    """A text on one line, cut short, in which nothing acts on what shows it."""
    return printable.replaced(cut(text, chars).replace("\n", "⏎").replace("\t", " "))


class Chart(NamedTuple):
    """A picture with its title, as SVG."""

    title: str
    svg: str


def chart(table: Parts) -> Chart | None:
    """A chart of a table, where a person would rather look than read."""
    if table.table not in _CHARTS:
        return None
    title, count = _CHARTS[table.table]
    counts = [(plain(label), number) for label, number in count(table).items()]
    return Chart(title, charts.bars(title, counts))


def _by_day(table: Parts) -> dict[str, int]:
    """The articles of the last days that have any."""
    days: Counter[str] = Counter()
    for part in table.read("published"):
        days.update(figures.count(pc.strftime(part["published"].drop_null(), format="%Y-%m-%d")))
    return {day: days[day] for day in sorted(days)[-_BARS:]}


def _by_subject(table: Parts) -> dict[str, int]:
    subjects: Counter[str] = Counter()
    for part in table.read("label", "articles"):
        labels, articles = (part[column].to_pylist() for column in ("label", "articles"))
        subjects.update(dict(zip(labels, articles, strict=True)))
    return dict(subjects.most_common(_BARS))


def _by(column: str) -> Callable[[Parts], dict[str, int]]:
    return lambda table: dict(_totals(table, column).most_common(_BARS))


def _totals(table: Parts, column: str) -> Counter[str]:
    totals: Counter[str] = Counter()
    for part in table.read(column):
        totals.update(figures.count(part[column].drop_null()))
    return totals


_CHARTS: Mapping[str, tuple[str, Callable[[Parts], dict[str, int]]]] = {
    "articles": (f"Articles by day of publication (the last {_BARS} with any)", _by_day),
    "subjects": (f"Articles by subject (the largest {_BARS})", _by_subject),
    "related_links": ("Related links by status", _by("status")),
    "text_links": ("Links in texts by status", _by("status")),
    "findings": ("Findings by code", _by("code")),
}


def rejects_by_release(out: Path) -> list[dict[str, Cell]]:
    """How many files were rejected: a row for each code, a column for each of the last releases."""
    counts: dict[str, Counter[str]] = {}
    for folder in list(local.folders(out))[-_RELEASES:]:
        with contextlib.suppress(OSError, PipelineError):  # damaged, or removed meanwhile
            release = open_release(folder)
            rejects = Parts("rejects", folder, release.outputs["rejects"])
            counts[release.id] = _totals(rejects, "code")
    by_code = pd.DataFrame(counts).fillna(0).astype(int).sort_index()
    most = by_code.sum(axis="columns").sort_values(ascending=False, kind="stable").index[:_BARS]
    found = by_code.loc[most].reset_index(names="code").to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in found]


def chart_of_rejects(by_release: Sequence[Mapping[str, Cell]]) -> Chart:
    """The same as a chart: a bar for each code and release that has any."""
    title = f"Rejected files by code and release (the first {_BARS})"
    counts = [
        (f"{row['code']} {release.partition('-')[0]}", count)
        for row in by_release
        for release, count in row.items()
        if release != "code" and isinstance(count, int) and count
    ]
    return Chart(title, charts.bars(title, counts[:_BARS]))
