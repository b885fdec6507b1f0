"""A pool of processes on this machine, which does little work itself.

A process that is alone, without a thread that may hold a lock, is forked: a worker is there in
0.01 s, and shares what is imported. Others, such as Dagster's, ask a fork server, which imports the
steps first.
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
from multiprocessing.context import BaseContext
from typing import Any, TypeVar

from ..base import cancellation
from ..base.errors import WorkerError
from . import internals, memory

Report = TypeVar("Report")

# Below so many bytes of raw files the workers take longer to begin than they save.
_SMALL_BYTES = 1 << 20
_TRIM_SECONDS = 1
_SECONDS = 0.25  # how long a pool that is killed is waited for


class Pool(ProcessPoolExecutor):
    """A pool whose processes start with its first job, or once it is told to `expect` many."""

    def __init__(self, workers: int) -> None:
        self._is_forked = _is_alone()
        context = multiprocessing.get_context("fork") if self._is_forked else _fork_server()
        super().__init__(workers, context, _begin_worker, (self._is_forked, os.getpid()))
        self.workers = workers
        self._is_needed = True

    def expect(self, size: int | None) -> None:
        """Start the processes while this one is alone; for little work there are none."""
        self._is_needed = size is None or size >= _SMALL_BYTES
        if not self._is_needed:
            return
        if self._is_forked:
            gc.freeze()  # what is shared is written to least
            self.submit(os.getpid)
        else:
            internals.start_fork_server()

    def submit(
        self, function: Callable[..., Report], /, *args: Any, **kwargs: Any
    ) -> "Future[Report]":
        """Hand a job over, or do it at once."""
        if not self._is_needed:
            return _done(function, *args, **kwargs)
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


def _done(function: Callable[..., Report], *args: Any, **kwargs: Any) -> "Future[Report]":
    future = Future[Report]()
    try:
        future.set_result(function(*args, **kwargs))
    except Exception as error:  # noqa: BLE001  as a worker does
        future.set_exception(error)
    return future


def _is_alone() -> bool:
    """Whether no other thread may hold a lock, which a fork of this process would wait for."""
    others = (one for one in threading.enumerate() if one is not threading.main_thread())
    return sys.platform == "linux" and all(one.name == cancellation.WATCH for one in others)


def _fork_server() -> BaseContext:
    """Tell the server from which workers are forked what to import once, and how to allocate."""
    memory.before_libraries()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pressroom.engine.steps"])
    return context


def _begin_worker(is_forked: bool, parent: int) -> None:
    """Leave Ctrl-C to the parent, undo handlers that it may have set, end when it is gone."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    internals.end_with_parent()
    if is_forked and os.getppid() != parent:
        os._exit(1)  # it ended before it was asked for
    if not is_forked:
        memory.give_back()
    # Rows are values without cycles: looking for some after every 700 of them is for nothing.
    gc.freeze()
    gc.set_threshold(50_000)
    process = multiprocessing.parent_process()
    if process is not None:
        threading.Thread(target=_watch, args=(process.sentinel,), daemon=True).start()


def _watch(sentinel: int) -> None:
    """End with the parent; until then give memory back once a second."""
    while not wait_for_handles([sentinel], _TRIM_SECONDS):
        if "pyarrow" in sys.modules:
            memory.trim()
    os._exit(1)
