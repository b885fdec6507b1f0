"""Servers for tests: real processes on loopback that are gone when a test ends, however it ends."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

BIN = Path(sys.executable).parent
# What a script starts in its background ignores SIGINT, and hands that on to its children.
_LISTENING = (
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL);"
    "os.execvp(sys.argv[1], sys.argv[1:])"
)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextlib.contextmanager
def running(*command: str | Path, log: Path, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A process and its children, ended as by Ctrl-C; those that stay for 30 s are killed."""
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-c", _LISTENING, *command],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **options,
        )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
            os.killpg(process.pid, signal.SIGINT)
            process.wait(30)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def processes(session: int) -> list[int]:
    """The processes of a session that have not ended, without its leader."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except (OSError, ValueError):
            continue
        if fields[0] != "Z" and int(fields[3]) == session and int(entry.name) != session:
            found.append(int(entry.name))
    return found


def eventually(look: Callable[[], T], seconds: float = 120, log: Path | None = None) -> T:
    """The first answer that is true; the test fails, and shows the log, if none comes in time."""
    end = time.monotonic() + seconds
    while not (answer := look()):
        if time.monotonic() > end:
            shown = f"\n{log.read_text()[-4000:]}" if log else ""
            raise AssertionError(f"Nothing within {seconds} s.{shown}")
        time.sleep(0.5)
    return answer


class Page:
    """The GraphQL of a Dagster page."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"

    def ask(self, query: str, **variables: Any) -> Any:
        """The answer, without the name around it, to a query of one field."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.address}/graphql", body, headers)
        with urllib.request.urlopen(request, timeout=60) as response:
            answer = json.load(response)
        assert "errors" not in answer, answer["errors"]
        [value] = answer["data"].values()
        return value

    def answers(self) -> bool:
        with contextlib.suppress(OSError):
            return bool(self.ask("{version}"))
        return False


@contextlib.contextmanager
def serve_folder(folder: Path) -> Iterator[str]:
    """The address of this machine at which the files of a folder are served meanwhile."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
