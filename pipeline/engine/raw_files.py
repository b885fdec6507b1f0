"""The raw files of a run: listed, cut into shards, and read for their digests alone.

Nothing is imported here that takes time: a run that finds nothing changed does no more than this.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from ..base.wording import counted
from ..model.paths import Sources
from ..releases.summary import by_suffix
from ..sources import listing
from ..sources.listing import Slice
from ..sources.source import Source
from . import shard_survey
from .progress import Progress
from .shard_survey import SurveyJob, SurveyReport

_LIST = "paths"
# Of so many shards it is worth a look at each file how much work they are.
_SHARDS_TO_COUNT = 4


class Reading(NamedTuple):
    """What of the settings decides which raw files are read, and how they are divided."""

    extensions: tuple[str, ...]
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    file_bytes: int
    shard_files: int

    @property
    def sources(self) -> Sources:
        """What files are chosen by."""
        return Sources(self.extensions, self.include, self.exclude)


class RawFiles(NamedTuple):
    """The raw files of a run, in `shards`: slices of the list in the scratch of the run.

    `passed_over` are files that are not read, by suffix. `size` is that of all in bytes; None where
    it is more than anybody counted.
    """

    shards: list[Slice]
    passed_over: Mapping[str, int]
    size: int | None

    def __len__(self) -> int:
        return sum(shard.files for shard in self.shards)


class Surveyed(NamedTuple):
    """What a run has found of its raw files: their list, and the digest of each shard.

    `reading` is how it read them, `identity` that of the folder (`Source.identity`), and `damaged`
    are the files of the published release that it found to be so.
    """

    files: RawFiles
    digests: list[str]
    reading: Reading
    identity: tuple[int, int] | None
    damaged: tuple[str, ...] = ()


def list_of(scratch: Path) -> Path:
    """Where the list of raw files stands (`listing.read_list`)."""
    return scratch / _LIST


def listed(source: Source, reading: Reading, scratch: Path) -> RawFiles:
    """List the raw files, and write them to the list."""
    passed_over = Counter[str]()
    found = source.listed(reading.sources, passed_over)
    cut = listing.cut(found, reading.shard_files)
    shards = listing.write_list(list_of(scratch), cut)
    size = None
    if len(shards) <= _SHARDS_TO_COUNT:
        of_each = (listing.read_list(list_of(scratch), shard) for shard in shards)
        size = source.size([one.path for paths in of_each for one in paths])
    return RawFiles(shards, listing.most_first(passed_over), size)


def surveyed(
    files: RawFiles,
    source: Source,
    reading: Reading,
    scratch: Path,
    run: Callable[
        [Callable[[SurveyJob], SurveyReport], Iterable[SurveyJob]], Iterable[SurveyReport]
    ],
    progress: Progress,
) -> list[str]:
    """The digest of the files of each shard; `run` has workers do the jobs."""
    jobs = [
        SurveyJob(number, shard, source, list_of(scratch), scratch, reading.file_bytes)
        for number, shard in enumerate(files.shards)
    ]
    progress.begin("survey", len(files), "files")
    reports = []
    for report in run(shard_survey.survey, sorted(jobs, key=lambda job: -job.paths.files)):
        progress.advance(files.shards[report.shard].files)
        reports.append(report)
    return [report.sources for report in sorted(reports)]


def told(files: RawFiles, parsed: int, rows: Mapping[str, int], began: float) -> Iterator[str]:
    """What ingest says: files that were read, and rows of each table of files; since a moment."""
    skipped = f", {rows['skipped']:,} skipped" if rows["skipped"] else ""
    yield (
        f"ingest: {counted(len(files), 'file')}, {parsed:,} parsed,"
        f" {counted(rows['articles'], 'article')}, {counted(rows['rejects'], 'reject')}{skipped}"
        f" in {time.monotonic() - began:.1f} s"
    )
    if files.passed_over:
        yield f"passed over: {by_suffix(files.passed_over)}"
