"""The definitions of a site, to be merged with any others into a code location."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import dagster as dg

from pressroom.dagster import automation, console, purge, specs
from pressroom.dagster.io_manager import PressroomTables
from pressroom.dagster.messages import definition_errors
from pressroom.dagster.publish import publisher
from pressroom.dagster.site import Site
from pressroom.model.settings import Settings


def build_defs(
    settings: str | Path,
    key_prefix: Sequence[str] = (),
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
        DagsterInvalidDefinitionError: The settings are wrong; the text has their file and line.
    """
    site = Site(Path(settings).absolute(), tuple(key_prefix), group_prefix)
    with definition_errors(site.file):
        loaded = site.settings_when_loaded()
        if schedule is not None:
            loaded = replace(loaded, automation=replace(loaded.automation, cron=schedule))
        return definitions(site, loaded)


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
            automation.run_failed(site, [publish, republish, forget], stated),
        ],
        resources={site.name("tables"): PressroomTables(settings=str(site.file))},
        loggers=console.LOGGERS,
    )
