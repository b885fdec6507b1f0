"""``pressroom fetch``: a copy of a site on object storage."""

from ..base.errors import SettingsError
from ..releases import local, remote
from .common import Site, command
from .terminal import echo


@command("out", "storage", is_fresh=False)
def fetch(site: Site) -> None:
    """Bring a site from object storage into a new folder, to move it or to keep a copy.

    The published release is there whole, and the site is that of the folder: a build there without
    storage goes on from it, and one with another storage moves it.
    """
    paths = site.paths
    if not paths.storage:
        raise SettingsError("No storage to fetch from: name it with --storage.")
    with local.locked(paths.out):
        release = remote.settle(paths.storage, paths.out)
    at = paths.out / "current"
    echo(f"Fetched {release.id} from {paths.storage}. Readers find it at {at}.")
