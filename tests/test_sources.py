import hashlib
import os
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import Code, DocumentError, SettingsError
from pipeline.sources import SourceFile, cut, discover, read, read_list, shown, write_list

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes on Linux")


def touch(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(path.encode("utf-8", "surrogateescape"))


# --- discover ----------------------------------------------------------------------------------


def test_order_is_that_of_the_parts_of_paths(tmp_path: Path) -> None:
    # As whole texts, "a-b/x.md" and "a.md" would stand before "a/x.md": - and . are below /.
    ordered = ["A.md", "a/b/c.md", "a/b.md", "a/x.md", "a-b/x.md", "a.md", "b.md", "é.md", "北.md"]
    touch(tmp_path, *reversed(ordered))
    assert discover(tmp_path) == ordered


def test_only_files_with_a_suffix_of_markdown_are_sources(tmp_path: Path) -> None:
    touch(tmp_path, "a.md", "b.markdown", "C.MD", "c.txt", "d", "e.md.bak", "f.mdx", "md", "g.html")
    assert discover(tmp_path) == ["C.MD", "a.md", "b.markdown"]


def test_hidden_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    touch(tmp_path, ".a.md", ".git/b.md", "c/.d/e.md", "c/.f.md", "c/g.md", ".md")
    assert discover(tmp_path) == ["c/g.md"]


def test_a_folder_may_be_named_like_a_file(tmp_path: Path) -> None:
    touch(tmp_path, "a.md/b.md", "a.md/c/d.md")
    assert discover(tmp_path) == ["a.md/b.md", "a.md/c/d.md"]


def test_a_link_is_a_source_and_one_to_a_folder_is_not_followed_but_refused(tmp_path: Path) -> None:
    touch(tmp_path, "raw/a.md", "other/b.md")
    (tmp_path / "raw/b.md").symlink_to("../other/b.md")
    (tmp_path / "raw/loop").symlink_to(".")
    assert discover(tmp_path / "raw") == ["a.md", "b.md", "loop"]
    assert read(tmp_path / "raw", "b.md", 1000).data == b"other/b.md"
    assert refused(tmp_path / "raw", "loop")[0] == Code.UNREADABLE


def test_an_empty_folder_has_no_sources(tmp_path: Path) -> None:
    assert discover(tmp_path) == []


def test_a_missing_folder_is_an_error_of_the_settings(tmp_path: Path) -> None:
    touch(tmp_path, "a.md")
    for path in (tmp_path / "missing", tmp_path / "a.md"):
        with pytest.raises(SettingsError, match=r"does not exist.*--raw"):
            discover(path)


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is closed to this user"
)
def test_a_folder_that_cannot_be_listed_is_an_error(tmp_path: Path) -> None:
    touch(tmp_path, "a.md", "closed/b.md")
    (tmp_path / "closed").chmod(0)
    try:
        with pytest.raises(PermissionError):
            discover(tmp_path)
    finally:
        (tmp_path / "closed").chmod(0o700)


@on_linux
def test_names_that_are_not_utf8_are_sources_in_the_order_of_their_bytes(tmp_path: Path) -> None:
    names = [b"a\n.md", b"z.md", "é.md".encode(), b"\xe9.md", b"\xff\n/x.md"]
    paths = [os.fsdecode(name) for name in names]
    touch(tmp_path, *reversed(paths))
    assert discover(tmp_path) == paths


# --- cut ---------------------------------------------------------------------------------------

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0/"), min_size=1, max_size=8)
PATHS = st.lists(NAMES, unique=True, max_size=120).map(sorted)
SIZES = st.integers(1, 12)


@given(PATHS, SIZES)
def test_shards_in_order_are_the_paths(paths: list[str], size: int) -> None:
    shards = cut(paths, size)
    assert [index for shard in shards for index in shard] == list(range(len(paths)))
    assert all(1 <= len(shard) <= 4 * size for shard in shards)


@given(PATHS, SIZES, NAMES)
def test_a_new_path_disturbs_shards_up_to_the_next_border_of_a_checksum(
    paths: list[str], size: int, new: str
) -> None:
    def shards(paths: list[str]) -> set[tuple[str, ...]]:
        return {tuple(paths[index] for index in shard) for shard in cut(paths, size)}

    # Borders that a checksum sets are borders of any list: each side is cut as if it were alone.
    before, after = shards(paths), shards(sorted({*paths, new}))
    fixed = [path for path in paths if cut([path, path], size) == [range(1), range(1, 2)]]
    low = max((path for path in fixed if path < new), default="")
    high = min((path for path in fixed if path >= new), default="\U0010ffff" * 9)
    disturbed = {path for shard in before ^ after for path in shard}
    assert all(low < path <= high for path in disturbed)


def test_shards_are_about_as_long_as_asked() -> None:
    paths = [f"a/{number:06}.md" for number in range(20_000)]
    for size in (7, 100, 1000):
        assert 0.7 * size < len(paths) / len(cut(paths, size)) < 1.3 * size


def test_most_new_paths_disturb_one_shard() -> None:
    paths = [f"{number:05}" for number in range(0, 4000, 2)]
    whole = {tuple(paths[i] for i in shard) for shard in cut(paths, 20)}
    kept = []
    for number in range(1, 4000, 40):
        more = sorted([*paths, f"{number:05}"])
        shards = {tuple(more[i] for i in shard) for shard in cut(more, 20)}
        kept.append(len(whole - shards))
    assert sorted(kept)[len(kept) // 2] == 1
    assert max(kept) <= 4


# --- read --------------------------------------------------------------------------------------


def test_a_file_is_read_whole_with_its_digest(tmp_path: Path) -> None:
    data = bytes(range(256)) * 3
    (tmp_path / "a.md").write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    assert read(tmp_path, "a.md", len(data)) == SourceFile("a.md", data, digest)


def refused(root: Path, path: str, file_bytes: int = 1000) -> tuple[Code, str]:
    with pytest.raises(DocumentError) as caught:
        read(root, path, file_bytes)
    code, message, line, column = caught.value.problem
    assert (line, column) == (None, None)
    return code, message


def test_a_file_above_the_limit_is_refused_without_being_read_whole(tmp_path: Path) -> None:
    with (tmp_path / "a.md").open("wb") as stream:
        stream.truncate(1 << 40)
    assert refused(tmp_path, "a.md") == (Code.TOO_LARGE, "The file is larger than 1,000 bytes.")


def test_a_file_that_vanished_is_refused(tmp_path: Path) -> None:
    message = "The file cannot be read: No such file or directory."
    assert refused(tmp_path, "a.md") == (Code.UNREADABLE, message)
    (tmp_path / "b.md").symlink_to("nowhere.md")
    assert discover(tmp_path) == ["b.md"]
    assert refused(tmp_path, "b.md") == (Code.UNREADABLE, message)


def test_what_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    touch(tmp_path, "sub/a.md")
    (tmp_path / "b.md").symlink_to("sub")
    (tmp_path / "c.md").symlink_to("c.md")
    assert discover(tmp_path) == ["b.md", "c.md", "sub/a.md"]
    for path in ("b.md", "c.md", "sub/a.md/x.md"):
        assert refused(tmp_path, path)[0] == Code.UNREADABLE


@on_linux
def test_a_named_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.md")
    assert discover(tmp_path) == ["a.md"]
    assert refused(tmp_path, "a.md")[0] == Code.UNREADABLE


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is closed to this user"
)
def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    touch(tmp_path, "a.md")
    (tmp_path / "a.md").chmod(0)
    assert refused(tmp_path, "a.md")[1] == "The file cannot be read: Permission denied."


# --- names -------------------------------------------------------------------------------------


def test_a_name_is_shown_as_valid_text() -> None:
    assert shown("a/é 北.md") == "a/é 北.md"
    assert shown(os.fsdecode(b"a/\xe9\xff.md")) == r"a/\xe9\xff.md"


BYTE_NAMES = st.binary(min_size=1, max_size=12).filter(lambda name: b"\0" not in name)


@on_linux
@given(st.lists(BYTE_NAMES | NAMES.map(str.encode), max_size=20), st.data())
def test_a_slice_of_a_written_list_is_the_slice_of_the_paths(
    tmp_path_factory: pytest.TempPathFactory, names: list[bytes], data: st.DataObject
) -> None:
    paths = [os.fsdecode(name) for name in names]
    target = tmp_path_factory.getbasetemp() / "paths"
    offsets = write_list(target, paths)
    assert len(offsets) == len(paths) + 1
    assert all(one < other for one, other in pairwise(offsets))
    start = data.draw(st.integers(0, len(paths)))
    stop = data.draw(st.integers(start, len(paths)))
    assert read_list(target, offsets[start], offsets[stop]) == paths[start:stop]
