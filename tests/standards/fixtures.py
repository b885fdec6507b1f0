"""The releases of the tests of standards, each built once, whichever worker comes first.

A test module takes them by ``pytest_plugins = ["tests.standards.fixtures"]``.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from pressroom.model.paths import Sources
from pressroom.model.settings import Compute, Exports
from tests.conftest import AS_OF, CORPUS, RAW, Site, article, needs_corpus
from tests.quicktakes import quicktakes
from tests.standards.releases import LATER, ODD, REAL, SAMPLE, Published, odd_files

# Off by default, and cheap.
DATABASES = Exports(sqlite=True, jsonl=True, duckdb=True)


def _once(factory: pytest.TempPathFactory, name: str, build: Callable[[Site], None]) -> Path:
    """The release of a site that the first worker builds and the others wait for."""
    base = factory.getbasetemp()
    home = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    with FileLock(f"{home}.lock"):
        if not home.exists():
            home.mkdir()
            build(Site(home))
    return (home / "out" / "current").resolve()


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """The release of the questions and answers of the sample, without posts and pages."""

    def build(site: Site) -> None:
        site.raw = RAW
        site.build(site=SAMPLE, exports=DATABASES, sources=Sources(exclude=("posts/", "pages/")))

    return Published(_once(tmp_path_factory, "sample", build), SAMPLE, AS_OF)


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """The release of 400 real articles, in several parts."""

    def build(site: Site) -> None:
        site.raw = CORPUS / "content"
        site.build(site=REAL, exports=DATABASES, compute=Compute(workers=2, shard_files=100))

    return Published(_once(tmp_path_factory, "real", build), REAL, AS_OF)


@pytest.fixture(scope="session")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """The second release of a few odd files: a url has changed, and one is gone."""
    options: dict[str, Any] = {
        "site": ODD,
        "exports": DATABASES,
        "content": quicktakes(required=("url",)),
        "compute": Compute(workers=1, shard_files=3),
    }

    def build(site: Site) -> None:
        site.write(**odd_files(), gone=article(slug="gone"))
        site.build(**options)
        (site.raw / "gone.md").unlink()
        site.write(changed=article(slug="changed", title="It changed"))
        site.build(as_of=LATER, accept_removals=True, **options)

    return Published(_once(tmp_path_factory, "odd", build), ODD, LATER)


@pytest.fixture(scope="session", params=["sample", "odd", pytest.param("real", marks=needs_corpus)])
def release(request: pytest.FixtureRequest) -> Published:
    """Each of the releases."""
    found: Published = request.getfixturevalue(request.param)
    return found
