"""Runs made step by step, so that a test can come between two steps, or into one."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from pressroom.engine import build
from pressroom.engine.progress import Quiet
from pressroom.engine.steps import Step
from pressroom.files import parquet
from pressroom.model.paths import Paths
from pressroom.model.settings import Compute, Settings
from tests.conftest import AS_OF, Site
from tests.quicktakes import MODEL

STEPS = (build.ingest, build.link, build.summarize)


def begin(
    site: Site, run: str, as_of: int = AS_OF, *, full: bool = False, **sections: Any
) -> build.Run:
    """Begin a run; `sections` are settings by their section."""
    sections = {"compute": Compute(workers=1), **sections}
    settings = Settings(content=MODEL, paths=Paths(site.raw, site.out), **sections)
    return build.begin(settings, build.Options(full=full), run, as_of, Quiet(print))


def export_all(run: build.Run) -> None:
    """What comes after the tables, up to the manifest."""
    build.export_all(run)
    build.manifest(run)


def stage_unaudited(run: build.Run) -> None:
    """All steps up to the manifest."""
    for step in STEPS:
        step(run)
    export_all(run)


def stage_build(run: build.Run) -> None:
    """All steps but the last."""
    stage_unaudited(run)
    build.audit(run)


def rewrite(
    run: build.Run, step: Step, table: str, change: Callable[[pa.Table], pa.Table], part: int = 0
) -> None:
    """Let a part of a table hold other rows, as if the step had made it so."""
    record = run.staging.recorded(step.name)
    assert record is not None
    files = list(record.outputs[table].files)
    rows = change(parquet.read(run.staging.root / files[part].path))
    written = parquet.write_table(run.staging.root, files[part].path, rows)
    files[part] = written._replace(inputs=files[part].inputs)
    outputs = {**record.outputs, table: record.outputs[table]._replace(files=tuple(files))}
    run.staging.record(step.name, record._replace(outputs=outputs))
