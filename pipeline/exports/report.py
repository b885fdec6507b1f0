"""The report for editors: one page about a release, and about what in it needs a person.

The page loads nothing, its style and plots stand in it, and it is well-formed XML besides HTML.
However large the site is, the page stays small: a list holds the first `exports.report_rows` rows,
and says where the others are. The layout is in ``report.html`` beside this module.
"""

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ..base import printable
from ..base.wording import cut
from ..files import atomic, parquet
from ..files.atomic import FileEntry
from ..model.schemas import TABLES
from ..model.settings import Settings
from .base import Context, Export, utc

if TYPE_CHECKING:
    from jinja2 import Template

# Read with the code, as recipes do: they digest it with the module.
_LAYOUT = Path(__file__).with_suffix(".html").read_text(encoding="utf-8")
_PATH = "report/index.html"
_TEXT_CHARS = 200
_NOT_OF_XML = re.compile("[\ufffe\uffff]")
_WORDS = (0, 1, 50, 100, 200, 400, 800, 1600, 3200)
_DEGREES = (0, 1, 2, 3, 6, 11, 21)
_PERIODS = {"month": 1, "year": 12, "decade": 120, "century": 1200}
_MAX_PERIODS = 60
_SEEN = 0.5

_Row = dict[str, Any]


class ReportJob(NamedTuple):
    """The report of a release, or one section. `rows` holds the number of rows of each table."""

    tables: Mapping[str, tuple[Path, ...]]
    rows: Mapping[str, int]
    settings: Settings
    root: Path
    as_of: int

    @property
    def shown(self) -> int:
        """How many rows of a list are shown."""
        return self.settings.exports.report_rows

    def parts(self, table: str, columns: Sequence[str]) -> Iterator[pa.Table]:
        """The parts of a table, with the number of the part as one more column.

        There are none of a table without rows: its files say no more.
        """
        for number, path in enumerate(self.tables[table] if self.rows[table] else ()):
            rows = parquet.read(path, columns)
            yield rows.append_column("part", pa.repeat(pa.scalar(number, pa.int32()), len(rows)))


class Bar(NamedTuple):
    """One bar of a plot: `share` is that of all, `length` that of the longest bar, in percent.

    A bar of anything is long enough to be seen.
    """

    label: str
    value: int
    share: float
    length: float


def write(context: Context) -> list[FileEntry]:
    """Write ``report/index.html``, unless the settings want no rows in it."""
    if not context.settings.exports.report_rows:
        return []
    job = ReportJob(context.tables, context.rows, context.settings, context.root, context.as_of)
    sections = dict(context.run(partial(read_section, job), _SECTIONS))
    return list(context.run(partial(write_page, job), [sections]))


def read_section(job: ReportJob, section: str) -> tuple[str, _Row]:
    """What a section of the report shows, from its tables part by part."""
    return section, _SECTIONS[section](job)


def write_page(job: ReportJob, sections: Mapping[str, _Row]) -> FileEntry:
    """Write the page."""
    page = _template().render(
        site=job.settings.site,
        as_of=dt.datetime.fromtimestamp(job.as_of, dt.UTC),
        tables=TABLES,
        rows=job.rows,
        has_spreadsheet=job.settings.exports.spreadsheet,
        titles=_titles(job, sections),
        **sections,
    )
    return atomic.write_bytes(job.root, _PATH, page.encode())


def _template() -> "Template":
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415  0.1 s, not paid by others

    page = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    page.filters.update(text=_text, path=_path, number="{:,}".format, percent=_percent, utc=utc)
    return page.from_string(_LAYOUT)


def _text(text: str) -> str:
    """A text on one line, not too long, in which no character does anything but stand there."""
    return _NOT_OF_XML.sub(printable.REPLACEMENT, printable.replaced(cut(text, _TEXT_CHARS)))


def _path(path: str) -> str:
    return _text(printable.line(path))


def _percent(share: float) -> str:
    """A share; of what there is but little of, not 0.0 %, and of what lacks a little, not 100."""
    if 0 < share < 0.05:
        return "< 0.1 %"
    return "> 99.9 %" if 99.95 <= share < 100 else f"{share:.1f} %"


def _bars(counts: Iterable[tuple[str, int]], of: int) -> list[Bar]:
    """Bars of counts, as shares of a number."""
    pairs = list(counts)
    longest = max((count for _, count in pairs), default=0)
    lengths = (max(100 * n / longest, _SEEN) if n else 0.0 for _, n in pairs)
    return [
        Bar(label, count, 100 * count / max(of, 1), round(length, 2))
        for (label, count), length in zip(pairs, lengths, strict=True)
    ]


def _count(column: pa.ChunkedArray) -> Counter[Any]:
    values, counts = pc.value_counts(column).flatten()
    return Counter(dict(zip(values.to_pylist(), counts.to_pylist(), strict=True)))


class _First:
    """The first rows of a table, found part by part."""

    def __init__(self, rows: int) -> None:
        self.left = rows
        self.found: list[_Row] = []

    def add(self, table: pa.Table) -> None:
        self.found += table.slice(0, self.left).to_pylist()
        self.left -= min(self.left, len(table))


class _Best:
    """The first rows of a table in an order that leaves no ties, found part by part."""

    def __init__(self, rows: int, *order: tuple[str, str]) -> None:
        self._select = partial(pc.select_k_unstable, k=rows, sort_keys=order)
        self._best: pa.Table | None = None

    def add(self, table: pa.Table) -> None:
        rows = pa.concat_tables([self._best, table]) if self._best is not None else table
        self._best = rows.take(self._select(rows))

    @property
    def found(self) -> list[_Row]:
        return self._best.to_pylist() if self._best is not None else []


class _Histogram:
    """How many values there are from each of some limits, in ascending order, to the next."""

    def __init__(self, limits: Sequence[int]) -> None:
        self._limits = limits
        self._counts = np.zeros(len(limits), np.int64)

    def add(self, values: npt.NDArray[np.int32]) -> None:
        places = np.searchsorted(self._limits, values, side="right") - 1
        self._counts += np.bincount(places, minlength=len(self._limits))

    def bars(self) -> list[Bar]:
        """The bars, up to the last with any value in it."""
        ends = [*(limit - 1 for limit in self._limits[1:]), None]
        labels = [
            f"{low:,} or more" if high is None else f"{low:,}" + f"–{high:,}" * (high > low)
            for low, high in zip(self._limits, ends, strict=True)
        ]
        used = int(np.flatnonzero(self._counts).max(initial=0)) + 1
        counts = self._counts[:used].tolist()
        return _bars(zip(labels, counts, strict=False), sum(counts))


def _changes(job: ReportJob) -> _Row:
    counts = Counter({"added": 0, "changed": 0, "removed": 0})
    fields: Counter[str] = Counter()
    first = {change: _First(job.shown) for change in counts}
    for part in job.parts("changes", ["url", "change", "fields"]):
        counts += _count(part["change"])
        fields += _count(pc.list_flatten(part["fields"]))
        for change, rows in first.items():
            if rows.left and len(part):
                rows.add(part.filter(pc.equal(part["change"], change)))
    return {
        "counts": {change: counts[change] for change in first},
        "fields": _bars(_most(fields), counts["changed"]),
        "first": {change: rows.found for change, rows in first.items()},
    }


def _most(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _rejects(job: ReportJob) -> _Row:
    codes: Counter[str] = Counter()
    first = _First(job.shown)
    columns = ["source_path", "code", "message", "hint", "line", "column", "excerpt"]
    columns += ["problems", "first_seen"]
    for part in job.parts("rejects", columns):
        codes += _count(part["code"])
        place = part.schema.get_field_index("problems")
        first.add(part.set_column(place, "problems", pc.list_value_length(part["problems"])))
    return {"codes": _bars(_most(codes), job.rows["rejects"]), "first": first.found}


def _findings(job: ReportJob) -> _Row:
    counts: Counter[tuple[str, str]] = Counter()
    first: dict[str, _First] = {}
    for number, codes in enumerate(job.parts("findings", ["severity", "code"])):
        grouped = codes.group_by(["severity", "code"], use_threads=False).aggregate(
            [([], "count_all")]
        )
        counts += Counter(
            {(row["severity"], row["code"]): row["count_all"] for row in grouped.to_pylist()}
        )
        wanted = [c for c in grouped["code"].to_pylist() if c not in first or first[c].left]
        if not wanted:
            continue
        rows = parquet.read(job.tables["findings"][number])
        for code in wanted:
            first.setdefault(code, _First(job.shown)).add(rows.filter(pc.equal(rows["code"], code)))
    severities = Counter({"warning": 0, "info": 0})
    for (severity, _), count in counts.items():
        severities[severity] += count
    kinds = sorted(counts, key=lambda kind: (kind[0] != "warning", -counts[kind], kind[1]))
    bars = _bars(((code, counts[severity, code]) for severity, code in kinds), counts.total())
    return {
        "severities": severities,
        "kinds": [
            {"severity": severity, "bar": bar, "first": first[code].found}
            for (severity, code), bar in zip(kinds, bars, strict=True)
        ],
    }


def _subjects(job: ReportJob) -> _Row:
    most = _Best(job.shown, ("articles", "descending"), ("slug", "ascending"))
    articles = 0
    for part in job.parts("subjects", ["slug", "label", "articles"]):
        articles += pc.sum(part["articles"]).as_py() or 0
        most.add(part)
    labels = ((row["label"], row["articles"]) for row in most.found)
    return {
        "bars": _bars(labels, job.rows["articles"]),
        "without": job.rows["articles"] - articles,
    }


def _articles(job: ReportJob) -> _Row:
    months: Counter[int | None] = Counter()
    histogram = _Histogram(_WORDS)
    words = []
    longest = _Best(job.shown, ("word_count", "descending"), ("url", "ascending"))
    shortest = _Best(job.shown, ("word_count", "ascending"), ("url", "ascending"))
    hidden = 0
    for part in job.parts("articles", ["url", "published", "word_count", "no_index"]):
        published = part["published"]
        months += _count(pc.add(pc.multiply(pc.year(published), 12), pc.month(published)))
        words.append(part["word_count"].to_numpy())
        histogram.add(words[-1])
        longest.add(part)
        shortest.add(part)
        hidden += pc.sum(part["no_index"]).as_py() or 0
    counted = np.concatenate(words) if words else np.zeros(0, np.int32)
    without = months.pop(None, 0)
    return {
        "hidden": hidden,
        "dates": _dates({month - 1: n for month, n in months.items() if month is not None}),
        "undated": without,
        "words": histogram.bars(),
        "total_words": int(counted.sum(dtype=np.int64)),
        "median_words": round(float(np.median(counted))) if len(counted) else 0,
        "longest": longest.found,
        "shortest": shortest.found,
    }


def _dates(months: Mapping[int, int]) -> _Row:
    """Bars of the periods from the first to the last; a month is its number since the year 0."""
    if not months:
        return {"period": "month", "bars": []}
    first, last = min(months), max(months)
    period = next(
        (name for name, size in _PERIODS.items() if last // size - first // size < _MAX_PERIODS),
        list(_PERIODS)[-1],
    )
    size = _PERIODS[period]
    counts = dict.fromkeys(range(first // size, last // size + 1), 0)
    for month, count in months.items():
        counts[month // size] += count
    labels = ((_label(place * size, size), count) for place, count in counts.items())
    return {"period": period, "bars": _bars(labels, sum(months.values()))}


def _label(month: int, size: int) -> str:
    year = f"{month // 12:04}"
    return {1: f"{year}-{month % 12 + 1:02}", 12: year}.get(size, f"{year}s")


_STATUSES = ("ok", "missing", "self", "duplicate")


def _links(job: ReportJob) -> _Row:
    statuses: Counter[str] = Counter()
    for part in job.parts("related_links", ["status"]):
        statuses += _count(part["status"])
    links_in, links_out = _Histogram(_DEGREES), _Histogram(_DEGREES)
    most = _Best(job.shown, ("links_in", "descending"), ("url", "ascending"))
    orphans, first = 0, _First(job.shown)
    returned = 0
    columns = ["url", "links_in", "links_out", "reciprocal", "is_orphan"]
    for part in job.parts("link_degrees", columns):
        links_in.add(part["links_in"].to_numpy())
        links_out.add(part["links_out"].to_numpy())
        returned += pc.sum(part["reciprocal"]).as_py() or 0
        most.add(part)
        orphans += pc.sum(part["is_orphan"]).as_py() or 0
        if first.left:
            first.add(part.filter(part["is_orphan"]))
    total = job.rows["related_links"]
    return {
        "statuses": _bars(((status, statuses[status]) for status in _STATUSES), total),
        "ok": 100 * statuses["ok"] / max(total, 1),
        "returned": 100 * returned / max(statuses["ok"], 1),
        "links_in": links_in.bars(),
        "links_out": links_out.bars(),
        "most": [row for row in most.found if row["links_in"]],
        "orphans": orphans,
        "first_orphans": first.found,
    }


# Those that take long come first, so that no worker waits for them.
_SECTIONS: Mapping[str, Callable[[ReportJob], _Row]] = {
    "articles": _articles,
    "links": _links,
    "findings": _findings,
    "changes": _changes,
    "rejects": _rejects,
    "subjects": _subjects,
}


def _titles(job: ReportJob, sections: Mapping[str, _Row]) -> dict[str, str]:
    """The titles of the articles in all lists, by url, where they have one that can be seen.

    Each part of a table is about the same part of articles; what was removed stands in one more.
    """
    changes, articles, links = (sections[name] for name in ("changes", "articles", "links"))
    lists = [*changes["first"].values(), articles["longest"], articles["shortest"]]
    lists += [links["most"], links["first_orphans"]]
    wanted: dict[int, list[str]] = {}
    for row in (row for rows in lists for row in rows):
        wanted.setdefault(row["part"], []).append(row["url"])
    titles: dict[str, str] = {}
    for part, path in enumerate(job.tables["articles"]):
        if part in wanted:
            table = parquet.read(path, ["url", "title"])
            rows = table.filter(pc.is_in(table["url"], pa.array(wanted[part]))).to_pylist()
            titles |= {row["url"]: row["title"] for row in rows if (row["title"] or "").strip()}
    return titles


EXPORT = Export(
    name="report",
    description="A page for editors: what the release holds and changed, and what needs mending.",
    kinds=("html",),
    tables=tuple(TABLES),
    module=__name__,
    settings=lambda settings: [
        settings.site.title,
        settings.site.base_url,
        settings.exports.report_rows,
        settings.exports.spreadsheet,
    ],
    write=write,
    about_release=(_PATH,),
    is_dated=True,
)
