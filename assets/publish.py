"""The one step of a run: it stages a release, audits it, publishes it, and tells Dagster.

What is downstream fires when an asset is materialized. So a table, an export or the release is
materialized once it is published, and only if it is another than Dagster recorded last: never for a
release that was held back, or in a run that found nothing changed; and in the next run, if this one
dies after the swap, or if something else than Dagster published or rolled back.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

import dagster as dg
from pydantic import Field

from pressroom.dagster import checks, results, specs
from pressroom.dagster.messages import short, step_errors
from pressroom.dagster.site import STAGED, Site
from pressroom.engine import build
from pressroom.engine.progress import Lines
from pressroom.model.settings import Settings

Event: TypeAlias = dg.MaterializeResult[None] | dg.AssetCheckResult

# Of an error that another attempt cannot mend, `step_errors` says so.
_RETRIES = dg.RetryPolicy(max_retries=2, delay=2, backoff=dg.Backoff.EXPONENTIAL)
_VERSION = "dagster/data_version"


class Options(dg.Config):
    """What a single run is asked to do otherwise than usual."""

    as_of: int | None = Field(
        default=None,
        description="The time of the run in seconds since 1970 (UTC); else SOURCE_DATE_EPOCH,"
        " else now.",
    )
    full: bool = Field(default=False, description="Build everything again.")
    force: bool = Field(default=False, description="Publish even if nothing has changed.")
    accept_removals: bool = Field(
        default=False, description="Publish although many articles are gone."
    )
    keep_tables: bool = Field(
        default=False,
        description="Read no raw file: make the exports again from the published tables.",
    )


def publisher(site: Site, settings: Settings) -> dg.AssetsDefinition:
    """The step that makes all assets of a site.

    Whatever of them a run selects, it publishes a whole release.
    """

    @dg.multi_asset(
        name=site.name("build"),
        specs=specs.made(site, settings),
        check_specs=checks.specs(site),
        can_subset=True,
        retry_policy=_RETRIES,
    )
    def build_site(context: dg.AssetExecutionContext, config: Options) -> Iterator[Event]:
        with step_errors():
            yield from _publish(context, site, config)

    return build_site


def _publish(context: dg.AssetExecutionContext, site: Site, config: Options) -> Iterator[Event]:
    settings = site.settings()
    staged = build.stage(
        settings,
        build.Options(
            full=config.full,
            force=config.force,
            accept_removals=config.accept_removals,
            keep_tables=config.keep_tables,
        ),
        f"{context.run.run_id}-{context.retry_number}",
        build.as_of(config.as_of, os.environ.get("SOURCE_DATE_EPOCH")),
        Lines(
            lambda line: context.log.info(short(line)),
            lambda line: context.log.warning(short(line)),
        ),
    )
    with staged as run:
        audited = build.check(run)
        yield from checks.results(context, site, run, audited)
        if error := build.audit_error(audited):
            told = results.of_held_back(run)
            context.log_event(dg.AssetObservation(site.key(STAGED), metadata=told))
            raise error
        outcome = build.release(run)
    yield from _materialized(context, site, results.of_run(site, settings, outcome))


def _materialized(
    context: dg.AssetExecutionContext, site: Site, made: Iterable[results.Made]
) -> Iterator[dg.MaterializeResult[None]]:
    """Materialize what Dagster knows, and has recorded otherwise."""
    by_key = {site.key(one.name): one for one in made}
    known = [spec.key for spec in context.assets_def.specs if spec.key in by_key]
    recorded = _recorded(context.instance, known)
    for key in known:
        name, version, metadata = by_key[key]
        if name != STAGED and recorded.get(key) == version:
            continue
        if key in context.selected_asset_keys:
            yield dg.MaterializeResult(
                asset_key=key, metadata=metadata(), data_version=dg.DataVersion(version)
            )
        else:  # it is published all the same
            tags = {_VERSION: version, f"{_VERSION}_is_user_provided": "true"}
            context.log_event(dg.AssetMaterialization(key, metadata=metadata(), tags=tags))


def _recorded(
    instance: dg.DagsterInstance, keys: list[dg.AssetKey]
) -> Mapping[dg.AssetKey, str | None]:
    """The data versions of assets that Dagster recorded last."""
    latest = (record.asset_entry for record in instance.get_asset_records(keys))
    events = ((entry.asset_key, entry.last_materialization) for entry in latest)
    return {
        key: (event.asset_materialization.tags or {}).get(_VERSION)
        for key, event in events
        if event and event.asset_materialization
    }
