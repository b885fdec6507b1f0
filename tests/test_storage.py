import hashlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pressroom.base import cancellation, places
from pressroom.base.errors import (
    AuditError,
    ConflictError,
    PipelineError,
    SettingsError,
    StorageError,
)
from pressroom.engine import build
from pressroom.engine.progress import Lines
from pressroom.files import atomic, s3
from pressroom.model.paths import Paths, Sources
from pressroom.model.settings import Compute, Releases, Settings
from pressroom.releases import catalog, publishing, remote
from pressroom.releases import local as releases
from pressroom.releases.store import store_at
from pressroom.sources.source import source_at
from tests.checkout import blocks, run
from tests.conftest import AS_OF, ROOT, Completed, article, contents, pressroom
from tests.dagster_runs import by_command_line
from tests.dask_cluster import dask_cluster
from tests.object_storage import BUCKET, Refusal, Request, Server, served_here
from tests.quicktakes import MODEL, SETTINGS
from tests.servers import BIN


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with served_here() as server:
        yield server


@dataclass
class Stored:
    """A raw place and a site on a server, and machines that build the one from the other."""

    server: Server
    home: Path
    name: str
    lines: list[str] = field(default_factory=list)

    @property
    def raw(self) -> str:
        return f"s3://{BUCKET}/{self.name}/raw"

    @property
    def url(self) -> str:
        return f"s3://{BUCKET}/{self.name}/site"

    def write(self, **files: str | bytes | None) -> None:
        """Put ``name=text`` as the object ``raw/name.md``; None deletes it."""
        for name, text in files.items():
            key = f"{self.name}/raw/{name}.md"
            if text is None:
                self.server.delete(key)
            else:
                self.server.put(key, text)

    def settings(self, machine: str = "machine") -> Settings:
        paths = Paths(self.raw, self.home / machine, self.url)
        return Settings(
            content=MODEL, paths=paths, compute=Compute(workers=1), releases=Releases(keep=3)
        )

    def build(self, machine: str = "machine", as_of: int = AS_OF, **options: Any) -> Any:
        """Build in this process, as a machine with an output folder of its own."""
        self.server.counted()
        return build.build(
            self.settings(machine),
            build.Options(**options),
            f"run-{time.monotonic_ns()}",
            as_of,
            Lines(self.lines.append),
        )

    def command(self, *arguments: str, machine: str = "machine") -> Completed:
        out = self.home / machine
        return pressroom(*arguments, "--out", out, "--storage", self.url)

    def stated(self) -> dict[str, Any]:
        """The catalog."""
        found: dict[str, Any] = json.loads(self.server.get(f"{self.name}/site/catalog.json"))
        return found

    def release(self, name: str | None = None) -> dict[str, bytes]:
        """A release as a reader finds it: from the catalog by the manifest, and without a list."""
        stated = self.stated()
        at = f"{self.name}/site/{stated['releases'][name or stated['current']]['prefix']}"
        manifest = self.server.get(f"{at}/manifest.json")
        files = [entry["path"] for entry in json.loads(manifest)["files"]]
        return {"manifest.json": manifest, **{p: self.server.get(f"{at}/{p}") for p in files}}

    def prefix(self, release: str) -> str:
        """Where a release is."""
        return str(self.stated()["releases"][release]["prefix"])

    def articles(self) -> list[dict[str, Any]]:
        """The rows of the table as it is published."""
        parts = [data for path, data in self.release().items() if "tables/articles" in path]
        return [row for data in parts for row in pq.read_table(io.BytesIO(data)).to_pylist()]


@pytest.fixture
def site(server: Server, tmp_path: Path, in_process: None) -> Iterator[Stored]:
    yield Stored(server, tmp_path, tmp_path.name)
    server.before = lambda _: None
    server.refused.clear()


SITE = {
    "a": article(slug="a", id="one"),
    "b": article(slug="b", subject="Networks"),
    "sub/c": article(slug="c"),
    "sub/broken": "---\ntitle: [\n---\n",
    "twin": article(slug="a"),
}


def local(site: Stored, files: dict[str, str], as_of: int = AS_OF) -> dict[str, bytes]:
    """What a build makes of the same files in a folder."""
    raw = site.home / "files"
    for name, text in files.items():
        (raw / name).parent.mkdir(parents=True, exist_ok=True)
        (raw / f"{name}.md").write_text(text)
    paths = Paths(raw, site.home / "local")
    alike = Settings(content=MODEL, paths=paths, compute=Compute(workers=1))
    build.build(alike, build.Options(), "local", as_of, Lines(lambda _: None))
    return contents(paths.out / "current")


def published_on(out: Path) -> Path:
    """The folder of the published release in the output folder of a machine."""
    release = releases.current(out)
    assert release is not None
    return release.root


def without_run(release: dict[str, bytes]) -> dict[str, Any]:
    """A release without the name of the run that made it."""
    manifest = {**json.loads(release["manifest.json"]), "run": None}
    return {**release, "manifest.json": manifest}


# --- the same release ---------------------------------------------------------------------------


def test_a_release_on_object_storage_is_that_of_a_folder_byte_for_byte(site: Stored) -> None:
    site.write(**SITE)
    site.build()
    assert without_run(site.release()) == without_run(local(site, SITE))
    assert contents(published_on(site.home / "machine")) == site.release()


def test_a_release_that_was_made_from_another_one_is_that_of_a_folder_too(site: Stored) -> None:
    files = {**SITE, "other": article(slug="other", subject="Other")}
    site.write(**files)
    site.build()
    local(site, files)
    site.write(b=article(slug="b", title="Changed?"))
    site.build("another machine", AS_OF + 60)

    expected = local(site, {**files, "b": article(slug="b", title="Changed?")}, AS_OF + 60)
    assert without_run(site.release()) == without_run(expected)
    times = re.findall("<lastmod>(.*?)<", expected["site/sitemap.xml"].decode())
    assert len(set(times)) == 2  # one sitemap did not change


# --- what is read -------------------------------------------------------------------------------


def raw_reads(site: Stored) -> int:
    return sum(
        kind == "GET" and key.startswith(f"{site.name}/raw/") for kind, key in site.server.requests
    )


def test_an_unchanged_build_reads_no_raw_object_and_no_file_of_the_release(site: Stored) -> None:
    site.write(**{f"f{number:04}": article(slug=f"f{number:04}") for number in range(60)})
    site.build()
    assert raw_reads(site) == 60
    assert not site.build().published

    kinds = site.server.requests
    assert {key.rpartition("/")[2] for kind, key in kinds if kind == "GET"} == {
        "catalog.json",
        "objects.json",
    }
    assert {kind for kind, _ in kinds} == {"GET", "LIST"}
    assert len(kinds) <= 8


def test_another_machine_need_not_read_them_either(site: Stored) -> None:
    site.write(**SITE)
    site.build()
    assert not site.build("another machine").published

    assert raw_reads(site) == 0
    assert not list((site.home / "another machine/releases").rglob("*.parquet"))


def test_one_edited_object_is_the_one_that_is_read(site: Stored) -> None:
    site.write(**SITE)
    site.build()
    site.write(b=article(slug="b", title="Changed?"))
    assert site.build().parsed == 1

    edited = f"{site.name}/raw/b.md"
    read = [key for kind, key in site.server.requests if kind == "GET" and "/raw/" in key]
    assert set(read) == {edited}


def test_an_object_that_is_written_again_with_the_same_content_changes_nothing(
    site: Stored,
) -> None:
    site.write(**SITE)
    site.build()
    site.write(**SITE)
    assert not site.build().published


def test_a_full_build_reads_all_objects(site: Stored) -> None:
    site.write(**SITE)
    site.build()
    site.build(full=True)
    assert raw_reads(site) >= len(SITE)


def test_an_object_that_was_another_only_while_it_was_read_is_read_again(site: Stored) -> None:
    # The ETag of the listing does not stand for what was read: that of the answer does.
    edited, other = f"{site.name}/raw/a.md", article(slug="a", title="Meanwhile?")
    site.write(a=article(slug="a"))

    def change(request: Request) -> None:
        if request == Request("GET", edited):
            site.server.before = lambda _: None
            site.write(a=other)

    site.server.before = change
    site.build()
    assert b"Meanwhile?" in site.release()["csv/articles.csv"]
    site.write(a=article(slug="a"))
    assert site.build().published
    assert b"Meanwhile?" not in site.release()["csv/articles.csv"]


def test_files_that_did_not_change_are_copied_by_the_storage(site: Stored) -> None:
    site.write(**SITE)
    site.build()
    site.write(b=article(slug="b", title="Changed?"))
    site.build()

    entries = json.loads(site.release()["manifest.json"])["files"]
    first = json.loads(site.release(min(site.stated()["releases"]))["manifest.json"])["files"]
    same = {entry["sha256"] for entry in first}
    asked = site.server.counted()
    assert asked["COPY"] == sum(entry["sha256"] in same for entry in entries) > 0


def test_an_object_that_is_gone_when_it_is_read_is_set_aside(site: Stored) -> None:
    site.write(a=article(slug="a"), gone=article(slug="gone"))
    site.server.before = lambda request: (
        site.write(gone=None) if request == Request("GET", f"{site.name}/raw/gone.md") else None
    )
    site.build()
    assert b"vanished" in site.release()["csv/rejects.csv"]
    assert [row["url"] for row in site.articles()] == ["/learn/databases/questions/a"]


def test_a_signature_shows_an_edit_and_nothing_else_and_opens_no_object(site: Stored) -> None:
    def signature() -> str:
        return source_at(site.raw).signature(Sources())

    site.write(**SITE)
    site.server.counted()
    first = signature()
    site.write(a=SITE["a"])
    assert signature() == first
    site.write(a=SITE["a"] + "more")
    assert signature() != first
    assert not any(kind == "GET" and "/raw/" in key for kind, key in site.server.requests)


# --- publishing ---------------------------------------------------------------------------------


def test_of_two_publishers_one_wins_and_the_other_is_told(site: Stored) -> None:
    site.write(**SITE)
    site.build()
    site.write(b=article(slug="b", title="Changed?"))
    meet = threading.Barrier(2)
    waited = set[int]()

    def wait(request: Request) -> None:
        if request == Request("PUT", f"{site.name}/site/catalog.json"):
            waited.add(threading.get_ident())
            meet.wait(timeout=60)

    def publish(machine: str) -> str:
        try:
            return str(site.build(machine, AS_OF + 1).release.id)
        except ConflictError:
            return "too late"

    site.server.before = wait
    with ThreadPoolExecutor() as threads:
        told = list(threads.map(publish, ["one", "two"]))
    assert len(waited) == 2
    winners = [text for text in told if text == site.stated()["current"]]
    assert len(winners) == 1
    assert told.count("too late") == 1
    assert not site.build("one", AS_OF + 2).published


def test_a_publisher_that_began_before_another_published_is_told(site: Stored) -> None:
    site.write(**SITE)
    site.build()
    site.write(b=article(slug="b", title="Changed?"))

    def overtake(request: Request) -> None:
        if request.kind == "PUT" and request.key.endswith("/manifest.json"):
            site.server.before = lambda _: None
            site.write(b=article(slug="b", title="Changed again?"))
            assert site.build("faster").published

    site.server.before = overtake
    with pytest.raises(ConflictError):
        site.build("slower")
    assert b"Changed again?" in site.release()["csv/articles.csv"]
    assert not site.build("slower").published


def test_a_write_whose_answer_was_lost_is_not_taken_for_another_publisher(
    site: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    swap = s3.Bucket.swap

    def lost(bucket: s3.Bucket, path: str, data: bytes, etag: str | None) -> None:
        swap(bucket, path, data, etag)
        if path == "catalog.json":
            swap(bucket, path, data, etag)  # asked again, as no answer came

    monkeypatch.setattr(s3.Bucket, "swap", lost)
    site.write(**SITE)
    assert site.build().published


@pytest.mark.parametrize("ignored", ["If-None-Match", "If-Match"])
def test_storage_that_heeds_no_conditions_is_refused(
    site: Stored, monkeypatch: pytest.MonkeyPatch, ignored: str
) -> None:
    swap = s3.Bucket.swap

    def heedless(bucket: s3.Bucket, path: str, data: bytes, etag: str | None) -> None:
        if (etag is None) is (ignored == "If-None-Match"):
            bucket.write(path, data)
        else:
            swap(bucket, path, data, etag)

    monkeypatch.setattr(s3.Bucket, "swap", heedless)
    site.write(**SITE)
    with pytest.raises(PipelineError, match=ignored):
        site.build()
    there = {key.split("/")[2] for key in site.server.keys(f"{site.name}/site")}
    assert there == {"etags", "releases"}


def test_a_site_that_moves_to_storage_keeps_its_dates_of_first_sight(site: Stored) -> None:
    local(site, SITE)
    site.write(**SITE)
    (site.home / "local").rename(site.home / "machine")
    assert not site.build(as_of=AS_OF + 1000).published

    assert site.stated()["current"].startswith("000001-")
    site.write(d=article(slug="d"))
    site.build(as_of=AS_OF + 1000)
    seen = {row["url"][-1]: int(row["first_seen"].timestamp()) for row in site.articles()}
    assert seen == {"a": AS_OF, "b": AS_OF, "c": AS_OF, "d": AS_OF + 1000}


@pytest.mark.parametrize("current", ["first", "second"])
def test_a_site_that_was_pinned_moves_with_its_pin(site: Stored, current: str) -> None:
    local(site, SITE)
    (site.home / "local").rename(site.home / "machine")
    files = Settings(content=MODEL, paths=Paths(site.home / "files", site.home / "machine"))
    (site.home / "files/d.md").write_text(article(slug="d"))
    build.build(files, build.Options(), "second", AS_OF, Lines(site.lines.append))
    out = site.home / "machine"
    publishing.rollback(store_at(out), releases.before(out))
    if current == "second":  # as where the rollback died between its two steps
        atomic.point(out / "current", Path("releases") / max(releases.folders(out)).name)
    site.write(**SITE)

    assert site.build().pinned.startswith("000001-")
    assert site.stated()["pinned"].startswith("000001-")
    assert site.stated()["current"].startswith("000001-" if current == "first" else "000002-")


def test_a_pin_of_a_site_that_has_not_moved_yet_can_be_released(site: Stored) -> None:
    local(site, SITE)
    (site.home / "local").rename(site.home / "machine")
    out = site.home / "machine"
    publishing.rollback(store_at(out), releases.find(out, "1"))

    assert site.command("rollback", "--unpin").status == 0
    assert site.command("status", "--json").json["articles"] == 3
    site.write(**SITE)
    assert not site.build().published
    assert site.stated()["current"].startswith("000001-")


def test_a_rollback_holds_for_all_machines_until_it_is_released(site: Stored) -> None:
    site.write(**SITE)
    first = site.build().release.id
    site.write(d=article(slug="d"))
    second = site.build().release.id

    back = site.command("rollback", machine="elsewhere")
    assert back.status == 0, back.err
    assert first in back.out
    assert site.stated()["current"] == site.stated()["pinned"] == first
    assert site.build().pinned == first
    freed = site.command("rollback", "--unpin")
    assert freed.status == 0
    assert site.stated()["pinned"] is None
    assert site.build().release.id > second
    assert len(site.articles()) == 4


def test_a_release_that_the_storage_lacks_is_not_rolled_back_to(site: Stored) -> None:
    site.write(**SITE)
    first = site.build().release.id
    site.write(d=article(slug="d"))
    second = site.build().release.id
    site.server.delete(f"{site.name}/site/{site.prefix(first)}/csv/articles.csv")

    told = site.command("rollback")
    assert told.status == 1
    assert "csv/articles.csv" in told.err
    assert site.stated()["current"] == second
    assert site.stated()["pinned"] is None


def test_what_is_not_a_release_of_ours_is_not_swept(
    site: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = f"{site.name}/site/releases/v1.0/app.tar.gz"
    site.server.put(other, "somebody else's")
    monkeypatch.setattr(catalog, "READ_SECONDS", -1e9)
    site.write(**SITE)
    site.build()
    assert site.server.get(other)


def test_a_release_that_another_machine_retired_goes_from_this_one(
    site: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "_READ_SECONDS", -1)
    site.write(a=article(slug="a"))
    site.build()
    for number in range(4):
        site.write(a=article(slug="a", title=f"Number {number}?"))
        site.build("another machine")
    site.command("status")
    kept = {folder.name for folder in releases.folders(site.home / "machine")}
    assert kept == set(site.stated()["releases"])


def test_retired_releases_leave_the_catalog_at_once_and_the_storage_after_a_day(
    site: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "_READ_SECONDS", -1)
    site.write(a=article(slug="a"))
    dead = f"{site.name}/site/releases/000001-deadbeef-00000000/tables/x.parquet"
    site.server.put(dead, "of a run that was killed")
    for number in range(5):
        site.write(a=article(slug="a", title=f"Number {number}?"))
        site.build()
    named = {published["prefix"] for published in site.stated()["releases"].values()}
    assert len(named) == 3
    prefixes = s3.at(site.url).prefixes("releases")
    assert len(prefixes) == 6
    assert len(site.stated()["retired"]) == 2

    monkeypatch.setattr(catalog, "READ_SECONDS", -1e9)
    remote.vacuum(site.url)
    assert set(s3.at(site.url).prefixes("releases")) == named


def test_exports_are_made_again_on_a_machine_that_has_no_release(site: Stored) -> None:
    site.write(**SITE)
    site.build()
    run = build.begin(
        site.settings("another machine"),
        build.Options(force=True),
        "exports",
        AS_OF + 1,
        Lines(site.lines.append),
    )
    with run.pool:
        build.export_all(run)
        build.manifest(run)
        build.audit(run)
        assert build.release(run).published
    assert site.stated()["current"].startswith("000002-")
    assert len(site.articles()) == 3


# --- the output folder of a machine -------------------------------------------------------------


def links_of(out: Path) -> list[str]:
    return sorted(path.name for path in out.iterdir() if path.is_symlink())


def test_no_reader_of_a_folder_is_led_to_half_a_release(site: Stored) -> None:
    site.write(**SITE)
    release = site.build("publisher").release.id
    assert not site.build("elsewhere").published
    for arguments in (("status",), ("rollback", "1")):
        told = site.command(*arguments, machine="elsewhere")
        assert told.status == 0, told.err
        assert release in told.out
        assert links_of(site.home / "elsewhere") == []
    half = published_on(site.home / "elsewhere")
    assert list(contents(half)) == ["manifest.json"]
    assert links_of(site.home / "publisher") == []


def test_a_site_is_brought_whole_into_a_folder(site: Stored) -> None:
    site.write(**SITE)
    first = site.build().release.id
    site.write(d=article(slug="d"))
    site.build()
    assert site.command("rollback").status == 0
    told = site.command("fetch", machine="folder")
    assert told.status == 0, told.err
    folder = site.home / "folder"
    assert contents(folder / "current") == site.release(first)
    assert links_of(folder) == ["current", "pinned"]
    assert pressroom("verify", "--out", folder).status == 0

    again = site.command("fetch", machine="folder")
    assert again.status == 2
    assert re.search(f" {folder} .* --out", again.err)


def test_a_folder_that_could_be_brought_in_part_only_leads_nowhere(site: Stored) -> None:
    site.write(**SITE)
    release = site.build().release.id
    lost = f"{site.name}/site/{site.prefix(release)}/csv/articles.csv"
    data = site.server.get(lost)
    site.server.delete(lost)
    told = site.command("fetch", machine="folder")
    assert told.status == 1
    assert "csv/articles.csv" in told.err
    assert links_of(site.home / "folder") == []

    site.server.put(lost, data)
    assert site.command("fetch", machine="folder").status == 0
    assert contents(site.home / "folder/current") == site.release()


def test_what_there_is_not_cannot_be_brought(site: Stored) -> None:
    told = site.command("fetch", machine="folder")
    assert (told.status, f" {site.url} " in told.err) == (1, True), told.err
    told = pressroom("fetch", "--out", site.home / "folder", cwd=site.home)
    assert (told.status, "--storage" in told.err) == (2, True), told.err


@pytest.mark.parametrize("other", ["s3://bucket/other", ""])
def test_an_output_folder_of_a_storage_is_not_used_with_another_or_none(
    site: Stored, other: str
) -> None:
    site.write(**SITE)
    site.build("publisher")
    assert site.command("status").status == 0
    out = site.home / "machine"
    before = contents(out)
    every = ["--out", str(out), "--storage", other]
    for arguments in (["status"], ["rollback"], ["build", "--raw", site.raw]):
        told = pressroom(*arguments, *every, cwd=site.home)
        assert told.status == 2, told.err
        assert re.search(f" {out} .* {site.url}:", told.err)
        assert f"pressroom fetch --storage {site.url}" in told.err
        after = {path: data for path, data in contents(out).items() if path != "lock"}
        assert after == {path: data for path, data in before.items() if path != "lock"}
    assert not site.server.keys("other")


def test_a_folder_that_is_another_site_is_not_taken_for_a_storage(site: Stored) -> None:
    local(site, SITE)
    site.write(d=article(slug="d"))
    site.build("publisher")
    assert site.command("fetch", machine="copy").status == 0
    for machine in ("local", "copy"):
        before = contents(site.home / machine / "current")
        told = site.command("status", machine=machine)
        assert told.status == 2
        assert re.search(f" {site.home / machine} .* {site.url}:", told.err)
        assert contents(site.home / machine / "current") == before
    with pytest.raises(SettingsError, match=f"^{site.home / 'local'} .* {site.url}:"):
        site.build("local")


def test_a_move_that_died_before_the_folder_said_so_ends_with_the_next_build(site: Stored) -> None:
    site.write(**SITE)
    local(site, SITE)
    out = site.home / "local"
    current = (out / "current").readlink()
    site.build("local")
    (out / "storage.json").unlink()
    atomic.point(out / "current", current)

    assert not site.build("local").published
    assert links_of(out) == []
    assert published_on(out).name == current.name


def test_a_lost_catalog_is_named_where_the_release_was_never_brought(site: Stored) -> None:
    site.write(**SITE)
    site.build("publisher")
    site.command("status")
    site.server.delete(f"{site.name}/site/catalog.json")
    with pytest.raises(PipelineError, match=f"^{site.url}/catalog.json "):
        site.build()
    assert not site.build("publisher").published
    assert site.command("status").status == 0


# --- damage and errors --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("harm", "machine"), [("missing", "machine"), ("another", "another machine")]
)
def test_what_the_storage_lost_is_made_anew(site: Stored, harm: str, machine: str) -> None:
    site.write(**SITE)
    site.build()
    before = site.release()
    prefix = site.stated()["releases"][site.stated()["current"]]["prefix"]
    for path in ("csv/articles.csv", "tables/articles/part-00000.parquet"):
        key = f"{site.name}/site/{prefix}/{path}"
        site.server.delete(key) if harm == "missing" else site.server.put(key, "x" * 10)
    told = site.command("verify")
    assert told.status == 1
    assert {line.split()[0] for line in told.out.splitlines()} == {
        "missing" if harm == "missing" else "damaged"
    }

    assert site.build(machine).published
    after = site.release()
    kept = [path for path in before if path.startswith(("tables/articles/", "site/"))]
    assert {path: after[path] for path in kept} == {path: before[path] for path in kept}
    assert after["csv/articles.csv"] == before["csv/articles.csv"]
    assert site.command("verify", machine=machine).status == 0


@pytest.mark.parametrize("lost", ["objects.json", ""])
def test_what_the_storage_lost_is_published_anew_from_a_whole_copy(site: Stored, lost: str) -> None:
    site.write(**SITE)
    site.build(as_of=AS_OF)
    before = site.articles()
    at = f"{site.name}/site/{site.prefix(site.stated()['current'])}"
    for key in site.server.keys(f"{at}/{lost}"):
        site.server.delete(key)
    told = site.command("verify")
    assert told.status == (0 if lost == "objects.json" else 1)

    assert site.build(as_of=AS_OF + 1000).published
    assert any("lost or changed" in line for line in site.lines)
    assert site.articles() == before
    assert site.command("verify", machine="another machine").status == 0


def test_a_lost_manifest_of_an_old_release_is_passed_over(site: Stored) -> None:
    site.write(**SITE)
    first = site.build().release.id
    site.write(d=article(slug="d"))
    site.build()
    site.server.delete(f"{site.name}/site/{site.prefix(first)}/manifest.json")
    assert not site.build("another machine").published


def test_a_lost_manifest_of_the_current_release_does_not_keep_from_an_older_one(
    site: Stored,
) -> None:
    site.write(**SITE)
    first = site.build().release.id
    site.write(d=article(slug="d"))
    second = site.build().release.id
    site.server.delete(f"{site.name}/site/{site.prefix(second)}/manifest.json")

    with pytest.raises(PipelineError, match=f"^{site.url} .* {second}:"):
        site.build("elsewhere")
    listed = site.command("releases", machine="elsewhere").out.splitlines()
    assert listed[1].startswith(second)
    assert listed[1].endswith("current, unreadable")
    told = site.command("rollback", "1", machine="elsewhere")
    assert told.status == 0, told.err
    assert site.stated()["current"] == first
    assert site.build("elsewhere", force=True).release.id.startswith("000003-")


@pytest.mark.parametrize("damage", [b"", b"PAR1 but not quite"])
def test_what_is_kept_of_etags_may_be_lost(site: Stored, damage: bytes) -> None:
    site.write(**SITE)
    site.build()
    (kept,) = (site.home / "machine/etags").iterdir()
    kept.write_bytes(damage)
    assert not site.build().published
    assert raw_reads(site) == len(SITE)


def refuse(site: Stored, name: str, refusal: Refusal) -> None:
    """Let the server refuse to hand a raw object over."""
    site.server.refused[Request("GET", f"{site.name}/raw/{name}.md")] = refusal


@pytest.mark.parametrize("code", ["AccessDenied", "InvalidObjectState"])
def test_an_object_that_may_not_be_read_is_set_aside(site: Stored, code: str) -> None:
    site.write(a=article(slug="a"), b=article(slug="b"))
    refuse(site, "b", Refusal("403 Forbidden", code))
    site.build()
    assert b"unreadable" in site.release()["csv/rejects.csv"]
    assert [row["url"] for row in site.articles()] == ["/learn/databases/questions/a"]


@pytest.mark.parametrize(
    "refusal",
    [
        Refusal("403 Forbidden", "InvalidAccessKeyId"),
        Refusal("403 Forbidden", "SignatureDoesNotMatch"),
        Refusal("403 Forbidden", "RequestTimeTooSkewed"),
        Refusal("403 Forbidden", "ExpiredToken"),
        Refusal("400 Bad Request", "ExpiredToken"),
        Refusal("403 Forbidden", ""),
    ],
    ids=lambda refusal: f"{refusal.code or 'nothing'}-{refusal.status[:3]}",
)
def test_a_machine_that_the_storage_refuses_takes_no_article_out_of_a_release(
    site: Stored, refusal: Refusal
) -> None:
    site.write(a=article(slug="a"), b=article(slug="b"))
    site.build()
    site.write(b=article(slug="b", title="Changed?"))
    refuse(site, "b", refusal)
    with pytest.raises(StorageError, match=f" {site.raw}/b.md: "):
        site.build()
    assert len(site.articles()) == 2


def test_a_part_that_is_lost_is_not_passed_over_by_a_query(site: Stored) -> None:
    site.write(**SITE)
    release = site.build().release.id
    part = "tables/articles/part-00000.parquet"
    site.server.delete(f"{site.name}/site/{site.prefix(release)}/{part}")
    told = site.command("query", "select count(*) from articles", machine="another machine")
    assert told.status == 1
    assert part in told.err


PREFIX = "releases/000001-00000000-00000000"


@pytest.mark.parametrize("name", ["../../elsewhere", "000001-00000000/.."])
def test_a_catalog_that_leads_out_of_the_folder_is_refused(site: Stored, name: str) -> None:
    stated = {"current": name, "pinned": None, "releases": {name: {"prefix": "x"}}, "retired": {}}
    site.server.put(f"{site.name}/site/catalog.json", json.dumps(stated))
    told = site.command("status")
    assert told.status == 1
    assert f" {site.url}/catalog.json " in told.err


@pytest.mark.parametrize(
    "wrong",
    [
        {"current": "000002-00000000"},
        {"current": None},
        {"pinned": "000002-00000000"},
        {"releases": {"000001-00000000": {"prefix": 3}}},
        {"releases": {"000001-00000000": {"prefix": "elsewhere"}}},
        {"releases": {"000001-00000000": "x"}},
        {"releases": {"000001-00000000": {"prefix": PREFIX, "superseded": "noon"}}},
        {"retired": {PREFIX: None}},
        {"retired": [PREFIX]},
    ],
)
def test_a_catalog_that_contradicts_itself_is_refused(site: Stored, wrong: dict[str, Any]) -> None:
    stated: dict[str, Any] = {
        "current": "000001-00000000",
        "pinned": None,
        "releases": {"000001-00000000": {"prefix": PREFIX}},
        "retired": {},
    }
    key = f"{site.name}/site/catalog.json"
    site.server.put(key, json.dumps(stated))
    assert catalog.read(site.url).current == "000001-00000000"
    site.server.put(key, json.dumps({**stated, **wrong}))
    with pytest.raises(PipelineError, match=f"^{site.url}/catalog.json "):
        catalog.read(site.url)


def test_a_manifest_that_leads_out_of_the_release_is_refused(site: Stored) -> None:
    site.write(**SITE)
    release = site.build().release.id
    key = f"{site.name}/site/{site.prefix(release)}/manifest.json"
    manifest = json.loads(site.server.get(key))
    manifest["files"][0]["path"] = "../../../victim"
    site.server.put(key, json.dumps(manifest))
    told = site.command("status", machine="another machine")
    assert told.status == 1
    assert "../../../victim" in told.err


def test_a_build_that_is_told_to_end_while_it_uploads_publishes_nothing(site: Stored) -> None:
    site.write(**SITE)
    command = [sys.executable, "-c", "from pressroom.cli.app import main; main()", "build"]
    command += ["--raw", site.raw, "--out", str(site.home / "machine"), "--storage", site.url]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def end(request: Request) -> None:
        if request.kind == "PUT" and "/releases/" in request.key:
            process.send_signal(signal.SIGTERM)

    site.server.before = end
    _, told = process.communicate(timeout=120)
    assert process.returncode == 143
    assert cancellation.MESSAGE in told
    assert f"{site.name}/site/catalog.json" not in site.server.keys(site.name)


def test_a_damaged_copy_on_a_machine_is_brought_again(site: Stored) -> None:
    site.write(**SITE)
    site.build()
    part = published_on(site.home / "machine") / "tables/articles/part-00000.parquet"
    part.chmod(0o644)
    part.write_bytes(b"x")
    site.write(b=article(slug="b", title="Changed?"))
    assert site.build().parsed == 1
    assert len(site.articles()) == 3


def test_commands_bring_what_they_read(site: Stored) -> None:
    site.write(**SITE)
    release = site.build().release.id
    for number, (arguments, part) in enumerate(
        [
            (("status",), "articles  3"),
            (("releases",), "current"),
            (("rejects",), "sub/broken.md"),
            (("query", "--csv", "select count(*) as n from articles"), "3"),
            (("verify",), release),
        ]
    ):
        told = site.command(*arguments, machine=f"machine {number}")
        assert told.status == 0, told.err
        assert part in told.out


def test_what_is_wrong_with_storage_is_said_in_a_line(
    site: Stored, server: Server, tmp_path: Path
) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "a.md").write_text(article(slug="a"))
    cases: list[tuple[list[str], dict[str, str], int, str]] = [
        (["--storage", "s3://nowhere/site"], {}, 1, " s3://nowhere/site."),
        (["--raw", "s3://nowhere/raw"], {}, 1, " s3://nowhere/raw."),
        (["--storage", "s3:/one-slash"], {}, 2, " 's3:/one-slash' "),
        (["--raw", f"s3://{BUCKET}/nothing-here"], {}, 2, f" s3://{BUCKET}/nothing-here. "),
        (["--raw", "s3://UPPER"], {}, 2, " 's3://UPPER' "),
        (["--storage", site.url], {"AWS_ENDPOINT_URL": "nonsense"}, 2, " 'nonsense' "),
        (["--raw", f"{site.url}/raw", "--storage", site.url], {}, 2, f" {site.url}/raw"),
    ]
    for arguments, environment, status, named in cases:
        s3.at.cache_clear()  # as another process, which has not yet asked the environment
        every = ["--raw", str(raw), "--out", str(tmp_path / "out"), *arguments]
        told = pressroom("build", *every, cwd=tmp_path, **environment)
        assert (told.status, named in told.err) == (status, True), told.err
        assert len(told.err.splitlines()) == 1
    assert not (tmp_path / "out/current").exists()


def test_a_refusal_is_said_by_its_code_and_its_message(site: Stored) -> None:
    site.write(a=article(slug="a"))
    refuse(site, "a", Refusal("403 Forbidden", "SignatureDoesNotMatch"))
    with pytest.raises(StorageError) as told:
        source_at(site.raw).read("a.md", 1000)
    refused = f" {site.raw}/a.md: SignatureDoesNotMatch: Words & more."
    assert str(told.value).endswith(refused)


def test_storage_that_does_not_answer_is_tried_for_so_long_and_no_longer(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "_RETRY_SECONDS", 2)
    monkeypatch.setattr(s3, "_PAUSE_SECONDS", 0.1)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(StorageError) as told:
        catalog.read(f"s3://{BUCKET}/no-answer")
    said = re.fullmatch(
        r".* s3://bucket/no-answer/catalog\.json: GET http://127\.0\.0\.1:9/\S+:"
        r" .* \([^0-9]* ([0-9]+) .* ([0-9.]+) s\)",
        str(told.value),
    )
    assert said, told.value
    assert int(said[1]) > 11
    assert 2 <= float(said[2]) < 10


def test_a_failure_of_the_storage_is_tried_again_and_said_by_its_code(
    site: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "_RETRY_SECONDS", 0.5)
    site.write(a=article(slug="a"))
    refuse(site, "a", Refusal("503 Slow Down", "SlowDown"))
    with pytest.raises(StorageError, match=r": SlowDown: Words & more\. \(.* [0-9]+ "):
        source_at(site.raw).read("a.md", 1000)


def test_without_credentials_it_is_said_which_variables_to_set(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    # Where a machine of Amazon's is told of its role.
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", f"{server.address}/none")
    place = f"s3://{BUCKET}/no-keys"
    asked: list[Callable[[], object]] = [
        lambda: catalog.read(place),
        lambda: list(s3.at(place).listed()),
        lambda: s3.at(place).write("a", b""),
    ]
    for ask in asked:
        with pytest.raises(StorageError, match=" AWS_ACCESS_KEY_ID "):
            ask()


def test_without_the_extra_it_is_said_what_to_install(tmp_path: Path) -> None:
    code = "import sys; sys.modules['obstore'] = None\nfrom pressroom.cli.app import main; main()"
    every = ["build", "--out", str(tmp_path / "out"), "--raw", "s3://bucket/raw"]
    told = subprocess.run(
        [sys.executable, "-c", code, *every], capture_output=True, text=True, check=False
    )
    assert told.returncode == 2
    assert "pip install 'pressroom[s3]'" in told.stderr


def test_keys_that_are_no_paths_are_named_and_not_passed_over(site: Stored) -> None:
    site.write(a=article(slug="a"))
    site.server.put(f"{site.name}/raw/x//b.md", article(slug="b"))
    with pytest.raises(PipelineError, match=r"x//b\.md"):
        site.build()


def test_what_looks_like_a_folder_is_passed_over(site: Stored) -> None:
    site.write(a=article(slug="a"), empty="")
    site.server.put(f"{site.name}/raw/folder.md/", b"")
    assert [path for path, _ in source_at(site.raw).listed(Sources())] == ["a.md", "empty.md"]
    site.build()
    rejects = site.release()["csv/rejects.csv"]
    assert b"empty_file" in rejects
    assert b"vanished" not in rejects
    site.server.put(f"{site.name}/raw/folder.d/", b"")
    site.server.put(f"{site.name}/raw/empty.txt", b"")
    found = Counter[str]()
    list(source_at(site.raw).listed(Sources(), found))
    assert found == {".txt": 1}


def test_what_was_held_back_is_on_the_machine_that_made_it(site: Stored) -> None:
    site.write(broken="---\ntitle: What: now\n---\n")
    with pytest.raises(AuditError):
        site.build()
    assert site.command("rejects", "--run").out.startswith("broken.md:")
    asked = site.command("query", "--run", "--json", "select code from rejects")
    assert json.loads(asked.out) == [{"code": "unquoted_colon"}]
    assert site.command("rejects", "--run", machine="another").status == 1
    site.write(broken=article())
    site.build()
    assert site.command("rejects", "--run").status == 1


def test_an_empty_object_that_cannot_be_looked_at_is_not_passed_over(site: Stored) -> None:
    site.write(a=article(slug="a"), empty="")
    site.server.refused[Request("HEAD", f"{site.name}/raw/empty.md")] = Refusal("403 Forbidden", "")
    assert [path for path, _ in source_at(site.raw).listed(Sources())] == ["a.md", "empty.md"]


def test_objects_are_mended_into_a_folder(site: Stored) -> None:
    site.write(**SITE, **{"sub/colon": article(slug="colon", title="What: now"), "gone": ""})
    site.build()
    site.write(gone=None)
    told = site.command("rejects", "--raw", site.raw, "--fix", str(site.home / "mended"))
    assert told.status == 0, told.err
    assert [line.partition(",")[0] for line in told.out.splitlines()] == [
        "a.md: skipped",
        "gone.md: skipped",
        "sub/broken.md: skipped",
        "sub/colon.md: written",
        f"Wrote 1 of 4 files into {site.home / 'mended'}.",
    ]
    mended = (site.home / "mended/sub/colon.md").read_text()
    assert mended == article(slug="colon", title="'What: now'")


def test_a_url_of_storage_is_bucket_and_prefix() -> None:
    for right in ("s3://bucket", "s3://bucket/", "s3://my.bucket/a b/é"):
        assert places.check_storage_url(right) == right.rstrip("/")
    wrongs = [
        "",
        "b",
        "Bucket",
        "bucket//a",
        "bucket/a//b",
        "bucket/a#b",
        "bucket/a?b",
        "bucket/%41",
    ]
    for wrong in [*(f"s3://{text}" for text in [*wrongs, "bucket/../a", "bucket/a/."]), "gs://b/x"]:
        with pytest.raises(SettingsError, match="s3://bucket/prefix"):
            places.check_storage_url(wrong)


# --- with Dagster on a cluster ------------------------------------------------------------------


@pytest.mark.torture  # each half of it is a test of its own
@pytest.mark.filterwarnings("default::ResourceWarning")
def test_the_job_of_dagster_on_a_cluster_publishes_to_storage_what_a_pool_does_to_a_folder(
    site: Stored, tmp_path_factory: pytest.TempPathFactory
) -> None:
    site.write(**SITE)
    settings = site.home / "pressroom.toml"
    places = f'{SETTINGS}[paths]\nraw = "{site.raw}"\nout = "machine"\nstorage = "{site.url}"\n'
    dagster = tmp_path_factory.mktemp("dagster")
    with dask_cluster(tmp_path_factory.mktemp("cluster"), 2) as cluster:
        settings.write_text(f'{places}[compute]\naddress = "{cluster.address}"\n')
        for published in (True, False):
            site.server.counted()
            done = by_command_line(settings, dagster, SOURCE_DATE_EPOCH=str(AS_OF))
            assert done.returncode == 0, done.stderr
            assert (raw_reads(site) > 0) is published
        settings.write_text(settings.read_text().replace('"machine"', '"another machine"'))
        done = by_command_line(settings, dagster, SOURCE_DATE_EPOCH=str(AS_OF))
        assert done.returncode == 0, done.stderr
    assert list(site.stated()["releases"]) == [site.stated()["current"]]

    expected = local(site, SITE)
    assert without_run(site.release()) == without_run(expected)


# --- what the documentation says ---------------------------------------------------------------

GUIDE = (ROOT / "docs" / "storage.md").read_text()


def test_the_commands_the_settings_and_the_reader_of_the_guide_work(
    server: Server, tmp_path: Path
) -> None:
    server.put("raw/a.md", article(slug="a"))
    server.put("raw/b.md", article(slug="b"))
    console, _ = blocks(GUIDE, "console")
    _, *commands = console.replace("pressroom", f"{BIN}/pressroom").split("$ ")[1:]
    for command in commands:
        printed = run(command, tmp_path)
    assert "articles  2" in printed

    (stated,) = blocks(GUIDE, "toml")
    (tmp_path / "pressroom.toml").write_text(stated)
    before = server.get("site/catalog.json")
    run(f"{BIN}/pressroom build", tmp_path)
    assert server.get("site/catalog.json") == before

    (program,) = blocks(GUIDE, "python")
    environment = {**os.environ, "AWS_DEFAULT_REGION": "us-east-1"}
    told = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == ["2"]


def test_the_commands_of_the_guide_move_a_site_without_a_change(
    site: Stored, tmp_path: Path
) -> None:
    site.write(**SITE)
    site.build(as_of=AS_OF)
    (tmp_path / "pressroom.toml").write_text(SETTINGS)
    _, console = blocks(GUIDE, "console")
    elsewhere = f"s3://{BUCKET}/{site.name}/elsewhere"
    places = {
        "s3://bucket/raw": site.raw,
        "s3://bucket/site": site.url,
        "s3://other-bucket/site": elsewhere,
    }
    for stated, place in places.items():
        console = console.replace(stated, place)
    for command in console.split("$ ")[1:]:
        run(command, tmp_path)

    current = site.stated()["current"]
    moved = json.loads(site.server.get(f"{site.name}/elsewhere/catalog.json"))
    assert (moved["current"], list(moved["releases"])) == (current, [current])
    assert contents(tmp_path / "folder/current") == site.release()


# --- readers and kills --------------------------------------------------------------------------


@dataclass
class Reader(threading.Thread):
    """Reads the site in a loop, by catalog and manifest alone, and compares all digests."""

    site: Stored
    seen: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        while not self.ended.wait(0.05):
            try:
                release = self.site.release()
            except Exception as error:  # noqa: BLE001  whatever a reader may meet
                self.wrong.append(repr(error))
                continue
            manifest = json.loads(release["manifest.json"])
            self.seen.add(manifest["release"])
            self.wrong += [
                entry["path"]
                for entry in manifest["files"]
                if hashlib.sha256(release[entry["path"]]).hexdigest() != entry["sha256"]
            ]


@dataclass
class Killer:
    """Kills a process before its n-th request to write."""

    process: subprocess.Popen[bytes]
    writes: int

    def __call__(self, request: Request) -> None:
        self.writes -= request.kind in {"PUT", "COPY", "POST"}
        if self.writes == 0:
            self.process.kill()


KILLS = int(os.environ.get("PRESSROOM_KILLS", "8")) // 4


def test_a_reader_always_sees_a_whole_release_however_runs_are_killed(site: Stored) -> None:
    site.write(**SITE)
    site.build()
    reader = Reader(site)
    reader.start()
    command = [sys.executable, "-c", "from pressroom.cli.app import main; main()", "build"]
    command += ["--raw", site.raw, "--out", str(site.home / "machine"), "--storage", site.url]
    killed = 0
    for number in range(KILLS):
        site.write(b=article(slug="b", title=f"Number {number}?"))
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        site.server.before = Killer(process, 7 * number + 1)
        killed += process.wait(timeout=120) < 0
        site.server.before = lambda _: None
    site.build()
    reader.ended.set()
    reader.join()

    assert killed >= KILLS // 2
    assert reader.wrong == []
    assert b"Number " in site.release()["csv/articles.csv"]
    full = local(site, {**SITE, "b": article(slug="b", title=f"Number {KILLS - 1}?")})
    assert site.release()["csv/articles.csv"].count(b"\n") == full["csv/articles.csv"].count(b"\n")
    assert releases.current_id(site.home / "machine") == site.stated()["current"]
