"""The reader of plain lines and libyaml, side by side: what both read, they read alike."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom.frontmatter import yaml_fast, yaml_reader
from pressroom.frontmatter.document import Document, FrontMatter
from pressroom.frontmatter.fences import decode, split
from pressroom.model.settings import Limits
from tests.conftest import CORPUS, RAW, needs_corpus

LIMITS = Limits()
SHAPE = """\
_schema: default
id: 142590
date: 2024-12-26
title: >-
    How is owner's equity calculated: by whom?
empty: null
seo:
  title: QuickTakes | Accounting and Finance
  page_description: >-
    This content explains "equity" #1
score: -1.0
url: /learn/accounting-and-finance/questions/how-is-owners-equity-calculated
related_article1:
    id: -7
    title: >-
        How did the term "March Madness" originate?
related_article2:
    id: -8

"""


def read(block: str, limits: Limits = LIMITS, first_line: int = 2) -> FrontMatter | None:
    """What the reader of lines makes of a block; the other must make the same of it."""
    document = Document(block, first_line, "")
    found = yaml_fast.read(document, limits)
    if found is not None:
        other = yaml_reader.read(document, limits)
        assert found == other
        assert list(found.values) == list(other.values)
    return found


# --- what it reads -----------------------------------------------------------------------------


def test_the_shape_of_real_files_is_read() -> None:
    found = read(SHAPE)
    assert found is not None
    assert found.values["title"] == "How is owner's equity calculated: by whom?"
    assert found.values["empty"] is None
    assert found.values["seo"]["page_description"] == 'This content explains "equity" #1'
    assert found.positions["seo"] == (8, 1)
    assert found.positions["seo.title"] == (9, 10)
    assert found.positions["seo.page_description"] == (10, 21)
    assert found.positions["related_article2.id"] == (19, 9)


def test_a_block_at_another_line_has_its_own_places() -> None:
    found = read(SHAPE, first_line=5)
    assert found is not None
    assert found.positions["seo.title"] == (12, 10)


PLAIN_BLOCKS = [
    *("a: b\n", "a:   b\n", "a: b\n\n\n", "a: é\n", "a: “b”\n", "a: b\xa0c\n", "_a1: b\n"),
    *("a: 🦆\n", "a: -b\n", "a: -.5\n", "a: b:c\n", "a: b#c\n", "a: b's \"c\" [d] {e}, f\n"),
    *("a: null\n", "a: Null\n", "a: no\n", "a: 1:30\n", "a: =\n", "a: <<\n", "a: b ---\n"),
    *("a: ...\n", "a: >-\n b\n", "a: >-\n   # b: c\n", "a: >-\n    null\n", "a: >-\n - b\n"),
    *("a: >-\n '\n", "a:\n b: c\n", "a:\n  b: c\n  d: e\nf: g\n"),
    *("a:\n b: >-\n  c\nd:\n    e: f\n", f"{'a' * 100}: b\n", f"a: {'b' * 5000}\n"),
    f"a: >-\n  {'b ' * 5000}c\n",
]  # fmt: skip


@pytest.mark.parametrize("block", PLAIN_BLOCKS)
def test_plain_entries_are_read(block: str) -> None:
    assert read(block) is not None


OTHER_BLOCKS = [
    *("", "\n", "a\n", "a: b", "a:\n", "a: \n", "a: b \n", "a: ~\n", "a: ~b\n", "a:b\n"),
    *(" a: b\n", "a: b: c\n", "a: b:\n", "a: b #c\n", "a: #b\n", "a: b\t\n", "a:\tb\n"),
    *("# a\na: b\n", "a : b\n", "a: 'b'\n", 'a: "b"\n', "a: [b]\n", "a: {b: c}\n", "a: &b c\n"),
    *("a: *b\n", "a: !b c\n", "a: |\n b\n", "a: >\n b\n", "a: >-1\n  b\n", "a: >- #\n b\n"),
    *("a: >-\nb: c\n", "a: >-\n b\n c\n", "a: >-\n b \n", "a: >-\n\n b\n", "a: >-\n b\n\nc: d\n"),
    *("a: >-\n \tb\n", "a: >-\n  b\n c: d\n", "a:\n b: >-\n c\n", "a: b\n\nc: d\n", "a: b\n c\n"),
    *("a: b\n c: d\n", "a: b\na: c\n", "a:\n b: c\na: d\n", "a:\n b: c\n b: d\n"),
    *("a:\n b: c\n  d: e\n", "a:\n  b: c\n d: e\n", "a:\n b:\n  c: d\n", "a:\n- b\n"),
    *("a:\nb: c\n", "a:\n b:\n", "---\na: b\n", "a: b\n---\n", "a: b\n...\n", "%TAG ! a\na: b\n"),
    *("? a\n: b\n", "- a\n", "<<: a\n", "a: - b\n", "a: -\n", "a: --- b\n", "a: ?\n", "a: :b\n"),
    *("a: ,\n", "a: %b\n", "a: @b\n", "a: `b`\n", "a: b\x00\n", "a: b\x7f\n", "a: b\x85c\n"),
    *("a: b\u2028c\n", "a: b\ufeffc\n", "\ufeffa: b\n", "a: b\rc\n", "a: b\x9f\n"),
    *("a: b\uffff\n", "é: a\n", "a.b: c\n", "'a': b\n", f"{'a' * 101}: b\n", "a: b\n \n"),
]  # fmt: skip


@pytest.mark.parametrize("block", OTHER_BLOCKS)
def test_what_could_mean_something_else_is_left_to_libyaml(block: str) -> None:
    assert read(block) is None


@pytest.mark.parametrize(
    ("block", "limits"),
    [
        ("a: b\n", Limits(nodes=2)),
        ("a:\n b: c\n", Limits(nodes=4)),
        ("a:\n b: c\n", Limits(depth=1)),
        ("a: bcdef\n", Limits(scalar_chars=4)),
        ("".join(f"k{i}: v\n" for i in range(5_000)), Limits()),
    ],
)
def test_a_limit_is_left_to_libyaml(block: str, limits: Limits) -> None:
    assert yaml_fast.read(Document(block, 2, ""), limits) is None
    assert yaml_fast.read(Document(block, 2, ""), Limits(nodes=20_000)) is not None


@given(st.integers(0, 12), st.integers(1, 14), st.integers(1, 3), st.integers(1, 99))
def test_a_block_at_a_limit_is_read_and_beyond_it_left(
    members: int, nodes: int, depth: int, scalar_chars: int
) -> None:
    block = "a:\n b: c\n" * bool(members % 2) + "".join(f"k{i}: v{i}\n" for i in range(members))
    read(block, Limits(nodes=nodes, depth=depth, scalar_chars=scalar_chars))


# --- side by side -------------------------------------------------------------------------------

SIGNS = [*"abz019_-.:,/#[]{}&*!|>'\"%@`~?=<\\+()$ \t\n\r\0\x0b\x1f\x7f\x85\x9f\xa0éß“”–"]
SIGNS += ["\u2028", "\u2029", "\u3000", "\ufeff", "\ufffe", "\uffff", "\ue000", "🦆", "\U0001fffe"]
PIECES = [
    *SIGNS,
    *("a", "b: ", "c:", "id: 1", ": ", " #", "- ", "---", "...", ">-", ">-\n", "\n  ", "\n    "),
    *("null", "<<: ", "~", "''", "? ", "key: text", "seo:\n  ", "\n\n", "  ", "a: >-\n  text\n"),
]
KEYS = st.sampled_from([*"abcd", "id", "seo", "a1", "null", "no", "é", "a b", "<<", "", "'a'"])
TEXTS = st.sampled_from(
    [*("b", "-1.0", "/a/b", "2024-12-26", "null", "it's", "a, b", "", "b ", "- b", "x: y", "b:")]
) | st.lists(st.sampled_from(PIECES), max_size=6).map("".join)
FOLDED = st.builds(">-{}\n{}{}".format, st.sampled_from(["", " "]), st.just("    "), TEXTS)
ENTRIES = st.builds("{}:{}{}".format, KEYS, st.sampled_from([" ", "  ", "", "\t"]), TEXTS | FOLDED)
LINES = st.builds(
    "{}{}".format,
    st.sampled_from(["", "", "", "  ", "  ", "    ", " ", "\t"]),
    ENTRIES | KEYS.map("{}:".format) | TEXTS,
)
BLOCKS = st.builds(
    "{}{}".format,
    st.lists(LINES, max_size=8).map("\n".join),
    st.sampled_from(["\n", "\n", "\n\n", "", "\n \n"]),
)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A file of the usual shape, a few places of it written over."""
    block = SHAPE
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(block)))
        stop = draw(st.integers(start, min(start + 6, len(block))))
        block = block[:start] + "".join(draw(st.sampled_from(PIECES))) + block[stop:]
    return block


@settings(max_examples=500)
@given(BLOCKS | damaged() | st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_what_both_read_they_read_alike(block: str) -> None:
    read(block)


CASES = sorted((Path(__file__).parent / "cases").glob("*/*.md"))


@pytest.mark.parametrize("path", [*CASES, *sorted(RAW.rglob("*.md"))], ids=lambda path: path.stem)
def test_files_that_both_read_are_read_alike(path: Path) -> None:
    text = path.read_bytes().decode(errors="replace")
    read(text.partition("---\n")[2].rpartition("---")[0])


@needs_corpus
def test_of_the_real_files_all_but_one_are_read() -> None:
    paths = (CORPUS / "content").rglob("*.md")
    blocks = [split(decode(path.read_bytes())).block for path in paths]
    (left,) = (block for block in blocks if read(block) is None)
    assert "\n    Kelvin Sampson serves as" in left  # and the line ends with a blank
