"""What is downstream in another code location, with the daemon and runs of its own."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
import yaml

from tests.conftest import ROOT, Site, article
from tests.dagster_runs import settings_file
from tests.servers import BIN, eventually, running

pytestmark = [pytest.mark.torture, pytest.mark.filterwarnings("default::ResourceWarning")]

_SECONDS = 20  # several ticks of the sensor below
_DOWNSTREAM = """
import dagster as dg

eager = dg.AutomationCondition.eager()

@dg.asset(deps=["articles"], automation_condition=eager)
def of_articles() -> None: ...

@dg.asset(deps=["redirects"], automation_condition=eager)
def of_redirects() -> None: ...

defs = dg.Definitions(
    [of_articles, of_redirects],
    executor=dg.in_process_executor,
    sensors=[
        dg.AutomationConditionSensorDefinition(
            "auto",
            target=dg.AssetSelection.assets(of_articles, of_redirects),
            default_status=dg.DefaultSensorStatus.RUNNING,
            minimum_interval_seconds=2,
        )
    ],
)
"""


@pytest.fixture
def home(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The home of an instance whose daemon serves the site and what somebody made downstream."""
    home = site.home / "dagster"
    home.mkdir()
    shutil.copy(ROOT / "deploy" / "dagster.yaml", home)
    (home / "downstream.py").write_text(_DOWNSTREAM)
    module = {"module_name": "pressroom.dagster.definitions", "location_name": "pressroom"}
    theirs = {"relative_path": "downstream.py", "location_name": "theirs"}
    workspace = {"load_from": [{"python_module": module}, {"python_file": theirs}]}
    (home / "workspace.yaml").write_text(yaml.safe_dump(workspace))
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    monkeypatch.setenv("DAGSTER_DISABLE_TELEMETRY", "1")
    settings = settings_file(site, more='[automation]\ncron = ""\n')
    monkeypatch.setenv("PRESSROOM_SETTINGS", str(settings))
    log = home / "log"
    daemon = BIN / "dagster-daemon", "run", "-w", home / "workspace.yaml"
    with running(*daemon, log=log, cwd=home, env={**os.environ}):
        eventually(lambda: "Instance is configured" in log.read_text(), log=log)
        time.sleep(_SECONDS)
        yield home


def test_what_is_downstream_runs_once_for_each_published_change(site: Site, home: Path) -> None:
    def run() -> bool:
        return (
            subprocess.run([sys.executable, "-m", "pressroom.dagster"], check=False).returncode == 0
        )

    def fired() -> list[int]:
        """How often each was materialized, once nothing is under way any more."""
        time.sleep(_SECONDS)
        with dg.DagsterInstance.from_config(str(home)) as instance:
            ended = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE]
            eventually(lambda: all(one.status in ended for one in instance.get_runs()))
            keys = map(dg.AssetKey, ("of_articles", "of_redirects"))
            return [len(instance.fetch_materializations(key, limit=99).records) for key in keys]

    texts = {f"a{number}": article(slug=f"a{number}") for number in range(9)}
    site.write(**texts)
    assert run()
    assert fired() == [1, 1]
    assert run()
    assert fired() == [1, 1]

    for path in list(site.raw.iterdir())[2:]:
        path.unlink()
    assert not run()
    assert fired() == [1, 1]

    site.write(**texts, b=article(slug="b"))
    assert run()
    assert fired() == [2, 1]
