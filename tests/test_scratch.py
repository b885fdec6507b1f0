"""What the steps of a run hand to each other, and how often they open what they made."""

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pressroom.exports import EXPORTS
from pressroom.tables import scratch
from pressroom.tables.scratch import Kind
from tests.by_steps import begin, stage_build
from tests.conftest import ROOT, Inline, Site, article

KINDS = {name: kind for name, kind in vars(scratch).items() if isinstance(kind, Kind)}
_heard: list[Callable[[str, tuple[Any, ...]], None]] = []


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    for listener in _heard:
        listener(event, arguments)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """How often each file is opened to be read, and each is written, in this process."""
    counts: Counter[str] = Counter()

    def listen(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and arguments[1] in ("r", "rb"):
            counts[f"read {arguments[0]}"] += 1
        elif event == "os.rename" and str(arguments[0]).endswith(".tmp"):
            counts[f"write {arguments[1]}"] += 1

    def counted(read: Callable[..., Any]) -> Callable[..., Any]:
        def counting(path: object, *arguments: Any, **options: Any) -> Any:
            counts[f"read {path}"] += "wb" not in arguments
            return read(path, *arguments, **options)

        return counting

    # Arrow opens files unheard.
    monkeypatch.setattr(pq, "ParquetFile", counted(pq.ParquetFile))
    monkeypatch.setattr(pa, "memory_map", counted(pa.memory_map))
    monkeypatch.setattr(pa, "OSFile", counted(pa.OSFile))
    _heard.append(listen)
    yield counts
    _heard.remove(listen)


def test_a_build_of_one_file_writes_few_files_and_opens_none_of_them_often(
    site: Site, opened: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sys.addaudithook(_hear)
    monkeypatch.setattr("pressroom.engine.compute.executor", lambda *_: Inline())
    site.write(a=article())
    run = begin(site, "run")
    stage_build(run)
    home = run.staging.root.parent

    def read(path: str) -> int:
        return opened[f"read {home / path}"]

    assert sorted(path.name for path in run.workspace.scratch.iterdir()) == [
        *("address-keys-00000", "addresses", "aliases-00000", "anchor-keys-00000", "anchors"),
        *("changes-00000", "degrees", "disputed-aliases", "findings-00000", "index", "keys-00000"),
        *("ledger-index", "near-urls", "pairs-00000", "paths", "reject-index", "shared-ids"),
        *("stated-links-00000", "text-pairs-00000", "urls", "written-links-00000"),
    ]
    written = {name: n for name, n in opened.items() if name.startswith(f"write {home}")}
    kept = [path for path in run.staging.root.rglob("*") if path.is_file()]
    assert len(written) <= 21 + len(kept) + len(EXPORTS) + 8
    assert len(kept) <= 56
    assert set(written.values()) == {1}
    assert 0 < read("release/tables/articles/part-00000.parquet") <= 15
    assert 0 < read("release/tables/related_links/part-00000.parquet") <= 5
    assert 0 < read("work/index") <= 9
    assert 0 < read("work/keys-00000") <= 5


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_of_file_is_written_by_one_module_and_read(name: str) -> None:
    def modules(verb: str) -> tuple[str, ...]:
        call = re.compile(rf"\bscratch\.{name}\.{verb}\(")
        sources = sorted((ROOT / "pipeline").rglob("*.py"))
        return tuple(path.stem for path in sources if call.search(path.read_text()))

    assert len(modules("write")) in (1, 2)
    assert modules("read")
