"""The files of a shard, read for their digests alone, to know which of them changed."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np

from ..base.fingerprint import digest
from ..base.problems import DocumentError, Problem
from ..sources import etags, listing
from ..sources.etags import Fact
from ..sources.listing import Listed, Slice
from ..sources.raw_file import RawFile
from ..sources.source import Source
from ..tables import scratch, url_index
from .workspace import Workspace


@dataclass(frozen=True, slots=True)
class SurveyJob:
    """One shard, of which only the digests are wanted."""

    shard: int
    paths: Slice
    workspace: Workspace
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
    work = job.workspace
    listed = listing.read_list(work.paths, job.paths)
    known = _known(work, listed)
    facts = [Fact(*listed[place], sha256) for place, sha256 in known.items()]
    found: dict[int, Found] = {**known}
    for read in noted(read_others(listed, known, work.source, job.file_bytes), facts):
        found[read.place] = _found(read.source)
    keep(work, job.shard, facts)
    digests = [
        bytes.fromhex(now) if isinstance(now, str) else b"" for _, now in sorted(found.items())
    ]
    sha256 = url_index.to_table({"sha256": np.array(digests, dtype="S32")})
    scratch.DIGESTS.write(work.scratch, sha256, job.shard)
    return SurveyReport(job.shard, digest_of(listed, found))


def _known(work: Workspace, listed: Sequence[Listed]) -> dict[int, str]:
    """The digests of objects, by place, whose content an ETag stands for."""
    if not work.source.has_etags:
        return {}
    return etags.known(url_index.columns(scratch.ETAGS.read(work.scratch)), listed)


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


def keep(work: Workspace, shard: int, facts: Sequence[Fact]) -> None:
    """Leave what is known of the objects of a shard, if it has objects."""
    if work.source.has_etags:
        rows = url_index.to_table(etags.columns_of(facts))
        scratch.ETAG_DIGESTS.write(work.scratch, rows, shard)


def digest_of(listed: Sequence[Listed], found: Mapping[int, Found]) -> str:
    """The digest of the paths and contents of a shard."""
    return digest([(one.path, found[place]) for place, one in enumerate(listed)])


def unread(problems: Sequence[Problem]) -> Found:
    """What stands for the digest of a file that has none."""
    return [[problem.code, problem.message] for problem in problems]


def _found(source: RawFile | DocumentError) -> Found:
    return source.sha256 if isinstance(source, RawFile) else unread(source.problems)
