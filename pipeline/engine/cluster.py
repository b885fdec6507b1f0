"""A Dask cluster that runs the shards: the only module that knows Dask.

Workers read and write the folders of a run themselves, on a disk that all machines share under the
same paths. They need the same code and libraries, or bytes would differ by who ran a shard. Both
are looked at before the first job, and by the worker before each: it may join at any time. The job
of a worker that dies runs on another.
"""

import asyncio
import importlib.metadata
import logging
import os
import pickle
import re
import threading
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError, Future, wait
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import dask
import distributed
from distributed.client import ClosedClientError
from distributed.utils import import_term

from ..base import fingerprint, printable
from ..base.errors import PipelineError, SettingsError, WorkerError

Job = TypeVar("Job")
Report = TypeVar("Report")
Answer = TypeVar("Answer")

_ADDRESS = re.compile(r"(tcp|tls)://[^\s/@]+:[0-9]{1,5}")
_CONNECT_SECONDS = 10
_ANSWER_SECONDS = 20  # Dask's own limits, which say more, come first where it keeps them
_CHECK_SECONDS = 0.1
_WITHOUT_WORKERS_SECONDS = 60
# What these say of a cluster that fails is said by an error.
_LOGGERS = ("distributed", "distributed.client", "distributed.gc", "tornado.application")


class _Needs(NamedTuple):
    """What a job needs of the machine that runs it: versions by name, folders that hold files."""

    versions: Mapping[str, str]
    folders: tuple[Path, ...]


class Cluster:
    """The workers of a scheduler, such as ``tcp://10.0.0.1:8786``; nobody asks it before a job.

    `folders` are those that jobs read and write, and `check_cancelled` ends a wait for the cluster
    with an error of its own. What is wrong with the cluster is a `PipelineError`.

    Raises:
        SettingsError: The address is none.
    """

    def __init__(
        self, address: str, folders: Sequence[Path], check_cancelled: Callable[[], None]
    ) -> None:
        if not _ADDRESS.fullmatch(address):
            message = f"compute.address: {printable.address(address)!r} is not of the form tcp://10.0.0.1:8786."
            raise SettingsError(message)
        self._address = address
        self._check_cancelled = check_cancelled
        self._needs = _Needs(_versions(), tuple(filter(_holds_anything, folders)))
        self._client: distributed.Client | None = None
        self._workers = 0
        self._without_since: float | None = None

    def _connected(self) -> distributed.Client:
        if self._client is None:
            self._client = self._connect()
        return self._client

    def _connect(self) -> distributed.Client:
        for name in _LOGGERS:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._check_address()
        try:
            with warnings.catch_warnings():
                # Other versions are refused below.
                warnings.simplefilter("ignore", distributed.versions.VersionMismatchWarning)
                client = self._answer(self._new_client)
            try:
                self._check_scheduler(client)
                self._wait_for_a_worker(client)
                self._check_workers(client)
            except BaseException:
                client.close()
                raise
        except (OSError, ImportError) as error:
            raise PipelineError(self._is_none(f"{error}")) from error
        return client

    def _new_client(self) -> distributed.Client:
        return distributed.Client(
            self._address, timeout=_CONNECT_SECONDS, set_as_default=False, name="pressroom"
        )

    def _check_address(self) -> None:
        """Look what answers at the address: a `distributed.Client` of another thing never ends."""
        try:
            kind = self._answer(lambda: asyncio.run(_kind(self._address)))
        except TypeError as error:
            if not self._address.startswith("tls:"):
                raise
            why = "tls needs certificates, which Dask's own settings name (distributed.comm.tls)"
            raise PipelineError(self._is_none(why)) from error
        except (OSError, ValueError, OverflowError) as error:
            raise PipelineError(self._is_none(f"{error}")) from error
        if kind != "Scheduler":
            raise PipelineError(self._is_none(f"the address belongs to a {kind}"))

    def _is_none(self, why: str) -> str:
        return f"There is no Dask scheduler at {self._address} (compute.address): {why}."

    def _answer(self, ask: Callable[[], Answer], seconds: float | None = None) -> Answer:
        """What the cluster answers, unless it takes too long or this process is told to end.

        Dask waits without end for one that takes the connection and is silent, and hears no signal
        meanwhile. So it waits in a thread, which a process that ends leaves behind.

        Raises:
            TimeoutError: It took more than some seconds.
        """
        answer: Future[Answer] = Future()
        threading.Thread(target=_settle, args=(answer, ask), daemon=True).start()
        deadline = time.monotonic() + (seconds or _ANSWER_SECONDS)
        while not wait([answer], _CHECK_SECONDS).done:
            self._check_cancelled()
            if time.monotonic() > deadline:
                raise TimeoutError("connected, but no response")
        return answer.result()

    def _check_scheduler(self, client: distributed.Client) -> None:
        """Look whether the scheduler can take jobs in: it passes on what it has read."""
        try:
            needs = self._needs._replace(folders=())
            unmet = self._answer(lambda: client.run_on_scheduler(_unmet, needs))
        except ImportError as error:
            unmet = _cannot(error)
        if unmet:
            raise PipelineError(f"The Dask scheduler at {self._address} {unmet}")

    def _wait_for_a_worker(self, client: distributed.Client) -> None:
        try:
            self._answer(lambda: client.wait_for_workers(1, timeout=_CONNECT_SECONDS))
        except TimeoutError as error:
            message = f"The Dask scheduler at {self._address} has no workers."
            raise PipelineError(message) from error

    def _check_workers(self, client: distributed.Client) -> None:
        """Look whether the workers of this moment can run jobs."""
        threads: Mapping[str, int] = client.nthreads(callback_timeout=_CONNECT_SECONDS)
        self._workers = len(threads)
        try:
            answers = self._answer(
                lambda: client.run(_unmet_by_worker, self._needs, on_error="return"),
                _WITHOUT_WORKERS_SECONDS,
            )
        except TimeoutError as error:
            message = f"A worker of the Dask scheduler at {self._address} does not answer."
            raise PipelineError(message) from error
        for worker, unmet in answers.items():
            if isinstance(unmet, OSError):
                continue  # it has just gone
            if why := _cannot(unmet) if isinstance(unmet, Exception) else unmet:
                raise PipelineError(f"The worker {worker} {why}")

    @property
    def workers(self) -> int:
        """How many jobs run at a time."""
        self._connected()
        return max(1, self._workers)

    def expect(self, size: int | None) -> None:
        """Nothing: workers of a cluster come and go by themselves."""

    def submit(self, function: Callable[[Job], Report], job: Job, /) -> "Future[Report]":
        """Hand a job over."""
        # As bytes, for other code might read something else, or nothing, before it is compared.
        data = pickle.dumps((function, job))
        executor = self._connected().get_executor(pure=False)
        future: Future[Report] = executor.submit(_run, self._needs, data)
        return future

    def check(self, error: Exception | None = None) -> None:
        """Look whether jobs can still come to an end, and why one ended with an error.

        Raises:
            WorkerError: The scheduler is gone.
            PipelineError: It has been without workers for a minute, or has some that cannot run the
                job.
        """
        client = self._client
        if client is None:
            return  # it could not be connected, as the error says
        try:
            if client.status != "running":
                raise ConnectionError
            if error is not None:
                self._check_workers(client)
            self._workers = len(client.nthreads(callback_timeout=_CONNECT_SECONDS))
        except OSError as lost:
            message = f"The Dask scheduler at {self._address} is gone."
            raise WorkerError(message) from error or lost
        self._check_someone_works()
        if isinstance(error, distributed.KilledWorker):
            message = "A job killed one worker after another: see their logs."
            raise PipelineError(message) from error
        if isinstance(error, CancelledError | ClosedClientError):
            message = f"The Dask scheduler at {self._address} dropped a job."
            raise PipelineError(message) from error

    def _check_someone_works(self) -> None:
        now = time.monotonic()
        if self._workers:
            self._without_since = None
        elif self._without_since is None:
            self._without_since = now
        elif now - self._without_since > _WITHOUT_WORKERS_SECONDS:
            raise PipelineError(f"The Dask scheduler at {self._address} has lost all workers.")

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the cluster, which goes on."""
        if self._client is not None:
            self._client.close()


async def _kind(address: str) -> str:
    """What answers at an address, as Dask names it: a Scheduler, Worker or Nanny."""
    # As a `distributed.Client` does.
    loader = dask.config.get("distributed.client.security-loader", None)
    security = import_term(loader)({"address": address}) if loader else None
    how = (security or distributed.Security()).get_connection_args("client")
    async with distributed.rpc(address, timeout=_CONNECT_SECONDS, connection_args=how) as remote:
        identity = await remote.identity()
        return str(identity["type"])


def _settle(answer: "Future[Answer]", ask: Callable[[], Answer]) -> None:
    try:
        answer.set_result(ask())
    except BaseException as error:  # noqa: BLE001  it is raised where the answer is awaited
        answer.set_exception(error)


# --- on the scheduler and the workers -------------------------------------------------------------


def _run(needs: _Needs, data: bytes) -> Any:
    """Run a job on a worker, if it is as the process which handed the job over."""
    worker = distributed.get_worker()
    if unmet := _unmet_by_worker(needs, worker):
        raise PipelineError(f"The worker {worker.address} {unmet}")
    function, job = pickle.loads(data)
    return function(job)


def _unmet_by_worker(needs: _Needs, dask_worker: distributed.Worker) -> str:
    """The first thing that a worker lacks, as the rest of a sentence; empty if nothing."""
    threads = dask_worker.state.nthreads
    if threads > 1:
        return f"runs {threads} jobs at a time: start it with --nthreads 1."
    return _unmet(needs)


def _unmet(needs: _Needs) -> str:
    """The same of this process."""
    here = _versions()
    for name, version in needs.versions.items():
        if here.get(name) != version:
            return f"has {name} {here.get(name)} instead of {version}: {_INSTALL}"
    for folder in needs.folders:
        if not _holds_anything(folder):
            return f"cannot see {folder}: all machines need it under this path."
    return ""


def _versions() -> dict[str, str]:
    return {**fingerprint.versions(), "distributed": importlib.metadata.version("distributed")}


def _holds_anything(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is not None
    except OSError:
        return False


_INSTALL = "install the same release of pressroom and of its libraries on all machines."


def _cannot(error: Exception) -> str:
    return f"cannot run Pressroom ({error}): {_INSTALL}"
