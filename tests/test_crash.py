"""Runs that are killed, disks that are full: readers never see a broken or mixed release."""

import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb
import pytest

from pressroom.base import cancellation
from tests.conftest import (
    AS_OF,
    ROOT,
    WITH_WORKERS,
    article,
    contents,
    pressroom,
    pressroom_process,
)
from tests.quicktakes import SETTINGS
from tests.servers import processes

KILLS = int(os.environ.get("PRESSROOM_KILLS", "4"))
SEED = int(os.environ.get("PRESSROOM_SEED", random.randrange(1_000_000)))
FILES = 40
SHARDS = f"{SETTINGS}[compute]\nworkers = 2\nshard_files = 7\n[limits]\nmax_rejects = 1.0\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A site of some shards."""
    (tmp_path / "raw").mkdir()
    (tmp_path / "pressroom.toml").write_text(SHARDS)
    for number in range(FILES):
        edit(tmp_path, number, "First.")
    return tmp_path


def edit(home: Path, number: int, answer: str) -> None:
    target = (number * 7 + 1) % FILES
    link = f"{{id: 1, title: T, subject: S, url: /learn/databases/questions/{target}}}"
    text = article(
        slug=number, id=number, answer=answer, subject=f"S{number % 4}", related_article1=link
    )
    (home / "raw" / f"{number:02}.md").write_text(text)


def arguments(home: Path, out: str, as_of: int) -> list[str]:
    settings, folder = home / "pressroom.toml", home / out
    return ["build", "--settings", f"{settings}", "--out", f"{folder}", "--as-of", f"{as_of}"]


def started(home: Path, out: str, as_of: int) -> "subprocess.Popen[bytes]":
    code = "from pressroom.cli.app import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments(home, out, as_of)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


_PAUSE = 0.02  # seconds between two reads: the runs need the processor, too


class Reader(threading.Thread):
    """Resolves `current` once, and reads all of what it finds there; over and over."""

    def __init__(self, out: Path) -> None:
        super().__init__(daemon=True)
        self.out = out
        self.stop = threading.Event()
        self.error: BaseException | None = None
        self.read = 0

    def run(self) -> None:
        while not self.stop.wait(_PAUSE):
            try:
                self.look()
            except BaseException as error:  # noqa: BLE001  it is the test's to raise
                self.error = error
                return

    def look(self) -> None:
        if not (self.out / "current").exists():
            return
        root = Path(os.path.realpath(self.out / "current"))
        manifest = json.loads((root / "manifest.json").read_bytes())
        assert manifest["release"] == root.name
        for entry in manifest["files"]:
            data = (root / entry["path"]).read_bytes()
            assert hashlib.sha256(data).hexdigest() == entry["sha256"], entry["path"]
        query = """
            select count(*), count(distinct url), count(distinct text),
                (select count(*) from read_parquet($links))
            from read_parquet($articles)
        """
        files = {
            name: f"{root}/tables/{table}/*.parquet"
            for name, table in (("articles", "articles"), ("links", "related_links"))
        }
        with duckdb.connect() as connection:
            row = connection.execute(query, files).fetchone()
        # An edit changes the answer of every file: two of them in one release are a mixture.
        assert row == (FILES, FILES, 1, FILES)
        self.read += 1


@contextmanager
def reader(out: Path) -> Iterator[Reader]:
    """A reader that must have read something and found nothing wrong."""
    thread = Reader(out)
    thread.start()
    try:
        yield thread
    finally:
        thread.stop.set()
        thread.join(60)
    if thread.error is not None:
        raise thread.error
    assert thread.read


def victims(process: "subprocess.Popen[bytes]", chance: random.Random) -> list[int]:
    """The run, one of its workers, or all of them."""
    others = sorted(processes(process.pid))
    one = chance.sample(others, 1) if others else []
    return chance.choice(([process.pid], one, [process.pid, *others]))


def copy(out: Path, target: Path) -> None:
    """A copy of a site without earlier releases, of which an hour's are kept."""
    current = (out / "current").resolve().name

    def earlier(folder: str, names: list[str]) -> list[str]:
        is_of_releases = Path(folder) == out / "releases"
        return [name for name in names if is_of_releases and name != current]

    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(out, target, symlinks=True, ignore=earlier)


def without_ids(release: Path) -> dict[str, bytes]:
    return contents(release, without="manifest.json".__eq__)


def test_a_run_that_is_killed_at_any_moment_harms_nobody(home: Path) -> None:
    print(f"again with PRESSROOM_SEED={SEED}")
    chance = random.Random(SEED)
    began = time.monotonic()
    assert pressroom_process(*arguments(home, "out", AS_OF)).status == 0
    seconds = time.monotonic() - began
    with reader(home / "out"):
        for number in range(KILLS):
            as_of = AS_OF + 60 * (number + 1)
            for file in range(FILES):
                edit(home, file, f"Edit {number}.")
            copy(home / "out", home / "undisturbed")

            process = started(home, "out", as_of)
            time.sleep(chance.uniform(0, seconds))
            for pid in victims(process, chance):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.wait(60)
            if number % 2:  # workers that outlived their parent end by themselves
                assert_ended(process.pid)

            again = pressroom(*arguments(home, "out", as_of), "--json")
            assert again.status == 0, again.err
            assert pressroom(*arguments(home, "undisturbed", as_of)).status == 0
            now = (home / "out" / "current").resolve()
            assert without_ids(now) == without_ids((home / "undisturbed" / "current").resolve())
            assert not list((home / "out" / "staging").iterdir())


def assert_ended(session: int) -> None:
    deadline = time.monotonic() + 60
    while processes(session):
        assert time.monotonic() < deadline, "workers outlive their parent"
        time.sleep(0.05)


def patched(home: Path, patch: str) -> "subprocess.CompletedProcess[str]":
    """A build in a process group of its own, before which some code is run."""
    code = f"{WITH_WORKERS}\n{patch}\nfrom pressroom.cli.app import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments(home, "out", AS_OF), "--quiet"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        start_new_session=True,
    )


def test_a_signal_to_the_whole_process_group_ends_the_run_as_one_to_the_run_alone(
    home: Path,
) -> None:
    patch = """
import os, signal
from pressroom.engine import compute
wait = compute.wait
def wait_when_told(*arguments):
    os.killpg(0, signal.SIGTERM)
    return wait(*arguments)
compute.wait = wait_when_told
"""
    done = patched(home, patch)

    assert done.stderr == f"pressroom: {cancellation.MESSAGE}\n"
    assert done.returncode == 128 + signal.SIGTERM
    assert not list((home / "out" / "staging").iterdir())


def test_workers_that_cannot_be_forked_end_the_run_with_a_sentence(home: Path) -> None:
    patch = """
import os, signal, threading
from multiprocessing.forkserver import _forkserver
from pressroom.engine import internals
pool._is_alone = lambda: False
start = internals.start_fork_server
def start_and_kill():
    start()
    server = _forkserver._forkserver_pid
    os.kill(server, signal.SIGSTOP)  # the first job waits for it
    threading.Timer(3, os.kill, (server, signal.SIGKILL)).start()
internals.start_fork_server = start_and_kill
"""
    done = patched(home, patch)

    assert re.fullmatch(r"pressroom: .+\.\n", done.stderr)
    assert done.returncode == 1
    assert not list((home / "out" / "staging").iterdir())


def test_of_two_runs_that_start_together_one_publishes_and_none_harms_the_other(home: Path) -> None:
    assert pressroom(*arguments(home, "out", AS_OF)).status == 0
    with reader(home / "out"):
        for number in range(3):
            for file in range(FILES):
                edit(home, file, f"Edit {number}.")
            runs = [started(home, "out", AS_OF + 60 * (number + 1)) for _ in range(2)]
            statuses = sorted(run.wait(120) for run in runs)

            # The second either is told, or begins late enough to find nothing changed.
            assert statuses in ([0, 1], [0, 0])
            assert pressroom("verify", "--settings", home / "pressroom.toml").status == 0
    assert not list((home / "out" / "staging").iterdir())


def test_an_earlier_time_of_the_run_moves_no_date_back(home: Path) -> None:
    assert pressroom(*arguments(home, "out", AS_OF)).status == 0
    edit(home, 3, "Second.")
    assert pressroom(*arguments(home, "out", AS_OF - 3600)).status == 0

    with duckdb.connect() as connection:
        files = f"{home}/out/current/tables/articles/*.parquet"
        rows = connection.execute(
            "select text, epoch(first_seen)::bigint, epoch(modified)::bigint"
            " from read_parquet($1) where id in (3, 4) order by id",
            [files],
        ).fetchall()
    published = 1740787200  # 2025-03-01
    assert rows == [("Second.", AS_OF, AS_OF - 3600), ("First.", AS_OF, published)]


@contextmanager
def small_disk(folder: Path, *options: str) -> Iterator[Callable[..., None]]:
    """A file system of its own at a folder, which can be mounted again with other options."""

    def mount(*options: str) -> None:
        command = ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(folder)]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("mounting is not allowed here")

    folder.mkdir(exist_ok=True)
    mount(*options)
    try:
        yield mount
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_disk_that_is_full_at_any_moment_ends_the_run_and_leaves_the_release(home: Path) -> None:
    with small_disk(home / "out", "size=2m") as mount:
        assert pressroom_process(*arguments(home, "out", AS_OF)).status == 0
        before = contents((home / "out" / "current").resolve())
        used = shutil.disk_usage(home / "out").used
        for file in range(FILES):
            edit(home, file, f"{random.Random(file).randbytes(4000).hex()}")

        for room in (0, 4_096, 60_000, 200_000, 600_000, 1_200_000):
            mount("remount", f"size={used + room}")
            failed = pressroom_process(*arguments(home, "out", AS_OF + 60))

            assert failed.status == 1, room
            named = f"{re.escape(str(home))}/out.*: .*No space left on device"
            assert re.search(named, failed.err), failed.err
            assert "Traceback" not in failed.err
            assert contents((home / "out" / "current").resolve()) == before
            assert not list((home / "out").glob("staging/*"))
        mount("remount", "size=9m")
        assert pressroom_process(*arguments(home, "out", AS_OF + 60)).status == 0


def test_a_read_only_output_ends_the_run_with_a_sentence(home: Path) -> None:
    with small_disk(home / "out", "size=9m") as mount:
        assert pressroom(*arguments(home, "out", AS_OF)).status == 0
        mount("remount", "ro")
        edit(home, 3, "Second.")

        failed = pressroom(*arguments(home, "out", AS_OF + 60))

        assert failed.status == 1
        assert re.fullmatch(f"pressroom: .* {home}/out .*: Read-only file system\\.\n", failed.err)


@pytest.mark.torture
def test_many_shards_need_few_open_files(home: Path) -> None:
    (home / "pressroom.toml").write_text(f"{SETTINGS}[compute]\nworkers = 1\nshard_files = 1\n")
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100));"
        "from pressroom.cli.app import main; main()"
    )

    done = subprocess.run(
        [sys.executable, "-c", code, *arguments(home, "out", AS_OF)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
