"""The step of an export: its files are linked from the published release, or made anew."""

import dataclasses
import time
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed

from ..base.fingerprint import code_of
from ..base.wording import counted
from ..exports import EXPORTS, Context, Export
from ..files.atomic import FileEntry
from ..releases import cache
from ..releases.cache import Cache
from ..releases.manifest import Output
from ..releases.staging import StepRecord
from . import per_release
from .progress import Lines
from .run import Run, since
from .schema_changes import schema_version


def export_all(run: Run) -> None:
    """Make all exports side by side: the long job of one would leave other workers idle.

    One that reads the files of others waits for them: they stand before it in the registry.
    """
    run.fetched()
    per_release.make(run)
    said: deque[str] = deque()
    progress = run.progress  # is told by one thread alone
    progress.begin("export", len(EXPORTS), "exports")
    quiet = dataclasses.replace(run, progress=Lines(said.append))
    with ThreadPoolExecutor(len(EXPORTS)) as threads:
        futures: dict[str, Future[StepRecord]] = {}
        for item in EXPORTS:
            reads = item.tables(run.settings.content)
            awaited = [futures[name] for name in reads if name in futures]
            futures[item.name] = threads.submit(_export_after, awaited, quiet, item)
        for made in as_completed(futures.values()):
            made.result()
            while said:
                progress.say(said.popleft())
            progress.advance(1)


def _export_after(awaited: Iterable["Future[StepRecord]"], run: Run, item: Export) -> StepRecord:
    for each in awaited:
        each.result()
    return export(run, item)


def export(run: Run, item: Export) -> StepRecord:
    """Make one export from the tables of this run or, if it made none, of the last release."""
    began = time.monotonic()
    # In a run that reads no release, a damaged file would be taken for an intact one.
    known = cache.EMPTY if run.options.full else run.cache(item.name)
    files, verb = _linked(run, item, known), "linked"
    if files is None:
        files, verb = _exported(run, item, known), "made"
    outputs = {item.name: Output(run.recipe(item), run.inputs(item), files)}
    record = run.staging.record(item.name, StepRecord(outputs))
    run.progress.say(f"{item.name}: {counted(len(files), 'file')} {verb} {since(began)}")
    return record


def _linked(run: Run, item: Export, known: Cache) -> tuple[FileEntry, ...] | None:
    """The files of the published release, if they are intact and were made from the same."""
    release = run.staging.previous
    if release is None or run.staging.as_of < release.manifest.as_of:  # what is to come was told
        return None
    made = release.outputs.get(item.name)
    if made is None or made.inputs != run.inputs(item) or not known.has(made):
        return None
    due = item.next_due(run.settings, known.root, made.files)
    if due is not None and run.staging.as_of >= due:
        return None
    known.adopt(made, run.staging.root)
    return made.files


def _exported(run: Run, item: Export, known: Cache) -> tuple[FileEntry, ...]:
    reads = item.tables(run.settings.content)
    tables = {name: tuple(run.staging.parts(name)) for name in reads}
    outputs_now = run.staging.outputs()
    context = Context(
        run.settings,
        run.staging.root,
        run.staging.as_of,
        run.passed_over,
        tables,
        {name: outputs_now[name].rows for name in reads},
        {name: outputs_now[name].version for name in reads},
        code_of(item.module),
        known,
        lambda function, jobs: run.map_shown(item.name, function, list(jobs)),
        {name: outputs_now[name].files for name in reads},
        lambda: schema_version(run, outputs_now),
        lambda: run.remembered(item.name),
        run.progress.say,
    )
    return tuple(item.write(context))
