"""The job that forgets old runs: Dagster itself keeps every event of every run."""

import datetime as dt
from pathlib import Path
from typing import Any

import dagster as dg

from pressroom.base.wording import counted
from pressroom.dagster.resources import Pressroom
from pressroom.model.automation import Automation

_FINISHED = [
    dg.DagsterRunStatus.SUCCESS,
    dg.DagsterRunStatus.FAILURE,
    dg.DagsterRunStatus.CANCELED,
]


@dg.op
def forget_old_runs(context: dg.OpExecutionContext, pressroom: Pressroom) -> None:
    """Delete the finished runs that are older than `automation.keep_runs_days`, and all they wrote.

    Those stay that made what the page shows of an asset now.
    """
    days = pressroom.settings().automation.keep_runs_days
    if not days:
        context.log.info("Runs are kept forever: automation.keep_runs_days is 0.")
        return
    gone = forget(context.instance, _now() - dt.timedelta(days=days))
    context.log.info(f"Deleted {counted(len(gone), 'run')} of more than {days} days ago.")


def forget(instance: dg.DagsterInstance, before: dt.datetime) -> set[str]:
    """Delete the finished runs that were created before a time, and return their ids."""
    old = dg.RunsFilter(statuses=_FINISHED, created_before=before)
    gone = set(instance.get_run_ids(old)) - _shown(instance)
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


@dg.job(description="Forgets runs that are older than automation.keep_runs_days.")
def purge() -> None:
    """Forget old runs."""
    forget_old_runs()


def schedules(automation: Automation) -> list[dg.ScheduleDefinition]:
    """Once a week, unless runs are kept for ever."""
    if not automation.keep_runs_days:
        return []
    weekly = dg.ScheduleDefinition(
        name="weekly",
        job=purge,
        cron_schedule="30 4 * * 0",
        execution_timezone=automation.timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Forgets old runs on Sundays.",
    )
    return [weekly]
