"""The last steps of a run: manifest, audit, and the release, which is published if all is well."""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..base import cancellation, printable
from ..base.errors import AuditError, PipelineError
from ..base.wording import counted
from ..exports import EXPORTS
from ..model.settings import is_placeholder
from ..releases import held_back, identities, local, publishing, staging
from ..releases.manifest import Counts, Output, Release
from ..releases.staging import StepRecord
from . import checks, up_to_date
from .advice import advice
from .checks import CheckResult
from .conform import CONFORMANCE, conform
from .forbidden import forbidden
from .outcome import Outcome, same
from .run import LOOK, Run
from .schema_changes import schema_changes, schema_version
from .steps import AFTER_INGEST, INGEST, LINK, PER_RELEASE, SUMMARIZE
from .unused import unused
from .up_to_date import Memo


def manifest(run: Run) -> Release:
    """Write the manifest; what this run did not make is linked from the last release.

    Raises:
        PipelineError: An output was made from other tables or settings than those beside it.
    """
    made, outputs = run.staging.made(), _outputs(run)
    _check_inputs(run, outputs)
    others = [name for name in outputs if name not in made]
    cache = run.cache(*others)
    for name in others:
        cache.adopt(outputs[name], run.staging.root)
    outputs[CONFORMANCE] = conform(run, outputs)
    written = staging.write_manifest(
        run.staging,
        outputs,
        run.release_inputs(outputs["articles"].inputs),
        run.settings.site.base_url,
        _counts(run, outputs),
        platform.python_version(),
        tuple(schema_changes(run, outputs)),
        schema_version(run, outputs),
    )
    for change in written.manifest.schema_changes:
        if change.is_of_type:
            run.progress.warn(f"{change}")
    if before := _moved_from(written, run.staging.previous):
        run.progress.warn(f"the base URL changes from {before} to {written.base_url}")
    if is_placeholder(base_url := run.settings.site.base_url):
        run.progress.warn(
            f"the base URL is {base_url}, which is only a placeholder:"
            " set site.base_url, or --base-url"
        )
    for warning in (*unused(run.settings, written), *forbidden(run.settings, written)):
        run.progress.warn(warning)
    run.progress.say(f"manifest: {counted(len(written.files), 'file')}")
    return written


def _outputs(run: Run) -> dict[str, Output]:
    """What this release holds: without what settings no longer ask for, such as a list."""
    content = run.settings.content
    wanted = {name for item in (INGEST, *AFTER_INGEST) for name in item.outputs(content)}
    wanted.update(PER_RELEASE)
    return {name: one for name, one in run.staging.outputs().items() if name in wanted}


def _check_inputs(run: Run, outputs: Mapping[str, Output]) -> None:
    """Refuse outputs that were made from other tables or settings than those beside them."""
    for item in AFTER_INGEST:
        for name in item.outputs(run.settings.content):
            if name not in outputs:
                message = f"There is no {name} yet: run the whole job first."
                raise PipelineError(message)
            if outputs[name].inputs != run.inputs(item):
                message = (
                    f"{name} was made from other tables, settings or code than those of this"
                    " release: build without keeping them."
                )
                raise PipelineError(message)


def audit(run: Run) -> list[CheckResult]:
    """Check the staged release, and remember whether it may be published.

    Raises:
        AuditError: A check failed.
    """
    results = check(run)
    if error := audit_error(results):
        raise error
    return results


def audit_error(results: Sequence[CheckResult]) -> AuditError | None:
    """The error of a release that checks held back, with what they found; None if all passed."""
    failed = [result for result in results if not result.passed]
    if not failed:
        return None
    lines = ["The release was held back."]
    lines += [f"{result.name}: {result.message}" for result in failed]
    lines += dict.fromkeys(f"  {printable.line(row)}" for result in failed for row in result.rows)
    lines += [line for result in failed for line in result.advice]
    return AuditError("\n".join(lines))


def check(run: Run) -> list[CheckResult]:
    """Check the staged release; there is none when nothing has changed.

    One that is held back is kept to be looked at (`held_back`).

    Raises:
        PipelineError: No release is staged.
    """
    if run.keeps_published:
        message = "Nothing has changed since the published release."
        return [CheckResult(name, True, message, {}) for name in checks.CHECKS]
    staged = staging.staged(run.staging)
    if staged is None:
        raise PipelineError("No release is staged.")
    limits, accept_removals = run.settings.limits, run.options.accept_removals
    looked_at = checks.audited(run.staging, staged, limits, accept_removals=accept_removals)
    looked_at = looked_at._replace(known=run.known_files, noted=run.noted)
    results = checks.audit(looked_at)
    passed = staged.id if all(result.passed for result in results) else None
    run.staging.record("audit", StepRecord(passed=passed))
    run.progress.say(
        f"audit: {sum(result.passed for result in results)} of {len(results)} checks passed"
    )
    advised = advice(run, staged)
    if passed:
        for line in advised:
            run.progress.say(line)
        return results
    try:
        kept = held_back.keep(run.staging)
        run.progress.say(f"audit: the release was held back, and is kept in {kept.root}")
    except (OSError, PipelineError) as error:  # what the checks found is told in any case
        run.progress.warn(f"the release was held back, and cannot be kept: {error}")
    last = max(number for number, result in enumerate(results) if not result.passed)
    results[last] = results[last]._replace(advice=tuple(advised))
    return results


def release(run: Run) -> Outcome:
    """Publish the staged release, unless it is the published one: same inputs, same files.

    Raises:
        AuditError: The release was not audited, or a check failed.
        ConflictError: Another run published in the meantime.
        PipelineError: No release is staged.
    """
    previous = run.staging.previous
    if run.keeps_published:
        assert previous is not None
        if run.pinned:
            run.progress.warn(_pinned(run.pinned))
        else:
            run.progress.say(same(previous))
            _remember(run, previous)
        return _outcome(run, previous)._replace(pinned=run.pinned)
    staged, audited = staging.staged(run.staging), run.staging.recorded("audit")
    if staged is None:
        raise PipelineError("No release is staged.")
    if audited is None or audited.passed != staged.id:
        raise AuditError("The release was not audited, or a check failed: it was held back.")
    must = run.options.force or bool(run.found_damaged()) or run.is_lacking()
    if previous is not None and not must and _is_same(staged, previous):
        run.progress.say(same(previous))
        _remember(run, previous)
        return _outcome(run, previous)
    force = run.options.force
    current = publishing.publish(
        run.staging,
        run.settings.releases,
        force=force,
        check_cancelled=cancellation.check_cancelled,
        commit=cancellation.commit,
    )
    if current.id != staged.id:
        pinned = local.pinned(run.staging.out) or current.id
        run.progress.warn(_pinned(pinned))
        return _outcome(run, current)._replace(pinned=pinned)
    run.progress.say(f"release: published {current.id}")
    _remember(run, current)
    moved_from = _moved_from(current, previous)
    return _outcome(run, current)._replace(published=True, moved_from=moved_from)


def _remember(run: Run, current: Release) -> None:
    """Note what spares the next run work: this one has ended well, and left this release."""
    out, settings = run.staging.out, run.settings
    held_back.forget(out)
    if settings.paths.storage:
        return
    try:
        identities.keep(out, current, run.noted)
        if run.request and not (run.options.keep_tables or settings.compute.address):
            up_to_date.remember(out, _memo(run, current))
    except OSError as error:  # the release is there
        message = f"{error.filename}: {error.strerror}"
        run.progress.warn(f"the next run will look at all files again: {message}")


def _memo(run: Run, current: Release) -> Memo:
    looked = run.staging.recorded(LOOK)
    history = [looked.state, looked.no_history] if looked else None
    workers = run.settings.compute.workers
    return Memo(run.request, current.id, run.recipe(INGEST), history, workers, run.reading)


def _moved_from(release: Release, previous: Release | None) -> str | None:
    """The base URL of the release before, if it is known and another."""
    before = previous.base_url if previous else None
    return before if before != release.base_url else None


def _pinned(release: str) -> str:
    return f"release: pinned to {release}: `pressroom rollback --unpin` lets builds publish again"


def _outcome(run: Run, current: Release) -> Outcome:
    ingested = run.staging.recorded(INGEST.name)
    parsed, reused = (ingested.parsed, ingested.reused) if ingested else (0, 0)
    return Outcome(current, False, parsed, reused, run.passed_over)


def _is_same(staged: Release, published: Release) -> bool:
    same_inputs = staged.manifest.inputs == published.manifest.inputs
    return same_inputs and _content(staged) == _content(published)


def _content(release: Release) -> dict[str, str]:
    """The files of a release with their digests, without what only says how it came about.

    What the standards say follows from the others, but for the number of files that were looked at.
    """
    about_release = {path for item in EXPORTS for path in item.about_release}
    return {
        entry.path: entry.sha256
        for name, output in release.outputs.items()
        for entry in output.files
        if name not in (*PER_RELEASE, CONFORMANCE) and entry.path not in about_release
    }


def _counts(run: Run, outputs: Mapping[str, Output]) -> Counts:
    """The counts of a release: of the last one where this run did not count.

    What is due next is so by the articles, or by the files of an export.
    """
    previous = run.staging.previous
    steps = (INGEST.name, LINK.name, SUMMARIZE.name, *PER_RELEASE)
    records = [record for name in steps if (record := run.staging.recorded(name))]
    counts = (previous.counts if previous else Counts()).updated(
        {name: count for record in records for name, count in record.counts.items()}
    )
    times = [counts.next_due]
    for item in EXPORTS:
        files = outputs[item.name].files
        times.append(item.next_due(run.settings, run.root_of(item.name), files))
    due = min((time for time in times if time is not None), default=None)
    return replace(counts, next_due=due)
