"""``pressroom query``: the tables of a release, asked with SQL."""

import contextlib
import os
import signal
from collections.abc import Iterator

import click

from ..base.errors import PipelineError, SettingsError
from ..releases import local
from .common import OF_RUN, Site, command
from .formats import FORMS
from .sql import answer
from .terminal import complain


@command("out", "storage", short_help="Query the tables of a release with SQL.")
@click.option("--release", metavar="RELEASE", help="Its id or number.  [default: the published]")
@OF_RUN
@click.option("--csv", "form", flag_value="csv", help="Print CSV: nulls are empty, texts quoted.")
@click.option("--json", "form", flag_value="json", help="Print an array of objects.")
@click.option("--jsonl", "form", flag_value="jsonl", help="Print an object on each line.")
@click.argument("sql", default="-")
def query(site: Site, *, release: str | None, of_run: bool, form: str | None, sql: str) -> None:
    """Query the tables of a release with SQL, in the dialect of DuckDB.

    SQL is one statement or more; with - or nothing it is read from standard input. The result is
    that of the last: the first 1,000 rows in columns, or all rows in another form.

    Each table is a view, and so is each list of the site, such as keywords: `show tables`,
    `describe articles`. Those of the past, history and releases, include this release. A statement
    reads nothing else, changes no file and needs no network.
    """
    if of_run and release:
        raise SettingsError("--run and --release name two releases: state one of them.")
    if of_run:
        found = site.held_back()
    else:
        found = local.find(site.paths.out, release) if release else site.current()
        site.bring(found, found.tables)
    if sql == "-":
        sql = click.open_file("-", encoding="utf-8").read()
    with (
        _ended_by_ctrl_c(),
        answer(found, sql, site.settings.query, _give_up) as rows,
        click.open_file("-", "w", encoding="utf-8") as stream,
    ):
        FORMS[form or "table"](rows, stream)
        stream.flush()


def _give_up(error: PipelineError) -> None:
    """End the process with an error, whatever it is at."""
    complain(f"{error}")
    os._exit(error.exit_status)


@contextlib.contextmanager
def _ended_by_ctrl_c() -> Iterator[None]:
    """Let Ctrl-C end the process: DuckDB may take long to respond, and nothing is to be tidied."""
    before = signal.getsignal(signal.SIGINT)
    if before != signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
