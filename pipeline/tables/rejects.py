"""A rejected file, as a row of the table ``rejects``."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ..base import printable
from ..base.problems import Problem
from ..files import parquet
from ..model.table import TIMESTAMP
from . import scratch, url_index

_EXCERPT_CHARS = 160


def row(
    path: str, sha256: str | None, problems: Sequence[Problem], text: str | None
) -> dict[str, Any]:
    """The columns of a reject that the file itself decides; `text` is the file, if decoded."""
    structs = [_struct(problem) for problem in problems]
    return {
        "source_path": printable.encodable(path),
        "source_sha256": sha256,
        **structs[0],
        "excerpt": excerpt(text, problems[0]) if text is not None else None,
        "problems": structs,
    }


def recall(parts: Iterable[Path]) -> dict[str, npt.NDArray[Any]]:
    """When files were first rejected, as `scratch.REJECT_INDEX` has it."""
    tables = (parquet.read(path, ["source_path", "first_seen"]) for path in parts)
    columns = [
        {
            "url": url_index.digests(table["source_path"].to_pylist()),
            "first_seen": table["first_seen"].cast(pa.int64()).to_numpy(),
        }
        for table in tables
    ]
    return url_index.by_url(url_index.concatenate(columns, scratch.REJECT_INDEX.schema))


def since_when(rows: pa.Table, remembered: url_index.Columns, as_of: int) -> npt.NDArray[np.int64]:
    """When the files of rejects were first rejected; `as_of` for those that were not; shape (n,).

    `remembered` has the columns of `scratch.REJECT_INDEX`; times are in microseconds.
    """
    places = url_index.find(remembered, rows["source_path"].to_pylist())
    times = np.full(len(places), as_of, np.int64)
    times[places >= 0] = remembered["first_seen"][places[places >= 0]]
    return times


def line(row: Mapping[str, Any], problem: Mapping[str, Any]) -> str:
    """Path, line and column of a problem of a row, what it is, and its code: one line.

    Releases of former versions have no `column_number`.
    """
    place = [row["source_path"], problem["line"], problem.get("column_number")]
    where = ":".join(str(part) for part in place if part is not None)
    return printable.line(f"{where}: {problem['message']} [{problem['code']}]")


# What `line` and `since` need.
LINE = ("source_path", "line", "column_number", "message", "code", "first_seen")


def newest(parts: Iterable[Path], most: int) -> pa.Table:
    """The `LINE` of the rows that were rejected last, so many of them; of a part at a time."""
    found = pa.concat_tables(newest_first([path], LINE).slice(0, most) for path in parts)
    return found.sort_by([("first_seen", "descending")]).slice(0, most)


def newest_first(parts: Iterable[Path], columns: Sequence[str] | None = None) -> pa.Table:
    """The rows of parts, by when files were first rejected, the last first, else in order."""
    rows = pa.concat_tables(parquet.read(path, columns) for path in parts)
    return rows.sort_by([("first_seen", "descending")])


def since(rows: pa.Table, as_of: int) -> pa.Table:
    """The rows of files that the release of a time, in seconds, was the first to reject."""
    return rows.filter(pc.equal(rows["first_seen"], pa.scalar(as_of * 1_000_000, TIMESTAMP)))


def _struct(problem: Problem) -> Mapping[str, Any]:
    return {
        "code": str(problem.code),
        "message": problem.message,
        "hint": problem.code.hint,
        "line": problem.line,
        "column_number": problem.column,
    }


def excerpt(text: str, problem: Problem) -> str | None:
    """The line of a problem with a caret below its column; a long line is cut around it."""
    lines = text.split("\n")
    if problem.line is None or problem.line > len(lines):
        return None
    line = printable.replaced(lines[problem.line - 1]).replace("\t", " ")
    column = (problem.column or 1) - 1
    start = max(0, column - _EXCERPT_CHARS // 2)
    shown_line = line[start : start + _EXCERPT_CHARS]
    if start:
        shown_line = "…" + shown_line[1:]
    return f"{shown_line}\n{' ' * (column - start)}^"
