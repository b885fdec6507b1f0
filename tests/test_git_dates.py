"""Dates of the git repository that the raw files lie in."""

import datetime as dt
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from pressroom.model.collections import Collection
from pressroom.model.content import ContentModel
from tests.conftest import AS_OF, POOL, Site

MODEL = ContentModel(keys={"published": ("date", ":git"), "updated": ("lastmod", ":git")})
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
pytestmark = needs_git


def git(folder: Path, *arguments: str, time: str = "") -> None:
    """Run git, in a commit at a time."""
    who = {f"GIT_{one}_{what}": "a@a.example" for one in ("AUTHOR", "COMMITTER")
           for what in ("NAME", "EMAIL")}  # fmt: skip
    dates = {"GIT_AUTHOR_DATE": time, "GIT_COMMITTER_DATE": time} if time else {}
    environment = {**os.environ, **who, **dates, "GIT_CONFIG_GLOBAL": os.devnull}
    subprocess.run(["git", "-C", str(folder), *arguments], env=environment, check=True)


def commit(site: Site, time: str) -> None:
    git(site.home, "add", "raw")
    git(site.home, "commit", "-q", "-m", "An edit", time=time)


def dates(site: Site) -> dict[str, tuple[dt.date | None, dt.datetime | None]]:
    return {row["source_path"]: (row["published"], row["updated"]) for row in site.rows("articles")}


def build(site: Site, as_of: int = AS_OF, **options: Any) -> Any:
    return site.build(as_of=as_of, content=MODEL, **options)


@pytest.fixture
def repository(site: Site) -> Site:
    git(site.home, "init", "-q")
    (site.raw / "d").mkdir()
    (site.raw / "d" / "ü b.md").write_text("---\ntitle: B\n---\n")
    site.write(a="---\ntitle: A\n---\n", c="---\ndate: 2020-01-01\nlastmod: 2020-02-01\n---\n")
    commit(site, "2024-01-02T23:30:00-05:00")
    site.write(a="---\ntitle: Again\n---\n")
    commit(site, "2024-03-04T05:06:07Z")
    return site


FIRST, SECOND = (
    dt.datetime(2024, 1, 3, 4, 30, tzinfo=dt.UTC),
    dt.datetime(2024, 3, 4, 5, 6, 7, tzinfo=dt.UTC),
)
FACTS = {
    "a.md": (dt.date(2024, 1, 3), SECOND),
    "c.md": (dt.date(2020, 1, 1), dt.datetime(2020, 2, 1, tzinfo=dt.UTC)),
    "d/ü b.md": (dt.date(2024, 1, 3), FIRST),
}


@pytest.mark.parametrize("executor", ["", POOL], indirect=True)
def test_the_first_and_the_last_commit_are_dates_where_the_file_states_none(
    repository: Site,
) -> None:
    build(repository)
    assert dates(repository) == FACTS
    assert build(repository, AS_OF + 60).published is False


def test_a_commit_changes_the_dates_of_what_it_touches(repository: Site) -> None:
    build(repository)
    repository.write(a="---\ntitle: Edited\n---\n")
    build(repository, AS_OF + 60)
    assert dates(repository)["a.md"] == (None, None)  # it differs from its last commit

    commit(repository, "2024-05-06T00:00:00Z")
    build(repository, AS_OF + 120)
    edited = (dt.date(2024, 1, 3), dt.datetime(2024, 5, 6, tzinfo=dt.UTC))
    assert dates(repository) == {**FACTS, "a.md": edited}
    incremental = dates(repository)
    build(repository, AS_OF + 120, full=True, force=True)
    assert dates(repository) == incremental


def test_a_commit_elsewhere_changes_nothing(repository: Site) -> None:
    build(repository)
    (repository.home / "README.txt").write_text("Read me.")
    git(repository.home, "add", "README.txt")
    git(repository.home, "commit", "-q", "-m", "Elsewhere", time="2024-06-07T00:00:00Z")
    assert build(repository, AS_OF + 60).parsed == 0


def test_the_environment_of_a_hook_is_not_that_of_the_build(
    repository: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", ".git")
    git(repository.home, "config", "log.showRoot", "false")
    build(repository)
    assert dates(repository) == FACTS


def test_a_file_that_was_never_committed_has_no_date(repository: Site) -> None:
    repository.write(new="---\ntitle: New\n---\n")
    build(repository)
    assert dates(repository)["new.md"] == (None, None)


def test_without_a_repository_nothing_is_known_and_it_is_said(site: Site) -> None:
    site.write(a="---\ntitle: A\n---\n")
    build(site)
    assert dates(site) == {"a.md": (None, None)}
    assert any(":git" in line for line in site.lines)


def test_a_shallow_clone_knows_no_history(repository: Site, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{repository.home}", str(clone))
    repository.raw = clone / "raw"
    build(repository)
    assert dates(repository)["a.md"] == (None, None)


def test_git_is_asked_where_a_collection_alone_names_it(repository: Site) -> None:
    collection = Collection(("d/**",), keys={"published": (":git",)})
    model = ContentModel(keys={"updated": ()}, collections=(collection,))
    repository.build(content=model)
    assert dates(repository)["d/ü b.md"] == (FIRST.date(), None)
    assert dates(repository)["a.md"] == (None, None)


def test_a_site_that_states_its_dates_asks_no_git(site: Site) -> None:
    site.write(a="---\ntitle: A\n---\n")
    site.build(content=ContentModel(keys={"updated": ("lastmod",)}))
    assert not any(":git" in line for line in site.lines)
