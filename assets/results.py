"""What Dagster is told of the assets of a release: versions, figures, places, first rows."""

import base64
import contextlib
import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import dagster as dg
import pyarrow as pa

from pressroom.base.digests import digest
from pressroom.dagster import previews
from pressroom.dagster.messages import short
from pressroom.dagster.previews import Cell, Chart, Parts
from pressroom.dagster.site import RELEASE, STAGED, Site
from pressroom.dagster.tables import column_lineage
from pressroom.engine.build import Outcome, Run
from pressroom.model.release_schemas import PAST
from pressroom.model.schemas import tables
from pressroom.model.settings import Settings
from pressroom.releases import local, staging
from pressroom.releases.manifest import Output, Release
from pressroom.releases.store import store_at
from pressroom.releases.summary import Summary, summary
from pressroom.tables import relations


def figures(found: Summary) -> dict[str, str | int]:
    """A summary as Dagster plots it: a number under each name."""
    numbers = {
        name: getattr(found, name)
        for name in ("files", "articles", "rejects", "skipped", "findings")
    }
    links = {f"{status}_links": count for status, count in found.links.items()}
    changes = {f"{change}_articles": count for change, count in found.changes.items()}
    return {"release": found.release, **numbers, "bytes": found.bytes, **links, **changes}


def of_held_back(run: Run) -> dict[str, Any]:
    """What a run staged that was held back, and where it is kept."""
    staged, kept = staging.staged(run.staging), local.held_back(run.staging.out)
    told = figures(summary(staged)) if staged else {}
    is_kept = staged and kept and kept.manifest == staged.manifest
    return {**told, "staged": True, **({"path": _path(kept.root)} if kept and is_kept else {})}


class Made(NamedTuple):
    """An asset of a site, by its name: its data version, and its metadata once they are wanted."""

    name: str
    version: str
    metadata: Callable[[], Mapping[str, Any]]


def of_run(site: Site, settings: Settings, outcome: Outcome) -> Iterator[Made]:
    """What a run came to: that it ended well, then each table and export, and the release."""
    release = outcome.release
    told = figures(outcome.summary)
    home = store_at(settings.paths.out, settings.paths.storage).address(release.id)

    def of_output(name: str) -> dict[str, Any]:
        output = release.outputs[name]
        return {
            "release": release.id,
            "files": len(output.files),
            "bytes": sum(entry.bytes for entry in output.files),
            **({} if settings.paths.storage else _place(settings.paths.out.absolute(), output)),
            **(_of_table(site, settings, release, name) if output.is_table else {}),
        }

    yield Made(
        STAGED,
        STAGED,  # another version would make all that is not changed count as unsynced
        lambda: {**told, "staged": True, "published": outcome.published},
    )
    for name in release.outputs:
        # Who loads the past reads what this release changed, too.
        read = [release.outputs[one].version for one in relations.outputs(release, name)]
        yield Made(name, read[0] if len(read) == 1 else digest(read), partial(of_output, name))
    of_release = {**told, "path": _path(release.root), "dagster/uri": home}
    yield Made(RELEASE, release.id, lambda: of_release)


def _path(path: Path) -> dg.MetadataValue[Any]:
    return dg.MetadataValue.path(short(str(path)))


def _place(out: Path, output: Output) -> dict[str, Any]:
    """Where the files of an output stand: itself, if it is one, else the folder of all.

    That is below ``current``: what does not change outlives the release that it is told of.
    """
    paths = [entry.path for entry in output.files]
    if not paths:
        return {}
    place = paths[0] if len(paths) == 1 else posixpath.commonpath(map(posixpath.dirname, paths))
    path = out / "current" / place
    return {"path": _path(path), "dagster/uri": path.as_uri()}


def _of_table(site: Site, settings: Settings, release: Release, name: str) -> dict[str, Any]:
    output = release.outputs[name]
    table = Parts(name, release.root, output)
    metadata: dict[str, Any] = {"dagster/row_count": output.rows}
    if name in tables(settings.content):
        metadata["dagster/column_lineage"] = column_lineage(site, name, settings.content)
    # Of a release on object storage, the table may not be on this machine; or it was damaged.
    with contextlib.suppress(OSError, pa.ArrowInvalid):
        if name in PAST:
            metadata["dagster/row_count"] = relations.relation(release, name).count_rows()
        metadata |= _shown(table, settings.paths.out)
    return metadata


def _shown(table: Parts, out: Path) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    if rows := previews.rows(table):
        shown["first rows"] = records(rows)
    if chart := previews.chart(table):
        shown["chart"] = picture(chart)
    if table.table == "rejects" and (by_release := previews.rejects_by_release(out)):
        shown["by release"] = records(by_release)
        shown["chart"] = picture(previews.chart_of_rejects(by_release))
    return shown


def records(rows: Sequence[Mapping[str, Cell]]) -> dg.TableMetadataValue:
    """Rows as Dagster shows them: as text that is not looked at for markup."""
    columns = [dg.TableColumn(name) for name in rows[0]]
    return dg.MetadataValue.table([dg.TableRecord(row) for row in rows], dg.TableSchema(columns))


def picture(chart: Chart) -> dg.MarkdownMetadataValue:
    """A chart that stands in the event itself."""
    data = base64.b64encode(chart.svg.encode()).decode()
    return dg.MetadataValue.md(f"![{chart.title}](data:image/svg+xml;base64,{data})")
