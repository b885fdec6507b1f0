"""What a site's generator replaces is not shown to readers, and nothing else is lost."""

import re

import pytest

from pressroom.markup import document
from pressroom.markup.outline import outline


def shown(markdown: str) -> str:
    rendered = document.read(markdown).html("https://example.org/a")
    return re.sub(r' rel="[^"]*"|(?<=>)\n(?=<)', "", rendered)


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("a {% include x.html %} b", "<p>a  b</p>"),
        ("a {{ page.title }} b {{- x | y: '}' -}}", "<p>a  b</p>"),
        ("{# note #}a", "<p>a</p>"),
        ('{{< figure src="a.png" >}}\n\na', "<p>a</p>"),
        ("{{% note %}}hi{{% /note %}}", "<p>hi</p>"),
        ("{% if a %}\n\n**b**\n\n{% endif %}", "<p><strong>b</strong></p>"),
        ("a{% comment %} b {% endcomment %}c", "<p>ac</p>"),
        ("{% raw %}{{ kept }}{% endraw %} {{ gone }}", "<p>{{ kept }}</p>"),
        ("a\n{: .note}", "<p>a</p>"),
        ("[a](b){: .btn} c", '<p><a href="https://example.org/b">a</a> c</p>'),
        ("## Head {#id .x}\n\na", "<h2>Head</h2><p>a</p>"),
        ("<Tabs>\n\n**a**\n\n</Tabs>", "<p><strong>a</strong></p>"),
        ("a <Icon name={x.y({z: 1})} /> b", "<p>a  b</p>"),
        ("{/* note */}a", "<p>a</p>"),
        (
            "import A from './a'\nimport {\n  B,\n} from \"b\"\n\nexport const c = 1\n\nd",
            "<p>d</p>",
        ),
    ],
)
def test_template_syntax_is_left_out_and_told(markdown: str, expected: str) -> None:
    template = outline(markdown).template

    assert shown(markdown).strip() == expected
    assert template
    assert template in markdown


def test_a_tag_that_stands_for_an_address_is_not_told() -> None:
    markdown = "[a]({{ site.url }}/b) [b]({% post_url 2024-02-11-b %})"
    assert '<a href="https://example.org/b">a</a>' in shown(markdown)
    assert outline(markdown).template is None


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("::: tip\na\n\n- b\n:::\nc", "<p><strong>Tip</strong></p><p>a</p><ul><li>b</li></ul>"),
        (":::note[My *title*]\na\n:::\nc", "<p><strong>My <em>title</em></strong></p><p>a</p>"),
        ("::: details Click me\na\n:::\nc", "<p><strong>Click me</strong></p><p>a</p>"),
        ("::: {.callout}\na\n:::\nc", "<p>a</p>"),
        (
            ":::: a\n::: b\nx\n:::\ny\n::::\nc",
            "<p><strong>A</strong></p><blockquote><p><strong>B</strong></p><p>x</p></blockquote><p>y</p>",
        ),
        (
            "::: warning\n```\n:::\n```\n:::\nc",
            "<p><strong>Warning</strong></p><pre><code>:::\n</code></pre>",
        ),
    ],
)
def test_a_container_is_a_quote(markdown: str, expected: str) -> None:
    assert shown(markdown) == f"<blockquote>{expected}</blockquote><p>c</p>"
    assert outline(markdown).template


@pytest.mark.parametrize(
    "markdown",
    [
        'a\n\n{% highlight ruby linenos %}\nputs "{{ x }} ```"\n{% endhighlight %}\nb',
        'a\n\n{{< highlight ruby "x=1" >}}\nputs "{{ x }} ```"\n{{< /highlight >}}\nb',
        'a\n\n{%- highlight ruby -%}\nputs "{{ x }} ```"\n{%- endhighlight -%}\nb',
    ],
)
def test_a_highlight_tag_is_a_block_of_code(markdown: str) -> None:
    assert shown(markdown) == (
        '<p>a</p><pre><code class="language-ruby">puts "{{ x }} ```"\n</code></pre><p>b</p>'
    )
    assert outline(markdown).template is None


@pytest.mark.parametrize(
    "text",
    [
        "`{{ a }}` and `<Tabs />`",
        "```\n{% a %}\n::: tip\nimport a from 'b'\n```",
        "$\\frac{{a}}{{b}}$ and \\frac{{a}}{{b}}",
        "Use {:>10} or {0} or {a} in a format.",
        "vector<MyClass> a; Map<String, T>",
        "text\nimport a from 'b'",
        "export the file and import it",
        "a set {#1, #2} of numbers",
        "{{ without an end",
        "{% without an end",
        "a ::: b",
    ],
)
def test_what_is_no_template_stays(text: str) -> None:
    assert outline(text).template is None
    assert document.read(text).source.shown == text
    assert (
        document.read(text).source.restored(document.read(text).source.text).replace("\\<", "<")
        == text
    )


def test_a_container_without_an_end_goes_to_the_end() -> None:
    assert (
        shown("::: tip\na\n\nb")
        == "<blockquote><p><strong>Tip</strong></p><p>a</p><p>b</p></blockquote>"
    )


def test_containers_within_containers_have_an_end() -> None:
    assert shown("::: a\n" * 10_000).count("<blockquote>") == 16
