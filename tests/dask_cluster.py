"""A Dask cluster of processes on loopback, as a person starts one."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

DASK = Path(sys.executable).with_name("dask")
SECONDS = 90  # for a process to start on a machine that does other things too


class DaskCluster:
    """A scheduler and its workers, which stand in a folder of their own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.workers: list[subprocess.Popen[bytes]] = []
        self.started = 0
        file = home / "scheduler.json"
        options = ["--host", "127.0.0.1", "--port", "0", "--scheduler-file", f"{file}"]
        self.scheduler = self._start(["scheduler", *options, "--no-dashboard"])
        until(lambda: file.exists() and file.read_text().endswith("}"))
        self.address: str = json.loads(file.read_text())["address"]

    def add(
        self,
        environment: Mapping[str, str] | None = None,
        before: Sequence[str] = (),
        threads: int = 1,
    ) -> "subprocess.Popen[bytes]":
        """Start a worker; it may take a while until it has joined."""
        options = ["--nthreads", f"{threads}", "--no-nanny", "--no-dashboard"]
        command = ["worker", self.address, *options, "--local-directory", f"{self.home}"]
        worker = self._start(command, before, environment)
        self.workers.append(worker)
        return worker

    def join(self, *more: "subprocess.Popen[bytes]") -> None:
        """Wait until all workers, or those, have joined."""
        logs = [self.log(worker) for worker in more or self.workers]
        until(lambda: all(b"Registered to:" in log.read_bytes() for log in logs))

    def kill(self, *processes: "subprocess.Popen[bytes]") -> None:
        """Kill processes, and wait until they are gone."""
        for process in processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(SECONDS)
            if process in self.workers:
                self.workers.remove(process)

    def _start(
        self,
        command: Sequence[str],
        before: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> "subprocess.Popen[bytes]":
        self.started += 1
        log = self.home / f"{self.started}.log"
        with log.open("wb") as stream:
            process = subprocess.Popen(
                [*before, str(DASK), *command],
                cwd=self.home,
                env={**os.environ, **(environment or {})},
                stdout=stream,
                stderr=stream,
                start_new_session=True,
            )
        log.rename(self.log(process))
        return process

    def log(self, process: "subprocess.Popen[bytes]") -> Path:
        """What a process prints."""
        return self.home / f"{process.pid}.log"


@contextmanager
def dask_cluster(home: Path, workers: int) -> Iterator[DaskCluster]:
    """A cluster of so many workers, killed at the end."""
    cluster = None
    try:
        cluster = DaskCluster(home)
        for _ in range(workers):
            cluster.add()
        cluster.join()
        yield cluster
    finally:
        if cluster is not None:
            cluster.kill(*cluster.workers, cluster.scheduler)


def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.05)
