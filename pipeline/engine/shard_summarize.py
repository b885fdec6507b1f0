"""Stage 3: what follows from the tables: subjects, findings, changes and the ledger."""

from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ..base.digests import digest
from ..files import parquet
from ..files.atomic import FileEntry
from ..model.content import ContentModel
from ..model.findings import Findings
from ..tables import changes, findings, ledger, links, near_urls, scratch, subjects, url_index
from .workspace import PartReport, ShardJob, Workspace


@dataclass(frozen=True, slots=True)
class SummarizeJob(ShardJob):
    """One shard, once the subjects of all are grouped."""

    model: ContentModel
    levels: Findings


def summarize(job: SummarizeJob) -> PartReport:
    """The parts of ledger, changes and findings of a shard."""
    articles = job.columns_of("articles", _SUMMARIZED)
    of_articles = digest(job.recipe, job.made["articles"].sha256)
    changed = scratch.CHANGES.read(job.workspace.scratch, job.shard)
    parts = {
        "ledger": job.part("ledger", of_articles, partial(ledger.live, articles)),
        "changes": job.part("changes", "", lambda: changed),
        "findings": _all_findings(job, articles),
    }
    return PartReport(job.shard, parts, dict(Counter(changed["change"].to_pylist())))


_SUMMARIZED = sorted({*ledger.COLUMNS, *findings.ARTICLE_COLUMNS})


def _all_findings(job: SummarizeJob, articles: pa.Table) -> FileEntry:
    workspace = job.workspace
    shared_ids, labels = _of_shard(workspace, articles)
    urls = articles["url"].to_pylist()
    near = near_urls.groups_of(scratch.NEAR_URLS.read(workspace.scratch), urls)

    disputed = scratch.DISPUTED_ALIASES.read(workspace.scratch)
    disputed = disputed.filter(pc.is_in(disputed["url"], articles["url"].combine_chunks()))

    def table() -> pa.Table:
        links_of_shard = job.columns_of("related_links", findings.LINK_COLUMNS)
        in_texts = job.columns_of("text_links", findings.TEXT_LINK_COLUMNS)
        tables = findings.Tables(
            articles,
            links_of_shard,
            in_texts,
            disputed,
            shared_ids,
            labels,
            near,
            workspace.as_of_us,
        )
        in_text = scratch.FINDINGS.read(workspace.scratch, job.shard)
        found = [in_text, findings.of_tables(tables, job.model)]
        return findings.to_table(articles, found, job.levels)

    of_shard = [job.made[name].sha256 for name in ("articles", "related_links", "text_links")]
    of_others = (sorted(each.items()) for each in (shared_ids, labels, near))
    inputs = digest(job.recipe, of_shard, disputed.to_pylist(), *of_others)
    return job.part("findings", inputs, table)


def _of_shard(workspace: Workspace, articles: pa.Table) -> tuple[dict[int, int], dict[str, str]]:
    """The shared ids and the labels of subjects that articles of a shard have."""
    shared = scratch.SHARED_IDS.read(workspace.scratch)
    here = shared.filter(pc.is_in(shared["id"], links.ids_of(articles)))
    labels = parquet.read(workspace.root / parquet.part_path("subjects", 0), ["slug", "label"])
    used = labels.filter(pc.is_in(labels["slug"], articles["subject_slug"].combine_chunks()))
    return _pairs(here), _pairs(used)


def _pairs(table: pa.Table) -> dict[Any, Any]:
    """The second column by the first."""
    return dict(zip(*table.to_pydict().values(), strict=True))


@dataclass(frozen=True, slots=True)
class GoneJob:
    """The urls that are no longer published; `shard` is the number of the part to write.

    `previous_articles` are the parts of articles of the previous release that are intact.
    """

    shard: int
    workspace: Workspace
    previous_ledger: dict[int, Path]
    previous_articles: dict[int, Path]
    last_seen: int


def summarize_gone(job: GoneJob) -> PartReport:
    """The last part of the ledger and of changes: urls that are gone."""
    workspace = job.workspace
    memory = url_index.columns(scratch.LEDGER_INDEX.read(workspace.scratch))
    index = url_index.columns(scratch.INDEX.read(workspace.scratch))
    gone, removed = ledger.gone(job.previous_ledger, memory, index, job.last_seen)
    titles = ledger.titles_before(job.previous_articles, memory, removed["url"].to_pylist())
    changed = changes.removed(removed, titles)
    parts = {
        "ledger": workspace.part("ledger", job.shard, "", lambda: gone),
        "changes": workspace.part("changes", job.shard, "", lambda: changed),
    }
    return PartReport(job.shard, parts, {"removed": len(changed)})


@dataclass(frozen=True, slots=True)
class SubjectsJob:
    """The subjects of all shards; `shard` is the number of the part to write."""

    shard: int
    workspace: Workspace
    recipe: str
    shards: int


def group_subjects(job: SubjectsJob) -> PartReport:
    """The one part of subjects."""
    work = job.workspace
    shards = (scratch.ARTICLE_KEYS.read(work.scratch, shard) for shard in range(job.shards))
    index = url_index.array(scratch.INDEX.read(work.scratch)["url"])
    degrees = scratch.DEGREES.read(work.scratch)

    def linked(articles: pa.Table) -> pa.Table:
        rows = url_index.find_digests(index, url_index.array(articles["url"]))
        for name in ("links_in", "text_links_in"):
            articles = articles.append_column(name, degrees[name].take(rows))
        return articles

    counted = pa.concat_tables(subjects.count(linked(articles)) for articles in shards)
    inputs = digest(job.recipe, counted.to_pydict())
    part = work.part("subjects", job.shard, inputs, lambda: subjects.merge(counted))
    return PartReport(job.shard, {"subjects": part}, {})
