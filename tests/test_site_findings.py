"""Findings of the site as a whole, which are in no file: a column's type, a missing history."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from frictionless import Package
from lxml import etree

from pressroom.base.errors import AuditError
from pressroom.model.columns import Column
from pressroom.model.content import ContentModel
from pressroom.model.findings import Findings
from pressroom.model.settings import Compute
from pressroom.model.settings_toml import load
from pressroom.releases.manifest import open_release
from tests.conftest import AS_OF, Site, contents, pressroom
from tests.test_git_dates import commit, git, needs_git

SHARDS = Compute(workers=1, shard_files=1)
WEIGHT = ContentModel(columns={"weight": Column("integer")})
HEAVY = ContentModel(columns={"weight": Column("text")})
DATED = ContentModel(keys={"updated": ("lastmod", ":git")})


def build(site: Site, hours: int, content: ContentModel, **options: Any) -> Any:
    return site.build(AS_OF + hours * 3600, content=content, compute=SHARDS, **options)


def found(site: Site) -> list[tuple[Any, ...]]:
    columns = ("url", "source_path", "line", "key", "code", "severity")
    return [tuple(row[name] for name in columns) for row in site.rows("findings")]


def warned(site: Site) -> int:
    """How often the builds spoke of git."""
    return sum(":git" in line for line in site.lines)


CHANGED = (None, None, None, "weight", "schema_change", "warning")
UNKNOWN = (None, None, None, "content.keys", "no_history", "warning")


@pytest.fixture
def weighed(site: Site) -> Site:
    """A published site with a column of whole numbers."""
    site.write(a="---\ntitle: A\nweight: 1\n---\n", b="---\ntitle: B\nweight: 2\n---\n")
    build(site, 0, WEIGHT)
    assert found(site) == []
    return site


def test_a_column_of_another_type_is_a_finding_of_the_release_that_has_it(weighed: Site) -> None:
    release = build(weighed, 1, HEAVY).release

    assert found(weighed) == [CHANGED]
    assert release.counts.findings == 1
    assert "articles.weight" in weighed.rows("findings")[0]["message"]
    assert build(weighed, 2, HEAVY).published is False
    weighed.write(c="---\ntitle: C\n---\n")
    build(weighed, 3, HEAVY)
    assert found(weighed) == []


def test_a_new_column_and_one_that_is_gone_are_none(weighed: Site) -> None:
    build(weighed, 1, ContentModel(columns={"height": Column("integer")}))
    assert found(weighed) == []


def test_the_full_release_is_the_incremental_one(weighed: Site, tmp_path: Path) -> None:
    before = tmp_path / "before"
    shutil.copytree(weighed.out, before, symlinks=True)
    incremental = build(weighed, 1, HEAVY).release.root
    assert not build(weighed, 2, HEAVY, full=True).published

    weighed.out = before
    full = build(weighed, 1, HEAVY, full=True).release.root
    changes = [open_release(root).manifest.schema_changes for root in (incremental, full)]
    assert changes[0] == changes[1]
    assert len(changes[0]) == 1

    def is_manifest(path: str) -> bool:
        return path == "manifest.json"

    assert contents(incremental, is_manifest) == contents(full, is_manifest)


def test_it_is_in_the_files_and_the_page_that_people_read(weighed: Site) -> None:
    root = build(weighed, 1, HEAVY).release.root

    report = Package(str(root / "csv" / "datapackage.json")).validate()
    assert report.valid, report.flatten(["type", "note"])
    package = json.loads((root / "csv" / "datapackage.json").read_text())
    (table,) = (one for one in package["resources"] if one["name"] == "findings")
    fields = table["schema"]["fields"]
    required = {one["name"] for one in fields if one.get("constraints", {}).get("required")}
    assert required == {"key", "code", "severity", "message"}
    assert ",,,weight,schema_change,warning," in (
        root / "csv" / "findings.csv"
    ).read_text().replace('"', "")
    page = etree.fromstring((root / "report" / "index.html").read_bytes())
    (row,) = page.iterfind(".//table[@id='findings-schema_change']/tbody/tr")
    assert "the whole site" in "".join(row.itertext())
    explained = pressroom("explain", "/a/", "--out", weighed.out, cwd=weighed.home)
    assert explained.status == 0
    assert "schema_change" not in explained.out


def test_it_is_listed_without_a_file_before_those_of_files(weighed: Site) -> None:
    settings = weighed.home / "pressroom.toml"
    settings.write_text("[content.columns]\nweight = 'text'\nheight = 'integer'\n")
    weighed.write(a="---\ntitle: A\nheight: tall\n---\n")
    assert pressroom("build", cwd=weighed.home).status == 0
    listed = pressroom("findings", cwd=weighed.home).out.splitlines()[2:]

    assert [line.split()[1:4] for line in listed] == [
        ["schema_change", "–", "weight"],
        ["wrong_value", "a.md:3", "height"],
    ]
    told = pressroom("findings", "--format", "github", cwd=weighed.home).out.splitlines()
    assert told[0].startswith("::warning file=pressroom.toml,title=schema_change::articles.weight")


def test_it_can_hold_a_release_back(weighed: Site) -> None:
    with pytest.raises(AuditError) as held:
        build(weighed, 1, HEAVY, findings=Findings(schema_change="error"))
    assert "\n  articles.weight is of type string now; it was int64. [schema_change]" in str(
        held.value
    )
    build(weighed, 2, HEAVY, findings=Findings(schema_change="off"))
    assert found(weighed) == []


def test_settings_that_name_git_without_a_history_are_a_finding_that_is_told_once(
    site: Site,
) -> None:
    site.write(a="---\ntitle: A\n---\n", b="---\ntitle: B\n---\n")
    build(site, 0, DATED)
    assert (found(site), warned(site)) == ([UNKNOWN], 1)

    assert build(site, 1, DATED).published is False
    site.write(c="---\ntitle: C\n---\n")
    incremental = build(site, 2, DATED).release
    assert (found(site), warned(site)) == ([UNKNOWN], 1)
    assert build(site, 2, DATED, full=True).published is False
    assert incremental.counts.findings == 1


@pytest.mark.parametrize(
    ("stated", "expected"),
    [("", []), ("[content.keys]\nupdated = ['date', ':git']\n", [UNKNOWN])],
    ids=["the preset alone", "the owner too"],
)
def test_what_a_preset_asks_of_git_is_none_and_what_its_owner_asks_is(
    site: Site, stated: str, expected: list[Any]
) -> None:
    site.write(a="---\ntitle: A\n---\n")
    settings = site.home / "pressroom.toml"
    settings.write_text(f"[content]\npreset = 'docusaurus'\n{stated}")
    built = pressroom("build", cwd=site.home)

    assert built.status == 0
    assert load(settings).content.asks_git()
    assert (found(site), ":git" in built.err) == (expected, bool(expected))


def test_what_is_off_is_not_told(site: Site) -> None:
    site.write(a="---\ntitle: A\n---\n")
    build(site, 0, DATED, findings=Findings(no_history="off"))
    assert (found(site), warned(site)) == ([], 0)


@needs_git
def test_with_a_repository_it_is_gone(site: Site) -> None:
    site.write(a="---\ntitle: A\n---\n")
    build(site, 0, DATED)
    git(site.home, "init", "-q")
    commit(site, "2024-01-02T03:04:05Z")
    build(site, 1, DATED)

    assert found(site) == []
    assert site.rows("articles")[0]["updated"] is not None
    shutil.rmtree(site.home / ".git")
    build(site, 2, DATED)
    assert (found(site), warned(site)) == ([UNKNOWN], 2)
