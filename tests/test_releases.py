import contextlib
import errno
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock, Timeout

from pressroom.base.errors import AuditError, ConflictError, PipelineError
from pressroom.engine import build
from pressroom.engine.progress import Quiet
from pressroom.exports import EXPORTS
from pressroom.files import atomic, parquet
from pressroom.model.paths import Paths
from pressroom.model.settings import Releases, Settings
from pressroom.releases import local, publishing, staging
from pressroom.releases.store import store_at
from tests.by_steps import begin, stage_build, stage_unaudited
from tests.conftest import AS_OF, ROOT, Site, article, contents, pressroom
from tests.quicktakes import MODEL, TABLES
from tests.small_releases import age, interrupted, names, publish, refusal, stage


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def test_current_is_a_link_to_a_release_whose_manifest_lists_every_file(site: Site) -> None:
    site.write(a=article(slug="a"))
    published = site.build().release

    current = site.out / "current"
    assert current.is_symlink()
    assert not current.readlink().is_absolute()
    assert current.resolve() == published.root
    manifest = json.loads((current / "manifest.json").read_bytes())
    listed = {entry["path"]: entry for entry in manifest["files"]}
    found = contents(current, without="manifest.json".__eq__)
    assert listed.keys() == found.keys()
    assert all(len(found[path]) == entry["bytes"] for path, entry in listed.items())
    assert published.id == f"000001-{published.id[-8:]}"


def test_published_files_are_read_only_and_no_staging_is_left(site: Site) -> None:
    site.write(a=article(slug="a"))
    root = site.build().release.root

    files = [path for path in root.rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o444}
    assert not list((site.out / "staging").iterdir())
    assert not list(root.rglob("*.tmp"))


def test_every_table_has_a_part_even_if_it_is_empty(site: Site) -> None:
    site.write(a=article(slug="a"))
    site.build()

    for table in TABLES:
        assert (site.out / "current" / parquet.part_path(table, 0)).exists()
    assert site.rows("rejects") == site.rows("related_links") == site.rows("findings") == []


def test_of_two_runs_at_once_one_publishes_and_the_other_is_told(site: Site) -> None:
    site.write(a=article(slug="a"))
    first, second = begin(site, "first"), begin(site, "second")
    stage_build(first)
    stage_build(second)

    published = build.release(first).release
    with pytest.raises(ConflictError):
        build.release(second)
    assert (site.out / "current").resolve() == published.root


def test_a_release_that_was_not_audited_is_not_published(site: Site) -> None:
    site.write(a=article(slug="a"))
    run = begin(site, "run")
    stage_unaudited(run)

    with pytest.raises(AuditError):
        build.release(run)
    assert not (site.out / "current").exists()


@pytest.mark.parametrize("harm", ["changed", "missing"])
def test_a_staged_file_that_is_not_as_the_manifest_says_holds_the_release_back(
    site: Site, harm: str
) -> None:
    site.write(a=article(slug="a"))
    run = begin(site, "run")
    stage_unaudited(run)
    victim = run.staging.root / "site" / "feed.json"
    victim.unlink()
    if harm == "changed":
        victim.write_text("{}")

    with pytest.raises(AuditError, match="files_intact"):
        build.audit(run)
    with pytest.raises(AuditError):
        build.release(run)


def test_exports_alone_make_a_release_in_which_the_tables_are_linked(site: Site) -> None:
    site.write(a=article(slug="a"))
    first = site.build().release
    settings = Settings(content=MODEL, paths=Paths(site.raw, site.out)).override(
        base_url="https://other.example"
    )
    run = build.begin(settings, build.Options(), "again", AS_OF + 1, Quiet(print))

    build.export_all(run)
    build.manifest(run)
    build.audit(run)
    outcome = build.release(run)

    assert outcome.published
    part = parquet.part_path("articles", 0)
    assert (outcome.release.root / part).samefile(first.root / part)
    assert site.rows("changes") == []
    assert b"https://other.example" in (outcome.release.root / "site/sitemap.xml").read_bytes()
    following = site.build()
    assert following.release.counts == outcome.release.counts


def test_an_export_left_out_although_its_settings_changed_keeps_the_release_from_being_made(
    site: Site,
) -> None:
    site.write(a=article(slug="a"))
    site.build()
    settings = Settings(content=MODEL, paths=Paths(site.raw, site.out)).override(
        base_url="https://other.example"
    )
    run = build.begin(settings, build.Options(), "again", AS_OF + 1, Quiet(print))
    sitemap = next(item for item in EXPORTS if item.name == "sitemap")

    build.export(run, sitemap)
    with pytest.raises(PipelineError, match=r"^csv "):
        build.manifest(run)


def test_a_release_is_published_only_by_the_audit_of_its_own_manifest(site: Site) -> None:
    site.write(a=article(slug="a"), b=article(slug="b"))
    run = begin(site, "run")
    stage_build(run)
    (site.raw / "b.md").unlink()
    stage_unaudited(run)

    with pytest.raises(AuditError):
        build.release(run)


def test_what_a_run_made_that_died_just_before_the_swap_is_published_by_the_next(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.write(a=article(slug="a"))
    run = begin(site, "run")
    stage_build(run)
    with monkeypatch.context() as patch:
        patch.setattr(atomic, "point", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            build.release(run)
    assert not (site.out / "current").exists()

    site.build()
    assert len(site.rows("articles")) == 1


def test_a_run_that_died_while_it_began_begins_again(site: Site) -> None:
    site.write(a=article(slug="a"))
    (site.out / "staging" / "run" / "work").mkdir(parents=True)

    assert begin(site, "run").staging.as_of == AS_OF


def test_a_copy_of_the_output_that_followed_links_is_refused(site: Site) -> None:
    site.write(a=article(slug="a"))
    (site.out / "current").mkdir(parents=True)

    with pytest.raises(PipelineError, match=f"{site.out / 'current'} "):
        site.build()


@pytest.mark.parametrize(("pin", "leads_to"), [(None, 1), (0, 0)], ids=["newest", "pinned"])
def test_a_build_lets_a_lost_current_lead_to_a_release_again_and_keeps_its_ledger(
    site: Site, pin: int | None, leads_to: int
) -> None:
    made = []
    for number, text in enumerate(("One.", "Two.")):
        site.write(a=article(slug="a", answer=text))
        made.append(site.build(as_of=AS_OF + number).release)
    if pin is not None:
        publishing.rollback(store_at(site.out), made[pin])
    ledger = site.rows("ledger")
    (site.out / "current").unlink()
    with pytest.raises(PipelineError, match=f"{site.out / 'current'} "):
        local.current(site.out)

    again = site.build(as_of=AS_OF + 100)

    told = [line for line in site.lines if line.startswith(f"{site.out / 'current'} ")]
    assert [made[leads_to].id in line for line in told] == [True]
    assert (again.published, local.current_id(site.out)) == (False, made[leads_to].id)
    assert site.rows("ledger") == ledger


def test_of_a_lost_manifest_is_said_what_to_do(site: Site) -> None:
    site.write(a=article(slug="a"))
    (site.build().release.root / "manifest.json").unlink()

    with pytest.raises(PipelineError, match="`pressroom rollback`"):
        site.build()


def test_an_audit_with_nothing_staged_is_refused(site: Site) -> None:
    site.write(a=article(slug="a"))

    with pytest.raises(PipelineError, match="No release is staged"):
        build.check(begin(site, "run"))


def test_a_current_link_to_nothing_is_an_error_that_names_it(site: Site) -> None:
    site.write(a=article(slug="a"))
    site.out.mkdir()
    (site.out / "current").symlink_to(Path("releases") / "gone")

    with pytest.raises(PipelineError, match="releases/gone "):
        site.build()


@pytest.mark.parametrize("text", ["{}", "[]", "null", '{"files": []}', "{"])
def test_a_manifest_that_is_none_is_an_error_that_names_it(site: Site, text: str) -> None:
    site.write(a=article(slug="a"))
    manifest = site.build().release.root / "manifest.json"
    manifest.unlink()
    manifest.write_text(text)

    done = pressroom("verify", "--out", site.out)
    assert done.status == 1
    assert "manifest.json" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("leads_to", ["nowhere", ".."])
def test_a_link_in_a_release_is_too_much(site: Site, leads_to: str) -> None:
    site.write(a=article(slug="a"))
    release = site.build().release
    (release.root / "site" / "link").symlink_to(leads_to)

    assert local.verify(release) == [("unexpected", "site/link")]


# --- retention -----------------------------------------------------------------------------------

HOUR = 3600
DAY = 24 * HOUR


def test_a_release_goes_when_it_is_not_among_the_newest_and_was_superseded_an_hour_ago(
    out: Path,
) -> None:
    made = [publish(out, text) for text in "abcde"]
    for release in made[:3]:
        age(release.root, HOUR + 1)
    latest = publish(out, "f", Releases(keep=1))

    assert names(out) == [made[3].id, made[4].id, latest.id]


def test_the_newest_releases_stay_however_old_they_are(out: Path) -> None:
    made = [publish(out, text) for text in "abcde"]
    for release in made:
        age(release.root, 365 * DAY)
    latest = publish(out, "f", Releases(keep=4))

    assert names(out) == [release.id for release in (*made[2:], latest)]


def test_releases_that_were_current_within_some_days_stay(out: Path) -> None:
    made = [publish(out, text) for text in "abcd"]
    for release, days in zip(made, (3, 2.1, 1.9), strict=False):
        age(release.root, days * DAY)
    latest = publish(out, "e", Releases(keep=1, keep_days=2))

    assert names(out) == [release.id for release in (*made[2:], latest)]


def test_a_release_that_a_rollback_superseded_is_as_young_as_the_rollback(out: Path) -> None:
    made = [publish(out, text) for text in "abc"]
    for release in made:
        age(release.root, DAY)
    publishing.rollback(store_at(out), made[0])
    latest = publish(out, "d", Releases(keep=1), force=True)

    assert names(out) == [made[0].id, made[2].id, latest.id]


def test_the_release_before_the_current_one_stays_whatever_the_clock_of_the_disk_says(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [publish(out, text) for text in "abc"]
    for release in made:
        age(release.root, DAY)
    monkeypatch.setattr(os, "utime", lambda *_: None)
    latest = publish(out, "d", Releases(keep=1))

    assert names(out) == [made[2].id, latest.id]


def test_a_release_is_whole_in_its_place_or_not_there_when_its_removal_is_cut_short(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [publish(out, text) for text in "ab"]
    age(made[0].root, DAY)
    with monkeypatch.context() as patch:
        patch.setattr(publishing, "empty_trash", interrupted)
        with pytest.raises(KeyboardInterrupt):
            publish(out, "c", Releases(keep=1))

    assert (out / "staging" / f"{made[0].id}.tmp" / "manifest.json").exists()
    assert made[0].id not in names(out)
    staging.begin(store_at(out), "next", AS_OF)
    assert not list((out / "staging").glob("*.tmp"))


# --- runs that die, and runs at once -------------------------------------------------------------


@contextlib.contextmanager
def process(program: str, *arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has said that it is ready, and does not end by itself."""
    setup = (
        "import sys, time; from pathlib import Path; from pressroom.releases import local, staging;"
        " from pressroom.releases.store import store_at\n"
    )
    ready = "print('ready', flush=True); time.sleep(600)"
    command = [sys.executable, "-c", setup + program.format(ready=ready), *map(str, arguments)]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    with child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            yield child
        finally:
            child.kill()


HELD = """
begun = staging.begin(store_at(Path(sys.argv[1])), sys.argv[2], 1)
{ready}
"""
LOCKED = """
with local.locked(Path(sys.argv[1])):
    {ready}
"""


def test_what_a_killed_run_left_behind_goes_when_the_next_begins_and_not_while_it_lives(
    out: Path,
) -> None:
    with process(HELD, out, "build-1") as run:
        others = [staging.begin(store_at(out), "second", AS_OF)]
        assert (out / "staging" / "build-1" / "work").exists()
        run.kill()
        run.wait()
        assert (out / "staging" / "build-1" / "work").exists()

        others.append(staging.begin(store_at(out), "third", AS_OF))
    assert sorted(path.name for path in (out / "staging").iterdir()) == ["second", "third"]


def test_a_run_leaves_nothing_behind_when_it_fails(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.write(a=article(slug="a"))
    monkeypatch.setattr(build, "manifest", interrupted)
    with pytest.raises(KeyboardInterrupt):
        site.build()
    assert not list((site.out / "staging").iterdir())


@pytest.mark.parametrize("moment", ["mkdir", "acquire", "release"])
def test_a_run_that_is_told_to_end_as_it_begins_leaves_nothing_behind(
    out: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    owner = Path if moment == "mkdir" else FileLock
    do = getattr(owner, moment)

    def do_and_be_told_to_end(self: Any, *arguments: Any, **options: Any) -> None:
        do(self, *arguments, **options)
        if (out / "staging").exists():
            monkeypatch.undo()
            interrupted()

    monkeypatch.setattr(owner, moment, do_and_be_told_to_end)
    with pytest.raises(KeyboardInterrupt):
        staging.discard(staging.begin(store_at(out), "build-1", AS_OF))
    assert not list((out / "staging").iterdir())


def test_runs_that_begin_and_end_at_once_never_take_each_other_away(out: Path) -> None:
    program = """
for number in range(30):
    begun = staging.begin(store_at(Path(sys.argv[1])), f"{{sys.argv[2]}}-{{number}}", 1)
    assert begun.work.exists() and begun.root.exists()
    staging.discard(begun)
    assert not begun.root.parent.exists()
{ready}
"""
    with contextlib.ExitStack() as runs, ThreadPoolExecutor(3) as pool:
        # Each says that it is ready when all its rounds went well.
        ready = [process(program, out, f"build-{name}") for name in "abc"]
        assert len(list(pool.map(runs.enter_context, ready))) == 3
    assert not list((out / "staging").iterdir())


def test_links_that_a_killed_run_was_about_to_swap_in_go(out: Path) -> None:
    release = publish(out)
    for name in ("current.tmp", "pinned.tmp"):
        (out / name).symlink_to(Path("releases") / release.id)
    staging.begin(store_at(out), "next", AS_OF)

    assert not list(out.glob("*.tmp"))


def test_the_lock_is_gone_with_a_killed_process_that_held_it(out: Path) -> None:
    staged = stage(out, "run")
    with process(LOCKED, out) as owner:
        with pytest.raises(Timeout):
            FileLock(out / "lock").acquire(blocking=False)
        owner.kill()
        owner.wait()

        assert publishing.publish(staged, Releases()).id in names(out)


def test_a_run_is_not_published_after_a_rollback_to_what_it_began_from(out: Path) -> None:
    first = publish(out, "a")
    slow = stage(out, "slow", "b")
    publish(out, "c")
    publishing.rollback(store_at(out), first)
    publishing.unpin(store_at(out))

    with pytest.raises(ConflictError):
        publishing.publish(slow, Releases())
    assert local.current_id(out) == first.id


@pytest.mark.parametrize("error", [errno.EROFS, errno.ENOSPC, errno.EACCES])
def test_a_folder_that_cannot_be_written_is_named_and_the_published_release_stays(
    out: Path, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    published = publish(out, "a")
    staged = stage(out, "run", "b")
    monkeypatch.setattr(Path, "symlink_to", refusal(error))

    with pytest.raises(PipelineError, match=f"{out} .*{os.strerror(error)}"):
        publishing.publish(staged, Releases())
    assert local.current_id(out) == published.id


def test_a_manifest_has_a_file_a_line(site: Site) -> None:
    site.write(a=article(slug="a"))
    root = site.build().release.root
    text = (root / "manifest.json").read_text()
    lines = [line.strip().rstrip(",") for line in text.splitlines() if '"path"' in line]
    assert [json.loads(line) for line in lines] == json.loads(text)["files"]
