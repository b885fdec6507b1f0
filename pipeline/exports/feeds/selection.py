"""Which articles feeds have: the newest of the site and of each subject.

Newest is by time of publication, descending, then by url; a date alone is midnight UTC.
"""

from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from ...files import parquet
from ...model.publishing import Feeds
from ...model.schemas import NO_SUBJECT
from ...model.table import TIMESTAMP

_COLUMNS = ("url", "subject_slug", "published", "published_at", "no_index")


class Place(NamedTuple):
    """An article: its url, the number of the part that it stands in, and its row there."""

    part: int
    row: int
    url: str


class SelectJob(NamedTuple):
    """The choice of the newest articles."""

    articles: tuple[Path, ...]
    feeds: Feeds


class Selection(NamedTuple):
    """The newest articles of the site and of each subject, newest first."""

    site: list[Place]
    subjects: dict[str, list[Place]]


def select(job: SelectJob) -> Selection:
    """Choose the newest articles, keeping no more of a part than could still be chosen."""
    newest: pa.Table | None = None
    for number, path in enumerate(job.articles):
        candidates = _candidates(parquet.read(path, _COLUMNS), number)
        merged = candidates if newest is None else pa.concat_tables([newest, candidates])
        newest = _newest(merged, job.feeds)
    subjects: dict[str, list[Place]] = {}
    site: list[Place] = []
    for row in newest.to_pylist() if newest is not None else ():
        place = Place(row["part"], row["row"], row["url"])
        site.append(place)
        subjects.setdefault(row["subject"], []).append(place)
    limits = job.feeds
    return Selection(
        site[: limits.items],
        {name: places[: limits.subject_items] for name, places in subjects.items()},
    )


def _candidates(articles: pa.Table, part: int) -> pa.Table:
    table = pa.table(
        {
            "time": _times(articles),
            "url": articles["url"],
            "subject": pc.fill_null(articles["subject_slug"], NO_SUBJECT),
            "part": pa.repeat(pa.scalar(part, pa.int32()), len(articles)),
            "row": pa.array(range(len(articles)), pa.int32()),
        }
    )
    return table.filter(pc.invert(articles["no_index"]))


def _times(articles: pa.Table) -> pa.ChunkedArray:
    return pc.coalesce(articles["published_at"], articles["published"].cast(TIMESTAMP))


def _newest(candidates: pa.Table, limits: Feeds) -> pa.Table:
    """The rows, newest first, that are among the newest of the site or of their subject."""
    ordered = candidates.sort_by([("time", "descending"), ("url", "ascending")])
    seen: dict[str, int] = {}
    chosen = []
    for index, subject in enumerate(ordered["subject"].to_pylist()):
        seen[subject] = seen.get(subject, 0) + 1
        if index < limits.items or seen[subject] <= limits.subject_items:
            chosen.append(index)
    return ordered.take(pa.array(chosen, pa.int64()))
