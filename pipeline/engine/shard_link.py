"""Stage 2: the links that a shard states, against the index of all articles."""

import pyarrow as pa

from ..base.fingerprint import digest
from ..model.schemas import LINK_DEGREES
from ..tables import links, scratch, url_index
from .workspace import PartReport, ShardJob


def link(job: ShardJob) -> PartReport:
    """Resolve the links of a shard: its part of related_links."""
    workspace = job.workspace
    index = url_index.columns(scratch.INDEX.read(workspace.scratch))
    stated = scratch.STATED_LINKS.read(workspace.scratch, job.shard)
    targets = links.targets_of(stated, index)
    inputs = digest(job.recipe, job.made["articles"].inputs, links.looked_up(targets, index))
    statuses = links.statuses(stated, targets)
    part = job.part(
        "related_links", inputs, lambda: links.resolve(stated, statuses, targets, index)
    )
    pairs = links.pairs(stated, statuses, targets, index)
    scratch.PAIRS.write(workspace.scratch, url_index.to_table(pairs), job.shard)
    counts = {row["values"]: row["counts"] for row in statuses.value_counts().to_pylist()}
    return PartReport(job.shard, {"related_links": part}, counts)


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
        columns = {"url": of_shard, **degrees, "is_orphan": degrees["links_in"] == 0}
        arrays = {name: columns[name] for name in LINK_DEGREES.schema.names}
        return pa.table(arrays, schema=LINK_DEGREES.schema)

    inputs = digest(job.recipe, url_index.digest_of({"url": urls, **degrees}))
    return PartReport(job.shard, {"link_degrees": job.part("link_degrees", inputs, table)}, {})
