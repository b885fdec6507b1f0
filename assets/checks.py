"""The audit of a staged release as asset checks; a failed one keeps it from being published."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from pressroom.dagster.previews import plain
from pressroom.dagster.release import MANIFEST
from pressroom.dagster.resources import RETRIES, Pressroom, short
from pressroom.engine import build
from pressroom.engine.checks import CHECKS, CheckResult

_ROW_CHARS = 500


@dg.multi_asset_check(
    specs=[
        dg.AssetCheckSpec(name, asset=MANIFEST, description=check.__doc__, blocking=True)
        for name, check in CHECKS.items()
    ],
    retry_policy=RETRIES,
)
def audit(
    context: dg.AssetCheckExecutionContext, pressroom: Pressroom
) -> Iterator[dg.AssetCheckResult]:
    """Audit the staged release."""
    with pressroom.run(context) as run:
        for result in build.check(run):
            if not result.passed:
                context.log.error(
                    short("\n".join([result.message, *_rows(result), *result.advice]))
                )
            yield dg.AssetCheckResult(
                asset_key=MANIFEST,
                check_name=result.name,
                passed=result.passed,
                severity=dg.AssetCheckSeverity.ERROR,
                description=short("\n".join([result.message, *result.advice])),
                metadata={**result.figures, **_examples(result)},
            )


def _examples(result: CheckResult) -> dict[str, Any]:
    return {"rows": _rows(result)} if result.rows else {}


def _rows(result: CheckResult) -> list[str]:
    return [plain(row, _ROW_CHARS) for row in result.rows]


CHECK_DEFINITIONS = [audit]
