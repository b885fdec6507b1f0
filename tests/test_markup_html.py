import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.markup import document
from pressroom.markup.outline import outline
from pressroom.markup.spans import Kind, spans
from pressroom.markup.stream import What
from tests.conftest import needs_corpus
from tests.patience import linear_time
from tests.standards.real import real_answers

BASE = "https://example.org/learn/questions/why"
ANNOTATION = '<annotation encoding="application/x-tex">(.*?)</annotation>'
ALLOWED = {"alt", "class", "display", "encoding", "href", "rel", "src", "title", "xmlns"}
REL = 'rel="noopener noreferrer"'


def to_html(markdown: str, page_url: str, site_url: str | None = None) -> str:
    return document.read(markdown).html(page_url, site_url)


def body(markdown: str) -> str:
    """The HTML without the line ends between blocks, and without the paragraph of one block."""
    rendered = re.sub(r"(?<=>)\n+(?=<)", "", to_html(markdown, BASE))
    if rendered.startswith("<p>") and rendered.find("</p>") == len(rendered) - len("</p>"):
        return rendered.removeprefix("<p>").removesuffix("</p>")
    return rendered


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("", ""),
        ("a **b** *c* _d_", "a <strong>b</strong> <em>c</em> <em>d</em>"),
        ("# A\n### B\nc", "<h1>A</h1><h3>B</h3><p>c</p>"),
        ("#tag and C#", "#tag and C#"),
        ("a\n===\nb", "<h1>a</h1><p>b</p>"),
        ("***\n---", "<hr><hr>"),
        ("> q", "<blockquote><p>q</p></blockquote>"),
        ("one  \ntwo\nthree", "one<br>\ntwo\nthree"),
        ("a\r\n\r\nb", "<p>a</p><p>b</p>"),
        (r"\* \d \\ \$5", r"* \d \ $5"),
        ("R&D &copy; 1 < 2", "R&amp;D © 1 &lt; 2"),
    ],
)
def test_markdown_becomes_html(markdown: str, expected: str) -> None:
    assert body(markdown) == expected


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("text:\n- a\n- b", "<p>text:</p><ul><li>a</li><li>b</li></ul>"),
        ("text:\n1. a\n2. b", "<p>text:</p><ol><li>a</li><li>b</li></ol>"),
        ("in the year\n1990. It was", "in the year\n1990. It was"),
        ("3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'),
        ("1) a\n2) b", "<ol><li>a</li><li>b</li></ol>"),
        ("1. a\n   - b\n2. c", "<ol><li>a<ul><li>b</li></ul></li><li>c</li></ol>"),
        ("- a\n  - b\n    - c", "<ul><li>a<ul><li>b<ul><li>c</li></ul></li></ul></li></ul>"),
        ("10. a\n    - b", '<ol start="10"><li>a<ul><li>b</li></ul></li></ol>'),
        ("1. a\n- b", "<ol><li>a</li></ol><ul><li>b</li></ul>"),
        (
            "### H\n   - a\n     - b\n\n### I",
            "<h3>H</h3><ul><li>a<ul><li>b</li></ul></li></ul><h3>I</h3>",
        ),
        ("- a\nlazy\n- b", "<ul><li>a\nlazy</li><li>b</li></ul>"),
        ("- a\n\n  b\n- c", "<ul><li><p>a</p><p>b</p></li><li><p>c</p></li></ul>"),
    ],
)
def test_lists_are_those_of_commonmark(markdown: str, expected: str) -> None:
    assert body(markdown) == expected


@pytest.mark.parametrize("intro", ["", "Intro:\n", "Intro:\n\n"])
def test_a_table_needs_no_blank_line_before_it(intro: str) -> None:
    rendered = body(f"{intro}| a | b |\n|---|:-:|\n| `x` | $|y|\\foo$ |")
    assert rendered.removeprefix("<p>Intro:</p>") == (
        '<table><thead><tr><th>a</th><th align="center">b</th></tr></thead>'
        '<tbody><tr><td><code>x</code></td><td align="center">'
        r'<code class="math">$|y|\foo$</code></td></tr></tbody></table>'
    )


# --- code ------------------------------------------------------------------------------------


@pytest.mark.parametrize("indent", [0, 2, 3, 4, 5, 6])
def test_a_fence_of_any_indent_is_a_block_of_code(indent: int) -> None:
    margin = " " * indent
    code = "\n".join(margin + line for line in ["```python", "if a:", "    b  # $5", "", "```"])
    rendered = to_html(f"1. x:\n{code}\n2. y", BASE)
    assert '<pre><code class="language-python">if a:\n    b  # $5\n\n</code></pre>' in rendered


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("```\n<b> &num; *x*\n- a\n```", "<pre><code>&lt;b&gt; &amp;num; *x*\n- a\n</code></pre>"),
        ("```\nopen", "<pre><code>open</code></pre>"),
        (
            '```c++ title="x"\nx\n```',
            '<pre><code class="language-c++">x\n</code></pre>',
        ),
        ("````\n```\n````", "<pre><code>```\n</code></pre>"),
        ("- ```\n  x\n  ```", "<ul><li><pre><code>x\n</code></pre></li></ul>"),
        ("> ```\n> x\n> ```", "<blockquote><pre><code>x\n</code></pre></blockquote>"),
        ("    x", "<pre><code>x\n</code></pre>"),
        ("`<iostream>` <iostream>", "<code>&lt;iostream&gt;</code> &lt;iostream&gt;"),
        ("`` a`b `` `c\nd`", "<code>a`b</code> <code>c d</code>"),
        ("**a `b*c`**", "<strong>a <code>b*c</code></strong>"),
        ("`&num;` `\\(x\\)`", "<code>&amp;num;</code> <code>\\(x\\)</code>"),
    ],
)
def test_code_is_kept_as_it_is(markdown: str, expected: str) -> None:
    assert body(markdown) == expected


@pytest.mark.parametrize("entity", ["&#xE000;", "&#57344;", "&#xe001;", "&amp;#xE000;"])
def test_an_entity_cannot_stand_for_a_token(entity: str) -> None:
    html = to_html(f"a {entity}0{entity} `x` {entity}99{entity} [y](/{entity}0{entity})", BASE)
    assert html.count("<code>x</code>") == 1


def test_in_an_indented_code_block_nothing_else_is_code_or_maths() -> None:
    assert body("text\n\n    cost = $x$ + `1`\n") == (
        "<p>text</p><pre><code>cost = $x$ + `1`\n</code></pre>"
    )


# --- maths -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "maths",
    [
        "$a_1 + b_1$ and $c_2*d*e$",
        r"\( \{1, 2\} \) and \[ a \\ b \]",
        "$$\n\\begin{pmatrix}\na & b \\\\\nc & d < 1\n\\end{pmatrix}\n$$",
        "$ x $ and $|y|$",
        "$[a](b)$ and $<script>$ and $`$",
    ],
)
def test_maths_is_mathml_with_its_tex_as_it_was_written(maths: str) -> None:
    rendered = body(f"so {maths} is")
    found = spans(maths)
    assert [html.unescape(tex) for tex in re.findall(ANNOTATION, rendered, re.DOTALL)] == [
        maths[span.inner_start : span.inner_end] for span in found
    ]
    assert re.findall('display="([a-z]+)"', rendered) == [
        "block" if span.kind is Kind.DISPLAY else "inline" for span in found
    ]
    around = re.sub("<math.*?</math>", "", rendered, flags=re.DOTALL)
    assert around == f"so{' and'.join([' '] * len(found))} is"


@pytest.mark.parametrize("maths", [r"$\foo_1*a*$", r"\(\foo [a](b) < 1\)", "$$\n\\foo\n$$"])
def test_maths_that_is_not_understood_is_no_money(maths: str) -> None:
    source = html.escape(maths, quote=False)
    assert body(f"so {maths} for $5") == f'so <code class="math">{source}</code> for $5'


def test_maths_stands_in_lists_headings_and_emphasis() -> None:
    rendered = body("# $x_1$\n- **$y_1$**:\n  $$\n  z_1\n  $$")
    assert re.sub("<math.*?</math>", "M", rendered, flags=re.DOTALL) == (
        "<h1>M</h1><ul><li><strong>M</strong>:\nM</li></ul>"
    )


@pytest.mark.parametrize("money", ["$50,000 and then $1,000", "US$ 133 billion", "$5*$6"])
def test_money_stays_money(money: str) -> None:
    assert body(money) == money


@needs_corpus
def test_no_amount_of_a_real_article_becomes_maths() -> None:
    for text in real_answers():
        for tex in re.findall(ANNOTATION, to_html(text, BASE), re.DOTALL):
            assert not re.match(r"\d[\d,.]*\s+[a-z]{3}", html.unescape(tex))


# --- URLs and safety -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "absolute"),
    [
        ("how", "https://example.org/learn/questions/how"),
        ("../a?b=1&c=2", "https://example.org/learn/a?b=1&amp;c=2"),
        ("/a", "https://example.org/a"),
        ("#top", f"{BASE}#top"),
        ("?q", f"{BASE}?q"),
        ("//other.org/a", "https://other.org/a"),
        ("http://other.org/a_b_c", "http://other.org/a_b_c"),
        ("mailto:a@b.org", "mailto:a@b.org"),
        ("$a$/`b`", "https://example.org/learn/questions/$a$/`b`"),
    ],
)
def test_urls_are_absolute(url: str, absolute: str) -> None:
    assert body(f"[a]({url})") == f'<a href="{absolute}" {REL}>a</a>'
    if not url.startswith("mailto"):
        assert body(f"![a]({url})") == f'<img alt="a" src="{absolute}">'


@pytest.mark.parametrize(
    "url",
    [
        *["javascript:alert(1)", "JaVaScRiPt:alert(1)", "javascript&#58;alert(1)"],
        *["data:text/html,x", "vbscript:x", "java\nscript:alert(1)", "http://[::1", "file:///x"],
    ],
)
def test_no_other_scheme_gets_through(url: str) -> None:
    for markdown in (f"[a]({url})", f"![a]({url})", f"[a]\n\n[a]: {url}", f"<{url}>"):
        for address in re.findall(r'(?:href|src)="([^"]*)"', to_html(markdown, BASE)):
            assert address.startswith("https://example.org/")


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        (
            "a<br>b <kbd>c</kbd> H<sub>2</sub>O <u>d</u>",
            "a<br>b <kbd>c</kbd> H<sub>2</sub>O <u>d</u>",
        ),
        ("<B>a</B> <b class=x onclick=y>b</b>", "<b>a</b> <b>b</b>"),
        (
            '<a href="c" style="x">d</a>',
            f'<a href="https://example.org/learn/questions/c" {REL}>d</a>',
        ),
        (
            "<details open><summary>S</summary>\n\n**b**\n\n</details>",
            '<details open=""><summary>S</summary><p><strong>b</strong></p></details>',
        ),
        ("a <!-- secret --> b <!--more-->", "a  b "),
        ("<!-- secret --> **b**", "<strong>b</strong>"),
        ("a\n\n<!-- secret\n\nstill -->\n\nb", "<p>a</p><p>b</p>"),
        ("a <script>alert(1)</script> b", "a  b"),
        ('<iframe src="/e"></iframe><video src="v"></video>c', "c"),
        ("<style>\np { color: red }\n</style>\nc", "<p>c</p>"),
        ("vector<MyClass> a; <iostream>", "vector&lt;MyClass&gt; a; &lt;iostream&gt;"),
        ("<MyClass>\n**b**", "&lt;MyClass&gt;\n<strong>b</strong>"),
        ("List<B> b; <b>c</b>", "List&lt;B&gt; b; <b>c</b>"),
        ("the <script> tag", "the &lt;script&gt; tag"),
        ("a <!-- without end", "a &lt;!-- without end"),
        ("*a <b>c* d</b>", "<em>a <b>c</b></em> d"),
        ("<b>a\n\nb</b>", "<p><b>a</b></p><p>b</p>"),
        ("</div></b> a", "a"),
        ("<div>`x` $y</div>", "<div>`x` $y</div>"),
        ("`<b>` \\<b>", "<code>&lt;b&gt;</code> &lt;b&gt;"),
    ],
)
def test_harmless_html_is_shown_and_what_is_no_html_is_text(markdown: str, expected: str) -> None:
    assert body(markdown).strip() == expected.strip()


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("a  \nb\\\nc", "a<br>\nb<br>\nc"),
        ("~~a~~ and H~2~O", "<del>a</del> and H~2~O"),
        ("- [x] a\n- [ ] b", "<ul><li>☑ a</li><li>☐ b</li></ul>"),
        (
            "a[^x] b[^y]\n\n[^y]: two\n[^x]: one",
            f'<p>a<sup><a href="{BASE}#fn-1" {REL}>1</a></sup>'
            f' b<sup><a href="{BASE}#fn-2" {REL}>2</a></sup></p>'
            "<ol><li><p>one</p></li><li><p>two</p></li></ol>",
        ),
        ("a[^1]", "a[^1]"),
        ("> [!NOTE]\n> a", "<blockquote><p><strong>Note</strong></p><p>a</p></blockquote>"),
        (
            "> [!tip]+ My *title*\n> a",
            "<blockquote><p><strong>My <em>title</em></strong></p><p>a</p></blockquote>",
        ),
        ("> [!faq]\n> a", "<blockquote><p><strong>Faq</strong></p><p>a</p></blockquote>"),
        ("> [!x]", "<blockquote><p><strong>X</strong></p></blockquote>"),
        ("> a [!x]", "<blockquote><p>a [!x]</p></blockquote>"),
        ("[!x] a", "[!x] a"),
        (
            "| a |\n|---|\n| `x\\|y` |",
            "<table><thead><tr><th>a</th></tr></thead>"
            "<tbody><tr><td><code>x|y</code></td></tr></tbody></table>",
        ),
        (
            "![a *b* `c` $d$](e 't')",
            '<img alt="a b c $d$" src="https://example.org/learn/questions/e" title="t">',
        ),
        ("![a](data:image/png;base64,AAAA)", "a"),
    ],
)
def test_the_extensions_of_gfm_come_out(markdown: str, expected: str) -> None:
    assert body(markdown) == expected


@pytest.mark.parametrize(
    ("markdown", "links"),
    [
        ("see https://a.org/b_c_d. And", ["https://a.org/b_c_d"]),
        ("(www.a.org/b)", ["http://www.a.org/b"]),
        ("mail a.b@c.org!", ["mailto:a.b@c.org"]),
        ("<https://a.org> <a@b.org>", ["https://a.org", "mailto:a@b.org"]),
        (
            "[https://a.org](https://b.org) <a href='https://c.org'>https://d.org</a>",
            ["https://b.org", "https://c.org"],
        ),
        ("`https://a.org` and $https://b.org$", []),
        ("    https://a.org", []),
        ("a.org, ftp://a.org and javascript://a.org", []),
    ],
)
def test_an_address_in_a_text_is_a_link(markdown: str, links: list[str]) -> None:
    assert re.findall('href="([^"]*)"', to_html(markdown, BASE)) == links


def test_an_embedded_image_costs_the_image_and_nothing_else() -> None:
    data = "data:image/png;base64," + "AAECAwQFBgcICQ" * 3_000
    assert body(f"**a** ![shot]({data}) b") == "<strong>a</strong> shot b"
    assert body(f"**a** ![shot][p] b\n\n[p]: {data}") == "<strong>a</strong> shot b"
    assert data in to_html(f"`{data}`", BASE)


@pytest.mark.parametrize(
    "markdown",
    [
        "> " * 101 + "a",
        "- " * 60 + "a",
        "> - " * 40 + "a",
        "<div>" * 101 + "a" + "</div>" * 101,
        "*a " * 200 + "b* " * 200,
        "".join("  " * depth + "- a\n" for depth in range(60)),
        "|a" * 50 + "|\n" + "|-" * 50 + "|\n" + "|x\n" * 5_000,
    ],
)
def test_a_text_that_nests_too_deeply_or_makes_too_much_html_is_shown_as_it_is(
    markdown: str,
) -> None:
    read = document.read(markdown)

    assert read.is_as_written
    assert outline(markdown).is_as_written
    assert html.unescape(read.html(BASE)) == f"<pre>{markdown}</pre>".replace(
        "<pre>\n", "<pre>\n\n"
    )
    assert read.text().split() == markdown.split()


def test_as_many_elements_as_are_allowed_are_rendered() -> None:
    assert to_html("> " * 99 + "a", BASE).count("<blockquote>") == 99


@given(
    st.lists(
        st.sampled_from(
            [
                *"a1 \n$`*_[]()<>#-|\\:~&;\"'!^{}%",
                *["<b>", "</b>", "<div>\n", "</div>", "<!--", "-->", "{{", "}}", "{%", "%}"],
                *[":::", "> ", "- ", "1. ", "    ", "```\n", "[^1]", "|-|\n"],
            ]
        ),
        max_size=60,
    ).flatmap(lambda units: st.integers(1, 30).map(lambda times: "".join(units) * times))
)
def test_pieces_are_well_nested_and_a_review_sees_what_is_not_rendered(markdown: str) -> None:
    read = document.read(markdown)
    open_elements: list[str] = []
    for what, value, _ in read.pieces:
        if what is What.START:
            open_elements.append(value)
        elif what is What.END:
            assert open_elements.pop() == value
    assert not open_elements
    assert outline(markdown).is_as_written == read.is_as_written


@pytest.mark.parametrize(
    "markdown",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<div>\n\n<script>alert(1)</script>\n\n</div>",
        '[a](x "\\" onclick=alert(1)")',
        '[a](x "`\\" onclick=`\\"")',
        '```"><script>alert(1)</script>\nx\n```',
        '```x"onclick=alert(1)\nx\n```',
        r"$\foo<script>alert(1)</script>$ `<script>`",
        r"\(\text{<script>alert(1)</script>}\)",
        r"\(\href{javascript:alert(1)}{x} \class{a}{b} \style{color:red}{c}\)",
        "a <!-- <b> --> c",
        '| <b onclick="x"> |\n|---|\n| <script> |',
    ],
)
def test_no_html_does_harm(markdown: str) -> None:
    rendered = to_html(markdown, BASE)
    for tag in re.findall(r"<[^>]*>", rendered):
        assert re.fullmatch(r'</?[a-z0-9]+( [a-z]+="[^"]*")*>', tag)
        assert set(re.findall(' ([a-z]+)="', tag)) <= ALLOWED
        assert not re.match(r"</?script\b", tag)


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("\ue0000\ue000 `x`", "\ue0000\ue000 <code>x</code>"),
        ("a\0b `\0`", "a\ufffdb <code>\ufffd</code>"),
        ("a\ud800b `\udfff`", "a\ufffdb <code>\ufffd</code>"),
        ("\ue001" + "[" * 2_000, "\ue001" + "[" * 2_000),
    ],
)
def test_no_input_passes_for_a_placeholder(markdown: str, expected: str) -> None:
    assert body(markdown) == expected


@given(st.text(alphabet=st.sampled_from("a1 \n$`*_[]()<>#-|\\:~&;\"'\0\x02\ue000\u00e9")))
def test_no_text_fails_and_each_renders_alike_whatever_came_before(markdown: str) -> None:
    first = to_html(markdown, BASE)
    to_html("[a]: /b\n\n3. *x", "https://other.org/")
    assert to_html(markdown, BASE) == first
    assert "\ue001" not in first


def test_references_do_not_leak_into_the_next_document() -> None:
    assert "href" in to_html("[a]\n\n[a]: /b", BASE)
    assert to_html("[a]", BASE) == "<p>[a]</p>"


HOSTILE = [
    *["- ", "1. ", "> ", "> - ", "[", "![", "[a](", "[a][", "[![", "a\n=\n", "**a ", "*a_b*c_"],
    *["# a\n", "> # a\n", "> ---\n", "> a\n> =\n", "> > a\n> > =\n", "\\[", "\\", "<a@b>"],
    *["|a|\n|-|\n", '[a](b"c) ', "[a](b'c\") ", "[a](b( ", "$x$ ", "$a$$b$", "```\n", "[a]: b\n"],
    *["[\n\n", "![\n\n", "1. a\n\n", "> a\n\n", "# a\n\n"],
]


@pytest.mark.parametrize("size", [6_000, 200_000])
@pytest.mark.parametrize("unit", HOSTILE)
def test_hostile_text_takes_neither_the_stack_nor_the_time(unit: str, size: int) -> None:
    with linear_time():
        to_html(unit * (size // len(unit)), BASE)


@pytest.mark.parametrize(
    "markdown",
    [
        *[">" * 10**5, ">" * 10**6, "[^1]: " * 10**5, "&" * 10**6, "\xa0" * 10**6, "&\n" * 10**5],
        *[
            f"[a]({'&' * 10**6})",
            "![" + "&" * 10**6 + "](b '" + "\xa0" * 10**6 + "')",
            "*a* " * 10**6,
        ],
    ],
)
def test_a_million_markers_go_through_the_sanitizer_too(markdown: str) -> None:
    with linear_time():
        to_html(markdown, BASE)


def test_a_long_document_of_common_blocks_is_rendered() -> None:
    text = "A [link](/a), a formula $x_1$ and `code`; see [1] or [2].\n\n" * 3_000
    rendered = to_html(text, BASE)
    assert rendered.count("<a ") == rendered.count("<code>") == 3_000
    # A document has time for so many formulas, and shows the others as they are.
    assert 500 < rendered.count("<math") < 2_000
    assert rendered.count("<math") + rendered.count('<code class="math">') == 3_000


@pytest.mark.parametrize(
    ("markdown", "links"),
    [
        ("[a](b) " * 500, 500),
        ('[a](b "t") ' * 500, 500),
        ("[a [b] c](d) " * 500, 500),
        ("- [ ] a [b](c)\n" * 500, 500),
        ("see [1], [2] and [a](b). " * 200, 200),
    ],
)
def test_many_links_are_all_links(markdown: str, links: int) -> None:
    assert to_html(markdown, BASE).count("<a ") == links
