import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pressroom.base import cancellation
from pressroom.base.problems import Code
from pressroom.cli.app import load, main
from pressroom.releases.summary import Summary
from tests.conftest import AS_OF, RAW, ROOT, Site, article, pressroom, pressroom_process


def publish(site: Site) -> Site:
    """Publish an article, and set a file aside."""
    site.write(a=article(slug="a"), broken="---\ntitle: What: now\n---\n")
    site.build()
    return site


@pytest.fixture
def built(site: Site) -> Site:
    return publish(site)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """One for all tests that only read."""
    return publish(Site(tmp_path_factory.mktemp("published")))


def size_of(out: Path) -> int:
    """The bytes of all files of the published release but its manifest."""
    files = [path for path in (out / "current").resolve().rglob("*") if path.is_file()]
    return sum(path.stat().st_size for path in files if path.name != "manifest.json")


def test_json_is_one_object_on_the_last_line_and_progress_goes_to_standard_error(
    site: Site,
) -> None:
    site.write(a=article(slug="a"), broken="---\ntitle: What: now\n---\n")
    done = pressroom_process("build", "--raw", site.raw, "--out", site.out, "--json")

    assert done.status == 0
    assert len(done.out.splitlines()) == 1
    result = done.json
    assert result.pop("seconds") > 0
    assert result.pop("as_of") > 0
    assert result.pop("bytes") == size_of(site.out)
    assert result == {
        "release": (site.out / "current").resolve().name,
        "base_url": "https://pressroom.example",
        "published": True,
        "pinned": False,
        "files": 2,
        "passed_over": {},
        "articles": 1,
        "rejects": 1,
        "skipped": 0,
        "parsed": 2,
        "reused": 0,
        "links": {"ok": 0, "missing": 0, "self": 0, "duplicate": 0},
        "text_links": dict.fromkeys(("ok", "missing", "self", "asset", "external"), 0),
        "findings": 0,
        "changes": {"added": 1, "changed": 0, "removed": 0},
    }
    assert done.err.startswith("ingest: 2 ")


def test_an_unchanged_build_says_so_and_succeeds(built: Site) -> None:
    done = pressroom("build", "--raw", built.raw, "--out", built.out, cwd=built.home)

    assert done.status == 0
    assert "000001-" in done.out
    assert (built.out / "current").resolve().name.startswith("000001-")


def test_a_build_names_the_files_that_the_release_before_did_not_set_aside(built: Site) -> None:
    command = ("build", "--raw", built.raw, "--out", built.out)
    built.write(**{f"more{number}": "---\ntitle: What: then\n---\n" for number in range(7)})
    lines = pressroom(*command).out.splitlines()

    assert lines[1].split()[0] == "8"
    newly = [re.search(r" (more\d\.md):2:12: .* \[unquoted_colon\]$", line) for line in lines[2:7]]
    assert [each and each[1] for each in newly] == [f"more{number}.md" for number in range(5)]
    assert re.findall(r"\d+", lines[7]) == ["2"]
    assert "more0.md" not in pressroom(*command).out
    assert pressroom("rejects", "--out", built.out).out.startswith("more0.md:2:12: ")


def test_where_nothing_is_set_aside_it_is_said_and_standard_output_is_empty(site: Site) -> None:
    site.write(a=article(slug="a"))
    release = site.build().release
    done = pressroom("rejects", "--out", site.out)

    assert (done.status, done.out) == (0, "")
    assert done.err.split()[0] == release.id


def test_files_are_not_mended_where_there_is_no_raw_folder(built: Site) -> None:
    command = ("rejects", "--out", built.out, "--raw", "nowhere", "--fix", built.home / "fixed")
    done = pressroom(*command, cwd=built.home)

    assert done.status == 2
    assert " nowhere " in done.err


def test_a_command_that_is_named_is_one_for_the_same_site(built: Site) -> None:
    done = pressroom("build", "--raw", built.raw, "--out", built.out, cwd=built.home)
    named = re.findall(r"`pressroom ([^`]+)`", done.out)

    assert len(named) == 1
    again = pressroom(*shlex.split(named[0]), cwd=Path("/"))
    assert (again.status, again.out.splitlines()[0][:9]) == (0, "broken.md")


def quietly(site: Site, *more: str) -> tuple[int, str, str]:
    folders = ("--raw", site.raw, "--out", site.out)
    done = pressroom("build", *folders, "--base-url", URL, "--quiet", *more, cwd=site.home)
    return done.status, done.out, done.err


URL = "https://site.example"


def test_quiet_prints_what_was_published_and_nothing_when_nothing_was(site: Site) -> None:
    site.write(a=article(slug="a"))
    status, out, err = quietly(site)
    assert (status, err) == (0, "")
    assert " 000001-" in out
    assert quietly(site) == (0, "", "")


def test_quiet_keeps_the_line_of_json(site: Site) -> None:
    site.write(a=article(slug="a"))
    assert quietly(site)[0] == 0
    status, out, err = quietly(site, "--json")
    assert (status, err, len(out.splitlines())) == (0, "", 1)


def test_quiet_tells_of_damage_that_was_mended(site: Site) -> None:
    site.write(a=article(slug="a"))
    quietly(site)
    for name in ("feed.json", "sitemap.xml"):
        (site.out / "current" / "site" / name).unlink()
    status, out, err = quietly(site)

    assert status == 0
    assert " 000002-" in out
    assert err.count("\n") == 1
    assert "site/feed.json and 1 " in err


def test_another_base_url_than_that_of_the_published_release_is_told_and_published(
    site: Site,
) -> None:
    site.write(a=article(slug="a"))
    quietly(site)
    done = pressroom("build", "--raw", site.raw, "--out", site.out, cwd=site.home)

    change = f"{URL} .*http://localhost:8000"
    assert done.status == 0
    assert re.search(change, done.err)
    assert re.search(change, done.out.splitlines()[-1])
    assert " 000002-" in done.err.splitlines()[-1]

    again = pressroom("build", "--raw", site.raw, "--out", site.out, cwd=site.home)
    assert URL not in again.out + again.err
    status, out, err = quietly(site)
    assert re.search(f"http://localhost:8000 .*{URL}", err)
    assert (status, len(out.splitlines())) == (0, 2)


def test_a_release_that_does_not_say_its_base_url_is_no_other(site: Site) -> None:
    site.write(a=article(slug="a"))
    quietly(site)
    path = (site.out / "current").resolve() / "manifest.json"
    manifest = json.loads(path.read_bytes())
    del manifest["base_url"]
    path.unlink()
    path.write_text(json.dumps(manifest))
    done = pressroom("build", "--raw", site.raw, "--out", site.out, cwd=site.home)

    assert " 000002-" in done.err.splitlines()[-1]
    assert "localhost" not in done.out


def test_status_shows_the_published_release(published: Site) -> None:
    done = pressroom("status", "--out", published.out)

    assert done.status == 0
    lines = dict(line.split(maxsplit=1) for line in done.out.splitlines())
    assert lines["articles"] == lines["rejects"] == "1"
    assert lines["release"] == (published.out / "current").resolve().name
    assert re.search("^base URL  http://localhost:8000$", done.out, re.MULTILINE)


def test_status_as_json_is_one_line_with_the_same_fields(built: Site) -> None:
    done = pressroom("status", "--out", built.out, "--json")

    assert len(done.out.splitlines()) == 1
    root = (built.out / "current").resolve()
    assert done.json == {
        "release": root.name,
        "as_of": AS_OF,
        "base_url": "http://localhost:8000",
        "files": 2,
        "passed_over": {},
        "articles": 1,
        "rejects": 1,
        "skipped": 0,
        "findings": 0,
        "links": {"ok": 0, "missing": 0, "self": 0, "duplicate": 0},
        "text_links": dict.fromkeys(("ok", "missing", "self", "asset", "external"), 0),
        "changes": {"added": 1, "changed": 0, "removed": 0},
        "bytes": size_of(built.out),
        "folder": str(root),
        "storage": None,
        "pinned": None,
        "held_back": None,
    }
    pressroom("rollback", root.name, "--out", built.out)
    assert pressroom("status", "--out", built.out, "--json").json["pinned"] == root.name


def test_all_commands_say_the_same_of_a_release(built: Site) -> None:
    build = pressroom("build", "--raw", built.raw, "--out", built.out, "--json", cwd=built.home)
    status = pressroom("status", "--out", built.out, "--json")
    (listed,) = json.loads(pressroom("releases", "--out", built.out, "--json").out)

    # The build changed nothing: what the release changed is not its work.
    assert build.json["changes"] == {"added": 0, "changed": 0, "removed": 0}
    made = {**build.json, "changes": {"added": 1, "changed": 0, "removed": 0}}
    for other in (made, listed):
        assert {name: other[name] for name in Summary._fields} == {
            name: status.json[name] for name in Summary._fields
        }


def test_rolling_back_to_the_current_release_says_that_it_is_current_already(built: Site) -> None:
    done = pressroom("rollback", "1", "--out", built.out)

    assert done.status == 0
    release = (built.out / "current").resolve().name
    assert done.out.count(release) == 1  # of a rollback to another both are named
    assert f" {built.out} " in done.out


def test_rejects_shows_place_line_caret_and_hint(published: Site) -> None:
    done = pressroom("rejects", "--out", published.out)

    assert done.status == 0
    place, line, caret, hint = done.out.splitlines()
    assert place.startswith("broken.md:2:12: ")
    assert line == "    title: What: now"
    assert caret.index("^") == line.index(": now")
    assert hint == f"  {Code.UNQUOTED_COLON.hint}"


@pytest.mark.parametrize(
    ("arguments", "status", "named"),
    [
        (["build", "--raw", "/nowhere", "--out", "{home}/out"], 2, " /nowhere "),
        (["build", "--raw", "{home}/raw", "--out", "{home}/file/out"], 1, " {home}/file/out "),
        (["build", "--settings", "{home}/no.toml"], 2, " {home}/no.toml: "),
        (["build", "--settings", "pressroom.toml"], 2, " pressroom.toml: "),
        (["build", "--as-of", "1790000000000"], 2, " '1790000000000'"),
        (["build", "--settings", "{home}/bad.toml"], 2, "{home}/bad.toml:2: "),
        (["build", "--base-url", "example.org"], 2, " 'example.org' "),
        (["build", "--workers", "0"], 2, " '--workers': "),
        (["build", "--raw", ""], 2, " '--raw': "),
        (["build", "--base-url", ""], 2, " '' "),
        (["build", "--raw", "{home}/raw", "--out", "{home}/raw/out"], 2, " {home}/raw/out "),
        (["build", "--unknown"], 2, " '--unknown'"),
        (["build", "--raw", "{home}/raw", "--out", "{home}/out"], 3, "articles_remain: "),
        (["status", "--out", "{home}/out"], 1, " {home}/out "),
        (["rejects", "--out", "{home}/out"], 1, " {home}/out "),
    ],
)
def test_what_goes_wrong_ends_with_its_exit_status_and_is_named(
    tmp_path: Path, arguments: list[str], status: int, named: str
) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "bad.toml").write_text('[site]\ntitel = "Mine"\n')

    done = pressroom(*(argument.format(home=tmp_path) for argument in arguments), cwd=tmp_path)

    assert done.status == status, done.err
    assert named.format(home=tmp_path) in done.err
    assert not done.out
    assert not (tmp_path / "out" / "current").exists()


@pytest.mark.parametrize(
    ("arguments", "status"),
    [(["status"], 1), (["build", "--workers", "1"], 3), (["build", "--raw", "no"], 2)],
)
def test_a_process_ends_with_the_exit_status_and_no_traceback(
    tmp_path: Path, arguments: list[str], status: int
) -> None:
    (tmp_path / "raw").mkdir()
    done = pressroom_process(*arguments, cwd=tmp_path)

    assert (done.status, done.out) == (status, "")
    assert "pressroom: " in done.err
    assert "Traceback" not in done.err


def test_a_build_that_is_told_to_end_leaves_nothing_behind(site: Site) -> None:
    for number in range(2000):
        site.write(**{f"a{number:04}": article(slug=f"a{number}")})
    process = subprocess.Popen(
        [
            Path(sys.executable).with_name("pressroom"),
            "build",
            "--raw",
            site.raw,
            "--out",
            site.out,
        ],
        stderr=subprocess.PIPE,
    )
    while not (site.out / "staging").exists():
        time.sleep(0.01)
    process.terminate()
    _, err = process.communicate(timeout=60)

    assert process.returncode == 128 + signal.SIGTERM
    assert not list((site.out / "staging").iterdir())
    assert err.decode() == f"pressroom: {cancellation.MESSAGE}\n"


def test_source_date_epoch_is_the_time_of_the_run_unless_it_is_named(tmp_path: Path) -> None:
    made = []
    for number, arguments in enumerate(([], ["--as-of", "1790000000"])):
        out = tmp_path / str(number)
        done = pressroom(
            "build", "--raw", RAW, "--out", out, *arguments, "--json",
            SOURCE_DATE_EPOCH="1790000000" if not arguments else "1",
        )  # fmt: skip
        made.append(done.json["release"])

    assert made[0] == made[1]


def test_the_command_line_starts_without_what_few_of_its_runs_need() -> None:
    heavy = "{'dagster', 'duckdb', 'pandas', 'pyarrow.dataset', 'pydantic', 'rich'}"
    code = f"import sys, pressroom.cli.app; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"


NO_TABLES = {"pressroom.engine", "pressroom.tables", "pressroom.frontmatter", "pyarrow"}
NO_BUILD = {"pressroom.engine", "pressroom.exports", "pressroom.markup.html"}


@pytest.mark.parametrize(
    ("command", "others", "foreign"),
    [
        ("--version", [], NO_TABLES),
        ("--help", [], NO_TABLES),
        ("status", [], NO_TABLES),
        ("releases", [], NO_TABLES),
        ("verify", [], NO_TABLES),
        ("rejects", [], {*NO_BUILD, "pressroom.content", "pressroom.frontmatter"}),
        ("findings", [], {*NO_BUILD, "pressroom.content", "pressroom.frontmatter", "duckdb"}),
        ("notify", ["--help"], {*NO_BUILD, "pressroom.content", "pressroom.frontmatter"}),
        ("query", ["select 1"], {*NO_BUILD, "pressroom.content", "pressroom.frontmatter"}),
        ("explain", ["/learn/databases/questions/a"], {*NO_BUILD, "duckdb"}),
    ],
)
def test_a_command_imports_nothing_that_only_others_need(
    published: Site, command: str, others: list[str], foreign: set[str]
) -> None:
    place = [] if command.startswith("--") else ["--out", str(published.out)]
    code = f"""
import sys
from pressroom.cli.app import main
status = main({[command, *place, *others]!r}, standalone_mode=False)
print("imported:", status or "", sorted({foreign!r} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "imported:  []"


def test_a_command_is_listed_as_its_own_help_begins() -> None:
    for name, listed in main.commands.items():
        command = load(name)
        assert command.name == name
        for width in (40, 60, 80):
            assert listed.get_short_help_str(width) == command.get_short_help_str(width)


def test_each_module_with_a_command_is_listed() -> None:
    modules = (ROOT / "pipeline" / "cli").glob("*.py")

    assert set(main.commands) == {
        path.stem
        for path in modules
        if re.search(r"^@(click\.)?command\(", path.read_text(), re.MULTILINE)
    }


def test_ctrl_c_is_heeded_from_the_beginning() -> None:
    interrupted = """
import sys

class Interrupted:
    def find_spec(name, path=None, target=None):
        if name == "pressroom.cli.build":
            raise KeyboardInterrupt

from pressroom.__main__ import main
sys.meta_path.insert(0, Interrupted)
sys.argv[1:] = ["build"]
main()
"""
    command = [sys.executable, "-c", interrupted]
    done = subprocess.run(command, check=False, capture_output=True, text=True)

    assert (done.returncode, done.stdout, done.stderr) == (130, "", "Aborted!\n")


def test_ctrl_c_of_a_terminal_is_one_line_while_a_command_is_imported() -> None:
    waiting = """
import sys, time

class Waiting:
    def find_spec(name, path=None, target=None):
        if name == "pressroom.cli.build":
            print("waiting", flush=True)
            time.sleep(5)

from pressroom.__main__ import main
sys.meta_path.insert(0, Waiting)
sys.argv[1:] = ["build", "--raw", "nowhere"]
main()
"""
    command = [sys.executable, "-c", waiting]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    assert process.stdout
    assert process.stdout.readline() == b"waiting\n"
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)

    assert (process.returncode, err) == (130, b"Aborted!\n")


def test_the_command_runs_as_a_module_too() -> None:
    command = [sys.executable, "-m", "pressroom", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert "build" in done.stdout
