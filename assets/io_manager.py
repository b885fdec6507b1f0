"""Loads the tables of the published release for what is downstream of them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
from pyarrow import dataset as ds
from pydantic import Field

from pressroom.base.errors import PipelineError
from pressroom.base.wording import some
from pressroom.model import settings_toml
from pressroom.releases import local
from pressroom.releases.manifest import Release
from pressroom.releases.store import store_at
from pressroom.tables.relations import names, outputs, relation


class PressroomTables(dg.ConfigurableIOManager):
    """Gives a table of the published release to an asset that takes it as an argument.

    The table is the last part of the asset's key, and what is loaded follows from the annotation of
    the argument: a pandas or Polars data frame, a Polars lazy frame, an Arrow table or data set, or
    a relation of DuckDB. ``columns`` in the metadata of the input says which columns. A run that
    loads several tables may meet two releases: `settings` is read for each.
    """

    settings: str = Field(description="The path of the settings file of the site.")

    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
        """Refuse: the tables are written by their own step.

        Raises:
            DagsterInvariantViolationError: In any case.
        """
        message = f"{context.asset_key.to_user_string()} is no table of a Pressroom site."
        raise dg.DagsterInvariantViolationError(message)

    def load_input(self, context: dg.InputContext) -> Any:
        """The table of an asset, as its consumer annotates it.

        Raises:
            DagsterInvariantViolationError: There is no such table, or no such form.
        """
        name = context.asset_key.path[-1]
        wanted = context.dagster_type.typing_type
        form = _form(wanted)
        if form is None:
            forms = ", ".join(map(".".join, _FORMS))
            message = f"{name} cannot be loaded as {wanted}, but as one of {forms}."
            raise dg.DagsterInvariantViolationError(message)
        stated = context.definition_metadata or {}
        try:
            table = relation(self._release(name), name)
        except PipelineError as error:
            raise dg.DagsterInvariantViolationError(str(error)) from error
        columns = stated.get("columns")
        if unknown := [one for one in columns or () if one not in table.schema.names]:
            there = ", ".join(table.schema.names)
            message = f"{name} has no column {unknown[0]!r}: it has {there}."
            raise dg.DagsterInvariantViolationError(message)
        return form(table, columns)

    def _release(self, table: str) -> Release:
        paths = settings_toml.load(Path(self.settings)).paths
        store = store_at(paths.out, paths.storage)
        store.refresh()
        release = local.current(paths.out)
        if release is None:
            raise PipelineError(f"There is no release in {store.home} yet.")
        if table not in names(release):
            raise PipelineError(f"{release.id} has no table {table}.")
        if missing := store.fetch(release, outputs(release, table)):
            raise PipelineError(f"{release.id} is missing {some(missing)}.")
        return release


_Columns = list[str] | None


def _pandas(table: ds.Dataset, columns: _Columns) -> Any:
    # Dates as datetime64, which `.dt` takes, and not as objects.
    return table.to_table(columns=columns).to_pandas(date_as_object=False)


def _arrow(table: ds.Dataset, columns: _Columns) -> pa.Table:
    return table.to_table(columns=columns)


def _data_set(table: ds.Dataset, columns: _Columns) -> ds.Dataset:
    if columns:
        raise dg.DagsterInvariantViolationError("A data set has all columns: select some of it.")
    return table


def _polars(table: ds.Dataset, columns: _Columns) -> Any:
    import polars  # noqa: PLC0415  no dependency of ours

    return polars.from_arrow(table.to_table(columns=columns))


def _lazy(table: ds.Dataset, columns: _Columns) -> Any:
    import polars  # noqa: PLC0415  no dependency of ours

    frame = polars.scan_pyarrow_dataset(table)
    return frame.select(columns) if columns else frame


def _duckdb(table: ds.Dataset, columns: _Columns) -> Any:
    import duckdb  # noqa: PLC0415  an extra

    found = duckdb.connect().from_arrow(table)
    return found.select(*columns) if columns else found


# By the names of package and class: the library of a type need not be installed.
_FORMS: Mapping[tuple[str, str], Callable[[ds.Dataset, _Columns], Any]] = {
    ("pandas", "DataFrame"): _pandas,
    ("polars", "DataFrame"): _polars,
    ("polars", "LazyFrame"): _lazy,
    ("pyarrow", "Table"): _arrow,
    ("pyarrow", "Dataset"): _data_set,
    ("duckdb", "DuckDBPyRelation"): _duckdb,
}


def _form(wanted: Any) -> Callable[[ds.Dataset, _Columns], Any] | None:
    """How a table becomes a value of a type; a pandas data frame where none is annotated."""
    if wanted in (None, object, Any):
        return _pandas
    package = str(getattr(wanted, "__module__", "")).partition(".")[0]
    return _FORMS.get((package, str(getattr(wanted, "__name__", ""))))
