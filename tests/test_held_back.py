"""What a run was held back with can be looked at until one ends well, and nobody comes upon it."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from pressroom.base.errors import AuditError
from pressroom.files import atomic
from pressroom.model.settings import Limits
from pressroom.releases import local
from tests.conftest import AS_OF, Completed, Site, article, pressroom, read_rows

DAY = 24 * 3600
BROKEN = "---\ntitle: What: now\n---\n"
STRICT = Limits(max_rejects=0, max_rejects_files=0)
NO_REMOVALS = Limits(max_removed_articles=0)


def run(site: Site, command: str, *arguments: str | Path) -> Completed:
    where = ("--out", site.out) if command == "query" else ("--out", site.out, "--raw", site.raw)
    return pressroom(command, *where, *arguments, cwd=site.home)


@pytest.fixture
def held(site: Site) -> Site:
    """A published site, whose last run was held back, for all but one article are gone."""
    names = "abcde"
    site.write(**{name: article(slug=name) for name in names})
    site.build()
    for name in names[1:]:
        (site.raw / f"{name}.md").unlink()
    site.write(broken=BROKEN)
    with pytest.raises(AuditError):
        site.build(AS_OF + DAY, limits=NO_REMOVALS)
    return site


def test_a_build_that_is_held_back_says_how_to_look_at_it(site: Site) -> None:
    site.write(broken=BROKEN)
    done = run(site, "build")

    assert done.status == 3
    *_, last = done.err.splitlines()
    options = f"--run --out {site.out}`"
    assert f"`pressroom rejects {options}" in last
    assert f"`pressroom findings {options}" in last
    assert f"`pressroom query {options}" in last
    (path,) = [Path(word.rstrip(".")) for word in last.split() if word.endswith("index.html.")]
    page = etree.fromstring(path.read_bytes())
    assert "broken.md" in "".join(page.itertext())
    for link in page.iterfind(".//a[@href]"):
        target = link.get("href", "")
        if target.startswith("../"):
            assert (path.parent / target).exists(), target


def test_without_a_report_none_is_named(site: Site) -> None:
    site.write(broken=BROKEN)
    settings = site.home / "pressroom.toml"
    settings.write_text("[exports]\nreport_rows = 0\n")
    done = run(site, "build", "--settings", settings)

    assert done.status == 3
    *_, last = done.err.splitlines()
    assert "rejects --run" in last
    assert "the report" not in last


def test_its_rejects_are_listed_and_fixed(held: Site) -> None:
    listed = run(held, "rejects", "--run")
    assert listed.out.startswith("broken.md:2:12: ")
    assert not listed.err
    fixed = run(held, "rejects", "--run", "--fix", held.home / "fixed")
    assert fixed.out.endswith(f"of 1 file into {held.home / 'fixed'}.\n")

    published = run(held, "rejects")
    assert not published.out
    assert "--run" in published.err


def test_its_tables_are_queried(held: Site) -> None:
    asked = "select count(*) as n from changes where change = 'removed'"
    assert json.loads(run(held, "query", "--run", "--json", asked).out) == [{"n": 4}]
    assert json.loads(run(held, "query", "--json", asked).out) == [{"n": 0}]
    done = run(held, "query", "--run", "--release", "1", asked)
    assert done.status == 2
    assert "--release" in done.err


def test_status_says_that_there_is_one(held: Site) -> None:
    where = ("--out", held.out)
    assert pressroom("status", *where, "--json").json["held_back"] == str(held.out / "held-back")
    assert "rejects --run" in pressroom("status", *where).out


def test_no_reader_of_releases_comes_upon_it(held: Site) -> None:
    (published,) = local.folders(held.out)
    assert local.current_id(held.out) == published.name
    assert len(json.loads(pressroom("releases", "--out", held.out, "--json").out)) == 1
    assert pressroom("verify", "--out", held.out).status == 0
    assert pressroom("rollback", "2", "--out", held.out).status == 2
    assert not list((held.out / "staging").iterdir())


def test_it_is_whole_and_shares_its_files(held: Site) -> None:
    found = local.held_back(held.out)
    assert found is not None
    assert not local.verify(found)
    shared = {path.stat().st_ino for path in (held.out / "current").resolve().rglob("*.parquet")}
    assert any(path.stat().st_ino in shared for path in found.root.rglob("*.parquet"))


def hold(site: Site, *names: str) -> None:
    """Another run that is held back."""
    site.write(**dict.fromkeys(names, BROKEN))
    with pytest.raises(AuditError):
        site.build(AS_OF + 2 * DAY, limits=NO_REMOVALS)


def test_the_last_is_kept_alone(held: Site) -> None:
    hold(held, "more", "most")
    rows = read_rows(held.out / "held-back", "rejects")
    assert [row["source_path"] for row in rows] == ["broken.md", "more.md", "most.md"]


def publish(site: Site) -> None:
    site.build(AS_OF + 3 * DAY, accept_removals=True, limits=Limits(max_rejects=1))


def restore(site: Site) -> None:
    """Nothing has changed any more."""
    (site.raw / "broken.md").unlink()
    site.write(**{name: article(slug=name) for name in "abcde"})
    assert not site.build(AS_OF + 3 * DAY).published


def restore_in_full(site: Site) -> None:
    (site.raw / "broken.md").unlink()
    site.write(**{name: article(slug=name) for name in "abcde"})
    assert not site.build(AS_OF + 3 * DAY, full=True).published


@pytest.mark.parametrize("end", [publish, restore, restore_in_full])
def test_it_goes_once_a_run_ends_well(held: Site, end: Any) -> None:
    end(held)
    assert local.held_back(held.out) is None
    assert not (held.out / "held-back").exists()
    for command in ("rejects", "query"):
        done = run(held, command, "--run", *(["from rejects"] if command == "query" else []))
        assert done.status == 1
        assert "--run" in done.err


def test_it_stays_where_a_run_fails_or_the_site_is_pinned(held: Site) -> None:
    shutil.move(held.raw, held.home / "away")
    assert run(held, "build").status == 2
    shutil.move(held.home / "away", held.raw)
    pressroom("rollback", "1", "--out", held.out)
    assert held.build(AS_OF + 2 * DAY).pinned
    assert local.held_back(held.out) is not None


def test_before_the_first_release_it_is_named(site: Site) -> None:
    site.write(broken=BROKEN)
    assert run(site, "build").status == 3
    done = run(site, "rejects")
    assert done.status == 1
    assert f"pressroom rejects --run --out {site.out}`" in done.err
    assert run(site, "rejects", "--run").out.startswith("broken.md:2:12: ")


@pytest.mark.usefixtures("in_process")
def test_what_cannot_be_kept_does_not_hide_what_the_checks_found(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    site.write(broken=BROKEN)
    monkeypatch.setattr(atomic, "hard_link", full)
    with pytest.raises(AuditError, match="articles_remain"):
        site.build()
    assert any("cannot be kept: " in line and "No space left" in line for line in site.lines)
    assert not (site.out / "held-back").exists()
