"""The job that forgets old runs: Dagster itself keeps every event of every run."""

import datetime as dt
from pathlib import Path
from typing import Any

import dagster as dg

from pressroom.base.wording import counted
from pressroom.dagster.messages import step_errors
from pressroom.dagster.site import Site
from pressroom.model.automation import Automation

_FINISHED = [
    dg.DagsterRunStatus.SUCCESS,
    dg.DagsterRunStatus.FAILURE,
    dg.DagsterRunStatus.CANCELED,
]


def purge(site: Site) -> dg.JobDefinition:
    """The job of a site."""

    @dg.op(name=site.name("forget_old_runs"))
    def forget_old_runs(context: dg.OpExecutionContext) -> None:
        """Delete the finished runs of the site that are older than `automation.keep_runs_days`.

        Those stay that made what the UI shows of an asset now.
        """
        with step_errors():
            days = site.settings().automation.keep_runs_days
            if not days:
                context.log.info("Runs are kept forever: automation.keep_runs_days is 0.")
                return
            gone = forget(context.instance, site, _now() - dt.timedelta(days=days))
            context.log.info(f"Deleted {counted(len(gone), 'run')} of more than {days} days ago.")

    @dg.job(
        name=site.name("purge"),
        description="Forgets runs that are older than automation.keep_runs_days.",
        tags=site.tags,
        executor_def=dg.in_process_executor,
    )
    def job() -> None:
        forget_old_runs()

    return job


def forget(instance: dg.DagsterInstance, site: Site, before: dt.datetime) -> set[str]:
    """Delete the finished runs of a site that were created before a time, and return their ids."""
    old = dg.RunsFilter(statuses=_FINISHED, created_before=before)
    gone = {run.run_id for run in instance.get_runs(old) if site.has(run)} - _shown(instance)
    for run_id in gone:
        instance.delete_run(run_id)
        instance.compute_log_manager.delete_logs(prefix=[run_id])
        storage: Any = instance.event_log_storage
        if storage.is_run_sharded:  # that of SQLite: a file a run, which Dagster empties and leaves
            Path(storage.path_for_shard(run_id)).unlink(missing_ok=True)
    return gone


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _shown(instance: dg.DagsterInstance) -> set[str]:
    """The runs of the latest materialization of each asset."""
    records = instance.get_asset_records()
    latest = (record.asset_entry.last_materialization for record in records)
    return {event.run_id for event in latest if event}


def schedules(
    site: Site, job: dg.JobDefinition, automation: Automation
) -> list[dg.ScheduleDefinition]:
    """Once a week, unless runs are kept for ever."""
    if not automation.keep_runs_days:
        return []
    weekly = dg.ScheduleDefinition(
        name=site.name("weekly"),
        job=job,
        cron_schedule="30 4 * * 0",
        execution_timezone=automation.timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Forgets old runs on Sundays.",
    )
    return [weekly]
