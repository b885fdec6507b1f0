"""A raw file as it was read, or why it was not: what all sources say of one file."""

from collections.abc import Callable
from typing import NamedTuple

from ..base.problems import Code, DocumentError


class RawFile(NamedTuple):
    """A raw file as it was read: its bytes and their SHA-256 in hexadecimal, and its ETag.

    The ETag is that of just these bytes; a file of a folder has none.
    """

    path: str
    data: bytes
    sha256: str
    etag: str = ""


class Fact(NamedTuple):
    """What an object held when it had an ETag."""

    path: str
    etag: str
    sha256: str


def tried(
    read: Callable[[str, int], RawFile], file_bytes: int, path: str
) -> RawFile | DocumentError:
    """What a function reads, or the error of this file alone."""
    try:
        return read(path, file_bytes)
    except DocumentError as error:
        return error


def vanished() -> DocumentError:
    """The error of a file that is not there any more."""
    return DocumentError(Code.VANISHED, "The file was deleted between listing and reading.")


def too_large(file_bytes: int) -> DocumentError:
    """The error of a file that is larger than the limit."""
    return DocumentError(Code.TOO_LARGE, f"The file is larger than {file_bytes:,} bytes.")
