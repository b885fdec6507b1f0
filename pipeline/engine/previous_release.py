"""What ingest takes from the previous release: whole shards, rows by source path, and its state."""

import contextlib
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ..base.errors import PipelineError, SettingsError
from ..base.wording import some
from ..files import atomic, parquet
from ..releases import cache
from ..releases.cache import Cache
from ..releases.manifest import Release
from ..tables import ledger, rejects, scratch, url_index
from . import previous_rows
from .run import Run
from .shard_ingest import IngestReport, part_inputs
from .shard_parse import Excluded
from .steps import INGEST


def _of_files(run: Run) -> set[str]:
    """The tables in which the rows of a file stand, in the part of the same number of each."""
    return {*INGEST.outputs(run.settings.content), "related_links", "text_links", "findings"}


def damaged(run: Run, stop: threading.Event) -> list[str]:
    """The files of the published release that are not as its manifest says, if it is on this disk.

    Of one on object storage `Run.fetched` finds them, once they are needed.
    """
    previous = run.staging.previous
    if previous is None:
        return []
    return run.staging.store.damaged(previous, stop, run.known_files, run.noted)


def warn_of_damage(run: Run, paths: Sequence[str]) -> None:
    """Warn of damaged files, if there are any."""
    if paths:
        run.progress.warn(
            f"the published release is corrupt in {some(sorted(paths))}: rebuilding what is corrupt"
        )


def check_preset(run: Run) -> None:
    """Refuse settings without a preset for a site that was published before there were presets.

    Raises:
        SettingsError: It would lose its columns.
    """
    previous, content = run.staging.previous, run.settings.content
    columns: list[str] = []
    if previous is None or content.preset or _ANSWER in content.all_columns():
        return
    with contextlib.suppress(OSError, pa.ArrowInvalid):  # it is elsewhere, or damaged
        columns = pq.read_schema(previous.paths("articles")[0]).names
    if _ANSWER in columns:
        message = (
            f"The published release {previous.id} was made before there were presets; its columns"
            ' would be lost: add preset = "quicktakes" to [content] in the settings.'
        )
        raise SettingsError(message)


_ANSWER = "answer"  # a column of every site, then


def check_storage(run: Run) -> bool:
    """Warn if object storage lacks anything of the published release; whether it does."""
    previous = run.staging.previous
    lacking = sorted(run.staging.store.lacking(previous)) if previous else []
    if lacking:
        run.progress.warn(
            f"the storage has lost or changed {some(lacking)} of the published release: it is"
            " published again"
        )
    return bool(lacking)


def same_shards(
    run: Run, surveyed: Sequence[str], excluded: Mapping[int, Excluded], known: Cache
) -> dict[int, int]:
    """The shards whose files are those of an intact shard of the published release: its number.

    `surveyed` are the digests of the files of each shard, `excluded` those of its files that belong
    to the page of another.
    """
    recipe, tables = run.recipe(INGEST), _of_files(run)
    parts = {
        entry.inputs: number
        for number, entry in enumerate(_articles(run))
        if known.intact(number, tables) == tables
    }
    inputs = {
        shard: part_inputs(recipe, found, excluded.get(shard, {}))
        for shard, found in enumerate(surveyed)
    }
    return {shard: parts[made_from] for shard, made_from in inputs.items() if made_from in parts}


def _articles(run: Run) -> Sequence[atomic.FileEntry]:
    previous = run.staging.previous
    return previous.outputs["articles"].files if previous else ()


def link_shard(run: Run, shard: int, part: int, sources: str, known: Cache) -> IngestReport:
    """Take the parts of a shard from the published release; `sources` digests its files."""

    def entry(table: str) -> atomic.FileEntry:
        return known.files[parquet.part_path(table, part)]

    parts = {
        table: known.hard_link(entry(table), run.staging.root, parquet.part_path(table, shard))
        for table in INGEST.outputs(run.settings.content)
    }
    stated, written = (entry(table).rows or 0 for table in ("related_links", "text_links"))
    return IngestReport(shard, sources, stated, written, 0, parts, None)


def lay_out(run: Run, surveyed: Sequence[str], linked: set[int], known: Cache) -> None:
    """Lay out for jobs what the previous release knows; of `linked` parts no rows are needed."""
    work, previous = run.workspace, run.staging.previous
    if previous is not None:
        cache.save(work.cache_file, known)
    memory = ledger.recall(remembered_parts(previous, known, "ledger"), work.as_of_us)
    scratch.LEDGER_INDEX.write(work.scratch, url_index.to_table(memory))
    since = rejects.recall(_reject_parts(previous, known))
    scratch.REJECT_INDEX.write(work.scratch, url_index.to_table(since))
    if surveyed:
        tables = _of_files(run)
        found = [
            files
            for part in range(len(_articles(run)))
            if part not in linked and known.intact(part, tables) == tables
            for files in previous_rows.files_of(known.root, part)
        ]
        files = url_index.by_url(url_index.concatenate(found, scratch.FILES.schema))
        scratch.FILES.write(work.scratch, url_index.to_table(files))


# The tables that remember what no raw file says, and without which no release is made.
_REMEMBERS = {"ledger": "when urls were first seen", "redirects": "former urls"}


def remembered_parts(previous: Release | None, known: Cache, table: str) -> dict[int, Path]:
    """The parts, by number, of the ledger or of the redirects of a release (`cache.state`).

    Raises:
        PipelineError: No release has all of them.
    """
    if previous is None or table not in previous.outputs:
        return {}
    parts = cache.state(previous, known, table)
    if parts is None:
        files = previous.outputs[table].files
        lost = next(entry.path for entry in files if entry.rows and entry.path not in known.files)
        message = (
            f"The published release {previous.root} has lost {lost}, which remembers"
            f" {_REMEMBERS[table]}, and no older release has all of its {table}: restore it from a"
            " backup."
        )
        raise PipelineError(message)
    return parts


def _reject_parts(previous: Release | None, known: Cache) -> list[Path]:
    parts = cache.state(previous, known, "rejects") if previous else None
    return list((parts or {}).values())
