"""What stands in for a lost part of the published release, where it says what no raw file does.

Most of a release can be made anew from the raw files. When a url was first seen and when it
changed, and since when a file is set aside, stands in releases alone: in the parts of ``ledger``
and ``rejects``, and once more in those of ``articles`` and in the CSV.
"""

from collections.abc import Collection
from pathlib import Path

import pyarrow as pa

from ..base.errors import PipelineError
from ..files import parquet
from ..model.schemas import LEDGER, REJECTS
from .local import Release

_REMEMBERED = {
    "ledger": LEDGER.schema,
    "rejects": pa.schema([REJECTS.schema.field(name) for name in ("source_path", "first_seen")]),
}


def ledger(previous: Release | None, damaged: Collection[str], work: Path) -> tuple[Path, ...]:
    """The parts of the ledger of a release; for a `damaged` one what holds the same rows.

    That is the part of articles with the same number, or a file that is written into `work`.

    Raises:
        PipelineError: There is neither: dates of first sight would be lost.
    """
    if previous is None:
        return ()
    parts = []
    articles = previous.outputs["articles"].files
    for number, entry in enumerate(previous.outputs["ledger"].files):
        found: Path | None = previous.root / entry.path
        if entry.path in damaged:
            has_twin = number < len(articles) and articles[number].path not in damaged
            found = (
                previous.root / articles[number].path
                if has_twin
                else _of_csv(previous, "ledger", number, damaged, work)
            )
        if found is None:
            message = (
                f"The published release {previous.root} has lost {entry.path}, which remembers when"
                " urls were first seen: restore it from a backup, or go back with pressroom"
                " rollback."
            )
            raise PipelineError(message)
        parts.append(found)
    return tuple(parts)


def rejects(previous: Release | None, damaged: Collection[str], work: Path) -> list[Path]:
    """The parts of rejects of a release, or what holds their paths and times; not what is lost."""
    if previous is None:
        return []
    parts = [
        _of_csv(previous, "rejects", number, damaged, work)
        if entry.path in damaged
        else previous.root / entry.path
        for number, entry in enumerate(previous.outputs["rejects"].files)
    ]
    return [part for part in parts if part is not None]


def _of_csv(
    release: Release, table: str, number: int, damaged: Collection[str], work: Path
) -> Path | None:
    """A part out of the CSV of its table, as a file in `work`; None if that is lost too."""
    rows = [entry.rows or 0 for entry in release.outputs[table].files]
    found: pa.Table | None = _REMEMBERED[table].empty_table()
    if rows[number]:
        found = _read_csv(release, table, damaged)
        if found is None or len(found) != sum(rows):
            return None
        found = found.slice(sum(rows[:number]), rows[number])
    path = work / f"lost-{table}-{number:05}"
    parquet.write_scratch(path, found)
    return path


def _read_csv(release: Release, table: str, damaged: Collection[str]) -> pa.Table | None:
    from pyarrow import csv  # noqa: PLC0415  for next to no run

    output = release.outputs.get("csv")
    paths = {Path(entry.path).stem: entry.path for entry in output.files} if output else {}
    if table not in paths or paths[table] in damaged:
        return None
    schema = _REMEMBERED[table]
    return csv.read_csv(
        release.root / paths[table],
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            include_columns=schema.names,
            column_types=schema,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    ).cast(schema)
