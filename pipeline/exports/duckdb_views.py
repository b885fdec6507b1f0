"""``duckdb.sql``: a view for each table of the release, for DuckDB in the release's folder.

Off by default: `exports.duckdb` in the settings.
"""

from collections.abc import Iterator

from ..files.atomic import FileEntry
from ..model.schemas import tables
from ..model.table import Table, description
from .base import Context, Export, always, write_text
from .sql_names import quoted

_PATH = "duckdb.sql"
_HEAD = """\
-- A view for each table of this release. In its folder:
--     duckdb -init duckdb.sql
-- or, in a database of your own: .read duckdb.sql
"""


# The manifest, with the types of what is taken from it.
_MANIFEST = """\
read_json('manifest.json', maximum_object_size = 1_000_000_000, columns = {
        release: 'varchar', sequence: 'integer', previous: 'varchar', as_of: 'bigint',
        base_url: 'varchar', schema_version: 'integer', files: 'struct(bytes bigint)[]',
        counts: 'struct(files bigint, articles bigint, rejects bigint, skipped bigint,
            findings bigint, stated_links bigint, links struct(missing bigint),
            written_links bigint, text_links struct(missing bigint),
            changes struct(added bigint, changed bigint, removed bigint))'})"""
# What is behind the rows of a table: of this release, as `pressroom query` has it.
_OF_RELEASE = {
    "history": f"""
    select changes.*, release, to_timestamp(as_of) as as_of
    from read_parquet('tables/changes/*.parquet') as changes,
    {_MANIFEST}""",
    "releases": f"""
    select release, sequence, previous, to_timestamp(as_of) as as_of, base_url, counts.files,
        counts.articles, counts.rejects, counts.skipped, counts.findings,
        counts.stated_links as related_links,
        coalesce(counts.links.missing, 0) as related_links_missing,
        counts.written_links as text_links,
        coalesce(counts.text_links.missing, 0) as text_links_missing,
        coalesce(counts.changes.added, 0) as added,
        coalesce(counts.changes.changed, 0) as changed,
        coalesce(counts.changes.removed, 0) as removed,
        list_sum([file.bytes for file in files])::bigint as bytes, schema_version
    from {_MANIFEST}""",
}


def write(context: Context) -> list[FileEntry]:
    """Write the statements, if the settings ask for them."""
    settings = context.settings
    if not settings.exports.duckdb:
        return []
    views = ("\n".join(_view(table)) for table in tables(settings.content).values())
    return [write_text(context, _PATH, "\n".join([_HEAD, "set TimeZone = 'UTC';\n", *views]))]


def _view(table: Table) -> Iterator[str]:
    name = quoted(table.name)
    yield f"create or replace view {name} as"
    of_release = _OF_RELEASE.get(table.name, "")
    behind = f"\n    union all by name{of_release}" if of_release else ""
    yield f"    from read_parquet('tables/{table.name}/*.parquet'){behind};"
    yield f"comment on view {name} is {_text(table.description)};"
    for field in table.schema:
        yield f"comment on column {name}.{quoted(field.name)} is {_text(description(field))};"
    yield ""


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
