import shutil
import subprocess
from pathlib import Path

import pytest

from pressroom.model.content import ContentModel
from pressroom.model.settings import Site as Settings
from tests.conftest import AS_OF, RAW, Completed, Site, article, pressroom

URL = "/learn/databases/questions/a"
PRESET = ["(preset", "quicktakes)"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp("built"))
    link = "{id: 7, title: Gone, subject: Databases, url: /gone}"
    site.write(
        a=article(slug="a", answer=r"'One $\nu$ two'", related_article1=link),
        b=article(slug="b", id="2"),
        c=article(slug="caf%C3%A9-(noir)", id="3"),
        d=article(slug="what-is-a-shard", id="4"),
        e=article(slug="slash/", id="5"),
        f=article(slug="both", id="6"),
        g=article(slug="both/", id="7"),
    )
    site.build(site=Settings(base_url="https://site.example/blog"))
    return site


def explained(site: Site, url: str, cwd: Path | None = None) -> Completed:
    return pressroom("explain", "--raw", site.raw, "--out", site.out, url, cwd=cwd or site.home)


def test_explain_shows_file_line_and_value_of_each_field_and_what_is_doubtful(built: Site) -> None:
    done = pressroom("explain", "--raw", built.raw, "--out", built.out, URL)

    assert done.status == 0, done.err
    lines = [line.split() for line in done.out.splitlines()]
    assert lines[0] == ["a.md"]
    assert lines[1][:2] == ["article", f"{URL},"]
    assert ["3", "id", "id", "=", "'1'", *PRESET] in lines
    assert ["5", "title", "title", "=", "'What", "is", "a?'", *PRESET] in lines
    assert ["9", "related_links", "related_article1", "=", "/gone", "(missing)", *PRESET] in lines
    findings = [line[-1] for line in lines if line[-1].startswith("[")]
    assert findings == ["[doubtful_escape]", "[missing_link]"]


def without_lines(done: Completed) -> str:
    """What is said instead of the lines of the fields, which are shown."""
    assert done.status == 0, done.err
    file, became, why, *fields = done.out.splitlines()
    assert (file, became.split()[:2]) == ("a.md", ["article", f"{URL},"])
    assert ["title", "title", "=", "'What", "is", "a?'"] in [line.split() for line in fields]
    return why


def test_explain_says_if_the_file_has_changed_since_it_was_published(
    built: Site, tmp_path: Path
) -> None:
    (tmp_path / "a.md").write_text(article(slug="a", answer="Other."))
    done = pressroom("explain", "--raw", tmp_path, "--out", built.out, URL)

    assert f"{tmp_path}" not in without_lines(done)


def test_explain_says_that_there_is_no_raw_folder(built: Site) -> None:
    done = pressroom("explain", "--raw", "nowhere", "--out", built.out, URL, cwd=built.home)

    assert " nowhere " in without_lines(done)


def test_explain_of_an_unknown_url_names_it_and_the_release(built: Site) -> None:
    done = pressroom("explain", "--raw", RAW, "--out", built.out, "https://x.example/a")

    assert done.status == 1
    assert " 000001-" in done.err
    assert " https://x.example/a" in done.err


QUESTIONS = "/learn/databases/questions"


@pytest.mark.parametrize(
    ("asked", "file"),
    [
        (f"https://site.example/blog{URL}", "a.md"),
        (f"https://site.example/blog{URL}/?utm_source=x#top", "a.md"),
        (f"{URL}/", "a.md"),
        (f"{QUESTIONS}/slash", "e.md"),
        (f"{QUESTIONS}/both", "f.md"),
        (f"{QUESTIONS}/both/", "g.md"),
        (f"{QUESTIONS}/caf%c3%a9-%28noir%29", "c.md"),
        (f"{QUESTIONS}/café-(noir)", "c.md"),
    ],
)
def test_a_url_may_be_written_in_other_ways(built: Site, asked: str, file: str) -> None:
    done = explained(built, asked)

    assert done.status == 0, done.err
    assert done.out.splitlines()[0] == file


def test_a_full_url_may_be_one_of_the_settings(built: Site, tmp_path: Path) -> None:
    (tmp_path / "pressroom.toml").write_text('[site]\nbase_url = "https://new.example"\n')
    done = explained(built, f"https://new.example{URL}", tmp_path)

    assert done.out.splitlines()[0] == "a.md"


@pytest.mark.parametrize(
    "asked",
    [
        f"{QUESTIONS}/what-is-a-shart",
        "what-is-a-shard",
        f"https://elsewhere.example{QUESTIONS}/what-is-a-shard",
    ],
)
def test_urls_near_one_that_there_is_not_are_offered(built: Site, asked: str) -> None:
    done = explained(built, asked)

    assert done.status == 1
    first, *near = done.err.splitlines()
    assert f" {asked}. " in first
    assert near == [f"  {QUESTIONS}/what-is-a-shard"]


def test_nothing_is_offered_that_is_far(built: Site) -> None:
    done = explained(built, f"{QUESTIONS}/something-else-entirely")

    assert (done.status, len(done.err.splitlines())) == (1, 1)


# --- a file by its path ---------------------------------------------------------------------------

SETTINGS = """\
[sources]
exclude = ["drafts/", "*.bak.md"]
include = ["*.md", "*.txt"]

[site]
base_url = "https://site.example"

[content]
preset = "hugo"
future = "hold"

[content.keys]
author = ["by.name", "author"]
no_index = ["!published", "robots=noindex", "hidden"]

[content.related]
keys = ["see"]

[content.columns]
score = "integer"
place = { key = "{title} in {score}" }

[[content.collections]]
name = "notes"
files = ["remarks/**", "notes/**"]
no_index = true
set = { author = "Ann" }

[[content.collections]]
files = "parts/**"
skip = true
"""
FILES = {
    "a.md": "title: A\ncategories: [x, y]\nby: {name: Bob}\nscore: 7\ndate: 2024-01-02",
    "flag.md": "title: Flag\npublished: false\nhidden: true",
    "robots.md": "robots: noindex",
    "future.md": "date: 2099-01-02",
    "expired.md": "title: Old\nexpiryDate: 2020-01-02 10:00:00",
    "notes/n.md": "title: Note\nhidden: false",
    "notes/both.md": "hidden: true\nexpiryDate: 2020-01-02",
    "parts/p.md": "title: Part",
    "headless.md": "title: H\nheadless: true",
    "no.md": "title: No\nurl: false",
    "page/index.md": "title: Page",
    "page/beside.md": "title: Beside",
    "broken.md": "title: What: now",
    "drafts/d.md": "title: D",
    "old.bak.md": "title: B",
    "c.txt": "title: C",
    "c.rst": "title: C",
    ".hidden/h.md": "title: H",
}


def write(raw: Path, path: str, text: str) -> None:
    (raw / path).parent.mkdir(parents=True, exist_ok=True)
    (raw / path).write_text(f"---\n{text}\n---\nText.\n")


@pytest.fixture(scope="module")
def hugo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("hugo")
    (home / "pressroom.toml").write_text(SETTINGS)
    for path, text in FILES.items():
        write(home / "raw", path, text)
    done = pressroom("build", "--as-of", str(AS_OF), cwd=home)
    assert done.status == 0, done.err
    write(home / "raw", "new.md", "title: New\nauthor: Eve\nscore: many\nsee: [/a/]")
    write(home / "raw", "new-broken.md", "title: What: now")
    write(home / "raw", "parts/new.md", "title: New")
    return home


def told(home: Path, asked: str | Path, *options: str) -> list[str]:
    """The lines about a file, each with single blanks."""
    done = pressroom("explain", str(asked), *options, cwd=home)
    assert done.status == 0, done.err
    return [" ".join(line.split()) for line in done.out.splitlines()]


@pytest.mark.parametrize("asked", ["raw/notes/n.md", "./raw/../raw/notes/n.md", "notes/n.md"])
def test_a_file_is_named_by_its_path_from_here_or_below_the_raw_folder(
    hugo: Path, asked: str
) -> None:
    assert told(hugo, asked)[0] == "notes/n.md"
    assert told(hugo, hugo / "raw/notes/n.md")[0] == "notes/n.md"


def test_a_path_may_lead_through_a_link(hugo: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(hugo / "raw")
    assert told(hugo, tmp_path / "link/a.md")[0] == "a.md"


BECAME = {
    "a.md": "article /a/, in 000001-",
    "broken.md": "rejected, in 000001-",
    "parts/p.md": "skipped: content.skip (pressroom.toml:31), in 000001-",
    "headless.md": "skipped: headless, line 3, says so, by content.keys.skip (preset hugo), in 0",
    "no.md": "skipped: url, line 3, is false, by content.keys.url (preset hugo), in 000001-",
    "page/beside.md": "skipped: it belongs to the page of an index.md, by content.bundles (preset",
    "drafts/d.md": "passed over: it fits 'drafts/' of sources.exclude (pressroom.toml:2)",
    "old.bak.md": "passed over: it fits '*.bak.md' of sources.exclude (pressroom.toml:2)",
    "c.txt": "passed over: its suffix is none of sources.extensions (default)",
    "c.rst": "passed over: it fits no pattern of sources.include (pressroom.toml:3)",
    ".hidden/h.md": "passed over: its name, or that of a folder above, begins with a dot",
    "new.md": "article /new/, in the next build",
    "new-broken.md": "rejected, in the next build",
    "parts/new.md": "skipped: content.skip (pressroom.toml:31), in the next build",
}


@pytest.mark.parametrize(("path", "became"), BECAME.items(), ids=list(BECAME))
def test_it_is_told_what_became_of_a_file_and_by_which_rule(
    hugo: Path, path: str, became: str
) -> None:
    lines = told(hugo, f"raw/{path}")
    assert lines[0] == path
    assert lines[1].startswith(became)
    assert not any(line.startswith("The next build") for line in lines)


COLUMNS = {
    "a.md": [
        "url /{path:hugo}/ = '/a/' (preset hugo)",
        "2 title title = 'A' (preset hugo)",
        "6 published date = '2024-01-02' (preset hugo)",
        "4 author by.name = 'Bob' (pressroom.toml:13)",
        "3 subject categories = 'x' (preset hugo)",
        "3 article_subjects categories = 'x, y' (preset hugo)",
        "5 score score = '7' (pressroom.toml:20)",
        "place {title} in {score} = 'A in 7' (pressroom.toml:21)",
    ],
    "notes/n.md": [
        "author content.set = 'Ann' (pressroom.toml:27)",
        "no_index content.no_index is true (pressroom.toml:26)",
    ],
    "new.md": [
        "3 author author = 'Eve' (pressroom.toml:13)",
        "5 related_links see = /a/ (pressroom.toml:17)",
    ],
}


@pytest.mark.parametrize(("path", "columns"), COLUMNS.items(), ids=list(COLUMNS))
def test_each_column_has_its_source_and_where_that_is_stated(
    hugo: Path, path: str, columns: list[str]
) -> None:
    lines = told(hugo, f"raw/{path}")
    assert [line for line in columns if not any(one.startswith(line) for one in lines)] == []


REASONS = {
    "a.md": [],
    "flag.md": ["3 no_index !published (pressroom.toml:14)"],
    "robots.md": ["2 no_index robots=noindex (pressroom.toml:14)"],
    "future.md": ["no_index held until 2099-01-02 00:00 UTC (pressroom.toml:10)"],
    "expired.md": ["3 no_index expired at 2020-01-02 10:00 UTC (preset hugo)"],
    "notes/n.md": ["no_index content.no_index is true (pressroom.toml:26)"],
    "notes/both.md": [
        "2 no_index hidden (pressroom.toml:14)",
        "no_index content.no_index is true (pressroom.toml:26)",
        "3 no_index expired at 2020-01-02 00:00 UTC (preset hugo)",
    ],
}


@pytest.mark.parametrize(("path", "reasons"), REASONS.items(), ids=list(REASONS))
def test_a_hidden_page_has_all_its_reasons(hugo: Path, path: str, reasons: list[str]) -> None:
    assert [line for line in told(hugo, f"raw/{path}") if " no_index " in f" {line}"] == reasons


def test_the_collection_is_told_with_its_pattern(hugo: Path) -> None:
    assert told(hugo, "raw/notes/n.md")[2] == (
        "collection notes: it fits 'notes/**' of files (pressroom.toml:25)"
    )
    assert "a collection without a name: it fits 'parts/**'" in told(hugo, "raw/parts/p.md")[2]
    assert told(hugo, "raw/a.md")[2] == "in no collection"


def test_rules_that_are_not_the_defaults_are_told(hugo: Path) -> None:
    lines = told(hugo, "raw/notes/n.md")
    assert 'content.preset = "hugo" (pressroom.toml:9)' in lines
    assert 'content.future = "hold" (pressroom.toml:10)' in lines
    assert "content.no_index = true (pressroom.toml:26)" in lines
    assert "content.bundles = true (preset hugo)" in lines
    assert not any(line.startswith("content.decode") for line in lines)


def test_problems_are_told_with_their_lines_and_hints(hugo: Path) -> None:
    published = [line for line in told(hugo, "raw/broken.md") if "[unquoted_colon]" in line]
    new = [line for line in told(hugo, "raw/new-broken.md") if "[unquoted_colon]" in line]
    assert published == new
    assert published[0].startswith("2 ")


def test_a_value_that_costs_itself_is_a_finding_of_a_file_that_is_not_published(hugo: Path) -> None:
    (finding,) = [line for line in told(hugo, "raw/new.md") if "[wrong_value]" in line]
    assert finding.startswith("4 info: score: ") or finding.startswith("4 warning: score: ")


def test_what_the_next_build_makes_of_a_file_is_told(hugo: Path, tmp_path: Path) -> None:
    home = shutil.copytree(hugo, tmp_path / "home", symlinks=True)
    write(home / "raw", "a.md", "title: B\nurl: /b")
    assert "The next build: article /b/" in told(home, "raw/a.md")
    write(home / "raw", "a.md", "title: What: now")
    assert "The next build: rejected" in told(home, "raw/a.md")
    settings = (home / "pressroom.toml").read_text()
    (home / "pressroom.toml").write_text(settings.replace('"by.name", ', ""))
    (home / "raw" / "a.md").unlink()
    gone = told(home, "raw/a.md")
    assert gone[1].startswith("article /a/, in 000001-")
    assert gone[2] == "Lines are not shown. The file is gone."
    assert not any(line.startswith("The next build") for line in gone)
    shutil.copy(hugo / "raw" / "a.md", home / "raw" / "a.md")
    assert "The next build: other values of author, article_authors" in told(home, "raw/a.md")
    (home / "pressroom.toml").write_text(settings.replace("drafts/", "a.md"))
    assert any(
        "The next build: passed over: it fits 'a.md'" in one for one in told(home, "raw/a.md")
    )


def test_a_file_is_explained_before_the_first_build(hugo: Path, tmp_path: Path) -> None:
    lines = told(hugo, "raw/a.md", "--out", str(tmp_path))
    assert lines[1] == "article /a/, in the next build"
    assert "2 title title = 'A' (preset hugo)" in lines


def test_without_settings_all_rules_are_the_defaults(tmp_path: Path) -> None:
    write(tmp_path / "raw", "a.md", "title: A")
    assert told(tmp_path, "raw/a.md")[1:] == [
        "article /a/, in the next build",
        "url /{path}/ = '/a/' (default)",
        "slug :filename = 'a' (default)",
        "2 title title = 'A' (default)",
        "text :body = 'Text.' (default)",
    ]


def test_a_date_of_git_names_git(tmp_path: Path) -> None:
    write(tmp_path / "raw", "a.md", "title: A")
    git = ("git", "-C", tmp_path, "-c", "user.name=A", "-c", "user.email=a@b")
    for arguments in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "A")):
        subprocess.run([*git, *arguments], check=True)
    assert any(line.startswith("updated :git = ") for line in told(tmp_path, "raw/a.md"))


def test_a_file_elsewhere_is_no_raw_file(hugo: Path) -> None:
    done = pressroom("explain", "pressroom.toml", cwd=hugo)
    assert done.status == 1
    assert "pressroom.toml is not in the raw folder" in done.err


def test_what_is_neither_url_nor_file_is_told_so(hugo: Path) -> None:
    done = pressroom("explain", "raw/nothing-like-it.md", cwd=hugo)
    assert done.status == 1
    assert " raw/nothing-like-it.md, and " in done.err


def test_links_of_the_text_are_shown_with_what_they_lead_to(site: Site) -> None:
    site.write(
        a="---\ntitle: A\n---\n[b](b.md#part)\n[gone](/gone/) [out](https://else.example/)\n",
        b="---\ntitle: B\n---\n## Part\n",
    )
    site.build(content=ContentModel())
    lines = explained(site, "/a/").out.splitlines()
    assert "    4  link b.md#part -> /b/ (ok, by its file)" in lines
    assert "    5  link /gone/ (missing)" in lines
    assert not any("else.example" in line for line in lines if "  link " in line)
