"""The steps of a build in their order: the one place that knows it.

`stage` runs all that make a release, `check` audits it, and `release` publishes it; `build` is all
of these. A step is skipped when the run has found that nothing changed: sources, settings, code
and libraries are those of the published release.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from ..base.errors import PipelineError
from ..model.settings import Settings
from ..releases import staging
from . import begin as begins
from . import compute
from .begin import Begun
from .export_steps import export, export_all
from .finish import audit, audit_error, check, manifest, release
from .ingest import ingest
from .options import Options, as_of
from .outcome import Outcome
from .progress import Progress
from .run import Run
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


def begin(
    settings: Settings,
    options: Options,
    run: str,
    as_of: int,
    progress: Progress,
    begun: Begun | None = None,
) -> Run:
    """Begin a run, or go on with one that has `begun`.

    Its pool is the caller's to shut down, its staging folder to discard.

    Raises:
        SettingsError: The output folder lies in the raw folder, or Dask is not installed.
        PipelineError: The output folder cannot be written, or holds no whole release.
    """
    begun = begun or begins.begin(settings.paths, run, as_of, progress)
    source, staged = begun.source, begun.staging
    try:
        pool = compute.executor(settings.compute, [*source.folders, staged.root.parent])
    except BaseException:
        staging.discard(staged)
        raise
    known = begun.surveyed, begun.request
    return Run(settings, options, source, staged, pool, progress, *known)


@contextmanager
def stage(
    settings: Settings,
    options: Options,
    run: str,
    as_of: int,
    progress: Progress,
    begun: Begun | None = None,
) -> Iterator[Run]:
    """Stage a release: what is left to do with the run is to `check` it, and to `release` it.

    Raises:
        SettingsError: The raw folder does not exist.
        PipelineError: The run failed in another way; nothing was published.
    """
    if not options.keep_tables and not begun:
        begins.source_of(settings.paths).check()
    this = begin(settings, options, run, as_of, progress, begun)
    try:
        with this.pool:
            if options.keep_tables:
                _check_tables(this)
                this.pool.expect(None)
            else:
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
    settings: Settings,
    options: Options,
    run: str,
    as_of: int,
    progress: Progress,
    begun: Begun | None = None,
) -> Outcome:
    """Run all steps and publish. What has `begun` ends here, too (`start.build`).

    Raises:
        AuditError: A check held the release back.
        ConflictError: Another run published in the meantime.
        PipelineError: As `stage`.
    """
    with stage(settings, options, run, as_of, progress, begun) as staged:
        audit(staged)
        return release(staged)
