"""Incremental releases of a site full of links are those that building everything again gives."""

import dataclasses
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any, TypeAlias
from unittest import mock

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from pressroom.base.errors import AuditError
from pressroom.engine import build, shard_parse
from pressroom.engine.progress import Quiet
from pressroom.model.columns import Column
from pressroom.model.content import ContentModel
from pressroom.model.paths import Paths
from pressroom.model.related import Related
from pressroom.model.settings import Compute, Limits, Settings
from pressroom.model.settings import Site as SiteSettings
from tests.conftest import AS_OF, contents, inline

HISTORIES = int(os.environ.get("PRESSROOM_HISTORIES", "1"))
DAY = 24 * 3600
PATHS = ["a.md", "b/a.md", "b/index.md", "b/c.md", "C d.md", "d/é.md", "de/a.md", "de/b/c.md"]
HEADINGS = ["# One", "## Two, or 2", "# Three {#three}", '<a id="four"></a>', "## One"]
LINKS = [
    *("/a/", "/a", "/b/a/index.html", "/b/", "/B/A/", "/de/a/", "/d/%C3%A9/", "/d/e\u0301/"),
    *("https://site.example/b/c/", "//site.example/a/#one", "https://else.example/a/", "/base/a/"),
    *("a.md", "../a.md", "./c.md#two-or-2", "/b/c.md", "C%20d.md", "de/a.md", "b/index.md", "../"),
    *("/old/1", "/old/2/#three", "old/3", "/a/#four", "/b/a/?q=1#one-1", "#one", "#no", "?q=1"),
    *("/nowhere/", "nowhere.md", "a.png", "mailto:a@b.example", "{{ template }}"),
]
WIKILINKS = ["a", "b/a", "c#One", "C d|words", "É", "Anna", "nowhere", "../a", "index"]
WRITTEN = st.one_of(
    st.sampled_from(LINKS).map("[words]({})".format),
    st.sampled_from(LINKS).map("![words](<{}>)".format),
    st.sampled_from(LINKS).map('<a href="{}">words</a>'.format),
    st.sampled_from(WIKILINKS).map("[[{}]]".format),
    st.sampled_from(WIKILINKS).map("![[{}]]".format),
    st.sampled_from(HEADINGS).map("\n{}\n".format),
)
NUMBERS = st.sampled_from(["1", "2", "3", "0"])
KEYS: dict[str, st.SearchStrategy[str | None]] = {
    "title": st.sampled_from(["What?", "Why?"]),
    "slug": st.sampled_from(["anna", "otto", None]),
    "id": NUMBERS,
    "aliases": st.sampled_from(["[/old/1]", "[old/2/, /old/1]", "[/a/, 3]", "/old/3", None]),
    "names": st.sampled_from(["[Anna]", "[Anna, a]", None]),
    "related_article1": st.builds(
        "{{id: {}, title: What?, url: {}}}".format,
        NUMBERS,
        st.sampled_from(["/a/", "/b/c", "/old/1"]),
    ),
    "more": st.sampled_from(
        ["[/a/, b/c, anna, d/é.md]", "[{title: Why?, url: /old/2}, /a/, /a]", "{Words: a}", "[3.5]"]
    ),
    "requires": st.sampled_from(["1, 2", "[3, 3, 9]", "x"]),
    "text": st.lists(WRITTEN, max_size=6).map("\n".join),
}
FILES = st.fixed_dictionaries(
    {"text": KEYS["text"]}, optional={key: KEYS[key] for key in KEYS if key != "text"}
)
MODEL = ContentModel(
    columns={"id": Column("integer")},
    keys={"names": ("names",)},
    related=Related("related_article", keys=("more",), by_id={"requires": "id"}),
)
LANGUAGES = dataclasses.replace(MODEL, languages=("en", "de"))
WITHOUT_WIKILINKS = dataclasses.replace(MODEL, syntax=(), related=Related(keys="more"))
OTHER_SETTINGS: list[dict[str, Any]] = [
    {},
    {},
    {"site": SiteSettings(base_url="https://site.example/base")},
    {"content": LANGUAGES},
    {"content": WITHOUT_WIKILINKS},
    {"compute": Compute(workers=1, shard_files=3)},
]
EDITS = st.sampled_from(
    [*["change"] * 5, *["move", "swap"] * 3, *["add", "remove"] * 2, "break or mend", "settings"]
)
BROKEN = "---\ntitle: What: now\n---\n"
File: TypeAlias = dict[str, str | None]


def written(keys: File) -> str:
    if "broken" in keys:
        return BROKEN
    stated = (f"{key}: {keys[key]}\n" for key in sorted(keys) if key != "text" and keys[key])
    return f"---\n{''.join(stated)}---\n{keys['text']}\n"


class Histories(RuleBasedStateMachine):
    """Files change links, headings, names and places, and the site is published."""

    @initialize(files=st.lists(FILES, min_size=5, max_size=7))
    def begin(self, files: list[File]) -> None:
        self.home = Path(tempfile.mkdtemp())
        self.files = dict(zip(PATHS, files, strict=False))
        self.settings: dict[str, Any] = {}
        self.runs = 0
        self.publish()

    def teardown(self) -> None:
        if hasattr(self, "home"):
            shutil.rmtree(self.home)

    @rule(
        edits=st.lists(st.tuples(EDITS, st.sampled_from(PATHS)), min_size=1, max_size=3),
        data=st.data(),
    )
    def edit(self, edits: list[tuple[str, str]], data: st.DataObject) -> None:
        for edit, other in edits:
            path = data.draw(st.sampled_from(sorted(self.files))) if self.files else None
            if edit == "settings":
                self.settings = data.draw(st.sampled_from(OTHER_SETTINGS))
            elif edit == "add" or path is None:
                self.files[other] = data.draw(FILES)
            elif edit == "change":
                key = data.draw(st.sampled_from([*KEYS, "text", "text"]))
                self.files[path] = {**self.files[path], key: data.draw(KEYS[key])}
            elif edit == "break or mend":
                keys = {**self.files[path]}
                self.files[path] = keys if keys.pop("broken", "") else {**keys, "broken": "yes"}
            elif edit == "swap" and other in self.files:
                self.files[path], self.files[other] = self.files[other], self.files[path]
            else:
                keys = self.files.pop(path)
                if edit != "remove":
                    self.files[other] = keys
        self.publish()

    def publish(self) -> None:
        """Publish, and do the same beside it with all built again."""
        self.runs += 1
        raw, out, again = (self.home / name for name in ("raw", "out", "again"))
        shutil.rmtree(raw, ignore_errors=True)
        raw.mkdir()
        for path, keys in self.files.items():
            (raw / path).parent.mkdir(parents=True, exist_ok=True)
            (raw / path).write_text(written(keys))
        shutil.rmtree(again, ignore_errors=True)
        if out.exists():
            shutil.copytree(out, again, symlinks=True)
        results = [self.build(out), self.build(again, full=True)]

        assert results[0] == results[1]
        assert published(out) == published(again)

    def build(self, out: Path, **options: bool) -> Any:
        defaults = {"content": MODEL, "site": SiteSettings(base_url="https://site.example")}
        built = Settings(
            paths=Paths(self.home / "raw", out),
            limits=Limits(max_removed=1, max_rejects_files=100),
            compute=Compute(workers=1, shard_files=2),
        )
        built = dataclasses.replace(built, **{**defaults, **self.settings})
        as_of, run = AS_OF + self.runs * DAY, f"run-{self.runs}"
        at_once = 500 if options.get("full") else 1  # no border between files may be seen
        with inline(), mock.patch.object(shard_parse, "_FILES_AT_ONCE", at_once):
            try:
                outcome = build.build(built, build.Options(**options), run, as_of, Quiet(print))
            except AuditError as error:
                return str(error)
        return outcome.published, outcome.release.id


def published(out: Path) -> dict[str, bytes]:
    """All files of the current release, the manifest too."""
    return contents(out / "current") if (out / "current").exists() else {}


Histories.TestCase.settings = settings(
    max_examples=HISTORIES,
    stateful_step_count=6 if HISTORIES <= 10 else 12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

TestAnIncrementalReleaseOfLinksIsThatOfBuildingEverythingAgain = Histories.TestCase
