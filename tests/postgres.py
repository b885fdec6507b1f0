"""A PostgreSQL server for tests, from Debian's package."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checkout import blocks, run
from tests.conftest import ROOT
from tests.servers import eventually, free_port, running

BINARIES = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path("/nowhere"))
RUNBOOK = (ROOT / "deploy" / "README.md").read_text()

needs_postgres = pytest.mark.skipif(
    not (BINARIES / "initdb").exists(), reason="PostgreSQL's server is not installed"
)


@contextlib.contextmanager
def server() -> Iterator[str]:
    """The port of a new server on loopback."""
    # A user that is not root, as PostgreSQL demands, cannot enter pytest's folders.
    home = Path(tempfile.mkdtemp(prefix="pressroom-postgres-"))
    owner: list[str | Path] = []
    if os.geteuid() == 0:
        shutil.chown(home, "postgres", "postgres")
        owner = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    try:
        (home / "password").write_text("of the superuser")
        initdb: list[str | Path] = [
            *owner, BINARIES / "initdb", "-D", home / "data", "-U", "postgres", "-E", "UTF8",
            "--locale=C", "--auth=scram-sha-256", "--pwfile", home / "password", "--no-sync",
        ]  # fmt: skip
        subprocess.run(initdb, cwd=home, check=True, capture_output=True)
        port, log = str(free_port()), home / "log"
        postgres: list[str | Path] = [
            *owner, BINARIES / "postgres", "-D", home / "data", "-p", port, "-c", "fsync=off",
            "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
        ]  # fmt: skip
        with running(*postgres, log=log, cwd=home):
            is_ready = [str(BINARIES / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", port]
            eventually(lambda: subprocess.run(is_ready, check=False).returncode == 0, log=log)
            yield port
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextlib.contextmanager
def database() -> Iterator[dict[str, str]]:
    """A new database, made as the runbook says, as the variables that lead Dagster to it."""
    with server() as port:
        superuser = {
            "PGHOST": "127.0.0.1",
            "PGPORT": port,
            "PGUSER": "postgres",
            "PGPASSWORD": "of the superuser",
        }
        for command in blocks(RUNBOOK, "sh"):
            if command.startswith("runuser -u postgres"):
                as_anyone = command.replace("runuser -u postgres -- ", "")
                run(as_anyone, ROOT, environment=superuser)
        yield {
            "DAGSTER_PG_HOST": "127.0.0.1",
            "DAGSTER_PG_PORT": port,
            "DAGSTER_PG_DB": "dagster",
            "DAGSTER_PG_USERNAME": "dagster",
            "DAGSTER_PG_PASSWORD": "secret",
        }
