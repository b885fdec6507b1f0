"""The tables of a release as Arrow data sets, for those who query them.

``history`` and ``releases`` are as people ask for them, this release included: what it says of
itself, in its ``changes`` and its manifest, stands behind the rows of the tables. A release of a
version that did not make them tells of itself alone.
"""

from collections.abc import Callable, Mapping, Sequence

from pyarrow import dataset, fs

from ..model.release_schemas import CHANGES, HISTORY, PAST, RELEASES
from ..releases.manifest import Release
from . import history


def names(release: Release) -> list[str]:
    """The relations of a release: its tables, and its past."""
    return list(dict.fromkeys((*release.tables, *PAST)))


def outputs(release: Release, name: str) -> list[str]:
    """The outputs of a release whose files a relation reads."""
    return [one for one in (name, *_ALSO_READ.get(name, ())) if one in release.outputs]


def relation(release: Release, name: str) -> dataset.Dataset:
    """A table of a release, with its rows in their order.

    Raises:
        KeyError: The release has no such table.
    """
    if name in _READERS:
        return _READERS[name](release)
    paths = [str(path) for path in release.paths(name)]
    return dataset.dataset(paths, format="parquet")


def _history(release: Release) -> dataset.Dataset:
    """Its history, and its changes, in which no column says of which release they are."""
    of_release = (dataset.field("release") == release.id) & (
        dataset.field("as_of") == history.as_of(release)
    )
    files, disk = dataset.ParquetFileFormat(), fs.LocalFileSystem()
    fragments = [files.make_fragment(path, disk) for path in _paths(release, HISTORY.name)]
    fragments += [
        files.make_fragment(path, disk, of_release) for path in _paths(release, CHANGES.name)
    ]
    return dataset.FileSystemDataset(fragments, HISTORY.schema, files, disk)


def _releases(release: Release) -> dataset.Dataset:
    own = dataset.dataset(history.figures(release))
    if not (paths := _paths(release, RELEASES.name)):
        return own
    return dataset.dataset([dataset.dataset(paths, RELEASES.schema, format="parquet"), own])


_ALSO_READ = {HISTORY.name: (CHANGES.name,)}
_READERS: Mapping[str, Callable[[Release], dataset.Dataset]] = {
    HISTORY.name: _history,
    RELEASES.name: _releases,
}


def _paths(release: Release, table: str) -> Sequence[str]:
    return [str(path) for path in release.paths(table)] if table in release.outputs else []
