"""The command line."""

import contextlib
import datetime as dt
import json
import os
import shlex
import signal
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from ..base import ending, printable
from ..base.errors import Code, PipelineError, SettingsError
from ..base.wording import and_more, counted, some
from ..engine import build as steps
from ..engine import compute, progress
from ..engine.build import Outcome
from ..files.s3 import is_url
from ..model import settings
from ..model.schemas import TABLES
from ..model.settings import Paths, Place, Settings
from ..releases import local, publishing, remote, staging
from ..releases.local import Release
from ..sources import listing
from ..tables import rejects
from . import fix as mend
from .explain import TABLES as TABLES_ABOUT
from .explain import explain as lines_about
from .formats import FORMS
from .sql import answer as query_of

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


class _Raw(click.ParamType[Place]):
    """A folder, or a place on object storage."""

    name = "directory or URL"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Place:
        return str(value) if is_url(value) else _Folder().convert(value, param, ctx)


raw_option = click.option("--raw", type=_Raw(), help="The folder of front-matter files.")
out_option = click.option("--out", type=_Folder(), help="Where releases are written.")
storage_option = click.option(
    "--storage", metavar="URL", help="Where they are published, if not there: s3://bucket/site."
)


def _echo(*lines: str, err: bool = False) -> None:
    """Print each on a line of its own, in which nothing acts on a terminal."""
    click.echo("\n".join(map(printable.line, lines)), err=err)


def _complain(error: str) -> None:
    _echo(*f"pressroom: {printable.message(error)}".split("\n"), err=True)


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    """End with a message and the exit status of an error, not with a traceback."""
    try:
        yield
    except PipelineError as error:
        _complain(f"{error}")
        sys.exit(error.exit_status)
    except BrokenPipeError:
        raise  # the reader of a pipe has enough: for click
    except KeyboardInterrupt:
        _echo(_ABORTED, err=True)
        sys.exit(_INTERRUPTED)
    except OSError as error:
        place = f"{printable.line(str(error.filename))}: " if error.filename else ""
        _complain(f"{place}{error.strerror or error}.")
        sys.exit(PipelineError.exit_status)


_INTERRUPTED = 128 + signal.SIGINT  # as a shell has it
_ABORTED = "Aborted!"
_LAST_WORDS = {signal.SIGTERM: f"pressroom: {ending.MESSAGE}", signal.SIGINT: _ABORTED}


class _Commands(click.Group):
    """The commands, whose complaints about what was typed act on no terminal."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        with _complaining(ctx):
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        with _complaining(ctx):
            return super().invoke(ctx)


@contextlib.contextmanager
def _complaining(ctx: click.Context) -> Iterator[None]:
    try:
        yield
    except click.UsageError as error:
        told = error.format_message()
        if (printed := printable.message(told)) == told:
            raise
        raise click.UsageError(printed, error.ctx or ctx) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pressroom")
def main() -> None:
    """Turn a folder of front-matter files into tables, sitemaps, feeds and a report."""


@main.command()
@settings_option
@raw_option
@out_option
@storage_option
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
def build(  # noqa: PLR0913, PLR0917  the options of a command
    settings_file: Path | None,
    raw: Place | None,
    out: Path | None,
    storage: str | None,
    base_url: str | None,
    workers: int | None,
    address: str | None,
    as_of: int | None,
    full: bool,
    force: bool,
    accept_removals: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Read the raw folder and publish a release.

    With --quiet, standard output is empty unless a release was published (--json prints its line
    in any case), and standard error unless there is an error or something to look at, such as
    damage that was mended, another base URL than before, or a pin.

    Exit status: 0 published, or nothing had changed, or the site is pinned; 1 the run failed;
    2 wrong usage or settings; 3 the audit held the release back; 130 Ctrl-C; 143 told to end
    (SIGTERM).
    """
    began = time.time()
    ending.end_on(_LAST_WORDS)
    compute.give_back_memory()
    with _explained():
        loaded = _load(settings_file).override(
            raw=raw,
            out=out,
            storage=storage,
            base_url=base_url,
            workers=workers,
            address=address,
        )
        with progress.shown(sys.stderr, quiet=quiet) as display:
            outcome = steps.build(
                loaded,
                steps.Options(full=full, force=force, accept_removals=accept_removals),
                f"build-{os.getpid()}-{time.time_ns()}",
                steps.as_of(as_of, os.environ.get("SOURCE_DATE_EPOCH")),
                display,
            )
        result = _result(outcome, time.time() - began)
        site = _site(settings_file, out, storage)
        told = _summary(result, outcome, loaded.paths, site)
        if as_json or outcome.published or not quiet:
            _echo(*([json.dumps(result)] if as_json else told))


def _load(path: Path | None) -> Settings:
    """The settings of a file; those by default where no file is named and there is none."""
    if path is None and not _SETTINGS_FILE.exists():
        return Settings()
    return settings.load(path or _SETTINGS_FILE)


def _site(settings_file: Path | None, out: Path | None, storage: str | None) -> str:
    """The options by which another command works on the same site."""
    options = {"--settings": settings_file, "--out": out, "--storage": storage}
    return "".join(f" {name} {shlex.quote(str(at))}" for name, at in options.items() if at)


def _result(outcome: Outcome, seconds: float) -> dict[str, Any]:
    """What ``--json`` prints."""
    counts = outcome.release.counts
    unchanged = dict.fromkeys(counts["changes"], 0)
    return {
        "release": outcome.release.id,
        "base_url": outcome.release.base_url,
        "published": outcome.published,
        "pinned": outcome.pinned is not None,
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


def _summary(result: dict[str, Any], outcome: Outcome, paths: Paths, site: str) -> list[str]:
    home = paths.storage or str(paths.out)
    if outcome.pinned:
        current = outcome.release.id
        other = f", though {current} is current" if outcome.pinned != current else ""
        return [
            f"Published nothing: {home} is pinned to {outcome.pinned}{other}."
            f" `pressroom rollback --release{site}` lets builds publish again."
        ]
    what = "Published" if result["published"] else "Nothing has changed since"
    changes = ", ".join(f"{count:,} {change}" for change, count in result["changes"].items())
    lines = [
        f"{what} {result['release']}: {counted(result['articles'], 'article')} ({changes})"
        f" in {result['seconds']:.1f} s. Readers find it at {_found_at(paths)}.",
    ]
    if result["rejects"]:
        set_aside = counted(result["rejects"], "file was", "files were")
        lines.append(f"{set_aside} set aside: see `pressroom rejects{site}`.")
        # What a site on storage sets aside is on this machine where it was made.
        is_here = outcome.published or not paths.storage
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
    """The number of files that were set aside because Pressroom failed at their content."""
    rows = rejects.read(release.paths("rejects"), ("code", "first_seen"))
    codes: list[str] = rows["code"].to_pylist()
    return codes.count(Code.UNREADABLE_CONTENT)


def _newly_set_aside(outcome: Outcome) -> list[str]:
    """What a release sets aside that the one before did not."""
    release = outcome.release
    if not outcome.published or release.manifest["previous"] is None:
        return []
    rows = rejects.since(
        rejects.read(release.paths("rejects"), rejects.LINE), release.manifest["as_of"]
    )
    lines = [f"newly: {rejects.line(row, row)}" for row in rows.slice(0, _EXAMPLES).to_pylist()]
    return [f"  {line}" for line in [*lines, *and_more(len(rows), _EXAMPLES)]]


_EXAMPLES = 5


def _found_at(paths: Paths) -> str:
    return f"{paths.storage}/catalog.json" if paths.storage else str(paths.out / "current")


@main.command()
@settings_option
@out_option
@storage_option
@click.option("--json", "as_json", is_flag=True, help="Print an object on one line.")
def status(
    settings_file: Path | None, out: Path | None, storage: str | None, as_json: bool
) -> None:
    """Show the published release."""
    with _explained():
        loaded = _pulled(settings_file, out, storage)
        row = _status(_current(loaded), loaded.paths)
        if as_json:
            _echo(json.dumps(row))
            return
        lines = {
            "release": row["release"],
            "as of": _utc(row["as_of"]),
            "base URL": row["base_url"] or "not known",
            **{name: f"{row[name]:,}" for name in ("files", "articles", "rejects")},
            **{
                name: ", ".join(f"{n:,} {kind}" for kind, n in row[name].items())
                for name in ("links", "changes")
            },
            "folder": row["folder"],
        }
        if row["storage"]:
            lines["storage"] = row["storage"]
        if row["pinned"]:
            lines["pinned"] = f"{row['pinned']}: builds publish nothing"
        for name, value in lines.items():
            _echo(f"{name:<9} {value}")


def _status(release: Release, paths: Paths) -> dict[str, Any]:
    """What there is to say of the published release, and the release that the site is pinned to."""
    names = ("files", "articles", "rejects", "links", "changes")
    return {
        "release": release.id,
        "as_of": release.manifest["as_of"],
        "base_url": release.base_url,
        **{name: release.counts[name] for name in names},
        "folder": str(release.root),
        "storage": paths.storage or None,
        "pinned": local.pinned(paths.out),
    }


def _utc(seconds: int) -> str:
    return f"{dt.datetime.fromtimestamp(seconds, dt.UTC):%Y-%m-%d %H:%M:%S} UTC"


@main.command()
@settings_option
@out_option
@storage_option
@click.argument("release", required=False)
def verify(
    settings_file: Path | None, out: Path | None, storage: str | None, release: str | None
) -> None:
    """Read a release again, where readers do, and compare it with its manifest.

    RELEASE is an id or its beginning, such as the number; without it, the published release.

    Exit status: 0 it is intact; 1 a file is damaged, missing or too much.
    """
    with _explained():
        loaded = _pulled(settings_file, out, storage)
        found = local.find(loaded.paths.out, release) if release else _current(loaded)
        at = loaded.paths.storage
        harm = remote.verify(at, found) if at else local.verify(found)
        for kind, path in harm:
            _echo(f"{kind:<8} {path}")
        if harm:
            differing = counted(len(harm), "file differs", "files differ")
            message = f"{found.id} is not as its manifest says: {differing}."
            raise PipelineError(message)
        files = counted(len(found.manifest["files"]), "file")
        _echo(f"{found.id} is intact: {files}, {_size(found.bytes)}.")


@main.command()
@settings_option
@out_option
@storage_option
def fetch(settings_file: Path | None, out: Path | None, storage: str | None) -> None:
    """Bring a site from object storage into a new folder, to move it or to keep a copy.

    The published release is there whole, and the site is that of the folder: a build there without
    storage goes on from it, and one with another storage moves it.
    """
    with _explained():
        paths = _load(settings_file).override(out=out, storage=storage).paths
        if not paths.storage:
            raise SettingsError("There is no storage to fetch from: name it with --storage.")
        with staging.locked(paths.out):
            release = remote.settle(paths.storage, paths.out)
        at = paths.out / "current"
        _echo(f"Brought {release.id} from {paths.storage}. Readers find it at {at}.")


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} B" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:,.1f} TB"


@main.command("releases")
@settings_option
@out_option
@storage_option
@click.option("--json", "as_json", is_flag=True, help="Print an array of objects.")
def list_releases(
    settings_file: Path | None, out: Path | None, storage: str | None, as_json: bool
) -> None:
    """List the releases that are kept, the newest first."""
    with _explained():
        folder = _pulled(settings_file, out, storage).paths.out
        rows = list(_kept(folder))
        if as_json:
            _echo(json.dumps(rows))
        elif rows:
            _print_table(_COLUMNS, [_cells(row) for row in rows])
        else:
            _echo(f"There is no release in {folder} yet: run pressroom build.")


def _kept(out: Path) -> Iterator[dict[str, Any]]:
    """What there is to say of each release; of one that cannot be read, little."""
    current, pinned = local.current_id(out), local.pinned(out)
    for folder in reversed(list(local.folders(out))):
        row: dict[str, Any] = {"release": folder.name}
        try:
            release = local.open_release(folder)
        except PipelineError:
            if not folder.exists():
                continue  # removed meanwhile
            row |= dict.fromkeys(("as_of", "articles", "rejects", "changes", "bytes", "base_url"))
        else:
            row["as_of"] = release.manifest["as_of"]
            row |= {name: release.counts[name] for name in ("articles", "rejects", "changes")}
            row |= {"bytes": release.bytes, "base_url": release.base_url}
        yield {**row, "current": folder.name == current, "pinned": folder.name == pinned}


_FIGURES = ("articles", "rejects", "added", "changed", "removed", "size")
_COLUMNS = ("release", "as of", *_FIGURES, "base URL", "")


def _cells(row: dict[str, Any]) -> list[str]:
    marks = [name for name in ("current", "pinned") if row[name]]
    if row["as_of"] is None:
        return [row["release"], *["–"] * (len(_COLUMNS) - 2), ", ".join([*marks, "unreadable"])]
    counts = [row["articles"], row["rejects"], *row["changes"].values()]
    figures = [*(f"{count:,}" for count in counts), _size(row["bytes"])]
    url = row["base_url"] or "–"
    return [row["release"], _utc(row["as_of"]), *figures, url, ", ".join(marks)]


def _print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print text to the left and figures to the right, in columns of equal width."""
    lines = [columns, *rows]
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    for cells in lines:
        padded = [
            f"{cell:>{width}}" if name in _FIGURES else f"{cell:<{width}}"
            for name, cell, width in zip(columns, cells, widths, strict=True)
        ]
        _echo("  ".join(padded).rstrip())


@main.command()
@settings_option
@out_option
@storage_option
@click.argument("release", required=False)
@click.option("--release", "unpin", is_flag=True, help="Let builds publish again.")
def rollback(
    settings_file: Path | None,
    out: Path | None,
    storage: str | None,
    release: str | None,
    unpin: bool,
) -> None:
    """Publish an older release again, and pin the site to it: builds publish nothing then.

    RELEASE is an id or its beginning, such as the number; without it, the release before the
    published one. With --release the pin alone is removed; so it is by build --force.
    """
    if unpin and release:
        raise click.UsageError("--release only removes the pin: it goes without RELEASE.")
    with _explained():
        paths = _pulled(settings_file, out, storage).paths
        site = _site(settings_file, out, storage)
        _echo(_unpin(paths) if unpin else _roll_back(paths, release, site))


def _unpin(paths: Paths) -> str:
    pinned, home = local.pinned(paths.out), paths.storage or paths.out
    if pinned is None:
        return f"{home} is not pinned."
    publishing.unpin(paths.out, paths.storage)
    return f"{home} is no longer pinned to {pinned}: the next build publishes."


def _roll_back(paths: Paths, release: str | None, site: str) -> str:
    out, home = paths.out, paths.storage or paths.out
    before = local.current_id(out)
    target = local.find(out, release) if release else local.before(out)
    publishing.rollback(out, target, paths.storage)
    done = (
        f"{target.id} is current already, and {home} is pinned to it"
        if target.id == before
        else f"Published {target.id} (before: {before}), and pinned {home} to it"
    )
    return (
        f"{done}: builds publish nothing until `pressroom rollback --release{site}`"
        f" or `pressroom build --force{site}`."
    )


@main.command("rejects")
@settings_option
@out_option
@storage_option
@raw_option
@click.option(
    "--fix",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write mended files into DIR, where a mechanical change is enough.",
)
def list_rejects(
    settings_file: Path | None,
    out: Path | None,
    storage: str | None,
    raw: Place | None,
    fix: Path | None,
) -> None:
    """List the files that the published release set aside, and what to do about them.

    With --fix they are read again, and those that a mechanical change mends are written into DIR
    under the same paths. Nothing is overwritten, neither an original nor a file in DIR.
    """
    with _explained():
        loaded = _pulled(settings_file, out, storage, raw)
        release = _current(loaded, "rejects")
        rows = rejects.read(release.paths("rejects")).to_pylist()
        if fix is not None:
            _fix(rows, loaded, fix)
            return
        for row in rows:
            _echo(*_reject(row))
        if not rows:
            _echo(f"{release.id} sets nothing aside.", err=True)


def _fix(rows: list[dict[str, Any]], loaded: Settings, folder: Path) -> None:
    raw = loaded.paths.raw
    if isinstance(raw, str):
        raise SettingsError(f"--fix reads files of a folder: name a copy of {raw} with --raw.")
    listing.check(raw)
    mend.check_folder(folder, (raw, loaded.paths.out), [row["source_path"] for row in rows])
    written = 0
    for row in rows:
        path = row["source_path"]
        found = mend.mend_file(raw, path, loaded.limits, loaded.content)
        if found.data is not None:
            mend.write(folder, path, found.data)
            written += 1
        _echo(f"{path}: {_mended(found, row)}")
    _echo(f"Wrote {written:,} of {counted(len(rows), 'file')} into {folder}.")


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


def _reject(row: dict[str, Any]) -> list[str]:
    lines = []
    for problem in row["problems"]:
        lines.append(rejects.line(row, problem))
        if problem == row["problems"][0] and row["excerpt"]:
            lines += [f"    {line}" for line in row["excerpt"].split("\n")]
        lines.append(f"  {problem['hint']}")
    return lines


@main.command()
@settings_option
@raw_option
@out_option
@storage_option
@click.argument("url")
def explain(
    settings_file: Path | None,
    raw: Place | None,
    out: Path | None,
    storage: str | None,
    url: str,
) -> None:
    """Show where each field of an article comes from, and what is doubtful about it.

    URL is that of the file, from the root of the site, or the address in a browser.
    """
    with _explained():
        loaded = _pulled(settings_file, out, storage, raw)
        release = _current(loaded, *TABLES_ABOUT)
        for line in lines_about(release, url, loaded):
            _echo(line)


@main.command(short_help="Ask the tables of a release with SQL.")
@settings_option
@out_option
@storage_option
@click.option("--release", metavar="RELEASE", help="Its id or number.  [default: the published]")
@click.option("--csv", "form", flag_value="csv", help="Print CSV: nulls are empty, texts quoted.")
@click.option("--json", "form", flag_value="json", help="Print an array of objects.")
@click.option("--jsonl", "form", flag_value="jsonl", help="Print an object on each line.")
@click.argument("sql", default="-")
def query(
    settings_file: Path | None,
    out: Path | None,
    storage: str | None,
    release: str | None,
    form: str | None,
    sql: str,
) -> None:
    """Ask the tables of a release with SQL, as DuckDB speaks it.

    SQL is one statement or more; with - or nothing it is read from standard input. The answer is
    that of the last: the first 1,000 rows in columns, or all rows in another form.

    The views are articles, keywords, related_links, link_degrees, subjects, rejects, findings,
    changes and ledger: `show tables`, `describe articles`. A statement reads nothing else, changes
    no file and needs no network.
    """
    with _explained():
        loaded = _pulled(settings_file, out, storage)
        found = local.find(loaded.paths.out, release) if release else _current(loaded)
        _bring(loaded, found, TABLES)
        if sql == "-":
            sql = click.open_file("-", encoding="utf-8").read()
        with (
            _ended_by_ctrl_c(),
            query_of(found, sql, loaded.query, _give_up) as answer,
            click.open_file("-", "w", encoding="utf-8") as stream,
        ):
            FORMS[form or "table"](answer, stream)
            stream.flush()


def _give_up(error: PipelineError) -> None:
    """End the process with an error, whatever it is at."""
    _complain(f"{error}")
    os._exit(error.exit_status)


@contextlib.contextmanager
def _ended_by_ctrl_c() -> Iterator[None]:
    """Let Ctrl-C end the process: DuckDB may take long to heed it, and nothing is to be tidied."""
    before = signal.getsignal(signal.SIGINT)
    if before != signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _pulled(
    settings_file: Path | None, out: Path | None, storage: str | None, raw: Place | None = None
) -> Settings:
    """The settings of a site whose output folder says what its storage says, if it has one."""
    loaded = _load(settings_file).override(raw=raw, out=out, storage=storage)
    remote.check_home(loaded.paths.storage, loaded.paths.out)
    if loaded.paths.storage:
        with staging.locked(loaded.paths.out):
            remote.pull(loaded.paths.storage, loaded.paths.out)
    return loaded


def _current(loaded: Settings, *outputs: str) -> Release:
    """The published release, of which some outputs are to be read."""
    release = local.current(loaded.paths.out)
    if release is None:
        home = loaded.paths.storage or loaded.paths.out
        raise PipelineError(f"There is no release in {home} yet: run pressroom build.")
    _bring(loaded, release, outputs)
    return release


def _bring(loaded: Settings, release: Release, outputs: Iterable[str]) -> None:
    """Bring outputs of a release from the storage, if the site has one."""
    wanted = [name for name in outputs if name in release.outputs]
    if loaded.paths.storage and (harmed := remote.fetch(loaded.paths.storage, release, wanted)):
        raise PipelineError(f"{release.id} lacks {some(harmed)}: see `pressroom verify`.")
