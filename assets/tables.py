"""The assets that are tables; each group of them is one step of `pressroom.engine.build`."""

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import dagster as dg
import pyarrow as pa

from pressroom.base.errors import PipelineError
from pressroom.base.fingerprint import code_of, libraries
from pressroom.dagster import lineage, previews
from pressroom.dagster.previews import Cell, Chart, Parts
from pressroom.dagster.resources import RETRIES, Pressroom, notes
from pressroom.engine import build
from pressroom.engine.run import Run
from pressroom.engine.steps import Step
from pressroom.exports import EXPORTS
from pressroom.model.content import ContentModel
from pressroom.model.schemas import tables as tables_of
from pressroom.model.table import Table, description
from pressroom.releases.manifest import Output
from pressroom.releases.staging import StepRecord

RAW_FILES = dg.AssetKey(lineage.RAW)


def raw_files(model: ContentModel) -> dg.AssetSpec:
    """The raw folder, whose columns are the keys of the front matter."""
    keys = [dg.TableColumn(key, "text", told) for key, told in lineage.keys(model).items()]
    return dg.AssetSpec(
        RAW_FILES,
        description="The folder of front-matter files, which people and editing systems write.",
        group_name="ingest",
        kinds={"markdown", "yaml"},
        metadata={"dagster/column_schema": dg.TableSchema(keys)},
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
    """The name of a type; fields of a struct would leave no room for the description."""
    if pa.types.is_list(kind):
        return f"list<{_type(kind.value_type)}>"
    return "struct" if pa.types.is_struct(kind) else str(kind)


def column_lineage(table: str, model: ContentModel) -> dg.TableColumnLineage:
    """What the columns of a table are made from, as Dagster draws it."""
    return dg.TableColumnLineage(
        {
            column: [dg.TableColumnDep(dg.AssetKey(source.table), source.column) for source in made]
            for column, made in lineage.sources(table, model).items()
            if made
        }
    )


def results(
    context: dg.AssetExecutionContext, run: Run, record: StepRecord
) -> Iterator[dg.MaterializeResult[None]]:
    """What Dagster is told of the selected outputs of a step.

    Raises:
        PipelineError: The settings declare fewer lists than when Dagster loaded its definitions.
    """
    wanted = {key.to_user_string() for key in context.selected_asset_keys}
    known = {*tables_of(run.settings.content), *(item.name for item in EXPORTS)}
    if gone := sorted(wanted - record.outputs.keys() - known):
        message = f"The settings declare no {gone[0]} any more: reload the definitions of Dagster."
        raise PipelineError(message)
    for name, output in record.outputs.items():
        key = dg.AssetKey(name)
        if key not in context.selected_asset_keys:
            continue
        yield dg.MaterializeResult(
            asset_key=key,
            metadata={
                "files": len(output.files),
                "bytes": sum(entry.bytes for entry in output.files),
                "unchanged": run.keeps_published,
                **notes(context),
                **(_of_table(run, name, output) if name in tables_of(run.settings.content) else {}),
            },
            data_version=dg.DataVersion(output.version),
        )
    # A release that the site is pinned to may be older than a table: what follows is to run.
    for name in sorted(wanted - record.outputs.keys()):
        metadata: dict[str, Any] = {"files": 0, "bytes": 0, "unchanged": run.keeps_published}
        yield dg.MaterializeResult(asset_key=dg.AssetKey(name), metadata=metadata)


def _of_table(run: Run, name: str, output: Output) -> dict[str, Any]:
    table = Parts(name, run.root_of(name), output)
    metadata: dict[str, Any] = {
        "dagster/row_count": output.rows,
        "dagster/column_lineage": column_lineage(name, run.settings.content),
    }
    # A pinned run reads nothing; of a release on object storage the table may not be here.
    if run.pinned or not all((table.root / entry.path).exists() for entry in output.files):
        return metadata
    if rows := previews.rows(table):
        metadata["first rows"] = records(rows)
    if chart := previews.chart(table):
        metadata["chart"] = picture(chart)
    if name == "rejects":
        now = None if run.keeps_published else table
        if rows := previews.rejects_by_release(run.settings.paths.out, now):
            metadata["by release"] = records(rows)
            metadata["chart"] = picture(previews.chart_of_rejects(rows))
    return metadata


def records(rows: Sequence[Mapping[str, Cell]]) -> dg.TableMetadataValue:
    """Rows as Dagster shows them: as text that is not looked at for markup."""
    columns = [dg.TableColumn(name) for name in rows[0]]
    return dg.MetadataValue.table([dg.TableRecord(row) for row in rows], dg.TableSchema(columns))


def picture(chart: Chart) -> dg.MarkdownMetadataValue:
    """A chart that stands in the event itself."""
    data = base64.b64encode(chart.svg.encode()).decode()
    return dg.MetadataValue.md(f"![{chart.title}](data:image/svg+xml;base64,{data})")


def _step_assets(
    step: Step, run_step: Callable[[Run], StepRecord], group: str, model: ContentModel
) -> dg.AssetsDefinition:
    declared = tables_of(model)
    specs = [
        dg.AssetSpec(
            name,
            deps=[dg.AssetKey(table) for table in step.tables(model)] or [RAW_FILES],
            code_version=code_of(step.module),
            description=declared[name].description,
            group_name=group,
            kinds={"parquet", "pandas" if "pandas" in libraries(step.module) else "python"},
            metadata={"dagster/column_schema": column_schema(declared[name])},
        )
        for name in step.outputs(model)
    ]

    @dg.multi_asset(name=step.name, specs=specs, can_subset=True, retry_policy=RETRIES)
    def made(
        context: dg.AssetExecutionContext, pressroom: Pressroom
    ) -> Iterator[dg.MaterializeResult[None]]:
        with pressroom.run(context) as run:
            yield from results(context, run, run_step(run))

    return made


def assets(model: ContentModel) -> list[dg.AssetsDefinition]:
    """The tables of a site."""
    return [
        _step_assets(build.INGEST, build.ingest, "ingest", model),
        _step_assets(build.LINK, build.link, "tables", model),
        _step_assets(build.SUMMARIZE, build.summarize, "tables", model),
    ]
