"""Archives of feeds, and feeds that are to go: what readers have who follow a feed for long."""

import datetime as dt
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from lxml import etree

from pressroom.model.publishing import Feeds
from pressroom.model.settings import Limits
from pressroom.model.settings import Site as SiteSettings
from tests.conftest import AS_OF, Site, article, contents
from tests.standards.rss_feeds import CONTENT
from tests.standards.xml_feeds import ATOM, links
from tests.test_feeds import BASE, problems

pytestmark = pytest.mark.usefixtures("in_process")

DAY = 24 * 3600
ARCHIVES = Feeds(items=3, subject_items=2, archives=True, archive_items=4)
LIMITS = Limits(max_removed=1, max_rejects=1)

# The items of a document by their ids, and the URL of the older one if there is any.
Page = tuple[dict[str, str], str | None]


def read_json(data: bytes) -> Page:
    feed = json.loads(data)
    items = {item["id"]: item["content_html"] for item in feed["items"]}
    assert len(items) == len(feed["items"])
    return items, feed.get("next_url")


def read_rss(data: bytes) -> Page:
    channel = etree.fromstring(data).find("channel")
    items = {item.findtext("guid"): item.findtext(CONTENT) or "" for item in channel.iter("item")}
    return items, next(iter(links(channel).get("prev-archive", [])), None)


def read_atom(data: bytes) -> Page:
    root = etree.fromstring(data)
    items = {
        entry.findtext(f"{ATOM}id"): entry.findtext(f"{ATOM}content") or ""
        for entry in root.iter(f"{ATOM}entry")
    }
    return items, next(iter(links(root).get("prev-archive", [])), None)


READERS = {".json": read_json, ".xml": read_rss, ".atom": read_atom}


def pages(site: Site, path: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The documents of a feed, from the current one to the oldest: path, items."""
    read = READERS[".atom" if path == "atom.xml" else Path(path).suffix]
    url: str | None = f"{BASE}/{path}"
    seen = set()
    while url is not None:
        assert url not in seen
        seen.add(url)
        path = url.removeprefix(f"{BASE}/")
        items, url = read((site.out / "current" / "site" / path).read_bytes())
        yield path, items


def followed(site: Site, path: str) -> dict[str, str]:
    """What a reader has who goes from page to page, and keeps the first of each id."""
    have: dict[str, str] = {}
    for _, items in pages(site, path):
        have = {**items, **have}
    return have


def archive(site: Site) -> dict[str, bytes]:
    return contents(
        site.out / "current", lambda path: not path.startswith("site/feeds/archives/site/")
    )


def number(slug: str) -> str:
    return f"{BASE}/learn/databases/questions/{slug}"


def test_articles_stand_on_pages_in_the_order_of_first_sight_the_oldest_on_the_first(
    site: Site,
) -> None:
    site.write(**{name: article(slug=name, date="2025-03-01") for name in "bacdefghi"})
    site.build(feeds=ARCHIVES)
    site.write(**{name: article(slug=name, date="2024-03-01") for name in "zy"})
    site.build(AS_OF + DAY, feeds=ARCHIVES)

    found = {path: [one[-1] for one in items] for path, items in pages(site, "feed.json")}
    assert found == {
        "feed.json": [*"abc", "i", "y", "z"],
        "feeds/archives/site/2.json": [*"efgh"],
        "feeds/archives/site/1.json": [*"abcd"],
    }
    assert problems(site) == []


def test_a_page_is_full_for_good_and_an_edit_is_put_down_again(site: Site) -> None:
    site.write(**{name: article(slug=name, answer="One.") for name in "abcdefgh"})
    site.build(feeds=ARCHIVES)
    full = archive(site)
    site.write(d=article(slug="d", answer="Two."))
    site.build(AS_OF + DAY, feeds=ARCHIVES)

    assert archive(site) == full
    current = dict(pages(site, "feed.json"))["feed.json"]
    assert current[number("d")] == "<p>Two.</p>"
    assert followed(site, "feed.json")[number("d")] == "<p>Two.</p>"

    site.write(**{name: article(slug=name, answer="One.") for name in "ijk"})
    site.build(AS_OF + 2 * DAY, feeds=ARCHIVES)
    assert {path: data for path, data in archive(site).items() if path in full} == full
    third = dict(pages(site, "feed.json"))["feeds/archives/site/3.json"]
    assert [one[-1] for one in third] == [*"dijk"]
    assert followed(site, "feed.json")[number("d")] == "<p>Two.</p>"


def test_a_removed_article_leaves_a_hole_on_its_page_and_the_run_says_so(site: Site) -> None:
    site.write(**{name: article(slug=name) for name in "abcdefgh"})
    site.build(feeds=ARCHIVES, limits=LIMITS)
    full = archive(site)
    (site.raw / "b.md").unlink()
    site.write(f=article(slug="f", no_index="true"), x=article(slug="x"))
    site.lines.clear()
    site.build(AS_OF + DAY, feeds=ARCHIVES, limits=LIMITS)

    found = {path: [one[-1] for one in items] for path, items in pages(site, "feed.json")}
    assert found["feeds/archives/site/1.json"] == [*"acd"]
    assert found["feeds/archives/site/2.json"] == [*"egh"]
    assert not {*archive(site).values()} & {*full.values()}
    assert any(line.startswith("feeds: 4 full pages written again") for line in site.lines)

    site.write(b=article(slug="b"), f=article(slug="f"))
    site.build(AS_OF + 2 * DAY, feeds=ARCHIVES)
    found = {path: [one[-1] for one in items] for path, items in pages(site, "feed.json")}
    assert {*"bfx"} < {*found["feed.json"]}


@pytest.mark.parametrize(
    ("change", "is_kept"),
    [
        ({"site": SiteSettings(base_url=BASE, title="Another")}, False),
        ({"site": SiteSettings(base_url="https://other.example")}, False),
        ({"feeds": Feeds(items=9, archives=True, archive_items=7)}, True),
        ({"limits": LIMITS}, True),
        ({"full": True}, True),
    ],
)
def test_another_address_or_look_of_the_site_writes_full_pages_again_and_nothing_else(
    site: Site, change: dict[str, Any], is_kept: bool
) -> None:
    site.write(**{name: article(slug=name, answer="One.") for name in "abcdefghi"})
    site.build(feeds=ARCHIVES)
    site.write(a=article(slug="a", answer="Two."))
    site.build(AS_OF + DAY, feeds=ARCHIVES)
    full = archive(site)
    site.build(AS_OF + 2 * DAY, **{"feeds": ARCHIVES, **change})

    kept = {path: data for path, data in archive(site).items() if path in full}
    assert len(full) == 6
    assert (kept == full) is is_kept


def test_a_page_that_is_damaged_is_written_again(site: Site) -> None:
    site.write(**{name: article(slug=name) for name in "abcde"})
    site.build(feeds=ARCHIVES)
    full = archive(site)
    path = (site.out / "current").resolve() / "site/feeds/archives/site/1.xml"
    path.chmod(0o644)
    path.write_bytes(b"damaged")
    site.build(AS_OF + DAY, feeds=ARCHIVES)

    assert archive(site) == full


def test_a_page_ends_before_it_is_a_burden_JF_20(site: Site) -> None:
    for name in "abcdef":
        site.write(**{name: article(slug=name, answer=json.dumps("x " * 100_000))})
    site.build(feeds=Feeds(items=1, archives=True, archive_items=100), limits=LIMITS)

    found = {path: [one[-1] for one in items] for path, items in pages(site, "feed.json")}
    assert found == {
        "feed.json": [*"ef"],
        "feeds/archives/site/2.json": [*"cd"],
        "feeds/archives/site/1.json": [*"ab"],
    }
    folder = site.out / "current" / "site"
    assert all(path.stat().st_size < 1_000_000 for path in folder.rglob("*.*"))
    assert problems(site) == []


# --- over many releases --------------------------------------------------------------------------


class Follower:
    """A reader that keeps what a feed has, from each release as far back as it needs.

    It goes from page to page until it meets one that it read before and that did not change.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.have: dict[str, str] = {}
        self.read: dict[str, dict[str, str]] = {}

    def follow(self, site: Site) -> None:
        found: dict[str, str] = {}
        for path, items in pages(site, self.path):
            if self.read.get(path) == items and path != self.path:
                break
            self.read[path] = items
            found = {**items, **found}
        self.have |= found


def equals_a_full_build(site: Site, as_of: int, **options: Any) -> bool:
    again = site.home / "again"
    shutil.rmtree(again, ignore_errors=True)
    if site.out.exists():
        shutil.copytree(site.out, again, symlinks=True)
    site.build(as_of, **options)
    found, site.out = site.out, again
    site.build(as_of, full=True, **options)
    site.out = found
    made = [contents(out / "current") for out in (found, again)]
    counts = [json.loads(files.pop("manifest.json"))["counts"] for files in made]
    return made[0] == made[1] and counts[0] == counts[1]


@pytest.mark.parametrize(
    ("seed", "order"),
    [(0, "published"), pytest.param(1, "first_seen", marks=pytest.mark.torture)],
)
def test_over_ten_releases_a_reader_of_each_format_has_each_article_as_it_is_now(
    site: Site, seed: int, order: Any
) -> None:
    chance, texts, dates = Random(seed), dict[str, str](), dict[str, str]()
    feeds = Feeds(
        items=3, subject_items=2, order=order, archives=True, archive_items=4, hub=f"{BASE}/hub"
    )
    options: dict[str, Any] = {"feeds": feeds, "limits": LIMITS}
    followers = [Follower(path) for path in ("feed.json", "feed.xml", "atom.xml")]
    frozen: dict[str, set[str]] = {}
    for release in range(10):
        removed = {name for name in texts if release and chance.random() < 0.1}
        for name in [*removed]:
            (site.raw / f"{name}.md").unlink()
            del texts[name]
        edited = [name for name in texts if chance.random() < 0.2]
        new = [f"n{release}-{one}" for one in range(chance.randrange(1, 8))]
        for name in (*edited, *new):
            texts[name] = f"Release {release}."
            date = dates.setdefault(name, chance.choice(["2025-03-01", "2024-03-01", "2025-04-01"]))
            subject = "A" if int(name[-1]) % 2 else "B"
            site.write(**{name: article(slug=name, answer=texts[name], date=date, subject=subject)})
        if release % 4 == 1:
            assert equals_a_full_build(site, AS_OF + release * DAY, **options)
        else:
            site.build(AS_OF + release * DAY, **options)

        expected = {number(name): f"<p>{text}</p>" for name, text in texts.items()}
        for path in ("feed.json", "feed.xml", "atom.xml"):
            assert followed(site, path) == expected
        for subject in "ab":
            of_subject = {
                number(name): f"<p>{text}</p>"
                for name, text in texts.items()
                if ("a" if int(name[-1]) % 2 else "b") == subject
            }
            if of_subject:
                assert followed(site, f"feeds/{subject}.json") == of_subject
        for follower in followers:
            follower.follow(site)
            assert {url: follower.have[url] for url in expected} == expected
        for path, items in pages(site, "feed.json"):
            if path != "feed.json":
                before = frozen.setdefault(path, {*items})
                assert {*items} == before & ({*items} | {number(name) for name in texts})
                frozen[path] = {*items}
        assert problems(site) == []
    assert len(frozen) > 3


# --- subjects that are gone ----------------------------------------------------------------------


def of_subject(site: Site, name: str = "maths") -> list[Path]:
    return sorted((site.out / "current" / "site" / "feeds").glob(f"{name}.*"))


def lose_a_subject(site: Site, **options: Any) -> None:
    """In the second release a subject has no article left."""
    site.write(a=article(slug="a"), m=article(slug="m", subject="Maths"))
    site.build(limits=LIMITS, **options)
    (site.raw / "m.md").unlink()
    assert equals_a_full_build(site, AS_OF + DAY, limits=LIMITS, **options)


@pytest.mark.parametrize("archives", [False, True])
def test_the_feed_of_a_subject_without_articles_stays_empty_for_a_while_and_then_goes(
    site: Site, archives: bool
) -> None:
    feeds = Feeds(archives=archives, archive_items=1)
    lose_a_subject(site, feeds=feeds)
    due = AS_OF + DAY + 30 * DAY

    assert [path.suffix for path in of_subject(site)] == [".atom", ".json", ".xml"]
    assert json.loads(of_subject(site)[1].read_bytes())["items"] == []
    assert json.loads(of_subject(site)[1].read_bytes())["title"] == "Pressroom: Maths"
    assert f"{BASE}/feeds/maths.xml" not in (site.out / "current/site/feeds.opml").read_text()
    assert problems(site) == []
    assert dt.datetime.fromtimestamp(AS_OF + DAY, dt.UTC).strftime("%a, %d %b %Y %H:%M:%S GMT") in (
        of_subject(site)[2].read_text()
    )

    assert not site.build(due - 1, limits=LIMITS, feeds=feeds).published
    site.write(b=article(slug="b"))
    done = site.build(due - 1, limits=LIMITS, feeds=feeds)
    assert done.release.counts.next_due == due
    assert len(of_subject(site)) == 3

    assert equals_a_full_build(site, due, limits=LIMITS, feeds=feeds)
    assert of_subject(site) == []
    assert not list((site.out / "current/site/feeds").glob("archives/subjects/maths/*"))
    done = site.build(due + DAY, limits=LIMITS, feeds=feeds)
    assert (done.published, done.release.counts.next_due) == (False, None)


def test_a_subject_that_comes_back_has_its_feed_again(site: Site) -> None:
    lose_a_subject(site)
    site.write(m=article(slug="m2", subject="Maths"))
    done = site.build(AS_OF + 2 * DAY, limits=LIMITS)

    assert [item["id"][-2:] for item in json.loads(of_subject(site)[1].read_bytes())["items"]] == [
        "m2"
    ]
    assert done.release.counts.next_due is None


def test_another_number_of_days_counts_from_the_last_article(site: Site) -> None:
    lose_a_subject(site)
    site.build(AS_OF + 2 * DAY, limits=LIMITS, feeds=Feeds(expired_days=2))
    assert len(of_subject(site)) == 3
    site.build(AS_OF + 2 * DAY, limits=LIMITS, feeds=Feeds(expired_days=1))
    assert of_subject(site) == []


@pytest.mark.parametrize(
    ("damaged", "due"), [(["3"], 31), (["3", "2"], 33), (["3", "2", "1"], None)]
)
@pytest.mark.parametrize("full", [True, False])
def test_what_is_remembered_of_feeds_and_lost_comes_from_the_newest_release_that_has_it(
    site: Site, damaged: list[str], due: int | None, full: bool
) -> None:
    lose_a_subject(site)
    site.write(b=article(slug="b"))
    site.build(AS_OF + 2 * DAY, limits=LIMITS)
    for number in damaged:
        [release] = site.out.glob(f"releases/00000{number}-*")
        path = release / "state" / "feeds.parquet"
        path.unlink()
        path.write_bytes(b"damaged")
    done = site.build(AS_OF + 3 * DAY, limits=LIMITS, full=full)

    assert done.release.counts.next_due == (due and AS_OF + due * DAY)
    assert len(of_subject(site)) == (3 if due else 0)
    assert len(of_subject(site, "databases")) == 3


def test_a_feed_by_first_sight_and_one_by_date_keep_the_same_pages(site: Site) -> None:
    site.write(
        **{name: article(slug=name, date=f"2025-03-0{at}") for at, name in enumerate("abcde", 1)}
    )
    site.build(feeds=ARCHIVES)
    full = archive(site)
    site.build(AS_OF + DAY, feeds=Feeds(order="first_seen", archives=True, archive_items=4))

    assert archive(site) == full
