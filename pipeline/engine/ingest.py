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

import numpy as np
import pyarrow as pa

from ..base.digests import digest
from ..base.errors import PipelineError
from ..content.addresses import link_rules
from ..content.article import rules_of
from ..releases import cache
from ..releases.cache import Cache
from ..releases.manifest import Output
from ..releases.staging import StepRecord
from ..sources.listing import Slice
from ..tables import scratch, url_index
from . import bundles, git_history, known_objects, previous_release, shard_ingest
from .begin import is_due
from .raw_files import RawFiles, Surveyed, listed, surveyed, told
from .run import Run
from .shard_ingest import IngestJob, IngestReport, LinkedJob
from .shard_parse import Duplicate
from .steps import INGEST, LINK
from .workspace import Workspace


def ingest(run: Run) -> None:
    """Read the raw folder into articles, lists and rejects, unless the published release stays."""
    if run.pinned:
        run.progress.say(f"ingest: skipped, because the site is pinned to {run.pinned}")
        return
    began = time.monotonic()
    found = run.surveyed
    if found is None or found.reading != run.reading:
        found = _listed(run)
    files, identity = found.files, found.identity
    shards = files.shards
    run.pool.expect(files.size)
    known_objects.recall(run.source, run.staging.store, run.workspace.scratch)
    has_history = git_history.look(run)
    previous_release.check_preset(run)
    lacking = previous_release.check_storage(run)
    stop = threading.Event()
    with ThreadPoolExecutor(1) as aside:  # what was published is read while workers read sources
        looked_at = aside.submit(previous_release.damaged, run, stop)
        try:
            surveyed = _surveyed(run, found)
            damaged = {*looked_at.result(), *found.damaged}
        finally:
            stop.set()
    previous_release.warn_of_damage(run, sorted(damaged))
    if not lacking and not damaged and _is_unchanged(run, surveyed):
        _note_unchanged(run, files, began)
        return
    damaged |= run.fetched()
    rebuild = run.options.full or is_due(run.staging)  # parts of the same files are of another time
    known = cache.of(run.staging.previous, damaged, rebuild=rebuild)
    if has_history:
        git_history.lay_out(run)
    reports = _read(run, shards, surveyed, known, has_history=has_history)
    if run.source.identity() != identity:
        home = run.source.home
        message = f"The raw folder {home} was replaced while it was being read: run again."
        raise PipelineError(message)
    if not surveyed:
        _remember_objects(run, shards)
    _index(reports, run.workspace)
    record = _record(run, files, reports)
    record = record._replace(damaged=tuple(sorted(damaged)), is_lacking=lacking)
    run.staging.record(INGEST.name, record)
    rows = {name: record.outputs[name].rows for name in scratch.OF_FILES}
    _say(run, files, record.parsed, rows, began)


def _record(run: Run, files: RawFiles, reports: Sequence[IngestReport]) -> StepRecord:
    """What ingest made of all shards."""
    recipe, inputs = run.recipe(INGEST), _inputs(run, [report.sources for report in reports])
    outputs = {
        name: Output(recipe, inputs, tuple(report.parts[name] for report in reports))
        for name in INGEST.outputs(run.settings.content)
    }
    parsed = sum(report.parsed for report in reports)
    counts = {
        "files": len(files),
        "passed_over": files.passed_over,
        **{name: outputs[name].rows for name in scratch.OF_FILES},
        "stated_links": sum(report.stated_links for report in reports),
        "written_links": sum(report.written_links for report in reports),
        "next_due": _next_due(reports),
    }
    return StepRecord(outputs, counts, parsed=parsed, reused=len(files) - parsed)


def _say(run: Run, files: RawFiles, parsed: int, rows: Mapping[str, int], began: float) -> None:
    for line in told(files, parsed, rows, began):
        run.progress.say(line)


def _next_due(reports: Iterable[IngestReport]) -> int | None:
    """The next time at which anything is due, in seconds since 1970."""
    times = [report.due for report in reports if report.due is not None]
    return -(-min(times) // 1_000_000) if times else None


def _listed(run: Run) -> Surveyed:
    """The raw files, none of which has been read."""
    identity = run.source.identity()
    files = listed(run.source, run.reading, run.workspace.scratch)
    return Surveyed(files, [], run.reading, identity)


def _inputs(run: Run, digests: Sequence[str]) -> str:
    return digest(run.recipe(INGEST), digests)


def _surveyed(run: Run, found: Surveyed) -> list[str]:
    """The digest of each shard's files; none where no row can be used again."""
    previous = run.staging.previous
    if previous is None or run.options.full or is_due(run.staging):
        return []
    # Links as they are written are read back out of the tables of links.
    steps = {"articles": INGEST, "related_links": LINK, "text_links": LINK}
    known = {name: previous.outputs[name].recipe for name in steps if name in previous.outputs}
    if known != {name: run.recipe(step) for name, step in steps.items()}:
        return []
    if found.digests:
        return found.digests
    scratch = run.workspace.scratch
    digests = surveyed(found.files, run.source, run.reading, scratch, run.map, run.progress)
    _remember_objects(run, found.files.shards)
    return digests


def _remember_objects(run: Run, shards: Sequence[Slice]) -> None:
    scratch = run.workspace.scratch
    known_objects.remember(run.source, run.staging.store, scratch, len(shards))


def _largest_first(jobs: Iterable[IngestJob]) -> list[IngestJob]:
    """Jobs in an order in which no large one comes last and keeps the others waiting."""
    return sorted(jobs, key=lambda job: -job.paths.files)


def _shown(
    run: Run, shards: Sequence[Slice], reports: Iterable[IngestReport]
) -> Iterator[IngestReport]:
    """Reports of shards, shown as the progress of ingest in files."""
    run.progress.begin(INGEST.name, sum(shard.files for shard in shards), "files")
    for report in reports:
        run.progress.advance(shards[report.shard].files, report.parts["rejects"].rows or 0)
        yield report


def _is_unchanged(run: Run, surveyed: Sequence[str]) -> bool:
    """The published release was made from just what this run would make one from."""
    previous = run.staging.previous
    if previous is None or not surveyed or run.options.force:
        return False
    inputs = run.release_inputs(_inputs(run, surveyed))
    return previous.manifest.inputs == inputs


def _note_unchanged(run: Run, files: RawFiles, began: float) -> None:
    assert run.staging.previous is not None
    counts = run.staging.previous.counts
    record = StepRecord(
        counts={"passed_over": files.passed_over}, reused=len(files), is_unchanged=True
    )
    run.staging.record(INGEST.name, record)
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
    shown = _shown(run, shards, chain(list(reports.values()), read))
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
