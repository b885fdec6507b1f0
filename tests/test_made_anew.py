"""What was made by other code, and all that a full build makes, is made anew.

The published release is given files that no code of today makes. What a build takes over of them
is then seen in the next release.
"""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from pressroom.base import fingerprint
from pressroom.engine import build
from pressroom.engine.steps import PER_RELEASE
from pressroom.exports import EXPORTS
from pressroom.exports.feeds import export
from pressroom.exports.sitemaps import sitemap
from pressroom.files import atomic, parquet
from pressroom.releases.manifest import Release
from tests.by_steps import begin
from tests.conftest import AS_OF, Site, article, change, contents

pytestmark = pytest.mark.usefixtures("in_process")

DAY = 24 * 3600
STALE = "As it was made before."
# What makes the text of a feed, and nothing of a sitemap.
RENDERING = sorted(fingerprint.closure(export.__name__) - fingerprint.closure(sitemap.__name__))


@pytest.fixture
def published(site: Site) -> Release:
    """Two articles, of which one links to the other, and a file that is set aside."""
    link = "{id: 1, title: T, url: /learn/databases/questions/b}"
    keywords = "{page_keywords: 'x, y'}"
    site.write(a=article(slug="a", answer="With *stress*.", related_article1=link, seo=keywords))
    site.write(b=article(slug="b", subject="Maths"), c="---\ntitle: What: now\n---\n")
    release: Release = site.build().release
    return release


def replace(release: Release, made: dict[str, bytes]) -> None:
    """Let files of a release hold other bytes, as if they had been made so from the same."""
    manifest = json.loads((release.root / "manifest.json").read_bytes())
    for path, data in made.items():
        (release.root / path).unlink()  # it may be a hard link
        atomic.put(release.root, path, data)
        entry = next(entry for entry in manifest["files"] if entry["path"] == path)
        entry |= atomic.describe(path, data)._asdict() | {
            name: entry[name] for name in ("rows", "inputs")
        }
    (release.root / "manifest.json").unlink()
    atomic.put(release.root, "manifest.json", json.dumps(manifest).encode())


def feeds(release: Release) -> dict[str, bytes]:
    return contents(
        release.root, without=lambda path: Path(path).suffix != ".json" or "site/" not in path
    )


def make_stale(release: Release) -> None:
    """Let the feeds of a release hold what another renderer would have made."""
    stale = {}
    for path, data in feeds(release).items():
        feed = json.loads(data)
        for item in feed["items"]:
            item |= {"content_html": STALE, "content_text": STALE}
        stale[path] = json.dumps(feed).encode()
    for entry in release.outputs["feeds"].files:
        if entry.path.startswith("rendered/"):
            table = parquet.read(release.root / entry.path)
            for name in ("html", "text"):
                place = table.column_names.index(name)
                table = table.set_column(place, name, pa.array([STALE] * len(table)))
            stale[entry.path] = parquet.to_parquet(table).to_pybytes()
    replace(release, stale)


def test_a_feed_takes_over_what_the_same_code_made_of_an_article(
    site: Site, published: Release
) -> None:
    make_stale(published)
    site.write(b=article(slug="b", subject="Maths", answer="Another answer."))
    after = feeds(site.build(as_of=AS_OF + DAY).release)

    assert {path for path, data in after.items() if STALE.encode() in data} == {
        "site/feed.json",
        "site/feeds/databases.json",
    }


@pytest.mark.parametrize("module", RENDERING)
def test_a_feed_takes_over_nothing_that_other_code_made(
    site: Site, published: Release, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    before = feeds(published)
    make_stale(published)
    change(monkeypatch, module)
    after = site.build(as_of=AS_OF + DAY)

    assert after.published
    assert len(before) == 3
    assert feeds(after.release) == before


# A column of each table that states nothing which outlives a file: a full build keeps what does.
STATED = {
    "articles": "title",
    "article_subjects": "subject",
    "keywords": "term",
    "related_links": "related_title",
    "link_degrees": "links_in",
    "subjects": "label",
    "findings": "message",
    "rejects": "hint",
}


def stale_table(path: Path, column: str) -> bytes:
    rows = parquet.read(path)
    place = rows.column_names.index(column)
    field = rows.schema.field(column)
    value = 77 if pa.types.is_integer(field.type) else STALE
    other = pa.array([value] * len(rows), field.type)
    assert len(rows)
    assert pc.any(pc.not_equal(other, rows[column].combine_chunks())).as_py()
    return parquet.to_parquet(rows.set_column(place, field, other)).to_pybytes()


def about_release(path: str) -> bool:
    """Whether a file tells what its release changed, as that of no other does."""
    files = {path for item in EXPORTS for path in item.about_release}
    tables = {parquet.part_path(table, 0) for table in PER_RELEASE}
    return path in {"manifest.json", *tables, *files}


def test_an_export_that_is_made_alone_and_in_full_takes_over_no_damaged_file(
    site: Site, published: Release
) -> None:
    path = published.outputs["sitemap"].files[0].path
    right = (published.root / path).read_bytes()
    (published.root / path).chmod(0o644)
    (published.root / path).write_bytes(b"damaged")
    run = begin(site, "again", full=True)
    build.export(run, sitemap.EXPORT)

    assert (run.staging.root / path).read_bytes() == right


def test_a_full_build_takes_over_no_file_of_the_published_release(
    site: Site, published: Release
) -> None:
    right = contents(published.root, without=about_release)
    kept = ("tables/", "state/")
    wrong = {path: STALE.encode() for path in right if not path.startswith(kept)} | {
        parquet.part_path(table, 0): stale_table(
            published.root / parquet.part_path(table, 0), column
        )
        for table, column in STATED.items()
    }
    replace(published, wrong)
    after = site.build(as_of=AS_OF + DAY, full=True)

    assert after.published
    made = contents(after.release.root, without=about_release)
    # By its manifest the published release had other sitemaps: they changed just now.
    assert {path for path in right.keys() | made.keys() if right.get(path) != made.get(path)} == {
        "site/sitemap.xml"
    }
