"""The files of a shard, read for their digests alone, to know which of them changed.

Nothing is imported here that takes time: a run that finds nothing changed does no more than this.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeAlias

from ..base.digests import digest
from ..base.problems import DocumentError, Problem
from ..files import atomic
from ..sources import listing
from ..sources.listing import Listed, Slice
from ..sources.raw_file import Fact, RawFile
from ..sources.source import Source


@dataclass(frozen=True, slots=True)
class SurveyJob:
    """One shard, of which only the digests are wanted: `paths` is a slice of the file `listed`."""

    shard: int
    paths: Slice
    source: Source
    listed: Path
    scratch: Path
    file_bytes: int


class SurveyReport(NamedTuple):
    """The digest of the paths and contents of a shard."""

    shard: int
    sources: str


class Read(NamedTuple):
    """A file that was read, or what kept it from being, with its place in the shard."""

    place: int
    path: str
    source: RawFile | DocumentError


# The digest of a file, or what keeps it from being read.
Found: TypeAlias = str | list[list[str]]


def survey(job: SurveyJob) -> SurveyReport:
    """Read the files of a shard for their digests alone: times of change are not trusted.

    Objects are not read whose ETag is known.
    """
    listed = listing.read_list(job.listed, job.paths)
    known = _known(job, listed)
    facts = [Fact(*listed[place], sha256) for place, sha256 in known.items()]
    found: dict[int, Found] = {**known}
    for read in noted(read_others(listed, known, job.source, job.file_bytes), facts):
        found[read.place] = _found(read.source)
    keep(job.source, job.scratch, job.shard, facts)
    digests = (found[place] for place in range(len(listed)))
    data = b"".join(bytes.fromhex(now) if isinstance(now, str) else bytes(32) for now in digests)
    with atomic.renamed(digests_file(job.scratch, job.shard)) as temporary:
        temporary.write_bytes(data)
    return SurveyReport(job.shard, digest_of(listed, found))


def digests_file(scratch: Path, shard: int) -> Path:
    """Where the SHA-256 of the files of a shard stand, 32 bytes each, in their order.

    Zeros stand for what cannot be read.
    """
    return scratch / f"digests-{shard:05}"


def _known(job: SurveyJob, listed: Sequence[Listed]) -> dict[int, str]:
    """The digests of objects, by place, whose content an ETag stands for."""
    if not job.source.has_etags:
        return {}
    from . import known_objects  # noqa: PLC0415  0.1 s

    return known_objects.known(job.scratch, listed)


def read_others(
    listed: Sequence[Listed], known: Collection[int], source: Source, file_bytes: int
) -> Iterator[Read]:
    """Read the files of a shard, in their order, but for those at places that are known."""
    places = [place for place in range(len(listed)) if place not in known]
    paths = [listed[place].path for place in places]
    return map(Read, places, paths, source.read_all(paths, file_bytes))


def noted(files: Iterable[Read], facts: list[Fact]) -> Iterator[Read]:
    """The same files; what was read of objects is added to `facts`."""
    for read in files:
        if isinstance(read.source, RawFile):
            facts.append(Fact(read.path, read.source.etag, read.source.sha256))
        yield read


def keep(source: Source, scratch: Path, shard: int, facts: Sequence[Fact]) -> None:
    """Leave what is known of the objects of a shard, if it has objects."""
    if source.has_etags:
        from . import known_objects  # noqa: PLC0415  as above

        known_objects.keep(scratch, shard, facts)


def digest_of(listed: Sequence[Listed], found: Mapping[int, Found]) -> str:
    """The digest of the paths and contents of a shard."""
    return digest([(one.path, found[place]) for place, one in enumerate(listed)])


def unread(problems: Sequence[Problem]) -> Found:
    """What stands for the digest of a file that has none."""
    return [[problem.code, problem.message] for problem in problems]


def _found(source: RawFile | DocumentError) -> Found:
    return source.sha256 if isinstance(source, RawFile) else unread(source.problems)
