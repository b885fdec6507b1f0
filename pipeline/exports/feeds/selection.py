"""Which articles each feed has, in which order.

By the setting `order`, the newest are those published last, or those seen first last; among equals
the other time decides, then the url. A date alone is midnight UTC. What has no date stands in no
feed that is ordered by it.
"""

from collections.abc import Iterator, Mapping
from itertools import starmap
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from ...files import parquet
from ...model.publishing import Feeds
from ...model.schemas import NO_SUBJECT
from ...model.table import TIMESTAMP

_COLUMNS = (
    *("url", "subject_slug", "collection", "language", "no_index"),
    *("published", "published_at", "first_seen", "modified"),
)
_ORDERS = {"published": ("published", "first_seen"), "first_seen": ("first_seen", "published")}

Kind: TypeAlias = Literal["site", "languages", "collections", "subjects"]


class Key(NamedTuple):
    """What tells a feed from others: its kind, and its language or slug, where it has any."""

    kind: Kind
    name: str = ""

    @property
    def path(self) -> str:
        """The two as one text."""
        return f"{self.kind}/{self.name}" if self.name else self.kind


class Place(NamedTuple):
    """An article: its url, the number of the part that it stands in, and its row there.

    `first_seen` and `modified` are microseconds since 1970.
    """

    part: int
    row: int
    url: str
    first_seen: int
    modified: int | None


class SelectJob(NamedTuple):
    """The choice of articles; a collection that has a feed is in `collections`, with its slug."""

    articles: tuple[Path, ...]
    feeds: Feeds
    collections: Mapping[str, str]
    languages: frozenset[str]


def limit(kind: Kind, feeds: Feeds) -> int:
    """How many articles a feed of a kind holds."""
    return feeds.subject_items if kind == "subjects" else feeds.items


class Chosen(NamedTuple):
    """The articles of a feed."""

    key: Key
    places: list[Place]


def select(job: SelectJob) -> list[Chosen]:
    """The newest articles of each feed, newest first; with archives all of them.

    No more of a part is kept than could still be chosen.
    """
    kept: pa.Table | None = None
    for number, path in enumerate(job.articles):
        candidates = _candidates(parquet.read(path, _COLUMNS), number, job.feeds)
        kept = candidates if kept is None else pa.concat_tables([kept, candidates])
        if not job.feeds.archives:
            kept = _newest(kept, job)
    chosen: dict[Key, list[Place]] = {Key("site"): []}
    if kept is not None:
        ordered = _newest(kept, job)
        columns = (ordered[name].to_pylist() for name in Place._fields)
        places = map(Place, *columns)
        for place, keys in zip(places, _keys(ordered, job), strict=True):
            for key in keys:
                chosen.setdefault(key, []).append(place)
    if job.feeds.archives:
        return list(starmap(Chosen, chosen.items()))
    return [Chosen(key, places[: limit(key.kind, job.feeds)]) for key, places in chosen.items()]


def _candidates(articles: pa.Table, part: int, feeds: Feeds) -> pa.Table:
    published = pc.coalesce(articles["published_at"], articles["published"].cast(TIMESTAMP))
    # A mistyped year must not stay in front for ever: what is yet to come is as new as it is here.
    is_to_come = pc.greater(published, articles["modified"])
    table = pa.table(
        {
            "published": pc.if_else(is_to_come, articles["first_seen"], published),
            "first_seen": articles["first_seen"].cast(pa.int64()),
            "modified": articles["modified"].cast(pa.int64()),
            "url": articles["url"],
            "subject": pc.fill_null(articles["subject_slug"], NO_SUBJECT),
            "collection": articles["collection"],
            "language": articles["language"],
            "part": pa.repeat(pa.scalar(part, pa.int32()), len(articles)),
            "row": pa.array(range(len(articles)), pa.int32()),
        }
    )
    shown = pc.invert(articles["no_index"])
    if feeds.order == "published":
        shown = pc.and_(shown, pc.is_valid(table["published"]))
    return table.filter(shown)


def _newest(candidates: pa.Table, job: SelectJob) -> pa.Table:
    """The rows, newest first, that are among the newest of one of their feeds."""
    times = [(name, "descending") for name in _ORDERS[job.feeds.order]]
    ordered = candidates.sort_by([*times, ("url", "ascending")])
    if job.feeds.archives:
        return ordered
    seen: dict[Key, int] = {}
    chosen = []
    for index, keys in enumerate(_keys(ordered, job)):
        is_chosen = False
        for key in keys:
            seen[key] = seen.get(key, 0) + 1
            is_chosen |= seen[key] <= limit(key.kind, job.feeds)
        if is_chosen:
            chosen.append(index)
    return ordered.take(pa.array(chosen, pa.int64()))


def _keys(rows: pa.Table, job: SelectJob) -> Iterator[list[Key]]:
    """The feeds of each article."""
    columns = (rows[name].to_pylist() for name in ("subject", "collection", "language"))
    for subject, collection, language in zip(*columns, strict=True):
        keys = [Key("site"), Key("subjects", subject)]
        if collection in job.collections:
            keys.append(Key("collections", job.collections[collection]))
        if language in job.languages:
            keys.append(Key("languages", language))
        yield keys
