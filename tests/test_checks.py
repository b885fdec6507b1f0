"""Each check on a release of a few rows, which is made without a build."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from filelock import FileLock

from pressroom.base.wording import and_more
from pressroom.conformance import rules
from pressroom.conformance.rules import Outcome, Rule
from pressroom.engine import checks
from pressroom.engine.checks import Audited, CheckResult
from pressroom.files import atomic, parquet
from pressroom.model.settings import Limits
from pressroom.model.table import TIMESTAMP
from pressroom.releases.manifest import Counts
from pressroom.releases.staging import Staging
from pressroom.releases.store import store_at
from tests.conftest import AS_OF
from tests.small_releases import release_of

LIMITS = Limits(max_removed=0.25, max_removed_articles=0, max_rejects=0.5, max_rejects_files=1)


def audited(
    folder: Path,
    articles: Sequence[Sequence[str]] = (("/a", "/b"), ("/c", "/d")),
    *,
    rejects: Sequence[str] = (),
    old_rejects: Sequence[str] = (),
    skipped: Sequence[str] = (),
    removed: Sequence[str] = (),
    moved: Sequence[str] = (),
    findings: Sequence[Sequence[str]] = ((),),
    outcomes: Sequence[Outcome] = (),
    links: int = 0,
    before: int | None = None,
    limits: Limits = LIMITS,
    accept_removals: bool = False,
    **counts: int,
) -> Audited:
    """A staged release: articles by part, files that are set aside now or since earlier, files that
    are skipped, urls that it removes, those of them that moved, severities of findings by part,
    what became of rules of standards, its number of links, and that of the articles of the release
    before.
    """
    root = folder / "release"
    root.mkdir()
    times = [AS_OF] * len(rejects) + [AS_OF - 1] * len(old_rejects)
    paths = [*rejects, *old_rejects]
    tables = {
        "articles": [pa.table({"url": pa.array(part, pa.string())}) for part in articles],
        "rejects": [
            pa.table(
                {
                    "source_path": pa.array(paths, pa.string()),
                    "line": [2] * len(paths),
                    "column_number": [3] * len(paths),
                    "message": ["Broken."] * len(paths),
                    "code": ["quotes"] * len(paths),
                    "first_seen": pa.array(
                        [dt.datetime.fromtimestamp(time, dt.UTC) for time in times], TIMESTAMP
                    ),
                }
            )
        ],
        "skipped": [pa.table({"source_path": pa.array(skipped, pa.string())})],
        "related_links": [pa.table({"url": ["/a"] * links})],
        "text_links": [pa.table({"url": ["/a"] * links})],
        "findings": [_findings(part) for part in findings],
        "changes": [
            pa.table({"url": ["/new"], "change": ["added"]}),
            pa.table(
                {
                    "url": pa.array(removed, pa.string()),
                    "change": pa.array(["removed"] * len(removed), pa.string()),
                }
            ),
        ],
        "redirects": [_redirects(moved)],
    }
    outputs = {
        name: [
            parquet.write_table(root, parquet.part_path(name, part), rows)
            for part, rows in enumerate(parts)
        ]
        for name, parts in tables.items()
    }
    if outcomes:
        data = rules.to_json(outcomes)
        outputs["conformance"] = [atomic.write_bytes(root, "conformance.json", data)]
    listed = sum(map(len, articles)) + len(paths) + len(skipped)
    stated = Counts(
        files=listed,
        rejects=len(paths),
        skipped=len(skipped),
        stated_links=links,
        written_links=links,
        changes={"removed": len(removed)},
    )
    release = release_of(root, outputs, stated.updated(counts))
    previous = None if before is None else release_of(root, {}, Counts(articles=before))
    lock = FileLock(folder / "lock")
    begun = Staging(store_at(folder), "run", AS_OF, previous, None, lock)
    return checks.audited(begun, release, limits, accept_removals=accept_removals)


def _redirects(moved: Sequence[str]) -> pa.Table:
    """From urls that moved now, one that moved before, and an alias that is new."""
    kinds = ["moved"] * len(moved) + ["moved", "alias"]
    times = [AS_OF] * len(moved) + [AS_OF - 1, AS_OF]
    return pa.table(
        {
            "from_url": [*moved, "/moved-before", "/alias"],
            "kind": kinds,
            "since": pa.array([time * 1_000_000 for time in times], TIMESTAMP),
        }
    )


def _findings(severities: Sequence[str]) -> pa.Table:
    lines = range(1, len(severities) + 1)
    return pa.table(
        {
            "source_path": pa.array([None if line == 2 else "a.md" for line in lines], pa.string()),
            "line": pa.array([None if line == 2 else line for line in lines], pa.int32()),
            "message": pa.array(["Found.\x1b"] * len(lines), pa.string()),
            "code": pa.array(["self_link"] * len(lines), pa.string()),
            "severity": pa.array(severities, pa.string()),
        }
    )


def verdict(found: CheckResult) -> tuple[bool, dict[str, int], tuple[str, ...]]:
    """What a check found, without the sentence."""
    return found.passed, dict(found.figures), found.rows


def place(path: str) -> str:
    return f"{path}:2:3: Broken. [quotes]"


def test_all_checks_are_made_of_a_release(tmp_path: Path) -> None:
    whole = audited(tmp_path, rejects=["x.md"], skipped=["y.md", "z.md"], links=2, before=4)
    results = checks.audit(whole)

    assert all(result.passed for result in results)
    assert {result.name: result.figures for result in results} == {
        "files_accounted": {"files": 7, "articles": 4, "rejects": 1, "skipped": 2},
        "links_accounted": {
            "stated": 2,
            "resolved": 2,
            "written": 2,
            "resolved_in_texts": 2,
        },
        "urls_unique": {"repeated": 0},
        "files_intact": {"files": 10, "broken": 0},
        "articles_remain": {"articles": 4},
        "removals_limited": {"removed": 0, "moved": 0, "allowed": 1, "articles_before": 4},
        "rejects_limited": {"rejects": 1, "allowed": 3},
        "findings_allowed": {"errors": 0},
        "standards_met": {"rules": 0, "broken": 0},
    }


@pytest.mark.parametrize("is_must", [True, False])
def test_a_rule_of_a_standard_that_is_broken_is_told_and_blocks_if_it_must_be_kept(
    tmp_path: Path, is_must: bool
) -> None:
    kept = Outcome(Rule("SM-01", "One.", "A standard"), 1, 0, None)
    broken = Outcome(Rule("SM-02", "Two.", "A standard", is_must), 1, 3, "site/sitemap.xml: /a")
    found = checks.standards_met(audited(tmp_path, outcomes=[kept, broken]))
    assert found.passed is not is_must
    assert found.figures == {"rules": 2, "broken": 1}
    assert found.rows == ("SM-02: Two. site/sitemap.xml: /a",)


def test_findings_that_are_errors_are_counted_and_the_first_are_told(tmp_path: Path) -> None:
    parts = [["info", "warning"], ["error", "error", "info"], ["error"] * 20]
    found = checks.findings_allowed(audited(tmp_path, findings=parts))

    first = ("a.md:1: Found.\\x1b [self_link]", "Found.\\x1b [self_link]")
    passed, figures, rows = verdict(found)
    assert (passed, figures) == (False, {"errors": 22})
    assert rows[:2] == first
    assert rows[20:] == ("… and 2 more",)


def test_findings_that_are_no_errors_hold_nothing_back(tmp_path: Path) -> None:
    found = checks.findings_allowed(audited(tmp_path, findings=[["info", "warning"], []]))
    assert verdict(found) == (True, {"errors": 0}, ())


@pytest.mark.parametrize("files", [5, 4, 3, 7])
def test_files_are_articles_rejects_or_skipped(tmp_path: Path, files: int) -> None:
    whole = audited(tmp_path, rejects=["x.md"], skipped=["y.md"], files=files)
    found = checks.files_accounted(whole)

    figures = {"files": files, "articles": 4, "rejects": 1, "skipped": 1}
    assert verdict(found) == (False, figures, ())


@pytest.mark.parametrize("stated", [1, 1_235])
@pytest.mark.parametrize("kind", ["stated", "written"])
def test_links_are_rows(tmp_path: Path, stated: int, kind: str) -> None:
    counts: dict[str, Any] = {f"{kind}_links": stated}
    found = checks.links_accounted(audited(tmp_path, links=1_234, **counts))

    names = ("stated", "resolved", "written", "resolved_in_texts")
    assert verdict(found) == (False, {**dict.fromkeys(names, 1_234), kind: stated}, ())


@pytest.mark.parametrize(
    ("articles", "repeated"),
    [
        ([["/a", "/b", "/a"]], 1),
        ([["/b"], [], ["/a", "/b"]], 1),
        ([["/a", "/b"], ["/b", "/a", "/c"]], 2),
    ],
)
def test_a_url_stands_on_one_article(
    tmp_path: Path, articles: list[list[str]], repeated: int
) -> None:
    found = checks.urls_unique(audited(tmp_path, articles))

    assert verdict(found) == (False, {"repeated": repeated}, ())


def test_files_are_as_the_manifest_says(tmp_path: Path) -> None:
    release = audited(tmp_path)
    root = release.release.root
    victim = parquet.part_path("rejects", 0)
    (root / victim).unlink()
    found = checks.files_intact(release)
    assert verdict(found) == (False, {"files": 10, "broken": 1}, (victim,))

    for number in range(20):
        (root / f"{number:02}").touch()
    first = (victim, *(f"{number:02}" for number in range(19)))
    found = checks.files_intact(release)
    assert verdict(found) == (False, {"files": 10, "broken": 21}, first)


MANY = [f"{number:02}.md" for number in range(21)]


@pytest.mark.parametrize(
    ("rejects", "rows", "more"),
    [([], (), 0), (["x.md"], (place("x.md"),), 0), (MANY, tuple(map(place, MANY[:20])), 1)],
)
def test_an_article_remains(
    tmp_path: Path, rejects: list[str], rows: tuple[str, ...], more: int
) -> None:
    found = checks.articles_remain(audited(tmp_path, [[]], rejects=rejects))

    lines = (*rows, *and_more(len(rows) + more, len(rows)))
    assert verdict(found) == (False, {"articles": 0}, lines)


def test_one_article_is_enough_whatever_else_is_set_aside(tmp_path: Path) -> None:
    found = checks.articles_remain(audited(tmp_path, [["/a"]], rejects=["x.md"]))

    assert verdict(found) == (True, {"articles": 1}, ())


@pytest.mark.parametrize(
    ("share", "articles", "before", "removed", "moved", "allowed"),
    [
        (0.25, 0, 4, 1, 0, 1),
        (0.25, 0, None, 0, 0, 0),
        (0.25, 0, 1, 0, 0, 0),
        (0.1, 5, 8, 5, 0, 5),
        (0.1, 5, 100, 10, 0, 10),
        (0, 2, 100, 2, 0, 2),
        (0, 0, 3, 3, 3, 0),
        (0.25, 0, 8, 5, 3, 2),
    ],
)
def test_a_few_removals_are_allowed_and_what_moved_is_none(
    tmp_path: Path,
    share: float,
    articles: int,
    before: int | None,
    removed: int,
    moved: int,
    allowed: int,
) -> None:
    urls = [f"/{number}" for number in range(removed)]
    limits = Limits(max_removed=share, max_removed_articles=articles)
    release = audited(tmp_path, before=before, removed=urls, moved=urls[:moved], limits=limits)
    found = checks.removals_limited(release)

    figures = {"removed": removed - moved, "moved": moved, "allowed": allowed}
    assert verdict(found) == (True, figures | {"articles_before": before or 0}, ())


@pytest.mark.parametrize(
    ("share", "articles", "moved"), [(0.1, 5, 0), (0, 5, 0), (0, 0, 5), (0.1, 4, 1)]
)
def test_more_removals_are_allowed_if_they_are_accepted(
    tmp_path: Path, share: float, articles: int, moved: int
) -> None:
    urls = [f"/{number}" for number in range(6)]
    limits = Limits(max_removed=share, max_removed_articles=articles)
    for is_accepted in (False, True):
        folder = tmp_path / str(is_accepted)
        folder.mkdir()
        release = audited(
            folder,
            before=8,
            removed=urls,
            moved=urls[:moved],
            limits=limits,
            accept_removals=is_accepted,
        )
        found = checks.removals_limited(release)
        named = () if is_accepted else urls[moved:]
        assert found.passed is is_accepted
        assert [row.partition(":")[0] for row in found.rows] == [*named]
        assert ("limits.max_removed_articles" in found.message) is not is_accepted


@pytest.mark.parametrize(
    ("how", "places"),
    [
        ({}, ()),
        ({"old_rejects": ["x.md"]}, ()),
        ({"rejects": ["x.md"], "old_rejects": ["a.md"]}, (place("x.md"), place("a.md"))),
    ],
)
def test_more_removals_are_named_after_files_that_are_newly_set_aside(
    tmp_path: Path, how: dict[str, Any], places: tuple[str, ...]
) -> None:
    found = checks.removals_limited(audited(tmp_path, before=7, removed=["/y", "/x"], **how))

    passed, figures, rows = verdict(found)
    assert not passed
    assert figures == {"removed": 2, "moved": 0, "allowed": 1, "articles_before": 7}
    assert rows[:-2] == places
    assert [row.partition(":")[0] for row in rows[-2:]] == ["/x", "/y"]


def test_of_many_removals_the_first_twenty_are_named(tmp_path: Path) -> None:
    urls = [f"/{number:04}" for number in range(1_022)]
    found = checks.removals_limited(audited(tmp_path, before=1_022, removed=urls))

    *rows, last = found.rows
    assert [row.partition(":")[0] for row in rows] == urls[:20]
    assert "1,002" in last


@pytest.mark.parametrize(
    ("limits", "allowed"),
    [
        (Limits(max_rejects=0.39, max_rejects_files=0), 1),
        (Limits(max_rejects=0.5, max_rejects_files=1), 2),
        (Limits(max_rejects=0.1, max_rejects_files=1_003), 1_003),
    ],
)
def test_of_two_limits_of_rejects_the_larger_counts(
    tmp_path: Path, limits: Limits, allowed: int
) -> None:
    release = audited(tmp_path, [["/a", "/b", "/c"]], rejects=["x.md", "y.md"], limits=limits)
    passed = allowed >= 2
    found = checks.rejects_limited(release)

    rows = () if passed else (place("x.md"), place("y.md"))
    assert verdict(found) == (passed, {"rejects": 2, "allowed": allowed}, rows)
    assert ("limits.max_rejects_files" in found.message) is not passed


def test_of_many_rejects_the_first_twenty_are_named(tmp_path: Path) -> None:
    rejects = [f"{number:04}.md" for number in range(1_021)]
    found = checks.rejects_limited(audited(tmp_path, [["/a"]], rejects=rejects))

    assert found.figures == {"rejects": 1_021, "allowed": 511}
    *rows, last = found.rows
    assert rows == [*map(place, rejects[:20])]
    assert "1,001" in last
