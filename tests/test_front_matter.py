import json
import pickle
import re
import string
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from pressroom.base.problems import Code, DocumentError, Problem
from pressroom.content.article import Body, normalize
from pressroom.frontmatter.document import Document, FrontMatter
from pressroom.frontmatter.fences import decode, split
from pressroom.frontmatter.load import load
from pressroom.model.content import ContentModel
from pressroom.model.settings import Limits
from tests.conftest import CORPUS, needs_corpus
from tests.patience import linear_time
from tests.quicktakes import MODEL, quicktakes

INVALID = sorted((Path(__file__).parent / "cases" / "invalid").glob("*.md"))
LIMITS = Limits()
# What depends on the file system or on other files has no case here.
NOT_OF_ONE_FILE = {
    *(Code.UNREADABLE, Code.VANISHED, Code.NOT_A_FILE, Code.TOO_LARGE, Code.NAME_NOT_UTF8),
    *(Code.LINK_OUTSIDE, Code.LINK_DANGLING, Code.LINK_LOOP, Code.DUPLICATE_URL),
    *(Code.UNREADABLE_FOLDER, Code.UNREADABLE_CONTENT, Code.CHANGING, Code.PATH_TOO_LONG),
}


def problems_of(data: bytes, limits: Limits, model: ContentModel) -> list[Problem]:
    """What is wrong with a file; nothing if it is an article."""
    try:
        document = split(decode(data))
        result = normalize(load(document, limits), Body(document.body), model)
    except DocumentError as error:
        return list(error.problems)
    return result if isinstance(result, list) else []


def refused(block: str, limits: Limits = LIMITS) -> Problem:
    """Why a block of front matter that begins in line 2 is refused."""
    with pytest.raises(DocumentError) as caught:
        load(Document(block, 2, ""), limits)
    return caught.value.problem


# --- files in cases/invalid ------------------------------------------------------------------


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_an_invalid_file_is_refused_with_code_line_and_column(path: Path) -> None:
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    limits = Limits(**expected.get("limits", {}))
    problems = problems_of(path.read_bytes(), limits, MODEL)
    found = [problem for problem in problems if problem.code == expected["code"]]
    assert found, problems
    assert (found[0].line, found[0].column) == (expected["line"], expected["column"])
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


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_unicode_is_recognised_with_and_without_its_mark(encoding: str) -> None:
    with pytest.raises(DocumentError) as caught:
        decode("---\ntitle: Größe\n".encode(encoding))
    code, message, line, column = caught.value.problem
    assert (code, line, column) == (Code.UTF_16, 1, 1)
    assert encoding.upper().removesuffix("-LE").removesuffix("-BE") in message


@pytest.mark.parametrize("data", [b"\0", b"a\0", b"\0\0\0\0", b"a\0b", b"ab\0\0cd\0\0"])
def test_nul_alone_is_not_taken_for_utf_16(data: bytes) -> None:
    assert decode(data) == data.decode()


@given(st.text(max_size=20), st.booleans())
def test_a_byte_that_is_not_utf8_is_found_where_an_editor_shows_it(text: str, mark: bool) -> None:
    data = b"\xef\xbb\xbf" * mark + text.encode() + b"\xff"
    with pytest.raises(DocumentError) as caught:
        decode(data + b"\nmore \xfe")
    code, message, line, column = caught.value.problem
    lines = decode(data[:-1]).split("\n")
    assert (code, line, column) == (Code.NOT_UTF8, len(lines), len(lines[-1]) + 1)
    assert re.findall(r"0x\w+|\b\d+\b", message)[:2] == ["0xff", f"{len(data) - 1}"]


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
        ("---\na: ---\nb: x---\n ---\n---- \n....\n---\n", Document(
            "a: ---\nb: x---\n ---\n---- \n....\n", 2, ""
        )),
        ("--- \na: b\n---\t\xa0\nbody", Document("a: b\n", 2, "body")),
        ("---\na: b\n... \nbody\n---\n", Document("a: b\n", 2, "body\n---\n")),
        ("+++\na = 1\n...\n+++ \nbody", Document("a = 1\n...\n", 2, "body", "toml")),
    ],
)  # fmt: skip
def test_split_at_lines_that_are_a_fence_and_at_no_others(text: str, document: Document) -> None:
    assert split(text) == document


def test_of_a_body_full_of_control_characters_the_first_of_some_lines_are_reported() -> None:
    document = split("---\na: b\n---\n" + "x\0\0\n\n" * 50_000 + "\0" * 1_000_000)
    assert [tuple(problem)[2:] for problem in document.problems] == [
        (line, 2) for line in range(4, 44, 2)
    ]


BLOCK_LINES = st.lists(
    st.text("-. ab:\t", max_size=5).filter(lambda line: line.rstrip(" \t") not in ("---", "..."))
)


@given(st.integers(0, 3), BLOCK_LINES, st.text("-\nab"))
def test_split_gives_back_what_stands_between_and_after_the_fences(
    blank_lines: int, lines: list[str], body: str
) -> None:
    block = "".join(line + "\n" for line in lines)
    text = "\n" * blank_lines + f"---\n{block}---\n{body}"
    assert split(text) == Document(block, blank_lines + 2, body)


FENCED = {
    "TOML": ("+++\na = 1\n+++\nbody", Document("a = 1\n", 2, "body", "toml")),
    "TOML, nothing in it": ("\n+++\n+++", Document("", 3, "", "toml")),
    "YAML fences in TOML": ("+++\na = 1\n---\n+++\n", Document("a = 1\n---\n", 2, "", "toml")),
    "TOML fences in YAML": ("---\na: 1\n+++\n---\n", Document("a: 1\n+++\n", 2, "", "yaml")),
    "JSON": ('{"a": 1}\nbody', Document('{"a": 1}', 1, "body", "json")),
    "JSON with a blank line behind": ("{}\n\nbody", Document("{}", 1, "\nbody", "json")),
    "JSON with blanks behind": ("\n{} \t\nbody", Document("{}", 2, "body", "json")),
    "JSON on lines": ('{\n"a": {}\n}\n{}', Document('{\n"a": {}\n}', 1, "{}", "json")),
    "braces in text": ('{"a": "}\\"}{"}', Document('{"a": "}\\"}{"}', 1, "", "json")),
}


@pytest.mark.parametrize(("text", "document"), FENCED.values(), ids=FENCED)
def test_toml_and_json_are_split_at_their_own_fences(text: str, document: Document) -> None:
    assert split(text) == document


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
@example({"": "\n"}, "|", None, 20)
def test_mappings_of_text_as_pyyaml_writes_them_are_read_back_equal(
    values: dict[str, str], style: str, flow: bool | None, width: int
) -> None:
    written = yaml.safe_dump(values, default_style=style, default_flow_style=flow, width=width)
    block = written.removesuffix("...\n")  # behind what goes on to the end; here the fence ends it
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
        "seo": (2, 1),
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


# --- TOML and JSON -----------------------------------------------------------------------------

PRINTABLE_JSON = st.recursive(
    st.none() | st.text(PRINTABLE, max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(PRINTABLE, max_size=8), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(
    st.dictionaries(st.text(PRINTABLE, max_size=8), PRINTABLE_JSON, max_size=4),
    st.booleans(),
    st.sampled_from([None, 1]),
)
def test_json_is_read_as_the_standard_library_writes_it(
    values: dict[str, object], ascii_only: bool, indent: int | None
) -> None:
    text = json.dumps(values, ensure_ascii=ascii_only, indent=indent)
    document = split(f"{text}\nbody")
    assert (document.block, document.body) == (text, "body")
    assert load(document, LIMITS).values == values


@given(st.lists(st.integers() | st.floats(allow_nan=False, allow_infinity=False), max_size=5))
def test_numbers_of_json_and_toml_stay_what_was_written(numbers: list[float]) -> None:
    written = [repr(number) for number in numbers]
    block = ", ".join(written)
    assert load(Document(f'{{"a": [{block}]}}', 1, "", "json"), LIMITS).values == {"a": written}
    assert load(Document(f"a = [{block}]", 1, "", "toml"), LIMITS).values == {"a": written}


def test_positions_in_json_are_those_of_the_values() -> None:
    block = '{"a": 1,\n "seo":\n   {"title": "T", "tags": [{"b": 2}]}}'
    assert load(Document(block, 5, "", "json"), LIMITS).positions == {
        "a": (5, 7),
        "seo": (7, 4),
        "seo.title": (7, 14),
        "seo.tags": (7, 27),
        "seo.tags.0.b": (7, 34),
    }


def test_positions_in_toml_are_those_of_the_values_that_begin_a_line() -> None:
    lines = [
        'a = """',
        "b = 1",
        '"""',
        '"c d".e = [',
        "  1,",
        "]",
        "[seo.og]  # comment",
        "image =  'i'",
        "[[r]]",
        "x = {y = 1}",
        "[[r]]",
        "x = '''z = 2'''",
        "z = 1",
    ]
    assert load(Document("\n".join(lines), 2, "", "toml"), LIMITS).positions == {
        "a": (2, 5),
        "c d.e": (5, 11),
        "seo.og": (8, 1),
        "seo.og.image": (9, 10),
        "r": (10, 1),
        "r.0.x": (11, 5),
        "r.1.x": (13, 5),
        "r.1.z": (14, 5),
    }


@pytest.mark.parametrize("language", ["toml", "json"])
@pytest.mark.parametrize("depth", [1, 2, 10, 200])
def test_the_limit_on_depth_is_that_of_yaml(language: str, depth: int) -> None:
    begin, end = ("a = ", "") if language == "toml" else ('{"a": ', "}")

    def block(lists: int) -> Document:
        inside = "[" * lists + "]" * lists or "1"
        return Document(begin + inside + end, 1, "", language)

    load(block(depth - 1), Limits(depth=depth))
    with pytest.raises(DocumentError) as caught:
        load(block(depth), Limits(depth=depth))
    assert caught.value.problem.code == Code.TOO_DEEP


@given(st.integers(1, 30))
def test_the_limit_on_values_is_that_of_yaml(members: int) -> None:
    inside = "[" + ", ".join("1" * members) + "]"
    size = 1 + 1 + 1 + members
    for block, language in ((f'{{"a": {inside}}}', "json"), (f"a = {inside}", "toml")):
        document = Document(block, 1, "", language)
        load(document, Limits(nodes=size))
        with pytest.raises(DocumentError) as caught:
            load(document, Limits(nodes=size - 1))
        assert caught.value.problem.code == Code.TOO_MANY_NODES


HOSTILE_OTHERS = {
    "brackets": ('{"a": ' + "[" * 100_000, "a = " + "[" * 100_000, Code.TOO_DEEP),
    "braces": ('{"a":' * 50_000, "a = " + "{a = " * 50_000, Code.TOO_DEEP),
    "dots": ('{"a' * 50_000, ".".join("a" * 50_000) + " = 1", None),
    "spaced dots": ("{" * 50_000, "[" + " . ".join("a" * 50_000) + "]", None),
    "quotes": ('{"' * 50_000, '"' * 100_000, None),
    "one word": ("{" + "a" * 1_000_000, "a" * 1_000_000, None),
    "long text": ('{"a": "' + "b" * 1_000_001 + '"}', f"a = '{'b' * 1_000_001}'", Code.TOO_LONG),
    "members": ('{"a": [' + "1," * 20_000, f"a = [{'1,' * 20_000}]", Code.TOO_MANY_NODES),
}


@pytest.mark.parametrize(
    ("in_json", "in_toml", "code"), HOSTILE_OTHERS.values(), ids=HOSTILE_OTHERS
)
def test_a_hostile_block_of_another_language_is_refused_soon(
    in_json: str, in_toml: str, code: Code | None
) -> None:
    for block, language in ((in_json, "json"), (in_toml, "toml")):
        with linear_time():
            with pytest.raises(DocumentError) as caught:
                load(Document(block, 1, "", language), LIMITS)
            assert caught.value.problem.code == code or code is None


# --- load: all that is wrong -------------------------------------------------------------------

SEVERAL = {
    "values of several keys": (
        "title: What: now\nid: 1\nauthor: @me\nx: 'it's'\nseo:\n\tt: 1\nid: 2\n",
        [
            (Code.UNQUOTED_COLON, 2),
            (Code.RESERVED_CHARACTER, 4),
            (Code.QUOTES, 5),
            (Code.TAB, 7),
            (Code.DUPLICATE_KEY, 8),
        ],
    ),
    "text that is not indented is one": (
        "title: a\ntext\n\nmore text\nid: 1\nx: a: b\n",
        [(Code.NOT_A_MAPPING, 3), (Code.UNQUOTED_COLON, 7)],
    ),
    "in the order of lines": (
        "a: b: c\nd: \x00\n",
        [(Code.UNQUOTED_COLON, 2), (Code.FORBIDDEN_CHARACTER, 3)],
    ),
    "keys": (
        "<<: 1\n{{ b }}: 2\nc: !d e\nf: *g\n",
        [
            (Code.MERGE_KEY, 2),
            (Code.UNSUPPORTED_KEY, 3),
            (Code.UNSUPPORTED_TAG, 4),
            (Code.UNKNOWN_ALIAS, 5),
        ],
    ),
    "an anchor in what is not read is not missed": (
        "a: &b [c\nd: *b\n",
        [(Code.RESERVED_CHARACTER, 2)],
    ),
    "lists at the margin are part of their key": (
        "a:\n- b: c: d\n- @e\nf: @g\n",
        [(Code.UNQUOTED_COLON, 3), (Code.RESERVED_CHARACTER, 5)],
    ),
}


@pytest.mark.parametrize(("block", "expected"), SEVERAL.values(), ids=SEVERAL)
def test_all_entries_that_cannot_be_read_are_reported(
    block: str, expected: list[tuple[Code, int]]
) -> None:
    with pytest.raises(DocumentError) as caught:
        load(Document(block, 2, ""), LIMITS)
    assert [(problem.code, problem.line) for problem in caught.value.problems] == expected
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.problems == caught.value.problems


def test_no_more_than_twenty_problems_are_looked_for() -> None:
    with pytest.raises(DocumentError) as caught:
        load(Document("".join(f"k{i}: a: b\n" for i in range(1000)), 2, ""), LIMITS)
    assert len(caught.value.problems) == 20


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
    for problem in problems_of(data, LIMITS, quicktakes(required=())):
        assert problem.message


OTHER_PIECES = st.lists(
    st.sampled_from(
        [
            *(
                "{",
                "}",
                "[",
                "]",
                ",",
                ":",
                '"',
                "'",
                "\\",
                "=",
                ".",
                "#",
                "\n",
                " ",
                "a",
                "1",
                "\0",
            ),
            *('"url": "/a"', "url = '/a'", "true", "null", "1.5", "2025-13-01", "[a]", "[[b]]"),
            *("\\ud83d", '"""', "'''", "nan", "0x", "é", "\u2028", "_", "-", "e"),
        ]
    ),
    max_size=20,
).map("".join)


@given(OTHER_PIECES, st.sampled_from(["+++\n{}\n+++\nbody", "{{{}}}\nbody", "{{{}", "{{\n{}\n}}"]))
def test_any_block_of_another_language_is_an_article_or_a_problem_with_a_place(
    block: str, form: str
) -> None:
    data = form.format(block).encode()
    lines = decode(data).split("\n")
    for problem in problems_of(data, LIMITS, MODEL):
        assert problem.line is not None
        assert problem.column is not None
        assert 1 <= problem.line <= len(lines)
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 2


@given(PIECES | st.text())
def test_any_block_is_an_article_or_a_problem_with_a_place_in_the_file(block: str) -> None:
    data = f"---\n{block}\n---\nbody".encode()
    lines = decode(data).split("\n")
    for problem in problems_of(data, LIMITS, MODEL):
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
    "surrogate": ('a: "\\udc80"', Code.FORBIDDEN_CHARACTER),
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


@given(st.integers(1, 30), st.integers(1, 30))
def test_what_aliases_repeat_holds_no_more_characters_than_a_file_may(
    chars: int, times: int
) -> None:
    block = f"a: &a {{key: {'x' * chars}}}\nb: [{'*a, ' * times}]"
    size = len("ab") + (1 + times) * (len("key") + chars)
    load(Document(block, 2, ""), Limits(file_bytes=size))
    problem = refused(block, Limits(file_bytes=size - 1))
    assert (problem.code, problem.line) == (Code.TOO_LARGE, 3)


def test_aliases_of_aliases_multiply_characters() -> None:
    block = f"a: &a {'x' * 100_000}\nb: &b [{'*a, ' * 10}]\nc: [{'*b, ' * 10}]"
    problem = refused(block)
    assert (problem.code, problem.line) == (Code.TOO_LARGE, 4)


@pytest.mark.parametrize(
    ("language", "form"),
    [
        ("yaml", "{0}: {{{1}: 1}}"),
        ("json", '{{"{0}": {{"{1}": 1}}}}'),
        ("toml", "{0}.{1} = 1"),
        ("toml", "[{0}]\n{1} = 1"),
        ("toml", "{0} = {{ {1} = 1 }}"),
    ],
)
def test_a_dotted_key_has_at_most_1024_characters(language: str, form: str) -> None:
    def document(chars: int) -> Document:
        return Document(form.format("a" * 1_000, "b" * (chars - 1_001)), 2, "", language)

    assert load(document(1_024), LIMITS).values["a" * 1_000] == {"b" * 23: "1"}
    with pytest.raises(DocumentError) as caught:
        load(document(1_025), LIMITS)
    assert caught.value.problem.code == Code.TOO_LONG


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

OLD: dict[str, list[tuple[Code, int, int]]] = {
    "1df5b3809/can-you-explain-the-concept": [(Code.FORBIDDEN_CHARACTER, 16, 86)],
    "3a298310c/how-can-insurance-fraud": [(Code.NOT_A_MAPPING, 17, 1)],
    "5de2b2db2/what-are-the-key-differences": [],
    "7a5773bcd/describe-the-characteristics": [(Code.UNQUOTED_COLON, 36, 78)],
    "7a5773bcd/what-are-the-key-differences": [
        (Code.UNQUOTED_COLON, 5, 74),
        (Code.UNQUOTED_COLON, 6, 82),
    ],
    "d169ca9ee/how-are-american-ideals": [],
    "d169ca9ee/how-do-the-iliad": [],
    "f6d94c0f9/what-are-the-key-differences": [(Code.QUOTES, 5, 100), (Code.QUOTES, 6, 108)],
}


@needs_corpus
@pytest.mark.parametrize(("name", "expected"), OLD.items(), ids=OLD)
def test_an_old_file_is_read_or_refused_at_the_right_place(
    name: str, expected: list[tuple[Code, int, int]]
) -> None:
    (path,) = (CORPUS / "history").glob(f"**/{name}*.md")
    problems = problems_of(path.read_bytes(), LIMITS, MODEL)
    found = [(problem.code, problem.line, problem.column) for problem in problems]
    assert found == expected


@needs_corpus
def test_an_old_file_of_another_layout_is_refused_for_each_key_that_it_lacks() -> None:
    (path,) = (CORPUS / "history").glob("**/collaborative-analysis*.md")
    problems = problems_of(path.read_bytes(), LIMITS, MODEL)
    assert {problem.code for problem in problems} == {Code.MISSING_KEY}
    missing = {"'url'", "'id'", "'subject'"}
    assert {word for p in problems for word in p.message.split() if "'" in word} == missing
    some = problems_of(path.read_bytes(), LIMITS, quicktakes(required=("title", "text")))
    assert ["'url'" in problem.message for problem in some] == [True]


def test_ascii_that_yaml_leaves_alone_stays_as_it_is() -> None:
    text = "a" + "".join(string.printable[:95]).replace(" #", "#") + "b"
    assert load(Document(f"t: {text}", 2, ""), LIMITS).values == {"t": text}


def toml(block: str) -> FrontMatter:
    return load(Document(block, 2, "", "toml"), LIMITS)


def test_a_toml_text_with_many_dots_is_a_text() -> None:
    answer = " ".join(f"{number}." for number in range(1, 80)) + " a. b. c."
    assert toml(f'answer = "{answer}"').values == {"answer": answer}


@pytest.mark.parametrize("part", ['"a\\"b"', "a", "'a'"])
def test_a_toml_key_of_many_parts_is_too_deep_however_it_is_quoted(part: str) -> None:
    with pytest.raises(DocumentError) as refused:
        toml(" . ".join([part] * 5_000) + " = 1")
    assert refused.value.problem.code is Code.TOO_DEEP


def test_a_control_character_is_refused_in_toml_too() -> None:
    with pytest.raises(DocumentError) as refused:
        toml('title = "a\\u001b]0;x\\u0007"')
    assert refused.value.problem.code is Code.FORBIDDEN_CHARACTER
