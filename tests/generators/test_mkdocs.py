"""The preset of MkDocs against MkDocs."""

import json
import shutil
from pathlib import Path

import pytest

from tests.conftest import Site
from tests.generators.pages import Page, differences, lay_out, page, run

HOOK = """
import json

LISTED = {}

def on_page_context(context, page, config, nav):
    LISTED[page.file.src_uri] = {"url": page.abs_url, "title": page.title}

def on_post_build(config):
    with open("listing.json", "w") as file:
        json.dump(LISTED, file)
"""
FILES = {
    "index.md": "Text.\n",
    "about.md": "# About us\n",
    "no-title.md": "Text.\n",
    "snake_case-name.md": "Text.\n",
    "lower case name.md": "Text.\n",
    "Mixed case.md": "Text.\n",
    "empty.md": "",
    "headings.md": "Text.\n\n# Second\n\n# Third\n",
    "lower-heading.md": "## Not the first level\n\n# Later\n",
    "styled-heading.md": "# A `code` *and* [link](about.md)\n",
    "setext.md": "Of two\nlines\n===\n",
    "setext-2.md": "One line\n===\n",
    "attributes.md": "# Title {#own}\n",
    "both.md": page("title: Of keys", "# Of the text"),
    "2024-01-02-dated.md": page("title: X"),
    "stated.md": page("title: X\ndate: 2024-01-02\nslug: other\nurl: /other/"),
    "docs/index.md": "# Docs\n",
    "docs/lower/readme.md": page("title: X"),
    "docs/docs.md": page("title: X"),
    "docs/a.b.c.md": page("title: X"),
    "docs/Ünïcode Näme.md": page("title: X"),
    "docs/100%.md": page("title: X"),
    "docs/what?.md": page("title: X"),
    "docs/a & b (c).md": page("title: X"),
    "docs/hash#.md": page("title: X"),
    "docs/01-numbered.md": page("title: X"),
    "docs/_underscore.md": page("title: X"),
    "docs/INDEX/page.md": page("title: X"),
    "docs/Upper/README.md": page("title: X"),
    "docs/page.markdown": page("title: X"),
    "docs/.hidden.md": page("title: X"),
    ".hidden/page.md": page("title: X"),
    "templates/page.md": page("title: X"),
    "docs/templates/page.md": page("title: X"),
}
CONFIG = """
site_name: A
site_url: https://a.example/
hooks: [hook.py]
plugins: []
markdown_extensions: [attr_list]
validation: {nav: {omitted_files: ignore}}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("mkdocs") is None:
        pytest.skip("MkDocs is not on PATH: pip install -r requirements.txt into a venv of its own")
    home = tmp_path_factory.mktemp("mkdocs")
    lay_out(home / "docs", FILES)
    lay_out(home, {"hook.py": HOOK})
    return home


@pytest.mark.parametrize("is_folders", [True, False])
def test_the_preset_gives_the_pages_urls_and_titles_that_mkdocs_gives(
    site: Site, home: Path, is_folders: bool
) -> None:
    lay_out(home, {"mkdocs.yml": f"{CONFIG}use_directory_urls: {str(is_folders).lower()}\n"})
    run("mkdocs", "build", "--quiet", cwd=home)
    listed = json.loads((home / "listing.json").read_text())
    pages = {path: Page(one["url"], one["title"]) for path, one in listed.items()}
    url = "" if is_folders else 'url = "/{path}.html"\n'
    settings = f'[paths]\nraw = "docs"\n[content]\npreset = "mkdocs"\n{url}'
    assert differences(site, home, settings, pages) == {}
