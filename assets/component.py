"""A site as a component, for a ``defs.yaml``."""

import dagster as dg
from pydantic import Field

from pressroom.dagster.library import build_defs


class PressroomComponent(dg.Component, dg.Model, dg.Resolvable):
    """A site of front-matter files: its tables, exports, jobs, checks and sensors."""

    settings: str = Field(
        description="The path of the settings file, from the folder of this file unless absolute."
    )
    key_prefix: list[str] = Field(
        default=[], description="What the keys of all assets and the names of jobs begin with."
    )
    group_prefix: str = Field(default="", description="What the names of groups begin with.")
    schedule: str | None = Field(
        default=None,
        description="When to publish, as cron has it, instead of automation.cron; '' is never.",
    )

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        """The definitions of the site."""
        file = context.path / self.settings
        return build_defs(file, self.key_prefix, self.group_prefix, self.schedule)
