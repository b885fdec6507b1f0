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

import numpy as np
import pyarrow as pa

from ..base import printable
from ..base.digests import digest
from ..content.addresses import LinkRules
from ..content.article import Rules
from ..files.atomic import FileEntry
from ..model.release_schemas import CHANGES
from ..releases import cache
from ..sources import listing
from ..sources.listing import Slice
from ..sources.raw_file import Fact
from ..tables import due, link_targets, links, near_urls, scratch, url_index
from . import previous_rows
from .previous_rows import Carried, Part, Unchanged
from .shard_parse import NO_COMMITS, Commits, Excluded, parse
from .shard_survey import digest_of, digests_file, keep, noted, read_others
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
    link_rules: LinkRules
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
    stated_links: int
    written_links: int
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
    commits = _commits(paths, work.scratch) if job.has_history else NO_COMMITS
    records = parse(files, job.rules, job.excluded, commits)
    if not job.is_surveyed:
        keep(work.source, work.scratch, job.shard, facts)
    previous = previous_rows.remembered(work, job.rules.model)
    rows = previous_rows.carry_over(records.rows, same, previous)
    sources = digest_of(listed, {**known, **records.found})
    inputs = part_inputs(job.recipe, sources, job.excluded)
    parts = write(work, job.shard, inputs, rows, job.link_rules)
    parsed = len(listed) - len(known)
    next_due = due.times_of(rows.rows.articles, job.rules.model).next_due(work.as_of_us)
    of_links = len(rows.rows.stated_links), len(rows.rows.written_links)
    return IngestReport(job.shard, sources, *of_links, parsed, parts, next_due)


def _commits(paths: Sequence[str], folder: Path) -> Commits:
    """The first and the last commit of those of some files that have any."""
    known = url_index.columns(scratch.COMMITS.read(folder))
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
    surveyed = np.frombuffer(digests_file(folder, job.shard).read_bytes(), "S32")
    known = url_index.columns(scratch.FILES.read(folder))
    return previous_rows.unchanged(known, paths, surveyed, job.excluded)


def write(
    work: Workspace, shard: int, inputs: str, carried: Carried, rules: LinkRules
) -> dict[str, FileEntry]:
    """Write the rows of a shard: its parts, and what the next steps need to know of it.

    `inputs` is the digest of all that the rows are made from.
    """
    rows = carried.rows
    files = {
        "articles": rows.articles,
        "anchors": rows.anchors,
        "rejects": rows.rejects,
        "skipped": rows.skipped,
    }
    parts = {
        name: work.part(name, shard, inputs, lambda table=table: table)  # type: ignore[misc]
        for name, table in {**files, **rows.lists}.items()
    }
    scratch.CHANGES.write(work.scratch, carried.changes, shard)
    scratch.STATED_LINKS.write(work.scratch, rows.stated_links, shard)
    scratch.WRITTEN_LINKS.write(work.scratch, rows.written_links, shard)
    scratch.FINDINGS.write(work.scratch, rows.findings, shard)
    _leave(work, shard, rows.articles, rows.anchors, rules)
    return parts


@dataclass(frozen=True, slots=True)
class LinkedJob:
    """One shard, whose parts are those of the number `part` of the previous release."""

    shard: int
    workspace: Workspace
    part: int
    link_rules: LinkRules


def derive(job: LinkedJob) -> tuple[int, int | None]:
    """Leave what `write` leaves besides parts, for a shard whose parts were linked.

    Returns:
        Its number, and what is due next (`IngestReport`).
    """
    work = job.workspace
    model = job.link_rules.model
    part = Part(cache.load(work.cache_file).root, job.part, model)
    scratch.CHANGES.write(work.scratch, CHANGES.schema.empty_table(), job.shard)
    scratch.STATED_LINKS.write(work.scratch, part.stated_links, job.shard)
    scratch.WRITTEN_LINKS.write(work.scratch, part.written_links, job.shard)
    scratch.FINDINGS.write(work.scratch, part.findings, job.shard)
    columns = sorted({*_KEYS_OF, *link_targets.columns(model)})
    articles = work.columns_of("articles", job.shard, columns)
    anchors = work.columns_of("anchors", job.shard, ("url", "anchor"))
    _leave(work, job.shard, articles, anchors, job.link_rules)
    return job.shard, due.times_of(articles, model).next_due(work.as_of_us)


_OF_SUBJECTS = ("subject", "subject_slug", "published")
# A site need not declare an id.
_KEYS_OF = ("id", "title", "no_index", *_OF_SUBJECTS, *due.COLUMNS)


def _leave(
    work: Workspace, shard: int, articles: pa.Table, anchors: pa.Table, rules: LinkRules
) -> None:
    """Leave for the next steps what other shards need to know of a shard."""
    keys = url_index.to_table(links.keys(articles))
    for name in _OF_SUBJECTS:
        keys = keys.append_column(articles.schema.field(name), articles[name])
    near = url_index.to_table({"near": near_urls.digests(articles["url"].to_pylist())})
    keys = keys.append_column("near", near["near"])
    scratch.ARTICLE_KEYS.write(work.scratch, keys, shard)
    scratch.ALIASES.write(work.scratch, link_targets.aliases(articles, rules), shard)
    scratch.ADDRESS_KEYS.write(work.scratch, link_targets.keys(articles, rules), shard)
    scratch.ANCHOR_KEYS.write(work.scratch, link_targets.anchors(anchors), shard)
