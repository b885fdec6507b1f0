"""How a run ended."""

from collections.abc import Mapping
from typing import NamedTuple

from ..releases.manifest import Release
from ..releases.summary import Summary, summary


class Outcome(NamedTuple):
    """How a run ended: the release that is current now, and whether this run published it.

    `parsed` files were read and parsed by this run, of `reused` ones the last release had rows.
    `passed_over` are files that were not read, by suffix. `pinned` is the release that kept it from
    publishing, and `moved_from` the base URL of the release before, where that of the published one
    is another.
    """

    release: Release
    published: bool
    parsed: int
    reused: int
    passed_over: Mapping[str, int]
    pinned: str | None = None
    moved_from: str | None = None

    @property
    def summary(self) -> Summary:
        """That of the release, which changed nothing unless this run published it."""
        found = summary(self.release)._replace(passed_over=self.passed_over)
        return found if self.published else found.without_changes()


def same(release: Release) -> str:
    """What a run says that found nothing to publish."""
    return f"release: nothing has changed since {release.id}"
