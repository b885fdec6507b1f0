"""What is known of the links in the texts of a site, and where readers of feeds are led."""

import json
import time
from typing import Any

import pytest

from pressroom.content import text_links
from pressroom.markup.outline import outline
from pressroom.markup.rules import GFM
from pressroom.model.content import ContentModel
from pressroom.model.settings import Site as SiteSettings
from tests.conftest import Site

HOME = SiteSettings()
BASE = SiteSettings(base_url="https://www.example.org/blog")
NOTES = {
    "b": "# Part",
    "What is X?": "A note.",
    "note": "A note.",
}


def build(site: Site, text: str, owner: SiteSettings = HOME) -> tuple[list[dict[str, Any]], str]:
    """The links of a text, and its HTML in the feed."""
    for name, body in NOTES.items():
        names = '["Dune: Part Two"]' if name == "note" else "[]"
        site.write(**{name: f"---\nnames: {names}\n---\n{body}\n"})
    site.write(a=f"---\ntitle: A\ndate: 2025-01-01\n---\n{text}\n")
    model = ContentModel(keys={"names": "names"})
    site.build(content=model, site=owner)
    feed = json.loads((site.out / "current/site/feed.json").read_bytes())
    html = next(item["content_html"] for item in feed["items"] if item["id"].endswith("/a/"))
    return [row for row in site.rows("text_links") if row["url"] == "/a/"], html


@pytest.mark.parametrize(
    ("text", "status", "target", "shown"),
    [
        ("[x](/b/#part)", "ok", "/b/", '<a href="http://localhost:8000/b/#part"'),
        ("[x](b.md?q=1)", "ok", "/b/", '<a href="http://localhost:8000/b/?q=1"'),
        ("[[b#Part|x]]", "ok", "/b/", '<a href="http://localhost:8000/b/#part"'),
        ("![[b]]", "ok", "/b/", '<a href="http://localhost:8000/b/"'),
        ("[[What is X?]]", "ok", "/What%20is%20X%3F/", '<a href="http://localhost:8000/What'),
        ("[[Dune: Part Two]]", "ok", "/note/", '<a href="http://localhost:8000/note/"'),
        ("[x](gone.md)", "missing", None, "<p>x</p>"),
        ("[x](../gone)", "missing", None, "<p>x</p>"),
        ("[[gone|x]]", "missing", None, "<p>x</p>"),
        ("[[Node.js]]", "missing", None, "<p>Node.js</p>"),
        ("[x]({{ page.next }})", "missing", None, "<p>x</p>"),
        ("[x](/tags/y/)", "missing", None, '<a href="http://localhost:8000/tags/y/"'),
        ("![x](/p) [x](gone)", "asset", None, '<img alt="x" src="http://localhost:8000/p"'),
        ("![[p.png]]", "asset", None, "<p>p.png</p>"),
        ("[x](p.pdf)", "asset", None, '<a href="http://localhost:8000/a/p.pdf"'),
        ("[x](#y)", "self", "/a/", '<a href="http://localhost:8000/a/#y"'),
        ("[x](https://b.example/)", "external", None, '<a href="https://b.example/"'),
    ],
)
def test_a_link_leads_to_its_article_and_one_that_leads_nowhere_is_its_words(
    site: Site, text: str, status: str, target: str | None, shown: str
) -> None:
    rows, html = build(site, text)

    assert (rows[0]["status"], rows[0]["target_url"]) == (status, target)
    assert shown in html


def test_a_dead_link_takes_no_image_of_the_same_address_with_it(site: Site) -> None:
    _, html = build(site, "[x](img/p) ![y](img/p)")

    assert '<img alt="y" src="http://localhost:8000/a/img/p"' in html


@pytest.mark.parametrize(
    ("href", "target"), [("/blog/b/", "/b/"), ("/b/", "/b/"), ("/blog/", None), ("../../x", None)]
)
def test_a_link_from_the_root_may_state_the_path_that_the_site_stands_below(
    site: Site, href: str, target: str | None
) -> None:
    site.write(blog="---\nurl: /blog/\n---\nNot the home page.")
    rows, _ = build(site, f"[x]({href})", BASE)

    assert rows[0]["target_url"] == target


def test_what_stands_in_a_raw_link_is_no_second_one() -> None:
    text = '<a href="https://a.example/">https://a.example/</a> https://b.example/'

    assert [link.href for link in outline(text).links] == [
        "https://a.example/",
        "https://b.example/",
    ]
    assert outline('<a title="a > b" href="/docs/">y</a>').links[0].href == "/docs/"


def test_equal_headings_get_numbers_as_github_gives_them() -> None:
    read = text_links.read("# a\n\n# a\n\n# a-1\n\n# a\n\n# b {#a-2}", GFM, 1, 1)

    assert [one.anchor for one in read.anchors] == ["a", "a-1", "a-1-1", "a-2", "a-2"]


@pytest.mark.parametrize(
    "text",
    ["# a\n" * 40_000, "https://a.example/b " * 40_000, "{{ x }} " * 60_000],
    ids=["equal headings", "addresses on a line", "tags on a line"],
)
def test_a_text_of_one_kind_takes_time_with_its_length(text: str) -> None:
    began = time.process_time()
    text_links.read(text, GFM, 1, 1)

    # What takes a square of time takes minutes.
    assert time.process_time() - began < 20
