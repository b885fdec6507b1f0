"""What is published outlives a loss of power, by what fsync(2) promises.

A disk keeps the content of a file that was synced since it was last written, and the names in a
folder that was synced since they last changed. Of all else it may keep anything, or nothing. A
`Disk` notes at each fsync what is kept by it, so that any moment of a run can be compared with it.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pressroom.model.settings import Compute, Releases
from pressroom.releases import local, publishing
from pressroom.releases.store import store_at
from tests.conftest import AS_OF, Site, article
from tests.small_releases import age, publish

pytestmark = [
    pytest.mark.usefixtures("in_process"),
    # A file is open for writing alone when it is synced, and is read by another way.
    pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="there is no /proc"),
]

DAY = 24 * 3600


class Disk:
    """What outlives a loss of power: contents by inode, and the names in folders."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.files: dict[int, bytes] = {}
        self.folders: dict[int, dict[str, Any]] = {}

    def sync(self, descriptor: int) -> None:
        """Keep what a file, or a folder, holds now."""
        found = os.fstat(descriptor)
        path = Path(f"/proc/self/fd/{descriptor}")
        if stat.S_ISDIR(found.st_mode):
            self.folders[found.st_ino] = names(path)
        else:
            self.files[found.st_ino] = path.read_bytes()

    def lost(self, path: Path) -> list[str]:
        """The files and folders, from a path down, that would be lost, or not be as they are."""
        found = [str(path.relative_to(self.out))] if not self.has(path) else []
        below = sorted(path.iterdir()) if path.is_dir() and not path.is_symlink() else []
        return [*found, *(each for child in below for each in self.lost(child))]

    def has(self, path: Path) -> bool:
        """Whether what stands at a path now would stand there, if its folder does."""
        kept = self.folders.get(path.parent.stat().st_ino, {})
        if kept.get(path.name) != names(path.parent)[path.name]:
            return False
        is_file = path.is_file() and not path.is_symlink()
        return not is_file or self.files.get(path.stat().st_ino) == path.read_bytes()

    def leads_to(self, link: str) -> str | None:
        """The release that a link of the output folder would lead to."""
        target = self.folders.get(self.out.stat().st_ino, {}).get(link)
        return Path(target).name if target else None


def names(folder: Path) -> dict[str, Any]:
    """The names in a folder: where links lead, and of all else the inode."""
    return {
        path.name: str(path.readlink()) if path.is_symlink() else path.stat().st_ino
        for path in folder.iterdir()
    }


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    """The disk of the output folder, which looks on at every fsync and change of a name."""
    disk = Disk(tmp_path / "out")
    fsync, replace, rename = os.fsync, os.replace, os.rename
    swaps = 0

    def synced(descriptor: int) -> None:
        fsync(descriptor)
        disk.sync(descriptor)

    def replaced(source: Any, target: Any, **options: Any) -> None:
        nonlocal swaps
        if target == disk.out / "current":
            swaps += 1
            release = disk.out / Path(source).readlink()
            assert disk.lost(release) == [], "before the swap"
        replace(source, target, **options)

    def renamed(source: Any, target: Any, **options: Any) -> None:
        if Path(source).parent == disk.out / "releases":
            kept = disk.leads_to("current")
            assert kept not in (None, Path(source).name), "before a release is taken away"
        rename(source, target, **options)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    monkeypatch.setattr(os, "rename", renamed)
    yield disk
    assert swaps, "nothing was published"
    assert not disk.lost(disk.out / "releases")
    assert disk.leads_to("current") == (disk.out / "current").readlink().name


@pytest.mark.parametrize("links", [True, False], ids=["links", "copies"])
def test_each_file_and_folder_of_a_release_is_on_the_disk_before_it_is_current(
    site: Site, disk: Disk, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    """The second release takes over files of the first: by hard links, or where there are none."""
    site.write(a=article(slug="a"), b=article(slug="b"), c="---\ntitle: What: now\n---\n")
    cut = Compute(workers=1, shard_files=1)
    first = site.build(compute=cut).release
    site.write(b=article(slug="b", answer="Another answer."))
    if not links:
        monkeypatch.setattr(os, "link", refuse)
    second = site.build(as_of=AS_OF + DAY, compute=cut).release

    assert second.id != first.id
    part = "tables/articles/part-00000.parquet"
    assert (first.root / part).samefile(second.root / part) == links


def refuse(*_: Any, **__: Any) -> None:
    raise PermissionError


def test_the_swap_is_on_the_disk_before_a_release_that_is_too_old_is_taken_away(
    disk: Disk,
) -> None:
    old = publish(disk.out, "a")
    publish(disk.out, "b")
    age(old.root, DAY)
    publish(disk.out, "c", Releases(keep=1))

    assert not old.root.exists()


def test_a_pin_is_on_the_disk_before_the_swap_and_gone_from_it_before_the_next(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = publish(disk.out, "a"), publish(disk.out, "b")
    pins = []
    make_current = local.make_current

    def observed(out: Path, release_id: str) -> None:
        pins.append(disk.leads_to("pinned"))
        make_current(out, release_id)

    monkeypatch.setattr(local, "make_current", observed)
    publishing.rollback(store_at(disk.out), first)
    assert disk.leads_to("pinned") == first.id
    publish(disk.out, "c", force=True)

    assert pins == [first.id, None]
