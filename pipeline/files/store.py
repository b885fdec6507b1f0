"""Parquet parts and other files of a release: how they are written, so that bytes are stable.

A part is one combined table written by one call with a fixed size of row groups: the same rows as
several batches would give other bytes. Every file is written under a temporary name, synced and
renamed, never opened under an existing name: that could be a hard link into a published release.
"""

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import IO, Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from . import arrow  # noqa: F401  before any array is made

ROW_GROUP_ROWS = 10_000
READ_ONLY = 0o444
_ARROW = b"ARROW1"  # begins a file of Arrow's (Arrow IPC File Format); Parquet begins with PAR1


class FileEntry(NamedTuple):
    """A file of a release. `path` is below the release; `rows` is None for what is no table.

    `inputs` is the digest of what the file was made from, where that is known for it alone.
    """

    path: str
    bytes: int
    sha256: str
    rows: int | None = None
    inputs: str | None = None


def part_path(table: str, index: int) -> str:
    """The path, below a release, of a part of a table."""
    return f"tables/{table}/part-{index:05}.parquet"


def to_table(rows: Sequence[Sequence[Any]], schema: pa.Schema) -> pa.Table:
    """Rows, each in the order of the columns, as a table of exactly a schema."""
    columns = zip(*rows, strict=True) if rows else ([] for _ in schema)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def to_parquet(rows: pa.Table) -> pa.Buffer:
    """A table as the bytes of one Parquet file, without what pandas notes of its own version."""
    rows = rows.combine_chunks().replace_schema_metadata(None)
    sink = pa.BufferOutputStream()
    # Dictionaries of these columns save nothing that zstd does not, and take time on both sides.
    pq.write_table(
        rows, sink, row_group_size=ROW_GROUP_ROWS, compression="zstd", use_dictionary=False
    )
    return sink.getvalue()


def write_table(root: Path, path: str, rows: pa.Table) -> FileEntry:
    """Write a table as one Parquet file."""
    return write_bytes(root, path, to_parquet(rows), rows.num_rows)


def write_scratch(path: Path, rows: pa.Table) -> None:
    """Write a table that only this run reads, as an Arrow file: not synced, not compressed."""
    with renamed(path) as temporary, pa.ipc.new_file(str(temporary), rows.schema) as writer:
        writer.write_table(rows)


def write_bytes(root: Path, path: str, data: Any, rows: int | None = None) -> FileEntry:
    """Write a whole file below a release."""
    put(root, path, data)
    return describe(path, data, rows)


def describe(path: str, data: Any, rows: int | None = None) -> FileEntry:
    """The entry of a file that is to hold these bytes."""
    return FileEntry(path, len(data), hashlib.sha256(data).hexdigest(), rows)


def put(root: Path, path: str, data: Any) -> None:
    """Write the bytes of a file below a release."""
    with created(root, path) as stream:
        stream.write(data)


@contextmanager
def created(root: Path, path: str) -> Iterator[IO[bytes]]:
    """A new file below a release, which gets its name, read-only and synced, when all went well."""
    make_folder(root, path)
    with renamed(root / path) as temporary:
        with temporary.open("xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(READ_ONLY)


@contextmanager
def renamed(path: Path) -> Iterator[Path]:
    """A temporary name, whose file gets its own when all went well.

    A job may run twice at a time, on a worker that was given up and on another: neither writes into
    a file of the other's, and nobody reads half a file.
    """
    temporary = path.with_name(f"{path.name}.{os.urandom(4).hex()}.tmp")
    try:
        with named(path):
            yield temporary
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    temporary.replace(path)


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Let the error of a full disk say what was written: a write does not know its file."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL and error.filename is None:
            error.filename = str(path)
        raise


_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def write_whole(path: Path, data: Any) -> None:
    """Write a file that no release holds, in the place of another if there is one."""
    path.parent.mkdir(exist_ok=True)
    with renamed(path) as temporary:
        temporary.write_bytes(data)


def make_folder(root: Path, path: str) -> None:
    """Make the folder of a path below a release, and not that of the release.

    Where it is gone, its run has ended, which a job on another machine may outlive.
    """
    for folder in reversed(PurePath(path).parents[:-1]):
        (root / folder).mkdir(exist_ok=True)


def link(source: Path, root: Path, path: str) -> None:
    """Give a published file another name, or copy it where that fails."""
    make_folder(root, path)
    try:
        with renamed(root / path) as temporary:
            os.link(source, temporary)
    except OSError:  # EPERM, EXDEV, EMLINK: no hard links here, or no more of them
        with created(root, path) as stream, source.open("rb") as original:
            shutil.copyfileobj(original, stream)
    else:
        # Of two names of one file, as after a job that ran before, neither was taken away.
        temporary.unlink(missing_ok=True)


def point(link: Path, target: Path | None) -> None:
    """Point a symbolic link to a path that is relative to its folder, in one step, or remove it."""
    if target is None:
        link.unlink(missing_ok=True)
    else:
        temporary = temporary_link(link)
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(target)
        temporary.replace(link)
    sync(link.parent)


def temporary_link(link: Path) -> Path:
    """The name under which a link is made, before it replaces another."""
    return link.with_name(link.name + ".tmp")


def sync(folder: Path) -> None:
    """Let the names in a folder outlive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_as(path: Path, schema: pa.Schema) -> pa.Table:
    """The columns of a schema, which stand in the same order in the file, with its types."""
    return pa.Table.from_arrays(read(path, schema.names).columns, schema=schema)


def entry(root: Path, path: str, rows: int | None = None) -> FileEntry:
    """The entry of a file that was written, from its bytes."""
    with (root / path).open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        return FileEntry(path, stream.tell(), sha256, rows)


def read(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """One part, or what `write_scratch` wrote: all columns, or those of `columns` that there are.

    No threads are begun: shards run side by side.
    """
    with path.open("rb") as stream:
        is_scratch = stream.read(len(_ARROW)) == _ARROW
    if is_scratch:
        rows = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
        present = [name for name in columns or rows.column_names if name in rows.column_names]
        return rows.select(present)
    # Ahead of time Arrow would read by another thread, and wait for it at every column.
    file = pq.ParquetFile(path, pre_buffer=False)
    return file.read(columns=list(columns) if columns else None, use_threads=False)
