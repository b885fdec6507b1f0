"""Small files of shapes that owners of other sites reported, and what comes of them."""

import csv
import dataclasses
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from pressroom.model.settings import Limits, Settings
from pressroom.model.settings_toml import load
from tests.conftest import Site

CASES = Path(__file__).parent / "cases"
SITES = ("hugo", "jekyll")
DAY = dt.date(2022, 7, 8)
ARTICLES: dict[str, dict[str, Any]] = {
    "01-no-slash.md": {"url": "/notes/a"},
    "02-absolute.md": {"url": "/notes/b/"},
    "03-umlaut.md": {"url": "/%C3%BCber/kurz/"},
    "07-slash-a.md": {"url": "/same"},
    "07-slash-b.md": {"url": "/same/"},
    "07-slash-c.md": {"url": "/Same/"},
    "07-slash-d.md": {"url": "/same/index.html"},
    "08-authors.md": {"author": "Ann, Bob"},
    "09-author-map.md": {"author": "Ann"},
    "10-categories.md": {"subject": "News"},
    "12-tags-maps.md": {"url": "/12/"},
    "13-draft-number.md": {"no_index": True},
    "14-draft-quoted.md": {"no_index": True},
    "15-published-false.md": {"no_index": True},
    "20-date-20220708.md": {"published": DAY},
    "20-date-2022_07_08.md": {"published": DAY},
    "20-date-2022_07_08T10_00.md": {"published": DAY},
    "20-date-2022_07_08T10_00_00_000Z.md": {"published": DAY},
    "20-date-2022_07_08T10_00_00_07_00_America_Los_Angeles_.md": {"published": DAY},
    "20-date-2022_07_08_23_30_00__0500.md": {
        "published": DAY,
        "published_at": dt.datetime(2022, 7, 9, 4, 30, tzinfo=dt.UTC),
    },
    "20-date-2022_7_8.md": {"published": DAY},
    "20-date-Fri__08_Jul_2022_10_00_00_GMT.md": {"published": DAY},
    "20-date-Jul_08_2022.md": {"published": DAY},
    "20-date-08_07_2022.md": {"published": None},
    "20-date-1657238400.md": {"published": None},
    "20-date-2022_07.md": {"published": None},
    "21-nodate.md": {"published": None},
    "22-future.md": {"published": dt.date(2099, 1, 1), "no_index": False},
    "23-id-text.md": {"id": None},
    "28-blank-first.md": {"url": "/28/"},
    "29-trailing.md": {"url": "/29/"},
    "30-dots.md": {"url": "/30/", "text": "Text."},
    "31-mdx.mdx": {"url": "/31/"},
    "32-empty-body.md": {"url": "/32/", "text": None},
    "33-body.md": {"url": "/33/"},
    "36-merge.md": {"url": "/36/"},
    "37-toml-date.md": {"published": dt.date(2024, 1, 2)},
}
REJECTS = {
    "05-placeholders.md": "invalid_url",
    "25-nofm.md": "no_front_matter",
    "26-empty.md": "empty_file",
    "27-js.md": "other_language",
    "35-dup-key.md": "duplicate_key",
}
WRONG = {
    *("20-date-08_07_2022.md", "20-date-1657238400.md", "20-date-2022_07.md"),
    *("12-tags-maps.md", "23-id-text.md"),
}


def build(site: Site, settings: Settings) -> Site:
    """Build the raw folder that settings name."""
    site.raw = Path(str(settings.paths.raw))
    site.build(
        site=settings.site,
        sources=settings.sources,
        content=settings.content,
        limits=Limits(max_rejects=1.0),
    )
    return site


def traps(**content: Any) -> Settings:
    settings = load(CASES / "traps.toml")
    model = dataclasses.replace(settings.content, **content)
    return dataclasses.replace(settings, content=model)


def by_path(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["source_path"]: row for row in rows}


def in_sitemaps(site: Site) -> str:
    folder = site.out / "current" / "site"
    return "".join(path.read_text() for path in folder.glob("sitemap-*.xml"))


def test_a_blog_is_read_as_its_author_meant(site: Site) -> None:
    build(site, traps())
    articles = by_path(site.rows("articles"))

    assert set(articles) == set(ARTICLES)
    for path, expected in ARTICLES.items():
        assert {name: articles[path][name] for name in expected} == expected, path
    assert {row["source_path"]: row["code"] for row in site.rows("rejects")} == REJECTS
    [skipped] = site.rows("skipped")
    assert (skipped["source_path"], skipped["reason"], skipped["key"]) == (
        *("06-false.md", "url"),
        "url",
    )
    wrong = {row["source_path"] for row in site.rows("findings") if row["code"] == "wrong_value"}
    assert wrong == WRONG
    near = {row["source_path"] for row in site.rows("findings") if row["code"] == "near_url"}
    assert near == {f"07-slash-{letter}.md" for letter in "abcd"}
    assert json.loads(articles["12-tags-maps.md"]["extra"])["tags"] == [
        {"tag": "content/tags/x.mdx"}
    ]
    for number in (13, 14, 15):
        assert f"/{number}/<" not in in_sitemaps(site)


def test_a_file_whose_suffix_is_not_listed_is_counted(site: Site) -> None:
    settings = traps()
    sources = dataclasses.replace(settings.sources, extensions=(".md",))
    build(site, dataclasses.replace(settings, sources=sources))
    assert "31-mdx.mdx" not in by_path(site.rows("articles"))
    assert "passed over: 1 .mdx" in site.lines


def test_a_date_with_two_meanings_needs_its_form(site: Site) -> None:
    build(site, traps(date_formats=("%d-%m-%Y",)))
    assert by_path(site.rows("articles"))["20-date-08_07_2022.md"]["published"] == DAY


def test_a_file_without_front_matter_may_be_an_article(site: Site) -> None:
    settings = traps(url="/{path}/")
    sources = dataclasses.replace(settings.sources, front_matter="optional")
    build(site, dataclasses.replace(settings, sources=sources))
    articles = by_path(site.rows("articles"))
    titles = {path: articles[path]["title"] for path in ("25-nofm.md", "26-empty.md")}
    assert titles == {"25-nofm.md": "A note", "26-empty.md": "26-empty"}
    assert articles["25-nofm.md"]["url"] == "/25-nofm/"


def test_what_is_dated_in_the_future_may_be_held_until_then(site: Site) -> None:
    build(site, traps(future="hold"))
    assert by_path(site.rows("articles"))["22-future.md"]["no_index"]
    assert "/22/<" not in in_sitemaps(site)


def expected_pages(name: str) -> dict[str, dict[str, str]]:
    """The pages that the generator itself listed, by path."""
    lines = (CASES / "sites" / f"{name}.tsv").read_text().splitlines()
    rows = csv.DictReader((line for line in lines if line[:1] != "#"), delimiter="\t")
    return {row["path"]: row for row in rows if row.get("written") != "False"}


# Not listed by Hugo; what Hugo and Jekyll write only where they are told to, which is held back.
HIDDEN = {
    "hugo": {"about.md", "posts/draft.md", "posts/future.md", "posts/expired.md"},
    "jekyll": {"_posts/2024-01-10-unpublished.md", "_posts/2999-01-01-future.md"},
}
SKIPPED = {
    "hugo": {"posts/My Post/extra.md": "bundle", "docs/headless/index.md": "key"},
    "jekyll": {"_people/ann.md": "collection"},
}


@pytest.mark.parametrize("name", SITES)
def test_a_site_has_the_pages_that_its_generator_gives_it(site: Site, name: str) -> None:
    build(site, load(CASES / "sites" / f"{name}.toml"))
    articles, pages = by_path(site.rows("articles")), expected_pages(name)

    assert set(articles) == set(pages) | HIDDEN[name]
    assert {path: articles[path]["url"] for path in pages} == {
        path: page["url"] for path, page in pages.items()
    }
    assert {path: articles[path]["title"] or "" for path in pages} == {
        path: page["title"] for path, page in pages.items()
    }
    assert {path: row["reason"] for path, row in by_path(site.rows("skipped")).items()} == (
        SKIPPED[name]
    )
    shown = in_sitemaps(site)
    for path, article in articles.items():
        assert (f"https://blog.example.org{article['url']}<" in shown) is (path in pages), path


def test_days_are_those_of_hugo_as_they_are_stated(site: Site) -> None:
    build(site, load(CASES / "sites" / "hugo.toml"))
    articles = by_path(site.rows("articles"))
    for path, page in expected_pages("hugo").items():
        if not path.endswith("_index.md"):  # Hugo takes the date of a section from its pages
            day = None if page["date"].startswith("0001") else page["date"][:10]
            found = articles[path]["published"]
            assert (found and found.isoformat()) == day, path


def test_instants_and_terms_are_those_of_jekyll(site: Site) -> None:
    build(site, load(CASES / "sites" / "jekyll.toml"))
    articles = by_path(site.rows("articles"))
    terms: dict[tuple[str, str], list[str]] = {}
    for table in ("tags", "categories"):
        for row in site.rows(table):
            terms.setdefault((row["url"], table), []).append(row["term"])
    for path, page in expected_pages("jekyll").items():
        article = articles[path]
        if page["date (UTC)"] != "None":
            assert article["published_at"] == dt.datetime.fromisoformat(page["date (UTC)"]), path
        tags = page["tags"].replace("None", "[]").replace("'", '"')
        assert terms.get((article["url"], "tags"), []) == json.loads(tags), path
    assert terms["/big/news/2024/01/05/cats/", "categories"] == ["Big", "News"]
    assert {articles[path]["author"] for path in articles if path.startswith("_posts")} == {"Ann"}
