"""The tables of a release as Arrow data sets, for those who query them."""

from pyarrow import dataset

from ..releases.manifest import Release


def relation(release: Release, name: str) -> dataset.Dataset:
    """A table of a release."""
    paths = [str(path) for path in release.paths(name)]
    return dataset.dataset(paths, format="parquet")
