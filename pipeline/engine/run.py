"""A run as a value: what its steps are given, and what they learn from each other."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from ..base.cancellation import check_cancelled
from ..base.digests import digest
from ..exports import Export
from ..model.settings import Settings
from ..releases import cache, identities, local
from ..releases.cache import Cache
from ..releases.manifest import Counts
from ..releases.staging import Staging, StepRecord
from ..sources.source import Source
from . import compute
from .compute import Workers
from .options import Options
from .progress import Progress
from .raw_files import Reading, Surveyed
from .steps import AFTER_INGEST, INGEST, Step, recipe_of
from .workspace import Workspace

_FETCHED = "fetched"
GIT = "git"  # the history that rows depend on
LOOK = "look"  # what was seen of one, if anything was asked
Job = TypeVar("Job")
Report = TypeVar("Report")


@dataclass(frozen=True, slots=True)
class Run:
    """Settings, options, raw files, staging folder, who runs shards, where progress is shown.

    `surveyed` is what is known of the raw files already, and `request` what the run is remembered
    by (`up_to_date`). Of files of releases that it found intact is `noted` what the file system
    says.
    """

    settings: Settings
    options: Options
    source: Source
    staging: Staging
    pool: Workers
    progress: Progress
    surveyed: Surveyed | None = None
    request: str = ""
    noted: identities.Noted = field(default_factory=dict)
    # Each is asked for dozens of times: a tenth of the build of a small site.
    _recipes: dict[str, str] = field(default_factory=dict)

    @property
    def workspace(self) -> Workspace:
        """What the jobs are told of this run."""
        return Workspace(
            self.source,
            self.staging.root,
            self.staging.work,
            microseconds(self.staging.as_of),
        )

    @property
    def reading(self) -> Reading:
        """How it reads raw files."""
        settings = self.settings
        chosen = settings.sources
        return Reading(
            chosen.extensions,
            chosen.include,
            chosen.exclude,
            settings.limits.file_bytes,
            settings.compute.shard_files,
        )

    @property
    def known_files(self) -> identities.Identities:
        """What spares it reading files of releases; nothing for one that is to look at all."""
        is_to_look = self.options.full or self.options.force
        return {} if is_to_look else identities.load(self.staging.out)

    @property
    def pinned(self) -> str | None:
        """The release that the site was pinned to when this run began, unless the run is forced."""
        return None if self.options.force else self.staging.pinned

    @property
    def keeps_published(self) -> bool:
        """Whether the published release stays: it is up to date, as ingest found, or pinned."""
        if self.pinned:
            return True
        record = self.staging.recorded(INGEST.name)
        return bool(record and record.is_unchanged)

    @property
    def passed_over(self) -> Mapping[str, int]:
        """Files that are not read, by suffix: as this run listed them, else the last release."""
        previous, ingested = self.staging.previous, self.staging.recorded(INGEST.name)
        counts = previous.counts if previous else Counts()
        return (counts.updated(ingested.counts) if ingested else counts).passed_over

    def fetched(self) -> set[str]:
        """Bring the published release from its storage to this machine, once in a run.

        The files that the storage lacks, or holds otherwise than the manifest says.
        """
        previous = self.staging.previous
        if previous is None:
            return set()
        record = self.staging.recorded(_FETCHED)
        if record is None:
            damaged = self.staging.store.fetch(previous, check_cancelled=check_cancelled)
            record = self.staging.record(_FETCHED, StepRecord(damaged=tuple(damaged)))
        return set(record.damaged)

    def found_damaged(self) -> set[str]:
        """The files of the published release that this run found damaged, or missing.

        Step one reads all of them; a run without it looks at least whether they are there.
        """
        fetched, ingested = self.fetched(), self.staging.recorded(INGEST.name)
        if ingested is not None:
            return fetched | set(ingested.damaged)
        previous = self.staging.previous
        return fetched | (local.missing(previous) if previous else set())

    def cache(self, *outputs: str) -> Cache:
        """What of some outputs of the published release may be reused."""
        damaged, rebuild = self.found_damaged(), self.options.full
        return cache.of(self.staging.previous, damaged, rebuild=rebuild, outputs=outputs)

    def remembered(self, output: str) -> Cache:
        """What an output of the published release says that no raw file does (`cache.remembered`).

        A run without step one, which reads all files, reads those of the output.
        """
        previous, damaged = self.staging.previous, self.found_damaged()
        if previous is not None and self.staging.recorded(INGEST.name) is None:
            damaged |= set(local.damaged(previous, previous.outputs.keys() & {output}))
        return cache.remembered(previous, damaged, output)

    def is_lacking(self) -> bool:
        """Whether the storage lacks something of the published release, which is here."""
        ingested = self.staging.recorded(INGEST.name)
        return bool(ingested and ingested.is_lacking)

    def map(self, function: Callable[[Job], Report], jobs: Iterable[Job]) -> Iterator[Report]:
        """The reports of a stage, in the order in which its jobs finish."""
        return compute.run(self.pool, function, jobs)

    def map_shown(
        self, stage: str, function: Callable[[Job], Report], jobs: Sequence[Job]
    ) -> Iterator[Report]:
        """The same, shown as the progress of a stage of so many jobs."""
        self.progress.begin(stage, len(jobs), "parts")
        for report in self.map(function, jobs):
            self.progress.advance(1)
            yield report

    def recipe(self, step: Step | Export) -> str:
        """The digest of what a step's bytes depend on besides its tables.

        Those of ingest depend on the state of the repository, too, where git is asked for dates.
        """
        recipe = self._recipe(step)
        looked_at = self.staging.recorded(GIT) if step is INGEST else None
        return digest(recipe, looked_at.state, looked_at.no_history) if looked_at else recipe

    def _recipe(self, step: Step | Export) -> str:
        if step.name not in self._recipes:
            self._recipes[step.name] = recipe_of(step, self.settings)
        return self._recipes[step.name]

    def release_inputs(self, ingested: str) -> str:
        """The digest of all that a release is made from, by the digest of what ingest read."""
        return digest(ingested, [self._recipe(step) for step in AFTER_INGEST])

    def inputs(self, step: Step | Export) -> str:
        """The digest of all that a step's outputs are made from."""
        outputs = self.staging.outputs()
        versions = [[name, outputs[name].version] for name in step.tables(self.settings.content)]
        of_run = [self.staging.as_of, self.passed_over]
        is_dated = isinstance(step, Export) and step.is_dated
        return digest(self.recipe(step), versions, *(of_run if is_dated else ()))

    def root_of(self, output: str) -> Path:
        """The folder of the release that holds an output: this run's, where it made it."""
        made, previous = self.staging.made(), self.staging.previous
        return self.staging.root if output in made or previous is None else previous.root


def since(began: float) -> str:
    """How long a step took, since a moment of `time.monotonic`, for a line of progress."""
    return f"in {time.monotonic() - began:.1f} s"


def microseconds(seconds: int) -> int:
    """Seconds since 1970 in the unit of the tables."""
    return seconds * 1_000_000
