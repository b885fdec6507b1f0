"""What time alone changes: articles that are held until their date, that expire, or state a date
that is yet to come.

An article is kept out of sitemaps and feeds before its date, where the settings hold what lies in
the future, and from the time at which it expires. A date that it states counts from then on. Until
the next of these times a release is right.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ..model.content import ContentModel
from . import ledger

COLUMNS = (
    *("source_path", "published", "published_at", "updated", "held_until", "expires"),
    "content_changed",
)

_NEVER = np.iinfo(np.int64).max


class Times(NamedTuple):
    """From when articles are shown, and from when no more, and what dates them.

    All are in microseconds since 1970.
    """

    shown: npt.NDArray[np.int64]
    expired: npt.NDArray[np.int64]
    published: npt.NDArray[np.int64]
    updated: npt.NDArray[np.int64]
    content_changed: npt.NDArray[np.int64]

    def hidden(self, as_of: int) -> npt.NDArray[np.bool_]:
        """Whether articles are kept back at a time."""
        return (self.shown > as_of) | (self.expired <= as_of)

    def next_due(self, as_of: int) -> int | None:
        """The first time after another at which anything is shown, expires or comes true."""
        times = np.concatenate(self)
        later = times[(times > as_of) & (times != _NEVER)]
        return int(later.min()) if len(later) else None


def times_of(articles: pa.Table, model: ContentModel) -> Times:
    """The times of articles, which have the `COLUMNS`."""
    expired = articles["expires"].combine_chunks().cast(pa.int64())
    shown = np.full(len(articles), -1 - _NEVER, np.int64)
    if any(one.future == "hold" for one in (model, *model.of_collections())):
        stated = articles["held_until"].combine_chunks().cast(pa.int64())
        shown_from = pc.coalesce(stated, ledger.published(articles)).fill_null(-1 - _NEVER)
        paths = articles["source_path"].to_pylist()
        is_held = np.array([model.of(path).model.future == "hold" for path in paths], dtype=bool)
        shown = np.where(is_held, shown_from.to_numpy(zero_copy_only=False), shown)
    return Times(
        shown,
        expired.fill_null(_NEVER).to_numpy(zero_copy_only=False),
        ledger.times(ledger.published(articles)),
        ledger.times(articles["updated"]),
        ledger.times(articles["content_changed"]),  # by a clock that has been set back
    )
