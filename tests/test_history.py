"""The past of a site: ``history`` and ``releases``, replayed and asked."""

import datetime as dt
import itertools
import json
import math
import random
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import dataset

from pressroom.cli.sql import answer
from pressroom.engine import build
from pressroom.files import parquet
from pressroom.model.columns import Column
from pressroom.model.release_schemas import HISTORY, RELEASES
from pressroom.model.settings import Compute, Releases
from pressroom.releases import local, publishing
from pressroom.releases.manifest import MANIFEST, Release, open_release
from pressroom.releases.store import store_at
from pressroom.tables import history, relations
from tests.by_steps import begin, export_all
from tests.conftest import AS_OF, Site, article, contents, read_rows
from tests.quicktakes import quicktakes

DAY = 24 * 3600
RUNS = 20
KEPT: dict[str, Any] = {
    "releases": Releases(keep=RUNS + 1),
    "compute": Compute(workers=1, shard_files=4),
    "accept_removals": True,
}
PAST = (HISTORY.name, RELEASES.name)


def edit(files: dict[str, dict[str, Any]], chance: random.Random) -> None:
    """Some files come, change, move and go."""
    for _ in range(chance.randint(1, 4)):
        name = chance.choice([*files, *(f"new{number}" for number in range(4))])
        what = chance.choice(["title", "date", "slug", "answer", "remove"])
        keys = files.pop(name, {"slug": name})
        if what == "remove" and len(files) > 4:
            continue
        values = {"date": f"2025-0{chance.randint(1, 9)}-01", "slug": f"s{chance.randint(0, 30)}"}
        files[name] = {**keys, what: values.get(what, f"Value {chance.randint(0, 9)}")}


@pytest.fixture(scope="module")
def twenty(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site after twenty releases, which all are kept: it is only copied."""
    site, chance = Site(tmp_path_factory.mktemp("twenty")), random.Random(20)
    files: dict[str, dict[str, Any]] = {f"a{number}": {"slug": f"a{number}"} for number in range(9)}
    while site.runs < RUNS or len(list(local.folders(site.out))) < RUNS:
        for path in site.raw.iterdir():
            path.unlink()
        for name, keys in files.items():
            site.write(**{name: article(**{k: v for k, v in keys.items() if k != "remove"})})
        site.build(AS_OF + site.runs * DAY, **KEPT)
        edit(files, chance)
    return site


@pytest.fixture
def copy(twenty: Site, tmp_path: Path) -> Site:
    """A copy of that site in which files of releases are linked to each other as they were."""
    site = Site(tmp_path)
    shutil.copytree(twenty.raw, site.raw, dirs_exist_ok=True)
    copied: dict[int, Path] = {}
    for path in sorted(twenty.out.rglob("*")):
        target = site.out / path.relative_to(twenty.out)
        target.parent.mkdir(exist_ok=True)
        if path.is_symlink():
            target.symlink_to(path.readlink())
        elif path.is_dir():
            target.mkdir(exist_ok=True)
        elif (inode := path.stat().st_ino) in copied:
            target.hardlink_to(copied[inode])
        else:
            copied[inode] = Path(shutil.copy(path, target))
    site.runs = twenty.runs
    return site


def releases(site: Site) -> list[Release]:
    """All releases, the oldest first."""
    return list(map(open_release, local.folders(site.out)))


def rows(release: Release, table: str) -> list[dict[str, Any]]:
    """The rows of a table and of this release, as queries see them."""
    found: list[dict[str, Any]] = relations.relation(release, table).to_table().to_pylist()
    return found


def replayed(changes: Iterable[dict[str, Any]]) -> dict[str, tuple[str, dt.date]]:
    """Title and date of publication of each url that is there after some changes."""
    there: dict[str, tuple[str, dt.date]] = {}
    for row in changes:
        assert (row["change"] in ("added", "present")) == (row["url"] not in there)
        if row["change"] == "removed":
            assert there.pop(row["url"]) == (row["title"], row["published"])
        else:
            there[row["url"]] = row["title"], row["published"]
    return there


def held(release: Release) -> dict[str, tuple[str, dt.date]]:
    """The same of the articles of a release."""
    articles = read_rows(release.root, "articles")
    return {row["url"]: (row["title"], row["published"]) for row in articles}


# --- twenty releases -----------------------------------------------------------------------------


def test_history_replayed_gives_the_articles_of_each_release(twenty: Site) -> None:
    made = releases(twenty)
    of_last = rows(made[-1], "history")

    assert len(made) == RUNS
    assert {row["change"] for row in of_last} == {"added", "changed", "removed"}
    for number, release in enumerate(made):
        known = {one.id for one in made[: number + 1]}
        assert replayed(row for row in of_last if row["release"] in known) == held(release)
        assert rows(release, "history") == [row for row in of_last if row["release"] in known]


def test_a_row_of_history_is_that_of_changes_with_its_release(twenty: Site) -> None:
    made = releases(twenty)
    table = iter(read_rows(made[-1].root, "history"))

    for release in made[:-1]:
        as_of = dt.datetime.fromtimestamp(release.manifest.as_of, dt.UTC)
        for row in read_rows(release.root, "changes"):
            assert next(table) == {"release": release.id, "as_of": as_of, **row}
    assert next(table, None) is None


def test_releases_holds_what_the_manifests_of_those_before_say(twenty: Site) -> None:
    made = releases(twenty)
    *before, own = rows(made[-1], "releases")

    assert before == read_rows(made[-1].root, "releases")
    for row, release in zip([*before, own], made, strict=True):
        manifest, counts = release.manifest, release.counts
        assert row["release"] == release.id
        assert (row["sequence"], row["previous"]) == (manifest.sequence, manifest.previous)
        assert row["as_of"].timestamp() == manifest.as_of
        assert (row["base_url"], row["bytes"]) == (release.base_url, release.bytes)
        assert (row["files"], row["articles"]) == (counts.files, len(held(release)))
        assert {kind: row[kind] for kind in counts.changes} == counts.changes
        assert row["schema_version"] == manifest.schema_version == 1


@pytest.mark.parametrize("table", PAST)
def test_parts_stay_few_and_those_that_stay_are_linked(twenty: Site, table: str) -> None:
    made = releases(twenty)

    for before, after in itertools.pairwise(made):
        old, new = before.outputs[table], after.outputs[table]
        assert len(new.files) <= 1 + math.log2(1 + new.rows)
        same = [entry for entry in new.files if entry in old.files]
        assert list(new.files[: len(same)]) == same
        assert len(new.files) - len(same) <= 1
        for entry in same:
            assert (before.root / entry.path).samefile(after.root / entry.path)
    stayed = [set(one.outputs[table].files) & set(made[-1].outputs[table].files) for one in made]
    assert sum(map(bool, stayed)) > 2


def test_an_unchanged_run_publishes_nothing_and_a_forced_one_adds_no_change(copy: Site) -> None:
    last = releases(copy)[-1]
    as_of = AS_OF + RUNS * DAY

    assert not copy.build(as_of, **KEPT).published
    first, second = (copy.build(as_of + n, force=True, **KEPT).release for n in (1, 2))
    for release in (first, second):
        assert read_rows(release.root, "history") == rows(last, "history")
    assert [first.outputs["releases"].rows, second.outputs["releases"].rows] == [RUNS, RUNS + 1]
    # Nothing is appended, so nothing is written.
    assert first.outputs["history"].files == second.outputs["history"].files


# --- what else may come --------------------------------------------------------------------------


def test_a_release_that_was_undone_is_no_part_of_the_past(copy: Site) -> None:
    *_, target, undone = releases(copy)
    publishing.rollback(store_at(copy.out), target)
    copy.write(another=article(slug="another"))
    release = copy.build(AS_OF + 30 * DAY, force=True, **KEPT).release

    assert release.manifest.previous == target.id
    for table in PAST:
        assert undone.id not in {row["release"] for row in rows(release, table)}
    assert replayed(rows(release, "history")) == held(release)


def test_a_full_run_makes_the_same_past(copy: Site) -> None:
    copy.write(another=article(slug="another"))
    out = copy.home / "again"
    shutil.copytree(copy.out, out, symlinks=True)
    one = copy.build(AS_OF + 30 * DAY, **KEPT).release
    copy.out = out
    other = copy.build(AS_OF + 30 * DAY, full=True, **KEPT).release

    assert [one.outputs[name] for name in PAST] == [other.outputs[name] for name in PAST]
    assert contents(one.root / "tables") == contents(other.root / "tables")


def test_a_run_of_exports_alone_makes_the_past_too(copy: Site) -> None:
    last = releases(copy)[-1]
    sections = {name: KEPT[name] for name in ("releases", "compute")}
    run = begin(copy, "exports", AS_OF + 30 * DAY, **sections)
    export_all(run)
    build.audit(run)
    staged = open_release(run.staging.root)

    assert read_rows(staged.root, "changes") == []
    assert replayed(rows(staged, "history")) == held(last)
    assert staged.outputs["releases"].rows == RUNS


def test_a_large_release_is_cut_into_parts(copy: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "_MOST_ROWS", 5)
    copy.write(**{f"more{number}": article(slug=f"more{number}") for number in range(11)})
    first = copy.build(AS_OF + 30 * DAY, **KEPT).release
    copy.write(another=article(slug="another"))
    second = copy.build(AS_OF + 31 * DAY, **KEPT).release

    before, after = (one.outputs["history"].files for one in (first, second))
    assert after[: len(before) - 1] == before[:-1]
    assert max(entry.rows or 0 for entry in after[len(before) :]) <= 5
    assert sum(entry.rows or 0 for entry in after[len(before) - 1 :]) >= 11
    assert replayed(rows(second, "history")) == held(second)


@given(st.lists(st.integers(0, 400), max_size=80))
def test_of_n_rows_there_are_few_parts_and_each_is_written_anew_a_few_times(
    added: list[int],
) -> None:
    parts, written = list[int](), 0
    for rows in added:
        stay = history.staying(parts, rows)
        if rows:
            parts = [*parts[:stay], sum(parts[stay:]) + rows]
            written += parts[-1]
    total = sum(added)

    assert sum(parts) == total
    assert len(parts) <= 1 + math.log2(1 + total)
    assert written <= total * (1 + math.log(1 + total, 1.5))


def test_large_parts_stay_as_they_are_and_empty_ones_go() -> None:
    most = history._MOST_ROWS
    assert history.staying([most, most - 1], 1) == 2
    assert history.staying([most, most - 2, 1], 1) == 2
    assert history.staying([0], 10 * most) == 0
    assert history.staying([0], 0) == 1
    table = pa.table({"n": range(2 * most + 5)})
    parts = list(history.in_parts([table.slice(0, 3), table.slice(3)]))
    assert pa.concat_tables(parts).equals(table)
    assert max(map(len, parts)) == most


def test_the_version_of_the_columns_goes_up_when_they_change(site: Site) -> None:
    site.write(a=article(slug="a"))
    more = quicktakes(columns={"mood": Column()})
    made = [
        site.build(AS_OF + number * DAY, force=True, **options).release
        for number, options in enumerate([{}, {"content": more}, {"content": more}, {}])
    ]
    assert [one.manifest.schema_version for one in made] == [1, 2, 2, 3]
    packages = [json.loads((one.root / "datapackage.json").read_text()) for one in made]
    assert [package["version"] for package in packages] == ["1.0.0", "2.0.0", "2.0.0", "3.0.0"]
    assert [row["schema_version"] for row in rows(made[-1], "releases")] == [1, 2, 2, 3]


# --- what is lost --------------------------------------------------------------------------------


def lose(release: Release, *tables: str) -> None:
    """Remove parts of tables from a release alone."""
    for table in tables:
        for path in release.paths(table):
            path.unlink()


def test_a_lost_past_comes_from_an_older_release_and_the_changes_since(copy: Site) -> None:
    for release in releases(copy)[-3:]:
        lose(release, *PAST)
    before = [len(rows(one, "changes")) for one in releases(copy)]
    release = copy.build(AS_OF + 30 * DAY, **KEPT).release

    assert release.outputs["history"].rows == sum(before)
    assert replayed(rows(release, "history")) == held(release)
    assert [row["release"] for row in rows(release, "releases")] == [
        one.id for one in releases(copy)
    ]
    assert not [line for line in copy.lines if "no release that is kept" in line]


def test_a_part_that_no_release_has_is_lost_and_the_run_goes_on(copy: Site) -> None:
    *older, _, last = releases(copy)
    before = rows(last, "history")
    first, *others = last.outputs["history"].files
    assert others
    for release in older:
        shutil.rmtree(release.root)
    path = last.root / first.path
    path.chmod(0o644)
    path.write_bytes(b"harmed in all releases that it is linked to")
    release = copy.build(AS_OF + 30 * DAY, **KEPT).release

    assert read_rows(release.root, "history") == before[first.rows :]
    [warning] = [line for line in copy.lines if "no release that is kept" in line]
    assert "tables/history/part-00000.parquet" in warning
    assert not copy.build(AS_OF + 31 * DAY, **KEPT).published


def test_lost_changes_are_missing_and_the_run_goes_on(copy: Site) -> None:
    *_, before, last = releases(copy)
    lose(last, "changes")
    release = copy.build(AS_OF + 30 * DAY, **KEPT).release

    assert rows(before, "history") == read_rows(release.root, "history")
    assert [row["release"] for row in rows(release, "releases")][-2:] == [last.id, release.id]
    assert [line for line in copy.lines if "no release that is kept" in line]


def test_the_past_of_a_site_of_an_older_version_is_that_of_the_releases_that_are_kept(
    copy: Site,
) -> None:
    made = releases(copy)
    for release in made:
        older(release)
    shutil.rmtree(made[0].root)
    for table in PAST:  # they answer all the same
        assert {row["release"] for row in rows(open_release(made[-1].root), table)} == {made[-1].id}
    copy.write(another=article(slug="another"))
    release = copy.build(AS_OF + 30 * DAY, **KEPT).release

    known = [one.id for one in (*made[1:], release)]
    assert [row["release"] for row in rows(release, "releases")] == known
    of_old = read_rows(release.root, "history")
    there = [row for row in of_old if row["change"] == "present"]
    assert of_old[: len(there)] == there
    changed = {row["url"] for row in read_rows(made[1].root, "changes")}
    assert {row["url"]: (row["title"], row["published"]) for row in there} == {
        url: stated for url, stated in held(made[1]).items() if url not in changed
    }
    assert {row["release"] for row in there} == {made[1].id}
    assert [(row["url"], row["change"], row["title"]) for row in of_old[len(there) :]] == [
        (row["url"], row["change"], None)
        for one in made[1:]
        for row in read_rows(one.root, "changes")
    ]
    assert not [line for line in copy.lines if "no release that is kept" in line]


def older(release: Release) -> None:
    """Let a release be as a version made it that knew no history."""
    manifest = json.loads((release.root / MANIFEST).read_bytes())
    del manifest["schema_version"]
    manifest["files"] = [entry for entry in manifest["files"] if entry["output"] not in PAST]
    for entry in manifest["files"]:
        if entry["output"] == "changes":
            rows = parquet.read(release.root / entry["path"]).select(["url", "change", "fields"])
            (release.root / entry["path"]).unlink()
            entry.update(parquet.write_table(release.root, entry["path"], rows)._asdict())
    for table in PAST:
        del manifest["outputs"][table]
        shutil.rmtree(release.root / "tables" / table)
    path = release.root / MANIFEST
    path.unlink()
    path.write_text(json.dumps(manifest))


# --- what is asked -------------------------------------------------------------------------------


def test_what_the_site_held_on_a_day_is_one_query(twenty: Site) -> None:
    made = releases(twenty)
    for release in made[::5]:
        time = dt.datetime.fromtimestamp(release.manifest.as_of + 1, dt.UTC)
        sql = f"""
            select url, title, published from history
            where as_of <= '{time.isoformat()}'
            qualify row_number() over (partition by url order by as_of desc) = 1
                and change != 'removed'"""
        with answer(made[-1], sql) as found:
            there = pa.concat_tables(found.rows).to_pylist()
        assert {row["url"]: (row["title"], row["published"]) for row in there} == held(release)


def test_a_question_about_one_release_reads_no_part_of_its_changes_in_vain(twenty: Site) -> None:
    last = releases(twenty)[-1]
    data = relations.relation(last, "history")

    of_others = data.get_fragments(dataset.field("release") != last.id)
    assert {Path(one.path).parent.name for one in of_others} == {"history"}
