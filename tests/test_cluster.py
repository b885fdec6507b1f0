"""Builds on a Dask cluster: the same bytes as of a pool, and a sentence where that cannot be."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from pressroom.base import cancellation
from pressroom.base.errors import WorkerError
from pressroom.engine import build
from pressroom.engine.cluster import Cluster
from pressroom.engine.progress import Quiet
from pressroom.files import atomic, parquet
from pressroom.model.settings_toml import load
from tests.conftest import AS_OF, RAW, Completed, article, contents
from tests.dagster_runs import by_command_line
from tests.dask_cluster import DaskCluster, dask_cluster
from tests.quicktakes import SETTINGS

# A client that is closed leaves its socket to the garbage collector.
pytestmark = pytest.mark.filterwarnings("default::ResourceWarning")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The sample in shards, with a file that is set aside and one whose url stands twice."""
    shutil.copytree(RAW, tmp_path / "raw")
    (tmp_path / "raw" / "broken.md").write_text("---\ntitle: What: now\n---\n")
    for name in ("a", "zz"):
        (tmp_path / "raw" / f"{name}.md").write_text(article(slug="a", related_article1="{id: 1}"))
    site = f'{SETTINGS}[site]\nbase_url = "https://site.example"\n'
    (tmp_path / "pressroom.toml").write_text(f"{site}[compute]\nworkers = 2\nshard_files = 3\n")
    return tmp_path


def run(home: Path, out: str, *arguments: str, patch: str = "", after: int = 0) -> Completed:
    """Build from a relative folder into another; `patch` is run before."""
    command = ["build", "--quiet", "--raw", "raw", "--out", out, "--as-of", f"{AS_OF + after}"]
    code = f"{patch}\nfrom pressroom.cli.app import main\nmain()"
    done = subprocess.run(
        [sys.executable, "-c", code, *command, *arguments],
        cwd=home,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return Completed(done.returncode, done.stdout, done.stderr)


def on_first_advance(code: str) -> str:
    """A patch that runs code when the first job of a build is done."""
    return f"""
import os, signal, subprocess
from pressroom.engine import cluster, progress
def advance(self, count, rejects=0):
    progress.Quiet.advance = lambda *_: None
    {code}
progress.Quiet.advance = advance
"""


def released(home: Path, out: str) -> dict[str, Any]:
    """The files of the current release, without what only says which run made it."""
    files: dict[str, Any] = dict(contents(home / out / "current"))
    files["manifest.json"] = json.loads(files["manifest.json"])
    del files["manifest.json"]["run"]
    return files


def assert_failed(home: Path, done: Completed, status: int, named: str) -> None:
    """One line with a name and nothing else, the release as before, nothing left in staging."""
    assert done.status == status, done.err
    assert named in done.err
    assert done.err.startswith("pressroom: ")
    assert len(done.err.splitlines()) == 1, done.err
    assert not done.out
    assert not (home / "out" / "current").exists()
    staging = home / "out" / "staging"
    assert not staging.exists() or not list(staging.iterdir())


def test_a_cluster_publishes_the_bytes_of_a_pool_from_release_to_release(
    home: Path, cluster: DaskCluster
) -> None:
    for after in range(3):
        if after == 2:
            (home / "raw" / "a.md").write_text(article(slug="a", answer="Another."))
        of_pool = run(home, "pool", "--json", after=after)
        of_cluster = run(home, "out", "--json", "--compute", cluster.address, after=after)

        assert of_pool.status == of_cluster.status == 0, of_cluster.err
        assert not of_cluster.err
        made = [{**done.json, "seconds": 0} for done in (of_pool, of_cluster)]
        assert made[0] == made[1]
        assert made[0]["published"] is (after != 1)
        assert released(home, "pool") == released(home, "out")
    assert made[0]["parsed"] == 2  # and the file that repeats the url


class Killer(Quiet):
    """Kills a worker in each stage, when the first of its jobs is done, and starts another."""

    def __init__(self, workers: DaskCluster) -> None:
        super().__init__(print)
        self.workers = workers
        self.stage = ""
        self.killed: list[str] = []

    def begin(self, stage: str, total: int, unit: str) -> None:
        self.stage = stage

    def advance(self, count: int, rejects: int = 0) -> None:
        if self.stage not in self.killed:
            self.killed.append(self.stage)
            self.workers.kill(self.workers.workers[0])
            self.workers.add()


@pytest.mark.torture
def test_a_worker_that_is_killed_in_any_stage_changes_no_byte(
    home: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert run(home, "pool").status == 0
    with dask_cluster(tmp_path_factory.mktemp("cluster"), 3) as workers:
        settings = load(home / "pressroom.toml").override(address=workers.address)
        killer = Killer(workers)
        build.build(settings, build.Options(), "run", AS_OF, killer)

    assert killer.killed == ["ingest", "link", "summarize", "export"]
    assert released(home, "pool") == released(home, "out")


def joins(workers: DaskCluster, worker: "subprocess.Popen[bytes]") -> str:
    """Code that lets a worker join, which has just been started and waits till then."""
    os.killpg(worker.pid, signal.SIGSTOP)
    return f"""os.killpg({worker.pid}, signal.SIGCONT)
    while b"Registered to:" not in open({str(workers.log(worker))!r}, "rb").read(): pass"""


_OTHER_CODE = """
from pressroom.base import fingerprint
known = fingerprint._MODULES
known["markup.spans"] = known["markup.spans"]._replace(sha256="another")
"""


def other_code(home: Path) -> dict[str, Any]:
    return started_with(
        home,
        "from pressroom.base.fingerprint import _MODULES, Module;"
        " _MODULES['markup.spans'] = Module('', (), ())",
    )


def no_code(home: Path) -> dict[str, Any]:
    return started_with(home, "import sys; sys.modules['pressroom'] = None")


def started_with(home: Path, code: str) -> dict[str, Any]:
    (home / "machine").mkdir(exist_ok=True)
    (home / "machine" / "sitecustomize.py").write_text(code)
    return {"environment": {"PYTHONPATH": str(home / "machine")}}


def another_disk(home: Path) -> dict[str, Any]:
    script = f'mount -t tmpfs tmpfs {home / "raw"} && exec "$@"'
    return {"before": ["unshare", "--mount", "sh", "-c", script, "sh"]}


def threads(_: Path) -> dict[str, Any]:
    return {"threads": 2}


@pytest.mark.torture
def test_a_worker_without_the_code_is_refused_and_one_that_joins_later_runs_nothing(
    home: Path, cluster: DaskCluster
) -> None:
    assert run(home, "pool").status == 0
    first = cluster.add(**no_code(home))
    cluster.join(first)
    done = run(home, "out", "--compute", cluster.address)
    cluster.kill(first)
    assert_failed(home, done, 1, " tcp://127.0.0.1:")
    assert "No module named 'pressroom" in done.err  # as Python says it

    later = cluster.add(**no_code(home))
    done = run(
        home, "out", "--compute", cluster.address, patch=on_first_advance(joins(cluster, later))
    )
    cluster.kill(later)
    assert done.status == 0, done.err
    assert released(home, "pool") == released(home, "out")


@pytest.mark.parametrize(
    ("how", "named"),
    [
        (other_code, " pressroom "),
        (another_disk, "/raw: "),
        (threads, " --nthreads 1"),
    ],
)
def test_a_worker_that_is_not_as_the_others_ends_the_run_whenever_it_joins(
    home: Path, cluster: DaskCluster, how: Callable[[Path], dict[str, Any]], named: str
) -> None:
    if how is another_disk and os.geteuid():
        pytest.skip("mounting is not allowed here")
    odd = cluster.add(**how(home))
    try:
        address = ["--compute", cluster.address]
        later = run(home, "out", *address, patch=on_first_advance(joins(cluster, odd)))
        assert_failed(home, later, 1, " tcp://127.0.0.1:")
        assert named in later.err

        first = run(home, "out", *address)
        assert_failed(home, first, 1, named)
    finally:
        cluster.kill(odd)


def test_a_scheduler_that_is_not_there_ends_the_run_within_half_a_minute(home: Path) -> None:
    began = time.monotonic()
    done = run(home, "out", "--compute", "tcp://127.0.0.1:1")

    assert_failed(home, done, 1, " tcp://127.0.0.1:1 ")
    assert time.monotonic() - began < 30


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a server that takes connections and says nothing, without its scheme."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def test_a_server_that_says_nothing_ends_the_run_within_half_a_minute(
    home: Path, silent: str
) -> None:
    began = time.monotonic()
    patch = "from pressroom.engine import cluster; cluster._ANSWER_SECONDS = 3"
    done = run(home, "out", "--compute", f"tcp://{silent}", patch=patch)

    assert_failed(home, done, 1, f" tcp://{silent} ")
    assert time.monotonic() - began < 30


def test_a_build_that_waits_for_a_scheduler_heeds_that_it_is_told_to_end(
    home: Path, silent: str
) -> None:
    patch = """
import os, signal, threading
from pressroom.engine import cluster
cluster._ANSWER_SECONDS = 100
ask = cluster._kind
def told_while_it_asks(*given):
    threading.Timer(1, os.kill, (os.getpid(), signal.SIGTERM)).start()
    return ask(*given)
cluster._kind = told_while_it_asks
"""
    done = run(home, "out", "--compute", f"tcp://{silent}", patch=patch)

    assert_failed(home, done, 128 + signal.SIGTERM, cancellation.MESSAGE)


def test_an_address_that_is_not_that_of_a_scheduler_is_told_in_a_sentence(
    home: Path, cluster: DaskCluster, silent: str
) -> None:
    log = cluster.log(cluster.workers[0]).read_text()
    worker = re.search(r"Start worker at: +(tcp://\S+)", log)
    assert worker is not None
    done = run(home, "out", "--compute", worker[1])
    assert_failed(home, done, 1, " Worker.")

    done = run(home, "out", "--compute", f"tls://{silent}")
    assert_failed(home, done, 1, " tls://")
    assert "(distributed.comm.tls)" in done.err


def test_a_cluster_that_is_lost_ends_the_run_within_half_a_minute(
    home: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with dask_cluster(tmp_path_factory.mktemp("cluster"), 1) as lost:
        address = ["--compute", lost.address]
        of_worker = f"""cluster._WITHOUT_WORKERS_SECONDS = 1
    os.killpg({lost.workers[0].pid}, signal.SIGKILL)"""
        of_scheduler = f"os.killpg({lost.scheduler.pid}, signal.SIGKILL)"

        without = run(home, "out", *address, patch=on_first_advance(of_worker))
        assert_failed(home, without, 1, f" {lost.address} ")

        lost.join(lost.add())
        began = time.monotonic()
        done = run(home, "out", *address, patch=on_first_advance(of_scheduler))
        assert_failed(home, done, 1, f" {lost.address} ")
        assert done.err != without.err
        assert time.monotonic() - began < 30


def test_a_scheduler_that_is_gone_is_an_error_that_may_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left = Cluster("tcp://127.0.0.1:1", [], lambda: None)
    monkeypatch.setattr(left, "_client", SimpleNamespace(status="closed"))

    with pytest.raises(WorkerError, match=r" tcp://127\.0\.0\.1:1 "):
        left.check()


def test_a_scheduler_without_workers_or_one_that_gives_a_job_up_ends_the_run(
    home: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "0")
    with dask_cluster(tmp_path_factory.mktemp("cluster"), 0) as idle:
        address = ["--compute", idle.address]
        patch = "from pressroom.engine import cluster; cluster._CONNECT_SECONDS = 2"
        done = run(home, "out", *address, patch=patch)
        assert_failed(home, done, 1, f" {idle.address} ")

        only = idle.add()
        idle.join(only)
        patch = on_first_advance(f"os.killpg({only.pid}, signal.SIGKILL)")
        done = run(home, "out", *address, patch=patch)
        assert_failed(home, done, 1, ".\n")
        assert idle.address not in done.err  # the job is to blame


def test_a_build_on_a_cluster_that_is_told_to_end_leaves_nothing_behind(
    home: Path, cluster: DaskCluster
) -> None:
    patch = on_first_advance("os.kill(os.getpid(), signal.SIGTERM)")
    done = run(home, "out", "--compute", cluster.address, patch=patch)

    assert_failed(home, done, 128 + signal.SIGTERM, cancellation.MESSAGE)
    assert run(home, "out", "--compute", cluster.address).status == 0


def test_an_error_of_a_job_on_a_cluster_is_told_as_that_of_a_pool(
    home: Path, cluster: DaskCluster
) -> None:
    patch = on_first_advance("import glob; os.unlink(glob.glob('out/staging/*/work/paths')[0])")
    for more in [], ["--compute", cluster.address]:
        done = run(home, "out", *more, patch=patch)

        assert_failed(home, done, 1, "/work/paths: No such file or directory.")


def test_what_a_job_writes_that_outlives_its_run_is_nowhere(tmp_path: Path) -> None:
    gone, rows = tmp_path / "gone", pa.table({"a": [1]})
    (tmp_path / "published").touch()
    writes: list[Callable[[], object]] = [
        lambda: atomic.put(gone, "tables/articles/part-00000.parquet", b""),
        lambda: atomic.hard_link(tmp_path / "published", gone, "csv/articles.csv"),
        lambda: parquet.write_scratch(gone / "findings-00000", rows),
    ]
    for write in writes:
        with pytest.raises(FileNotFoundError):
            write()

    assert [path.name for path in tmp_path.iterdir()] == ["published"]


def test_of_a_job_that_runs_twice_at_a_time_neither_disturbs_the_other(tmp_path: Path) -> None:
    with atomic.created(tmp_path, "a/b") as one:
        one.write(b"wh")
        with atomic.created(tmp_path, "a/b") as other:
            other.write(b"whole")
        assert (tmp_path / "a" / "b").read_bytes() == b"whole"
        one.write(b"ole")

    for source in ("a/b", "a/b", "a/c"):
        atomic.hard_link(tmp_path / "a/b", tmp_path, source)
    assert contents(tmp_path) == {"a/b": b"whole", "a/c": b"whole"}


@pytest.mark.parametrize("address", ["10.0.0.1:8786", "http://10.0.0.1:8786", "tcp://host"])
def test_an_address_that_is_none_is_refused(home: Path, address: str) -> None:
    done = run(home, "out", "--compute", address)

    assert_failed(home, done, 2, f" compute.address: {address!r} ")


def test_without_dask_an_address_is_refused_with_what_to_install(home: Path) -> None:
    patch = "import sys; sys.modules['distributed'] = None"
    done = run(home, "out", "--compute", "tcp://127.0.0.1:1", patch=patch)

    assert_failed(home, done, 2, " pip install 'pressroom[scale]' ")


def test_without_an_address_nothing_of_dask_is_imported(home: Path) -> None:
    heavy = "{'dask', 'distributed', 'pressroom.engine.cluster'}"
    patch = f"import atexit, sys; atexit.register(lambda: print({heavy} & set(sys.modules)))"
    done = run(home, "out", patch=patch)

    assert done.status == 0, done.err
    assert done.out.splitlines()[-1] == "set()"


@pytest.mark.torture
def test_the_job_of_dagster_publishes_on_a_cluster_what_the_command_line_does_on_a_pool(
    home: Path, cluster: DaskCluster, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert run(home, "pool").status == 0
    settings = home / "pressroom.toml"
    settings.write_text(f'{settings.read_text()}address = "{cluster.address}"\n')
    elsewhere = tmp_path_factory.mktemp("dagster")
    done = by_command_line(settings, elsewhere, SOURCE_DATE_EPOCH=str(AS_OF))

    assert done.returncode == 0, done.stderr
    assert released(home, "pool") == released(home, "out")
