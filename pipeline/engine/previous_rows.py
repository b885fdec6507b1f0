"""Rows of the previous release: those of files that did not change are carried over, and those of
articles that may have changed are compared with.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ..base import printable
from ..base.problems import Code
from ..files import parquet
from ..model.content import ContentModel
from ..model.link_schemas import ANCHORS, STATED_LINKS, WRITTEN_LINKS
from ..model.schemas import REJECTS, SKIPPED, articles_of, tables
from ..releases import cache
from ..releases.cache import Cache
from ..tables import changes, due, findings, ledger, rejects, scratch, url_index
from ..tables.changes import Stated
from .workspace import Workspace


class Rows(NamedTuple):
    """Rows of a shard; the `places` of each kind of file are those in the shard.

    `lists` holds the tables of lists, by name.
    """

    places: npt.NDArray[np.int64]
    articles: pa.Table
    lists: Mapping[str, pa.Table]
    stated_links: pa.Table
    written_links: pa.Table
    anchors: pa.Table
    findings: pa.Table
    reject_places: npt.NDArray[np.int64]
    rejects: pa.Table
    skipped_places: npt.NDArray[np.int64]
    skipped: pa.Table


# --- files that did not change --------------------------------------------------------------------

# Whether these apply depends on more than the bytes of the file.
_NOT_OF_THE_BYTES = tuple(
    map(str, (Code.DUPLICATE_URL, Code.NAME_NOT_UTF8, Code.UNREADABLE_CONTENT))
)
_FILE_COLUMNS = ("source_path", "source_sha256")


def files_of(release: Path, part: int) -> Iterator[dict[str, npt.NDArray[Any]]]:
    """The files whose rows stand in a part of each table of files, as `scratch.FILES`."""
    articles = parquet.read(release / parquet.part_path("articles", part), _FILE_COLUMNS)
    yield _files(part, articles, np.arange(len(articles)), "articles")
    rejected = parquet.read(release / parquet.part_path("rejects", part), (*_FILE_COLUMNS, "code"))
    is_of_bytes = pc.invert(pc.is_in(rejected["code"], pa.array(_NOT_OF_THE_BYTES)))
    usable = pc.and_(pc.is_valid(rejected["source_sha256"]), is_of_bytes)
    rows = np.flatnonzero(usable.to_numpy())
    yield _files(part, rejected.take(rows), rows, "rejects")
    skipped = parquet.read(release / parquet.part_path("skipped", part), (*_FILE_COLUMNS, "reason"))
    rows = np.flatnonzero(pc.not_equal(skipped["reason"], "bundle").to_numpy())
    yield _files(part, skipped.take(rows), rows, "skipped")


def _files(
    part: int, table: pa.Table, rows: npt.NDArray[np.int64], name: str
) -> dict[str, npt.NDArray[Any]]:
    return {
        "url": url_index.digests(table["source_path"].to_pylist()),
        "sha256": url_index.from_hex(table["source_sha256"].to_pylist()),
        "part": np.full(len(rows), part, np.int32),
        "row": rows.astype(np.int32),
        "kind": np.full(len(rows), scratch.OF_FILES.index(name), np.int8),
    }


class Unchanged(NamedTuple):
    """Files of a shard that have rows in the previous release: `scratch.FILES`, by their places."""

    places: npt.NDArray[np.int64]
    files: url_index.Columns

    def sha256(self) -> dict[int, str]:
        """Their digests in hexadecimal, by place."""
        digests = map(url_index.to_hex, self.files["sha256"])
        return dict(zip(self.places.tolist(), digests, strict=True))


NOTHING = Unchanged(np.empty(0, np.int64), url_index.concatenate([], scratch.FILES.schema))


def unchanged(
    known: url_index.Columns,
    paths: Sequence[str],
    surveyed: npt.NDArray[np.bytes_],
    excluded: Collection[str],
) -> Unchanged:
    """The files that have rows in the previous release, without those to be `excluded`.

    `known` holds all its files by path, `surveyed` the digests of those at `paths`.
    """
    shown = [printable.encodable(path) for path in paths]
    rows = url_index.find(known, shown)
    same = rows >= 0
    same[same] = known["sha256"][rows[same]] == surveyed[same]
    may_be = [
        name == path and path not in excluded for name, path in zip(shown, paths, strict=True)
    ]
    places = np.flatnonzero(same & np.array(may_be, dtype=bool))
    return Unchanged(places, {name: column[rows[places]] for name, column in known.items()})


# --- rows of the previous release -----------------------------------------------------------------


class Part:
    """The tables of one part of a release, read when they are wanted."""

    def __init__(self, root: Path, number: int, model: ContentModel) -> None:
        self._root, self._number, self._model = root, number, model

    def _read(self, table: str, schema: pa.Schema) -> pa.Table:
        """A table with the columns of today: null are those that are not `_known`."""
        return _completed(self._known(table, schema), schema)

    def _known(self, table: str, schema: pa.Schema) -> pa.Table:
        """The columns of a table that are as they are today.

        An earlier version, or other settings, may have had fewer, or of other types.
        """
        found = parquet.read(self._root / parquet.part_path(table, self._number), schema.names)
        return found.select(
            [
                field.name
                for field in schema
                if field.name in found.column_names and found[field.name].type == field.type
            ]
        )

    @cached_property
    def articles(self) -> pa.Table:
        """Its articles."""
        return _completed(self.known_articles, articles_of(self._model))

    @cached_property
    def known_articles(self) -> pa.Table:
        """Its articles, with those columns alone that are as they are today."""
        return self._known("articles", articles_of(self._model))

    def lists(self, held: Collection[str]) -> dict[str, pa.Table | None]:
        """The lists of its articles, by name; None instead of those that are not `held`."""
        return {name: self._list(name) if name in held else None for name in self._model.lists()}

    def _list(self, name: str) -> pa.Table:
        return self._read(name, tables(self._model)[name].schema)

    @cached_property
    def stated_links(self) -> pa.Table:
        """The links of its articles, as written."""
        return self._read("related_links", STATED_LINKS)

    @cached_property
    def written_links(self) -> pa.Table:
        """The links in the texts of its articles, as written."""
        return self._read("text_links", WRITTEN_LINKS)

    @cached_property
    def findings(self) -> pa.Table:
        """The findings in the text of its articles."""
        return findings.in_text(self._read("findings", scratch.FINDINGS.schema))

    def rows(self, same: Unchanged) -> Rows:
        """The rows that unchanged files have in this part."""
        of_part = same.files["part"] == self._number
        accepted, rejected, skipped = (
            of_part & (same.files["kind"] == kind) for kind in range(len(scratch.OF_FILES))
        )
        articles = self.articles.take(same.files["row"][accepted])
        urls = articles["url"].combine_chunks()

        def of_articles(rows: pa.Table) -> pa.Table:
            return rows.filter(pc.is_in(rows["url"], urls))

        return Rows(
            same.places[accepted],
            articles,
            {name: of_articles(self._list(name)) for name in self._model.lists()},
            of_articles(self.stated_links),
            of_articles(self.written_links),
            of_articles(self._read("anchors", ANCHORS.schema)),
            of_articles(self.findings),
            same.places[rejected],
            self._read("rejects", REJECTS.schema).take(same.files["row"][rejected]),
            same.places[skipped],
            self._read("skipped", SKIPPED.schema).take(same.files["row"][skipped]),
        )


def _completed(known: pa.Table, schema: pa.Schema) -> pa.Table:
    """A table with all columns of a schema: null are those that it does not have."""
    columns = [
        known[field.name] if field.name in known.column_names else pa.nulls(len(known), field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _by_article(table: pa.Table, articles: pa.Table) -> pa.Table:
    """Rows in the order of their articles."""
    order = pc.index_in(table["url"], articles["url"].combine_chunks()).to_numpy()
    return table.take(np.argsort(order, kind="stable"))


def together(pieces: Sequence[Rows]) -> Rows:
    """Rows of several sets of files, one after the other."""
    if len(pieces) == 1:
        return pieces[0]
    return Rows._make(map(_joined, zip(*pieces, strict=True)))


def _joined(of_all: Sequence[Any]) -> Any:
    if isinstance(of_all[0], np.ndarray):
        return np.concatenate(of_all)
    if isinstance(of_all[0], Mapping):
        return {name: pa.concat_tables(each[name] for each in of_all) for name in of_all[0]}
    return pa.concat_tables(of_all)


def in_order(pieces: Sequence[Rows]) -> Rows:
    """Rows that come from several places, in the order of their files."""
    if len(pieces) == 1:
        return pieces[0]
    rows = together(pieces)
    articles, rejected = np.argsort(rows.places), np.argsort(rows.reject_places)
    skipped = np.argsort(rows.skipped_places)
    of_articles = rows.articles.take(articles)
    return Rows(
        rows.places[articles],
        of_articles,
        {name: _by_article(table, of_articles) for name, table in rows.lists.items()},
        _by_article(rows.stated_links, of_articles),
        _by_article(rows.written_links, of_articles),
        _by_article(rows.anchors, of_articles),
        _by_article(rows.findings, of_articles),
        rows.reject_places[rejected],
        rows.rejects.take(rejected),
        rows.skipped_places[skipped],
        rows.skipped.take(skipped),
    )


# --- what a shard is published with ---------------------------------------------------------------


class Remembered(NamedTuple):
    """What the previous release knows of urls and files that rows are made anew of.

    `urls` are its ledger (`scratch.LEDGER_INDEX`), `rejects` since when files are rejected
    (`scratch.REJECT_INDEX`), `cache` its intact files. `as_of` is the time of the run, in
    microseconds; `model` is that of the site.
    """

    urls: url_index.Columns
    rejects: url_index.Columns
    cache: Cache
    as_of: int
    model: ContentModel


def remembered(work: Workspace, model: ContentModel) -> Remembered:
    """What the run has laid out of the previous release."""
    return Remembered(
        url_index.columns(scratch.LEDGER_INDEX.read(work.scratch)),
        url_index.columns(scratch.REJECT_INDEX.read(work.scratch)),
        cache.load(work.cache_file),
        work.as_of_us,
        model,
    )


class Carried(NamedTuple):
    """All rows of a shard, in the order of its files, and the table ``changes`` for it."""

    rows: Rows
    changes: pa.Table


def carry_over(records: Rows, same: Unchanged, previous: Remembered) -> Carried:
    """Date the records of files that were read, and put those of unchanged files between them.

    What did not change changes nothing. Each part of the previous release is read once, and let go
    before the next.
    """
    made = _dated(records, previous)
    urls = made.articles["url"].to_pylist()
    rows = url_index.find(previous.urls, urls)
    is_known = rows >= 0
    is_known[is_known] = previous.urls["is_live"][rows[is_known]]
    known = {name: previous.urls[name][rows[is_known]] for name in ("part", "row", "content")}
    known["place"] = np.flatnonzero(is_known)
    pieces, changed = [made], dict[str, list[str]]()
    for number in np.union1d(known["part"], same.files["part"]).tolist():
        part = Part(previous.cache.root, number, previous.model)
        of_part = {name: column[known["part"] == number] for name, column in known.items()}
        if len(of_part["place"]):
            held = previous.cache.intact(number, changes.compared(previous.model))
            changed |= _changed(made, of_part, part, held)
        if number in same.files["part"]:
            pieces.append(part.rows(same))
    return Carried(in_order(pieces), changes.made(made.articles, is_known, changed))


def _dated(records: Rows, previous: Remembered) -> Rows:
    articles, rejected = records.articles, records.rejects
    for name, times in ledger.assign_dates(articles, previous.urls, previous.as_of).items():
        articles = _with(articles, name, times)
    held = due.times_of(articles, previous.model).hidden(previous.as_of)
    articles = _with(articles, "no_index", held | articles["no_index"].to_numpy())
    since = rejects.since_when(rejected, previous.rejects, previous.as_of)
    return records._replace(articles=articles, rejects=_with(rejected, "first_seen", since))


def _with(table: pa.Table, name: str, values: pa.Array | npt.NDArray[Any]) -> pa.Table:
    """A table with other values in a column; times are in microseconds."""
    column = table.schema.get_field_index(name)
    field = table.schema.field(column)
    return table.set_column(column, field, pa.array(values).cast(field.type))


def _changed(
    made: Rows, known: url_index.Columns, part: Part, held: Collection[str]
) -> dict[str, list[str]]:
    """The fields that differ, by url, of articles that stood in a part; `known` are their rows.

    `held` are the tables of which the file of the part is intact. Of fields that stand in a damaged
    one it is known at most that the content differs.
    """
    articles = made.articles.take(known["place"])
    urls = articles["url"].to_pylist()
    old = Stated(
        part.known_articles.take(known["row"]) if "articles" in held else None,
        part.lists(held),
        part.stated_links if "related_links" in held else None,
    )
    changed = changes.fields(urls, old, Stated(articles, made.lists, made.stated_links))
    if old.is_partly_lost:
        contents = url_index.from_hex(articles["content_sha256"].to_pylist())
        for place in np.flatnonzero(known["content"] != contents).tolist():
            changed.setdefault(urls[place], [])
    return changed
