"""The steps of a build in their order: the one place that knows it.

`build` runs them all; in Dagster each asset runs its own. Steps hand each other files in the
staging folder of the run, so that a step may run in a process of its own.

A step is skipped when the run has found that nothing changed: sources, settings, code and
libraries are those of the published release.
"""

import dataclasses
import platform
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pyarrow as pa

from pipeline import checks, compute, ledger, links, releases, sources, stages, store, url_index
from pipeline.checks import CheckResult
from pipeline.errors import AuditError, PipelineError, SettingsError
from pipeline.exports import EXPORTS, Context, Export
from pipeline.recipes import digest, recipe
from pipeline.releases import Output, Release, Staging, StepRecord
from pipeline.schemas import CHANGES, TABLES
from pipeline.settings import Paths, Settings, Site
from pipeline.stages import PartReport, ShardJob, Workspace
from pipeline.store import FileEntry

Job = TypeVar("Job")
Report = TypeVar("Report")


class Step(NamedTuple):
    """A step that makes tables from files or `tables`.

    `modules`, `libraries` and `settings` are what its rows depend on besides.
    """

    name: str
    outputs: tuple[str, ...]
    tables: tuple[str, ...]
    modules: tuple[str, ...]
    libraries: tuple[str, ...]
    settings: Callable[[Settings], Any]


def _modules(*names: str) -> tuple[str, ...]:
    common = ("build", "schemas", "settings", "stages", "store", "url_index")
    return tuple(f"pipeline.{name}" for name in (*common, *names))


INGEST = Step(
    name="ingest",
    outputs=("articles", "keywords", "rejects"),
    tables=(),
    modules=_modules(
        *("articles", "document", "errors", "fences", "findings", "front_matter", "json_reader"),
        *(
            "ledger",
            "rejects",
            "seo",
            "sources",
            "text",
            "toml_reader",
            "yaml_reader",
            "yaml_syntax",
        ),
    ),
    libraries=("pyarrow", "pyyaml"),
    settings=lambda settings: [
        settings.content,
        settings.limits.of_a_file,
        settings.compute.shard_files,
    ],
)
LINK = Step(
    name="link",
    outputs=("related_links", "link_degrees"),
    tables=("articles",),
    modules=_modules("links"),
    libraries=("numpy", "pandas", "pyarrow"),
    settings=lambda _: None,
)
SUMMARIZE = Step(
    name="summarize",
    outputs=("subjects", "findings", "changes", "ledger"),
    tables=("articles", "keywords", "related_links"),
    modules=_modules("changes", "findings", "ledger", "links", "seo", "subjects", "text"),
    libraries=("numpy", "pandas", "pyarrow"),
    settings=lambda settings: settings.content,
)
_AFTER_INGEST: tuple[Step | Export, ...] = (LINK, SUMMARIZE, *EXPORTS)
COUNTS = ("files", "articles", "rejects", "stated_links", "links", "findings", "changes")
# Says how a release came about, so it is made anew for each, and alone makes none worth publishing.
_PER_RELEASE = "changes"
_NO_CHANGES = {"added": 0, "changed": 0, "removed": 0}
_LAST_SECOND = 253_402_300_799  # of the year 9999


@dataclass(frozen=True, slots=True)
class Options:
    """What a single run is asked to do otherwise than usual."""

    full: bool = False
    force: bool = False
    accept_removals: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """A run: settings, options and the staging folder as values; `say` takes a line a stage."""

    settings: Settings
    options: Options
    staging: Staging
    say: Callable[[str], None]

    @property
    def workspace(self) -> Workspace:
        """What the stages are told of this run."""
        previous = self.staging.previous
        return Workspace(
            self.settings.paths.raw,
            self.staging.root,
            self.staging.work,
            previous.root if previous else None,
            _microseconds(self.staging.as_of),
        )

    @property
    def is_unchanged(self) -> bool:
        """Ingest found that the published release is up to date."""
        record = self.staging.recorded(INGEST.name)
        return bool(record and record.counts.get("unchanged"))


class Outcome(NamedTuple):
    """How a run ended: the release that is current now, and whether this run published it.

    `parsed` files were read and parsed by this run, `reused` ones taken from the last release.
    """

    release: Release
    published: bool
    parsed: int
    reused: int


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


def begin(
    settings: Settings, options: Options, run: str, as_of: int, say: Callable[[str], None]
) -> Run:
    """Begin a run, or find it again by its name.

    Raises:
        SettingsError: The output folder lies in the raw folder.
        PipelineError: The output folder cannot be written, or holds no whole release.
    """
    _check_apart(settings.paths)
    return Run(settings, options, releases.begin(settings.paths.out, run, as_of), say)


def build(
    settings: Settings, options: Options, run: str, as_of: int, say: Callable[[str], None]
) -> Outcome:
    """Run all steps and publish.

    Raises:
        SettingsError: The raw folder does not exist.
        AuditError: A check held the release back.
        ConflictError: Another run published in the meantime.
        PipelineError: The run failed in another way; nothing was published.
    """
    sources.check(settings.paths.raw)
    try:
        this = begin(settings, options, run, as_of, say)
        for step in (ingest, link, summarize):
            step(this)
        for item in EXPORTS:
            export(this, item)
        manifest(this)
        audit(this)
        return release(this)
    finally:
        releases.discard(settings.paths.out, run)


def _check_apart(paths: Paths) -> None:
    if paths.out.resolve().is_relative_to(paths.raw.resolve()):
        message = f"The output folder {paths.out} lies in the raw folder {paths.raw}."
        raise SettingsError(message)


# --- tables --------------------------------------------------------------------------------------


def ingest(run: Run) -> StepRecord:
    """Stage 1: read the raw folder into articles, keywords and rejects."""
    began = time.monotonic()
    work = run.workspace
    damaged = _damaged(run)
    paths = sources.discover(run.settings.paths.raw, run.settings.sources)
    offsets = sources.write_list(work.paths, paths)
    shards = sources.cut(paths, run.settings.compute.shard_files) or [range(0)]
    _recall(run)
    jobs = [
        stages.IngestJob(
            number,
            offsets[shard.start],
            offsets[shard.stop],
            work,
            run.settings.content,
            run.settings.limits,
            {},
        )
        for number, shard in enumerate(shards)
    ]
    reports = {report.shard: report for report in _map(run, stages.ingest, jobs)}
    jobs_again = list(_without_duplicates(jobs, work))
    reports |= {report.shard: report for report in _map(run, stages.ingest, jobs_again)}
    ordered = [reports[number] for number in sorted(reports)]
    _index(ordered, work)
    inputs = digest(_recipe(run, INGEST), [report.sources for report in ordered])
    outputs = {name: Output(inputs, _files(ordered, name)) for name in INGEST.outputs}
    counts = {
        "files": len(paths),
        "articles": outputs["articles"].rows,
        "rejects": outputs["rejects"].rows,
        "stated_links": sum(report.links for report in ordered),
        "shards": len(ordered),
        "damaged": len(damaged),
        "unchanged": not damaged and _is_unchanged(run, inputs),
    }
    record = run.staging.record(INGEST.name, StepRecord(outputs, counts))
    run.say(
        f"ingest: {counts['files']:,} files, {counts['articles']:,} articles,"
        f" {counts['rejects']:,} rejects in {time.monotonic() - began:.1f} s"
    )
    return record


def _damaged(run: Run) -> list[str]:
    """The files of the published release that are not as its manifest says.

    Raises:
        PipelineError: Tables are among them: the ledger would be forgotten.
    """
    previous = run.staging.previous
    damaged = releases.damaged(previous) if previous else []
    if previous and any(path.startswith("tables/") for path in damaged):
        message = (
            f"The published release {previous.root} is damaged: {', '.join(damaged[:3])} … Restore"
            f" it from a backup, or point {run.staging.out / 'current'} to another release."
        )
        raise PipelineError(message)
    if damaged:
        run.say(f"{len(damaged):,} files of the published release are damaged: it is made anew")
    return damaged


def _is_unchanged(run: Run, ingested: str) -> bool:
    """The published release was made from just what this run would make one from."""
    previous, options = run.staging.previous, run.options
    if previous is None or options.full or options.force:
        return False
    return bool(previous.manifest["inputs"] == _release_inputs(run, ingested))


def _recall(run: Run) -> None:
    """Lay out what stage 1 needs of the previous release: its ledger and its rejects."""
    previous = run.staging.previous
    outputs = previous.outputs() if previous else {}

    def parts(table: str) -> list[Path]:
        assert previous is not None
        return [previous.root / entry.path for entry in outputs[table].files]

    remembered = parts("ledger") if previous else []
    url_index.write(run.workspace.memory, ledger.recall(remembered))
    schema = pa.schema(
        [TABLES["rejects"].schema.field(name) for name in ("source_path", "first_seen")]
    )
    tables = [store.read(path, schema.names) for path in (parts("rejects") if previous else [])]
    set_aside = pa.concat_tables([schema.empty_table(), *tables])
    store.write_table(run.workspace.work, run.workspace.set_aside.name, set_aside)


def _without_duplicates(
    jobs: Sequence[stages.IngestJob], work: Workspace
) -> Iterator[stages.IngestJob]:
    """The shards to read again: those with an article whose url stands in an earlier file."""
    keys = [url_index.read(work.keys(job.shard))["url"] for job in jobs]
    shards = np.repeat(np.arange(len(keys)), [len(column) for column in keys])
    rows = np.concatenate([np.arange(len(column)) for column in keys])
    twins = url_index.repeated(np.concatenate(keys))
    articles = {
        shard: store.read(work.root / store.part_path("articles", shard), ["url", "source_path"])
        for shard in np.unique(shards[twins]).tolist()
    }

    def path(article: int) -> str:
        return str(articles[int(shards[article])]["source_path"][int(rows[article])])

    excluded: dict[int, dict[str, stages.Duplicate]] = {}
    for kept, other in twins.tolist():
        shard = int(shards[other])
        url = str(articles[shard]["url"][int(rows[other])])
        excluded.setdefault(shard, {})[path(other)] = stages.Duplicate(url, path(kept))
    for shard, duplicates in excluded.items():
        yield dataclasses.replace(jobs[shard], excluded=duplicates)


def _index(reports: Sequence[stages.IngestReport], work: Workspace) -> None:
    keys = [url_index.read(work.keys(report.shard)) for report in reports]
    url_index.write(work.index, url_index.by_url(url_index.concatenate(keys, links.KEYS)))


def link(run: Run) -> StepRecord:
    """Stage 2: resolve related links against the index of all articles, and count degrees."""
    if run.is_unchanged:
        return _previous_record(run, LINK)
    began = time.monotonic()
    work, jobs = run.workspace, _shard_jobs(run)
    resolved = _in_order(_map(run, stages.link, jobs))
    pairs = [np.load(work.pairs(job.shard)) for job in jobs]
    articles = len(url_index.read(work.index)["url"])
    url_index.write(work.degrees, links.degrees(np.concatenate(pairs), articles))
    counted = _in_order(_map(run, stages.count_links, jobs))
    statuses = Counter(dict.fromkeys(("ok", "missing", "self", "duplicate"), 0))
    for report in resolved:
        statuses.update(report.counts)
    record = _record(run, LINK, [*resolved, *counted], {"links": dict(statuses)})
    figures = ", ".join(f"{count:,} {status}" for status, count in statuses.items())
    run.say(f"link: {statuses.total():,} links, {figures} in {time.monotonic() - began:.1f} s")
    return record


def summarize(run: Run) -> StepRecord:
    """What follows from the tables: subjects, findings, changes and the ledger."""
    if run.is_unchanged:
        return _previous_record(run, SUMMARIZE)
    began = time.monotonic()
    work, jobs = run.workspace, _shard_jobs(run)
    articles = tuple(work.root / store.part_path("articles", job.shard) for job in jobs)
    reports = list(_map(run, stages.group_subjects, [stages.SubjectsJob(0, work, articles)]))
    np.save(work.shared_ids, links.shared_ids(url_index.read(work.index)))
    summaries = [stages.SummarizeJob(job.shard, work, run.settings.content) for job in jobs]
    reports += _in_order(_map(run, stages.summarize, summaries))
    reports += _map(run, stages.summarize_gone, [_gone_job(run, len(jobs))])
    changed = Counter(_NO_CHANGES)
    for report in reports:
        changed.update(report.counts)
    findings = sum(entry.rows or 0 for entry in _files(reports, "findings"))
    counts = {"changes": dict(changed), "findings": findings}
    record = _record(run, SUMMARIZE, reports, counts)
    figures = ", ".join(f"{count:,} {change}" for change, count in changed.items())
    run.say(f"summarize: {figures}, {findings:,} findings in {time.monotonic() - began:.1f} s")
    return record


def _gone_job(run: Run, shard: int) -> stages.GoneJob:
    previous = run.staging.previous
    if previous is None:
        return stages.GoneJob(shard, run.workspace, (), 0)
    ledgers = tuple(previous.root / entry.path for entry in previous.outputs()["ledger"].files)
    return stages.GoneJob(shard, run.workspace, ledgers, _microseconds(previous.manifest["as_of"]))


# --- exports -------------------------------------------------------------------------------------


def export(run: Run, item: Export) -> StepRecord:
    """Make one export from the tables of this run or, if it made none, of the last release."""
    if run.is_unchanged:
        return _previous_record(run, item)
    began = time.monotonic()
    if _PER_RELEASE in item.tables:
        _nothing_changed_unless_said(run)
    tables = {name: tuple(run.staging.parts(name)) for name in item.tables}
    context = Context(
        run.settings, run.staging.root, tables, lambda function, jobs: _map(run, function, jobs)
    )
    files = tuple(item.write(context))
    outputs = {item.name: Output(_inputs(run, item), files)}
    record = run.staging.record(item.name, StepRecord(outputs, {}))
    run.say(f"{item.name}: {len(files):,} files in {time.monotonic() - began:.1f} s")
    return record


def _nothing_changed_unless_said(run: Run) -> None:
    """A run that makes no tables changes no url: it has a table of changes of its own."""
    if _PER_RELEASE in run.staging.made():
        return
    run.staging.parts("articles")  # raises where there is no release to take tables from
    part = store.write_part(run.staging.root, _PER_RELEASE, 0, CHANGES.schema.empty_table())
    outputs = {_PER_RELEASE: Output(_inputs(run, SUMMARIZE), (part,))}
    run.staging.record(_PER_RELEASE, StepRecord(outputs, {"changes": dict(_NO_CHANGES)}))


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
    _nothing_changed_unless_said(run)
    for each in EXPORTS:
        if each.about_release and each.name not in run.staging.made():
            export(run, each)
    made = run.staging.made()
    outputs = run.staging.outputs()
    for item in _AFTER_INGEST:
        for name in item.outputs:
            if name not in outputs:
                message = f"There is no {name} yet: run the whole job first."
                raise PipelineError(message)
            if outputs[name].inputs != _inputs(run, item):
                message = (
                    f"{name} was made from other tables, settings or code than those of this"
                    f" release: select {name} too, or run the whole job."
                )
                raise PipelineError(message)
    run.staging.prune(made)
    run.staging.adopt({name: output for name, output in outputs.items() if name not in made})
    content = {
        "inputs": _release_inputs(run, outputs["articles"].inputs),
        "counts": _counts(run),
        "run": {
            "id": run.staging.run,
            "python": platform.python_version(),
            "parsed": _parsed(run),
            "reused": 0,
        },
    }
    written = releases.write_manifest(run.staging, content)
    if run.settings.site.base_url == Site().base_url:
        run.say(
            f"the base URL is {Site().base_url}, which no reader can follow:"
            " set site.base_url, or --base-url"
        )
    run.say(f"manifest: {len(written.manifest['files']):,} files")
    return written


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
        lines += dict.fromkeys(f"  {row}" for result in failed for row in result.rows)
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
    staged = releases.staged(run.staging)
    if staged is None:
        raise PipelineError("No release is staged: select manifest too.")
    limits, accept_removals = run.settings.limits, run.options.accept_removals
    results = checks.audit(checks.Audited(run.staging, staged, limits, accept_removals))
    passed = [staged.id] if all(result.passed for result in results) else []
    run.staging.record("audit", StepRecord({}, {"passed": passed}))
    run.say(f"audit: {sum(result.passed for result in results)} of {len(results)} checks passed")
    return results


def release(run: Run) -> Outcome:
    """Publish the staged release, unless it is the published one: same inputs, same files.

    Raises:
        AuditError: The release was not audited, or a check failed.
        ConflictError: Another run published in the meantime.
    """
    previous = run.staging.previous
    if run.is_unchanged:
        assert previous is not None
        run.say(f"release: nothing has changed since {previous.id}")
        return _outcome(run, previous, published=False)
    staged, audited = releases.staged(run.staging), run.staging.recorded("audit")
    if staged is None or audited is None or staged.id not in audited.counts["passed"]:
        raise AuditError("The release was not audited, or a check failed: it was held back.")
    ingested = run.staging.recorded(INGEST.name)
    must = run.options.force or bool(ingested and ingested.counts["damaged"])
    if previous is not None and not must and _is_same(staged, previous):
        run.say(f"release: nothing has changed since {previous.id}")
        return _outcome(run, previous, published=False)
    published = releases.publish(run.staging)
    run.say(f"release: published {published.id}")
    return _outcome(run, published, published=True)


def _outcome(run: Run, current: Release, *, published: bool) -> Outcome:
    return Outcome(current, published, _parsed(run), 0)


def _parsed(run: Run) -> int:
    record = run.staging.recorded(INGEST.name)
    return int(record.counts["files"]) if record else 0


def _is_same(staged: Release, published: Release) -> bool:
    same_inputs = staged.manifest["inputs"] == published.manifest["inputs"]
    return same_inputs and _content(staged) == _content(published)


def _content(release: Release) -> dict[str, str]:
    """The files of a release with their digests, without what only says how it came about."""
    about_release = {path for item in EXPORTS for path in item.about_release}
    return {
        entry["path"]: entry["sha256"]
        for entry in release.manifest["files"]
        if entry["output"] != _PER_RELEASE and entry["path"] not in about_release
    }


# --- helpers -------------------------------------------------------------------------------------


def _microseconds(seconds: int) -> int:
    return seconds * 1_000_000


def _map(run: Run, function: Callable[[Job], Report], jobs: Iterable[Job]) -> Iterator[Report]:
    """Map a stage over jobs by the executor of the settings."""
    jobs = list(jobs)
    if not jobs:
        return
    in_flight = 2 * compute.workers(run.settings.compute)
    with compute.executor(run.settings.compute) as pool:
        yield from compute.run(pool, function, jobs, in_flight)


def _shard_jobs(run: Run) -> list[ShardJob]:
    ingested = run.staging.recorded(INGEST.name)
    if ingested is None:
        message = "The tables are made from articles that this run read: select articles too."
        raise PipelineError(message)
    return [ShardJob(number, run.workspace) for number in range(ingested.counts["shards"])]


def _in_order(reports: Iterable[PartReport]) -> list[PartReport]:
    return sorted(reports, key=lambda report: report.shard)


def _files(
    reports: Iterable[PartReport | stages.IngestReport], table: str
) -> tuple[FileEntry, ...]:
    return tuple(report.parts[table] for report in reports if table in report.parts)


def _record(
    run: Run,
    step: Step,
    reports: Sequence[PartReport] | Sequence[stages.IngestReport],
    counts: dict[str, Any],
) -> StepRecord:
    """Remember the parts of a step's tables, and what it counted."""
    inputs = _inputs(run, step)
    outputs = {name: Output(inputs, _files(reports, name)) for name in step.outputs}
    return run.staging.record(step.name, StepRecord(outputs, counts))


def _previous_record(run: Run, step: Step | Export) -> StepRecord:
    """What a step made for the last release, where nothing has changed since."""
    assert run.staging.previous is not None
    outputs = run.staging.previous.outputs()
    return StepRecord({name: outputs[name] for name in step.outputs}, {"unchanged": True})


def _recipe(run: Run, step: Step | Export) -> str:
    """The digest of what a step's bytes depend on besides its tables."""
    return digest(recipe(step.modules, step.libraries), step.settings(run.settings))


def _inputs(run: Run, step: Step | Export) -> str:
    """The digest of all that a step's outputs are made from."""
    outputs = run.staging.outputs()
    tables = [(name, outputs[name].inputs, outputs[name].version) for name in step.tables]
    return digest(_recipe(run, step), tables)


def _release_inputs(run: Run, ingested: str) -> str:
    """The digest of all that a release is made from, by the digest of what ingest read."""
    return digest(ingested, [_recipe(run, step) for step in _AFTER_INGEST])


def _counts(run: Run) -> dict[str, Any]:
    """The counts of a release: of the last one where this run did not count."""
    previous = run.staging.previous
    counts = dict(previous.counts) if previous else {}
    for name in (INGEST.name, LINK.name, SUMMARIZE.name, _PER_RELEASE):
        record = run.staging.recorded(name)
        counts |= record.counts if record else {}
    return {name: counts[name] for name in COUNTS}
