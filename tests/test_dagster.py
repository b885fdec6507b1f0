"""The assets, driven as Dagster drives them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from pressroom.dagster import build_defs
from pressroom.dagster.definitions import LOCATION, defs
from pressroom.engine.steps import INGEST
from pressroom.exports import EXPORTS
from pressroom.model.schemas import tables
from pressroom.model.settings_toml import load
from pressroom.releases import local
from tests.conftest import AS_OF, RAW, ROOT, Site, article, contents, pressroom_process
from tests.dagster_runs import by_command_line, execute, failure, materialized, settings_file

MODEL = load(ROOT / "pressroom.toml").content
TABLES = tables(MODEL)

pytest_plugins = ["tests.dagster_instances"]
pytestmark = [
    pytest.mark.filterwarnings("default::ResourceWarning"),
    pytest.mark.usefixtures("in_process"),
]


def test_dagster_and_the_command_line_publish_the_same_bytes(
    site: Site, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    site.raw.rmdir()
    site.raw.symlink_to(RAW)
    path = settings_file(site, more="shard_files = 7\n")
    assert execute(site, instance).success

    for workers in ("1", "2"):
        out = tmp_path / f"cli-{workers}"
        done = pressroom_process(
            "build", "--settings", path, "--out", out, "--as-of", str(AS_OF), "--workers", workers
        )
        assert done.status == 0, done.err
        assert (out / "current").resolve().name == (site.out / "current").resolve().name
        by_hand, by_dagster = (contents(home / "current") for home in (out, site.out))
        assert by_hand.keys() == by_dagster.keys()
        different = [name for name in by_hand if by_hand[name] != by_dagster[name]]
        assert different == ["manifest.json"]
        assert without_run(by_hand["manifest.json"]) == without_run(by_dagster["manifest.json"])


def without_run(manifest: bytes) -> object:
    values = json.loads(manifest)
    del values["run"]
    return values


def test_the_graph_is_that_of_the_steps_with_groups_kinds_and_descriptions() -> None:
    graph = defs.resolve_asset_graph()
    nodes = {key.to_user_string(): graph.get(key) for key in graph.get_all_asset_keys()}
    exports = [item.name for item in EXPORTS]

    assert {
        name: {parent.to_user_string() for parent in node.parent_keys}
        for name, node in nodes.items()
    } == {
        "raw_files": set(),
        "staged": {"raw_files"},
        **{name: {"staged"} for name in (*TABLES, *exports)},
        "release": {*TABLES, *exports},
    }
    groups: dict[str, set[str]] = {}
    for name, node in nodes.items():
        groups.setdefault(node.group_name, set()).add(name)
    assert groups == {
        "ingest": {"raw_files", "staged", *INGEST.outputs(MODEL)},
        "tables": {*TABLES} - {*INGEST.outputs(MODEL)},
        "exports": set(exports),
        "release": {"release"},
    }
    assert {name: node.kinds for name, node in nodes.items()} == {
        "raw_files": {"markdown", "yaml"},
        "staged": {"file"},
        **{name: {"parquet", "python"} for name in TABLES},
        **{item.name: set(item.kinds) for item in EXPORTS},
        "release": {"json"},
    }
    assert all(node.description for node in nodes.values())
    assert not any(node.is_partitioned for node in nodes.values())
    assert [name for name, node in nodes.items() if node.code_version] == ["staged"]


def test_settings_that_lose_or_gain_a_list_are_followed_before_definitions_are_loaded_again(
    site: Site, instance: dg.DagsterInstance
) -> None:
    site.write(a=article(slug="a"))
    path = settings_file(site)
    loaded = build_defs(path).resolve_job_def("publish")
    path.write_text(path.read_text().replace('tags = "list"\n', 'topics = "list"\n'))

    run = loaded.execute_in_process(instance=instance, raise_on_error=False)

    assert run.success
    assert {"tags", "topics"}.isdisjoint(materialized(run))
    release = local.current(site.out)
    assert release
    assert "topics" in release.tables


def test_no_settings_file_is_needed_before_the_run(
    site: Site, instance: dg.DagsterInstance
) -> None:
    site.write(a=article(slug="a"))
    job = build_defs(site.home / "pressroom.toml").resolve_job_def("publish")
    settings_file(site)
    assert job.execute_in_process(instance=instance).success
    assert site.rows("articles")


def test_definitions_load_without_any_warning() -> None:
    code = "import pressroom.dagster.definitions as d; d.defs.resolve_asset_graph()"
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, cwd="/")


def test_what_is_published_is_told_once_with_figures_and_places(
    site: Site, instance: dg.DagsterInstance
) -> None:
    site.write(a=article(slug="a"))
    settings_file(site)
    result = execute(site, instance)
    assert result.success
    events = materialized(result)
    assert events.keys() == {"staged", *TABLES, *(item.name for item in EXPORTS), "release"}
    told = {name: value.value for name, value in events["release"].metadata.items()}
    figures = ("articles", "rejects", "ok_links", "added_articles")
    assert [told[name] for name in figures] == [1, 0, 0, 1]
    release = (site.out / "current").resolve()
    assert (told["path"], told["dagster/uri"]) == (str(release), release.as_uri())
    of_articles = {name: value.value for name, value in events["articles"].metadata.items()}
    assert of_articles["dagster/row_count"] == 1
    part = site.out / "current/tables/articles/part-00000.parquet"
    assert (of_articles["path"], of_articles["dagster/uri"]) == (str(part), part.as_uri())

    again = materialized(execute(site, instance, as_of=AS_OF + 1))
    assert again.keys() == {"staged"}
    assert again["staged"].metadata["published"].value is False
    versions = [(event["staged"].tags or {})["dagster/data_version"] for event in (events, again)]
    assert versions[0] == versions[1]


def test_a_failed_check_blocks_the_release_and_advises(
    site: Site, instance: dg.DagsterInstance
) -> None:
    site.write(a="# A note")
    settings_file(site)
    result = execute(site, instance)

    assert not result.success
    checks = {
        evaluation.check_name: evaluation.passed
        for evaluation in result.get_asset_check_evaluations()
    }
    assert checks["articles_remain"] is False
    assert checks["files_intact"] is True
    told = [each.description or "" for each in result.get_asset_check_evaluations()]
    assert sum('front_matter = "optional"' in description for description in told) == 1
    assert not (site.out / "current").exists()
    assert local.held_back(site.out) is not None
    assert materialized(result) == {}
    assert "articles_remain: There is no article: 1 file was rejected." in failure(result)
    (observed,) = instance.fetch_observations(dg.AssetKey("staged"), limit=9).records
    assert observed.asset_observation
    kept = observed.asset_observation.metadata["path"].value
    assert kept == str(site.out / "held-back")


def test_republish_makes_the_exports_again_from_the_published_tables(
    site: Site, instance: dg.DagsterInstance
) -> None:
    site.write(a=article(slug="a"))
    settings_file(site)
    assert execute(site, instance).success
    before = (site.out / "current").resolve()
    (site.raw / "a.md").unlink()
    settings_file(site, base_url="https://other.example")

    assert execute(site, instance, "republish").success

    after = (site.out / "current").resolve()
    assert after != before
    assert b"https://other.example/learn" in (after / "site/sitemap-databases-1.xml").read_bytes()
    assert (after / "tables/articles/part-00000.parquet").samefile(
        before / "tables/articles/part-00000.parquet"
    )


def test_republish_of_tables_of_other_settings_fails_with_a_sentence(
    site: Site, instance: dg.DagsterInstance
) -> None:
    site.write(a=article(slug="a"))
    path = settings_file(site)
    assert execute(site, instance).success
    path.write_text(path.read_text().replace('tags = "list"\n', 'topics = "list"\n'))

    result = execute(site, instance, "republish")

    assert not result.success
    assert " no table topics " in failure(result)
    assert not [event for event in result.all_events if event.is_step_restarted]


def test_republish_before_the_first_release_fails_with_a_sentence(
    site: Site, instance: dg.DagsterInstance
) -> None:
    settings_file(site)
    result = execute(site, instance, "republish")

    assert not result.success
    assert " table articles " in failure(result)


def test_a_missing_raw_folder_fails_the_run_with_a_sentence(
    site: Site, instance: dg.DagsterInstance
) -> None:
    settings_file(site)
    site.raw.rmdir()
    result = execute(site, instance)

    assert not result.success
    assert f" {site.raw} " in failure(result)


def test_the_job_runs_by_dagsters_command_line_from_any_folder(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.write(a=article(slug="a"))
    path = settings_file(site)
    home = tmp_path / "dagster"
    home.mkdir()
    done = by_command_line(path, home)

    assert done.returncode == 0, done.stderr
    assert (site.out / "current" / "manifest.json").exists()


def test_a_run_of_make_run_is_one_of_the_code_location_of_the_page(site: Site) -> None:
    site.write(a=article(slug="a"))
    home = site.home / "dagster"
    home.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "pressroom.dagster"],
        env={
            **os.environ,
            "PRESSROOM_SETTINGS": str(settings_file(site)),
            "DAGSTER_HOME": str(home),
            "DAGSTER_DISABLE_TELEMETRY": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1].startswith("release: published 000001-")
    with dg.DagsterInstance.from_config(str(home)) as instance:
        (run,) = instance.get_runs()
    assert run.remote_job_origin
    assert run.remote_job_origin.location_name == LOCATION == "pressroom"
