"""The check of a staged release against standards: ``conformance.json``, which the audit reads."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from .. import conformance
from ..base.digests import digest
from ..base.fingerprint import code_of
from ..conformance import rules
from ..conformance.rules import Outcome, Staged
from ..files import atomic
from ..files.atomic import FileEntry
from ..releases.manifest import Output, Release
from .run import Run

CONFORMANCE = "conformance"
PATH = "conformance.json"


class _Job(NamedTuple):
    """Files of one kind, by its place in `conformance.KINDS`, and the place of the job in order."""

    place: int
    kind: int
    staged: Staged


_BYTES_OF_A_JOB = 16 << 20


def conform(run: Run, outputs: Mapping[str, Output]) -> Output:
    """Read published files back that changed, and put down which rules of standards all keep.

    All files of the outputs are in place.
    """
    entries = {entry.path: entry for output in outputs.values() for entry in output.files}
    recipe = code_of(conformance.__name__)
    files = sorted([entry.path, entry.sha256] for entry in entries.values())
    inputs = digest(recipe, run.settings.site, files)
    known = run.cache(CONFORMANCE)
    if linked := known.reuse(run.staging.root, PATH, inputs=inputs):
        return Output(recipe, inputs, (linked,))
    right = _found_right(run, recipe)
    shares = [
        (number, share)
        for number, kind in enumerate(conformance.KINDS)
        for share in _shares(kind, _staged(run, kind, entries, right))
    ]
    jobs = [_Job(place, number, share) for place, (number, share) in enumerate(shares)]
    found = dict(run.map(_check, sorted(jobs, key=_largest_first)))
    of_kinds = {
        number: [found[job.place] for job in jobs if job.kind == number]
        for number in range(len(conformance.KINDS))
    }
    data = rules.to_json(one for found in of_kinds.values() for one in rules.joined(found))
    entry = atomic.describe(PATH, data)
    if not known.reuse(run.staging.root, PATH, sha256=entry.sha256):
        atomic.put(run.staging.root, PATH, data)
    return Output(recipe, inputs, (entry._replace(inputs=inputs),))


def _staged(
    run: Run, kind: rules.Kind, entries: Mapping[str, FileEntry], right: Mapping[str, str]
) -> Staged:
    files = {path: entry for path, entry in entries.items() if kind.concerns(path)}
    changed = frozenset(path for path, entry in files.items() if right.get(path) != entry.sha256)
    return Staged(run.staging.root, run.settings, run.staging.as_of, files, changed)


def _shares(kind: rules.Kind, staged: Staged) -> Iterator[Staged]:
    """The files of a kind, divided where that can be, in the order of their paths."""
    if not kind.is_divisible:
        yield staged
        return
    share, size = list[str](), 0
    for path in sorted(staged.changed):
        share.append(path)
        size += staged.files[path].bytes
        if size >= _BYTES_OF_A_JOB:
            yield staged._replace(changed=frozenset(share))
            share, size = [], 0
    if share or not staged.changed:
        yield staged._replace(changed=frozenset(share))


def _largest_first(job: _Job) -> int:
    return -sum(job.staged.files[path].bytes for path in job.staged.changed)


def _check(job: _Job) -> tuple[int, list[Outcome]]:
    return job.place, rules.outcomes(conformance.KINDS[job.kind], job.staged)


def _found_right(run: Run, recipe: str) -> dict[str, str]:
    """The files, with their digests, that the published release has and this check found right."""
    previous = run.staging.previous
    made = previous.outputs.get(CONFORMANCE) if previous else None
    if previous is None or made is None or run.options.full or made.recipe != recipe:
        return {}
    is_later = run.staging.as_of >= previous.manifest.as_of
    is_same_site = previous.base_url == run.settings.site.base_url
    if not (is_later and is_same_site and run.cache(CONFORMANCE).has(made)):
        return {}
    if any(one["broken"] for one in rules.read((previous.root / PATH).read_bytes())):
        return {}
    return {entry.path: entry.sha256 for entry in previous.files}


def report(release: Release) -> list[dict[str, object]]:
    """What a release says of the rules of standards; nothing in those before it was told."""
    if CONFORMANCE not in release.outputs:
        return []
    return rules.read((release.root / PATH).read_bytes())
