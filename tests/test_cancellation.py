"""Runs that are told to end, or whose parent is killed: they end at once, whatever they are at."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from pressroom.base import cancellation
from tests.conftest import AS_OF, ROOT, WITH_WORKERS, Site, article
from tests.servers import eventually, processes

# What the workers of a run do instead of their jobs: none of it ends by itself.
BUSY = {
    "a regular expression": "partial(re.match, '(a+)+$'), ['a' * 60 + 'b'] * 4",
    "C code": "time.sleep, [600] * 4",
}
BUSY_WORKERS = """
import re, time
from functools import partial
from pressroom.engine import compute
run = compute.run
def busy(pool, function, jobs):
    print("busy", flush=True)
    return run(pool, {work})
compute.run = busy
"""
BUSY_MAIN = """
import hashlib
from pressroom.engine import ingest
def index(*_):
    print("busy", flush=True)
    hashlib.pbkdf2_hmac("sha256", b"", b"", 10**9)
ingest._index = index
"""
ENDS = {
    signal.SIGTERM: (143, f"pressroom: {cancellation.MESSAGE}\n"),
    signal.SIGINT: (130, "Aborted!\n"),
}
# The requirement is two seconds, on a machine that does nothing else.
SECONDS = 8

by_each_signal = pytest.mark.parametrize("number", ENDS, ids=lambda number: number.name)
by_each_work = pytest.mark.parametrize("work", BUSY.values(), ids=BUSY)


@pytest.fixture
def started(site: Site) -> Iterator[Callable[[str], "subprocess.Popen[str]"]]:
    """Starts builds in sessions of their own, and waits until they are busy."""
    site.write(**{f"a{number}": article(slug=f"a{number}") for number in range(20)})
    runs: list[subprocess.Popen[str]] = []

    def start(patch: str) -> "subprocess.Popen[str]":
        # What a script starts in its background ignores Ctrl-C.
        heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
        code = f"{heard}\n{WITH_WORKERS}\n{patch}\nfrom pressroom.cli.app import main; main()"
        paths = ["--raw", f"{site.raw}", "--out", f"{site.out}", "--as-of", f"{AS_OF}"]
        run = subprocess.Popen(
            [sys.executable, "-c", code, "build", *paths, "--workers", "2", "--quiet"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        runs.append(run)
        assert run.stdout is not None
        assert run.stdout.readline() == "busy\n"
        return run

    yield start
    for run in runs:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGKILL)
        run.communicate()


def wait_for_workers(run: "subprocess.Popen[str]", count: int = 2) -> None:
    """Wait until so many processes are there beside that of the run, and workers at their jobs."""
    eventually(lambda: len(processes(run.pid)) == count)
    time.sleep(0.5)


def assert_nobody_is_left(session: int) -> None:
    deadline = time.monotonic() + SECONDS
    while left := processes(session):
        assert time.monotonic() < deadline, left
        time.sleep(0.05)


def assert_ends(run: "subprocess.Popen[str]", number: signal.Signals) -> None:
    run.send_signal(number)
    _, told = run.communicate(timeout=SECONDS)
    assert (run.returncode, told) == ENDS[number]
    assert_nobody_is_left(run.pid)


@by_each_signal
@by_each_work
def test_a_signal_ends_a_build_whose_workers_are_busy(
    site: Site, started: Callable[[str], "subprocess.Popen[str]"], work: str, number: signal.Signals
) -> None:
    run = started(BUSY_WORKERS.format(work=work))
    wait_for_workers(run)
    assert_ends(run, number)
    assert not list((site.out / "staging").iterdir())


@by_each_signal
def test_a_signal_ends_the_build_of_a_small_site_whose_worker_is_busy(
    site: Site, started: Callable[[str], "subprocess.Popen[str]"], number: signal.Signals
) -> None:
    small = "pool._SMALL_BYTES = 1 << 20"
    run = started(f"{small}\n{BUSY_WORKERS.format(work=BUSY['a regular expression'])}")
    wait_for_workers(run, 1)
    assert_ends(run, number)
    assert not list((site.out / "staging").iterdir())


@by_each_signal
def test_a_signal_ends_a_build_that_is_busy_itself(
    site: Site, started: Callable[[str], "subprocess.Popen[str]"], number: signal.Signals
) -> None:
    assert_ends(started(BUSY_MAIN), number)
    assert not (site.out / "current").exists()


@by_each_signal
def test_a_signal_ends_exports_that_are_made_side_by_side(
    site: Site, started: Callable[[str], "subprocess.Popen[str]"], number: signal.Signals
) -> None:
    patch = """
import time
from pressroom.engine import build, compute
export_all, run = build.export_all, compute.run
def busy_exports(this):
    compute.run = lambda pool, function, jobs: run(pool, time.sleep, [600] * 4)
    print("busy", flush=True)
    export_all(this)
build.export_all = busy_exports
"""
    run = started(patch)
    wait_for_workers(run)
    assert_ends(run, number)
    assert not list((site.out / "staging").iterdir())


@by_each_signal
def test_a_signal_does_not_end_a_build_that_has_begun_to_publish(
    site: Site, started: Callable[[str], "subprocess.Popen[str]"], number: signal.Signals
) -> None:
    patch = """
import time
from pressroom.releases import publishing
move = publishing._move
def slow(*given):
    print("busy", flush=True)
    time.sleep(3)
    return move(*given)
publishing._move = slow
"""
    run = started(patch)
    run.send_signal(number)
    out, _ = run.communicate(timeout=60)

    assert run.returncode == 0
    assert "000001-" in out
    assert (site.out / "current").exists()


@by_each_signal
def test_a_signal_ends_a_build_whose_workers_a_server_has_forked(
    site: Site, started: Callable[[str], "subprocess.Popen[str]"], number: signal.Signals
) -> None:
    run = started(f"pool._is_alone = lambda: False\n{BUSY_WORKERS.format(work=BUSY['C code'])}")
    wait_for_workers(run, 4)  # beside the server, and the tracker of its resources
    assert_ends(run, number)
    assert not list((site.out / "staging").iterdir())


@by_each_work
def test_workers_end_with_a_parent_that_is_killed(
    started: Callable[[str], "subprocess.Popen[str]"], work: str
) -> None:
    run = started(BUSY_WORKERS.format(work=work))
    wait_for_workers(run)
    run.kill()
    run.wait()

    assert_nobody_is_left(run.pid)


def test_a_worker_whose_parent_is_gone_before_the_kernel_is_asked_ends_by_itself() -> None:
    code = """
import multiprocessing, os
from types import SimpleNamespace
from pressroom.engine import internals
sentinel, held_by_the_parent = os.pipe()
os.close(held_by_the_parent)
multiprocessing.parent_process = lambda: SimpleNamespace(sentinel=sentinel)
internals.end_with_parent()
print("goes on")
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)

    assert (done.returncode, done.stdout) == (1, b"")
