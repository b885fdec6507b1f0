"""Runs of as many shards as a far larger site has, all but the first of them empty.

The driver is that of any run, and so are the jobs of the first shard and of exports. The first
empty shard goes through the stages; the files that it leaves are linked under the names that
those of all other shards would have. So a run of 10⁵ shards takes minutes instead of hours.
"""

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from pressroom.base.fingerprint import digest
from pressroom.engine import compute, ingest, stages
from pressroom.engine.compute import Workers
from pressroom.engine.run import Run
from pressroom.engine.stages import IngestReport, SurveyReport
from pressroom.files import parquet
from pressroom.sources.listing import Slice

_STAGES = (stages.ingest, stages.derive, stages.link, stages.count_links, stages.summarize)


def patch(shards: int) -> None:
    """Let the runs of this process have so many empty shards behind those of their files."""
    listed, executor = ingest._listed, compute.executor

    def with_empty(run: Run) -> list[Slice]:
        found = listed(run)
        end = found[-1].stop
        return found + [Slice(end, end, 0)] * shards

    mock.patch.object(ingest, "_listed", with_empty).start()
    mock.patch.object(compute, "executor", lambda *given: Shards(executor(*given))).start()


class _Left(NamedTuple):
    """What a stage left of the first empty shard: its report, and files by name with a gap."""

    report: Any
    files: dict[str, Path]


class Shards:
    """An executor that takes all shards but the first for empty; a pool does the other jobs."""

    def __init__(self, pool: Workers) -> None:
        self._pool = pool
        self._left: dict[Callable[..., Any], _Left] = {}

    @property
    def workers(self) -> int:
        """How many jobs the pool runs at a time."""
        return self._pool.workers

    def submit(self, function: Callable[..., Any], job: Any, /) -> Future[Any]:
        """Hand a job over, or do it at once if it is that of an empty shard."""
        is_stage = function is stages.survey or function in _STAGES
        if not is_stage or not job.shard:
            return self._pool.submit(function, job)
        done: Future[Any] = Future()
        done.set_result(self.of_empty(function, job))
        return done

    def of_empty(self, function: Callable[..., Any], job: Any) -> Any:
        """The report of a stage of an empty shard, which leaves its files."""
        found = digest(job.shard)
        if function is stages.survey:
            return SurveyReport(job.shard, found)
        run = job.workspace.root.parent
        if function not in self._left:
            self._left[function] = self._first(function, job, run)
        report, files = self._left[function]
        for name, file in files.items():
            path = run / name.format(job.shard)
            if path != file and not _linked(file, path):
                files[name] = path
        if report is None:
            return None
        parts = {}
        for table, entry in report.parts.items():
            made_from = entry.inputs and digest(entry.inputs, job.shard)
            if isinstance(report, IngestReport):
                made_from = stages.part_inputs(job.recipe, found, {})
            parts[table] = entry._replace(
                path=parquet.part_path(table, job.shard), inputs=made_from
            )
        report = report._replace(shard=job.shard, parts=parts)
        return report._replace(sources=found) if isinstance(report, IngestReport) else report

    def _first(self, function: Callable[..., Any], job: Any, run: Path) -> _Left:
        number = f"-{job.shard:05}"
        before = set(_numbered(run, number))
        report = function(job)
        files = {
            str(path.relative_to(run)).replace(number, "-{:05}"): path
            for path in _numbered(run, number)
            if path not in before
        }
        return _Left(report, files)

    def check(self, error: Exception | None = None) -> None:
        """Look whether the pool works still."""
        self._pool.check(error)

    def __enter__(self) -> "Shards":
        """Begin the pool."""
        self._pool.__enter__()
        return self

    def __exit__(self, *error: Any) -> Any:
        """End the pool."""
        return self._pool.__exit__(*error)


def _numbered(folder: Path, number: str) -> Iterator[Path]:
    """The files below a folder that have a number in their name, or in that of their folder."""
    for path in folder.rglob(f"*{number}*"):
        yield from path.iterdir() if path.is_dir() else [path]


def _linked(file: Path, path: Path) -> bool:
    """Give a file one more name; where it can have no more, copy it."""
    if not path.parent.is_dir():
        path.parent.mkdir()
    try:
        os.link(file, path)
    except OSError as error:
        if error.errno != errno.EMLINK:
            raise
        shutil.copy(file, path)
        return False
    return True
