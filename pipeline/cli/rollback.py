"""``pressroom rollback``: publish an older release again, or end the pin to it."""

import click

from ..releases import local, publishing
from .common import Site, command
from .terminal import echo


@command("out", "storage", is_fresh=False)
@click.argument("release", required=False)
@click.option("--unpin", is_flag=True, help="Let builds publish again.")
def rollback(site: Site, release: str | None, unpin: bool) -> None:
    """Publish an older release again and pin the site to it, so that builds publish nothing.

    RELEASE is an id or its beginning, such as the number; without it, the release before the
    published one. --unpin only removes the pin, as build --force does.
    """
    if unpin and release:
        raise click.UsageError("--unpin only removes the pin: it goes without RELEASE.")
    site.store.refresh()
    echo(_unpin(site) if unpin else _roll_back(site, release))


def _unpin(site: Site) -> str:
    store, pinned = site.store, local.pinned(site.paths.out)
    if pinned is None:
        return f"{store.home} is not pinned."
    publishing.unpin(store)
    return f"{store.home} is no longer pinned to {pinned}: the next build publishes."


def _roll_back(site: Site, release: str | None) -> str:
    out, store = site.paths.out, site.store
    before = local.current_id(out)
    target = local.find(out, release) if release else local.before(out)
    publishing.rollback(store, target)
    done = (
        f"{target.id} is already current, and {store.home} is pinned to it"
        if target.id == before
        else f"Published {target.id} (before: {before}), and pinned {store.home} to it"
    )
    return (
        f"{done}: builds publish nothing until `pressroom rollback --unpin{site.options}`"
        f" or `pressroom build --force{site.options}`."
    )
