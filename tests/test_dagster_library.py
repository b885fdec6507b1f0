"""Sites in the code location of somebody else: what is downstream fires once for each publication,
sites do not meet, and tables are loaded."""

import shutil
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import yaml
from dagster._core.definitions.data_version import CachingStaleStatusResolver, StaleStatus
from dagster._core.loader import LoadingContextForTest
from pyarrow import dataset as ds

from pressroom.dagster import PressroomTables, build_defs
from tests.checkout import blocks
from tests.conftest import ROOT, Site, article
from tests.dagster_runs import settings_file
from tests.pages import PAGES
from tests.servers import BIN

pytest_plugins = ["tests.dagster_instances"]
pytestmark = [
    pytest.mark.filterwarnings("default::ResourceWarning"),
    pytest.mark.usefixtures("in_process"),
]


def downstream(name: str, source: str) -> dg.AssetsDefinition:
    """An asset of a user, with the condition that users begin with."""

    @dg.asset(
        name=name,
        deps=[dg.AssetKey(["site", source])],
        automation_condition=dg.AutomationCondition.eager(),
    )
    def made() -> None: ...

    return made


THEIRS = {f"of_{name}": name for name in ("articles", "history", "redirects", "release")}


class Location:
    """A code location with a site and what is downstream of it, looked at after each run."""

    def __init__(self, site: Site, instance: dg.DagsterInstance) -> None:
        theirs = [downstream(*names) for names in THEIRS.items()]
        self.defs = dg.Definitions.merge(
            build_defs(settings_file(site), ["site"]), dg.Definitions(theirs)
        )
        self.site = site
        self.instance = instance
        self.cursor: Any = None
        self.fired()

    def run(self) -> bool:
        job = self.defs.resolve_job_def("site_publish")
        return job.execute_in_process(instance=self.instance, raise_on_error=False).success

    def fired(self) -> list[str]:
        """What fires in the next ticks; it is materialized at once."""
        requested: list[str] = []
        for _ in range(3):
            result = dg.evaluate_automation_conditions(
                self.defs,
                instance=self.instance,
                asset_selection=dg.AssetSelection.assets(*THEIRS),
                cursor=self.cursor,
            )
            self.cursor = result.cursor
            keys = [each.key for each in result.results if each.true_subset.size]
            for key in keys:
                self.instance.report_runless_asset_event(dg.AssetMaterialization(key))
            requested += [key.to_user_string() for key in keys]
        return sorted(requested)

    def after_a_run(self) -> tuple[bool, list[str]]:
        return self.run(), self.fired()

    def unsynced(self) -> list[str]:
        """The assets that the UI asks to be materialized."""
        graph = self.defs.resolve_asset_graph()
        context = LoadingContextForTest(self.instance)
        resolver = CachingStaleStatusResolver(self.instance, graph, context)
        keys = graph.get_all_asset_keys()
        states = {key.to_user_string(): resolver.get_status(key) for key in keys}
        return sorted(name for name, state in states.items() if state is StaleStatus.STALE)


def test_what_is_downstream_fires_once_for_each_published_change_and_never_else(
    site: Site, instance: dg.DagsterInstance
) -> None:
    texts = {f"a{number}": article(slug=f"a{number}") for number in range(9)}
    site.write(**texts)
    location = Location(site, instance)
    assert location.after_a_run() == (True, sorted(THEIRS))
    assert location.after_a_run() == (True, [])

    for path in list(site.raw.iterdir())[2:]:
        path.unlink()
    assert location.after_a_run() == (False, [])
    assert location.after_a_run() == (False, [])

    site.write(**texts, b=article(slug="b"))
    assert location.after_a_run() == (True, ["of_articles", "of_history", "of_release"])
    assert location.after_a_run() == (True, [])
    assert location.unsynced() == []

    settings_file(site, base_url="https://other.example")
    assert location.after_a_run()[0]
    site.write(**texts, b=article(slug="b"), c=article(slug="c"))
    assert location.after_a_run() == (True, ["of_articles", "of_history", "of_release"])


def test_what_others_than_dagster_published_or_rolled_back_the_next_run_tells(
    site: Site, instance: dg.DagsterInstance
) -> None:
    site.write(a=article(slug="a"))
    location = Location(site, instance)
    location.after_a_run()
    site.write(b=article(slug="b"))
    first = (site.out / "current").resolve()
    done = subprocess.run(
        [BIN / "pressroom", "build", "--settings", site.home / "pressroom.toml"], check=False
    )
    assert done.returncode == 0
    assert location.fired() == []
    assert location.after_a_run() == (True, ["of_articles", "of_history", "of_release"])

    subprocess.run([BIN / "pressroom", "rollback", "--out", site.out, first.name], check=True)
    assert location.after_a_run() == (True, ["of_articles", "of_history", "of_release"])
    assert location.after_a_run() == (True, [])


def test_a_prefix_may_be_one_word_and_what_dagster_refuses_of_it_names_no_settings(
    tmp_path: Path,
) -> None:
    file = tmp_path / "pressroom.toml"
    graph = build_defs(file, "docs").resolve_asset_graph()
    assert dg.AssetKey(["docs", "articles"]) in graph.get_all_asset_keys()
    for arguments in ({"group_prefix": "docs-"}, {"schedule": "every day"}):
        with pytest.raises(dg.DagsterInvalidDefinitionError) as caught:
            build_defs(file, **arguments)
        assert str(file) not in str(caught.value)


def test_two_sites_of_one_code_location_do_not_meet(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    sites = {}
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        sites[name] = Site(tmp_path / name)
        sites[name].write(x=article(slug=name))
        settings_file(sites[name])
    own = dg.asset(name="articles")(lambda: None)
    defs = dg.Definitions.merge(
        *(
            build_defs(site.home / "pressroom.toml", [name, "site"], f"{name}_", "0 4 * * *")
            for name, site in sites.items()
        ),
        dg.Definitions(
            [own],
            executor=dg.multiprocess_executor,
            jobs=[dg.define_asset_job("theirs", [own], config={"loggers": {"console": {}}})],
        ),
    )
    assert {job.name for job in defs.resolve_all_job_defs() if not job.name.startswith("__")} == {
        f"{name}_site_{job}" for name in sites for job in ("publish", "republish", "purge")
    } | {"theirs"}
    graph = defs.resolve_asset_graph()
    assert graph.get(dg.AssetKey(["a", "site", "articles"])).group_name == "a_ingest"
    assert defs.resolve_schedule_def("b_site_daily").cron_schedule == "0 4 * * *"

    assert defs.resolve_job_def("a_site_publish").execute_in_process(instance=instance).success

    assert [row["url"] for row in sites["a"].rows("articles")] == ["/learn/databases/questions/a"]
    assert not sites["b"].out.exists()
    recorded = {record.asset_entry.asset_key.path[0] for record in instance.get_asset_records()}
    assert recorded == {"a"}


# --- tables --------------------------------------------------------------------------------------


def consumed(site: Site, wanted: Any, **metadata: Any) -> Any:
    """The table ``articles`` as an asset of somebody else gets it."""

    def take(context: dg.AssetExecutionContext, articles: Any) -> None:
        found.append(articles)

    found: list[Any] = []
    take.__annotations__["articles"] = wanted
    ins = {"articles": dg.AssetIn(["site", "articles"], metadata=metadata)}
    consumer = dg.asset(name="consumer", ins=ins)(take)
    settings = site.home / "pressroom.toml"
    defs = dg.Definitions.merge(build_defs(settings, ["site"]), dg.Definitions([consumer]))
    job = defs.resolve_implicit_global_asset_job_def()
    job.execute_in_process(asset_selection=[dg.AssetKey("consumer")])
    return found[0]


@pytest.fixture
def published(site: Site) -> Site:
    site.write(a=article(slug="a", date="2025-01-31"), b=article(slug="b", date="2025-02-01"))
    settings_file(site)
    site.build()
    return site


@pytest.mark.parametrize(
    "wanted",
    [pd.DataFrame, pl.DataFrame, pl.LazyFrame, pa.Table, ds.Dataset, duckdb.DuckDBPyRelation],
)
def test_a_table_is_loaded_as_its_consumer_annotates_it(published: Site, wanted: Any) -> None:
    articles = consumed(published, wanted)
    assert isinstance(articles, wanted)
    urls: dict[Any, Callable[[Any], list[str]]] = {
        pd.DataFrame: lambda frame: list(frame["url"]),
        pl.DataFrame: lambda frame: frame["url"].to_list(),
        pl.LazyFrame: lambda frame: frame.collect()["url"].to_list(),
        pa.Table: lambda table: table["url"].to_pylist(),
        ds.Dataset: lambda data: data.to_table()["url"].to_pylist(),
        duckdb.DuckDBPyRelation: lambda found: [url for (url,) in found.select("url").fetchall()],
    }
    assert urls[wanted](articles) == [row["url"] for row in published.rows("articles")]


def test_the_columns_of_an_input_are_those_that_it_names_and_its_dates_are_dates(
    published: Site,
) -> None:
    articles = consumed(published, pd.DataFrame, columns=["url", "published"])
    assert list(articles.columns) == ["url", "published"]
    assert list(articles["published"].dt.day) == [31, 1]


def test_a_column_that_there_is_none_of_is_refused_with_those_that_there_are(
    published: Site,
) -> None:
    with pytest.raises(
        dg.DagsterInvariantViolationError, match=r"no column 'publishd': .*published"
    ):
        consumed(published, pd.DataFrame, columns=["url", "publishd"])


def test_a_form_that_there_is_none_of_is_refused_with_those_that_there_are(
    published: Site,
) -> None:
    with pytest.raises(dg.DagsterInvariantViolationError, match=r"polars\.LazyFrame"):
        consumed(published, dict)


def test_a_table_is_loaded_in_another_code_location_by_the_key_of_its_asset(
    published: Site,
) -> None:
    manager = PressroomTables(settings=str(published.home / "pressroom.toml"))
    stub = dg.AssetSpec(["any", "where", "subjects"]).with_io_manager_key("site")
    defs = dg.Definitions([stub], resources={"site": manager})
    key = ["any", "where", "subjects"]
    subjects: Any = defs.load_asset_value(key, python_type=pa.Table)
    assert subjects["label"].to_pylist() == ["Databases"]


# --- dg ------------------------------------------------------------------------------------------


def test_the_workspace_and_the_project_name_the_same_definitions_and_location() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["dg"]["project"]
    (module,) = yaml.safe_load((ROOT / "workspace.yaml").read_text())["load_from"]
    assert module["python_module"] == {
        "module_name": project["code_location_target_module"],
        "location_name": project["code_location_name"],
    }


PROJECT = """
[project]
name = "analytics"
version = "0.1"
requires-python = ">=3.11"

[tool.dg]
directory_type = "project"

[tool.dg.project]
root_module = "analytics"

[tool.dg.cli]
suppress_warnings = ["project_and_activated_venv_mismatch"]
"""
DEFINITIONS = """
from pathlib import Path

import dagster as dg


@dg.definitions
def defs():
    return dg.load_from_defs_folder(path_within_project=Path(__file__).parent)
"""


def test_what_the_page_shows_of_python_is_loaded_and_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found: dict[str, Any] = {}
    for program in blocks(PAGES["docs/dagster.md"], "python"):
        exec(program, found)
        if "defs" in found:
            dg.Definitions.validate_loadable(found.pop("defs"))
    (tmp_path / "sites/docs").mkdir(parents=True)
    site = Site(tmp_path / "sites/docs")
    site.write(a=article(slug="a", date="2025-01-31"), b=article(slug="b", date="2025-01-01"))
    settings_file(site)
    site.build()
    theirs = dg.Definitions(
        [found["articles_a_month"]], resources={"io_manager": dg.mem_io_manager}
    )
    defs = dg.Definitions.merge(build_defs(site.home / "pressroom.toml", ["docs"]), theirs)
    job = defs.resolve_implicit_global_asset_job_def()
    result = job.execute_in_process(asset_selection=[dg.AssetKey("articles_a_month")])
    assert result.output_for_node("articles_a_month") == {"2025-01": 2}


def test_a_project_of_create_dagster_mounts_two_sites_by_the_component(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "analytics"
    defs = home / "src/analytics/defs"
    defs.mkdir(parents=True)
    (home / "pyproject.toml").write_text(PROJECT)
    for package in (defs.parent, defs):
        (package / "__init__.py").touch()
    (defs.parent / "definitions.py").write_text(DEFINITIONS)
    (component,) = (b for b in blocks(PAGES["docs/dagster.md"], "yaml") if "type: " in b)
    sites = {}
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        sites[name] = Site(tmp_path / name)
        sites[name].write(x=article(slug=name))
        (defs / name).mkdir()
        shutil.move(settings_file(sites[name]), defs / name / "site.toml")
        stated = component.replace("../../../../sites/docs/pressroom.toml", "site.toml")
        stated = stated.replace("docs", name)
        (defs / name / "defs.yaml").write_text(stated)
    monkeypatch.setenv("PYTHONPATH", str(home / "src"))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    monkeypatch.setenv("DAGSTER_DISABLE_TELEMETRY", "1")

    def dagster(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [BIN / "dg", *arguments], cwd=home, capture_output=True, text=True, check=False
        )

    checked = dagster("check", "defs")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    launched = dagster("launch", "--job", "one_publish")
    assert launched.returncode == 0, launched.stderr
    assert "Warning" not in checked.stderr + launched.stderr
    assert sites["one"].rows("articles")
    assert not sites["two"].out.exists()
