"""The audit holds a release back whose tables are not what they should be.

No known input leads to such tables: each test lets a step lose or double what it was given.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from pipeline import build, ingest
from pipeline.checks import CheckResult
from pipeline.errors import AuditError
from pipeline.settings import Compute, Limits
from pipeline.steps import INGEST, LINK
from tests.by_steps import begin, export_all, rewrite, stage_unaudited
from tests.conftest import AS_OF, Site, article

pytestmark = pytest.mark.usefixtures("in_process")

BROKEN = "---\ntitle: What: now\n---\n"
LINKS = {
    "related_article1": "{id: 1, title: T, url: /learn/databases/questions/a}",
    "related_article2": "{id: 2, title: T, url: /learn/databases/questions/nothing}",
}


def lost(rows: pa.Table) -> pa.Table:
    return rows.slice(0, len(rows) - 1)


def doubled(rows: pa.Table) -> pa.Table:
    return pa.concat_tables([rows, rows.slice(0, 1)])


def held_back(run: build.Run) -> dict[str, str]:
    """The checks that hold a release back, and what they say of it."""
    results = build.check(run)
    with pytest.raises(AuditError, match="The release was held back"):
        build.audit(run)
    with pytest.raises(AuditError, match="not audited, or a check failed"):
        build.release(run)
    return {result.name: result.message for result in results if not result.passed}


def test_a_release_that_is_as_it_should_be_passes_every_check(site: Site) -> None:
    site.write(a=article(slug="a"), b=article(slug="b", **LINKS), c=BROKEN)
    run = begin(site, "run", limits=Limits(max_removed=0.05, max_rejects_files=10))
    stage_unaudited(run)

    results = {result.name: result for result in build.audit(run)}

    files = sum(len(output.files) for output in run.staging.outputs().values())
    assert {name: (result.message, result.figures) for name, result in results.items()} == {
        "files_accounted": (
            "3 files listed, 2 articles, 1 reject.",
            {"files": 3, "articles": 2, "rejects": 1},
        ),
        "links_accounted": ("2 links stated, 2 resolved.", {"stated": 2, "resolved": 2}),
        "urls_unique": ("0 urls stand twice.", {"repeated": 0}),
        "files_intact": (
            f"0 files are not as the manifest of {files} files says.",
            {"files": files, "broken": 0},
        ),
        "articles_remain": ("2 articles.", {"articles": 2}),
        "removals_limited": (
            "0 of 0 articles removed; 5% allowed.",
            {"removed": 0, "articles_before": 0},
        ),
        "rejects_limited": ("1 of 3 files set aside; 10 allowed.", {"rejects": 1, "allowed": 10}),
    }
    assert all(result.passed and result.rows == () for result in results.values())
    assert build.release(run).published


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lost, "2 files listed, 1 article, 0 rejects."),
        (doubled, "2 files listed, 1 article, 2 rejects."),
    ],
)
def test_a_release_in_which_a_file_is_no_row_or_two_is_held_back(
    site: Site, change: Callable[[pa.Table], pa.Table], message: str
) -> None:
    site.write(a=article(slug="a"), b=BROKEN)
    run = begin(site, "run")
    build.ingest(run)
    rewrite(run, INGEST, "rejects", change)
    build.link(run)
    build.summarize(run)
    export_all(run)

    assert held_back(run) == {"files_accounted": message}


@pytest.mark.parametrize(
    ("change", "message"),
    [(lost, "2 links stated, 1 resolved."), (doubled, "2 links stated, 3 resolved.")],
)
def test_a_release_in_which_a_stated_link_is_no_row_or_two_is_held_back(
    site: Site, change: Callable[[pa.Table], pa.Table], message: str
) -> None:
    site.write(a=article(slug="a"), b=article(slug="b", **LINKS))
    run = begin(site, "run")
    build.ingest(run)
    build.link(run)
    rewrite(run, LINK, "related_links", change)
    build.summarize(run)
    export_all(run)

    assert held_back(run) == {"links_accounted": message}


@pytest.mark.parametrize("shard_files", [1, 10], ids=["of two parts", "of one part"])
def test_a_release_in_which_a_url_stands_on_two_articles_is_held_back(
    site: Site, monkeypatch: pytest.MonkeyPatch, shard_files: int
) -> None:
    site.write(a=article(slug="twin"), b=article(slug="twin"), c=article(slug="c"))
    monkeypatch.setattr(ingest, "_without_duplicates", lambda *_: [])
    run = begin(site, "run", compute=Compute(workers=1, shard_files=shard_files))
    stage_unaudited(run)

    assert held_back(run) == {"urls_unique": "1 url stands twice."}


# --- limits --------------------------------------------------------------------------------------

DAY = 24 * 3600


def url(slug: str) -> str:
    return f"/learn/databases/questions/{slug}"


def set_aside(name: str) -> str:
    return f"{name}.md:2:12: … [unquoted_colon]"


def checked(run: build.Run, name: str) -> CheckResult:
    """What one check says of a release that is staged; of a reject no more than place and code."""
    result = next(result for result in build.check(run) if result.name == name)
    rows = (re.sub(r"(\.md:\d+:\d+: ).*( \[)", r"\1…\2", row) for row in result.rows)
    return result._replace(rows=tuple(rows))


def staged_again(site: Site, accept_removals: bool = False, **sections: Any) -> build.Run:
    """Stage the release after the published one."""
    run = begin(site, "again", AS_OF + DAY, **sections)
    run = replace(run, options=build.Options(accept_removals=accept_removals))
    stage_unaudited(run)
    return run


def test_a_release_of_an_empty_folder_is_held_back(site: Site) -> None:
    run = begin(site, "run")
    stage_unaudited(run)

    assert held_back(run) == {
        "articles_remain": "There is no article: the raw folder is empty.",
    }
    assert checked(run, "articles_remain")[3:] == ({"articles": 0}, ())


@pytest.mark.parametrize(
    ("names", "told"),
    [("a", "1 file was set aside"), ("ba", "2 files were set aside")],
)
def test_a_release_of_broken_files_alone_is_held_back_with_their_places(
    site: Site, names: str, told: str
) -> None:
    site.write(**dict.fromkeys(names, BROKEN))
    run = begin(site, "run")
    stage_unaudited(run)

    assert held_back(run) == {"articles_remain": f"There is no article: {told}."}
    rows = checked(run, "articles_remain").rows
    assert rows == tuple(set_aside(name) for name in sorted(names))


HINT = " If that is right, build with --accept-removals (accept_removals in Dagster)."


@pytest.mark.parametrize(
    ("removed", "broken", "accepted", "message", "rows"),
    [
        ("a", "", False, "1 of 4 articles removed; 25% allowed.", ()),
        ("", "a", False, "1 of 4 articles removed; 25% allowed.", ()),
        ("ab", "", True, "2 of 4 articles removed; 25% allowed.", ()),
        (
            "ba",
            "",
            False,
            f"2 of 4 articles removed; 25% allowed.{HINT}",
            (f"{url('a')}: removed", f"{url('b')}: removed"),
        ),
        (
            "d",
            "a",
            False,
            f"2 of 4 articles removed; 25% allowed.{HINT}"
            " But 1 file was set aside newly: what is in them counts as removed.",
            (
                set_aside("a"),
                set_aside("old"),
                f"{url('a')}: removed",
                f"{url('d')}: removed",
            ),
        ),
    ],
)
def test_more_removals_than_are_allowed_hold_a_release_back_unless_they_are_accepted(
    site: Site, removed: str, broken: str, accepted: bool, message: str, rows: tuple[str, ...]
) -> None:
    site.write(old=BROKEN, **{slug: article(slug=slug) for slug in "abcd"})
    site.build()
    for name in removed:
        (site.raw / f"{name}.md").unlink()
    site.write(**dict.fromkeys(broken, BROKEN))
    run = staged_again(site, accepted, limits=Limits(max_removed=0.25))

    figures = {"removed": len(removed + broken), "articles_before": 4}
    passed = not rows
    assert checked(run, "removals_limited") == (
        CheckResult("removals_limited", passed, message, figures, rows)
    )
    if not passed:
        assert held_back(run) == {"removals_limited": message}


def test_of_many_removals_and_rejects_the_first_twenty_are_named(site: Site) -> None:
    names = [f"{number:02}" for number in range(44)]
    site.write(**{name: article(slug=name) for name in names})
    site.build()
    for name in names[:22]:
        (site.raw / f"{name}.md").unlink()
    site.write(**dict.fromkeys(names[22:43], BROKEN))
    run = staged_again(site, limits=Limits(max_rejects=0, max_rejects_files=20))

    removed, rejected = (checked(run, name) for name in ("removals_limited", "rejects_limited"))
    places = (*map(set_aside, names[22:42]), "… and 1 more")
    assert rejected == CheckResult(
        "rejects_limited",
        False,
        "21 of 22 files set aside; 20 allowed."
        " Mend them, or raise limits.max_rejects and limits.max_rejects_files.",
        {"rejects": 21, "allowed": 20},
        places,
    )
    urls = [f"{url(name)}: removed" for name in names[:20]]
    assert removed.rows == (*places, *urls, "… and 23 more")
    assert removed.message.startswith("43 of 44 articles removed; 10% allowed.")
    assert " But 21 files were set aside newly: " in removed.message


@pytest.mark.parametrize(
    ("limits", "allowed"),
    [
        (Limits(max_rejects=0.39, max_rejects_files=0), 1),
        (Limits(max_rejects=0.5, max_rejects_files=1), 2),
        (Limits(max_rejects=0.5, max_rejects_files=3), 3),
    ],
)
def test_of_two_limits_of_rejects_the_larger_counts(
    site: Site, limits: Limits, allowed: int
) -> None:
    site.write(a=article(slug="a"), b=article(slug="b"), c=article(slug="c"), d=BROKEN, e=BROKEN)
    run = begin(site, "run", limits=limits)
    stage_unaudited(run)

    result = checked(run, "rejects_limited")
    assert result.passed == (allowed >= 2)
    assert result.figures == {"rejects": 2, "allowed": allowed}
    assert result.message.startswith(f"2 of 5 files set aside; {allowed} allowed.")
    assert result.rows == (() if result.passed else (set_aside("d"), set_aside("e")))


def test_files_that_are_not_as_the_manifest_says_are_counted_and_the_first_twenty_named(
    site: Site,
) -> None:
    site.write(a=article(slug="a"))
    run = begin(site, "run")
    stage_unaudited(run)
    files = checked(run, "files_intact").figures["files"]
    (run.staging.root / "site" / "feed.json").unlink()
    assert held_back(run) == {
        "files_intact": f"1 file is not as the manifest of {files} files says."
    }

    for number in range(20):
        (run.staging.root / "site" / f"{number:02}").touch()
    assert checked(run, "files_intact") == CheckResult(
        "files_intact",
        False,
        f"21 files are not as the manifest of {files} files says.",
        {"files": files, "broken": 21},
        ("site/feed.json", *(f"site/{number:02}" for number in range(19))),
    )
