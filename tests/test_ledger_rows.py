"""The functions of the ledger, on a few rows."""

import datetime as dt
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from pressroom.files import parquet
from pressroom.model.schemas import LEDGER
from pressroom.model.table import TIMESTAMP
from pressroom.tables import ledger, scratch, url_index
from tests.quicktakes import TABLES

# Of the ledger, with times in microseconds: without what tells that an article moved.
Row = tuple[str, int, int, str, int | None]


def content(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


A, B, C, D = (
    ("/a", 1, 10, content("a"), None),
    ("/b", 2, 20, content("b"), None),
    ("/c", 3, 30, content("c"), 300),
    ("/d", 4, 40, content("d"), None),
)


def table(*rows: Row) -> pa.Table:
    with_ids = [(*row[:4], row[1], row[3], row[4]) for row in rows]
    columns = zip(*with_ids, strict=True) if rows else ([] for _ in LEDGER.schema)
    arrays = [
        pa.array(column, pa.int64()).cast(TIMESTAMP)
        if field.type == TIMESTAMP
        else pa.array(column, field.type)
        for column, field in zip(columns, LEDGER.schema, strict=True)
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
    memory = ledger.recall(written(tmp_path, table(B, A), table(), table(C), table(D)))

    assert url_index.to_table(memory).schema.equals(scratch.LEDGER_INDEX.schema)
    assert memory["url"].tolist() == sorted(memory["url"].tolist())
    by_url = url_index.find(memory, ["/a", "/b", "/c", "/d", "/e"]).tolist()
    assert by_url[-1] == -1
    found = {name: memory[name][by_url[:4]].tolist() for name in memory if name != "url"}
    assert found == {
        "first_seen": [1, 2, 3, 4],
        "modified": [10, 20, 30, 40],
        "content": [bytes.fromhex(row[3]) for row in (A, B, C, D)],
        "part": [0, 0, 2, 3],
        "row": [1, 0, 0, 0],
        "is_live": [True, True, False, True],
    }


def test_the_rows_of_published_articles_are_columns_of_theirs() -> None:
    live = ledger.live(articles(A, B))

    assert live.equals(table(A, B))
    assert live.schema.equals(LEDGER.schema, check_metadata=True)


AS_OF = 1_000_000_000_000_000
DAY = 86_400_000_000
PUBLISHED = 1_740_787_200_000_000
ON, AT = dt.date(2025, 3, 1), dt.datetime(2025, 3, 1, 10, 0, 0, 500_000, tzinfo=dt.UTC)
LATE = dt.datetime.max.replace(tzinfo=dt.UTC)  # more microseconds than a float can tell apart


def dated(memory: url_index.Columns, *articles: dict[str, Any]) -> list[tuple[int, int]]:
    absent = {"published": None, "published_at": None, "content_sha256": content("another")}
    names = ("url", "published", "published_at", "content_sha256")
    schema = pa.schema([TABLES["articles"].schema.field(name) for name in names])
    rows = pa.Table.from_pylist([absent | article for article in articles], schema)
    first_seen, modified = ledger.assign_dates(rows, memory, AS_OF)
    return list(zip(first_seen.tolist(), modified.tolist(), strict=True))


@pytest.mark.parametrize(
    ("stated", "modified"),
    [
        ({}, AS_OF),
        ({"published": ON}, PUBLISHED),
        ({"published": ON, "published_at": AT}, PUBLISHED + 36_000_500_000),
        ({"published": ON, "published_at": LATE}, 253_402_300_799_999_999),
        ({"published": dt.date(1969, 12, 31)}, -DAY),
        ({"published": dt.date(1970, 1, 1)}, 0),
    ],
)
def test_at_first_sight_an_article_was_modified_when_it_was_published(
    stated: dict[str, Any], modified: int
) -> None:
    memory = ledger.recall({})
    assert dated(memory, {"url": "/new", **stated}) == [(AS_OF, modified)]


@pytest.mark.parametrize(
    ("before", "stated", "modified"),
    [
        (10, {}, AS_OF),
        (10, {"published": ON}, PUBLISHED),
        (PUBLISHED + 1, {"published": ON}, PUBLISHED + 1),
        (AS_OF + 1, {}, AS_OF + 1),
        (10, {"published": dt.date(1970, 1, 1)}, AS_OF),
        (10, {"published": ON, "content_sha256": content("a")}, 10),
    ],
)
def test_a_changed_article_was_modified_at_the_latest_time_that_is_known_of_it(
    tmp_path: Path, before: int, stated: dict[str, Any], modified: int
) -> None:
    seen = ("/a", 1, before, content("a"), None)
    memory = ledger.recall(written(tmp_path, table(B, seen)))

    assert dated(memory, {"url": "/a", **stated}) == [(1, modified)]


def test_dates_come_in_the_order_of_the_articles(tmp_path: Path) -> None:
    memory = ledger.recall(written(tmp_path, table(A, B, C, D)))
    same = [{"url": row[0], "content_sha256": row[3]} for row in (D, A, C)]

    assert dated(memory, same[0], {"url": "/new"}, *same[1:]) == [
        (4, 40),
        (AS_OF, AS_OF),
        (1, 10),
        (3, 30),
    ]


def test_a_digest_that_ends_in_zeros_is_the_same_digest(tmp_path: Path) -> None:
    sha256 = "ab" * 31 + "00"
    memory = ledger.recall(written(tmp_path, table(("/a", 1, 10, sha256, None))))

    assert dated(memory, {"url": "/a", "content_sha256": sha256}) == [(1, 10)]


def test_a_url_that_is_gone_keeps_its_row_and_says_when_it_was_last_seen(tmp_path: Path) -> None:
    e = ("/e", 5, 50, content("e"), None)
    parts = written(tmp_path, table(B, D, A), table(), table(C), table(e))
    index = {"url": np.sort(url_index.digests(["/b", "/new"]))}

    gone, removed = ledger.gone(parts, ledger.recall(parts), index, 777)

    assert gone.equals(table((*A[:4], 777), C, (*D[:4], 777), (*e[:4], 777)))
    assert removed.equals(table(A, D, e))
    assert gone.schema.equals(LEDGER.schema)


def test_where_no_url_is_gone_the_ledger_of_what_is_gone_is_empty(tmp_path: Path) -> None:
    parts = written(tmp_path, table(A))
    index = {"url": url_index.digests(["/a"])}

    gone, removed = ledger.gone(parts, ledger.recall(parts), index, 777)

    assert gone.equals(table())
    assert removed.equals(table())
