"""Jobs, the schedule, and the sensors."""

import os

import dagster as dg

from pressroom.base.errors import PipelineError
from pressroom.dagster import webhook
from pressroom.dagster.release import MANIFEST, release
from pressroom.dagster.resources import Pressroom, short
from pressroom.dagster.tables import RAW_FILES
from pressroom.exports import EXPORTS
from pressroom.model.automation import Automation
from pressroom.sources.source import source_at

publish = dg.define_asset_job(
    "publish",
    selection=dg.AssetSelection.all(),
    description="Read the raw folder and publish a release, if anything has changed.",
)

republish = dg.define_asset_job(
    "republish",
    selection=dg.AssetSelection.assets(*(item.name for item in EXPORTS), MANIFEST, release.key),
    description="Make the exports again from the published tables, and publish them.",
)

_SECONDS = 30
_UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def schedules(automation: Automation) -> list[dg.ScheduleDefinition]:
    """The schedule that the settings ask for, if they do."""
    if not automation.cron:
        return []
    daily = dg.ScheduleDefinition(
        name="daily",
        job=publish,
        cron_schedule=automation.cron,
        execution_timezone=automation.timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Publishes at the times that automation.cron states in the settings.",
    )
    return [daily]


def raw_files_changed(automation: Automation) -> dg.SensorDefinition:
    """The sensor that publishes what was edited."""

    @dg.sensor(
        name="raw_files_changed",
        job=publish,
        minimum_interval_seconds=automation.watch_seconds,
        description="Publishes when files of the raw folder were added, edited, moved or removed,"
        " once the folder has been the same twice in a row.",
    )
    def sensor(
        context: dg.SensorEvaluationContext, pressroom: Pressroom
    ) -> dg.SensorResult | dg.SkipReason:
        return _look(context, pressroom)

    return sensor


def _look(
    context: dg.SensorEvaluationContext, pressroom: Pressroom
) -> dg.SensorResult | dg.SkipReason:
    """Request a run for each state of the raw folder that stays and that none was requested for.

    The cursor is the state of which the last run was requested and, behind a blank, another that
    was seen once: a folder that is still being copied is not to be published half. While a run is
    under way the cursor stays, so that what changed meanwhile still differs from it when that run
    has ended. A run that failed is not requested again before the next change: somebody is to look
    at it.
    """
    under_way = dg.RunsFilter(job_name=publish.name, statuses=_UNDER_WAY)
    if runs := context.instance.get_runs(under_way, limit=1):
        return dg.SkipReason(f"Waits for the run {runs[0].run_id} of {publish.name} to end.")
    try:
        settings = pressroom.settings()
        seen = source_at(settings.paths.raw).signature(settings.sources)
    except (PipelineError, OSError) as error:
        return dg.SkipReason(f"The raw folder cannot be read: {short(str(error))}")
    requested, _, once = (context.cursor or "").partition(" ")
    if seen == requested:
        return dg.SensorResult(skip_reason="No file has changed.", cursor=seen)
    if seen != once:
        return dg.SensorResult(
            skip_reason="Files have changed; waiting until the folder is stable.",
            cursor=f"{requested} {seen}",
        )
    version = {
        "dagster/data_version": seen,
        "dagster/data_version_is_user_provided": "true",
    }
    return dg.SensorResult(
        # A run key would be skipped for ever once it was used: a folder may come back to a state.
        run_requests=[dg.RunRequest()],
        asset_events=[dg.AssetObservation(RAW_FILES, tags=version)],
        cursor=seen,
    )


def run_failed(automation: Automation) -> dg.SensorDefinition:
    """The sensor that reports runs that failed; it runs where there is whom to report them to."""
    variable = automation.webhook_variable
    is_told = bool(os.environ.get(variable))

    @dg.run_failure_sensor(
        name="run_failed",
        minimum_interval_seconds=_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING
        if is_told
        else dg.DefaultSensorStatus.STOPPED,
        description=f"Reports a run that failed to the address in {variable or 'no variable'}.",
    )
    def sensor(context: dg.RunFailureSensorContext) -> dg.SkipReason | None:
        address = os.environ.get(variable)
        if not address:
            return dg.SkipReason(f"No webhook is set: the environment variable is {variable!r}.")
        webhook.post(address, report(context))
        return None

    return sensor


def report(context: dg.RunFailureSensorContext) -> dict[str, str]:
    """What is told of a run that failed; ``text`` is what chat systems show."""
    run = context.dagster_run
    why = short(_why(context))
    return {
        "text": f"Pressroom: the run {run.run_id} of {run.job_name} failed. {why}",
        "job": run.job_name,
        "run": run.run_id,
        "why": why,
    }


def _why(context: dg.RunFailureSensorContext) -> str:
    """What the first step that failed says, in words if it has any."""
    for event in context.get_step_failure_events():
        failed = event.step_failure_data
        if failed.user_failure_data and failed.user_failure_data.description:
            return str(failed.user_failure_data.description)
        if failed.error:
            return failed.error.message.strip()
    return context.failure_event.message or ""
