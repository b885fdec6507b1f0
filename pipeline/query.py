"""SQL on one release: DuckDB with a view for each table, and no way out of it.

DuckDB is handed the tables as Arrow data sets, not as files. So it needs no file system, and has
none: what a statement creates stands in memory and goes with the connection, and whatever a
statement says, it reads no other file, writes none and contacts nobody.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from pipeline.errors import PipelineError, SettingsError
from pipeline.releases import Release
from pipeline.schemas import TABLES

if TYPE_CHECKING:
    import duckdb

Row = Sequence[Any]

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,  # a name in the SQL is no variable of this program
    "temp_directory": "",
}
_ROWS = 2_000
# What Python has no value for: it would be cut short or taken for something else.
_INEXACT = ("INTERVAL", "TIMESTAMP_NS")


class Answer(NamedTuple):
    """The columns of a result, and its rows as they come.

    Not all of them stand in memory, though Arrow reads ahead of a reader that is slow.
    """

    columns: tuple[str, ...]
    rows: Iterator[Row]


@contextmanager
def answer(release: Release, sql: str) -> Iterator[Answer]:
    """The answer to one or more statements, which is that of the last.

    Values are those of Python: `datetime` in UTC, `Decimal`, lists, and dictionaries for structs.

    Raises:
        SettingsError: DuckDB is not installed, or there is no statement.
        PipelineError: DuckDB refuses the statement, fails at it, or a value has no exact form.
    """
    try:
        # An extra, and 0.1 s that no other command has to pay.
        import duckdb  # noqa: PLC0415
    except ModuleNotFoundError as error:
        message = "pressroom query needs DuckDB: pip install 'pressroom[query]'."
        raise SettingsError(message) from error
    try:
        with _opened(release) as connection:
            result = connection.execute(sql)
            if result is None or result.description is None:
                raise SettingsError("There is no statement: try 'from subjects'.")
            yield Answer(_columns(result), _rows(result))
    except (duckdb.Error, pa.ArrowException) as error:
        raise PipelineError(str(error).rstrip()) from error


def _opened(release: Release) -> "duckdb.DuckDBPyConnection":
    import duckdb  # noqa: PLC0415
    from pyarrow import dataset  # noqa: PLC0415  only here

    connection = duckdb.connect(config=_CONFIG)
    for name in TABLES:
        if name in release.outputs:
            paths = [str(release.root / entry.path) for entry in release.outputs[name].files]
            connection.register(name, dataset.dataset(paths, format="parquet"))
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set enable_progress_bar = false")  # it would stand in the answer
    connection.execute("set lock_configuration = true")
    return connection


def _columns(result: "duckdb.DuckDBPyConnection") -> tuple[str, ...]:
    for name, kind, *_ in result.description or []:
        if any(inexact in str(kind) for inexact in _INEXACT):
            message = f"The column {name} is of type {kind}: cast it to text, as in (…)::varchar."
            raise PipelineError(message)
    return tuple(name for name, *_ in result.description or [])


def _rows(result: "duckdb.DuckDBPyConnection") -> Iterator[Row]:
    while rows := result.fetchmany(_ROWS):
        yield from rows
