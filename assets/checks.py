"""The audit of a staged release as asset checks, each on the asset that it is about.

A check of the audit that fails keeps the release from being published. The others warn: of rejected
files, of what may be mistakes in the others, and of columns that are not as they were.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.base.wording import and_more, counted
from pressroom.dagster.messages import short
from pressroom.dagster.previews import plain
from pressroom.dagster.site import RELEASE, Site
from pressroom.engine.build import Run
from pressroom.engine.checks import CHECKS, CheckResult
from pressroom.files import parquet
from pressroom.releases import staging
from pressroom.releases.manifest import Release
from pressroom.tables import findings, rejects

_ROW_CHARS = 500
_EXAMPLES = 20

# What each check of the audit is about.
_ABOUT: Mapping[str, str] = {
    "files_accounted": "articles",
    "links_accounted": "related_links",
    "urls_unique": "articles",
    "files_intact": RELEASE,
    "articles_remain": "articles",
    "removals_limited": "articles",
    "rejects_limited": "rejects",
    "findings_allowed": "findings",
    "standards_met": RELEASE,
}


def nothing_rejected(release: Release) -> CheckResult:
    """No file was rejected."""
    rejected = release.outputs["rejects"].rows
    newest = rejects.newest(release.paths("rejects"), _EXAMPLES).to_pylist()
    return CheckResult(
        "nothing_rejected",
        not rejected,
        f"{counted(rejected, 'file was', 'files were')} rejected.",
        {"rejects": rejected},
        (*(rejects.line(row, row) for row in newest), *and_more(rejected, _EXAMPLES)),
    )


def nothing_found(release: Release) -> CheckResult:
    """There is no finding that is a warning or an error by the settings."""
    counts = dict.fromkeys(("error", "warning", "info"), 0)
    examples: dict[str, list[str]] = {severity: [] for severity in counts}
    for path in release.paths("findings"):
        part = parquet.read(path, [*findings.LINE, "severity"])
        for severity, rows in examples.items():
            found = part.filter(pc.equal(part["severity"], severity))
            counts[severity] += len(found)
            rows.extend(map(findings.line, found.slice(0, _EXAMPLES - len(rows)).to_pylist()))
    worse = counts["error"] + counts["warning"]
    worst = (examples["error"] + examples["warning"])[:_EXAMPLES]
    return CheckResult(
        "nothing_found",
        not worse,
        f"{counted(counts['error'], 'error')}, {counted(counts['warning'], 'warning')},"
        f" {counts['info']:,} for information.",
        counts,
        (*worst, *and_more(worse, _EXAMPLES)),
    )


def schema_kept(release: Release) -> CheckResult:
    """The columns of all tables are those of the release before."""
    changes = release.manifest.schema_changes
    return CheckResult(
        "schema_kept",
        not changes,
        f"{counted(len(changes), 'column is', 'columns are')} not as before.",
        {"changes": len(changes)},
        tuple(
            f"{change.table}.{change.column}: {change.before or 'none'} → {change.after or 'none'}"
            for change in changes
        ),
    )


class _Warning(NamedTuple):
    check: Callable[[Release], CheckResult]
    about: str


_WARNINGS = {
    one.check.__name__: one
    for one in (
        _Warning(nothing_rejected, "rejects"),
        _Warning(nothing_found, "findings"),
        _Warning(schema_kept, RELEASE),
    )
}


def specs(site: Site) -> list[dg.AssetCheckSpec]:
    """The checks of a site."""
    blocking = (
        dg.AssetCheckSpec(
            name, asset=site.key(_ABOUT[name]), description=check.__doc__, blocking=True
        )
        for name, check in CHECKS.items()
    )
    warning = (
        dg.AssetCheckSpec(name, asset=site.key(one.about), description=one.check.__doc__)
        for name, one in _WARNINGS.items()
    )
    return [*blocking, *warning]


def results(
    context: dg.AssetExecutionContext, site: Site, run: Run, audited: Sequence[CheckResult]
) -> Iterator[dg.AssetCheckResult]:
    """What the audit found, and what there is to warn of, of the checks that a run selects.

    What there is to warn of is that of the published release where nothing has changed.
    """
    selected = context.selected_asset_check_keys
    for result in audited:
        key = dg.AssetCheckKey(site.key(_ABOUT[result.name]), result.name)
        if key in selected:
            yield _told(key, dg.AssetCheckSeverity.ERROR, result)
    keys = {
        dg.AssetCheckKey(site.key(one.about), name): one.check for name, one in _WARNINGS.items()
    }
    if wanted := selected & keys.keys():
        release = _release(run)
        for key in sorted(wanted, key=lambda key: key.name):
            yield _told(key, dg.AssetCheckSeverity.WARN, _warned(keys[key], release))


def _release(run: Run) -> Release:
    """The release that a run staged, or the published one, with the tables that are looked at."""
    release = run.staging.previous if run.keeps_published else staging.staged(run.staging)
    assert release is not None
    if run.keeps_published:
        run.staging.store.fetch(release, ("rejects", "findings"))
    return release


def _warned(check: Callable[[Release], CheckResult], release: Release) -> CheckResult:
    try:
        return check(release)
    except (OSError, pa.ArrowInvalid) as error:  # a published release that was damaged
        message = f"{release.id} cannot be read ({error}): see `pressroom verify`."
        return CheckResult(check.__name__, False, message, {})


def _told(
    key: dg.AssetCheckKey, severity: dg.AssetCheckSeverity, result: CheckResult
) -> dg.AssetCheckResult:
    rows: dict[str, Any] = {"rows": [plain(row, _ROW_CHARS) for row in result.rows]}
    return dg.AssetCheckResult(
        asset_key=key.asset_key,
        check_name=key.name,
        passed=result.passed,
        severity=severity,
        description=short("\n".join([result.message, *result.advice])),
        metadata={**result.figures, **(rows if result.rows else {})},
    )
