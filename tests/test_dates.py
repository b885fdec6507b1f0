"""When articles changed, as releases tell it: dates that are mistyped, mended, and yet to come."""

import datetime as dt
import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest

from pressroom.model.content import ContentModel
from pressroom.releases import local
from tests.conftest import AS_OF, Site, pressroom

CASES = Path(__file__).parent / "cases" / "dates"
PLAIN = ContentModel()
DAY = 86_400
MENDED = dt.datetime(2024, 3, 5, tzinfo=dt.UTC)


def time(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def take(site: Site, number: int) -> None:
    """Make the raw folder one of those of the cases."""
    for path in (CASES / f"raw{number}").iterdir():
        (site.raw / path.name).write_bytes(path.read_bytes())


def modified(site: Site) -> dict[str, dt.datetime | None]:
    (rows,) = {tuple((row["url"], row["modified"]) for row in site.rows("articles"))}
    assert {row["url"]: row["modified"] for row in site.rows("ledger")}.items() >= dict(
        rows
    ).items()
    return dict(rows)


def lastmods(site: Site) -> dict[str, str]:
    """What the sitemaps say of each page that they date."""
    texts = [path.read_text() for path in sorted(site.out.glob("current/site/sitemap-*.xml"))]
    found = re.findall(r"<loc>https?://[^/]*([^<]*)</loc><lastmod>([^<]*)<", "".join(texts))
    return dict(found)


def codes(site: Site) -> list[tuple[str, str]]:
    dates = ("future_date", "date_moved")
    rows = [row for row in site.rows("findings") if row["code"] in dates]
    return sorted((row["code"], row["url"]) for row in rows)


@pytest.mark.parametrize("full", [False, True])
def test_a_mistyped_year_is_forgotten_once_it_is_mended(site: Site, full: bool) -> None:
    told = []
    for number in (1, 2, 3):
        take(site, number)
        site.build(as_of=AS_OF + number * DAY, content=PLAIN, full=full)
        told.append((modified(site)["/t/typo"], lastmods(site)["/t/typo"], codes(site)))

    first, now = AS_OF + DAY, AS_OF + 3 * DAY
    assert told == [
        (time(first), f"{time(first):%Y-%m-%dT%H:%M:%SZ}", [("future_date", "/t/typo")]),
        (MENDED, "2024-03-05T00:00:00Z", [("date_moved", "/t/typo")]),
        (time(now), f"{time(now):%Y-%m-%dT%H:%M:%SZ}", []),
    ]
    assert modified(site)["/t/other"] == MENDED


@pytest.mark.parametrize("full", [False, True])
def test_an_early_year_is_forgotten_once_it_is_mended(site: Site, full: bool) -> None:
    take(site, 4)
    site.build(content=PLAIN)
    assert modified(site)["/t/typo"] == MENDED.replace(year=2014)
    take(site, 5)
    site.build(as_of=AS_OF + DAY, content=PLAIN, full=full)
    assert modified(site)["/t/typo"] == MENDED
    assert codes(site) == [("date_moved", "/t/typo")]


@pytest.mark.parametrize("order", list(itertools.permutations((1, 2, 3))))
def test_in_any_order_no_date_is_later_than_the_release_nor_depends_on_how_it_is_built(
    site: Site, tmp_path: Path, order: tuple[int, ...]
) -> None:
    (tmp_path / "twin").mkdir()
    twin = Site(tmp_path / "twin")
    edited = False
    for build, (before, number) in enumerate(itertools.pairwise((order[0], *order))):
        as_of = AS_OF + build * DAY
        edited |= (before == 3) is not (number == 3)
        for each, full in ((site, False), (twin, True)):
            take(each, number)
            each.build(as_of=as_of, content=PLAIN, full=full)
        assert site.rows("articles") == twin.rows("articles")
        assert site.rows("ledger") == twin.rows("ledger")
        assert max(filter(None, modified(site).values())) <= time(as_of)
        assert modified(site)["/t/other"] == MENDED
        if not edited:
            expected = time(AS_OF) if number == 1 else MENDED
            assert modified(site)["/t/typo"] == expected


def test_a_page_that_returns_has_the_date_that_it_states_or_was_seen_to_change(site: Site) -> None:
    take(site, 1)
    site.build(content=PLAIN)
    (site.raw / "a.md").unlink()
    site.build(as_of=AS_OF + DAY, content=PLAIN)
    take(site, 2)
    site.build(as_of=AS_OF + 2 * DAY, content=PLAIN)
    assert modified(site)["/t/typo"] == MENDED
    (site.raw / "a.md").unlink()
    site.build(as_of=AS_OF + 3 * DAY, content=PLAIN)
    take(site, 3)
    site.build(as_of=AS_OF + 4 * DAY, content=PLAIN)
    assert modified(site)["/t/typo"] == time(AS_OF + 4 * DAY)


def test_after_a_rollback_dates_follow_from_the_release_that_is_current(site: Site) -> None:
    releases = []
    for number in (1, 3):
        take(site, number)
        releases.append(site.build(as_of=AS_OF + number * DAY, content=PLAIN).release.id)
    assert modified(site)["/t/typo"] == time(AS_OF + 3 * DAY)
    pressroom("rollback", releases[0], "--out", site.out)
    assert modified(site)["/t/typo"] == time(AS_OF + DAY)
    take(site, 2)
    assert not site.build(as_of=AS_OF + 4 * DAY, content=PLAIN).published  # pinned
    pressroom("rollback", "--unpin", "--out", site.out)
    site.build(as_of=AS_OF + 5 * DAY, content=PLAIN)
    assert modified(site)["/t/typo"] == MENDED


PAGE = "---\ntitle: {name}\nurl: /{name}\nsubject: S\n{more}---\nText of {name}.\n"


def page(name: str, more: str = "") -> str:
    return PAGE.format(name=name, more=more)


def day(seconds: int) -> str:
    return f"{time(seconds):%Y-%m-%dT%H:%M:%SZ}"


def test_where_nothing_is_known_there_is_no_date(site: Site) -> None:
    site.write(a=page("a"), b=page("b", "date: 2024-03-05\n"))
    site.build(content=PLAIN)
    assert modified(site) == {"/a": None, "/b": MENDED}
    assert lastmods(site).keys() == {"/b"}
    assert {row["url"]: row["modified_from"] for row in site.rows("articles")} == {
        "/a": None,
        "/b": "stated",
    }
    site.write(a=page("a").replace("Text", "Another text"))
    site.build(as_of=AS_OF + DAY, content=PLAIN)
    assert modified(site)["/a"] == time(AS_OF + DAY)
    (row,) = (row for row in site.rows("articles") if row["url"] == "/a")
    assert (row["modified_from"], row["content_changed"]) == ("seen", time(AS_OF + DAY))


def build(site: Site, as_of: int, **options: Any) -> Any:
    return site.build(as_of=as_of, content=PLAIN, **options)


@pytest.mark.parametrize("key", ["date", "updated"])
def test_a_date_counts_once_it_has_come_though_no_file_has_changed(site: Site, key: str) -> None:
    soon = AS_OF + DAY
    site.write(a=page("a", f"{key}: {day(soon)}\n"))
    build(site, AS_OF)
    assert modified(site) == {"/a": time(AS_OF)}
    assert codes(site) == [("future_date", "/a")]
    current = local.current(site.out)
    assert current
    assert current.counts.next_due == soon

    assert not build(site, soon - 1).published
    assert build(site, soon).published
    assert modified(site) == {"/a": time(soon)}
    assert codes(site) == []
    current = local.current(site.out)
    assert current
    assert current.counts.next_due is None
    assert not build(site, soon + DAY).published


def test_a_date_that_is_held_until_it_comes_is_no_finding(site: Site) -> None:
    model = ContentModel(future="hold")
    site.write(a=page("a", f"date: {day(AS_OF + DAY)}\n"), b=page("b"))
    site.build(content=model)
    assert codes(site) == []
    assert lastmods(site) == {}
    site.build(as_of=AS_OF + DAY, content=model)
    assert lastmods(site) == {"/a": day(AS_OF + DAY)}


def test_a_date_of_which_the_year_must_be_mistyped_is_found_though_it_is_held(site: Site) -> None:
    model = ContentModel(future="hold")
    site.write(a=page("a", "date: 2042-03-05\n"), b=page("b", f"date: {day(AS_OF + 90 * DAY)}\n"))
    site.build(content=model)
    assert codes(site) == [("future_date", "/a")]


def test_a_moved_date_is_found_again_by_a_run_that_makes_the_same_release(site: Site) -> None:
    site.write(a=page("a", "date: 2014-03-05\n"), b=page("b"))
    build(site, AS_OF)
    site.write(a=page("a", "date: 2024-03-05\n"))
    build(site, AS_OF + DAY)
    assert codes(site) == [("date_moved", "/a")]
    (row,) = (row for row in site.rows("findings") if row["code"] == "date_moved")
    assert (row["source_path"], row["severity"]) == ("a.md", "info")
    assert row["message"] == "It was 2014-03-05, and is 2024-03-05."

    assert not build(site, AS_OF + 2 * DAY, full=True).published
    assert build(site, AS_OF + 2 * DAY, full=True, force=True).published
    assert codes(site) == [("date_moved", "/a")]
    site.write(b=page("b", "date: 2024-03-05\n"))
    build(site, AS_OF + 3 * DAY)
    assert codes(site) == []


def test_an_entry_of_atom_is_updated_when_what_readers_see_changes_AT_09(site: Site) -> None:
    def updated() -> str:
        text = (site.out / "current" / "site" / "atom.xml").read_text()
        return re.findall("<updated>(.*?)</updated>", text)[1]

    site.write(a=page("a", "date: 2024-03-05\n"))
    build(site, AS_OF)
    assert updated() == "2024-03-05T00:00:00Z"
    site.write(a=page("a", "date: 2024-03-05\nauthor: Ann\n"))
    build(site, AS_OF + DAY)
    assert updated() == "2024-03-05T00:00:00Z"
    site.write(a=page("a", "date: 2024-03-05\n").replace("Text", "Another text"))
    build(site, AS_OF + 2 * DAY)
    assert updated() == day(AS_OF + 2 * DAY)


def test_a_date_that_is_yet_to_come_stands_in_no_feed_and_its_article_where_it_was_seen(
    site: Site,
) -> None:
    def items() -> list[tuple[str, str | None]]:
        feed = json.loads((site.out / "current" / "site" / "feed.json").read_bytes())
        return [(item["title"], item.get("date_published")) for item in feed["items"]]

    site.write(a=page("a", "date: 2042-03-05\n"), b=page("b", "date: 2024-03-05\n"))
    build(site, AS_OF)
    assert items() == [("a", None), ("b", "2024-03-05T00:00:00Z")]
    site.write(c=page("c", f"date: {day(AS_OF + DAY)}\n"))
    build(site, AS_OF + DAY)
    assert items()[:2] == [("c", day(AS_OF + DAY)), ("a", None)]
    site.write(a=page("a", "date: 2023-03-05\n"))
    build(site, AS_OF + 2 * DAY)
    assert [title for title, _ in items()] == ["c", "b", "a"]
