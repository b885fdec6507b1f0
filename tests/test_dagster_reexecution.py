"""Runs of parts of the job, runs that go on after a failure, and steps that are tried again."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from pressroom.base.errors import PipelineError
from pressroom.engine import build, compute
from pressroom.engine.compute import Workers
from pressroom.model.settings import Compute
from pressroom.releases import publishing, staging
from pressroom.releases.store import store_at
from tests.conftest import Site, article, contents, pressroom
from tests.dagster_runs import execute, failure, materialized, settings_file, start

pytestmark = [
    pytest.mark.filterwarnings("default::ResourceWarning"),
    pytest.mark.usefixtures("in_process"),
]


@pytest.fixture(scope="module")
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as instance:
        yield instance


def steps(result: dg.ExecuteInProcessResult | dg.JobExecutionResult) -> set[str]:
    """The steps that a run began."""
    return {str(event.step_key) for event in result.all_events if event.is_step_start}


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


def test_one_export_with_manifest_and_release_is_published_and_the_rest_is_linked(
    site: Site, instance: dg.DagsterInstance
) -> None:
    site.write(a=article(slug="a"), b=article(slug="b"))
    settings_file(site)
    assert execute(site, instance).success
    before = (site.out / "current").resolve()
    settings_file(site, more="[sitemaps]\nurls = 1\n")

    result = execute(site, instance, selection=["sitemap", "manifest", "release"])

    assert result.success
    assert steps(result) == {"sitemap", "manifest", "audit", "release"}
    assert materialized(result)["release"].metadata["published"].value is True
    after = (site.out / "current").resolve()
    assert after != before
    made = {path for path in contents(after) if not same(before, after, path)}
    assert {path for path in made if not path.startswith("site/sitemap")} <= {
        "manifest.json", "conformance.json", "tables/changes/part-00000.parquet", "csv/changes.csv",
        "csv/datapackage.json", "report/index.html",
    }  # fmt: skip
    assert "site/sitemap-databases-2.xml" in made
    assert pressroom("verify", "--settings", site.home / "pressroom.toml").status == 0


def same(before: Any, after: Any, path: str) -> bool:
    return (before / path).exists() and (before / path).samefile(after / path)


def test_a_selection_without_release_publishes_nothing_and_says_so(
    site: Site, instance: dg.DagsterInstance, capfd: pytest.CaptureFixture[str]
) -> None:
    site.write(a=article(slug="a"))
    settings_file(site)

    result = execute(site, instance, selection=["articles", "related_links"])

    assert result.success
    assert not (site.out / "current").exists()
    logged = capfd.readouterr().err
    told = materialized(result)
    assert told.keys() == {"articles", "related_links"}
    for event in told.values():
        assert str(event.metadata["note"].value) in logged


def test_a_run_that_failed_goes_on_from_the_step_that_did(
    site: Site, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.write(a=article(slug="a"))
    settings_file(site)
    monkeypatch.setattr(build, "manifest", once(build.manifest, PipelineError("Not this time.")))
    failed = start(site, instance)
    assert not failed.success
    assert "Not this time." in failure(failed)
    assert "audit" not in steps(failed)

    result = start(site, instance, from_failure(failed, instance))

    assert result.success
    assert steps(result) == {"manifest", "audit", "release"}
    assert site.rows("articles")
    assert list((site.out / "staging").iterdir()) == []


def test_a_run_that_another_overtook_begins_anew_when_it_is_executed_again(
    site: Site, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.write(a=article(slug="a"))
    settings_file(site)

    with monkeypatch.context() as patched:
        manifest = build.manifest

        def overtaken(run: build.Run) -> Any:
            if run.staging.run != "run-1":
                site.build()
            return manifest(run)

        patched.setattr(build, "manifest", overtaken)
        failed = start(site, instance)
    assert not failed.success
    assert [event.step_key for event in failed.all_events if event.is_step_failure] == ["release"]
    assert list((site.out / "staging").iterdir()) == []

    of_nothing = start(site, instance, from_failure(failed, instance))
    assert not of_nothing.success
    assert " manifest " in failure(of_nothing)

    site.write(b=article(slug="b"))
    assert start(site, instance, dg.ReexecutionOptions(failed.run_id)).success
    assert len(site.rows("articles")) == 2


def test_a_run_that_died_after_the_swap_has_published_when_it_goes_on(
    site: Site, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.write(a=article(slug="a"))
    settings_file(site)
    died = PipelineError("Died after the swap.")
    monkeypatch.setattr(publishing, "empty_trash", once(staging.empty_trash, died))
    failed = start(site, instance)
    assert not failed.success
    swapped = (site.out / "current").resolve()

    anew = start(site, instance, dg.ReexecutionOptions(failed.run_id))
    assert not anew.success
    assert [event.step_key for event in anew.all_events if event.is_step_failure] == ["ingest"]
    result = start(site, instance, from_failure(failed, instance))

    assert result.success
    assert steps(result) == {"release"}
    assert materialized(result)["release"].metadata["published"].value is True
    assert (site.out / "current").resolve() == swapped
    assert list((site.out / "staging").iterdir()) == []


def test_a_step_whose_worker_was_killed_is_tried_again(
    site: Site, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.write(a=article(slug="a"))
    settings_file(site)
    made: list[ProcessPoolExecutor] = []

    def executor(settings: Compute, _: Sequence[Path]) -> Workers:
        pool = compute._Pool(compute.workers(settings))
        made.append(pool)
        if len(made) == 1:
            for process in started(pool):
                process.kill()
        return pool

    monkeypatch.setattr(compute, "executor", executor)
    result = execute(site, instance)

    assert result.success
    restarted = [event.step_key for event in result.all_events if event.is_step_restarted]
    assert restarted == ["ingest"]
    assert site.rows("articles")


def started(pool: ProcessPoolExecutor) -> list[Any]:
    """The processes of a pool, after its first job."""
    pool.submit(int).result()
    return list(pool._processes.values())


@pytest.mark.parametrize("error", [PipelineError("As it is."), OSError(28, "No space left")])
def test_only_what_may_pass_is_tried_again(
    site: Site,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    site.write(a=article(slug="a"))
    settings_file(site)
    monkeypatch.setattr(build, "manifest", once(build.manifest, error))
    result = execute(site, instance)

    restarted = [event.step_key for event in result.all_events if event.is_step_restarted]
    assert restarted == (["manifest"] if isinstance(error, OSError) else [])
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

    result = execute(site, instance)

    assert result.success
    told = materialized(result)
    assert told["release"].metadata["published"].value is False
    assert "first rows" not in told["articles"].metadata
