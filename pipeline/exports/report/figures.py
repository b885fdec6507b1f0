"""The parts of a section of the report: bars, and the first rows of a table, part by part."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_SEEN = 0.5

Row = dict[str, Any]


class Bar(NamedTuple):
    """One bar of a plot: `share` is in percent of all, `length` in percent of the longest bar.

    Every bar with a count is long enough to be seen.
    """

    label: str
    value: int
    share: float
    length: float


def bars(counts: Iterable[tuple[str, int]], of: int) -> list[Bar]:
    """Bars of counts, as shares of a number."""
    pairs = list(counts)
    longest = max((count for _, count in pairs), default=0)
    lengths = (max(100 * n / longest, _SEEN) if n else 0.0 for _, n in pairs)
    return [
        Bar(label, count, 100 * count / max(of, 1), round(length, 2))
        for (label, count), length in zip(pairs, lengths, strict=True)
    ]


def count(column: pa.ChunkedArray) -> Counter[Any]:
    """How often each value occurs in a column."""
    values, counts = pc.value_counts(column).flatten()
    return Counter(dict(zip(values.to_pylist(), counts.to_pylist(), strict=True)))


class First:
    """The first rows of a table, found part by part."""

    def __init__(self, rows: int) -> None:
        self.left = rows
        self.found: list[Row] = []

    def add(self, table: pa.Table) -> None:
        """Add the next part."""
        self.found += table.slice(0, self.left).to_pylist()
        self.left -= min(self.left, len(table))


class Best:
    """The first rows of a table in an order without ties, found part by part."""

    def __init__(self, rows: int, *order: tuple[str, str]) -> None:
        self._select = partial(pc.select_k_unstable, k=rows, sort_keys=order)
        self._best: pa.Table | None = None

    def add(self, table: pa.Table) -> None:
        """Add the next part."""
        rows = pa.concat_tables([self._best, table]) if self._best is not None else table
        self._best = rows.take(self._select(rows))

    @property
    def found(self) -> list[Row]:
        """The rows, in that order."""
        return self._best.to_pylist() if self._best is not None else []


class Histogram:
    """Counts of values in bins: each of the ascending limits begins one."""

    def __init__(self, limits: Sequence[int]) -> None:
        self._limits = limits
        self._counts = np.zeros(len(limits), np.int64)

    def add(self, values: npt.NDArray[np.int32]) -> None:
        """Count more values."""
        places = np.searchsorted(self._limits, values, side="right") - 1
        self._counts += np.bincount(places, minlength=len(self._limits))

    def bars(self) -> list[Bar]:
        """The bars, up to the last non-empty one."""
        ends = [*(limit - 1 for limit in self._limits[1:]), None]
        labels = [
            f"{low:,} or more" if high is None else f"{low:,}" + f"–{high:,}" * (high > low)
            for low, high in zip(self._limits, ends, strict=True)
        ]
        used = int(np.flatnonzero(self._counts).max(initial=0)) + 1
        counts = self._counts[:used].tolist()
        return bars(zip(labels, counts, strict=False), sum(counts))
