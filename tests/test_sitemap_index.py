"""When a sitemap changed, as its index says: exactly when its bytes did, and never back."""

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pressroom.exports.sitemaps import index
from pressroom.exports.sitemaps.sitemap import SitemapJob, write_sitemaps
from pressroom.files.atomic import FileEntry
from pressroom.model.publishing import Sitemaps
from pressroom.model.settings import Compute, Settings
from pressroom.model.settings import Site as SiteSettings
from pressroom.model.table import TIMESTAMP
from pressroom.releases import cache, local, publishing
from pressroom.releases.store import store_at
from tests.conftest import AS_OF, Site, article, contents
from tests.quicktakes import quicktakes
from tests.standards import sitemaps

DAY = 24 * 3600
INDEX = "site/sitemap.xml"


def at(time: int) -> str:
    return dt.datetime.fromtimestamp(time, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def publish(site: Site, as_of: int, **options: Any) -> dict[str, bytes]:
    """Build: the sitemaps by their names."""
    site.build(as_of, accept_removals=True, **options)
    return {
        Path(path).name: data
        for path, data in contents(site.out / "current").items()
        if path.startswith("site/sitemap") and not path.endswith(".css")
    }


def publish_twice(site: Site, as_of: int, **options: Any) -> dict[str, bytes]:
    """The same, and beside it all again in full, which gives the same."""
    out, again = site.out, site.home / "again"
    shutil.rmtree(again, ignore_errors=True)
    if out.exists():
        shutil.copytree(out, again, symlinks=True)
    made = publish(site, as_of, **options)
    site.out, site.runs = again, site.runs - 1
    site.build(as_of, full=True, accept_removals=True, **options)
    site.out = out
    assert contents(again / "current") == contents(out / "current")
    return made


def of_index(files: dict[str, bytes]) -> dict[str, str | None]:
    """The ``lastmod`` of each sitemap."""
    found = sitemaps.entries(files["sitemap.xml"])
    return {entry.loc.rpartition("/")[2]: entry.lastmod for entry in found}


def test_the_index_follows_the_bytes_of_a_sitemap_through_five_releases_SM_12(site: Site) -> None:
    steps: list[dict[str, str | None]] = [
        {"a": "2025-03-01", "other": "2025-03-01"},
        {"same_day": "2025-03-01"},
        {"backdated": "2024-05-06"},
        {"newer": "2026-09-01"},
        {"newer": None},
    ]
    before: dict[str, bytes] = {}
    newest = []
    for number, step in enumerate(steps):
        for slug, date in step.items():
            subject = "Other" if slug == "other" else "Databases"
            if date is None:
                (site.raw / f"{slug}.md").unlink()
            else:
                site.write(**{slug: article(slug=slug, date=date, subject=subject)})
        made = publish_twice(site, AS_OF + number * DAY)

        assert of_index(made) == {
            "sitemap-databases-1.xml": at(AS_OF + number * DAY),
            "sitemap-other-1.xml": at(AS_OF),
        }
        changed = {name for name in made if made[name] != before.get(name)}
        assert changed == set(made) - ({"sitemap-other-1.xml"} if number else set())
        before = made
        newest.append(max(entry.lastmod or "" for entry in sitemaps.entries(made[DATABASES])))
    # The newest url would have said nothing of two releases, and gone back with the last.
    assert [time[:10] for time in newest] == [
        *["2025-03-01"] * 3,
        "2026-09-01",
        "2025-03-01",
    ]


DATABASES = "sitemap-databases-1.xml"


def test_what_another_sitemap_or_table_holds_moves_nothing_SM_12(site: Site) -> None:
    site.write(a=article(slug="a"), b=article(slug="b", subject="Other"))
    publish(site, AS_OF)
    site.write(b=article(slug="b", subject="Other", answer="Another."))
    moved = of_index(publish(site, AS_OF + DAY))
    assert moved == {DATABASES: at(AS_OF), "sitemap-other-1.xml": at(AS_OF + DAY)}

    # The next three are cosmetic, another cut of the same files, and nothing at all.
    site.write(a=article(slug="a", score="1"))
    assert of_index(publish(site, AS_OF + 2 * DAY)) == moved
    cut = Compute(workers=1, shard_files=1)
    assert of_index(publish(site, AS_OF + 3 * DAY, compute=cut)) == moved
    assert not site.build(AS_OF + 4 * DAY, compute=cut).published


def test_a_sitemap_that_was_gone_is_new_again_SM_12(site: Site) -> None:
    site.write(a=article(slug="a"), b=article(slug="b", subject="Other"))
    publish(site, AS_OF)
    (site.raw / "b.md").unlink()
    publish(site, AS_OF + DAY)
    site.write(b=article(slug="b", subject="Other"))

    moved = of_index(publish(site, AS_OF + 2 * DAY))
    assert moved == {DATABASES: at(AS_OF), "sitemap-other-1.xml": at(AS_OF + 2 * DAY)}


def test_after_a_rollback_the_release_that_was_gone_back_to_counts_SM_12(site: Site) -> None:
    site.write(a=article(slug="a"), b=article(slug="b", subject="Other"))
    publish(site, AS_OF)
    site.write(a=article(slug="a", answer="Another."))
    publish(site, AS_OF + DAY)
    publishing.rollback(store_at(site.out), local.before(site.out))
    publishing.unpin(store_at(site.out))
    moved = of_index(publish_twice(site, AS_OF + 2 * DAY))

    assert moved == {DATABASES: at(AS_OF + 2 * DAY), "sitemap-other-1.xml": at(AS_OF)}


def test_of_a_damaged_index_nothing_is_believed(site: Site) -> None:
    site.write(a=article(slug="a"), b=article(slug="b", subject="Other"))
    publish(site, AS_OF)
    path = site.out / "current" / INDEX
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data.replace(b"2026-09-21", b"2020-01-01"))

    later = at(AS_OF + DAY)
    moved = of_index(publish_twice(site, AS_OF + DAY))
    assert moved == {DATABASES: later, "sitemap-other-1.xml": later}


def test_a_damaged_sitemap_is_made_again_and_counts_as_changed_since_readers_may_have_it(
    site: Site,
) -> None:
    site.write(a=article(slug="a"))
    publish(site, AS_OF)
    path = site.out / "current" / "site" / DATABASES
    path.unlink()
    path.write_bytes(b"damaged")

    made = publish(site, AS_OF + DAY)
    assert of_index(made) == {DATABASES: at(AS_OF + DAY)}
    assert sitemaps.entries(made[DATABASES])


def test_another_base_url_moves_all(site: Site) -> None:
    site.write(a=article(slug="a"))
    publish(site, AS_OF)

    site.build(AS_OF + DAY, site=SiteSettings(base_url="https://b.example"))
    data = (site.out / "current" / INDEX).read_bytes()
    assert of_index({"sitemap.xml": data}) == {DATABASES: at(AS_OF + DAY)}


def test_of_a_clock_that_was_set_back_nothing_is_believed_that_is_yet_to_come_G_02(
    site: Site,
) -> None:
    site.write(a=article(slug="a"), b=article(slug="b", subject="Other"))
    publish(site, AS_OF)
    site.write(a=article(slug="a", answer="Another."))
    publish(site, AS_OF + 5 * DAY)
    moved = of_index(publish_twice(site, AS_OF + DAY))
    assert moved == {DATABASES: at(AS_OF + DAY), "sitemap-other-1.xml": at(AS_OF)}

    (site.raw / "a.md").unlink()
    publish(site, AS_OF + 3 * DAY)
    moved = of_index(publish_twice(site, AS_OF + 2 * DAY))
    assert moved == {"sitemap-other-1.xml": at(AS_OF)}


# --- lastmod of urls -----------------------------------------------------------------------------


def test_no_lastmod_is_later_than_its_release_G_02(site: Site) -> None:
    site.write(a=article(slug="a", lastmod="2026-09-25"), b=article(slug="b", subject="Other"))
    content = quicktakes(keys={"updated": "lastmod"})

    def lastmod(time: int) -> str | None:
        [entry] = sitemaps.entries(publish_twice(site, time, content=content)[DATABASES])
        return entry.lastmod

    assert at(AS_OF) < "2026-09-25" < at(AS_OF + 5 * DAY)
    assert [lastmod(AS_OF + days * DAY) for days in (0, 1, 5)] == [
        "2025-03-01T00:00:00Z",
        "2025-03-01T00:00:00Z",
        "2026-09-25T00:00:00Z",
    ]
    site.write(a=article(slug="a", lastmod="2026-09-25", answer="Another."))
    assert lastmod(AS_OF + 6 * DAY) == at(AS_OF + 6 * DAY)
    assert str(lastmod(AS_OF + 4 * DAY)) <= at(AS_OF + 4 * DAY)  # by a clock that was set back


@pytest.mark.parametrize(
    ("modified", "lastmod"),
    [
        (None, None),
        (dt.datetime.fromtimestamp(AS_OF, dt.UTC), at(AS_OF)),
        (dt.datetime(1001, 2, 3, 4, 5, 6, 7, tzinfo=dt.UTC), "1001-02-03T04:05:06Z"),
        (dt.datetime.fromtimestamp(AS_OF + 0.000001, dt.UTC), None),
        (dt.datetime(9999, 12, 31, tzinfo=dt.UTC), None),
    ],
)
def test_a_url_without_a_known_or_past_time_has_no_lastmod_SM_05_G_02(
    tmp_path: Path, modified: dt.datetime | None, lastmod: str | None
) -> None:
    columns = {
        "url": ["/a"],
        "subject_slug": ["s"],
        "no_index": [False],
        "modified": pa.array([modified], TIMESTAMP),
    }
    pq.write_table(pa.table(columns), tmp_path / "articles.parquet")
    settings = Settings(site=SiteSettings(base_url="https://a.example"))
    articles = (tmp_path / "articles.parquet",)
    write_sitemaps(SitemapJob(articles, (), settings, tmp_path, AS_OF, cache.EMPTY, index.NOTHING))
    files = {
        f"https://a.example/{path.name}": path.read_bytes()
        for path in (tmp_path / "site").glob("sitemap*.xml")
    }

    [entry] = sitemaps.entries(files["https://a.example/sitemap-s-1.xml"])
    assert entry.lastmod == lastmod
    assert sitemaps.check_site("https://a.example/sitemap.xml", files, [entry.loc], AS_OF) == []


# --- 120,000 articles ----------------------------------------------------------------------------


def many(root: Path, changed: int | None) -> tuple[Path, ...]:
    """The parts of 120,000 articles of one subject, one of which may have changed just now."""
    parts = []
    for number in range(4):
        urls = [f"/s/questions/{number}-{row}-what-is-it" for row in range(30_000)]
        times = [dt.datetime(2025, 3, 1, tzinfo=dt.UTC)] * len(urls)
        if changed is not None and changed // 30_000 == number:
            times[changed % 30_000] = dt.datetime.fromtimestamp(AS_OF + DAY, dt.UTC)
        columns = {
            "url": urls,
            "subject_slug": ["s"] * len(urls),
            "no_index": [False] * len(urls),
            "modified": pa.array(times, TIMESTAMP),
        }
        parts.append(root / f"part-{number}.parquet")
        pq.write_table(pa.table(columns), parts[-1])
    return tuple(parts)


def test_of_120000_articles_one_changes_one_sitemap_and_the_index_SM_08_SM_12(
    tmp_path: Path,
) -> None:
    settings = Settings(site=SiteSettings(base_url="https://a.example"), sitemaps=Sitemaps())
    previous = index.NOTHING

    def written(name: str, changed: int | None, as_of: int) -> list[FileEntry]:
        (tmp_path / name).mkdir()
        parts = many(tmp_path / name, changed)
        return write_sitemaps(
            SitemapJob(parts, (), settings, tmp_path / name, as_of, cache.EMPTY, previous)
        )

    first = written("first", None, AS_OF)
    data = (tmp_path / "first" / INDEX).read_bytes()
    previous = index.Previous(
        {entry.path: entry.sha256 for entry in first},
        {entry.loc.encode(): entry.lastmod or "" for entry in sitemaps.entries(data)},
    )
    second = written("second", 70_000, AS_OF + DAY)

    of_subject = [f"site/sitemap-s-{number}.xml" for number in (1, 2, 3)]
    assert [entry.path for entry in first] == [INDEX, *of_subject, "site/sitemap.css"]
    sizes = [len(sitemaps.entries((tmp_path / "first" / path).read_bytes())) for path in of_subject]
    assert sizes == [50_000, 50_000, 20_000]
    assert max(entry.bytes for entry in first) <= sitemaps.MAX_BYTES
    assert {entry.path for entry in set(second) - set(first)} == {INDEX, of_subject[1]}
    times = [
        entry.lastmod for entry in sitemaps.entries((tmp_path / "second" / INDEX).read_bytes())
    ]
    assert times == [at(AS_OF), at(AS_OF + DAY), at(AS_OF)]
