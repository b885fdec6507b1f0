"""Markdown as plain text: readable, and nothing in it that marks it up."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.markup import document, plain
from tests.conftest import needs_corpus
from tests.standards.real import real_answers


def to_text(markdown: str) -> str:
    return document.read(markdown).text()


def summary(markdown: str, limit: int) -> str:
    return document.read(markdown).summary(limit)


def to_html(markdown: str, page_url: str) -> str:
    return document.read(markdown).html(page_url)


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("", ""),
        ("# A\nb **c** _d_\n\ne\nf", "A\n\nb c d\n\ne f"),
        ("one  \ntwo", "one\ntwo"),
        ("a [link](https://b.org) <https://c.org> ![d](e.png)", "a link https://c.org d"),
        ("> q\n> r\n\ns", "q r\n\ns"),
        ("***\na", "a"),
        ("10<sup>-6</sup> H<sub>2</sub>O x<sup>n</sup> 1<sup>st</sup>", "10⁻⁶ H₂O x^n 1st"),
        ("|a|\n|-|\n|`x\\|y`|", "a\nx|y"),
        (
            "<details><summary>A</summary>\n\nb\n\n</details>\n<pre>\nc\n  d\n</pre>",
            "A\n\nb\n\nc\n  d",
        ),
        ("a[^1]\n\n[^1]: b", "a[1]\n\n1. b"),
        ("R&D &copy; 1 < 2 <MyClass> \\*", "R&D © 1 < 2 <MyClass> *"),
        ("`x  <y>` and `` a`b ``", "x  <y> and a`b"),
        ("a\n```py\nif b:\n\n    c\n```\nd", "a\n\nif b:\n\n    c\n\nd"),
        ("    a\n      b", "a\n  b"),
        ("$50,000 and $1,000", "$50,000 and $1,000"),
        (r"so $\alpha$, \(x_1\) and $\foo$", r"so α, x₁ and \foo"),
        ("so\n$$\n\\frac{a}{b}\n$$\nis", "so\na/b\nis"),
        ("so $$x$$, and", "so\nx, and"),
    ],
)
def test_markdown_becomes_text(markdown: str, text: str) -> None:
    assert to_text(markdown) == text


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("- a\n- b\n\nc", "- a\n- b\n\nc"),
        ("3. a\n4. b", "3. a\n4. b"),
        ("a:\n1. b\n   - c\n     - d\n2. e", "a:\n\n1. b\n   - c\n     - d\n2. e"),
        ("- a\n\n  b\n- c", "- a\n\n  b\n- c"),
        ("- - a\n- b", "- - a\n- b"),
        ("1. a\n   ```\n   x\n     y\n   ```", "1. a\n\n   x\n     y"),
        ("- ```\n  x\n  y\n  ```", "- x\n  y"),
        ("- **a**:\n  $$\n  x\n  $$\n- b", "- a:\n  x\n- b"),
    ],
)
def test_an_item_stands_behind_its_marker(markdown: str, text: str) -> None:
    assert to_text(markdown) == text


def test_a_row_of_a_table_is_a_line() -> None:
    assert to_text("T:\n| a | b |\n|---|---|\n| `x` | $y$ |\n| | 2 |\n\nend") == (
        "T:\n\na | b\nx | y\n| 2\n\nend"
    )


@pytest.mark.parametrize(
    ("markdown", "limit", "expected"),
    [
        ("", 10, ""),
        ("one **two**\n\n- three", 20, "one two - three"),
        ("one two three", 13, "one two three"),
        ("one two three", 12, "one two…"),
        ("one two three", 8, "one two…"),
        ("one two, three", 9, "one two…"),
        ("incomprehensible", 6, "incom…"),
        ("e\u0301" * 5, 6, "e\u0301e\u0301…"),
        ("a\n```\nb\n```\nc", 20, "a c"),
    ],
)
def test_a_summary_is_cut_at_a_word(markdown: str, limit: int, expected: str) -> None:
    assert summary(markdown, limit) == expected


@given(
    st.text(alphabet=st.sampled_from("a1 \n$`*_[]()<>#-|\\:~&;\"'\0\x02\ue000\u00e9\u0301")),
    st.integers(1, 40),
)
def test_any_text_has_a_text_and_a_summary_within_its_limit(markdown: str, limit: int) -> None:
    assert "\ue001" not in to_text(markdown)
    assert len(summary(markdown, limit)) <= limit


@pytest.mark.parametrize("unit", ["- ", "> ", "[", "# a\n", "a\n=\n", "$x$ ", "|a|\n|-|\n"])
def test_hostile_text_exhausts_no_stack(unit: str) -> None:
    to_text(unit * (20_000 // len(unit)))


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


@needs_corpus
def test_the_text_of_a_real_article_has_the_words_of_its_html() -> None:
    for markdown in real_answers():
        text = to_text(markdown)
        shown = re.sub("<math.*?</math>", " ", to_html(markdown, "https://a.org"), flags=re.DOTALL)
        missing = set(words(html.unescape(re.sub("<[^>]*>", " ", shown)))) - set(words(text))
        assert not missing
        assert "**" not in text or "**" in shown
        assert "\n\n\n" not in text or "<pre>" in shown


def test_an_indented_code_block_stands_as_it_was_written() -> None:
    assert to_text("text\n\n    cost = $x$ + `1`\n") == "text\n\ncost = $x$ + `1`"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("AT&amp;T &lt;b&gt;", "AT&T <b>"),
        ("<em>One</em> <br/>two", "One two"),
        ("vector<int> and <MyClass x> &c.", "vector<int> and <MyClass x> &c."),
        ("__init__ & *args", "__init__ & *args"),
        ("a < b > c &#8212; &#x2014; &copy", "a < b > c — — &copy"),
    ],
)
def test_a_title_with_markup_is_plain_text_where_text_alone_may_stand(
    title: str, expected: str
) -> None:
    assert plain.line(title) == expected
