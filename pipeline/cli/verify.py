"""``pressroom verify``: whether a release is as its manifest says."""

import click

from ..base.errors import PipelineError
from ..base.wording import counted
from ..releases import local
from .common import Site, command
from .terminal import echo, size


@command("out", "storage")
@click.argument("release", required=False)
def verify(site: Site, release: str | None) -> None:
    """Read a release where readers do, and compare it with its manifest.

    RELEASE is an id or its beginning, such as the number; without it, the published release.

    Exit status: 0 it is intact; 1 a file is damaged, missing or unexpected.
    """
    found = local.find(site.paths.out, release) if release else site.current()
    harm = site.store.verify(found)
    for kind, path in harm:
        echo(f"{kind:<10} {path}")
    if harm:
        differing = counted(len(harm), "file differs", "files differ")
        message = f"{found.id} does not match its manifest: {differing}."
        is_current = found.id == local.current_id(site.paths.out)
        if is_current and any(kind != "unexpected" for kind, _ in harm):
            message += f" `pressroom build{site.options}` makes them again."
        raise PipelineError(message)
    files = counted(len(found.files), "file")
    echo(f"{found.id} is intact: {files}, {size(found.bytes)}.")
