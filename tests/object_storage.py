"""Object storage for tests: moto's S3 on loopback, with what it was asked."""

import threading
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import boto3
import pytest
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

BUCKET = "bucket"


class Request(NamedTuple):
    """A request: what was to be done, and with which key; a listing has the key of its prefix."""

    kind: str
    key: str


class Refusal(NamedTuple):
    """An answer in the place of that of the server, with a body as S3 writes it."""

    status: str
    code: str
    message: str = "Words &amp; more."

    @property
    def body(self) -> bytes:
        error = f"<Error><Code>{self.code}</Code><Message>{self.message}</Message></Error>"
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{error}'.encode()


@dataclass
class Server:
    """A server with one bucket; `requests` are those since it began or was last asked."""

    address: str
    requests: list[Request] = field(default_factory=list)
    before: Callable[[Request], None] = lambda _: None
    refused: dict[Request, Refusal] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What a process is told of it."""
        return {
            "AWS_ENDPOINT_URL": self.address,
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "us-east-1",
        }

    @property
    def client(self) -> Any:
        """Another client than ours."""
        return boto3.client(
            "s3",
            endpoint_url=self.address,
            aws_access_key_id="key",
            aws_secret_access_key="secret",
            region_name="us-east-1",
        )

    def put(self, key: str, data: bytes | str) -> None:
        self.client.put_object(Bucket=BUCKET, Key=key, Body=data)

    def get(self, key: str) -> bytes:
        return bytes(self.client.get_object(Bucket=BUCKET, Key=key)["Body"].read())

    def delete(self, key: str) -> None:
        self.client.delete_object(Bucket=BUCKET, Key=key)

    def keys(self, prefix: str = "") -> list[str]:
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
        return [found["Key"] for page in pages for found in page.get("Contents", [])]

    def counted(self) -> Counter[str]:
        """How many requests of each kind there were since the last time."""
        asked, self.requests[:] = Counter(kind for kind, _ in self.requests), []
        return asked


def _request(environ: dict[str, Any]) -> Request:
    method, query = environ["REQUEST_METHOD"], environ["QUERY_STRING"]
    key = environ["PATH_INFO"].removeprefix(f"/{BUCKET}").lstrip("/")
    if method == "GET" and "list-type" in query:
        return Request("LIST", query)
    return Request("COPY" if "HTTP_X_AMZ_COPY_SOURCE" in environ else method, key)


class _Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        pass


@contextmanager
def served() -> Iterator[Server]:
    """A server that lives as long as the block.

    moto keeps what is stored by the process, so that it is emptied for the next server.
    """
    application = DomainDispatcherApplication(create_backend_app)
    one_at_a_time = threading.Lock()  # moto checks a condition and writes in two steps

    def counting(environ: dict[str, Any], start: Any) -> Any:
        request = _request(environ)
        server.before(request)
        with one_at_a_time:
            server.requests.append(request)
            if refusal := server.refused.get(request):
                start(refusal.status, [("Content-Type", "application/xml")])
                return [refusal.body]
            return list(application(environ, start))

    http = make_server("127.0.0.1", 0, counting, threaded=True, request_handler=_Quiet)
    server = Server(f"http://127.0.0.1:{http.server_port}")
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    try:
        server.client.create_bucket(Bucket=BUCKET)
        server.requests.clear()
        yield server
    finally:
        urllib.request.urlopen(f"{server.address}/moto-api/reset", data=b"").close()
        http.shutdown()
        thread.join()
        http.server_close()


@contextmanager
def served_here() -> Iterator[Server]:
    """A server that this process finds by its environment."""
    with served() as server, pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment.items():
            patch.setenv(name, value)
        yield server
