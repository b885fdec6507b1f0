"""Former urls: what front matter states and what moved, from release to release."""

import datetime as dt
import random
from collections.abc import Iterable, Sequence

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.base.errors import PipelineError
from pressroom.model.columns import Column
from pressroom.model.content import ContentModel
from pressroom.model.link_schemas import REDIRECTS
from pressroom.model.settings import Limits
from pressroom.tables import redirects, scratch
from pressroom.tables.redirects import Move
from tests.conftest import AS_OF, Site

NOTHING = REDIRECTS.schema.empty_table()


def made(
    previous: pa.Table,
    live: Iterable[str],
    aliases: Sequence[tuple[str, str]] = (),
    moved: Iterable[tuple[str, str]] = (),
    as_of: int = 0,
) -> pa.Table:
    urls = set(live)
    stated = pa.table(
        [[one for one, _ in aliases], [url for _, url in aliases]], scratch.ALIASES.schema
    )
    moves = [Move(former, url, "id") for former, url in moved]
    return redirects.made(previous, stated, moves, lambda of: [one in urls for one in of], as_of)


def pairs(table: pa.Table) -> dict[str, tuple[str, bool]]:
    return {row["from_url"]: (row["to_url"], row["is_live"]) for row in table.to_pylist()}


def test_a_former_url_leads_to_where_its_article_is_now_however_often_that_moved() -> None:
    first = made(NOTHING, ["/b"], moved=[("/a", "/b")], as_of=1)
    second = made(first, ["/c"], moved=[("/b", "/c")], as_of=2)
    third = made(second, ["/d"], moved=[("/c", "/d")], as_of=3)

    assert pairs(third) == {"/a": ("/d", True), "/b": ("/d", True), "/c": ("/d", True)}
    assert third["since"].cast(pa.int64()).to_pylist() == [1, 2, 3]


def test_an_article_that_moves_back_ends_its_redirect_and_leaves_one_from_where_it_was() -> None:
    first = made(NOTHING, ["/b"], moved=[("/a", "/b")])

    assert pairs(made(first, ["/a"], moved=[("/b", "/a")])) == {"/b": ("/a", True)}


def test_a_redirect_to_an_article_that_is_gone_is_kept_and_leads_nowhere() -> None:
    first = made(NOTHING, ["/b"], moved=[("/a", "/b")])
    gone = made(first, ["/x"])

    assert pairs(gone) == {"/a": ("/b", False)}
    assert pairs(made(gone, ["/b"])) == {"/a": ("/b", True)}


def test_an_alias_that_its_article_states_no_longer_is_forgotten() -> None:
    stated = made(NOTHING, ["/a"], [("/old", "/a")])

    assert pairs(stated) == {"/old": ("/a", True)}
    assert pairs(made(stated, ["/a"])) == {}
    assert pairs(made(stated, [])) == {"/old": ("/a", False)}


def test_no_redirect_leads_from_a_url_that_an_article_has() -> None:
    assert pairs(made(NOTHING, ["/a", "/b"], [("/a", "/b")])) == {}


def test_of_two_articles_with_an_alias_the_first_has_it() -> None:
    assert pairs(made(NOTHING, ["/a", "/b"], [("/x", "/a"), ("/x", "/b")])) == {"/x": ("/a", True)}


URLS = [f"/{letter}" for letter in "abcdef"]
RELEASES = st.lists(
    st.tuples(
        st.sets(st.sampled_from(URLS), max_size=4),
        st.lists(st.tuples(st.sampled_from(URLS), st.sampled_from(URLS)), max_size=3),
    ),
    min_size=2,
    max_size=10,
)


@given(RELEASES, st.randoms(use_true_random=False))
def test_over_ten_releases_there_is_no_loop_no_chain_and_nothing_is_forgotten(
    releases: list[tuple[set[str], list[tuple[str, str]]]], rng: random.Random
) -> None:
    table, before, moved_ever = NOTHING, set[str](), set[str]()
    for number, (live, stated) in enumerate(releases):
        removed, added = sorted(before - live), sorted(live - before)
        rng.shuffle(added)
        moved = list(zip(removed, added, strict=False))
        aliases = [(alias, url) for alias, url in stated if url in live]
        table = made(table, live, aliases, moved, as_of=number)
        moved_ever = (moved_ever | {former for former, _ in moved}) - live
        found = pairs(table)

        assert not found.keys() & live
        assert all((url in live) == is_live for url, is_live in found.values())
        assert not any(url in found for url, is_live in found.values() if is_live)
        assert moved_ever <= found.keys()
        before = live


# --- whole builds --------------------------------------------------------------------------------

MODEL = ContentModel(columns={"id": Column("integer")})


def page(text: str = "Text.", **keys: object) -> str:
    return "---\n" + "".join(f"{key}: {value}\n" for key, value in keys.items()) + f"---\n{text}\n"


def found(site: Site) -> dict[str, tuple[str, str, str | None]]:
    return {
        row["from_url"]: (row["to_url"], row["kind"], row["evidence"])
        for row in site.rows("redirects")
    }


def build(site: Site, day: int = 0, **options: object) -> None:
    site.build(AS_OF + 86_400 * day, content=MODEL, limits=Limits(max_removed=1), **options)


def test_an_article_that_moved_is_known_by_its_id_or_its_content(site: Site) -> None:
    same = page("Same.", title="Same")
    site.write(a=page(id=1), b=page("Long.", title="B"), c=same, d=same, z=page(id=9))
    site.write(e=page("By its folder."))
    build(site)
    for name in "abcde":
        (site.raw / f"{name}.md").rename(site.raw / f"{name}2.md")
    site.write(a2=page("Other.", id=1), b2=page("Long.", title="B", mood="other"))
    build(site, 1)

    assert found(site) == {
        "/a/": ("/a2/", "moved", "id"),
        "/b/": ("/b2/", "moved", "content"),
        "/e/": ("/e2/", "moved", "file"),
    }


def test_links_to_a_former_url_lead_to_the_article_and_are_findings(site: Site) -> None:
    site.write(a=page(id=1), b=page("[a](/a/#x) [old](/old)"), c=page(aliases="/old"))
    build(site)
    (site.raw / "a.md").rename(site.raw / "moved.md")
    build(site, 1)

    links = {row["href"]: (row["target_url"], row["found_by"]) for row in site.rows("text_links")}
    assert links == {"/a/#x": ("/moved/", "alias"), "/old": ("/c/", "alias")}
    codes = [(row["url"], row["code"]) for row in site.rows("findings")]
    assert codes.count(("/b/", "alias_link")) == 2


def test_an_alias_that_is_the_url_or_an_alias_of_another_article_is_a_finding(site: Site) -> None:
    site.write(a=page(aliases="[/b/, /x]"), b=page(aliases="/x"))
    build(site)

    assert {row["url"] for row in site.rows("findings") if row["code"] == "taken_alias"} == {
        "/a/",
        "/b/",
    }
    assert found(site) == {"/x": ("/a/", "alias", None)}


def test_an_alias_that_differs_from_the_url_of_an_article_in_its_slash_alone_is_taken(
    site: Site,
) -> None:
    site.write(a=page(aliases="[/b, /a]"), b=page("Other."))
    build(site)

    assert found(site) == {}
    assert [row["url"] for row in site.rows("findings") if row["code"] == "taken_alias"] == ["/a/"]


def test_redirects_are_state_which_a_full_build_takes_from_the_release_before(site: Site) -> None:
    site.write(a=page(id=1), b=page(id=2))
    build(site)
    (site.raw / "a.md").rename(site.raw / "c.md")
    build(site, 1)
    before = site.rows("redirects")
    build(site, 2, full=True, force=True)

    assert site.rows("redirects") == before
    assert before[0]["since"] == dt.datetime.fromtimestamp(AS_OF + 86_400, dt.UTC)


def test_a_file_whose_edit_changes_its_url_has_moved(site: Site) -> None:
    site.write(a=page("One.", slug="one"), b=page("Two.", id=2))
    build(site)
    site.write(a=page("Another text.", slug="other"))
    build(site, 1)

    assert found(site) == {"/one/": ("/other/", "moved", "path")}


def test_redirects_that_are_lost_stop_the_build_unless_an_older_release_has_them(
    site: Site,
) -> None:
    for day in (1, 2):
        site.write(a=page(f"Text of day {day}.", aliases="/old"))
        build(site, day)
    kept = found(site)
    lost = "tables/redirects/part-00000.parquet"
    older, newest = sorted(site.out.glob(f"releases/*/{lost}"))
    for path in (older, newest):
        path.rename(path.with_suffix(".lost"))
    site.write(a=page("Text of another day.", aliases="/old"))
    with pytest.raises(PipelineError, match=f"{lost}, which remembers former urls"):
        build(site, 3)

    older.with_suffix(".lost").rename(older)
    build(site, 3)
    assert found(site) == kept


def test_web_servers_get_the_redirects_that_lead_to_an_article(site: Site) -> None:
    site.write(a=page(aliases="['/o*d:x', '/q?a=1', '/ü']"), b=page(id=2))
    build(site)

    folder = site.out / "current" / "site"
    assert (folder / "_redirects").read_text().splitlines() == [
        "/%C3%BC /a/ 301",
        "/o%2Ad%3Ax /a/ 301",
    ]
    assert (folder / "redirects.map").read_text().splitlines() == [
        '"~^/%C3%BC$" "/a/";',
        r'"~^/o\*d:x$" "/a/";',
        r'"~^/q\?a=1$" "/a/";',
    ]


@pytest.mark.parametrize("name", ["_redirects", "redirects.map"])
def test_without_redirects_there_is_no_file_of_them(site: Site, name: str) -> None:
    site.write(a=page())
    build(site)

    assert not (site.out / "current" / "site" / name).exists()
