"""What the path of a file says: its name without suffix, and a date in it."""

import datetime as dt
import re
from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple

_DATED = re.compile(r"([0-9]{4})([-_])([0-9]{1,2})\2([0-9]{1,2})(?:[-_ ](.*))?")

_DATE_IN_PATH = re.compile(
    r"(.*)(?<![0-9])([0-9]{4})[-_/]([0-9]{1,2})[-_/]([0-9]{1,2})(?![0-9])[-_/ ]?(.*)", re.DOTALL
)


class FileName(NamedTuple):
    """A path below the raw folder, as urls and titles use it.

    `path` has no suffix, and not the name of an index file, which stands for its folder; `name` is
    its last part. Of a name such as ``2024-01-02-news``, `date` is the day and `text` the rest; of
    one that is a day alone, `text` is the day. For the root's own index all texts are empty.
    """

    path: str
    name: str
    text: str
    date: dt.date | None
    is_index: bool


@lru_cache(maxsize=16)  # several columns of one file are made of its path
def file_name(path: str, index: Collection[str]) -> FileName:
    """The parts of a path.

    `index` are names of index files, those in lower case in any case, ``{folder}`` is that of the
    folder, and ``{folder:lower}`` the same in any case.
    """
    folders, _, last = path.rpartition("/")
    name = last.rpartition(".")[0].rstrip(".") if "." in last.strip(".") else last
    is_index = _is_index(name, folders.rpartition("/")[2], index)
    stem = folders if is_index else "/".join(filter(None, (folders, name)))
    last = stem.rpartition("/")[2]
    date, text = _dated(last)
    return FileName(stem, last, text, date, is_index)


def without_date(path: str) -> tuple[dt.date | None, str]:
    """The last date in a path, as in ``2024/01/02/news`` and ``2024-01-02-news``, and the rest."""
    found = _DATE_IN_PATH.fullmatch(path)
    date = found and _date(found[2], found[3], found[4])
    return (date, found[1] + found[5]) if found and date else (None, path)


def _is_index(name: str, folder: str, index: Collection[str]) -> bool:
    if name in index or name.lower() in index:
        return True
    same = "{folder}" in index and name == folder
    return same or ("{folder:lower}" in index and name.lower() == folder.lower())


def _dated(name: str) -> tuple[dt.date | None, str]:
    found = _DATED.fullmatch(name)
    if not found:
        return None, name
    date = _date(found[1], found[3], found[4])
    return (date, found[5] or name) if date else (None, name)


def _date(*numbers: str) -> dt.date | None:
    try:
        return dt.date(*map(int, numbers))
    except ValueError:
        return None
