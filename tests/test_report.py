"""The report for editors, read by lxml's readers of XML and of HTML."""

import re
import statistics
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatch
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from lxml import etree, html

from pressroom.cli import sql as query
from pressroom.exports import Context
from pressroom.exports.base import Job, Report
from pressroom.exports.report import figures, sections
from pressroom.exports.report import page as report
from pressroom.files.atomic import FileEntry
from pressroom.model.columns import LISTS
from pressroom.model.publishing import Feeds
from pressroom.model.settings import Compute, Exports, Limits, Settings
from pressroom.model.settings import Site as SiteSettings
from pressroom.releases import cache
from pressroom.releases.manifest import open_release
from tests.conftest import AS_OF, ROOT, Site, article, contents
from tests.quicktakes import IN_CSV, TABLES, quicktakes
from tests.standards.releases import Published

pytest_plugins = ["tests.standards.fixtures"]

PATH = "report/index.html"
DAY = 86_400
SHOWN = Exports().report_rows


def read(root: Path) -> etree._Element:
    """The page as XML; it is an error if it is not well-formed."""
    return etree.fromstring((root / PATH).read_bytes())


def text(element: etree._Element) -> str:
    return " ".join("".join(element.itertext()).split())


def section(page: etree._Element, name: str) -> etree._Element:
    [found] = page.findall(f".//section[@id='{name}']")
    return found


def table(page: etree._Element, name: str) -> list[list[str]]:
    """The cells of the body of a table, by its id."""
    [found] = page.findall(f".//table[@id='{name}']")
    return [[text(cell) for cell in row] for row in found.find("tbody")]


def shown_of(page: etree._Element, name: str) -> list[int]:
    """How many rows a table shows, and of how many, as its caption says."""
    caption = text(page.find(f".//table[@id='{name}']/caption"))
    return [int(number.replace(",", "")) for number in re.findall("[0-9,]+", caption)]


def bars(page: etree._Element, name: str) -> dict[str, int]:
    """The labels and the numbers of a plot."""
    return {row[0]: int(row[1].replace(",", "")) for row in table(page, name)}


def without_zeros(counts: dict[str, int]) -> dict[str, int]:
    return {label: count for label, count in counts.items() if count}


def in_order(function: Callable[[Job], Report], jobs: Iterable[Job]) -> Iterator[Report]:
    yield from map(function, jobs)


def written(root: Path, release: Path, repeated: int, report_rows: int) -> FileEntry:
    """The report of a release whose tables hold all their rows so many times."""
    tables = {
        name: tuple(sorted((release / "tables" / name).glob("*.parquet"))) * repeated
        for name in TABLES
    }
    counts = {
        name: sum(1 for _ in contents(release / "csv")[f"{name}.csv"].splitlines()) * repeated
        for name in IN_CSV
    } | {"history": 0, "releases": 0}
    settings = Settings(exports=Exports(report_rows=report_rows))
    [entry] = report.write(
        Context(
            settings,
            root,
            AS_OF,
            {},
            tables,
            rows=counts,
            versions={},
            code="",
            cache=cache.EMPTY,
            run=in_order,
        )
    )
    return entry


# --- the page as a document ----------------------------------------------------------------------


def test_a_reader_of_html_sees_the_elements_and_texts_that_one_of_xml_sees(
    release: Published,
) -> None:
    data = (release.root / PATH).read_bytes()

    def content(tree: etree._Element) -> list[tuple[str, dict[str, str], str, str]]:
        return [
            (each.tag, dict(each.attrib), (each.text or "").strip(), (each.tail or "").strip())
            for each in tree.iter(etree.Element)
        ]

    assert data.startswith(b"<!DOCTYPE html>\n")
    assert content(html.document_fromstring(data)) == content(etree.fromstring(data))


def test_every_id_is_unique_and_every_reference_to_one_leads_somewhere(release: Published) -> None:
    page = read(release.root)
    ids = Counter(page.xpath("//@id"))
    named = {part for names in page.xpath("//@aria-labelledby") for part in names.split()}
    linked = {href[1:] for href in page.xpath("//a/@href") if href.startswith("#")}

    assert set(ids.values()) == {1}
    assert linked
    assert named | linked <= ids.keys()


def test_every_relative_link_leads_to_a_file_of_the_release(release: Published) -> None:
    links = read(release.root).xpath("//a/@href")
    relative = {link for link in links if not re.match("https?://|#", link)}

    assert {f"../csv/{name}.csv" for name in IN_CSV} <= relative
    assert {"../manifest.json", "../site/feed.json", "../site/sitemap.xml"} <= relative
    assert [link for link in relative if not (release.root / "report" / link).exists()] == []


def test_every_other_link_leads_to_an_article_that_there_is(release: Published) -> None:
    links = {link for link in read(release.root).xpath("//a/@href") if link.startswith("http")}
    known = {release.site.absolute(row["url"]) for row in release.rows("articles")}

    assert links - {release.site.absolute("/")} <= known
    assert len(links) > 5


def test_the_page_loads_nothing_and_runs_nothing(release: Published) -> None:
    page = read(release.root)
    attributes = {str(name) for each in page.iter(etree.Element) for name in each.attrib}
    [style] = page.iter("style")

    assert not {"script", "link", "img", "image", "iframe", "object", "use", "base"} & {
        each.tag for each in page.iter(etree.Element)
    }
    assert not {name for name in attributes if name.startswith("on")} | (
        attributes & {"src", "srcset", "style", "data", "xlink:href"}
    )
    assert not re.search(r"url\(|@import|@font-face", style.text or "")


def test_the_page_can_be_heard_as_well_as_seen(release: Published) -> None:
    page = read(release.root)
    levels = [int(each.tag[1]) for each in page.iter("h1", "h2", "h3", "h4")]

    assert page.get("lang") == "en"
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    assert all(text(each.find("caption")) for each in page.iter("table"))
    assert {each.get("scope") for each in page.iter("th")} == {"col", "row"}
    for plot in page.iter("svg"):
        is_named = plot.find("title") is not None and plot.find("desc") is not None
        assert plot.get("aria-hidden") == "true" or (plot.get("role") == "img" and is_named)
    for scrolled in page.iter("pre", "div"):
        if scrolled.tag == "pre" or scrolled.get("class") == "scroll":
            assert scrolled.get("tabindex") == "0"
            assert scrolled.get("aria-label")


def luminance(color: str) -> float:
    """The relative luminance of a colour, as WCAG 2.2 defines it."""
    whole = color if len(color) == 7 else "#" + "".join(2 * digit for digit in color[1:])
    parts = [int(whole[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_stands_out_from_what_is_behind_it_by_four_and_a_half_to_one(
    sample: Published, scheme: int
) -> None:
    [style] = read(sample.root).iter("style")
    palettes = re.findall(r":root \{(.*?)\}", style.text or "", re.DOTALL)
    palette = dict(re.findall(r"--(\w+): (#\w+)", palettes[scheme]))
    for ink in ("ink", "soft", "link", "warning", "bad", "bar"):
        for ground in ("page", "card"):
            high, low = sorted(map(luminance, (palette[ink], palette[ground])), reverse=True)
            least = 3 if ink == "bar" else 4.5
            assert (high + 0.05) / (low + 0.05) >= least, (ink, ground)


# --- what it says --------------------------------------------------------------------------------


def test_the_tiles_show_the_rows_of_every_table_and_articles_that_are_not_linked_to(
    release: Published,
) -> None:
    tiles = {
        tile.get("id").removeprefix("count-"): text(tile.find("strong"))
        for tile in read(release.root).xpath("//ul[@class='tiles']/li")
    }
    orphans = sum(row["is_orphan"] for row in release.rows("link_degrees"))
    assert orphans
    assert tiles.pop("orphans") == f"{orphans:,}"
    counted = IN_CSV.keys() - {"link_degrees", "skipped", "anchors", "redirects", *LISTS}
    assert tiles == {name: f"{len(release.rows(name)):,}" for name in counted}


def test_each_share_says_of_what_it_is(release: Published) -> None:
    headings = read(release.root).xpath("//table[@class='bars']/thead/tr/th[last()]")
    of = {"all findings", "all articles", "articles with a date", "all links"}
    of |= {"rejected files"} if release.rows("rejects") else set()
    of |= {"changed articles"} if any(row["fields"] for row in release.rows("changes")) else set()
    assert {text(heading) for heading in headings} == {f"Share of {what}" for what in of}


def test_the_plots_of_articles_show_what_the_tables_hold(release: Published) -> None:
    page, articles = read(release.root), release.rows("articles")
    subjects = {row["label"]: row["articles"] for row in release.rows("subjects")}
    largest = sorted(subjects.values(), reverse=True)[:SHOWN]
    months = Counter(f"{row['published']:%Y-%m}" for row in articles if row["published"])
    lengths = bars(page, "articles-by-length")
    median = statistics.median(row["word_count"] for row in articles)

    assert list(bars(page, "articles-by-subject").values()) == largest
    assert bars(page, "articles-by-subject").items() <= subjects.items()
    assert without_zeros(bars(page, "articles-by-date-numbers")) == months
    assert sum(lengths.values()) == len(articles)
    assert lengths.get("0", 0) == sum(not row["word_count"] for row in articles)
    assert lengths.get("100–199", 0) == sum(100 <= row["word_count"] < 200 for row in articles)
    assert f": {round(median):,} word" in text(
        page.find(".//table[@id='articles-by-length']/caption")
    )
    for name, step in (("shortest", 1), ("longest", -1)):
        counts = sorted((row["word_count"] for row in articles), reverse=step < 0)[:SHOWN]
        assert list(map(int, (row[1] for row in table(page, name)))) == counts


def test_the_plots_of_links_show_what_the_tables_hold(release: Published) -> None:
    page, degrees = read(release.root), release.rows("link_degrees")
    statuses = Counter(row["status"] for row in release.rows("related_links"))
    orphans = [row for row in degrees if row["is_orphan"]]
    most = sorted((row["links_in"] for row in degrees if row["links_in"]), reverse=True)[:SHOWN]

    assert without_zeros(bars(page, "links-by-status")) == statuses
    assert bars(page, "articles-by-links-in")["0"] == sum(not row["links_in"] for row in degrees)
    assert sum(bars(page, "articles-by-links-out").values()) == len(degrees)
    assert [int(row[1]) for row in table(page, "most-related")] == most
    if in_texts := Counter(row["status"] for row in release.rows("text_links")):
        assert without_zeros(bars(page, "text-links-by-status")) == in_texts
    linked = sorted((row["text_links_in"] for row in degrees if row["text_links_in"]), reverse=True)
    if linked:
        assert [int(row[1]) for row in table(page, "most-linked")] == linked[:SHOWN]
    assert len(table(page, "first-orphans")) == min(len(orphans), SHOWN)


def test_findings_stand_there_by_code_with_severity_file_and_line(release: Published) -> None:
    page, findings = read(release.root), release.rows("findings")
    found = {tuple(label.split()): count for label, count in bars(page, "findings-by-code").items()}
    assert found == Counter((row["code"], row["severity"]) for row in findings)
    for code in {code for code, _ in found}:
        of_code = [row for row in findings if row["code"] == code]
        assert shown_of(page, f"findings-{code}") == [min(len(of_code), SHOWN), len(of_code)]
        assert [row[0] for row in table(page, f"findings-{code}")] == [
            ":".join(str(part) for part in (row["source_path"], row["line"]) if part is not None)
            for row in of_code[:SHOWN]
        ]


def test_rejects_stand_there_with_place_code_message_hint_and_excerpt(odd: Published) -> None:
    page, rejects = read(odd.root), odd.rows("rejects")
    found = section(page, "rejects").findall("ol/li")

    assert rejects
    assert bars(page, "rejects-by-code") == Counter(row["code"] for row in rejects)
    for item, row in zip(found, rejects, strict=True):
        place = (row["source_path"], row["line"], row["column_number"])
        assert text(item.find("code")) == ":".join(str(part) for part in place if part is not None)
        code, since = (text(each) for each in item.findall("span"))
        problems = len(row["problems"])
        more = f", first of {problems} problems" if problems > 1 else ""
        assert code == row["code"]
        assert since == f"since {row['first_seen']:%Y-%m-%d}{more}"
        assert [text(each) for each in item.findall("p")] == [row["message"], row["hint"]]
        excerpt = item.find("pre")
        assert (None if excerpt is None else excerpt.text) == row["excerpt"]


def test_changes_stand_there_with_their_fields(odd: Published) -> None:
    page = read(odd.root)

    assert table(page, "changes-changed") == [["It changed", "title"]]
    assert table(page, "changes-removed") == [["/learn/databases/questions/gone"]]
    assert shown_of(page, "changes-changed") == shown_of(page, "changes-removed") == [1, 1]
    assert bars(page, "changed-fields") == {"title": 1}
    [when] = page.iter("time")
    assert when.get("datetime") == "2026-09-22T14:13:20Z"


def test_without_findings_rejects_links_dates_and_subjects_it_says_so(site: Site) -> None:
    bare = "---\nurl: /bare\ntitle: '  '\nno_index: true\n---\n"
    site.write(a=bare)
    model, exports = quicktakes(required=("url",)), Exports(spreadsheet=True)
    root = site.build(content=model, exports=exports).release.root
    page = read(root)

    for name in ("findings", "rejects", "links"):
        assert [each.tag for each in section(page, name)] == ["h2", "p"]
        assert text(section(page, name).find("p")).startswith("No ")
    assert table(page, "longest") == [["/bare", "0"]]
    assert "1 article without" in [text(each)[:17] for each in section(page, "articles").iter("p")]
    links = [link for link in page.xpath("//a/@href") if link.startswith("..")]
    assert "../csv/spreadsheet/" in links
    assert [link for link in links if not (root / "report" / link).exists()] == []


# --- hostile text --------------------------------------------------------------------------------

# As it stands in a file, and on the page where that is not the same.
HOSTILE = {
    "<script>alert(1)</script>": None,
    '"><img src=x onerror=alert(1)>': None,
    "]]> --> </title></style></table>": None,
    "&lt;b&gt; &amp; &nbsp;": None,
    "{{ 7 * 7 }} {% raw %} {# #}": None,
    "it's `code` ${x}": None,
    "a\u202eb\u2066c\u200fd": "a\ufffdb\ufffdc\ufffdd",
    "\U0001f989 שלום 數學": None,
}


def test_no_text_of_a_file_is_taken_for_markup(site: Site) -> None:
    for number, title in enumerate(HOSTILE):
        quoted = "'" + title.replace("'", "''") + "'"
        site.write(**{f"a{number}": article(slug=number, title=quoted, subject=quoted)})
    site.write(
        **{"<b>&": "---\ntitle: <i>What</i>: now\n---\n"},
        z=article(slug="z", url='"/it\'s&amp;(z)"'),
    )
    owner = SiteSettings(base_url="https://a.example", title="<u>&'\"</u>")
    root = site.build(site=owner).release.root
    page = read(root)
    titles = [row[0] for row in table(page, "changes-added")]
    assert shown_of(page, "changes-added") == [9, 9]
    expected = [known or title for title, known in HOSTILE.items()]
    assert titles == [*(" ".join(title.split()) for title in expected), "What is z?"]
    assert text(page.find("head/title")).startswith("<u>&'\"</u>: ")
    assert "https://a.example/it's&amp;(z)" in page.xpath("//a/@href")
    assert "<b>&.md:2:" in text(section(page, "rejects"))
    assert not list(page.iter("b", "i", "u", "img", "script"))


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("as it is", "as it is"),
        ("x" * 200, "x" * 200),
        ("x" * 201, "x" * 199 + "…"),
        ("two\nlines\r", "two\ufffdlines\ufffd"),
        ("a\x00b\ufffe\uffff", "a\ufffdb\ufffd\ufffd"),
    ],
)
def test_a_text_is_short_and_holds_no_character_that_acts(given: str, shown: str) -> None:
    assert report._text(given) == shown


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (0, "0.0 %"),
        (0.01, "< 0.1 %"),
        (33.333, "33.3 %"),
        (99.96, "> 99.9 %"),
        (100, "100.0 %"),
    ],
)
def test_a_share_is_nothing_or_all_only_if_it_is(share: float, shown: str) -> None:
    assert report._percent(share) == shown


def test_a_bar_is_as_long_as_its_share_of_the_longest_and_can_be_seen() -> None:
    shown = figures.bars([("a", 800), ("b", 200), ("c", 1), ("d", 0)], 2000)
    assert [bar.length for bar in shown] == [100, 25, 0.5, 0]
    assert [bar.share for bar in shown] == [40, 10, 0.05, 0]


@pytest.mark.parametrize(
    ("months", "period", "labels"),
    [
        ({2025 * 12 + 2: 4}, "month", ["2025-03"]),
        ({2024 * 12 + 11: 1, 2025 * 12 + 1: 1}, "month", ["2024-12", "2025-01", "2025-02"]),
        ({1970 * 12: 1, 2025 * 12: 1}, "year", [str(year) for year in range(1970, 2026)]),
        ({1899 * 12: 1, 2025 * 12: 1}, "decade", [f"{year}s" for year in range(1890, 2030, 10)]),
        ({12: 1, 9999 * 12: 1}, "century", [f"{year:04}s" for year in range(0, 10_000, 100)]),
    ],
)
def test_a_plot_of_dates_has_about_sixty_columns_however_far_they_are_apart(
    months: dict[int, int], period: str, labels: list[str]
) -> None:
    dates = sections._dates(months)
    assert (dates["period"], [bar.label for bar in dates["bars"]]) == (period, labels)
    assert sum(bar.value for bar in dates["bars"]) == sum(months.values())


# --- how large it is, and when it is made --------------------------------------------------------


def test_it_does_not_grow_with_the_site_and_says_where_the_rest_is(
    odd: Published, tmp_path: Path
) -> None:
    entry = written(tmp_path, odd.root, repeated=20, report_rows=100)
    page = read(tmp_path)
    more = [text(each) for each in page.xpath("//p[@class='more']")]

    assert entry.bytes < 1_000_000
    assert max(len(table_.findall("tbody/tr")) for table_ in page.iter("table")) <= 100
    rest = re.compile(r"\d+ more in findings\.csv.* pressroom query \"(from findings .*)\"")
    asked = [found[1] for each in more if (found := rest.match(each))]
    assert asked
    release = open_release(odd.root)
    for sql in asked:
        with query.answer(release, sql) as answer:
            assert any(map(len, answer.rows))


def test_long_texts_are_cut(site: Site) -> None:
    long = article(
        title="x" * 100_000, subject="y" * 300, related_article1="{url: /" + "z" * 900 + "}"
    )
    site.write(a=long, b="---\n" + "w" * 90_000 + "\n---\n")
    root = site.build(limits=Limits(max_rejects=1)).release.root
    assert (root / PATH).stat().st_size < 40_000


def test_it_is_the_same_however_the_tables_are_cut_into_parts(site: Site) -> None:
    for number in range(30):
        related = f"{{url: /learn/databases/questions/{number % 7}}}"
        site.write(**{f"{number:02}": article(slug=number, related_article1=related)})
    pages = set()
    for shard_files in (3, 1000):
        root = site.build(full=True, force=True, compute=Compute(1, shard_files)).release.root
        pages.add(section_bytes(root))
    assert len(pages) == 1


def section_bytes(root: Path) -> bytes:
    """The sections about what there is, without what changed and the tiles that count it."""
    page = read(root)
    names = ("rejects", "findings", "articles", "links")
    return b"".join(etree.tostring(section(page, name)) for name in names)


def test_it_is_no_reason_to_publish_and_is_never_out_of_date(site: Site) -> None:
    site.write(a=article(slug="a"))
    first = site.build()
    again = site.build(as_of=AS_OF + DAY, full=True)
    assert not again.published

    site.write(a=article(slug="a") + " ")  # another file, and no other article
    second = site.build(as_of=AS_OF + 2 * DAY)
    other = SiteSettings(title="Another")
    third = site.build(as_of=AS_OF + 3 * DAY, site=other)
    # For the report, nothing but the time is new.
    fourth = site.build(as_of=AS_OF + 4 * DAY, site=other, feeds=Feeds(items=2))

    dates = [
        read(each.release.root).xpath("string(//time/@datetime)")[:10]
        for each in (first, second, third, fourth)
    ]
    assert dates == ["2026-09-21", "2026-09-23", "2026-09-24", "2026-09-25"]
    assert [each.tag for each in section(read(third.release.root), "changes")] == ["h2", "p"]


def test_without_rows_there_is_no_report(site: Site) -> None:
    site.write(a=article())
    site.build(exports=Exports(report_rows=0))
    assert PATH not in contents(site.out / "current")

    assert site.build(exports=Exports(report_rows=1)).published
    assert PATH in contents(site.out / "current")


def test_every_file_beside_the_modules_is_in_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    data: dict[str, Any] = project["tool"]["setuptools"]["package-data"]
    files = [path for path in (ROOT / "pipeline").rglob("*") if path.is_file()]
    others = [path for path in files if path.suffix not in {".py", ".pyc"}]

    assert others
    for path in others:
        package = ".".join(["pressroom", *path.parent.relative_to(ROOT / "pipeline").parts])
        assert any(fnmatch(path.name, pattern) for pattern in data.get(package, ())), path
