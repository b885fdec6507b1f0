"""A build that imports no more than it needs: where nothing has changed, that is little.

For speed alone (`up_to_date`): to import the steps of a build takes 0.35 s.
"""

import dataclasses
import gc
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from ..model.paths import Paths
from ..releases import staging
from . import begin as begins
from . import memory, up_to_date
from .begin import Begun
from .options import Options
from .outcome import Outcome, same
from .progress import Progress
from .raw_files import told
from .up_to_date import Memo

if TYPE_CHECKING:
    from ..model.settings import Settings


class Asked(NamedTuple):
    """What is to be built: `settings` reads all of them, `request` is `up_to_date.request_of`."""

    paths: Paths
    request: str
    settings: "Callable[[], Settings]"


def build(asked: Asked, options: Options, run: str, as_of: int, progress: Progress) -> Outcome:
    """As `build.build`, which does what is to be done once something has changed.

    Raises:
        SettingsError: They are wrong.
        AuditError, ConflictError, PipelineError: As `build.build`.
    """
    memo = up_to_date.recall(asked.paths.out, asked.request, options)
    if memo is None:
        asked.settings()  # what is wrong with them is told before anything is written
    begins.source_of(asked.paths).check()
    begun = begins.begin(asked.paths, run, as_of, progress, asked.request)
    try:
        found = _found(begun, memo, progress) if memo else begun
        if isinstance(found, Outcome):
            return found
        with memory.for_libraries():
            from . import build as whole  # noqa: PLC0415  0.3 s

            memory.give_back()
            gc.freeze()  # what is imported stays to the end: nobody need look at it again
            return whole.build(asked.settings(), options, run, as_of, progress, found)
    finally:
        staging.discard(begun.staging)


def _found(begun: Begun, memo: Memo, progress: Progress) -> Outcome | Begun:
    """The end of a run that finds nothing changed; else what it found."""
    release = begun.staging.previous
    if release is None or not up_to_date.is_of_use(memo, begun.staging):
        return begun
    began = time.monotonic()
    found = up_to_date.look(begun, memo, progress)
    if not up_to_date.is_current(begun, memo, found):
        return dataclasses.replace(begun, surveyed=found)
    counts, files = release.counts, found.files
    rows = {"articles": counts.articles, "rejects": counts.rejects, "skipped": counts.skipped}
    for line in (*told(files, 0, rows, began), same(release)):
        progress.say(line)
    return Outcome(release, False, 0, len(files), files.passed_over)
