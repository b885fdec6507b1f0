"""Page, daemon and PostgreSQL as they stand on a server: real processes, driven over loopback."""

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests import postgres
from tests.conftest import ROOT, Site, article
from tests.quicktakes import SETTINGS
from tests.servers import BIN, Page, eventually, free_port, running

_REPOSITORY = {"repositoryLocationName": "pressroom", "repositoryName": "__repository__"}
_SETTINGS = f"""{SETTINGS}
[paths]
raw = "raw"
out = "out"
[site]
base_url = "https://site.example"
[compute]
workers = 1
[automation]
cron = "* * * * *"
watch_seconds = 2
"""
_RUNS = "{runsOrError{... on Runs{results{runId status tags{key value}}}}}"
_START = """
mutation($sensor: SensorSelector!) {
  startSensor(sensorSelector: $sensor) {
    __typename ... on Sensor { sensorState { status } } ... on PythonError { message }
  }
}
"""
_STOP = """
mutation($id: String!) {
  stopRunningSchedule(id: $id) {
    ... on ScheduleStateResult { scheduleState { status } } ... on PythonError { message }
  }
}
"""
_SCHEDULE = """
query($schedule: ScheduleSelector!) { scheduleOrError(scheduleSelector: $schedule) {
  ... on Schedule { id scheduleState { id status } }
} }
"""


class Service:
    """A site, and the page of the Dagster that publishes it."""

    def __init__(self, site: Site, page: Page, log: Path) -> None:
        self.site = site
        self.page = page
        self.log = log

    def runs(self) -> list[dict[str, Any]]:
        """All runs, none of which has failed."""
        runs: list[dict[str, Any]] = self.page.ask(_RUNS)["results"]
        assert {run["status"] for run in runs}.isdisjoint({"FAILURE", "CANCELED"}), runs
        return runs

    def runs_of(self, kind: str, name: str) -> list[dict[str, Any]]:
        """The runs that a schedule or a sensor asked for."""
        tag = {"key": f"dagster/{kind}_name", "value": name}
        return [run for run in self.runs() if tag in run["tags"]]

    def is_idle(self) -> bool:
        return all(run["status"] == "SUCCESS" for run in self.runs())

    def has_published(self, number: int) -> bool:
        """Whether the current release is that of a number."""
        self.runs()
        return (self.site.out / "current").resolve().name.startswith(f"{number:06}")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """PostgreSQL, the daemon and the page on an instance of their own."""
    site = Site(tmp_path_factory.mktemp("service"))
    site.write(a=article(slug="a", answer="An answer."), b=article(slug="b"))
    settings = site.home / "pressroom.toml"
    settings.write_text(_SETTINGS)
    home = site.home / "dagster"
    home.mkdir()
    shutil.copy(ROOT / "deploy" / "dagster-postgres.yaml", home / "dagster.yaml")
    with postgres.database() as credentials, pytest.MonkeyPatch.context() as patch:
        for name, value in credentials.items():
            patch.setenv(name, value)
        patch.setenv("DAGSTER_HOME", str(home))
        patch.setenv("PRESSROOM_SETTINGS", str(settings))
        port, log = free_port(), site.home / "daemon.log"
        workspace = ("-w", ROOT / "workspace.yaml")
        page = BIN / "dagster-webserver", *workspace, "-h", "127.0.0.1", "-p", str(port)
        daemon = BIN / "dagster-daemon", "run", *workspace
        with (
            running(*page, log=site.home / "page.log", cwd="/"),
            running(*daemon, log=log, cwd="/"),
        ):
            eventually(Page(port).answers, log=site.home / "page.log")
            yield Service(site, Page(port), log)


@pytest.mark.torture
@postgres.needs_postgres
def test_the_schedule_publishes_and_the_sensor_publishes_what_is_edited_and_edited_back(
    service: Service,
) -> None:
    log = service.log
    sensor = {**_REPOSITORY, "sensorName": "raw_files_changed"}
    assert service.page.ask(_START, sensor=sensor)["sensorState"]["status"] == "RUNNING"

    eventually(lambda: service.runs_of("schedule", "daily"), 180, log)
    schedule = service.page.ask(_SCHEDULE, schedule={**_REPOSITORY, "scheduleName": "daily"})
    stopped = service.page.ask(_STOP, id=schedule["scheduleState"]["id"])
    assert stopped["scheduleState"]["status"] == "STOPPED"
    eventually(lambda: service.runs_of("sensor", "raw_files_changed"), 180, log)
    eventually(service.is_idle, 180, log)
    assert service.has_published(1)

    for number, answer in enumerate(("Another answer.", "An answer."), 2):
        service.site.write(a=article(slug="a", answer=answer))
        eventually(partial(service.has_published, number), 180, log)
        rows = service.site.rows("articles")
        assert [row["text"] for row in rows] == [answer, "An answer."]
    assert len(service.runs_of("sensor", "raw_files_changed")) >= 3
