"""The preset of Eleventy against Eleventy."""

import datetime as dt
import json
from pathlib import Path

import pytest

from tests.conftest import Site
from tests.generators.pages import Page, differences, from_npm, lay_out, page, run

# Drafts are left out as in Eleventy's own blog; its collection `all` is what sitemaps are made of.
CONFIG = """
import fs from "node:fs";

export default function (config) {
  config.addPreprocessor("drafts", "*", (data) => (data.draft ? false : undefined));
  config.addCollection("listed", (api) => {
    const listed = api.getAll().map((item) => ({
      path: item.inputPath, url: item.url, day: item.date.toISOString(), title: item.data.title,
    }));
    fs.writeFileSync("listing.json", JSON.stringify(listed));
    return listed;
  });
  return { dir: { input: "content" } };
}
"""
FILES = {
    "index.md": page("title: Home"),
    "about.md": page("title: About"),
    "no-front-matter.md": "# Text\n",
    "Top Level Page.md": page("title: T"),
    "docs/index.md": page("title: Docs"),
    "docs/readme.md": page("title: X"),
    "docs/a.b.c.md": page("title: X"),
    "docs/Ünïcode Näme.md": page("title: X"),
    "docs/100%.md": page("title: X"),
    "docs/what?.md": page("title: X"),
    "docs/hash#.md": page("title: X"),
    "docs/a & b (c).md": page("title: X"),
    "docs/CamelCase.md": page("title: X"),
    "docs/01-numbered.md": page("title: X"),
    "docs/_underscore.md": page("title: X"),
    "docs/_below/page.md": page("title: X"),
    "docs/Upper/page.md": page("title: X"),
    "docs/slugged.md": page("title: X\nslug: other"),
    "docs/permalink.md": page("title: X\npermalink: /Some Where/Else/"),
    "docs/relative.md": page("title: X\npermalink: elsewhere/page.html"),
    "docs/index-permalink.md": page("title: X\npermalink: /d/index.html"),
    "docs/template.md": page('title: A Title!\npermalink: "/t/{{ title | slugify }}/"'),
    "docs/template-2.md": page('title: Über & co_x\npermalink: "/t/{{ title | slugify }}/"'),
    "docs/its.md": page("title: It's naïve Łódź\npermalink: '/t/{{title | slugify}}/'"),
    "docs/stem.md": page('title: X\npermalink: "{{ page.filePathStem }}.html"'),
    "docs/slug.md": page('title: X\npermalink: "/s/{{ page.fileSlug }}/"'),
    "docs/false.md": page("title: X\npermalink: false"),
    "docs/no-url.md": page("title: X\npermalink:"),
    "docs/draft.md": page("title: X\ndraft: true"),
    "docs/not-draft.md": page("title: X\ndraft: false"),
    "docs/excluded.md": page("title: X\neleventyExcludeFromCollections: true"),
    "docs/future.md": page("title: X\ndate: 2099-01-01"),
    "docs/late.md": page("title: X\ndate: 2024-05-06T23:30:00-05:00"),
    "same/same.md": page("title: X"),
    "same/same.x.md": page("title: X"),
    "node_modules/a/page.md": page("title: X"),
    "_includes/part.md": page("title: X"),
    "posts/2024-01-02-dated.md": page("title: X"),
    "posts/2024-01-03-other-date.md": page("title: X\ndate: 2023-12-24"),
    "posts/2024-1-4-short.md": page("title: X"),
    "posts/2024_01_05_underscores.md": page("title: X"),
    "posts/2024-01-06.md": page("title: X"),
    "posts/2024-01-07 blank.md": page("title: X"),
    "posts/on-2024-01-08-inside.md": page("title: X"),
    "posts/2024-01-09-bundle/index.md": page("title: X"),
    "posts/2024-01-10-twin/2024-01-10-twin.md": page("title: X"),
    "posts/2024-01-11-folder/page.md": page("title: X"),
    "posts/2024-01-12-slugged.md": page('title: X\npermalink: "/s/{{ page.fileSlug }}/"'),
    "posts/2024-01-13-stem.md": page('title: X\npermalink: "/s{{ page.filePathStem }}/"'),
    "posts/2024-01-14-in/index.md": page('title: X\npermalink: "/s/{{ page.fileSlug }}/"'),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("eleventy")
    from_npm(home, "@11ty/eleventy")
    lay_out(home / "content", FILES)
    lay_out(home, {"eleventy.config.mjs": CONFIG})
    return home


def listed_by_eleventy(home: Path) -> dict[str, Page]:
    """The pages by path; those without a date are of the day of their file."""
    eleventy = home / "node_modules" / "@11ty" / "eleventy" / "cmd.cjs"
    run("node", eleventy, "--config=eleventy.config.mjs", "--quiet", cwd=home)
    today = f"{dt.datetime.now(dt.UTC):%Y-%m-%d}"
    return {
        one["path"].removeprefix("./content/"): Page(
            one["url"], one.get("title"), one["day"][:10] if one["day"][:10] != today else None
        )
        for one in json.loads((home / "listing.json").read_text())
        if one["url"]
    }


def test_the_preset_gives_the_pages_urls_and_dates_that_eleventy_gives(
    site: Site, home: Path
) -> None:
    settings = '[paths]\nraw = "content"\n[content]\npreset = "eleventy"\n'
    assert differences(site, home, settings, listed_by_eleventy(home)) == {}
