"""``pressroom status``: what is published."""

import json
from collections.abc import Mapping

import click

from ..releases import local
from ..releases.summary import by_suffix, summary
from .common import Site, command
from .terminal import echo, size, utc


@command("out", "storage")
@click.option("--json", "as_json", is_flag=True, help="Print an object on one line.")
def status(site: Site, as_json: bool) -> None:
    """Show the published release."""
    release = site.current()
    found, pinned = summary(release), local.pinned(site.paths.out)
    kept = local.held_back(site.paths.out)
    if as_json:
        places = {"folder": str(release.root), "storage": site.paths.storage or None}
        states = {"pinned": pinned, "held_back": str(kept.root) if kept else None}
        echo(json.dumps({**found._asdict(), **places, **states}))
        return
    lines = {
        "release": found.release,
        "as of": utc(found.as_of),
        "base URL": found.base_url or "not known",
        "files": f"{found.files:,}",
        "passed over": by_suffix(found.passed_over),
        "articles": f"{found.articles:,}",
        "rejects": f"{found.rejects:,}",
        "skipped": f"{found.skipped:,}",
        "findings": f"{found.findings:,}",
        "links": _by_kind(found.links),
        "in texts": _by_kind(found.text_links),
        "changes": _by_kind(found.changes),
        "size": size(found.bytes),
        "folder": str(release.root),
    }
    if site.paths.storage:
        lines["storage"] = site.paths.storage
    if pinned:
        lines["pinned"] = f"{pinned}: builds publish nothing"
    if kept:
        look = f"`pressroom rejects --run{site.options}`"
        lines["held back"] = f"the last run: {look if kept.counts.rejects else kept.root}"
    shown = {name: value for name, value in lines.items() if value}
    width = max(map(len, shown)) + 2
    echo(*(f"{name:<{width}}{value}" for name, value in shown.items()))


def _by_kind(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number:,} {kind}" for kind, number in counts.items())
