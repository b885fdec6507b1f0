"""`duckdb.sql`: in the folder of a release it gives the views that the tables are."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from pressroom.model.columns import Column
from pressroom.model.settings import Exports
from pressroom.model.table import description
from pressroom.releases.manifest import open_release
from pressroom.tables.relations import relation
from tests.conftest import AS_OF, Site, article
from tests.quicktakes import TABLES, quicktakes
from tests.standards.releases import Published

pytest_plugins = ["tests.standards.fixtures"]


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def read(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    connection.execute((folder / "duckdb.sql").read_text())


def test_the_views_are_the_tables(
    release: Published, connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(release.root)
    read(connection, release.root)
    read(connection, release.root)  # in a database that has them
    views = connection.sql("select view_name from duckdb_views() where not internal").fetchall()
    assert {name for (name,) in views} == {*TABLES}
    opened = open_release(release.root)
    for name, table in TABLES.items():
        found = connection.sql(f"from {name}").to_arrow_table()
        assert flat(found.schema) == flat(table.schema), name
        rows = relation(opened, name).to_table().to_pylist()
        if name == "history":  # what DuckDB joins has no order
            found = found.sort_by([("release", "ascending"), ("url", "ascending")])
            rows.sort(key=lambda row: (row["release"], row["url"]))
        assert found.to_pylist() == rows, name


def flat(schema: pa.Schema) -> dict[str, pa.DataType]:
    """The types of the columns, but of those that hold more than one value."""
    return {field.name: field.type for field in schema if not pa.types.is_nested(field.type)}


def test_views_and_columns_say_what_they_are(
    sample: Published, connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(sample.root)
    read(connection, sample.root)
    views = connection.sql("select view_name, comment from duckdb_views() where not internal")
    assert dict(views.fetchall()) == {name: table.description for name, table in TABLES.items()}
    columns = connection.sql(
        "select table_name, column_name, comment from duckdb_columns() where not internal"
    )
    assert {(table, column): text for table, column, text in columns.fetchall()} == {
        (name, field.name): description(field)
        for name, table in TABLES.items()
        for field in table.schema
    }


def test_hostile_names_and_descriptions_are_no_sql(
    site: Site, connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = "It's \"quoted\"\n'; drop view articles; -- \\"
    columns = {"order": Column(description=about), "group": Column("list", description=about)}
    site.write(a="---\nurl: /a\norder: x\ngroup: [y]\n---\n")
    site.build(exports=Exports(duckdb=True), content=quicktakes(columns=columns, required=("url",)))
    monkeypatch.chdir(site.out / "current")
    read(connection, Path())
    assert connection.sql('select "order", term from articles join "group" using (url)').fetchall()
    [[found]] = connection.sql(
        "select comment from duckdb_views() where view_name = 'group'"
    ).fetchall()
    assert found == about


def test_the_statements_depend_on_the_columns_alone(site: Site) -> None:
    on = Exports(duckdb=True)
    site.write(a=article(slug="a"))
    first = site.build(exports=on).release.root
    site.write(b=article(slug="b"))
    second = site.build(AS_OF + 60, exports=on).release.root
    assert (first / "duckdb.sql").samefile(second / "duckdb.sql")
    columns = {"more": Column()}
    third = site.build(AS_OF + 120, exports=on, content=quicktakes(columns=columns)).release.root
    assert '"articles"."more"' in (third / "duckdb.sql").read_text()
