r"""TeX as MathML: what a reader without scripts sees, and nothing that a page could be hurt by."""

import html
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from pressroom.markup.mathml import from_tex, to_text
from pressroom.markup.spans import Kind, spans
from tests.conftest import needs_corpus
from tests.patience import linear_time
from tests.standards.real import real_answers

NAMESPACE = "http://www.w3.org/1998/Math/MathML"
# MathML Core, and what MathML 3 has beside it and no reader runs.
ELEMENTS = {"math", "semantics", "annotation", "mrow", "mi", "mn", "mo", "ms", "mtext", "mspace"}
ELEMENTS |= {"mfrac", "msqrt", "mroot", "mstyle", "mpadded", "mphantom", "menclose", "mtable"}
ELEMENTS |= {"msub", "msup", "msubsup", "munder", "mover", "munderover", "mtr", "mtd"}
ELEMENTS |= {"mmultiscripts", "mprescripts"}
ATTRIBUTES = {"accent", "accentunder", "columnalign", "columnlines", "columnspacing", "depth"}
ATTRIBUTES |= {"display", "displaystyle", "encoding", "fence", "form", "height", "largeop"}
ATTRIBUTES |= {"linebreak", "linethickness", "lspace", "mathvariant", "maxsize", "minsize"}
ATTRIBUTES |= {"movablelimits", "notation", "rowlines", "rowspacing", "rspace", "scriptlevel"}
ATTRIBUTES |= {"separator", "stretchy", "symmetric", "voffset", "width"}


def inner(made: str | None) -> str:
    """The MathML between the row and the annotation."""
    assert made is not None
    return re.sub(r"^<math[^>]*><semantics>|<annotation.*$", "", made, flags=re.DOTALL)


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        ("x", "<mrow><mi>x</mi></mrow>"),
        ("x_1^2", "<mrow><msubsup><mi>x</mi><mn>1</mn><mn>2</mn></msubsup></mrow>"),
        (
            r"\frac{a}{b}",
            "<mrow><mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac></mrow>",
        ),
        (r"\alpha \neq 2", "<mrow><mi>α</mi><mo>≠</mo><mn>2</mn></mrow>"),
        ("a < b & c", "<mrow><mi>a</mi><mo>&lt;</mo><mi>b</mi><mi>&amp;</mi><mi>c</mi></mrow>"),
        (r"50\%", "<mrow><mn>50</mn><mi>%</mi></mrow>"),
        (r"\text{if } x", "<mrow><mtext>if\xa0</mtext><mi>x</mi></mrow>"),
    ],
)
def test_tex_becomes_mathml(tex: str, expected: str) -> None:
    assert inner(from_tex(tex, display=False)) == expected


@pytest.mark.parametrize("display", [True, False])
def test_a_formula_within_a_line_and_one_on_lines_of_its_own(display: bool) -> None:
    made = from_tex(r"\sum_{i=1}^n i", display=display) or ""
    assert made.startswith(
        f'<math xmlns="{NAMESPACE}" display="{"block" if display else "inline"}"><semantics>'
    )
    assert ("munderover" in made) is display


def cells(made: str | None) -> list[list[str]]:
    """The text of each cell of the outermost table."""
    assert made is not None
    table = next(etree.fromstring(made.encode()).iter(f"{{{NAMESPACE}}}mtable"))
    return [["".join(cell.itertext()) for cell in row] for row in table]


@pytest.mark.parametrize(
    ("tex", "rows"),
    [
        (r"a = b \\ c = d", [["a=b"], ["c=d"]]),
        ("\nL = 2 \\\\\n0.5L = 2 \\\\\nL = 4\n", [["L=2"], ["0.5L=2"], ["L=4"]]),
        (r"a &= b \\ c &= d \\", [["a", "=b"], ["c", "=d"]]),
        (r"a \\[2pt] b \\* c \newline d \cr e", [["a"], ["b"], ["c"], ["d"], ["e"]]),
        (r"[0, 1] \\ [2, 3]", [["[0,1]"], ["[2,3]"]]),
        (r"x = \begin{pmatrix} a \\ b \end{pmatrix} \\ y", [["x=(ab)"], ["y"]]),
        (r"\begin{aligned} a &= b \\[1ex] c &= d \end{aligned}", [["a", "=b"], ["c", "=d"]]),
        (r"\begin{gather*} a \\ b \end{gather*}", [["a"], ["b"]]),
        (r"\begin{alignat}{2} a &= b \\ c &= d \end{alignat}", [["a", "=b"], ["c", "=d"]]),
        (r"\begin{eqnarray} a &=& b \\ c &=& d \end{eqnarray}", [["a", "=", "b"], ["c", "=", "d"]]),
        (r"\begin{array}{c} a \\[2pt] b \end{array}", [["a"], ["b"]]),
        (r"x &= 1 \nonumber \\ y &= 2 \notag", [["x", "=1"], ["y", "=2"]]),
    ],
)
def test_rows_of_displayed_maths_are_rows_of_a_table(tex: str, rows: list[list[str]]) -> None:
    assert cells(from_tex(tex, display=True)) == rows


def test_fractions_in_rows_are_as_large_as_without_rows() -> None:
    for tex in (r"\frac{a}{b} \\ c", r"\frac{a}{b} &= c \\ d", r"\begin{gather}a \\ b\end{gather}"):
        assert '<mtable displaystyle="true"' in inner(from_tex(tex, display=True))
    made = inner(from_tex(r"\begin{matrix} a \\ b \end{matrix}", display=True))
    assert "displaystyle" not in made


@pytest.mark.parametrize("tex", [r"a \\", r"\left( a \\ b \right)", r"{a \\ b}", r"\text{a \\ b}"])
def test_what_is_no_row_of_its_own_makes_no_table(tex: str) -> None:
    assert "mtable" not in inner(from_tex(tex, display=True))
    assert "mtable" not in inner(from_tex(tex, display=False))


def test_maths_in_a_line_has_no_rows() -> None:
    assert "mtable" not in inner(from_tex(r"a \\ b", display=False))


@pytest.mark.parametrize(
    "tex", ["x", r" \alpha ", "a < b & c > d", "\n\\begin{pmatrix}\n1 & 2 \\\\\n\\end{pmatrix}\n"]
)
def test_the_tex_is_kept_byte_for_byte(tex: str) -> None:
    made = etree.fromstring(from_tex(tex, display=True))
    annotation = made.find(f".//{{{NAMESPACE}}}annotation")
    assert annotation.get("encoding") == "application/x-tex"
    assert annotation.text == tex


@pytest.mark.parametrize(
    "tex",
    [
        *["", r"\foo", r"x + \ce{H2O}", r"\frac{a}{", "x_1_2", r"\left( x", "{" * 500],
        *["50% of x", "a\0b", "a\x02b", "a\uffffb", "a\ud800b", r"\unicode{x1}"],
        r"\newcommand{\a}{x}\a",
        r"\def\a{xx}\a\a",
        r"\DeclareMathOperator{\a}{a}\a",
        r"\newenvironment{a}{x}{y}\begin{a}\end{a}",
        "x" * 2001,
    ],
)
def test_what_is_not_understood_is_refused(tex: str) -> None:
    assert from_tex(tex, display=False) is None


def test_no_definition_is_expanded_without_end() -> None:
    names = "abcdefghijklmnopqrstuvwxyz"
    doubling = "".join(rf"\newcommand{{\x{new}}}{{\x{old}\x{old}}}" for old, new in pairwise(names))
    assert from_tex(rf"\newcommand{{\xa}}{{x}}{doubling}\xz", display=False) is None


@pytest.mark.parametrize(
    "tex",
    [
        r"\text{<script>alert(1)</script>}",
        r"\text{</mtext><script>alert(1)</script>}",
        r"\mbox{&#x3c;script&#x3e;alert(1)}",
        r"\href{javascript:alert(1)}{x}",
        r"\class{a\" onclick=\"alert(1)}{x}",
        r"\style{position:fixed;background:url(x)}{x}",
        r"\color{red}x \colorbox{red}{y} \textcolor{expression(1)}{z}",
        r"\operatorname{<img src=x onerror=alert(1)>}",
        r"\rule{1000em}{1000em} \hspace{1000em} \kern-5000em x",
        r"\begin{<script>}\end{<script>}",
        "</annotation></math><script>alert(1)</script>",
        "x</annotation-xml><svg onload=alert(1)>",
    ],
)
def test_nothing_of_a_formula_can_act(tex: str) -> None:
    assert_is_safe(from_tex(tex, display=False))


def assert_is_safe(made: str | None) -> None:
    if made is None:
        return
    tree = etree.fromstring(made.encode())
    for element in tree.iter():
        assert isinstance(element.tag, str)
        name = etree.QName(element)
        assert name.namespace == NAMESPACE
        assert name.localname in ELEMENTS
        assert set(element.attrib) <= ATTRIBUTES
        for value in element.attrib.values():
            assert re.fullmatch(r"[A-Za-z0-9 .+%/-]*", value)
            assert not re.search(r"(?<![.0-9])[0-9]{3}", value)
    # An HTML parser must find the same elements, and none that XML took for text.
    tags = set(re.findall(r"<(/?[A-Za-z!?][^\s>]*)", made))
    assert {tag.removeprefix("/") for tag in tags} <= ELEMENTS


PIECES = st.sampled_from(
    [
        r"\frac",
        r"\sqrt",
        r"\text",
        r"\mbox",
        r"\href",
        r"\class",
        r"\style",
        r"\color",
        r"\textcolor",
        r"\left",
        r"\right",
        r"(",
        r")",
        r"[",
        r"]",
        r"{",
        r"}",
        r"_",
        r"^",
        r"&",
        r"\\",
        r"\begin{pmatrix}",
        r"\end{pmatrix}",
        r"\begin{array}{c|c}",
        r"\end{array}",
        r"\begin{align*}",
        r"\end{align*}",
        r"\rule",
        r"\hspace{2em}",
        r"\kern",
        r"\mathbb{R}",
        r"\operatorname{a}",
        r"\not",
        r"\limits",
        r"\sum",
        r"\int_0^1",
        r"\cfrac",
        r"\binom",
        r"\verb|<b>|",
        r"\tag{1}",
        r"\over",
        r"\above",
        r"\mathring",
        r"\overbrace",
        r"\xrightarrow",
        r"\substack",
        r"\cancel",
        r"\boxed",
        r"\phantom",
        r"\raise",
        r"\lower",
        r"\vcenter",
        r"\genfrac",
        r"\mod",
        r"\middle|",
        r"\big|",
        r"\Bigl(",
        r"'",
        r"x",
        r"12",
        r"1.5em",
        r"<",
        r">",
        r'"',
        r"=",
        r"+",
        r"%",
        r"$",
        r"&#x3c;",
        r"&lt;",
        r"\unicode{x3c}",
        r"\u",
        r"\ce{a}",
        r"\{",
        r"\}",
        r"\|",
        r"\,",
        r"\;",
        r"<script>",
        r"</math>",
        r'onclick="a"',
        r"javascript:a",
    ]
)


@given(
    st.lists(PIECES | st.text(max_size=3), max_size=25), st.booleans(), st.sampled_from(["", " "])
)
def test_whatever_is_made_is_known_mathml(pieces: list[str], display: bool, glue: str) -> None:
    tex = glue.join(pieces)
    made = from_tex(tex, display=display)
    assert_is_safe(made)
    if made is not None:
        annotation = made.partition('<annotation encoding="application/x-tex">')[2]
        assert html.unescape(annotation.removesuffix("</annotation></semantics></math>")) == (
            html.unescape(html.escape(tex, quote=False))
        )


@needs_corpus
def test_every_formula_of_the_real_articles_is_understood() -> None:
    refused = [
        text[span.start : span.end]
        for text in real_answers()
        for span in spans(text)
        if span.kind in (Kind.DISPLAY, Kind.INLINE)
        and from_tex(text[span.inner_start : span.inner_end], display=True) is None
    ]
    assert refused == []


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"\alpha \neq x_1", "α ≠ x₁"),
        (r"\Sigma^n = \{ w \mid w \text{ has length } n \}", "Σⁿ = { w ∣ w has length n }"),
        (r"x = \frac{-b \pm c}{2a}", "x = (-b ± c)/2a"),
        (r"p \land \neg q", "p ∧ ¬q"),
        (r"\frac{\partial L}{\partial t} + 1", "(∂L)/(∂t) + 1"),
        (r"\frac{\frac{a}{b}}{c}", "(a/b)/c"),
        (r"\left( a \right) \, \mathrm{d}x", "(a) dx"),
        (r"50\% \quad \$5", "50% $5"),
        ("\na &= b \\\\\n  c &= d\n", "a = b; c = d"),
        (r"A = \begin{pmatrix} a & b \\ c & d \\ \end{pmatrix}", "A = (a b; c d)"),
        (r"f = \begin{cases} 1 & \text{if } x \\ 0 \end{cases}", "f = 1 if x; 0"),
        (r"\begin{array}{|c|c|}\hline p & q \\[2pt] \hline T & F\end{array}", "p q; T F"),
        (r"R\&D", "R&D"),
        (r"\vec{F} + \foo", "F⃗ + \\foo"),
        ("", ""),
    ],
)
def test_tex_reads_as_text(tex: str, text: str) -> None:
    assert to_text(tex) == text


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"x^2 + a_1 = e^{-x}", "x² + a₁ = e⁻ˣ"),
        (r"u_{n + 1} \sum_{i=1}^n x_max", "uₙ₊₁ ∑ᵢ₌₁ⁿ xₘax"),
        (r"f_X(x)_{i,j} e^{i\pi} u^*", "f_X(x)_{i,j} e^{iπ} u^*"),
        (r"H^+ + \text{Ca}^{2+} + \mathrm{CO_2}", "H⁺ + Ca²⁺ + CO₂"),
        (r"90^\circ f^\prime f'", "90° f′ f'"),
        (r"\frac{1}{1 + e^{-z}} \frac12 \dfrac{x^2}{2}", "1/(1 + e⁻ᶻ) 1/2 x²/2"),
        (r"\frac{-b \pm \sqrt{b^2 - 4ac}}{2a}", "(-b ± √(b² - 4ac))/2a"),
        (r"\sqrt{x} \sqrt 2 \sqrt[3]{x} \sqrt[n]{x + 1}", "√x √2 ∛x ⁿ√(x + 1)"),
        (r"\mathbb{R}^n \mathbb{1} \mathcal{P}(S) \mathfrak{g} \mathbf{x}", "ℝⁿ 𝟙 𝒫(S) 𝔤 x"),
        (r"\hat{x} \bar\lambda y \overline{AB} \dot{q}", "x̂ λ̄ y A̅B̅ q̇"),
        (r"P \not\equiv Q \not= R", "P ≢ Q ≠ R"),
        (
            r"2\sin\theta + \ln(1) + \log_2 k + \exp\left(x\right)",
            "2 sin θ + ln(1) + log₂ k + exp(x)",
        ),
        (r"\left. \frac{df}{dx} \right|_{x=0}", "df/dx |ₓ₌₀"),
        (r"\lim_{x \to 0} \|x\|", "lim_{x → 0} ‖x‖"),
        (r"\foo{a_1}{b} \hat{AB} \binom{n}{k}", r"\foo{a₁}{b} \hat{AB} \binom{n}{k}"),
        (r"a \\ b \\[2pt] c \\", "a; b; c"),
    ],
)
def test_tex_stays_only_where_unicode_cannot_say_it(tex: str, text: str) -> None:
    assert to_text(tex) == text


@given(st.lists(PIECES | st.text(max_size=3), max_size=25), st.sampled_from(["", " "]))
def test_any_tex_reads_as_one_line(pieces: list[str], glue: str) -> None:
    text = to_text(glue.join(pieces))
    assert text == " ".join(text.split())


UNITS = [
    "{",
    "}",
    "_",
    "^{a",
    r"\frac{",
    r"\frac",
    r"\not",
    r"\text{",
    r"\text{a",
    r"\\",
    "; ",
    r"\ln",
]
UNITS += [r"\vec{", r"\sqrt[", r"^\hat", r"\foo{", r"\begin{a", " ", r"\left", r"\sqrt[2]"]


@pytest.mark.parametrize("unit", UNITS)
def test_hostile_tex_reads_as_text_in_linear_time(unit: str) -> None:
    with linear_time():
        to_text(unit * (200_000 // len(unit)))


@needs_corpus
def test_nearly_no_tex_is_left_of_the_real_formulas() -> None:
    texts = {
        to_text(text[span.inner_start : span.inner_end])
        for text in real_answers()
        for span in spans(text)
        if span.kind in (Kind.DISPLAY, Kind.INLINE)
    }
    assert sum("\\" in text for text in texts) < len(texts) / 100
