"""The steps of a build in their order: the one place that knows it.

`stage` runs all that make a release, `check` audits it, and `release` publishes it; `build` is all
of these. A step is skipped when the run has found that nothing changed: sources, settings, code
and libraries are those of the published release.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from ..base.errors import PipelineError, SettingsError
from ..model.settings import Paths, Settings
from ..releases import staging
from ..releases.store import store_at
from ..sources.source import Source, source_at
from . import compute
from .export_steps import export, export_all
from .finish import Outcome, audit, audit_error, check, manifest, release
from .ingest import ingest
from .progress import Progress
from .run import Options, Run
from .steps import INGEST, LINK, SUMMARIZE, Step
from .table_steps import link, summarize

__all__ = [
    "INGEST",
    "LINK",
    "SUMMARIZE",
    "Options",
    "Outcome",
    "Run",
    "Step",
    "as_of",
    "audit",
    "audit_error",
    "begin",
    "build",
    "check",
    "export",
    "export_all",
    "ingest",
    "link",
    "manifest",
    "release",
    "stage",
    "summarize",
]

_LAST_SECOND = 253_402_300_799  # of the year 9999


def as_of(stated: int | None, source_date_epoch: str | None) -> int:
    """The time of a run in seconds since 1970 (UTC): as stated, else SOURCE_DATE_EPOCH, else now.

    Raises:
        SettingsError: It is no number of seconds until the year 9999.
    """
    text = str(stated) if stated is not None else source_date_epoch or str(int(time.time()))
    if not text.isascii() or not text.isdigit() or int(text) > _LAST_SECOND:
        message = f"Invalid --as-of {text!r}: not a number of seconds since 1970 (UTC)."
        raise SettingsError(message)
    return int(text)


def begin(settings: Settings, options: Options, run: str, as_of: int, progress: Progress) -> Run:
    """Begin a run. Its pool is the caller's to shut down, its staging folder to discard.

    Raises:
        SettingsError: The output folder lies in the raw folder, or Dask is not installed.
        PipelineError: The output folder cannot be written, or holds no whole release.
    """
    source = _source(settings.paths).resolved()
    # Absolute, for a worker of a cluster stands in another folder.
    store = store_at(settings.paths.out.absolute(), settings.paths.storage)
    if led_to := store.restore_current():
        link = settings.paths.out / "current"
        progress.warn(f"{link} was missing; restored, pointing to {led_to}")
    begun = staging.begin(store, run, as_of)
    try:
        pool = compute.executor(settings.compute, [*source.folders, begun.root.parent])
    except BaseException:
        staging.discard(begun)
        raise
    return Run(settings, options, source, begun, pool, progress)


@contextmanager
def stage(
    settings: Settings, options: Options, run: str, as_of: int, progress: Progress
) -> Iterator[Run]:
    """Stage a release: what is left to do with the run is to `check` it, and to `release` it.

    Raises:
        SettingsError: The raw folder does not exist.
        PipelineError: The run failed in another way; nothing was published.
    """
    if not options.keep_tables:
        _source(settings.paths).check()
    this = begin(settings, options, run, as_of, progress)
    try:
        if options.keep_tables:
            _check_tables(this)
        if not this.keeps_published and not settings.compute.address:
            compute.prepare()
        with this.pool:
            if not options.keep_tables:
                ingest(this)
            if not this.keeps_published:
                _make(this)
        yield this
    finally:
        staging.discard(this.staging)


def _check_tables(run: Run) -> None:
    """Refuse to keep tables that are not those of the settings and of this code.

    Raises:
        PipelineError: There are none, or other ones.
    """
    previous = run.staging.previous
    made = previous.outputs if previous else {}
    for step in (INGEST, LINK, SUMMARIZE):
        for name in step.outputs(run.settings.content):
            if name not in made:
                raise PipelineError(f"There is no table {name} yet: run without keep_tables first.")
            # What articles are made from has the host of the site, which may be another now.
            if step is not INGEST and made[name].recipe != run.recipe(step):
                message = "The published tables are of other settings or code: run without"
                raise PipelineError(f"{message} keep_tables first.")


def _make(run: Run) -> None:
    if not run.options.keep_tables:
        link(run)
        summarize(run)
    export_all(run)
    manifest(run)


def build(
    settings: Settings, options: Options, run: str, as_of: int, progress: Progress
) -> Outcome:
    """Run all steps and publish.

    Raises:
        AuditError: A check held the release back.
        ConflictError: Another run published in the meantime.
        PipelineError: As `stage`.
    """
    with stage(settings, options, run, as_of, progress) as staged:
        audit(staged)
        return release(staged)


def _source(paths: Paths) -> Source:
    """Where raw files are, which is not where releases are published."""
    source = source_at(paths.raw)
    source.check_apart(paths.out, paths.storage)
    return source
