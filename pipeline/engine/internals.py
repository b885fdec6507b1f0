"""What CPython 3.11 to 3.14 gives a pool of processes only by names that are private.

``tests/test_internals.py`` fails first where another version has other names.
"""

import ctypes
import multiprocessing
import multiprocessing.forkserver
import multiprocessing.resource_tracker
import os
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import wait as wait_for_handles
from typing import Any


def kill(pool: ProcessPoolExecutor, seconds: float) -> None:
    """Kill the processes of a pool, and wait so many seconds for it to notice.

    From 3.14 on there is `ProcessPoolExecutor.kill_workers`.
    """
    processes = list((pool._processes or {}).values())
    manager: Any = pool._executor_manager_thread
    # First: the manager of a pool that breaks fails at a job which was cancelled
    # (CPython: ``_ExecutorManagerThread.terminate_broken``), unless it has dropped it before.
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.kill()
    if manager is not None:
        manager.join(seconds)


_PR_SET_PDEATHSIG = 1  # prctl(2)


def end_with_parent() -> None:
    """On Linux, let the kernel kill this worker when what forked it ends.

    A thread that watches the parent does not get to it while a regular expression runs. A server
    ends once nobody holds its pipe: it hands an end to each worker, which might begin processes of
    its own (CPython: ``multiprocessing.forkserver``). Ours do not, and would keep it alive.
    """
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is None or prctl(_PR_SET_PDEATHSIG, signal.SIGKILL) != 0:
        return
    server: Any = multiprocessing.forkserver._forkserver
    if (held := getattr(server, "_forkserver_alive_fd", None)) is not None:
        os.close(held)
        server._forkserver_alive_fd = None
    parent = multiprocessing.parent_process()
    if parent is not None and wait_for_handles([parent.sentinel], 0):
        os._exit(1)  # the server may have ended before it was asked for


def start_fork_server() -> None:
    """Let the imports of the fork server begin, before its first job, on another core."""
    multiprocessing.resource_tracker.ensure_running()  # else it is begun below, and unblocks again
    # Ctrl-C ends the server, with a traceback, until its imports are done.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        with hidden_main():
            multiprocessing.forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def hidden_main() -> Iterator[None]:
    """Keep multiprocessing from importing the parent's script again in each worker.

    Stages are functions of installed modules; the script may be Dagster's, which takes a second
    and 60 MB to import (CPython: ``multiprocessing.spawn.get_preparation_data``).
    """
    main = sys.modules["__main__"]
    with _hiding:
        hidden = {name: vars(main)[name] for name in ("__file__", "__spec__") if name in vars(main)}
        for name in hidden:
            setattr(main, name, None)
        try:
            yield
        finally:
            for name, value in hidden.items():
                setattr(main, name, value)


_hiding = threading.Lock()  # exports hand their jobs over at the same time
