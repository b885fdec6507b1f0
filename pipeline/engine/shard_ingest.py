"""Stage 1, one shard: `parse` its files, carry over what the previous release knows, `write` parts.

::

    shard_parse.parse(files) → records
    previous_rows.carry_over(records, previous) → rows
    write(rows) → parts
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from ..base.fingerprint import digest
from ..files import parquet
from ..files.atomic import FileEntry
from ..model.content import ContentModel
from ..model.schemas import CHANGES
from ..model.settings import Limits
from ..sources import listing
from ..sources.etags import Fact
from ..sources.listing import Slice
from ..tables import links, url_index
from . import previous_rows
from .previous_rows import Carried, Unchanged
from .shard_parse import Duplicate, Rules, parse
from .shard_survey import digest_of, keep, noted, read_others
from .workspace import ShardJob, Workspace


@dataclass(frozen=True, slots=True)
class IngestJob:
    """One shard: a slice of the list of paths.

    `recipe` is the digest of what rows depend on besides the files. `excluded` holds the files of
    this shard that repeat a url, by path. `is_surveyed`: rows of the previous release may be used
    for files that `survey` found unchanged.
    """

    shard: int
    paths: Slice
    workspace: Workspace
    model: ContentModel
    limits: Limits
    recipe: str
    is_surveyed: bool
    excluded: Mapping[str, Duplicate]


class IngestReport(NamedTuple):
    """What stage 1 made of a shard; `parsed` counts the files that were read and parsed."""

    shard: int
    sources: str
    links: int
    parsed: int
    parts: dict[str, FileEntry]


def part_inputs(recipe: str, sources_digest: str, excluded: Mapping[str, Duplicate]) -> str:
    """The digest of all that the parts of a shard of stage 1 are made from."""
    return digest(recipe, sources_digest, sorted(excluded.items()))


def ingest(job: IngestJob) -> IngestReport:
    """Read the files of a shard and write its parts of articles, keywords and rejects."""
    work, listed = job.workspace, listing.read_list(job.workspace.paths, job.paths)
    same = _unchanged(job, [one.path for one in listed])
    known, facts = same.sha256(), list[Fact]()
    files = noted(read_others(listed, known, work.source, job.limits.file_bytes), facts)
    records = parse(files, Rules(job.model, job.limits, job.excluded))
    if not job.is_surveyed:
        keep(work, job.shard, facts)
    rows = previous_rows.carry_over(records.rows, same, previous_rows.remembered(work))
    sources = digest_of(listed, {**known, **records.found})
    parts = write(work, job.shard, part_inputs(job.recipe, sources, job.excluded), rows)
    parsed = len(listed) - len(known)
    return IngestReport(job.shard, sources, len(rows.rows.stated_links), parsed, parts)


def _unchanged(job: IngestJob, paths: Sequence[str]) -> Unchanged:
    """The files of a shard whose rows stand in the previous release."""
    if not job.is_surveyed:
        return previous_rows.NOTHING
    surveyed, known = np.load(job.workspace.digests(job.shard)), url_index.read(job.workspace.files)
    return previous_rows.unchanged(known, paths, surveyed, job.excluded)


def write(work: Workspace, shard: int, inputs: str, carried: Carried) -> dict[str, FileEntry]:
    """Write the rows of a shard: its parts, and what the next steps need to know of it.

    `inputs` is the digest of all that the rows are made from.
    """
    rows = carried.rows
    tables = {"articles": rows.articles, "keywords": rows.keywords, "rejects": rows.rejects}
    parts = {
        name: work.part(name, shard, inputs, lambda table=table: table)  # type: ignore[misc]
        for name, table in tables.items()
    }
    parquet.write_scratch(work.stated_links(shard), rows.stated_links)
    parquet.write_scratch(work.findings(shard), rows.findings)
    _derive(work, shard, rows.articles, carried.changes)
    return parts


def derive(job: ShardJob) -> None:
    """Leave what `write` leaves besides parts, for a shard whose parts were linked."""
    articles = job.workspace.read("articles", job.shard, _DERIVED_FROM)
    _derive(job.workspace, job.shard, articles, CHANGES.schema.empty_table())


_BY_SUBJECT = ["subject", "subject_slug", "published"]
_DERIVED_FROM = ("url", "id", "title", "no_index", *_BY_SUBJECT)


def _derive(work: Workspace, shard: int, articles: pa.Table, changed: pa.Table) -> None:
    url_index.write_records(work.keys(shard), links.keys(articles))
    parquet.write_scratch(work.subjects(shard), articles.select(_BY_SUBJECT))
    parquet.write_scratch(work.changes(shard), changed)
