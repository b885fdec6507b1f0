"""The assets that are tables; each group of them is one step of `pipeline.build`."""

from collections.abc import Callable, Iterator

import dagster as dg
import pyarrow as pa

from assets.resources import Pressroom
from pipeline import build
from pipeline.build import Run, Step
from pipeline.schemas import TABLES, Table, description
from pipeline.staging import StepRecord

RAW_FILES = dg.AssetSpec(
    "raw_files",
    description="The folder of front-matter files, which people and editing systems write.",
    group_name="ingest",
    kinds={"markdown", "yaml"},
)


def column_schema(table: Table) -> dg.TableSchema:
    """The columns of a table as Dagster shows them."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=field.name,
                type=_type(field.type),
                description=description(field),
                constraints=dg.TableColumnConstraints(
                    nullable=field.nullable, unique=table.primary_key == (field.name,)
                ),
            )
            for field in table.schema
        ]
    )


def _type(kind: pa.DataType) -> str:
    return (
        "list<struct>"
        if pa.types.is_list(kind) and pa.types.is_struct(kind.value_type)
        else str(kind)
    )


def results(
    context: dg.AssetExecutionContext, run: Run, record: StepRecord
) -> Iterator[dg.MaterializeResult[None]]:
    """What Dagster is told of the selected outputs of a step."""
    for name, output in record.outputs.items():
        key = dg.AssetKey(name)
        if key not in context.selected_asset_keys:
            continue
        metadata: dict[str, dg.RawMetadataValue] = {
            "files": len(output.files),
            "bytes": sum(entry.bytes for entry in output.files),
            "unchanged": run.is_unchanged,
        }
        if name in TABLES:
            metadata["dagster/row_count"] = output.rows
        yield dg.MaterializeResult(
            asset_key=key, metadata=metadata, data_version=dg.DataVersion(output.version)
        )


def _step_assets(
    step: Step, run_step: Callable[[Run], StepRecord], group: str
) -> dg.AssetsDefinition:
    specs = [
        dg.AssetSpec(
            name,
            deps=[dg.AssetKey(table) for table in step.tables] or [RAW_FILES],
            description=TABLES[name].description,
            group_name=group,
            kinds={"parquet", "pandas" if "pandas" in step.libraries else "python"},
            metadata={"dagster/column_schema": column_schema(TABLES[name])},
        )
        for name in step.outputs
    ]

    @dg.multi_asset(name=step.name, specs=specs, can_subset=True)
    def assets(
        context: dg.AssetExecutionContext, pressroom: Pressroom
    ) -> Iterator[dg.MaterializeResult[None]]:
        with pressroom.run(context) as run:
            yield from results(context, run, run_step(run))

    return assets


ASSETS: list[dg.AssetsDefinition | dg.AssetSpec] = [
    RAW_FILES,
    _step_assets(build.INGEST, build.ingest, "ingest"),
    _step_assets(build.LINK, build.link, "tables"),
    _step_assets(build.SUMMARIZE, build.summarize, "tables"),
]
