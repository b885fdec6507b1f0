"""The columns of tables that are not, or are of another type, in the release before."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow.parquet as pq

from ..model.columns import BUILT_IN
from ..model.schemas import tables
from ..releases.manifest import Output, Release, SchemaChange
from .run import Run


def schema_changes(run: Run, outputs: Mapping[str, Output]) -> list[SchemaChange]:
    """What differs in the columns of those of some outputs that are tables.

    A list that the settings declare no more, or anew, has lost, or got, all its columns; a table
    that every site has, and that is new in this version, is no change. `outputs` has the articles.
    A run that makes the published release again, from the same inputs, compares with the release
    before that, as it did: it is to become the same.
    """
    previous = run.staging.previous
    if previous is None:
        return []
    if _is_made_again(run, previous, outputs):
        known = tables(run.settings.content)
        changes = previous.manifest.schema_changes
        return [one for one in changes if one.table in outputs or one.table not in known]
    return list(_differing(run, previous, outputs))


def schema_version(run: Run, outputs: Mapping[str, Output]) -> int:
    """The version of the columns of all tables; a release that is made again keeps its own."""
    previous = run.staging.previous
    if previous is None:
        return 1
    before = previous.manifest.schema_version
    if _is_made_again(run, previous, outputs):
        return before
    return before + any(True for _ in _differing(run, previous, outputs))


def _is_made_again(run: Run, previous: Release, outputs: Mapping[str, Output]) -> bool:
    return previous.manifest.inputs == run.release_inputs(outputs["articles"].inputs)


def _differing(
    run: Run, previous: Release, outputs: Mapping[str, Output]
) -> Iterator[SchemaChange]:
    damaged = run.found_damaged()
    known = tables(run.settings.content)
    lists = ((outputs.keys() & known.keys()) | set(previous.tables)) - BUILT_IN
    for name in sorted((outputs.keys() & set(previous.tables)) | lists):
        old = previous.outputs.get(name)
        new = outputs.get(name) if name in known else None
        if old and (old.files[0].path in damaged or (new and old.files == new.files)):
            continue
        before = _types(previous.root, old) if old else {}
        after = _types(run.root_of(name), new) if new else {}
        for column in {**before, **after}:
            if before.get(column) != after.get(column):
                yield SchemaChange(name, column, before.get(column), after.get(column))


def _types(root: Path, output: Output) -> dict[str, str]:
    """The type of each column of a table."""
    schema = pq.read_schema(root / output.files[0].path)
    return {field.name: str(field.type) for field in schema}
