"""The assets of a site: the raw folder, what a run stages, tables, exports, the release.

All tables and exports are published from one staged release, and depend on that alone. If they
depended on each other, Dagster would show a table as unsynced from the first release on that
changes another but not this one: it is materialized only once it has changed. Which columns are
made from which others is told by `pressroom.dagster.lineage`.
"""

from collections.abc import Iterator
from datetime import timedelta

import dagster as dg

from pressroom.base.digests import digest
from pressroom.base.fingerprint import code_of
from pressroom.dagster import lineage
from pressroom.dagster.site import RELEASE, STAGED, Site, published
from pressroom.dagster.tables import column_schema, raw_columns
from pressroom.engine.steps import AFTER_INGEST, INGEST
from pressroom.exports import EXPORTS
from pressroom.model.automation import Automation
from pressroom.model.content import ContentModel
from pressroom.model.schemas import tables
from pressroom.model.settings import Settings


def raw_files(site: Site, settings: Settings) -> dg.AssetSpec:
    """The raw folder, which people and editing systems write."""
    return dg.AssetSpec(
        site.key(lineage.RAW),
        description="The folder of front-matter files, which people and editing systems write.",
        group_name=site.group("ingest"),
        kinds={"markdown", "yaml"},
        owners=list(settings.automation.owners),
        metadata={"dagster/column_schema": raw_columns(settings.content)},
    )


def made(site: Site, settings: Settings) -> list[dg.AssetSpec]:
    """All that a run makes, in the order in which it is made."""
    model = settings.content
    specs = [
        _staged(site, settings.automation),
        *_tables(site, model),
        *_exports(site),
        _release(site, model),
    ]
    owners, loaded_by = list(settings.automation.owners), site.name("tables")
    # Of an export, the IO manager says that it is no table.
    return [spec.replace_attributes(owners=owners).with_io_manager_key(loaded_by) for spec in specs]


def _staged(site: Site, automation: Automation) -> dg.AssetSpec:
    """The one asset that each run makes that ends well: it alone says that a site is up to date."""
    policy = None
    if automation.failed_hours:
        late = timedelta(hours=automation.late_hours) if automation.late_hours else None
        policy = dg.FreshnessPolicy.time_window(timedelta(hours=automation.failed_hours), late)
    return dg.AssetSpec(
        site.key(STAGED),
        deps=[site.key(lineage.RAW)],
        description="What a run makes before its audit: a release that is staged, and that nobody"
        " reads. Each run that ends well materializes this asset, also when nothing has changed;"
        " tables, exports and the release are materialized when they are published.",
        group_name=site.group("ingest"),
        kinds={"file"},
        # Not of tables and exports: of other code that makes the same nothing is published.
        code_version=digest(*(code_of(item.module) for item in (INGEST, *AFTER_INGEST))),
        freshness_policy=policy,
    )


def _tables(site: Site, model: ContentModel) -> Iterator[dg.AssetSpec]:
    for name, table in tables(model).items():
        yield dg.AssetSpec(
            site.key(name),
            deps=[site.key(STAGED)],
            skippable=True,
            description=table.description,
            group_name=site.group("ingest" if name in INGEST.outputs(model) else "tables"),
            kinds={"parquet", "python"},
            metadata={
                "dagster/column_schema": column_schema(table),
                "dagster/table_name": name,
            },
        )


def _exports(site: Site) -> Iterator[dg.AssetSpec]:
    for item in EXPORTS:
        yield dg.AssetSpec(
            site.key(item.name),
            deps=[site.key(STAGED)],
            skippable=True,
            description=item.description,
            group_name=site.group("exports"),
            kinds=set(item.kinds),
        )


def _release(site: Site, model: ContentModel) -> dg.AssetSpec:
    return dg.AssetSpec(
        site.key(RELEASE),
        deps=[site.key(name) for name in published(model)],
        skippable=True,
        description="The published release: `current` in the output folder leads to it, and is"
        " switched in one step.",
        group_name=site.group("release"),
        kinds={"json"},
    )
