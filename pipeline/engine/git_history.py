"""The history of the raw files, where the settings ask git for dates: laid out for the shards."""

import numpy as np

from ..base import printable
from ..releases.staging import StepRecord
from ..sources import git
from ..tables import scratch, url_index
from .run import GIT, Run


def look(run: Run) -> bool:
    """Note the state of the repository, on which all rows depend; whether there is a history."""
    if not run.settings.content.asks_git():
        return False
    try:
        if not run.source.folders:
            raise git.UnknownHistoryError("it is on object storage")
        state = git.state(run.source.folders[0])
    except git.UnknownHistoryError as error:
        if run.settings.content.names_git():
            run.progress.say(f":git says nothing of {run.source.home}: {error}")
        return False
    run.staging.record(GIT, StepRecord(state=state))
    return True


def lay_out(run: Run) -> None:
    """Write the history of all files for the shards."""
    found = git.history(run.source.folders[0])
    columns = {
        "url": url_index.digests(list(map(printable.encodable, found))),
        "first": np.array([commits.first for commits in found.values()], np.int64),
        "last": np.array([commits.last for commits in found.values()], np.int64),
    }
    table = url_index.to_table(url_index.by_url(columns))
    scratch.HISTORY.write(run.workspace.scratch, table)
