"""``pressroom links``: links that lead nowhere or to a former url, and what to write instead."""

import itertools
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pyarrow as pa

from ..base import printable
from ..base.errors import SettingsError
from ..base.problems import DocumentError
from ..base.wording import counted
from ..files import parquet
from .common import OF_RUN, Site, command
from .terminal import echo

if TYPE_CHECKING:
    from ..tables.broken_links import Articles, BrokenLink

_ROW = pa.schema(
    {
        "source_path": pa.string(),
        "line": pa.int32(),
        "key": pa.string(),
        "link": pa.string(),
        "problem": pa.string(),
        "suggestion": pa.string(),
        "score": pa.float64(),
        "reason": pa.string(),
    }
)


@command("out", "storage", "raw")
@OF_RUN
@click.option("--csv", "form", flag_value="csv", help="Print CSV.")
@click.option("--json", "form", flag_value="json", help="Print an array of objects.")
@click.option("--patch", "form", flag_value="patch", help="Print a patch for git apply.")
@click.option(
    "--score",
    type=click.FloatRange(0, 100),
    default=100,
    show_default=True,
    help="How sure a suggestion must be for the patch: 100 is certain.",
)
def links(site: Site, *, of_run: bool, form: str | None, score: float) -> None:
    """List links that lead nowhere, or to a former url, and copies that are out of date.

    What to write instead is suggested with a score: 100 where the tables say so (an alias, a moved
    article, the stated id, another case), less where titles or urls are alike.

    The patch changes the addresses, ids, titles and subjects that links state, and nothing else.
    """
    from ..tables import broken_links  # noqa: PLC0415  it loads NumPy

    release = (
        site.held_back() if of_run else site.current("articles", "related_links", "text_links")
    )
    articles = broken_links.Articles(release)
    is_guessed = form != "patch" or score < broken_links.SURE
    model = site.settings.content
    found = broken_links.broken(release, articles, model, is_guessed=is_guessed)
    if form == "patch":
        _patch(site, found, articles, score)
        return
    _print(found, form)


def _print(found: "list[BrokenLink]", form: str | None) -> None:
    from .formats import FORMS  # noqa: PLC0415
    from .sql import Answer  # noqa: PLC0415

    rows = [
        (
            link.source_path,
            link.line,
            link.key or link.kind,
            link.href,
            link.problem,
            link.suggestion and link.suggestion.url,
            link.suggestion and link.suggestion.score,
            link.suggestion and link.suggestion.reason,
        )
        for link in found
    ]
    table = parquet.to_table(rows, _ROW)
    with click.open_file("-", "w", encoding="utf-8") as stream:
        FORMS[form or "table"](Answer(_ROW, iter(table.to_batches() and [table])), stream)


def _patch(site: Site, found: "list[BrokenLink]", articles: "Articles", score: float) -> None:
    """Print the patch, and to standard error what needs a person."""
    from ..content.addresses import link_rules  # noqa: PLC0415
    from ..content.article import rules_of  # noqa: PLC0415
    from . import link_patch  # noqa: PLC0415

    raw = site.paths.raw
    if not isinstance(raw, Path):
        raise SettingsError("A patch is of files in a folder: state one with --raw.")
    sure = [link for link in found if link.suggestion and link.suggestion.score >= score]
    rules, of_links = rules_of(site.settings), link_rules(site.settings)
    mended, left = 0, len(found) - len(sure)
    for path, of_file in itertools.groupby(sure, key=lambda link: link.source_path):
        links_of_file = list(of_file)
        try:
            data = site.source.read(path, rules.limits.file_bytes).data
            context = link_patch.Context(path, articles, rules, of_links)
            done = link_patch.mend(data, links_of_file, context)
        except (DocumentError, UnicodeDecodeError):
            left += len(links_of_file)
            continue
        mended, left = mended + len(links_of_file) - len(done.left), left + len(done.left)
        shown = Path(os.path.relpath(raw / path)).as_posix()
        if done.data != data:
            click.echo("".join(link_patch.diff(shown, data, done.data)), nl=False)
    echo(printable.line(f"Mended {counted(mended, 'link')}; {left:,} need a person."), err=True)
