"""Stage 1 over all shards: which are read, which are linked, and which url stands twice.

A shard whose files are those of a shard of the published release is linked. Of any other just the
files are parsed that the published release has no rows of.
"""

import dataclasses
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import TypeVar

import numpy as np
import pyarrow as pa

from ..base.errors import PipelineError
from ..base.fingerprint import digest
from ..base.wording import counted
from ..content.addresses import link_rules
from ..content.article import rules_of
from ..releases import cache
from ..releases.cache import Cache
from ..releases.manifest import Output
from ..releases.staging import StepRecord
from ..releases.summary import by_suffix
from ..sources import etags, listing
from ..sources.listing import Slice
from ..tables import scratch, url_index
from . import bundles, git_history, previous_release, shard_ingest, shard_survey
from .run import Run, since
from .shard_ingest import IngestJob, IngestReport, LinkedJob
from .shard_parse import Duplicate
from .shard_survey import SurveyJob, SurveyReport
from .steps import INGEST, LINK
from .workspace import Workspace

Report = TypeVar("Report", SurveyReport, IngestReport)
ReadingJob = TypeVar("ReadingJob", SurveyJob, IngestJob)


def ingest(run: Run) -> None:
    """Read the raw folder into articles, lists and rejects, unless the published release stays."""
    if run.pinned:
        run.progress.say(f"ingest: skipped, because the site is pinned to {run.pinned}")
        return
    began = time.monotonic()
    identity = run.source.identity()
    shards, passed_over = _listed(run)
    _recall_etags(run)
    has_history = git_history.look(run)
    previous_release.check_preset(run)
    lacking = previous_release.check_storage(run)
    stop = threading.Event()
    with ThreadPoolExecutor(1) as aside:  # what was published is read while workers read sources
        looked_at = aside.submit(previous_release.damaged, run, stop)
        try:
            surveyed = _surveyed(run, shards)
            damaged = set(looked_at.result())
        finally:
            stop.set()
    previous_release.warn_of_damage(run, sorted(damaged))
    if not lacking and not damaged and _is_unchanged(run, surveyed):
        _note_unchanged(run, shards, passed_over, began)
        return
    damaged |= run.fetched()
    rebuild = run.options.full or _is_due(run)  # parts of the same files are of another time
    known = cache.of(run.staging.previous, damaged, rebuild=rebuild)
    if has_history:
        git_history.lay_out(run)
    reports = _read(run, shards, surveyed, known, has_history=has_history)
    if run.source.identity() != identity:
        home = run.source.home
        message = f"The raw folder {home} was replaced while it was being read: run again."
        raise PipelineError(message)
    if not surveyed:
        _keep_etags(run, shards)
    _index(reports, run.workspace)
    recipe, inputs = run.recipe(INGEST), _inputs(run, [report.sources for report in reports])
    outputs = {
        name: Output(recipe, inputs, tuple(report.parts[name] for report in reports))
        for name in INGEST.outputs(run.settings.content)
    }
    files, parsed = _files(shards), sum(report.parsed for report in reports)
    rows = {name: outputs[name].rows for name in scratch.OF_FILES}
    record = StepRecord(
        outputs,
        {
            "files": files,
            "passed_over": passed_over,
            **rows,
            "stated_links": sum(report.stated_links for report in reports),
            "written_links": sum(report.written_links for report in reports),
            "next_due": _next_due(reports),
        },
        parsed=parsed,
        reused=files - parsed,
        damaged=tuple(sorted(damaged)),
        is_lacking=lacking,
    )
    run.staging.record(INGEST.name, record)
    _say(run, files, parsed, rows, began)


def _next_due(reports: Iterable[IngestReport]) -> int | None:
    """The next time at which anything is due, in seconds since 1970."""
    times = [report.due for report in reports if report.due is not None]
    return -(-min(times) // 1_000_000) if times else None


def _is_due(run: Run) -> bool:
    """Whether time alone has changed something since the published release was made."""
    previous = run.staging.previous
    if previous is None:
        return False
    due, made = previous.counts.next_due, previous.manifest.as_of
    return run.staging.as_of < made or (due is not None and run.staging.as_of >= due)


def _files(shards: Sequence[Slice]) -> int:
    return sum(shard.files for shard in shards)


def _say(run: Run, files: int, parsed: int, rows: Mapping[str, int], began: float) -> None:
    skipped = f", {rows['skipped']:,} skipped" if rows["skipped"] else ""
    run.progress.say(
        f"ingest: {counted(files, 'file')}, {parsed:,} parsed,"
        f" {counted(rows['articles'], 'article')}, {counted(rows['rejects'], 'reject')}{skipped}"
        f" {since(began)}"
    )
    if passed_over := run.passed_over:
        run.progress.say(f"passed over: {by_suffix(passed_over)}")


def _listed(run: Run) -> tuple[list[Slice], dict[str, int]]:
    """The shards of the raw files, and how many files are passed over, by suffix."""
    passed_over = Counter[str]()
    listed = run.source.listed(run.settings.sources, passed_over)
    shards = listing.cut(listed, run.settings.compute.shard_files)
    return listing.write_list(run.workspace.paths, shards), listing.most_first(passed_over)


def _inputs(run: Run, digests: Sequence[str]) -> str:
    return digest(run.recipe(INGEST), digests)


def _surveyed(run: Run, shards: Sequence[Slice]) -> list[str]:
    """The digest of each shard's files; none where no row can be used again."""
    previous = run.staging.previous
    if previous is None or run.options.full or _is_due(run):
        return []
    # Links as they are written are read back out of the tables of links.
    steps = {"articles": INGEST, "related_links": LINK, "text_links": LINK}
    known = {name: previous.outputs[name].recipe for name in steps if name in previous.outputs}
    if known != {name: run.recipe(step) for name, step in steps.items()}:
        return []
    limit = run.settings.limits.file_bytes
    jobs = [SurveyJob(number, shard, run.workspace, limit) for number, shard in enumerate(shards)]
    found = run.map(shard_survey.survey, _largest_first(jobs))
    reports = sorted(_shown(run, "survey", shards, found))
    _keep_etags(run, shards)
    return [report.sources for report in reports]


def _recall_etags(run: Run) -> None:
    """Lay out what earlier runs read of raw objects."""
    if run.source.has_etags:
        known = etags.recall(run.staging.store, run.source.home)
        scratch.ETAGS.write(run.workspace.scratch, url_index.to_table(known))


def _keep_etags(run: Run, shards: Sequence[Slice]) -> None:
    """Remember for the next run what the jobs of this one know of raw objects."""
    if not run.source.has_etags:
        return
    folder = run.workspace.scratch
    parts = (scratch.ETAG_DIGESTS.read(folder, shard) for shard in range(len(shards)))
    known = url_index.by_url(url_index.columns(pa.concat_tables(parts)))
    before = url_index.columns(scratch.ETAGS.read(folder))
    if url_index.digest_of(known) != url_index.digest_of(before):
        etags.keep(run.staging.store, run.source.home, known)


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
    inputs = run.release_inputs(_inputs(run, surveyed))
    return previous.manifest.inputs == inputs


def _note_unchanged(
    run: Run, shards: Sequence[Slice], passed_over: Mapping[str, int], began: float
) -> None:
    assert run.staging.previous is not None
    counts, files = run.staging.previous.counts, _files(shards)
    found = StepRecord(counts={"passed_over": passed_over}, reused=files, is_unchanged=True)
    run.staging.record(INGEST.name, found)
    _say(run, files, 0, {name: getattr(counts, name) for name in scratch.OF_FILES}, began)


# --- reading -------------------------------------------------------------------------------------


def _read(
    run: Run,
    shards: Sequence[Slice],
    surveyed: Sequence[str],
    known: Cache,
    *,
    has_history: bool,
) -> list[IngestReport]:
    """Read or link all shards; where a url stands twice, those again that must give it up."""
    excluded = bundles.bundled(run, shards)
    linked = previous_release.same_shards(run, surveyed, excluded, known)
    previous_release.lay_out(run, surveyed, set(linked.values()), known)
    rules, of_links = rules_of(run.settings), link_rules(run.settings)
    jobs = [
        IngestJob(
            number,
            shard,
            run.workspace,
            rules,
            of_links,
            run.recipe(INGEST),
            bool(surveyed),
            excluded.get(number, {}),
            has_history,
        )
        for number, shard in enumerate(shards)
    ]
    reports = {
        shard: previous_release.link_shard(run, shard, part, surveyed[shard], known)
        for shard, part in linked.items()
    }
    of_linked = (LinkedJob(shard, run.workspace, part, of_links) for shard, part in linked.items())
    for shard, next_due in run.map(shard_ingest.derive, of_linked):
        reports[shard] = reports[shard]._replace(due=next_due)
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


def _without_duplicates(jobs: Sequence[IngestJob], work: Workspace) -> Iterator[IngestJob]:
    """The shards to read again: those with an article whose url stands in an earlier file."""
    urls = [scratch.ARTICLE_KEYS.read(work.scratch, job.shard)["url"] for job in jobs]
    shards = np.repeat(np.arange(len(urls)), [len(column) for column in urls])
    rows = np.concatenate([np.arange(len(column)) for column in urls])
    twins = url_index.repeated(np.concatenate([url_index.array(column) for column in urls]))
    articles = {
        shard: work.columns_of("articles", shard, ["url", "source_path"])
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
        of_others = {**jobs[shard].excluded, **duplicates}
        yield dataclasses.replace(jobs[shard], excluded=of_others)


def _index(reports: Sequence[IngestReport], work: Workspace) -> None:
    """Lay out the keys of all articles by url, and their urls."""
    keys = pa.concat_tables(
        scratch.ARTICLE_KEYS.read(work.scratch, report.shard) for report in reports
    )
    order = np.argsort(url_index.array(keys["url"]), kind="stable")
    index = {name: url_index.array(keys[name])[order] for name in scratch.INDEX.schema.names}
    scratch.INDEX.write(work.scratch, url_index.to_table(index))
    shards = [report.shard for report in reports]
    urls = pa.concat_tables(work.columns_of("articles", shard, ["url"]) for shard in shards)
    scratch.URLS.write(work.scratch, urls.take(order).cast(scratch.URLS.schema).combine_chunks())
