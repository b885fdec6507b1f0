"""Texts that once lost words, ended a build, or came out as nobody meant them."""

import html
import re

import pytest

from pressroom.markup import commonmark, document
from pressroom.markup.outline import outline
from pressroom.markup.rules import Rules
from tests.patience import linear_time

BASE = "https://example.org/a"


def shown(markdown: str, rules: Rules | None = None) -> str:
    read = document.read(markdown, rules or Rules())
    rendered = re.sub(r' rel="[^"]*"|(?<=>)\s*\n\s*(?=<)', "", read.html(BASE))
    return re.sub("<math.*?</math>", "M", rendered, flags=re.DOTALL).strip()


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        (
            "> [!tip] Read **this\n> first** please",
            "<p><strong>Read <strong>this\nfirst</strong> please</strong></p>",
        ),
        (
            "> [!tip] **Important**\n> a",
            "<p><strong><strong>Important</strong></strong></p><p>a</p>",
        ),
        (
            "> [!note] `code` title\n> a",
            "<p><strong><code>code</code> title</strong></p><p>a</p>",
        ),
        ("> [!note]\n> a", "<p><strong>Note</strong></p><p>a</p>"),
    ],
)
def test_the_title_of_a_callout_may_hold_markup(markdown: str, expected: str) -> None:
    assert shown(markdown) == f"<blockquote>{expected}</blockquote>"


@pytest.mark.parametrize(
    "markdown",
    [
        "<noscript>\n\ntext\n</noscript>\n\nafter",
        "<object data=x>\n\n[pdf](a)\n</object>\n\nafter",
        "<iframe src=x>\n\nfallback</iframe>\n\nafter",
        "<SCRIPT>\nx\n</script>\n\nafter",
    ],
)
def test_what_is_hidden_ends_with_its_tag_wherever_that_stands(markdown: str) -> None:
    assert document.read(markdown).text() == "after"


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        (
            "text\n\n    #include <vector>\n    List<Foo> x",
            "text\n\n#include <vector>\nList<Foo> x",
        ),
        ("<pre>\nList<Foo> x\n</pre>", "List<Foo> x"),
        ("<p>See <code>std::vector<int></code>.</p>", "See std::vector<int>."),
        ("<table><tr><td>cp <src> <dst></td></tr></table>", "cp <src> <dst>"),
        ("<div>Use <script> with care</div>", "Use <script> with care"),
        ("<p>z</p>\n<embed src=x>\nAFTER\n\nNext.", "z\n\nAFTER\n\nNext."),
        ('<img alt="a <Foo> b" src=x>', "a <Foo> b"),
        ("cp <source> <target> and <input> <file>", "cp <source> <target> and <input> <file>"),
        ("std::vector<std::string> a", "std::vector<std::string> a"),
        ("<?php\n\n# Heading\n\ntext", "<?php\n\nHeading\n\ntext"),
        ("<![CDATA[ a\n\nb", "<![CDATA[ a\n\nb"),
        ("<math><mi>x</mi></math>", "x"),
        ("<section>a</section>b<section>c</section>", "a\n\nb\n\nc"),
        ("x<wbr>y", "xy"),
        ("<pre>a<br>b</pre>", "a\nb"),
        ("<pre>a<pre>b</pre>c</pre>", "ab\n\nc"),
        ("x<sup> </sup>y H<sub>2 </sub>O", "x y H₂ O"),
    ],
)
def test_no_word_is_lost_for_what_looks_like_a_tag(markdown: str, text: str) -> None:
    assert document.read(markdown).text() == text


def test_a_link_in_pointed_brackets_leads_where_it_says() -> None:
    assert 'href="https://example.org/docs/page.md"' in shown("[a]\n\n[a]: <docs/page.md>")


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("> $$\n> a\n> $$", "a"),
        ("> text $a\n> + b$", "text a + b"),
        ("> `a\n> b`", "a b"),
    ],
)
def test_maths_and_code_that_cross_lines_of_a_quote_are_without_its_marks(
    markdown: str, expected: str
) -> None:
    read = document.read(markdown)
    assert "&gt;" not in read.html(BASE)
    assert ">" not in read.text()
    assert read.text() == expected


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("import X from 'x'\nimport Y from 'y'\n# Heading\ntext", "<h1>Heading</h1><p>text</p>"),
        ("import A from 'x'\ntext", "<p>text</p>"),
        ("export const a = {\n\n  b: 2 }\n\ntext", "<p>text</p>"),
        ("export function f(a) {\n  return [a]\n}\ntext", "<p>text</p>"),
        ("**{{ b }}**x", "<p><strong></strong>x</p>"),
        ("{{ a }}\n\n===", "<p>===</p>"),
        ('[a]({{< ref "x" >}} "t")', '<p><a href="https://example.org/x.md" title="t">a</a></p>'),
        ("<code>{{ x }}</code> {{ y }}z", "<p><code>{{ x }}</code> z</p>"),
        ("a\n\n    {{ x }}\n    {% y %}", "<p>a</p><pre><code>{{ x }}\n{% y %}\n</code></pre>"),
        ("<div style={{color: 'red'}} className=\"x\">styled</div>", "<div>styled</div>"),
        ("<>a</>", "<p>a</p>"),
        (
            "::: a\ntitle\n:::: note ::::\nb",
            "<blockquote><p><strong>A</strong></p><p>title</p><blockquote><p><strong>Note</strong></p><p>b</p></blockquote></blockquote>",
        ),
    ],
)
def test_a_template_leaves_what_is_around_it_alone(markdown: str, expected: str) -> None:
    assert shown(markdown) == expected


@pytest.mark.parametrize(
    "text",
    [
        'import this file\n\nGet the key from "Settings"\nEnd.',
        "import numpy as np\n\nThe name comes from 'numeric python'\n\nEnd.",
        "export default function is a statement in JS.\nIt is nice.",
        "int a[2][2] = {{1,2},{3,4}};",
        "A set {{a}, {b}} and {{}} and {#x : y#}",
        "run with ${{ secrets.TOKEN }}",
    ],
)
def test_prose_is_no_template(text: str) -> None:
    assert outline(text).template is None
    assert document.read(text).text().split() == text.split()


def test_indented_code_is_no_container() -> None:
    assert shown("a\n\n    ::: tip\n    code\n    :::") == (
        "<p>a</p><pre><code>::: tip\ncode\n:::\n</code></pre>"
    )


@pytest.mark.parametrize(
    "unit", ["http://a.b/", "ftp://a.b/", "http://a.b?", "http://a.b/(", "a@b.c/"]
)
def test_addresses_without_an_end_take_linear_time(unit: str) -> None:
    with linear_time():
        document.read(unit * (100_000 // len(unit))).html(BASE)


@pytest.mark.parametrize(
    "markdown",
    ["\ue0000\ue000 & " * 200_000, ">" * 59 + "<b>" * 59 + "x", "a|b\n-|-\n" + "a\n" * 9_000],
)
def test_what_is_shown_as_it_is_written_is_told(markdown: str) -> None:
    read = document.read(markdown)
    assert read.is_as_written
    assert html.unescape(read.html(BASE)) == f"<pre>{markdown}</pre>"
    assert outline(markdown).is_as_written


def test_python_markdown_keeps_what_is_no_tag_and_the_state_of_tasks() -> None:
    rules = Rules("python-markdown", ("pymdownx.tasklist",))
    assert (
        html.unescape(shown("List<Foo> and <your name>", rules))
        == "<p>List<Foo> and <your name></p>"
    )
    assert shown("- [x] done\n- [ ] todo", rules) == "<ul><li>☑  done</li><li>☐  todo</li></ul>"


def test_python_markdown_reads_no_file_of_the_machine() -> None:
    rules = Rules("python-markdown", ("pymdownx.snippets",))
    for name in ("pyproject.toml", "../../../../../../../etc/hostname", "/etc/hostname"):
        assert shown(f'a\n\n--8<-- "{name}"', rules) == "<p>a</p>"


@pytest.mark.parametrize("error", [IndexError(), RecursionError(), MemoryError()])
def test_a_text_at_which_a_reader_fails_is_shown_as_it_is(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(_: object) -> None:
        raise error

    monkeypatch.setattr(commonmark, "pieces", fail)
    assert shown("**a** <b>") == "<pre>**a** &lt;b&gt;</pre>"
