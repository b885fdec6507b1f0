"""A pool of processes on this machine.

A process that is alone, without a thread that may hold a lock, is forked: a worker is there in
0.01 s, and shares what is imported. Others, such as Dagster's, ask a fork server, which imports the
steps first, in half a second: they do little work themselves.
"""

import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait as wait_for_handles
from pathlib import Path
from typing import TypeVar

from ..base import cancellation
from ..base.errors import WorkerError
from . import internals, memory

Job = TypeVar("Job")
Report = TypeVar("Report")

# Below so many bytes of raw files a second worker takes longer to begin than it saves.
_SMALL_BYTES = 1 << 20
_TRIM_SECONDS = 1
_ARROW = "pyarrow"  # which a worker that reads files for their digests has no use for
_SECONDS = 0.25  # how long a pool that is killed is waited for


class Pool:
    """A pool whose processes start once it is told to `expect` much work, or with a first job."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._is_needed = True
        self._processes: ProcessPoolExecutor | None = None
        self._starting = threading.Lock()  # exports hand their first jobs over at the same time

    def expect(self, size: int | None) -> None:
        """Start the processes while this one is alone; for little work one does, or none."""
        if self._processes is not None:
            return
        is_little = size is not None and size < _SMALL_BYTES
        self.workers = 1 if is_little else self.workers
        self._is_needed = _is_alone() or not is_little
        if self._is_needed:
            self._started()

    def _started(self) -> ProcessPoolExecutor:
        with self._starting:
            if self._processes is None:
                self._processes = _forked(self.workers) if _is_alone() else _served(self.workers)
            return self._processes

    def submit(self, function: Callable[[Job], Report], job: Job, /) -> "Future[Report]":
        """Hand a job over, or do it at once."""
        if not self._is_needed:
            return _done(function, job)
        try:
            processes = self._started()
            with internals.hidden_main():
                return processes.submit(function, job)
        except (EOFError, ConnectionError) as error:  # the server that forks workers is gone
            raise BrokenProcessPool from error

    def check(self, error: Exception | None = None) -> None:
        """A process that ends breaks the pool, and fails all jobs."""
        if isinstance(error, BrokenProcessPool):
            message = "A worker process ended unexpectedly (out of memory, or killed)."
            raise WorkerError(message) from error

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        """End the processes. Where an error ends the run, nobody waits for what they are at."""
        if self._processes is None:
            return
        if error is not None:
            internals.kill(self._processes, _SECONDS)
        self._processes.shutdown()


def _forked(workers: int) -> ProcessPoolExecutor:
    """A pool of forks of this process, which are there when this returns."""
    gc.freeze()  # what is shared is written to least
    context = multiprocessing.get_context("fork")
    pool = ProcessPoolExecutor(workers, context, _begin_fork, (os.getpid(),))
    try:
        pool.submit(os.getpid)
    except OSError as error:  # no more processes, or no memory
        internals.kill(pool, _SECONDS)
        message = f"A worker process cannot be started: {error.strerror}."
        raise WorkerError(message) from error
    return pool


def _served(workers: int) -> ProcessPoolExecutor:
    """A pool of forks of a server, whose imports begin on another core."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pressroom.engine.steps"])
    with memory.for_libraries():
        internals.start_fork_server()
    return ProcessPoolExecutor(workers, context, _begin_worker)


def _done(function: Callable[[Job], Report], job: Job) -> "Future[Report]":
    future = Future[Report]()
    try:
        future.set_result(function(job))
    except Exception as error:  # noqa: BLE001  as a worker does
        future.set_exception(error)
    return future


def _is_alone() -> bool:
    """Whether no other thread may hold a lock, which a fork of this process would wait for.

    Libraries have threads that Python does not know, such as that of object storage.
    """
    tasks = Path("/proc/self/task")  # of Linux: proc(5)
    known = {threading.main_thread(), cancellation.watch()} & {*threading.enumerate()}
    return tasks.exists() and len(list(tasks.iterdir())) == len(known)


def _begin_fork(parent: int) -> None:
    """Begin a worker that its parent has forked, and may have left since."""
    _begin_worker()
    if os.getppid() != parent:
        os._exit(1)


def _begin_worker() -> None:
    """Leave Ctrl-C to the parent, undo handlers that it may have set, end when it is gone."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    internals.end_with_parent()
    if _ARROW in sys.modules:
        memory.give_back()
    gc.freeze()
    process = multiprocessing.parent_process()
    if process is not None:
        threading.Thread(target=_watch, args=(process.sentinel,), daemon=True).start()


def _watch(sentinel: int) -> None:
    """End with the parent; until then give memory back once a second."""
    while not wait_for_handles([sentinel], _TRIM_SECONDS):
        memory.trim()
    os._exit(1)
