import errno
from pathlib import Path

import pyarrow as pa
import pytest

from pressroom.files import atomic, parquet

ROWS = pa.table({"url": ["/a", "/b"], "id": pa.array([1, None], pa.int64()), "title": ["A", None]})


@pytest.mark.parametrize("rows", [ROWS, ROWS.slice(0, 0)], ids=["rows", "no rows"])
def test_what_is_read_is_what_was_written(tmp_path: Path, rows: pa.Table) -> None:
    path = tmp_path / parquet.write_table(tmp_path, parquet.part_path("articles", 0), rows).path
    parquet.write_scratch(tmp_path / "rows", rows)

    assert parquet.read_scratch(tmp_path / "rows", is_mapped=True).equals(rows)
    assert parquet.read(path).equals(rows)
    assert parquet.read_as(path, rows.schema).equals(rows)
    assert parquet.read(path, ["title", "url", "nothing"]).equals(rows.select(["title", "url"]))


def test_rows_that_come_in_pieces_give_the_bytes_of_the_whole(tmp_path: Path) -> None:
    pieces = pa.concat_tables([ROWS.slice(0, 1), ROWS.slice(1, 1)])

    assert parquet.to_parquet(pieces).equals(parquet.to_parquet(ROWS))
    parquet.write_scratch(tmp_path / "rows", pieces)
    assert parquet.read_scratch(tmp_path / "rows", is_mapped=True).equals(ROWS)


@pytest.mark.parametrize("is_mapped", [True, False])
def test_a_table_of_the_run_outlives_its_name(tmp_path: Path, is_mapped: bool) -> None:
    path = tmp_path / "rows"
    parquet.write_scratch(path, ROWS)
    rows = parquet.read_scratch(path, is_mapped=is_mapped)
    path.unlink()

    assert rows.equals(ROWS)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(errno.ENOSPC, "Full"), "[Errno 28] Full: '{path}'"),
        (OSError(errno.ENOSPC, "Full", "another"), "[Errno 28] Full: 'another'"),
        (OSError(errno.EIO, "Unreadable"), "[Errno 5] Unreadable"),
        (OSError("of Arrow"), "of Arrow"),
    ],
)
def test_the_error_of_a_full_disk_alone_gets_the_name_of_what_was_written(
    tmp_path: Path, error: OSError, message: str
) -> None:
    path = tmp_path / "file"
    with pytest.raises(type(error)) as raised, atomic.renamed(path):
        raise error
    assert str(raised.value) == message.format(path=path)
    assert not list(tmp_path.iterdir())
