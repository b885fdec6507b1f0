from typing import Any

import pytest

from pressroom.base.problems import FindingCode
from pressroom.content.lint import context
from pressroom.model.settings_toml import load
from tests.conftest import RAW, ROOT, Site, article

A = "/learn/databases/questions/a"


def found(site: Site) -> list[tuple[str, str, int | None, str]]:
    """Code, key, line and the last letter of the url of each finding."""
    return [(row["code"], row["key"], row["line"], row["url"][-1]) for row in site.rows("findings")]


def link(**changes: Any) -> str:
    fields = {"id": 1, "title": "What is a?", "subject": "Databases", "url": A, **changes}
    return "{" + ", ".join(f"{key}: '{value}'" for key, value in fields.items()) + "}"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a": {}}, []),
        ({"a": {"answer": r"'$$\nu = 1$$'"}}, [("doubtful_escape", "answer", 7, "a")]),
        (
            {"a": {"seo": "{page_description: 'ext{length } n$, size $K$, $'}"}},
            [("damaged_description", "seo.page_description", 9, "a")],
        ),
        ({"a": {"answer": "'A $$ B'"}}, [("unbalanced_maths", "answer", 7, "a")]),
        ({"a": {"answer": r"'A \(x B'"}}, [("unbalanced_maths", "answer", 7, "a")]),
        ({"a": {"answer": "'costs $5 or $$x$$'"}}, []),
        ({"a": {"answer": "'A {% b %} {% c %}'"}}, [("template_syntax", "answer", 7, "a")]),
        (
            {"a": {"answer": "'A [b]({% post_url 2024-02-11-b %}).'"}},
            [("missing_link", "answer", 7, "a")],
        ),
        ({"a": {"answer": "'`{% b %}`'"}}, []),
        ({"a": {"answer": f"'{'> ' * 200}a'"}}, [("not_rendered", "answer", 7, "a")]),
        (
            {"a": {}, "b": {"id": "1"}, "c": {"id": "2"}},
            [("shared_id", "id", 3, "a"), ("shared_id", "id", 3, "b")],
        ),
        (
            {"a": {"id": "1"}, "b": {"id": "2"}, "c": {"id": "3", "subject": "databases"}},
            [("subject_spelling", "subject", 6, "c")],
        ),
        (
            {
                "a": {"id": "1", "subject": "A"},
                "b": {"id": "2", "subject": "A*"},
                "c": {"id": "3", "subject": "'A '"},
            },
            [("shared_slug", "subject", 6, "b"), ("subject_spelling", "subject", 6, "c")],
        ),
        (
            {
                name: {"id": str(number), "subject": f"'{subject}'"}
                for number, (name, subject) in enumerate(
                    zip(
                        "abcdefgh", ("C", "C++", "C#", "F", "F#", ".NET", "Net", "R&D"), strict=True
                    )
                )
            },
            [],
        ),
        (
            {"a": {}, "b": {"id": "2", "related_article1": link(title="What is A?")}},
            [("stale_link", "related_article1", 9, "b")],
        ),
        (
            {"a": {}, "b": {"id": "2", "related_article3": link(url="/gone")}},
            [("missing_link", "related_article3", 9, "b")],
        ),
        (
            {"a": {"related_article1": link()}},
            [("self_link", "related_article1", 9, "a")],
        ),
        (
            {"a": {}, "b": {"id": "2", "related_article1": link(), "related_article2": link()}},
            [("repeated_link", "related_article2", 10, "b")],
        ),
    ],
    ids=lambda value: str(len(value)),
)
def test_what_is_doubtful_is_a_finding_with_line_and_key(
    site: Site, files: dict[str, dict[str, Any]], expected: list[tuple[str, str, int, str]]
) -> None:
    for name, changes in files.items():
        site.write(**{name: article(slug=name, **changes)})
    site.build()

    assert found(site) == expected


def test_the_sample_articles_have_the_findings_that_were_put_into_them(site: Site) -> None:
    site.raw.rmdir()
    site.raw.symlink_to(RAW)
    site.build(content=load(ROOT / "pressroom.toml").content)
    rows = site.rows("findings")

    counts = {code: sum(row["code"] == code for row in rows) for code in FindingCode}
    assert counts == {
        "doubtful_escape": 7,
        "unbalanced_maths": 0,
        "template_syntax": 0,
        "not_rendered": 0,
        "damaged_description": 0,
        "wrong_value": 0,
        "subject_spelling": 2,
        "shared_slug": 0,
        "near_url": 0,
        "shared_id": 2,
        "stale_link": 2,
        "missing_link": 1,
        "missing_anchor": 0,
        "alias_link": 0,
        "taken_alias": 0,
        "self_link": 1,
        "repeated_link": 1,
        "future_date": 0,
        "date_moved": 0,
        "schema_change": 0,
        "no_history": 0,
    }
    lines = {
        path: (RAW / path).read_text().splitlines() for path in {row["source_path"] for row in rows}
    }
    for row in rows:
        top = row["key"].partition(".")[0]
        near = lines[row["source_path"]][row["line"] - 2 : row["line"]]
        assert any(line.startswith(f"{top}:") for line in near)


def test_findings_stand_in_the_order_of_files_and_lines(site: Site) -> None:
    for name in "ba":
        site.write(
            **{name: article(slug=name, answer="'$$'", related_article1=link(url=f"/{name}"))}
        )
    site.build()

    assert found(site) == [
        (code, key, line, name)
        for name in "ab"
        for code, key, line in [
            ("shared_id", "id", 3),
            ("unbalanced_maths", "answer", 7),
            ("missing_link", "related_article1", 9),
        ]
    ]


def test_a_file_with_thousands_of_doubtful_places_has_twenty_findings_of_a_kind(
    site: Site,
) -> None:
    site.write(a=article(slug="a", answer="'" + r"$\nu$ " * 1000 + r" \) \n\n" * 1000 + "'"))
    site.build()

    assert [row["code"] for row in site.rows("findings")] == [
        *["doubtful_escape"] * 20,
        *["unbalanced_maths"] * 20,
    ]
    assert site.rows("articles")[0]["doubtful_escapes"] == 1000


@pytest.mark.parametrize(
    ("offset", "expected"),
    [
        (0, "a⏎" + "x" * 28 + "…"),
        (50, "…" + "x" * 60 + "…"),
        (101, "…" + "x" * 30 + "b"),
    ],
)
def test_a_context_is_one_line_around_a_place(offset: int, expected: str) -> None:
    assert context("a\n" + "x" * 99 + "b", offset) == expected
