"""What Pressroom says, in one file: no other test asserts a sentence.

Whoever mends the English of a message renews the file by ``make golden``, and reads what differs.
"""

import functools
import json
import os
import re
import shutil
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import distributed
import lxml.html
import pytest

from pressroom.base import cancellation, places
from pressroom.base.errors import PipelineError
from pressroom.base.problems import Code, DocumentError, FindingCode, unforeseen
from pressroom.base.web import Answer
from pressroom.cli import fix, indexnow, sql
from pressroom.cli.indexnow import Target
from pressroom.conformance.rules import Outcome, Rule
from pressroom.content.article import Body, normalize
from pressroom.dagster import webhook
from pressroom.engine import build, checks, cluster, compute
from pressroom.engine.progress import Quiet
from pressroom.exports import EXPORTS
from pressroom.files import s3
from pressroom.frontmatter.fences import decode, split
from pressroom.frontmatter.load import load
from pressroom.model import settings_toml
from pressroom.model.columns import Column
from pressroom.model.content import ContentModel
from pressroom.model.paths import Paths
from pressroom.model.settings import Limits, Releases, Settings
from pressroom.model.settings import Site as SiteSettings
from pressroom.releases import catalog as catalogs
from pressroom.releases import local, publishing, remote
from pressroom.releases.catalog import Catalog
from pressroom.releases.manifest import Release
from pressroom.releases.store import store_at
from pressroom.sources import folder_read
from pressroom.sources.bucket import BucketSource
from pressroom.sources.folder import FolderSource
from pressroom.sources.source import source_at
from tests import test_settings
from tests.by_steps import begin, stage_unaudited
from tests.conftest import AS_OF, Site, article, pressroom
from tests.object_storage import BUCKET, Refusal, Request, served
from tests.quicktakes import MODEL, SETTINGS, quicktakes
from tests.small_releases import FEED, publish, stage
from tests.test_checks import audited
from tests.test_findings import link

GOLDEN = Path(__file__).with_name("golden") / "messages.txt"
RENEW = "make golden"
CASES = Path(__file__).parent / "cases" / "invalid"
INIT_CASES = Path(__file__).parent / "cases" / "init"

Said = Iterator[tuple[str, str]]  # what was done, and what was said of it


def refusal(call: Callable[[], object]) -> str:
    """What the error of a call says, behind its class, or the code of a problem of a file."""
    try:
        call()
    except DocumentError as error:
        return "\n".join(f"[{each.code}] {each.message}" for each in error.problems)
    except PipelineError as error:
        return f"{type(error).__name__}: {error}"
    raise AssertionError("nothing was refused")


def run(*arguments: str | Path, stdin: str = "") -> str:
    """What a command prints on standard output and standard error, and its exit status."""
    done = pressroom(*arguments, cwd=Path(), stdin=stdin)
    status = f"exit status {done.status}\n" if done.status else ""
    return f"{status}{done.out}{done.err}"


# --- files ---------------------------------------------------------------------------------------


def hints(_: Path) -> Said:
    for code in Code:
        yield f"[{code}]", code.hint


def read(data: bytes, limits: Limits) -> None:
    document = split(decode(data))
    found = normalize(load(document, limits), Body(document.body), MODEL)
    if isinstance(found, list):
        first, *more = found
        raise DocumentError(first.code, first.message, more=tuple(more))


def problems_of_front_matter(_: Path) -> Said:
    for path in sorted(CASES.glob("*.md")):
        limits = json.loads(path.with_suffix(".json").read_text()).get("limits", {})
        yield path.stem, refusal(functools.partial(read, path.read_bytes(), Limits(**limits)))


def problems_of_paths(home: Path) -> Said:
    raw = home / "raw"
    (raw / "folder").mkdir(parents=True)
    (home / "outside.md").touch()
    for name, target in (("out", "../outside.md"), ("gone", "no"), ("loop", "loop"), ("up", "..")):
        (raw / f"{name}.md").symlink_to(target)
    (raw / "back.md").symlink_to("folder")
    (raw / "way").symlink_to("..")
    os.mkfifo(raw / "pipe.md")
    (raw / "large.md").write_text("x" * 11)
    for path in (
        *("out.md", "gone.md", "loop.md", "up.md", "back.md", "way/outside.md", "pipe.md"),
        *("large.md", "no.md", "folder", "large.md/a.md", "a" * 300),
    ):
        yield path[:20], refusal(functools.partial(folder_read.read, raw, path, 10))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folder_read, "_is_settled", lambda *_: False)
        patch.setattr(folder_read, "_PAUSE_SECONDS", 0)
        yield "is written meanwhile", refusal(lambda: folder_read.read(raw, "large.md", 100))

    def fail() -> None:
        raise unforeseen(ValueError("of a library"))

    yield "fails", refusal(fail)


ANSWERS = {
    "nu": r"'$$\nu = 1$$'",
    "relation": r"'$$a\ne b$$'",
    "command": r"'a \not= b'",
    "string": "'```c\\nprintf(\"a\\nb\");\\n```'",
    "inline": r"'`a\nb`'",
    "maths": "'A $$ B'",
    "template": "'A {% b %}'",
    "deep": f"'{'> ' * 200}a'",
}


def findings(home: Path) -> Said:
    site = Site(home)
    for number, (name, answer) in enumerate(ANSWERS.items(), 10):
        site.write(**{name: article(slug=name, id=number, answer=answer)})
    lost = "{page_description: 'ext{length } n$, size $K$, $'}"
    site.write(
        a=article(slug="a", seo=lost, score="high", author="[[x]]"),
        b=article(slug="b", subject="databases", related_article1=link(title="What is A?")),
        c=article(slug="c", id=2, subject="Databases*", related_article1=link(url="/gone")),
        d=article(
            slug="d",
            id=3,
            related_article1=link(),
            related_article2=link(),
            related_article3=link(url="/learn/databases/questions/d"),
        ),
        e=article(slug="D", id=4),
    )
    site.build()
    for row in site.rows("findings"):
        yield f"{row['source_path']} [{row['code']}]", row["message"]
    yield from _findings_of_a_site(home / "weighed")


def _findings_of_a_site(home: Path) -> Said:
    home.mkdir()
    site = Site(home)
    site.write(
        b="---\naliases: [/old/, /a/]\n---\n# Head\n",
        c="---\naliases: /old/\n---\n[gone](/d/) [former](/old) [head](b.md#body)\n",
    )
    for column, date in ((Column("integer"), "2014-03-05"), (Column("text"), "2042-03-05")):
        site.write(a=f"---\ntitle: A\nweight: 1\ndate: {date}\n---\n")
        keys = {"updated": ("lastmod", ":git")}
        site.build(content=ContentModel(keys=keys, columns={"weight": column}))
    for row in site.rows("findings"):
        yield f"[{row['code']}]", row["message"]
    settings = ("--out", site.out, "--raw", site.raw)
    yield "findings", run("findings", *settings)
    yield "findings, as annotations", run("findings", *settings, "--format", "github")
    yield "findings, of an unknown code", run("findings", *settings, "--code", "missing_lnk")


def rejects(home: Path) -> Said:
    site = Site(home)
    site.write(a=article(slug="a"), b=article(slug="a"), quotes=article(title="What: now"))
    (site.raw / os.fsdecode(b"\xff.md")).write_text(article())
    (site.raw / "shut").symlink_to("..")
    site.build()
    yield "pressroom rejects", run("rejects", "--out", site.out)
    fixed = ("rejects", "--out", site.out, "--raw", site.raw, "--fix", home / "fixed")
    yield "pressroom rejects --fix", run(*fixed)
    yield "pressroom rejects --fix, again", run(*fixed)
    yield "pressroom rejects --fix, into the raw folder", run(*fixed[:-1], site.raw / "fixed")
    (home / "linked").mkdir()
    (home / "linked" / "quotes.md").symlink_to("/etc/passwd")
    yield "pressroom rejects --fix, through a link", run(*fixed[:-1], home / "linked")
    (home / "file").touch()
    source = FolderSource(site.raw)
    yield (
        "a file as a folder",
        refusal(lambda: fix.check_folder(home / "file", source, site.out, [])),
    )
    yield "pressroom rejects --fix, without a raw folder", run(*fixed[:4], "nowhere", *fixed[5:])
    site.write(b=article(slug="b"), quotes=article(slug="quotes"))
    yield "pressroom rejects --fix, of mended files", run(*fixed[:-1], home / "more")
    (site.raw / os.fsdecode(b"\xff.md")).unlink()
    (site.raw / "shut").unlink()
    site.build()
    yield "pressroom rejects, of a release without", run("rejects", "--out", site.out)


# --- settings ------------------------------------------------------------------------------------


def settings(home: Path) -> Said:
    file = home / "pressroom.toml"
    yield "no file", refusal(lambda: settings_toml.load(file))
    for text in test_settings.REFUSED:
        file.write_text(text)
        yield text.replace("\n", " ⏎ "), refusal(lambda: settings_toml.load(file))
    file.write_bytes(b"\xff")
    yield "other bytes", refusal(lambda: settings_toml.load(file))
    yield "--as-of", refusal(lambda: build.as_of(None, "tomorrow"))


# --- builds and what they make -------------------------------------------------------------------


def command_line(home: Path) -> Said:
    site = Site(home)
    site.write(a=article(slug="a"), broken="---\ntitle: What: now\n---\n")
    where = ("--raw", site.raw, "--out", site.out)
    now = ("--as-of", str(AS_OF))
    for command in ("status", "rejects", "verify", "rollback", "releases"):
        yield f"{command}, before the first build", run(command, "--out", site.out)
    yield "fetch, from nowhere", run("fetch", "--out", site.out)
    yield "build", run("build", *where, *now)
    yield "build, again", run("build", *where, *now)
    yield "rejects", run("rejects", "--out", site.out)
    yield "status", run("status", "--out", site.out)
    yield "verify", run("verify", "--out", site.out)
    url = "/learn/databases/questions/a"
    explain = ("explain", *where, url)
    yield "explain", run(*explain)
    yield "explain, of another url", run(*explain[:-1], f"{url}b")
    yield "explain, of a url far away", run(*explain[:-1], "a")
    yield "explain, without a raw folder", run("explain", "--raw", "nowhere", *explain[3:])
    site.write(a=article(slug="a", answer="Two."), more="---\ntitle: What: now\n---\n")
    yield "explain, of a file that was changed", run(*explain)
    changed = ("--base-url", "https://site.example", "--as-of", str(AS_OF + 1))
    yield "build, with another base URL", run("build", *where, *changed)
    yield "rollback", run("rollback", "--out", site.out)
    yield "rollback, to the current release", run("rollback", "1", "--out", site.out)
    yield "build, of a pinned site", run("build", *where, *now)
    yield "status, of a pinned site", run("status", "--out", site.out)
    yield "releases", re.sub(r"\d+\.\d kB", "80.0 kB", run("releases", "--out", site.out))
    for arguments in (("1", "--unpin"), ("7",), ("0",), ("--unpin",), ("--unpin",)):
        yield f"rollback {' '.join(arguments)}", run("rollback", *arguments, "--out", site.out)
    for name in ("feed.json", "sitemap.xml"):
        (site.out / "current/site" / name).unlink()
    yield "build, of a damaged release", run("build", *where, *now)
    (site.out / "current").unlink()
    yield "build, without current", run("build", *where, *changed)
    yield "build, into the raw folder", run("build", "--raw", home, "--out", site.out)
    yield "build, of nothing", run("build", "--raw", home / "no", "--out", site.out)
    yield "build --raw ''", run("build", "--raw", "")
    yield "build --base-url x", run("build", *where, "--base-url", "x")
    (home / "file").touch()
    yield "build, into a file", run("build", "--raw", site.raw, "--out", home / "file" / "out")
    yield "query, of nothing", run("query", "--out", site.out, "", stdin="")
    yield (
        "query, of one name twice",
        run("query", "--out", site.out, "--json", "select 1 as a, 2 as a"),
    )
    yield "query, of an interval", run("query", "--out", site.out, "select interval 1 day as age")
    yield "query, of many rows", run("query", "--out", site.out, "from range(1002)")[-90:]
    shutil.rmtree(site.raw)
    site.raw.mkdir()
    yield "build, of an empty folder", run("build", *where, *now)
    yield "rejects, while a run is held back", run("rejects", "--out", site.out)
    yield "status, while a run is held back", run("status", "--out", site.out)
    (home / "first").mkdir()
    yield from _first_runs(home / "first")


def _first_runs(home: Path) -> Said:
    site = Site(home)
    where = ("--raw", site.raw, "--out", site.out)
    site.write(note="# A note\n\nText.", other="Text.")
    (site.raw / "a.png").touch()
    yield "build, of files without front matter", run("build", *where)
    yield "status, before the first release", run("status", "--out", site.out)
    for path in site.raw.glob("*.md"):
        path.rename(path.with_suffix(".txt"))
    yield "build, of files of other suffixes", run("build", *where)
    yield "query --run --release", run("query", "--run", "--release", "1", "--out", site.out)
    shutil.rmtree(site.out)
    yield "query --run, of no run", run("query", "--run", "--out", site.out)


def what_waits(_: Path) -> Said:
    """What needs a slow query, a lost worker, a signal or a run of Dagster to be said."""
    yield "query, too slow", f"{sql._too_long(1)}"
    yield "query, too large", f"{sql._too_much(50_000_000)}"
    with compute.pool(1) as pool:
        yield "a worker is gone", refusal(lambda: pool.check(BrokenProcessPool()))
    yield "told to end", cancellation.MESSAGE


def audits(home: Path) -> Said:
    many = [f"{number:02}.md" for number in range(21)]
    examples: dict[str, dict[str, Any]] = {
        "passed": {"rejects": ["x.md"], "links": 2, "before": 4},
        "lost rows": {"files": 9, "stated_links": 3, "articles": [["/a", "/b", "/a"]]},
        "no article": {"articles": [[]]},
        "errors": {"findings": [["error", "info"]]},
        "broken": {
            "outcomes": [Outcome(Rule("SM-03", "A rule.", "A standard"), 1, 3, "site/a: b")]
        },
        "many rejects": {"articles": [[]], "rejects": many, "before": 3, "removed": ["/x"]},
    }
    for name, how in examples.items():
        (home / name).mkdir()
        for result in checks.audit(audited(home / name, **how)):
            if not result.passed or name == "passed":
                rows = "".join(f"\n  {row}" for row in (*result.rows[:1], *result.rows[-1:]))
                yield f"{result.name}, {name}", result.message + rows
    (home / "damaged").mkdir()
    damaged = audited(home / "damaged")
    for path in damaged.release.paths("rejects"):
        path.unlink()
    yield "files_intact, damaged", checks.files_intact(damaged).message


def steps(home: Path) -> Said:
    site = Site(home)
    site.write(a=article(slug="a"))
    first = begin(site, "first")
    build.ingest(first)
    yield "check, before manifest", refusal(lambda: build.check(first))
    yield "release, before manifest", refusal(lambda: build.release(first))
    stage_unaudited(first)
    yield "release, before audit", refusal(lambda: build.release(first))
    build.audit(first)
    build.release(first)
    elsewhere = Settings(content=MODEL, paths=Paths(site.raw, site.out)).override(
        base_url="https://a.b"
    )
    other = build.begin(elsewhere, build.Options(), "other", AS_OF, Quiet(print))
    build.export(other, EXPORTS[0])
    yield "manifest, beside exports of another base URL", refusal(lambda: build.manifest(other))
    site.raw.rename(home / "moved")
    site.raw.mkdir()
    empty = begin(site, "empty")
    stage_unaudited(empty)
    yield "audit, of an empty folder", refusal(lambda: build.audit(empty))
    bucket = BucketSource("s3://bucket/a")
    yield (
        "raw files in the storage",
        refusal(lambda: bucket.check_apart(home / "out", "s3://bucket/a/b")),
    )


def reports(home: Path) -> Said:
    """The paragraphs of the report on an article that states next to nothing."""
    site = Site(home)
    site.write(a="---\nurl: /bare\ntitle: '  '\n---\n")
    content = quicktakes(required=("url",))
    site.build(content=content)
    site.build(content=content, site=SiteSettings(title="Another"))
    page = lxml.html.parse(site.out / "current/report/index.html")
    paragraphs = page.xpath("//section//p")
    yield "of nothing", "\n".join(" ".join(each.text_content().split()) for each in paragraphs)


def release_folders(home: Path) -> Said:
    out = home / "out"
    made = [publish(out, text) for text in "abc"]
    behind = [stage(out, name, name) for name in "xy"]
    publishing.publish(behind[0], Releases())
    yield "two runs at once", refusal(lambda: publishing.publish(behind[1], Releases()))
    elsewhere = publish(home / "elsewhere")

    def removed(release: Release, **_: Any) -> list[str]:
        shutil.rmtree(release.root)
        return []

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local, "damaged", removed)
        gone = refusal(lambda: publishing.rollback(store_at(home / "elsewhere"), elsewhere))
    yield "rollback, to a release that is removed meanwhile", gone
    (made[1].root / FEED).unlink()
    yield (
        "rollback, to a damaged release",
        refusal(lambda: publishing.rollback(store_at(out), made[1])),
    )
    yield "verify, a damaged release", run("verify", "2", "--out", out)
    (made[2].root / "more").touch()
    yield "verify, a release with one file more", run("verify", "3", "--out", out)
    shutil.copytree(made[0].root, out / "releases" / "000001-ffffffff")
    yield "two releases of a number", refusal(lambda: local.find(out, "1"))
    link = out / "current"
    manifest = link.resolve() / "manifest.json"
    newer = json.dumps({**json.loads(manifest.read_bytes()), "format": 2})
    for name, text in (("that is {}", "{}"), ("that is {", "{"), ("of another version", newer)):
        manifest.unlink()
        manifest.write_text(text)
        yield f"a manifest {name}", refusal(lambda: local.current(out))
    link.unlink()
    yield "current is gone", refusal(lambda: local.current(out))
    link.mkdir()
    yield "current is a folder", refusal(lambda: local.current(out))
    seen: dict[str, Any] = {
        "url": "s3://bucket",
        "current": made[0].id,
        "pinned": None,
        "releases": [],
    }
    (out / "storage.json").write_text(json.dumps(seen))
    (made[0].root / "manifest.json").unlink()
    yield "storage has lost a manifest", refusal(lambda: local.current(out))
    (out / "storage.json").write_text("{}")
    yield "what the storage said is damaged", refusal(lambda: local.seen(out))


def other_machines(home: Path) -> Said:
    """What is said of object storage, of a cluster and of a webhook, as far as none is needed."""
    for url in ("s3://", "s3://user:secret@host/x"):
        yield url, refusal(functools.partial(places.check_storage_url, url))
    out = home / "out"
    publish(out)
    catalog = Catalog("s3://bucket/site")
    yield (
        "an output folder that is a site",
        refusal(lambda: remote._check_no_site(catalog, out, moves=False)),
    )
    yield "fetch, into a site", refusal(lambda: remote.settle("s3://bucket/site", out))
    seen: dict[str, Any] = {
        "url": "s3://bucket/site",
        "current": None,
        "pinned": None,
        "releases": [],
    }
    (out / "storage.json").write_text(json.dumps(seen))
    yield "status, of another storage", refusal(lambda: remote.check_home("s3://other", out))
    for manifest in (b"{}", b'{"files": [{"path": "../a"}]}'):
        check = functools.partial(remote._check_paths, manifest, "s3://bucket/site/manifest.json")
        yield f"a manifest that is {manifest.decode()}", refusal(check)

    yield "--compute x", refusal(lambda: cluster.Cluster("x", [], print))
    needs = cluster._Needs({}, (home / "no",))
    yield "a worker without the folder", cluster._unmet(needs)
    yield "a worker with other code", cluster._unmet(needs._replace(versions={"pressroom": "0"}))
    yield "a worker without Pressroom", cluster._cannot(ImportError("pressroom"))
    scheduler = cluster.Cluster("tcp://a:1", [], print)
    yield "a scheduler that is none", scheduler._is_none("the address belongs to a Worker")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scheduler, "_client", SimpleNamespace(status="closed"))
        yield "a scheduler that is gone", refusal(scheduler.check)
        patch.setattr(
            scheduler, "_client", SimpleNamespace(status="running", nthreads=lambda **_: [0])
        )
        patch.setattr(scheduler, "_check_workers", lambda _: None)
        given_up = distributed.KilledWorker("a job", None, 1)
        yield "a job that ends workers", refusal(lambda: scheduler.check(given_up))
        dropped = CancelledError()
        yield "a job that is dropped", refusal(lambda: scheduler.check(dropped))
    scheduler._workers, scheduler._without_since = 0, -1e9
    yield "a cluster without workers", refusal(scheduler._check_someone_works)

    yield "an address of a webhook", refusal(lambda: webhook.post("ftp://a.example", {}))
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
    yield "a webhook that is not there", refusal(lambda: webhook.post(address, {}))


def object_storage(home: Path) -> Said:
    s3.at.cache_clear()
    with served() as server, pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment.items():
            patch.setenv(name, value)
        server.put("raw/a.md", article(slug="a"))
        raw, url, catalog = f"s3://{BUCKET}/raw", f"s3://{BUCKET}/site", "site/catalog.json"
        where = ("--raw", raw, "--out", home / "out", "--storage", url)
        for other in ("--raw=s3://nowhere/raw", f"--raw={raw}/none", f"--raw={url}/raw"):
            yield f"build {other}", run("build", *where, other)
        yield "status, before the first build", run("status", *where[2:])
        yield "fetch, before the first build", run("fetch", "--out", home / "copy", *where[4:])
        assert "Published" in run("build", *where)
        elsewhere = ("--out", home / "elsewhere", *where[4:])
        run("status", *elsewhere)
        server.delete(catalog)
        yield "build, without the catalog", run("build", *where[:2], *elsewhere)
        server.put(catalog, "{}")
        yield "status, of another catalog", run("status", *elsewhere)
        for code in ("SignatureDoesNotMatch", "SlowDown"):
            status = "503 Slow Down" if code == "SlowDown" else "403 Forbidden"
            server.refused[Request("GET", "raw/a.md")] = Refusal(status, code)
            patch.setattr(s3, "_RETRY_SECONDS", 0.1)
            s3.at.cache_clear()
            said = refusal(lambda: source_at(raw).read("a.md", 1000))
            yield code, re.sub(r"\d+ times", "2 times", said)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.delenv(name)
        patch.setenv("AWS_METADATA_ENDPOINT", f"{server.address}/none")
        s3.at.cache_clear()
        yield "without credentials", refusal(lambda: catalogs.read(url))
        patch.setenv("AWS_ENDPOINT_URL", "nonsense")
        s3.at.cache_clear()
        yield "another endpoint", refusal(lambda: catalogs.read(url))
    s3.at.cache_clear()


# --- proposals -----------------------------------------------------------------------------------


def proposals(home: Path) -> Said:
    yield "init, of an empty folder", run("init", home)
    site = shutil.copytree(INIT_CASES / "hugo", home / "hugo")
    yield "init", run("init", site)
    yield "init, again", run("init", site)
    shutil.copytree(INIT_CASES / "plain", home / "plain")
    yield "init, above", run("init", home)
    (site / "pressroom.toml").unlink()
    configuration = (site / "hugo.toml").read_text()
    (site / "hugo.toml").write_text(configuration.replace("Europe/Berlin", "Nowhere/Land"))
    yield "init, in a time zone that is none", run("init", site)


def search_engines(home: Path) -> Said:
    site = Site(home)
    site.write(a=article(slug="a"), b=article(slug="b"))
    settings = home / "pressroom.toml"
    of_site = ("--settings", settings, "--out", site.out)
    yield "notify, before the first build", run("notify", *of_site)
    stated = f'{SETTINGS}\n[robots]\ndisallow = ["/learn/", "/sitemap-"]\n'
    settings.write_text(stated)
    done = run("build", *of_site, "--raw", site.raw, "--as-of", str(AS_OF))
    yield "build, of what is forbidden", "\n".join(re.findall(".* forbids .*", done))
    yield "notify, without a key", run("notify", *of_site)
    settings.write_text(f'{stated}[notify]\nindexnow_key = "0123456789"\n')
    yield "notify, of a placeholder", run("notify", *of_site)
    a_example = ("--base-url", "https://a.example")
    run("build", "--raw", site.raw, "--out", site.out, *a_example)
    yield "notify, of a site without the key", run("notify", *of_site)
    run("build", *of_site, "--raw", site.raw, *a_example)
    yield "notify --dry-run", run("notify", *of_site, "--dry-run")
    target = Target("https://search.example", "https://a.example", "0123456789")
    for status in (400, 403, 422, 429, 500):
        yield f"notify, status {status}", indexnow._refusal(target, Answer(status, None, "No."))


# --- the file ------------------------------------------------------------------------------------


def everything(home: Path) -> str:
    """What is said, by section; what differs from run to run is left out."""
    lines = []
    for make in (
        *(hints, problems_of_front_matter, problems_of_paths, findings, rejects, settings),
        *(command_line, what_waits, audits, steps, reports, release_folders, other_machines),
        *(object_storage, proposals, search_engines),
    ):
        lines += ["", f"== {make.__name__.replace('_', ' ')}"]
        own = home / make.__name__
        own.mkdir()
        for what, text in make(own):
            lines += ["", what, *(f"    {line}".rstrip() for line in text.rstrip().split("\n"))]
        lines[:] = [line.replace(f"{own}", "HOME") for line in lines]
    text = "\n".join(lines[1:]) + "\n"
    text = re.sub(r"\b(\d{6})-(?!f{8})[0-9a-f]{8,}", r"\1-ID", text)
    text = re.sub(r"in \d+\.\d s\b", "in 0.0 s", text)
    text = re.sub(r"has pressroom \w+", "has pressroom 1", text)
    return _EXPORTS.sub(lambda lines: "".join(sorted(lines[0].splitlines(keepends=True))), text)


_EXPORTS = re.compile("(?:.* files? (?:made|linked) in .*\n)+")  # in the order in which they end


@pytest.mark.usefixtures("in_process")
def test_what_is_said_is_what_was_read_and_found_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pressroom.toml").write_text(SETTINGS)
    said = everything(tmp_path)
    if os.environ.get("PRESSROOM_GOLDEN") == "1":
        GOLDEN.write_text(said, encoding="utf-8")

    message = f"If all is well said, renew {GOLDEN} by: {RENEW}"
    assert said.splitlines() == GOLDEN.read_text(encoding="utf-8").splitlines(), message


def test_every_code_and_every_check_has_an_example() -> None:
    read, _, checked = GOLDEN.read_text(encoding="utf-8").partition("== settings")
    _, _, examples = read.partition("== problems of front matter")

    shown = set(re.findall(r"\[([a-z0-9_]+)\]", examples))
    assert {*map(str, Code), *map(str, FindingCode)} <= shown
    assert all(f"\n{name}, " in checked for name in checks.CHECKS)
