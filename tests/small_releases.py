"""Releases of one file each, made without a build: what is done with them does not depend on it."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pressroom.files import atomic
from pressroom.files.atomic import FileEntry
from pressroom.model.settings import Releases
from pressroom.releases import publishing, staging
from pressroom.releases.manifest import Counts, Manifest, Output, Release
from pressroom.releases.staging import Staging, StepRecord
from pressroom.releases.store import store_at
from tests.conftest import AS_OF

COUNTS = Counts(
    files=1234,
    articles=1230,
    rejects=4,
    links={"ok": 0, "missing": 0, "self": 0, "duplicate": 0},
    changes={"added": 1230, "changed": 0, "removed": 0},
)
FEED = "site/feed.json"


def stage(out: Path, run: str, text: str = "a text") -> Staging:
    """Stage a release that holds a text."""
    begun = staging.begin(store_at(out), run, AS_OF)
    entry = atomic.write_bytes(begun.root, FEED, text.encode())
    begun.record("feeds", StepRecord({"feeds": Output("", "", (entry,))}))
    staging.write_manifest(begun, begun.outputs(), text, "https://site.example", COUNTS)
    return begun


def publish(out: Path, text: str = "a text", keep: Releases | None = None, **how: Any) -> Release:
    """Publish a release that holds a text."""
    run = f"run-{time.time_ns()}"
    staged = stage(out, run, text)
    release = publishing.publish(staged, keep or Releases(), **how)
    staging.discard(staged)
    return release


def release_of(
    root: Path, outputs: Mapping[str, Sequence[FileEntry]], counts: Counts = COUNTS
) -> Release:
    """A release that holds files, whatever made them, and has no manifest on disk."""
    made = {name: Output("", "", tuple(files)) for name, files in outputs.items()}
    return Release(root, Manifest("000001-00000000", 1, None, AS_OF, "", None, counts, made))


def age(folder: Path, seconds: float) -> None:
    """Let a folder seem to have changed so long ago."""
    then = time.time() - seconds
    os.utime(folder, (then, then))


def names(out: Path) -> list[str]:
    """The ids of the releases on disk."""
    return sorted(path.name for path in (out / "releases").iterdir())


def interrupted(*_: Any) -> Any:
    """What a step does during which Ctrl-C is pressed."""
    raise KeyboardInterrupt


def refusal(error: int) -> Callable[..., None]:
    """What a call does on a full disk, or one that is read-only."""

    def refuse(*_: Any) -> None:
        raise OSError(error, os.strerror(error), "somewhere")

    return refuse
