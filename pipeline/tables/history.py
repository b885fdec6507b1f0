"""The past of a site: what the releases before this one changed, and what they held in figures.

Rows of ``history`` and ``releases`` are appended. The newest parts, while they are small, become
one with what is appended: of n rows there are O(log n) parts, a row is written anew O(log n) times,
and all other parts are those of the release before.
"""

from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from ..files import parquet
from ..model.release_schemas import HISTORY, RELEASES
from ..model.schemas import CORE
from ..model.table import TIMESTAMP
from ..model.vocabulary import PRESENT
from ..releases.manifest import Release

_MOST_ROWS = 100_000  # of a part


def changed(release: Release, changes: pa.Table) -> pa.Table:
    """Rows of ``changes`` of a release, which have all columns, as rows of ``history``."""
    of_release = {"release": release.id, "as_of": as_of(release)}
    columns = [
        pa.repeat(of_release[name], len(changes)) if name in of_release else changes[name]
        for name in HISTORY.schema.names
    ]
    return pa.Table.from_arrays(columns, schema=HISTORY.schema)


# What `present` takes of articles.
COLUMNS = pa.schema([CORE.field(name) for name in ("url", "published", "modified", "title")])


def present(release: Release, articles: pa.Table, named: pa.ChunkedArray) -> pa.Table:
    """Rows of ``history`` of articles of a release, but for urls that its changes have `named`."""
    rows = articles.filter(pc.invert(pc.is_in(articles["url"], named)))
    rows = rows.append_column("change", pa.repeat(PRESENT, len(rows)))
    nothing = pa.array([[]] * len(rows), HISTORY.schema.field("fields").type)
    return changed(release, rows.append_column("fields", nothing))


def figures(release: Release) -> pa.Table:
    """The row of ``releases`` of a release."""
    manifest, counts = release.manifest, release.counts
    row = (
        *(release.id, manifest.sequence, manifest.previous, as_of(release).as_py()),
        release.base_url,
        *(counts.files, counts.articles, counts.rejects, counts.skipped, counts.findings),
        *(counts.stated_links, counts.links.get("missing", 0)),
        *(counts.written_links, counts.text_links.get("missing", 0)),
        *(counts.changes.get(change, 0) for change in ("added", "changed", "removed")),
        *(release.bytes, manifest.schema_version),
    )
    return parquet.to_table([row], RELEASES.schema)


def as_of(release: Release) -> pa.TimestampScalar:
    """The as-of time of a release."""
    return pa.scalar(release.manifest.as_of, pa.timestamp("s", "UTC")).cast(TIMESTAMP)


def staying(parts: Sequence[int], rows: int) -> int:
    """How many of the parts, by their numbers of rows, stay as they are if `rows` are appended.

    Those behind them become one with what is appended.
    """
    count = len(parts)
    while rows and count and _is_small(parts[count - 1], rows):
        count -= 1
        rows += parts[count]
    return count


def _is_small(part: int, rows: int) -> bool:
    return not part or (part <= 2 * rows and part + rows <= _MOST_ROWS)


def in_parts(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Rows of tables, one after the other, as parts that are not too large."""
    held, rows = list[pa.Table](), 0
    for table in tables:
        for start in range(0, len(table), _MOST_ROWS):
            piece = table.slice(start, _MOST_ROWS)
            if rows + len(piece) > _MOST_ROWS:
                yield pa.concat_tables(held)
                held, rows = [], 0
            held.append(piece)
            rows += len(piece)
    if held:
        yield pa.concat_tables(held)
