"""Redirects: former urls of articles, and the urls that these have now.

A former url is an alias that front matter states, or one that an article moved from: of what a
release removed and added, exactly one each has the same id, the same path, the same file, or the
same content.
Redirects are kept from release to release. None leads from a url that an article has, and each
leads to the url that the article has now, so that there are no chains and no loops.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from ..files import parquet
from ..model.link_schemas import REDIRECTS
from ..model.table import TIMESTAMP
from ..model.vocabulary import EVIDENCE
from . import scratch

IsLive: TypeAlias = Callable[[Sequence[str]], Sequence[bool]]


class Redirect(NamedTuple):
    """A row of the table; `since` is in microseconds."""

    from_url: str
    to_url: str
    kind: str
    evidence: str | None
    since: int
    is_live: bool


class Move(NamedTuple):
    """An article that has another url than in the previous release, and how that is known."""

    from_url: str
    to_url: str
    evidence: str


def moves(removed: pa.Table, added: pa.Table) -> Iterator[Move]:
    """The articles that moved.

    Both tables have the `EVIDENCE` and the column ``url``, of what a release removes and adds.
    """
    moved = set[str]()
    for column, evidence in EVIDENCE.items():
        before, after = (_only(table, column, moved) for table in (removed, added))
        for value in before.keys() & after.keys():
            moved |= {before[value], after[value]}
            yield Move(before[value], after[value], evidence)


def _only(table: pa.Table, column: str, without: set[str]) -> dict[object, str]:
    """The url of each value that stands in exactly one row."""
    pairs = zip(table[column].to_pylist(), table["url"].to_pylist(), strict=True)
    known = [(value, url) for value, url in pairs if value is not None and url not in without]
    counts = Counter(value for value, _ in known)
    return {value: url for value, url in known if counts[value] == 1}


def made(
    previous: pa.Table, aliases: pa.Table, moved: Iterable[Move], are_live: IsLive, as_of: int
) -> pa.Table:
    """The table ``redirects``, by the former url.

    Args:
        previous: That of the previous release.
        aliases: What articles state (`scratch.ALIASES`), in their order.
        moved: The articles that this release moves.
        are_live: Whether urls are those of articles.
        as_of: The time of the run, in microseconds.
    """
    known = {row.from_url: row for row in _rows(previous)}
    moves_now = {move.from_url: move for move in moved}
    stated = dict(reversed(list(_pairs(aliases))))  # of several articles the first has an alias
    of_all = {
        **{url: _kept(row, moves_now) for url, row in known.items()},
        **{url: (move.to_url, "moved", move.evidence) for url, move in moves_now.items()},
    }
    for url, to_url in stated.items():
        # What moved is known to have moved, also once nobody states it any more.
        _, kind, evidence = of_all.get(url, ("", "alias", None))
        of_all[url] = to_url, kind, evidence
    targets = _ends({url: to_url for url, (to_url, _, _) in of_all.items()}, are_live)
    sources_live = dict(zip(of_all, are_live(list(of_all)), strict=True))
    targets_live = dict(zip(targets.values(), are_live(list(targets.values())), strict=True))
    rows = [
        Redirect(
            url,
            targets[url],
            kind,
            evidence,
            known[url].since if url in known else as_of,
            bool(targets_live[targets[url]]),
        )
        for url, (_, kind, evidence) in sorted(of_all.items())
        if not sources_live[url]
        # An alias that its article states no longer is none any more.
        and not (kind == "alias" and url not in stated and targets_live[targets[url]])
    ]
    return parquet.to_table(rows, REDIRECTS.schema)


def _kept(row: Redirect, moved: Mapping[str, Move]) -> tuple[str, str, str | None]:
    """A redirect of the previous release, to where its target has moved."""
    move = moved.get(row.to_url)
    return (move.to_url if move else row.to_url), row.kind, row.evidence


def _ends(leads_to: Mapping[str, str], are_live: IsLive) -> dict[str, str]:
    """Where each redirect ends: at an article, or where no other leads on."""
    urls = list(dict.fromkeys([*leads_to, *leads_to.values()]))
    live = {url for url, is_live in zip(urls, are_live(urls), strict=True) if is_live}
    ends: dict[str, str] = {}
    for start in leads_to:
        passed, url = list[str](), leads_to[start]
        while url not in live and url in leads_to and url not in ends and url not in passed:
            passed.append(url)
            url = leads_to[url]
        end = ends.get(url, url) if url not in live else url
        ends |= dict.fromkeys(passed, end)
        ends[start] = end
    return ends


def _rows(table: pa.Table) -> Iterator[Redirect]:
    columns = (table[name] for name in REDIRECTS.schema.names)
    times = table["since"].cast(pa.int64()).to_pylist()
    for row, since in zip(
        zip(*(one.to_pylist() for one in columns), strict=True), times, strict=True
    ):
        yield Redirect(*row)._replace(since=since)


def _pairs(aliases: pa.Table) -> Iterator[tuple[str, str]]:
    yield from zip(aliases["alias"].to_pylist(), aliases["url"].to_pylist(), strict=True)


def disputed(aliases: pa.Table, are_live: IsLive) -> pa.Table:
    """Aliases that lead nowhere, as `scratch.DISPUTED_ALIASES`.

    An alias is the url of an article (`owner`), or of an article above it, too.
    """
    pairs = list(_pairs(aliases))
    live = are_live([alias for alias, _ in pairs])
    first: dict[str, str] = {}
    rows = []
    for (alias, url), is_live in zip(pairs, live, strict=True):
        if alias.rstrip("/") == url.rstrip("/"):
            continue
        owner = alias if is_live else first.setdefault(alias, url)
        if is_live or owner != url:
            rows.append((url, alias, owner))
    return parquet.to_table(rows, scratch.DISPUTED_ALIASES.schema)


def live(redirects: pa.Table) -> pa.Table:
    """Those redirects that lead to an article."""
    return redirects.filter(pc.field("is_live"))


def moved_in(parts: Iterable[Path], as_of: int) -> pa.ChunkedArray:
    """The urls that articles moved from in the release of a time, in seconds."""
    rows = pa.concat_tables(parquet.read(path, ("from_url", "kind", "since")) for path in parts)
    now = pc.equal(rows["since"], pa.scalar(as_of * 1_000_000, TIMESTAMP))
    return rows.filter(pc.and_(now, pc.equal(rows["kind"], "moved")))["from_url"]
