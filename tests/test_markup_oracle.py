"""markdown-it-py, with GFM, as the oracle of what is a list, a table, a link, code, a footnote."""

import random
import re
from collections import Counter
from collections.abc import Iterator

import pytest
from markdown_it import MarkdownIt

from pressroom.markup import document
from pressroom.markup.spans import Kind, spans
from tests.conftest import needs_corpus
from tests.standards.real import real_answers

TAGS = "ol|ul|li|pre|table|td|a|img|blockquote|h[1-6]|em|strong|hr|code|s"


def structure(rendered: str) -> Counter[str]:
    return Counter(re.findall(rf"<({TAGS})\b", rendered.replace("<del>", "<s>")))


def ours(text: str) -> Counter[str]:
    rendered = document.read(text).html("https://example.org/a")
    return structure(
        re.sub('<code class="math">.*?</code>|<math.*?</math>', "", rendered, flags=re.S)
    )


def by_oracle(text: str) -> Counter[str]:
    parts: list[str] = []
    done = 0
    for span in spans(text):
        if span.kind in (Kind.DISPLAY, Kind.INLINE):
            parts += text[done : span.start], "maths"
            done = span.end
    parts.append(text[done:])
    oracle = MarkdownIt("gfm-like", {"html": False})
    assert oracle.linkify is not None
    oracle.linkify.set({"fuzzy_link": False})
    return structure(oracle.render("".join(parts)))


@needs_corpus
def test_real_articles_have_the_structure_that_the_oracle_gives_them() -> None:
    texts = list(real_answers())

    assert texts
    assert [text[:80] for text in texts if ours(text) != by_oracle(text)] == []


WORDS = ["one", "two *three*", "**four** five", "`six`", "[seven](/a)", "<https://a.org>", "it's"]
WORDS += [
    "_eight_ nine",
    "![ten](b.png)",
    "~~eleven~~",
    "R&D",
    "2 * 3",
    "a_b_c",
    "https://b.org/c",
    "x < y",
]


def blocks(choose: random.Random) -> Iterator[str]:
    """Blocks that an author writes, one within another now and then."""

    def line() -> str:
        return " ".join(choose.choices(WORDS, k=choose.randint(1, 8)))

    for _ in range(choose.randint(1, 8)):
        kind = choose.randrange(9)
        if kind < 2:
            yield "\n".join(line() for _ in range(choose.randint(1, 3)))
        elif kind == 2:
            yield "#" * choose.randint(1, 6) + " " + line()
        elif kind == 3:
            marker = choose.choice(["- ", "* ", "1. ", "7) "])
            gap = choose.choice(["\n", "\n\n"])
            yield gap.join(marker + line() for _ in range(choose.randint(1, 4)))
        elif kind == 4:
            yield f"- {line()}\n  1. {line()}\n     - {line()}\n- {line()}"
        elif kind == 5:
            yield "\n".join(f"> {line()}" for _ in range(choose.randint(1, 3)))
        elif kind == 6:
            indent = " " * choose.choice([0, 0, 2, 3])
            yield f"{indent}```py\n{indent}a = `1` * 2\n{indent}```"
        elif kind == 7:
            yield f"| a | {line()} |\n|---|:-:|\n| {line()} | b |\n| c |"
        else:
            # GFM does not say whether an indented line goes on with a table.
            yield choose.choice(
                ["---", "***", f"{line()}\n===", f"\n    {line()}", f"- {line()}\n{line()}"]
            )


@pytest.mark.parametrize("seed", range(10))
def test_generated_texts_have_the_structure_that_the_oracle_gives_them(seed: int) -> None:
    choose = random.Random(seed)
    for _ in range(100):
        text = choose.choice(["\n\n", "\n\n", "\n"]).join(blocks(choose))
        assert ours(text) == by_oracle(text), text
