"""What the steps of one run hand to each other on disk, and the jobs that an executor maps over.

A job is small and picklable, and so is its report. Data goes through files whose names depend on
the job alone, so that a repeated job overwrites its own. A job does not know who runs it.

A part whose inputs are those of a part of the published release is linked. The inputs of
a part are digested so that all that its rows depend on goes in, and nothing else: then a change
anywhere makes just those parts again that it touches.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from ..files import parquet
from ..files.atomic import FileEntry
from ..releases import cache
from ..sources.source import Source
from .raw_files import list_of


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where the jobs of one run find and leave things; `as_of_us` is in microseconds."""

    source: Source
    root: Path
    scratch: Path
    as_of_us: int

    @property
    def paths(self) -> Path:
        """The list of sources."""
        return list_of(self.scratch)

    @property
    def cache_file(self) -> Path:
        """The parts of the previous release that may be used again, for `cache.load`."""
        return self.scratch / "cache.json"

    def part(self, table: str, shard: int, inputs: str, rows: Callable[[], pa.Table]) -> FileEntry:
        """A part of the release: linked if it is known, else made of `rows`.

        `inputs` is the digest of all that `rows` depends on; without any it is made each time.
        """
        return cache.load(self.cache_file).part(self.root, table, shard, inputs, rows)

    def columns_of(self, table: str, shard: int, columns: Sequence[str]) -> pa.Table:
        """Columns of a part that this run made or linked."""
        return parquet.read(self.root / parquet.part_path(table, shard), columns)


@dataclass(frozen=True, slots=True)
class ShardJob:
    """One shard of a later stage.

    `recipe` is the digest of what its rows depend on besides tables; `made` holds the parts of the
    shard that earlier steps made, by table.
    """

    shard: int
    workspace: Workspace
    recipe: str
    made: Mapping[str, FileEntry]

    def part(self, table: str, inputs: str, rows: Callable[[], pa.Table]) -> FileEntry:
        """The part of this shard of a table (`Workspace.part`)."""
        return self.workspace.part(table, self.shard, inputs, rows)

    def columns_of(self, table: str, columns: Sequence[str]) -> pa.Table:
        """Columns of a part of this shard that this run made or linked."""
        return self.workspace.columns_of(table, self.shard, columns)


class PartReport(NamedTuple):
    """The parts that a stage made of a shard, by table, with figures of its own."""

    shard: int
    parts: dict[str, FileEntry]
    counts: dict[str, int]
