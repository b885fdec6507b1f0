"""``duckdb.sql``: a view for each table of the release, for DuckDB in the release's folder.

Off by default: `exports.duckdb` in the settings.
"""

from collections.abc import Iterator

from ..files.atomic import FileEntry
from ..model.schemas import tables
from ..model.table import Table, description
from .base import Context, Export, always, write_text

_PATH = "duckdb.sql"
_HEAD = """\
-- A view for each table of this release. In its folder:
--     duckdb -init duckdb.sql
-- or, in a database of your own: .read duckdb.sql
"""


def write(context: Context) -> list[FileEntry]:
    """Write the statements, if the settings ask for them."""
    settings = context.settings
    if not settings.exports.duckdb:
        return []
    views = ("\n".join(_view(table)) for table in tables(settings.content).values())
    return [write_text(context, _PATH, "\n".join([_HEAD, "set TimeZone = 'UTC';\n", *views]))]


def _view(table: Table) -> Iterator[str]:
    name = _quoted(table.name)
    yield f"create or replace view {name} as"
    yield f"    from read_parquet('tables/{table.name}/*.parquet');"
    yield f"comment on view {name} is {_text(table.description)};"
    for field in table.schema:
        yield f"comment on column {name}.{_quoted(field.name)} is {_text(description(field))};"
    yield ""


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("\0", "").replace("'", "''") + "'"


EXPORT = Export(
    name="duckdb",
    description="Views of all tables for DuckDB, as SQL; off by default.",
    kinds=("duckdb",),
    tables=always(),
    module=__name__,
    settings=lambda settings: settings.exports.duckdb and settings.content.all_columns(),
    write=write,
)
