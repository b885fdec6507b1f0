import contextlib
import errno
import os
import re
import shutil
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.base.errors import AuditError, PipelineError, SettingsError
from pressroom.base.problems import Code, DocumentError
from pressroom.model.paths import Sources
from pressroom.model.settings import Limits
from pressroom.sources import folder_read, listing
from pressroom.sources.listing import Listed, read_list, write_list
from pressroom.sources.raw_file import RawFile
from pressroom.sources.source import source_at
from tests.conftest import AS_OF, Site, article, pressroom
from tests.quicktakes import SETTINGS

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes on Linux")


def touch(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(path.encode("utf-8", "surrogateescape"))


def discover(raw: Path, patterns: Sources | None = None) -> Iterator[str]:
    return (path for path, _ in source_at(raw).listed(patterns or Sources()))


def read(raw: Path, path: str, file_bytes: int) -> RawFile:
    return source_at(raw).read(path, file_bytes)


def cut(paths: list[str], shard_files: int) -> Iterator[list[str]]:
    shards = listing.cut(map(Listed, paths), shard_files)
    return ([path for path, _ in shard] for shard in shards)


# --- discover ----------------------------------------------------------------------------------


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


def test_an_empty_folder_has_no_sources(tmp_path: Path) -> None:
    assert list(discover(tmp_path)) == []


def test_a_missing_folder_is_an_error_of_the_settings(tmp_path: Path) -> None:
    touch(tmp_path, "a.md")
    for path in (tmp_path / "missing", tmp_path / "a.md"):
        with pytest.raises(SettingsError, match=rf"{path}.*--raw"):
            list(discover(path))


@pytest.fixture
def unprivileged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A user to whom modes apply, in the folder of the test: root may read whatever there is."""
    monkeypatch.chdir(tmp_path)
    if os.geteuid() != 0:
        yield
        return
    for folder in (tmp_path, *tmp_path.rglob("*")):
        os.chown(folder, 65534, 65534)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@on_linux
@pytest.mark.usefixtures("unprivileged")
def test_a_folder_that_cannot_be_listed_is_set_aside_and_its_neighbours_are_read() -> None:
    raw = Path("raw")
    touch(Path(), "raw/a.md", "raw/closed/b.md", "raw/drafts/c.md", "raw/shut/d.md")
    for name in ("closed", "drafts"):
        (raw / name).chmod(0)
    (raw / "shut").chmod(0o444)  # its names can be seen
    try:
        found = list(discover(raw, Sources(exclude=("drafts",))))
        assert found == ["a.md", "closed", "shut/d.md"]
        assert read(raw, "a.md", 100).data == b"raw/a.md"
        code, message = refused(raw, "closed")
        assert (code, "Permission denied" in message) == (Code.UNREADABLE_FOLDER, True)
        assert refused(raw, "shut/d.md")[0] == Code.UNREADABLE
    finally:
        for name in ("closed", "drafts", "shut"):
            (raw / name).chmod(0o700)


@on_linux
@pytest.mark.usefixtures("unprivileged")
def test_a_raw_folder_that_cannot_be_listed_is_an_error() -> None:
    touch(Path(), "raw/a.md")
    Path("raw").chmod(0)
    try:
        with pytest.raises(PermissionError):
            list(discover(Path("raw")))
    finally:
        Path("raw").chmod(0o700)


def failing(error: int, folder: Path) -> Callable[[Any], Any]:
    """A listing that fails in one folder."""
    listed = os.scandir

    def scandir(path: Any) -> Any:
        if str(path) == str(folder):
            raise OSError(error, os.strerror(error))
        return listed(path)

    return scandir


def test_a_disk_that_fails_is_no_matter_of_one_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path, "a.md", "b/c.md")
    monkeypatch.setattr("pressroom.sources.walk.os.scandir", failing(errno.EIO, tmp_path / "b"))
    with pytest.raises(OSError, match="Input/output error"):
        list(discover(tmp_path))


def test_articles_of_a_folder_that_cannot_be_listed_do_not_go_unnoticed(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    (site.raw / "b").mkdir()
    site.write(a=article(slug="a"), **{f"b/{n}": article(slug=f"b{n}") for n in range(9)})
    site.build()
    monkeypatch.setattr("pressroom.sources.walk.os.scandir", failing(errno.EACCES, site.raw / "b"))
    with pytest.raises(
        AuditError, match=r"removals_limited: 9 of 10 .*\n  b: .*\[unreadable_folder\]\n"
    ):
        site.build(AS_OF + 60)

    site.build(AS_OF + 60, accept_removals=True)
    assert [row["source_path"] for row in site.rows("rejects")] == ["b"]


@contextlib.contextmanager
def nested(folder: Path, name: str, levels: int) -> Iterator[str]:
    """Folders inside each other below a folder, with a file in each; the path of the last.

    They are made and removed from within, for no path may be so long.
    """
    here = Path.cwd()
    os.chdir(folder)
    try:
        for _ in range(levels):
            Path(name).mkdir()
            os.chdir(name)
            Path("x.md").write_text("x")
        os.chdir(here)
        yield "/".join([name] * levels)
        os.chdir(folder)
        for _ in range(levels):
            os.chdir(name)
        for _ in range(levels):
            Path("x.md").unlink()
            os.chdir("..")
            Path(name).rmdir()
    finally:
        os.chdir(here)


@on_linux
def test_what_lies_deeper_than_a_path_may_be_long_is_set_aside(tmp_path: Path) -> None:
    touch(tmp_path, "a.md", "z.md")
    with nested(tmp_path, "d" * 200, 25):
        found = list(discover(tmp_path))
        assert (found[0], found[-1]) == ("a.md", "z.md")
        readable = [path for path in found if len(f"{tmp_path}/{path}") < 4096]
        (*beyond,) = [path for path in found if path not in readable]
        assert beyond
        for path in readable:
            read(tmp_path, path, 100)
        assert {refused(tmp_path, path)[0] for path in beyond} == {Code.PATH_TOO_LONG}


@on_linux
def test_folders_nest_more_deeply_than_calls_of_functions(tmp_path: Path) -> None:
    with nested(tmp_path, "d", 1500) as deepest:
        found = list(discover(tmp_path))
        assert len(found) == 1500
        assert found[0] == f"{deepest}/x.md"
        assert read(tmp_path, found[0], 100).data == b"x"


@on_linux
def test_a_tree_that_is_too_deep_ends_no_build(site: Site) -> None:
    site.write(a=article(slug="a"))
    with nested(site.raw, "d" * 200, 25):
        site.build(limits=Limits(max_rejects=1))
        codes = Counter(row["code"] for row in site.rows("rejects"))
    assert [row["source_path"] for row in site.rows("articles")] == ["a.md"]
    assert codes.keys() == {Code.NO_FRONT_MATTER, Code.PATH_TOO_LONG}


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


def refused(root: Path, path: str, file_bytes: int = 1000) -> tuple[Code, str]:
    with pytest.raises(DocumentError) as caught:
        read(root, path, file_bytes)
    code, message, line, column = caught.value.problem
    assert (line, column) == (None, None)
    return code, message


def test_a_file_above_the_limit_is_refused_without_being_read_whole(tmp_path: Path) -> None:
    with (tmp_path / "a.md").open("wb") as stream:
        stream.truncate(1 << 40)
    code, message = refused(tmp_path, "a.md")
    assert (code, " 1,000 " in message) == (Code.TOO_LARGE, True)


def test_a_folder_that_becomes_a_link_to_elsewhere_before_it_is_read_is_not_followed(
    tmp_path: Path,
) -> None:
    touch(tmp_path, "raw/a/b/c.md", "outside/b/c.md", "raw/.store/b/c.md")
    raw = tmp_path / "raw"
    assert list(discover(raw)) == ["a/b/c.md"]
    shutil.rmtree(raw / "a")
    (raw / "a").symlink_to("../outside")
    assert refused(raw, "a/b/c.md")[0] == Code.LINK_OUTSIDE
    (raw / "a").unlink()
    (raw / "a").symlink_to(".store")
    assert read(raw, "a/b/c.md", 100).data == b"raw/.store/b/c.md"


def test_where_the_system_does_not_tell_the_place_of_an_open_file_its_path_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readlink = os.readlink

    def refuse(path: str) -> str:
        if path.startswith("/proc/"):
            raise FileNotFoundError(2, "No such file or directory")
        return readlink(path)

    touch(tmp_path, "raw/a/c.md", "outside/c.md")
    monkeypatch.setattr("pressroom.sources.folder_read.os.readlink", refuse)
    (tmp_path / "raw/b").symlink_to("../outside")
    assert read(tmp_path / "raw", "a/c.md", 100).data == b"raw/a/c.md"
    assert refused(tmp_path / "raw", "b/c.md")[0] == Code.LINK_OUTSIDE


OLD = (0, 1_700_000_000)


def test_a_file_that_is_written_in_place_while_it_is_read_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.md").write_bytes(b"a" * 10)
    os.utime(tmp_path / "a.md", OLD)
    content = folder_read._content

    def half(descriptor: int, size: int, most: int) -> bytes:
        monkeypatch.undo()
        begun = os.read(descriptor, 5)
        (tmp_path / "a.md").write_bytes(b"b" * 10)
        return begun + content(descriptor, size - 5, most - 5)

    monkeypatch.setattr(folder_read, "_content", half)
    assert read(tmp_path, "a.md", 100).data == b"b" * 10


def test_a_file_that_was_written_to_just_now_is_read_when_it_has_been_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.md").write_bytes(b"half")

    def finish(_: float) -> None:
        (tmp_path / "a.md").write_bytes(b"half and half")
        os.utime(tmp_path / "a.md", OLD)

    monkeypatch.setattr("pressroom.sources.folder_read.time.sleep", finish)
    assert read(tmp_path, "a.md", 100).data == b"half and half"


@on_linux
def test_a_file_that_is_being_emptied_is_not_read_as_an_empty_one(tmp_path: Path) -> None:
    """Real writers, for the moment at which a file is empty and looks old is one of the kernel."""
    (tmp_path / "a.md").write_bytes(b"a")
    gaps, stop = [0.0], threading.Event()

    def write() -> None:
        while not stop.wait(0.06):
            began = time.monotonic()
            (tmp_path / "a.md").write_bytes(b"a")
            gaps.append(time.monotonic() - began)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        seen = {read(tmp_path, "a.md", 100).data for _ in range(20_000)}
    finally:
        stop.set()
        writer.join()
    if max(gaps) < 0.04:  # else the writer was kept from writing for as long as nobody can tell
        assert seen == {b"a"}


def test_a_file_that_is_being_written_all_the_time_is_left_to_the_next_run(site: Site) -> None:
    site.write(a=article(slug="a"), b=article(slug="b"))
    stop, began = threading.Event(), time.monotonic()

    def write() -> None:
        while not stop.wait(0.01):
            os.utime(site.raw / "b.md")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        site.build()
    finally:
        stop.set()
        writer.join()
    assert time.monotonic() - began < 60
    [row] = site.rows("rejects")
    assert (row["source_path"], row["code"]) == ("b.md", Code.CHANGING)

    time.sleep(0.1)
    site.build(AS_OF + 60)
    assert [row["source_path"] for row in site.rows("articles")] == ["a.md", "b.md"]


def test_a_file_that_another_replaces_is_read_whole(tmp_path: Path) -> None:
    texts = [bytes([65 + number]) * 100_000 for number in range(20)]
    (tmp_path / "a.md").write_bytes(texts[0])

    def replace() -> None:
        for text in texts:
            (tmp_path / "new").write_bytes(text)
            (tmp_path / "new").replace(tmp_path / "a.md")
            time.sleep(0.06)

    writer = threading.Thread(target=replace)
    writer.start()
    seen = set()
    while writer.is_alive():
        seen.add(read(tmp_path, "a.md", 1_000_000).data)
    assert seen <= set(texts)


@pytest.mark.parametrize("seconds", [-3600, 3600])
def test_a_file_of_another_time_is_read_at_once(tmp_path: Path, seconds: int) -> None:
    touch(tmp_path, "a.md")
    then = time.time() + seconds
    os.utime(tmp_path / "a.md", (then, then))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pressroom.sources.folder_read.time.sleep", pytest.fail)
        assert read(tmp_path, "a.md", 100).data == b"a.md"


# --- one run, one version -----------------------------------------------------------------------


def versions(home: Path, count: int) -> None:
    """Two versions of a site, in folders of their own."""
    for name in ("old", "new"):
        (home / name).mkdir()
        for number in range(count):
            text = article(slug=f"a{number}", answer=name)
            (home / name / f"a{number}.md").write_text(text)


def when_listed(monkeypatch: pytest.MonkeyPatch, change: Callable[[], None]) -> None:
    """Let something happen between the listing of a raw folder and its reading."""
    listed = listing.write_list

    def list_and_change(*given: Any) -> Any:
        slices = listed(*given)
        change()
        return slices

    monkeypatch.setattr(listing, "write_list", list_and_change)


def test_a_run_reads_the_version_that_its_link_led_to_when_it_began(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions(site.home, 5)
    site.raw.rmdir()
    site.raw.symlink_to("old")

    def swap() -> None:
        (site.home / "next").symlink_to("new")
        (site.home / "next").replace(site.raw)

    when_listed(monkeypatch, swap)
    site.build()
    assert {row["text"] for row in site.rows("articles")} == {"old"}
    monkeypatch.undo()
    site.build(AS_OF + 60)
    assert {row["text"] for row in site.rows("articles")} == {"new"}


@pytest.mark.parametrize("new", ["new", "nowhere"])
def test_a_run_whose_raw_folder_is_replaced_publishes_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch, new: str
) -> None:
    versions(site.home, 5)
    site.raw.rmdir()
    (site.home / "old").rename(site.raw)

    def swap() -> None:
        site.raw.rename(site.home / "before")
        if new == "new":
            (site.home / new).rename(site.raw)

    when_listed(monkeypatch, swap)
    with pytest.raises(PipelineError, match=f"{site.raw} "):
        site.build()
    assert not (site.out / "current").exists()


def test_a_file_that_vanished_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, "a.md")[0] == Code.VANISHED
    assert refused(tmp_path, "gone/a.md")[0] == Code.VANISHED


def test_what_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    touch(tmp_path, "sub/a.md")
    code, message = refused(tmp_path, "sub/a.md/x.md")
    assert (code, "Not a directory" in message) == (Code.UNREADABLE, True)
    assert refused(tmp_path, "sub")[0] == Code.UNREADABLE_FOLDER


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
    code, message = refused(tmp_path, "a.md")
    assert (code, "Permission denied" in message) == (Code.UNREADABLE, True)


def test_a_file_that_the_system_refuses_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path, "a.md")

    def closed(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pressroom.sources.folder_read.os.open", closed)
    code, message = refused(tmp_path, "a.md")
    assert (code, "Permission denied" in message) == (Code.UNREADABLE, True)


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
    assert re.search(r"^\\xff\.md: .+ \[name_not_utf8\]$", listed, re.MULTILINE)


def test_what_the_patterns_of_the_settings_leave_out_is_listed_nowhere(site: Site) -> None:
    (site.home / "pressroom.toml").write_text(f"{SETTINGS}[sources]\nexclude = ['drafts/']\n")
    (site.raw / "drafts").mkdir()
    site.write(**{"a": article(slug="a"), "drafts/b": "no front matter"})
    done = pressroom("build", "--json", cwd=site.home)
    assert (done.status, done.json["files"], done.json["rejects"]) == (0, 1, 0)


# --- names -------------------------------------------------------------------------------------


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
