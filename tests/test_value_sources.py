"""Where columns get their values: keys in order, file names, headings, folders, templates."""

import datetime as dt
import re
from typing import Any

import pytest

from pressroom.base.errors import SettingsError
from pressroom.base.problems import Code, FindingCode, Problem
from pressroom.content import dates
from pressroom.content.article import Article, Body, Skipped, normalize
from pressroom.content.urls import normalized
from pressroom.content.wrong_value import WrongValueError
from pressroom.frontmatter.fences import split
from pressroom.frontmatter.load import load
from pressroom.model import collections, templates, value_sources
from pressroom.model.collections import Collection, Match
from pressroom.model.columns import Column
from pressroom.model.content import ContentModel
from pressroom.model.file_names import file_name
from pressroom.model.settings import Limits, SiteRules
from pressroom.model.url_formats import FORMATS

HOST = "blog.example.org"
SITE: dict[str, Any] = {
    "required": ("url",),
    "url": "/{path}/",
    "keys": {
        "url": ("permalink", "url"),
        "title": ("title", ":heading", ":filename"),
        "published": ("date", ":filename", "lastmod"),
        "author": ("author", "authors"),
        "subject": ("category", "categories", ":folder"),
        "updated": (),
        "no_index": ("draft", "!published", "robots=noindex"),
        "text": (),
    },
}


def read(text: str, path: str = "a.md", **model: Any) -> Article | Skipped | list[Problem]:
    document = split(text, is_optional=True)
    front_matter = load(document, Limits())
    return normalize(
        front_matter, Body(document.body), ContentModel(**{**SITE, **model}), path, SiteRules(HOST)
    )


def columns(text: str, path: str = "a.md", **model: Any) -> dict[str, Any]:
    article = read(text, path, **model)
    assert isinstance(article, Article), article
    return article.columns


# --- columns ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("front_matter", "path", "expected"),
    [
        ("", "docs/a.md", {"url": "/docs/a/", "title": "a", "subject": "docs"}),
        ("", "docs/index.md", {"url": "/docs/", "title": "docs", "subject": "docs"}),
        ("", "index.md", {"url": "/", "title": None, "subject": None}),
        ("permalink: x/y", "a.md", {"url": "/x/y"}),
        ("permalink:\nurl: /z", "a.md", {"url": "/z"}),
        ("slug: other", "docs/a.md", {"url": "/docs/other/"}),
        ("slug: /all/of/it", "docs/a.md", {"url": "/all/of/it/"}),
        ("", "2024-01-02-new.md", {"url": "/new/", "published": dt.date(2024, 1, 2)}),
        ("date: 2020-05-06", "2024-01-02-new.md", {"published": dt.date(2020, 5, 6)}),
        ("lastmod: 2020-05-06", "new.md", {"published": dt.date(2020, 5, 6)}),
        ("date: soon\nlastmod: 2020-05-06", "new.md", {"published": dt.date(2020, 5, 6)}),
        ("authors: [Ann, {name: Bob}]", "a.md", {"author": "Ann, Bob"}),
        ("author:\n  name: Ann", "a.md", {"author": "Ann"}),
        ("categories: [News, Life]", "x/a.md", {"subject": "News"}),
        ("draft: 1", "a.md", {"no_index": True}),
        ('draft: "true"', "a.md", {"no_index": True}),
        ("published: false", "a.md", {"no_index": True}),
        ("published: true", "a.md", {"no_index": False}),
        ("robots: noindex", "a.md", {"no_index": True}),
        ("robots: [nofollow, noindex]", "a.md", {"no_index": True}),
        ("robots: all", "a.md", {"no_index": False}),
    ],
)
def test_a_column_is_filled_by_the_first_source_that_has_a_value(
    front_matter: str, path: str, expected: dict[str, Any]
) -> None:
    found = columns(f"---\n{front_matter}\n---\n", path)
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("# One\n\nText", "One"),
        ("Text\n\nTwo *words*\n===\n", "Two words"),
        ("```\n# code\n```\n## Three\n", "Three"),
        ("#\n## Four", "Four"),
        ("No heading", "a"),
    ],
)
def test_a_title_may_be_the_first_heading(body: str, title: str) -> None:
    assert columns(body)["title"] == title


@pytest.mark.parametrize(
    ("body", "title"),
    [("# One\n\nText", "One"), ("One\n===\n", "One"), ("Text\n\n# Two", "a"), ("## Two", "a")],
)
def test_a_title_may_be_what_a_text_begins_with(body: str, title: str) -> None:
    assert columns(body, keys={"title": (":title", "{name}")})["title"] == title


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("2024-01-02-a.md", dt.date(2024, 1, 2)),
        ("2024/01/02/a.md", dt.date(2024, 1, 2)),
        ("x/2024-01-02-b/a.md", dt.date(2024, 1, 2)),
        ("on-2024-1-2-x.md", dt.date(2024, 1, 2)),
        ("2024-01-02/2024-03-04-a.md", dt.date(2024, 3, 4)),
        ("12024-01-023.md", None),
        ("2024/a.md", None),
    ],
)
def test_a_date_may_stand_anywhere_in_the_path(path: str, day: dt.date | None) -> None:
    assert columns("", path, keys={"published": ":path"})["published"] == day


def test_a_key_that_filled_nothing_stays_in_extra() -> None:
    found = columns("---\ndate: 2024-01-02\nlastmod: 2024-01-03\ncategory: A\n---\n")
    assert found["extra"] == '{"lastmod": "2024-01-03"}'


def test_the_first_wrong_value_is_a_finding_where_no_source_has_another() -> None:
    article = read("---\ndate: soon\nlastmod: later\n---\n")
    assert isinstance(article, Article)
    [finding] = article.findings
    assert (finding.code, finding.line, finding.key) == (FindingCode.WRONG_VALUE, 2, "date")
    assert article.columns["extra"] == '{"date": "soon", "lastmod": "later"}'


def test_a_required_column_without_any_value_rejects_and_names_what_was_tried() -> None:
    problems = read("", required=("published",))
    assert isinstance(problems, list)
    [problem] = problems
    assert problem.code == Code.MISSING_KEY
    assert all(source in problem.message for source in ("'date'", "':filename'", "'lastmod'"))


@pytest.mark.parametrize("author", ["[]", "''", "' '", "{name: ''}", "[{name: }]"])
def test_a_required_column_is_not_filled_by_nothing(author: str) -> None:
    problems = read(f"---\nauthor: {author}\n---\n", required=("author",))
    assert isinstance(problems, list)
    assert [problem.code for problem in problems] in ([Code.EMPTY_VALUE], [Code.MISSING_KEY])


def test_a_wrong_value_of_a_required_column_is_one_problem() -> None:
    problems = read("---\ndate: soon\n---\n", required=("published",), keys={"published": "date"})
    assert isinstance(problems, list)
    assert [problem.code for problem in problems] == [Code.INVALID_DATE]


@pytest.mark.parametrize(
    ("robots", "kept"),
    [("noindex", False), ("[noindex, noarchive]", True), ("noindex, nofollow", True)],
)
def test_a_list_of_which_a_flag_takes_one_text_stays_in_extra(robots: str, kept: bool) -> None:
    found = columns(f"---\nrobots: {robots}\n---\n")
    assert found["no_index"]
    assert ("robots" in (found["extra"] or "")) is kept


def test_a_language_that_a_path_overrules_stays_in_extra() -> None:
    found = columns("---\nlang: de\n---\n", "a.fr.md", languages=("en", "fr"))
    assert (found["language"], found["extra"]) == ("fr", '{"lang": "de"}')
    assert columns("---\nlang: de\n---\n")["language"] == "de"


def test_a_language_of_the_site_that_a_file_states_counts_where_its_path_names_none() -> None:
    stated = "---\nlang: {}\n---\n".format
    found = columns(stated("fr"), "_posts/a.md", languages=("en", "fr"))
    assert (found["language"], found["extra"]) == ("fr", None)
    found = columns(stated("de"), "_posts/a.md", languages=("en", "fr"))
    assert (found["language"], found["extra"]) == ("en", '{"lang": "de"}')


@pytest.mark.parametrize("url", ["", "/{path}/"])
def test_a_url_is_below_its_language_with_a_template_and_without(url: str) -> None:
    options: dict[str, Any] = {"languages": ("en", "fr"), "url": url}
    stated = "---\npermalink: b/\n---\n"
    assert columns(stated, "fr/a.md", **options)["url"] == "/fr/b/"
    assert columns(stated, "en/a.md", **options)["url"] == "/b/"
    assert columns(stated.replace("b/", "/b/"), "fr/a.md", **options)["url"] == "/b/"


def test_a_folder_called_like_a_language_is_a_folder_of_it() -> None:
    options: dict[str, Any] = {"languages": ("en", "fr")}
    assert columns("", "fr/fr/x.md", **options)["url"] == "/fr/fr/x/"
    assert columns("", "fr/x.md", **options)["url"] == "/fr/x/"


@pytest.mark.parametrize(
    ("files", "path", "folder"),
    [
        ("**", "a.md", None),
        ("**", "x/y/a.md", "x"),
        ("posts/**", "posts/a.md", "posts"),
        ("posts/**", "posts/2024/01/a.md", "2024"),
        ("x/posts/*.md", "x/posts/a.md", "posts"),
        ("**/_posts/**", "x/_posts/a.md", "_posts"),
        ("*-x.md", "a-x.md", None),
        ("x/a*", "x/ab.md", "x"),
    ],
)
def test_a_folder_is_below_that_of_the_collection_or_that_itself(
    files: str, path: str, folder: str | None
) -> None:
    assert columns("", path, collections=(Collection((files,)),))["subject"] == folder


def test_a_template_takes_numbers_as_they_are_written() -> None:
    columns_of = {"eip": Column("integer"), "on": Column("date", key=("day",))}
    found = columns("---\neip: 007\nday: 2024-01-02\n---\n", columns=columns_of, url="/{eip}/{on}/")
    assert found["url"] == "/007/2024-01-02/"


def test_a_wrong_constant_names_the_setting() -> None:
    problems = read("", set={"published": "tomorrow"}, keys={"published": "date"})
    assert isinstance(problems, list)
    assert "content.set.published" in problems[0].message


def test_blanks_ask_the_next_source() -> None:
    assert columns("---\ntitle: ' '\n---\n# Heading\n")["title"] == "Heading"


def test_a_date_where_a_flag_is_negated_is_no_flag() -> None:
    article = read("---\npublished: 2024-01-02\n---\n")
    assert isinstance(article, Article)
    assert article.findings == ()
    assert not article.columns["no_index"]
    assert article.columns["extra"] == '{"published": "2024-01-02"}'


def test_a_set_value_stands_where_a_file_states_none() -> None:
    assert columns("", set={"author": "Ann"})["author"] == "Ann"
    assert columns("---\nauthor: Bob\n---\n", set={"author": "Ann"})["author"] == "Bob"


def test_the_first_collection_that_a_path_fits_says_what_is_otherwise() -> None:
    model = {
        "collections": (
            Collection(("drafts/**",), no_index=True, required=("title",)),
            Collection(
                ("posts/**",), url="/{year}/{month}/{slug:github}", keys={"published": ("on",)},
                set={"author": "Ann"},
            ),
            Collection(("**/*.md",), url="/never/"),
        )
    }  # fmt: skip
    assert columns("# D", "drafts/d.md", **model)["no_index"]
    post = columns("---\non: 2024-01-02\n---\n", "posts/2024/Some Post.md", **model)
    assert (post["url"], post["author"]) == ("/2024/01/some-post", "Ann")
    assert columns("", "other/a.md", **model)["url"] == "/never/"
    problems = read("---\non: never\n---\n", "posts/a.md", **model)
    assert isinstance(problems, list)
    assert problems[0].code == Code.MISSING_KEY


@pytest.mark.parametrize(
    ("template", "path", "url"),
    [
        ("/{path}.html", "a/b.md", "/a/b.html"),
        ("/{path}.html", "a/index.md", "/a/"),
        ("/{path}.html", "index.md", "/"),
        ("/x/{path:lower}.html", "A/index.md", "/x/a/"),
        ("/{name}.html", "a/index.md", "/a.html"),
        ("/{path}", "a/index.md", "/a/"),
        ("/{slug|path}", "a/index.md", "/a/"),
        ("/{path}-x", "a/index.md", "/a-x"),
    ],
)
def test_an_index_file_is_the_page_of_its_folder(template: str, path: str, url: str) -> None:
    assert columns("", path, url=template)["url"] == url


@pytest.mark.parametrize(
    ("template", "path", "url"),
    [
        ("/{path}/", "100%.md", "/100%25/"),
        ("/{path}/", "a?b#c.md", "/a%3Fb%23c/"),
        ("/{path}/", "a%20b.md", "/a%20b/"),
        ("/{undated}/", "sub/2024-01-02-a.md", "/sub/a/"),
        ("/{undated}/", "2024/01/02/a.md", "/a/"),
        ("/{undated}/", "2024-13-02-a.md", "/2024-13-02-a/"),
        ("/{file_year}/{file_month}/{undated}", "2024/1/02-a.md", "/2024/01/a"),
        ("/{file_year}/{undated}", "a.md", None),
        ("/{path}/", "a/A.md", "/a/"),
        ("/{path}/", "a/README.md", "/a/"),
        ("/{path}/", "a/readme.md", "/a/readme/"),
    ],
)
def test_a_url_is_made_of_a_path(template: str, path: str, url: str | None) -> None:
    model = {"index": ("index", "README", "{folder:lower}"), "keys": {"slug": "{name}"}}
    article = read("", path, url=template, **model)
    assert (article.columns["url"] if isinstance(article, Article) else None) == url


@pytest.mark.parametrize(
    ("slug", "url"),
    [("b", "/d/b"), ("./b/c", "/d/b/c"), ("../b", "/b"), ("/b/c/", "/b/c/"), ("/", "/")],
)
def test_a_slug_is_below_the_folder_of_its_file(slug: str, url: str) -> None:
    assert columns(f"---\nslug: {slug}\n---\n", "d/a.md", url="/{path}")["url"] == url


@pytest.mark.parametrize(("slug", "url"), [("index", "/d/e/"), ("e", "/d/e/"), ("f", "/d/f")])
def test_a_slug_of_an_index_file_is_that_of_its_folder(slug: str, url: str) -> None:
    assert columns(f"---\nslug: {slug}\n---\n", "d/e/index.md", url="/{path}")["url"] == url


@pytest.mark.parametrize(
    ("stated", "url"), [("fr/b", "/fr/b"), ("b", "/fr/b"), ("/b", "/b"), ("frb", "/fr/frb")]
)
def test_a_stated_url_is_below_that_of_its_language(stated: str, url: str) -> None:
    found = columns(f"---\nurl: {stated}\n---\n", "fr/a.md", languages=("en", "fr"))
    assert found["url"] == url


# --- urls ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stated", "url"),
    [
        ("/a", "/a"),
        ("a/b", "/a/b"),
        ("/", "/"),
        ("/a/", "/a/"),
        ("https://blog.example.org/b/", "/b/"),
        ("http://BLOG.example.org/b", "/b"),
        ("https://blog.example.org", "/"),
        ("//blog.example.org/b", "/b"),
        (" /a ", "/a"),
        ("/über/", "/%C3%BCber/"),
        ("/u\u0308ber/", "/%C3%BCber/"),
        ("/%c3%bcber/", "/%C3%BCber/"),
        ("/%61%2d%7e", "/a-~"),
        ("/a b", "/a%20b"),
        ("/a?view=v1&x=ü", "/a?view=v1&x=%C3%BC"),
        ("/a(b)!'*,;:@&=+$~_-.", "/a(b)!'*,;:@&=+$~_-."),
    ],
)
def test_a_url_is_a_normalized_path_RFC_3986_6_2_2(stated: str, url: str) -> None:
    assert normalized(stated, HOST) == url
    assert normalized(url, HOST) == url


@pytest.mark.parametrize(
    "stated",
    [
        "false", "https://other.example/a", "//other.example/a", "/a#b", "/a//b", "/a/../b",
        "/a/%2e%2e/b", "/./a", "/:categories/:title/", "/{slug}/", "/a/[slug]", "/100%", "/%zz",
        "/" + "a" * 1900,
    ],
)  # fmt: skip
def test_what_is_no_path_of_this_site_is_refused(stated: str) -> None:
    with pytest.raises(WrongValueError) as caught:
        normalized(stated, HOST)
    assert caught.value.code == Code.INVALID_URL


@pytest.mark.parametrize(
    ("url", "always", "never"),
    [
        ("/a", "/a/", "/a"),
        ("/a/", "/a/", "/a"),
        ("/", "/", "/"),
        ("/a.html", "/a.html", "/a.html"),
        ("/feed.xml", "/feed.xml", "/feed.xml"),
        ("/a?b", "/a/?b", "/a?b"),
    ],
)
def test_the_slash_at_the_end_is_added_or_taken_off(url: str, always: str, never: str) -> None:
    assert (normalized(url, HOST, "always"), normalized(url, HOST, "never")) == (always, never)


# --- parts of urls ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Über uns_2.0",
            {"slugify": "über-uns-2-0", "eleventy": "ueber-uns-2-0", "words": "Über uns 2.0",
             "lower": "über uns_2.0", "github": "über-uns_20", "hugo": "über-uns_2.0",
             "jekyll": "Über-uns_2.0", "quartz": "Über-uns_2.0", "plus": "Über+uns_2.0"},
        ),
        (
            "A Title & More",
            {"github": "a-title--more", "hugo": "a-title-more", "jekyll": "A-Title-&-More",
             "quartz": "A-Title--and--More", "plus": "A+Title+&+More"},
        ),
        ("100% sure?", {"quartz": "100-percent-sure", "jekyll": "100-sure", "hugo": "100-sure"}),
        ("a - b", {"hugo": "a-b", "jekyll": "a-b", "github": "a---b"}),
        ("notitle-given", {"title": "Notitle Given", "words": "Notitle given"}),
        ("two--hyphens-", {"title": "Two  Hyphens"}),
        ("It's naïve & Łódź's", {"eleventy": "its-naive-and-lodzs"}),
        ("Upper-Case_and.dots-1.0", {"jekyll": "Upper-Case_and.dots-1.0"}),
    ],
)  # fmt: skip
def test_a_part_of_a_url_is_written_as_a_generator_writes_it(
    text: str, expected: dict[str, str]
) -> None:
    assert {name: FORMATS[name](text) for name in expected} == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.md", ("a", "a", "a", None, False)),
        ("docs/a.b.md", ("docs/a.b", "a.b", "a.b", None, False)),
        ("docs/index.md", ("docs", "docs", "docs", None, True)),
        ("docs/INDEX.md", ("docs", "docs", "docs", None, True)),
        ("index.md", ("", "", "", None, True)),
        ("x/a/a.md", ("x/a", "a", "a", None, True)),
        ("2024-1-3-x.md", ("2024-1-3-x", "2024-1-3-x", "x", (2024, 1, 3), False)),
        ("2024_01_02_x.md", ("2024_01_02_x", "2024_01_02_x", "x", (2024, 1, 2), False)),
        ("d/2024-01-02.md", ("d/2024-01-02", "2024-01-02", "2024-01-02", (2024, 1, 2), False)),
        ("2024-13-02-x.md", ("2024-13-02-x", "2024-13-02-x", "2024-13-02-x", None, False)),
        (
            "p/2024-01-02-x/index.md",
            ("p/2024-01-02-x", "2024-01-02-x", "x", (2024, 1, 2), True),
        ),
    ],
)  # fmt: skip
def test_a_path_has_a_name_and_a_day(path: str, expected: tuple[Any, ...]) -> None:
    day = expected[3] and dt.date(*expected[3])
    assert file_name(path, ("index", "{folder}")) == (*expected[:3], day, *expected[4:])


@pytest.mark.parametrize(
    ("pattern", "path", "match"),
    [
        ("posts/**", "posts/a/b.md", Match(6, ("a/b.md",))),
        ("posts/**", "docs/a.md", None),
        ("**/_posts/**", "_posts/a.md", Match(7, ("", "a.md"))),
        ("**/_posts/**", "news/big/_posts/a.md", Match(16, ("news/big", "a.md"))),
        ("*/docs/*.md", "v1/docs/a.md", Match(0, ("v1", "a"))),
        ("*/docs/*.md", "v1/x/docs/a.md", None),
        ("about.md", "about.md", Match(0, ())),
        ("a.c/*", "abc/x", None),
        ("**", "a/b.md", Match(0, ("a/b.md",))),
        ("x/**/*.md", "x/a.md", Match(2, ("", "a"))),
        ("x/**/*.md", "x/y/a.md", Match(2, ("y", "a"))),
        ("**/_posts/**/*-*", "_posts/a-b.md", Match(7, ("", "", "a", "b.md"))),
    ],
)
def test_a_pattern_says_what_its_wildcards_stand_for(
    pattern: str, path: str, match: Match | None
) -> None:
    assert collections.match((pattern,), path) == match


VALUES: dict[str, str | list[str]] = {
    "a": "A b",
    "c": "C",
    "path": "A B/C & D",
    "1": "x/C",
    "title": "TCP/IP & more",
    "categories": ["C#", "TCP/IP", "c"],
}


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("/{a}/{c}/", "/A b/C/"),
        ("{a:lower}", "a b"),
        ("{b|c}", "C"),
        ("{b:lower|a:plus}", "A+b"),
        ("/x{b|}/", "/x/"),
        ("{path:hugo}", "a-b/c--d"),
        ("{path}", "A B/C & D"),
        ("{title:hugo} {title:slugify}", "tcp/ip-more tcp-ip-more"),
        ("{categories:slugify}", "c/tcp-ip/c"),
        ("{1+categories+b:slugify}", "x/c/tcp-ip"),
        ("{b+d|a}", "A b"),
        ("/{b}/", None),
        ("plain", "plain"),
        (":a/:abc", "A b/C"),
        ("{c:lower}", "c"),
        ("[[ a ]]/{c}", "A b/C"),
    ],
)
def test_a_template_is_filled_with_the_first_alternative(template: str, filled: str | None) -> None:
    parsed = templates.parse(template, {":a": "{a}", ":abc": "{c}", "[[ a ]]": "{a}"})
    assert parsed.filled(VALUES.get) == filled


@pytest.mark.parametrize("template", ["{a", "a}", "{a:upper}", "{}", "{:lower}"])
def test_a_wrong_template_is_refused(template: str) -> None:
    with pytest.raises(SettingsError):
        templates.parse(template, {})


@pytest.mark.parametrize("source", [":git-date", "!", "=x", "{a"])
def test_a_source_that_names_nothing_is_refused(source: str) -> None:
    with pytest.raises(SettingsError):
        value_sources.parse(source, {})


# --- dates -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("03/04/2024", ["%d/%m/%Y", "%m/%d/%Y"]),
        ("3.4.2024", ["%d.%m.%Y", "%m.%d.%Y"]),
        ("25-12-2024", ["%d-%m-%Y"]),
        ("12/25/2024", ["%m/%d/%Y"]),
        ("32/13/2024", []),
        ("03/04-2024", []),
        ("soon", []),
    ],
)
def test_of_a_date_that_could_be_read_in_two_ways_the_forms_are_named(
    text: str, forms: list[str]
) -> None:
    with pytest.raises(WrongValueError) as caught:
        dates.parse(text, ())
    message = caught.value.message
    assert re.findall("'(%[^']+)'", message) == forms
    assert ("content.date_formats" in message) is bool(forms)
    for form in forms:
        assert dates.parse(text, (form,))[1] is None


DAY = dt.date(2022, 7, 8)


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2022-07-08", None), ("2022/07/08", None), ("2022-7-8", None), ("20220708", None),
        ("2022.07.08", None), ("Jul 08 2022", None), ("July 8, 2022", None), ("8 July 2022", None),
        ("Fri Jul 08 2022", None), ("8th Jul. 2022", None),
        ("2022-07-08T10:00", 10), ("2022-07-08T10:00:00.000Z", 10),
        ("2022-07-08 10:00:00 -0700", 17), ("2022-07-08 9:00:00", 9),
        ("2022-07-08T10:00:00-07:00[America/Los_Angeles]", 17),
        ("Fri, 08 Jul 2022 10:00:00 GMT", 10), ("08 Jul 2022 10:00 +0200", 8),
    ],
)  # fmt: skip
def test_a_date_is_read_where_only_one_meaning_is_possible(text: str, hour: int | None) -> None:
    date, time = dates.parse(text, ())
    assert date == DAY
    assert time == (hour and dt.datetime(2022, 7, 8, hour, tzinfo=dt.UTC))


def test_the_day_is_that_of_the_stated_offset_and_the_time_in_utc() -> None:
    date, time = dates.parse("2022-07-08 23:30:00 -0500", ())
    assert (date, time) == (DAY, dt.datetime(2022, 7, 9, 4, 30, tzinfo=dt.UTC))


@pytest.mark.parametrize(
    "text",
    ["08-07-2022", "07/08/2022", "1657238400", "2022-07", "2022-13-01", "Juli 8 2022", "soon", ""],
)
def test_other_forms_need_settings(text: str) -> None:
    with pytest.raises(WrongValueError) as caught:
        dates.parse(text, ())
    assert caught.value.code == Code.INVALID_DATE


@pytest.mark.parametrize(
    ("text", "form"),
    [("08-07-2022", "%d-%m-%Y"), ("07/08/2022", "%m/%d/%Y"), ("8|7|2022", "%d|%m|%Y")],
)
def test_settings_name_forms_that_could_be_read_in_several_ways(text: str, form: str) -> None:
    assert dates.parse(text, ("%Y %m", form)) == (DAY, None)
