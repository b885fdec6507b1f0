"""What texts of editors of notes hold besides GitHub's dialect: comments and highlights."""

import json

import pytest

from pressroom.markup import document
from pressroom.markup.outline import outline
from pressroom.markup.rules import MOST_CHARS, Rules
from pressroom.model.settings_toml import parse
from tests.conftest import Site
from tests.patience import linear_time

NOTES = Rules(syntax=("wikilinks", "comments", "highlights"))
BASE = "https://site.example/a"


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("a %%secret%% b", "<p>a  b</p>"),
        ("a %%50% secret%% b", "<p>a  b</p>"),
        ("a %%se\ncret%% b", "<p>a  b</p>"),
        ("a\n\n%%\nsecret\n\n- secret\n%%\n\nb", "<p>a</p>\n<p>b</p>"),
        ("a %%\n\nsecret\n\n%% b", "<p>a  b</p>"),
        ("%%secret%%", ""),
        ("- a\n- %%secret%%\n- b", "<ul>\n<li>a</li>\n<li></li>\n<li>b</li>\n</ul>"),
        ("> a\n> %%secret%%\n> b", "<blockquote>\n<p>a</p>\n<p>b</p>\n</blockquote>"),
        ("%%\n```\nsecret\n```\n%%\n\nb", "<p>b</p>"),
        ("%%a `secret` [[secret]] <b>secret</b> {{ secret }}%%b", "<p>b</p>"),
        ("# a %%secret%%", "<h1>a </h1>"),
        ("`a %%b%% c`", "<p><code>a %%b%% c</code></p>"),
        ("```\n%%\nb\n%%\n```", "<pre><code>%%\nb\n%%\n</code></pre>"),
        ("    %%b%%", "<pre><code>%%b%%\n</code></pre>"),
        ("$a %%b%% c$", '<p><code class="math">$a %%b%% c$</code></p>'),
        ("50%% of all", "<p>50%% of all</p>"),
        ("a %%%% b", "<p>a  b</p>"),
    ],
)
def test_readers_are_shown_no_comment_but_in_code(markdown: str, html: str) -> None:
    read = document.read(markdown, NOTES)
    shown = read.html(BASE).strip()

    assert "secret" not in shown + read.text() + read.summary(100)
    assert shown.split() == html.split()


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("==a==", "<p><mark>a</mark></p>"),
        ("a ==b c==, ==d==.", "<p>a <mark>b c</mark>, <mark>d</mark>.</p>"),
        ("==**b** c==", "<p><mark><strong>b</strong> c</mark></p>"),
        ("**==b==**", "<p><strong><mark>b</mark></strong></p>"),
        ("==a `b` c==", "<p><mark>a <code>b</code> c</mark></p>"),
        ("==a=b==", "<p><mark>a=b</mark></p>"),
        ("- ==a==", "<ul>\n<li><mark>a</mark></li>\n</ul>"),
        ("a == b == c", "<p>a == b == c</p>"),
        ("==a", "<p>==a</p>"),
        ("==a\n\nb==", "<p>==a</p>\n<p>b==</p>"),
        ("**==a** b==", "<p><strong>==a</strong> b==</p>"),
        ("a === b ===", "<p>a === b ===</p>"),
        ("`==a==`", "<p><code>==a==</code></p>"),
        ("<code>==a==</code>", "<p><code>==a==</code></p>"),
        ("a\n==", "<h1>a</h1>"),
    ],
)
def test_highlights_are_marked_but_in_code(markdown: str, html: str) -> None:
    read = document.read(markdown, NOTES)

    assert read.html(BASE).strip() == html
    assert document.read(markdown).text().replace("==", "") == read.text().replace("==", "")


def test_an_address_is_not_marked() -> None:
    shown = document.read("[a](/x?a==b==c)", NOTES).html(BASE)
    assert 'href="https://site.example/x?a==b==c"' in shown


def test_without_a_setting_both_are_text() -> None:
    read = document.read("a %%b%% ==c==", Rules(syntax=("wikilinks",)))
    assert read.html(BASE).strip() == "<p>a %%b%% ==c==</p>"


def test_a_link_in_a_comment_is_none_and_others_keep_their_lines() -> None:
    read = outline("%%\n[a](/a)\n%%\n\n[b](/b) %%[c](/c)\n[d](/d)%%\n[e](/e)", NOTES)

    assert [(link.href, link.line) for link in read.links] == [("/b", 5), ("/e", 7)]
    assert read.template is None


def test_a_text_that_is_shown_as_it_is_written_is_so_without_its_comments() -> None:
    read = document.read("a %%secret%% b" + " " * MOST_CHARS, NOTES)

    assert read.is_as_written
    assert "secret" not in read.html(BASE)


@pytest.mark.parametrize("piece", ["%%", "%%a", "%% % ", "%%%", "==", "==a", "==a==", "== a =="])
def test_signs_take_linear_time(piece: str) -> None:
    with linear_time():
        document.read(piece * 100_000, NOTES)


@pytest.mark.parametrize("preset", ["obsidian", "quartz"])
@pytest.mark.parametrize(
    ("tags", "terms"),
    [
        ('"#a, #b"', ["a", "b"]),
        ('["#a", b]', ["a", "b"]),
        ('"#"', []),
        ("[c#, a/b]", ["c#", "a/b"]),
    ],
)
def test_feeds_of_a_vault_hold_neither_comments_nor_signs(
    site: Site, preset: str, tags: str, terms: list[str]
) -> None:
    content = parse(f'[content]\npreset = "{preset}"\n', site.raw / "pressroom.toml").content
    site.write(
        a=f"---\ndate: 2025-03-01\ntags: {tags}\n---\n%%secret%% ==marked==\n\n%%\nsecret\n%%\n"
    )
    release = site.build(content=content).release

    feed = json.loads((release.root / "site" / "feed.json").read_text())
    assert "secret" not in json.dumps(feed)
    assert "<mark>marked</mark>" in feed["items"][0]["content_html"]
    assert [row["term"] for row in site.rows("tags")] == terms
