"""What is the same of raw files wherever they are: each case is of a folder and of a bucket."""

import contextlib
import hashlib
import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pressroom.base.errors import SettingsError
from pressroom.base.problems import Code, DocumentError
from pressroom.cli import explain
from pressroom.cli.common import Site
from pressroom.model.paths import Paths, Sources
from pressroom.sources.raw_file import RawFile
from pressroom.sources.source import Source, source_at
from tests.object_storage import BUCKET, Server, served_here


class Place(Protocol):
    """A place for raw files, in which a test puts and deletes them."""

    @property
    def source(self) -> Source: ...

    def put(self, path: str, text: str) -> None: ...

    def delete(self, path: str) -> None: ...


@dataclass
class Folder:
    path: Path

    @property
    def source(self) -> Source:
        return source_at(self.path)

    def put(self, path: str, text: str) -> None:
        target = self.path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())

    def delete(self, path: str) -> None:
        (self.path / path).unlink()


@dataclass
class Bucket:
    server: Server
    name: str

    @property
    def source(self) -> Source:
        return source_at(f"s3://{BUCKET}/{self.name}")

    def put(self, path: str, text: str) -> None:
        self.server.put(f"{self.name}/{path}", text)

    def delete(self, path: str) -> None:
        self.server.delete(f"{self.name}/{path}")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with served_here() as server:
        yield server


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, server: Server, tmp_path: Path) -> Place:
    if request.param == "folder":
        return Folder(tmp_path / "raw")
    return Bucket(server, tmp_path.name)


def listed(place: Place, patterns: Sources | None = None) -> list[str]:
    return [path for path, _ in place.source.listed(patterns or Sources())]


# --- the list -----------------------------------------------------------------------------------

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
def test_patterns_choose_the_files(place: Place, patterns: Sources, paths: list[str]) -> None:
    for path in (*TREE, ".hidden/g.md"):
        place.put(path, "x")
    assert listed(place, patterns) == paths


LISTS: dict[str, tuple[list[str], list[str]]] = {
    # what there is, and what is listed of it
    # As whole texts, "a-b/x.md" and "a.md" would stand before "a/x.md": - and . are below /.
    "in the order of parts": (
        ["北.md", "é.md", "b.md", "a.md", "a-b/x.md", "a/x.md", "a/b.md", "a/b/c.md", "A.md"],
        ["A.md", "a/b/c.md", "a/b.md", "a/x.md", "a-b/x.md", "a.md", "b.md", "é.md", "北.md"],
    ),
    "with a suffix of Markdown": (
        ["a.md", "b.markdown", "C.MD", "c.txt", "d", "e.md.bak", "f.mdx", "md", "g.html"],
        ["C.MD", "a.md", "b.markdown", "f.mdx"],
    ),
    "not hidden": (
        [".a.md", ".git/b.md", "c/.d/e.md", "c/.f.md", "c/g.md", ".md"],
        ["c/g.md"],
    ),
    "not of an editor": (
        ["a.md~", "#a.md#", ".a.md.swp", ".#a.md", "a.md.orig", "a.md.bak"],
        [],
    ),
    "below what is named like a file": (
        ["a.md/b.md", "a.md/c/d.md"],
        ["a.md/b.md", "a.md/c/d.md"],
    ),
}


@pytest.mark.parametrize(("there", "expected"), LISTS.values(), ids=LISTS)
def test_what_is_listed(place: Place, there: list[str], expected: list[str]) -> None:
    for path in there:
        place.put(path, "x")
    assert listed(place) == expected


PATHS = st.lists(
    st.lists(
        st.sampled_from(["a", "b", "a-b", "a.md", ".c", "é", "x.md", "y.MD", "z.txt", "drafts"]),
        min_size=1,
        max_size=4,
    ).map("/".join),
    unique=True,
    max_size=12,
).filter(lambda paths: not any(a != b and b.startswith(a + "/") for a in paths for b in paths))


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PATHS, st.sampled_from([Sources(), Sources(exclude=("drafts/",)), Sources(include=("a*",))]))
def test_the_same_files_are_listed_in_the_same_order(
    server: Server,
    tmp_path_factory: pytest.TempPathFactory,
    paths: list[str],
    patterns: Sources,
) -> None:
    folder = tmp_path_factory.mktemp("raw")
    places: list[Place] = [Folder(folder), Bucket(server, folder.name)]
    for path in paths:
        for place in places:
            place.put(path, "x")
    assert listed(places[0], patterns) == listed(places[1], patterns)


def test_a_place_without_files_is_refused_and_named(place: Place) -> None:
    source = place.source
    with pytest.raises(SettingsError, match=rf"{source.home}.*--raw or paths\.raw"):
        source.check()
    place.put("a.md", "x")
    source.check()


def test_the_signature_is_another_after_an_edit_alone(place: Place) -> None:
    def signature() -> str:
        return place.source.signature(Sources(exclude=("drafts/",)))

    place.put("a.md", "one")
    place.put("b.md", "two")
    seen = {signature()}
    place.put("drafts/c.md", "three")
    assert signature() in seen
    for path, text in (("a.md", "other"), ("c.md", "three"), ("b.md", None)):
        place.delete(path) if text is None else place.put(path, text)
        now = signature()
        assert now not in seen
        assert now == signature()
        seen.add(now)


# --- reading ------------------------------------------------------------------------------------


def test_a_file_is_read_whole_with_its_digest(place: Place) -> None:
    text = "".join(map(chr, range(1, 1000)))
    place.put("sub/a.md", text)
    data = text.encode()
    (one,) = place.source.listed(Sources())
    read = place.source.read("sub/a.md", len(data))
    assert read == RawFile("sub/a.md", data, hashlib.sha256(data).hexdigest(), one.etag)
    assert bool(read.etag) is place.source.has_etags


@pytest.mark.parametrize(
    ("path", "code"), [("large.md", Code.TOO_LARGE), ("gone.md", Code.VANISHED)]
)
def test_a_file_that_cannot_be_read_is_refused(place: Place, path: str, code: Code) -> None:
    place.put("large.md", "x" * 11)
    with pytest.raises(DocumentError) as refused:
        place.source.read(path, 10)
    assert refused.value.problem.code == code


def test_files_are_read_in_order_with_errors_in_their_places(place: Place) -> None:
    paths = [f"{number:02}.md" for number in range(40)]
    for number, path in enumerate(paths):
        if number != 7:
            place.put(path, "x" * number)
    read = list(place.source.read_all(paths, 38))
    errors = {n: one.problem.code for n, one in enumerate(read) if isinstance(one, DocumentError)}
    assert errors == {7: Code.VANISHED, 39: Code.TOO_LARGE}
    sizes = {n: len(one.data) for n, one in enumerate(read) if isinstance(one, RawFile)}
    assert sizes == {n: n for n in range(39) if n != 7}


# --- as a value ---------------------------------------------------------------------------------


def test_another_process_gets_the_same_source(place: Place) -> None:
    place.put("a.md", "x")
    source = place.source.resolved()
    sent = pickle.loads(pickle.dumps(source))
    assert sent == source
    assert len(pickle.dumps(source)) < 500
    assert sent.read("a.md", 10) == source.read("a.md", 10)


APART: dict[str, tuple[str, str, str, bool]] = {
    # where raw files are, the output folder, the storage; may that be?
    "beside": ("raw", "out", "", True),
    "out in raw": ("raw", "raw/out", "", False),
    "the same": ("raw", "raw", "", False),
    "through a link": ("raw", "link/out", "", False),
    "raw in out": ("out/raw", "out", "", True),
    "a like name": ("raw", "raw2", "", True),
    "folder and storage": ("raw", "out", "s3://bucket/raw", True),
    "no storage": ("s3://bucket/raw", "out", "", True),
    "prefixes": ("s3://bucket/raw", "out", "s3://bucket/site", True),
    "a like prefix": ("s3://bucket/raw", "out", "s3://bucket/raw2", True),
    "the same prefix": ("s3://bucket/raw", "out", "s3://bucket/raw", False),
    "storage in raw": ("s3://bucket/raw", "out", "s3://bucket/raw/site", False),
    "raw in storage": ("s3://bucket/site/raw", "out", "s3://bucket/site", False),
    "raw is the bucket": ("s3://bucket", "out", "s3://bucket/site", False),
    "another bucket": ("s3://bucket/raw", "out", "s3://bucket-2", True),
}


@pytest.mark.parametrize(("raw", "out", "storage", "is_apart"), APART.values(), ids=APART)
def test_what_is_published_and_raw_files_do_not_lie_in_each_other(
    tmp_path: Path, raw: str, out: str, storage: str, is_apart: bool
) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "link").symlink_to("raw")
    source = source_at(raw if raw.startswith("s3:") else tmp_path / raw)
    refused = pytest.raises(SettingsError, match=source.home)
    with contextlib.nullcontext() if is_apart else refused:
        source.check_apart(tmp_path / out, storage)


def test_a_folder_is_known_from_another_in_its_place(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
    (tmp_path / "link").symlink_to("old")
    link = source_at(tmp_path / "link")
    begun = link.resolved()
    assert begun.home == str((tmp_path / "old").resolve())
    assert begun.folders == (Path(begun.home),)
    assert begun.identity() == link.identity() is not None
    (tmp_path / "old").rename(tmp_path / "before")
    assert begun.identity() is None
    (tmp_path / "new").rename(tmp_path / "old")
    assert begun.identity() not in {None, source_at(tmp_path / "before").identity()}


def test_a_bucket_needs_no_folder_of_a_machine() -> None:
    source = source_at("s3://bucket/raw")
    assert source.resolved() == source
    assert source.folders == ()
    assert source.identity() is None
    assert not source.holds(Path("/"))


def test_a_file_is_found_by_its_path_wherever_it_is(place: Place) -> None:
    place.put("posts/a.md", "x")
    raw = place.source.folders[0] if place.source.folders else place.source.home
    site = Site(Paths(raw), "", None, "", {})
    for asked in ("posts/a.md", f"{raw}/posts/a.md", "./posts/../posts/a.md"):
        assert explain.path_of(asked, site, None) == "posts/a.md"
    for asked in ("posts/b.md", "/posts/a.md", "https://site.example/posts/a.md", "posts"):
        assert explain.path_of(asked, site, None) is None
