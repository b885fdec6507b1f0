"""The assets that are exports: one for each entry of the registry."""

from collections.abc import Iterator

import dagster as dg

from pressroom.base.fingerprint import code_of
from pressroom.dagster.resources import RETRIES, Pressroom
from pressroom.dagster.tables import results
from pressroom.engine import build
from pressroom.exports import EXPORTS, Export
from pressroom.model.content import ContentModel


def _export_asset(item: Export, model: ContentModel) -> dg.AssetsDefinition:
    @dg.asset(
        name=item.name,
        deps=[dg.AssetKey(table) for table in item.tables(model)],
        description=item.description,
        group_name="exports",
        kinds=set(item.kinds),
        code_version=code_of(item.module),
        retry_policy=RETRIES,
    )
    def export(
        context: dg.AssetExecutionContext, pressroom: Pressroom
    ) -> Iterator[dg.MaterializeResult[None]]:
        with pressroom.run(context) as run:
            yield from results(context, run, build.export(run, item))

    return export


def assets(model: ContentModel) -> list[dg.AssetsDefinition]:
    """The exports of a site."""
    return [_export_asset(item, model) for item in EXPORTS]
