"""What settings ask of sitemaps: further pages, what is left out, images, gzip, a stylesheet."""

import datetime as dt
import re
import shutil
from pathlib import Path
from typing import Any, Literal

import pytest
from lxml import etree

from pressroom.base.errors import SettingsError
from pressroom.model import settings_toml
from pressroom.model.collections import Collection
from pressroom.model.columns import Column
from pressroom.model.content import ContentModel
from pressroom.model.publishing import Page, Sitemaps
from pressroom.model.settings import Site as SiteSettings
from tests.conftest import AS_OF, Site, contents
from tests.standards import sitemaps
from tests.standards.crawler import crawled
from tests.standards.releases import Published, served_at

BASE = "https://a.example/docs"
SITE = SiteSettings(base_url=BASE)
INDEX = served_at(SITE, "sitemap.xml")
POSTS = Collection(("posts/**",), "posts")


def page(text: str = "Text.", **keys: str) -> str:
    stated = {"title": "T", "date": "2025-03-01", "category": "Guide", **keys}
    return "---\n" + "".join(f"{key}: {value}\n" for key, value in stated.items()) + f"---\n{text}"


def lay_out(site: Site, **files: str) -> None:
    """Write ``folder__name=text`` as ``folder/name.md``."""
    for name, text in files.items():
        path = site.raw / f"{name.replace('__', '/')}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)


def build(site: Site, asked: Sitemaps, as_of: int = AS_OF, **model: Any) -> dict[str, bytes]:
    """The sitemaps by the URLs they are served at, with their index, which are right."""
    content = ContentModel(**{"collections": (POSTS,), **model})
    site.build(as_of, site=SITE, content=content, sitemaps=asked, accept_removals=True)
    published = Published((site.out / "current").resolve(), SITE, as_of)
    files = published.files("sitemap*.xml") | published.files("sitemap*.xml.gz")
    pages = {entry.loc for data in children(files).values() for entry in sitemaps.entries(data)}
    assert not files or sitemaps.check_site(INDEX, files, pages, as_of) == []
    return files


def children(files: dict[str, bytes]) -> dict[str, bytes]:
    """The sitemaps without the index, as they were before they were compressed."""
    return {name: sitemaps.unpacked(name, data) for name, data in files.items() if name != INDEX}


def listed(files: dict[str, bytes]) -> dict[str, dict[str, str | None]]:
    """What stands in each sitemap: the paths below the base URL, with their ``lastmod``."""
    return {
        name.rpartition("/")[2]: {
            entry.loc.removeprefix(BASE): entry.lastmod for entry in sitemaps.entries(data)
        }
        for name, data in children(files).items()
    }


# --- further pages -------------------------------------------------------------------------------


def four(site: Site) -> None:
    lay_out(
        site,
        a=page(date="2025-03-01"),
        b=page(date="2024-05-06", category="C++"),
        posts__c=page(date="2025-04-02"),
        posts__d=page(date="2025-06-07", draft="true", category="Drafts"),
        e="---\ntitle: E\ncategory: ''\n---\n",
    )


def day(text: str) -> str:
    return f"{text}T00:00:00Z"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (Page("/"), {"/": None}),
        (Page("/learn/{subject_slug}"), {"/learn/c-plus-plus": None, "/learn/guide": None}),
        (
            Page("/learn/{subject_slug}/", "newest"),
            {"/learn/c-plus-plus/": day("2024-05-06"), "/learn/guide/": day("2025-04-02")},
        ),
        (Page("/{collection}", "newest"), {"/posts": day("2025-04-02")}),
        (Page("/{year}/", "newest"), {"/2024/": day("2024-05-06"), "/2025/": day("2025-04-02")}),
        (
            Page("/{year}/{month}/{collection|}", "newest"),
            {
                "/2024/05/": day("2024-05-06"),
                "/2025/03/": day("2025-03-01"),
                "/2025/04/posts": day("2025-04-02"),
            },
        ),
        (Page("/é ü?q={subject_slug:plus}"), {
            "/%C3%A9%20%C3%BC?q=c-plus-plus": None,
            "/%C3%A9%20%C3%BC?q=guide": None,
        }),
        (Page("/{language}/"), {}),
    ],
)  # fmt: skip
def test_a_page_stands_for_each_value_that_listed_articles_have(
    site: Site, asked: Page, expected: dict[str, str | None]
) -> None:
    four(site)
    files = listed(build(site, Sitemaps(pages=(asked,))))

    assert files.get("sitemap-pages-1.xml", {}) == expected


def test_the_newest_of_all_articles_is_that_of_a_page_without_names(site: Site) -> None:
    four(site)
    (site.raw / "e.md").unlink()
    asked = Sitemaps(pages=(Page("/", "newest"), Page("/about/")))
    files = listed(build(site, asked))
    assert files["sitemap-pages-1.xml"] == {"/": day("2025-04-02"), "/about/": None}

    lay_out(site, posts__c=page("Another.", date="2025-04-02"))
    files = listed(build(site, asked, AS_OF + 60))
    moved = dt.datetime.fromtimestamp(AS_OF + 60, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert files["sitemap-pages-1.xml"]["/"] == moved


def test_a_page_that_a_file_is_or_another_pattern_has_is_not_listed_twice_SM_09_G_10(
    site: Site,
) -> None:
    four(site)
    lay_out(site, guide=page(), **{"c-plus-plus": page(draft="true")})
    asked = (Page("/{subject_slug}/", "newest"), Page("/x/"), Page("/x/", "newest"), Page("/a/"))
    files = listed(build(site, Sitemaps(pages=asked)))

    assert files["sitemap-pages-1.xml"] == {"/x/": None}
    assert "/guide/" in files["sitemap-guide-1.xml"]


def test_pages_of_a_language_begin_with_it_as_those_of_articles_do(site: Site) -> None:
    lay_out(site, a=page(), fr__b=page(date="2025-02-02"))
    asked = Sitemaps(pages=(Page("/{language}/", "newest"), Page("/{language}/in/{subject_slug}")))
    both: dict[str, Any] = {"languages": ("en", "fr")}
    files = listed(build(site, asked, **both))
    assert files["sitemap-pages-1.xml"] == {
        "/": day("2025-03-01"),
        "/fr/": day("2025-02-02"),
        "/in/guide": None,
        "/fr/in/guide": None,
    }

    files = listed(build(site, asked, AS_OF + 60, main_language_in_urls=True, **both))
    assert [*files["sitemap-pages-1.xml"]] == ["/en/", "/fr/", "/en/in/guide", "/fr/in/guide"]


def test_pages_are_divided_and_stand_behind_the_articles_of_a_subject_of_that_name(
    site: Site,
) -> None:
    lay_out(site, a=page(category="Pages"), b=page(category="Pages"))
    files = listed(build(site, Sitemaps(urls=3, pages=tuple(map(Page, ("/x", "/y", "/z"))))))

    assert {name: [*urls] for name, urls in files.items()} == {
        "sitemap-pages-1.xml": ["/a/", "/b/", "/x"],
        "sitemap-pages-2.xml": ["/y", "/z"],
    }


def test_a_site_of_further_pages_alone_has_sitemaps_SM_10(site: Site) -> None:
    lay_out(site, a=page(draft="true"))

    files = listed(build(site, Sitemaps(pages=(Page("/", "newest"),))))
    assert files == {"sitemap-pages-1.xml": {"/": None}}
    assert build(site, Sitemaps(pages=(Page("/a/"), Page("/{year}"))), AS_OF + 60) == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[sitemaps.pages]]\nurl = '/{subjekt_slug}'", "2: sitemaps.pages.0.url: unknown name"),
        ("[[sitemaps.pages]]\nurl = '/{subject_slug'", "2: sitemaps.pages.0.url: the template"),
        ("[[sitemaps.pages]]\nurl = '/{tags}'", "known are subject_slug, collection, language"),
        ("[[sitemaps.pages]]\nurl = '/'\n[[sitemaps.pages]]\nurl = 'a'", "4: sitemaps.pages.1.url"),
        ("[[sitemaps.pages]]\nurl = 'https://a.example/'", "2: sitemaps.pages.0.url: "),
        ("[[sitemaps.pages]]\nurl = '//a.example/'", "2: sitemaps.pages.0.url: "),
        ("[[sitemaps.pages]]\nurl = '/#a'", "2: sitemaps.pages.0.url: "),
        ("[[sitemaps.pages]]\nurl = '/a'\nlastmod = 'now'", "3: sitemaps.pages.0.lastmod: "),
        ("[[sitemaps.pages]]\nlastmod = 'none'", "1: sitemaps.pages.0.url: "),
        ("[[sitemaps.pages]]\nurl = '/a'\nlastmodd = 1", "did you mean 'lastmod'"),
        ("[sitemaps]\nleave_out_collections = ['post']", "2: sitemaps.leave_out_collections: "),
        ("[sitemaps]\nleave_out_subjects = 'a'", "2: sitemaps.leave_out_subjects: "),
    ],
)
def test_settings_that_mean_nothing_are_refused_with_their_line(text: str, message: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(message)):
        settings_toml.parse(text, Path("pressroom.toml"))


def test_the_settings_of_sitemaps_are_read() -> None:
    text = """
        [sitemaps]
        leave_out_collections = ["posts"]
        gzip = true
        [[sitemaps.pages]]
        url = "/learn/{subject_slug}"
        lastmod = "newest"
        [[content.collections]]
        name = "posts"
        files = "posts/**"
    """
    assert settings_toml.parse(text, Path("pressroom.toml")).sitemaps == Sitemaps(
        pages=(Page("/learn/{subject_slug}", "newest"),),
        leave_out_collections=("posts",),
        gzip=True,
    )


# --- what is left out ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, {"/a/", "/b/", "/c/", "/e/"}),
        ({"leave_out_collections": ("posts",)}, {"/a/", "/b/", "/e/"}),
        ({"leave_out_subjects": ("C++",)}, {"/a/", "/c/", "/e/"}),
        ({"leave_out_subjects": ("c-plus-plus", "Guide")}, {"/e/"}),
        ({"leave_out_collections": ("posts",), "leave_out_subjects": ("guide",)}, {"/b/", "/e/"}),
    ],
)
def test_what_is_left_out_stands_in_no_sitemap(
    site: Site, asked: dict[str, Any], expected: set[str]
) -> None:
    four(site)
    files = listed(build(site, Sitemaps(**asked, pages=(Page("/in/{subject_slug}"),))))

    assert {url for urls in files.values() for url in urls if "/in/" not in url} == expected
    of_pages = {*files["sitemap-pages-1.xml"]} if "sitemap-pages-1.xml" in files else set()
    assert ("/in/guide" in of_pages) == bool({"/a/", "/c/"} & expected)


# --- images --------------------------------------------------------------------------------------

IMAGES = {
    "![A](/img/a.png)": f"{BASE}/img/a.png",
    "![B](b.png)": f"{BASE}/a/b.png",
    "![C](../c%20d.png#x)": f"{BASE}/c%20d.png",
    "![D](<e f.png>)": f"{BASE}/a/e%20f.png",
    "![E](https://cdn.example/é.png?a=1&b='2')": "https://cdn.example/%C3%A9.png?a=1&b='2'",
    "![F](//cdn.example/f.png)": "https://cdn.example/f.png",
    "![G](100%.png)": f"{BASE}/a/100%25.png",
    "![H](data:image/png;base64,AAAA)": None,
    "![I](mailto:a@b.example)": None,
    "![J](http://[::1)": None,
    f"![K](/{'k' * 2100}.png)": None,
    "![L]()": None,
    "[M](/img/m.png)": None,
}


def images(files: dict[str, bytes]) -> dict[str, tuple[str, ...]]:
    return {
        entry.loc.removeprefix(BASE): entry.images
        for data in children(files).values()
        for entry in sitemaps.entries(data)
    }


@pytest.mark.parametrize("written", IMAGES)
def test_an_image_of_a_text_is_named_by_its_absolute_url_G_06(site: Site, written: str) -> None:
    lay_out(site, a=page(written))
    found = images(build(site, Sitemaps(images=True)))

    assert found == {"/a/": tuple(filter(None, [IMAGES[written]]))}


def test_the_image_of_an_article_comes_first_and_each_stands_once_G_06(site: Site) -> None:
    lay_out(
        site,
        a=page("![x](/x.png) ![y](/y.png) ![x](/x.png)", image="/y.png"),
        b=page("No image.", image="cover.jpg"),
        c=page("![x](/x.png)", draft="true", image="/y.png"),
    )
    columns = {"image": Column()}
    found = images(build(site, Sitemaps(images=True), columns=columns))
    assert found == {
        "/a/": (f"{BASE}/y.png", f"{BASE}/x.png"),
        "/b/": (f"{BASE}/b/cover.jpg",),
    }
    assert not any(images(build(site, Sitemaps(), AS_OF + 60, columns=columns)).values())
    listed_too = images(build(site, Sitemaps(images=True), AS_OF + 120, columns={"image": LIST}))
    assert listed_too["/b/"] == ()


LIST = Column("list")


def test_a_page_names_1000_images_at_most_G_06(site: Site) -> None:
    lay_out(site, a=page("".join(f"![x](/{number}.png)\n" for number in range(1_001))))

    [found] = images(build(site, Sitemaps(images=True))).values()
    assert (len(found), found[-1]) == (1_000, f"{BASE}/999.png")


def test_an_image_that_a_text_gains_moves_its_url_SM_12(site: Site) -> None:
    lay_out(site, a=page(), b=page(category="Other"))
    before = build(site, Sitemaps(images=True))
    lay_out(site, a=page("Text. ![x](/x.png)"))
    after = build(site, Sitemaps(images=True), AS_OF + 60)

    changed = {name.rpartition("/")[2] for name in after if after[name] != before[name]}
    assert changed == {"sitemap.xml", "sitemap-guide-1.xml"}


# --- gzip ----------------------------------------------------------------------------------------


def test_all_but_the_index_are_compressed_and_their_bytes_are_stable_SM_14(site: Site) -> None:
    four(site)
    plain = build(site, Sitemaps())
    packed = build(site, Sitemaps(gzip=True), AS_OF + 60)

    assert {name.removesuffix(".gz"): data for name, data in children(packed).items()} == (
        children(plain)
    )
    assert all(name.endswith(".gz") for name in packed if name != INDEX)
    times = {entry.lastmod for entry in sitemaps.entries(packed[INDEX])}
    lay_out(site, b=page("Another.", date="2024-05-06", category="C++"))
    again = build(site, Sitemaps(gzip=True), AS_OF + 120)
    assert {name for name in again if again[name] != packed[name]} == {
        INDEX,
        served_at(SITE, "sitemap-c-plus-plus-1.xml.gz"),
    }
    assert len(times) == 1 < len({entry.lastmod for entry in sitemaps.entries(again[INDEX])})


def test_the_limit_of_bytes_is_that_of_what_is_not_compressed_SM_08(site: Site) -> None:
    lay_out(site, **{f"n{number:03}": page() for number in range(200)})
    plain = build(site, Sitemaps(bytes=16_384))
    packed = build(site, Sitemaps(bytes=16_384, gzip=True), AS_OF + 60)

    assert len(packed) == len(plain) > 2
    assert max(map(len, children(packed).values())) <= 16_384


# --- the stylesheet ------------------------------------------------------------------------------


def shown(data: bytes, folder: Path) -> Any:
    """A sitemap as a browser shows it, by the stylesheet that it names."""
    document = etree.fromstring(data).getroottree()
    [instruction] = document.xpath("/processing-instruction('xml-stylesheet')")
    assert instruction.get("type") == "text/xsl"
    transform = etree.XSLT(etree.parse(folder / instruction.get("href")))
    made = transform(document)
    assert len(transform.error_log) == 0
    return etree.HTML(bytes(made))


def test_xslt_shows_all_that_a_sitemap_holds_as_a_table(site: Site) -> None:
    lay_out(site, a=page("![x](/x.png)"), b=page(), fr__a=page(category="Aide"))
    files = build(site, Sitemaps(images=True, stylesheet="xsl"), languages=("en", "fr"))
    folder = site.out / "current" / "site"

    for data in files.values():
        html = shown(data, folder)
        rows = html.findall(".//tbody/tr")
        for row, entry in zip(rows, sitemaps.entries(data), strict=True):
            link = row.find("td/a")
            assert (link.get("href"), link.text) == (entry.loc, entry.loc)
            assert row.find("td/time").get("datetime") == entry.lastmod
    html = shown(files[served_at(SITE, "sitemap-guide-1.xml")], folder)
    assert html.xpath("//th/text()") == ["Page", "Last changed", "Languages", "Images"]
    assert html.xpath("//tbody/tr[1]/td[3]/a/@href") == [f"{BASE}/a/", f"{BASE}/fr/a/"]
    assert html.xpath("//tbody/tr[1]/td[4]/text()") == ["1"]


@pytest.mark.parametrize("kind", ["css", "xsl", ""])
def test_the_stylesheet_that_is_named_is_there_where_there_are_sitemaps(
    site: Site, kind: Literal["css", "xsl", ""]
) -> None:
    lay_out(site, a=page())
    files = build(site, Sitemaps(stylesheet=kind))
    named = f'<?xml-stylesheet type="text/{kind}" href="sitemap.{kind}"?>\n'.encode()
    assert len(files) == 2
    assert all(data.count(named) == data.count(b"<?xml-stylesheet") for data in files.values())
    assert all((named in data) is bool(kind) for data in files.values())
    assert stylesheets(site) == ([f"site/sitemap.{kind}"] if kind else [])

    lay_out(site, a=page(draft="true"))
    assert build(site, Sitemaps(stylesheet=kind), AS_OF + 60) == {}
    assert stylesheets(site) == []


def stylesheets(site: Site) -> list[str]:
    return [path for path in contents(site.out / "current") if path.endswith((".css", ".xsl"))]


# --- all of it, for readers ----------------------------------------------------------------------


def rich(site: Site, **more: Any) -> dict[str, bytes]:
    lay_out(
        site,
        a=page("![x](/x.png) ![y](https://cdn.example/é&.png)"),
        b=page(category="Ünder"),
        fr__a=page(category="Aide", image="/x.png"),
        fr__b=page(category="Ünder"),
    )
    asked = Sitemaps(images=True, pages=(Page("/{language}/", "newest"),), **more)
    return build(site, asked, languages=("en", "fr"), columns={"image": Column()})


def test_xmllint_validates_languages_images_and_further_pages_SM_01(site: Site) -> None:
    xmllint = shutil.which("xmllint")
    if xmllint is None:
        pytest.skip("xmllint is not installed: apt-get install libxml2-utils")
    rich(site)

    assert sitemaps.refused(xmllint, [*(site.out / "current/site").glob("sitemap*.xml")]) == ""


@pytest.mark.parametrize("gzip", [False, True])
def test_a_crawler_finds_languages_images_and_further_pages(site: Site, gzip: bool) -> None:
    files = rich(site, gzip=gzip)
    found = {
        page.url.removeprefix(BASE): (
            page.last_modified,
            {code: url.removeprefix(BASE) for code, url in page.alternates or ()},
            [image.loc for image in page.images or ()],
        )
        for page in crawled(INDEX, files)
    }

    time = dt.datetime(2025, 3, 1, tzinfo=dt.UTC)
    of_a, of_b = ({"en": f"/{one}/", "fr": f"/fr/{one}/", "x-default": f"/{one}/"} for one in "ab")
    of_site, of_cdn = f"{BASE}/x.png", "https://cdn.example/%C3%A9&.png"
    assert found == {
        "/a/": (time, of_a, [of_site, of_cdn]),
        "/b/": (time, of_b, []),
        "/fr/a/": (time, of_a, [of_site]),
        "/fr/b/": (time, of_b, []),
        "/": (time, {}, []),
        "/fr/": (time, {}, []),
    }
