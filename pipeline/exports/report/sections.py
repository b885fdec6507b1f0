"""What each section of the report shows, from its tables part by part.

A section is a mapping that the layout of the page reads. It has the first rows of each list.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...files import parquet
from ...model.findings import SEVERITIES
from ...model.settings import Settings
from ...model.vocabulary import CHANGE_KINDS, LINK_STATUSES, TEXT_LINK_STATUSES
from . import figures
from .figures import Row

_WORDS = (0, 1, 50, 100, 200, 400, 800, 1600, 3200)
_DEGREES = (0, 1, 2, 3, 6, 11, 21)
_PERIODS = {"month": 1, "year": 12, "decade": 120, "century": 1200}
_MAX_PERIODS = 60


class ReportJob(NamedTuple):
    """The report of a release, or one section. `rows` is the number of rows of each table.

    `passed_over` says how many files are not read, by suffix.
    """

    tables: Mapping[str, tuple[Path, ...]]
    rows: Mapping[str, int]
    settings: Settings
    root: Path
    as_of: int
    passed_over: Mapping[str, int]

    @property
    def shown(self) -> int:
        """How many rows of a list are shown."""
        return self.settings.exports.report_rows

    def parts(self, table: str, columns: Sequence[str]) -> Iterator[pa.Table]:
        """The parts of a table, with the number of the part as one more column.

        A table without rows has none.
        """
        for number, path in enumerate(self.tables[table] if self.rows[table] else ()):
            rows = parquet.read(path, columns)
            yield rows.append_column("part", pa.repeat(pa.scalar(number, pa.int32()), len(rows)))


def _changes(job: ReportJob) -> Row:
    counts = Counter(dict.fromkeys(CHANGE_KINDS, 0))
    fields: Counter[str] = Counter()
    first = {change: figures.First(job.shown) for change in counts}
    for part in job.parts("changes", ["url", "change", "fields"]):
        counts += figures.count(part["change"])
        fields += figures.count(pc.list_flatten(part["fields"]))
        for change, rows in first.items():
            if rows.left and len(part):
                rows.add(part.filter(pc.equal(part["change"], change)))
    return {
        "counts": {change: counts[change] for change in first},
        "fields": figures.bars(_most(fields), counts["changed"]),
        "first": {change: rows.found for change, rows in first.items()},
    }


def _most(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _rejects(job: ReportJob) -> Row:
    codes: Counter[str] = Counter()
    first = figures.First(job.shown)
    columns = ["source_path", "code", "message", "hint", "line", "column_number", "excerpt"]
    columns += ["problems", "first_seen"]
    for part in job.parts("rejects", columns):
        codes += figures.count(part["code"])
        place = part.schema.get_field_index("problems")
        first.add(part.set_column(place, "problems", pc.list_value_length(part["problems"])))
    return {"codes": figures.bars(_most(codes), job.rows["rejects"]), "first": first.found}


def _findings(job: ReportJob) -> Row:
    counts: Counter[tuple[str, str]] = Counter()
    first: dict[str, figures.First] = {}
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
            first.setdefault(code, figures.First(job.shown)).add(
                rows.filter(pc.equal(rows["code"], code))
            )
    severities = Counter(dict.fromkeys(SEVERITIES, 0))
    for (severity, _), count in counts.items():
        severities[severity] += count
    kinds = sorted(counts, key=lambda kind: (-SEVERITIES.index(kind[0]), -counts[kind], kind[1]))
    bars = figures.bars(
        ((code, counts[severity, code]) for severity, code in kinds), counts.total()
    )
    return {
        "severities": severities,
        "kinds": [
            {"severity": severity, "bar": bar, "first": first[code].found}
            for (severity, code), bar in zip(kinds, bars, strict=True)
        ],
    }


def _subjects(job: ReportJob) -> Row:
    most = figures.Best(job.shown, ("articles", "descending"), ("slug", "ascending"))
    articles = 0
    for part in job.parts("subjects", ["slug", "label", "articles"]):
        articles += pc.sum(part["articles"]).as_py() or 0
        most.add(part)
    labels = ((row["label"], row["articles"]) for row in most.found)
    return {
        "bars": figures.bars(labels, job.rows["articles"]),
        "without": job.rows["articles"] - articles,
    }


def _articles(job: ReportJob) -> Row:
    months: Counter[int | None] = Counter()
    histogram = figures.Histogram(_WORDS)
    words = []
    longest = figures.Best(job.shown, ("word_count", "descending"), ("url", "ascending"))
    shortest = figures.Best(job.shown, ("word_count", "ascending"), ("url", "ascending"))
    hidden = 0
    for part in job.parts("articles", ["url", "published", "word_count", "no_index"]):
        published = part["published"]
        months += figures.count(pc.add(pc.multiply(pc.year(published), 12), pc.month(published)))
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


def _dates(months: Mapping[int, int]) -> Row:
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
    return {"period": period, "bars": figures.bars(labels, sum(months.values()))}


def _label(month: int, size: int) -> str:
    year = f"{month // 12:04}"
    return {1: f"{year}-{month % 12 + 1:02}", 12: year}.get(size, f"{year}s")


def _links(job: ReportJob) -> Row:
    statuses: Counter[str] = Counter()
    for part in job.parts("related_links", ["status"]):
        statuses += figures.count(part["status"])
    in_texts: Counter[str] = Counter()
    for part in job.parts("text_links", ["status"]):
        in_texts += figures.count(part["status"])
    links_in, links_out = figures.Histogram(_DEGREES), figures.Histogram(_DEGREES)
    most = figures.Best(job.shown, ("links_in", "descending"), ("url", "ascending"))
    most_in_texts = figures.Best(job.shown, ("text_links_in", "descending"), ("url", "ascending"))
    orphans, first = 0, figures.First(job.shown)
    returned = 0
    columns = [
        *("url", "links_in", "links_out", "reciprocal", "text_links_in", "text_links_out"),
        "is_orphan",
    ]
    for part in job.parts("link_degrees", columns):
        links_in.add(part["links_in"].to_numpy())
        links_out.add(part["links_out"].to_numpy())
        returned += pc.sum(part["reciprocal"]).as_py() or 0
        most.add(part)
        most_in_texts.add(part)
        orphans += pc.sum(part["is_orphan"]).as_py() or 0
        if first.left:
            first.add(part.filter(part["is_orphan"]))
    total = job.rows["related_links"]
    return {
        "statuses": figures.bars(((status, statuses[status]) for status in LINK_STATUSES), total),
        "ok": 100 * statuses["ok"] / max(total, 1),
        "returned": 100 * returned / max(statuses["ok"], 1),
        "links_in": links_in.bars(),
        "links_out": links_out.bars(),
        "most": [row for row in most.found if row["links_in"]],
        "in_texts": figures.bars(
            ((status, in_texts[status]) for status in TEXT_LINK_STATUSES), job.rows["text_links"]
        ),
        "missing_in_texts": in_texts["missing"],
        "most_in_texts": [row for row in most_in_texts.found if row["text_links_in"]],
        "orphans": orphans,
        "first_orphans": first.found,
    }


# The slowest come first, so that no worker waits for them at the end.
SECTIONS: Mapping[str, Callable[[ReportJob], Row]] = {
    "articles": _articles,
    "links": _links,
    "findings": _findings,
    "changes": _changes,
    "rejects": _rejects,
    "subjects": _subjects,
}
