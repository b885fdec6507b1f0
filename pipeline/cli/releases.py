"""``pressroom releases``: the releases that are kept."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from ..base.errors import PipelineError
from ..releases import local
from ..releases.manifest import open_release
from ..releases.summary import Summary, summary
from .common import Site, command
from .terminal import echo, size, utc

_FIGURES = ("articles", "rejects", "added", "changed", "removed", "size")
_COLUMNS = ("release", "as of", *_FIGURES, "base URL", "")


@command("out", "storage")
@click.option("--json", "as_json", is_flag=True, help="Print an array of objects.")
def releases(site: Site, as_json: bool) -> None:
    """List the releases that are kept, the newest first."""
    folder = site.paths.out
    rows = list(_kept(folder))
    if as_json:
        echo(json.dumps(rows))
    elif rows:
        _print_table(_COLUMNS, [_cells(row) for row in rows])
    else:
        echo(f"There is no release in {folder} yet: run pressroom build.")


def _kept(out: Path) -> Iterator[dict[str, Any]]:
    """What there is to say of each release; of one that cannot be read, little."""
    current, pinned = local.current_id(out), local.pinned(out)
    for folder in reversed(list(local.folders(out))):
        row: dict[str, Any] = dict.fromkeys(Summary._fields) | {"release": folder.name}
        try:
            row = summary(open_release(folder))._asdict()
        except PipelineError:
            if not folder.exists():
                continue  # removed meanwhile
        yield {**row, "current": folder.name == current, "pinned": folder.name == pinned}


def _cells(row: dict[str, Any]) -> list[str]:
    marks = [name for name in ("current", "pinned") if row[name]]
    if row["as_of"] is None:
        return [row["release"], *["–"] * (len(_COLUMNS) - 2), ", ".join([*marks, "unreadable"])]
    counts = [row["articles"], row["rejects"], *row["changes"].values()]
    figures = [*(f"{count:,}" for count in counts), size(row["bytes"])]
    url = row["base_url"] or "–"
    return [row["release"], utc(row["as_of"]), *figures, url, ", ".join(marks)]


def _print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print text to the left and figures to the right, in columns of equal width."""
    lines = [columns, *rows]
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    for cells in lines:
        padded = [
            f"{cell:>{width}}" if name in _FIGURES else f"{cell:<{width}}"
            for name, cell, width in zip(columns, cells, widths, strict=True)
        ]
        echo("  ".join(padded).rstrip())
