"""``python -m pressroom.dagster``: runs the job ``publish`` once, in this process.

``dg launch --job publish`` does the same, but prints traces, and does not say of which code
location the run is: the UI's timeline leaves it out. Dagster has no public function that says so;
what stands here is that of Dagster 1.13.
"""

import sys

import dagster as dg
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.execution.api import execute_run
from dagster._core.remote_origin import (
    RegisteredCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)

from pressroom.dagster import console
from pressroom.dagster.definitions import LOCATION, defs

_JOB = "publish"
_ORIGIN = RemoteJobOrigin(
    RemoteRepositoryOrigin(RegisteredCodeLocationOrigin(LOCATION), "__repository__"), _JOB
)


def main() -> int:
    """Run the job on the instance in ``DAGSTER_HOME``; 0 if it ended well."""
    printing = dg.Definitions.merge(defs, dg.Definitions(loggers=console.LOGGERS))
    job = printing.resolve_job_def(_JOB)
    with dg.DagsterInstance.get() as instance:
        run = instance.create_run_for_job(
            job, run_config=console.CONFIG, tags=job.tags, remote_job_origin=_ORIGIN
        )
        return 0 if execute_run(InMemoryJob(job), run, instance).success else 1


if __name__ == "__main__":
    sys.exit(main())
