"""The jobs of a site, its schedule, and its sensors."""

import os
from typing import TYPE_CHECKING

import dagster as dg

from pressroom.base.errors import PipelineError
from pressroom.dagster import webhook
from pressroom.dagster.lineage import RAW
from pressroom.dagster.messages import short
from pressroom.dagster.site import Site
from pressroom.model.automation import Automation
from pressroom.sources.source import source_at

if TYPE_CHECKING:  # what `define_asset_job` returns, by no name that is public
    from dagster._core.definitions.unresolved_asset_job_definition import (
        UnresolvedAssetJobDefinition as Job,
    )


def publish(site: Site, assets: dg.AssetsDefinition) -> "Job":
    """The job that publishes: of the assets of the site alone."""
    return dg.define_asset_job(
        site.name("publish"),
        selection=dg.AssetSelection.assets(assets),
        description="Read the raw folder and publish a release, if anything has changed.",
        tags=site.tags,
        # Parallelism is inside the step, and the default is a process for each step.
        executor_def=dg.in_process_executor,
    )


def republish(site: Site, assets: dg.AssetsDefinition) -> "Job":
    """The job that reads no raw file."""
    return dg.define_asset_job(
        site.name("republish"),
        selection=dg.AssetSelection.assets(assets),
        description="Make the exports again from the published tables, and publish them.",
        config={"ops": {assets.op.name: {"config": {"keep_tables": True}}}},
        tags=site.tags,
        executor_def=dg.in_process_executor,
    )


_SECONDS = 30
_UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def schedules(site: Site, job: "Job", automation: Automation) -> list[dg.ScheduleDefinition]:
    """The schedule that the settings ask for, if they do."""
    if not automation.cron:
        return []
    daily = dg.ScheduleDefinition(
        name=site.name("daily"),
        job=job,
        cron_schedule=automation.cron,
        execution_timezone=automation.timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Publishes at the times that automation.cron states in the settings.",
    )
    return [daily]


def raw_files_changed(site: Site, job: "Job", automation: Automation) -> dg.SensorDefinition:
    """The sensor that publishes what was edited."""

    @dg.sensor(
        name=site.name("raw_files_changed"),
        job=job,
        minimum_interval_seconds=automation.watch_seconds,
        description="Publishes when files of the raw folder were added, edited, moved or removed,"
        " once the folder has been the same twice in a row.",
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        return _look(context, site, job.name)

    return sensor


def _look(
    context: dg.SensorEvaluationContext, site: Site, job: str
) -> dg.SensorResult | dg.SkipReason:
    """Request a run for each state of the raw folder that stays and that none was requested for.

    The cursor is the state of which the last run was requested and, behind a blank, another that
    was seen once: a folder that is still being copied is not to be published half. While a run is
    under way the cursor stays, so that what changed meanwhile still differs from it when that run
    has ended. A run that failed is not requested again before the next change: somebody is to look
    at it.
    """
    under_way = dg.RunsFilter(job_name=job, statuses=_UNDER_WAY)
    if runs := context.instance.get_runs(under_way, limit=1):
        return dg.SkipReason(f"Waits for the run {runs[0].run_id} of {job} to end.")
    try:
        settings = site.settings()
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
        asset_events=[dg.AssetObservation(site.key(RAW), tags=version)],
        cursor=seen,
    )


def run_failed(site: Site, automation: Automation) -> dg.SensorDefinition:
    """The sensor that reports runs that failed; it runs where there is whom to report them to."""
    variable = automation.webhook_variable
    is_told = bool(os.environ.get(variable))

    @dg.run_failure_sensor(
        name=site.name("run_failed"),
        minimum_interval_seconds=_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING
        if is_told
        else dg.DefaultSensorStatus.STOPPED,
        description=f"Reports a run that failed to the address in {variable or 'no variable'}.",
    )
    def sensor(context: dg.RunFailureSensorContext) -> dg.SkipReason | None:
        if not site.has(context.dagster_run):
            return dg.SkipReason(f"The run {context.dagster_run.run_id} is none of this site.")
        address = os.environ.get(variable)
        if not address:
            return dg.SkipReason(f"No webhook is set: the environment variable is {variable!r}.")
        webhook.post(address, report(context, automation.ui_url))
        return None

    return sensor


def report(context: dg.RunFailureSensorContext, ui_url: str) -> dict[str, str]:
    """What is told of a run that failed; ``text`` is what chat systems show.

    `ui_url` is the address of Dagster's UI; where that is known, ``link`` leads to the run.
    """
    run = context.dagster_run
    why = short(_why(context))
    link = f"{ui_url.rstrip('/')}/runs/{run.run_id}" if ui_url else ""
    return {
        "text": f"Pressroom: the run {run.run_id} of {run.job_name} failed. {why} {link}".rstrip(),
        "job": run.job_name,
        "run": run.run_id,
        "why": why,
        **({"link": link} if link else {}),
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
