"""The audits of a staged release, as plain functions: what is wrong keeps it from publishing."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ..base.wording import and_more, counted
from ..files import parquet
from ..model.settings import Limits
from ..releases import local
from ..releases.identities import Identities, Noted
from ..releases.manifest import Release
from ..releases.staging import Staging
from ..releases.summary import by_suffix
from ..tables import findings, redirects, rejects, url_index
from . import conform

_EXAMPLES = 20


class CheckResult(NamedTuple):
    """What a check found. `figures` are numbers by name; `rows` a few examples to look at.

    `advice` are lines that say which settings would mend it.
    """

    name: str
    passed: bool
    message: str
    figures: Mapping[str, int]
    rows: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()


class Audited(NamedTuple):
    """What checks look at: the staged release beside the published one.

    `urls` holds the digests of the urls of all articles, `rows` how many rows there are of tables,
    as the Parquet files themselves say. Files that are `known` need not be read (`identities`), and
    those that are intact are `noted`.
    """

    staging: Staging
    release: Release
    limits: Limits
    accept_removals: bool
    urls: npt.NDArray[np.bytes_]
    rows: Mapping[str, int]
    known: Identities = MappingProxyType({})
    noted: Noted | None = None


def audited(
    staging: Staging, release: Release, limits: Limits, *, accept_removals: bool
) -> Audited:
    """Look at a staged release, part by part."""
    columns = (parquet.read(path, ["url"])["url"] for path in release.paths("articles"))
    urls = np.concatenate([url_index.digests(column.to_pylist()) for column in columns])
    rows = {
        table: sum(pq.read_metadata(path).num_rows for path in release.paths(table))
        for table in ("rejects", "skipped", "related_links", "text_links")
    }
    return Audited(staging, release, limits, accept_removals, urls, {"articles": len(urls), **rows})


def files_accounted(audited: Audited) -> CheckResult:
    """Every file that was listed is a row of articles, of rejects or of skipped."""
    files = audited.release.counts.files
    articles, set_aside, skipped = (
        audited.rows[table] for table in ("articles", "rejects", "skipped")
    )
    return CheckResult(
        "files_accounted",
        files == articles + set_aside + skipped,
        f"{counted(files, 'file')} listed, {counted(articles, 'article')},"
        f" {counted(set_aside, 'reject')}, {skipped:,} skipped.",
        {"files": files, "articles": articles, "rejects": set_aside, "skipped": skipped},
    )


def links_accounted(audited: Audited) -> CheckResult:
    """Every link that was read is a row of related_links or of text_links."""
    counts, rows = audited.release.counts, audited.rows
    return CheckResult(
        "links_accounted",
        (counts.stated_links, counts.written_links) == (rows["related_links"], rows["text_links"]),
        f"{counted(counts.stated_links, 'related link')}, {rows['related_links']:,} resolved;"
        f" {counted(counts.written_links, 'link')} in texts, {rows['text_links']:,} resolved.",
        {
            "stated": counts.stated_links,
            "resolved": rows["related_links"],
            "written": counts.written_links,
            "resolved_in_texts": rows["text_links"],
        },
    )


def urls_unique(audited: Audited) -> CheckResult:
    """No url stands on two articles."""
    repeated = len(audited.urls) - len(np.unique(audited.urls))
    return CheckResult(
        "urls_unique",
        not repeated,
        f"{counted(repeated, 'URL is', 'URLs are')} used twice.",
        {"repeated": repeated},
    )


def files_intact(audited: Audited) -> CheckResult:
    """Every file of the manifest exists with its size and SHA-256, and there is no other."""
    entries = {entry.path for entry in audited.release.files}
    broken = local.damaged(audited.release, known=audited.known, noted=audited.noted)
    broken += local.unlisted(audited.release.root, entries)
    files = len(entries)
    return CheckResult(
        "files_intact",
        not broken,
        f"{counted(len(broken), 'file is', 'files are')} not as the manifest of"
        f" {counted(files, 'file')} says.",
        {"files": files, "broken": len(broken)},
        tuple(broken[:_EXAMPLES]),
    )


def articles_remain(audited: Audited) -> CheckResult:
    """There is at least one article: an empty raw folder must not wipe the site."""
    articles, set_aside = audited.rows["articles"], audited.rows["rejects"]
    message = f"{counted(articles, 'article')}."
    if not articles:
        message = "There is no article: the raw folder is empty."
        skipped = audited.rows["skipped"]
        if passed_over := by_suffix(audited.release.counts.passed_over):
            message = f"There is no article: all files were passed over, {passed_over}."
        if set_aside:
            message = f"There is no article: {_set_aside(set_aside)}."
        elif skipped:
            message = f"There is no article: all of {counted(skipped, 'file')} are skipped."
    return CheckResult(
        "articles_remain",
        articles > 0,
        message,
        {"articles": articles},
        () if articles else _first_rejects(audited),
    )


def _set_aside(files: int) -> str:
    return f"{counted(files, 'file was', 'files were')} rejected"


def _first_rejects(audited: Audited) -> tuple[str, ...]:
    """Rejected files, a line each: first those that were not before."""
    table = rejects.newest_first(audited.release.paths("rejects"), rejects.LINE)
    rows = table.slice(0, _EXAMPLES).to_pylist()
    return (*(rejects.line(row, row) for row in rows), *and_more(len(table), _EXAMPLES))


def _removed(audited: Audited) -> tuple[list[str], int]:
    """The urls that are gone, in order, and how many more have moved."""
    parts = audited.release.paths("changes")
    changes = pa.concat_tables(parquet.read(path, ("url", "change")) for path in parts)
    removed = changes.filter(pc.equal(changes["change"], "removed"))["url"]
    moved = redirects.moved_in(audited.release.paths("redirects"), audited.staging.as_of)
    gone = removed.filter(pc.invert(pc.is_in(removed, moved)))
    return gone.sort().to_pylist(), len(removed) - len(gone)


def removals_limited(audited: Audited) -> CheckResult:
    """No more articles were removed than limits allow. One that has moved is not removed."""
    previous, limits = audited.staging.previous, audited.limits
    before = previous.counts.articles if previous else 0
    urls, moved = _removed(audited)
    allowed = max(int(before * limits.max_removed), limits.max_removed_articles)
    passed = audited.accept_removals or len(urls) <= allowed
    message = f"{len(urls):,} of {counted(before, 'article')} removed; {allowed:,} allowed."
    figures = {
        "removed": len(urls),
        "moved": moved,
        "allowed": allowed,
        "articles_before": before,
    }
    rows: tuple[str, ...] = ()
    if not passed:
        message += (
            " If that is intended, build with --accept-removals (accept_removals in Dagster),"
            " or raise limits.max_removed and limits.max_removed_articles."
        )
        gone = (f"{url}: removed" for url in urls[:_EXAMPLES])
        rows = (*gone, *and_more(len(urls), _EXAMPLES))
        table = rejects.newest_first(audited.release.paths("rejects"), rejects.LINE)
        if newly := len(rejects.since(table, audited.staging.as_of)):
            message += f" But {_set_aside(newly)} newly: their articles count as removed."
            rows = (*_first_rejects(audited), *rows)
    return CheckResult("removals_limited", passed, message, figures, rows)


def rejects_limited(audited: Audited) -> CheckResult:
    """No more files were rejected than limits.max_rejects allows."""
    files, set_aside = audited.release.counts.files, audited.release.counts.rejects
    allowed = max(int(files * audited.limits.max_rejects), audited.limits.max_rejects_files)
    passed = set_aside <= allowed
    message = f"{set_aside:,} of {counted(files, 'file')} rejected; {allowed:,} allowed."
    if not passed:
        message += " Fix them, or raise limits.max_rejects and limits.max_rejects_files."
    return CheckResult(
        "rejects_limited",
        passed,
        message,
        {"rejects": set_aside, "allowed": allowed},
        () if passed else _first_rejects(audited),
    )


def findings_allowed(audited: Audited) -> CheckResult:
    """No finding is an error by the settings."""
    errors, rows = 0, list[str]()
    for path in audited.release.paths("findings"):
        of_part = findings.errors(path)
        errors += len(of_part)
        rows += map(findings.line, of_part.slice(0, _EXAMPLES - len(rows)).to_pylist())
    message = f"{counted(errors, 'finding is an error', 'findings are errors')}."
    if errors:
        message += (
            " Mend what was found, or make it less than an error in [findings] of the settings."
            " `pressroom findings --run --severity error` lists all."
        )
        rows += and_more(errors, len(rows))
    return CheckResult("findings_allowed", not errors, message, {"errors": errors}, tuple(rows))


def standards_met(audited: Audited) -> CheckResult:
    """No published file breaks a rule of its standard that it must keep."""
    rules = conform.report(audited.release)
    broken = [rule for rule in rules if not rule["passed"]]
    must = [rule for rule in broken if rule["level"] == "must"]
    message = f"{counted(len(rules), 'rule')} of standards looked at, {len(broken):,} broken."
    return CheckResult(
        "standards_met",
        not must,
        message,
        {"rules": len(rules), "broken": len(broken)},
        tuple(f"{rule['rule']}: {rule['text']} {rule['first']}" for rule in must or broken),
    )


CHECKS: Mapping[str, Callable[[Audited], CheckResult]] = {
    check.__name__: check
    for check in (
        files_accounted,
        links_accounted,
        urls_unique,
        files_intact,
        articles_remain,
        removals_limited,
        rejects_limited,
        findings_allowed,
        standards_met,
    )
}


def audit(audited: Audited) -> list[CheckResult]:
    """Run all checks."""
    return [check(audited) for check in CHECKS.values()]
