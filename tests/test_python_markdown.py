"""Texts of sites that are written for Python-Markdown."""

import re
import time

import pytest

from pressroom.markup import document, extensions, python_markdown
from pressroom.markup.rules import Rules

BASE = "https://example.org/a"
PLAIN = Rules("python-markdown")
EXTENSIONS = ("admonition", "attr_list", "footnotes", "tables", "pymdownx.superfences")


def shown(markdown: str, rules: Rules = PLAIN) -> str:
    rendered = document.read(markdown, rules).html(BASE)
    return re.sub(r' rel="[^"]*"|(?<=>)\n+(?=<)', "", rendered).strip()


@pytest.mark.parametrize(
    ("markdown", "extensions", "expected"),
    [
        ("a **b**\n1. c", (), "<p>a <strong>b</strong>\n1. c</p>"),
        ('!!! note "T"\n    a', ("admonition",), "<div><p>T</p><p>a</p></div>"),
        ("# A {: #b }\n{{ c }}", ("attr_list",), "<h1>A</h1><p>{{ c }}</p>"),
        (
            "|a|\n|-|\n|b|",
            ("tables",),
            "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>b</td></tr></tbody></table>",
        ),
        (
            "```\na\n```",
            ("pymdownx.superfences",),
            "<div><pre><span></span><code>a\n</code></pre></div>",
        ),
        (
            "[a](b) <script>x</script><b onclick=x>c</b>",
            (),
            '<p><a href="https://example.org/b">a</a> <b>c</b></p>',
        ),
    ],
)
def test_a_text_is_read_by_the_extensions_that_its_owner_names(
    markdown: str, extensions: tuple[str, ...], expected: str
) -> None:
    assert shown(markdown, Rules("python-markdown", extensions)) == expected


def test_maths_is_kept_from_it_and_code_is_not() -> None:
    rendered = shown("$a_1*b*$ and `$c$`\n\n    $d$", PLAIN)

    assert rendered.count("<math") == 1
    assert "<code>$c$</code>" in rendered
    assert "<pre><code>$d$\n</code></pre>" in rendered


def test_the_text_of_a_block_of_code_keeps_its_lines() -> None:
    read = document.read("```py\nif a:\n    b\n\nc\n```", Rules("python-markdown", EXTENSIONS))

    assert read.text() == "if a:\n    b\n\nc"


@pytest.mark.parametrize("markdown", ["> " * 50_000, "[" * 50_000, "- a\n" * 300_000])
def test_a_text_that_it_does_not_read_in_time_is_shown_as_it_is(markdown: str) -> None:
    began = time.monotonic()
    read = document.read(markdown, PLAIN)

    assert read.is_as_written
    assert read.text().split() == markdown.split()
    assert time.monotonic() - began < 10
    assert shown("*a*") == "<p><em>a</em></p>"


def test_a_converter_that_was_killed_is_begun_again() -> None:
    assert shown("*a*") == "<p><em>a</em></p>"
    process = python_markdown._converter.process
    assert process
    process.kill()
    process.wait()
    assert document.read("*a*", PLAIN).is_as_written
    assert shown("*a*") == "<p><em>a</em></p>"


def test_an_extension_that_is_none_is_told() -> None:
    assert extensions.unusable(EXTENSIONS) is None
    assert "nowhere" in str(extensions.unusable(["tables", "nowhere"]))
