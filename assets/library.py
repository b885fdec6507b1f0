"""The definitions of a site, to be merged with any others into a code location."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import dagster as dg

from pressroom.dagster import automation, purge, specs
from pressroom.dagster.io_manager import PressroomTables
from pressroom.dagster.messages import definition_errors
from pressroom.dagster.publish import publisher
from pressroom.dagster.site import Site
from pressroom.model.settings import Settings


def build_defs(
    settings: str | Path,
    key_prefix: str | Sequence[str] = (),
    group_prefix: str = "",
    schedule: str | None = None,
) -> dg.Definitions:
    """The assets, checks, jobs, schedules and sensors of a site.

    Each run reads the settings anew. When definitions are loaded, they say what is scheduled, who
    owns the assets, and which lists are tables; where the file is not there yet, the defaults do.

    Args:
        settings: The path of the settings file.
        key_prefix: What the keys of all assets, and the names of jobs, schedules and sensors,
            begin with: another for each site of a code location.
        group_prefix: What the names of the groups begin with.
        schedule: When to publish, as cron has it, instead of `automation.cron`; "" is never.

    Raises:
        DagsterInvalidDefinitionError: The settings are wrong, whose file and line the text has; or
            one of the arguments is.
    """
    prefix = (key_prefix,) if isinstance(key_prefix, str) else tuple(key_prefix)
    site = Site(Path(os.path.normpath(Path(settings).absolute())), prefix, group_prefix)
    _check(site, schedule)
    if not site.file.exists():
        dg.get_dagster_logger().warning(f"{site.file} does not exist (yet): a run needs it.")
    with definition_errors(site.file):
        loaded = site.settings_when_loaded()
        if schedule is not None:
            loaded = replace(loaded, automation=replace(loaded.automation, cron=schedule))
        return definitions(site, loaded)


def _check(site: Site, schedule: str | None) -> None:
    """Refuse arguments that Dagster refuses, before any setting is looked at."""
    specs.raw_files(site, Settings())
    if schedule:
        dg.ScheduleDefinition(name=site.name("daily"), job_name="any", cron_schedule=schedule)


def definitions(site: Site, settings: Settings) -> dg.Definitions:
    """The definitions of a site by the settings that it has when they are loaded."""
    assets = publisher(site, settings)
    publish, republish = automation.publish(site, assets), automation.republish(site, assets)
    forget = purge.purge(site)
    stated = settings.automation
    return dg.Definitions(
        assets=[specs.raw_files(site, settings), assets],
        jobs=[publish, republish, forget],
        schedules=[
            *automation.schedules(site, publish, stated),
            *purge.schedules(site, forget, stated),
        ],
        sensors=[
            automation.raw_files_changed(site, publish, stated),
            automation.run_failed(site, stated),
        ],
        resources={site.name("tables"): PressroomTables(settings=str(site.file))},
    )
