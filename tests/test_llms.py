"""llms.txt as its reference parser and a parser of Markdown read it."""

import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from llms_txt import parse_llms_file
from markdown_it import MarkdownIt
from markdown_it.token import Token

from pressroom.exports.as_markdown import in_block, text
from pressroom.model.publishing import Feeds
from pressroom.model.settings import Exports
from pressroom.model.settings import Site as SiteSettings
from tests.conftest import AS_OF, Site, article
from tests.quicktakes import MODEL, quicktakes

COMMONMARK = MarkdownIt("commonmark").enable(["table", "strikethrough"])
A = SiteSettings(base_url="https://a.example", title="A site", description="About tea.")


class Link(NamedTuple):
    """A link of a section: name, url and note."""

    name: str
    url: str
    note: str


class Read(NamedTuple):
    """A file as a parser of Markdown reads it."""

    title: str
    summary: str
    sections: dict[str, list[Link]]


def shown(token: Token) -> str:
    """The text of a line, in which nothing is marked up."""
    assert {child.type for child in token.children or ()} <= {"text", "text_special"}
    return "".join(child.content for child in token.children or ())


def link(token: Token) -> Link:
    children = token.children or []
    end = next(number for number, one in enumerate(children) if one.nesting == -1)
    assert children[0].type == "link_open"
    assert {one.type for one in children[1:end] + children[end + 1 :]} <= {"text", "text_special"}
    name, note = (
        "".join(one.content for one in part) for part in (children[1:end], children[end + 1 :])
    )
    assert not note or note.startswith(": ")
    return Link(name, str(children[0].attrs["href"]), note.removeprefix(": "))


def read(text: str) -> Read:
    """A strict reader of what llmstxt.org describes: LL-01."""
    tokens = [one for one in COMMONMARK.parse(text) if one.nesting >= 0]
    kinds = [(one.type, one.tag) for one in tokens]
    assert kinds[0] == ("heading_open", "h1")
    title, summary, position = shown(tokens[1]), "", 2
    if kinds[2][0] == "blockquote_open":
        summary, position = shown(tokens[4]), 5
        assert kinds[3][0] == "paragraph_open"
    if kinds[position][0] == "paragraph_open":
        position += 2
    sections: dict[str, list[Link]] = {}
    while position < len(tokens):
        assert kinds[position] == ("heading_open", "h2")
        heading = shown(tokens[position + 1])
        assert heading not in sections
        assert kinds[position + 2][0] == "bullet_list_open"
        position += 3
        links = sections.setdefault(heading, [])
        while kinds[position : position + 1] == [("list_item_open", "li")]:
            assert kinds[position + 1][0] == "paragraph_open"
            links.append(link(tokens[position + 2]))
            position += 3
    return Read(title, summary, sections)


def published(site: Site, form: str, **options: Any) -> str:
    """The llms.txt of a site."""
    options = {"content": quicktakes(required=("url",)), **options}
    site.build(exports=Exports(llms=form), site=A, **options)  # type: ignore[arg-type]
    return (site.out / "current/site/llms.txt").read_bytes().decode("utf-8")


# --- what is published ---------------------------------------------------------------------------


def test_there_is_none_unless_settings_ask_for_it(site: Site) -> None:
    site.write(a=article(slug="a"))
    site.build()
    assert not (site.out / "current/site/llms.txt").exists()


@pytest.fixture
def three(site: Site) -> Site:
    site.write(
        a=article(
            slug="a(1)", title="Tea [hot] *or* `cold`?", seo="{page_description: 'A_b_ <c>'}"
        ),
        b=article(slug="b", subject="C++"),
        c=article(slug="c", subject="~"),
        hidden=article(slug="hidden", subject="Secrets", no_index="true"),
    )
    return site


FEEDS = [
    Link("JSON Feed", "https://a.example/feed.json", "the newest articles"),
    Link("RSS", "https://a.example/feed.xml", "the newest articles"),
    Link("Atom", "https://a.example/atom.xml", "the newest articles"),
    Link("Sitemap", "https://a.example/sitemap.xml", "all articles"),
]


def test_subjects_and_feeds_are_listed_LL_01_LL_04(three: Site) -> None:
    text = published(three, "subjects")
    found = read(text)
    assert found == Read(
        "A site",
        "About tea.",
        {
            "Subjects": [
                Link("C++", "https://a.example/feeds/c-plus-plus.json", "1 article"),
                Link("Databases", "https://a.example/feeds/databases.json", "1 article"),
            ],
            "Feeds": FEEDS,
        },
    )
    root = three.out / "current/site"
    for links in found.sections.values():
        for one in links:
            assert (root / one.url.removeprefix("https://a.example/")).exists()


def test_all_titles_are_listed_by_subject_LL_01(three: Site) -> None:
    path = "https://a.example/learn/databases/questions"
    assert read(published(three, "titles")).sections == {
        "C++": [Link("What is b?", f"{path}/b", "")],
        "Databases": [Link("Tea [hot] *or* `cold`?", f"{path}/a%281%29", "A_b_ <c>")],
        "Others": [Link("What is c?", f"{path}/c", "")],
        "Feeds": FEEDS,
    }


def test_the_reference_parser_reads_the_same(three: Site) -> None:
    text = published(three, "titles")
    reference = parse_llms_file(text)
    found = read(text)

    assert (reference.title, reference.summary) == ("A site", "About tea.")
    assert list(reference.sections) == list(found.sections)
    for heading, links in found.sections.items():
        assert [(one.url, bool(one.desc)) for one in reference.sections[heading]] == [
            (one.url, bool(one.note)) for one in links
        ]


def test_a_site_without_articles_lists_its_feeds_alone(site: Site) -> None:
    site.write(a=article(slug="a", no_index="true"))
    assert read(published(site, "titles")).sections == {"Feeds": FEEDS[:-1]}


@pytest.mark.parametrize(
    ("formats", "subject", "feeds"),
    [
        (("atom", "rss"), "databases.xml", FEEDS[1:]),
        (("atom",), "databases.atom", FEEDS[2:]),
        ((), None, FEEDS[3:]),
    ],
)
def test_feeds_are_named_in_the_formats_that_there_are(
    three: Site, formats: Any, subject: str | None, feeds: list[Link]
) -> None:
    sections = read(published(three, "subjects", feeds=Feeds(formats=formats))).sections
    assert sections.pop("Feeds") == feeds
    urls = [one.url.rpartition("/")[2] for one in sections.get("Subjects", [])]
    assert (subject in urls) == bool(subject)


def test_a_section_that_may_be_left_out_is_no_subject_LL_02(site: Site) -> None:
    site.write(a=article(slug="a", subject="Optional"), b=article(slug="b", subject="feeds"))
    sections = read(published(site, "titles")).sections
    assert list(sections) == ["feeds (subject)", "Optional (subject)", "Feeds"]


def test_a_damaged_description_is_left_out_where_the_settings_look_for_such(site: Site) -> None:
    site.write(a=article(slug="a", seo="{page_description: 'The ext{length } of $n$'}"))
    [one] = read(published(site, "titles")).sections["Databases"]
    assert one.note == ""
    text = published(
        site, "titles", content=quicktakes(lint=(), required=("url",)), as_of=AS_OF + 60
    )
    assert "ext{length }" in text
    assert MODEL.lint


def test_a_title_that_changes_changes_the_file_and_nothing_else_does(three: Site) -> None:
    published(three, "titles")
    path = Path("site/llms.txt")
    first = (three.out / "current" / path).stat().st_ino
    three.write(b=article(slug="b", subject="C++", answer="Another."))
    published(three, "titles", as_of=AS_OF + 60)
    assert (three.out / "current" / path).stat().st_ino == first
    three.write(b=article(slug="b", subject="C++", title="Another"))
    assert "- [Another](" in published(three, "titles", as_of=AS_OF + 120)


# --- text is text --------------------------------------------------------------------------------

_HARD = [
    "# ",
    "#",
    " #",
    "- ",
    "1. ",
    "> ",
    "*",
    "_",
    "**",
    "`",
    "[",
    "](",
    ")",
    "![",
    "<b>",
    "&amp;",
]
_HARD += [
    "&",
    ";",
    "\\",
    "~~",
    "|",
    "---",
    "=",
    "+",
    "\n",
    "\u2028",
    "a",
    "b ",
    "é",
    "http://x.y",
    "<!--",
]
TEXTS = st.lists(st.sampled_from(_HARD), min_size=1, max_size=8).map("".join)


@given(TEXTS, TEXTS, TEXTS)
def test_whatever_a_text_holds_it_is_shown_as_it_is(title: str, note: str, summary: str) -> None:
    line = [" ".join(one.split()) for one in (title, note, summary)]
    if not all(line):
        return
    written = f"# {text(title)}\n\n> {in_block(summary)}\n\n## {text(title)}\n\n"
    written += "- [" + text(title) + "](/a): " + text(note) + "\n"
    assert read(written) == Read(line[0], line[2], {line[0]: [Link(line[0], "/a", line[1])]})


@given(TEXTS)
def test_no_name_ends_a_link_for_readers_of_patterns(name: str) -> None:
    if name.split():
        found = re.search(r"-\s*\[([^\]]+)\]\(([^\)]+)\)(?::\s*(.*))?", f"- [{text(name)}](/a): b")
        assert found
        assert found.groups()[1:] == ("/a", "b")
