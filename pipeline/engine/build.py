"""The steps of a build in their order: the one place that knows it.

`build` runs them all; in Dagster each asset runs its own. Steps hand each other files in the
staging folder of the run, so that a step may run in a process of its own.

A step is skipped when the run has found that nothing changed: sources, settings, code and
libraries are those of the published release.
"""

import dataclasses
import os
import platform
import time
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..base import cancellation, printable
from ..base.errors import AuditError, PipelineError, SettingsError
from ..base.fingerprint import code_of
from ..base.wording import counted
from ..exports import EXPORTS, Context, Export
from ..exports.base import Previous
from ..files import atomic, parquet
from ..model.schemas import CHANGES
from ..model.settings import Paths, Settings, Site
from ..releases import local, publishing, reuse, staging
from ..releases.manifest import Counts, Output, Release
from ..releases.staging import StepRecord
from ..releases.store import store_at
from ..sources import listing
from ..tables import links, url_index
from . import checks, compute, shard_link, shard_summarize
from .checks import CheckResult
from .ingest import ingest
from .progress import Lines, Progress
from .run import Options, Run, microseconds, since
from .shard_summarize import GoneJob, SubjectsJob, SummarizeJob
from .steps import AFTER_INGEST, INGEST, LINK, SUMMARIZE, Step, release_inputs
from .workspace import PartReport, ShardJob

__all__ = [
    "INGEST",
    "LINK",
    "SUMMARIZE",
    "Options",
    "Outcome",
    "Run",
    "Step",
    "as_of",
    "audit",
    "begin",
    "build",
    "check",
    "export",
    "ingest",
    "link",
    "manifest",
    "release",
    "summarize",
]

# Says how a release came about, so it is made anew for each, and alone makes none worth publishing.
_PER_RELEASE = "changes"
_NO_CHANGES = {"added": 0, "changed": 0, "removed": 0}
_LAST_SECOND = 253_402_300_799  # of the year 9999


class Outcome(NamedTuple):
    """How a run ended: the release that is current now, and whether this run published it.

    `parsed` files were read and parsed by this run, of `reused` ones the last release had rows.
    `pinned` is the release that kept it from publishing, and `moved_from` the base URL of the
    release before, where that of the published one is another.
    """

    release: Release
    published: bool
    parsed: int
    reused: int
    pinned: str | None = None
    moved_from: str | None = None


def as_of(stated: int | None, source_date_epoch: str | None) -> int:
    """The time of a run in seconds since 1970 (UTC): as stated, else SOURCE_DATE_EPOCH, else now.

    Raises:
        SettingsError: It is no number of seconds until the year 9999.
    """
    text = str(stated) if stated is not None else source_date_epoch or str(int(time.time()))
    if not text.isascii() or not text.isdigit() or int(text) > _LAST_SECOND:
        message = f"The time of the run, {text!r}, is no number of seconds since 1970 (UTC)."
        raise SettingsError(message)
    return int(text)


def begin(settings: Settings, options: Options, run: str, as_of: int, progress: Progress) -> Run:
    """Begin a run, or find it again by its name. Its pool is the caller's to shut down.

    Raises:
        SettingsError: The output folder lies in the raw folder, or Dask is not installed.
        PipelineError: The output folder cannot be written, or holds no whole release.
    """
    _check_apart(settings.paths)
    settings = _led(settings)
    # Absolute, for a worker of a cluster stands in another folder.
    store = store_at(settings.paths.out.absolute(), settings.paths.storage)
    if led_to := store.restore_current():
        progress.warn(f"{settings.paths.out / 'current'} was gone: it leads to {led_to} again")
    begun = staging.begin(store, run, as_of)
    folders = [
        place.absolute()
        for place in (settings.paths.raw, begun.root.parent)
        if isinstance(place, Path)
    ]
    pool = compute.executor(settings.compute, folders)
    return Run(settings, options, begun, pool, progress)


def build(
    settings: Settings, options: Options, run: str, as_of: int, progress: Progress
) -> Outcome:
    """Run all steps and publish.

    Raises:
        SettingsError: The raw folder does not exist.
        AuditError: A check held the release back.
        ConflictError: Another run published in the meantime.
        PipelineError: The run failed in another way; nothing was published.
    """
    _check_apart(settings.paths)
    listing.check(settings.paths.raw)
    with staging.held(settings.paths.out, run):
        this = begin(settings, options, run, as_of, progress)
        if not this.is_unchanged and not settings.compute.address:
            compute.prepare()
        with this.pool:
            for step in (ingest, link, summarize):
                step(this)
            _export_all(this)
        manifest(this)
        audit(this)
        return release(this)


def _led(settings: Settings) -> Settings:
    """Settings that name the raw folder itself, where they name a link to it.

    The link may be led to another version while a run reads, which is not to mix the two.
    """
    raw = settings.paths.raw
    if isinstance(raw, str):
        return settings
    paths = dataclasses.replace(settings.paths, raw=Path(os.path.realpath(raw)))
    return dataclasses.replace(settings, paths=paths)


def _check_apart(paths: Paths) -> None:
    raw, storage = paths.raw, paths.storage
    if isinstance(raw, Path):
        if paths.out.resolve().is_relative_to(raw.resolve()):
            message = f"The output folder {paths.out} lies in the raw folder {raw}."
            raise SettingsError(message)
    elif storage and (f"{storage}/".startswith(f"{raw}/") or f"{raw}/".startswith(f"{storage}/")):
        raise SettingsError(f"Raw files and storage, {raw} and {storage}, lie in each other.")


# --- tables --------------------------------------------------------------------------------------


def link(run: Run) -> StepRecord:
    """Stage 2: resolve related links against the index of all articles, and count degrees."""
    if run.is_unchanged:
        return run.previous_record(LINK)
    run.fetched()
    began = time.monotonic()
    work, jobs = run.workspace, _shard_jobs(run, LINK)
    resolved = _in_order(run.map_shown(LINK.name, shard_link.link, jobs))
    pairs = [np.load(work.pairs(job.shard)) for job in jobs]
    articles = len(url_index.read(work.index)["url"])
    url_index.write(work.degrees, links.degrees(np.concatenate(pairs), articles))
    degrees = _in_order(run.map(shard_link.count_links, jobs))
    statuses = Counter(dict.fromkeys(("ok", "missing", "self", "duplicate"), 0))
    for report in resolved:
        statuses.update(report.counts)
    record = _record(run, LINK, [*resolved, *degrees], {"links": dict(statuses)})
    figures = ", ".join(f"{count:,} {status}" for status, count in statuses.items())
    run.progress.say(f"link: {counted(statuses.total(), 'link')}, {figures} {since(began)}")
    return record


def summarize(run: Run) -> StepRecord:
    """What follows from the tables: subjects, findings, changes and the ledger."""
    if run.is_unchanged:
        return run.previous_record(SUMMARIZE)
    run.fetched()
    began = time.monotonic()
    work, jobs = run.workspace, _shard_jobs(run, SUMMARIZE, LINK)
    recipe = run.recipe(SUMMARIZE)
    subjects = SubjectsJob(0, work, recipe, len(jobs))
    reports = list(run.map(shard_summarize.group_subjects, [subjects]))
    url_index.save(work.shared_ids, links.shared_ids(url_index.read(work.index)))
    model = run.settings.content
    of_shards = [SummarizeJob(job.shard, work, recipe, job.made, model) for job in jobs]
    reports += _in_order(run.map_shown(SUMMARIZE.name, shard_summarize.summarize, of_shards))
    reports += run.map(shard_summarize.summarize_gone, [_gone_job(run, len(jobs))])
    changed = Counter(_NO_CHANGES)
    for report in reports:
        changed.update(report.counts)
    findings = sum(entry.rows or 0 for entry in _files(reports, "findings"))
    counts = {"changes": dict(changed), "findings": findings}
    record = _record(run, SUMMARIZE, reports, counts)
    figures = ", ".join(f"{count:,} {change}" for change, count in changed.items())
    run.progress.say(f"summarize: {figures}, {counted(findings, 'finding')} {since(began)}")
    return record


def _gone_job(run: Run, shard: int) -> GoneJob:
    previous = run.staging.previous
    last_seen = microseconds(previous.manifest.as_of) if previous else 0
    parts = reuse.ledger_parts(previous, _found_damaged(run))
    return GoneJob(shard, run.workspace, parts, last_seen)


def _shard_jobs(run: Run, step: Step, *earlier: Step) -> list[ShardJob]:
    """The jobs of a step, with the parts that ingest and earlier steps made."""
    made: dict[str, tuple[atomic.FileEntry, ...]] = {}
    for each in (INGEST, *earlier):
        record = run.staging.recorded(each.name)
        if record is None:
            message = (
                "The tables are made from articles that this run read: select"
                f" {each.outputs[0]} too."
            )
            raise PipelineError(message)
        made |= {name: output.files for name, output in record.outputs.items()}
    recipe, work = run.recipe(step), run.workspace
    jobs = [
        ShardJob(shard, work, recipe, {name: files[shard] for name, files in made.items()})
        for shard in range(len(made["articles"]))
    ]
    # A large one that came last would keep all others waiting.
    return sorted(jobs, key=lambda job: -(job.made["articles"].rows or 0))


def _in_order(reports: Iterable[PartReport]) -> list[PartReport]:
    return sorted(reports, key=lambda report: report.shard)


def _files(reports: Iterable[PartReport], table: str) -> tuple[atomic.FileEntry, ...]:
    return tuple(report.parts[table] for report in reports if table in report.parts)


def _record(
    run: Run, step: Step, reports: Sequence[PartReport], counts: dict[str, Any]
) -> StepRecord:
    """Remember the parts of a step's tables, and what it counted."""
    recipe, inputs = run.recipe(step), run.inputs(step)
    outputs = {name: Output(recipe, inputs, _files(reports, name)) for name in step.outputs}
    return run.staging.record(step.name, StepRecord(outputs, counts))


# --- exports -------------------------------------------------------------------------------------


def _export_all(run: Run) -> None:
    """Make all exports side by side: the long job of one would leave other workers idle."""
    if run.is_unchanged:
        return
    said: deque[str] = deque()
    progress = run.progress  # is told by one thread alone
    progress.begin("export", len(EXPORTS), "exports")
    quiet = dataclasses.replace(run, progress=Lines(said.append))
    with ThreadPoolExecutor(len(EXPORTS)) as threads:
        for made in as_completed([threads.submit(export, quiet, item) for item in EXPORTS]):
            made.result()
            while said:
                progress.say(said.popleft())
            progress.advance(1)


def export(run: Run, item: Export) -> StepRecord:
    """Make one export from the tables of this run or, if it made none, of the last release."""
    if run.is_unchanged:
        return run.previous_record(item)
    run.fetched()
    began = time.monotonic()
    if _PER_RELEASE in item.tables:
        _nothing_changed_unless_said(run)
    files, verb = _linked(run, item), "linked"
    if files is None:
        files, verb = _exported(run, item), "made"
    outputs = {item.name: Output(run.recipe(item), run.inputs(item), files)}
    record = run.staging.record(item.name, StepRecord(outputs))
    run.progress.say(f"{item.name}: {counted(len(files), 'file')} {verb} {since(began)}")
    return record


def _linked(run: Run, item: Export) -> tuple[atomic.FileEntry, ...] | None:
    """The files of the published release, if they are intact and were made from the same."""
    previous = run.staging.previous
    made = previous.outputs.get(item.name) if previous and not run.options.full else None
    if (
        made is None
        or made.inputs != run.inputs(item)
        or not _found_damaged(run).isdisjoint(entry.path for entry in made.files)
    ):
        return None
    run.staging.adopt({item.name: made})
    return made.files


def _found_damaged(run: Run) -> set[str]:
    """The files of the published release that this run found damaged, or missing.

    Step one reads all of them; a run without it looks at least whether they are there.
    """
    fetched, ingested = run.fetched(), run.staging.recorded(INGEST.name)
    if ingested is not None:
        return fetched | set(ingested.damaged)
    previous = run.staging.previous
    return fetched | (local.missing(previous) if previous else set())


def _is_lacking(run: Run) -> bool:
    """Whether the storage lacks something of the published release, which may be whole here."""
    ingested = run.staging.recorded(INGEST.name)
    return bool(ingested and ingested.is_lacking)


def _exported(run: Run, item: Export) -> tuple[atomic.FileEntry, ...]:
    tables = {name: tuple(run.staging.parts(name)) for name in item.tables}
    outputs_now = run.staging.outputs()
    context = Context(
        run.settings,
        run.staging.root,
        run.staging.work,
        run.staging.as_of,
        tables,
        {name: outputs_now[name].rows for name in item.tables},
        {name: outputs_now[name].version for name in item.tables},
        code_of(item.module),
        _previous_export(run, item),
        lambda function, jobs: run.map_shown(item.name, function, list(jobs)),
    )
    return tuple(item.write(context))


def _previous_export(run: Run, item: Export) -> Previous | None:
    previous = run.staging.previous
    made = previous.outputs.get(item.name) if previous and not run.options.full else None
    if previous is None or made is None:
        return None
    is_alike = made.recipe == run.recipe(item) and run.workspace.memory.exists()
    memory = run.workspace.memory if is_alike else None
    damaged = _found_damaged(run)
    intact = {entry.path: entry for entry in made.files if entry.path not in damaged}
    return Previous(previous.root, intact, memory)


def _nothing_changed_unless_said(run: Run) -> None:
    """A run that makes no tables changes no url: it has a table of changes of its own."""
    if _PER_RELEASE in run.staging.made():
        return
    run.staging.parts("articles")  # raises where there is no release to take tables from
    part = parquet.write_table(
        run.staging.root, parquet.part_path(_PER_RELEASE, 0), CHANGES.schema.empty_table()
    )
    outputs = {_PER_RELEASE: Output(run.recipe(SUMMARIZE), run.inputs(SUMMARIZE), (part,))}
    run.staging.record(_PER_RELEASE, StepRecord(outputs, {"changes": _NO_CHANGES}))


# --- release -------------------------------------------------------------------------------------


def manifest(run: Run) -> Release:
    """Write the manifest; what this run did not make is linked from the last release.

    Raises:
        PipelineError: An output was made from other tables or settings than those beside it.
    """
    previous = run.staging.previous
    if run.is_unchanged:
        assert previous is not None
        return previous
    run.fetched()
    _nothing_changed_unless_said(run)
    for each in EXPORTS:
        if each.about_release and each.name not in run.staging.made():
            export(run, each)
    made, outputs = run.staging.made(), run.staging.outputs()
    _check_inputs(run, outputs)
    run.staging.prune(made)
    run.staging.adopt({name: output for name, output in outputs.items() if name not in made})
    written = staging.write_manifest(
        run.staging,
        release_inputs(outputs["articles"].inputs, run.settings),
        run.settings.site.base_url,
        _counts(run),
        platform.python_version(),
    )
    if before := _moved_from(written, previous):
        run.progress.warn(f"the base URL changes from {before} to {written.base_url}")
    if written.base_url == Site().base_url:
        run.progress.warn(
            f"the base URL is {Site().base_url}, which no reader can follow:"
            " set site.base_url, or --base-url"
        )
    run.progress.say(f"manifest: {counted(len(written.files), 'file')}")
    return written


def _check_inputs(run: Run, outputs: Mapping[str, Output]) -> None:
    """Refuse outputs that were made from other tables or settings than those beside them."""
    for item in AFTER_INGEST:
        for name in item.outputs:
            if name not in outputs:
                message = f"There is no {name} yet: run the whole job first."
                raise PipelineError(message)
            if outputs[name].inputs != run.inputs(item):
                message = (
                    f"{name} was made from other tables, settings or code than those of this"
                    f" release: select {name} too, or run the whole job."
                )
                raise PipelineError(message)


def audit(run: Run) -> list[CheckResult]:
    """Check the staged release, and remember whether it may be published.

    Raises:
        AuditError: A check failed.
    """
    results = check(run)
    failed = [result for result in results if not result.passed]
    if failed:
        lines = ["The release was held back."]
        lines += [f"{result.name}: {result.message}" for result in failed]
        lines += dict.fromkeys(
            f"  {printable.line(row)}" for result in failed for row in result.rows
        )
        raise AuditError("\n".join(lines))
    return results


def check(run: Run) -> list[CheckResult]:
    """Check the staged release; there is none when nothing has changed.

    Raises:
        PipelineError: No release is staged.
    """
    if run.is_unchanged:
        message = "Nothing has changed since the published release."
        return [CheckResult(name, True, message, {}) for name in checks.CHECKS]
    staged = staging.staged(run.staging)
    if staged is None:
        raise PipelineError("No release is staged: select manifest too.")
    limits, accept_removals = run.settings.limits, run.options.accept_removals
    results = checks.audit(checks.Audited(run.staging, staged, limits, accept_removals))
    passed = staged.id if all(result.passed for result in results) else None
    run.staging.record("audit", StepRecord(passed=passed))
    run.progress.say(
        f"audit: {sum(result.passed for result in results)} of {len(results)} checks passed"
    )
    return results


def release(run: Run) -> Outcome:
    """Publish the staged release, unless it is the published one: same inputs, same files.

    Raises:
        AuditError: The release was not audited, or a check failed.
        ConflictError: Another run published in the meantime.
        PipelineError: No release is staged.
    """
    previous = run.staging.previous
    if run.is_unchanged:
        assert previous is not None
        if run.pinned:
            run.progress.warn(_pinned(run.pinned))
        else:
            run.progress.say(_same(previous))
        return _outcome(run, previous)._replace(pinned=run.pinned)
    staged, audited = staging.staged(run.staging), run.staging.recorded("audit")
    if staged is None:
        raise PipelineError("No release is staged: select manifest too, or run the whole job.")
    if audited is None or audited.passed != staged.id:
        raise AuditError("The release was not audited, or a check failed: it was held back.")
    must = run.options.force or bool(_found_damaged(run)) or _is_lacking(run)
    if previous is not None and not must and _is_same(staged, previous):
        run.progress.say(_same(previous))
        return _outcome(run, previous)
    force = run.options.force
    current = publishing.publish(
        run.staging,
        run.settings.releases,
        force=force,
        heed=cancellation.check_cancelled,
        commit=cancellation.commit,
    )
    if current.id != staged.id:
        pinned = local.pinned(run.staging.out) or current.id
        run.progress.warn(_pinned(pinned))
        return _outcome(run, current)._replace(pinned=pinned)
    run.progress.say(f"release: published {current.id}")
    moved_from = _moved_from(current, previous)
    return _outcome(run, current)._replace(published=True, moved_from=moved_from)


def _moved_from(release: Release, previous: Release | None) -> str | None:
    """The base URL of the release before, if it is known and another."""
    before = previous.base_url if previous else None
    return before if before != release.base_url else None


def _same(release: Release) -> str:
    return f"release: nothing has changed since {release.id}"


def _pinned(release: str) -> str:
    return f"release: pinned to {release}: `pressroom rollback --release` lets builds publish again"


def _outcome(run: Run, current: Release) -> Outcome:
    ingested = run.staging.recorded(INGEST.name)
    parsed, reused = (ingested.parsed, ingested.reused) if ingested else (0, 0)
    return Outcome(current, False, parsed, reused)


def _is_same(staged: Release, published: Release) -> bool:
    same_inputs = staged.manifest.inputs == published.manifest.inputs
    return same_inputs and _content(staged) == _content(published)


def _content(release: Release) -> dict[str, str]:
    """The files of a release with their digests, without what only says how it came about."""
    about_release = {path for item in EXPORTS for path in item.about_release}
    return {
        entry.path: entry.sha256
        for name, output in release.outputs.items()
        for entry in output.files
        if name != _PER_RELEASE and entry.path not in about_release
    }


def _counts(run: Run) -> Counts:
    """The counts of a release: of the last one where this run did not count."""
    previous = run.staging.previous
    steps = (INGEST.name, LINK.name, SUMMARIZE.name, _PER_RELEASE)
    records = [record for name in steps if (record := run.staging.recorded(name))]
    return (previous.counts if previous else Counts()).updated(
        {name: count for record in records for name, count in record.counts.items()}
    )
