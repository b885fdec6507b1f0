"""Stage 2: the links of a shard, against all that the articles of the site are known by."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from ..base.digests import digest
from ..content.addresses import LinkRules
from ..model.link_schemas import LINK_DEGREES
from ..tables import link_targets, links, scratch, url_index
from ..tables.links import Known
from .workspace import PartReport, ShardJob


@dataclass(frozen=True, slots=True)
class LinkJob(ShardJob):
    """One shard, once all articles are known.

    `articles`, `addresses` and `anchors` are digests: of what links are held against, of what names
    articles, and of where fragments may lead.
    """

    rules: LinkRules
    articles: str
    addresses: str
    anchors: str


def link(job: LinkJob) -> PartReport:
    """Resolve the links of a shard: its parts of related_links and text_links."""
    site = _Site(job)
    files = job.made["articles"].inputs, job.made["anchors"].inputs
    made_from = job.recipe, files, job.addresses
    parts = {
        "related_links": job.part(
            "related_links", digest(made_from, job.articles), site.related_links
        ),
        "text_links": job.part("text_links", digest(made_from, job.anchors), site.text_links),
    }
    related, in_texts = (job.columns_of(table, ("url", "target_url", "status")) for table in parts)
    folder = job.workspace.scratch
    scratch.PAIRS.write(folder, url_index.to_table(links.pairs(related, site.known)), job.shard)
    pairs = links.pairs(in_texts, site.known)
    scratch.TEXT_PAIRS.write(folder, url_index.to_table(pairs), job.shard)
    counts = Counter(related["status"].to_pylist())
    counts.update(f"text_{status}" for status in in_texts["status"].to_pylist())
    return PartReport(job.shard, parts, dict(counts))


class _Site:
    """What the links of a shard are looked up in."""

    def __init__(self, job: LinkJob) -> None:
        self._job, self._folder = job, job.workspace.scratch
        self.known = Known(
            url_index.columns(scratch.INDEX.read(self._folder)),
            scratch.URLS.read(self._folder)["url"],
        )

    @cached_property
    def _addresses(self) -> url_index.Columns:
        return url_index.columns(scratch.ADDRESSES.read(self._folder))

    @cached_property
    def _pages(self) -> link_targets.Pages:
        articles = self._job.columns_of("articles", ("url", "source_path"))
        return link_targets.Pages(articles, self._job.rules)

    def related_links(self) -> pa.Table:
        """The related links of the shard, and what became of them."""
        rules = self._job.rules
        stated = scratch.STATED_LINKS.read(self._folder, self._job.shard)
        targets = link_targets.of_stated(stated, self._pages, self._addresses, rules)
        sources = self.known.rows_of(stated["url"])
        statuses = links.statuses(stated, sources, targets, may_repeat=False)
        return links.resolve(stated, statuses, targets, self.known, rules.model.related.copies)

    def text_links(self) -> pa.Table:
        """The links in its texts, and what became of them."""
        written = scratch.WRITTEN_LINKS.read(self._folder, self._job.shard)
        targets = link_targets.of_text(written, self._pages, self._addresses, self._job.rules)
        sources = self.known.rows_of(written["url"])
        statuses = links.statuses(written, sources, targets, may_repeat=True)
        anchors = url_index.array(scratch.ANCHORS.read(self._folder)["url"])
        return links.resolve_text(written, statuses, targets, self.known, anchors)


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
