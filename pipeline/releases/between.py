"""Which kept releases lie between two: together they hold what changed from one to the other."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ..base.errors import PipelineError
from .manifest import Release, open_release


class Between(NamedTuple):
    """Releases, the newest first; `is_whole`: none of those between is no longer kept."""

    releases: tuple[Release, ...]
    is_whole: bool


def between(current: Release, before: str | None) -> Between:
    """The releases from one with the id `before`, itself excluded, to the current one.

    After a rollback they are those that were undone. From None it is the current one alone.
    """
    if before is None:
        return Between((current,), True)
    line = list(line_of(current.root.parent, current.id))
    names = [release.id for release in line]
    if before in names:
        return Between(tuple(line[: names.index(before)]), True)
    undone = list(line_of(current.root.parent, before))
    of_undone = [release.id for release in undone]
    common = next((name for name in names if name in of_undone), None)
    if common is not None:
        found = [*line[: names.index(common)], *undone[: of_undone.index(common)]]
        return Between(tuple(sorted(found, key=lambda one: one.id, reverse=True)), True)
    # What is left of the way: nothing that is older than where it began.
    return Between(tuple(release for release in line if release.id > before), False)


def line_of(folder: Path, name: str | None) -> Iterator[Release]:
    """A release, the one that it was made from, and so on while they are kept."""
    with contextlib.suppress(PipelineError):
        while name is not None:
            release = open_release(folder / name)
            yield release
            name = release.manifest.previous
