"""Object storage that speaks the protocol of S3: the only module that knows it.

A place on it is a URL, ``s3://bucket/prefix``. Address and credentials are those of environment
variables (``AWS_ACCESS_KEY_ID``, ``AWS_ENDPOINT_URL`` and so on), or those of the machine. An
object is there whole or not at all. Its ETag changes with its content (Amazon S3 API Reference,
"Object"), and a write may demand that it is still the one that was seen (RFC 9110, section 13.1).
"""

import contextlib
import hashlib
import html
import os
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from ..base import printable
from ..base.errors import ConflictError, SettingsError, StorageError

if TYPE_CHECKING:
    import obstore.store

Given = TypeVar("Given")
Made = TypeVar("Made")

_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
# Requests under way at a time: most of the time of one is waiting.
_REQUESTS = 16
_RETRY_SECONDS = 30
# More than that time has room for: at least 0.1 s lie between two.
_RETRIES = 1_000
_PAUSE_SECONDS = 5  # between two at most
_REQUEST_SECONDS = 300  # with the whole of its body
# Of a large file so many parts are in memory, for each of the requests.
_PARTS = 2
# A single CopyObject takes no more.
_COPY_BYTES = 5_000_000_000
# What is said of one object. All other refusals are of the whole run: bad keys, a wrong clock.
_OF_ONE_OBJECT = ("AccessDenied", "InvalidObjectState")
# Of what is said, which may be the page of a proxy.
_MOST_CHARACTERS = 500
_REQUEST = re.compile(
    r"Error performing (?P<request>[A-Z]+ \S+) in (?P<time>[0-9.]+)(?P<unit>[^0-9., ]*s)"
    r"(, after (?P<retries>[0-9]+) retries,[^-]*)? - "
    r"(Server returned non-2xx status code: )?(?P<said>.*)",
    re.DOTALL,
)
# Where the library asks for the role of the machine when the environment has no keys.
_ROLE = re.compile(
    r"Generic S3 error: Error performing [A-Z]+ \S+/latest/"
    r"(api/token|meta-data/iam/security-credentials\S*) in "
)
_NO_CREDENTIALS = (
    "no credentials were found, neither in the environment nor by a role of the machine. Set"
    " AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_SESSION_TOKEN where they are temporary."
)


class Object(NamedTuple):
    """An object as a listing shows it: `path` below the place, size, ETag, seconds since 1970."""

    path: str
    bytes: int
    etag: str
    modified: float


class Read(NamedTuple):
    """The content of an object, and the ETag of just this content."""

    data: bytes
    etag: str


class RefusedError(StorageError):
    """One object is not for us: it is archived, or of another owner."""


class TooLargeError(Exception):
    """An object is larger than it may be. Nothing of it was read."""


@cache
def at(url: str) -> "Bucket":
    """The place with a URL; connections are kept for the life of the process.

    Raises:
        SettingsError: The library for object storage is not installed, or what the environment
            says of it cannot be used.
    """
    endpoints = [os.environ[name] for name in _ENDPOINTS if os.environ.get(name)]
    if wrong := [text for text in endpoints if not text.startswith(("http://", "https://"))]:
        raise SettingsError(
            f"AWS_ENDPOINT_URL: {printable.address(wrong[0])!r} is not of the form https://host."
        )
    try:
        import obstore.store  # noqa: PLC0415  an extra
    except ImportError as error:
        message = f"{url} needs obstore: pip install 'pressroom[s3]' ({error})."
        raise SettingsError(message) from error
    try:
        store = obstore.store.S3Store.from_url(
            url,
            client_options={
                "allow_http": any(text.startswith("http://") for text in endpoints),
                "timeout": timedelta(seconds=_REQUEST_SECONDS),
            },
            retry_config={
                "backoff": {"max_backoff": timedelta(seconds=_PAUSE_SECONDS)},
                "max_retries": _RETRIES,
                "retry_timeout": timedelta(seconds=_RETRY_SECONDS),
            },
        )
    except (obstore.exceptions.BaseError, ValueError) as error:
        raise SettingsError(f"{url} cannot be used: {_said(error)}") from error
    return Bucket(url, store)


class Bucket:
    """A place on object storage. All paths are below it.

    Whatever the storage refuses, or does not answer, is a `StorageError` that names the place.
    """

    def __init__(self, url: str, store: "obstore.store.S3Store") -> None:
        self.url = url
        self._store = store

    def listed(self, prefix: str = "") -> Iterator[Object]:
        """All objects, or those below a prefix, in no order; a request for every 1,000."""
        import obstore  # noqa: PLC0415

        with self._explained("list"):
            for page in obstore.list(self._store, prefix or None):
                for found in page:
                    modified = found["last_modified"].timestamp()
                    yield Object(found["path"], found["size"], found["e_tag"] or "", modified)

    def prefixes(self, prefix: str) -> list[str]:
        """What stands below a prefix with something below itself."""
        import obstore  # noqa: PLC0415

        with self._explained("list"):
            return list(obstore.list_with_delimiter(self._store, prefix)["common_prefixes"])

    def read(self, path: str, most: int | None = None) -> Read:
        """An object of at most so many bytes.

        Raises:
            FileNotFoundError: There is none.
            TooLargeError: It is larger.
        """
        import obstore  # noqa: PLC0415

        with self._explained("read", path):
            answer = obstore.get(self._store, path)
            if most is not None and answer.meta["size"] > most:
                raise TooLargeError
            return Read(bytes(answer.bytes()), answer.meta["e_tag"] or "")

    def modified(self, path: str) -> float:
        """When an object was written, in seconds since 1970 by the clock of the storage.

        Raises:
            FileNotFoundError: There is none.
        """
        import obstore  # noqa: PLC0415

        with self._explained("read", path):
            return float(obstore.head(self._store, path)["last_modified"].timestamp())

    def fetch(self, path: str, write: Callable[[bytes], object]) -> str:
        """Hand an object over piece by piece.

        Returns:
            Its SHA-256 in hexadecimal.

        Raises:
            FileNotFoundError: There is none.
        """
        import obstore  # noqa: PLC0415

        digest = hashlib.sha256()
        with self._explained("read", path):
            for piece in obstore.get(self._store, path).stream():
                digest.update(piece)
                write(piece)
        return digest.hexdigest()

    def write(self, path: str, data: bytes) -> None:
        """Write an object, in the place of another if there is one."""
        import obstore  # noqa: PLC0415

        with self._explained("write", path):
            obstore.put(self._store, path, data)

    def upload(self, path: str, source: Path) -> None:
        """Write a file as an object."""
        import obstore  # noqa: PLC0415

        with self._explained("write", path):
            obstore.put(self._store, path, source, max_concurrency=_PARTS)

    def swap(self, path: str, data: bytes, etag: str | None) -> None:
        """Write an object if it still has an ETag, or, where that is None, if there is none.

        Raises:
            ConflictError: It has another, or there is one; nothing was written.
        """
        import obstore  # noqa: PLC0415

        with self._explained("write", path):
            try:
                obstore.put(
                    self._store, path, data, mode="create" if etag is None else {"e_tag": etag}
                )
            except (
                obstore.exceptions.AlreadyExistsError,
                obstore.exceptions.PreconditionError,
            ) as error:
                message = f"{self.url}/{path} was written by another process in the meantime."
                raise ConflictError(message) from error

    def copy(self, source: str, target: str, size: int) -> bool:
        """Let the storage copy an object of a size; False if it is too large for that, or gone."""
        import obstore  # noqa: PLC0415

        if size > _COPY_BYTES:
            return False
        with self._explained("copy", source):
            try:
                obstore.copy(self._store, source, target)
            except FileNotFoundError:
                return False
        return True

    def delete(self, paths: Iterable[str]) -> None:
        """Delete objects; a request for every 1,000. It is no error if one is gone."""
        import obstore  # noqa: PLC0415

        with self._explained("delete"):
            obstore.delete(self._store, list(paths))

    @contextlib.contextmanager
    def _explained(self, what: str, path: str = "") -> Iterator[None]:
        """What the storage says, in a line."""
        import obstore  # noqa: PLC0415

        try:
            yield
        except (obstore.exceptions.BaseError, NotImplementedError, OSError, ValueError) as error:
            code = _answer(error).code
            if code == "NoSuchBucket":
                raise StorageError(f"There is no bucket for {self.url}.") from error
            if path and isinstance(error, FileNotFoundError):
                raise
            place = f"{self.url}/{printable.line(path)}" if path else self.url
            message = f"Cannot {what} {place}: {_said(error)}"
            raise (RefusedError if code in _OF_ONE_OBJECT else StorageError)(message) from error


class _Answer(NamedTuple):
    """What S3 says in the body of a refusal ("Error responses"); empty where it says nothing."""

    code: str
    message: str


def _answer(error: Exception) -> _Answer:
    """The answer that an error of the library holds, which has it in its text alone.

    Before the answer stands the key of the object, which may be anything.
    """
    text = _without_debug(error)
    if _ROLE.match(text):  # this is not S3's answer
        return _Answer("", _NO_CREDENTIALS)
    body = text.partition(" status code: ")[2]
    found = (re.search(f"<{name}>(.*?)</{name}>", body, re.DOTALL) for name in ("Code", "Message"))
    return _Answer(*(_one_line(html.unescape(match[1])) if match else "" for match in found))


def _said(error: Exception) -> str:
    """What an error of the library says, in one line."""
    text = _without_debug(error)
    request = _REQUEST.search(text)
    said = ": ".join(filter(None, _answer(error)))
    if not said:
        said = _one_line(f"{request['request']}: {request['said']}" if request else text)
    return said + (_tried(request) if request and request["retries"] else "")


def _tried(request: re.Match[str]) -> str:
    """How often and for how long a request was made that the library made again."""
    seconds = float(request["time"]) / (1000 if request["unit"] == "ms" else 1)
    return f" (tried {int(request['retries']) + 1} times in {seconds:.1f} s)"


def _without_debug(error: Exception) -> str:
    return str(error).partition("\n\nDebug source:")[0]


def _one_line(text: str) -> str:
    # Masked first, for what is cut through would not be known for a secret.
    return printable.note(" ".join(text.split()))[:_MOST_CHARACTERS]


def at_once(function: Callable[[Given], Made], given: Iterable[Given]) -> Iterator[Made]:
    """The results of a function that mostly waits for the storage, in the order of what is given.

    Some are made ahead of the one that is taken, and not all: they may be large.
    """
    waiting = iter(given)
    with ThreadPoolExecutor(_REQUESTS) as threads:
        ahead = [threads.submit(function, one) for one in islice(waiting, 2 * _REQUESTS)]
        try:
            while ahead:
                yield ahead.pop(0).result()
                ahead += [threads.submit(function, one) for one in islice(waiting, 1)]
        finally:
            for future in ahead:
                future.cancel()
