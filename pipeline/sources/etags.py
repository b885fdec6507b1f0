"""What content an ETag stands for, so that an object that was read once is not read again.

An ETag stands for the digest of what was read with it: an object has the same one only while its
content is the same (Amazon S3 API Reference, "Object"). It does not where storage gives none, or
where it is the MD5 of the content and two contents were made so that their MD5 is the same: then
an edit between the two is seen by a build with ``--full`` alone.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy.typing as npt

from ..base.digests import digest
from ..files import parquet
from ..releases.store import ReleaseStore
from ..tables import scratch, url_index
from ..tables.url_index import Columns
from .listing import Listed
from .raw_file import Fact


def known(index: Columns, listed: Sequence[Listed]) -> dict[int, str]:
    """The SHA-256 of listed objects by their places in the list, as far as they are known."""
    places = [place for place, one in enumerate(listed) if one.etag]
    if not places:
        return {}
    rows = url_index.find(index, [_key(*listed[place]) for place in places])
    return {
        place: url_index.to_hex(index["sha256"][row])
        for place, row in zip(places, rows.tolist(), strict=True)
        if row >= 0
    }


def columns_of(facts: Iterable[Fact]) -> dict[str, npt.NDArray[Any]]:
    """What is known of objects, as columns."""
    facts = [fact for fact in facts if fact.etag]
    return {
        "url": url_index.digests(_key(path, etag) for path, etag, _ in facts),
        "sha256": url_index.from_hex([fact.sha256 for fact in facts]),
    }


def _key(path: str, etag: str) -> str:
    return f"{path}\0{etag}"


def recall(store: ReleaseStore, home: str) -> dict[str, npt.NDArray[Any]]:
    """The columns that `keep` kept for the source with a `home`, or none; another machine may have.

    Raises:
        PipelineError: The storage of the site does not answer.
    """
    path = store.note(_name(home))
    try:
        rows = parquet.read(path)
        return url_index.columns(rows.cast(scratch.ETAGS.schema))
    except (OSError, ValueError, KeyError):  # there is none, or its end was lost with the power
        return url_index.columns(scratch.ETAGS.schema.empty_table())


def keep(store: ReleaseStore, home: str, columns: Columns) -> None:
    """Keep columns for the next run.

    Raises:
        PipelineError: The storage does not answer.
    """
    data = parquet.to_parquet(url_index.to_table(columns))
    store.keep(_name(home), bytes(data))


def _name(home: str) -> str:
    return f"etags/{digest(home)[:16]}.parquet"
