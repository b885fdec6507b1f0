"""How a run begins: where its raw files are, and a staging folder of its own."""

from dataclasses import dataclass

from ..model.paths import Paths
from ..releases import staging
from ..releases.staging import Staging
from ..releases.store import store_at
from ..sources.source import Source, source_at
from .progress import Progress
from .raw_files import Surveyed


@dataclass(frozen=True, slots=True)
class Begun:
    """A run that has begun. `surveyed` is what it has found of its raw files, if it looked.

    `request` is what it may be remembered by (`up_to_date`).
    """

    source: Source
    staging: Staging
    request: str = ""
    surveyed: Surveyed | None = None


def begin(paths: Paths, run: str, as_of: int, progress: Progress, request: str = "") -> Begun:
    """Begin a run, whose staging folder is the caller's to discard.

    Raises:
        SettingsError: The output folder lies in the raw folder.
        PipelineError: The output folder cannot be written, or holds no whole release.
    """
    source = source_of(paths).resolved()
    # Absolute, for a worker of a cluster stands in another folder.
    store = store_at(paths.out.absolute(), paths.storage)
    if led_to := store.restore_current():
        progress.warn(f"{paths.out / 'current'} was missing; restored, pointing to {led_to}")
    return Begun(source, staging.begin(store, run, as_of), request)


def source_of(paths: Paths) -> Source:
    """Where raw files are, which is not where releases are published.

    Raises:
        SettingsError: It is.
    """
    source = source_at(paths.raw)
    source.check_apart(paths.out, paths.storage)
    return source


def is_due(begun: Staging) -> bool:
    """Whether time alone has changed something since the published release was made."""
    previous = begun.previous
    if previous is None:
        return False
    due, made = previous.counts.next_due, previous.manifest.as_of
    return begun.as_of < made or (due is not None and begun.as_of >= due)
