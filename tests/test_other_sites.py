"""Small files of shapes that owners of other sites reported, and what comes of them."""

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

from pressroom.model.collections import Collection
from pressroom.model.content import ContentModel
from pressroom.model.settings import Limits, Sources
from pressroom.model.settings import Site as SiteSettings
from tests.conftest import Site

CASES = Path(__file__).parent / "cases"
BLOG = ContentModel(
    required=("url",),
    keys={
        "url": ("url",),
        "title": ("title", ":heading", ":filename"),
        "published": ("date",),
        "author": ("author", "authors"),
        "subject": ("category", "categories"),
        "keywords": ("tags",),
        "no_index": ("draft", "!published"),
        "text": (),
    },
)
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
    "23-id-text.md": {"id": None},
    "28-blank-first.md": {"url": "/28/"},
    "29-trailing.md": {"url": "/29/"},
    "30-dots.md": {"url": "/30/", "body": "Text."},
    "32-empty-body.md": {"url": "/32/", "body": None},
    "37-toml-date.md": {"published": dt.date(2024, 1, 2)},
}
REJECTS = {
    "05-placeholders.md": "invalid_url",
    "25-nofm.md": "no_front_matter",
    "26-empty.md": "empty_file",
    "35-dup-key.md": "duplicate_key",
}
WRONG = {
    *("20-date-08_07_2022.md", "20-date-1657238400.md", "20-date-2022_07.md"),
    *("12-tags-maps.md", "23-id-text.md"),
}


def build(site: Site, files: Path, **sections: Any) -> Site:
    shutil.copytree(files, site.raw, dirs_exist_ok=True)
    site.build(
        site=SiteSettings("https://blog.example.org"), limits=Limits(max_rejects=1.0), **sections
    )
    return site


def by_path(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["source_path"]: row for row in rows}


def test_a_blog_is_read_as_its_author_meant(site: Site) -> None:
    build(site, CASES / "traps", content=BLOG)
    articles = by_path(site.rows("articles"))

    assert set(articles) == set(ARTICLES)
    for path, expected in ARTICLES.items():
        assert {name: articles[path][name] for name in expected} == expected, path
    assert {row["source_path"]: row["code"] for row in site.rows("rejects")} == REJECTS
    wrong = {row["source_path"] for row in site.rows("findings") if row["code"] == "wrong_value"}
    assert wrong == WRONG
    sitemaps = "".join(
        path.read_text() for path in (site.out / "current" / "site").glob("sitemap-*.xml")
    )
    for number in (13, 14, 15):
        assert f"/{number}/<" not in sitemaps


def test_a_date_with_two_meanings_needs_its_form(site: Site) -> None:
    content = ContentModel(required=("url",), keys=BLOG.keys, date_formats=("%d-%m-%Y",))
    build(site, CASES / "traps", content=content)
    articles = by_path(site.rows("articles"))
    assert articles["20-date-08_07_2022.md"]["published"] == DAY


def test_a_file_without_front_matter_may_be_an_article(site: Site) -> None:
    content = ContentModel(required=("url",), keys=BLOG.keys, url="/{path}/")
    build(site, CASES / "traps", content=content, sources=Sources(front_matter="optional"))
    articles = by_path(site.rows("articles"))
    titles = {path: articles[path]["title"] for path in ("25-nofm.md", "26-empty.md")}
    assert titles == {"25-nofm.md": "A note", "26-empty.md": "26-empty"}
    assert articles["25-nofm.md"]["url"] == "/25-nofm/"


JEKYLL = ContentModel(
    required=("url",),
    url="/{path}/",
    keys={
        "url": ("permalink",),
        "title": ("title", "{slug:title}"),
        "published": ("date", ":filename"),
        "no_index": ("!published",),
        "text": (),
        "slug": ("{name}",),
    },
    placeholders={":categories": "{categories:lower|}", ":title": "{slug:jekyll}"},
    collections=(
        Collection(
            ("**/_posts/**",),
            url="/{1:lower|}/{year}/{month}/{day}/{slug:jekyll}/",
            keys={"slug": ("slug", ":filename")},
        ),
        Collection(("_guides/**",), url="/g/{path}/"),
    ),
)


PAGES_OF_JEKYLL = {  # as Jekyll 4.3.1 makes them, but for what depends on categories and time zone
    "_guides/a/b.md": "/g/a/b/",
    "about.md": "/about/",
    "team/index.md": "/team/",
    "_posts/2024-01-02-notitle-given.md": "/2024/01/02/notitle-given/",
    "_posts/2024-01-02-other-date.md": "/2023/12/24/other-date/",
    "_posts/2024-01-02-plain.md": "/2024/01/02/plain/",
    "_posts/2024-01-07-Upper-Case_and.dots-1.0.md": "/2024/01/07/Upper-Case_and.dots-1.0/",
    "_posts/2024-01-08-slugged.md": "/2024/01/08/Other-Slug/",
    "_posts/2024-01-09-permalinked.md": "/x/permalinked.html",
    "_posts/2024-1-3-short.md": "/2024/01/03/short/",
    "_posts/news/2024-01-04-in-folder.md": "/2024/01/04/in-folder/",
    "news/_posts/2024-01-04-folder-above.md": "/news/2024/01/04/folder-above/",
}


def test_pages_of_jekyll_have_the_urls_that_jekyll_gives_them(site: Site) -> None:
    build(site, CASES / "jekyll", content=JEKYLL)
    articles = by_path(site.rows("articles"))
    assert {path: articles[path]["url"] for path in PAGES_OF_JEKYLL} == PAGES_OF_JEKYLL
    assert articles["_posts/2024-01-02-notitle-given.md"]["title"] == "Notitle Given"
    assert articles["_posts/2024-01-10-unpublished.md"]["no_index"]


HUGO = ContentModel(
    required=("url",),
    url="/{path:hugo}/",
    slash="always",
    keys={
        "url": ("url",),
        "title": ("title",),
        "published": (":filename", "date", "lastmod"),
        "no_index": ("draft", "build.list=never"),
        "text": (),
        "slug": ("slug", "{name}"),
    },
    collections=(
        Collection(("posts/_index.md",)),
        Collection(("posts/**",), url="/p/{slug:hugo|}/", keys={"slug": ("slug", "title")}),
    ),
)
PAGES_OF_HUGO = {  # as Hugo 0.168 makes them, in its first language
    "_index.md": "/",
    "docs/Deep Folder/Über uns_2.0.md": "/docs/deep-folder/%C3%BCber-uns_2.0/",
    "docs/nofm.md": "/docs/nofm/",
    "posts/2024-02-03-dated.md": "/p/dated/",
    "posts/2024-02-04-both.md": "/p/both/",
    "posts/My Post/index.md": "/p/a-title-more/",
    "posts/_index.md": "/posts/",
    "posts/notitle.md": "/p/",
    "posts/slugged.md": "/p/other-slug/",
    "posts/urled.md": "/Somewhere/Else/",
}


def test_pages_of_hugo_have_the_urls_that_hugo_gives_them(site: Site) -> None:
    sources = Sources(exclude=("*.fr.md",), front_matter="optional")
    build(site, CASES / "hugo" / "content", content=HUGO, sources=sources)
    articles = by_path(site.rows("articles"))
    assert {path: articles[path]["url"] for path in PAGES_OF_HUGO} == PAGES_OF_HUGO
    published = articles["posts/2024-02-04-both.md"]["published"]
    assert published == dt.date(2024, 2, 4)
    assert articles["posts/My Post/index.md"]["published"] == dt.date(2024, 1, 2)
    assert articles["about.md"]["no_index"]
