"""When the files of a folder were committed, by the git repository that it lies in."""

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from ..base.digests import digest
from ..base.errors import PipelineError


class Commits(NamedTuple):
    """The first and the last commit of a file, in seconds since 1970."""

    first: int
    last: int


class UnknownHistoryError(Exception):
    """Nothing can be known of the history of a folder; the text says why."""


class Look(NamedTuple):
    """The `state` of the repository of a folder, or why there is none that tells a history."""

    state: str = ""
    unknown: str = ""


def look(home: Path) -> Look:
    """What there is to know of the repository of a folder without reading its history."""
    try:
        return Look(state=state(home))
    except UnknownHistoryError as error:
        return Look(unknown=f"{error}")


def state(home: Path) -> str:
    """The digest of all that `history` depends on.

    That is the last commit that touches the folder, and the files that differ from it.

    Raises:
        UnknownHistoryError: The folder lies in no repository, or in a shallow clone.
    """
    try:
        shallow = _git(home, "rev-parse", "--is-shallow-repository")
        last = _git(home, "log", "-1", "--format=%H", "--", ".")
        changed = _changed(home)
    except FileNotFoundError as error:
        raise UnknownHistoryError("git is not installed") from error
    except subprocess.CalledProcessError as error:
        raise UnknownHistoryError("it is in no git repository with a commit") from error
    if shallow.strip() != b"false":
        raise UnknownHistoryError("it is in a shallow clone: fetch it whole")
    return digest([last.decode().strip(), sorted(changed)])


def history(home: Path, only: str = "") -> dict[str, Commits]:
    """The commits of each file below a folder; of one that differs from its last commit, none.

    With the path of a file as `only`, those of that.

    Raises:
        PipelineError: Git fails.
    """
    try:
        log = _git(
            home, "log", "-z", "--format=format:%x01%ct", "--name-only", "--no-renames",
            "--relative", "--", f":(literal){only}" if only else ".",
        )  # fmt: skip
        changed = set(_changed(home))
    except (OSError, subprocess.CalledProcessError) as error:
        raise PipelineError(f"git log of {home} failed: {error}.") from error
    found: dict[str, Commits] = {}
    for path, time in _touched(log.split(b"\0")):
        last = found[path].last if path in found else time
        found[path] = Commits(time, last)
    return {path: commits for path, commits in found.items() if path not in changed}


def _touched(tokens: Iterable[bytes]) -> Iterable[tuple[str, int]]:
    """The paths of each commit with its time, the newest first."""
    time = 0
    for token in tokens:
        name = token.lstrip(b"\n")
        if name.startswith(b"\x01"):
            stated, _, name = name[1:].partition(b"\n")
            time = int(stated)
        if name:
            yield name.decode("utf-8", "surrogateescape"), time


def _changed(home: Path) -> list[str]:
    """The files that differ from HEAD."""
    names = _git(home, "diff", "HEAD", "--name-only", "-z", "--relative", "--", ".")
    return names.decode("utf-8", "surrogateescape").split("\0")[:-1]


def _git(home: Path, *arguments: str) -> bytes:
    # What hooks and people set is not to change what is read.
    settings = ("-c", "log.showRoot=true", "-c", "log.showSignature=false")
    command = ["git", "-C", str(home), *settings, *arguments]
    environment = {name: value for name, value in os.environ.items() if name[:4] != "GIT_"}
    return subprocess.run(command, capture_output=True, check=True, env=environment).stdout
