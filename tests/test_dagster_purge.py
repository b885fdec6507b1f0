"""Old runs of a Dagster instance go, and what the page knows of each asset stays."""

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from pressroom.dagster.purge import forget
from pressroom.dagster.site import Site
from tests import postgres
from tests.conftest import ROOT

pytestmark = pytest.mark.filterwarnings("default::ResourceWarning")


# Called as assets of the site are.
@dg.asset(name="articles")
def often() -> dg.MaterializeResult[None]:
    print("made")
    return dg.MaterializeResult(metadata={"rows": 1})


@dg.asset(name="subjects")
def once() -> None: ...


SITE = Site(Path("pressroom.toml"))
defs = dg.Definitions([often, once], executor=dg.in_process_executor)
theirs = dg.Definitions([dg.asset(name="theirs")(lambda: None)], executor=dg.in_process_executor)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=postgres.needs_postgres)])
def home(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """The home of a Dagster instance, by each of the configurations."""
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    if request.param == "sqlite":
        shutil.copy(ROOT / "deploy" / "dagster.yaml", tmp_path)
        yield tmp_path
        return
    shutil.copy(ROOT / "deploy" / "dagster-postgres.yaml", tmp_path / "dagster.yaml")
    with postgres.database() as credentials:
        for name, value in credentials.items():
            monkeypatch.setenv(name, value)
        yield tmp_path


def make(instance: dg.DagsterInstance, *assets: str) -> str:
    """The run that made these assets."""
    job = defs.resolve_implicit_global_asset_job_def()
    keys = [dg.AssetKey(name) for name in assets]
    return job.execute_in_process(instance=instance, asset_selection=keys).run_id


def test_old_runs_go_with_all_they_wrote_but_for_the_last_of_each_asset(home: Path) -> None:
    with dg.DagsterInstance.get() as instance:
        first = make(instance, "articles")
        both = make(instance, "articles", "subjects")
        unfinished = instance.create_run_for_job(
            defs.resolve_implicit_global_asset_job_def(), status=dg.DagsterRunStatus.STARTED
        ).run_id
        last = make(instance, "articles")
        now = dt.datetime.now(dt.UTC)
        young = make(instance, "subjects")
        other = theirs.resolve_implicit_global_asset_job_def()
        key = dg.AssetKey("theirs")
        foreign = [
            other.execute_in_process(instance=instance, asset_selection=[key]).run_id
            for _ in range(2)
        ]
        assert files_of(first, home)

        assert forget(instance, SITE, now - dt.timedelta(days=1)) == set()
        assert forget(instance, SITE, now) == {both, first}

        assert {record.run_id for record in instance.get_runs()} == {
            unfinished,
            last,
            young,
            *foreign,
        }
        assert not files_of(first, home)
        made = instance.fetch_materializations(dg.AssetKey("articles"), limit=9).records
        assert [record.run_id for record in made] == [last]
        for asset, made_by in (("articles", last), ("subjects", young)):
            event = instance.get_latest_materialization_event(dg.AssetKey(asset))
            assert event
            assert event.run_id == made_by
            assert instance.all_logs(made_by)


def files_of(run_id: str, home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if run_id in path.name]
