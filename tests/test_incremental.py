"""Incremental releases: byte for byte those that building everything again gives."""

import dataclasses
import os
import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any
from unittest import mock

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from pipeline import build, compute
from pipeline.errors import AuditError
from pipeline.progress import Silent
from pipeline.settings import (
    Compute,
    ContentModel,
    Exports,
    Limits,
    Paths,
    Settings,
)
from pipeline.settings import Site as SiteSettings
from tests.conftest import AS_OF, article, contents

HISTORIES = int(os.environ.get("PRESSROOM_HISTORIES", "10"))
DAY = 24 * 3600


class Inline(Executor):
    """Runs each job at once, in this process."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  as an executor does
            future.set_exception(error)
        return future


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
    "seo": st.sampled_from(["{page_keywords: 'x, y'}", "{page_keywords: 'x; y'}", None]),
    "no_index": st.sampled_from(["true", None]),
    "author": st.sampled_from(["Ann", None]),
    "related_article1": SLUGS.map(
        lambda slug: (
            f"{{id: 1, title: What?, subject: Maths, url: /learn/databases/questions/{slug}}}"
        )
    ),
}
KEYS = st.sampled_from(sorted(CHANGES))
SETTINGS: list[dict[str, Any]] = [
    {},
    {"site": SiteSettings(base_url="https://www.example.org")},
    {"content": ContentModel(keyword_separator=";")},
    {"exports": Exports(feed_items=2, subject_feed_items=1)},
    {"exports": Exports(spreadsheet=True)},
    {"compute": Compute(workers=1, shard_files=3)},
    {"content": ContentModel(keys={"description": "author"})},
]
EDITS = st.sampled_from(["add", "change", "change", "break or mend", "touch", "remove", "rename"])
BROKEN = "---\ntitle: What: now\n---\n"


class Histories(RuleBasedStateMachine):
    """Files come, change and go; now and then the site is published."""

    @initialize(slugs=st.lists(SLUGS, min_size=4, max_size=8))
    def begin(self, slugs: list[str]) -> None:
        self.home = Path(tempfile.mkdtemp())
        self.raw, self.out, self.again = (self.home / name for name in ("raw", "out", "again"))
        self.raw.mkdir()
        self.files: dict[str, dict[str, Any]] = {}
        self.settings: dict[str, Any] = {}
        self.runs = 0
        for path, slug in zip(NAMES, slugs, strict=False):
            self.files[path] = {"slug": slug}
            self.write(path)
        self.publish(0)

    def teardown(self) -> None:
        if hasattr(self, "home"):
            self.publish(1)
            shutil.rmtree(self.home)

    def write(self, path: str) -> None:
        target = self.raw / path
        target.parent.mkdir(parents=True, exist_ok=True)
        keys = self.files[path]
        text = (
            BROKEN if keys.get("broken") else article(**{k: keys[k] for k in keys if k != "broken"})
        )
        target.write_text(text)

    @rule(edits=st.lists(st.tuples(EDITS, PATHS, KEYS, st.data()), min_size=1, max_size=3))
    def edit(self, edits: list[tuple[str, str, str, st.DataObject]]) -> None:
        for edit, other, key, data in edits:
            path = data.draw(st.sampled_from(sorted(self.files))) if self.files else None
            if edit == "add" or path is None:
                self.files[other] = {"slug": data.draw(SLUGS)}
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

    @rule(changed=st.sampled_from(SETTINGS))
    def change_settings(self, changed: dict[str, Any]) -> None:
        self.settings = changed

    @rule(days=st.integers(-1, 3))
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
            Settings(paths=Paths(self.raw, out)), **{**defaults, **self.settings}
        )
        with mock.patch.object(compute, "executor", return_value=Inline()):
            try:
                outcome = build.build(
                    built, build.Options(**options), f"run-{self.runs}", as_of, Silent()
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
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

TestAnIncrementalReleaseIsThatOfBuildingEverythingAgain = Histories.TestCase
