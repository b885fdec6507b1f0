"""The preset of Docusaurus against Docusaurus."""

import json
from pathlib import Path

import pytest

from tests.conftest import Site
from tests.generators.pages import Page, differences, from_npm, lay_out, page, run

# What its plugins load: the bundling that follows says nothing more of pages.
SITE = {
    "docusaurus.config.js": """
module.exports = {
  title: "A", url: "https://a.example", baseUrl: "/", onBrokenLinks: "ignore",
  future: { experimental_vcs: "hardcoded" },
  plugins: [
    ["@docusaurus/plugin-content-docs", { sidebarPath: undefined }],
    ["@docusaurus/plugin-content-blog", { onUntruncatedBlogPosts: "ignore" }],
    "@docusaurus/plugin-content-pages",
  ],
};
""",
    "listing.js": """
const { loadSite } = require("@docusaurus/core/lib/server/site");
process.env.NODE_ENV = "production";
loadSite({ siteDir: __dirname, outDir: "build" }).then(({ props }) => {
  const content = (name) =>
    props.plugins.find((plugin) => plugin.name === `docusaurus-plugin-content-${name}`).content;
  const docs = content("docs").loadedVersions[0].docs;
  const posts = content("blog").blogPosts.map(({ metadata }) => metadata);
  const pages = content("pages").filter(({ type }) => type === "mdx");
  const listed = [...docs, ...posts, ...pages].filter(({ unlisted }) => !unlisted).map(
    ({ source, permalink, title, frontMatter, date }) => {
      const isDated = date && (frontMatter.date || /\\d{4}[-/]\\d/.test(source));
      return { source, permalink, title, day: isDated ? date.toISOString().slice(0, 10) : null };
    }
  );
  console.log("\\n" + JSON.stringify(listed));
});
""",
}
FILES = {
    "docs/index.md": page("title: Docs"),
    "docs/intro.md": "# Introduction\n\nText.\n",
    "docs/no-title.md": "Text.\n",
    "docs/later.md": "Text.\n\n# Later\n",
    "docs/second.md": "## Second level\n\n# First\n",
    "docs/styled.md": "# A `code` and more {#own}\n",
    "docs/setext.md": "Underlined\n===\n",
    "docs/both.md": page("title: Of keys", "# Of the text"),
    "docs/Top Level Page.md": page("title: T"),
    "docs/a.b.c.md": page("title: X"),
    "docs/Ünïcode Näme.md": page("title: X"),
    "docs/a & b (c).md": page("title: X"),
    "docs/plus+and~tilde.md": page("title: X"),
    "docs/CamelCase.md": page("title: X"),
    "docs/_partial.md": page("title: X"),
    "docs/_partials/page.md": page("title: X"),
    "docs/page.test.md": page("title: X"),
    "docs/01-numbered.md": "Text.\n",
    "docs/01-folder/02-numbered.md": page("title: X"),
    "docs/01-folder/index.md": page("title: X"),
    "docs/2024-01-02-dated.md": page("title: X"),
    "docs/7.0-version.md": page("title: X"),
    "docs/3 - blanks.md": page("title: X"),
    "docs/1-2-3.md": page("title: X"),
    "docs/guides/README.md": page("title: X"),
    "docs/twin/Twin.md": page("title: X"),
    "docs/1. Steps/Steps.md": page("title: X"),
    "docs/identified.md": page("title: X\nid: other"),
    "docs/identified-index/index.md": page("title: X\nid: index"),
    "docs/identified-untitled.md": page("id: untitled"),
    "docs/sub/slugged.md": page("title: X\nslug: elsewhere"),
    "docs/sub/slugged-deep.md": page("title: X\nslug: ./deep/er"),
    "docs/sub/slugged-up.md": page("title: X\nslug: ../up"),
    "docs/sub/absolute.md": page("title: X\nslug: /from/the/root"),
    "docs/sub/slash.md": page("title: X\nslug: /with/slash/"),
    "docs/sub2/index.md": page("title: X\nslug: /own-index"),
    "docs/draft.md": page("title: X\ndraft: true"),
    "docs/unlisted.md": page("title: X\nunlisted: true"),
    "blog/2024-01-02-dated.md": page("title: X"),
    "blog/2024-01-03-no-title.md": "Text.\n",
    "blog/2024-01-04-heading.md": "# Of the text\n",
    "blog/2024-01-05-other-date.md": page("title: X\ndate: 2023-12-24"),
    "blog/2024-01-05-late.md": page("title: X\ndate: 2024-05-06T23:30:00-05:00"),
    "blog/2024-01-06-slugged.md": page("title: X\nslug: of/its/own"),
    "blog/2024-01-07-absolute.md": page("title: X\nslug: /from/the/root"),
    "blog/2024-01-08-folder/index.md": page("title: X"),
    "blog/2024-01-09-folder/page.md": page("title: X"),
    "blog/2024/01/10/in-folders.md": page("title: X"),
    "blog/2024/01/11-in-folders.md": page("title: X"),
    "blog/sub/2024-01-12-below.md": page("title: X"),
    "blog/undated.md": page("title: X"),
    "blog/undated-sub/index.md": page("title: X\ndate: 2024-01-13"),
    "blog/2024-01-14-draft.md": page("title: X\ndraft: true"),
    "blog/2024-01-15-unlisted.md": page("title: X\nunlisted: true"),
    "blog/2024-01-16-Mixed Case.md": page("title: X"),
    "blog/2099-01-16-later.md": page("title: X"),
    "blog/_partial.md": page("title: X"),
    "src/pages/index.md": page("title: Home"),
    "src/pages/about.md": "# About\n",
    "src/pages/sub/index.md": page("title: X"),
    "src/pages/sub/Page Of.md": page("title: X"),
    "src/pages/01-numbered.md": page("title: X"),
    "src/pages/slugged.md": page("title: X\nslug: /other"),
    "src/pages/sub/slugged.md": page("title: X\nslug: third"),
    "src/pages/_part.md": page("title: X"),
    "src/pages/draft.md": page("title: X\ndraft: true"),
    "README.md": "# Of the repository\n",
    "src/components/README.md": "# Of the code\n",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("docusaurus")
    from_npm(home, "@docusaurus/core")
    lay_out(home, FILES)
    lay_out(home, SITE)
    return home


def test_the_preset_gives_the_pages_urls_titles_and_dates_that_docusaurus_gives(
    site: Site, home: Path
) -> None:
    listed = json.loads(run("node", "listing.js", cwd=home).splitlines()[-1])
    pages = {
        one["source"].removeprefix("@site/"): Page(one["permalink"], one.get("title"), one["day"])
        for one in listed
    }
    settings = '[paths]\nraw = "."\n[content]\npreset = "docusaurus"\n'
    assert differences(site, home, settings, pages) == {}
