"""Where files are: a folder, or a place on object storage by its URL; told apart by their texts."""

import re
from pathlib import Path
from typing import TypeAlias

from . import printable
from .errors import SettingsError

# A folder, or the URL of a place on object storage.
Place: TypeAlias = Path | str

# The library would read %41 as A, drop what follows a # or a ?, and take a step back at a "..".
_URL = re.compile(
    r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/(?!\.{1,2}(/|$))[^\x00-\x1f\x7f#?%/]+)*/*"
)


def is_storage_url(place: object) -> bool:
    """Whether a place is one on object storage, and not a folder."""
    return isinstance(place, str) and place.startswith("s3://")


def check_storage_url(url: str) -> str:
    """A URL of object storage without its trailing slashes.

    Raises:
        SettingsError: It is not ``s3://bucket`` or ``s3://bucket/prefix``.
    """
    if not _URL.fullmatch(url):
        raise SettingsError(f"{printable.address(url)!r} is not of the form s3://bucket/prefix.")
    return url.rstrip("/")


def below(home: Path, stated: Place) -> Place:
    """A place, a folder of which is relative to `home`.

    Raises:
        SettingsError: The URL is none of object storage.
    """
    return check_storage_url(str(stated)) if is_storage_url(stated) else home / stated


def check_storage(stated: str) -> str:
    """The URL of a place on object storage, or an empty text.

    Raises:
        SettingsError: It is none.
    """
    return stated and check_storage_url(stated)
