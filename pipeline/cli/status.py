"""``pressroom status``: what is published."""

import json
from typing import Any

import click

from ..model.settings import Paths
from ..releases import local
from ..releases.manifest import Release
from .common import Site, command
from .terminal import echo, utc


@command("out", "storage")
@click.option("--json", "as_json", is_flag=True, help="Print an object on one line.")
def status(site: Site, as_json: bool) -> None:
    """Show the published release."""
    row = _status(site.current(), site.paths)
    if as_json:
        echo(json.dumps(row))
        return
    lines = {
        "release": row["release"],
        "as of": utc(row["as_of"]),
        "base URL": row["base_url"] or "not known",
        **{name: f"{row[name]:,}" for name in ("files", "articles", "rejects")},
        **{
            name: ", ".join(f"{n:,} {kind}" for kind, n in row[name].items())
            for name in ("links", "changes")
        },
        "folder": row["folder"],
    }
    if row["storage"]:
        lines["storage"] = row["storage"]
    if row["pinned"]:
        lines["pinned"] = f"{row['pinned']}: builds publish nothing"
    for name, value in lines.items():
        echo(f"{name:<9} {value}")


def _status(release: Release, paths: Paths) -> dict[str, Any]:
    """What there is to say of the published release, and the release that the site is pinned to."""
    names = ("files", "articles", "rejects", "links", "changes")
    return {
        "release": release.id,
        "as_of": release.manifest.as_of,
        "base_url": release.base_url,
        **{name: getattr(release.counts, name) for name in names},
        "folder": str(release.root),
        "storage": paths.storage or None,
        "pinned": local.pinned(paths.out),
    }
