"""The presets of Astro and of its theme Starlight against Astro."""

import json
from pathlib import Path

import pytest

from tests.conftest import Site
from tests.generators.pages import Page, differences, from_npm, lay_out, page, run

# A collection as in Astro's documentation: drafts are left out, and the entry `index` is the root.
SITE = {
    "astro.config.mjs": """
import { defineConfig } from "astro/config";
export default defineConfig({ site: "https://a.example", cacheDir: "./.cache" });
""",
    "src/content.config.ts": """
import { defineCollection, z } from "astro:content";
import { glob } from "astro/loaders";
const schema = z.object({ pubDate: z.coerce.date().optional() }).passthrough();
const docs = defineCollection({
  loader: glob({ pattern: "**/[^_]*.{md,mdx}", base: "./src/content/docs" }), schema,
});
export const collections = { docs };
""",
    "src/pages/[...slug].astro": """---
import { getCollection } from "astro:content";
export async function getStaticPaths() {
  const entries = await getCollection("docs", ({ data }) => data.draft !== true);
  return entries.map((entry) => ({
    params: { slug: entry.id === "index" ? undefined : entry.id }, props: { entry },
  }));
}
const { entry } = Astro.props;
---
<p>{entry.id}</p>
""",
    "src/pages/listing.json.ts": """
import { getCollection } from "astro:content";
export async function GET() {
  const entries = await getCollection("docs", ({ data }) => data.draft !== true);
  return new Response(JSON.stringify(entries.map(({ id, filePath, data }) => ({
    id, path: filePath, title: data.title, day: data.pubDate?.toISOString(),
  }))));
}
""",
}
FILES = {
    "index.md": page("title: Home"),
    "about.md": page("title: About"),
    "no-front-matter.md": "# Text\n",
    "Top Level Page.md": page("title: T"),
    "docs/index.md": page("title: Docs"),
    "docs/readme.md": page("title: X"),
    "docs/docs.md": page("title: X"),
    "docs/a.b.c.md": page("title: X"),
    "docs/Ünïcode Näme.md": page("title: X"),
    "docs/100.md": page("title: X"),
    "docs/a & b (c), d!.md": page("title: X"),
    "docs/plus+and~tilde.md": page("title: X"),
    "docs/under_score--hyphens.md": page("title: X"),
    "docs/CamelCase.md": page("title: X"),
    "docs/01-numbered.md": page("title: X"),
    "docs/Upper Folder/INDEX.md": page("title: X"),
    "docs/_underscore.md": page("title: X"),
    "docs/_below/page.md": page("title: X"),
    "docs/slugged.md": page("title: X\nslug: other"),
    "docs/slugged-deep.md": page("title: X\nslug: else/Where"),
    "docs/draft.md": page("title: X\ndraft: true"),
    "docs/not-draft.md": page("title: X\ndraft: false"),
    "docs/future.md": page("title: X\npubDate: 2099-01-01"),
    "docs/2024-01-02-dated.md": page("title: X"),
    "docs/words.md": page("title: X\npubDate: Jul 08 2022"),
    "docs/late.md": page("title: X\npubDate: 2024-05-06T23:30:00-05:00"),
    "docs/日本語.md": page("title: X"),
    "docs/em—dash “quoted”.md": page("title: X"),
}


def is_written(home: Path, url: str) -> bool:
    return (home / "dist" / url.strip("/") / "index.html").exists()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("astro")
    from_npm(home, "astro")
    lay_out(home / "src" / "content" / "docs", FILES)
    lay_out(home, SITE)
    return home


def test_the_preset_gives_the_pages_urls_that_astro_gives(site: Site, home: Path) -> None:
    run("node", home / "node_modules" / "astro" / "astro.js", "build", "--silent", cwd=home)
    pages = {
        one["path"].removeprefix("src/content/docs/"): Page(
            f"/{one['id']}/" if one["id"] != "index" else "/",
            one.get("title"),
            (one.get("day") or "")[:10] or None,
        )
        for one in json.loads((home / "dist" / "listing.json").read_text())
    }
    assert all(is_written(home, page.url) for page in pages.values())
    settings = '[paths]\nraw = "src/content/docs"\n[content]\npreset = "astro"\n'
    assert differences(site, home, settings, pages) == {}
