"""What an output folder says of its releases, and what a manifest says of its files."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from pressroom.base.errors import PipelineError, SettingsError
from pressroom.files import atomic
from pressroom.releases import local, publishing
from pressroom.releases.manifest import Release, open_release
from pressroom.releases.store import store_at
from tests.conftest import AS_OF
from tests.small_releases import FEED, publish, release_of


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def made(out: Path) -> list[Release]:
    return [publish(out, text) for text in "abc"]


STATED: dict[str, Any] = {
    "url": "s3://bucket/site",
    "current": "000002-b",
    "pinned": None,
    "releases": ["000001-a", "000002-b"],
}


def state(out: Path, **changes: Any) -> None:
    """Let an output folder work for object storage."""
    out.mkdir(exist_ok=True)
    (out / "storage.json").write_text(json.dumps({**STATED, **changes, "more": 1}))


def rewrite_manifest(release: Release, text: str) -> None:
    (release.root / "manifest.json").unlink()
    (release.root / "manifest.json").write_text(text)


# --- one release ---------------------------------------------------------------------------------


def test_a_manifest_is_read_as_it_was_written(made: list[Release]) -> None:
    release = open_release(made[2].root)

    assert release == made[2]
    assert (release.id, release.root.name) == (made[2].id, made[2].id)
    assert release.base_url == "https://site.example"
    assert release.counts.articles == 1230
    assert release.manifest.as_of == AS_OF
    entry = atomic.entry(release.root, FEED)
    assert release.outputs["feeds"].files == (entry,)
    assert release.paths("feeds") == [release.root / FEED]
    assert release.bytes == entry.bytes == 1


def test_the_version_of_an_output_is_that_of_its_content(made: list[Release]) -> None:
    (entry,) = made[0].outputs["feeds"].files
    output = made[0].outputs["feeds"]
    changed = [
        output._replace(recipe="another", inputs="another"),
        output._replace(files=(entry._replace(inputs="another"),)),
        output._replace(files=(entry._replace(sha256="0"),)),
        output._replace(files=(entry._replace(path="another"),)),
    ]

    same = [each.version == output.version for each in changed]
    assert same == [True, True, False, False]
    assert output.rows == 0
    parts = (entry._replace(rows=2), entry._replace(rows=3))
    assert output._replace(files=parts).rows == 5


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("{", "(Expecting property name"),
        ("null", "('NoneType' object is not iterable)"),
        ("{}", " as_of, counts, files, inputs, outputs, previous, release, sequence."),
        (
            '{"as_of": 1, "counts": {}, "files": [], "inputs": "", "outputs": {}}',
            " previous, release, sequence.",
        ),
    ],
)
def test_a_manifest_that_says_too_little_is_refused_with_what_it_lacks(
    made: list[Release], text: str, named: str
) -> None:
    root = made[0].root
    rewrite_manifest(made[0], text)

    with pytest.raises(PipelineError) as raised:
        open_release(root)
    assert f"{root} " in str(raised.value)
    assert "manifest.json" in str(raised.value)
    assert named in str(raised.value)


def test_a_manifest_without_a_version_is_read_and_one_of_another_is_refused(
    made: list[Release],
) -> None:
    stated = json.loads((made[0].root / "manifest.json").read_bytes())
    assert stated.pop("format") == 1

    rewrite_manifest(made[0], json.dumps(stated))
    assert open_release(made[0].root) == made[0]
    rewrite_manifest(made[0], json.dumps({**stated, "format": 2}))
    with pytest.raises(PipelineError, match=rf"^{made[0].root} .* manifest\.json .* 2, "):
        open_release(made[0].root)


def test_a_manifest_that_is_not_there_is_refused_with_its_name(out: Path) -> None:
    with pytest.raises(PipelineError, match=rf"^{out} .* manifest\.json .*No such file"):
        open_release(out)


# --- which release is current --------------------------------------------------------------------


def test_the_current_release_is_that_which_the_link_leads_to(
    out: Path, made: list[Release]
) -> None:
    publishing.rollback(store_at(out), made[1])

    assert local.current(out) == made[1]
    assert (local.current_id(out), local.pinned(out)) == (made[1].id, made[1].id)
    assert not local.lacks_current(out)


@pytest.mark.parametrize("folder", ["nothing", "empty", "file"])
def test_a_folder_without_releases_has_no_current_one_and_lacks_none(
    tmp_path: Path, folder: str
) -> None:
    out = tmp_path / "out"
    if folder == "empty":
        out.mkdir()
    elif folder == "file":
        out.touch()

    assert local.seen(out) is None
    assert local.current(out) is None
    assert (local.current_id(out), local.pinned(out)) == (None, None)
    assert not local.lacks_current(out)
    assert (list(local.folders(out)), local.next_sequence(out)) == ([], 1)


def test_a_current_link_that_is_gone_is_told_from_one_that_leads_to_nothing(
    out: Path, made: list[Release]
) -> None:
    link = out / "current"
    link.unlink()
    assert local.lacks_current(out)
    with pytest.raises(PipelineError) as raised:
        local.current(out)
    assert str(raised.value).startswith(f"{link} ")
    assert "`pressroom rollback RELEASE`" in str(raised.value)

    link.symlink_to("releases/gone")
    assert not local.lacks_current(out)
    with pytest.raises(PipelineError) as raised:
        local.current(out)
    assert str(raised.value).startswith(f"{out / 'releases/gone'} ")
    assert "`pressroom rollback`" in str(raised.value)
    assert isinstance(raised.value.__cause__, PipelineError)


def test_a_folder_in_the_place_of_the_current_link_is_refused(
    out: Path, made: list[Release]
) -> None:
    (out / "current").unlink()
    (out / "current").mkdir()

    assert not local.lacks_current(out)
    assert local.current_id(out) is None
    with pytest.raises(PipelineError) as raised:
        local.current(out)
    assert str(raised.value).startswith(f"{out / 'current'} ")


# --- what object storage said --------------------------------------------------------------------


def test_what_the_storage_said_counts_and_not_the_links(out: Path, made: list[Release]) -> None:
    state(out, current=made[0].id, pinned=made[1].id)

    assert local.seen(out) == {**STATED, "current": made[0].id, "pinned": made[1].id}
    assert local.current(out) == made[0]
    assert (local.current_id(out), local.pinned(out)) == (made[0].id, made[1].id)
    (out / "current").unlink()
    assert not local.lacks_current(out)


def test_a_release_of_the_storage_whose_manifest_is_lost_is_named_with_what_helps(
    out: Path, made: list[Release]
) -> None:
    state(out, current=made[0].id)
    (made[0].root / "manifest.json").unlink()

    with pytest.raises(PipelineError) as raised:
        local.current(out)
    for named in ("s3://bucket/site ", f" {made[0].id}", "`pressroom rollback`"):
        assert named in str(raised.value)


@pytest.mark.parametrize(
    ("text", "error"), [("{", "JSONDecodeError"), ("{}", "KeyError"), ("[]", "TypeError")]
)
def test_what_the_storage_said_is_refused_if_it_is_not_as_it_was_written(
    out: Path, text: str, error: str
) -> None:
    out.mkdir()
    (out / "storage.json").write_text(text)

    with pytest.raises(PipelineError) as raised:
        local.seen(out)
    assert str(raised.value).startswith(f"{out / 'storage.json'} ")
    assert f"({error}(" in str(raised.value)


# --- finding a release ---------------------------------------------------------------------------


def test_a_release_is_found_by_its_number_or_the_beginning_of_its_id(
    out: Path, made: list[Release]
) -> None:
    for beginning in ("2", "000002", made[1].id, made[1].id[:9]):
        assert local.find(out, beginning) == made[1]


def test_a_beginning_of_no_release_or_of_several_is_refused(out: Path, made: list[Release]) -> None:
    with pytest.raises(SettingsError) as raised:
        local.find(out, "7")
    for named in ("'7'", f"{out}", "`pressroom releases`"):
        assert named in str(raised.value)

    twin = made[1].root.with_name("000002-twin")
    made[1].root.with_name("000002-twin").mkdir()
    with pytest.raises(SettingsError) as raised:
        local.find(out, "2")
    found = ", ".join(sorted([made[1].id, twin.name]))
    assert str(raised.value).startswith("'2' ")
    assert str(raised.value).endswith(f" {found}.")


def test_the_release_before_is_that_which_the_current_one_names(
    out: Path, made: list[Release]
) -> None:
    assert local.before(out) == made[1]
    publishing.rollback(store_at(out), made[0])
    publishing.unpin(store_at(out))
    assert publish(out, "d").manifest.previous == made[0].id
    assert local.before(out) == made[0]


def test_the_release_before_is_the_newest_older_one_where_none_is_named_that_is_there(
    out: Path, made: list[Release]
) -> None:
    manifest = json.loads((made[2].root / "manifest.json").read_bytes())
    rewrite_manifest(made[2], json.dumps({**manifest, "previous": "gone"}))
    assert local.before(out) == made[1]

    rewrite_manifest(made[2], "{}")
    assert local.before(out) == made[1]

    (out / "current").unlink()
    rewrite_manifest(made[2], json.dumps({**manifest, "previous": made[0].id}))
    assert local.before(out).id == made[2].id


def test_the_first_release_has_none_before_it(out: Path) -> None:
    with pytest.raises(PipelineError) as raised:
        local.before(out)
    assert f" {out} " in str(raised.value)

    first = publish(out)
    with pytest.raises(PipelineError) as raised:
        local.before(out)
    assert f" {out} " in str(raised.value)
    assert first.id in str(raised.value)


def test_folders_of_releases_are_those_with_a_number_the_oldest_first(
    out: Path, made: list[Release]
) -> None:
    for name in ("000010-x", "000009-x", "notes"):
        (out / "releases" / name).mkdir()

    found = [folder.name for folder in local.folders(out)]
    assert found == [*(release.id for release in made), "000009-x", "000010-x"]
    assert local.next_sequence(out) == 11


# --- the files of a release ----------------------------------------------------------------------


@pytest.fixture
def many(tmp_path: Path) -> Release:
    """Two outputs of 60 files each: more than one thread looks at."""
    root = tmp_path / "release"
    root.mkdir()
    return release_of(
        root,
        {
            name: [atomic.write_bytes(root, f"{name}/{number:03}", b"x") for number in range(60)]
            for name in ("a", "b")
        },
    )


HARMED = {
    "a/003": ("damaged", b"y"),  # the same size
    "a/050": ("damaged", b"xx"),
    "a/059": ("missing", None),
    "b/000": ("missing", None),
    "b/031": ("damaged", b""),
}


def harm(release: Release) -> None:
    for path, (_, data) in HARMED.items():
        (release.root / path).unlink()
        if data is not None:
            (release.root / path).write_bytes(data)


def test_a_release_that_is_as_it_was_made_has_no_damage(many: Release) -> None:
    assert local.damaged(many) == []
    assert local.verify(many) == []
    assert local.missing(many) == set()


def test_each_file_is_named_that_is_not_as_the_manifest_says(many: Release) -> None:
    harm(many)
    (many.root / "b" / "more").mkdir()
    (many.root / "b" / "more" / "file").touch()
    (many.root / "a" / "link").symlink_to("..")
    (many.root / "manifest.json").touch()

    assert local.damaged(many) == list(HARMED)
    assert local.damaged(many, ["b"]) == ["b/000", "b/031"]
    assert local.damaged(many, []) == []
    assert local.missing(many) == {"a/059", "b/000"}
    assert local.verify(many) == [
        *((kind, path) for path, (kind, _) in HARMED.items()),
        ("unexpected", "a/link"),
        ("unexpected", "b/more/file"),
    ]


def test_files_that_are_not_listed_are_named_in_the_order_of_paths(many: Release) -> None:
    listed = {entry.path for entry in many.files} - {"a/007", "b/000", "a/001"}

    assert local.unlisted(many.root, listed) == ["a/001", "a/007", "b/000"]


def test_who_says_stop_waits_for_no_file_to_be_looked_at(many: Release) -> None:
    harm(many)
    stop = threading.Event()
    assert local.damaged(many, stop=stop) == list(HARMED)
    stop.set()
    assert local.damaged(many, stop=stop) == []
