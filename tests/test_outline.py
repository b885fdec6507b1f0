"""The links and the anchors of texts, with their lines: markdown-it-py's tokens are the oracle."""

import random
import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis.strategies import lists, sampled_from
from markdown_it import MarkdownIt
from markdown_it.token import Token

from pressroom.markup import document, templates
from pressroom.markup import outline as of_outline
from pressroom.markup.link_kinds import LinkKind
from pressroom.markup.outline import Anchor, Link, outline
from pressroom.markup.rules import Rules
from pressroom.markup.stream import START, VOID

WIKI = Rules(syntax=("wikilinks",))

# --- the oracle -----------------------------------------------------------------------------------


class _Tags(HTMLParser):
    """What HTML leads to: kind and address."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "a" and values.get("href"):
            self.found.append(("link", values["href"] or ""))
        if tag == "img" and values.get("src"):
            self.found.append(("image", values["src"] or ""))


def of_html(html: str, line: int) -> Iterator[tuple[str, str, int]]:
    html = re.sub(r"<!--.*?-->", lambda found: "\n" * found[0].count("\n"), html, flags=re.DOTALL)
    for before, tag in re.findall(r"([^<]*)(<[^>]*>)", html):
        line += before.count("\n")
        tags = _Tags()
        tags.feed(tag)
        yield from ((kind, href, line) for kind, href in tags.found)
        line += tag.count("\n")


WIKILINK = re.compile(r"(!?)\[\[([^\[\]|]+)(?:\|[^\[\]]+)?\]\]")


def of_inline(children: list[Token], line: int) -> Iterator[tuple[str, str, int]]:
    depth = 0
    for token in children:
        if token.type in {"softbreak", "hardbreak"}:
            line += 1
        elif token.type == "link_open":
            depth += 1
            kind = "autolink" if token.info == "auto" else "link"
            yield kind, str(token.attrs["href"]), line
        elif token.type == "link_close":
            depth -= 1
        elif token.type == "image":
            yield "image", str(token.attrs["src"]), line
        elif token.type == "html_inline":
            yield from of_html(token.content, line)
        elif token.type == "text":
            for is_embed, href in WIKILINK.findall(token.content):
                yield "embed" if is_embed else "wikilink", href, line


def by_oracle(text: str) -> list[tuple[str, str, int]]:
    """Links in their order; a reference is as an inline link to it."""
    oracle = MarkdownIt("gfm-like", {"html": True})
    assert oracle.linkify is not None
    oracle.linkify.set({"fuzzy_link": False, "fuzzy_email": False})
    # Addresses as they are written.
    oracle.normalizeLink = lambda url: url  # type: ignore[method-assign]
    oracle.validateLink = lambda url: True  # type: ignore[method-assign]
    found: list[tuple[str, str, int]] = []
    for token in oracle.parse(text):
        assert token.map is not None or token.type != "inline"
        line = token.map[0] + 1 if token.map else 0
        if token.type == "inline":
            found += of_inline(token.children or [], line)
        elif token.type == "html_block":
            found += of_html(token.content, line)
    return sorted(found, key=lambda one: one[2])


def ours(text: str) -> list[tuple[str, str, int]]:
    """Ours, with references as the oracle tells them."""
    as_oracle = {LinkKind.REFERENCE: "link"}
    found = outline(text, WIKI).links
    return [(str(as_oracle.get(one.kind, one.kind)), one.href, one.line) for one in found]


# --- texts of every kind --------------------------------------------------------------------------

LEAVES = [
    "word",
    "R&D",
    "*so*",
    "**bold** text",
    "`code`",
    "`[no](link)`",
    "[plain](./a.md)",
    "[titled](/b/ 'title')",
    "[angled](<c d.html>)",
    "[up](../e/#part)",
    "[same](#head)",
    "[*soft* text](f?x=1&y=2)",
    "[ünï](/ü/ß.md)",
    "[enc](/%C3%BC)",
    "![image](g.png)",
    "[![both](h.png)](i/)",
    "[full][ref]",
    "[ref][]",
    "[ref]",
    "[none][nowhere]",
    "<https://auto.example/a>",
    "<mailto:a@example.org>",
    "https://bare.example/b",
    "[[Note]]",
    "[[Folder/Note|shown]]",
    "![[pic.png]]",
    '<a href="j.html">html</a>',
    "<img src='k.png' alt=x>",
    "<b>bold</b>",
    r"\[no\](escaped)",
    "Straße 数据 עברית",
]
BLOCKS = [
    "{}",
    "# {}",
    "## {} {{#id}}",
    "- {}\n- {}",
    "1. {}\n2. {}\n   {}",
    "> {}\n> {}",
    "> - {}\n>   {}",
    "| a | b |\n|---|---|\n| {} | {} |",
    "```\n{}\n```",
    "    {}",
    "{}\n===",
    "<div>\n\n{}\n\n</div>",
    '<p><a href="l.html">x</a>\n<img src="m.png"></p>',
    "<!-- {} -->",
    "{}\n{}\n{}",
    "---",
    "- [ ] {}",
]


def made(seed: int) -> str:
    rng = random.Random(seed)

    def words() -> str:
        return " ".join(rng.choice(LEAVES) for _ in range(rng.randrange(1, 5)))

    blocks = []
    for _ in range(rng.randrange(1, 9)):
        shape = rng.choice(BLOCKS)
        in_table = shape.startswith("|")
        filled = shape.format(*(words() for _ in range(shape.count("{}"))))
        blocks.append(filled.replace("[[Folder/Note|shown]]", "x") if in_table else filled)
    return "\n\n".join([*blocks, "[ref]: /ref/target 'Title'"]) + "\n"


def test_links_of_texts_of_every_kind_are_those_of_the_oracle_with_their_lines() -> None:
    for seed in range(2_000):
        text = made(seed)
        expected, found = by_oracle(text), ours(text)
        assert sorted(found) == sorted(expected), text


SIGNS = [
    *"a1 \t\n\r\v\f#=-*+>.)[](<:@|`_{}!'\"",
    *("www.", "a:b", "href=", " id=x", "<a ", "<h2>", "\n\n", "\n- "),
    *("import 'a'", "highlight", ":::"),
    *("{% highlight py %}", "{%- endhighlight %}", "{{", "}}", "<B/>", "{#x}"),
]
RULES = [Rules(), WIKI, Rules("python-markdown", ("attr_list", "def_list", "admonition"))]


@settings(max_examples=500)
@given(lists(sampled_from(SIGNS), max_size=24).map("".join), sampled_from(RULES))
@example("a\n- ", RULES[0])
@example("a\n -  \n", RULES[0])
@example("a\r\n======\f", RULES[0])
@example('<img alt="a<b" src="x.png">', RULES[0])
@example("{%- highlight py %}\n# a\n{%- endhighlight %}", RULES[0])
@example("x\n#Title", RULES[2])
@example("<h2>raw</h2>", RULES[2])
def test_what_is_told_at_a_glance_is_what_reading_the_text_tells(text: str, rules: Rules) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(of_outline, "_may_lead", lambda _: True)
        patch.setattr(templates, "_may_hold_blocks", lambda _: True)
        patch.setattr(of_outline, "may_be_complex", lambda _: False)
        expected = outline(text, rules)
    assert outline(text, rules) == expected


# --- what the oracle does not know ----------------------------------------------------------------


def links(text: str, rules: Rules = WIKI) -> list[tuple[str, str, int]]:
    return [(str(one.kind), one.href, one.line) for one in outline(text, rules).links]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "see www.example.org, me@example.org",
            [("autolink", "http://www.example.org", 1), ("autolink", "mailto:me@example.org", 1)],
        ),
        ("a\n\n| x |\n|---|\n| [[p\\|q]] |", [("wikilink", "p", 5)]),
        ("$$a\nb$$ [x](y)", [("link", "y", 2)]),
        ("`a\nb` [x](y)", [("link", "y", 2)]),
        ("~~~\na\nb\n~~~\n[x](y)", [("link", "y", 5)]),
        ("{{< fig\na >}} [x](y)", [("link", "y", 2)]),
        ("<Foo\n a='1'/>\n\n[x](y)", [("link", "y", 4)]),
        ("import A from 'x'\nimport B from 'y'\n\n[x](y)", [("link", "y", 4)]),
        ("::: tip\n[a](b)\n:::\n\n[x](y)", [("link", "b", 2), ("link", "y", 5)]),
        ("[^1] [x](y)\n\n[^1]: [z](w)", [("link", "y", 1), ("link", "w", 3)]),
        ("<script>\n[x](y) <a href=z>\n</script>\n\n[x](w)", [("link", "w", 5)]),
        (
            "[a]({% link b/c.md %}) [d]({{ site.baseurl }}/e/)",
            [("link", "/b/c.md", 1), ("link", "/e/", 1)],
        ),
        ("[a]({% post_url 2020-01-02-x %}#y)", [("link", "/_posts/2020-01-02-x.md#y", 1)]),
        (
            '[a]({{< ref "b.md" >}}) [c]({{< relref path="d" >}})',
            [("link", "b.md", 1), ("link", "d.md", 1)],
        ),
        ("<a href=\"{{ '/a/' | relative_url }}\">", [("link", "/a/", 1)]),
        ("[a]({{ page.next }})", [("link", "{{ page.next }}", 1)]),
    ],
)
def test_lines_and_addresses_are_those_of_the_file(
    text: str, expected: list[tuple[str, str, int]]
) -> None:
    rules = WIKI._replace(maths=("$$",))
    assert links(text, rules) == expected


def test_a_wikilink_is_text_where_a_site_has_none() -> None:
    assert links("[[1,2],[3,4]] [[a]]", Rules()) == []


def test_python_markdown_has_links_and_headings_of_its_own() -> None:
    rules = Rules("python-markdown", ("attr_list", "toc"))
    found = outline("# Head\n\ntext\n\n[x](y) ![i](j)\n", rules)

    assert found.links == (Link(LinkKind.LINK, "y", 5), Link(LinkKind.IMAGE, "j", 5))
    assert found.anchors == (Anchor(1, 1, None, "Head"),)


@pytest.mark.parametrize(
    ("text", "anchors"),
    [
        ("# A *b* `c` [d](e)", [(1, 1, None, "A b c d")]),
        ("A\nb\n---", [(1, 2, None, "A b")]),
        ("A\r\n===\r\n", [(1, 1, None, "A")]),
        ("- A\n  =\nb", [(1, 1, None, "A")]),
        ("## A {#own .x}", [(1, 2, "own", "A")]),
        ("## A {: #own }", [(1, 2, "own", "A")]),
        ('<a name="x"></a>\n<h2 id=y>z</h2>', [(1, 0, "x", ""), (2, 0, "y", "")]),
        ("```\n# no\n```", []),
        ("#no", []),
        ("> # quoted", [(1, 1, None, "quoted")]),
    ],
)
def test_a_fragment_leads_to_headings_and_to_elements_with_an_id(
    text: str, anchors: list[tuple[int, int, str | None, str]]
) -> None:
    assert [tuple(one) for one in outline(text).anchors] == anchors


def test_what_readers_can_follow_are_the_links_of_the_outline() -> None:
    for text in map(made, range(500)):
        assert [one.href for one in outline(text, WIKI).links] == followed(text), text


def followed(text: str) -> list[str]:
    pieces = document.read(text, WIKI).pieces
    return [
        (attributes.get("href") or attributes["src"]).strip("[]")
        for what, tag, attributes in pieces
        if (what is START and tag == "a") or (what is VOID and tag == "img")
    ]
