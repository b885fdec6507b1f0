"""Files that have no page by a rule of their owner, and articles that time alone hides."""

import dataclasses
import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from pressroom.model.collections import Collection
from pressroom.model.content import ContentModel
from pressroom.releases.manifest import open_release
from tests.conftest import AS_OF, POOL, Site

MODEL = ContentModel(
    bundles=True,
    future="hold",
    collections=(Collection(("partials/**",), name="partials", skip=True),),
)
DAY = 86_400


def build(site: Site, as_of: int = AS_OF, **changes: Any) -> Any:
    model = dataclasses.replace(MODEL, **changes)
    return site.build(as_of=as_of, content=model, accept_removals=True)


def write(site: Site, **files: str) -> None:
    for name, text in files.items():
        path = site.raw / f"{name.replace('__', '/')}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"---\n{text}\n---\nText.\n")


def skipped(site: Site) -> dict[str, tuple[str, str | None]]:
    return {row["source_path"]: (row["reason"], row["key"]) for row in site.rows("skipped")}


def pages(site: Site) -> set[str]:
    return {row["source_path"] for row in site.rows("articles")}


def tables(release: Path) -> dict[str, str]:
    """The digests of the tables and exports of a release, but for what it changed, and its past."""
    found = open_release(release.resolve())
    return {
        entry.path: entry.sha256
        for name, output in found.outputs.items()
        for entry in output.files
        if name not in ("changes", "history", "releases", "report")
        and "changes" not in entry.path
        and not entry.path.endswith(("datapackage.json", "croissant.json"))
    }


def test_each_reason_is_told_with_its_key(site: Site) -> None:
    write(
        site,
        a="title: A",
        b="url: false",
        c="headless: true",
        d="headless: false",
        partials__e="title: E",
        f__index="title: F",
        f__g="title: G",
        f__h__i="title: I",
        f__h__index="title: H",
    )
    assert build(site).published
    assert skipped(site) == {
        "b.md": ("url", "url"),
        "c.md": ("key", "headless"),
        "partials/e.md": ("collection", None),
        "f/g.md": ("bundle", None),
        "f/h/i.md": ("bundle", None),
        "f/h/index.md": ("bundle", None),
    }
    assert pages(site) == {"a.md", "d.md", "f/index.md"}
    manifest = open_release((site.out / "current").resolve()).manifest
    assert (manifest.counts.files, manifest.counts.skipped) == (9, 6)


def test_a_page_of_a_bundle_in_another_language_is_a_page(site: Site) -> None:
    write(site, **{"f__index": "title: F", "f__index.fr": "title: G", "f__x.fr": "title: X"})
    build(site, languages=("en", "fr"))
    assert pages(site) == {"f/index.md", "f/index.fr.md"}
    assert {row["url"] for row in site.rows("articles")} == {"/f/", "/fr/f/"}


@pytest.mark.parametrize("executor", ["", POOL], indirect=True)
def test_a_file_that_did_not_change_follows_the_page_beside_it(site: Site) -> None:
    write(site, f__g="title: G", a="title: A")
    build(site)
    assert pages(site) == {"a.md", "f/g.md"}

    write(site, f__index="title: F")
    build(site, AS_OF + 60)
    assert pages(site) == {"a.md", "f/index.md"}
    assert skipped(site) == {"f/g.md": ("bundle", None)}
    assert build(site, AS_OF + 120).published is False

    (site.raw / "f" / "index.md").unlink()
    build(site, AS_OF + 180)
    assert pages(site) == {"a.md", "f/g.md"}
    assert skipped(site) == {}


def test_the_page_of_a_language_takes_no_other_page_away(site: Site) -> None:
    write(site, index="title: A", x="title: X", fr__index="title: F", fr__about="title: G")
    build(site, languages=("en", "fr"))
    assert pages(site) == {"index.md", "x.md", "fr/index.md", "fr/about.md"}


def test_what_a_skipped_collection_holds_is_not_looked_at(site: Site) -> None:
    write(site, a="title: A", partials__b="title: {{title}}: [")
    (site.raw / "partials" / "c.md").write_text("No front matter.\n")
    build(site)
    assert {path: reason for path, (reason, _) in skipped(site).items()} == {
        "partials/b.md": "collection",
        "partials/c.md": "collection",
    }
    assert site.rows("rejects") == []


def test_a_build_of_an_earlier_time_holds_back_what_was_shown_since(site: Site) -> None:
    write(site, a="title: A", b=f"title: B\ndate: {date(2)}")
    build(site, AS_OF + 3 * DAY)
    assert hidden(site) == set()
    build(site)
    assert hidden(site) == {"b.md"}


def test_a_skipped_file_is_not_read_again_until_it_changes(site: Site) -> None:
    write(site, a="title: A", b="url: false", c="title: C")
    build(site)
    write(site, c="title: D")
    assert build(site, AS_OF + 60).parsed == 1
    assert skipped(site) == {"b.md": ("url", "url")}
    write(site, b="url: /b/")
    build(site, AS_OF + 120)
    assert pages(site) == {"a.md", "b.md", "c.md"}


def date(days: int) -> str:
    return (dt.datetime.fromtimestamp(AS_OF, dt.UTC) + dt.timedelta(days)).date().isoformat()


def hidden(site: Site) -> set[str]:
    shown = "".join(
        path.read_text() for path in (site.out / "current" / "site").glob("sitemap-*.xml")
    )
    articles = site.rows("articles")
    found = {row["source_path"] for row in articles if row["no_index"]}
    assert found == {row["source_path"] for row in articles if f"{row['url']}<" not in shown}
    return found


def test_what_is_held_is_shown_at_its_time_and_hidden_again_once_expired(site: Site) -> None:
    write(
        site,
        a="title: A",
        b=f"title: B\ndate: {date(2)}",
        c=f"title: C\nexpiryDate: {date(4)}",
        d=f"title: D\ndate: {date(2)}\ndraft: true",
    )
    build(site)
    assert hidden(site) == {"b.md", "d.md"}
    assert build(site, AS_OF + DAY).published is False
    assert build(site, AS_OF + 3 * DAY).published
    assert hidden(site) == {"d.md"}
    [change] = site.rows("changes")
    assert (change["url"], change["fields"]) == ("/b/", ["no_index"])
    write(site, a="title: Again")
    assert build(site, AS_OF + 3 * DAY + 60).parsed == 1
    assert build(site, AS_OF + 5 * DAY).published
    assert hidden(site) == {"c.md", "d.md"}
    assert build(site, AS_OF + 90 * DAY).published is False


def test_a_full_build_makes_what_the_incremental_ones_made(site: Site, tmp_path: Path) -> None:
    write(site, a="title: A", b=f"title: B\ndate: {date(2)}", f__g="title: G", x="url: false")
    build(site)
    write(site, f__index="title: F")
    build(site, AS_OF + 3 * DAY)
    incremental = tables(site.out / "current")
    site.build(as_of=AS_OF + 3 * DAY, content=MODEL, full=True, force=True)
    assert tables(site.out / "current") == incremental
