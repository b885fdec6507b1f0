"""What Dagster is told of a run: enough to look at, and little enough to keep."""

import base64
import json
import re
from typing import Any

import dagster as dg
import pytest
from dagster._serdes import serialize_value

from pressroom.dagster import lineage
from pressroom.dagster.definitions import defs
from pressroom.exports import EXPORTS
from tests.conftest import Site, article
from tests.dagster_runs import execute, materialized, settings_file
from tests.quicktakes import MODEL, TABLES

pytest_plugins = ["tests.dagster_instances"]
pytestmark = [
    pytest.mark.filterwarnings("default::ResourceWarning"),
    pytest.mark.usefixtures("in_process"),
]
MOST_BYTES = 60_000


def events(instance: dg.DagsterInstance, run: str) -> list[str]:
    """All events of a run, as they are stored."""
    return [serialize_value(entry) for entry in instance.all_logs(run)]


def refuse(constant: str) -> None:
    raise AssertionError(constant)


def hostile(site: Site) -> None:
    """Values that are long, many, or act on what shows them."""
    for number in range(60):
        link = f"{{url: /n{'x' * 1500}{number}, title: '{'long ' * 1000}'}}"
        site.write(
            **{
                f"{'n' * 200}{number:02}": article(
                    slug=f"{'s' * 1000}{number}",
                    title=f'"![x](http://evil.example/{number}.png) <script>{"t" * 50_000}"',
                    subject=f'"{number} {"subject " * 500}"',
                    score=str(-1 + number / 7),
                    **{f"related_article{k}": link for k in range(1, 5)},
                ),
                f"{'r' * 200}{number}": f"---\n{'k' * 60_000}\n---\n",
            }
        )


def test_no_event_of_a_run_is_large_and_none_holds_what_is_no_json(
    site: Site, instance: dg.DagsterInstance
) -> None:
    hostile(site)
    settings_file(site, more="shard_files = 7\n[limits]\nmax_rejects = 1.0\n")
    result = execute(site, instance)
    assert result.success

    stored = events(instance, result.run_id)

    assert max(map(len, stored)) < MOST_BYTES
    for event in stored:
        json.loads(event, parse_constant=refuse)
    exports = (item.name for item in EXPORTS)
    assert materialized(result).keys() == {"staged", *TABLES, "tags", *exports, "release"}
    kinds = [entry.dagster_event_type for entry in instance.all_logs(result.run_id)]
    assert kinds.count(dg.DagsterEventType.ASSET_MATERIALIZATION) == len(materialized(result))


def test_no_event_of_a_run_that_is_held_back_is_large(
    site: Site, instance: dg.DagsterInstance
) -> None:
    hostile(site)
    settings_file(site)
    result = execute(site, instance)
    assert not result.success

    stored = events(instance, result.run_id)

    assert any("rejects_limited" in event for event in stored)
    assert max(map(len, stored)) < MOST_BYTES


def test_a_table_shows_rows_a_chart_and_where_its_columns_come_from(
    site: Site, instance: dg.DagsterInstance
) -> None:
    link = "{url: /nowhere}"
    site.write(a=article(slug="a", related_article1=link), b="no front matter")
    settings_file(site, more="[content.keys]\nauthor = 'meta.by'\n")
    result = execute(site, instance)
    assert result.success
    told: dict[str, Any] = {name: event.metadata for name, event in materialized(result).items()}

    (record,) = told["related_links"]["first rows"].records
    assert record.data["status"] == "missing"
    assert [r.data["code"] for r in told["rejects"]["first rows"].records] == ["no_front_matter"]
    (codes,) = told["rejects"]["by release"].records
    assert list(codes.data.values()) == ["no_front_matter", 1]
    for table in ("articles", "subjects", "related_links", "findings", "rejects"):
        shown = str(told[table]["chart"].value)
        svg = re.fullmatch(r"!\[.*\]\(data:image/svg\+xml;base64,(.*)\)", shown)
        assert svg
        assert base64.b64decode(svg[1]).startswith(b"<svg ")
    stated = told["articles"]["dagster/column_lineage"].value.deps_by_column
    assert stated["author"] == [dg.TableColumnDep(dg.AssetKey("raw_files"), "meta.by")]


def test_the_lineage_of_a_column_names_columns_that_dagster_knows() -> None:
    graph = defs.resolve_asset_graph()
    for table in TABLES:
        for sources in lineage.sources(table, MODEL).values():
            for source in sources:
                schema = graph.get(dg.AssetKey(source.table)).metadata["dagster/column_schema"]
                assert source.column in {column.name for column in schema.columns}
