import re
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text import DoubtReason, Kind, decode_newlines, spans


def written(text: str, *kinds: Kind) -> list[str]:
    """The spans of these kinds, or of all, as they are written."""
    return [text[span.start : span.end] for span in spans(text) if not kinds or span.kind in kinds]


def reasons(raw: str) -> list[DoubtReason]:
    return [doubt.reason for doubt in decode_newlines(raw).doubts]


# --- newlines --------------------------------------------------------------------------------

KEPT_WHOLE = [
    r"if and only if $\text{det}(A) \neq 0$.",
    r"that $ P \not\equiv Q $.",
    r"$a$ does not divide $b$, we denote this as $a \nmid b$.",
    r"a \tau, a \rho, a \frac{1}{2}, \"Hello!\", '\0', [\x00-\x1F], C:\Users, X =\= Y, `C:\`",
    r"\( \{1, 2\} \, \; \| 5\% \ \)",
]

DECODED = [
    (r"one\ntwo\n\nthree", "one\ntwo\n\nthree"),
    (
        r"\n   $$\n   \nabla \cdot \mathbf{E} = \frac{\rho}{\epsilon_0}, \quad \nabla \cdot B = 0",
        "\n   $$\n   "
        r"\nabla \cdot \mathbf{E} = \frac{\rho}{\epsilon_0}, \quad \nabla \cdot B = 0",
    ),
    (r"$$\np \land \neg p\n$$", "$$\np \\land \\neg p\n$$"),
    (
        r"conclude that:\n\n$$\n\neg (p \land q) \equiv \neg p \lor \neg q\n",
        "conclude that:\n\n$$\n" + r"\neg (p \land q) \equiv \neg p \lor \neg q" + "\n",
    ),
    (
        r"T_{\mu\nu}\n   $$\n   where \( G_{\mu\nu} \) is",
        r"T_{\mu\nu}" + "\n   $$\n   " + r"where \( G_{\mu\nu} \) is",
    ),
    (
        r"0 & \text{if } x \notin A \n   \end{cases}\n   $$",
        r"0 & \text{if } x \notin A " + "\n   " + r"\end{cases}" + "\n   $$",
    ),
    (r"$$\nu(t) = K_p e(t) + K_i", "$$\nu(t) = K_p e(t) + K_i"),
    (r"$$\nu_{n+1} = au_n + b\n$$", "$$\nu_{n+1} = au_n + b\n$$"),
    (r"Let:\n\n$$\nu = px + q \implies du", "Let:\n\n$$\nu = px + q \\implies du"),
    (r"$$\n\nu = -\frac{\epsilon}", "$$\n\\nu = -\\frac{\\epsilon}"),
    (r"e^+ + \nu_e\n$$", "e^+ + \\nu_e\n$$"),
    (
        r"\begin{pmatrix}\na & b \\\nc & d\n\end{pmatrix}",
        "\\begin{pmatrix}\na & b \\\\\nc & d\n\\end{pmatrix}",
    ),
    (r"C\n      / \\n     C   C", "C\n      / \\\n     C   C"),
    (r"(C)  \ne) Silicon (Si)  \n\n", "(C)  \ne) Silicon (Si)  \n\n"),
    (r"\nwhere \nint \nimport \nonde \nnot \number", "\nwhere \nint \nimport \nonde \nnot \number"),
    (r"\n\"Much Ado", '\n\\"Much Ado'),
    (r"```python\nmid = lo\n```\n\nmid", "```python\nmid = lo\n```\n\\nmid"),
    (r"a\n```\nx\n```\nu is", "a\n```\nx\n```\nu is"),
    (r"```\nx\nu = 1\n```", "```\nx\nu = 1\n```"),
    (r"`a\neq b` and $a \neq b$", "`a\neq b` and $a \\neq b$"),
]


@pytest.mark.parametrize("raw", KEPT_WHOLE)
def test_latex_and_code_stay_as_they_are(raw: str) -> None:
    assert decode_newlines(raw).text == raw


@pytest.mark.parametrize(("raw", "text"), DECODED)
def test_each_escape_is_a_newline_unless_it_begins_a_command(raw: str, text: str) -> None:
    assert decode_newlines(raw).text == text


@pytest.mark.parametrize("command", ["nabla", "neq", "neg", "notin", "not", "nmid", "nu"])
@pytest.mark.parametrize("after", [" x", "_e", "(", "\\", "1", "}", ""])
def test_a_command_ends_where_no_letter_follows(command: str, after: str) -> None:
    raw = f"$ \\{command}{after} $"
    assert decode_newlines(raw).text == raw
    assert decode_newlines(f"$ \\{command}x $").text == f"$ \n{command[1:]}x $"


def test_an_ordinary_answer_has_no_doubts() -> None:
    assert decode_newlines(r"Let $a \neq b$.\n\n```c\nputs(\"x\");\n```").doubts == ()
    assert decode_newlines(r'In prose\n"Much Ado About Nothing"\nis no code').doubts == ()


@pytest.mark.parametrize("raw", [r"$$\nu(t) = 1$$", r"$$\n\nu = 1$$", r"\( \nu_e \)", r"\nu is"])
def test_either_reading_of_nu_is_a_doubt(raw: str) -> None:
    assert reasons(raw) == [DoubtReason.NU]


def test_nu_in_code_is_a_newline_without_a_doubt() -> None:
    assert decode_newlines(r"```\nx\nu = 1\n```").doubts == ()


def test_a_command_outside_maths_is_a_doubt() -> None:
    assert reasons(r"one\nnot two\not three $x \not= y$") == [DoubtReason.COMMAND_OUTSIDE_MATHS]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (
            '```c\\n   printf("Stack overflow\\n");\\n```',
            '```c\n   printf("Stack overflow\\n");\n```',
        ),
        (
            '```c\\nputs("a\\n"); puts("b\\n");\\nputs("c");\\n```',
            '```c\nputs("a\\n"); puts("b\\n");\nputs("c");\n```',
        ),
        (
            '```bash\\nprintf "Line 1\\nLine 2\\n" > file.txt\\n```',
            '```bash\nprintf "Line 1\\nLine 2\\n" > file.txt\n```',
        ),
        ('use `"\\n"` to insert', 'use `"\\n"` to insert'),
        ('use `printf "%s\\n" *`', 'use `printf "%s\\n" *`'),
        ('```\\nputs("a");\\n"b"\\n```', '```\nputs("a");\n"b"\n```'),
        (
            '```python\\ndef f():\\n    """Do it.\\n\\n    Well.\\n"""\\n```',
            '```python\ndef f():\n    """Do it.\n\n    Well.\n"""\n```',
        ),
        (
            '```python\\n"""\\nDo it.\\n"""\\nx = "a"\\n"b"\\n```',
            '```python\n"""\nDo it.\n"""\nx = "a"\n"b"\n```',
        ),
        ('he said\\n"Much Ado"', 'he said\n"Much Ado"'),
    ],
)
def test_an_escape_in_a_string_literal_of_code_stays_as_it_is(raw: str, text: str) -> None:
    assert decode_newlines(raw) == (text, ())


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ('```\\nputs("a\\nb" "c");\\n```', '```\nputs("a\nb" "c");\n```'),
        ('```\necho "a\n"\n```', '```\necho "a\n"\n```'),
        ("`find -printf '%T+ %p\\n' | sort`", "`find -printf '%T+ %p\n' | sort`"),
        ('```\\n# 5" pipe\\nputs("a\\n");\\n```', '```\n# 5" pipe\nputs("a\n");\n```'),
    ],
)
def test_an_escape_between_quotes_that_could_be_either_is_a_newline_and_a_doubt(
    raw: str, text: str
) -> None:
    decoded, doubts = decode_newlines(raw)
    assert decoded == text
    assert {doubt.reason for doubt in doubts} == {DoubtReason.NEWLINE_IN_STRING}


def test_doubts_name_their_places_in_the_decoded_text_in_order() -> None:
    text, doubts = decode_newlines('a\\n$$\\nu = \\nu$$\\n`"x\\n"`\\n\\not\\n`"a\\nb" c`')
    assert [(text[doubt.offset : doubt.offset + 3], doubt.reason) for doubt in doubts] == [
        ("\nu ", DoubtReason.NU),
        ("\\nu", DoubtReason.NU),
        ("\\no", DoubtReason.COMMAND_OUTSIDE_MATHS),
        ('\nb"', DoubtReason.NEWLINE_IN_STRING),
    ]
    assert doubts == tuple(sorted(doubts))


PIECES = [
    *["\\n", "\\", "n", "\\nu", "\\neq ", "\\nmid", "$", "$$", "\\(", "\\)", "\\[", "\\]", "`"],
    *["```", "~~~", " ", "a", "5", '"', "   ", "- ", "> ", "u"],
]
RAW = st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("".join))
TEXT = st.one_of(st.text(), st.lists(st.sampled_from([*PIECES, "\n", "\n\n"])).map("".join))


@given(RAW)
def test_text_without_an_escape_is_unchanged(raw: str) -> None:
    raw = raw.replace("\\n", "")
    while "\\n" in raw:
        raw = raw.replace("\\n", "")
    assert decode_newlines(raw) == (raw, ())


@given(RAW)
def test_decoding_only_puts_newlines_for_escapes(raw: str) -> None:
    raw = raw.replace("\n", "")
    text, doubts = decode_newlines(raw)
    assert text.replace("\n", "\\n") == raw
    assert not re.search(r"\\n(?!(abla|eq|eg|otin|ot|mid|u)(?![A-Za-z]))", text)
    assert all(text[doubt.offset] in "\n\\" for doubt in doubts)
    assert len({doubt.offset for doubt in doubts}) == len(doubts)
    assert list(doubts) == sorted(doubts)


# --- spans -----------------------------------------------------------------------------------

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
        "from $5-$10 a piece",
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


HOSTILE = [
    *["$", "$$", "$$ $", "$ a", "`", "``` ", "`\\", "\\", "\\(", "\\[", "\\nu ", "\\nmid `"],
    *["```\n", "~~~ `\n", "\n   ", "- ", "> ", "1. ", "$$a\n\n", "`a``b```c", '`"\\n', '"\\n'],
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_hostile_text_takes_linear_time(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    started = time.process_time()
    spans(text)
    decode_newlines(text)
    spans("".join("`" * length + " " for length in range(450)))
    assert time.process_time() - started < 3  # a search from each delimiter takes minutes
