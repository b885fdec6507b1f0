"""Who runs the shards.

`concurrent.futures.Executor` is the seam: on one machine a pool of processes, else a cluster
(`pressroom.engine.cluster`). A stage function does not know who runs it.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from ..base.cancellation import check_cancelled
from ..base.errors import PipelineError, SettingsError

if TYPE_CHECKING:
    from ..model.settings import Compute
    from .pool import Pool

Job = TypeVar("Job")
Report = TypeVar("Report")


def workers(stated: int) -> int:
    """How many jobs run at a time: as stated, or one for each core this process may use."""
    if stated:
        return stated
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS
    return len(affinity(0)) if affinity else os.cpu_count() or 1


class Workers(Protocol):
    """An executor that knows how many jobs it runs at a time, and what can end it."""

    @property
    def workers(self) -> int:
        """How many jobs run at a time; one at least."""

    def expect(self, size: int | None) -> None:
        """Get ready for jobs on so many bytes of raw files; None is more than anybody counted."""

    def submit(self, function: Callable[[Job], Report], job: Job, /) -> "Future[Report]":
        """Hand a job over."""

    def check(self, error: Exception | None = None) -> None:
        """Look whether jobs can still come to an end, and whether that is why one failed.

        Raises:
            PipelineError: They cannot; the text says why.
        """

    def __enter__(self) -> Any:
        """Begin; nothing is started before the first job."""

    def __exit__(self, *error: Any) -> Any:
        """End the workers, or leave them."""


def pool(stated: int) -> "Pool":
    """A pool of `workers`."""
    from .pool import Pool  # noqa: PLC0415  0.02 s, which a run that changes nothing is spared

    return Pool(workers(stated))


def executor(settings: "Compute", folders: Sequence[Path]) -> Workers:
    """Who runs the shards, whose jobs read and write `folders`: a cluster, or a pool of processes.

    Neither is asked or started before the first job, or what it is to `expect`.

    Raises:
        SettingsError: There is to be a cluster, and Dask is not installed, or the address is none.
    """
    if not settings.address:
        return pool(settings.workers)
    try:
        from .cluster import Cluster  # noqa: PLC0415  an extra, and 0.5 s
    except ImportError as error:
        message = f"compute.address needs Dask: pip install 'pressroom[scale]' ({error})."
        raise SettingsError(message) from error
    return Cluster(settings.address, folders, check_cancelled)


# After so many a run looks at least whether it was told to end, and whether anyone works for it.
_SECONDS = 0.25


def run(pool: Workers, function: Callable[[Job], Report], jobs: Iterable[Job]) -> Iterator[Report]:
    """The reports of all jobs, in the order in which they finish.

    At most two jobs a worker are handed over at a time (`Executor.map` takes all at once).

    Raises:
        WorkerError: A worker process ended, or the scheduler.
        PipelineError: The cluster ended, or is none that could run the jobs.
        CancelledError, KeyboardInterrupt: This process was told to end.
    """
    pending: set[Future[Report]] = set()
    waiting = iter(jobs)
    try:
        while True:
            check_cancelled()
            free = max(0, 2 * pool.workers - len(pending))  # workers of a cluster come and go
            pending |= {pool.submit(function, job) for job in islice(waiting, free)}
            if not pending:
                return
            done, pending = wait(pending, _SECONDS, FIRST_COMPLETED)
            pool.check()
            yield from (future.result() for future in done)
    except PipelineError:
        raise
    except Exception as error:
        check_cancelled()  # a signal to the process group ends the workers, too
        pool.check(error)
        raise
    finally:
        for future in pending:
            future.cancel()
