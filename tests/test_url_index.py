import hashlib
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.tables import url_index
from pressroom.tables.scratch import Kind

URLS = st.lists(st.text(max_size=5), unique=True, max_size=40)
KIND = Kind("numbers", pa.schema({"url": pa.binary(16), "number": pa.int64()}))


def index_of(urls: list[str]) -> dict[str, np.ndarray]:
    return url_index.by_url(
        {"url": url_index.digests(urls), "number": np.arange(len(urls), dtype=np.int64)}
    )


def test_a_digest_is_the_beginning_of_the_sha256() -> None:
    whole = hashlib.sha256(b"/a").digest()
    assert url_index.digests(["/a"])[0] == whole[:16]
    assert url_index.digests(["/a"], 8)[0] == whole[:8]
    assert url_index.digests([None])[0] == url_index.digests([""])[0]
    assert url_index.digests([]).shape == (0,)


@given(URLS, st.lists(st.none() | st.text(max_size=5), max_size=20))
def test_every_url_is_found_and_no_other(known: list[str], others: list[str | None]) -> None:
    index = index_of(known)
    wanted = [*known, *others]
    rows = url_index.find(index, wanted)
    assert rows.dtype == np.int64
    assert rows.shape == (len(wanted),)
    for url, row in zip(wanted, rows, strict=True):
        if url in known:
            assert index["number"][row] == known.index(url)
        else:
            assert row == -1


def test_digests_that_end_in_nul_are_found() -> None:
    # NumPy drops trailing NUL bytes of its byte strings when it gives them back.
    urls = [f"/{number}" for number in range(3000)]
    ends = [url for url in urls if hashlib.sha256(url.encode()).digest()[15] == 0]
    assert ends
    index = index_of(urls)
    assert index["number"][url_index.find(index, ends)].tolist() == [int(u[1:]) for u in ends]


def test_rows_of_one_url_keep_their_order() -> None:
    columns = {"url": url_index.digests(["/b", "/a", "/b", "/a"] * 20), "number": np.arange(80)}
    index = url_index.by_url(columns)
    for digest in set(index["url"]):
        numbers = index["number"][index["url"] == digest]
        assert numbers.tolist() == sorted(numbers)
        assert len(numbers) == 40


@given(URLS)
def test_what_is_written_is_read_back_and_found(
    tmp_path_factory: pytest.TempPathFactory, urls: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("index")
    index = index_of(urls)
    KIND.write(folder, url_index.to_table(index))
    found = url_index.columns(KIND.read(folder))
    assert {name: (column.dtype, column.tobytes()) for name, column in found.items()} == {
        name: (column.dtype, column.tobytes()) for name, column in index.items()
    }
    assert np.array_equal(url_index.find(found, urls), url_index.find(index, urls))


def test_an_index_that_is_read_is_mapped_and_cannot_be_changed(tmp_path: Path) -> None:
    KIND.write(tmp_path, url_index.to_table(index_of(["/a"])))
    before = pa.total_allocated_bytes()
    column = url_index.columns(KIND.read(tmp_path))["number"]
    assert pa.total_allocated_bytes() == before
    with pytest.raises(ValueError, match="read-only"):
        column[0] = 1


@pytest.mark.parametrize("pieces", [0, 1, 2])
def test_columns_of_several_pieces_stand_one_after_the_other(pieces: int) -> None:
    columns = {
        "url": np.array([b"\0" * 15 + b"a", b"b" + b"\0" * 15, b"c" * 16], "S16"),
        "id": np.arange(3, dtype="i8"),
        "has_id": np.array([True, False, True]),
    }
    table = url_index.to_table(columns)
    whole = url_index.columns(pa.concat_tables([table.slice(0, 0), *[table.slice(1)] * pieces]))
    for name, column in columns.items():
        assert whole[name].dtype == column.dtype
        assert whole[name].tobytes() == column[1:].tobytes() * pieces


def test_rows_of_another_kind_are_not_written(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        KIND.write(tmp_path, url_index.to_table({"url": url_index.digests(["/a"])}))


def test_a_file_that_was_not_written_is_missed(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        KIND.read(tmp_path)


@given(st.lists(URLS, max_size=4))
def test_parts_are_put_one_after_the_other(parts: list[list[str]]) -> None:
    columns = [
        {"url": url_index.digests(urls), "number": np.arange(len(urls), dtype=np.int64)}
        for urls in parts
    ]
    whole = url_index.concatenate(columns, KIND.schema)
    assert url_index.to_table(whole).schema.equals(KIND.schema)
    assert whole["url"].tolist() == url_index.digests(chain.from_iterable(parts)).tolist()
    assert whole["number"].tolist() == [i for urls in parts for i in range(len(urls))]


def test_nothing_is_found_in_an_empty_index() -> None:
    index = url_index.concatenate([], KIND.schema)
    assert url_index.find(index, ["/a", None]).tolist() == [-1, -1]
    assert url_index.find(index, []).shape == (0,)
    assert url_index.find(index_of(["/a"]), []).shape == (0,)
