"""The command line: its commands, each in a module of its name, imported when it is asked for."""

import contextlib
import importlib
from collections.abc import Iterator
from typing import Any

import click

from ..base import printable
from .terminal import explained

# How the help of each begins: to list them, none is imported.
_COMMANDS = {
    "build": "Read the raw folder and publish a release.",
    "explain": "Show what became of a file, by which rules, and where each column of it comes"
    " from.",
    "fetch": "Copy a site from object storage into a new folder, to move it or to keep a backup.",
    "findings": "List the findings of the published release, by file and line.",
    "init": "Propose settings for a folder of front-matter files, and write pressroom.toml.",
    "links": "List links that lead nowhere, or to a former url, and copies that are out of date.",
    "notify": "Tell search engines which urls the published release changed (IndexNow).",
    "query": "Query the tables of a release with SQL.",
    "rejects": "List the rejected files of the published release, and what to do about them.",
    "releases": "List the releases that are kept, the newest first.",
    "rollback": "Publish an older release again and pin the site to it,"
    " so that builds publish nothing.",
    "status": "Show the published release.",
    "verify": "Read a release where readers do, and compare it with its manifest.",
}


class _Commands(click.Group):
    """The commands, whose complaints about what was typed act on no terminal.

    `commands` has what is listed of them; the one that is run is imported in its place.
    """

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        return name, load(name) if name else command, rest

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        with _complaining(ctx):
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        with explained(), _complaining(ctx):
            return super().invoke(ctx)


def load(name: str) -> click.Command:
    """The command of a name, from the module of that name."""
    command: click.Command = getattr(importlib.import_module(f".{name}", __package__), name)
    return command


@contextlib.contextmanager
def _complaining(ctx: click.Context) -> Iterator[None]:
    try:
        yield
    except click.UsageError as error:
        told = error.format_message()
        if (printed := printable.message(told)) == told:
            raise
        raise click.UsageError(printed, error.ctx or ctx) from error


@click.group(
    cls=_Commands,
    commands=[click.Command(name, help=begins) for name, begins in _COMMANDS.items()],
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="pressroom")
def main() -> None:
    """Turn a folder of front-matter files into tables, sitemaps, feeds and a report."""
