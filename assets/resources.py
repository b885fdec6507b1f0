"""What the assets are given: the settings of the site, and the run that they are steps of."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from pydantic import Field

from pipeline import build, settings
from pipeline.build import Options, Run
from pipeline.errors import PipelineError
from pipeline.progress import Lines

SETTINGS_VARIABLE = "PRESSROOM_SETTINGS"
_BESIDE = Path(__file__).resolve().parent.parent / "pressroom.toml"
_RELEASE = dg.AssetKey("release")


class Pressroom(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The site, and what a single run is asked to do otherwise than usual."""

    settings_file: str = Field(
        default="",
        description="Path of the settings; else that in PRESSROOM_SETTINGS, else pressroom.toml"
        " beside the folder assets.",
    )
    as_of: int | None = Field(
        default=None,
        description="The time of the run in seconds since 1970 (UTC); else SOURCE_DATE_EPOCH,"
        " else now.",
    )
    full: bool = Field(default=False, description="Build everything again.")
    force: bool = Field(default=False, description="Publish even if nothing has changed.")
    accept_removals: bool = Field(
        default=False, description="Publish although many articles are gone."
    )

    @contextmanager
    def run(
        self, context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext
    ) -> Iterator[Run]:
        """The run that a step belongs to; re-executions find the staging folder of the first.

        An error that is meant for people becomes a `dagster.Failure` with its text.
        """
        dagster_run = context.run
        selected = dagster_run.asset_selection
        if selected and _RELEASE not in selected:
            context.log.warning("This run does not select the asset release: it publishes nothing.")
        try:
            path = self.settings_file or os.environ.get(SETTINGS_VARIABLE) or _BESIDE
            run = build.begin(
                settings.load(Path(path)),
                Options(full=self.full, force=self.force, accept_removals=self.accept_removals),
                dagster_run.root_run_id or dagster_run.run_id,
                build.as_of(self.as_of, os.environ.get("SOURCE_DATE_EPOCH")),
                Lines(context.log.info),
            )
            with run.pool:
                yield run
        except (PipelineError, OSError) as error:
            raise dg.Failure(description=str(error), allow_retries=False) from error
