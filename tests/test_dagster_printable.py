"""What Dagster stores of a run and tells others: nothing in it acts, and no address its secret."""

import json
from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest

from pressroom.base.errors import PipelineError, StorageError
from pressroom.dagster import automation, build_defs
from pressroom.engine import build
from tests.conftest import Site, article
from tests.dagster_runs import execute, failure, settings_file
from tests.test_printable import NASTY, SECRET, acts, on_linux

pytest_plugins = ["tests.dagster_instances"]
pytestmark = [
    pytest.mark.filterwarnings("default::ResourceWarning"),
    pytest.mark.usefixtures("in_process"),
]
ADDRESS = f"postgresql://u:{SECRET}@db.example/x"
SIGNED = f"https://b.example/k?X-Amz-Signature={SECRET}"


def texts(value: Any) -> Iterator[str]:
    """All texts in a value of JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts(item)


def stored(instance: dg.DagsterInstance, run_id: str) -> list[str]:
    """All texts in what Dagster remembers of a run."""
    logs = instance.all_logs(run_id)
    assert logs
    return [text for log in logs for text in texts(json.loads(dg.serialize_value(log)))]


def nasty(site: Site) -> None:
    """Files whose names and texts hold all that acts."""
    text = "\u202etitle\u2066\u061c\u200f"
    site.write(
        **{
            "a": article(slug="a", title=text, subject=text, related_article1="\n  url: /x"),
            f"b{NASTY}": article(slug="b"),
            f"c{NASTY}": "no front matter",
            f"d{NASTY}": article(slug="b"),
        }
    )


@on_linux
def test_nothing_that_dagster_stores_of_a_run_acts(
    site: Site, instance: dg.DagsterInstance
) -> None:
    nasty(site)
    path = settings_file(site)
    out = json.dumps(f"{site.home}/out{NASTY}")  # whose escapes TOML has, too
    path.write_text(path.read_text().replace(f'"{site.out}"', out))
    result = execute(site, instance)

    assert result.success
    found = stored(instance, result.run_id)
    assert any(r"d\x1b[31m" in text or "d\N{REPLACEMENT CHARACTER}" in text for text in found)
    for text in found:
        assert set(filter(acts, text)) <= {"\n"}, text


@on_linux
def test_nothing_that_dagster_stores_of_a_release_that_was_held_back_acts(
    site: Site, instance: dg.DagsterInstance
) -> None:
    settings_file(site)
    site.write(**{f"c{NASTY}": "no front matter"})
    result = execute(site, instance)

    assert not result.success
    for text in stored(instance, result.run_id):
        assert set(filter(acts, text)) <= {"\n"}, text


def told(error: BaseException, cause: BaseException | None = None) -> Any:
    """A step that fails so."""

    def step(*_: object) -> None:
        raise error from cause

    return step


ERRORS = {
    "expected": told(PipelineError(f"no {ADDRESS} {NASTY}"), ValueError(f"at {SIGNED} {NASTY}")),
    "of storage": told(StorageError(f"No {SIGNED}"), OSError(2, "No such file", f"{ADDRESS}")),
    "a crash": told(ValueError(f"{SIGNED} {NASTY}"), RuntimeError(f"{ADDRESS} {NASTY}")),
}


@pytest.mark.parametrize("kind", ERRORS)
def test_an_error_that_dagster_stores_says_where_and_why_but_no_secret(
    site: Site, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    settings_file(site)
    site.write(a=article(slug="a"))
    monkeypatch.setattr(build, "manifest", ERRORS[kind])
    result = execute(site, instance)

    assert not result.success
    found = stored(instance, result.run_id)
    assert not [text for text in found if SECRET in text]
    assert not [text for text in found if not set(filter(acts, text)) <= {"\n"}]
    assert any("***" in text for text in found)
    assert any("raise error from cause" in text for text in found)


def test_a_cluster_with_a_password_in_its_address_is_refused_without_it(
    site: Site, instance: dg.DagsterInstance
) -> None:
    settings_file(site, more=f'address = "tcp://u:{SECRET}@127.0.0.1:1"\n')
    site.write(a=article(slug="a"))
    result = execute(site, instance)

    assert "compute.address: 'tcp://***@127.0.0.1:1' " in failure(result)
    assert not [text for text in stored(instance, result.run_id) if SECRET in text]


def test_settings_that_dagster_cannot_load_are_told_without_secrets(site: Site) -> None:
    path = settings_file(site, base_url=f"ftp://u:{SECRET}@site.example")
    with pytest.raises(dg.DagsterInvalidDefinitionError) as caught:
        build_defs(path)

    assert "ftp://***@site.example" in str(caught.value)
    assert SECRET not in str(caught.value)


def test_what_the_webhook_is_told_of_a_run_holds_no_secret_and_nothing_that_acts(
    site: Site, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings_file(site)
    site.write(a=article(slug="a"))
    monkeypatch.setattr(build, "manifest", ERRORS["expected"])
    result = execute(site, instance)
    run = instance.get_run_by_id(result.run_id)
    assert run
    (failed,) = [event for event in result.all_events if event.is_run_failure]
    context = dg.build_run_status_sensor_context(
        sensor_name="run_failed", dagster_event=failed, dagster_instance=instance, dagster_run=run
    ).for_run_failure()
    report = automation.report(context, "")

    assert "no postgresql://***@db.example/x" in report["text"]
    for text in report.values():
        assert SECRET not in text
        assert set(filter(acts, text)) <= {"\n"}
