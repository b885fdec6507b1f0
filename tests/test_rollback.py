import errno
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from pressroom.base.errors import PipelineError, SettingsError
from pressroom.model.settings import Releases
from pressroom.releases import local, publishing
from pressroom.releases.manifest import Release
from pressroom.releases.store import store_at
from tests.conftest import AS_OF, Site, article, pressroom
from tests.small_releases import FEED, interrupted, publish, refusal, stage


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def made(out: Path) -> list[Release]:
    return [publish(out, text) for text in "abc"]


def damage(release: Release) -> None:
    (release.root / FEED).unlink()
    (release.root / FEED).write_text("x")


# --- rollback ------------------------------------------------------------------------------------


def test_a_rollback_leads_to_the_release_before_and_pins_the_site_to_it(
    out: Path, made: list[Release]
) -> None:
    done = pressroom("rollback", "--out", out)

    assert done.status == 0, done.err
    assert re.search(f" {made[1].id} .* {made[2].id}\\W.* {out} ", done.out)
    assert (out / "current").readlink() == Path("releases") / made[1].id
    assert local.pinned(out) == made[1].id


@pytest.mark.parametrize("name", ["1", "000001", "{id}", "000001-"])
def test_a_rollback_leads_to_the_release_that_is_named_by_the_beginning_of_its_id(
    out: Path, made: list[Release], name: str
) -> None:
    done = pressroom("rollback", name.format(id=made[0].id), "--out", out)

    assert done.status == 0, done.err
    assert local.current_id(out) == local.pinned(out) == made[0].id


def test_a_rollback_goes_further_back_with_each_call_and_forward_to_what_is_named(
    out: Path, made: list[Release]
) -> None:
    for release in (made[1], made[0]):
        publishing.rollback(store_at(out), local.before(out))
        assert local.current_id(out) == release.id
    publishing.rollback(store_at(out), local.find(out, "3"))

    assert local.current_id(out) == local.pinned(out) == made[2].id


def test_the_release_before_is_that_which_the_current_one_was_made_from(
    out: Path, made: list[Release]
) -> None:
    publishing.rollback(store_at(out), made[0])
    publish(out, "d", force=True)

    assert local.before(out).id == made[0].id


def test_the_release_before_is_the_newest_older_one_if_that_is_gone(
    out: Path, made: list[Release]
) -> None:
    shutil.rmtree(made[1].root)

    assert local.before(out).id == made[0].id


def test_a_rollback_leads_away_from_a_release_that_cannot_even_be_read(
    out: Path, made: list[Release]
) -> None:
    (made[2].root / "manifest.json").unlink()
    done = pressroom("rollback", "--out", out)

    assert done.status == 0, done.err
    assert local.current_id(out) == made[1].id


def test_a_damaged_release_is_refused_and_nothing_is_pinned(out: Path, made: list[Release]) -> None:
    damage(made[1])
    done = pressroom("rollback", "--out", out)

    assert done.status == 1
    assert re.search(f" {made[1].id} .* {FEED}\\W.* `pressroom rollback {made[0].id}`", done.err)
    assert (local.current_id(out), local.pinned(out)) == (made[2].id, None)


def test_a_release_that_was_removed_while_it_was_verified_is_refused(
    out: Path, made: list[Release], monkeypatch: pytest.MonkeyPatch
) -> None:
    def removed(release: Release, **_: Any) -> list[str]:
        shutil.rmtree(release.root)
        return []

    monkeypatch.setattr(local, "damaged", removed)
    with pytest.raises(PipelineError, match=f"^{made[0].id} "):
        publishing.rollback(store_at(out), made[0])
    assert (local.current_id(out), local.pinned(out)) == (made[2].id, None)


def test_a_rollback_that_dies_halfway_has_pinned_the_site_already(
    out: Path, made: list[Release], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(local, "make_current", interrupted)
        with pytest.raises(KeyboardInterrupt):
            publishing.rollback(store_at(out), made[1])
    assert (local.current_id(out), local.pinned(out)) == (made[2].id, made[1].id)

    publishing.rollback(store_at(out), local.before(out))
    assert local.current_id(out) == made[1].id


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["rollback", "9"], " '9' .* {out}: .*`pressroom releases`"),
        (["rollback", "x"], " 'x' .* {out}: .*`pressroom releases`"),
        (["verify", "9"], " '9' .* {out}: .*`pressroom releases`"),
        (["rollback", "1", "--unpin"], " --unpin "),
    ],
)
def test_a_wrong_argument_is_named(
    out: Path, made: list[Release], arguments: list[str], named: str
) -> None:
    done = pressroom(*arguments, "--out", out)

    assert done.status == 2
    assert re.search(named.format(out=out), done.err)
    assert local.current_id(out) == made[2].id


def test_a_beginning_of_several_ids_is_refused_with_all_of_them(
    out: Path, made: list[Release]
) -> None:
    twin = out / "releases" / "000001-ffffffff"
    shutil.copytree(made[0].root, twin)

    with pytest.raises(SettingsError, match=f"{made[0].id}, {twin.name}|{twin.name}, {made[0].id}"):
        local.find(out, "1")


@pytest.mark.parametrize("command", ["rollback", "verify"])
def test_where_nothing_is_published_there_is_nothing_to_go_back_to(out: Path, command: str) -> None:
    done = pressroom(command, "--out", out)

    assert done.status == 1
    assert f" {out} " in done.err
    assert not out.exists()


def test_where_no_release_is_current_a_rollback_leads_to_the_newest(
    out: Path, made: list[Release]
) -> None:
    (out / "current").unlink()
    done = pressroom("rollback", "--out", out)

    assert done.status == 0, done.err
    assert local.current_id(out) == made[2].id


def test_the_first_release_has_none_before_it(out: Path) -> None:
    first = publish(out)
    done = pressroom("rollback", "--out", out)

    assert done.status == 1
    assert f" {out} " in done.err
    assert f" {first.id}." in done.err


@pytest.mark.parametrize("error", [errno.EROFS, errno.ENOSPC])
def test_a_rollback_that_cannot_write_says_so_without_a_traceback(
    out: Path,
    made: list[Release],
    error: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Path, "symlink_to", refusal(error))
    done = pressroom("rollback", "--out", out)

    assert done.status == 1
    assert f" {out} " in done.err
    assert os.strerror(error) in done.err
    assert (local.current_id(out), local.pinned(out)) == (made[2].id, None)


# --- the pin -------------------------------------------------------------------------------------


def test_nothing_is_published_on_a_pinned_site(out: Path, made: list[Release]) -> None:
    publishing.rollback(store_at(out), made[0])

    assert publish(out, "d").id == local.current_id(out) == made[0].id
    assert stage(out, "next").pinned == made[0].id


def test_force_publishes_on_a_pinned_site_and_removes_the_pin(
    out: Path, made: list[Release]
) -> None:
    publishing.rollback(store_at(out), made[0])
    latest = publish(out, "d", force=True)

    assert (local.current_id(out), local.pinned(out)) == (latest.id, None)
    assert latest.manifest.previous == made[0].id
    assert latest.manifest.sequence == 4


def test_a_run_learns_of_a_pin_that_was_set_while_it_ran(out: Path, made: list[Release]) -> None:
    staged = stage(out, "run", "d")
    publishing.rollback(store_at(out), made[2])

    assert publishing.publish(staged, Releases()).id == made[2].id


def test_a_run_knows_the_pin_that_was_there_when_it_began(out: Path, made: list[Release]) -> None:
    publishing.rollback(store_at(out), made[0])
    begun = stage(out, "run")
    publishing.unpin(store_at(out))

    assert begun.pinned == made[0].id
    assert stage(out, "another").pinned is None


def test_release_removes_the_pin_alone_and_can_be_repeated(out: Path, made: list[Release]) -> None:
    publishing.rollback(store_at(out), made[0])
    for named in (1, 0):
        done = pressroom("rollback", "--unpin", "--out", out)
        assert done.status == 0
        assert done.out.startswith(f"{out} ")
        assert done.out.count(made[0].id) == named

    assert (local.current_id(out), local.pinned(out)) == (made[0].id, None)


def test_status_shows_the_pin(out: Path, made: list[Release]) -> None:
    publishing.rollback(store_at(out), made[0])

    shown = pressroom("status", "--out", out).out.splitlines()[-1]
    assert shown.startswith(f"pinned    {made[0].id}: ")


@pytest.fixture
def rolled_back(site: Site) -> Site:
    site.write(a=article(slug="a", answer="One."))
    site.build()
    site.write(a=article(slug="a", answer="Two."))
    site.build(as_of=AS_OF + 1)
    publishing.rollback(store_at(site.out), local.before(site.out))
    return site


def test_a_build_of_a_pinned_site_reads_nothing_publishes_nothing_and_succeeds(
    rolled_back: Site,
) -> None:
    site = rolled_back
    pinned = local.current_id(site.out)
    done = pressroom("build", "--raw", site.raw, "--out", site.out, "--json")

    assert done.status == 0
    result = done.json
    assert (result["release"], result["published"], result["pinned"]) == (pinned, False, True)
    assert result["parsed"] == 0
    assert f" {pinned}: `pressroom rollback --unpin`" in done.err
    assert local.current_id(site.out) == pinned
    assert not list((site.out / "staging").iterdir())

    said = pressroom("build", "--raw", site.raw, "--out", site.out)
    unpins = f"pressroom rollback --unpin --out {site.out}"
    assert re.search(f" {site.out} .* {pinned}\\. `{unpins}`", said.out)


def test_a_quiet_build_of_a_pinned_site_warns_of_the_pin(rolled_back: Site) -> None:
    site = rolled_back
    done = pressroom("build", "--raw", site.raw, "--out", site.out, "--quiet")

    assert (done.status, done.out) == (0, "")
    assert f" {local.current_id(site.out)}: `pressroom rollback --unpin`" in done.err
    assert len(done.err.splitlines()) == 1


def test_a_forced_build_of_a_pinned_site_publishes_from_what_it_is_pinned_to(
    rolled_back: Site,
) -> None:
    site = rolled_back
    pinned = local.current_id(site.out)
    done = pressroom("build", "--raw", site.raw, "--out", site.out, "--json", "--force")

    result = done.json
    assert (result["published"], result["pinned"]) == (True, False)
    manifest = json.loads((site.out / "current" / "manifest.json").read_bytes())
    assert (manifest["sequence"], manifest["previous"]) == (3, pinned)
    assert result["changes"] == {"added": 0, "changed": 1, "removed": 0}


def test_the_build_after_a_pin_is_removed_goes_on_from_the_ledger_of_that_release(
    rolled_back: Site,
) -> None:
    site = rolled_back
    publishing.unpin(store_at(site.out))
    outcome = site.build(as_of=AS_OF + 100)

    assert outcome.published
    (row,) = site.rows("ledger")
    first_seen, modified = (int(row[name].timestamp()) for name in ("first_seen", "modified"))
    assert (first_seen, modified) == (AS_OF, AS_OF + 100)


# --- verify and releases -------------------------------------------------------------------------


def test_verify_finds_a_release_intact(out: Path, made: list[Release]) -> None:
    for arguments, release in (([], made[2]), (["1"], made[0])):
        done = pressroom("verify", *arguments, "--out", out)
        assert (done.status, done.out.split()[0]) == (0, release.id)
        assert done.out.endswith(": 1 file, 1 B.\n")


def test_verify_names_each_file_that_is_damaged_missing_or_too_much(
    out: Path, made: list[Release]
) -> None:
    damage(made[2])
    (made[2].root / "site" / "extra.json").touch()
    (made[0].root / FEED).unlink()

    done = pressroom("verify", "--out", out)
    assert done.status == 1
    assert done.out.splitlines() == [f"damaged    {FEED}", "unexpected site/extra.json"]
    assert re.search(f" {made[2].id} .* 2 ", done.err)

    done = pressroom("verify", made[0].id, "--out", out)
    assert (done.status, done.out) == (1, f"missing    {FEED}\n")


def test_verify_names_a_manifest_that_cannot_be_read(out: Path, made: list[Release]) -> None:
    (made[0].root / "manifest.json").unlink()
    done = pressroom("verify", "1", "--out", out)

    assert done.status == 1
    assert re.search(f" {re.escape(str(made[0].root))} .* manifest\\.json ", done.err)


def test_releases_are_listed_the_newest_first(out: Path, made: list[Release]) -> None:
    publishing.rollback(store_at(out), made[1])
    (made[0].root / "manifest.json").unlink()
    done = pressroom("releases", "--out", out)

    assert done.status == 0
    head, *lines = done.out.splitlines()
    assert head.split("  ")[0] == "release"
    figures = "2026-09-21 14:13:20 UTC     1,230        4  1,230        0        0   1 B"
    url = "https://site.example"
    assert lines == [
        f"{made[2].id}  {figures}  {url}",
        f"{made[1].id}  {figures}  {url}  current, pinned",
        lines[2],
    ]
    assert lines[2].startswith(made[0].id)
    assert lines[2].endswith("unreadable")


def test_releases_are_listed_as_json(out: Path, made: list[Release]) -> None:
    publishing.rollback(store_at(out), made[1])
    rows = json.loads(pressroom("releases", "--json", "--out", out).out)

    assert [row["release"] for row in rows] == [release.id for release in reversed(made)]
    assert rows[1] == {
        "release": made[1].id,
        "as_of": AS_OF,
        "files": 1234,
        "passed_over": {},
        "articles": 1230,
        "rejects": 4,
        "skipped": 0,
        "findings": 0,
        "links": {"ok": 0, "missing": 0, "self": 0, "duplicate": 0},
        "text_links": {},
        "changes": {"added": 1230, "changed": 0, "removed": 0},
        "bytes": 1,
        "base_url": "https://site.example",
        "current": True,
        "pinned": True,
    }
    assert [row["current"] or row["pinned"] for row in rows] == [False, True, False]


def test_a_release_that_does_not_say_its_base_url_is_listed_without(
    out: Path, made: list[Release]
) -> None:
    path = made[0].root / "manifest.json"
    manifest = json.loads(path.read_bytes())
    del manifest["base_url"]
    path.unlink()
    path.write_text(json.dumps(manifest))

    assert json.loads(pressroom("releases", "--json", "--out", out).out)[-1]["base_url"] is None
    assert pressroom("releases", "--out", out).out.splitlines()[-1].endswith("1 B  –")


def test_where_nothing_is_published_no_releases_are_listed(out: Path) -> None:
    assert pressroom("releases", "--json", "--out", out).out == "[]\n"
    assert f" {out} " in pressroom("releases", "--out", out).out


def test_a_pinned_release_may_be_older_than_an_export(rolled_back: Site) -> None:
    path = (rolled_back.out / "current").resolve() / "manifest.json"
    manifest = json.loads(path.read_bytes())
    del manifest["outputs"]["spreadsheet"]
    path.unlink()
    path.write_text(json.dumps(manifest))

    assert rolled_back.build(as_of=AS_OF + 2).pinned
