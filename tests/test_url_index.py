import hashlib
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.tables import url_index

URLS = st.lists(st.text(max_size=5), unique=True, max_size=40)
LIKE = {"url": "S16", "number": "i8"}


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
    folder = tmp_path_factory.mktemp("index") / "urls"
    index = index_of(urls)
    url_index.write(folder, index)
    found = url_index.read(folder)
    assert list(found) == sorted(index)
    assert all(np.array_equal(found[name], index[name]) for name in index)
    assert np.array_equal(url_index.find(found, urls), url_index.find(index, urls))


def test_an_index_that_is_read_is_mapped_and_cannot_be_changed(tmp_path: Path) -> None:
    url_index.write(tmp_path, index_of(["/a"]))
    column = url_index.read(tmp_path)["number"]
    assert isinstance(column, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        column[0] = 1


@pytest.mark.parametrize("count", [0, 3])
def test_columns_of_a_shard_are_read_back_from_one_file(tmp_path: Path, count: int) -> None:
    values = [b"\0" * 15 + b"a", b"b" + b"\0" * 15, b"c" * 16][:count]
    columns = {
        "url": np.array(values, "S16"),
        "id": np.arange(count, dtype="i8"),
        "has_id": np.ones(count, bool),
    }
    url_index.write_records(tmp_path / "shard.npy", columns)

    for name, column in columns.items():
        found = url_index.read_field(tmp_path / "shard.npy", name)
        assert found.dtype == column.dtype
        assert found.tobytes() == column.tobytes()
    like = {name: column.dtype.str for name, column in columns.items()}
    whole = url_index.concatenate([url_index.read_records(tmp_path / "shard.npy")] * 2, like)
    assert [len(column) for column in whole.values()] == [2 * count] * len(columns)


def test_a_missing_index_holds_no_columns(tmp_path: Path) -> None:
    assert url_index.read(tmp_path / "missing") == {}


@given(st.lists(URLS, max_size=4))
def test_parts_are_put_one_after_the_other(parts: list[list[str]]) -> None:
    columns = [
        {"url": url_index.digests(urls), "number": np.arange(len(urls), dtype=np.int64)}
        for urls in parts
    ]
    whole = url_index.concatenate(columns, LIKE)
    assert {name: column.dtype.str.lstrip("<|") for name, column in whole.items()} == LIKE
    assert whole["url"].tolist() == url_index.digests(chain.from_iterable(parts)).tolist()
    assert whole["number"].tolist() == [i for urls in parts for i in range(len(urls))]


def test_nothing_is_found_in_an_empty_index() -> None:
    index = url_index.concatenate([], LIKE)
    assert url_index.find(index, ["/a", None]).tolist() == [-1, -1]
    assert url_index.find(index, []).shape == (0,)
    assert url_index.find(index_of(["/a"]), []).shape == (0,)
