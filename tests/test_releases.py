import json
from pathlib import Path

import pytest

from pipeline import build, releases, store
from pipeline.errors import AuditError, ConflictError, PipelineError
from pipeline.exports import EXPORTS
from pipeline.schemas import TABLES
from pipeline.settings import Compute, Exports, Paths, Settings
from tests.conftest import AS_OF, Site, article, contents

STEPS = (build.ingest, build.link, build.summarize)


def begin(site: Site, run: str) -> build.Run:
    settings = Settings(paths=Paths(site.raw, site.out), compute=Compute(workers=1))
    return build.begin(settings, build.Options(), run, AS_OF, lambda _: None)


def stage_unaudited(run: build.Run) -> None:
    """All steps up to the manifest."""
    for step in STEPS:
        step(run)
    for item in EXPORTS:
        build.export(run, item)
    build.manifest(run)


def stage(run: build.Run) -> None:
    """All steps but the last."""
    stage_unaudited(run)
    build.audit(run)


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
        assert (site.out / "current" / store.part_path(table, 0)).exists()
    assert site.rows("rejects") == site.rows("related_links") == site.rows("findings") == []


def test_of_two_runs_at_once_one_publishes_and_the_other_is_told(site: Site) -> None:
    site.write(a=article(slug="a"))
    first, second = begin(site, "first"), begin(site, "second")
    stage(first)
    stage(second)

    published = build.release(first).release
    with pytest.raises(ConflictError, match="Another run published"):
        build.release(second)
    assert (site.out / "current").resolve() == published.root


def test_a_run_found_again_by_its_name_goes_on_where_it_stopped(site: Site) -> None:
    site.write(a=article(slug="a"))
    stage(begin(site, "run"))

    again = begin(site, "run")

    assert again.staging.as_of == AS_OF
    assert build.release(again).published


def test_a_release_that_was_not_audited_is_not_published(site: Site) -> None:
    site.write(a=article(slug="a"))
    run = begin(site, "run")
    stage_unaudited(run)

    with pytest.raises(AuditError, match="not audited"):
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
    settings = Settings(paths=Paths(site.raw, site.out)).override(base_url="https://other.example")
    run = build.begin(settings, build.Options(), "again", AS_OF + 1, lambda _: None)

    for item in EXPORTS:
        build.export(run, item)
    build.manifest(run)
    build.audit(run)
    outcome = build.release(run)

    assert outcome.published
    part = store.part_path("articles", 0)
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
    settings = Settings(paths=Paths(site.raw, site.out)).override(base_url="https://other.example")
    run = build.begin(settings, build.Options(), "again", AS_OF + 1, lambda _: None)
    sitemap = next(item for item in EXPORTS if item.name == "sitemap")

    build.export(run, sitemap)
    with pytest.raises(PipelineError, match="was made from other tables, settings or code"):
        build.manifest(run)


def test_one_export_alone_makes_a_release_in_which_the_others_are_linked(site: Site) -> None:
    site.write(a=article(slug="a"))
    first = site.build().release
    exports = Exports(feed_items=7)
    settings = Settings(paths=Paths(site.raw, site.out), exports=exports)
    run = build.begin(settings, build.Options(), "again", AS_OF + 1, lambda _: None)

    build.export(run, next(item for item in EXPORTS if item.name == "json_feed"))
    build.manifest(run)
    build.audit(run)
    root = build.release(run).release.root

    assert (root / "site/sitemap.xml").samefile(first.root / "site/sitemap.xml")
    assert (root / "csv/changes.csv").read_bytes().count(b"\r\n") == 1
    assert site.rows("changes") == []
    assert not site.build(exports=exports).published


def test_what_an_earlier_attempt_of_a_run_left_behind_is_not_published(site: Site) -> None:
    for name in "abcdef":
        site.write(**{name: article(slug=name, subject=f"Subject {name}")})
    settings = Settings(paths=Paths(site.raw, site.out), compute=Compute(workers=1, shard_files=1))
    run = build.begin(settings, build.Options(), "run", AS_OF, lambda _: None)
    stage(run)
    (run.staging.root / "site" / "left.xml.tmp").touch()
    for name in "bcdef":
        (site.raw / f"{name}.md").unlink()

    stage(build.begin(settings, build.Options(), "run", AS_OF, lambda _: None))
    root = build.release(run).release.root

    listed = {entry["path"] for entry in json.loads((root / "manifest.json").read_bytes())["files"]}
    assert contents(root, without="manifest.json".__eq__).keys() == listed
    assert [row["url"][-1] for row in site.rows("articles")] == ["a"]


def test_a_release_is_published_only_by_the_audit_of_its_own_manifest(site: Site) -> None:
    site.write(a=article(slug="a"), b=article(slug="b"))
    run = begin(site, "run")
    stage(run)
    (site.raw / "b.md").unlink()
    stage_unaudited(run)

    with pytest.raises(AuditError, match="not audited"):
        build.release(run)


def test_a_run_that_died_just_before_the_swap_is_published_when_it_goes_on(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.write(a=article(slug="a"))
    run = begin(site, "run")
    stage(run)
    with monkeypatch.context() as patch:
        patch.setattr(releases, "_point", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            build.release(run)
    assert not (site.out / "current").exists()

    assert build.release(begin(site, "run")).published
    assert len(site.rows("articles")) == 1


def test_a_run_that_died_while_it_began_begins_again(site: Site) -> None:
    site.write(a=article(slug="a"))
    (site.out / "staging" / "run" / "work").mkdir(parents=True)

    assert begin(site, "run").staging.as_of == AS_OF


def test_a_copy_of_the_output_that_followed_links_is_refused(site: Site) -> None:
    site.write(a=article(slug="a"))
    (site.out / "current").mkdir(parents=True)

    with pytest.raises(PipelineError, match="is no symbolic link"):
        site.build()


def test_an_audit_with_nothing_staged_says_what_to_select(site: Site) -> None:
    site.write(a=article(slug="a"))

    with pytest.raises(PipelineError, match="select manifest too"):
        build.check(begin(site, "run"))


def test_tables_cannot_be_made_without_articles_of_the_same_run(site: Site) -> None:
    with pytest.raises(PipelineError, match="select articles too"):
        build.link(begin(site, "run"))


def test_the_previous_release_is_kept_and_older_ones_go_after_an_hour(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    for number in range(4):
        site.write(a=article(slug="a", answer=f"Answer {number}."))
        if number == 3:
            monkeypatch.setattr(releases, "_KEPT_SECONDS", -1)
        made.append(site.build(as_of=AS_OF + number).release.id)

    assert sorted(path.name for path in (site.out / "releases").iterdir()) == made[-2:]


def test_a_current_link_to_nothing_is_an_error_that_names_it(site: Site) -> None:
    site.write(a=article(slug="a"))
    site.out.mkdir()
    (site.out / "current").symlink_to(Path("releases") / "gone")

    with pytest.raises(PipelineError, match="not a whole release"):
        site.build()
