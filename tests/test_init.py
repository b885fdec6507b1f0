"""What `pressroom init` writes for a folder, and what a build makes of it."""

import os
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pressroom.model import settings_toml
from tests.conftest import AS_OF, ROOT, pressroom
from tests.test_other_sites import expected_pages

SITES = ROOT / "tests" / "cases" / "init"
NAMES = sorted(path.name for path in SITES.iterdir() if path.is_dir())
RENEW = "make golden"


@pytest.fixture
def site(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A copy of a site, in a folder of its own."""
    return shutil.copytree(SITES / request.param, tmp_path / request.param)


every_site = pytest.mark.parametrize("site", NAMES, indirect=True)


@every_site
def test_settings_are_proposed_that_were_looked_at(site: Path) -> None:
    done = pressroom("init", cwd=site)
    assert done.status == 0, done.err
    found = (site / "pressroom.toml").read_bytes()
    golden = SITES / f"{site.name}.toml"
    if os.environ.get("PRESSROOM_GOLDEN") == "1":
        golden.write_bytes(found)

    message = f"If the settings are as they should be, renew {golden} by: {RENEW}"
    assert found.decode().splitlines() == golden.read_text().splitlines(), message
    assert found == golden.read_bytes(), message


@every_site
def test_a_dry_run_prints_the_same_bytes_and_writes_nothing(site: Path) -> None:
    before = sorted(site.rglob("*"))
    done = pressroom("init", site, "--dry-run")

    assert done.out == (SITES / f"{site.name}.toml").read_text()
    assert sorted(site.rglob("*")) == before


# The urls that generators give to some of the files.
URLS: dict[str, dict[str, str]] = {
    "astro": {"First Post.md": "/articles/first-post", "pt-br/second.md": "/pt-br/articles/second"},
    "cloudcannon": {
        "content/pages/about/us.md": "/about/us/",
        "content/posts/hello.md": "/blog/2024/hello/",
    },
    "docfx": {"guides/Start.md": "/help/Start.html", "index.md": "/"},
    "docusaurus": {
        "blog/2024-01-02-welcome.md": "/blog/welcome",
        "docs/intro.md": "/guides/next/intro",
        "docs/tutorial/tutorial.md": "/guides/next/tutorial",
        "i18n/fr/docusaurus-plugin-content-docs/current/intro.md": "/fr/guides/next/intro",
        "versioned_docs/version-1.0/intro.md": "/guides/1.0/intro",
        "versioned_docs/version-2.0/intro.md": "/guides/intro",
    },
    "eleventy": {"blog/2024-01-02-first.md": "/b/first/", "index.md": "/"},
    "hugo": {
        "_index.md": "/",
        "docs/deep/start.md": "/docs/deep/start/",
        "posts/2024-01-02-one.md": "/p/2024/number-one/",
        "posts/2024-02-03-two.md": "/p/2024/zwei/",
        "posts/2024-02-03-two.fr.md": "/fr/p/2024/deux/",
        "posts/_index.md": "/posts/",
    },
    "hugo-folder": {"about.md": "/about.html", "post/un.md": "/un/"},
    "jekyll": {
        "_guides/brewing/water.md": "/g/brewing/water/",
        "_posts/2024-01-02-green-tea.md": "/2024/green-tea/",
        "about.md": "/about/",
        "old/boats.md": "/archive/boats.html",
    },
    "mkdocs": {"index.md": "/", "use/start.md": "/use/start.html"},
    "obsidian": {"Boat trip.md": "/Boat+trip", "Books/Moby-Dick.md": "/Books/Moby-Dick"},
    "plain": {"a.md": "/a/", "notes/c.md": "/notes/c/"},
    "quartz": {"index.md": "/", "Ideas & plans.md": "/Ideas--and--plans"},
    "starlight": {
        "guides/start.md": "/guides/start/",
        "zh-cn/guides/start.md": "/zh-cn/guides/start/",
    },
    "vitepress": {"guide/start.md": "/guide/start", "fr/guide/start.md": "/fr/guide/start"},
    "wordpress": {
        "pages/about/index.md": "/about/",
        "posts/2024-01-02-hello/index.md": "/2024/01/02/hello/",
    },
    "zola": {
        "blog/2024-01-02-hello.md": "/blog/hello/",
        "blog/2024-01-02-hello.de.md": "/de/blog/hello/",
    },
}


def urls(settings: Path) -> dict[str, str]:
    """The urls of what was built by settings, by path."""
    articles = settings_toml.load(settings).paths.out / "current" / "tables" / "articles"
    rows = pq.read_table(articles, columns=["source_path", "url"]).to_pylist()
    return {row["source_path"]: row["url"] for row in rows}


@every_site
def test_a_build_gives_files_the_urls_of_their_generator(site: Path) -> None:
    assert pressroom("init", site).status == 0
    settings = site / "pressroom.toml"
    done = pressroom("build", "--settings", settings, "--as-of", str(AS_OF))

    assert done.status == 0, done.err
    found = urls(settings)
    expected = URLS[site.name]
    assert {path: found.get(path) for path in expected} == expected


@pytest.mark.parametrize("name", ["hugo", "jekyll"])
def test_a_build_gives_the_urls_that_the_generator_itself_listed(name: str, tmp_path: Path) -> None:
    home = shutil.copytree(SITES.parent / "sites" / name, tmp_path / name)
    assert pressroom("init", home).status == 0
    done = pressroom("build", "--settings", home / "pressroom.toml", "--as-of", str(AS_OF))

    assert done.status == 0, done.err
    found = urls(home / "pressroom.toml")
    pages = expected_pages(name)
    assert {path: found.get(path) for path in pages} == {
        path: page["url"] for path, page in pages.items()
    }


def tree(home: Path, **files: str) -> Path:
    """A folder of files, in whose names ``__`` stands for a slash."""
    for name, text in files.items():
        path = home / name.replace("__", "/").replace("_md", ".md")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return home


NOTE = "---\ntitle: A\n---\n"


def test_no_settings_are_overwritten(tmp_path: Path) -> None:
    tree(tmp_path, a_md=NOTE)
    settings = tmp_path / "pressroom.toml"
    settings.write_text("# mine")
    done = pressroom("init", tmp_path)

    assert done.status == 2
    assert "pressroom.toml" in done.err
    assert settings.read_text() == "# mine"


def test_a_link_in_the_place_of_settings_is_not_written_through(tmp_path: Path) -> None:
    tree(tmp_path, a_md=NOTE)
    (tmp_path / "pressroom.toml").symlink_to("elsewhere.toml")

    assert pressroom("init", tmp_path).status == 2
    assert not (tmp_path / "elsewhere.toml").exists()


@pytest.mark.parametrize("names", [[], ["hugo.toml"], ["hugo.toml", "content/a.txt"], ["b.html"]])
def test_a_folder_without_a_file_to_read_is_refused(names: list[str], tmp_path: Path) -> None:
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("title = 'A'")
    done = pressroom("init", tmp_path)

    assert done.status == 2
    assert str(tmp_path) in done.err
    assert not (tmp_path / "pressroom.toml").exists()


def test_the_next_command_names_the_settings_where_they_are_not_here(tmp_path: Path) -> None:
    home = tree(tmp_path / "a site", a_md=NOTE)
    there = pressroom("init", home)
    (home / "pressroom.toml").unlink()
    here = pressroom("init", cwd=home)

    assert there.out.endswith(f"pressroom build --settings '{home / 'pressroom.toml'}'\n")
    assert here.out.endswith("pressroom build\n")


def test_a_generator_in_a_folder_below_is_named(tmp_path: Path) -> None:
    tree(tmp_path, README_md="# A", docs__content__a_md=NOTE)
    (tmp_path / "docs" / "hugo.toml").write_text("baseURL = 'https://a.example'")
    done = pressroom("init", tmp_path)
    assert "pressroom init docs" in done.out


def test_files_that_cannot_be_read_are_counted_and_stop_nothing(tmp_path: Path) -> None:
    tree(tmp_path, a_md=NOTE, b_md="---\ntitle: [\n---\n", c_md="no front matter")
    (tmp_path / "d.md").write_bytes(b"---\ntitle: \xff\n---\n")
    (tmp_path / "e.md").symlink_to("nowhere.md")
    done = pressroom("init", tmp_path)

    assert done.status == 0
    assert "5 files" in done.out
    assert "3 whose" in done.out
    assert 'front_matter = "optional"' in (tmp_path / "pressroom.toml").read_text()


def test_what_a_configuration_says_in_vain_is_left_out_and_told(tmp_path: Path) -> None:
    tree(tmp_path, content__a_md=NOTE)
    (tmp_path / "hugo.toml").write_text(
        'baseURL = "https://a.example"\ntimeZone = "Nowhere/Land"\n[permalinks]\nx = "/{/:title/"\n'
    )
    done = pressroom("init", tmp_path)

    assert done.status == 0
    text = (tmp_path / "pressroom.toml").read_text()
    assert done.out.count("Note: ") == text.count("# Note: ") == 2
    assert "timezone" not in text.partition("[site]")[2]
    settings = settings_toml.load(tmp_path / "pressroom.toml")
    assert settings.site.base_url == "https://a.example"
    assert settings.content.preset == "hugo"


JEKYLL = "_config.yml", "title: A\ncollections: {guides: {output: true}}\ndefaults:\n", "a.md"
HUGO = "hugo.toml", "baseURL = 'https://a.test'\n", "content/a.md"


@pytest.mark.parametrize(
    ("generator", "stated", "constants", "left"),
    [
        (JEKYLL, "- values: {author: Ann, layout: x}", {"": {"author": "Ann"}}, ()),
        (
            JEKYLL,
            "- scope: {path: '', type: posts}\n  values: {author: Ann, comments: true}",
            {"posts": {"author": "Ann"}},
            ("type 'posts', not taken over: comments.",),
        ),
        (
            JEKYLL,
            "- scope: {path: '', type: guides}\n  values: {lang: fr, author: {name: B}}",
            {"guides": {"language": "fr"}},
            ("type 'guides', not taken over: author.",),
        ),
        (
            JEKYLL,
            "- scope: {path: old}\n  values: {sitemap: false, description: D}",
            {"old": {"description": "D"}},
            (),
        ),
        (
            JEKYLL,
            "- scope: {path: old}\n  values: {author: Ann}\n"
            "- scope: {path: '', type: pages}\n  values: {author: Ann, sitemap: false}",
            {},
            (
                "path 'old', not taken over: author.",
                "type 'pages', not taken over: author, sitemap.",
            ),
        ),
        (JEKYLL, "- 3\n- values: [a]\n- scope: b", {}, ()),
        (HUGO, "cascade = {author = 'Ann'}", {"": {"author": "Ann"}}, ()),
        (
            HUGO,
            "[[cascade]]\nbanner = 'x'\n[cascade.params]\nauthor = 'Ann'",
            {"": {"author": "Ann"}},
            ("all pages, not taken over: banner.",),
        ),
        (
            HUGO,
            "[[cascade]]\nauthor = 'Ann'\n[cascade._target]\npath = '/posts/**'",
            {},
            ("/posts/**, not taken over: author.",),
        ),
        (HUGO, "cascade = 3", {}, ()),
    ],
)
def test_what_a_configuration_states_for_files_is_set_or_told(
    generator: tuple[str, str, str],
    stated: str,
    constants: dict[str, dict[str, str]],
    left: tuple[str, ...],
    tmp_path: Path,
) -> None:
    file, beginning, page = generator
    (tmp_path / page).parent.mkdir(exist_ok=True)
    (tmp_path / page).write_text(NOTE)
    (tmp_path / file).write_text(beginning + stated)
    done = pressroom("init", tmp_path, "--dry-run")
    content = settings_toml.parse(done.out, tmp_path / "pressroom.toml").content

    found = {"": content.set, **{str(one.name): one.set for one in content.collections}}
    assert {name: said for name, said in found.items() if said} == constants
    notes = [line for line in done.out.splitlines() if "not taken over" in line]
    assert len(notes) == len(left)
    assert all(note.endswith(end) for note, end in zip(notes, left, strict=True))


def test_an_address_that_is_none_is_not_taken_over(tmp_path: Path) -> None:
    tree(tmp_path, content__a_md=NOTE)
    (tmp_path / "hugo.toml").write_text('baseURL = "/"\ntitle = "A"\n')
    pressroom("init", tmp_path)
    assert (
        settings_toml.load(tmp_path / "pressroom.toml").site.base_url == "https://www.example.org"
    )


@pytest.mark.parametrize(
    ("file", "text", "excluded"),
    [
        ("templates.json", '{"folder": "Templates"}', ("/Templates/",)),
        ("plugins/templater-obsidian/data.json", '{"templates_folder": "T/A"}', ("/T/A/",)),
        ("publish.json", '{"siteId": "1", "host": "h", "excluded": ["B", "C/"]}', ("/B/", "/C/")),
        ("publish.json", '{"host": "publish-01.obsidian.md"}', ()),
        ("templates.json", '{"folder": "/"}', ()),
    ],
)
def test_folders_of_a_vault_that_are_not_published_are_left_out(
    file: str, text: str, excluded: tuple[str, ...], tmp_path: Path
) -> None:
    path = tmp_path / ".obsidian" / file
    path.parent.mkdir(parents=True)
    path.write_text(text)
    tree(tmp_path, a_md=NOTE)
    done = pressroom("init", tmp_path, "--dry-run")
    settings = settings_toml.parse(done.out, tmp_path / "pressroom.toml")

    assert settings.sources.exclude == (".obsidian/", ".trash/", *excluded)


@pytest.mark.parametrize(
    ("paths", "text", "preset", "raw"),
    [
        ("a/_posts/2024-1-2-x.md", NOTE, "jekyll", "."),
        ("site/content/_index.md", NOTE, "hugo", "site/content"),
        ("_index.md", NOTE, "hugo", "."),
        ("posts/_drafts/a.md posts/b.md", NOTE, "wordpress", "."),
        ("a.md", "---\ncoverImage: a.png\n---\n", "wordpress", "."),
        ("docs/a.md", "---\nsidebar_position: 1\n---\n", "docusaurus", "."),
        ("a.md", "---\nrelated_article1: {id: 1}\n---\n", "quicktakes", "."),
        ("a.md", "---\nms.date: 01/02/2024\n---\n", "docfx", "."),
        ("a.md", "---\neleventyNavigation: {key: A}\n---\n", "eleventy", "."),
        ("a.md", "---\npubDate: 2024-01-02\n---\n", "astro", "."),
        ("a.md", "---\ncssclasses: [a]\n---\n", "obsidian", "."),
        ("2024-01-02-x.md", NOTE, "", "."),
    ],
)
def test_files_without_a_configuration_tell_their_generator(
    paths: str, text: str, preset: str, raw: str, tmp_path: Path
) -> None:
    for path in paths.split():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    done = pressroom("init", tmp_path, "--dry-run")
    settings = settings_toml.parse(done.out, tmp_path / "pressroom.toml")

    assert settings.content.preset == preset
    assert settings.paths.raw == tmp_path / raw
