"""What the tests share: sites made of files, and builds of them."""

import contextlib
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest import mock

import pytest
from click.testing import CliRunner
from hypothesis import settings

from tests.dask_cluster import DaskCluster, dask_cluster
from tests.quicktakes import MODEL, SETTINGS

if TYPE_CHECKING:
    from pressroom.engine.compute import Workers
    from pressroom.model.settings import Compute

ROOT = Path(__file__).resolve().parent.parent
RAW = ROOT / "raw"
CORPUS = ROOT.parent / "shared" / "corpus"
AS_OF = 1_790_000_000  # 2026-09-21T14:13:20Z

needs_corpus = pytest.mark.skipif(
    not CORPUS.exists(), reason="the shared corpus is not beside the project"
)


os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
# A test promises what is made, not how fast on a machine that does other things too.
settings.register_profile("pressroom", deadline=None)
settings.load_profile("pressroom")


# The modules that take minutes: begun last, each would keep all but one process waiting.
_LONG = (
    "test_incremental",
    "test_incremental_links",
    "test_service",
    "test_storage",
    "test_crash",
    "test_cluster",
    "test_readme",
    "test_page",
    "test_printable",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _LONG.index(item.path.stem) if item.path.stem in _LONG else 99)


@pytest.fixture(autouse=True)
def _no_clock_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    monkeypatch.delenv("PRESSROOM_SETTINGS", raising=False)


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(request: pytest.FixtureRequest) -> Iterator[None]:
    """Waits for no disk but where a loss of power is looked at: a build does so a hundred times."""
    if request.path.stem == "test_power_loss":
        yield
        return
    with mock.patch.object(os, "fsync"):
        yield


class Completed(NamedTuple):
    """A run of the command line: exit status, what it printed, and its JSON."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        result: dict[str, Any] = json.loads(self.out.splitlines()[-1])
        return result


def change(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    """Let the source of a module of ours be another, as after an upgrade."""
    from pressroom.base import fingerprint

    changed = fingerprint._MODULES[module]._replace(sha256="changed")
    monkeypatch.setitem(fingerprint._MODULES, module, changed)


def pressroom(
    *arguments: str | Path, cwd: Path = ROOT, stdin: str = "", **environment: str
) -> Completed:
    """Run the command line in this process: `pressroom_process` takes a second more."""
    from pressroom.base import cancellation
    from pressroom.cli.app import main

    with contextlib.chdir(cwd), inline(), mock.patch.object(cancellation, "end_on"):
        done = CliRunner().invoke(
            main,
            [*map(str, arguments)],
            input=stdin,
            env=environment,
            prog_name="pressroom",
            catch_exceptions=False,
        )
    return Completed(done.exit_code, done.stdout, done.stderr)


def pressroom_process(*arguments: str | Path, cwd: Path = ROOT, **environment: str) -> Completed:
    """Run the command line as a person does."""
    done = subprocess.run(
        [sys.executable, "-m", "pressroom", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return Completed(done.returncode, done.stdout, done.stderr)


def article(**changes: Any) -> str:
    """The text of a front-matter file; a change to None leaves the key out."""
    slug = changes.pop("slug", "a")
    keys = {
        "_schema": "default",
        "id": "1",
        "date": "2025-03-01",
        "title": f"What is {slug}?",
        "subject": "Databases",
        "answer": "An answer.",
        "url": f"/learn/databases/questions/{slug}",
        **changes,
    }
    lines = [f"{key}: {value}" for key, value in keys.items() if value is not None]
    return "---\n" + "\n".join(lines) + "\n---\n\n&nbsp;"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    """Two workers, which all tests share that leave them as they were."""
    with dask_cluster(tmp_path_factory.mktemp("cluster"), 2) as started:
        yield started


# For a process that is to have workers, however small the site is.
WITH_WORKERS = """
from pressroom.engine import memory, pool
pool._SMALL_BYTES = 0
told = memory.for_libraries()  # before the steps of a build are imported, to be changed
told.__enter__()
"""


class Inline(Executor):
    """Runs each job at once, in this process, on what would reach a worker."""

    workers = 1

    def expect(self, size: int | None) -> None:
        """It is there."""

    def check(self, error: Exception | None = None) -> None:
        """It is there."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        try:
            args, kwargs = pickle.loads(pickle.dumps((args, kwargs)))
            future.set_result(pickle.loads(pickle.dumps(fn(*args, **kwargs))))
        except Exception as error:  # noqa: BLE001  as an executor does
            future.set_exception(error)
        return future


@contextlib.contextmanager
def inline() -> Iterator[None]:
    """Run the stages in this process, unless a cluster is to run them."""
    from pressroom.engine import compute

    executor = compute.executor

    def inline_or_cluster(settings: "Compute", folders: Sequence[Path]) -> "Workers":
        return executor(settings, folders) if settings.address else Inline()

    with mock.patch.object(compute, "executor", inline_or_cluster):
        yield


@pytest.fixture
def in_process() -> Iterator[None]:
    """Runs the stages in this process, where a test can see what they do, and change it."""
    with inline():
        yield


POOL = "pool"


@pytest.fixture
def executor(request: pytest.FixtureRequest) -> str:
    """Who runs the stages of a `site`: a pool, a cluster by its address, or this process."""
    who: str = getattr(request, "param", "")
    if who != "cluster":
        return who
    started: DaskCluster = request.getfixturevalue("cluster")
    return started.address


# For tests of the stages: a pool of processes and a cluster do the same.
by_each_executor = pytest.mark.parametrize("executor", [POOL, "cluster"], indirect=True)


@pytest.fixture
def site(tmp_path: Path, executor: str) -> "Site":
    return Site(tmp_path, executor)


class Site:
    """A raw folder, an output folder and builds from the one to the other, in this process.

    A settings file beside the folders names the content model for the command line. The stages are
    run by a pool or the cluster at an address, if `executor` says so.
    """

    def __init__(self, home: Path, executor: str = "") -> None:
        self.home = home
        self.executor = executor
        self.raw = home / "raw"
        self.out = home / "out"
        self.raw.mkdir()
        (home / "pressroom.toml").write_text(SETTINGS)
        self.lines: list[str] = []
        self.runs = 0

    def write(self, **files: str | bytes) -> None:
        """Write ``name=text`` as ``raw/name.md``."""
        for name, text in files.items():
            data = text.encode() if isinstance(text, str) else text
            (self.raw / f"{name}.md").write_bytes(data)

    def build(self, as_of: int = AS_OF, **options: Any) -> Any:
        """Build in this process; `options` are those of a run, and settings by their section."""
        from dataclasses import fields, replace

        from pressroom.engine import build
        from pressroom.engine.progress import Lines
        from pressroom.model.paths import Paths
        from pressroom.model.settings import Compute, Settings

        names = {field.name for field in fields(Settings)}
        sections = {name: options.pop(name) for name in names & options.keys()}
        address = self.executor if self.executor != POOL else ""
        computed = replace(sections.pop("compute", Compute(workers=1)), address=address)
        settings = replace(
            Settings(content=MODEL, paths=Paths(self.raw, self.out), compute=computed), **sections
        )
        self.runs += 1
        with contextlib.nullcontext() if self.executor == POOL else inline():
            return build.build(
                settings,
                build.Options(**options),
                f"run-{self.runs}",
                as_of,
                Lines(self.lines.append),
            )

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The rows of a table of the current release."""
        return read_rows(self.out / "current", table)


def read_rows(release: Path, table: str) -> list[dict[str, Any]]:
    """The rows of a table of a release, by its parts in order."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    parts = sorted((release / "tables" / table).glob("*.parquet"))
    rows: list[dict[str, Any]] = pa.concat_tables(map(pq.read_table, parts)).to_pylist()
    return rows


def contents(release: Path, without: Callable[[str], bool] = lambda _: False) -> dict[str, bytes]:
    """The bytes of every file of a release by its path."""
    root = release.resolve()
    paths = (str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
    return {path: (root / path).read_bytes() for path in sorted(paths) if not without(path)}
