"""Dagster instances for tests: one for each module, and empty for each test."""

from collections.abc import Iterator

import dagster as dg
import pytest


@pytest.fixture(scope="module")
def instance_of_module() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as instance:
        yield instance


@pytest.fixture
def instance(instance_of_module: dg.DagsterInstance) -> dg.DagsterInstance:
    instance_of_module.wipe()  # a tenth of the time of making another
    return instance_of_module
