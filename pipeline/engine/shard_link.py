"""Stage 2: the links that a shard states, against the index of all articles."""

import pyarrow as pa

from ..base.fingerprint import digest
from ..files import parquet
from ..model.schemas import LINK_DEGREES, STATED_LINKS
from ..tables import links, url_index
from .workspace import PartReport, ShardJob


def link(job: ShardJob) -> PartReport:
    """Resolve the links of a shard: its part of related_links."""
    workspace = job.workspace
    index = url_index.read(workspace.index)
    stated = parquet.read_as(workspace.stated_links(job.shard), STATED_LINKS)
    targets = links.targets_of(stated, index)
    inputs = digest(job.recipe, job.made["articles"].inputs, links.looked_up(targets, index))
    part = job.part("related_links", inputs, lambda: links.resolve(stated, targets, index))
    resolved = job.read("related_links", ["url", "status"])
    pairs = links.pairs(resolved, targets, index)
    url_index.save(workspace.pairs(job.shard), pairs)
    statuses = resolved["status"].value_counts().to_pylist()
    counts = {row["values"]: row["counts"] for row in statuses}
    return PartReport(job.shard, {"related_links": part}, counts)


def count_links(job: ShardJob) -> PartReport:
    """Look up the degrees of the articles of a shard: its part of link_degrees."""
    workspace = job.workspace
    urls = url_index.read_field(workspace.keys(job.shard), "url")
    rows = url_index.find_digests(url_index.read(workspace.index), urls)
    degrees = {name: column[rows] for name, column in url_index.read(workspace.degrees).items()}

    def table() -> pa.Table:
        of_shard = job.read("articles", ["url"])["url"]
        columns = {"url": of_shard, **degrees, "is_orphan": degrees["links_in"] == 0}
        arrays = {name: columns[name] for name in LINK_DEGREES.schema.names}
        return pa.table(arrays, schema=LINK_DEGREES.schema)

    inputs = digest(job.recipe, url_index.digest_of({"url": urls, **degrees}))
    return PartReport(job.shard, {"link_degrees": job.part("link_degrees", inputs, table)}, {})
