"""``pressroom build``: run all steps, publish a release, and say what came of it."""

import json
import os
import signal
import sys
import time
from typing import Any

import click

from ..base import cancellation
from ..base.errors import AuditError
from ..base.problems import Code
from ..base.wording import and_more, counted
from ..engine import options as of_run
from ..engine import progress, start, up_to_date
from ..engine.options import Options
from ..engine.outcome import Outcome
from ..releases import local
from ..releases.manifest import Release
from .common import Site, command
from .terminal import ABORTED, echo

_LAST_WORDS = {signal.SIGTERM: f"pressroom: {cancellation.MESSAGE}", signal.SIGINT: ABORTED}
_EXAMPLES = 5
_LOOK = ("rejects", "findings", "query")  # commands that show what was held back


@command("raw", "out", "storage", is_fresh=False)
@click.option("--base-url", help="Where the site is published, such as https://www.example.org.")
@click.option("--workers", type=click.IntRange(min=1), help="Processes that read files.")
@click.option("--compute", "address", help="A Dask scheduler, such as tcp://10.0.0.1:8786.")
@click.option(
    "--as-of",
    type=int,
    help="The time of this run in seconds since 1970.  [default: SOURCE_DATE_EPOCH, else now]",
)
@click.option("--full", is_flag=True, help="Build everything again.")
@click.option(
    "--force",
    is_flag=True,
    help="Publish even if nothing has changed; end what a rollback pinned.",
)
@click.option("--accept-removals", is_flag=True, help="Publish although many articles are gone.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one line of JSON.")
@click.option("--quiet", is_flag=True, help="Print only what was published, and warnings.")
def build(
    site: Site,
    *,
    base_url: str | None,
    workers: int | None,
    address: str | None,
    as_of: int | None,
    as_json: bool,
    quiet: bool,
    **options: bool,
) -> None:
    """Read the raw folder and publish a release.

    With --quiet, standard output is empty unless a release was published (--json prints its line
    in any case), and standard error unless there is an error or something to look at, such as
    damage that was repaired, another base URL than before, or a pin.

    Exit status: 0 published, or nothing had changed, or the site is pinned; 1 the run failed;
    2 wrong usage or settings; 3 the audit held the release back; 130 Ctrl-C; 143 told to end
    (SIGTERM).
    """
    began = time.time()
    cancellation.end_on(_LAST_WORDS)
    stated = {"base_url": base_url, "workers": workers, "address": address}
    site = site.with_settings(**stated)
    request = up_to_date.request_of(site.paths, site.text, stated)
    asked = start.Asked(site.paths, request, lambda: site.settings)
    with progress.shown(sys.stderr, quiet=quiet) as display:
        try:
            outcome = start.build(
                asked,
                Options(**options),
                f"build-{os.getpid()}-{time.time_ns()}",
                of_run.as_of(as_of, os.environ.get("SOURCE_DATE_EPOCH")),
                display,
            )
        except AuditError as error:
            raise AuditError("\n".join([f"{error}", *_where_kept(site)])) from error
    result = result_of(outcome, time.time() - began)
    told = told_of(result, outcome, site)
    if as_json or outcome.published or not quiet:
        echo(*([json.dumps(result)] if as_json else told))


def _where_kept(site: Site) -> list[str]:
    """A line that says how to look at what was held back."""
    kept = local.held_back(site.paths.out)
    if kept is None:
        return []
    commands = [f"`pressroom {name} --run{site.options}`" for name in _LOOK]
    reports = [f"the report {path}" for path in kept.paths("report")]
    *most, last = commands + reports
    return [f"To look at what was held back: {', '.join(most)} and {last}."]


def result_of(outcome: Outcome, seconds: float) -> dict[str, Any]:
    """What ``--json`` prints."""
    return {
        **outcome.summary._asdict(),
        "published": outcome.published,
        "pinned": outcome.pinned is not None,
        "parsed": outcome.parsed,
        "reused": outcome.reused,
        "seconds": round(seconds, 3),
    }


def told_of(result: dict[str, Any], outcome: Outcome, site: Site) -> list[str]:
    """Lines that say what became of a run."""
    if outcome.pinned:
        current = outcome.release.id
        other = f", though {current} is current" if outcome.pinned != current else ""
        return [
            f"Published nothing: {site.store.home} is pinned to {outcome.pinned}{other}."
            f" `pressroom rollback --unpin{site.options}` lets builds publish again."
        ]
    what = "Published" if result["published"] else "Nothing has changed since"
    changes = ", ".join(f"{count:,} {change}" for change, count in result["changes"].items())
    lines = [
        f"{what} {result['release']}: {counted(result['articles'], 'article')} ({changes})"
        f" in {result['seconds']:.1f} s. Readers find it at {site.store.entrance}.",
    ]
    if result["rejects"]:
        set_aside = counted(result["rejects"], "file was", "files were")
        lines.append(f"{set_aside} rejected: see `pressroom rejects{site.options}`.")
        # What a site on storage sets aside is on this machine where it was made.
        is_here = outcome.published or (outcome.parsed and not site.paths.storage)
        if is_here and (failed := _failed_at(outcome.release)):
            lines.append(f"Pressroom failed at {failed:,} of them [{Code.UNREADABLE_CONTENT}].")
        lines += _newly_set_aside(outcome)
    if outcome.moved_from:
        lines.append(
            f"The base URL changed from {outcome.moved_from} to {outcome.release.base_url}: if that"
            " is wrong, build again with --base-url, or set site.base_url."
        )
    return lines


def _failed_at(release: Release) -> int:
    """The number of files that were rejected because Pressroom failed at their content."""
    from ..tables import rejects  # noqa: PLC0415  0.2 s

    rows = rejects.newest_first(release.paths("rejects"), ("code", "first_seen"))
    codes: list[str] = rows["code"].to_pylist()
    return codes.count(Code.UNREADABLE_CONTENT)


def _newly_set_aside(outcome: Outcome) -> list[str]:
    """What a release sets aside that the one before did not."""
    release = outcome.release
    if not outcome.published or release.manifest.previous is None:
        return []
    from ..tables import rejects  # noqa: PLC0415  as above

    rows = rejects.since(
        rejects.newest_first(release.paths("rejects"), rejects.LINE), release.manifest.as_of
    )
    lines = [f"newly: {rejects.line(row, row)}" for row in rows.slice(0, _EXAMPLES).to_pylist()]
    return [f"  {line}" for line in [*lines, *and_more(len(rows), _EXAMPLES)]]
