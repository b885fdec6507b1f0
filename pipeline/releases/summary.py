"""What there is to say of a release in a few figures, for people, for scripts and for Dagster."""

from collections.abc import Mapping
from typing import NamedTuple

from ..base.wording import counted
from .manifest import Release


class Summary(NamedTuple):
    """How much a release was made from, holds and changed.

    `passed_over` are files that were not read, by suffix (`manifest.Counts`); related `links` and
    those of texts are counted by status, `changes` of articles by kind. `as_of` is in seconds since
    1970, `bytes` the size of all files; `base_url` is None in releases that did not say it yet.
    """

    release: str
    as_of: int
    base_url: str | None
    files: int
    passed_over: Mapping[str, int]
    articles: int
    rejects: int
    skipped: int
    findings: int
    links: Mapping[str, int]
    text_links: Mapping[str, int]
    changes: Mapping[str, int]
    bytes: int

    def without_changes(self) -> "Summary":
        """The same without changes: of a release that a run has left as it was."""
        return self._replace(changes=dict.fromkeys(self.changes, 0))


def summary(release: Release) -> Summary:
    """The summary of a release."""
    counts = release.counts
    return Summary(
        release.id,
        release.manifest.as_of,
        release.base_url,
        counts.files,
        counts.passed_over,
        counts.articles,
        counts.rejects,
        counts.skipped,
        counts.findings,
        counts.links,
        counts.text_links,
        counts.changes,
        release.bytes,
    )


_SUFFIXES = 5


def by_suffix(passed_over: Mapping[str, int]) -> str:
    """Files that were not read, as people are told: ``31 .png, 2 without a suffix and 7 others``.

    `passed_over` has their numbers by suffix, the largest first.
    """
    counts = list(passed_over.items())
    named = [f"{count:,} {suffix or 'without a suffix'}" for suffix, count in counts[:_SUFFIXES]]
    others = sum(count for _, count in counts[_SUFFIXES:])
    return ", ".join(named) + f" and {counted(others, 'other')}" * bool(others)
