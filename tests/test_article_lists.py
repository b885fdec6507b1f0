"""All subjects and authors of an article, in tables of their own."""

import json
from pathlib import Path
from typing import Any

import pytest

from pressroom.base.errors import SettingsError
from pressroom.content.article import Article, article_of, rules_of
from pressroom.model.content import ContentModel
from pressroom.model.settings_toml import parse
from tests.conftest import AS_OF, Site, contents

SET = "[content.set]\nauthor = 'The team'\nsubject = 'Site'\n"
ONE_KEY = "[content.keys]\nauthor = 'by'\nsubject = 'topic'\n"
DEEP = "[content.keys]\nauthor = 'meta.by'\nsubject = 'meta.topic'\n"


@pytest.mark.parametrize(
    ("stated", "subjects", "authors", "joined", "extra"),
    [
        ("category: News", ["News"], [], None, {}),
        ("categories: [News, Tech]", ["News", "Tech"], [], None, {}),
        ("categories: [C++, c++, C#]", ["C++", "C#"], [], None, {}),
        ("categories: [b, a, B, c]", ["b", "a", "c"], [], None, {}),
        ("categories: ['', ' ', ~, Tech]", ["Tech"], [], None, {}),
        ("categories: []", ["news"], [], None, {}),
        ("categories: [a, {b: c}]", ["a"], [], None, {"categories": ["a", {"b": "c"}]}),
        ("category: ' '\ncategories: [a, b]", ["a", "b"], [], None, {}),
        ("category: a\ncategories: [b]", ["a"], [], None, {"categories": ["b"]}),
        ("author: Ann", ["news"], ["Ann"], "Ann", {}),
        ("author: Ann, Bob", ["news"], ["Ann, Bob"], "Ann, Bob", {}),
        ("author: ' '", ["news"], [], None, {}),
        ("author: {name: Ann}", ["news"], ["Ann"], "Ann", {}),
        ("authors: [Ann, Bob, Ann]", ["news"], ["Ann", "Bob"], "Ann, Bob, Ann", {}),
        ("authors: ['Ann, Bob', Eve]", ["news"], ["Ann, Bob", "Eve"], "Ann, Bob, Eve", {}),
        ("authors: [{name: Ann}, Bob]", ["news"], ["Ann", "Bob"], "Ann, Bob", {}),
        (
            "authors: [{name: Ann, url: /ann}, Bob]",
            ["news"],
            ["Ann", "Bob"],
            "Ann, Bob",
            {"authors": [{"name": "Ann", "url": "/ann"}, "Bob"]},
        ),
        ("authors: [{url: /x}]", ["news"], [], None, {"authors": [{"url": "/x"}]}),
    ],
)
def test_all_that_a_file_states_is_listed_once_and_in_order(
    stated: str, subjects: list[str], authors: list[str], joined: str | None, extra: Any
) -> None:
    article = read(stated)
    assert article.lists == {"article_subjects": subjects, "article_authors": authors}
    assert article.columns["subject"] == subjects[0]
    assert article.columns["author"] == joined
    assert json.loads(article.columns["extra"] or "{}") == extra


@pytest.mark.parametrize("settings", [ONE_KEY, DEEP])
@pytest.mark.parametrize(
    ("subject", "author", "subjects", "authors", "is_kept"),
    [
        ("[a, b, A]", "[Ann, Bob]", ["a", "b"], ["Ann", "Bob"], False),
        ("a", "{name: Ann}", ["a"], ["Ann"], False),
        ("[]", "[~]", [], [], False),
        ("[{b: c}, a]", "[{b: c}, Ann]", [], [], True),
        ("[a, {b: c}]", "{name: Ann, b: c}", ["a"], ["Ann"], True),
    ],
)
def test_a_key_that_alone_fills_the_column_is_read_likewise(
    settings: str,
    subject: str,
    author: str,
    subjects: list[str],
    authors: list[str],
    is_kept: bool,
) -> None:
    stated = f"topic: {subject}\nby: {author}"
    if settings == DEEP:
        stated = f"meta: {{topic: {subject}, by: {author}}}"
    article = read(stated, settings)
    assert article.lists == {"article_subjects": subjects, "article_authors": authors}
    extra = json.loads(article.columns["extra"] or "{}")
    assert sorted(extra.get("meta", extra)) == (["by", "topic"] if is_kept else [])


def test_what_the_settings_say_for_files_that_state_none_is_listed() -> None:
    article = read("title: A", SET, "a.md")
    assert article.lists == {"article_subjects": ["Site"], "article_authors": ["The team"]}


def test_the_line_of_a_subject_is_that_of_the_list_that_states_it() -> None:
    assert read("title: A\ncategories: [a, b]").columns["source_lines"]["subject"] == 3


def read(stated: str, settings: str = "", path: str = "news/a.md") -> Article:
    rules = rules_of(parse(settings, Path("pressroom.toml")))
    article = article_of(f"---\n{stated}\n---\nText.\n", path, rules)
    assert isinstance(article, Article)
    return article


# --- in a release ---------------------------------------------------------------------------------


def write(site: Site, name: str, stated: str) -> None:
    site.write(**{name: f"---\ntitle: {name}\ndate: 2024-01-02\n{stated}\n---\nText.\n"})


def build(site: Site, as_of: int = AS_OF, **options: Any) -> Any:
    return site.build(as_of=as_of, content=ContentModel(), **options)


@pytest.fixture
def built(site: Site) -> Site:
    write(site, "a", "categories: [C++, Tech]\nauthors: [Ann, ' Bob ']")
    write(site, "b", "category: Tech")
    write(site, "c", "author: Ann")
    build(site)
    return site


def subjects(site: Site) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in site.rows("article_subjects")]


def authors(site: Site) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in site.rows("article_authors")]


def test_the_tables_have_a_row_for_each_with_its_position(built: Site) -> None:
    assert subjects(built) == [
        ("/a/", 1, "C++", "c-plus-plus"),
        ("/a/", 2, "Tech", "tech"),
        ("/b/", 1, "Tech", "tech"),
    ]
    assert authors(built) == [("/a/", 1, "Ann"), ("/a/", 2, " Bob "), ("/c/", 1, "Ann")]


def test_the_first_subject_alone_groups_articles(built: Site) -> None:
    counts = {row["slug"]: row["articles"] for row in built.rows("subjects")}
    assert counts == {"c-plus-plus": 1, "tech": 1}


def test_feeds_name_each_author(built: Site) -> None:
    feed = json.loads((built.out / "current" / "site" / "feed.json").read_text())
    assert {item["title"]: item.get("authors") for item in feed["items"]} == {
        "a": [{"name": "Ann"}, {"name": "Bob"}],
        "b": None,
        "c": [{"name": "Ann"}],
    }


def test_a_further_subject_or_author_is_a_change(built: Site) -> None:
    write(built, "a", "categories: [C++, Other]\nauthors: [Ann, ' Bob ']")
    write(built, "c", "author: [Ann, Bob]")
    build(built, AS_OF + 60)
    assert {row["url"]: row["fields"] for row in built.rows("changes")} == {
        "/a/": ["article_subjects"],
        "/c/": ["author", "article_authors"],
    }


def files_of_lists(site: Site) -> dict[str, bytes]:
    """The bytes of all files of a release that are made of the lists."""
    made_of = ("tables/article_", "csv/article_", "site/feed")
    return contents(site.out / "current", lambda path: not path.startswith(made_of))


def test_an_incremental_build_lists_what_a_full_one_does(built: Site) -> None:
    write(built, "b", "categories: [Tech, News]\nauthor: Bob")
    write(built, "d", "authors: [Eve, Ann]")
    build(built, AS_OF + 60)
    incremental = files_of_lists(built)
    assert [row[:3] for row in subjects(built)][2:] == [("/b/", 1, "Tech"), ("/b/", 2, "News")]
    assert [row[2] for row in authors(built)][2:] == ["Bob", "Ann", "Eve", "Ann"]
    build(built, AS_OF + 120, full=True)
    assert files_of_lists(built) == incremental


@pytest.mark.parametrize(
    "name", ["article_subjects", "article_authors", "rowid", "sqlite_x", "articles_fts"]
)
def test_their_names_are_taken(name: str) -> None:
    with pytest.raises(SettingsError, match=f"columns.{name}: the name is taken"):
        parse(f"[content.columns]\n{name} = 'list'\n", Path("pressroom.toml"))
