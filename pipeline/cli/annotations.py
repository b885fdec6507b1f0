"""Findings and rejects as annotations of files, and such in the logs of GitHub's workflows."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import IO, NamedTuple
from urllib.parse import quote

from ..base import printable
from ..base.places import Place, is_storage_url


class Annotation(NamedTuple):
    """What is to be said of a place in a file.

    `path` is that below the raw folder, None for the whole site. `line` and `column` count from 1.
    `key` is that of the front matter, where it is known.
    """

    severity: str
    code: str
    path: str | None
    line: int | None
    column: int | None
    message: str
    key: str = ""


class Places(NamedTuple):
    """Where files are: the raw folder with a slash at its end, and the settings file, if any.

    Both are relative to the folder of the process, where they are below it; else a folder is
    absolute, and a place on object storage is its URL.
    """

    raw: str
    settings: str | None

    @classmethod
    def of(cls, raw: Place, settings: Path | None) -> "Places":
        """The places of a site."""
        home = f"{raw}/" if isinstance(raw, str) else f"{_below_here(raw)}/"
        return cls("" if home == "./" else home, _below_here(settings) if settings else None)

    def path(self, path: str | None) -> str | None:
        """The path of a file of the raw folder; that of the settings for the whole site."""
        return self.settings if path is None else f"{self.raw}{path}"


def _below_here(path: Path) -> str:
    """A path from the folder of the process, without following it if it is a link itself."""
    whole = path.parent.resolve() / path.name
    relative = os.path.relpath(whole)
    return f"{whole}" if relative.startswith(os.pardir) else relative


def is_relative(path: str) -> bool:
    """Whether a path of `Places` is relative to the folder of the process."""
    return not (path.startswith("/") or is_storage_url(path))


def uri(path: str) -> str:
    """A path of `Places` as a URI reference (RFC 3986)."""
    if is_storage_url(path):
        return f"s3://{quote(path.removeprefix('s3://'))}"
    return quote(path) if is_relative(path) else f"file://{quote(path)}"


_COMMANDS = {"info": "notice", "warning": "warning", "error": "error"}


def write(annotations: Iterable[Annotation], places: Places, stream: IO[str]) -> None:
    """Write a workflow command for each, which GitHub shows beside its line."""
    for one in annotations:
        path = places.path(one.path)
        stated = {"file": path, "line": one.line, "col": one.column, "title": one.code}
        properties = ",".join(
            f"{name}={_property(str(value))}" for name, value in stated.items() if value is not None
        )
        stream.write(f"::{_COMMANDS[one.severity]} {properties}::{_data(one.message)}\n")


def _data(text: str) -> str:
    """A message as GitHub's runner reads it; what else acts on a terminal is an escape."""
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return printable.line(escaped)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
