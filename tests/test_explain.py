from pathlib import Path

import pytest

from pressroom.model.settings import Site as Settings
from tests.conftest import RAW, Completed, Site, article, pressroom

URL = "/learn/databases/questions/a"


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
    assert ["3", "id", "id", "=", "'1'"] in lines
    assert ["5", "title", "title", "=", "'What", "is", "a?'"] in lines
    assert ["9", "related_links", "related_article1", "=", "/gone", "(missing)"] in lines
    findings = [line[-1] for line in lines if line[-1].startswith("[")]
    assert findings == ["[doubtful_escape]", "[missing_link]"]


def without_lines(done: Completed) -> str:
    """What is said instead of the lines of the fields, which are shown."""
    assert done.status == 0, done.err
    file, why, *fields = done.out.splitlines()
    assert (file, fields[0].split()[0]) == ("a.md", "url")
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
