"""Jobs and the schedule."""

import dagster as dg

from assets.exports import ASSETS as EXPORT_ASSETS
from assets.release import manifest, release

publish = dg.define_asset_job(
    "publish",
    selection=dg.AssetSelection.all(),
    description="Read the raw folder and publish a release, if anything has changed.",
)

republish = dg.define_asset_job(
    "republish",
    selection=dg.AssetSelection.assets(*EXPORT_ASSETS, manifest, release),
    description="Make the exports again from the published tables, and publish them.",
)

daily = dg.ScheduleDefinition(
    name="daily",
    job=publish,
    cron_schedule="0 3 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Publishes every night at three (UTC).",
)
