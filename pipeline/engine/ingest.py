"""Stage 1 over all shards: which are read, which are linked, and which url stands twice.

A shard whose files are those of a shard of the published release is linked. Of any other just the
files are parsed that the published release has no rows of.
"""

import dataclasses
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from ..base.errors import PipelineError
from ..base.fingerprint import digest
from ..base.wording import counted, some
from ..files import atomic, parquet
from ..releases import local, reuse
from ..releases.manifest import Output, Release
from ..releases.staging import MOVED, StepRecord
from ..sources import etags, listing
from ..sources.listing import Slice
from ..tables import ledger, links, rejects, url_index
from . import previous_rows, shard_ingest, shard_survey
from .run import Run, since
from .shard_ingest import IngestJob, IngestReport, part_inputs
from .shard_parse import Duplicate
from .shard_survey import SurveyJob, SurveyReport
from .steps import INGEST, LINK, release_inputs
from .workspace import ShardJob, Workspace

Report = TypeVar("Report", SurveyReport, IngestReport)
ReadingJob = TypeVar("ReadingJob", SurveyJob, IngestJob)

# The rows of a file stand in the part of the same number in each of these.
_OF_FILES = ("articles", "keywords", "rejects", "related_links", "findings")


def ingest(run: Run) -> StepRecord:
    """Read the raw folder into articles, keywords and rejects."""
    if run.pinned:
        run.progress.say(f"ingest: nothing is read, for the site is pinned to {run.pinned}")
        return run.previous_record(INGEST)
    if run.staging.recorded(MOVED):
        message = "This run has published its release already, and died after that: start another."
        raise PipelineError(message)
    began = time.monotonic()
    raw, version = run.settings.paths.raw, listing.version(run.settings.paths.raw)
    shards = _listed(run)
    _recall_etags(run)
    lacking = _lacking(run)
    stop = threading.Event()
    with ThreadPoolExecutor(1) as aside:  # what was published is read while workers read sources
        harm = aside.submit(_harm, run, stop)
        try:
            surveyed = _surveyed(run, shards)
            damaged = _told(run, harm.result())
        finally:
            stop.set()
    if not lacking and not damaged and _is_unchanged(run, surveyed):
        return _unchanged(run, shards, began)
    damaged |= run.fetched()
    linked = _linkable(run, surveyed, damaged)
    _lay_out(run, damaged, surveyed, set(linked.values()))
    reports = _read(run, shards, surveyed, linked)
    if listing.version(raw) != version:
        message = f"The raw folder {raw} was replaced by another while it was read: run again."
        raise PipelineError(message)
    if not surveyed:
        _keep_etags(run, shards)
    _index(reports, run.workspace)
    recipe, inputs = run.recipe(INGEST), _inputs(run, [report.sources for report in reports])
    outputs = {
        name: Output(recipe, inputs, tuple(report.parts[name] for report in reports))
        for name in INGEST.outputs
    }
    files, parsed = _files(shards), sum(report.parsed for report in reports)
    articles, set_aside = outputs["articles"].rows, outputs["rejects"].rows
    record = StepRecord(
        outputs,
        {
            "files": files,
            "articles": articles,
            "rejects": set_aside,
            "stated_links": sum(report.links for report in reports),
        },
        parsed=parsed,
        reused=files - parsed,
        damaged=tuple(sorted(damaged)),
        is_lacking=lacking,
    )
    run.staging.record(INGEST.name, record)
    _say(run, files, parsed, articles, set_aside, began)
    return record


def _files(shards: Sequence[Slice]) -> int:
    return sum(shard.files for shard in shards)


def _say(run: Run, files: int, parsed: int, articles: int, rejects: int, began: float) -> None:
    run.progress.say(
        f"ingest: {counted(files, 'file')}, {parsed:,} parsed,"
        f" {counted(articles, 'article')}, {counted(rejects, 'reject')} {since(began)}"
    )


def _listed(run: Run) -> list[Slice]:
    listed = listing.discover(run.settings.paths.raw, run.settings.sources)
    shards = listing.cut(listed, run.settings.compute.shard_files)
    return listing.write_list(run.workspace.paths, shards)


def _inputs(run: Run, digests: Sequence[str]) -> str:
    return digest(run.recipe(INGEST), digests)


# --- what of the published release may be used again ---------------------------------------------


def _harm(run: Run, stop: threading.Event) -> list[str]:
    """The files of the published release that are not as its manifest says, if it is on this disk.

    Of one on object storage `Run.fetched` finds them, once they are needed.
    """
    previous = run.staging.previous
    return run.staging.store.damaged(previous, stop) if previous else []


def _told(run: Run, damaged: Sequence[str]) -> set[str]:
    """Warn of damaged files, if there are any."""
    if damaged:
        run.progress.warn(
            f"the published release is damaged in {some(sorted(damaged))}:"
            " what is damaged is made anew"
        )
    return set(damaged)


def _lacking(run: Run) -> bool:
    """Whether object storage lacks anything of the published release, which may be here."""
    previous = run.staging.previous
    lacking = sorted(run.staging.store.lacking(previous)) if previous else []
    if lacking:
        run.progress.warn(
            f"the published release is not on the storage as it was in {some(lacking)}: it is"
            " published anew"
        )
    return bool(lacking)


def _surveyed(run: Run, shards: Sequence[Slice]) -> list[str]:
    """The digest of each shard's files; none where no row can be used again."""
    previous = run.staging.previous
    if previous is None or run.options.full:
        return []
    # Stated links are read back out of related_links.
    made_by = {name: previous.outputs[name].recipe for name in ("articles", "related_links")}
    if made_by != {"articles": run.recipe(INGEST), "related_links": run.recipe(LINK)}:
        return []
    limit = run.settings.limits.file_bytes
    jobs = [SurveyJob(number, shard, run.workspace, limit) for number, shard in enumerate(shards)]
    found = run.map(shard_survey.survey, _largest_first(jobs))
    reports = sorted(_shown(run, "survey", shards, found))
    _keep_etags(run, shards)
    return [report.sources for report in reports]


def _recall_etags(run: Run) -> None:
    """Lay out what earlier runs learnt of raw objects."""
    raw, work = run.settings.paths.raw, run.workspace
    if isinstance(raw, str):
        url_index.write(work.etags, etags.recall(run.staging.store, raw))


def _keep_etags(run: Run, shards: Sequence[Slice]) -> None:
    """Remember for the next run what the jobs of this one know of raw objects."""
    raw, work = run.settings.paths.raw, run.workspace
    if isinstance(raw, str):
        parts = [url_index.read_records(work.learnt(shard)) for shard in range(len(shards))]
        learnt = url_index.by_url(url_index.concatenate(parts, etags.COLUMNS))
        if url_index.digest_of(learnt) != url_index.digest_of(url_index.read(work.etags)):
            etags.keep(run.staging.store, raw, learnt)


def _largest_first(jobs: Iterable[ReadingJob]) -> list[ReadingJob]:
    """Jobs in an order in which no large one comes last and keeps the others waiting."""
    return sorted(jobs, key=lambda job: -job.paths.files)


def _shown(
    run: Run, stage: str, shards: Sequence[Slice], reports: Iterable[Report]
) -> Iterator[Report]:
    """Reports of shards, shown as the progress of a stage in files."""
    run.progress.begin(stage, _files(shards), "files")
    for report in reports:
        set_aside = report.parts["rejects"].rows if isinstance(report, IngestReport) else 0
        run.progress.advance(shards[report.shard].files, set_aside or 0)
        yield report


def _is_unchanged(run: Run, surveyed: Sequence[str]) -> bool:
    """The published release was made from just what this run would make one from."""
    previous = run.staging.previous
    if previous is None or not surveyed or run.options.force:
        return False
    inputs = release_inputs(_inputs(run, surveyed), run.settings)
    return previous.manifest.inputs == inputs


def _unchanged(run: Run, shards: Sequence[Slice], began: float) -> StepRecord:
    assert run.staging.previous is not None
    counts, files = run.staging.previous.counts, _files(shards)
    run.staging.record(INGEST.name, StepRecord(reused=files, is_unchanged=True))
    _say(run, files, 0, counts.articles, counts.rejects, began)
    return run.previous_record(INGEST)


def _linkable(run: Run, surveyed: Sequence[str], damaged: set[str]) -> dict[int, int]:
    """The shards whose files are those of an intact shard of the published release: its number."""
    if run.staging.previous is None:
        return {}
    parts = {
        entry.inputs: number
        for number, entry in enumerate(run.staging.previous.outputs["articles"].files)
        if damaged.isdisjoint(parquet.part_path(table, number) for table in _OF_FILES)
    }
    recipe = run.recipe(INGEST)
    inputs = {shard: part_inputs(recipe, found, {}) for shard, found in enumerate(surveyed)}
    return {shard: parts[made_from] for shard, made_from in inputs.items() if made_from in parts}


def _lay_out(run: Run, damaged: set[str], surveyed: Sequence[str], linked: set[int]) -> None:
    """Lay out what jobs need of the published release; `linked` parts are done with."""
    work, previous = run.workspace, run.staging.previous
    if previous is not None:
        reuse.write(work.known, previous, damaged, rebuild=run.options.full)
    url_index.write(work.memory, ledger.recall(reuse.ledger_parts(previous, damaged)))
    url_index.write(work.set_aside, rejects.recall(_rejects(previous, damaged)))
    if previous is not None and surveyed:
        parts = (_intact_parts(previous, table, damaged) for table in _OF_FILES)
        usable = set.intersection(*parts) - linked
        found = [
            files
            for part in sorted(usable)
            for files in previous_rows.files_of(previous.root, part)
        ]
        url_index.write(
            work.files, url_index.by_url(url_index.concatenate(found, previous_rows.FILES))
        )


def _rejects(previous: Release | None, damaged: set[str]) -> list[Path]:
    """The parts of rejects of a release; where one is damaged those of an older one, if any."""
    if previous is None:
        return []
    if damaged.isdisjoint(entry.path for entry in previous.outputs["rejects"].files):
        return previous.paths("rejects")
    older = local.older_with(previous, "rejects")
    return older.paths("rejects") if older else []


def _intact_parts(previous: Release, table: str, damaged: set[str]) -> set[int]:
    files = enumerate(previous.outputs[table].files)
    return {number for number, entry in files if entry.path not in damaged}


# --- reading -------------------------------------------------------------------------------------


def _read(
    run: Run, shards: Sequence[Slice], surveyed: Sequence[str], linked: Mapping[int, int]
) -> list[IngestReport]:
    """Read or link all shards; where a url stands twice, those again that must give it up."""
    jobs = [
        IngestJob(
            number,
            shard,
            run.workspace,
            run.settings.content,
            run.settings.limits,
            run.recipe(INGEST),
            bool(surveyed),
            {},
        )
        for number, shard in enumerate(shards)
    ]
    reports = {shard: _link(run, shard, part, surveyed[shard]) for shard, part in linked.items()}
    of_linked = (
        ShardJob(shard, run.workspace, "", report.parts) for shard, report in reports.items()
    )
    for _ in run.map(shard_ingest.derive, of_linked):
        pass
    others = [job for job in jobs if job.shard not in reports]
    read = run.map(shard_ingest.ingest, _largest_first(others))
    shown = _shown(run, INGEST.name, shards, chain(list(reports.values()), read))
    reports |= {report.shard: report for report in shown}
    for report in run.map(shard_ingest.ingest, list(_without_duplicates(jobs, run.workspace))):
        reports[report.shard] = _read_again(reports[report.shard], report)
    return [reports[job.shard] for job in jobs]


def _read_again(first: IngestReport, second: IngestReport) -> IngestReport:
    """What is known of a shard that was read twice."""
    if first.sources != second.sources:
        # What was a duplicate may be none any more: nothing that the next run finds is to fit this.
        found = digest(first.sources, second.sources)
        parts = {
            name: entry._replace(inputs=digest(found, entry.sha256))
            for name, entry in second.parts.items()
        }
        second = second._replace(sources=found, parts=parts)
    return second._replace(parsed=max(first.parsed, second.parsed))


def _link(run: Run, shard: int, part: int, found: str) -> IngestReport:
    """Take the parts of a shard from the published release."""
    assert run.staging.previous is not None
    previous, work = run.staging.previous, run.workspace
    parts = {}
    for table in INGEST.outputs:
        entry = previous.outputs[table].files[part]
        parts[table] = entry._replace(path=parquet.part_path(table, shard))
        atomic.hard_link(previous.root / entry.path, work.root, parts[table].path)
    stated = previous.outputs["related_links"].files[part]
    atomic.hard_link(previous.root / stated.path, work.work, work.stated_links(shard).name)
    in_text = previous.outputs["findings"].files[part]
    atomic.hard_link(previous.root / in_text.path, work.work, work.findings(shard).name)
    return IngestReport(shard, found, stated.rows or 0, 0, parts)


def _without_duplicates(jobs: Sequence[IngestJob], work: Workspace) -> Iterator[IngestJob]:
    """The shards to read again: those with an article whose url stands in an earlier file."""
    keys = [url_index.read_field(work.keys(job.shard), "url") for job in jobs]
    shards = np.repeat(np.arange(len(keys)), [len(column) for column in keys])
    rows = np.concatenate([np.arange(len(column)) for column in keys])
    twins = url_index.repeated(np.concatenate(keys))
    articles = {
        shard: work.read("articles", shard, ["url", "source_path"])
        for shard in np.unique(shards[twins]).tolist()
    }

    def path(article: int) -> str:
        return str(articles[int(shards[article])]["source_path"][int(rows[article])])

    excluded: dict[int, dict[str, Duplicate]] = {}
    for kept, other in twins.tolist():
        shard = int(shards[other])
        url = str(articles[shard]["url"][int(rows[other])])
        excluded.setdefault(shard, {})[path(other)] = Duplicate(url, path(kept))
    for shard, duplicates in excluded.items():
        yield dataclasses.replace(jobs[shard], excluded=duplicates)


def _index(reports: Sequence[IngestReport], work: Workspace) -> None:
    """Lay out the keys of all articles by url, one column after the other."""

    def column(name: str) -> npt.NDArray[Any]:
        parts = (url_index.read_field(work.keys(report.shard), name) for report in reports)
        return np.concatenate([np.empty(0, links.KEYS[name]), *parts])

    order = np.argsort(column("url"), kind="stable")
    for name in links.KEYS:
        url_index.write(work.index, {name: column(name)[order]})
