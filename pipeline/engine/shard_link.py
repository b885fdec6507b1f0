"""Stage 2: the links of a shard, against all that the articles of the site are known by."""

from collections import Counter
from dataclasses import dataclass
from functools import partial

import pyarrow as pa

from ..base.fingerprint import digest
from ..content.addresses import LinkRules
from ..model.link_schemas import LINK_DEGREES
from ..tables import link_targets, links, scratch, url_index
from ..tables.link_targets import Targets
from ..tables.links import Known
from .workspace import PartReport, ShardJob


@dataclass(frozen=True, slots=True)
class LinkJob(ShardJob):
    """One shard, once all articles are known."""

    rules: LinkRules


def link(job: LinkJob) -> PartReport:
    """Resolve the links of a shard: its parts of related_links and text_links."""
    folder = job.workspace.scratch
    index = url_index.columns(scratch.INDEX.read(folder))
    known = Known(index, scratch.URLS.read(folder)["url"])
    addresses = url_index.columns(scratch.ADDRESSES.read(folder))
    pages = link_targets.Pages(job.columns_of("articles", ("url", "source_path")), job.rules)

    stated = scratch.STATED_LINKS.read(folder, job.shard)
    targets = link_targets.of_stated(stated, pages, addresses, job.rules)
    sources = known.rows_of(stated["url"])
    statuses = links.statuses(stated, sources, targets, may_repeat=False)
    related = job.part(
        "related_links",
        _inputs(job, targets, known),
        partial(links.resolve, stated, statuses, targets, known, job.rules.model.related.copies),
    )
    counts = Counter(statuses.to_pylist())
    pairs = links.pairs(sources, statuses, targets)
    scratch.PAIRS.write(folder, url_index.to_table(pairs), job.shard)

    written = scratch.WRITTEN_LINKS.read(folder, job.shard)
    targets = link_targets.of_text(written, pages, addresses, job.rules)
    sources = known.rows_of(written["url"])
    statuses = links.statuses(written, sources, targets, may_repeat=True)
    anchors = url_index.array(scratch.ANCHORS.read(folder)["url"])
    resolved = links.resolve_text(written, statuses, targets, known, anchors)
    in_texts = job.part(
        "text_links",
        _inputs(job, targets, known, resolved["anchor_exists"].to_pylist()),
        lambda: resolved,
    )
    counts.update(f"text_{status}" for status in statuses.to_pylist())
    pairs = links.pairs(sources, statuses, targets)
    scratch.TEXT_PAIRS.write(folder, url_index.to_table(pairs), job.shard)
    return PartReport(job.shard, {"related_links": related, "text_links": in_texts}, dict(counts))


def _inputs(job: LinkJob, targets: Targets, known: Known, *others: object) -> str:
    made_from = job.made["articles"].inputs, job.made["anchors"].inputs
    return digest(job.recipe, made_from, links.looked_up(targets, known), *others)


def count_links(job: ShardJob) -> PartReport:
    """Look up the degrees of the articles of a shard: its part of link_degrees."""
    workspace = job.workspace
    urls = url_index.array(scratch.ARTICLE_KEYS.read(workspace.scratch, job.shard)["url"])
    index = scratch.INDEX.read(workspace.scratch)
    rows = url_index.find_digests(url_index.array(index["url"]), urls)
    of_all = url_index.columns(scratch.DEGREES.read(workspace.scratch))
    degrees = {name: column[rows] for name, column in of_all.items()}

    def table() -> pa.Table:
        of_shard = job.columns_of("articles", ["url"])["url"]
        is_orphan = (degrees["links_in"] == 0) & (degrees["text_links_in"] == 0)
        columns = {"url": of_shard, **degrees, "is_orphan": is_orphan}
        arrays = {name: columns[name] for name in LINK_DEGREES.schema.names}
        return pa.table(arrays, schema=LINK_DEGREES.schema)

    inputs = digest(job.recipe, url_index.digest_of({"url": urls, **degrees}))
    return PartReport(job.shard, {"link_degrees": job.part("link_degrees", inputs, table)}, {})
