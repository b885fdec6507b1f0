"""Each check on a release of a few rows, which is made without a build."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pressroom.engine import checks
from pressroom.engine.checks import Audited, CheckResult
from pressroom.files import parquet
from pressroom.model.schemas import TIMESTAMP
from pressroom.model.settings import Limits
from pressroom.releases.manifest import Counts
from pressroom.releases.staging import Staging
from pressroom.releases.store import store_at
from tests.conftest import AS_OF
from tests.small_releases import release_of

LIMITS = Limits(max_removed=0.25, max_rejects=0.5, max_rejects_files=1)


def audited(
    folder: Path,
    articles: Sequence[Sequence[str]] = (("/a", "/b"), ("/c", "/d")),
    *,
    rejects: Sequence[str] = (),
    old_rejects: Sequence[str] = (),
    removed: Sequence[str] = (),
    links: int = 0,
    before: int | None = None,
    limits: Limits = LIMITS,
    accept_removals: bool = False,
    **counts: int,
) -> Audited:
    """A staged release: articles by part, files that are set aside now or since earlier, urls that
    it removes, its number of links, and that of the articles of the release before.
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
                    "column": [3] * len(paths),
                    "message": ["Broken."] * len(paths),
                    "code": ["quotes"] * len(paths),
                    "first_seen": pa.array(
                        [dt.datetime.fromtimestamp(time, dt.UTC) for time in times], TIMESTAMP
                    ),
                }
            )
        ],
        "related_links": [pa.table({"url": ["/a"] * links})],
        "changes": [
            pa.table({"url": ["/new"], "change": ["added"]}),
            pa.table(
                {
                    "url": pa.array(removed, pa.string()),
                    "change": pa.array(["removed"] * len(removed), pa.string()),
                }
            ),
        ],
    }
    outputs = {
        name: [
            parquet.write_table(root, parquet.part_path(name, part), rows)
            for part, rows in enumerate(parts)
        ]
        for name, parts in tables.items()
    }
    listed = sum(map(len, articles)) + len(paths)
    stated = Counts(
        files=listed, rejects=len(paths), stated_links=links, changes={"removed": len(removed)}
    )
    release = release_of(root, outputs, stated.updated(counts))
    previous = None if before is None else release_of(root, {}, Counts(articles=before))
    return Audited(
        Staging(store_at(folder), "run", AS_OF, previous), release, limits, accept_removals
    )


def place(path: str) -> str:
    return f"{path}:2:3: Broken. [quotes]"


def test_all_checks_are_made_of_a_release(tmp_path: Path) -> None:
    results = checks.audit(audited(tmp_path, rejects=["x.md"], links=2, before=4))

    assert results == [
        CheckResult(
            "files_accounted",
            True,
            "5 files listed, 4 articles, 1 reject.",
            {"files": 5, "articles": 4, "rejects": 1},
        ),
        CheckResult(
            "links_accounted", True, "2 links stated, 2 resolved.", {"stated": 2, "resolved": 2}
        ),
        CheckResult("urls_unique", True, "0 urls stand twice.", {"repeated": 0}),
        CheckResult(
            "files_intact",
            True,
            "0 files are not as the manifest of 6 files says.",
            {"files": 6, "broken": 0},
        ),
        CheckResult("articles_remain", True, "4 articles.", {"articles": 4}),
        CheckResult(
            "removals_limited",
            True,
            "0 of 4 articles removed; 25% allowed.",
            {"removed": 0, "articles_before": 4},
        ),
        CheckResult(
            "rejects_limited",
            True,
            "1 of 5 files set aside; 2 allowed.",
            {"rejects": 1, "allowed": 2},
        ),
    ]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (4, "4 files listed, 4 articles, 1 reject."),
        (3, "3 files listed, 4 articles, 1 reject."),
        (6, "6 files listed, 4 articles, 1 reject."),
    ],
)
def test_files_are_articles_or_rejects(tmp_path: Path, files: int, message: str) -> None:
    found = checks.files_accounted(audited(tmp_path, rejects=["x.md"], files=files))

    figures = {"files": files, "articles": 4, "rejects": 1}
    assert found == CheckResult("files_accounted", False, message, figures)


@pytest.mark.parametrize("stated", [1, 1_235])
def test_stated_links_are_rows(tmp_path: Path, stated: int) -> None:
    found = checks.links_accounted(audited(tmp_path, links=1_234, stated_links=stated))

    assert found == CheckResult(
        "links_accounted",
        False,
        "1 link stated, 1,234 resolved." if stated == 1 else "1,235 links stated, 1,234 resolved.",
        {"stated": stated, "resolved": 1_234},
    )


@pytest.mark.parametrize(
    ("articles", "repeated", "message"),
    [
        ([["/a", "/b", "/a"]], 1, "1 url stands twice."),
        ([["/b"], [], ["/a", "/b"]], 1, "1 url stands twice."),
        ([["/a", "/b"], ["/b", "/a", "/c"]], 2, "2 urls stand twice."),
    ],
)
def test_a_url_stands_on_one_article(
    tmp_path: Path, articles: list[list[str]], repeated: int, message: str
) -> None:
    found = checks.urls_unique(audited(tmp_path, articles))

    assert found == CheckResult("urls_unique", False, message, {"repeated": repeated})


def test_files_are_as_the_manifest_says(tmp_path: Path) -> None:
    release = audited(tmp_path)
    root = release.release.root
    victim = parquet.part_path("rejects", 0)
    (root / victim).unlink()
    assert checks.files_intact(release) == CheckResult(
        "files_intact",
        False,
        "1 file is not as the manifest of 6 files says.",
        {"files": 6, "broken": 1},
        (victim,),
    )

    for number in range(20):
        (root / f"{number:02}").touch()
    assert checks.files_intact(release) == CheckResult(
        "files_intact",
        False,
        "21 files are not as the manifest of 6 files says.",
        {"files": 6, "broken": 21},
        (victim, *(f"{number:02}" for number in range(19))),
    )


MANY = [f"{number:02}.md" for number in range(21)]


@pytest.mark.parametrize(
    ("rejects", "message", "rows"),
    [
        ([], "There is no article: the raw folder is empty.", ()),
        (["x.md"], "There is no article: 1 file was set aside.", (place("x.md"),)),
        (
            MANY,
            "There is no article: 21 files were set aside.",
            (*map(place, MANY[:20]), "… and 1 more"),
        ),
    ],
)
def test_an_article_remains(
    tmp_path: Path, rejects: list[str], message: str, rows: tuple[str, ...]
) -> None:
    found = checks.articles_remain(audited(tmp_path, [[]], rejects=rejects))

    assert found == CheckResult("articles_remain", False, message, {"articles": 0}, rows)


def test_one_article_is_enough_whatever_else_is_set_aside(tmp_path: Path) -> None:
    found = checks.articles_remain(audited(tmp_path, [["/a"]], rejects=["x.md"]))

    assert found == CheckResult("articles_remain", True, "1 article.", {"articles": 1})


TOO_MANY = (
    "{} articles removed; 25% allowed. If that is right, build with --accept-removals"
    " (accept_removals in Dagster)."
)


@pytest.mark.parametrize(
    ("how", "removed", "before"),
    [
        ({"before": 4, "removed": ["/x"]}, 1, "1 of 4 articles"),
        ({"before": 4, "removed": ["/x", "/y"], "accept_removals": True}, 2, "2 of 4 articles"),
        ({}, 0, "0 of 0 articles"),
        ({"before": 1}, 0, "0 of 1 article"),
    ],
)
def test_a_few_removals_are_allowed_and_more_if_they_are_accepted(
    tmp_path: Path, how: dict[str, Any], removed: int, before: str
) -> None:
    found = checks.removals_limited(audited(tmp_path, **how))

    figures = {"removed": removed, "articles_before": how.get("before", 0)}
    message = f"{before} removed; 25% allowed."
    assert found == CheckResult("removals_limited", True, message, figures)


@pytest.mark.parametrize(
    ("how", "message", "rows"),
    [
        ({}, "", ("/x: removed", "/y: removed")),
        ({"old_rejects": ["x.md"]}, "", ("/x: removed", "/y: removed")),
        (
            {"rejects": ["x.md"], "old_rejects": ["a.md"]},
            " But 1 file was set aside newly: what is in them counts as removed.",
            (place("x.md"), place("a.md"), "/x: removed", "/y: removed"),
        ),
    ],
)
def test_more_removals_are_named_after_files_that_are_newly_set_aside(
    tmp_path: Path, how: dict[str, Any], message: str, rows: tuple[str, ...]
) -> None:
    found = checks.removals_limited(audited(tmp_path, before=7, removed=["/y", "/x"], **how))

    assert found == CheckResult(
        "removals_limited",
        False,
        TOO_MANY.format("2 of 7") + message,
        {"removed": 2, "articles_before": 7},
        rows,
    )


def test_of_many_removals_the_first_twenty_are_named(tmp_path: Path) -> None:
    urls = [f"/{number:04}" for number in range(1_022)]
    found = checks.removals_limited(audited(tmp_path, before=1_022, removed=urls))

    assert found.message == TOO_MANY.format("1,022 of 1,022")
    assert found.rows == (*(f"{url}: removed" for url in urls[:20]), "… and 1,002 more")


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
    message = f"2 of 5 files set aside; {allowed:,} allowed."
    help_ = " Mend them, or raise limits.max_rejects and limits.max_rejects_files."

    assert checks.rejects_limited(release) == CheckResult(
        "rejects_limited",
        passed,
        message if passed else message + help_,
        {"rejects": 2, "allowed": allowed},
        () if passed else (place("x.md"), place("y.md")),
    )


def test_of_many_rejects_the_first_twenty_are_named(tmp_path: Path) -> None:
    rejects = [f"{number:04}.md" for number in range(1_021)]
    found = checks.rejects_limited(audited(tmp_path, [["/a"]], rejects=rejects))

    assert found.message.startswith("1,021 of 1,022 files set aside; 511 allowed. Mend them,")
    assert found.rows == (*map(place, rejects[:20]), "… and 1,001 more")
