import datetime as dt
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom.model.schemas import SUBJECTS
from pressroom.tables.subjects import count, merge
from tests.quicktakes import TABLES

COLUMNS = ("subject", "subject_slug", "published")
LINKS = {"links_in": 2, "text_links_in": 3}  # of each article
SCHEMA = pa.schema(
    [TABLES["articles"].schema.field(name) for name in COLUMNS]
    + [SUBJECTS.schema.field(name) for name in LINKS]
)
EARLY, MIDDLE, LATE = (dt.date(2025, 1, day) for day in (1, 2, 3))
Row = tuple[str | None, str | None, dt.date | None]


def subjects(*parts: list[Row]) -> list[dict[str, Any]]:
    """The rows of subjects, from parts of rows (subject, slug, published)."""
    tables = [
        pa.Table.from_pylist(
            [{**dict(zip(COLUMNS, row, strict=True)), **LINKS} for row in part], SCHEMA
        )
        for part in parts
    ]
    table = merge(pa.concat_tables(map(count, [*tables, SCHEMA.empty_table()])))
    assert table.schema.equals(SUBJECTS.schema)
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


def test_spellings_of_one_subject_are_one_row_with_the_most_common_first() -> None:
    found = subjects(
        [
            ("Digital media", "digital-media", LATE),
            ("Digital Media", "digital-media", MIDDLE),
            ("DIGITAL MEDIA", "digital-media", MIDDLE),
            ("Digital media", "digital-media", EARLY),
        ]
    )
    assert found == [
        {
            "slug": "digital-media",
            "label": "Digital media",
            "spellings": ["Digital media", "DIGITAL MEDIA", "Digital Media"],
            "articles": 4,
            "first_published": EARLY,
            "last_published": LATE,
            **{name: 4 * number for name, number in LINKS.items()},
        }
    ]


def test_of_two_equally_common_spellings_the_first_in_order_is_the_label() -> None:
    found = subjects([("b", "x", None), ("B", "x", None), ("é", "x", None)])
    assert found[0]["label"] == "B"
    assert found[0]["spellings"] == ["B", "b", "é"]


def test_counts_of_parts_are_added() -> None:
    one: list[Row] = [("A", "a", LATE), ("a", "a", None), ("B", "b", EARLY)]
    other: list[Row] = [("a", "a", EARLY), ("a", "a", MIDDLE)]
    assert subjects(one, other) == subjects([*one, *other]) == subjects(other, [], one)
    assert [row["articles"] for row in subjects(one, other)] == [4, 1]
    assert subjects(one, other)[0]["label"] == "a"


def test_rows_stand_in_the_order_of_their_slugs() -> None:
    found = subjects([("Z", "z", None), ("É", "é", None)], [("A", "a", None), ("B 2", "b-2", None)])
    assert [row["slug"] for row in found] == ["a", "b-2", "z", "é"]


def test_articles_without_subject_or_date_are_read() -> None:
    assert subjects([(None, None, EARLY), ("A", "a", None)]) == [
        {
            "slug": "a",
            "label": "A",
            "spellings": ["A"],
            "articles": 1,
            "first_published": None,
            "last_published": None,
            **LINKS,
        }
    ]
    found = subjects([("A", "a", None), ("A", "a", MIDDLE)])
    assert (found[0]["first_published"], found[0]["last_published"]) == (MIDDLE, MIDDLE)


def test_nothing_gives_no_rows() -> None:
    assert subjects() == subjects([]) == subjects([], []) == subjects([(None, None, EARLY)]) == []


NAMES = st.sampled_from(["A", "a", "B", "b", "É", "é", None])
DATES = st.none() | st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31))


@settings(max_examples=30)
@given(st.lists(st.lists(st.tuples(NAMES, DATES), max_size=8), max_size=4))
def test_subjects_agree_with_a_naive_count(parts: list[list[tuple[str | None, Any]]]) -> None:
    rows = [[(name, name and name.lower(), date) for name, date in part] for part in parts]
    found = subjects(*rows)
    every = [row for part in rows for row in part if row[1] is not None]
    assert [row["slug"] for row in found] == sorted({slug for _, slug, _ in every if slug})
    for row in found:
        members = [(name, date) for name, slug, date in every if slug == row["slug"]]
        names = [name for name, _ in members]
        dates = [date for _, date in members if date is not None]
        assert row["articles"] == len(members)
        assert row["spellings"] == sorted(set(names), key=lambda n: (-names.count(n), n))
        assert row["label"] == row["spellings"][0]
        assert row["first_published"] == min(dates, default=None)
        assert row["last_published"] == max(dates, default=None)
