"""Runs of parts of the job, runs that are executed again, and steps that are tried again."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from pressroom.base.errors import PipelineError
from pressroom.engine import build, compute
from pressroom.engine.compute import Workers
from pressroom.engine.pool import Pool
from pressroom.model.settings import Compute
from pressroom.releases import publishing
from pressroom.releases.store import store_at
from tests.conftest import Site, article
from tests.dagster_runs import execute, failure, materialized, settings_file, start
from tests.quicktakes import TABLES

pytest_plugins = ["tests.dagster_instances"]
pytestmark = [
    pytest.mark.filterwarnings("default::ResourceWarning"),
    pytest.mark.usefixtures("in_process"),
]


def once(function: Callable[..., Any], error: Exception) -> Callable[..., Any]:
    """A function that fails at its first call, after it has done what it does."""
    calls: list[int] = []

    def failing(*arguments: Any, **options: Any) -> Any:
        result = function(*arguments, **options)
        calls.append(1)
        if len(calls) == 1:
            raise error
        return result

    return failing


def from_failure(
    result: dg.JobExecutionResult, instance: dg.DagsterInstance
) -> dg.ReexecutionOptions:
    return dg.ReexecutionOptions.from_failure(result.run_id, instance)


def test_whatever_a_run_selects_the_whole_release_is_published_and_told(
    site: Site, instance: dg.DagsterInstance
) -> None:
    site.write(a=article(slug="a"), b=article(slug="b"))
    settings_file(site)
    result = execute(site, instance, selection=["sitemap"])

    assert result.success
    assert len(site.rows("articles")) == 2
    told = materialized(result)
    assert {*TABLES, "staged", "sitemap", "csv", "release"} <= told.keys()
    assert materialized(execute(site, instance)).keys() == {"staged"}


def test_a_check_that_a_run_does_not_select_holds_the_release_back_too(
    site: Site, instance: dg.DagsterInstance
) -> None:
    site.write(a="# A note")
    settings_file(site)
    result = execute(site, instance, selection=["sitemap"])

    assert not result.success
    assert "articles_remain" in failure(result)
    assert materialized(result) == {}


def test_a_run_that_was_held_back_reads_the_folder_anew_when_it_is_executed_again(
    site: Site, instance: dg.DagsterInstance
) -> None:
    site.write(a="# A note")
    settings_file(site)
    failed = start(site, instance)
    assert not failed.success
    site.write(a=article(slug="a"))

    result = start(site, instance, from_failure(failed, instance))

    assert result.success
    assert site.rows("articles")
    assert list((site.out / "staging").iterdir()) == []


def test_a_run_that_another_overtook_begins_anew_when_it_is_executed_again(
    site: Site, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.write(a=article(slug="a"))
    settings_file(site)

    with monkeypatch.context() as patched:
        check = build.check

        def overtaken(run: build.Run) -> Any:
            if run.staging.run != "run-1":
                site.build()
            return check(run)

        patched.setattr(build, "check", overtaken)
        failed = start(site, instance)
    assert not failed.success
    assert "Another run published" in failure(failed)
    assert materialized(failed) == {}

    site.write(b=article(slug="b"))
    assert start(site, instance, from_failure(failed, instance)).success
    assert len(site.rows("articles")) == 2


def test_what_a_run_published_that_died_after_the_swap_the_next_run_tells(
    site: Site, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.write(a=article(slug="a"))
    settings_file(site)
    with monkeypatch.context() as patched:
        died = PipelineError("Died after the swap.")
        patched.setattr(build, "release", once(build.release, died))
        failed = start(site, instance)
    assert not failed.success
    assert materialized(failed) == {}
    swapped = (site.out / "current").resolve()

    result = start(site, instance, from_failure(failed, instance))

    assert result.success
    told = materialized(result)
    assert told["staged"].metadata["published"].value is False
    assert (told["release"].tags or {})["dagster/data_version"] == swapped.name
    assert materialized(start(site, instance)).keys() == {"staged"}


def test_a_step_whose_worker_was_killed_is_tried_again(
    site: Site, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.write(a=article(slug="a"))
    settings_file(site)
    made: list[Pool] = []

    def executor(settings: Compute, _: Sequence[Path]) -> Workers:
        pool = compute.pool(settings.workers)
        made.append(pool)
        if len(made) == 1:
            for process in started(pool):
                process.kill()
        return pool

    monkeypatch.setattr(compute, "executor", executor)
    result = execute(site, instance)

    assert result.success
    restarted = [event.step_key for event in result.all_events if event.is_step_restarted]
    assert restarted == ["build"]
    assert site.rows("articles")


def started(pool: Pool) -> list[Any]:
    """The processes of a pool, after its first job."""
    pool.submit(int, 0).result()
    return list(vars(pool._started())["_processes"].values())


@pytest.mark.parametrize("error", [PipelineError("As it is."), OSError(28, "No space left")])
def test_only_what_may_pass_is_tried_again(
    site: Site,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    site.write(a=article(slug="a"))
    settings_file(site)
    monkeypatch.setattr(build, "release", once(build.release, error))
    result = execute(site, instance)

    restarted = [event.step_key for event in result.all_events if event.is_step_restarted]
    assert restarted == (["build"] if isinstance(error, OSError) else [])
    assert result.success is isinstance(error, OSError)


def test_a_run_of_a_pinned_site_ends_well_and_reads_nothing_of_a_damaged_release(
    site: Site, instance: dg.DagsterInstance
) -> None:
    site.write(a=article(slug="a"))
    settings_file(site)
    outcome = site.build()
    publishing.rollback(store_at(site.out), outcome.release)
    part = outcome.release.root / "tables/articles/part-00000.parquet"
    part.chmod(0o644)
    part.write_bytes(b"damaged")
    (outcome.release.root / "tables/history/part-00000.parquet").unlink()

    result = execute(site, instance)

    assert result.success
    told = materialized(result)
    assert told["staged"].metadata["published"].value is False
    assert "first rows" not in told["articles"].metadata
