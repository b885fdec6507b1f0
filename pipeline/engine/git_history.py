"""The history of the raw files, where the settings ask git for dates: laid out for the shards."""

import numpy as np

from ..base import printable
from ..model.findings import OFF
from ..releases.staging import StepRecord
from ..sources import git
from ..tables import findings, scratch, url_index
from .run import GIT, LOOK, Run
from .steps import INGEST


def look(run: Run) -> bool:
    """Note the state of the repository, on which all rows depend; whether there is a history.

    Where there is none although the settings of the site ask for it, that is a finding; a warning
    is given with the first release that has it.
    """
    if not run.settings.content.asks_git():
        return False
    folders = run.source.folders
    found = git.look(folders[0]) if folders else git.Look(unknown="it is on object storage")
    record = run.staging.record(LOOK, StepRecord(state=found.state, no_history=found.unknown))
    if found.state or run.settings.content.names_git():
        run.staging.record(GIT, record)
    if found.unknown and run.settings.content.names_git():
        _warn_once(run, found.unknown)
    return bool(found.state)


def _warn_once(run: Run, why: str) -> None:
    previous = run.staging.previous
    is_known = previous and previous.outputs["articles"].recipe == run.recipe(INGEST)
    if not is_known and run.settings.findings.no_history != OFF:
        run.progress.warn(findings.no_history(why))


def lay_out(run: Run) -> None:
    """Write the history of all files for the shards."""
    found = git.history(run.source.folders[0])
    columns = {
        "url": url_index.digests(list(map(printable.encodable, found))),
        "first": np.array([commits.first for commits in found.values()], np.int64),
        "last": np.array([commits.last for commits in found.values()], np.int64),
    }
    table = url_index.to_table(url_index.by_url(columns))
    scratch.COMMITS.write(run.workspace.scratch, table)
