"""Builds that find nothing changed: what they take for granted, and what they look at."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from pressroom.base import installation
from pressroom.base.errors import SettingsError
from pressroom.engine import build as whole
from pressroom.engine import conform, pool, up_to_date
from pressroom.files.atomic import FileEntry
from pressroom.model import settings_toml
from pressroom.model.paths import SECTIONS, stated_paths
from pressroom.model.settings import Settings
from pressroom.releases import identities, local
from pressroom.releases.manifest import open_release
from tests.conftest import AS_OF, Completed, Site, article, contents, pressroom
from tests.test_git_dates import git

GOLDEN = Path(__file__).with_name("golden") / "imports.json"
SITEMAP = "site/sitemap.xml"


@pytest.fixture
def built(site: Site) -> Site:
    """A site that was published once."""
    site.write(a=article(slug="a"), b=article(slug="b"))
    assert run(site).status == 0
    return site


def run(site: Site, *arguments: str, as_of: int = AS_OF) -> Completed:
    places: list[str | Path] = ["--raw", site.raw, "--out", site.out]
    return pressroom("build", *places, "--as-of", str(as_of), "--json", *arguments, cwd=site.home)


@pytest.fixture
def wholly(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The runs that were more than a look at what there is."""
    runs: list[str] = []
    build = whole.build

    def noted(*given: Any) -> Any:
        runs.append(given[2])
        return build(*given)

    monkeypatch.setattr(whole, "build", noted)
    return runs


def damage(path: Path) -> None:
    """Change a byte of a file, and nothing that the file system says of it."""
    before = path.stat()
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.chmod(0o644)
    with path.open("r+b") as stream:
        stream.write(data)
    path.chmod(before.st_mode)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


# --- what they import ----------------------------------------------------------------------------

COMMANDS = {
    "--version": ["--version"],
    "status": ["status", "--out", "out"],
    "build, where nothing has changed": ["build", "--quiet"],
}


def test_what_starts_quickly_imports_just_these_modules(built: Site) -> None:
    assert pressroom("build", "--quiet", cwd=built.home).status == 0
    found = {name: imported(built.home, given) for name, given in COMMANDS.items()}
    if os.environ.get("PRESSROOM_GOLDEN") == "1":
        GOLDEN.write_text(json.dumps(found, indent=1) + "\n")

    assert found == json.loads(GOLDEN.read_text()), "if that is as it should be: make golden"


def imported(home: Path, arguments: list[str]) -> list[str]:
    """Our modules, and the libraries, that a command imports."""
    code = f"""
import sys
before = set(sys.modules)
from pressroom.cli.app import main
main({arguments!r}, standalone_mode=False)
names = set(sys.modules) - before
ours = {{name for name in names if name.startswith("pressroom")}}
others = {{name.split(".")[0] for name in names - ours}} - sys.stdlib_module_names
print("imported:", *sorted(ours), *sorted(others))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=home, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()[-1].removeprefix("imported: ").split()


# --- what they find ------------------------------------------------------------------------------


def test_a_run_that_finds_nothing_changed_says_what_a_whole_run_says(
    built: Site, wholly: list[str]
) -> None:
    looked = run(built)
    assert wholly == []
    (built.out / up_to_date.NAME).unlink()
    ran = run(built)

    assert len(wholly) == 1
    assert {**looked.json, "seconds": 0} == {**ran.json, "seconds": 0}
    assert looked.err == ran.err


def added(site: Site) -> None:
    site.write(c=article(slug="c"))


def edited(site: Site) -> None:
    site.write(a=article(slug="a", answer="Another."))


def removed(site: Site) -> None:
    (site.raw / "b.md").unlink()


def excluded(site: Site) -> None:
    file = site.home / "pressroom.toml"
    file.write_text(file.read_text() + '[sources]\nexclude = ["b.md"]\n')


def damaged(site: Site) -> None:
    file = site.out / "current" / SITEMAP
    file.chmod(0o644)
    file.write_bytes(b"")


@pytest.mark.parametrize("change", [added, edited, removed, excluded, damaged])
def test_what_has_changed_is_published(
    built: Site, wholly: list[str], change: Callable[[Site], None]
) -> None:
    change(built)

    assert run(built, as_of=AS_OF + 60).json["published"]
    assert len(wholly) == 1
    assert pressroom("verify", "--out", built.out).status == 0


def other_release(stated: dict[str, Any]) -> None:
    stated["release"] = "000009-00000000"


def other_request(stated: dict[str, Any]) -> None:
    stated["request"] = "0" * 64


def damaged_field(stated: dict[str, Any]) -> None:
    stated["reading"]["shard_files"] = 0


@pytest.mark.parametrize("change", [other_release, other_request, damaged_field])
def test_a_note_of_another_run_is_not_believed(
    built: Site, wholly: list[str], change: Callable[[dict[str, Any]], None]
) -> None:
    file = built.out / up_to_date.NAME
    stated = json.loads(file.read_bytes())
    change(stated)
    file.write_text(json.dumps(stated))

    assert run(built).json["published"] is False
    assert len(wholly) == 1


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"null", b'{"digest": 1}', b"[" * 100_000])
def test_notes_that_are_damaged_cost_nothing_but_time(built: Site, data: bytes) -> None:
    for name in (up_to_date.NAME, identities.NAME):
        (built.out / name).write_bytes(data)

    assert run(built).json["published"] is False


@pytest.mark.parametrize(
    "arguments", [["--full"], ["--force"], ["--base-url", "https://a.example"]]
)
def test_a_run_that_is_asked_for_more_is_a_whole_one(
    built: Site, wholly: list[str], arguments: list[str]
) -> None:
    assert run(built, *arguments).status == 0
    assert len(wholly) == 1


def test_a_run_before_the_release_and_one_of_another_installation_are_whole_ones(
    built: Site, wholly: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(built, as_of=AS_OF - 60)
    monkeypatch.setattr(installation, "identity", lambda: "another")
    run(built)

    assert len(wholly) == 2


def test_a_site_that_is_pinned_or_was_held_back_is_not_passed_over(
    built: Site, wholly: list[str]
) -> None:
    (built.out / "held-back").mkdir()
    run(built)
    assert not (built.out / "held-back").exists()
    (built.out / "pinned").symlink_to((built.out / "current").readlink())

    assert run(built).json["pinned"]
    assert len(wholly) == 2


def test_what_is_due_is_published_though_no_file_has_changed(site: Site, wholly: list[str]) -> None:
    site.write(a=article(slug="a"), b=article(slug="b", expiryDate="2027-06-01"))
    settings = site.home / "pressroom.toml"
    settings.write_text(settings.read_text() + '[content.keys]\nexpires = "expiryDate"\n')
    run(site)
    run(site, as_of=AS_OF + 10 * 365 * 24 * 3600)

    assert len(wholly) == 2


def test_a_new_repository_is_seen_though_no_file_has_changed(site: Site, wholly: list[str]) -> None:
    (site.home / "pressroom.toml").write_text('[content]\npreset = "hugo"\n')
    site.write(a="---\ntitle: A\n---\nText.\n")
    run(site)
    git(site.raw, "init", "-q")
    git(site.raw, "add", ".")
    git(site.raw, "commit", "-qm", "First.", time="2024-05-01T10:00:00+00:00")

    assert run(site, as_of=AS_OF + 60).json["published"]
    assert len(wholly) == 2


def test_a_site_that_asks_git_is_left_alone_while_its_history_is_the_same(
    site: Site, wholly: list[str]
) -> None:
    (site.home / "pressroom.toml").write_text('[content]\npreset = "hugo"\n')
    site.write(a="---\ntitle: A\n---\nText.\n")
    run(site)
    run(site)
    assert len(wholly) == 1
    git(site.raw, "init", "-q")
    git(site.raw, "add", ".")
    git(site.raw, "commit", "-qm", "First.", time="2024-05-01T10:00:00+00:00")
    run(site, as_of=AS_OF + 60)
    run(site, as_of=AS_OF + 120)

    assert len(wholly) == 2


def test_a_run_on_a_cluster_is_always_a_whole_one(built: Site) -> None:
    settings = built.home / "pressroom.toml"
    settings.write_text(settings.read_text() + '[compute]\naddress = "tcp://127.0.0.1:1"\n')

    assert "no Dask scheduler" in run(built).err


def test_wrong_settings_leave_nothing_behind(site: Site) -> None:
    (site.home / "pressroom.toml").write_text("[site]\ntitel = 'A'\n")

    assert run(site).status == SettingsError.exit_status
    assert not site.out.exists()


@pytest.mark.parametrize("text", [
    "", "[paths]\n", "[paths]\nraw = 'x'\nout = '../y'\n", "[paths]\nraw = 's3://bucket/a/'\n",
    "[paths]\nout = '/tmp/a/../b'\nstorage = 's3://bucket/b'\n", "[site]\ntitle = 'A'\n",
])  # fmt: skip
def test_the_paths_of_settings_are_the_same_when_they_are_read_alone(
    tmp_path: Path, text: str
) -> None:
    file = tmp_path / "pressroom.toml"

    assert stated_paths(text, file) == settings_toml.parse(text, file).paths


def test_all_tables_of_settings_are_known_where_the_paths_are_read_alone() -> None:
    assert {field.name for field in fields(Settings)} == SECTIONS


@pytest.mark.parametrize(
    "text",
    ["[path]\nraw = 'x'\n", "[paths]\nrow = 'x'\n", "[paths]\nraw = 1\n", "paths = 1\n", "["],
)
def test_paths_that_are_wrong_are_left_to_who_tells_why(tmp_path: Path, text: str) -> None:
    assert stated_paths(text, tmp_path / "pressroom.toml") is None


def test_a_release_is_published_though_nothing_can_be_noted(site: Site) -> None:
    site.write(a=article())
    (site.out / identities.NAME).mkdir(parents=True)
    done = run(site)

    assert (done.status, done.json["published"]) == (0, True)
    assert "will look at all files again" in done.err
    assert not list(site.out.glob("*.tmp"))


def test_a_link_of_an_editor_beside_the_code_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("")
    (tmp_path / ".#a.py").symlink_to("nobody@nowhere:1")

    assert len(list(installation._files(str(tmp_path)))) == 2


# --- files of releases ---------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [[], ["--force"], ["--full"]])
def test_a_file_that_was_damaged_without_a_trace_is_mended_by_a_run_that_reads_it(
    built: Site, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    release = local.current(built.out)
    assert release is not None
    paths = [entry.path for entry in release.files]
    whole_file = (release.root / SITEMAP).read_bytes()
    damage(release.root / SITEMAP)
    # One that is to look at all reads more than a sample.
    sample = paths.index(SITEMAP) % 16 + bool(arguments)
    samples = iter([sample])  # later ones are others
    monkeypatch.setattr("pressroom.releases.store.sample", lambda: next(samples, sample + 1))
    done = run(built, *arguments)

    assert f"corrupt in {SITEMAP}" in done.err
    assert (built.out / "current" / SITEMAP).read_bytes() == whole_file
    assert pressroom("verify", "--out", built.out).status == 0


def test_a_file_that_is_written_to_after_it_was_read_is_not_trusted(
    built: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = identities.keep

    def late(out: Path, release: Any, noted: Any) -> None:
        damaged(built)
        keep(out, release, noted)

    edited(built)
    with monkeypatch.context() as patch:
        patch.setattr(identities, "keep", late)
        run(built, as_of=AS_OF + 60)
    done = run(built, as_of=AS_OF + 120)

    assert f"corrupt in {SITEMAP}" in done.err


def larger(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n")


def later(path: Path) -> None:
    os.utime(path)


def writable(path: Path) -> None:
    path.chmod(0o644)


def copied(path: Path) -> None:
    copy = path.with_name("copy")
    shutil.copy2(path, copy)
    copy.replace(path)


def linked(path: Path) -> None:
    path.rename(path.with_name("other"))
    path.symlink_to("other")


@pytest.mark.parametrize("change", [larger, later, writable, copied, linked])
def test_a_file_is_read_that_is_not_as_it_was(
    built: Site, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], None]
) -> None:
    release = open_release((built.out / "current").resolve())
    read: list[str] = []

    def noted(_: Path, entry: FileEntry, __: object) -> bool:
        read.append(entry.path)
        return True

    monkeypatch.setattr(local, "_is_intact", noted)
    known = identities.load(built.out)
    assert local.damaged(release, known=known) == []
    assert read == []
    (release.root / SITEMAP).chmod(0o644)
    change(release.root / SITEMAP)
    if change is not writable:
        (release.root / SITEMAP).chmod(0o444)
    local.damaged(release, known=known)

    assert read == [SITEMAP]


def test_all_files_come_up_in_as_many_runs_as_there_are_samples_whatever_lies_between(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for hours in (1, 2, 6, 12, 24, 7 * 24):
        runs = range(0, 16 * max(24, hours) * 3600, hours * 3600)
        seen = set()
        for moment in runs:
            monkeypatch.setattr("pressroom.releases.identities.time.time", lambda at=moment: at)
            seen.add(identities.sample())
        assert seen == set(range(16)), hours


def test_what_verify_finds_is_mended_by_the_next_build(
    built: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pressroom.releases.store.sample", lambda: -1)
    damage(built.out / "current" / SITEMAP)
    assert run(built).json["published"] is False
    found = pressroom("verify", "--out", built.out)
    assert (found.status, f"damaged    {SITEMAP}" in found.out) == (1, True)
    run(built)

    assert pressroom("verify", "--out", built.out).status == 0


def test_a_copy_of_an_output_folder_is_read_once(built: Site, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(built.out, copy, symlinks=True)
    before = identities.load(copy)
    built.out = copy
    run(built)
    run(built)

    assert identities.load(copy).keys().isdisjoint(before.keys())
    assert {*identities.load(copy).values()} == {*before.values()}


# --- who does the work ---------------------------------------------------------------------------


def test_a_process_with_a_thread_that_nobody_knows_is_not_forked() -> None:
    code = """
import threading
from pressroom.base import cancellation
from pressroom.engine import pool
found = [pool._is_alone()]
cancellation.end_on({})
found.append(pool._is_alone())
threading.Thread(target=threading.Event().wait, name="signals", daemon=True).start()
print(*found, pool._is_alone())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    expected = "True True False" if sys.platform == "linux" else "False False False"
    assert done.stdout.strip() == expected


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux alone")
def test_a_worker_that_cannot_be_forked_ends_the_run_with_a_sentence(built: Site) -> None:
    edited(built)
    code = f"""
import errno, os
from pressroom.engine import pool
pool._SMALL_BYTES = 0
fork, forks = os.fork, []
def refused():
    forks.append(1)
    if len(forks) == 2:
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))
    return fork()
os.fork = refused
from pressroom.cli.app import main
main(["build", "--raw", {str(built.raw)!r}, "--out", {str(built.out)!r}, "--workers", "2"])
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=built.home, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert done.returncode == 1
    assert "A worker process cannot be started" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_small_site_is_published_with_the_bytes_of_a_large_one(site: Site) -> None:
    site.write(**{f"a{n}": article(slug=f"a{n}") for n in range(9)})
    releases = []
    for name, size in (("one", "pool._SMALL_BYTES"), ("many", "0")):
        code = f"""
from pressroom.engine import pool
pool._SMALL_BYTES = {size}
from pressroom.cli.app import main
main(["build", "--out", {name!r}, "--as-of", "{AS_OF}", "--workers", "3", "--quiet"])
"""
        subprocess.run([sys.executable, "-c", code], cwd=site.home, check=True, stdout=-1)
        releases.append(contents(site.home / name / "current", lambda path: "manifest" in path))

    assert releases[0] == releases[1]


def test_a_check_that_is_divided_finds_what_a_whole_one_finds(
    built: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = (built.out / "current" / conform.PATH).read_bytes()
    monkeypatch.setattr(conform, "_BYTES_OF_A_JOB", 1)
    run(built, "--full", "--force")

    assert (built.out / "current" / conform.PATH).read_bytes() == found


def test_a_pool_does_little_work_itself_where_workers_take_long_to_begin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pool, "_is_alone", lambda: False)
    with pool.Pool(2) as workers:
        workers.expect(1)
        with contextlib.suppress(ZeroDivisionError):
            workers.submit(lambda _: 1 / 0, None).result()
        assert workers.submit(lambda _: threading.get_ident(), None).result() == (
            threading.get_ident()
        )
