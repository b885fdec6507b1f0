"""Where releases are published, chosen once: the output folder itself, or object storage.

Either way a machine works in an output folder, in which releases stand as on any disk (`local`).
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from types import MappingProxyType
from typing import Protocol

from ..files import atomic
from . import catalog as catalogs
from . import identities, local, remote, transfer
from .catalog import Catalog, Published
from .identities import Identities, Noted, sample
from .manifest import Release

_NONE: Identities = MappingProxyType({})


def _nothing() -> None:
    return None


class ReleaseStore(Protocol):
    """Where releases are published: a small value that can be sent to another process.

    All but `out`, `home` and `entrance` raise a `PipelineError` if a storage does not answer.
    """

    @property
    def out(self) -> Path:
        """The output folder that this machine works in."""

    @property
    def home(self) -> str:
        """The folder or the URL, as people are told it."""

    @property
    def entrance(self) -> str:
        """What readers resolve to find the published release."""

    def address(self, release: str) -> str:
        """The URL of the folder of a published release, by its id: ``file://…`` or ``s3://…``."""

    def pull(self) -> "ReleaseStore":
        """The store as it is now, which the output folder says from then on; under its lock.

        `publish`, `rollback` and `unpin` are for what this returns: they fail where the store is
        not as it was then.

        Raises:
            SettingsError: The folder is a site itself, or works for another storage.
        """

    def refresh(self) -> None:
        """The same for who only reads: the folder is locked where a storage is asked."""

    def prepare(self) -> None:
        """The same for a run that is to publish: the first to a storage brings the site there."""

    def restore_current(self) -> str | None:
        """The id of the release that ``current`` leads to again, where it was gone; else None."""

    def damaged(
        self, release: Release, stop: Event, known: Identities = _NONE, noted: Noted | None = None
    ) -> list[str]:
        """The files that are not as the manifest says and that no `fetch` would compare.

        Not all are read that are `known`; those that are intact are `noted`.
        """

    def lacking(self, release: Release) -> list[str]:
        """The files that a storage lacks, or holds otherwise than they were uploaded."""

    def fetch(
        self,
        release: Release,
        outputs: Collection[str] | None = None,
        check_cancelled: Callable[[], None] = _nothing,
    ) -> list[str]:
        """Bring files of a release to this machine; the paths of those that cannot be brought.

        `check_cancelled` is called between them, and may raise what ends the process.
        """

    def verify(self, release: Release) -> list[tuple[str, str]]:
        """What is ``damaged``, ``missing`` or ``unexpected`` where readers are, and the paths."""

    def upload(
        self,
        release: Release,
        previous: Release | None,
        check_cancelled: Callable[[], None] = _nothing,
    ) -> str:
        """Bring a staged release to where it is published; the name of the place, if it has one."""

    def publish(
        self, release: str, place: str, retired: Collection[str], move: Callable[[], None]
    ) -> None:
        """Make an uploaded release the current one, unpinned, and forget those that are `retired`.

        `move` puts it among the releases of the output folder.

        Raises:
            ConflictError: Somebody else published since `pull`.
        """

    def rollback(self, release: str) -> None:
        """Make another release the current one, and pin the site to it.

        Raises:
            ConflictError: Somebody else published since `pull`.
        """

    def unpin(self) -> None:
        """Let builds publish again.

        Raises:
            ConflictError: Somebody else published since `pull`.
        """

    def vacuum(self) -> None:
        """Delete what no reader can be at any more."""

    def note(self, name: str, *, anew: bool = False) -> Path:
        """Where a note on the site is on this machine, which need not exist.

        `anew`: it is the one that was kept last, whichever machine kept it.
        """

    def keep(self, name: str, data: bytes) -> None:
        """Keep a note for the next run, on this machine or another."""


def store_at(out: Path, storage: str = "") -> ReleaseStore:
    """The store at the URL of a place on object storage; an output folder itself without one."""
    return RemoteStore(out, storage) if storage else LocalStore(out)


@dataclass(frozen=True, slots=True)
class LocalStore:
    """An output folder, whose links readers resolve."""

    out: Path

    @property
    def home(self) -> str:
        """The folder."""
        return str(self.out)

    @property
    def entrance(self) -> str:
        """The link to the current release."""
        return str(self.out / "current")

    def address(self, release: str) -> str:
        """The folder."""
        return (self.out.absolute() / "releases" / release).as_uri()

    def pull(self) -> "LocalStore":
        """The folder, which is as it is."""
        remote.check_home("", self.out)
        return self

    def refresh(self) -> None:
        """Refuse a folder that works for a storage; it need not be one that can be written."""
        self.pull()

    def prepare(self) -> None:
        """Refuse a folder that works for a storage."""
        self.pull()

    def restore_current(self) -> str | None:
        """As `local.restore_current`."""
        return local.restore_current(self.out)

    def damaged(
        self, release: Release, stop: Event, known: Identities = _NONE, noted: Noted | None = None
    ) -> list[str]:
        """As `local.damaged`: all files are read that are not known, and a sample of the others."""
        return local.damaged(release, known=known, sample=sample(), noted=noted, stop=stop)

    def lacking(self, release: Release) -> list[str]:
        """None: readers are on this disk."""
        return []

    def fetch(
        self,
        release: Release,
        outputs: Collection[str] | None = None,
        check_cancelled: Callable[[], None] = _nothing,
    ) -> list[str]:
        """None: all is here, or nowhere."""
        return []

    def verify(self, release: Release) -> list[tuple[str, str]]:
        """As `local.verify`; the next run reads all files of a release in which it finds harm."""
        if harm := local.verify(release):
            identities.forget(self.out)
        return harm

    def upload(
        self,
        release: Release,
        previous: Release | None,
        check_cancelled: Callable[[], None] = _nothing,
    ) -> str:
        """Nothing is to be brought anywhere."""
        return ""

    def publish(
        self, release: str, place: str, retired: Collection[str], move: Callable[[], None]
    ) -> None:
        """Move the release, then let ``current`` lead to it."""
        move()
        atomic.point(self.out / "pinned", None)
        local.make_current(self.out, release)

    def rollback(self, release: str) -> None:
        """Pin, then let ``current`` lead to the release.

        If this process dies between the two, no build publishes what was to be undone.
        """
        atomic.point(self.out / "pinned", Path("releases") / release)
        local.make_current(self.out, release)

    def unpin(self) -> None:
        """Remove the link ``pinned``."""
        atomic.point(self.out / "pinned", None)

    def vacuum(self) -> None:
        """Nothing: what is retired leaves the folder at once."""

    def note(self, name: str, *, anew: bool = False) -> Path:
        """A file in the folder."""
        return self.out / name

    def keep(self, name: str, data: bytes) -> None:
        """Write the file."""
        atomic.write_whole(self.out / name, data)


@dataclass(frozen=True, slots=True)
class RemoteStore:
    """A place on object storage, whose catalog readers read, and the folder of this machine.

    `catalog` is what it said at the last `pull`.
    """

    out: Path
    url: str
    catalog: Catalog | None = None

    @property
    def home(self) -> str:
        """The URL."""
        return self.url

    @property
    def entrance(self) -> str:
        """The catalog."""
        return f"{self.url}/{catalogs.CATALOG}"

    def address(self, release: str) -> str:
        """The prefix that the catalog has."""
        catalog = self.catalog or catalogs.read(self.url)
        return f"{self.url}/{catalog.releases[release].prefix}"

    def pull(self) -> "RemoteStore":
        """As `remote.pull`."""
        return replace(self, catalog=remote.pull(self.url, self.out))

    def refresh(self) -> None:
        """Pull; a folder that works for another storage is not even locked."""
        remote.check_home(self.url, self.out)
        with local.locked(self.out):
            self.pull()

    def prepare(self) -> None:
        """Bring what the folder has published to a storage that has no catalog yet."""
        catalog = remote.pull(self.url, self.out, moves=True)
        if catalog.etag is None:
            remote.adopt(catalog, self.out)

    def restore_current(self) -> str | None:
        """Nothing: no link leads to a release."""
        return None

    def damaged(
        self, release: Release, stop: Event, known: Identities = _NONE, noted: Noted | None = None
    ) -> list[str]:
        """None: `fetch` compares all."""
        return []

    def lacking(self, release: Release) -> list[str]:
        """As `transfer.lacking`."""
        return transfer.lacking(self.url, release)

    def fetch(
        self,
        release: Release,
        outputs: Collection[str] | None = None,
        check_cancelled: Callable[[], None] = _nothing,
    ) -> list[str]:
        """As `transfer.fetch`."""
        return transfer.fetch(self.url, release, outputs, check_cancelled)

    def verify(self, release: Release) -> list[tuple[str, str]]:
        """As `transfer.verify`."""
        return transfer.verify(self.url, release)

    def upload(
        self,
        release: Release,
        previous: Release | None,
        check_cancelled: Callable[[], None] = _nothing,
    ) -> str:
        """As `transfer.upload`."""
        return transfer.upload(self.url, release, previous, check_cancelled)

    def publish(
        self, release: str, place: str, retired: Collection[str], move: Callable[[], None]
    ) -> None:
        """Write the catalog, then move the release: of two publishers one loses before that."""
        catalogs.publish(self._pulled(), self.out, release, Published(place), retired)
        move()

    def rollback(self, release: str) -> None:
        """Write the catalog."""
        catalogs.rollback(self._pulled(), self.out, release)

    def unpin(self) -> None:
        """Write the catalog; in a folder that has not moved to its storage, remove the link."""
        catalog = self._pulled()
        if catalog.etag is not None:
            catalogs.unpin(catalog, self.out)
        else:
            atomic.point(self.out / "pinned", None)

    def vacuum(self) -> None:
        """As `remote.vacuum`."""
        remote.vacuum(self.url)

    def note(self, name: str, *, anew: bool = False) -> Path:
        """A file in the folder; where there is none, or `anew`, that which a machine kept."""
        remote.bring_note(self.url, self.out, name, anew=anew)
        return self.out / name

    def keep(self, name: str, data: bytes) -> None:
        """Write the file, and the object."""
        atomic.write_whole(self.out / name, data)
        remote.keep_note(self.url, name, data)

    def _pulled(self) -> Catalog:
        assert self.catalog is not None, "pull first"
        return self.catalog
