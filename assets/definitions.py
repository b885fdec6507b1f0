"""The one module that ``workspace.yaml`` names: all that Dagster serves."""

import dagster as dg

from assets import automation, checks, exports, release, tables
from assets.resources import Pressroom

defs = dg.Definitions(
    assets=[*tables.ASSETS, *exports.ASSETS, *release.ASSETS],
    asset_checks=checks.CHECK_DEFINITIONS,
    jobs=[automation.publish, automation.republish],
    schedules=[automation.daily],
    resources={"pressroom": Pressroom()},
    # Parallelism is inside the steps; a process for each step would cost three seconds a step.
    executor=dg.in_process_executor,
)
