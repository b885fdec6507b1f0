"""What is made for each release that is written: what it changed, and what was before it.

``history`` and ``releases`` are those of the previous release, with what that changed and held, and
so a function of it alone. They follow the line of releases of which each was made from the one
before: one that was undone is no part of it.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from ..base.digests import digest
from ..base.fingerprint import code_of
from ..base.wording import some
from ..files import atomic, parquet
from ..files.atomic import FileEntry
from ..model.release_schemas import CHANGES, HISTORY, PAST, RELEASES
from ..model.table import Table
from ..model.vocabulary import CHANGE_KINDS
from ..releases import between, local
from ..releases.manifest import Output, Release
from ..releases.staging import StepRecord
from ..tables import history
from .run import Run
from .steps import INGEST, SUMMARIZE

NO_CHANGES = dict.fromkeys(CHANGE_KINDS, 0)


def make(run: Run) -> None:
    """Make the tables that are made for each release, and that no step has made."""
    if CHANGES.name not in run.staging.made():
        _change_nothing(run)
    _go_on(run)


def _change_nothing(run: Run) -> None:
    """The changes of a run that makes no tables, and so changes no url."""
    run.staging.parts("articles")  # raises where there is no release to take tables from
    rows = CHANGES.schema.empty_table()
    part = parquet.write_table(run.staging.root, parquet.part_path(CHANGES.name, 0), rows)
    outputs = {CHANGES.name: Output(run.recipe(SUMMARIZE), run.inputs(SUMMARIZE), (part,))}
    run.staging.record(CHANGES.name, StepRecord(outputs, {"changes": NO_CHANGES}))


def _go_on(run: Run) -> None:
    """The tables of the past."""
    recipe, previous = code_of(history.__name__), run.staging.previous
    inputs = digest(recipe, previous.id if previous else None)
    outputs = {
        name: Output(recipe, inputs, tuple(_appended(run, table))) for name, table in PAST.items()
    }
    run.staging.record(HISTORY.name, StepRecord(outputs))


class _Past(NamedTuple):
    """Parts of a table in the release at `root`, and the releases to append, the oldest first."""

    root: Path
    parts: list[FileEntry]
    releases: list[Release]

    @property
    def begins(self) -> bool:
        """Whether there was a release before these, of which nothing is known."""
        return not self.parts and bool(self.releases) and bool(self.releases[0].manifest.previous)


def _appended(run: Run, table: Table) -> list[FileEntry]:
    """The parts of a table, laid out as `tables.history` says; rows are read part by part."""
    root, past = run.staging.root, _past(run, table.name)
    count, rows = _rows(run, table, past)
    stay = history.staying([entry.rows or 0 for entry in past.parts], count)
    small = (parquet.read_as(past.root / entry.path, table.schema) for entry in past.parts[stay:])
    entries: list[FileEntry] = []
    for entry in past.parts[:stay]:
        path = parquet.part_path(table.name, len(entries))
        atomic.hard_link(past.root / entry.path, root, path)
        entries.append(entry._replace(path=path))
    for part in history.in_parts(chain(small, rows)):
        path = parquet.part_path(table.name, len(entries))
        entries.append(parquet.write_table(root, path, part))
    empty = parquet.part_path(table.name, 0)
    return entries or [parquet.write_table(root, empty, table.schema.empty_table())]


def _rows(run: Run, table: Table, past: _Past) -> tuple[int, Iterator[pa.Table]]:
    """How many rows are appended to the parts of a table, and these, a part at a time."""
    if table is RELEASES:
        return len(past.releases), map(history.figures, past.releases)
    changes = list(_changes(run, past.releases))
    rows = (
        history.changed(release, parquet.read_as(release.root / entry.path, CHANGES.schema))
        for release, entry in changes
    )
    if past.begins:
        first = past.releases[0]
        present = _present(run, first, [entry for one, entry in changes if one is first])
        return 0, chain(present, rows)  # to no parts
    return sum(entry.rows or 0 for _, entry in changes), rows


def _present(run: Run, release: Release, changes: Iterable[FileEntry]) -> Iterator[pa.Table]:
    """The articles of a release that were there before it, a part at a time."""
    changed = (parquet.read(release.root / entry.path, ["url"])["url"] for entry in changes)
    urls = pa.chunked_array([chunk for column in changed for chunk in column.chunks], pa.string())
    for entry in _intact(run, release, "articles"):
        articles = parquet.read_as(release.root / entry.path, history.COLUMNS)
        yield history.present(release, articles, urls)


def _past(run: Run, table: str) -> _Past:
    """What a table goes on from: the newest release on the line that has all of it.

    If none has, as where the site was published by a version that did not make the table, it begins
    with the oldest release that is kept, or with what the previous release has left of it.
    """
    releases: list[Release] = []
    for release in _line(run):
        releases.insert(0, release)
        if table in release.outputs:
            parts = release.outputs[table].files
            if len(intact := _intact(run, release, table)) == len(parts):
                return _Past(release.root, intact, releases)
    previous = run.staging.previous
    if previous is None or table not in previous.outputs:
        return _Past(Path(), [], releases)
    left = _intact(run, previous, table)
    _warn_of_loss(run, previous, table, left)
    return _Past(previous.root, left, [previous] if left else releases)


def _line(run: Run) -> Iterator[Release]:
    """The previous release, the one that it was made from, and so on while they are kept."""
    if (previous := run.staging.previous) is not None:
        yield previous
        yield from between.line_of(previous.root.parent, previous.manifest.previous)


def _changes(run: Run, releases: Iterable[Release]) -> Iterator[tuple[Release, FileEntry]]:
    """The parts of the table ``changes`` of releases that hold any rows."""
    for release in releases:
        if CHANGES.name in release.outputs:
            intact = _intact(run, release, CHANGES.name)
            _warn_of_loss(run, release, CHANGES.name, intact)
            yield from ((release, entry) for entry in intact if entry.rows)


def _intact(run: Run, release: Release, table: str) -> list[FileEntry]:
    """The parts of a table of a release that are as they were written."""
    previous = run.staging.previous
    if previous and release.id == previous.id and run.staging.recorded(INGEST.name):
        damaged = run.found_damaged()  # step one has read all
    else:
        lacking = run.staging.store.fetch(release, [table])
        damaged = {*lacking, *local.damaged(release, [table])}
    return [entry for entry in release.outputs[table].files if entry.path not in damaged]


def _warn_of_loss(run: Run, release: Release, table: str, intact: Sequence[FileEntry]) -> None:
    found = {entry.path for entry in intact}
    lost = [entry.path for entry in release.outputs[table].files if entry.path not in found]
    if lost:
        run.progress.warn(
            f"{some(lost)} of {release.id} cannot be read, and no release that is kept has the"
            " rows: they are missing in history from now on"
        )
