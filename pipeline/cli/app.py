"""The command line: its commands, each in a module of its name, imported when it is asked for."""

import contextlib
import importlib
from collections.abc import Iterator
from typing import Any

import click

from ..base import printable
from .terminal import explained

_COMMANDS = (
    *("build", "explain", "fetch", "query", "rejects"),
    *("releases", "rollback", "status", "verify"),
)


class _Commands(click.Group):
    """The commands, whose complaints about what was typed act on no terminal."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f".{cmd_name}", __package__)
        made: click.Command = getattr(module, cmd_name)
        return made

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        with _complaining(ctx):
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        with explained(), _complaining(ctx):
            return super().invoke(ctx)


@contextlib.contextmanager
def _complaining(ctx: click.Context) -> Iterator[None]:
    try:
        yield
    except click.UsageError as error:
        told = error.format_message()
        if (printed := printable.message(told)) == told:
            raise
        raise click.UsageError(printed, error.ctx or ctx) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pressroom")
def main() -> None:
    """Turn a folder of front-matter files into tables, sitemaps, feeds and a report."""
