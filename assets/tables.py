"""What a table is to Dagster: its columns, where they come from, and what it is loaded by."""

import dagster as dg
import pyarrow as pa

from pressroom.dagster import lineage
from pressroom.dagster.site import Site
from pressroom.model.content import ContentModel
from pressroom.model.table import Table, description


def raw_columns(model: ContentModel) -> dg.TableSchema:
    """The keys of the front matter, as columns of the raw folder."""
    keys = lineage.keys(model).items()
    return dg.TableSchema([dg.TableColumn(key, "text", told) for key, told in keys])


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


def column_lineage(site: Site, table: str, model: ContentModel) -> dg.TableColumnLineage:
    """What the columns of a table are made from, as Dagster draws it."""
    return dg.TableColumnLineage(
        {
            column: [dg.TableColumnDep(site.key(source.table), source.column) for source in made]
            for column, made in lineage.sources(table, model).items()
            if made
        }
    )
