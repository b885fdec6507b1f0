"""A site in a code location: where its settings are, and what its names begin with."""

import re
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from pressroom.base.digests import digest
from pressroom.exports import EXPORTS
from pressroom.model import settings_toml
from pressroom.model.content import ContentModel
from pressroom.model.schemas import tables
from pressroom.model.settings import Settings

# The assets of a site besides its raw folder, its tables and its exports.
STAGED, RELEASE = "staged", "release"
_TAG = "pressroom/site"


def published(model: ContentModel) -> tuple[str, ...]:
    """The names of the tables and exports of a release."""
    return (*tables(model), *(item.name for item in EXPORTS))


@dataclass(frozen=True, slots=True)
class Site:
    """A site of a code location, in which there may be others.

    `file` is that of its settings.
    """

    file: Path
    key_prefix: tuple[str, ...] = ()
    group_prefix: str = ""

    def key(self, name: str) -> dg.AssetKey:
        """The key of an asset of the site."""
        return dg.AssetKey([*self.key_prefix, name])

    def group(self, name: str) -> str:
        """A group of assets of the site."""
        return f"{self.group_prefix}{name}"

    def name(self, name: str) -> str:
        """The name of a job, an op, a schedule or a sensor of the site.

        It has letters, digits and underscores alone, as Dagster asks for.
        """
        return re.sub(r"[^A-Za-z0-9_]", "_", "_".join([*self.key_prefix, name]))

    @property
    def tags(self) -> dict[str, str]:
        """What the runs of its jobs are tagged with: another site is at another file."""
        return {_TAG: f"{self.name('site')}-{digest(str(self.file))[:8]}"}

    def has(self, run: dg.DagsterRun) -> bool:
        """Whether a run is one of a job of the site, or of assets of the site alone."""
        if _TAG in run.tags:
            return run.tags[_TAG] == self.tags[_TAG]
        return bool(run.asset_selection) and self.assets.issuperset(run.asset_selection or ())

    @property
    def assets(self) -> set[dg.AssetKey]:
        """The keys of all that its runs make."""
        names = published(self.settings_when_loaded().content)
        return {self.key(name) for name in (STAGED, RELEASE, *names)}

    def settings(self) -> Settings:
        """The settings as they stand in their file now.

        Raises:
            SettingsError: There is no such file, or it is wrong.
        """
        return settings_toml.load(self.file)

    def settings_when_loaded(self) -> Settings:
        """The settings that the definitions are made by: the defaults where the file is not yet.

        Raises:
            SettingsError: They are wrong.
        """
        return self.settings() if self.file.exists() else Settings()
