"""What the tests share: sites made of files, and builds of them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.dask_cluster import DaskCluster, dask_cluster

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


class Completed:
    """A run of the command line: exit status, what it printed, and its JSON."""

    def __init__(self, process: subprocess.CompletedProcess[str]) -> None:
        self.status = process.returncode
        self.out = process.stdout
        self.err = process.stderr

    @property
    def json(self) -> dict[str, Any]:
        result: dict[str, Any] = json.loads(self.out.splitlines()[-1])
        return result


COMMAND = "from pressroom.cli.app import main; main()"


def change(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    """Let the source of a module of ours be another, as after an upgrade."""
    from pressroom.base import fingerprint

    changed = fingerprint._MODULES[module]._replace(sha256="changed")
    monkeypatch.setitem(fingerprint._MODULES, module, changed)


def pressroom(*arguments: str | Path, cwd: Path = ROOT, **environment: str) -> Completed:
    """Run the command line as a person does."""
    command = [
        sys.executable,
        "-c",
        "from pressroom.cli.app import main; main()",
        *map(str, arguments),
    ]
    process = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return Completed(process)


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


@pytest.fixture
def executor(request: pytest.FixtureRequest) -> str:
    """Who runs the stages of a `site`: the address of a cluster, or none for a pool."""
    started: DaskCluster | None = None
    if getattr(request, "param", "pool") == "cluster":
        started = request.getfixturevalue("cluster")
    return started.address if started else ""


# For tests of the stages: a pool of processes and a cluster do the same.
by_each_executor = pytest.mark.parametrize("executor", ["pool", "cluster"], indirect=True)


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs the stages in this process, where a test can see what they do, and change it."""
    from pressroom.engine import compute
    from tests.by_steps import Inline

    monkeypatch.setattr(compute, "executor", lambda *_: Inline())
    monkeypatch.setattr(compute, "prepare", lambda: None)


@pytest.fixture
def site(tmp_path: Path, executor: str) -> "Site":
    return Site(tmp_path, executor)


class Site:
    """A raw folder, an output folder and builds from the one to the other.

    A pool or the cluster at an address runs their stages; the rest is done in this process.
    """

    def __init__(self, home: Path, address: str = "") -> None:
        self.home = home
        self.address = address
        self.raw = home / "raw"
        self.out = home / "out"
        self.raw.mkdir()
        self.lines: list[str] = []
        self.runs = 0

    def write(self, **files: str | bytes) -> None:
        """Write ``name=text`` as ``raw/name.md``."""
        for name, text in files.items():
            data = text.encode() if isinstance(text, str) else text
            (self.raw / f"{name}.md").write_bytes(data)

    def build(self, as_of: int = AS_OF, **options: Any) -> Any:
        """Build in this process; `options` are those of a run, and settings by their section."""
        from dataclasses import replace

        from pressroom.engine import build
        from pressroom.engine.progress import Lines
        from pressroom.model.settings import Compute, Paths, Settings

        sections = {
            name: options.pop(name)
            for name in ("site", "content", "limits", "exports", "compute")
            if name in options
        }
        computed = replace(sections.pop("compute", Compute(workers=1)), address=self.address)
        settings = replace(Settings(paths=Paths(self.raw, self.out), compute=computed), **sections)
        self.runs += 1
        return build.build(
            settings, build.Options(**options), f"run-{self.runs}", as_of, Lines(self.lines.append)
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
