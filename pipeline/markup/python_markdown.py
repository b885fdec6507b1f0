"""Markdown to pieces by Python-Markdown, for sites written for it (MkDocs, Pelican, Nikola).

It recurses as deep as a text tells it to, and takes time with the square of some texts.  So it runs
in a process of its own (`markdown_process`), which ends when its CPU time is over; such a text is
shown as it is.  Its HTML goes through the same stream as other Markdown, and so is bounded in depth
and size.
"""

import atexit
import json
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector

from .source import Source
from .stream import Builder, Piece, TooComplexError

__all__ = ["pieces"]

_CHARS_A_SECOND = 200_000  # of CPU time; an ordinary text takes a fifth of it
_MOST_SECONDS = 60  # of waiting: an extension may do more than compute


def pieces(source: Source, extensions: Sequence[str]) -> list[Piece]:
    """The pieces of a source.

    Raises:
        TooComplexError: It is too large, nests too deeply, makes too much HTML, or takes too long.
    """
    converted = _converter.convert(extensions, source.text)
    if converted is None:
        raise TooComplexError
    builder = Builder(source)
    builder.html(converted)
    return builder.finished()


class _Converter:
    """A process that converts texts, one after the other; it is begun again where it ended."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self._folder = ""
        self._lock = threading.Lock()  # a worker of a cluster may have several threads

    def convert(self, extensions: Sequence[str], text: str) -> str | None:
        """The HTML of a text; None if there is none within the limits."""
        seconds = 0.5 + len(text) / _CHARS_A_SECOND
        with self._lock:
            process = self.process = self.process or self._begun()
            assert process.stdin
            try:
                process.stdin.write(json.dumps([[*extensions], seconds, text]).encode() + b"\n")
                process.stdin.flush()
                answer = _answer(process)
            except BrokenPipeError:
                answer = b""
            if not answer.endswith(b"\n"):
                self.end()
                return None
            converted: str | None = json.loads(answer)
            return converted

    def end(self) -> None:
        """End the process, if there is one."""
        if self.process:
            self.process.kill()
            self.process.communicate()
            self.process = None
            shutil.rmtree(self._folder, ignore_errors=True)

    def _begun(self) -> "subprocess.Popen[bytes]":
        script = Path(__file__).with_name("markdown_process.py")
        # An empty folder to work in: extensions that insert files look for them there.
        self._folder = tempfile.mkdtemp(prefix="pressroom-")
        return subprocess.Popen(
            # -P: beside the script are modules that have names of the standard library.
            [sys.executable, "-P", str(script)],
            cwd=self._folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )


def _answer(process: "subprocess.Popen[bytes]") -> bytes:
    assert process.stdout
    with DefaultSelector() as selector:
        selector.register(process.stdout, EVENT_READ)
        return process.stdout.readline() if selector.select(_MOST_SECONDS) else b""


_converter = _Converter()
atexit.register(_converter.end)
