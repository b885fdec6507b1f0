"""A search engine for tests, which is told of urls on loopback as IndexNow has it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias

Answer: TypeAlias = tuple[int, dict[str, str]]


class Engine(ThreadingHTTPServer):
    """It gives these answers, the last again and again, and keeps the requests that it takes."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[Answer] = [(200, {})]
        self.told: list[dict[str, Any]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/indexnow"

    @property
    def names(self) -> list[str]:
        """The last segments of all urls that it took."""
        return [url.rpartition("/")[2] for one in self.told for url in one["urlList"]]


class Handler(BaseHTTPRequestHandler):
    server: Engine

    def do_POST(self) -> None:
        assert self.headers["Content-Type"] == "application/json; charset=utf-8"
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answers = self.server.answers
        status, headers = answers.pop(0) if len(answers) > 1 else answers[0]
        if status < 300:
            self.server.told.append(told)
        self.send_response(status)
        text = b'{"code": "A reason"}' if status >= 400 else b""
        for name, value in {**headers, "Content-Length": str(len(text))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving() -> Iterator[Engine]:
    with Engine() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()
