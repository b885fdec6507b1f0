"""``pressroom rejects``: the rejected files, and what to do about them."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..base.problems import Code
from ..base.wording import counted
from ..releases import local
from ..tables import rejects as rows_of
from .common import OF_RUN, Site, command
from .terminal import echo

if TYPE_CHECKING:
    from .fix import Mended

# The file itself tells nothing of these.
_OF_A_NAME = {Code.DUPLICATE_URL, Code.NAME_NOT_UTF8}


@command("out", "storage", "raw")
@click.option(
    "--fix",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write fixed files into DIR, where a mechanical change is enough.",
)
@OF_RUN
def rejects(site: Site, *, fix: Path | None, of_run: bool) -> None:
    """List the rejected files of the published release, and what to do about them.

    With --run they are those of the last run, if it was held back.

    With --fix they are read again, and those that a mechanical change is enough for are written
    into DIR under the same paths. Nothing is overwritten, neither an original nor a file in DIR.
    """
    release = site.held_back() if of_run else site.current("rejects")
    if not of_run and local.held_back(site.paths.out):
        echo("The last run was held back: --run shows what it rejected.", err=True)
    rows = rows_of.newest_first(release.paths("rejects")).to_pylist()
    if fix is not None:
        _fix(rows, site, fix)
        return
    for row in rows:
        echo(*_reject(row))
    if not rows:
        echo(f"{release.id} has no rejected files.", err=True)


def _fix(rows: list[dict[str, Any]], site: Site, folder: Path) -> None:
    # They read files, which a list does not need.
    from ..content.article import rules_of  # noqa: PLC0415
    from . import fix as mending  # noqa: PLC0415

    rules = rules_of(site.settings)
    source, paths = site.source, [row["source_path"] for row in rows]
    source.check()
    mending.check_folder(folder, source, site.paths.out, paths)
    written = 0
    files = source.read_all(paths, rules.limits.file_bytes)
    for path, row, file in zip(paths, rows, files, strict=True):
        found = mending.mend_file(file, rules)
        if found.data is not None:
            mending.write(folder, path, found.data)
            written += 1
        echo(f"{path}: {_mended(found, row)}")
    echo(f"Wrote {written:,} of {counted(len(rows), 'file')} into {folder}.")


def _mended(found: "Mended", row: dict[str, Any]) -> str:
    """What became of a file that was to be mended."""
    if found.data is not None:
        numbers = ", ".join(f"{number:,}" for number in found.lines)
        line = "lines" if len(found.lines) > 1 else "line"
        return f"written, {line} {numbers}" if numbers else "written, as UTF-8"
    if row["code"] in _OF_A_NAME and {problem.code for problem in found.left} <= {Code.VANISHED}:
        return f"skipped, {row['message']} [{row['code']}]"
    if not found.left:
        return "skipped, the file has changed since and is accepted now."
    first, more = found.left[0], len(found.left) - 1
    place = f"line {first.line:,}: " if first.line else ""
    others = f", and {more:,} more" * (more > 0)
    return f"skipped, {place}{first.message} [{first.code}]{others}"


def _reject(row: dict[str, Any]) -> list[str]:
    lines = []
    for problem in row["problems"]:
        lines.append(rows_of.line(row, problem))
        if problem == row["problems"][0] and row["excerpt"]:
            lines += [f"    {line}" for line in row["excerpt"].split("\n")]
        lines.append(f"  {problem['hint']}")
    return lines
