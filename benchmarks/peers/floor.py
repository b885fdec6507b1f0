"""The floor: read every file and let libyaml find the events of its front matter, nothing else.

A program that reads front matter with libyaml from Python cannot be faster with as many processes.
"""

import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from yaml.cyaml import CParser  # type: ignore[attr-defined]  # of libyaml, not exported


def events(paths: Sequence[str]) -> int:
    """Pull all events of some files; how many there were."""
    count = 0
    for path in paths:
        block = Path(path).read_bytes().split(b"\n---\n", 1)[0]
        parser = CParser(block)
        while parser.check_event():
            parser.get_event()
            count += 1
    return count


def main() -> None:
    """Pull the events of all files below the folder that the command line names."""
    folder, processes = sys.argv[1], int(sys.argv[2])
    paths = [
        os.path.join(parent, name)  # noqa: PTH118  a Path of each would cost more than the events
        for parent, _, names in os.walk(folder)
        for name in names
    ]
    chunks = [paths[start : start + 500] for start in range(0, len(paths), 500)]
    with ProcessPoolExecutor(processes) as pool:
        print(len(paths), sum(pool.map(events, chunks)))


if __name__ == "__main__":
    main()
