"""Stage 1, one shard: `parse` its files, carry over what the previous release knows, `write` parts.

::

    shard_parse.parse(files) → records
    previous_rows.carry_over(records, previous) → rows
    write(rows) → parts
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from ..base import printable
from ..base.fingerprint import digest
from ..content.article import Rules
from ..files.atomic import FileEntry
from ..model.content import ContentModel
from ..model.schemas import CHANGES
from ..releases import cache
from ..sources import listing
from ..sources.etags import Fact
from ..sources.listing import Slice
from ..tables import due, links, near_urls, scratch, url_index
from . import previous_rows
from .previous_rows import Carried, Part, Unchanged
from .shard_parse import NO_HISTORY, Excluded, History, parse
from .shard_survey import digest_of, keep, noted, read_others
from .workspace import Workspace


@dataclass(frozen=True, slots=True)
class IngestJob:
    """One shard: a slice of the list of paths.

    `recipe` is the digest of what rows depend on besides the files. `excluded` holds the files of
    this shard that others keep from being articles, by path. `is_surveyed`: rows of the previous
    release may be used for files that `survey` found unchanged. `has_history`: it is known when
    files were committed.
    """

    shard: int
    paths: Slice
    workspace: Workspace
    rules: Rules
    recipe: str
    is_surveyed: bool
    excluded: Excluded
    has_history: bool = False


class IngestReport(NamedTuple):
    """What stage 1 made of a shard; `parsed` counts the files that were read and parsed.

    `due` is the next time, in microseconds, at which an article is shown or expires.
    """

    shard: int
    sources: str
    links: int
    parsed: int
    parts: dict[str, FileEntry]
    due: int | None


def part_inputs(recipe: str, sources_digest: str, excluded: Excluded) -> str:
    """The digest of all that the parts of a shard of stage 1 are made from."""
    return digest(recipe, sources_digest, sorted(excluded.items()))


def ingest(job: IngestJob) -> IngestReport:
    """Read the files of a shard and write its parts of articles, lists and rejects."""
    work, listed = job.workspace, listing.read_list(job.workspace.paths, job.paths)
    same = _unchanged(job, [one.path for one in listed])
    known, facts = same.sha256(), list[Fact]()
    files = noted(read_others(listed, known, work.source, job.rules.limits.file_bytes), facts)
    paths = [one.path for one in listed]
    history = _history(paths, work.scratch) if job.has_history else NO_HISTORY
    records = parse(files, job.rules, job.excluded, history)
    if not job.is_surveyed:
        keep(work, job.shard, facts)
    previous = previous_rows.remembered(work, job.rules.model)
    rows = previous_rows.carry_over(records.rows, same, previous)
    sources = digest_of(listed, {**known, **records.found})
    parts = write(work, job.shard, part_inputs(job.recipe, sources, job.excluded), rows)
    parsed = len(listed) - len(known)
    links_of_shard, articles = len(rows.rows.stated_links), rows.rows.articles
    next_due = due.times_of(articles, job.rules.model).next_due(work.as_of_us)
    return IngestReport(job.shard, sources, links_of_shard, parsed, parts, next_due)


def _history(paths: Sequence[str], folder: Path) -> History:
    """The first and the last commit of those of some files that have any."""
    known = url_index.columns(scratch.HISTORY.read(folder))
    rows = url_index.find(known, list(map(printable.encodable, paths)))
    return {
        path: (int(known["first"][row]), int(known["last"][row]))
        for path, row in zip(paths, rows.tolist(), strict=True)
        if row >= 0
    }


def _unchanged(job: IngestJob, paths: Sequence[str]) -> Unchanged:
    """The files of a shard whose rows stand in the previous release."""
    if not job.is_surveyed:
        return previous_rows.NOTHING
    folder = job.workspace.scratch
    surveyed = url_index.array(scratch.DIGESTS.read(folder, job.shard)["sha256"])
    known = url_index.columns(scratch.FILES.read(folder))
    return previous_rows.unchanged(known, paths, surveyed, job.excluded)


def write(work: Workspace, shard: int, inputs: str, carried: Carried) -> dict[str, FileEntry]:
    """Write the rows of a shard: its parts, and what the next steps need to know of it.

    `inputs` is the digest of all that the rows are made from.
    """
    rows = carried.rows
    files = {"articles": rows.articles, "rejects": rows.rejects, "skipped": rows.skipped}
    parts = {
        name: work.part(name, shard, inputs, lambda table=table: table)  # type: ignore[misc]
        for name, table in {**files, **rows.lists}.items()
    }
    _leave(work, shard, rows.articles, rows.stated_links, rows.findings, carried.changes)
    return parts


@dataclass(frozen=True, slots=True)
class LinkedJob:
    """One shard, whose parts are those of the number `part` of the previous release."""

    shard: int
    workspace: Workspace
    part: int
    model: ContentModel


def derive(job: LinkedJob) -> tuple[int, int | None]:
    """Leave what `write` leaves besides parts, for a shard whose parts were linked.

    Returns:
        Its number, and what is due next (`IngestReport`).
    """
    work = job.workspace
    part = Part(cache.load(work.cache_file).root, job.part, job.model)
    articles = work.columns_of("articles", job.shard, _KEYS_OF)
    unchanged = CHANGES.schema.empty_table()
    _leave(work, job.shard, articles, part.stated_links, part.findings, unchanged)
    return job.shard, due.times_of(articles, job.model).next_due(work.as_of_us)


_OF_SUBJECTS = ("subject", "subject_slug", "published")
# A site need not declare an id.
_KEYS_OF = sorted({"url", "id", "title", "no_index", *_OF_SUBJECTS, *due.COLUMNS})


def _leave(
    work: Workspace,
    shard: int,
    articles: pa.Table,
    stated_links: pa.Table,
    found: pa.Table,
    changed: pa.Table,
) -> None:
    """Leave for the next steps what they need to know of a shard."""
    keys = url_index.to_table(links.keys(articles))
    for name in _OF_SUBJECTS:
        keys = keys.append_column(articles.schema.field(name), articles[name])
    near = url_index.to_table({"near": near_urls.digests(articles["url"].to_pylist())})
    keys = keys.append_column("near", near["near"])
    scratch.ARTICLE_KEYS.write(work.scratch, keys, shard)
    scratch.STATED_LINKS.write(work.scratch, stated_links, shard)
    scratch.FINDINGS.write(work.scratch, found, shard)
    scratch.CHANGES.write(work.scratch, changed, shard)
