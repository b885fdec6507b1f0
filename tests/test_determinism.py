"""The same files, settings, previous release and as-of give the same bytes, wherever they run."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import AS_OF, RAW, ROOT, contents, pressroom_process
from tests.dask_cluster import dask_cluster
from tests.quicktakes import SETTINGS

PLACES = [
    {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8"},
    {"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "2", "TZ": "America/New_York", "LC_ALL": "tr_TR.UTF-8", "PYTHONUTF8": "0"},
]


def built(home: Path, place: dict[str, str], *who: str) -> list[dict[str, Any]]:
    """The files of two releases, one from the other, built in an environment."""
    found: list[dict[str, Any]] = []
    (home / "pressroom.toml").write_text(f"{SETTINGS}[compute]\nshard_files = 7\n")
    for as_of in (AS_OF, AS_OF + 60):
        done = pressroom_process(
            "build", "--settings", home / "pressroom.toml", "--raw", RAW, "--out", home / "out",
            *who, "--as-of", str(as_of), "--force", cwd=ROOT, **place,
        )  # fmt: skip
        assert done.status == 0, done.err
        files: dict[str, Any] = dict(contents(home / "out" / "current"))
        manifest = json.loads(files.pop("manifest.json"))
        del manifest["run"]
        found.append({**files, "manifest": manifest})
    return found


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    return built(tmp_path_factory.mktemp("here"), PLACES[0], "--workers", "2")


@pytest.mark.parametrize(("workers", "place"), [("1", 1), ("3", 2)])
def test_workers_hash_seeds_time_zones_and_locales_change_no_byte(
    tmp_path: Path, here: list[dict[str, Any]], workers: str, place: int
) -> None:
    assert here == built(tmp_path, PLACES[place], "--workers", workers)


def test_workers_of_a_cluster_in_other_places_change_no_byte(
    tmp_path: Path, here: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    with dask_cluster(tmp_path_factory.mktemp("cluster"), 0) as workers:
        for place in PLACES[1:]:
            workers.add(place)
        workers.join()

        assert here == built(tmp_path, PLACES[0], "--compute", workers.address)
