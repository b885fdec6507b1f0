"""Runs of the jobs in this process, for tests of what Dagster does with them."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import dagster as dg

from pressroom.dagster import build_defs
from tests.conftest import AS_OF, Site
from tests.quicktakes import SETTINGS

_SETTINGS = f'{SETTINGS}[content.columns]\ntags = "list"\n'


def settings_file(site: Site, base_url: str = "https://site.example", more: str = "") -> Path:
    path = site.home / "pressroom.toml"
    path.write_text(
        f'{_SETTINGS}[paths]\nraw = "{site.raw}"\nout = "{site.out}"\n'
        f'[site]\nbase_url = "{base_url}"\n[compute]\nworkers = 1\n{more}'
    )
    return path


def execute(
    site: Site,
    instance: dg.DagsterInstance,
    job: str = "publish",
    selection: list[str] | None = None,
    **options: Any,
) -> dg.ExecuteInProcessResult:
    """Run a job of the site whose settings `settings_file` wrote."""
    options = {"as_of": AS_OF, "keep_tables": job == "republish", **options}
    return (
        build_defs(site.home / "pressroom.toml")
        .resolve_job_def(job)
        .execute_in_process(
            run_config={"ops": {"build": {"config": options}}},
            instance=instance,
            asset_selection=[dg.AssetKey(name) for name in selection] if selection else None,
            raise_on_error=False,
        )
    )


def failure(result: dg.ExecuteInProcessResult | dg.JobExecutionResult) -> str:
    events = [event for event in result.all_events if event.is_step_failure]
    return "".join(str(event.step_failure_data.user_failure_data) for event in events)


def materialized(
    result: dg.ExecuteInProcessResult | dg.JobExecutionResult,
) -> dict[str, dg.AssetMaterialization]:
    """The materializations of a run by the name of the asset."""
    return {
        event.asset_key.to_user_string(): event.step_materialization_data.materialization
        for event in result.all_events
        if event.is_step_materialization and event.asset_key
    }


def job(settings: str) -> dg.JobDefinition:
    """The job of a site, for `start`."""
    return build_defs(settings).resolve_job_def("publish")


def start(
    site: Site, instance: dg.DagsterInstance, again: dg.ReexecutionOptions | None = None
) -> dg.JobExecutionResult:
    """A run of the job ``publish``, or one that executes it again, as the daemon's runs are."""
    settings = str(site.home / "pressroom.toml")
    return dg.execute_job(
        dg.build_reconstructable_job("tests.dagster_runs", "job", (settings,)),
        instance,
        run_config={"ops": {"build": {"config": {"as_of": AS_OF}}}},
        reexecution_options=again,
    )


def by_command_line(
    settings: Path, home: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    """A run of the job ``publish`` as a person starts it, from a folder of Dagster's own."""
    return subprocess.run(
        [
            Path(sys.executable).with_name("dg"), "launch", "-m", "pressroom.dagster.definitions",
            "--job", "publish",
        ],
        cwd=home,
        env={
            **os.environ,
            "PRESSROOM_SETTINGS": str(settings),
            "DAGSTER_HOME": str(home),
            "DAGSTER_DISABLE_TELEMETRY": "1",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
