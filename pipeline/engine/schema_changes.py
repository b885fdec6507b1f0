"""The columns of tables that are not, or are of another type, in the release before."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow.parquet as pq

from ..releases.manifest import Output, Release, SchemaChange
from .run import Run


def schema_changes(run: Run, outputs: Mapping[str, Output]) -> list[SchemaChange]:
    """What differs in the columns of those of some outputs that are tables of both releases.

    `outputs` has the articles. A run that makes the published release again, from the same inputs,
    compares with the release before that, as it did: it is to become the same.
    """
    previous = run.staging.previous
    if previous is None:
        return []
    if _is_made_again(run, previous, outputs):
        return [one for one in previous.manifest.schema_changes if one.table in outputs]
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
    for name in sorted(outputs.keys() & previous.tables):
        old, new = previous.outputs[name], outputs[name]
        if old.files == new.files or old.files[0].path in damaged:
            continue
        before, after = _types(previous.root, old), _types(run.staging.root, new)
        for column in {**before, **after}:
            if before.get(column) != after.get(column):
                yield SchemaChange(name, column, before.get(column), after.get(column))


def _types(root: Path, output: Output) -> dict[str, str]:
    """The type of each column of a table."""
    schema = pq.read_schema(root / output.files[0].path)
    return {field.name: str(field.type) for field in schema}
