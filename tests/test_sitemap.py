"""Sitemaps as sitemaps.org and Google read them."""

import datetime as dt
import gzip
import re
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pressroom.exports.sitemaps import index
from pressroom.exports.sitemaps.sitemap import SitemapJob, write_sitemaps
from pressroom.model.publishing import Sitemaps
from pressroom.model.settings import Settings
from pressroom.model.settings import Site as SiteSettings
from pressroom.model.table import TIMESTAMP
from pressroom.releases import cache
from tests.conftest import AS_OF, Site, article, contents
from tests.quicktakes import quicktakes
from tests.standards import sitemaps
from tests.standards.releases import Published, served_at

pytest_plugins = ["tests.standards.fixtures"]

HERE = "https://a.example/s.xml"
SITE = SiteSettings(base_url="https://a.example")
DAY = dt.datetime(2025, 3, 1, tzinfo=dt.UTC)

# --- the checker ---------------------------------------------------------------------------------


def urlset(inner: str, root: str = "urlset") -> bytes:
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{sitemaps.NAMESPACE}">'
    return f"{head}{inner}</{root}>".encode()


def url(path: str = "/a", rest: str = "") -> str:
    return f"<url><loc>https://a.example{path}</loc>{rest}</url>"


def image(path: str) -> str:
    loc = f"https://a.example{path}"
    return f'<i:image xmlns:i="{sitemaps.IMAGE}"><i:loc>{loc}</i:loc></i:image>'


def alternate(code: str, path: str) -> str:
    attributes = f'rel="alternate" hreflang="{code}" href="https://a.example{path}"'
    return f'<x:link xmlns:x="{sitemaps.XHTML}" {attributes}/>'


@pytest.mark.parametrize(
    "inner",
    [
        url(),
        url("/a?b=c&amp;d=%C3%A9"),
        url("/it&apos;s"),
        url("/", "<lastmod>2024-11-26</lastmod>"),
        url("/", "<lastmod>2024-11-26T10:00:00Z</lastmod>"),
        url("/", "<lastmod>2024-11-26T10:00:00+01:00</lastmod>"),
        url("/", "".join(image(f"/{number}") for number in range(1_000))),
        url("/", alternate("en", "/") + alternate("zh-Hant-TW", "/zh/") + image("/i")),
    ],
)
def test_the_checker_passes_what_is_right(inner: str) -> None:
    assert sitemaps.check_file(HERE, urlset(inner)) == []


@pytest.mark.parametrize(
    ("rule", "data"),
    [
        ("SM-01", b"<urlset>"),
        ("SM-01", urlset(url()).replace(b"UTF-8", b"ISO-8859-1")),
        ("SM-01", urlset(url("/\u00e9")).decode().encode("latin-1")),
        ("SM-01", b'<urlset xmlns="http://www.google.com/schemas/sitemap/0.84"/>'),
        ("SM-02", urlset("<url/>")),
        ("SM-02", urlset("<url><loc>/relative/path</loc></url>")),
        ("SM-02", urlset(url("/" + "a" * 2031))),
        ("SM-03", urlset(url("/a b"))),
        ("SM-03", urlset(url("/\u00e9"))),
        ("SM-03", urlset(url("/100%"))),
        ("SM-03", urlset(url("/it's"))),
        ("SM-04", urlset("<url><loc>https://b.example/a</loc></url>")),
        ("SM-04", urlset("<url><loc>http://a.example/a</loc></url>")),
        ("SM-05", urlset(url("/", "<lastmod>2024-11</lastmod>"))),
        ("SM-05", urlset(url("/", "<lastmod>2024-11-26T10:00:00</lastmod>"))),
        ("SM-05", urlset(url("/", "<lastmod>2024-11-26T10:00Z</lastmod>"))),
        ("SM-05", urlset(url("/", "<lastmod>2024-02-30</lastmod>"))),
        ("SM-05", urlset(url("/", "<lastmod>999-01-01T00:00:00Z</lastmod>"))),
        ("SM-06", urlset("<url><lastmod>2024-11-26</lastmod><loc>https://a.example/</loc></url>")),
        ("XSD", urlset(url("/", "<priority>1.1</priority>"))),
        ("XSD", urlset(url("/", "<changefreq>Daily</changefreq>"))),
        ("XSD", urlset("")),
        ("XSD", urlset("", "sitemapindex")),
        ("SM-08", urlset(url() * 50_001)),
        ("SM-09", urlset(url() * 2)),
        ("SM-10", urlset("")),
        ("SM-11", urlset(url(), "sitemapindex")),
        ("G-01", urlset(url("/", "<priority>0.5</priority>"))),
        ("SM-06", urlset(url("/", f"{image('/i')}<lastmod>2024-11-26</lastmod>"))),
        ("XSD", urlset(url("/", image("/i").replace("loc", "caption")))),
        ("XSD", urlset(url("/", alternate("en", "/").replace("alternate", "canonical")))),
        ("XSD", urlset(url("/", alternate("en us", "/")))),
        ("SM-03", urlset(url("/", alternate("en", "/&apos;").replace("&apos;", "'")))),
        ("G-03", urlset(url("/a#b"))),
        ("G-06", urlset(url("/", "".join(image(f"/{number}") for number in range(1_001))))),
        ("G-06", urlset(url("/", image("/i") * 2))),
        ("G-06", urlset(url("/", image("/i").replace("https://a.example", "")))),
        ("G-06", urlset(url("/", image("/a b")))),
    ],
)
def test_the_checker_finds_what_is_wrong(rule: str, data: bytes) -> None:
    assert rule in {problem.split()[0] for problem in sitemaps.check_file(HERE, data)}


@pytest.mark.parametrize(
    ("data", "is_right"),
    [
        (gzip.compress(urlset(url()), mtime=0), True),
        (gzip.compress(urlset(url()), mtime=1), False),
        (urlset(url()), False),
        (gzip.compress(urlset(url()), mtime=0)[:-9], False),
    ],
)
def test_the_checker_reads_what_is_compressed_SM_14(data: bytes, is_right: bool) -> None:
    found = sitemaps.check_file(f"{HERE}.gz", data)

    assert {problem.split()[0] for problem in found} == (set() if is_right else {"SM-14"})


INDEX = "https://a.example/sitemap.xml"
_CHILD = urlset(url("/a", "<lastmod>2025-03-01</lastmod>"))


def indexed(*names: str, lastmod: str = "2025-03-01") -> bytes:
    inner = "".join(
        f"<sitemap><loc>https://a.example/{name}</loc><lastmod>{lastmod}</lastmod></sitemap>"
        for name in names
    )
    return urlset(inner, "sitemapindex")


@pytest.mark.parametrize(
    ("rule", "files", "pages"),
    [
        (None, {INDEX: indexed("s.xml"), HERE: _CHILD}, {"https://a.example/a"}),
        (
            "SM-09",
            {INDEX: indexed("s.xml", "t.xml"), HERE: _CHILD, f"{HERE[:-5]}t.xml": _CHILD},
            {},
        ),
        ("SM-11", {HERE: _CHILD}, {}),
        ("SM-11", {INDEX: indexed("s.xml"), HERE: indexed("t.xml")}, {}),
        ("SM-12", {INDEX: indexed("s.xml", lastmod="2025-02-28"), HERE: _CHILD}, {}),
        ("SM-13", {INDEX: indexed("t.xml"), HERE: _CHILD}, {}),
        ("SM-13", {INDEX: indexed("s.xml"), HERE: _CHILD}, {"https://a.example/b"}),
        ("G-02", {INDEX: indexed("s.xml"), HERE: _CHILD}, {}),
    ],
)
def test_the_checker_looks_at_all_sitemaps_together(
    rule: str | None, files: dict[str, bytes], pages: set[str]
) -> None:
    now = 0 if rule == "G-02" else AS_OF
    found = {problem.split()[0] for problem in sitemaps.check_site(INDEX, files, pages, now)}

    assert rule in found if rule else not found


# --- what is published ---------------------------------------------------------------------------


def test_every_sitemap_of_a_release_is_right_SM_01_to_SM_13_G_01_to_G_03(
    release: Published,
) -> None:
    pages = [release.site.base_url + row["url"] for row in release.indexable()]
    index = served_at(release.site, "sitemap.xml")

    assert sitemaps.check_site(index, release.files("sitemap*.xml"), pages, release.as_of) == []


def test_xmllint_validates_every_sitemap_of_a_release_SM_01(release: Published) -> None:
    xmllint = shutil.which("xmllint")
    if xmllint is None:
        pytest.skip("xmllint is not installed: apt-get install libxml2-utils")

    assert sitemaps.refused(xmllint, [*(release.root / "site").glob("sitemap*.xml")]) == ""


def test_a_url_is_escaped_as_xml_and_its_percent_signs_stay_SM_03(odd: Published) -> None:
    expected = b"/a/b~c/learn/databases/questions/it&apos;s-q&amp;a;x=(1)%C3%A9~</loc>"

    assert expected in (odd.root / "site" / "sitemap-databases-1.xml").read_bytes()


def test_the_path_of_the_base_url_comes_first_SM_04(odd: Published) -> None:
    files = odd.files("sitemap*.xml")

    locs = [entry.loc for data in files.values() for entry in sitemaps.entries(data)]

    assert all(loc.startswith("https://odd.example:8443/a/b~c/") for loc in locs)


@pytest.mark.parametrize(
    ("name", "location"),
    [
        ("sitemap-no-subject-1.xml", "sitemap-no-subject-1.xml"),
        ("sitemap-économie-politique-1.xml", "sitemap-%C3%A9conomie-politique-1.xml"),
        ("sitemap-数学-1.xml", "sitemap-%E6%95%B0%E5%AD%A6-1.xml"),
    ],
)
def test_a_subject_without_name_or_ascii_letters_has_a_sitemap_SM_03_SM_13(
    odd: Published, name: str, location: str
) -> None:
    index = sitemaps.entries((odd.root / "site" / "sitemap.xml").read_bytes())

    assert (odd.root / "site" / name).exists()
    assert f"{odd.site.base_url}/{location}" in {entry.loc for entry in index}


def test_an_article_that_is_not_to_be_indexed_is_left_out_G_10(release: Published) -> None:
    hidden = {row["url"] for row in release.rows("articles") if row["no_index"]}

    assert hidden
    for data in release.files("sitemap*.xml").values():
        assert not any(entry.loc.endswith(tuple(hidden)) for entry in sitemaps.entries(data))


def test_with_nothing_to_list_there_is_no_sitemap_SM_10(site: Site) -> None:
    site.write(a=article(slug="a", no_index="true"))
    site.build()

    assert [path for path in contents(site.out / "current") if "sitemap" in path] == []


# --- limits --------------------------------------------------------------------------------------


def written(root: Path, urls: dict[str, list[str]], sitemaps: Sitemaps) -> dict[str, bytes]:
    """The sitemaps of a site with some urls a subject, by the URLs they are served at."""
    rows = [(path, subject) for subject, paths in urls.items() for path in paths]
    articles = root / "articles.parquet"
    columns = {
        "url": [path for path, _ in rows],
        "subject_slug": [subject for _, subject in rows],
        "no_index": [False] * len(rows),
        "modified": pa.array([DAY] * len(rows), TIMESTAMP),
    }
    pq.write_table(pa.table(columns), articles)
    settings = Settings(site=SITE, sitemaps=sitemaps)
    write_sitemaps(SitemapJob((articles,), (), settings, root, AS_OF, cache.EMPTY, index.NOTHING))
    assert not list((root / "site").glob("*.tmp"))
    return {
        served_at(SITE, path.name): path.read_bytes()
        for path in sorted((root / "site").glob("sitemap*.xml"))
    }


def sizes(files: dict[str, bytes]) -> dict[str, int]:
    return {name.rpartition("/")[2]: len(sitemaps.entries(data)) for name, data in files.items()}


@pytest.mark.parametrize(
    ("urls", "limit", "expected"),
    [
        (2, 3, {"sitemap-s-1.xml": 2}),
        (3, 3, {"sitemap-s-1.xml": 3}),
        (4, 3, {"sitemap-s-1.xml": 3, "sitemap-s-2.xml": 1}),
        (6, 3, {"sitemap-s-1.xml": 3, "sitemap-s-2.xml": 3}),
        (3, 1, {"sitemap-s-1.xml": 1, "sitemap-s-2.xml": 1, "sitemap-s-3.xml": 1}),
    ],
)
def test_a_sitemap_ends_at_its_number_of_urls_and_none_is_empty_SM_08_SM_10(
    tmp_path: Path, urls: int, limit: int, expected: dict[str, int]
) -> None:
    paths = [f"/s/{number}" for number in range(urls)]

    files = written(tmp_path, {"s": paths, "other": ["/o"]}, Sitemaps(urls=limit))

    pages = [SITE.absolute(path) for path in [*paths, "/o"]]
    assert sitemaps.check_site(INDEX, files, pages, AS_OF) == []
    index = len(expected) + 1
    assert sizes(files) == {**expected, "sitemap-other-1.xml": 1, "sitemap.xml": index}


def test_a_sitemap_ends_before_it_has_too_many_bytes_SM_08(tmp_path: Path) -> None:
    paths = [f"/s/{number:03}-{'&' * (number % 7)}" for number in range(999)]

    files = written(tmp_path, {"s": paths}, Sitemaps(bytes=16_384))

    assert sitemaps.check_site(INDEX, files, list(map(SITE.absolute, paths)), AS_OF) == []
    pages = [data for name, data in files.items() if name != INDEX]
    assert len(pages) > 2
    assert max(map(len, pages)) <= 16_384
    assert min(map(len, pages[:-1])) > 16_384 - 200


def test_a_sitemap_may_have_exactly_the_bytes_that_are_allowed_SM_08(tmp_path: Path) -> None:
    paths = {"s": [f"/s/{number:03}" for number in range(500)]}
    size = len(written(tmp_path, paths, Sitemaps())["https://a.example/sitemap-s-1.xml"])

    (tmp_path / "same").mkdir()
    (tmp_path / "less").mkdir()
    same = written(tmp_path / "same", paths, Sitemaps(bytes=size))
    less = written(tmp_path / "less", paths, Sitemaps(bytes=size - 1))

    assert sizes(same) == {"sitemap-s-1.xml": 500, "sitemap.xml": 1}
    assert sizes(less) == {"sitemap-s-1.xml": 499, "sitemap-s-2.xml": 1, "sitemap.xml": 2}


def test_50000_urls_are_one_sitemap_and_the_next_begins_another_SM_08(tmp_path: Path) -> None:
    files = written(tmp_path, {"s": [f"/s/{number}" for number in range(50_001)]}, Sitemaps())

    assert sizes(files) == {"sitemap-s-1.xml": 50_000, "sitemap-s-2.xml": 1, "sitemap.xml": 2}


def test_no_sitemap_is_larger_than_50_mib_SM_08(tmp_path: Path) -> None:
    paths = [f"/s/{number}-{'a' * 1800}" for number in range(29_000)]

    files = written(tmp_path, {"s": paths}, Sitemaps())

    lengths = [len(data) for name, data in files.items() if name != INDEX]
    assert len(lengths) == 2
    assert 52_428_800 - 4096 < max(lengths) <= 52_428_800


# --- lastmod -------------------------------------------------------------------------------------


def at(time: int) -> str:
    return dt.datetime.fromtimestamp(time, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def lastmods(site: Site) -> dict[str, str | None]:
    files = contents(
        site.out / "current", without=lambda path: not re.search("sitemap.*xml$", path)
    )
    return {
        entry.loc.rpartition("/")[2]: entry.lastmod
        for data in files.values()
        for entry in sitemaps.entries(data)
    }


def test_lastmod_moves_with_significant_content_only_G_02_SM_12(site: Site) -> None:
    site.write(
        a=article(slug="a", date="2025-03-01"),
        b=article(slug="b", date="2025-03-02"),
        c=article(slug="c", date="2025-03-03", subject="Other"),
    )
    site.build()
    first = lastmods(site)
    assert first == {
        "sitemap-databases-1.xml": at(AS_OF),
        "sitemap-other-1.xml": at(AS_OF),
        "a": "2025-03-01T00:00:00Z",
        "b": "2025-03-02T00:00:00Z",
        "c": "2025-03-03T00:00:00Z",
    }

    cosmetic = article(slug="a", date="2025-03-01", date_format="DD", _schema="x", score="1")
    site.write(a=cosmetic)
    assert site.build(as_of=AS_OF + 1).published
    assert lastmods(site) == first

    site.write(a=cosmetic.replace("An answer", "Another answer"))
    assert site.build(as_of=AS_OF + 2).published
    moved = at(AS_OF + 2)
    assert lastmods(site) == {**first, "a": moved, "sitemap-databases-1.xml": moved}


def test_a_sitemap_that_holds_the_same_is_linked(site: Site) -> None:
    site.write(a=article(slug="a"), b=article(slug="b", subject="Other"))
    site.build()
    first = {
        path.name: path.stat().st_ino for path in (site.out / "current/site").glob("sitemap*.xml")
    }
    site.write(a=article(slug="a", answer="New."))
    site.build(as_of=AS_OF + 60)
    again = {
        path.name: path.stat().st_ino for path in (site.out / "current/site").glob("sitemap*.xml")
    }

    made = {"sitemap.xml", "sitemap-databases-1.xml"}
    assert {name for name in again if again[name] != first[name]} == made


def test_an_article_of_the_subject_no_subject_is_not_among_those_without_one(site: Site) -> None:
    site.write(a=article(slug="a", subject="No subject"), b=article(slug="b", subject=None))
    site.build(content=quicktakes(required=("url",)))
    names = {path.name for path in (site.out / "current" / "site").glob("sitemap-*.xml")}
    feeds = {path.name for path in (site.out / "current" / "site" / "feeds").glob("*.json")}

    own = next(row["slug"] for row in site.rows("subjects"))
    assert names == {"sitemap-no-subject-1.xml", f"sitemap-{own}-1.xml"}
    assert feeds == {"no-subject.json", f"{own}.json"}
