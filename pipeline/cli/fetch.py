"""``pressroom fetch``: a copy of a site on object storage."""

from ..base.errors import SettingsError
from ..releases import local, remote
from .common import Site, command
from .terminal import echo


@command("out", "storage", is_fresh=False)
def fetch(site: Site) -> None:
    """Copy a site from object storage into a new folder, to move it or to keep a backup.

    The folder contains the complete published release. A build there without storage continues from
    it; a build with another storage moves the site.
    """
    paths = site.paths
    if not paths.storage:
        raise SettingsError("No storage to fetch from: name it with --storage.")
    with local.locked(paths.out):
        release = remote.settle(paths.storage, paths.out)
    at = paths.out / "current"
    echo(f"Fetched {release.id} from {paths.storage}. Readers find it at {at}.")
