"""Which backslash + n is a newline, which begins a command, and which stands in code."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from latex2mathml.symbols_parser import SYMBOLS

from pressroom.content.escaped_newlines import AmbiguityReason, decode_newlines
from pressroom.markup.spans import Kind, spans
from tests.patience import linear_time


def reasons(raw: str) -> list[AmbiguityReason]:
    return [ambiguity.reason for ambiguity in decode_newlines(raw).ambiguities]


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
    (r"`a\neq b` and $a \neq b$", r"`a\neq b` and $a \neq b$"),
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


def test_an_ordinary_answer_has_no_ambiguities() -> None:
    assert decode_newlines(r"Let $a \neq b$.\n\n```c\nputs(\"x\");\n```").ambiguities == ()
    assert decode_newlines(r'In prose\n"Much Ado About Nothing"\nis no code').ambiguities == ()


@pytest.mark.parametrize("raw", [r"$$\nu(t) = 1$$", r"$$\n\nu = 1$$", r"\( \nu_e \)", r"\nu is"])
def test_either_reading_of_nu_is_ambiguous(raw: str) -> None:
    assert reasons(raw) == [AmbiguityReason.NU]


def test_nu_in_code_is_a_newline_without_ambiguity() -> None:
    assert decode_newlines(r"```\nx\nu = 1\n```").ambiguities == ()


def test_a_command_outside_maths_is_ambiguous() -> None:
    assert reasons(r"one\nnot two\not three $x \not= y$") == [AmbiguityReason.COMMAND_OUTSIDE_MATHS]


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
        ("`find -printf '%T+ %p\\n' | sort`", "`find -printf '%T+ %p\\n' | sort`"),
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
        ("```\\nfind -printf '%T+ %p\\n' | sort\\n```", "```\nfind -printf '%T+ %p\n' | sort\n```"),
        ('```\\n# 5" pipe\\nputs("a\\n");\\n```', '```\n# 5" pipe\nputs("a\n");\n```'),
    ],
)
def test_an_escape_between_quotes_that_could_be_either_is_an_ambiguous_newline(
    raw: str, text: str
) -> None:
    decoded, ambiguities = decode_newlines(raw)
    assert decoded == text
    assert {ambiguity.reason for ambiguity in ambiguities} == {AmbiguityReason.NEWLINE_IN_STRING}


def test_ambiguities_name_their_places_in_the_decoded_text_in_order() -> None:
    raw = 'a\\n$$\\nu = \\nu$$\\n`"x\\n"`\\n\\not `a\\nb`\\n```\\n"a\\nb" c\\n```'
    text, ambiguities = decode_newlines(raw)
    assert [
        (text[ambiguity.offset : ambiguity.offset + 3], ambiguity.reason)
        for ambiguity in ambiguities
    ] == [
        ("\nu ", AmbiguityReason.NU),
        ("\\nu", AmbiguityReason.NU),
        ("\\no", AmbiguityReason.COMMAND_OUTSIDE_MATHS),
        ("\\nb", AmbiguityReason.INLINE_CODE),
        ('\nb"', AmbiguityReason.NEWLINE_IN_STRING),
    ]
    assert ambiguities == tuple(sorted(ambiguities))


# --- commands in maths -----------------------------------------------------------------------

# A newline before the word is more common than these signs of one font.
SYMBOLS_OF_N = sorted({name for name in SYMBOLS if re.fullmatch(r"\\n[A-Za-z]+", name)})
WORDS = {r"\nin", r"\nis"}
OTHERS = [r"\notag", r"\nonumber", r"\newline", r"\nolimits", r"\nobreak", r"\normalsize"]
OTHERS += [r"\newcommand", r"\null", r"\number", r"\numexpr", r"\noindent", r"\nocite"]


@pytest.mark.parametrize("command", [*sorted(set(SYMBOLS_OF_N) - WORDS), *OTHERS])
@pytest.mark.parametrize("form", ["$a {} b$", "$$a {} b$$", r"\( a{} b \)", r"\[\na {} b\n\]"])
def test_every_command_of_latex_that_begins_with_n_stays_in_maths(command: str, form: str) -> None:
    text = decode_newlines(form.format(command)).text
    assert text == form.format("@").replace(r"\n", "\n").replace("@", command)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (r"$$\n\nexists x$$", "$$\n\\nexists x$$"),
        (r"$$\nnabla$$", "$$\nnabla$$"),
        (
            r"\begin{align} x &= 1 \nonumber \\ y &\neq 2 \end{align}",
            r"\begin{align} x &= 1 \nonumber \\ y &\neq 2 \end{align}",
        ),
        (
            r"\begin{align*}\na &\nleq b \\\nc &\ngeq d\n\end{align*}",
            "\\begin{align*}\na &\\nleq b \\\\\nc &\\ngeq d\n\\end{align*}",
        ),
        (r"costs $5\n\nless than $6", "costs $5\n\nless than $6"),
        (r"either $x\n\nexists here$ or", "either $x\n\nexists here$ or"),
    ],
)
def test_maths_ends_where_its_delimiters_and_environments_do(raw: str, text: str) -> None:
    assert decode_newlines(raw).text == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (r"$$a \ne b$$", r"$$a \ne b$$"),
        (r"$$a\ne b$$", r"$$a\ne b$$"),
        (r"$$x &\ne y$$", r"$$x &\ne y$$"),
        (r"$\ne$ is a sign", r"$\ne$ is a sign"),
        (r"$$A \ni x$$", r"$$A \ni x$$"),
        (r"$$\ne^{i\pi} + 1 = 0$$", "$$\ne^{i\\pi} + 1 = 0$$"),
        (
            r"$$\ni\hbar \frac{\partial}{\partial t}$$",
            "$$\ni\\hbar \\frac{\\partial}{\\partial t}$$",
        ),
        (r"$$a = b \\\ne + f$$", "$$a = b \\\\\ne + f$$"),
        (r"$$f(x) =\ne^{-x}$$", "$$f(x) =\ne^{-x}$$"),
        (r"$$f(x)\ne^{-x}$$", "$$f(x)\ne^{-x}$$"),
        (r"$$\nsim(a, b) = a \cdot b$$", "$$\nsim(a, b) = a \\cdot b$$"),
        (r"$$a \nsim b$$", r"$$a \nsim b$$"),
    ],
)
def test_a_relation_has_something_on_its_left(raw: str, text: str) -> None:
    assert decode_newlines(raw).text == text


def test_a_relation_that_could_be_a_name_is_ambiguous_in_displayed_maths() -> None:
    relation = [AmbiguityReason.RELATION]
    assert reasons(r"$$\ne^x$$") == reasons(r"$$a\ne b$$") == relation
    assert reasons(r"$$a \ne b$$ and $a\ne b$ and $$a \nleq b$$") == []


@pytest.mark.parametrize(
    "raw",
    [
        r"one\nexists, one\nless, one\nis in\nparallel",
        r"(C)  \ne) Silicon\ni vetri\nsim",
        r"\nice \nunder \nnot \none \nnumbers",
    ],
)
def test_in_prose_an_escape_before_a_word_is_a_newline_beyond_doubt(raw: str) -> None:
    assert decode_newlines(raw) == (raw.replace(r"\n", "\n"), ())


@pytest.mark.parametrize("raw", [r"A \nsubseteq B", r"x \nleq y", r"\noindent Text"])
def test_in_prose_an_escape_before_the_rest_of_a_command_is_an_ambiguous_newline(raw: str) -> None:
    assert decode_newlines(raw).text == raw.replace(r"\n", "\n")
    assert reasons(raw) == [AmbiguityReason.COMMAND_OUTSIDE_MATHS]


def test_a_command_of_an_environment_without_delimiters_stays_and_is_ambiguous() -> None:
    raw = r"\begin{align} x \nonumber \end{align}"
    assert decode_newlines(raw).text == raw
    assert reasons(raw) == [AmbiguityReason.COMMAND_OUTSIDE_MATHS]


def test_maths_is_what_the_delimiters_of_the_site_say() -> None:
    raw = r"$a \nleq b$ and \(a \nleq b\)"
    assert decode_newlines(raw, ("$",)).text == "$a \\nleq b$ and \\(a \nleq b\\)"
    assert decode_newlines(raw, (r"\(",)).text == "$a \nleq b$ and \\(a \\nleq b\\)"
    assert decode_newlines(raw, ()).text == raw.replace(r"\n", "\n")


# --- inline code -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        r"Write `\n` for a line end, `\t` for a tab.",
        r"Use `C:\new` on Windows.",
        r"""Call `print("a\nb")` and `split(\n)`.""",
        r"``a`\n` ``",
    ],
)
def test_an_escape_in_inline_code_stays_as_it_is(raw: str) -> None:
    assert decode_newlines(raw) == (raw, ())


@pytest.mark.parametrize("raw", [r"`one\ntwo`", r"`one \n two`", r"the ` key\nand the ` key"])
def test_an_escape_between_words_of_inline_code_is_ambiguous(raw: str) -> None:
    assert decode_newlines(raw).text == raw
    assert reasons(raw) == [AmbiguityReason.INLINE_CODE]


@pytest.mark.parametrize(
    "raw", [r"1. Press `\n2. Press ` again", r"a `\n- b `", r"a ` b\n## c `", r"a `\n\nb ` c"]
)
def test_inline_code_ends_where_another_block_begins(raw: str) -> None:
    assert decode_newlines(raw).text == raw.replace(r"\n", "\n")


# --- any text --------------------------------------------------------------------------------

PIECES = [
    *["\\n", "\\", "n", "\\nu", "\\neq ", "\\nmid", "$", "$$", "\\(", "\\)", "\\[", "\\]", "`"],
    *["```", "~~~", " ", "a", "5", '"', "   ", "- ", "> ", "u", "\\ne ", "\\nleq", "\\nsim_"],
    *["\\begin{align}", "\\end{align}", "="],
]
RAW = st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("".join))


@given(RAW)
def test_text_without_an_escape_is_unchanged(raw: str) -> None:
    raw = raw.replace("\\n", "")
    while "\\n" in raw:
        raw = raw.replace("\\n", "")
    assert decode_newlines(raw) == (raw, ())


@given(RAW)
def test_decoding_only_puts_newlines_for_escapes(raw: str) -> None:
    raw = raw.replace("\n", "")
    text, ambiguities = decode_newlines(raw)
    assert text.replace("\n", "\\n") == raw
    code = [(span.start, span.end) for span in spans(text) if span.kind in (Kind.CODE, Kind.FENCE)]
    for left in re.finditer(r"\\n(?!(eq|mid|u|e|leq|sim)(?![A-Za-z]))", text):
        assert any(start < left.start() < end for start, end in code)
    assert all(text[ambiguity.offset] in "\n\\" for ambiguity in ambiguities)
    assert len({ambiguity.offset for ambiguity in ambiguities}) == len(ambiguities)
    assert list(ambiguities) == sorted(ambiguities)


HOSTILE = [
    "\\nu ",
    "\\nmid `",
    '`"\\n',
    '"\\n',
    "$$a\\ne ",
    "$\\n\\nless",
    "\\begin{align}\\ne",
    "`\\n",
]
HOSTILE += ["\\begin{array}", "\\n", "$$" + "\\ne" + " " * 60, "`a\\n- `"]


@pytest.mark.parametrize("unit", HOSTILE)
def test_hostile_text_is_decoded_in_linear_time(unit: str) -> None:
    with linear_time():
        decode_newlines(unit * (100_000 // len(unit)))
        decode_newlines("$$" + unit * (100_000 // len(unit)) + "$$")
        decode_newlines("`" + unit * (100_000 // len(unit)) + "`")
