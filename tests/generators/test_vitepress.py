"""The preset of VitePress against VitePress."""

import json
from pathlib import Path

import pytest

from tests.conftest import Site
from tests.generators.pages import Page, differences, from_npm, lay_out, page, run

CONFIG = """
import fs from "node:fs";
const titles = {};
const pathOf = (url) =>
  decodeURI(url).replace(/\\.html$/, "").replace(/^$|\\/$/, "$&index") + ".md";
export default {
  srcDir: "docs",
  ignoreDeadLinks: true,
  sitemap: {
    hostname: "https://a.example",
    transformItems: (items) => {
      const listed = items.map(({ url }) => {
        const path = pathOf(url);
        return { path, url: `/${url}`, title: titles[path] };
      });
      fs.writeFileSync("listing.json", JSON.stringify(listed));
      return items;
    },
  },
  transformPageData: ({ relativePath, title }) => { titles[relativePath] = title; },
};
"""
FILES = {
    "index.md": page("layout: home\nhero: {name: Hero, text: T}"),
    "about.md": page("title: About"),
    "heading.md": "# From the heading\n\nText.\n",
    "styled.md": "# A `code` *and* [link](./about)\n",
    "anchor.md": "# Title {#own}\n",
    "both.md": page("title: Of keys", "# Of the text"),
    "later.md": "Text.\n\n# Later\n",
    "no-heading.md": "Text.\n",
    "Top Level Page.md": page("title: T"),
    "docs/index.md": page("title: Docs"),
    "docs/readme.md": page("title: X"),
    "docs/docs.md": page("title: X"),
    "docs/a.b.c.md": page("title: X"),
    "docs/Ünïcode Näme.md": page("title: X"),
    "docs/a & b (c).md": page("title: X"),
    "docs/plus+and~tilde.md": page("title: X"),
    "docs/CamelCase.md": page("title: X"),
    "docs/01-numbered.md": page("title: X"),
    "docs/2024-01-02-dated.md": page("title: X"),
    "docs/_underscore.md": page("title: X"),
    "docs/_below/page.md": page("title: X"),
    "docs/slugged.md": page("title: X\nslug: other\npermalink: /other"),
    "docs/draft.md": page("title: X\ndraft: true"),
    "docs/Upper/index.md": page("title: X"),
    "node_modules/page.md": page("title: X"),
    ".vitepress/page.md": page("title: X"),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("vitepress")
    from_npm(home, "vitepress")
    lay_out(home / "docs", FILES)
    lay_out(home, {".vitepress/config.mjs": CONFIG})
    return home


def test_the_preset_gives_the_pages_urls_and_titles_that_vitepress_gives(
    site: Site, home: Path
) -> None:
    vitepress = home / "node_modules" / "vitepress" / "bin" / "vitepress.js"
    run("node", vitepress, "build", cwd=home)
    listed = json.loads((home / "listing.json").read_text())
    pages = {one["path"]: Page(one["url"], one["title"] or None) for one in listed}
    settings = '[paths]\nraw = "docs"\n[content]\npreset = "vitepress"\n'
    assert differences(site, home, settings, pages) == {}
