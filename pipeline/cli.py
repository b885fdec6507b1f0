"""The command line."""

import contextlib
import datetime as dt
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from pipeline import build as steps
from pipeline import mend, releases, settings, sources, store
from pipeline.build import Outcome
from pipeline.errors import Code, PipelineError
from pipeline.explain import explain as lines_about
from pipeline.releases import Release
from pipeline.settings import Settings

_SETTINGS_FILE = Path("pressroom.toml")

settings_option = click.option(
    "--settings",
    "settings_file",
    type=click.Path(path_type=Path),
    help="The settings of the site.  [default: pressroom.toml, if there is one]",
)


class _Folder(click.ParamType[Path]):
    """A folder; an empty text, as of an unset variable, is none."""

    name = "directory"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        if not value:
            self.fail("the name of the folder is empty", param, ctx)
        return Path(value)


out_option = click.option("--out", type=_Folder(), help="Where releases are written.")


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    """End with a message and the exit status of an error, not with a traceback."""
    try:
        yield
    except PipelineError as error:
        click.echo(f"pressroom: {error}", err=True)
        sys.exit(error.exit_status)
    except BrokenPipeError:
        raise  # the reader of a pipe has enough: for click
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        click.echo(f"pressroom: {place}{error.strerror or error}.", err=True)
        sys.exit(PipelineError.exit_status)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pressroom")
def main() -> None:
    """Turn a folder of front-matter files into tables, sitemaps and feeds."""


@main.command()
@settings_option
@click.option("--raw", type=_Folder(), help="The folder of front-matter files.")
@out_option
@click.option("--base-url", help="Where the site is published, such as https://www.example.org.")
@click.option("--workers", type=click.IntRange(min=1), help="Processes that read files.")
@click.option(
    "--as-of",
    type=int,
    help="The time of this run in seconds since 1970.  [default: SOURCE_DATE_EPOCH, else now]",
)
@click.option("--full", is_flag=True, help="Build everything again.")
@click.option("--force", is_flag=True, help="Publish even if nothing has changed.")
@click.option("--accept-removals", is_flag=True, help="Publish although many articles are gone.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one line of JSON.")
@click.option("--quiet", is_flag=True, help="Print no progress.")
def build(  # noqa: PLR0913, PLR0917  the options of a command
    settings_file: Path | None,
    raw: Path | None,
    out: Path | None,
    base_url: str | None,
    workers: int | None,
    as_of: int | None,
    full: bool,
    force: bool,
    accept_removals: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Read the raw folder and publish a release.

    Exit status: 0 published, or nothing had changed; 1 the run failed; 2 wrong usage or settings;
    3 the audit held the release back.
    """
    began = time.time()
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM)
    )  # leaves nothing behind
    with _explained():
        loaded = _load(settings_file).override(raw=raw, out=out, base_url=base_url, workers=workers)
        outcome = steps.build(
            loaded,
            steps.Options(full=full, force=force, accept_removals=accept_removals),
            f"build-{os.getpid()}-{time.time_ns()}",
            steps.as_of(as_of, os.environ.get("SOURCE_DATE_EPOCH")),
            (lambda _: None) if quiet else (lambda line: click.echo(line, err=True)),
        )
        result = _result(outcome, time.time() - began)
        click.echo(json.dumps(result) if as_json else _summary(result, loaded.paths.out))


def _load(path: Path | None) -> Settings:
    """The settings of a file; those by default where no file is named and there is none."""
    if path is None and not _SETTINGS_FILE.exists():
        return Settings()
    return settings.load(path or _SETTINGS_FILE)


def _result(outcome: Outcome, seconds: float) -> dict[str, Any]:
    """What ``--json`` prints."""
    counts = outcome.release.counts
    unchanged = dict.fromkeys(counts["changes"], 0)
    return {
        "release": outcome.release.id,
        "published": outcome.published,
        "files": counts["files"],
        "articles": counts["articles"],
        "rejects": counts["rejects"],
        "parsed": outcome.parsed,
        "reused": outcome.reused,
        "links": counts["links"],
        "findings": counts["findings"],
        "changes": counts["changes"] if outcome.published else unchanged,
        "seconds": round(seconds, 3),
    }


def _summary(result: dict[str, Any], out: Path) -> str:
    what = "Published" if result["published"] else "Nothing has changed since"
    changes = ", ".join(f"{count:,} {change}" for change, count in result["changes"].items())
    lines = [
        f"{what} {result['release']}: {result['articles']:,} articles ({changes})"
        f" in {result['seconds']:.1f} s. Readers find it at {out / 'current'}.",
    ]
    if result["rejects"]:
        lines.append(f"{result['rejects']:,} files were set aside: see `pressroom rejects`.")
    return "\n".join(lines)


@main.command()
@settings_option
@out_option
def status(settings_file: Path | None, out: Path | None) -> None:
    """Show the published release."""
    with _explained():
        release = _current(_load(settings_file).override(out=out))
        manifest, counts = release.manifest, release.counts
        as_of = dt.datetime.fromtimestamp(manifest["as_of"], dt.UTC)
        lines = {
            "release": release.id,
            "as of": f"{as_of:%Y-%m-%d %H:%M:%S} UTC",
            "files": f"{counts['files']:,}",
            "articles": f"{counts['articles']:,}",
            "rejects": f"{counts['rejects']:,}",
            "links": ", ".join(f"{n:,} {status}" for status, n in counts["links"].items()),
            "changes": ", ".join(f"{n:,} {change}" for change, n in counts["changes"].items()),
            "folder": str(release.root),
        }
        for name, value in lines.items():
            click.echo(f"{name:<9} {value}")


@main.command()
@settings_option
@out_option
@click.option("--raw", type=click.Path(path_type=Path), help="The raw folder, for --fix.")
@click.option(
    "--fix",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write mended files into DIR, where a mechanical change is enough.",
)
def rejects(
    settings_file: Path | None, out: Path | None, raw: Path | None, fix: Path | None
) -> None:
    """List the files that the published release set aside, and what to do about them.

    With --fix they are read again, and those that a mechanical change mends are written into DIR
    under the same paths. Nothing is overwritten, neither an original nor a file in DIR.
    """
    with _explained():
        loaded = _load(settings_file).override(raw=raw, out=out)
        release = _current(loaded)
        rows = [
            row
            for entry in release.outputs()["rejects"].files
            for row in store.read(release.root / entry.path).to_pylist()
        ]
        if fix is not None:
            _fix(rows, loaded, fix)
            return
        for row in rows:
            click.echo(_reject(row))


def _fix(rows: list[dict[str, Any]], loaded: Settings, folder: Path) -> None:
    mend.check_folder(folder, loaded.paths, [row["source_path"] for row in rows])
    written = 0
    for row in rows:
        path = row["source_path"]
        found = mend.mend_file(loaded.paths.raw, path, loaded.limits, loaded.content)
        if found.data is not None:
            mend.write(folder, path, found.data)
            written += 1
        click.echo(f"{sources.one_line(path)}: {_mended(found, row)}")
    click.echo(f"{written:,} of {len(rows):,} files were written into {folder}.")


# The file itself tells nothing of these.
_OF_A_NAME = {Code.DUPLICATE_URL, Code.NAME_NOT_UTF8}


def _mended(found: mend.Mended, row: dict[str, Any]) -> str:
    """What became of a file that was to be mended."""
    if found.data is not None:
        numbers = ", ".join(f"{number:,}" for number in found.lines)
        line = "lines" if len(found.lines) > 1 else "line"
        return f"written, {line} {numbers}" if numbers else "written, as UTF-8"
    if row["code"] in _OF_A_NAME and {problem.code for problem in found.left} <= {Code.VANISHED}:
        return f"left, {row['message']} [{row['code']}]"
    if not found.left:
        return "left, the file was changed since and is accepted now."
    first, more = found.left[0], len(found.left) - 1
    place = f"line {first.line:,}: " if first.line else ""
    others = f", and {more:,} more" * (more > 0)
    return f"left, {place}{first.message} [{first.code}]{others}"


def _reject(row: dict[str, Any]) -> str:
    lines = []
    for problem in row["problems"]:
        place = [sources.one_line(row["source_path"]), problem["line"], problem["column"]]
        where = ":".join(str(part) for part in place if part is not None)
        lines.append(f"{where}: {problem['message']} [{problem['code']}]")
        if problem == row["problems"][0] and row["excerpt"]:
            lines += [f"    {line}" for line in row["excerpt"].split("\n")]
        lines.append(f"  {problem['hint']}")
    return "\n".join(lines)


@main.command()
@settings_option
@click.option("--raw", type=_Folder(), help="The folder of front-matter files.")
@out_option
@click.argument("url")
def explain(settings_file: Path | None, raw: Path | None, out: Path | None, url: str) -> None:
    """Show where each field of an article comes from, and what is doubtful about it.

    URL is that of the file, from the root of the site.
    """
    with _explained():
        loaded = _load(settings_file).override(raw=raw, out=out)
        for line in lines_about(_current(loaded), url, loaded):
            click.echo(line)


def _current(loaded: Settings) -> Release:
    release = releases.current(loaded.paths.out)
    if release is None:
        message = f"There is no release in {loaded.paths.out} yet: run pressroom build."
        raise PipelineError(message)
    return release
