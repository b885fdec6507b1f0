"""Parquet parts, written so that their bytes are stable, and Arrow files for what one run reads.

A part is one combined table written by one call with a fixed size of row groups: the same rows as
several batches would give other bytes.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from .atomic import FileEntry, renamed, write_bytes

ROW_GROUP_ROWS = 10_000
# Keys of the metadata of a column: what it is, and the only words that it holds, if they are few.
DESCRIPTION, VALUES = b"description", b"values"
_PANDAS = "PANDAS_ATTRS"  # what pandas takes for `DataFrame.attrs`
# With a bloom filter, what links to a url is found in a third of the time (DuckDB: 70 ms instead of
# 220 in 360 parts), for 0.1 % of the size. Urls themselves stand more or less in the order of
# paths, so that the statistics of a part do for them. A page index has saved no reader anything.
_LOOKED_UP = frozenset({"target_url"})


class _NotFound:
    """A finder of modules that has no pandas, for speed alone.

    With its first array Arrow looks whether pandas is there, which costs each process 0.4 s and
    35 MB (`pyarrow.array` asks for each value whether it is a series). It looks once; later on
    pandas can be imported, and tables be turned into frames, as ever.
    """

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        """Refuse pandas, know nothing else."""
        if name == "pandas":
            raise ModuleNotFoundError(name)


if "pandas" not in sys.modules:
    sys.meta_path.insert(0, _NotFound)
    try:
        pa.array([0])
    finally:
        sys.meta_path.remove(_NotFound)


def part_path(table: str, index: int) -> str:
    """The path, below a release, of a part of a table."""
    return f"tables/{table}/part-{index:05}.parquet"


def to_table(rows: Sequence[Sequence[Any]], schema: pa.Schema) -> pa.Table:
    """Rows, each in the order of the columns, as a table of exactly a schema."""
    columns = zip(*rows, strict=True) if rows else ([] for _ in schema)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def to_parquet(rows: pa.Table) -> pa.Buffer:
    """A table as the bytes of one Parquet file, without what pandas notes of its own version.

    Arrow shows the descriptions of columns as metadata of its fields, pandas as ``attrs``.
    """
    fields = [(field.name, field.metadata or {}) for field in rows.schema]
    described = {name: told[DESCRIPTION].decode() for name, told in fields if DESCRIPTION in told}
    attributes = json.dumps({"descriptions": described}, ensure_ascii=False)
    filters = {name: {"ndv": len(rows) or 1} for name, _ in fields if name in _LOOKED_UP}
    sink = pa.BufferOutputStream()
    pq.write_table(
        rows.combine_chunks().replace_schema_metadata({_PANDAS: attributes} if described else None),
        sink,
        row_group_size=ROW_GROUP_ROWS,
        compression="zstd",
        # Of other columns dictionaries save nothing that zstd does not. Of these they make grouping
        # by the status of a link a third faster (DuckDB, 10⁶ links), and the file no larger.
        use_dictionary=[name for name, told in fields if VALUES in told] or False,
        bloom_filter_options=filters or None,
    )
    return sink.getvalue()


def write_table(root: Path, path: str, rows: pa.Table) -> FileEntry:
    """Write a table as one Parquet file."""
    return write_bytes(root, path, to_parquet(rows), rows.num_rows)


def write_scratch(path: Path, rows: pa.Table) -> None:
    """Write a table that only this run reads, as an Arrow file: not synced, not compressed."""
    with (
        renamed(path) as temporary,
        # Closed before the file gets its name: a disk may be found full only then.
        pa.OSFile(str(temporary), "wb") as sink,
        pa.ipc.new_file(sink, rows.schema) as writer,
    ):
        writer.write_table(rows)


def read_scratch(path: Path, *, is_mapped: bool) -> pa.Table:
    """What `write_scratch` wrote: mapped into memory, which processes share, or copied.

    Linux lets a process map 65,530 files at a time.
    """
    with pa.memory_map(str(path)) if is_mapped else pa.OSFile(str(path)) as source:
        return pa.ipc.open_file(source).read_all()


def read_as(path: Path, schema: pa.Schema) -> pa.Table:
    """The columns of a schema, with its types; null are those that the part has not."""
    found = read(path, schema.names)
    columns = [
        found[field.name] if field.name in found.column_names else pa.nulls(len(found), field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def read(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """One part: all columns, or those of `columns` that there are.

    No threads are begun: shards run side by side.
    """
    # Ahead of time Arrow would read by another thread, and wait for it at every column.
    file = pq.ParquetFile(path, pre_buffer=False)
    return file.read(columns=list(columns) if columns else None, use_threads=False)
