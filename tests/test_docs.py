"""What the pages say is true: queries have their answers, settings are read, lists are complete."""

import dataclasses
import re
from pathlib import Path

import pytest

from pressroom.base.problems import Code, FindingCode
from pressroom.cli import app
from pressroom.model.settings import Settings
from pressroom.model.settings_toml import load
from tests.checkout import blocks, run
from tests.conftest import AS_OF, ROOT, pressroom, read_rows
from tests.object_storage import served_here
from tests.pages import PAGES, README, languages, of_pages
from tests.quicktakes import TABLES

QUERIES = [block for block in of_pages("sh") if block.startswith("pressroom query")]
PROGRAMS = blocks(PAGES["docs/queries.md"], "python")
FRAMES = str.maketrans(dict.fromkeys("─│┌┐└┘├┤┬┴┼═╞╡╪┆", " "))
TEN = 10


def section(text: str, title: str) -> str:
    """What stands below a heading of the second level."""
    return text.split(f"\n## {title}\n")[1].partition("\n## ")[0]


# --- the README ----------------------------------------------------------------------------------


def test_the_readme_is_short_and_comes_to_your_own_content_second() -> None:
    headings = re.findall("^## (.*)$", README, re.MULTILINE)
    assert headings[:2] == ["Start", "Your own content"]
    assert len(README.splitlines()) <= 300


def test_the_readme_links_every_page() -> None:
    linked = set(re.findall(r"\]\((docs/[\w-]+\.md)\)", README))
    assert {"README.md", *linked} == set(PAGES)


def built(home: Path, settings: str = "") -> Path:
    """The release that is made of a folder by settings that lie in it."""
    (home / "pressroom.toml").write_text(settings)
    done = pressroom("build", "--as-of", str(AS_OF), cwd=home)
    assert done.status == 0, done.err
    return load(home / "pressroom.toml").paths.out / "current"


def lay(home: Path, files: dict[str, str]) -> Path:
    """A folder of files, of which these are the texts or, without their fences, the keys."""
    for path, text in files.items():
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        is_whole = not path.endswith(".md") or text.startswith("---")
        (home / path).write_text(text if is_whole else f"---\n{text}\n---\nText.\n")
    return home


def test_the_file_of_the_readme_becomes_the_row_that_it_shows(tmp_path: Path) -> None:
    [path] = re.findall(r"this file, `([^`]+)`", README)
    [text] = blocks(README, "markdown")
    lay(tmp_path, {f"raw/{path}": text})
    [row] = read_rows(built(tmp_path), "articles")

    own = section(README, "Your own content")
    shown = dict(re.findall(r"^\| `(\w+)` \| `([^`]+)` \|", own, re.MULTILINE))
    assert {column: str(row[column]) for column in shown} == shown
    assert {"url", "title", "published", "updated", "author", "subject", "extra"} <= set(shown)


# For each settings file of the README: files of such a site, and the urls of its generator.
SITES: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "jekyll": (
        {
            "_config.yml": "permalink: pretty\n",
            "_posts/2024-01-02-green-tea.md": "title: Green tea\ncategories: [drinks]",
            "_posts/2024-01-02-late.md": "title: Late\ndate: 2024-01-02 23:30:00 -0500",
            "_drafts/later.md": "title: Later",
            "about.md": "title: About",
            "index.md": "title: Home",
            "boats/canoe.md": "title: Canoe",
        },
        {
            "_posts/2024-01-02-green-tea.md": "/drinks/2024/01/02/green-tea/",
            "_posts/2024-01-02-late.md": "/2024/01/03/late/",
            "about.md": "/about/",
            "index.md": "/",
            "boats/canoe.md": "/boats/canoe/",
        },
    ),
    "hugo": (
        {
            "hugo.toml": "title = 'Example'\n",
            "content/_index.md": "title: Home",
            "content/posts/First Post.md": "title: First\ndate: 2024-01-02\nseries: [tea]",
            "content/posts/First Post.fr.md": "title: Premier\ndate: 2024-01-02",
            "content/fr/apropos.md": "title: À propos",
            "content/trip/index.md": "title: Trip",
            "content/trip/notes.md": "title: Notes",
        },
        {
            "_index.md": "/",
            "posts/First Post.md": "/posts/first-post/",
            "posts/First Post.fr.md": "/fr/posts/first-post/",
            "fr/apropos.md": "/fr/apropos/",
            "trip/index.md": "/trip/",
        },
    ),
    "obsidian": (
        {
            ".obsidian/app.json": "{}",
            "Boat trip.md": "rating: 4\naliases: [Canoe]",
            "Books/Moby-Dick.md": "rating: 5",
            "Templates/Book.md": "rating:",
            "Stated.md": "permalink: stated/here",
        },
        {
            "Boat trip.md": "/Boat+trip",
            "Books/Moby-Dick.md": "/Books/Moby-Dick",
            "Stated.md": "/stated/here",
        },
    ),
}
PRESET = re.compile(r'^preset = "(\w+)"$', re.MULTILINE)
WHOLE = {found[1]: text for text in blocks(README, "toml") if (found := PRESET.search(text))}


def test_the_readme_has_three_small_settings_files() -> None:
    assert WHOLE.keys() == SITES.keys()
    assert all(len(text.splitlines()) <= 15 for text in WHOLE.values())


@pytest.mark.parametrize("preset", SITES)
def test_a_settings_file_of_the_readme_gives_files_the_urls_of_their_generator(
    preset: str, tmp_path: Path
) -> None:
    files, urls = SITES[preset]
    home = lay(tmp_path / "site", files)
    release = built(home, WHOLE[preset])

    assert {row["source_path"]: row["url"] for row in read_rows(release, "articles")} == urls
    assert read_rows(release, "rejects") == read_rows(release, "findings") == []
    assert release.resolve().is_relative_to(tmp_path)


def test_the_columns_that_these_files_declare_are_filled(tmp_path: Path) -> None:
    hugo = built(lay(tmp_path / "hugo", SITES["hugo"][0]), WHOLE["hugo"])
    vault = built(lay(tmp_path / "vault", SITES["obsidian"][0]), WHOLE["obsidian"])

    assert [row["term"] for row in read_rows(hugo, "series")] == ["tea"]
    assert {row["language"] for row in read_rows(hugo, "articles")} == {"en", "fr"}
    ratings = {row["title"]: row["rating"] for row in read_rows(vault, "articles")}
    assert ratings == {"Boat trip": 4, "Moby-Dick": 5, "Stated": None}


# --- queries -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which `out` has the release of the sample."""
    home = tmp_path_factory.mktemp("sample")
    (home / "raw").symlink_to(ROOT / "raw")
    settings = (ROOT / "pressroom.toml").read_text()
    optional = {
        "spreadsheet = false": "spreadsheet = true",
        'llms = "off"': 'llms = "titles"',
        'structured_data = "off"': 'structured_data = "article"',
        "sqlite = false": "sqlite = true",
        "jsonl = false": "jsonl = true",
        "duckdb = false": "duckdb = true",
    }
    for off, on in optional.items():
        assert off in settings
        settings = settings.replace(off, on)
    built(home, settings)
    return home


# A piece of each query and program, and of its answer for the sample; blanks and frames left out.
ANSWERS = [
    ("as articles from articles group by all", "Data Engineering 5 Data engineering 2 Databases 3"),
    ("from findings", "missing_link warning 1 1 repeated_link warning 1 1 self_link warning 1 1"),
    (
        "from related_links join",
        '"learn/information-retrieval/how-does-pagerank-use-a-random-surfer.md",44,'
        '"/learn/information-retrieval/questions/how-does-hits-rank-hubs-and-authorities"',
    ),
    ("order by links_in desc", "When does a database index not help? 5 2"),
    ("filter (is_orphan)", "Distributed Systems 3 1 63"),
    ("having", '4203 ["Databases", "Distributed Systems"] What does eventual consistency mean'),
    ("subject != label", "learn/data-engineering/why-does-a-csv-file-need-quoting-rules.md"),
    ("from changes", "added – 40"),
    ("strftime(published", "2025-11 4 1089 2025-12 17 4289 2026-01 14 3107"),
    ("term_key_x", "alert incident 2"),
    (".dt.year", "2025 24 2026 14 Name: count"),
    (
        "union all",
        "how-does-pagerank-use-a-random-surfer.md 44 "
        "/learn/information-retrieval/questions/how-does-hits-rank-hubs-and-authorities",
    ),
    ("where not anchor_exists", "source_path line href"),
    ("where is_orphan", "/blog/a-feed-is-a-promise A feed is a promise"),
    ("order by links_in + text_links_in", "How do you make a pipeline step idempotent? 4 1"),
    ("regexp_extract", "en.wikipedia.org 1 example.org 1"),
    ("qualify row_number", "/blog/a-feed-is-a-promise A feed is a promise 2025-06-17"),
    ("select as_of, release, change", "added [] A feed is a promise"),
    ("arg_max(articles", "month added changed removed articles 2026-09 40 0 0 40"),
    ("pl.scan_parquet", "data-engineering 290 How can escaped line breaks be"),
]


@pytest.mark.parametrize(("piece", "said"), ANSWERS)
def test_the_questions_are_answered(sample: Path, piece: str, said: str) -> None:
    (asked,) = (block for block in [*QUERIES, *PROGRAMS] if piece in block)
    command = asked if asked in QUERIES else f"python - <<'END'\n{asked}END"
    printed = " ".join(run(command, sample).translate(FRAMES).split())

    assert said in printed


def test_every_query_and_program_is_held_to_an_answer() -> None:
    assert len(ANSWERS) == len(QUERIES) + len(PROGRAMS)
    ten = section(PAGES["docs/queries.md"], "Ten questions")
    assert len(blocks(ten, "sh")) + len(blocks(ten, "python")) == TEN


def test_a_query_prints_what_is_shown(sample: Path) -> None:
    (query, shown), *others = re.findall(
        r"^```sh\n(pressroom query[^`]*)```\n\n```text\n(.*?)^```$",
        "".join(PAGES.values()),
        re.MULTILINE | re.DOTALL,
    )

    assert others == []
    assert [line.rstrip() for line in run(query, sample).splitlines()] == shown.splitlines()


# --- links ---------------------------------------------------------------------------------------


def test_related_links_are_read_in_each_shape_that_is_shown(tmp_path: Path) -> None:
    page = PAGES["docs/links.md"]
    [settings], [text] = blocks(page, "toml"), blocks(page, "markdown")
    lay(
        tmp_path,
        {
            "raw/guides/first.md": "title: The first guide\nnumber: 1",
            "raw/guides/second.md": "title: The second guide\nnumber: 2",
            "raw/third.md": text,
        },
    )
    rows = read_rows(built(tmp_path, settings), "related_links")

    first, second = "/guides/first/", "/guides/second/"
    assert [(row["key"], row["target_url"], row["found_by"]) for row in rows] == [
        ("related_article1", first, "url"),
        ("related", first, "url"),
        ("related", second, "file"),
        ("related", second, "slug"),
        ("related", first, "url"),
        ("see.also", second, "url"),
        ("requires", first, "id"),
        ("requires", second, "id"),
    ]
    assert [row["title_matches"] for row in rows[:1]] == [True]


# --- files ---------------------------------------------------------------------------------------


def patterns(block: str) -> list[re.Pattern[str]]:
    """What a block of paths shows: <names> and numbers stand for others, as does …."""
    paths = [
        path.removesuffix(" …")
        for line in block.splitlines()
        if line and " -> " not in line
        for path in re.split("  +", line.strip())[0].split(", ")
    ]
    anything = r"[^/]+"
    return [
        re.compile(re.sub(r"<\w+>|\d+", anything, re.escape(path.replace(" …", ""))))
        for path in paths
    ]


def unshown(paths: list[str], block: str) -> list[str]:
    """The paths that a block of paths does not show; it shows nothing that there is not."""
    shown = patterns(block)
    assert [one.pattern for one in shown if not any(map(one.fullmatch, paths))] == []
    return [path for path in paths if not any(one.fullmatch(path) for one in shown)]


def test_a_release_has_the_files_that_are_shown(sample: Path) -> None:
    [shown] = (block for block in blocks(README, "text") if block.startswith("out/current"))
    release = (sample / "out/current").resolve()
    paths = [path for path in release.rglob("*") if path.is_file()]
    assert unshown([path.relative_to(release).as_posix() for path in paths], shown) == []


def test_the_commands_and_the_program_of_object_storage_run(tmp_path: Path) -> None:
    page = PAGES["docs/storage.md"]
    commands = "".join(blocks(page, "console")).replace("$ ", "").replace("=…", "=key")
    [program] = blocks(page, "python")
    [tree] = blocks(page, "text")
    with served_here() as server:
        server.client.create_bucket(Bucket="other-bucket")
        server.put("raw/a.md", "---\ntitle: A\n---\nText.\n")
        run(commands.replace("AWS_REGION=eu-central-1", "AWS_REGION=us-east-1"), tmp_path)
        assert run(f"python - <<'END'\n{program}END", tmp_path) == "1\n"
        keys = [key.removeprefix("site/") for key in server.keys("site/")]
    assert [key for key in unshown(keys, tree) if not key.startswith("releases/")] == []


# --- settings and lists --------------------------------------------------------------------------


@pytest.mark.parametrize("settings", of_pages("toml"))
def test_the_settings_are_accepted(tmp_path: Path, settings: str) -> None:
    path = tmp_path / "pressroom.toml"
    path.write_text(settings)
    assert load(path)


def test_the_settings_of_the_project_are_the_defaults_that_explain_themselves() -> None:
    settings = load(ROOT / "pressroom.toml")
    assert settings.limits == Settings().limits
    assert settings.exports == Settings().exports


def test_every_section_of_the_settings_stands_in_the_settings_file() -> None:
    text = (ROOT / "pressroom.toml").read_text()
    for part in dataclasses.fields(Settings):
        assert f"[{part.name}]" in text


def test_every_table_code_command_and_option_is_documented() -> None:
    words = {*TABLES, *Code, *FindingCode}
    words |= {f"pressroom {name}" for name in app.main.commands}
    words |= {
        option
        for name in app.main.commands
        for parameter in app.load(name).params
        for option in parameter.opts
        if option.startswith("-")
    }
    text = "".join(PAGES.values())
    assert sorted(word for word in words if f"`{word}" not in text) == []


def test_blocks_are_in_languages_that_tests_know() -> None:
    assert languages() == {"console", "markdown", "python", "sh", "sql", "text", "toml", "yaml"}


OTHERS = ("deploy/README.md", "benchmarks/README.md")
ALL = {**PAGES, **{name: (ROOT / name).read_text() for name in OTHERS}}


def anchors(path: Path) -> set[str]:
    """The anchors of the headings of a page, as GitHub makes them."""
    found = re.findall("^#+ (.*)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in found}


@pytest.mark.parametrize("name", ALL)
def test_links_of_a_page_lead_somewhere(name: str) -> None:
    text = re.sub(r"^```.*?^```$", "", ALL[name], flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(((?!https?:|mailto:)[^)]+)\)", text):
        path, _, anchor = target.partition("#")
        page = (ROOT / name).parent / path if path else ROOT / name
        assert page.exists(), target
        assert not anchor or anchor in anchors(page), target


def test_the_images_are_those_of_the_folder_and_small() -> None:
    images = {path.resolve() for path in (ROOT / "docs" / "images").iterdir()}
    shown = {
        ((ROOT / name).parent / image).resolve()
        for name, text in PAGES.items()
        for image in re.findall(r"^!\[.*\]\((.*\.png)\)$", text, re.MULTILINE)
    }
    assert shown == images
    assert all(image.stat().st_size < 150_000 for image in images)
