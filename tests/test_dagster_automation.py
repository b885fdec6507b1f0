"""The schedule and the sensors, evaluated as Dagster's daemon evaluates them."""

import datetime as dt
import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.remote_origin import (
    RegisteredCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)

from pressroom.dagster import build_defs, purge
from pressroom.dagster.definitions import settings_file as found_settings
from pressroom.dagster.library import definitions
from pressroom.dagster.site import Site as Mounted
from pressroom.model.automation import Automation
from pressroom.model.settings import Settings
from pressroom.model.settings_toml import load
from tests.conftest import ROOT, Site, article
from tests.dagster_runs import execute, settings_file

pytest_plugins = ["tests.dagster_instances"]
pytestmark = [
    pytest.mark.filterwarnings("default::ResourceWarning"),
    pytest.mark.usefixtures("in_process"),
]


def automated(file: Path = Path("pressroom.toml"), **values: Any) -> dg.Definitions:
    return definitions(Mounted(file), Settings(automation=Automation(**values)))


# --- schedule, owners, freshness -----------------------------------------------------------------


def test_the_schedule_runs_by_default_and_every_night() -> None:
    schedule = automated().resolve_schedule_def("daily")
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    assert schedule.job_name == "publish"
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 3 * * *", "UTC")


def test_the_settings_say_when_the_schedule_publishes() -> None:
    schedule = automated(cron="*/5 8-18 * * mon-fri", timezone="Asia/Tokyo").resolve_schedule_def(
        "daily"
    )
    assert schedule.cron_schedule == "*/5 8-18 * * mon-fri"
    assert schedule.execution_timezone == "Asia/Tokyo"


def test_what_is_not_to_happen_has_no_schedule() -> None:
    assert names(automated(cron="")) == {"weekly"}
    assert names(automated(keep_runs_days=0)) == {"daily"}


def names(loaded: dg.Definitions) -> set[str]:
    return {schedule.name for schedule in loaded.schedules or []}


def test_owners_are_those_of_the_settings() -> None:
    graph = automated(owners=("team:content", "a@example.org")).resolve_asset_graph()
    assert {tuple(graph.get(key).owners) for key in graph.get_all_asset_keys()} == {
        ("team:content", "a@example.org")
    }


@pytest.mark.parametrize(
    ("hours", "policy"),
    [((26, 50), (26, 50)), ((0, 50), (None, 50)), ((26, 0), None)],
)
def test_what_each_run_that_ends_well_makes_is_late_after_the_hours_of_the_settings(
    hours: tuple[int, int], policy: tuple[int | None, int] | None
) -> None:
    graph = automated(late_hours=hours[0], failed_hours=hours[1]).resolve_asset_graph()
    policies = {
        key.to_user_string(): graph.get(key).freshness_policy for key in graph.get_all_asset_keys()
    }
    found = policies.pop("staged")
    assert set(policies.values()) == {None}
    if policy is None:
        assert found is None
    else:
        assert isinstance(found, dg.FreshnessPolicy)
        late, failed = found.warn_window, found.fail_window  # type: ignore[attr-defined]
        assert (late.to_timedelta().total_seconds() / 3600 if late else None) == policy[0]
        assert failed.to_timedelta().total_seconds() / 3600 == policy[1]


# --- a changed raw folder ------------------------------------------------------------------------


class Watched:
    """A site with a sensor that looks at it, and the cursor that Dagster would keep."""

    def __init__(self, site: Site, instance: dg.DagsterInstance, more: str = "") -> None:
        self.settings = settings_file(site, more=more)
        self.defs = build_defs(self.settings)
        self.instance = instance
        self.cursor: str | None = None

    def tick(self) -> Any:
        sensor = self.defs.resolve_sensor_def("raw_files_changed")
        context = dg.build_sensor_context(
            instance=self.instance, cursor=self.cursor, definitions=self.defs
        )
        seen = sensor.evaluate_tick(context)
        self.cursor = seen.cursor
        return seen

    def requests(self) -> bool:
        """Whether a tick requests a run, which is one of the whole job."""
        seen = self.tick()
        for request in seen.run_requests or []:
            assert request.run_key is None
            assert request.asset_selection is None
            assert not request.stale_assets_only
        assert len(seen.run_requests or []) == len(seen.asset_events)
        return bool(seen.run_requests)

    def requested(self) -> bool:
        """Whether the second of two ticks, between which nothing changes, requests a run."""
        assert not self.requests()
        return self.requests()


@pytest.fixture
def watched(site: Site, instance: dg.DagsterInstance) -> Watched:
    return Watched(site, instance, '[sources]\nexclude = ["drafts/"]\n')


def test_the_sensor_is_stopped_until_somebody_starts_it() -> None:
    sensor = automated().resolve_sensor_def("raw_files_changed")
    assert sensor.default_status is dg.DefaultSensorStatus.STOPPED
    assert sensor.minimum_interval_seconds == 30
    assert sensor.job_name == "publish"


def test_each_change_requests_one_run_also_back_to_what_was(site: Site, watched: Watched) -> None:
    site.write(a=article(slug="a"))
    assert watched.requested()
    assert not watched.requested()
    first = watched.cursor

    site.write(b=article(slug="b"))
    assert watched.requested()
    assert not watched.requested()

    (site.raw / "b.md").unlink()
    assert watched.requested()
    assert watched.cursor == first
    assert not watched.requested()


def test_a_folder_that_is_still_being_copied_is_not_published(site: Site, watched: Watched) -> None:
    for name in "abc":
        site.write(**{name: article(slug=name)})
        assert not watched.requests()
    assert watched.requests()
    assert not watched.requests()


def test_what_was_seen_twice_but_not_in_a_row_is_waited_for(site: Site, watched: Watched) -> None:
    site.write(a=article(slug="a"))
    assert watched.requested()
    for _ in range(2):
        broken = site.raw / "link.md"
        broken.symlink_to("nothing")
        assert not watched.requests()
        broken.unlink()
        assert not watched.requests()
    assert not watched.requested()


def test_a_run_that_failed_is_tried_again_with_the_next_change_only(
    site: Site, watched: Watched, instance: dg.DagsterInstance
) -> None:
    site.write(a=article(slug="a"))
    assert watched.requested()
    job = watched.defs.resolve_job_def("publish")
    instance.report_run_failed(instance.create_run_for_job(job, remote_job_origin=ORIGIN))
    assert not watched.requested()

    site.write(b=article(slug="b"))
    assert watched.requested()


def test_the_settings_say_how_often_the_sensor_looks() -> None:
    sensor = automated(watch_seconds=5).resolve_sensor_def("raw_files_changed")
    assert sensor.minimum_interval_seconds == 5


def edit(raw: Path) -> None:
    (raw / "a.md").write_text(article(slug="a", title="Other"))


def touch(raw: Path) -> None:
    os.utime(raw / "a.md", ns=(0, 7))


def move(raw: Path) -> None:
    (raw / "a.md").rename(raw / "c.md")


def break_link(raw: Path) -> None:
    (raw / "link.md").symlink_to("nothing")


@pytest.mark.parametrize("change", [edit, touch, move, break_link])
def test_what_the_build_would_see_is_a_change(site: Site, watched: Watched, change: Any) -> None:
    site.write(a=article(slug="a"))
    assert watched.requested()
    change(site.raw)
    assert watched.requested()


def test_what_the_build_passes_over_is_no_change(site: Site, watched: Watched) -> None:
    site.write(a=article(slug="a"))
    assert watched.requested()
    (site.raw / "drafts").mkdir()
    for name in ("drafts/b.md", ".hidden.md", "a.md~", "notes.txt"):
        (site.raw / name).write_text(article(slug="b"))
    assert not watched.requested()


def test_a_change_is_observed_with_a_data_version(site: Site, watched: Watched) -> None:
    site.write(a=article(slug="a"))
    assert not watched.requests()
    (observed,) = watched.tick().asset_events
    assert isinstance(observed, dg.AssetObservation)
    assert observed.asset_key == dg.AssetKey("raw_files")
    assert observed.data_version == watched.cursor


def test_a_change_during_a_run_leads_to_one_further_run(
    site: Site, watched: Watched, instance: dg.DagsterInstance
) -> None:
    site.write(a=article(slug="a"))
    assert watched.requested()
    job = watched.defs.resolve_job_def("publish")
    run = instance.create_run_for_job(job, remote_job_origin=ORIGIN)
    site.write(b=article(slug="b"))
    for state in ("QUEUED", "STARTING", "STARTED", "CANCELING"):
        instance.run_storage.handle_run_event(run.run_id, reached(run, state))
        seen = watched.tick()
        assert not seen.run_requests
        assert run.run_id in str(seen.skip_message)
    instance.report_run_failed(run)

    assert watched.requested()
    assert not watched.requested()


ORIGIN = RemoteJobOrigin(
    RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("pressroom"), "__repository__"), "publish"
)


def reached(run: dg.DagsterRun, state: str) -> dg.DagsterEvent:
    names = {"QUEUED": "ENQUEUED", "STARTED": "START"}
    kind = dg.DagsterEventType[f"RUN_{names.get(state, state)}"]
    return dg.DagsterEvent(event_type_value=kind.value, job_name=run.job_name)


def test_a_folder_that_cannot_be_looked_at_is_told_and_nothing_is_forgotten(
    site: Site, watched: Watched
) -> None:
    site.write(a=article(slug="a"))
    assert watched.requested()
    away = site.raw.rename(site.home / "away")

    seen = watched.tick()

    assert not seen.run_requests
    assert f" {site.raw} " in str(seen.skip_message)
    away.rename(site.raw)
    assert not watched.requested()


def test_settings_that_were_broken_meanwhile_are_told(site: Site, watched: Watched) -> None:
    watched.settings.write_text("[site]\nbase_ulr = 'x'")
    seen = watched.tick()
    assert not seen.run_requests
    assert f"{watched.settings}:2: " in str(seen.skip_message)
    assert " 'site.base_ulr'" in str(seen.skip_message)


# --- runs that failed ----------------------------------------------------------------------------


class Receiver(HTTPServer):
    """A webhook that answers with a status and remembers what it was told."""

    def __init__(self, status: int) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.status = status
        self.told: list[dict[str, str]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hooks/secret"


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        assert self.headers["Content-Type"] == "application/json"
        data = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.told.append(json.loads(data))
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def receiver(request: pytest.FixtureRequest) -> Iterator[Receiver]:
    with Receiver(getattr(request, "param", 200)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def reported(site: Site, failing: dg.Definitions) -> Any:
    """What a tick of the failure sensor comes to after a run that found no article."""
    settings_file(site)
    sensor = failing.resolve_sensor_def("run_failed")
    with dg.instance_for_test() as instance:
        context = dg.build_sensor_context(instance=instance, definitions=failing)
        cursor = sensor.evaluate_tick(context).cursor
        site.raw.rmdir()
        assert not execute(site, instance).success
        context = dg.build_sensor_context(instance=instance, cursor=cursor, definitions=failing)
        return sensor.evaluate_tick(context)


def test_a_run_that_failed_is_reported_to_the_webhook(
    site: Site, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSROOM_WEBHOOK", receiver.address)
    failing = automated(settings_file(site), ui_url="https://dagster.example/at/")
    assert failing.resolve_sensor_def("run_failed").default_status is dg.DefaultSensorStatus.RUNNING

    seen = reported(site, failing)

    assert [reaction.error for reaction in seen.dagster_run_reactions] == [None]
    (told,) = receiver.told
    assert told["job"] == "publish"
    assert told["link"] == f"https://dagster.example/at/runs/{told['run']}"
    assert told["link"] in told["text"]
    assert told["run"] in told["text"]
    assert f" {site.raw} " in told["text"]


def test_a_run_that_failed_of_somebody_else_is_reported_to_nobody(
    site: Site, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSROOM_WEBHOOK", receiver.address)

    @dg.asset
    def broken() -> None:
        raise ValueError

    theirs = dg.Definitions([broken], executor=dg.in_process_executor)
    sensor = build_defs(settings_file(site)).resolve_sensor_def("run_failed")
    with dg.instance_for_test() as instance:
        context = dg.build_sensor_context(instance=instance, definitions=theirs)
        cursor = sensor.evaluate_tick(context).cursor
        job = theirs.resolve_implicit_global_asset_job_def()
        assert not job.execute_in_process(instance=instance, raise_on_error=False).success
        context = dg.build_sensor_context(instance=instance, cursor=cursor, definitions=theirs)
        sensor.evaluate_tick(context)
    assert receiver.told == []


@pytest.mark.parametrize("receiver", [302, 500], indirect=True)
def test_a_webhook_that_fails_fails_the_tick_and_keeps_its_secret(
    site: Site, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK", receiver.address)
    seen = reported(site, automated(settings_file(site), webhook_variable="HOOK"))

    (reaction,) = seen.dagster_run_reactions
    assert f" {receiver.status}." in reaction.error.message
    assert "secret" not in str(reaction.error)
    assert len(receiver.told) == 1


@pytest.mark.parametrize("variable", ["PRESSROOM_WEBHOOK", ""])
def test_without_a_webhook_the_sensor_is_stopped_and_skips(site: Site, variable: str) -> None:
    failing = automated(settings_file(site), webhook_variable=variable)
    assert failing.resolve_sensor_def("run_failed").default_status is dg.DefaultSensorStatus.STOPPED
    skipped = reported(site, failing)
    assert not skipped.dagster_run_reactions
    assert f" {variable!r}." in str(skipped.skip_message)


# --- old runs ------------------------------------------------------------------------------------


def test_old_runs_are_forgotten_but_for_those_that_made_what_is_shown(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.write(a=article(slug="a"))
    path = settings_file(site, more="[automation]\nkeep_runs_days = 30\n")
    job = build_defs(path).resolve_job_def("publish")
    others = build_defs(path, ["other"]).resolve_job_def("other_publish")
    with dg.instance_for_test() as instance:
        made, unchanged, last = (execute(site, instance).run_id for _ in range(3))
        failed = instance.create_run_for_job(job, status=FAILED, tags=job.tags).run_id
        of_others = instance.create_run_for_job(others, status=FAILED, tags=others.tags).run_id

        forgotten(path, instance)
        assert instance.get_runs_count() == 6

        later = dt.datetime.now(dt.UTC) + dt.timedelta(days=31)
        under_way = instance.create_run_for_job(job, status=STARTED).run_id
        monkeypatch.setattr(purge, "_now", lambda: later)
        run = forgotten(path, instance)
        kept = {run.run_id for run in instance.get_runs()}
        assert kept == {made, last, of_others, under_way, run}
        assert not {unchanged, failed} & kept


FAILED, STARTED = dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.STARTED


def forgotten(settings: Path, instance: dg.DagsterInstance) -> str:
    """Run the job, and the id of its run."""
    result = build_defs(settings).resolve_job_def("purge").execute_in_process(instance=instance)
    assert result.success
    return result.run_id


# --- settings that cannot be loaded --------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "place", "why"),
    [
        ("late_hours = 60", ":2: ", "automation.late_hours: 60 is not below failed_hours"),
        ("cron = 'nightly'", ": automation: ", "Found invalid cron schedule 'nightly'"),
        ("cron = '61 3 * * *'", ": automation: ", "Found invalid cron schedule '61 3 * * *'"),
        ("timezone = 'Mars'", ": automation: ", "Invalid execution timezone Mars"),
        ("timezone = '../x'", ": automation: ", "Invalid execution timezone ../x"),
        ("owners = ['x']", ": automation: ", "Invalid owner 'x'"),
        ("owners = ['team:']", ": automation: ", "Invalid owner 'team:'"),
    ],
)
def test_broken_settings_are_told_with_their_file_and_no_second_error(
    tmp_path: Path, setting: str, place: str, why: str
) -> None:
    path = tmp_path / "pressroom.toml"
    path.write_text(f"[automation]\n{setting}\n")
    with pytest.raises(dg.DagsterInvalidDefinitionError) as caught:
        build_defs(path)
    assert str(caught.value).startswith(f"{path}{place}{why}")
    assert caught.value.__suppress_context__
    assert load(Path(__file__).parent.parent / "pressroom.toml").automation == Automation()


def test_the_settings_are_those_of_the_folder_that_dagster_was_started_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PRESSROOM_SETTINGS", raising=False)
    monkeypatch.chdir(tmp_path)
    assert found_settings() == ROOT / "pressroom.toml"

    here = tmp_path / "pressroom.toml"
    here.touch()
    assert found_settings() == here
    monkeypatch.setenv("PRESSROOM_SETTINGS", "/named.toml")
    assert found_settings() == Path("/named.toml")
