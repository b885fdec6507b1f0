"""``pressroom init``: a settings file for a folder of front-matter files, by looking at it."""

import shlex
from pathlib import Path

import click

from ..base.errors import SettingsError
from ..proposal import proposal
from .terminal import echo


@click.command()
@click.argument(
    "folder",
    metavar="[DIR]",
    default=".",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
@click.option("--dry-run", is_flag=True, help="Print the file, and write nothing.")
def init(folder: Path, *, dry_run: bool) -> None:
    """Propose settings for a folder of front-matter files, and write pressroom.toml.

    DIR is the folder of the site, with the configuration of its generator; by default the current
    one. A pressroom.toml is never overwritten.
    """
    target = folder / proposal.FILE
    if target.exists() and not dry_run:
        raise SettingsError(f"{target} exists, and is left as it is. See --dry-run.")
    text, told = proposal.proposed(folder)
    echo(*told, err=dry_run)
    if dry_run:
        click.echo(text, nl=False)
        return
    _write(target, text)
    option = "" if folder.resolve() == Path.cwd() else f" --settings {shlex.quote(str(target))}"
    echo(f"Wrote {target}. Look through it, then type: pressroom build{option}")


def _write(target: Path, text: str) -> None:
    """Write a new file.

    Raises:
        SettingsError: It exists, even as a link that leads nowhere.
    """
    try:
        with target.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError as error:
        raise SettingsError(f"{target} exists, and is left as it is.") from error
