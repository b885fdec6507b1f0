"""SQL on one release: DuckDB with a view for each table, and no way out of it.

DuckDB is handed the tables as Arrow data sets, not as files. So it needs no file system, and has
none: what a statement creates stands in memory and goes with the connection, and whatever a
statement says, it reads no other file, writes none and contacts nobody. What does not fit into the
memory that it may have ends it, for there is no folder to go on in.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from ..base.errors import PipelineError, SettingsError
from ..base.wording import counted
from ..model.settings import Query
from ..releases.manifest import Release

if TYPE_CHECKING:
    import duckdb

GiveUp = Callable[[PipelineError], object]

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,  # a name in the SQL is no variable of this program
    "temp_directory": "",
}
_ROWS = 2_000
# What Arrow has no value for, or takes for something else.
_WITHOUT_ARROW = {
    *("bignum", "bit", "interval", "time with time zone", "uhugeint", "union", "variant"),
}
_NESTED = {"array", "list", "map", "struct"}
_INTERRUPT_SECONDS = 5  # DuckDB is interrupted between pieces of work; most take far less


class Answer(NamedTuple):
    """The columns of a result, and its rows as they come: tables of these columns, one at least.

    Not all of them stand in memory, though Arrow reads ahead of a reader that is slow.
    """

    schema: pa.Schema
    rows: Iterator[pa.Table]


class _Clock:
    """The time that a connection may work, and is interrupted after.

    What the reader of an answer takes between its rows does not count: it may be a pager.
    """

    def __init__(
        self, connection: "duckdb.DuckDBPyConnection", seconds: int, give_up: GiveUp | None
    ) -> None:
        self._connection = connection
        self._seconds = seconds
        self._left = float(seconds)
        self._give_up = give_up

    @contextmanager
    def running(self) -> Iterator[None]:
        """A piece of work."""
        if not self._seconds:
            yield
            return
        if self._left <= 0:
            raise _too_long(self._seconds)
        done = threading.Event()
        timer = threading.Timer(self._left, self._end, (done,))
        timer.daemon = True
        began = time.monotonic()
        timer.start()
        try:
            yield
        finally:
            done.set()
            timer.cancel()
            self._left -= time.monotonic() - began

    def _end(self, done: threading.Event) -> None:
        self._connection.interrupt()
        if self._give_up and not done.wait(_INTERRUPT_SECONDS):
            self._give_up(_too_long(self._seconds))


def _too_long(seconds: int) -> PipelineError:
    return PipelineError(
        f"The query was stopped: it took more than {counted(seconds, 'second')}: ask for less, or"
        " raise query.seconds in the settings."
    )


def _too_much(memory_bytes: int) -> PipelineError:
    return PipelineError(
        f"The query was stopped: it needs more than {memory_bytes:,} bytes of memory: ask for"
        " less, or raise query.memory_bytes in the settings."
    )


@contextmanager
def answer(
    release: Release,
    sql: str,
    limits: Query = Query(),  # noqa: B008  it is frozen
    give_up: GiveUp | None = None,
) -> Iterator[Answer]:
    """The answer to one or more statements, which is that of the last.

    Values are those of Arrow, times with a zone in UTC. A single step of DuckDB that goes on for
    seconds after its time is ended by nothing but the end of the process: `give_up`, called from
    another thread, may bring that about.

    Raises:
        SettingsError: DuckDB is not installed, or there is no statement.
        PipelineError: DuckDB refuses the statement, fails at it, takes more time or memory than it
            may, or a value has no exact form.
    """
    try:
        # An extra, and 0.1 s that no other command has to pay.
        import duckdb  # noqa: PLC0415
    except ModuleNotFoundError as error:
        message = "pressroom query needs DuckDB: pip install 'pressroom[query]'."
        raise SettingsError(message) from error
    try:
        with _opened(release, limits) as connection:
            clock = _Clock(connection, limits.seconds, give_up)
            with clock.running():
                result = connection.sql(sql)
                if result is None:
                    raise SettingsError("There is no statement: try 'from subjects'.")
                _check_types(result)
                reader = result.to_arrow_reader(_ROWS)
            yield Answer(reader.schema, _rows(reader, clock, limits))
    except (duckdb.Error, pa.ArrowException) as error:
        raise _told(error, limits) from error


def _told(error: Exception, limits: Query) -> PipelineError:
    """What DuckDB says. Through Arrow an error comes as an OSError, and keeps its text alone."""
    text = str(error).rstrip()
    if text.startswith("INTERRUPT Error"):
        return _too_long(limits.seconds)
    return (
        _too_much(limits.memory_bytes) if text.startswith("Out of Memory") else PipelineError(text)
    )


def _opened(release: Release, limits: Query) -> "duckdb.DuckDBPyConnection":
    import duckdb  # noqa: PLC0415

    from ..tables import relations  # noqa: PLC0415  as are data sets

    config = {**_CONFIG, "memory_limit": f"{limits.memory_bytes}B"}
    if limits.threads:
        config["threads"] = limits.threads
    connection = duckdb.connect(config=config)
    for name in relations.names(release):
        connection.register(name, relations.relation(release, name))
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set enable_progress_bar = false")  # it would stand in the answer
    connection.execute("set lock_configuration = true")
    return connection


def _check_types(result: "duckdb.DuckDBPyRelation") -> None:
    for name, kind in zip(result.columns, result.types, strict=True):
        if not _has_arrow(kind):
            message = f"The column {name} is of type {kind}: cast it to text, as in (…)::varchar."
            raise PipelineError(message)


def _has_arrow(kind: Any) -> bool:
    """Whether Arrow has values of a type of DuckDB; of an array, a part is its length."""
    if kind.id in _NESTED:
        return all(isinstance(part, int) or _has_arrow(part) for _, part in kind.children)
    return kind.id not in _WITHOUT_ARROW


def _rows(reader: pa.RecordBatchReader, clock: _Clock, limits: Query) -> Iterator[pa.Table]:
    yield reader.schema.empty_table()
    while True:
        with clock.running():
            try:
                batch = reader.read_next_batch()
            except StopIteration:
                return
            except OSError as error:
                raise _told(error, limits) from error
        yield pa.Table.from_batches([batch])
