import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pressroom.files import atomic, parquet
from pressroom.files.atomic import FileEntry
from pressroom.releases import cache
from pressroom.releases.cache import Cache
from pressroom.releases.manifest import Release
from tests.small_releases import release_of

ROWS = pa.table({"url": ["/a", "/b"]})
OTHER = pa.table({"url": ["/c"]})
THIRD = pa.table({"url": ["/d", "/e", "/f"]})
PART = parquet.part_path("articles", 0)


@pytest.fixture
def release(tmp_path: Path) -> Release:
    """A published release of three parts of articles; of the last it is not known what made it."""
    root = tmp_path / "published"
    root.mkdir()
    files = []
    for number, (rows, inputs) in enumerate([(ROWS, "one"), (OTHER, "two"), (THIRD, "")]):
        entry = parquet.write_table(root, parquet.part_path("articles", number), rows)
        files.append(entry._replace(inputs=inputs))
    return release_of(root, {"articles": files})


def noted(
    folder: Path, release: Release, damaged: tuple[str, ...] = (), rebuild: bool = False
) -> Cache:
    cache.save(folder / "cache", cache.of(release, damaged, rebuild=rebuild))
    return cache.load(folder / "cache")


def unmade() -> Any:
    pytest.fail("rows were made that are known")


def part(
    known: Cache, folder: Path, inputs: str, rows: Callable[[], pa.Table], **how: Any
) -> tuple[FileEntry, Path]:
    """Part 7 of the articles of another release, and where it is."""
    root = folder / "staged"
    root.mkdir(exist_ok=True)
    table = how.pop("table", "articles")
    entry = known.part(root, table, 7, inputs, rows)
    return entry, root / entry.path


def is_link(release: Release, number: int, path: Path) -> bool:
    return (release.root / parquet.part_path("articles", number)).samefile(path)


def test_a_part_that_was_made_from_the_same_is_linked_and_not_made(
    tmp_path: Path, release: Release
) -> None:
    entry, path = part(noted(tmp_path, release), tmp_path, "two", unmade)

    before = release.outputs["articles"].files[1]
    assert entry == before._replace(path=parquet.part_path("articles", 7))
    assert is_link(release, 1, path)


def test_a_part_of_another_table_that_was_made_from_the_same_is_another(
    tmp_path: Path, release: Release
) -> None:
    known = noted(tmp_path, release)
    made = pa.table({"slug": ["a"]})
    entry, path = part(known, tmp_path, "one", lambda: made, table="subjects")

    assert entry.path == parquet.part_path("subjects", 7)
    assert parquet.read(path).equals(made)


def test_a_part_that_was_made_from_something_else_is_linked_if_it_came_out_the_same(
    tmp_path: Path, release: Release
) -> None:
    entry, path = part(noted(tmp_path, release), tmp_path, "another", lambda: ROWS)

    before = release.outputs["articles"].files[0]
    assert entry == before._replace(path=parquet.part_path("articles", 7), inputs="another")
    assert is_link(release, 0, path)


def test_any_other_part_is_made_and_written(tmp_path: Path, release: Release) -> None:
    made = pa.table({"url": ["/x"]})
    entry, path = part(noted(tmp_path, release), tmp_path, "another", lambda: made)

    root = tmp_path / "staged"
    written = atomic.entry(root, parquet.part_path("articles", 7), 1)
    assert entry == written._replace(inputs="another")
    assert parquet.read(path).equals(made)
    assert path.stat().st_mode & 0o777 == atomic.READ_ONLY


def test_of_parts_of_which_it_is_not_known_what_made_them_only_the_content_counts(
    tmp_path: Path, release: Release
) -> None:
    known = noted(tmp_path, release)
    made = pa.table({"url": ["/x"]})

    assert parquet.read(part(known, tmp_path, "", lambda: made)[1]).equals(made)
    assert is_link(release, 2, part(known, tmp_path, "", lambda: THIRD)[1])


def test_who_builds_everything_again_makes_a_part_and_links_it_if_it_came_out_the_same(
    tmp_path: Path, release: Release
) -> None:
    known = noted(tmp_path, release, rebuild=True)
    made = pa.table({"url": ["/x"]})

    assert parquet.read(part(known, tmp_path, "one", lambda: made)[1]).equals(made)
    assert is_link(release, 0, part(known, tmp_path, "one", lambda: ROWS)[1])


def test_a_damaged_part_is_not_used_and_those_beside_it_are(
    tmp_path: Path, release: Release
) -> None:
    known = noted(tmp_path, release, damaged=(PART,))

    assert not is_link(release, 0, part(known, tmp_path, "one", lambda: ROWS)[1])
    assert is_link(release, 1, part(known, tmp_path, "two", unmade)[1])
    assert set(known.files) == {parquet.part_path("articles", number) for number in (1, 2)}


def test_where_nothing_was_noted_nothing_is_known(tmp_path: Path) -> None:
    known = cache.load(tmp_path / "cache")

    assert (known.files, known.by_inputs, known.by_sha256) == ({}, {}, {})
    assert parquet.read(part(known, tmp_path, "one", lambda: ROWS)[1]).equals(ROWS)


def test_what_was_noted_is_read_once_and_again_when_it_is_noted_anew(
    tmp_path: Path, release: Release
) -> None:
    source = tmp_path / "cache"
    known = noted(tmp_path, release)
    written = source.stat()
    assert cache.load(source) is known  # of a large site it takes seconds

    cache.save(tmp_path / "other", cache.of(release, (), rebuild=True))
    source.write_bytes((tmp_path / "other").read_bytes())  # another time, the same inode
    os.utime(source, ns=(0, written.st_mtime_ns + 1))
    assert not cache.load(source).by_inputs

    cache.save(source, cache.of(release, (), rebuild=False))  # the same time, another inode
    os.utime(source, ns=(0, written.st_mtime_ns + 1))
    assert cache.load(source).by_inputs
