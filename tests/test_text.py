import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.markup.spans import ALL, Kind, spans, unbalanced
from tests.patience import linear_time
from tests.quicktakes import MODEL


def written(text: str, *kinds: Kind) -> list[str]:
    """The spans of these kinds, or of all, as they are written."""
    return [text[span.start : span.end] for span in spans(text) if not kinds or span.kind in kinds]


PIECES = [
    *["\\n", "\\", "n", "$", "$$", "\\(", "\\)", "\\[", "\\]", "`", "```", "~~~"],
    *[" ", "a", "5", '"', "   ", "- ", "> ", "u", "\n", "\n\n"],
]
TEXT = st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("".join))


DELIMITERS = {
    Kind.CODE: r"(?P<mark>`+).*?(?P=mark)",
    Kind.DISPLAY: r"\$\$.*\$\$|\\\[.*\\\]",
    Kind.INLINE: r"\$[^$].*\$|\\\(.*\\\)",
    Kind.FENCE: r"(`{3,}|~{3,}).*",
}


@given(TEXT)
def test_spans_are_ordered_apart_and_inside_the_text(text: str) -> None:
    found = spans(text)
    for span in found:
        assert 0 <= span.start < span.inner_start <= span.inner_end <= span.end <= len(text)
        assert re.fullmatch(DELIMITERS[span.kind], text[span.start : span.end], re.DOTALL)
    for one, next_one in pairwise(found):
        assert one.end <= next_one.start


def test_mixed_forms_are_found_in_order() -> None:
    text = "a `x` $$ b $$ \\[ c \\] \\( d \\) $e$ $ f $\n\n   ```py\n   $g$\n   ```\nh"
    assert [(span.kind, text[span.inner_start : span.inner_end]) for span in spans(text)] == [
        (Kind.CODE, "x"),
        (Kind.DISPLAY, " b "),
        (Kind.DISPLAY, " c "),
        (Kind.INLINE, " d "),
        (Kind.INLINE, "e"),
        (Kind.INLINE, " f "),
        (Kind.FENCE, "   $g$\n"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "had assets of $50,000 and total liabilities of $1,000",
        "between US$ 133 billion and US$ 50 billion",
        "it costs $5",
        "costs $50,000 and then $1,000, or US$ 5",
        "from $5-$10 a piece",
        "Between $5 per month (billed yearly) and the premium plan at 10$ there is one",
        "US$5 and US$6. It costs 5$, or 10$",
        "export PATH=$HOME/bin:$PATH",
        "A$AP Rocky and Ke$ha",
        "a $ b$ and a $b $ c",
        "in $$$ restaurants, not in $$$$ ones",
        "one $a\n\nb$ two",
        "a \\$x\\$ b",
        "$x$5",
        "$ x $y",
    ],
)
def test_money_and_lone_dollars_are_prose(text: str) -> None:
    assert spans(text) == []


@pytest.mark.parametrize(
    ("text", "maths"),
    [
        ("where $ r $ is the rate and $4.50 the price", ["$ r $"]),
        ("the price of $4.50 at the rate $r$", ["$r$"]),
        ("pay $5 for $$x$$ or $6", ["$$x$$"]),
        ("pay $5 for \\(x\\) or $6", ["\\(x\\)"]),
        ("$100$ is a number", ["$100$"]),
        ("$a$-axis, $b$s, ($c$)", ["$a$", "$b$", "$c$"]),
        ("$a\nb$", ["$a\nb$"]),
        ("$$\na \\\\[2pt]\nb \\\\\n$$", ["$$\na \\\\[2pt]\nb \\\\\n$$"]),
        ("open \\( and $x$", ["$x$"]),
        ("\\\\(x\\\\) and \\(y\\)", ["\\(y\\)"]),
        ("lost $$\n\n$x$ and $$y$$", ["$x$", "$$y$$"]),
        ("`$a$` $b$ `c $` $d", ["$b$"]),
    ],
)
def test_maths_is_found_beside_money_and_code(text: str, maths: list[str]) -> None:
    assert written(text, Kind.INLINE, Kind.DISPLAY) == maths


@pytest.mark.parametrize("indent", [0, 2, 3, 4, 5, 6])
@pytest.mark.parametrize("fence", ["```", "~~~~"])
def test_a_fence_of_any_indent_is_code(indent: int, fence: str) -> None:
    margin = " " * indent
    block = f"{fence}cpp\n{margin}#include <iostream> $x$ ``` `\n{margin}{fence}"
    assert written(f"1. a\n{margin}{block}\n$y$") == [block, "$y$"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("```\na\n", ["```\na\n"]),
        ("````\n```\n````\nb", ["````\n```\n````"]),
        ("```\n~~~\n- ```\n```", ["```\n~~~\n- ```\n```"]),
        ("- ```py\n  x\n  ```\n- b", ["```py\n  x\n  ```"]),
        ("> ```\n> x\n> ```\nb", ["```\n> x\n> ```"]),
        ("``` a ``` b", ["``` a ```"]),
        ("`` a`b `` c`", ["`` a`b ``"]),
        ("`a\nb` `c\n\nd`", ["`a\nb`"]),
        ("\\`a` b`", ["` b`"]),
        ("\\\\`a` `C:\\`", ["`a`", "`C:\\`"]),
        ("```", ["```"]),
    ],
)
def test_code_follows_commonmark(text: str, code: list[str]) -> None:
    assert written(text) == code


TEXT_OF_ALL = "a $b$ $$c$$ \\(d\\) \\[e\\] `$f$`"


@pytest.mark.parametrize(
    ("maths", "found"),
    [
        (ALL, ["$b$", "$$c$$", "\\(d\\)", "\\[e\\]", "`$f$`"]),
        (("$$",), ["$$c$$", "`$f$`"]),
        (("$",), ["$b$", "`$f$`"]),
        ((r"\(", r"\["), ["\\(d\\)", "\\[e\\]", "`$f$`"]),
        ((), ["`$f$`"]),
    ],
)
def test_maths_stands_between_the_delimiters_of_the_site(
    maths: tuple[str, ...], found: list[str]
) -> None:
    assert [TEXT_OF_ALL[span.start : span.end] for span in spans(TEXT_OF_ALL, maths)] == found


def test_a_model_names_all_delimiters_unless_it_is_told_otherwise() -> None:
    assert MODEL.maths == ALL


@pytest.mark.parametrize(
    ("text", "maths", "places"),
    [
        ("$$ a \\( b", ALL, [0, 5]),
        ("$$ a \\( b", ("$$",), [0]),
        ("$$ a \\( b", (r"\(",), [5]),
        ("$$ a \\( b", ("$",), []),
        ("$$ a \\( b", (), []),
        ("$$a$$ \\) $$ \n\n b", ("$$",), [9]),
    ],
)
def test_only_a_delimiter_of_the_site_lacks_a_partner(
    text: str, maths: tuple[str, ...], places: list[int]
) -> None:
    assert unbalanced(text, maths) == places


HOSTILE = [
    *["$", "$$", "$$ $", "$ a", "`", "``` ", "`\\", "\\", "\\(", "\\["],
    *["```\n", "~~~ `\n", "\n   ", "- ", "> ", "1. ", "$$a\n\n", "`a``b```c"],
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_hostile_text_takes_linear_time(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    with linear_time():
        spans(text)
        unbalanced(text)
        spans("".join("`" * length + " " for length in range(450)))
