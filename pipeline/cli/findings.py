"""``pressroom findings``: what was found in accepted files, for people, programs and editors."""

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import click
import pyarrow as pa
import pyarrow.compute as pc

from ..base.problems import FindingCode
from ..files import parquet
from ..model.checks import nearest
from ..model.findings import SEVERITIES
from ..releases import local
from ..releases.manifest import Release
from ..sources.listing import order
from . import annotations, sarif
from .annotations import Annotation, Places
from .common import OF_RUN, Site, command
from .formats import FORMS
from .sql import Answer
from .terminal import echo

_FOR_EDITORS = {"sarif": sarif.write, "github": annotations.write}
_COLUMNS = ("severity", "code", "source_path", "line", "key", "message", "url")


class _Wanted(NamedTuple):
    """The findings that are asked for; no codes are all."""

    severities: Sequence[str]
    codes: Sequence[str]

    def of(self, path: Path) -> pa.Table:
        """Those of a part, in the order of the table."""
        rows = parquet.read(path, _COLUMNS).select(_COLUMNS)
        rows = rows.filter(pc.is_in(rows["severity"], pa.array(self.severities)))
        return rows.filter(pc.is_in(rows["code"], pa.array(self.codes))) if self.codes else rows


def _check_codes(_: click.Context, __: click.Parameter, codes: Sequence[str]) -> Sequence[str]:
    for code in codes:
        if code not in list(FindingCode):
            raise click.BadParameter(f"unknown code {code!r}{nearest(code, map(str, FindingCode))}")
    return codes


@command("raw", "out", "storage")
@OF_RUN
@click.option(
    "--format",
    "form",
    type=click.Choice([*FORMS, *_FOR_EDITORS]),
    default="table",
    help="How they are printed.  [default: table]",
)
@click.option(
    "--severity", type=click.Choice(SEVERITIES), default=SEVERITIES[0], help="The least to print."
)
@click.option(
    "--code",
    "codes",
    multiple=True,
    metavar="CODE",
    callback=_check_codes,
    help="Print findings of this code alone; may be repeated.",
)
def findings(site: Site, *, of_run: bool, form: str, severity: str, codes: Sequence[str]) -> None:
    """List the findings of the published release, by file and line.

    With --run they are those of the last run, if it was held back.

    As a table the first 1,000 are shown; csv, json and jsonl have all. sarif (SARIF 2.1.0) and
    github (annotations of a workflow) have the rejected files as errors, too, unless --code is
    given, and paths from the folder that the command is run in.
    """
    release = site.held_back() if of_run else site.current("findings", "rejects")
    if not of_run and local.held_back(site.paths.out):
        echo("The last run was held back: --run shows what was found in it.", err=True)
    wanted = _Wanted(SEVERITIES[SEVERITIES.index(severity) :], codes)
    with click.open_file("-", "w", encoding="utf-8") as stream:
        if form in _FOR_EDITORS:
            places = Places.of(site.paths.raw, site.file)
            _FOR_EDITORS[form](_annotations(release, wanted), places, stream)
        else:
            parts = (wanted.of(found) for _, found in _parts(release))
            rows = map(_placed, parts) if form == "table" else iter(parts)
            first = next(rows)  # a release has one at least
            FORMS[form](Answer(first.schema, chain([first], rows)), stream)
        stream.flush()


def _parts(release: Release) -> Iterator[tuple[Path | None, Path]]:
    """The parts of rejects and findings of the same files; first that of no file, if there is."""
    found, rejected = release.paths("findings"), release.paths("rejects")
    yield from ((None, path) for path in found[len(rejected) :])
    yield from zip(rejected, found, strict=False)


def _placed(rows: pa.Table) -> pa.Table:
    """Findings as people read them: file and line in one."""
    path, line = rows["source_path"], rows["line"].cast(pa.string())
    file = pc.coalesce(pc.binary_join_element_wise(path, line, ":"), path)
    return rows.append_column("file", file).select(["severity", "code", "file", "key", "message"])


def _annotations(release: Release, wanted: _Wanted) -> Iterator[Annotation]:
    """Findings and rejected files in the order of files and lines, of a part at a time."""
    for rejected, found in _parts(release):
        rows = [*_of_findings(found, wanted), *([] if wanted.codes else _of_rejects(rejected))]
        yield from sorted(rows, key=_by_place)


def _by_place(one: Annotation) -> tuple[Any, ...]:
    return order(one.path or ""), one.line is None, one.line or 0


def _of_findings(path: Path, wanted: _Wanted) -> Iterator[Annotation]:
    for row in wanted.of(path).to_pylist():
        place = row["source_path"], row["line"], None
        yield Annotation(row["severity"], row["code"], *place, row["message"], row["key"])


def _of_rejects(path: Path | None) -> Iterator[Annotation]:
    rows = parquet.read(path, ["source_path", "problems"]).to_pylist() if path else ()
    for row in rows:
        for problem in row["problems"]:
            place = row["source_path"], problem["line"], problem.get("column_number")
            message = f"{problem['message']} {problem['hint']}"
            yield Annotation("error", problem["code"], *place, message)
