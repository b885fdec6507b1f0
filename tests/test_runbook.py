"""What `deploy/` says is true: the commands of its README do as it says, and its units are valid.

The commands run below a folder that stands for the root of a machine, as the user of the tests.
Left out are those that only root of a machine with systemd can give.
"""

import json
import logging
import re
import shutil
import time
from pathlib import Path

import dagster as dg
import pytest
import yaml
from dagster._core.instance.config import dagster_instance_config
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import EmptyWorkspaceTarget
from dagster._daemon.monitoring.run_monitoring import execute_run_monitoring_iteration

from pressroom.model.settings_toml import load
from tests.checkout import blocks, checkout, give_environment, run
from tests.conftest import RAW, ROOT

DEPLOY = ROOT / "deploy"
UNITS = sorted(path.name for path in (DEPLOY / "systemd").glob("pressroom-*.*") if path.is_file())
README = (DEPLOY / "README.md").read_text()
SECTIONS = {
    text.partition("\n")[0]: blocks(text, "sh")
    for text in re.split(r"^## ", README, flags=re.MULTILINE)[1:]
}
OF_ROOT = re.compile(r"(systemctl|useradd|userdel|chown|runuser) .*\n")
OF_TESTS = {"PostgreSQL"}  # of tests/postgres.py


class Host:
    """A folder that stands for the root of a machine on which Pressroom is set up."""

    def __init__(self, root: Path, origin: Path) -> None:
        self.root = root
        self.content = root / "srv/content"
        self.out = root / "var/lib/pressroom/out"
        for folder in ("etc/systemd/system", "var/lib", "var/backups"):
            (root / folder).mkdir(parents=True)
        shutil.copytree(RAW, self.content)
        run(f"git clone -q {origin} {root}/opt/pressroom", root)
        give_environment(root / "opt/pressroom")
        self.shell = ""
        self.do("Set up")
        for name in ("environment", "pressroom.toml"):
            path = root / "etc/pressroom" / name
            path.write_text(self.here(path.read_text()))
        [paths] = blocks(README, "toml")
        settings = root / "etc/pressroom/pressroom.toml"
        _, _, rest = settings.read_text().partition('out = "out"\n')
        settings.write_text(self.here(paths) + rest.replace("workers = 0", "workers = 1"))
        [self.shell] = SECTIONS["A shell of the user"]

    def here(self, text: str) -> str:
        """A text with its places below this root."""
        return re.sub(r"(?<![\w.])/(opt|etc|var|srv)\b", rf"{self.root}/\1", text)

    def do(self, section: str, *statuses: int) -> None:
        """Run the commands of a section; its blocks end with these statuses, or with 0."""
        found = SECTIONS[section]
        for block, status in zip(found, statuses or [0] * len(found), strict=True):
            self.run(re.sub(r" -[og] pressroom\b", "", OF_ROOT.sub("", block)), status)

    def run(self, command: str, status: int = 0) -> str:
        return run(self.here(self.shell + command), self.root, status)

    @property
    def current(self) -> str:
        """The number of the published release."""
        return (self.out / "current").resolve().name[:6]


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository that checkouts come from."""
    home = checkout(tmp_path_factory.mktemp("origin") / "pressroom")
    shutil.rmtree(home / ".venv")
    run("git init -qb main", home)
    commit(home)
    return home


def commit(home: Path) -> None:
    run("git add -A; git -c user.name=a -c user.email=a@b.example commit -qm change", home)


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory, origin: Path) -> Path:
    """An output folder with one release."""
    host = Host(tmp_path_factory.mktemp("host"), origin)
    host.run("pressroom build")
    return host.out


@pytest.fixture
def host(tmp_path: Path, origin: Path, released: Path) -> Host:
    host = Host(tmp_path, origin)
    shutil.copytree(released, host.out, symlinks=True)
    return host


def test_every_section_with_commands_is_tested_here() -> None:
    tested = set(re.findall(r'(?:host|self)\.do\("([^"]+)"', Path(__file__).read_text()))
    with_commands = {section for section, found in SECTIONS.items() if "".join(found)}
    assert with_commands == tested | OF_TESTS | {"A shell of the user"}


def test_what_is_set_up_is_complete(host: Host) -> None:
    assert (host.root / "var/lib/pressroom/dagster/dagster.yaml").read_bytes() == (
        DEPLOY / "dagster.yaml"
    ).read_bytes()
    installed = host.root / "etc/systemd/system"
    assert sorted(path.name for path in installed.glob("pressroom-*.*") if path.is_file()) == UNITS
    assert load(host.root / "etc/pressroom/pressroom.toml").paths.raw == host.content


def test_what_dagster_remembers_is_for_the_user_of_the_services_alone(host: Host) -> None:
    home = host.root / "var/lib/pressroom/dagster"
    assert home.stat().st_mode & 0o777 == 0o700
    home.chmod(0o755)  # as earlier versions made it
    common = host.root / "etc/systemd/system/pressroom-.service.d/common.conf"
    [before] = re.findall("^ExecStartPre=(.*)$", common.read_text(), re.MULTILINE)
    host.run(before)
    assert home.stat().st_mode & 0o777 == 0o700


def test_a_run_that_failed_says_why_and_ends_well_once_the_cause_is_mended(host: Host) -> None:
    away = host.content.rename(host.root / "srv/away")
    host.do("When a run fails", 2)
    away.rename(host.content)
    host.do("When a run fails")


def test_removals_that_hold_a_release_back_are_accepted(host: Host) -> None:
    for path in sorted(host.content.rglob("*.md"))[:9]:
        path.unlink()
    assert host.run("pressroom build", 3) == ""
    assert host.current == "000001"
    host.do("When the audit holds a release back")
    assert host.current == "000002"


def test_a_wrong_release_is_rolled_back_and_builds_publish_again_when_they_are_let(
    host: Host,
) -> None:
    next(host.content.rglob("*.md")).unlink()
    host.run("pressroom build")
    assert host.current == "000002"
    host.do("When a release is wrong")
    assert host.current == "000003"
    manifest = json.loads((host.out / "current/manifest.json").read_bytes())
    assert manifest["previous"].startswith("000001")


def test_damaged_files_are_made_anew(host: Host) -> None:
    damaged = host.out / "current/tables/keywords/part-00000.parquet"
    damaged.chmod(0o644)
    damaged.write_bytes(b"damaged")
    host.do("When files are damaged", 1, 0)
    assert host.current == "000002"


def test_where_a_manifest_is_lost_an_older_release_is_gone_on_from(host: Host) -> None:
    next(host.content.rglob("*.md")).unlink()
    host.run("pressroom build")
    (host.out / "current/manifest.json").unlink()
    host.run("pressroom build", 1)
    host.do("When a manifest is lost")
    manifest = json.loads((host.out / "current/manifest.json").read_bytes())
    assert manifest["previous"].startswith("000001")
    host.run("pressroom verify")


def test_a_backup_is_restored_with_its_links_and_dates_of_first_sight(host: Host) -> None:
    next(host.content.rglob("*.md")).unlink()
    host.run("pressroom build")
    before = host.run("pressroom releases --json")
    host.do("Back up")
    shutil.rmtree(host.out / "releases")
    host.do("Restore")
    assert host.run("pressroom releases --json") == before
    host.run("pressroom verify")
    same = "csv/rejects.csv"
    [first, second] = sorted((host.out / "releases").iterdir())
    assert (first / same).samefile(second / same)


def test_an_upgrade_brings_the_new_code_and_units(host: Host, origin: Path) -> None:
    (origin / "deploy/systemd/pressroom-new.timer").write_text("")
    commit(origin)
    host.do("Upgrade")
    assert (host.root / "etc/systemd/system/pressroom-new.timer").exists()


def test_old_runs_are_deleted(host: Host) -> None:
    host.do("Old runs")


def test_nothing_is_left_of_what_is_retired(host: Host) -> None:
    host.do("Retire")
    left = [path for path in host.root.rglob("*pressroom*") if "srv" not in path.parts]
    assert left == []


def test_the_instances_of_one_machine_and_of_a_team_differ_in_their_storage_alone() -> None:
    one, team = (
        yaml.safe_load((DEPLOY / name).read_text())
        for name in ("dagster.yaml", "dagster-postgres.yaml")
    )
    storage = team.pop("storage")
    assert one == team
    stated = (DEPLOY / "environment").read_text()
    values = storage["postgres"]["postgres_db"].values()
    named = {value["env"] for value in values if "env" in value}
    assert named == set(re.findall(r"^# (DAGSTER_PG_\w+)=", stated, re.MULTILINE))


@pytest.mark.parametrize("name", ["dagster.yaml", "dagster-postgres.yaml"])
def test_dagster_takes_the_instances_and_ends_a_run_that_lasts_too_long(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in re.findall(r"env: (\w+)", (DEPLOY / name).read_text()):
        monkeypatch.setenv(variable, "5432")
    loaded, _ = dagster_instance_config(str(DEPLOY), name)
    without = {key: value for key, value in loaded.items() if key != "storage"}
    (tmp_path / "dagster.yaml").write_text(yaml.safe_dump(without))
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        run = instance.create_run_for_job(dg.GraphDefinition("alone").to_job())
        started = dg.DagsterEvent(dg.DagsterEventType.RUN_START.value, "alone")
        instance.report_dagster_event(started, run.run_id)
        assert monitored(instance, run.run_id) is dg.DagsterRunStatus.STARTED
        began = time.time()
        clock = "dagster._daemon.monitoring.run_monitoring.get_current_timestamp"
        monkeypatch.setattr(clock, lambda: began + 7300)
        assert monitored(instance, run.run_id) is dg.DagsterRunStatus.FAILURE


def monitored(instance: dg.DagsterInstance, run_id: str) -> dg.DagsterRunStatus:
    """The status of a run after the daemon has looked at it."""
    assert instance.run_monitoring_enabled
    with WorkspaceProcessContext(instance, EmptyWorkspaceTarget()) as workspace:
        assert set(execute_run_monitoring_iteration(workspace, logging.getLogger())) == {None}
    [record] = instance.get_run_records(dg.RunsFilter([run_id]))
    return record.dagster_run.status


def test_the_runbook_names_units_and_a_user_that_exist() -> None:
    named = re.findall(r"^systemctl (?!daemon-reload)[\w -]*?((?:pressroom-\S+ ?)+)$", README, re.M)
    names = {name if "." in name else f"{name}.service" for line in named for name in line.split()}
    assert names
    assert names <= set(UNITS)
    common = (DEPLOY / "systemd/pressroom-.service.d/common.conf").read_text()
    [user] = re.findall(r"^useradd .* (\w+)$", README, re.MULTILINE)
    assert f"\nUser={user}\n" in common


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_accepts_the_units_and_finds_them_confined(host: Host) -> None:
    folder = host.root / "etc/systemd/system"
    for path in folder.rglob("*.*"):
        if path.is_file():
            path.write_text(host.here(path.read_text()))
    search = {"SYSTEMD_UNIT_PATH": f"{folder}:"}
    for unit in UNITS:
        verified = run(f"systemd-analyze verify --man=no {unit} 2>&1", folder, environment=search)
        assert verified == ""
    for unit in UNITS:
        if unit.endswith(".service"):
            analyze = f"systemd-analyze security --offline=yes --threshold=20 {unit}"
            run(analyze, folder, environment=search)
