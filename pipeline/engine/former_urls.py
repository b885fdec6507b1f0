"""The redirects of a release: from what articles state, what moved, and the release before."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..files import parquet
from ..model.link_schemas import REDIRECTS
from ..model.release_schemas import LEDGER
from ..model.vocabulary import EVIDENCE
from ..tables import ledger, links, redirects, scratch, url_index
from .previous_release import remembered_parts
from .run import Run


def redirect(run: Run, shards: int) -> pa.Table:
    """Make the table ``redirects``, and leave the aliases that are in dispute."""
    folder = run.workspace.scratch
    index = {"url": url_index.array(scratch.INDEX.read(folder)["url"])}

    def are_live(urls: Sequence[str]) -> list[bool]:
        # A web server takes /a and /a/ for one.
        spellings = [
            urls,
            [f"{url.rstrip('/')}/" for url in urls],
            [url.rstrip("/") for url in urls],
        ]
        found = [url_index.find(index, of_urls) >= 0 for of_urls in spellings]
        live: list[bool] = np.logical_or.reduce(found).tolist()
        return live

    aliases = pa.concat_tables(scratch.ALIASES.read(folder, shard) for shard in range(shards))
    scratch.DISPUTED_ALIASES.write(folder, redirects.disputed(aliases, are_live))
    as_of = run.workspace.as_of_us
    return redirects.made(_previous(run), aliases, _moves(run, shards), are_live, as_of)


def _previous(run: Run) -> pa.Table:
    """The redirects of the previous release; where it has lost them, of one before."""
    known = run.cache(REDIRECTS.name)
    parts = remembered_parts(run.staging.previous, known, REDIRECTS.name)
    tables = (parquet.read_as(path, REDIRECTS.schema) for path in parts.values())
    return pa.concat_tables([REDIRECTS.schema.empty_table(), *tables])


_OF_MOVES = pa.schema([LEDGER.schema.field(name) for name in ("url", *EVIDENCE)])


def _moves(run: Run, shards: int) -> list[redirects.Move]:
    """The articles that have another url than in the previous release."""
    folder = run.workspace.scratch
    parts = remembered_parts(run.staging.previous, run.cache("ledger"), "ledger")
    memory = url_index.columns(scratch.LEDGER_INDEX.read(folder))
    index = url_index.columns(scratch.INDEX.read(folder))
    _, removed = ledger.gone(parts, memory, index, 0)
    if not len(removed):
        return []
    added = pa.concat_tables(_added(run, shard) for shard in range(shards))
    return list(redirects.moves(removed.select(_OF_MOVES.names), added))


def _added(run: Run, shard: int) -> pa.Table:
    """The articles of a shard that the previous release has not."""
    work = run.workspace
    changes = scratch.CHANGES.read(work.scratch, shard)
    urls = changes.filter(pc.equal(changes["change"], "added"))["url"].combine_chunks()
    if not len(urls):
        return _OF_MOVES.empty_table()
    articles = work.columns_of("articles", shard, _OF_MOVES.names)
    rows = articles.filter(pc.is_in(articles["url"], urls))
    columns = [links.ids_of(rows) if name == "id" else rows[name] for name in _OF_MOVES.names]
    return pa.table(columns, names=_OF_MOVES.names).cast(_OF_MOVES)
