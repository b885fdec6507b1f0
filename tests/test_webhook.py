import socket

import pytest

from pressroom.base import web
from pressroom.base.errors import PipelineError, SettingsError
from pressroom.dagster import webhook


@pytest.mark.parametrize(
    "address",
    ["", "example.org/x", "file:///etc/passwd", "ftp://example.org/", "http://", "http://[::1/"],
)
def test_only_http_and_https_are_addresses(address: str) -> None:
    with pytest.raises(SettingsError):
        webhook.post(address, {})


def test_what_cannot_be_reached_is_told_without_the_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(PipelineError) as caught:
        webhook.post(f"http://127.0.0.1:{port}/secret", {})
    assert "Connection refused" in str(caught.value)
    assert f"{port}" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_what_is_no_http_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(PipelineError) as caught:
        webhook.post(f"http://127.0.0.1:{silent.getsockname()[1]}/secret", {})
    assert "TimeoutError" in str(caught.value)
    assert "secret" not in str(caught.value)
