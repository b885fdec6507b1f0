"""Files that are not read for their suffix are counted by it, and told wherever a release is."""

import json
import shutil
from collections import Counter
from pathlib import Path

import pytest
from lxml import etree

from pressroom.model.paths import Sources
from pressroom.releases.summary import by_suffix
from pressroom.sources.listing import left_out, suffix
from tests.conftest import AS_OF, Site, article, contents, pressroom
from tests.test_folder_and_bucket import Place, place, server

__all__ = ["place", "server"]

DAY = 24 * 3600
OTHERS = {"a.png": ".png", "sub/b.PNG": ".png", "c.html": ".html", "LICENSE": "", "d.md~": ".md~"}


def passed_over(place: Place, patterns: Sources) -> dict[str, int]:
    found = Counter[str]()
    list(place.source.listed(patterns, found))
    return dict(found)


def put(place: Place, *paths: str) -> None:
    for path in paths:
        place.put(path, "x")


def test_files_of_other_suffixes_are_counted_by_these(place: Place) -> None:
    put(place, "a.md", "b.MARKDOWN", "c.mdx", *OTHERS)
    assert passed_over(place, Sources()) == Counter(OTHERS.values())


def test_what_would_not_be_read_with_any_suffix_is_not_counted(place: Place) -> None:
    put(place, ".hidden.png", ".git/a.png", "drafts/a.png", "more/b.de.html", "learn/c.png")
    patterns = Sources(include=("learn/", "drafts/", "*.html"), exclude=("drafts/", "*.de.html"))
    assert passed_over(place, patterns) == {".png": 1}


@pytest.mark.parametrize(
    "patterns",
    [
        Sources(),
        Sources(include=("learn/", "*.de.md"), exclude=("drafts/", "!drafts/kept.md")),
        Sources(exclude=("*.md", "!learn/", "!b.md", "learn/a*")),
        Sources(extensions=(".html",), exclude=("/*", "!/learn")),
    ],
    ids=lambda patterns: " ".join((*patterns.include, *patterns.exclude)) or "none",
)
def test_why_a_file_is_left_out_is_known_of_those_that_are_not_listed(
    place: Place, patterns: Sources
) -> None:
    names = ("a.md", "b.md", "c.html", "d.de.md", ".e.md", "kept.md")
    folders = ("", "learn/", "drafts/", "learn/drafts/", ".git/", "learn/.git/")
    paths = {f"{folder}{name}" for folder in folders for name in names}
    put(place, *paths)
    listed = {path for path, _ in place.source.listed(patterns)}
    assert {path for path in paths if left_out(path, patterns) is None} == listed


def test_the_settings_say_which_suffixes_are_read(place: Place) -> None:
    put(place, "a.md", "b.Txt", "c.page.html", "d.html")
    patterns = Sources(extensions=(".txt", ".page.html"))
    assert [path for path, _ in place.source.listed(patterns)] == ["b.Txt", "c.page.html"]
    assert passed_over(place, patterns) == {".md": 1, ".html": 1}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.md", ".md"),
        ("b/a.tar.GZ", ".gz"),
        ("a.mp4", ".mp4"),
        ("a.7z", ".7z"),
        ("a.md~", ".md~"),
        ("a.c++", ".c++"),
        ("b.d/a", ""),
        ("a.", ""),
        (".a", ""),
        ("b/.a", ""),
        ("v1.0", ""),
        ("Mr. Smith goes", ""),
        ("a.é", ""),
        ("a.\udcff", ""),
        ("a.m\nd", ""),
        ("a.md\n", ""),
        ("a." + "x" * 17, ""),
    ],
)
def test_a_suffix_is_what_tells_the_kind_of_a_file(name: str, expected: str) -> None:
    assert suffix(name) == expected


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ({".mdx": 1_031, ".png": 12}, "1,031 .mdx, 12 .png"),
        ({"": 2}, "2 without a suffix"),
        ({f".{n}a": 9 - n for n in range(6)}, "9 .0a, 8 .1a, 7 .2a, 6 .3a, 5 .4a and 4 others"),
        ({f".{n}a": 7 - n for n in range(6)}, "7 .0a, 6 .1a, 5 .2a, 4 .3a, 3 .4a and 2 others"),
        ({f".{n}a": 1 for n in range(6)}, "1 .0a, 1 .1a, 1 .2a, 1 .3a, 1 .4a and 1 other"),
    ],
)
def test_the_largest_counts_are_told(counts: dict[str, int], told: str) -> None:
    assert by_suffix(counts) == told


def report(release: Path) -> str | None:
    page = etree.fromstring((release / "report/index.html").read_bytes())
    found = page.find(".//p[@id='passed-over']")
    return None if found is None else " ".join("".join(found.itertext()).split())


def test_a_build_its_release_and_its_report_tell_of_them(site: Site) -> None:
    site.write(a=article(slug="a"))
    for name in ("b.png", "c.PNG", "d.txt"):
        (site.raw / name).touch()
    where = ("--raw", site.raw, "--out", site.out, "--as-of", str(AS_OF))
    built = pressroom("build", *where, "--json", cwd=site.home)

    expected = {".png": 2, ".txt": 1}
    assert "\npassed over: 2 .png, 1 .txt\n" in built.err
    status = pressroom("status", "--out", site.out, "--json", cwd=site.home)
    for told in (built.json, status.json):
        assert list(told["passed_over"].items()) == list(expected.items())
    release = site.out / "current"
    manifest = json.loads((release / "manifest.json").read_bytes())
    assert manifest["counts"]["passed_over"] == expected
    assert "passed over  2 .png, 1 .txt\n" in pressroom("status", "--out", site.out).out
    page = report(release)
    assert page is not None
    assert "sources.extensions" in page
    assert page.endswith(": 2 .png, 1 .txt.")


def test_where_none_is_passed_over_nothing_is_told(site: Site) -> None:
    site.write(a=article(slug="a"))
    built = pressroom("build", "--raw", site.raw, "--out", site.out, "--json", cwd=site.home)

    assert built.json["passed_over"] == {}
    told = built.err + pressroom("status", "--out", site.out).out
    assert "passed over" not in told
    assert report(site.out / "current") is None


def test_a_run_that_changes_nothing_tells_what_it_passed_over_itself(site: Site) -> None:
    site.write(a=article(slug="a"))
    site.build()
    (site.raw / "b.png").touch()
    for full in (False, True):
        site.lines.clear()
        again = site.build(AS_OF + DAY, full=full)
        assert not again.published
        assert again.summary.passed_over == {".png": 1}
        assert "passed over: 1 .png" in site.lines


def test_an_incremental_release_tells_the_same_of_them_as_a_full_one(site: Site) -> None:
    """Even one made at the time of the release before, whose report is of the same tables."""
    site.write(a=article(slug="a"))
    (site.raw / "b.png").touch()
    site.build()
    site.build(force=True)  # changes no article either
    (site.raw / "c.png").touch()
    other = shutil.copytree(site.out, site.home / "other", symlinks=True)
    releases = [site.build(force=True).release]
    site.out = other
    releases.append(site.build(force=True, full=True).release)

    assert [release.counts.passed_over for release in releases] == [{".png": 2}] * 2
    pages = [contents(release.root)["report/index.html"] for release in releases]
    assert pages[0] == pages[1]
    assert b": 2 .png." in pages[0]


def test_a_release_that_does_not_say_is_one_that_passed_nothing_over(site: Site) -> None:
    site.write(a=article(slug="a"))
    manifest = site.build().release.root / "manifest.json"
    stated = json.loads(manifest.read_bytes())
    del stated["counts"]["passed_over"]
    manifest.unlink()
    manifest.write_text(json.dumps(stated))

    assert pressroom("status", "--out", site.out, "--json").json["passed_over"] == {}
