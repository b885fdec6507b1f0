"""Who runs the shards.

`concurrent.futures.Executor` is the seam: on one machine a pool of processes, else a cluster
(`pressroom.engine.cluster`). A stage function does not know who runs it.
"""

import ctypes
import gc
import multiprocessing
import multiprocessing.forkserver
import multiprocessing.resource_tracker
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing.connection import wait as wait_for_handles
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from ..base.cancellation import check_cancelled
from ..base.errors import PipelineError, SettingsError, WorkerError
from . import internals

if TYPE_CHECKING:  # nothing is imported here that takes time: see `prepare`
    from ..model.settings import Compute

Job = TypeVar("Job")
Report = TypeVar("Report")


def workers(settings: "Compute") -> int:
    """How many jobs run at a time: as set, or one for each core this process may use."""
    if settings.workers:
        return settings.workers
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS
    return len(affinity(0)) if affinity else os.cpu_count() or 1


class Workers(Protocol):
    """An executor that knows how many jobs it runs at a time, and what can end it."""

    @property
    def workers(self) -> int:
        """How many jobs run at a time; one at least."""

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


class _Pool(ProcessPoolExecutor):
    """A pool whose processes start with its first job, and have the code of the steps imported."""

    def __init__(self, workers: int) -> None:
        super().__init__(workers, _fork_server(), initializer=_begin_worker)
        self.workers = workers

    def submit(
        self, function: Callable[..., Report], /, *args: Any, **kwargs: Any
    ) -> "Future[Report]":
        try:
            with internals.hidden_main():
                return super().submit(function, *args, **kwargs)
        except (EOFError, ConnectionError) as error:  # the server that forks workers is gone
            raise BrokenProcessPool from error

    def check(self, error: Exception | None = None) -> None:
        """A process that ends breaks the pool, and fails all jobs."""
        if isinstance(error, BrokenProcessPool):
            message = "A worker process ended unexpectedly (out of memory, or killed)."
            raise WorkerError(message) from error

    def __exit__(self, *error: Any) -> bool | None:
        """End the processes. Where an error ends the run, nobody waits for what they are at."""
        if error[0] is not None:
            internals.kill(self, _SECONDS)
        return super().__exit__(*error)


def executor(settings: "Compute", folders: Sequence[Path]) -> Workers:
    """Who runs the shards, whose jobs read and write `folders`: a cluster, or a pool of processes.

    Neither is asked or started before the first job.

    Raises:
        SettingsError: There is to be a cluster, and Dask is not installed, or the address is none.
    """
    if not settings.address:
        return _Pool(workers(settings))
    try:
        from .cluster import Cluster  # noqa: PLC0415  an extra, and 0.5 s
    except ImportError as error:
        message = f"compute.address needs Dask: pip install 'pressroom[scale]' ({error})."
        raise SettingsError(message) from error
    return Cluster(settings.address, folders, check_cancelled)


def prepare() -> None:
    """Let the imports of a pool begin, long before its first job, on another core."""
    _fork_server()
    multiprocessing.resource_tracker.ensure_running()  # else it is begun below, and unblocks again
    # Ctrl-C ends the server, with a traceback, until its imports are done.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        with internals.hidden_main():
            multiprocessing.forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _fork_server() -> ForkServerContext:
    """Tell the server from which workers are forked what to import once, and how to allocate."""
    # Read when Arrow is imported. Its own allocators reserve some 30 MB a process and keep more;
    # `pyarrow.set_memory_pool` does not reach what Arrow allocates for itself.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pressroom.engine.steps"])
    return context


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


_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h
_SPARE_BYTES, _LARGE_BYTES = 8 << 20, 2 << 20
_TRIM_SECONDS = 1


def give_back_memory() -> None:
    """From now on this process gives memory back to the system that it does not use.

    By itself glibc gives back what is as large as the largest buffer that was freed before, up to
    32 MiB, and keeps the others in a heap that only grows (mallopt(3)). Where there is no such
    setting nothing happens.
    """
    import pyarrow as pa  # noqa: PLC0415  0.1 s, which `prepare` is to come before

    pa.set_memory_pool(pa.system_memory_pool())  # where Arrow was imported before `_fork_server`
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        mallopt(_M_TRIM_THRESHOLD, _SPARE_BYTES)
        mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)


def _begin_worker() -> None:
    """Leave Ctrl-C to the parent, undo handlers that it may have set, end when it is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    internals.end_with_server()
    give_back_memory()
    # Rows are values without cycles: looking for some after every 700 of them is for nothing.
    gc.freeze()
    gc.set_threshold(50_000)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_watch, args=(parent.sentinel,), daemon=True).start()


def _watch(sentinel: int) -> None:
    """End with the parent; until then give back once a second what lies free inside the heap.

    After a large shard that is as much as the shard was.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    while not wait_for_handles([sentinel], _TRIM_SECONDS):
        if trim:
            trim(0)
    os._exit(1)
