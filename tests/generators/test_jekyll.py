"""The preset of Jekyll against Jekyll."""

import json
import shutil
from pathlib import Path

import pytest

from tests.conftest import Site
from tests.generators.pages import Page, differences, lay_out, page, run

CONFIG = """
timezone: UTC
collections:
  guides: {output: true}
"""
LISTING = """
Jekyll::Hooks.register :site, :post_write do |site|
  items = site.pages + site.documents
  listed = items.select { |item| item.relative_path !~ /^assets/ && item.write? }.map do |item|
    { path: item.relative_path, url: item.url, title: item.data["title"],
      day: item.data["date"] == site.time ? nil : item.data["date"]&.strftime("%Y-%m-%d"),
      exists: File.exist?(item.destination(site.dest)) }
  end
  File.write(File.join(site.source, "_listing.json"), listed.to_json)
end
"""
FILES = {
    "index.md": page("title: Home"),
    "about.md": page("title: About"),
    "untitled.md": page(),
    "no-front-matter.md": "# Text\n",
    "Top Level Page.md": page("title: T"),
    "2024-01-02-page.md": page("title: T"),
    "page-with-date.md": page("title: T\ndate: 2024-01-02"),
    "docs/index.md": page("title: Docs"),
    "docs/readme.md": page("title: X"),
    "docs/docs.md": page("title: X"),
    "docs/a.b.c.md": page("title: X"),
    "docs/Ünïcode Näme.md": page("title: X"),
    "docs/100%.md": page("title: X"),
    "docs/what?.md": page("title: X"),
    "docs/a & b (c).md": page("title: X"),
    "docs/plus+and~tilde.md": page("title: X"),
    "docs/CamelCase.markdown": page("title: X"),
    "docs/Upper/index.markdown": page("title: X"),
    "docs/01-numbered.md": page("title: X"),
    "docs/slugged.md": page("title: X\nslug: other"),
    "docs/permalink.md": page("title: X\npermalink: /Some Where/Else/"),
    "docs/relative.md": page("title: X\npermalink: elsewhere/page.html"),
    "docs/bare.md": page("title: X\npermalink: /bare"),
    "docs/placeholders.md": page("title: X\npermalink: /p/:basename:output_ext"),
    "docs/Upper/readme/index.md": page("title: X\npermalink: /q/:path/:basename:output_ext"),
    "docs/unpublished.md": page("title: X\npublished: false"),
    "docs/draft.md": page("title: X\ndraft: true"),
    "docs/future.md": page("title: X\ndate: 2099-01-01"),
    "_includes/part.md": page("title: X"),
    "_drafts/idea.md": page("title: X"),
    "_hidden.md": page("title: X"),
    "docs/_below/page.md": page("title: X"),
    "docs/#part.md": page("title: X"),
    "docs/~tilde.md": page("title: X"),
    "docs/backup.md~": page("title: X"),
    "_posts/2024-01-02-plain.md": page("title: X"),
    "_posts/2024-01-03-no-title-given.md": page(),
    "_posts/2024-01-03-ünïcode Näme.md": page(),
    "_posts/2024-01-03-Mixed_CASE and.dots-1.0.md": page(),
    "_posts/2024-01-03-a & b (c), d!.md": page(),
    "_posts/2024-01-03-double--hyphen-.md": page(),
    "_posts/2024-1-4-short.md": page("title: X"),
    "_posts/2024_01_04_underscores.md": page("title: X"),
    "_posts/undated.md": page("title: X\ndate: 2024-01-02"),
    "_posts/2024-01-05-other-date.md": page("title: X\ndate: 2023-12-24 23:30:00 -0500"),
    "_posts/2024-01-05-slugged.md": page("title: X\nslug: Ein Anderer"),
    "_posts/2024-01-05-permalinked.md": page("title: X\npermalink: /x/:title/:slug.html"),
    "_posts/2024-01-05-pretty.md": page("title: X\npermalink: pretty"),
    "_posts/2024-01-05-date-style.md": page("title: X\npermalink: date\ncategories: C"),
    "_posts/2024-01-05-none-style.md": page("title: X\npermalink: none\ncategories: C"),
    "_posts/2024-01-05-ordinal.md": page("title: X\npermalink: ordinal"),
    "_posts/2024-01-05-week.md": page("title: X\npermalink: weekdate"),
    "_posts/2024-01-05-letters.md": page(
        "title: X\npermalink: /:short_month/:long_month/:short_day/:long_day/:title"
    ),
    "_posts/2024-01-06-cats.md": page("title: X\ncategories: Big News big"),
    "_posts/2024-01-06-cat-list.md": page("title: X\ncategories: [Big News, Ünï/Code, C#]"),
    "_posts/2024-01-06-category.md": page("title: X\ncategory: Some"),
    "_posts/2024-01-06-category-words.md": page("title: X\ncategory: Two Words"),
    "_posts/2024-01-06-category-list.md": page("title: X\ncategory: [Two Words, B]"),
    "_posts/2024-01-06-both-words.md": page("title: X\ncategory: Two Words\ncategories: A B"),
    "_posts/2024-01-06-both.md": page("title: X\ncategory: one\ncategories: [two, One]"),
    "_posts/2024-01-06-sluggified.md": page(
        "title: X\ncategories: [Big News, C#]\npermalink: /:slugified_categories/:title/"
    ),
    "_posts/2024-01-07-tags.md": page("title: X\ntags: a b"),
    "_posts/2024-01-08-future.md": page("title: X\ndate: 2099-01-01"),
    "_posts/2099-01-08-later.md": page("title: X"),
    "_posts/2024-01-09-unpublished.md": page("title: X\npublished: false"),
    "_posts/deep/er/2024-01-10-below.md": page("title: X"),
    "_posts/2024-01-11-folder/2024-01-11-in-folder.md": page("title: X"),
    "news/_posts/2024-01-12-above.md": page("title: X"),
    "News/Big Ones/_posts/2024-01-12-above-twice.md": page("title: X\ncategories: news own"),
    "_guides/one.md": page("title: X"),
    "_guides/Two Words.md": page(),
    "_guides/2024-01-02-dated.md": page(),
    "_guides/deep/er.md": page("title: X\nslug: other"),
    "_guides/index.md": page("title: X"),
    "_guides/own.md": page("title: X\npermalink: /:collection/x/:name:output_ext"),
    "_guides/deep/index.md": page("title: X\npermalink: /:collection/n/:name:output_ext"),
    "_guides/unpublished.md": page("title: X\npublished: false"),
    "_guides/future.md": page("title: X\ndate: 2099-01-01"),
}
SETTINGS = """
[sources]

exclude = ["!_guides/"]
[content]
preset = "jekyll"
[[content.collections]]
name = "guides"
files = "_guides/**"
url = "/guides/{path}.html"
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("jekyll") is None:
        pytest.skip("Jekyll is not installed: apt-get install jekyll")
    home = tmp_path_factory.mktemp("jekyll")
    lay_out(home / "raw", FILES)
    lay_out(home, {"raw/_config.yml": CONFIG, "raw/_plugins/listing.rb": LISTING})
    run("jekyll", "build", "--quiet", "--disable-disk-cache", cwd=home / "raw")
    return home


def listed_by_jekyll(home: Path) -> dict[str, Page]:
    listed = json.loads((home / "raw" / "_listing.json").read_text())
    assert all(one["exists"] for one in listed)
    return {one["path"]: Page(one["url"], one["title"], one["day"]) for one in listed}


def test_the_preset_gives_the_pages_urls_titles_and_dates_that_jekyll_gives(
    site: Site, home: Path
) -> None:
    assert differences(site, home, SETTINGS, listed_by_jekyll(home)) == {}
