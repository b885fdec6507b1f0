"""The private names of CPython that `pressroom.engine.internals` uses do their work."""

import importlib.util
import multiprocessing
import os
import sys
import time
from concurrent.futures import CancelledError, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import forkserver, spawn
from typing import Any

import pytest

from pressroom.engine import internals


def held() -> object:
    """The end of the server's pipe that this worker holds."""
    return vars(forkserver._forkserver).get("_forkserver_alive_fd", "no such name")


def let_go() -> object:
    """The same once it was told to end with its server."""
    internals.end_with_parent()
    return held()


def pool() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, multiprocessing.get_context("forkserver"))


@pytest.mark.skipif(sys.platform != "linux", reason="prctl(2) is of Linux")
def test_a_worker_lets_go_of_the_pipe_of_its_server() -> None:
    with pool() as workers, internals.hidden_main():
        assert isinstance(workers.submit(held).result(), int)
        assert workers.submit(let_go).result() is None


def test_a_pool_is_killed_while_it_works() -> None:
    with pool() as workers:
        with internals.hidden_main():
            assert workers.submit(os.getpid).result() != os.getpid()
            working = workers.submit(time.sleep, 600)
        manager: Any = workers._executor_manager_thread
        began = time.monotonic()
        internals.kill(workers, 60)

        assert not manager.is_alive()
        assert time.monotonic() - began < 60
        with pytest.raises((BrokenProcessPool, CancelledError)):
            working.result(0)


def test_a_worker_is_not_told_to_import_the_script_of_its_parent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of_main = {"init_main_from_name", "init_main_from_path"}
    spec = importlib.util.find_spec("json.tool")
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", spec)
    before = dict(vars(sys.modules["__main__"]))

    assert of_main & spawn.get_preparation_data("worker").keys()
    with internals.hidden_main():
        assert not of_main & spawn.get_preparation_data("worker").keys()
    assert vars(sys.modules["__main__"]) == before
