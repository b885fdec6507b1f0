"""The articles whose date of publication is another than in the release before."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from ..base.problems import FindingCode
from ..releases.manifest import Output
from ..tables import findings, ledger, scratch, url_index
from ..tables.findings import Moved
from .previous_release import remembered_parts
from .run import Run


def moved_dates(run: Run, shards: int, articles: Output) -> pa.Table:
    """The findings ``date_moved`` of a release, without a severity.

    A run that makes the published release again, from the same inputs, finds what that found: it is
    to become the same.
    """
    previous = run.staging.previous
    if previous and previous.manifest.inputs == run.release_inputs(articles.inputs):
        known = run.cache("findings")
        paths = [known.root / path for path in known.files]
        code = FindingCode.DATE_MOVED
        return pa.concat_tables(
            [findings.moved_dates((), run.settings.content)]
            + [findings.of_code(path, code) for path in paths]
        )
    moved = (one for shard in range(shards) for one in _moved(run, shard))
    return findings.moved_dates(moved, run.settings.content)


def _moved(run: Run, shard: int) -> Iterator[Moved]:
    work = run.workspace
    changed = scratch.CHANGES.read(work.scratch, shard)
    of_dates = {"published", "published_at"}
    urls = [row["url"] for row in changed.to_pylist() if of_dates.intersection(row["fields"])]
    if not urls:
        return
    memory = url_index.columns(scratch.LEDGER_INDEX.read(work.scratch))
    parts = remembered_parts(run.staging.previous, run.cache("ledger"), "ledger")
    before = ledger.published_before(parts, memory, urls)
    of_urls = work.columns_of("articles", shard, ("url", "source_path", "published"))
    for row in of_urls.filter(pc.is_in(of_urls["url"], pa.array(urls))).to_pylist():
        was, now = before[row["url"]], row["published"]
        if was and now and was != now:
            yield Moved(row["url"], row["source_path"], was, now)
