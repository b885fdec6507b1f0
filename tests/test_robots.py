"""robots.txt as independent readers of RFC 9309 read it, and what it must not forbid."""

import re
import urllib.robotparser
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from protego import Protego

from pressroom.base.errors import AuditError, SettingsError
from pressroom.exports import robots
from pressroom.model.crawlers import Robots, RobotsRule
from pressroom.model.publishing import Page, Sitemaps
from pressroom.model.settings import Site as SiteSettings
from pressroom.model.settings_toml import parse
from tests.conftest import AS_OF, ROOT, Site, article
from tests.standards.releases import Published, served_at

pytest_plugins = ["tests.standards.fixtures"]

HOST = "https://a.example"


def published(site: Site, stated: Robots, base_url: str = HOST, **files: str) -> str:
    """The robots.txt of a site of an article `a` and others."""
    site.write(a=article(slug="a"), **files)
    site.build(robots=stated, site=SiteSettings(base_url=base_url))
    return (site.out / "current/site/robots.txt").read_bytes().decode("utf-8")


def told(site: Site) -> list[str]:
    """What was told of the last build about robots.txt."""
    return [line for line in site.lines if line.startswith("robots.txt forbids")]


# --- what is published ---------------------------------------------------------------------------


def test_each_release_allows_all_that_it_lists_and_names_its_sitemaps_RB_01_to_RB_03(
    release: Published,
) -> None:
    [(_, data)] = release.files("robots.txt").items()
    read = Protego.parse(data.decode("utf-8"))
    index = served_at(release.site, "sitemap.xml")

    assert len(data) <= 500 * 1024
    assert list(read.sitemaps) == [index]
    pages = [release.site.base_url + row["url"] for row in release.indexable()]
    for url in [*pages, *release.files("sitemap*.xml")]:
        assert read.can_fetch(url, "anybody"), url


def test_without_settings_all_is_allowed(site: Site) -> None:
    text = published(site, Robots())
    assert text == f"User-agent: *\nDisallow:\n\nSitemap: {HOST}/sitemap.xml\n"


def test_a_site_without_sitemaps_names_none(site: Site) -> None:
    site.write(a=article(slug="a", no_index="true"))
    site.build()
    assert not (site.out / "current/site/sitemap.xml").exists()
    assert (site.out / "current/site/robots.txt").read_text() == "User-agent: *\nDisallow:\n"


@pytest.mark.parametrize(
    ("sitemaps", "has_any"),
    [
        (Sitemaps(pages=(Page("/"),)), True),
        (Sitemaps(pages=(Page("/learn/{subject_slug}"),)), False),
        (Sitemaps(pages=(Page("/learn/databases/questions/hidden"),)), False),
    ],
)
def test_sitemaps_may_list_pages_that_no_file_stands_for(
    site: Site, sitemaps: Sitemaps, has_any: bool
) -> None:
    site.write(a=article(slug="hidden", no_index="true"))
    site.build(sitemaps=sitemaps)
    root = site.out / "current/site"
    assert (root / "sitemap.xml").exists() == has_any
    assert ("Sitemap:" in (root / "robots.txt").read_text()) == has_any


def test_a_site_whose_sitemaps_leave_out_everything_names_none(site: Site) -> None:
    site.write(a=article(slug="a"))
    site.build(sitemaps=Sitemaps(leave_out_subjects=("Databases",)))
    root = site.out / "current/site"
    assert not (root / "sitemap.xml").exists()
    assert "Sitemap:" not in (root / "robots.txt").read_text()


def test_what_sitemaps_leave_out_may_be_forbidden_and_further_pages_may_not(site: Site) -> None:
    site.write(a=article(slug="a"), b=article(slug="b", subject="Maths", url="/maths/b"))
    site.build(
        robots=Robots(disallow=("/learn/", "/maths$")),
        sitemaps=Sitemaps(leave_out_subjects=("Databases",), pages=(Page("/maths"),)),
    )
    [line] = told(site)
    assert "forbids 1 page that sitemaps list, such as /maths (" in line


RULES = Robots(
    allow=("/drafts/shown/",),
    disallow=("/drafts/", "/*.pdf$", "/näher dran"),
    rules=(
        RobotsRule(("GPTBot", "CCBot"), disallow=("/",)),
        RobotsRule(("Kind",), allow=("/",)),
        RobotsRule(("Free",)),
    ),
)
CASES = [
    ("Any", "/", True),
    ("Any", "/drafts/a", False),
    ("Any", "/drafts/shown/a", True),
    ("Any", "/a.pdf", False),
    ("Any", "/a.pdf?page=2", True),
    ("Any", "/n%C3%A4her%20dran/a", False),
    ("Any", "/naher", True),
    ("GPTBot", "/", False),
    ("ccbot", "/drafts/shown/", False),
    ("Kind", "/drafts/a", True),
    ("Free", "/drafts/a", True),
]


@pytest.mark.parametrize("base_path", ["", "/a/b~c"])
def test_readers_understand_the_rules_as_they_are_meant(site: Site, base_path: str) -> None:
    text = published(site, RULES, HOST + base_path)
    protego = Protego.parse(text)
    python = urllib.robotparser.RobotFileParser()
    python.parse(text.splitlines())

    for agent, path, is_allowed in CASES:
        assert protego.can_fetch(HOST + base_path + path, agent) == is_allowed, (agent, path)
    for read in (list(protego.sitemaps), python.site_maps()):
        assert read == [f"{HOST}{base_path}/sitemap.xml"]
    assert not python.can_fetch("GPTBot", f"{HOST}{base_path}/a")
    assert not python.can_fetch("Any", f"{HOST}{base_path}/drafts/a")


def test_the_sitemaps_stand_outside_of_any_group_RB_01(site: Site) -> None:
    *groups, last = published(site, RULES).split("\n\n")
    assert re.fullmatch("Sitemap: .*\n", last)
    assert [group.partition("\n")[0] for group in groups] == [
        "User-agent: *", "User-agent: GPTBot", "User-agent: Kind", "User-agent: Free",
    ]  # fmt: skip


def test_a_site_below_a_path_says_nothing_of_the_rest_of_its_host(site: Site) -> None:
    read = Protego.parse(published(site, RULES, f"{HOST}/docs"))
    assert read.can_fetch(f"{HOST}/drafts/a", "Any")
    assert read.can_fetch(f"{HOST}/elsewhere", "GPTBot")


# --- what it forbids of what is listed -----------------------------------------------------------


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        (Robots(), []),
        (Robots(disallow=("/drafts/",)), []),
        (Robots(rules=(RobotsRule(("GPTBot",), disallow=("/",)),)), []),
        (Robots(disallow=("/",), allow=("/learn/", "/sitemap")), []),
        (Robots(disallow=("/learn/*/b",)), ["1 page", "/learn/databases/questions/b"]),
        (Robots(disallow=("/learn/",)), ["2 pages"]),
        (Robots(disallow=("/sitemap-",)), ["1 sitemap", "/sitemap-databases-1.xml"]),
        (
            Robots(rules=(RobotsRule(("Googlebot",), disallow=("/learn/*/a$",)),)),
            ["1 page", "/learn/databases/questions/a (User-agent: Googlebot)"],
        ),
    ],
)
def test_what_search_engines_are_to_read_and_may_not_is_told_RB_03(
    site: Site, stated: Robots, said: list[str]
) -> None:
    published(site, stated, b=article(slug="b"), c=article(slug="hidden", no_index="true"))
    lines = told(site)
    assert len(lines) == bool(said)
    assert all(text in lines[0] for text in said)


def test_a_release_whose_sitemaps_nobody_may_read_is_held_back_and_all_is_told_RB_03(
    site: Site,
) -> None:
    with pytest.raises(AuditError, match="RB-03"):
        published(site, Robots(disallow=("/",)))
    assert [re.findall(r"forbids (\d \w+)", line) for line in told(site)] == [
        ["1 page"], ["2 sitemaps"],
    ]  # fmt: skip


_PIECES = st.lists(st.sampled_from(["/", "a", "b", "*", "%C3%A9", ".", "-"]), max_size=4)
_PATTERNS = st.tuples(_PIECES, st.sampled_from(["", "$"])).map(
    lambda made: "/" + "".join(made[0]) + made[1]
)


@given(
    st.lists(_PATTERNS, max_size=3),
    st.lists(_PATTERNS, max_size=3),
    st.lists(st.lists(st.sampled_from(["/", "a", "b", "%C3%A9", ".", "-"]), max_size=5)),
)
def test_what_is_forbidden_is_what_an_independent_reader_finds_forbidden(
    allow: list[str], disallow: list[str], paths: list[list[str]]
) -> None:
    group = RobotsRule(("*",), tuple(allow), tuple(disallow))
    lines = [f"Allow: {one}" for one in allow] + [f"Disallow: {one}" for one in disallow]
    read = Protego.parse("\n".join(["User-agent: *", *lines]))
    urls = ["/" + "".join(path) for path in paths]

    found = robots.forbidden(group, pa.chunked_array([pa.array(urls, pa.string())])).to_pylist()

    assert found == [url for url in urls if not read.can_fetch(HOST + url, "Any")]


# --- settings ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[robots]\ndisallow = ["drafts/"]', "2: robots.disallow: 'drafts/' does not begin"),
        ("[[robots.rules]]\nuser_agents = []", "2: robots.rules.0.user_agents: Tuple should"),
        ('[[robots.rules]]\ndisallow = ["/"]', "1: robots.rules.0.user_agents: "),
        ('[[robots.rules]]\nuser_agents = ["G Bot"]', "2: robots.rules.0.user_agents: 'G Bot' is"),
        ('[[robots.rules]]\nuser_agents = ["a\\nb"]', "2: robots.rules.0.user_agents: "),
        ('[[robots.rules]]\nuser_agents = ["*"]', "2: robots.rules.0.user_agents: what all"),
        (
            '[[robots.rules]]\nuser_agents = ["A"]\n[[robots.rules]]\nuser_agents = ["a"]',
            "4: robots.rules.1.user_agents: 'a' is named twice",
        ),
        ("[robots]\ndisalow = []", "2: unknown key 'robots.disalow'; did you mean 'disallow'?"),
    ],
)
def test_wrong_rules_are_refused_with_their_line(text: str, said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        parse(text, ROOT / "pressroom.toml")
    assert f"pressroom.toml:{said}" in str(refused.value)


def test_settings_state_rules_as_robots_txt_has_them() -> None:
    text = '[robots]\ndisallow = ["/drafts/"]\n[[robots.rules]]\nuser_agents = ["GPTBot"]\n'
    stated: Any = parse(text + 'disallow = ["/"]', ROOT / "pressroom.toml").robots
    assert stated == Robots((), ("/drafts/",), (RobotsRule(("GPTBot",), (), ("/",)),))


def test_a_change_of_articles_links_the_file_of_the_last_release(site: Site) -> None:
    site.write(a=article(slug="a"))
    first = site.build().release.root / "site"
    site.write(b=article(slug="b"))
    second = site.build(AS_OF + 60).release.root / "site"
    for name in ("robots.txt", "_headers"):
        assert (first / name).stat().st_ino == (second / name).stat().st_ino
