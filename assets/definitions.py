"""The one module that ``workspace.yaml`` names: all that Dagster serves.

Schedule, freshness and owners are those of the settings when Dagster loads this; a run reads the
settings anew.
"""

from datetime import timedelta

import dagster as dg

from pressroom.base.errors import SettingsError
from pressroom.dagster import automation, checks, exports, purge, release, resources, tables
from pressroom.model import settings_toml
from pressroom.model.automation import Automation
from pressroom.model.settings import Settings


def definitions(site: Settings) -> dg.Definitions:
    """All that Dagster serves for a site."""
    of_site = (module.assets(site.content) for module in (tables, exports, release))
    made = [asset for assets in of_site for asset in assets]
    return dg.Definitions(
        assets=[
            _of_site(tables.raw_files(site.content), site.automation),
            *dg.map_asset_specs(lambda spec: _of_site(spec, site.automation), made),
        ],
        asset_checks=checks.CHECK_DEFINITIONS,
        jobs=[automation.publish, automation.republish, purge.purge],
        schedules=[
            *automation.schedules(site.automation),
            *purge.schedules(site.automation),
        ],
        sensors=[
            automation.raw_files_changed(site.automation),
            automation.run_failed(site.automation),
        ],
        resources={"pressroom": resources.Pressroom()},
        # Parallelism is inside the steps; a process for each would cost three seconds a step.
        executor=dg.in_process_executor,
    )


def _of_site(spec: dg.AssetSpec, automation: Automation) -> dg.AssetSpec:
    spec = spec.replace_attributes(owners=list(automation.owners))
    if spec.key != release.release.key or not automation.failed_hours:
        return spec
    late = timedelta(hours=automation.late_hours) if automation.late_hours else None
    policy = dg.FreshnessPolicy.time_window(timedelta(hours=automation.failed_hours), late)
    return spec.replace_attributes(freshness_policy=policy)


def load_definitions() -> dg.Definitions:
    """The definitions of the site whose settings file everybody uses.

    Raises:
        DagsterInvalidDefinitionError: The settings are wrong; the text names their file and, unless
            Dagster itself refuses them, the line.
    """
    path = resources.settings_file()
    try:
        return definitions(settings_toml.load(path))
    except SettingsError as error:
        raise dg.DagsterInvalidDefinitionError(resources.short(str(error))) from None
    except dg.DagsterInvalidDefinitionError as error:
        why = resources.short(f"{path}: automation: {error}")
        raise dg.DagsterInvalidDefinitionError(why) from None


defs = load_definitions()
