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


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where the jobs of one run find and leave things; `as_of_us` is in microseconds."""

    source: Source
    root: Path
    work: Path
    as_of_us: int

    @property
    def paths(self) -> Path:
        """The list of sources."""
        return self.work / "paths"

    @property
    def etags(self) -> Path:
        """What is known of objects, as an index: `etags.COLUMNS`."""
        return self.work / "etags"

    @property
    def memory(self) -> Path:
        """The ledger of the previous release, as an index."""
        return self.work / "memory"

    @property
    def cache(self) -> Path:
        """The parts of the previous release that may be used again, for `cache.read`."""
        return self.work / "cache.json"

    @property
    def files(self) -> Path:
        """Rows of the previous release by source path, as an index: `FILES`."""
        return self.work / "files"

    @property
    def set_aside(self) -> Path:
        """When files were first set aside, by source path, as an index."""
        return self.work / "set-aside"

    @property
    def index(self) -> Path:
        """The keys of all articles, as an index."""
        return self.work / "index"

    @property
    def shared_ids(self) -> Path:
        """The ids that several articles have, with their number; an array of shape (n, 2)."""
        return self.work / "shared-ids.npy"

    @property
    def degrees(self) -> Path:
        """The degrees of all articles, in the order of the index."""
        return self.work / "degrees"

    def digests(self, shard: int) -> Path:
        """The SHA-256 of the files of a shard, in their order; zeros for what cannot be read."""
        return self.work / f"digests-{shard:05}.npy"

    def facts(self, shard: int) -> Path:
        """What the objects of a shard hold, in the columns of `etags`."""
        return self.work / f"facts-{shard:05}.npy"

    def keys(self, shard: int) -> Path:
        """The keys of the articles of a shard, in their order."""
        return self.work / f"keys-{shard:05}.npy"

    def subjects(self, shard: int) -> Path:
        """The subjects of the articles of a shard, and when each was published."""
        return self.work / f"subjects-{shard:05}"

    def stated_links(self, shard: int) -> Path:
        """The links of a shard as written, or its former part of related_links."""
        return self.work / f"stated-links-{shard:05}"

    def findings(self, shard: int) -> Path:
        """The findings in the text of the articles of a shard, or its former part of findings."""
        return self.work / f"findings-{shard:05}"

    def changes(self, shard: int) -> Path:
        """What the release does to the urls of a shard."""
        return self.work / f"changes-{shard:05}"

    def pairs(self, shard: int) -> Path:
        """The ok links of a shard, as rows of the index."""
        return self.work / f"pairs-{shard:05}.npy"

    def part(self, table: str, shard: int, inputs: str, rows: Callable[[], pa.Table]) -> FileEntry:
        """A part of the release: linked if it is known, else made of `rows`.

        `inputs` is the digest of all that `rows` depends on; without any it is made each time.
        """
        return cache.read(self.cache).part(self.root, table, shard, inputs, rows)

    def read(self, table: str, shard: int, columns: Sequence[str]) -> pa.Table:
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

    def read(self, table: str, columns: Sequence[str]) -> pa.Table:
        """Columns of a part of this shard that this run made or linked."""
        return self.workspace.read(table, self.shard, columns)


class PartReport(NamedTuple):
    """The parts that a stage made of a shard, by table, with figures of its own."""

    shard: int
    parts: dict[str, FileEntry]
    counts: dict[str, int]
