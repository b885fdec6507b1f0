"""A script that converts Markdown by Python-Markdown, within limits that the system enforces.

Each line of standard input is a JSON list: names of extensions, seconds of CPU time, a text.  Each
line of standard output is the text's HTML as JSON, or null if the library fails.
Where the time is over, the process ends by a signal, also within a regular expression.  It works in
an empty folder, which it removes at the end.
"""

import json
import resource
import signal
import sys
from contextlib import suppress
from pathlib import Path

import markdown

_MOST_BYTES = 1 << 30  # of memory


def main() -> None:
    """Convert until there is nothing more to convert."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends this process
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))
    converter, known = markdown.Markdown(), list[str]()
    for line in sys.stdin.buffer:
        extensions, seconds, text = json.loads(line)
        if extensions != known:
            converter, known = markdown.Markdown(extensions=extensions), extensions
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
        try:
            converted = converter.reset().convert(text)
        except Exception:  # noqa: BLE001  RecursionError, MemoryError, or what an extension raises
            # It keeps its state after an error.
            converted, converter = None, markdown.Markdown(extensions=extensions)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        sys.stdout.write(json.dumps(converted) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
    with suppress(OSError):
        Path.cwd().rmdir()  # if the parent was killed, and did not
