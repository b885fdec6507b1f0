import json
import string
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pipeline.articles import Article, normalize
from pipeline.errors import Code, DocumentError, Problem
from pipeline.front_matter import Document, decode, load, split
from pipeline.settings import ContentModel, Limits
from tests.conftest import CORPUS, needs_corpus

INVALID = sorted((Path(__file__).parent / "cases" / "invalid").glob("*.md"))
LIMITS = Limits()
# What depends on the file system or on other files has no case here.
NOT_OF_ONE_FILE = {Code.UNREADABLE, Code.NAME_NOT_UTF8, Code.TOO_LARGE, Code.DUPLICATE_URL}


def problems_of(data: bytes, limits: Limits, model: ContentModel) -> list[Problem]:
    """What is wrong with a file; nothing if it is an article."""
    try:
        document = split(decode(data))
        result = normalize(load(document, limits), document.body, model)
    except DocumentError as error:
        return [error.problem]
    return [] if isinstance(result, Article) else result


def refused(block: str, limits: Limits = LIMITS) -> Problem:
    """Why a block of front matter that begins in line 2 is refused."""
    with pytest.raises(DocumentError) as caught:
        load(Document(block, 2, ""), limits)
    return caught.value.problem


# --- files in cases/invalid ------------------------------------------------------------------


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_an_invalid_file_is_refused_with_code_line_column_and_message(path: Path) -> None:
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    limits = Limits(**expected.get("limits", {}))
    problems = problems_of(path.read_bytes(), limits, ContentModel())
    found = [problem for problem in problems if problem.code == expected["code"]]
    assert found, problems
    assert (found[0].line, found[0].column) == (expected["line"], expected["column"])
    assert expected["message"] in found[0].message
    assert found[0].message.endswith(".")


def test_every_code_that_one_file_can_have_has_a_case() -> None:
    cases = {json.loads(path.with_suffix(".json").read_text())["code"] for path in INVALID}
    assert cases == set(Code) - NOT_OF_ONE_FILE


def test_every_code_has_a_hint_that_is_a_sentence() -> None:
    for code in Code:
        assert code.hint[0].isupper(), code
        assert code.hint.endswith("."), code


# --- decode ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"\xef\xbb\xbfa", "a"),
        (b"a\xef\xbb\xbf", "a\ufeff"),
        (b"a\r\nb\rc\nd\n\re\r\r\n", "a\nb\nc\nd\n\ne\n\n"),
        ("\x85\u2028\x0b\x0c".encode(), "\x85\u2028\x0b\x0c"),
    ],
)
def test_decode_drops_the_byte_order_mark_and_makes_line_ends_newlines(
    data: bytes, text: str
) -> None:
    assert decode(data) == text


@given(st.text())
def test_what_is_utf8_is_decoded_but_for_mark_and_line_ends(text: str) -> None:
    newlines = text.replace("\r\n", "\n").replace("\r", "\n")
    assert decode(b"\xef\xbb\xbf" + text.encode()) == newlines
    assert "\r" not in decode(text.encode())


@given(st.text(max_size=20), st.booleans())
def test_a_byte_that_is_not_utf8_is_found_where_an_editor_shows_it(text: str, mark: bool) -> None:
    data = b"\xef\xbb\xbf" * mark + text.encode() + b"\xff"
    with pytest.raises(DocumentError) as caught:
        decode(data + b"\nmore \xfe")
    code, message, line, column = caught.value.problem
    lines = decode(data[:-1]).split("\n")
    assert (code, line, column) == (Code.NOT_UTF8, len(lines), len(lines[-1]) + 1)
    assert message == f"Byte 0xff at offset {len(data) - 1} is not UTF-8."


# --- split -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "document"),
    [
        ("---\n---", Document("", 2, "")),
        ("---\n---\n", Document("", 2, "")),
        ("---\na: b\n---", Document("a: b\n", 2, "")),
        ("---\na: b\n---\n", Document("a: b\n", 2, "")),
        ("---\na: b\n---\nbody", Document("a: b\n", 2, "body")),
        ("\n \t\n---\na: b\n---\nbody\n", Document("a: b\n", 4, "body\n")),
        ("---\na: b\n---\n\n---\nc\n---\n", Document("a: b\n", 2, "\n---\nc\n---\n")),
        ("---\n\n---\n", Document("\n", 2, "")),
        ("---\n---\n---\n", Document("", 2, "---\n")),
        ("---\na: ---\nb: x---\n ---\n---- \n--- \n---\n", Document(
            "a: ---\nb: x---\n ---\n---- \n--- \n", 2, ""
        )),
    ],
)  # fmt: skip
def test_split_at_lines_that_are_a_fence_and_at_no_others(text: str, document: Document) -> None:
    assert split(text) == document


BLOCK_LINES = st.lists(st.text("-. ab:\t", max_size=5).filter(lambda line: line != "---"))


@given(st.integers(0, 3), BLOCK_LINES, st.text("-\nab"))
def test_split_gives_back_what_stands_between_and_after_the_fences(
    blank_lines: int, lines: list[str], body: str
) -> None:
    block = "".join(line + "\n" for line in lines)
    text = "\n" * blank_lines + f"---\n{block}---\n{body}"
    assert split(text) == Document(block, blank_lines + 2, body)


# --- load: what is written is what is read -----------------------------------------------------

# Characters that may stand in YAML; a lone carriage return only ever stands there as an escape.
PRINTABLE = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]).filter(
    lambda char: ord(char) & 0xFFFE != 0xFFFE or ord(char) > 0xFFFF
) | st.sampled_from("\t\n\r\x85")
WORDS = st.sampled_from(
    [
        *("", "no", "NO", "~", "null", "1:30", "051120", "<<", "=", "---", "...", "- a", "a: b"),
        *("*a", "&a", "!a", "%a", "@a", "`a`", "[[a]]", "{{a}}", "'", '"', "|", ">", "\\n", "# c"),
        "a\n---\n",
    ]
)
TEXTS = WORDS | st.text(PRINTABLE, max_size=200)


@given(
    st.dictionaries(TEXTS, TEXTS, max_size=6),
    st.sampled_from([None, "'", '"', "|", ">"]),
    st.sampled_from([None, True]),
    st.integers(20, 120),
)
def test_mappings_of_text_as_pyyaml_writes_them_are_read_back_equal(
    values: dict[str, str], style: str, flow: bool | None, width: int
) -> None:
    block = yaml.safe_dump(values, default_style=style, default_flow_style=flow, width=width)
    document = split(f"---\n{block}---\nbody")
    assert document.body == "body"
    assert load(document, LIMITS).values == values


@given(st.dictionaries(TEXTS, TEXTS, max_size=6))
def test_unicode_as_pyyaml_writes_it_is_read_back_equal(values: dict[str, str]) -> None:
    # PyYAML writes the line breaks of YAML 1.1 as they are; here they are no line breaks.
    breaks = str.maketrans("\x85\u2028\u2029", "   ")
    values = {key.translate(breaks): value.translate(breaks) for key, value in values.items()}
    block = yaml.safe_dump(values, allow_unicode=True)
    assert load(Document(block, 2, ""), LIMITS).values == values


NESTED = st.recursive(
    st.none() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(TEXTS, NESTED, max_size=4))
def test_nested_values_with_aliases_are_read_back_equal(values: dict[str, object]) -> None:
    block = yaml.safe_dump({"first": values, "again": [values, values]})
    assert load(Document(block, 2, ""), LIMITS).values == {
        "first": values,
        "again": [values, values],
    }


@given(st.dictionaries(st.text("abc", min_size=1), st.integers(), min_size=1), st.integers(1, 9))
def test_positions_are_those_of_the_values_in_the_file(
    values: dict[str, int], first_line: int
) -> None:
    block = "".join(f"{key}:   {value}\n" for key, value in values.items())
    expected = {
        key: (first_line + row, len(key) + 5) for row, key in enumerate(values)
    }  # fmt: skip
    assert load(Document(block, first_line, ""), LIMITS).positions == expected


def test_positions_of_nested_values_stand_under_dotted_keys() -> None:
    block = "seo:\n  title: T\n  og: {image: i}\ntags: [a, {b: c}]\n"
    assert load(Document(block, 2, ""), LIMITS).positions == {
        "seo": (3, 3),
        "seo.title": (3, 10),
        "seo.og": (4, 7),
        "seo.og.image": (4, 15),
        "tags": (5, 7),
        "tags.1.b": (5, 15),
    }


@pytest.mark.parametrize("block", ["", "\n\n", "# only a comment\n", "~\n", "null\n", "''\n"[:0]])
def test_front_matter_that_says_nothing_is_an_empty_mapping(block: str) -> None:
    assert load(Document(block, 2, ""), LIMITS).values == {}


def test_of_two_equal_keys_the_first_counts_and_both_places_are_kept_apart() -> None:
    front_matter = load(Document("a: 1\nb: {c: 2, c: 3}\na: 4\n", 2, ""), LIMITS)
    assert front_matter.values == {"a": "1", "b": {"c": "2"}}
    assert front_matter.positions["a"] == (2, 4)
    assert [(p.code, p.line, p.column) for p in front_matter.problems] == [
        (Code.DUPLICATE_KEY, 3, 11),
        (Code.DUPLICATE_KEY, 4, 1),
    ]


# --- load: nothing but DocumentError -----------------------------------------------------------

SIGNS = list("[]{},'\"|>-+2#%@`~\\ \t\n\r\x00\x0c\x85\u2028\ufeff\ue000é🦆:ab")
PIECES = st.lists(
    st.sampled_from(
        [
            *SIGNS,
            *("---", "...", "- ", "? ", ": ", "*a", "&a ", "!a ", "!!str ", "!<", "!%ED%A0", "<<"),
            *("\n  ", "\n    ", "\\u", "\\ud83d", "\\x0", "%TAG ! a", "%YAML 1.1", "seo: "),
            *("id: 1", "url: /a", "date: 2025-13-01", "related_article1: ", "title: "),
        ]
    ),
    max_size=30,
).map("".join)


@given(st.binary() | st.text().map(str.encode) | PIECES.map(str.encode))
def test_any_bytes_are_an_article_or_a_problem(data: bytes) -> None:
    for problem in problems_of(data, LIMITS, ContentModel(required=())):
        assert problem.message


@given(PIECES | st.text())
def test_any_block_is_an_article_or_a_problem_with_a_place_in_the_file(block: str) -> None:
    data = f"---\n{block}\n---\nbody".encode()
    lines = decode(data).split("\n")
    for problem in problems_of(data, LIMITS, ContentModel()):
        assert problem.line is not None
        assert problem.column is not None
        assert 1 <= problem.line <= len(lines)
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 2


# --- load: hostile files -----------------------------------------------------------------------

HOSTILE = {
    "brackets": ("[" * 200_000, Code.NOT_A_MAPPING),
    "brackets in a value": ("a: " + "[" * 200_000, Code.TOO_DEEP),
    "braces": ("{a: " * 50_000, Code.TOO_DEEP),
    "hyphens": ("- " * 100_000, Code.NOT_A_MAPPING),
    "hyphens in a value": ("a:\n" + "- " * 100_000, Code.TOO_DEEP),
    "question marks": ("? " * 100_000, Code.UNSUPPORTED_KEY),
    "indentation": ("".join(f"{' ' * i}a:\n" for i in range(500)), Code.TOO_DEEP),
    "members": ("a: [" + "b," * 100_000 + "]", Code.TOO_MANY_NODES),
    "keys": ("".join(f"k{i}: v\n" for i in range(20_000)), Code.TOO_MANY_NODES),
    "quotes": ("a: " + "'" * 200_001, Code.QUOTES),
    "anchors": ("a: " + "&a " * 70_000, Code.NOT_A_MAPPING),
    "tag directives": ("".join(f"%TAG !a{i}! b\n" for i in range(100_000)), Code.UNSUPPORTED_TAG),
    "documents": ("a: b\n" + "--- a\n" * 50_000, Code.SEVERAL_DOCUMENTS),
    "long scalar": ("a: " + "b" * 1_000_001, Code.TOO_LONG),
    "NUL": ("\0" * 200_000, Code.FORBIDDEN_CHARACTER),
    "surrogate": ('a: "\\udc80"', Code.QUOTES),
    "beyond Unicode": ('a: "\\UFFFFFFFF"', Code.QUOTES),
    "surrogate in a tag": ("a: !%ED%A0%80 b", Code.UNSUPPORTED_TAG),
    "all private-use characters": (
        "a: \u2028" + "".join(map(chr, range(0xE000, 0xF900))),
        Code.FORBIDDEN_CHARACTER,
    ),
}


@pytest.mark.parametrize(("block", "code"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_block_is_refused(block: str, code: Code) -> None:
    assert refused(block).code == code


def test_aliases_multiply_neither_values_nor_depth() -> None:
    bomb = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    tower = ["a0: &a0 " + "[" * 60 + "]" * 60]
    for i in range(1, 9):
        bomb.append(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]")
        tower.append(f"a{i}: &a{i} {'[' * 60}*a{i - 1}{']' * 60}")
    assert refused("\n".join(bomb)).code == Code.TOO_MANY_NODES
    assert refused("\n".join(tower)).code == Code.TOO_DEEP


@pytest.mark.parametrize("depth", [1, 2, 3, 10, 200])
def test_the_limit_on_depth_counts_mappings_lists_and_aliases(depth: int) -> None:
    limits = Limits(depth=depth)
    inside = "[" * (depth - 1) + "]" * (depth - 1) or "x"
    load(Document(f"a: {inside}", 2, ""), limits)
    assert refused(f"a: [{inside}]", limits).code == Code.TOO_DEEP
    if depth > 1:
        load(Document(f"a: &a {inside}\nb: *a", 2, ""), limits)
        assert refused(f"a: &a {inside}\nb: [*a]", limits).code == Code.TOO_DEEP


@given(st.integers(1, 30), st.integers(1, 30))
def test_the_limit_on_values_counts_keys_and_members_of_what_aliases_repeat(
    members: int, times: int
) -> None:
    block = f"a: &a [{'x, ' * members}]\nb: [{'*a, ' * times}]"
    size = 1 + (1 + 1 + members) + (1 + 1 + times * (1 + members))
    load(Document(block, 2, ""), Limits(nodes=size))
    assert refused(block, Limits(nodes=size - 1)).code == Code.TOO_MANY_NODES


def test_the_limit_on_characters_holds_for_each_value() -> None:
    load(Document("a: " + "é" * 10 + "\nb: " + "é" * 10, 2, ""), Limits(scalar_chars=10))
    assert refused("a: " + "é" * 11, Limits(scalar_chars=10)).code == Code.TOO_LONG


def test_substitutes_for_unicode_line_breaks_are_never_seen() -> None:
    block = 'a: "\\ue000\\uE001 \u2028"\nb: \ue002\x85'
    values = load(Document(block, 2, ""), LIMITS).values
    assert values == {"a": "\ue000\ue001 \u2028", "b": "\ue002\x85"}


def test_control_characters_neither_stand_nor_are_made_by_escapes() -> None:
    for char in [*range(0x20), *range(0x7F, 0xA0)]:
        if chr(char) in "\t\n\r\x85":
            continue
        assert refused(f"a: b{chr(char)}").code == Code.FORBIDDEN_CHARACTER
        assert refused(f'a: "\\x{char:02x}"').code == Code.FORBIDDEN_CHARACTER
        assert load(Document(f"a: '\\x{char:02x}'", 2, ""), LIMITS).values["a"]


# --- files of the past -------------------------------------------------------------------------

OLD = {
    "1df5b3809/can-you-explain-the-concept": (Code.FORBIDDEN_CHARACTER, 16, 86),
    "3a298310c/how-can-insurance-fraud": (Code.NOT_A_MAPPING, 17, 1),
    "5de2b2db2/what-are-the-key-differences": None,
    "7a5773bcd/describe-the-characteristics": (Code.UNQUOTED_COLON, 36, 78),
    "7a5773bcd/what-are-the-key-differences": (Code.UNQUOTED_COLON, 5, 74),
    "d169ca9ee/how-are-american-ideals": None,
    "d169ca9ee/how-do-the-iliad": None,
    "f6d94c0f9/what-are-the-key-differences": (Code.QUOTES, 5, 100),
}


@needs_corpus
@pytest.mark.parametrize(("name", "expected"), OLD.items(), ids=OLD)
def test_an_old_file_is_read_or_refused_at_the_right_place(
    name: str, expected: tuple[Code, int, int] | None
) -> None:
    (path,) = (CORPUS / "history").glob(f"**/{name}*.md")
    problems = problems_of(path.read_bytes(), LIMITS, ContentModel())
    found = [(problem.code, problem.line, problem.column) for problem in problems]
    assert found == ([expected] if expected else [])


@needs_corpus
def test_an_old_file_of_another_layout_is_refused_for_each_key_that_it_lacks() -> None:
    (path,) = (CORPUS / "history").glob("**/collaborative-analysis*.md")
    problems = problems_of(path.read_bytes(), LIMITS, ContentModel())
    assert {problem.code for problem in problems} == {Code.MISSING_KEY}
    missing = {"'url'", "'id'", "'subject'"}
    assert {word for p in problems for word in p.message.split() if "'" in word} == missing
    assert not problems_of(path.read_bytes(), LIMITS, ContentModel(required=("title", "answer")))


def test_ascii_that_yaml_leaves_alone_stays_as_it_is() -> None:
    text = "a" + "".join(string.printable[:95]).replace(" #", "#") + "b"
    assert load(Document(f"t: {text}", 2, ""), LIMITS).values == {"t": text}
