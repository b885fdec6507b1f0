"""Whether a run would publish what is published, found out before anything else is imported.

::

    out/up-to-date.json     what the last run that ended well was asked for, and how it read files

A run that is asked for the same by the same installation would read the same files in the same way.
If these are as they were, nothing is due, and the release is intact, it need not even read its
settings. Whatever else there may be to do is left to a whole run (`build`), which finds by itself
that nothing has changed; it is only slower.
"""

import json
from functools import partial
from pathlib import Path
from threading import Event
from typing import NamedTuple

from ..base import installation
from ..base.digests import digest
from ..files import atomic
from ..model.paths import Paths, Sources
from ..releases import local
from ..releases.staging import Staging
from . import compute
from .begin import Begun, is_due
from .options import Options
from .progress import Progress
from .raw_files import Reading, Surveyed, listed, surveyed

NAME = "up-to-date.json"
# A file is read in a fifth of the time in which it is parsed.
_SMALL_BYTES = 8 << 20


class Memo(NamedTuple):
    """What the last run was asked for (`request_of`), and the release that it left.

    `recipe` is that of its articles, `reading` how it read the raw files, by so many `workers`.
    """

    request: str
    release: str
    recipe: str
    reading: Reading
    workers: int


def request_of(paths: Paths, *stated: object) -> str:
    """The digest of what a run is asked for, beside `paths`, and of what is installed.

    Empty where more is to be asked than this disk: object storage.
    """
    if paths.storage or isinstance(paths.raw, str):
        return ""
    folders = [str(folder.absolute()) for folder in (paths.raw, paths.out)]
    return digest(installation.identity(), folders, *stated)


def recall(begun: Staging, request: str, options: Options) -> Memo | None:
    """What the last run was asked for, if this one is asked for the same and it can be of use."""
    previous = begun.previous
    is_usual = options == Options(accept_removals=options.accept_removals)
    if not (request and previous and is_usual) or begun.pinned or is_due(begun):
        return None
    if (begun.out / local.HELD_BACK).exists():
        return None
    memo = _read(begun.out / NAME)
    is_same = memo is not None and (memo.request, memo.release) == (request, previous.id)
    return memo if is_same else None


_OF_SOURCES = ("extensions", "include", "exclude")


def _read(file: Path) -> Memo | None:
    try:
        stated = json.loads(file.read_bytes())
        extensions, include, exclude = (tuple(stated.pop(name)) for name in _OF_SOURCES)
        sources = Sources(extensions, include, exclude)
        reading = Reading(sources, stated.pop("file_bytes"), stated.pop("shard_files"))
        return Memo(**stated, reading=reading)
    except (OSError, ValueError, TypeError, AttributeError, KeyError):
        return None


def remember(out: Path, memo: Memo) -> None:
    """Write down what a run was asked for that ended well."""
    reading = memo.reading._asdict()
    sources = reading.pop("sources")
    stated = {**memo._asdict(), **reading, **{name: getattr(sources, name) for name in _OF_SOURCES}}
    del stated["reading"]
    data = json.dumps(stated).encode()
    file = out / NAME
    if not (file.exists() and file.read_bytes() == data):
        atomic.write_whole(file, data)


def look(begun: Begun, memo: Memo, progress: Progress) -> Surveyed:
    """List the raw files and read them for their digests, as the last run did."""
    scratch, source = begun.staging.work, begun.source
    identity = source.identity()
    files = listed(source, memo.reading, scratch)
    if files.size is not None and files.size < _SMALL_BYTES:
        digests = surveyed(files, source, memo.reading, scratch, map, progress)
        return Surveyed(files, digests, identity)
    with compute.pool(memo.workers) as pool:
        pool.expect(None)
        run = partial(compute.run, pool)
        digests = surveyed(files, source, memo.reading, scratch, run, progress)
    return Surveyed(files, digests, identity)


def is_current(begun: Begun, memo: Memo, found: Surveyed) -> bool:
    """Whether the published release was made from just these files, and is intact."""
    previous = begun.staging.previous
    assert previous is not None
    if previous.outputs["articles"].inputs != digest(memo.recipe, found.digests):
        return False
    if begun.source.identity() != found.identity:
        return False
    return not begun.staging.store.damaged(previous, Event(), wholly=False)
