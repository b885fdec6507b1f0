"""What runs know of raw objects by their ETags (`sources.etags`), laid out for the jobs of one."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from ..releases.store import ReleaseStore
from ..sources import etags
from ..sources.listing import Listed
from ..sources.raw_file import Fact
from ..sources.source import Source
from ..tables import scratch, url_index


def recall(source: Source, store: ReleaseStore, folder: Path) -> None:
    """Lay out what earlier runs read of raw objects, if the source has any."""
    if source.has_etags:
        known = etags.recall(store, source.home)
        scratch.ETAGS.write(folder, url_index.to_table(known))


def known(folder: Path, listed: Sequence[Listed]) -> dict[int, str]:
    """The digests of listed objects, by place, that were read before."""
    return etags.known(url_index.columns(scratch.ETAGS.read(folder)), listed)


def keep(folder: Path, shard: int, facts: Sequence[Fact]) -> None:
    """Leave what is known of the objects of a shard."""
    scratch.ETAG_DIGESTS.write(folder, url_index.to_table(etags.columns_of(facts)), shard)


def remember(source: Source, store: ReleaseStore, folder: Path, shards: int) -> None:
    """Remember for the next run what the jobs of this one left of so many shards."""
    if not source.has_etags:
        return
    parts = (scratch.ETAG_DIGESTS.read(folder, shard) for shard in range(shards))
    found = url_index.by_url(url_index.columns(pa.concat_tables(parts)))
    before = url_index.columns(scratch.ETAGS.read(folder))
    if url_index.digest_of(found) != url_index.digest_of(before):
        etags.keep(store, source.home, found)
