"""The catalog of a site on object storage: the one object that changes, and says what is published.

It is written last, and only if it is still the one that was read: of two publishers one wins. The
output folder that a machine works in says, in ``storage.json``, what the catalog said last.
"""

import contextlib
import json
import re
import secrets
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from ..base.errors import ConflictError, PipelineError
from ..files import atomic, s3
from ..files.s3 import Bucket
from . import local
from .local import SEEN

CATALOG = "catalog.json"
READ_SECONDS = 24 * 3600
_ID = re.compile(r"[0-9]{6,}-[0-9a-f]{8}")
# What stands below releases/ and is not so named is somebody else's.
PREFIX = re.compile(rf"releases/{_ID.pattern}-[0-9a-f]{{8}}")
_NO_ETAG = '"00000000000000000000000000000000"'


class Published(NamedTuple):
    """Where a release is, and when another took its place, in seconds since 1970."""

    prefix: str
    superseded: int | None = None


@dataclass(frozen=True)
class Catalog:
    """What is published: the ids of the current and the pinned release, and all that are kept.

    `retired` are the prefixes of those that are kept no more, and since when, in seconds since
    1970: a reader may still be there. `etag` is that of the object that was read; None if there is
    no catalog yet.
    """

    url: str
    current: str | None = None
    pinned: str | None = None
    releases: Mapping[str, Published] = field(default_factory=dict)
    retired: Mapping[str, int] = field(default_factory=dict)
    etag: str | None = None

    @property
    def bucket(self) -> Bucket:
        """The storage that it is of."""
        return s3.at(self.url)


def read(url: str) -> Catalog:
    """The catalog of a site, or an empty one.

    Raises:
        PipelineError: The storage does not answer, or the object is no catalog.
    """
    try:
        data, etag = s3.at(url).read(CATALOG)
    except FileNotFoundError:
        return Catalog(url)
    try:
        stated = json.loads(data)
        kept = {_id(name): _published(one) for name, one in stated["releases"].items()}
        current, pinned = stated["current"], stated["pinned"]
        if current not in kept or (pinned is not None and pinned not in kept):
            raise ValueError(current, pinned)
        retired = {_prefix(prefix): int(since) for prefix, since in stated["retired"].items()}
        return Catalog(url, current, pinned, kept, retired, etag)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PipelineError(f"{url}/{CATALOG} is not a catalog: {error!r}.") from error


def _id(name: str) -> str:
    """The id of a release, which is to name a folder."""
    if not _ID.fullmatch(name):
        raise ValueError(name)
    return name


def _published(stated: Mapping[str, Any]) -> Published:
    prefix, superseded = stated["prefix"], stated.get("superseded")
    return Published(_prefix(prefix), None if superseded is None else int(superseded))


def _prefix(stated: str) -> str:
    """Where a release is, or was."""
    if not PREFIX.fullmatch(stated):
        raise ValueError(stated)
    return stated


def write(catalog: Catalog, out: Path) -> None:
    """Put a catalog in the place of the one that it was made from, which `etag` is of.

    The output folder says what it says from then on.

    Raises:
        ConflictError: Somebody else did so in the meantime.
        PipelineError: The storage does not answer, or ignores conditions.
    """
    kept = {name: published._asdict() for name, published in catalog.releases.items()}
    stated = {
        "current": catalog.current,
        "pinned": catalog.pinned,
        "releases": kept,
        "retired": catalog.retired,
    }
    data = json.dumps(stated, indent=1).encode()
    if catalog.etag is None:
        _check_conditions(catalog.bucket)
    try:
        catalog.bucket.swap(CATALOG, data, catalog.etag)
    except PipelineError:
        if not _is_there(catalog.bucket, data):
            raise
    remember(catalog, out)


def _is_there(bucket: Bucket, data: bytes) -> bool:
    """Whether a catalog was written after all: the answer may have been lost on its way."""
    with contextlib.suppress(PipelineError, FileNotFoundError):
        return bucket.read(CATALOG).data == data
    return False


def _check_conditions(bucket: Bucket) -> None:
    """Check that the storage honours the conditions that keep publishers apart."""
    probe = f"probe-{secrets.token_hex(4)}"
    bucket.swap(probe, b"", None)
    try:
        for name, etag in (("If-None-Match", None), ("If-Match", _NO_ETAG)):
            with contextlib.suppress(ConflictError):
                bucket.swap(probe, b"", etag)
                message = (
                    f"The storage at {bucket.url} ignores {name} (RFC 9110) on writes:"
                    " two publishers could overwrite each other."
                )
                raise PipelineError(message)
    finally:
        bucket.delete([probe])


def remember(catalog: Catalog, out: Path) -> None:
    """Let an output folder say what a catalog says, and lead no reader of a folder anywhere."""
    stated = {
        "url": catalog.url,
        "current": catalog.current,
        "pinned": catalog.pinned,
        "releases": sorted(catalog.releases),
    }
    if local.seen(out) != stated:
        atomic.put(out, SEEN, json.dumps(stated, indent=1).encode())
    for link in ("current", "pinned"):
        (out / link).unlink(missing_ok=True)


def publish(
    catalog: Catalog, out: Path, release: str, published: Published, retired: Collection[str]
) -> None:
    """Make an uploaded release the current one, unpinned, and forget those that are `retired`.

    Raises:
        ConflictError: The catalog is not the one that was read any more.
        PipelineError: The storage does not answer.
    """
    now, every = int(time.time()), _superseded(catalog)
    gone = {one.prefix: now for name, one in every.items() if name in retired}
    kept = {name: one for name, one in every.items() if name not in retired}
    recent = {at: since for at, since in catalog.retired.items() if now - since < 2 * READ_SECONDS}
    written = replace(
        catalog,
        current=release,
        pinned=None,
        releases={**kept, release: published},
        retired={**recent, **gone},
    )
    write(written, out)


def rollback(catalog: Catalog, out: Path, release: str) -> None:
    """Make another release of the catalog the current one, and pin the site to it.

    Raises:
        ConflictError: The catalog is not the one that was read any more.
        PipelineError: The storage does not hold the release, or does not answer.
    """
    if release not in catalog.releases:
        raise PipelineError(f"{release} is not at {catalog.url}. The published release stays.")
    kept = _superseded(catalog)
    write(replace(catalog, current=release, pinned=release, releases=kept), out)


def unpin(catalog: Catalog, out: Path) -> None:
    """Let builds publish again.

    Raises:
        ConflictError: The catalog is not the one that was read any more.
        PipelineError: The storage does not answer.
    """
    if catalog.pinned is not None:
        write(replace(catalog, pinned=None), out)


def _superseded(catalog: Catalog) -> dict[str, Published]:
    """The releases, of which the current one is superseded now."""
    kept = dict(catalog.releases)
    if catalog.current in kept:
        kept[catalog.current] = kept[catalog.current]._replace(superseded=int(time.time()))
    return kept
