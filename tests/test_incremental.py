"""Incremental releases: byte for byte those that building everything again gives."""

import dataclasses
import datetime as dt
import json
import os
import re
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from pressroom.base.errors import AuditError, CancelledError
from pressroom.engine import build, ingest, shard_parse
from pressroom.engine.progress import Quiet
from pressroom.exports import EXPORTS
from pressroom.files import atomic
from pressroom.model.collections import Collection
from pressroom.model.crawlers import RobotsRule
from pressroom.model.paths import Paths
from pressroom.model.publishing import Feeds, Page, Sitemaps
from pressroom.model.related import Related
from pressroom.model.settings import Compute, Exports, Limits, Settings
from pressroom.model.settings import Site as SiteSettings
from pressroom.releases import identities, local
from pressroom.releases.manifest import Release, open_release
from tests.conftest import AS_OF, Site, article, change, contents, inline
from tests.quicktakes import MODEL, quicktakes

HISTORIES = int(os.environ.get("PRESSROOM_HISTORIES", "2"))
DAY = 24 * 3600

NAMES = ["a.md", "b/a.md", "b/b.md", "b/c.md", "c.md", "d/a.md", "d/z/a.md", "e.md"]
PATHS = st.sampled_from(NAMES)
SLUGS = st.sampled_from("abcdefg")
CHANGES: dict[str, st.SearchStrategy[Any]] = {
    "slug": SLUGS,
    "answer": st.sampled_from(["One.", "Two.", r"'$a \neq b$ and \nu'", "'A $$ alone.'"]),
    "title": st.sampled_from(["What?", "Why?"]),
    "subject": st.sampled_from(["Databases", "databases", "Maths"]),
    "id": st.sampled_from(["1", "2", "-3"]),
    "date": st.sampled_from(["2025-03-01", "2025-04-01"]),
    "score": st.sampled_from(["0", "-0", "9.5", None]),
    "seo": st.sampled_from(["{page_keywords: 'x, y'}", "{page_keywords: 'x; y'}", None]),
    "no_index": st.sampled_from(["true", None]),
    "author": st.sampled_from(["Ann", None]),
    "related_article1": SLUGS.map(
        lambda slug: (
            f"{{id: 1, title: What?, subject: Maths, url: /learn/databases/questions/{slug}}}"
        )
    ),
}
KEYS = st.sampled_from([*sorted(CHANGES), "subject", "slug", "title"])
SEMICOLONS = dataclasses.replace(MODEL.columns["keywords"], separator=";")
SITEMAPS = Sitemaps(
    urls=2,
    pages=(Page("/", "newest"), Page("/learn/{subject_slug}/{year}", "newest")),
    leave_out_subjects=("Maths",),
    images=True,
    gzip=True,
)
SETTINGS: list[dict[str, Any]] = [
    {},
    {"site": SiteSettings(base_url="https://www.example.org")},
    {"content": quicktakes(columns={"keywords": SEMICOLONS})},
    {"feeds": Feeds(items=2, subject_items=1)},
    {"exports": Exports(True, 20, "titles", "qapage", True, "", True, True, True)},
    {"sitemaps": SITEMAPS},
    {"compute": Compute(workers=1, shard_files=3)},
    {"content": quicktakes(keys={"description": "author"})},
]
OF_A_FILE = st.fixed_dictionaries(
    {"slug": SLUGS}, optional={key: CHANGES[key] for key in CHANGES if key != "slug"}
)
EDITS = st.sampled_from(
    [
        *["change"] * 5,
        *["add", "remove", "rename", "break or mend"] * 2,
        *("touch", "settings", "pass over"),
    ]
)
BROKEN = "---\ntitle: What: now\n---\n"


class Histories(RuleBasedStateMachine):
    """Files come, change and go, and the site is published."""

    @initialize(files=st.lists(OF_A_FILE, min_size=6, max_size=8))
    def begin(self, files: list[dict[str, Any]]) -> None:
        self.home = Path(tempfile.mkdtemp())
        self.raw, self.out, self.again = (self.home / name for name in ("raw", "out", "again"))
        self.raw.mkdir()
        self.files: dict[str, dict[str, Any]] = {}
        self.settings: dict[str, Any] = {}
        self.runs = 0
        for path, keys in zip(NAMES, files, strict=False):
            self.files[path] = keys
            self.write(path)
        self.publish(0)

    def teardown(self) -> None:
        if hasattr(self, "home"):
            shutil.rmtree(self.home)

    def write(self, path: str) -> None:
        target = self.raw / path
        target.parent.mkdir(parents=True, exist_ok=True)
        keys = self.files[path]
        text = (
            BROKEN if keys.get("broken") else article(**{k: keys[k] for k in keys if k != "broken"})
        )
        target.write_text(text)

    @rule(
        edits=st.lists(st.tuples(EDITS, PATHS, KEYS, st.data()), min_size=1, max_size=3),
        days=st.integers(-1, 3),
    )
    def edit(self, edits: list[tuple[str, str, str, st.DataObject]], days: int) -> None:
        for edit, other, key, data in edits:
            path = data.draw(st.sampled_from(sorted(self.files))) if self.files else None
            if edit == "settings":
                self.settings = data.draw(st.sampled_from(SETTINGS))
            elif edit == "pass over":
                (self.raw / f"{other.replace('/', '-')}.png").touch()
            elif edit == "add" or path is None:
                self.files[other] = data.draw(OF_A_FILE)
                path = other
            elif edit == "change":
                self.files[path][key] = data.draw(CHANGES[key])
            elif edit == "break or mend":
                self.files[path]["broken"] = not self.files[path].get("broken")
            elif edit == "touch":
                os.utime(self.raw / path)
            else:
                keys = self.files.pop(path)
                (self.raw / path).unlink()
                if edit == "rename":
                    self.files[other], path = keys, other
            if path in self.files:
                self.write(path)
        self.publish(days)

    def publish(self, days: int) -> None:
        """Publish, and do the same beside it with all built again."""
        self.runs += 1
        as_of = AS_OF + self.runs * DAY + days * DAY
        shutil.rmtree(self.again, ignore_errors=True)
        if self.out.exists():
            shutil.copytree(self.out, self.again, symlinks=True)
        results = [self.build(self.out, as_of), self.build(self.again, as_of, full=True)]

        assert results[0] == results[1]
        assert published(self.out) == published(self.again)

    def build(self, out: Path, as_of: int, **options: bool) -> Any:
        limits = Limits(max_removed=1, max_rejects_files=100)
        defaults = {"limits": limits, "compute": Compute(workers=1, shard_files=2)}
        built = dataclasses.replace(
            Settings(content=MODEL, paths=Paths(self.raw, out)), **{**defaults, **self.settings}
        )
        at_once = 500 if options.get("full") else 1  # no border between files may be seen
        with (
            inline(),
            mock.patch.object(shard_parse, "_FILES_AT_ONCE", at_once),
        ):
            try:
                outcome = build.build(
                    built, build.Options(**options), f"run-{self.runs}", as_of, Quiet(print)
                )
            except AuditError as error:
                return str(error)
        return outcome.published, outcome.release.id

    @invariant()
    def nothing_is_left_over(self) -> None:
        if hasattr(self, "out") and (self.out / "staging").exists():
            assert not list((self.out / "staging").iterdir())


def published(out: Path) -> dict[str, bytes]:
    """All files of the current release, the manifest too."""
    return contents((out / "current").resolve()) if (out / "current").exists() else {}


Histories.TestCase.settings = settings(
    max_examples=HISTORIES,
    stateful_step_count=6 if HISTORIES <= 10 else 12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

TestAnIncrementalReleaseIsThatOfBuildingEverythingAgain = Histories.TestCase


def test_a_fresh_clone_of_the_sources_changes_nothing_and_one_edit_only_what_it_touches(
    site: Site,
) -> None:
    for number in range(30):
        site.write(**{f"{number:02}": article(slug=number, subject=f"S{number % 3}")})
    cut = Compute(workers=1, shard_files=7)
    first = site.build(compute=cut).release
    clone = site.home / "clone"
    for source in sorted(site.raw.iterdir()):
        clone.mkdir(exist_ok=True)
        (clone / source.name).write_bytes(source.read_bytes())
    site.raw = clone

    assert not site.build(as_of=AS_OF + DAY, compute=cut).published
    site.write(**{"17": article(slug=17, subject="S2", answer="Another answer.")})
    edited = site.build(as_of=AS_OF + 2 * DAY, compute=cut)

    assert (edited.parsed, edited.reused) == (1, 29)
    before, after = contents(first.root), contents(edited.release.root)
    changed = {path for path in after if before.get(path) != after[path]}
    assert before.keys() == after.keys()
    assert {path for path in changed if path.startswith("tables/articles/")} == {
        path for path in after if path.startswith("tables/articles/") and b"Another" in after[path]
    }
    assert len([path for path in changed if path.startswith("tables/articles/")]) == 1
    assert {path for path in changed if path.startswith("site/sitemap")} == {
        "site/sitemap.xml",
        "site/sitemap-s2-1.xml",
    }
    moved = (
        dates(after["site/sitemap-s2-1.xml"]).items()
        - dates(before["site/sitemap-s2-1.xml"]).items()
    )
    assert moved == {("http://localhost:8000/learn/databases/questions/17", "2026-09-23T14:13:20Z")}


def dates(sitemap: bytes) -> dict[str, str]:
    """The lastmod of each url."""
    found = re.findall("<loc>(.*?)</loc><lastmod>(.*?)</lastmod>", sitemap.decode())
    return dict(found)


def test_what_did_not_change_is_linked_and_not_written_again(site: Site) -> None:
    for number in range(30):
        site.write(**{f"{number:02}": article(slug=number, subject=f"S{number % 3}")})
    cut = Compute(workers=1, shard_files=7)
    first = site.build(compute=cut).release
    site.write(**{"17": article(slug=17, subject="S2", answer="Another answer.")})
    second = site.build(as_of=AS_OF + DAY, compute=cut).release

    before, after = contents(first.root), contents(second.root)
    same = {path for path in after if before[path] == after[path]}
    assert len(same) > 20
    inodes = {path.stat().st_ino for path in first.root.rglob("*")}
    for path in same:
        # Of several files of the same bytes, such as empty parts, any is as good.
        assert (second.root / path).stat().st_ino in inodes, path


def test_a_zero_that_gets_a_sign_is_another_number(site: Site) -> None:
    site.write(a=article(slug="a", score="0"), b=article(slug="b", score="0"))
    site.build()
    site.write(b=article(slug="b", score="-0"))
    site.build(as_of=AS_OF + DAY)

    assert [str(row["score"]) for row in site.rows("articles")] == ["0.0", "-0.0"]


KEYWORDS = {"seo": "{page_keywords: 'x, y'}"}
# What is made again where articles look different in feeds.
FEEDS = {"rendered", "feed", "feeds"}
# Another value of each setting that tables or exports depend on (others say what is read, and how
# it is cut); whether all files are parsed again for it, and what is written again. Rows that come
# out the same are linked. What is about the release, such as the report, is always made again.
TOUCHED: dict[str, tuple[Any, bool, set[str] | None]] = {
    "site.base_url": ("https://www.example.org", True, {*FEEDS, "sitemap", "robots.txt"}),
    "site.title": ("Another", False, {"feed", "feeds"}),
    "site.description": ("More.", False, {"feed", "feeds"}),
    "site.language": ("de", False, {"feed", "feeds"}),
    "site.license": ("CC0-1.0", False, set()),
    "site.timezone": (
        "Asia/Tokyo",
        True,
        {"tables/articles", "tables/changes", "tables/ledger", "csv", "sitemap", *FEEDS},
    ),
    "site.days": ("site", True, set()),
    "content.keys": (
        {"author": "title"},
        True,
        {"tables/articles", "tables/article_authors", "tables/changes", "csv", *FEEDS},
    ),
    "content.url": ("/{path}/", True, set()),
    "content.slash": ("never", True, set()),
    "content.index": (("readme",), True, set()),
    "content.placeholders": ({":a": "{slug}"}, True, set()),
    "content.date_formats": (("%d-%m-%Y",), True, set()),
    "content.set": (
        {"post_on_text": "On"},
        True,
        {"tables/articles", "tables/changes", "csv"},
    ),
    "content.no_index": (
        True,
        True,
        {"tables/articles", "tables/changes", "csv", "feed", "feeds", "state", "robots.txt"},
    ),
    "content.collections": ((Collection(("nothing/**",)),), True, set()),
    "content.required": (("url",), True, set()),
    "content.columns": (
        {"keywords": SEMICOLONS},
        True,
        {"tables/keywords", "tables/changes", "csv", *FEEDS},
    ),
    "content.preset": ("hugo", True, set()),
    "content.related": (Related("more"), True, set()),
    "content.bundles": (True, True, set()),
    "content.languages": (
        ("en", "de"),
        True,
        {"tables/articles", "tables/changes", "csv", "state", "sitemap", *FEEDS},
    ),
    "content.main_language_in_urls": (True, True, set()),
    "content.translation": ((":filename",), True, set()),
    "content.future": ("hold", True, set()),
    "content.decode": ("", True, set()),
    "content.lint": ((), True, FEEDS),
    "content.date_range": ((dt.date(2025, 3, 1), dt.date(2100, 1, 1)), True, set()),
    "content.dialect": ("python-markdown", True, FEEDS),
    "content.markdown_extensions": (("tables",), True, FEEDS),
    "content.maths": (("$$",), True, FEEDS),
    "content.syntax": (("wikilinks",), True, FEEDS),
    "limits.file_bytes": (2**20, True, set()),
    "limits.depth": (60, True, set()),
    "limits.nodes": (9_000, True, set()),
    "limits.scalar_chars": (900_000, True, set()),
    "limits.max_removed": (0.5, False, None),
    "limits.max_removed_articles": (1, False, None),
    "limits.max_rejects": (0.5, False, None),
    "limits.max_rejects_files": (3, False, None),
    "feeds.items": (2, False, {"feed"}),
    "feeds.subject_items": (2, False, {"feeds"}),
    "feeds.order": ("first_seen", False, set()),
    "feeds.formats": (("rss", "json"), False, set()),
    "feeds.archives": (True, False, {"feed", "feeds"}),
    "feeds.archive_items": (9, False, set()),
    "feeds.expired_days": (9, False, set()),
    "feeds.opml": (False, False, set()),
    "feeds.hub": ("https://hub.example.org/", False, {"feed", "feeds"}),
    "sitemaps.urls": (9, False, {"sitemap"}),
    "sitemaps.bytes": (16_384, False, set()),
    "sitemaps.pages": ((Page("/"),), False, {"sitemap"}),
    "sitemaps.leave_out_collections": (("posts",), False, set()),
    "sitemaps.leave_out_subjects": (("S1",), False, {"sitemap"}),
    "sitemaps.images": (True, False, {"sitemap"}),
    "sitemaps.stylesheet": ("xsl", False, {"sitemap"}),
    "sitemaps.gzip": (True, False, {"sitemap"}),
    "robots.allow": (("/a",), False, {"robots.txt"}),
    "robots.disallow": (("/drafts/",), False, {"robots.txt"}),
    "robots.rules": ((RobotsRule(("GPTBot",), disallow=("/",)),), False, {"robots.txt"}),
    "notify.indexnow_key": ("0123456789abcdef", False, {"0123456789abcdef.txt"}),
    "notify.indexnow_endpoint": ("https://search.example/", False, None),
    "exports.spreadsheet": (True, False, {"csv/spreadsheet"}),
    "exports.llms": ("titles", False, {"llms.txt"}),
    "exports.structured_data": ("article", False, {"structured", "structured-data.jsonl"}),
    "exports.structured_data_eligible": (True, False, None),
    "exports.digital_source_type": ("AlgorithmicMediaDigitalSource", False, None),
    "exports.report_rows": (1, False, set()),
    "exports.sqlite": (True, False, {"plain_text", "sqlite"}),
    "exports.jsonl": (True, False, {"plain_text", "jsonl", "README.md"}),
    "exports.duckdb": (True, False, {"duckdb.sql"}),
}


def test_of_each_setting_is_said_what_it_touches() -> None:
    fields = {
        f"{section.name}.{setting.name}"
        for section in dataclasses.fields(Settings)
        for setting in dataclasses.fields(getattr(Settings(), section.name))
    }
    elsewhere = (
        "content.skip",
        "paths.",
        "sources.",
        "findings.",
        "releases.",
        "query.",
        "compute.",
        "automation.",
    )
    assert {name for name in fields if not name.startswith(elsewhere)} == set(TOUCHED)


@pytest.fixture(scope="module")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site of 30 articles in three subjects, published at AS_OF: it is only copied."""
    site = Site(tmp_path_factory.mktemp("built"))
    for number in range(30):
        text = article(slug=number, subject=f"S{number % 3}", score=0.7, **KEYWORDS)
        site.write(**{f"{number:02}": text})
    site.build()
    return site


@pytest.fixture
def thirty(built_once: Site, tmp_path: Path) -> Site:
    """A copy of that site, in which files are linked."""
    site = Site(tmp_path)
    for name in ("raw", "out"):
        shutil.copytree(
            built_once.home / name,
            site.home / name,
            symlinks=True,
            copy_function=os.link,
            dirs_exist_ok=True,
        )
    return site


@pytest.mark.parametrize("setting", TOUCHED)
def test_a_changed_setting_makes_again_exactly_what_it_touches(thirty: Site, setting: str) -> None:
    value, is_parsed, remade = TOUCHED[setting]
    section, name = setting.split(".")
    site, first = thirty, open_release((thirty.out / "current").resolve())
    changed = (
        quicktakes(**{name: value})
        if section == "content"
        else dataclasses.replace(getattr(Settings(), section), **{name: value})
    )
    second = site.build(as_of=AS_OF + DAY, **{section: changed})

    assert second.parsed == 30 * is_parsed
    assert second.published == (remade is not None)
    assert {_kind(path) for path in _written(first, second.release)} == (remade or set())
    tables, before = (
        {path for path in contents(release.root) if path.startswith("tables/")}
        for release in (second.release, first)
    )
    assert tables == before


def test_a_setting_that_skips_files_reads_all_anew_and_removes_their_articles(site: Site) -> None:
    site.write(a=article(slug="a"), b=article(slug="b"))
    site.build()
    content = quicktakes(collections=(Collection(("b.md",), skip=True),))
    second = site.build(AS_OF + DAY, content=content, accept_removals=True)

    assert (second.parsed, second.release.counts.skipped) == (2, 1)
    assert [(row["url"], row["change"]) for row in site.rows("changes")] == [
        ("/learn/databases/questions/b", "removed")
    ]
    skipped = [(row["source_path"], row["reason"], row["key"]) for row in site.rows("skipped")]
    assert skipped == [("b.md", "collection", None)]
    with pytest.raises(AuditError, match="all of 2 files are skipped"):
        site.build(AS_OF + 2 * DAY, content=quicktakes(skip=True), accept_removals=True)


def _written(before: Release, after: Release) -> set[str]:
    """The files of a release that are no links to those of the one before."""
    linked = {path.stat().st_ino for path in before.root.rglob("*")}
    about_release = {path for item in EXPORTS for path in item.about_release}
    about_release |= {path for path in contents(after.root) if path.startswith(PAST)}
    return {
        path
        for path in contents(after.root).keys()
        - about_release
        - {"manifest.json", "conformance.json"}
        if (after.root / path).stat().st_ino not in linked
    }


PAST = ("tables/history/", "tables/releases/")


def _kind(path: str) -> str:
    """What kind of file it is that has a path in a release."""
    kinds = (
        r"site/(feeds|feed|sitemap|atom|[^/]*\.txt|[^/]*\.jsonl)|rendered|structured|state"
        "|csv/spreadsheet|csv|tables/[a-z_]+|plain_text|sqlite|jsonl|README.md|duckdb.sql"
    )
    found = re.match(kinds, path)
    assert found
    return (found[1] or found[0]).replace("atom", "feed")


@pytest.mark.parametrize(
    ("module", "parsed", "remade"),
    [
        ("markup.spans", 30, FEEDS),
        ("tables.links", 30, set()),
        ("tables.subjects", 0, set()),
        ("markup.html", 30, FEEDS),
        ("exports.sitemaps.sitemap", 0, set()),
        ("exports.tabular", 0, {"csv"}),
        ("cli.app", 0, None),
    ],
)
def test_changed_code_makes_again_exactly_what_it_touches(
    site: Site, monkeypatch: pytest.MonkeyPatch, module: str, parsed: int, remade: set[str] | None
) -> None:
    """What comes out the same after it was made again is linked; feeds and CSV do not look."""
    for number in range(30):
        site.write(**{f"{number:02}": article(slug=number, subject=f"S{number % 3}")})
    first = site.build().release
    change(monkeypatch, module)
    second = site.build(as_of=AS_OF + DAY)

    assert second.parsed == parsed
    assert second.published == (remade is not None)
    assert {_kind(path) for path in _written(first, second.release)} == (remade or set())


def test_a_feed_is_made_again_when_another_spelling_of_its_subject_is_the_usual_one(
    site: Site,
) -> None:
    site.write(a=article(slug="a", subject="Data"))
    site.write(b=article(slug="b", subject="data", no_index="true"))
    site.build()
    site.write(**{n: article(slug=n, subject="data", no_index="true") for n in "cde"})

    assert equals_a_full_build(site, AS_OF + DAY)
    feed = json.loads((site.out / "current/site/feeds/data.json").read_bytes())
    assert feed["title"].endswith(": data")


def equals_a_full_build(site: Site, as_of: int, **options: Any) -> bool:
    """Whether building again from the release before gives what building everything gives."""
    again = site.home / "again"
    shutil.rmtree(again, ignore_errors=True)
    shutil.copytree(site.out, again, symlinks=True)
    site.build(as_of=as_of, **options)
    found, site.out = site.out, again
    site.build(as_of=as_of, full=True, **options)
    site.out = found
    return {**published(found), "manifest.json": b""} == {**published(again), "manifest.json": b""}


def test_a_run_that_ends_in_its_survey_does_not_read_the_release_to_its_end(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        site.write(**{f"{number:02}": article(slug=number)})
    site.build()
    (site.out / identities.NAME).unlink()
    looked_at, is_intact = [], local._is_intact

    def slow(root: Path, entry: atomic.FileEntry, noted: identities.Noted) -> bool:
        time.sleep(0.05)
        looked_at.append(entry.path)
        return is_intact(root, entry, noted)

    def ended(*_: Any) -> list[str]:
        raise CancelledError("Told to end.")

    monkeypatch.setattr(local, "_is_intact", slow)
    monkeypatch.setattr(ingest, "_surveyed", ended)
    with pytest.raises(CancelledError):
        site.build(as_of=AS_OF + DAY)
    assert len(looked_at) < 10


def test_what_keeps_a_file_from_being_read_is_looked_at_again(site: Site) -> None:
    site.write(a=article(slug="a"))
    (site.raw / "b.md").symlink_to("nowhere.md")
    site.build()
    (site.raw / "b.md").unlink()
    os.mkfifo(site.raw / "b.md")

    assert equals_a_full_build(site, AS_OF + DAY)
    assert [row["code"] for row in site.rows("rejects")] == ["not_a_file"]


def test_the_order_of_a_feed_follows_fractions_of_a_second_that_it_does_not_show(
    site: Site,
) -> None:
    for name, fraction in (("a", 1), ("b", 2)):
        site.write(**{name: article(slug=name, date=f"2025-03-01T10:00:00.{fraction}Z")})
    site.build()
    site.write(a=article(slug="a", date="2025-03-01T10:00:00.3Z"))

    assert equals_a_full_build(site, AS_OF + DAY)


def test_a_file_whose_twin_got_another_url_while_the_two_were_read_is_found_by_the_next_run(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.write(a=article(slug="twin"), b=article(slug="twin"))
    without_duplicates = ingest._without_duplicates

    def meanwhile(*arguments: Any) -> Any:
        jobs = list(without_duplicates(*arguments))
        site.write(a=article(slug="other"))
        return jobs

    with monkeypatch.context() as patch:
        patch.setattr(ingest, "_without_duplicates", meanwhile)
        site.build()
    assert [row["url"][-5:] for row in site.rows("articles")] == ["other"]

    assert site.build(as_of=AS_OF + DAY).published
    assert [row["url"][-5:] for row in site.rows("articles")] == ["other", "/twin"]
    assert not site.build(as_of=AS_OF + 2 * DAY).published
