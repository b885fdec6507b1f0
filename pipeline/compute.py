"""Who runs the shards: the only module that knows an engine.

`concurrent.futures.Executor` is the seam. On one machine it is a pool of processes; a stage
function does not know who runs it.
"""

import gc
import multiprocessing
import multiprocessing.forkserver
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from multiprocessing.connection import wait as wait_for_handles
from typing import Any, TypeVar

import pyarrow as pa

from pipeline.errors import EndedError, WorkerError
from pipeline.settings import Compute

Job = TypeVar("Job")
Report = TypeVar("Report")


def workers(settings: Compute) -> int:
    """How many jobs run at a time: as set, or one for each core this process may use."""
    if settings.workers:
        return settings.workers
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS
    return len(affinity(0)) if affinity else os.cpu_count() or 1


_told_to_end = threading.Event()


def end_on(number: signal.Signals) -> None:
    """Let a signal end this process where `run` waits, with an `EndedError`.

    Raised by the handler, at any line, an error can be lost (in ``__del__``) or leave a worker half
    begun.
    """
    signal.signal(number, lambda *_: _told_to_end.set())


class _Pool(ProcessPoolExecutor):
    """A pool whose processes start with its first job, and have the stages imported."""

    def submit(
        self, function: Callable[..., Report], /, *args: Any, **kwargs: Any
    ) -> "Future[Report]":
        with _hidden_main():
            return super().submit(function, *args, **kwargs)


def executor(settings: Compute) -> Executor:
    """Who runs the shards: a pool of processes, none of which starts before the first job."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pipeline.stages"])
    return _Pool(workers(settings), context, initializer=_begin_worker)


def prepare() -> None:
    """Let the imports of the workers begin, before the first job: `executor` was called."""
    with _hidden_main():
        multiprocessing.forkserver.ensure_running()


def run(
    pool: Executor, function: Callable[[Job], Report], jobs: Iterable[Job], in_flight: int
) -> Iterator[Report]:
    """The reports of all jobs, in the order in which they finish.

    At most `in_flight` jobs are handed over at a time (`Executor.map` takes all at once).

    Raises:
        WorkerError: A worker process ended.
        EndedError: This process was told to end.
    """
    pending: set[Future[Report]] = set()
    waiting = iter(jobs)
    try:
        while True:
            if _told_to_end.is_set():
                raise EndedError("Told to end; nothing was published.")
            pending |= {
                pool.submit(function, job) for job in islice(waiting, in_flight - len(pending))
            }
            if not pending:
                return
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)
    except BrokenProcessPool as error:
        message = "A worker process ended unexpectedly (out of memory, or killed)."
        raise WorkerError(message) from error
    finally:
        for future in pending:
            future.cancel()


def _begin_worker() -> None:
    """Leave Ctrl-C to the parent, undo handlers that it may have set, end when it is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # It gives memory back: Arrow's own allocators keep some 80 MB a worker.
    pa.set_memory_pool(pa.system_memory_pool())
    # Rows are values without cycles: looking for some after every 700 of them is for nothing.
    gc.freeze()
    gc.set_threshold(50_000)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait_for_handles([sentinel])
    os._exit(1)


@contextmanager
def _hidden_main() -> Iterator[None]:
    """Keep multiprocessing from importing the parent's script again in each worker.

    Stages are functions of installed modules; the script may be Dagster's, which takes a second
    and 60 MB to import (CPython: ``multiprocessing.spawn.get_preparation_data``).
    """
    main = sys.modules["__main__"]
    hidden = {name: vars(main)[name] for name in ("__file__", "__spec__") if name in vars(main)}
    for name in hidden:
        setattr(main, name, None)
    try:
        yield
    finally:
        for name, value in hidden.items():
            setattr(main, name, value)
