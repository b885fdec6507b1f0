import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import sources
from pipeline.errors import Code, DocumentError, SettingsError
from pipeline.settings import Sources
from pipeline.sources import Listed, SourceFile, one_line, read, read_list, shown, write_list
from tests.conftest import Site, article, pressroom

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes on Linux")


def touch(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(path.encode("utf-8", "surrogateescape"))


def discover(raw: Path, patterns: Sources | None = None) -> Iterator[str]:
    return (path for path, _ in sources.discover(raw, patterns or Sources()))


def cut(paths: list[str], shard_files: int) -> Iterator[list[str]]:
    shards = sources.cut(map(Listed, paths), shard_files)
    return ([path for path, _ in shard] for shard in shards)


# --- discover ----------------------------------------------------------------------------------


def test_order_is_that_of_the_parts_of_paths(tmp_path: Path) -> None:
    # As whole texts, "a-b/x.md" and "a.md" would stand before "a/x.md": - and . are below /.
    ordered = ["A.md", "a/b/c.md", "a/b.md", "a/x.md", "a-b/x.md", "a.md", "b.md", "é.md", "北.md"]
    touch(tmp_path, *reversed(ordered))
    assert list(discover(tmp_path)) == ordered


def test_only_files_with_a_suffix_of_markdown_are_sources(tmp_path: Path) -> None:
    touch(tmp_path, "a.md", "b.markdown", "C.MD", "c.txt", "d", "e.md.bak", "f.mdx", "md", "g.html")
    assert list(discover(tmp_path)) == ["C.MD", "a.md", "b.markdown"]


def test_hidden_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    touch(tmp_path, ".a.md", ".git/b.md", "c/.d/e.md", "c/.f.md", "c/g.md", ".md")
    assert list(discover(tmp_path)) == ["c/g.md"]


def test_a_folder_may_be_named_like_a_file(tmp_path: Path) -> None:
    touch(tmp_path, "a.md/b.md", "a.md/c/d.md")
    assert list(discover(tmp_path)) == ["a.md/b.md", "a.md/c/d.md"]


LINKS: dict[str, tuple[str, list[str], Code | None]] = {
    # name of the link: (what it holds, the sources that it adds, why they are refused)
    "to-file.md": (".store/one", ["to-file.md"], None),
    "to-file.txt": (".store/one", [], None),
    "to-folder": (".store", ["to-folder/two.md"], None),
    "to-folder.md": (".store", ["to-folder.md/two.md"], None),
    "by-way-of/deep": ("../.store", ["by-way-of/deep/two.md"], None),
    "out.md": ("../outside/three.md", ["out.md"], Code.LINK_OUTSIDE),
    "out.txt": ("../outside/three.md", [], None),
    "out": ("../outside", ["out"], Code.LINK_OUTSIDE),
    "out.d": ("../outside", ["out.d"], Code.LINK_OUTSIDE),
    "beside.md": ("../raw2/four.md", ["beside.md"], Code.LINK_OUTSIDE),
    "up": ("..", ["up"], Code.LINK_OUTSIDE),
    "root.md": ("/etc/passwd", ["root.md"], Code.LINK_OUTSIDE),
    "gone.md": ("nowhere.md", ["gone.md"], Code.LINK_DANGLING),
    "gone": ("nowhere", ["gone"], Code.LINK_DANGLING),
    "gone.png": ("nowhere.png", [], None),
    "loop.md": ("loop.md", ["loop.md"], Code.LINK_LOOP),
    "loop": ("loop", ["loop"], Code.LINK_LOOP),
    "here": (".", ["here"], Code.LINK_LOOP),
    "in/above": ("../in", ["in/above"], Code.LINK_LOOP),
    ".hidden.md": (".store/one", [], None),
}


@pytest.mark.parametrize("name", LINKS)
def test_a_link_is_followed_inside_the_raw_folder_and_refused_otherwise(
    tmp_path: Path, name: str
) -> None:
    raw = tmp_path / "raw"
    touch(tmp_path, "raw/.store/one", "raw/.store/two.md", "outside/three.md", "raw2/four.md")
    target, added, code = LINKS[name]
    (raw / name).parent.mkdir(exist_ok=True)
    (raw / name).symlink_to(target)
    assert list(discover(raw)) == added
    for path in added:
        if code is None:
            assert read(raw, path, 1000).data in {b"raw/.store/one", b"raw/.store/two.md"}
        else:
            assert refused(raw, path)[0] == code


def test_a_raw_folder_may_be_a_link(tmp_path: Path) -> None:
    touch(tmp_path, "articles/a.md")
    (tmp_path / "raw").symlink_to("articles")
    assert list(discover(tmp_path / "raw")) == ["a.md"]
    assert read(tmp_path / "raw", "a.md", 100).data == b"articles/a.md"


def test_links_that_lead_to_each_others_folders_end(tmp_path: Path) -> None:
    touch(tmp_path, "a/a.md", "b/b.md")
    (tmp_path / "a/b").symlink_to("../b")
    (tmp_path / "b/a").symlink_to("../a")
    assert list(discover(tmp_path)) == [
        "a/a.md",
        "a/b/a",
        "a/b/b.md",
        "b/a/a.md",
        "b/a/b",
        "b/b.md",
    ]
    assert refused(tmp_path, "a/b/a")[0] == Code.LINK_LOOP


def test_folders_of_links_to_folders_of_links_do_not_multiply_without_end(tmp_path: Path) -> None:
    for level in range(40):
        (tmp_path / f".{level}").mkdir()
        for name in "ab":
            (tmp_path / f".{level}" / name).symlink_to(f"../.{level + 1}")
    (tmp_path / ".40").mkdir()
    (tmp_path / "first").symlink_to(".0")
    found = list(discover(tmp_path))
    assert found == ["first/a", "first/b"]
    assert {refused(tmp_path, path)[0] for path in found} == {Code.LINK_LOOP}


# --- patterns ----------------------------------------------------------------------------------

TREE = ["a.md", "drafts/b.md", "learn/c.md", "learn/drafts/d.md", "learn/e.de.md", "notes/f.md"]
PATTERNS: dict[str, tuple[Sources, list[str]]] = {
    "none": (Sources(), TREE),
    "a folder anywhere": (Sources(exclude=("drafts/",)), [TREE[i] for i in (0, 2, 4, 5)]),
    "a folder at the top": (Sources(exclude=("/drafts/",)), [TREE[i] for i in (0, 2, 3, 4, 5)]),
    "names": (Sources(exclude=("*.de.md",)), [TREE[i] for i in (0, 1, 2, 3, 5)]),
    "all but": (Sources(exclude=("learn/*", "!learn/c.md")), [TREE[i] for i in (0, 1, 2, 5)]),
    "only a folder": (Sources(include=("/learn/",)), [TREE[i] for i in (2, 3, 4)]),
    "only two": (Sources(include=("a.md", "notes/")), [TREE[i] for i in (0, 5)]),
    "both": (Sources(include=("learn/",), exclude=("drafts/",)), [TREE[i] for i in (2, 4)]),
    "nothing fits": (Sources(include=("other/",)), []),
    "any depth": (Sources(include=("learn/**/d.md",)), [TREE[3]]),
}


@pytest.mark.parametrize(("patterns", "paths"), PATTERNS.values(), ids=PATTERNS)
def test_patterns_choose_the_sources(tmp_path: Path, patterns: Sources, paths: list[str]) -> None:
    touch(tmp_path, *TREE, ".hidden/g.md")
    assert list(discover(tmp_path, patterns)) == paths


@on_linux
def test_patterns_know_any_name(tmp_path: Path) -> None:
    names = ["a\nb/drafts/c.md", os.fsdecode(b"\xff/drafts/d.md"), "e\n.md"]
    touch(tmp_path, *names)
    assert list(discover(tmp_path, Sources(exclude=("drafts/",)))) == ["e\n.md"]


def test_a_folder_that_is_left_out_is_not_walked(tmp_path: Path) -> None:
    touch(tmp_path, "a.md", "node_modules/b.md")
    (tmp_path / "node_modules/loop").symlink_to(".")
    (tmp_path / "linked").symlink_to("node_modules")
    assert list(discover(tmp_path, Sources(exclude=("node_modules/", "linked/")))) == ["a.md"]
    patterns = Sources(include=("*.md",), exclude=("linked",))
    assert list(discover(tmp_path, patterns)) == ["a.md", "node_modules/b.md", "node_modules/loop"]


def test_backup_files_of_editors_are_no_sources(tmp_path: Path) -> None:
    touch(tmp_path, "a.md~", "#a.md#", ".a.md.swp", ".#a.md", "a.md.orig", "a.md.bak")
    assert list(discover(tmp_path)) == []


def test_an_empty_folder_has_no_sources(tmp_path: Path) -> None:
    assert list(discover(tmp_path)) == []


def test_a_missing_folder_is_an_error_of_the_settings(tmp_path: Path) -> None:
    touch(tmp_path, "a.md")
    for path in (tmp_path / "missing", tmp_path / "a.md"):
        with pytest.raises(SettingsError, match=r"does not exist.*--raw"):
            list(discover(path))


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is closed to this user"
)
def test_a_folder_that_cannot_be_listed_is_an_error(tmp_path: Path) -> None:
    touch(tmp_path, "a.md", "closed/b.md")
    (tmp_path / "closed").chmod(0)
    try:
        with pytest.raises(PermissionError):
            list(discover(tmp_path))
    finally:
        (tmp_path / "closed").chmod(0o700)


@on_linux
def test_names_that_are_not_utf8_are_sources_in_the_order_of_their_bytes(tmp_path: Path) -> None:
    names = [b"a\n.md", b"z.md", "é.md".encode(), b"\xe9.md", b"\xff\n/x.md"]
    paths = [os.fsdecode(name) for name in names]
    touch(tmp_path, *reversed(paths))
    assert list(discover(tmp_path)) == paths


# --- cut ---------------------------------------------------------------------------------------

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0/"), min_size=1, max_size=8)
PATHS = st.lists(NAMES, unique=True, max_size=120).map(sorted)
SIZES = st.integers(1, 12)


@given(PATHS, SIZES)
def test_shards_in_order_are_the_paths(paths: list[str], size: int) -> None:
    shards = list(cut(paths, size))
    assert [path for shard in shards for path in shard] == paths
    assert all(len(shard) <= 4 * size for shard in shards)
    assert all(shards) or shards == [[]]


@given(PATHS, SIZES, NAMES)
def test_a_new_path_disturbs_shards_up_to_the_next_border_of_a_checksum(
    paths: list[str], size: int, new: str
) -> None:
    def shards(paths: list[str]) -> set[tuple[str, ...]]:
        return {tuple(shard) for shard in cut(paths, size)}

    # Borders that a checksum sets are borders of any list: each side is cut as if it were alone.
    before, after = shards(paths), shards(sorted({*paths, new}))
    fixed = [path for path in paths if list(cut([path, path], size)) == [[path], [path]]]
    low = max((path for path in fixed if path < new), default="")
    high = min((path for path in fixed if path >= new), default="\U0010ffff" * 9)
    disturbed = {path for shard in before ^ after for path in shard}
    assert all(low < path <= high for path in disturbed)


def test_shards_are_about_as_long_as_asked() -> None:
    paths = [f"a/{number:06}.md" for number in range(20_000)]
    for size in (7, 100, 1000):
        assert 0.7 * size < len(paths) / len(list(cut(paths, size))) < 1.3 * size


def test_most_new_paths_disturb_one_shard() -> None:
    paths = [f"{number:05}" for number in range(0, 4000, 2)]
    whole = {tuple(shard) for shard in cut(paths, 20)}
    kept = []
    for number in range(1, 4000, 40):
        more = sorted([*paths, f"{number:05}"])
        shards = {tuple(shard) for shard in cut(more, 20)}
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
    message = "The file was listed, and gone when it was to be read."
    assert refused(tmp_path, "a.md") == (Code.VANISHED, message)
    assert refused(tmp_path, "gone/a.md") == (Code.VANISHED, message)


def test_what_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    touch(tmp_path, "sub/a.md")
    message = "The file cannot be read: Not a directory."
    assert refused(tmp_path, "sub/a.md/x.md") == (Code.UNREADABLE, message)
    assert refused(tmp_path, "sub") == (Code.NOT_A_FILE, "This is not a regular file.")


@on_linux
def test_a_named_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.md")
    assert list(discover(tmp_path)) == ["a.md"]
    assert refused(tmp_path, "a.md")[0] == Code.NOT_A_FILE


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is closed to this user"
)
def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    touch(tmp_path, "a.md")
    (tmp_path / "a.md").chmod(0)
    assert refused(tmp_path, "a.md")[1] == "The file cannot be read: Permission denied."


def test_a_file_that_the_system_refuses_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path, "a.md")

    def closed(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pipeline.sources.os.open", closed)
    message = "The file cannot be read: Permission denied."
    assert refused(tmp_path, "a.md") == (Code.UNREADABLE, message)


@on_linux
def test_every_odd_name_of_a_raw_folder_is_a_row_of_articles_or_of_rejects(site: Site) -> None:
    touch(site.home, "outside/a.md")
    (site.raw / "a\nb.md").write_text(article(slug="newline"))
    (site.raw / os.fsdecode(b"\xff.md")).write_text(article(slug="bytes"))
    (site.raw / "folder.md").mkdir()
    (site.raw / "folder.md/x.markdown").write_text(article(slug="in-a-folder"))
    (site.raw / "empty.md").touch()
    (site.raw / "linked.md").symlink_to("a\nb.md")
    (site.raw / "gone.md").symlink_to("nowhere.md")
    (site.raw / "loop").symlink_to(".")
    (site.raw / "out").symlink_to("../outside")
    os.mkfifo(site.raw / "pipe.md")
    with (site.raw / "large.md").open("wb") as stream:
        stream.truncate(1 << 30)

    site.build()

    assert [row["source_path"] for row in site.rows("articles")] == [
        "a\nb.md",
        "folder.md/x.markdown",
    ]
    assert {row["source_path"]: row["code"] for row in site.rows("rejects")} == {
        "empty.md": Code.EMPTY_FILE,
        "gone.md": Code.LINK_DANGLING,
        "large.md": Code.TOO_LARGE,
        "linked.md": Code.DUPLICATE_URL,
        "loop": Code.LINK_LOOP,
        "out": Code.LINK_OUTSIDE,
        "pipe.md": Code.NOT_A_FILE,
        r"\xff.md": Code.NAME_NOT_UTF8,
    }
    listed = pressroom("rejects", "--out", site.out).out
    assert r"\xff.md: The name of the file is not UTF-8. [name_not_utf8]" in listed


def test_what_the_patterns_of_the_settings_leave_out_is_listed_nowhere(site: Site) -> None:
    (site.home / "pressroom.toml").write_text("[sources]\nexclude = ['drafts/']\n")
    (site.raw / "drafts").mkdir()
    site.write(**{"a": article(slug="a"), "drafts/b": "no front matter"})
    done = pressroom("build", "--json", cwd=site.home)
    assert (done.status, done.json["files"], done.json["rejects"]) == (0, 1, 0)


# --- names -------------------------------------------------------------------------------------


def test_a_name_is_shown_as_valid_text() -> None:
    assert shown("a/é 北.md") == "a/é 北.md"
    assert shown(os.fsdecode(b"a/\xe9\xff.md")) == r"a/\xe9\xff.md"


def test_a_name_for_a_report_is_one_line() -> None:
    name = os.fsdecode(b"a\nb\x1b[31m\xff") + "\u2028 é.md"
    assert one_line(name) == r"a\nb\x1b[31m\xff\u2028 é.md"


BYTE_NAMES = st.binary(min_size=1, max_size=12).filter(lambda name: b"\0" not in name)


@on_linux
@given(st.lists(st.lists(BYTE_NAMES | NAMES.map(str.encode), max_size=9), max_size=5))
def test_each_slice_of_a_written_list_is_a_shard(
    tmp_path_factory: pytest.TempPathFactory, shards: list[list[bytes]]
) -> None:
    etags = ["", '"1-2"']
    listed = [
        [Listed(os.fsdecode(name), etags[len(name) % 2]) for name in shard] for shard in shards
    ]
    target = tmp_path_factory.getbasetemp() / "paths"
    slices = write_list(target, listed)
    assert [read_list(target, part) for part in slices] == listed
    assert [part.files for part in slices] == [len(shard) for shard in listed]
