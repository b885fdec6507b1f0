import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.base.problems import Code, Problem
from pressroom.model.schemas import REJECTS
from pressroom.tables.rejects import excerpt, line, row
from tests.conftest import Site, article


def test_a_row_tells_the_first_problem_and_holds_all() -> None:
    problems = [
        Problem(Code.INVALID_URL, "url: 'a b' is no path.", 3, 6),
        Problem(Code.MISSING_KEY, "The key 'id' is missing.", 2, 1),
    ]
    found = row("a/b.md", "00ff", problems, "---\nid: 1\nurl: a b\n---\n")
    assert found == {
        "source_path": "a/b.md",
        "source_sha256": "00ff",
        "code": "invalid_url",
        "message": "url: 'a b' is no path.",
        "hint": Code.INVALID_URL.hint,
        "line": 3,
        "column_number": 6,
        "excerpt": "url: a b\n     ^",
        "problems": [
            {
                "code": str(problem.code),
                "message": problem.message,
                "hint": problem.code.hint,
                "line": problem.line,
                "column_number": problem.column,
            }
            for problem in problems
        ],
    }
    assert {*found, "first_seen"} == set(REJECTS.schema.names)


def test_all_problems_of_a_file_are_in_its_row(site: Site) -> None:
    site.write(a=article(title="What: now", author="@me"), good=article())
    site.build()
    (found,) = site.rows("rejects")
    assert found["excerpt"] == "title: What: now\n           ^"
    assert [(problem["code"], problem["line"]) for problem in found["problems"]] == [
        (Code.UNQUOTED_COLON, 5),
        (Code.RESERVED_CHARACTER, 9),
    ]


def test_a_file_that_was_not_read_has_a_row_without_digest_place_and_excerpt() -> None:
    found = row("a\udce9.md", None, [Problem(Code.UNREADABLE, "It cannot be read.")], None)
    assert found["source_path"] == r"a\xe9.md"
    empty = ("source_sha256", "line", "column_number", "excerpt")
    assert [found[name] for name in empty] == [None] * 4


def test_a_reject_of_a_former_version_is_told_without_its_column() -> None:
    problem = {"code": "syntax", "message": "It is wrong.", "line": 3, "column": 6}
    assert line({"source_path": "a.md"}, problem) == "a.md:3: It is wrong. [syntax]"
    assert line({"source_path": "a.md"}, {**problem, "column_number": 6}).startswith("a.md:3:6: ")


@pytest.mark.parametrize(
    ("text", "line", "column", "expected"),
    [
        ("one\ntwo\n", 2, 1, "two\n^"),
        ("one\ntwo\n", 2, 3, "two\n  ^"),
        ("one\ntwo", 2, 4, "two\n   ^"),
        ("one\ntwo\n", 3, 1, "\n^"),
        ("one\n", 1, None, "one\n^"),
        ("one\n", 4, 1, None),
        ("one\n", None, None, None),
        ("a\tb", 1, 3, "a b\n  ^"),
        ("a\x0cb", 1, 2, "a\ufffdb\n ^"),
        ("\x1b[31mred\x00", 1, 1, "\ufffd[31mred\ufffd\n^"),
        ("a\u2028b\x85c", 1, 5, "a\ufffdb\ufffdc\n    ^"),
    ],
)
def test_an_excerpt_is_the_line_with_a_caret_below_the_column(
    text: str, line: int | None, column: int | None, expected: str | None
) -> None:
    assert excerpt(text, Problem(Code.SYNTAX, "It is wrong.", line, column)) == expected


def test_a_long_line_is_cut_around_the_column() -> None:
    text = "".join(chr(ord("a") + index % 26) for index in range(1000))
    found = excerpt(text, Problem(Code.SYNTAX, "It is wrong.", 1, 501))
    assert found is not None
    line, caret = found.split("\n")
    assert len(line) == 160
    assert line[0] == "…"
    assert line[1:] == text[421:580]
    assert line[caret.index("^")] == text[500]


@given(st.text(max_size=400), st.data())
def test_the_caret_stands_below_the_character_of_the_problem(
    text: str, data: st.DataObject
) -> None:
    lines = text.split("\n")
    number = data.draw(st.integers(1, len(lines)))
    column = data.draw(st.integers(1, len(lines[number - 1]) + 1))
    found = excerpt(text, Problem(Code.SYNTAX, "It is wrong.", number, column))
    assert found is not None
    line, caret = found.split("\n")
    assert caret.strip() == "^"
    expected = lines[number - 1][column - 1 : column]
    assert line[len(caret) - 1 : len(caret)] in {expected, "\ufffd", " "}
    assert line.isprintable() or any(not char.isprintable() for char in lines[number - 1])
    assert len(line.splitlines()) <= 1
