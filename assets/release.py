"""The assets that make and publish a release: the manifest, written last, and the swap."""

import dagster as dg

from pressroom.base.errors import ConflictError
from pressroom.dagster.resources import RETRIES, Pressroom, notes, short
from pressroom.engine import build
from pressroom.exports import EXPORTS
from pressroom.model.content import ContentModel
from pressroom.model.schemas import tables
from pressroom.releases import staging
from pressroom.releases.summary import Summary, summary

MANIFEST = dg.AssetKey("manifest")


def figures(found: Summary) -> dict[str, str | int]:
    """A summary as Dagster plots it: a number under each name."""
    numbers = {
        name: getattr(found, name)
        for name in ("files", "articles", "rejects", "skipped", "findings")
    }
    links = {f"{status}_links": count for status, count in found.links.items()}
    changes = {f"{change}_articles": count for change, count in found.changes.items()}
    return {"release": found.release, **numbers, "bytes": found.bytes, **links, **changes}


def _manifest(model: ContentModel) -> dg.AssetsDefinition:
    """The asset of the manifest, which is made from all others."""

    @dg.asset(
        deps=[dg.AssetKey(name) for name in (*tables(model), *(item.name for item in EXPORTS))],
        group_name="release",
        kinds={"json"},
        retry_policy=RETRIES,
    )
    def manifest(
        context: dg.AssetExecutionContext, pressroom: Pressroom
    ) -> dg.MaterializeResult[None]:
        """The list of all files of the staged release, with their digests; the checks audit it.

        What the run did not make is linked from the published release.
        """
        with pressroom.run(context) as run:
            staged = build.manifest(run)
            of_staged = summary(staged)
            if run.keeps_published:
                of_staged = of_staged.without_changes()
            return dg.MaterializeResult(
                metadata={
                    **figures(of_staged),
                    "unchanged": run.keeps_published,
                    **notes(context),
                },
                data_version=dg.DataVersion(staged.id),
            )

    return manifest


@dg.asset(deps=[MANIFEST], group_name="release", kinds={"file"}, retry_policy=RETRIES)
def release(context: dg.AssetExecutionContext, pressroom: Pressroom) -> dg.MaterializeResult[None]:
    """The published release: `current` in the output folder is swapped to it in one step."""
    with pressroom.run(context) as run:
        try:
            outcome = build.release(run)
        except ConflictError:
            # Executed again, the run is to begin from the release that is current by then.
            staging.discard(run.staging.out, run.staging.run)
            raise
        staging.discard(run.staging.out, run.staging.run)
        return dg.MaterializeResult(
            metadata={
                **figures(outcome.summary),
                "published": outcome.published,
                "path": dg.MetadataValue.path(short(str(outcome.release.root))),
            },
            data_version=dg.DataVersion(outcome.release.id),
        )


def assets(model: ContentModel) -> list[dg.AssetsDefinition]:
    """The manifest and the release of a site."""
    return [_manifest(model), release]
