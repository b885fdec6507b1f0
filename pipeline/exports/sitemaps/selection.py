"""Which articles sitemaps list, by which subject, and when each changed."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from ...files import parquet, values
from ...model.publishing import Sitemaps
from ...model.schemas import NO_SUBJECT
from ...model.slugs import slug

_ALWAYS = ("url", "no_index", "modified", "subject_slug")


def listed(part: Path, sitemaps: Sitemaps, as_of: int, columns: Sequence[str] = ()) -> pa.Table:
    """The articles of a part that sitemaps list, with some columns, as far as there are such.

    Those that are not to be indexed and those that the settings leave out are not among them.
    ``group`` is the subject that names the sitemap, ``lastmod`` when the article changed, as W3C
    Datetime has it, to the second; null where that is not known, or later than `as_of`, in seconds
    since 1970.
    """
    kept_out = sitemaps.leave_out_collections
    wanted = {*_ALWAYS, *columns, *(("collection",) if kept_out else ())}
    articles = parquet.read(part, sorted(wanted))
    keep = pc.invert(articles["no_index"])
    if kept_out:
        keep = pc.and_(keep, pc.invert(_is_in(articles["collection"], kept_out)))
    if subjects := sitemaps.leave_out_subjects:
        slugs = tuple(map(slug, subjects))
        keep = pc.and_(keep, pc.invert(_is_in(articles["subject_slug"], slugs)))
    articles = articles.filter(keep)
    group = pc.fill_null(articles["subject_slug"], NO_SUBJECT)
    lastmod = _lastmod(articles["modified"], as_of)
    return articles.append_column("group", group).append_column("lastmod", lastmod)


def _is_in(column: pa.ChunkedArray, texts: Sequence[str]) -> pa.ChunkedArray:
    return pc.is_in(column, pa.array(texts, pa.string()))


def _lastmod(modified: pa.ChunkedArray, as_of: int) -> pa.ChunkedArray:
    is_past = pc.less_equal(modified, pa.scalar(as_of, pa.timestamp("s", "UTC")))
    times = values.iso_8601(pc.if_else(is_past, modified, pa.scalar(None, modified.type)))
    seconds = pc.utf8_slice_codeunits(times, 0, len("2025-01-31T16:00:24"))
    return pc.binary_join_element_wise(seconds, "Z", "")
