"""The scratch of a run: each kind of file in which its steps hand rows to each other.

A file is written once, whole; one of a whole run is mapped into memory by whoever reads it, so that
all processes share its pages. Columns of numbers and digests are read as arrays
(`url_index.columns`).
"""

from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from ..files import parquet
from ..model import link_schemas, release_schemas, schemas
from .url_index import FLAG


class Kind(NamedTuple):
    """A kind of file: its name and its columns.

    There is one file in a run, or one a shard, whose name ends in the number of the shard.
    """

    name: str
    schema: pa.Schema

    def write(self, folder: Path, rows: pa.Table, shard: int | None = None) -> None:
        """Write the file, in the place of that of a job that ran before."""
        assert rows.schema.equals(self.schema), f"{self.name}: {rows.schema}"
        parquet.write_scratch(self._path(folder, shard), rows)

    def read(self, folder: Path, shard: int | None = None) -> pa.Table:
        """All rows of the file, read-only; of that of a run, which all processes read, mapped."""
        rows = parquet.read_scratch(self._path(folder, shard), is_mapped=shard is None)
        return pa.Table.from_arrays(rows.columns, schema=self.schema)

    def _path(self, folder: Path, shard: int | None) -> Path:
        return folder / (self.name if shard is None else f"{self.name}-{shard:05}")


# --- what ingest takes from earlier runs ----------------------------------------------------------

_URL = pa.field("url", pa.binary(16))  # a digest, by which an index is sorted
_INT32, _INT64 = pa.int32(), pa.int64()

ETAGS = Kind(  # what earlier runs knew of objects, by the digest of path and ETag
    "etags",
    pa.schema([_URL, ("sha256", pa.binary(32))]),
)
LEDGER_INDEX = Kind(  # the ledger of the previous release, by url, and where each row of it stands
    "ledger-index",
    pa.schema(
        [
            _URL,
            ("first_seen", _INT64),
            ("content_changed", _INT64),
            ("updated", _INT64),
            ("content", pa.binary(32)),
            ("part", _INT32),
            ("row", _INT32),
            ("is_live", FLAG),
        ]
    ),
)
REJECT_INDEX = Kind(  # since when files are rejected, by the digest of their paths
    "reject-index",
    pa.schema([_URL, ("first_seen", _INT64)]),
)
# The table in which the row of a file stands.
OF_FILES = ("articles", "rejects", "skipped")
FILES = Kind(  # files of the previous release by the digest of their paths, and their rows
    "files",
    pa.schema(
        [
            _URL,
            ("sha256", pa.binary(32)),
            ("part", _INT32),
            ("row", _INT32),
            ("kind", pa.int8()),
        ]
    ),
)

COMMITS = Kind(  # the first and the last commit of files, in seconds, by the digest of their paths
    "commits",
    pa.schema([_URL, ("first", _INT64), ("last", _INT64)]),
)

# --- what it leaves of a shard --------------------------------------------------------------------

ETAG_DIGESTS = Kind(  # what this run knows of the objects of a shard
    "facts", ETAGS.schema
)
_INDEXED = [
    _URL,
    ("title_sha256", pa.binary(8)),
    ("subject_sha256", pa.binary(8)),
    ("id", _INT64),
    ("has_id", FLAG),
    ("no_index", FLAG),
]
ARTICLE_KEYS = Kind(  # the articles of a shard, in their order, as other shards need to know them
    "keys",
    pa.schema(
        [
            *_INDEXED,
            *(schemas.CORE.field(name) for name in ("subject", "subject_slug")),
            schemas.CORE.field("published"),
            ("near", pa.binary(16)),
        ]
    ),
)
ALIASES = Kind(  # former urls that the articles of a shard state
    "aliases",
    pa.schema([("alias", pa.string()), schemas.CORE.field("url")]),
)
STATED_LINKS = Kind("stated-links", link_schemas.STATED_LINKS)
WRITTEN_LINKS = Kind("written-links", link_schemas.WRITTEN_LINKS)
ADDRESS_KEYS = Kind(  # what the articles of a shard are known by, to links
    "address-keys",
    pa.schema(
        [("key", pa.binary(16)), _URL, ("found_by", pa.int8()), ("rank", _INT32)],
    ),
)
ANCHOR_KEYS = Kind(  # where fragments can lead to in a shard: digests of url and name
    "anchor-keys", pa.schema([_URL])
)
FINDINGS = Kind(  # in the texts of a shard
    "findings",
    pa.schema(
        [schemas.FINDINGS.schema.field(name) for name in ("url", "line", "key", "code", "message")]
    ),
)
CHANGES = Kind(  # what the release does to the urls of a shard
    "changes",
    release_schemas.CHANGES.schema,
)

# --- what is known of all articles ----------------------------------------------------------------

INDEX = Kind(
    "index",
    pa.schema(_INDEXED),
)
URLS = Kind(  # of all articles, in the order of the index
    "urls",
    pa.schema([schemas.CORE.field("url")]),
)
DISPUTED_ALIASES = Kind(  # that another article has, as its url or as an alias, too
    "disputed-aliases",
    pa.schema([schemas.CORE.field("url"), ("alias", pa.string()), ("owner", pa.string())]),
)
ADDRESSES = Kind(  # what articles are known by, by the digest of it, and their rows in the index
    "addresses",
    pa.schema([_URL, ("row", _INT32), ("found_by", pa.int8())]),
)
ANCHORS = Kind("anchors", ANCHOR_KEYS.schema)
SHARED_IDS = Kind(  # the ids that several articles have, and how many have each
    "shared-ids",
    pa.schema([("id", _INT64), ("articles", _INT64)]),
)
NEAR_URLS = Kind(  # the urls that are nearly equal to others, and what these have in common
    "near-urls",
    pa.schema([("near", pa.binary(16)), ("url", pa.string())]),
)
PAIRS = Kind(  # the ok related links of a shard, as rows of the index
    "pairs",
    pa.schema([("source", _INT32), ("target", _INT32)]),
)
TEXT_PAIRS = Kind("text-pairs", PAIRS.schema)  # likewise those in its texts
DEGREES = Kind(  # of all articles, in the order of the index
    "degrees",
    pa.schema(
        [
            ("links_out", _INT32),
            ("links_in", _INT32),
            ("reciprocal", _INT32),
            ("text_links_out", _INT32),
            ("text_links_in", _INT32),
        ]
    ),
)
