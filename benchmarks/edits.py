"""Edits of some of the files of a generated site, and how they are undone."""

import random
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.answers import sentence

SayMore = Callable[[bytes, str], bytes]  # a file with one more sentence


def change(
    folder: Path, say_more: SayMore, *, share: float = 0, count: int = 0, seed: int = 0
) -> Mapping[Path, bytes]:
    """Edit the texts of some of the files, at least `count` and a `share` of all of them.

    The same seed chooses the same files of the same folder. Returns what was there before.
    """
    paths = sorted(folder.rglob("*.md"))
    chance = random.Random(seed)
    chosen = chance.sample(paths, max(count, round(share * len(paths))))
    before = {path: path.read_bytes() for path in chosen}
    for path, data in before.items():
        path.write_bytes(say_more(data, sentence(chance)))
    return before


def restore(before: Mapping[Path, bytes]) -> None:
    """Undo a change."""
    for path, data in before.items():
        path.write_bytes(data)
