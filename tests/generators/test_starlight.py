"""The preset of Starlight against Starlight, in two languages."""

import json
from pathlib import Path

import pytest

from tests.conftest import Site
from tests.generators.pages import Page, differences, from_npm, lay_out, page, run

SITE = {
    "astro.config.mjs": """
import { defineConfig } from "astro/config";
import starlight from "@astrojs/starlight";
export default defineConfig({
  site: "https://a.example",
  cacheDir: "./.cache",
  integrations: [
    starlight({
      title: "A", pagefind: false, expressiveCode: false, disable404Route: true,
      locales: { root: { label: "English", lang: "en" }, fr: { label: "Français" } },
    }),
  ],
});
""",
    "src/content.config.ts": """
import { defineCollection } from "astro:content";
import { docsLoader } from "@astrojs/starlight/loaders";
import { docsSchema } from "@astrojs/starlight/schema";
const docs = defineCollection({ loader: docsLoader(), schema: docsSchema() });
export const collections = { docs };
""",
    # The entries as Astro has stored them, but for those that Starlight makes no page of.
    "listing.mjs": """
import fs from "node:fs";
import { unflatten } from "devalue";
const store = unflatten(JSON.parse(fs.readFileSync(".cache/data-store.json", "utf-8")));
const entries = [...store.get("docs").values()].filter(({ data }) => !data.draft);
console.log(JSON.stringify(
  entries.map(({ id, filePath, data }) => ({ id, path: filePath, title: data.title }))
));
""",
}
FILES = {
    "index.md": page("title: Home"),
    "about.md": page("title: About"),
    "guides/index.md": page("title: Guides"),
    "guides/Two Words & more.md": page("title: X"),
    "guides/a.b.md": page("title: X"),
    "guides/01-numbered.md": page("title: X"),
    "guides/slugged.md": page("title: X\nslug: other/page"),
    "guides/draft.md": page("title: X\ndraft: true"),
    "guides/not-in-search.md": page("title: X\npagefind: false"),
    "guides/_part.md": page("title: X"),
    "fr/index.md": page("title: Accueil"),
    "fr/about.md": page("title: À propos"),
    "fr/guides/index.md": page("title: Guides"),
    "fr/guides/slugged.md": page("title: X\nslug: fr/autre/page"),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("starlight")
    from_npm(home, "@astrojs/starlight")
    lay_out(home / "src" / "content" / "docs", FILES)
    lay_out(home, SITE)
    return home


def test_the_preset_gives_the_pages_urls_that_starlight_gives(site: Site, home: Path) -> None:
    run("node", home / "node_modules" / "astro" / "astro.js", "sync", "--silent", cwd=home)
    listed = json.loads(run("node", "listing.mjs", cwd=home))
    pages = {
        one["path"].removeprefix("src/content/docs/"): Page(
            f"/{one['id'].removesuffix('index').strip('/')}/".replace("//", "/"), one["title"]
        )
        for one in listed
    }
    settings = (
        '[paths]\nraw = "src/content/docs"\n'
        '[content]\npreset = "starlight"\nlanguages = ["en", "fr"]\n'
    )
    assert differences(site, home, settings, pages) == {}
