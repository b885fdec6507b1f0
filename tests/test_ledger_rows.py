"""The functions of the ledger, on a few rows."""

import datetime as dt
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from pressroom.files import parquet
from pressroom.model.release_schemas import LEDGER
from pressroom.model.table import TIMESTAMP
from pressroom.tables import ledger, scratch, url_index
from tests.quicktakes import TABLES

# Of the ledger, with times in microseconds: url, first seen, when a change of the content was seen,
# content, last seen.
Row = tuple[str, int, int | None, str, int | None]


def content(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


A, B, C, D = (
    ("/a", 1, 10, content("a"), None),
    ("/b", 2, 20, content("b"), None),
    ("/c", 3, 30, content("c"), 300),
    ("/d", 4, 40, content("d"), None),
)


def table(*rows: Row, **others: Any) -> pa.Table:
    """Rows of the ledger: ids are as first seen, files as their content; `others` are values."""
    names = ("url", "first_seen", "content_changed", "content_sha256", "last_seen")
    stated = [
        {
            **dict(zip(names, row, strict=True)),
            **{"modified": row[2], "modified_from": row[2] and "seen"},
            **{"id": row[1], "source_sha256": row[3]},
            **others,
        }
        for row in rows
    ]
    arrays = [
        pa.array([row.get(field.name) for row in stated], pa.int64()).cast(TIMESTAMP)
        if field.type == TIMESTAMP
        else pa.array([row.get(field.name) for row in stated], field.type)
        for field in LEDGER.schema
    ]
    return pa.Table.from_arrays(arrays, schema=LEDGER.schema)


def articles(*rows: Row) -> pa.Table:
    """Articles, of which all columns are null but those that the ledger takes."""
    stated = table(*rows)
    columns = {
        field.name: stated[field.name]
        if field.name in ledger.COLUMNS
        else pa.nulls(len(rows), field.type)
        for field in TABLES["articles"].schema
    }
    return pa.table(columns)


def written(folder: Path, *tables: pa.Table) -> dict[int, Path]:
    entries = [
        parquet.write_table(folder, parquet.part_path("ledger", number), rows)
        for number, rows in enumerate(tables)
    ]
    return {number: folder / entry.path for number, entry in enumerate(entries)}


def test_what_is_remembered_of_a_url_is_its_row_and_where_that_stands(tmp_path: Path) -> None:
    memory = ledger.recall(written(tmp_path, table(B, A), table(), table(C), table(D)), AS_OF)

    assert url_index.to_table(memory).schema.equals(scratch.LEDGER_INDEX.schema)
    assert memory["url"].tolist() == sorted(memory["url"].tolist())
    by_url = url_index.find(memory, ["/a", "/b", "/c", "/d", "/e"]).tolist()
    assert by_url[-1] == -1
    found = {name: memory[name][by_url[:4]].tolist() for name in memory if name != "url"}
    assert found == {
        "first_seen": [1, 2, 3, 4],
        "content_changed": [10, 20, 30, 40],
        "updated": [ledger.NEVER] * 4,
        "content": [bytes.fromhex(row[3]) for row in (A, B, C, D)],
        "part": [0, 0, 2, 3],
        "row": [1, 0, 0, 0],
        "is_live": [True, True, False, True],
    }


def test_the_rows_of_published_articles_are_columns_of_theirs() -> None:
    live = ledger.live(articles(A, B))

    assert live.equals(table(A, B))
    assert live.schema.equals(LEDGER.schema, check_metadata=True)


AS_OF = 1_790_000_000_000_000  # 2026-09-21
DAY = 86_400_000_000
PUBLISHED = 1_740_787_200_000_000
ON, AT = dt.date(2025, 3, 1), dt.datetime(2025, 3, 1, 10, 0, 0, 500_000, tzinfo=dt.UTC)
LATE = dt.datetime.max.replace(tzinfo=dt.UTC)  # more microseconds than a float can tell apart


def dated(memory: url_index.Columns, *articles: dict[str, Any]) -> list[tuple[Any, ...]]:
    """When articles were first seen, modified and seen to change, and where the second is from."""
    names = ("url", "published", "published_at", "updated", "content_sha256")
    schema = pa.schema([TABLES["articles"].schema.field(name) for name in names])
    absent = dict.fromkeys(names) | {"content_sha256": content("another")}
    rows = pa.Table.from_pylist([absent | article for article in articles], schema)
    columns = ledger.assign_dates(rows, memory, AS_OF)
    times = [columns[name].cast(pa.int64()).to_pylist() for name in ("first_seen", "modified")]
    changed = columns["content_changed"].cast(pa.int64()).to_pylist()
    return list(zip(*times, columns["modified_from"].to_pylist(), changed, strict=True))


TYPO = dt.date(2042, 3, 5)  # after AS_OF
NOW = dt.datetime.fromtimestamp(AS_OF // 1_000_000, dt.UTC)


@pytest.mark.parametrize(
    ("stated", "modified", "made_from"),
    [
        ({}, None, None),
        ({"published": ON}, PUBLISHED, "stated"),
        ({"published": ON, "published_at": AT}, PUBLISHED + 36_000_500_000, "stated"),
        ({"published": dt.date(1969, 12, 31)}, -DAY, "stated"),
        ({"published": dt.date(1970, 1, 1)}, 0, "stated"),
        ({"updated": AT}, PUBLISHED + 36_000_500_000, "stated"),
        ({"published": ON, "updated": AT}, PUBLISHED + 36_000_500_000, "stated"),
        ({"published": dt.date(2025, 3, 2), "updated": AT}, PUBLISHED + DAY, "stated"),
        ({"updated": NOW}, AS_OF, "stated"),
        ({"updated": NOW + dt.timedelta(seconds=1)}, AS_OF, "seen"),
        ({"published": TYPO}, AS_OF, "seen"),
        ({"published": ON, "published_at": LATE}, AS_OF, "seen"),
        ({"published": ON, "updated": LATE}, PUBLISHED, "stated"),
        ({"published": TYPO, "updated": AT}, PUBLISHED + 36_000_500_000, "stated"),
    ],
)
def test_at_first_sight_an_article_was_modified_when_it_says_unless_that_is_yet_to_come(
    stated: dict[str, Any], modified: int | None, made_from: str | None
) -> None:
    memory = ledger.recall({}, AS_OF)
    assert dated(memory, {"url": "/new", **stated}) == [(AS_OF, modified, made_from, None)]


SAME = {"content_sha256": content("a")}


@pytest.mark.parametrize(
    ("before", "stated", "modified", "made_from", "changed"),
    [
        (None, {}, AS_OF, "seen", AS_OF),
        (10, {}, AS_OF, "seen", AS_OF),
        (10, {"published": ON}, AS_OF, "seen", AS_OF),
        (AS_OF + 1, {}, AS_OF, "seen", AS_OF),
        (AS_OF + 1, SAME, None, None, AS_OF + 1),
        (None, SAME, None, None, None),
        (10, SAME, 10, "seen", 10),
        (10, {"published": ON, **SAME}, PUBLISHED, "stated", 10),
        (PUBLISHED + 1, {"published": ON, **SAME}, PUBLISHED + 1, "seen", PUBLISHED + 1),
        (None, {"published": TYPO, **SAME}, 1, "seen", None),
        (None, {"published": TYPO}, AS_OF, "seen", AS_OF),
        (AS_OF - 1, {"updated": AT}, PUBLISHED + 36_000_500_000, "stated", None),
        (AS_OF - 1, {"updated": AT, **SAME}, PUBLISHED + 36_000_500_000, "stated", None),
        (10, {"updated": LATE, **SAME}, 10, "seen", 10),
        (10, {"updated": LATE}, AS_OF, "seen", AS_OF),
    ],
)
def test_later_it_was_modified_when_its_content_was_seen_to_change_unless_it_says_anew_when(
    tmp_path: Path,
    before: int | None,
    stated: dict[str, Any],
    modified: int | None,
    made_from: str | None,
    changed: int | None,
) -> None:
    seen = ("/a", 1, before, content("a"), None)
    memory = ledger.recall(written(tmp_path, table(B, seen)), AS_OF)

    assert dated(memory, {"url": "/a", **stated}) == [(1, modified, made_from, changed)]


def test_a_stated_time_that_is_as_before_is_not_stated_anew(tmp_path: Path) -> None:
    updated = PUBLISHED + 36_000_500_000
    rows = table(("/a", 1, AS_OF - 1, content("a"), None), updated=updated)
    memory = ledger.recall(written(tmp_path, rows), AS_OF)

    same = {"url": "/a", "updated": AT, **SAME}
    assert dated(memory, same) == [(1, AS_OF - 1, "seen", AS_OF - 1)]


@pytest.mark.parametrize(
    ("before", "stated", "modified", "made_from", "changed"),
    [
        (PUBLISHED, {"published": ON}, PUBLISHED, "stated", PUBLISHED),
        (AS_OF + 1, {"published": ON}, PUBLISHED, "stated", None),
        (AS_OF + 1, {"published": TYPO}, 1, "seen", None),
        (1, {}, None, None, None),
        (AS_OF - 1, {"published": ON}, AS_OF - 1, "seen", AS_OF - 1),
        (AS_OF - 1, {"published": ON, "updated": AT}, AS_OF - 1, "seen", AS_OF - 1),
    ],
)
def test_a_ledger_that_does_not_say_where_a_time_came_from_is_healed(
    tmp_path: Path,
    before: int,
    stated: dict[str, Any],
    modified: int | None,
    made_from: str | None,
    changed: int | None,
) -> None:
    old = table(("/a", 1, None, content("a"), None), modified=before, modified_from=None)
    memory = ledger.recall(written(tmp_path, old), AS_OF)

    article = {"url": "/a", **SAME, **stated}
    assert dated(memory, article) == [(1, modified, made_from, changed)]


def test_dates_come_in_the_order_of_the_articles(tmp_path: Path) -> None:
    memory = ledger.recall(written(tmp_path, table(A, B, C, D)), AS_OF)
    same = [{"url": row[0], "content_sha256": row[3]} for row in (D, A, C)]

    assert dated(memory, same[0], {"url": "/new"}, *same[1:]) == [
        (4, 40, "seen", 40),
        (AS_OF, None, None, None),
        (1, 10, "seen", 10),
        (3, 30, "seen", 30),
    ]


def test_a_digest_that_ends_in_zeros_is_the_same_digest(tmp_path: Path) -> None:
    sha256 = "ab" * 31 + "00"
    memory = ledger.recall(written(tmp_path, table(("/a", 1, 10, sha256, None))), AS_OF)

    assert dated(memory, {"url": "/a", "content_sha256": sha256}) == [(1, 10, "seen", 10)]


def test_a_url_that_is_gone_keeps_its_row_and_says_when_it_was_last_seen(tmp_path: Path) -> None:
    e = ("/e", 5, 50, content("e"), None)
    parts = written(tmp_path, table(B, D, A), table(), table(C), table(e))
    index = {"url": np.sort(url_index.digests(["/b", "/new"]))}

    gone, removed = ledger.gone(parts, ledger.recall(parts, AS_OF), index, 777)

    assert gone.equals(table((*A[:4], 777), C, (*D[:4], 777), (*e[:4], 777)))
    assert removed.equals(table(A, D, e))
    assert gone.schema.equals(LEDGER.schema)


def test_where_no_url_is_gone_the_ledger_of_what_is_gone_is_empty(tmp_path: Path) -> None:
    parts = written(tmp_path, table(A))
    index = {"url": url_index.digests(["/a"])}

    gone, removed = ledger.gone(parts, ledger.recall(parts, AS_OF), index, 777)

    assert gone.equals(table())
    assert removed.equals(table())
