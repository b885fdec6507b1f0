"""The benchmarks measure what they say: sites that build whole, settings that hold, targets."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import exports, report, tables, targets
from benchmarks.corpus import Corpus, generate
from benchmarks.docs_tree import DocsTree, say_more
from benchmarks.edits import change, restore
from benchmarks.runs import ANSWERS, DOCS, Bench, Site
from benchmarks.targets import Target, figure
from benchmarks.workers import serial
from pressroom.model.settings import Settings
from pressroom.model.settings_toml import load
from tests.conftest import AS_OF, ROOT, pressroom, read_rows

FILES = 120


def contents(folder: Path) -> dict[str, bytes]:
    """The files below a folder."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


# --- the tree of documentation -------------------------------------------------------------------


def test_the_same_seed_gives_the_same_documentation(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("other", 2)):
        DocsTree(FILES, seed).write(tmp_path / name)

    assert len(contents(tmp_path / "a")) == FILES
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert contents(tmp_path / "a") != contents(tmp_path / "other")


def test_no_two_files_of_the_documentation_have_one_path() -> None:
    tree = DocsTree(100_000)
    assert len({tree.path(file) for file in range(tree.files)}) == tree.files


def test_the_documentation_builds_without_rejects(tmp_path: Path) -> None:
    DocsTree(FILES).write(tmp_path / "raw")
    command = ("build", "--as-of", str(AS_OF), "--settings", DOCS.settings)
    done = pressroom(*command, "--raw", tmp_path / "raw", "--out", tmp_path / "out")
    assert done.status == 0, done.err

    release = tmp_path / "out" / "current"
    articles, links = read_rows(release, "articles"), read_rows(release, "text_links")
    assert len(articles) == FILES
    assert {row["code"] for row in read_rows(release, "findings")} <= {"missing_link"}
    assert {row["language"] for row in articles} == {"en", "fr"}
    assert sum(row["status"] == "ok" for row in links) > 0.9 * len(links)


def test_an_edit_is_a_sentence_more_and_is_undone(tmp_path: Path) -> None:
    DocsTree(FILES).write(tmp_path)
    before = contents(tmp_path)

    edited = change(tmp_path, say_more, share=0.05, count=1, seed=1)
    after = contents(tmp_path)
    assert sum(after[path] != before[path] for path in before) == len(edited) == 6
    assert all(after[path].startswith(before[path]) for path in before)

    restore(edited)
    assert contents(tmp_path) == before


# --- the costs of each step ----------------------------------------------------------------------


def test_the_costs_of_a_first_build_and_of_an_unchanged_one_are_counted(tmp_path: Path) -> None:
    generate(Corpus(20), tmp_path / "raw", processes=1)
    folders = (str(tmp_path / name) for name in ("raw", "out"))
    command = [sys.executable, "-m", "benchmarks.costs", *folders]
    first, again = (
        json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
        for _ in range(2)
    )

    assert (first["published"], again["published"]) == (True, False)
    assert {"ingest", "link", "feeds", "manifest", "release"} <= first["steps"].keys()
    assert again["steps"].keys() == {"begin", "ingest", "audit", "release"}


# --- settings ------------------------------------------------------------------------------------


@pytest.mark.parametrize("site", [ANSWERS, DOCS], ids=lambda site: site.name)
def test_sites_are_built_with_the_exports_that_are_on_by_default(site: Site) -> None:
    settings = load(site.settings)
    assert settings.exports == Settings().exports
    assert settings.feeds == Settings().feeds
    assert settings.sitemaps == Settings().sitemaps


@pytest.mark.parametrize("name", exports.OPTIONAL)
def test_each_optional_export_is_turned_on_alone(name: str, tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    none, one = (load(exports.settings(bench, each)) for each in (exports.NONE, name))

    assert (none.feeds.formats, none.feeds.opml) == (("json",), False)
    assert (none != one) == (name != exports.NONE)


# --- targets -------------------------------------------------------------------------------------

RUNS = {
    "cold": {"wall": 3.0, "cpu": 6.0, "peak": 250 * 2**20},
    "hugo": {"wall": 4.0, "cpu": 5.0, "peak": 2**20},
}


def test_the_figure_of_a_target_is_a_run_or_its_ratio_to_a_peer() -> None:
    assert figure(Target(1_000, "cold", 1), RUNS) == 3.0
    assert figure(Target(1_000, "cold", 1, over="hugo"), RUNS) == 0.75
    assert figure(Target(1_000, "cold", 1, "cpu", over="hugo"), RUNS) == 1.2


def test_a_target_without_its_run_or_its_peer_was_not_measured() -> None:
    assert figure(Target(1_000, "one", 1), RUNS) is None
    assert figure(Target(1_000, "cold", 1, over="floor"), RUNS) is None


def test_the_serial_share_is_that_of_amdahls_law() -> None:
    assert serial(10.0, 10.0) == 1
    assert serial(10.0, 5.0) == 0
    assert serial(10.0, 5.6) == pytest.approx(0.12)


def test_targets_are_met_up_to_their_limit() -> None:
    walls = {"version": 0.1, "help": 0.101}
    startup = {name: {"wall": wall} for name, wall in walls.items()}
    sizes = [{"files": 36_000, "runs": RUNS}]
    workers = {"1": {"wall": 10.0}, "2": {"wall": 5.7}}
    table = tables.all_targets(
        {
            "startup": {"runs": startup},
            "answers": {"sizes": sizes},
            "workers": {"runs": workers},
        }
    )

    assert table.startswith("2 of 5 targets that were measured are met.\n")
    assert "| `pressroom --version` ≤ 0.1 s | 0.100 | yes |" in table
    assert "| `pressroom --help` ≤ 0.1 s | 0.101 | **no** |" in table
    assert "| `pressroom status` ≤ 0.2 s | – | not measured |" in table
    assert "| 36,000 files, cold ≤ 0.2 × Hugo | 0.750 | **no** |" in table
    assert "| 36,000 files, cold, peak of memory ≤ 250 MiB | 250 | yes |" in table
    assert "| serial share of a cold run ≤ 12 % | 14.0 | **no** |" in table


def test_targets_have_figures_only_where_something_was_measured() -> None:
    assert tables.all_targets({}).count("| – | not measured |") == len(targets.TARGETS) + 1


# --- the page ------------------------------------------------------------------------------------


def test_a_part_is_written_between_its_markers_alone(tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text("a\n<!-- begin docs -->\n\nold\n\n<!-- end docs -->\nb\n")
    report.write(page, {"docs": "new\n"})
    assert page.read_text() == "a\n<!-- begin docs -->\n\nnew\n\n<!-- end docs -->\nb\n"


def test_the_page_has_a_place_for_each_part() -> None:
    page = report.README.read_text()
    for name in ("summary", *report.PARTS, "targets", "large"):
        assert page.count(f"<!-- begin {name} -->\n") == 1
        assert page.count(f"<!-- end {name} -->\n") == 1
