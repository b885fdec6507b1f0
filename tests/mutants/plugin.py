"""For tests of mutants: the stages run in the process of the test, for mutmut sees no other."""

import pytest


@pytest.fixture(autouse=True)
def _stages_in_process(in_process: None) -> None:
    """What `in_process` does, for every test."""
