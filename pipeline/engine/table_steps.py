"""The steps that make tables from the articles that ingest read: `link` and `summarize`."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from ..base.wording import counted
from ..content.addresses import link_rules
from ..files.atomic import FileEntry
from ..model.vocabulary import TEXT_LINK_STATUSES
from ..releases.manifest import Output
from ..releases.staging import StepRecord
from ..tables import findings, link_targets, links, near_urls, redirects, scratch, url_index
from . import former_urls, shard_link, shard_summarize
from .moved_dates import moved_dates
from .per_release import NO_CHANGES
from .previous_release import remembered_parts
from .run import GIT, Run, microseconds, since
from .schema_changes import schema_changes
from .shard_link import LinkJob
from .shard_summarize import GoneJob, SubjectsJob, SummarizeJob
from .steps import INGEST, LINK, SUMMARIZE, Step
from .workspace import PartReport, ShardJob, Workspace


def link(run: Run) -> StepRecord:
    """Stage 2: resolve all links against the index of all articles, and count degrees."""
    began = time.monotonic()
    work, jobs = run.workspace, _shard_jobs(run, LINK)
    former = former_urls.redirect(run, len(jobs))
    laid_out = _lay_out(work, len(jobs), former)
    rules = link_rules(run.settings)
    of_links = [LinkJob(job.shard, work, job.recipe, job.made, rules, *laid_out) for job in jobs]
    resolved = _in_order(run.map_shown(LINK.name, shard_link.link, of_links))
    _count_degrees(work, len(jobs))
    degrees = _in_order(run.map(shard_link.count_links, jobs))
    statuses = Counter(dict.fromkeys(_OF_RELATED, 0))
    in_texts = Counter(dict.fromkeys(TEXT_LINK_STATUSES, 0))
    for report in resolved:
        for status, count in report.counts.items():
            name = status.removeprefix("text_")
            (statuses if name == status else in_texts)[name] += count
    counts = {"links": dict(statuses), "text_links": dict(in_texts)}
    part = work.part("redirects", 0, "", lambda: former)
    redirected = PartReport(0, {"redirects": part}, {})
    record = _record(run, LINK, [*resolved, *degrees, redirected], counts)
    told = f"{_told('related link', statuses)}; {_told('link', in_texts)} in texts"
    run.progress.say(f"link: {told} {since(began)}")
    return record


def _lay_out(work: Workspace, shards: int, former: pa.Table) -> tuple[str, str, str]:
    """Lay out all that links may know articles by, and where fragments lead to.

    The digests of articles, addresses and anchors that `LinkJob` has.
    """
    folder = work.scratch
    keys = [scratch.ADDRESS_KEYS.read(folder, shard) for shard in range(shards)]
    keys.append(link_targets.former(redirects.live(former)))
    of_articles = url_index.columns(scratch.INDEX.read(folder))
    known = link_targets.index(list(map(url_index.columns, keys)), of_articles["url"])
    scratch.ADDRESSES.write(folder, known)
    anchors = pa.concat_tables(scratch.ANCHOR_KEYS.read(folder, shard) for shard in range(shards))
    places = np.unique(url_index.array(anchors["url"]))
    scratch.ANCHORS.write(folder, url_index.to_table({"url": places}))
    laid_out = of_articles, url_index.columns(known), {"url": places}
    articles, addresses, anchors = map(url_index.digest_of, laid_out)
    return articles, addresses, anchors


_OF_RELATED = ("ok", "missing", "self", "duplicate")


def _told(what: str, statuses: Counter[str]) -> str:
    figures = (f"{count:,} {status}" for status, count in statuses.items() if count)
    return ", ".join((counted(statuses.total(), what), *figures))


def _count_degrees(work: Workspace, shards: int) -> None:
    folder, of_all = work.scratch, range(shards)
    related = pa.concat_tables(scratch.PAIRS.read(folder, shard) for shard in of_all)
    in_texts = pa.concat_tables(scratch.TEXT_PAIRS.read(folder, shard) for shard in of_all)
    articles = len(scratch.INDEX.read(work.scratch))
    pairs = url_index.columns(related), url_index.columns(in_texts)
    degrees = links.degrees(*pairs, articles)
    scratch.DEGREES.write(work.scratch, url_index.to_table(degrees))


def summarize(run: Run) -> StepRecord:
    """What follows from the tables: subjects, findings, changes and the ledger."""
    began = time.monotonic()
    work, jobs = run.workspace, _shard_jobs(run, SUMMARIZE, LINK)
    recipe = run.recipe(SUMMARIZE)
    subjects = SubjectsJob(0, work, recipe, len(jobs))
    reports = list(run.map(shard_summarize.group_subjects, [subjects]))
    shared_ids = links.shared_ids(url_index.columns(scratch.INDEX.read(work.scratch)))
    scratch.SHARED_IDS.write(work.scratch, url_index.to_table(shared_ids))
    _find_near_urls(work, len(jobs))
    model, levels = run.settings.content, run.settings.findings
    of_shards = [SummarizeJob(job.shard, work, recipe, job.made, model, levels) for job in jobs]
    reports += _in_order(run.map_shown(SUMMARIZE.name, shard_summarize.summarize, of_shards))
    reports += run.map(shard_summarize.summarize_gone, [_gone_job(run, len(jobs))])
    reports += _of_site(run, len(jobs))
    changed = Counter(NO_CHANGES)
    for report in reports:
        changed.update(report.counts)
    found = sum(entry.rows or 0 for entry in _files(reports, "findings"))
    counts = {"changes": dict(changed), "findings": found}
    record = _record(run, SUMMARIZE, reports, counts)
    figures = ", ".join(f"{count:,} {change}" for change, count in changed.items())
    run.progress.say(f"summarize: {figures}, {counted(found, 'finding')} {since(began)}")
    return record


def _of_site(run: Run, shard: int) -> Iterator[PartReport]:
    """The last part of findings: of what the release changes, and of the site as a whole."""
    made, looked_at = run.staging.made(), run.staging.recorded(GIT)
    tables = {
        name: made[name] for step in (INGEST, LINK) for name in step.outputs(run.settings.content)
    }
    why = looked_at.no_history if looked_at else ""
    of_site = findings.of_site(schema_changes(run, tables), why)
    found = pa.concat_tables([moved_dates(run, shard, tables["articles"]), of_site])
    rows = findings.graded(found, run.settings.findings)
    if len(rows):
        part = run.workspace.part("findings", shard, "", lambda: rows)
        yield PartReport(shard, {"findings": part}, {})


def _find_near_urls(work: Workspace, shards: int) -> None:
    keys = [
        url_index.array(scratch.ARTICLE_KEYS.read(work.scratch, shard)["near"])
        for shard in range(shards)
    ]
    repeated = near_urls.repeated(keys)
    urls: list[str] = []
    for shard, of_shard in enumerate(keys):
        rows = np.flatnonzero(np.isin(of_shard, repeated))
        if len(rows):
            urls += work.columns_of("articles", shard, ["url"])["url"].take(rows).to_pylist()
    scratch.NEAR_URLS.write(work.scratch, near_urls.table(urls))


def _gone_job(run: Run, shard: int) -> GoneJob:
    previous = run.staging.previous
    last_seen = microseconds(previous.manifest.as_of) if previous else 0
    parts = remembered_parts(previous, run.cache("ledger"), "ledger")
    known = run.cache("articles")
    articles = {
        number: known.root / entry.path
        for number, entry in enumerate(previous.outputs["articles"].files if previous else ())
        if entry.path in known.files
    }
    return GoneJob(shard, run.workspace, parts, articles, last_seen)


def _shard_jobs(run: Run, step: Step, *earlier: Step) -> list[ShardJob]:
    """The jobs of a step, with the parts of their shards that ingest and earlier steps made."""
    made: dict[str, tuple[FileEntry, ...]] = {}
    for each in (INGEST, *earlier):
        record = run.staging.recorded(each.name)
        assert record is not None
        made |= {
            name: output.files for name, output in record.outputs.items() if name != "redirects"
        }
    recipe, work = run.recipe(step), run.workspace
    jobs = [
        ShardJob(shard, work, recipe, {name: files[shard] for name, files in made.items()})
        for shard in range(len(made["articles"]))
    ]
    # A large one that came last would keep all others waiting.
    return sorted(jobs, key=lambda job: -(job.made["articles"].rows or 0))


def _in_order(reports: Iterable[PartReport]) -> list[PartReport]:
    return sorted(reports, key=lambda report: report.shard)


def _files(reports: Iterable[PartReport], table: str) -> tuple[FileEntry, ...]:
    return tuple(report.parts[table] for report in reports if table in report.parts)


def _record(
    run: Run, step: Step, reports: Sequence[PartReport], counts: dict[str, Any]
) -> StepRecord:
    """Remember the parts of a step's tables, and what it counted."""
    recipe, inputs = run.recipe(step), run.inputs(step)
    outputs = {
        name: Output(recipe, inputs, _files(reports, name))
        for name in step.outputs(run.settings.content)
    }
    return run.staging.record(step.name, StepRecord(outputs, counts))
