"""The settings of a site, as frozen values that are passed down.

`load` is strict: an unknown key is refused with the nearest known one. Paths in the file are
relative to the file. Nothing here reads the environment.
"""

import datetime as dt
import difflib
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Annotated, Any, TypeAlias, TypeVar, get_type_hints

from annotated_types import Ge, Gt, Le, MinLen

from ..base.errors import SettingsError
from ..files import s3
from ..markup.rules import MATHS, Dialect, Rules

_STRICT = {"extra": "forbid"}

# A folder, or the URL of a place on object storage.
Place: TypeAlias = Path | str
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Paths:
    """Where files are read from and releases are written to.

    `raw` is a folder, or a place on object storage, such as ``s3://bucket/raw``. With `storage`,
    such a place too, releases are published there, and `out` is where this machine works.
    """

    __pydantic_config__ = _STRICT

    raw: Place = Path("raw")
    out: Path = Path("out")
    storage: str = ""


@dataclass(frozen=True, slots=True)
class Sources:
    """Which files of the raw folder are read, by patterns as lines of a ``.gitignore`` write them.

    A file is read if it fits `include`, where that holds anything, and does not fit `exclude`.
    """

    __pydantic_config__ = _STRICT

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Site:
    """What readers of the feeds and sitemaps see. `base_url` has no trailing slash."""

    __pydantic_config__ = _STRICT

    base_url: str = "http://localhost:8000"
    title: str = "Pressroom"
    description: str = ""
    language: str = "en"

    def absolute(self, path: str) -> str:
        """The absolute URL of a path from the root of the site."""
        return self.base_url + path


DEFAULT_KEYS: Mapping[str, str] = {
    "url": "url",
    "id": "id",
    "schema": "_schema",
    "published": "date",
    "title": "title",
    "article_title": "article_title",
    "question": "question",
    "answer": "answer",
    "description": "seo.page_description",
    "seo_title": "seo.title",
    "keywords": "seo.page_keywords",
    "author": "author",
    "subject": "subject",
    "score": "score",
    "no_index": "no_index",
    "date_format": "date_format",
    "post_on_text": "post_on_text",
}


@dataclass(frozen=True, slots=True)
class ContentModel:
    """Which front-matter key fills which column, and what is required of it.

    `keys` maps a column to a key; a dot steps into a mapping (``seo.title``), an empty text
    leaves the column null. Every key that no column takes goes to the column ``extra``. `maths` are
    the delimiters that open maths in a text, of `MATHS`.
    """

    __pydantic_config__ = _STRICT

    keys: Mapping[str, str] = field(default_factory=dict, hash=False)  # a dict has no hash
    required: tuple[str, ...] = ("url", "id", "published", "title", "answer", "subject")
    keyword_separator: Annotated[str, MinLen(1)] = ","
    related_prefix: Annotated[str, MinLen(1)] = "related_article"
    score_range: tuple[float, float] = (-1.0, 10.0)
    date_range: tuple[dt.date, dt.date] = (dt.date(1970, 1, 1), dt.date(2100, 1, 1))
    dialect: Dialect = "gfm"
    markdown_extensions: tuple[str, ...] = ()
    maths: tuple[str, ...] = MATHS

    @property
    def markdown(self) -> Rules:
        """How texts are written."""
        return Rules(self.dialect, self.markdown_extensions, self.maths)

    def key(self, column: str) -> str:
        """The front-matter key of a column, dotted; empty if no key fills it."""
        return self.keys.get(column, DEFAULT_KEYS[column])


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may hold, and what a release may lose before it is held back."""

    __pydantic_config__ = _STRICT

    file_bytes: Annotated[int, Gt(0)] = 4 * 1024 * 1024
    depth: Annotated[int, Gt(0), Le(200)] = 64
    nodes: Annotated[int, Gt(0)] = 10_000
    scalar_chars: Annotated[int, Gt(0)] = 1_000_000
    max_removed: Annotated[float, Ge(0), Le(1)] = 0.1
    max_rejects: Annotated[float, Ge(0), Le(1)] = 0.05
    max_rejects_files: Annotated[int, Ge(0)] = 20

    @property
    def of_a_file(self) -> tuple[int, ...]:
        """The limits that decide what becomes of a file."""
        return self.file_bytes, self.depth, self.nodes, self.scalar_chars


@dataclass(frozen=True, slots=True)
class Exports:
    """How much the exports hold. Without rows (0) there is no report."""

    __pydantic_config__ = _STRICT

    feed_items: Annotated[int, Gt(0)] = 50
    subject_feed_items: Annotated[int, Gt(0)] = 20
    sitemap_urls: Annotated[int, Gt(0), Le(50_000)] = 50_000
    sitemap_bytes: Annotated[int, Ge(16_384), Le(52_428_800)] = 52_428_800
    spreadsheet: bool = False
    report_rows: Annotated[int, Ge(0), Le(100)] = 20


@dataclass(frozen=True, slots=True)
class Releases:
    """How many releases stay: the newest `keep`, and those superseded within `keep_days` days.

    The current one, the one before it and a pinned one stay in any case.
    """

    __pydantic_config__ = _STRICT

    # One at least, so that the number of a release is never given again.
    keep: Annotated[int, Ge(1)] = 7
    keep_days: Annotated[int, Ge(0)] = 0


@dataclass(frozen=True, slots=True)
class Query:
    """What a statement of ``pressroom query`` may take: `seconds` of work (0: no limit), memory.

    It runs on so many `threads` (0: one a core).
    """

    __pydantic_config__ = _STRICT

    seconds: Annotated[int, Ge(0)] = 60
    memory_bytes: Annotated[int, Ge(10_000_000)] = 2_000_000_000
    threads: Annotated[int, Ge(0)] = 0


@dataclass(frozen=True, slots=True)
class Compute:
    """Who runs the shards, of about `shard_files` files each.

    That is the Dask cluster whose scheduler is at `address`, such as ``tcp://10.0.0.1:8786``, or,
    where there is none, `workers` processes (0: one a core).
    """

    __pydantic_config__ = _STRICT

    workers: Annotated[int, Ge(0)] = 0
    shard_files: Annotated[int, Gt(0)] = 1000
    address: str = ""


@dataclass(frozen=True, slots=True)
class Automation:
    """When Dagster publishes, and who is told of what.

    Without `cron` there is no schedule. The release counts as late if no run has ended well for
    `late_hours`, and as failed after `failed_hours`; 0 is never. `owners` are mail addresses, or
    ``team:name``. `webhook_variable` names the environment variable that holds the address to
    which runs that failed are reported: such an address is a secret. What Dagster remembers of a
    run goes after `keep_runs_days`; 0 is never. The sensor that publishes after edits looks every
    `watch_seconds`, and waits until it has seen the same twice.
    """

    __pydantic_config__ = _STRICT

    cron: str = "0 3 * * *"
    timezone: str = "UTC"
    late_hours: Annotated[int, Ge(0)] = 26
    failed_hours: Annotated[int, Ge(0)] = 50
    owners: tuple[str, ...] = ()
    webhook_variable: str = "PRESSROOM_WEBHOOK"
    keep_runs_days: Annotated[int, Ge(0)] = 90
    watch_seconds: Annotated[int, Ge(1)] = 30


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one site."""

    __pydantic_config__ = _STRICT

    paths: Paths = Paths()
    sources: Sources = Sources()
    site: Site = Site()
    content: ContentModel = ContentModel()
    limits: Limits = Limits()
    exports: Exports = Exports()
    releases: Releases = Releases()
    query: Query = Query()
    compute: Compute = Compute()
    automation: Automation = Automation()

    def override(
        self,
        *,
        raw: Place | None = None,
        out: Path | None = None,
        storage: str | None = None,
        base_url: str | None = None,
        workers: int | None = None,
        address: str | None = None,
    ) -> "Settings":
        """The same settings with what the command line says instead.

        Raises:
            SettingsError: The base URL is not absolute, or a URL is none of object storage.
        """
        return replace(
            self,
            paths=Paths(
                self.paths.raw if raw is None else place(raw),
                out or self.paths.out,
                self.paths.storage if storage is None else storage_url(storage),
            ),
            site=replace(
                self.site,
                base_url=check_base_url(self.site.base_url if base_url is None else base_url),
            ),
            compute=replace(
                self.compute,
                workers=self.compute.workers if workers is None else workers,
                address=self.compute.address if address is None else address,
            ),
        )


_BASE_URL = re.compile(
    r"""
    https?://
    ( [A-Za-z0-9] ( [A-Za-z0-9.-]* [A-Za-z0-9] )? | \[ [0-9A-Fa-f:.]+ \] ) ( : [0-9]{1,5} )?
    ( / ( [A-Za-z0-9._~!$&'()*+,;=:@/-] | % [0-9A-Fa-f]{2} )* )?
    """,
    re.VERBOSE,
)
_BASE_URL_CHARS = 140  # with the longest url of an article still below the 2,048 of a sitemap's loc


def check_base_url(text: str) -> str:
    """A base URL without its trailing slash (RFC 3986).

    Raises:
        SettingsError: It is not ``http(s)://host``, has a query or a fragment, or is too long.
    """
    if not _BASE_URL.fullmatch(text) or len(text) > _BASE_URL_CHARS:
        message = f"The base URL {text!r} is not of the form https://www.example.org."
        raise SettingsError(message)
    return text.rstrip("/")


def load(path: Path) -> Settings:
    """Read a settings file (TOML 1.0).

    Raises:
        SettingsError: The file is missing, is not TOML, has an unknown key or a wrong value;
            the text names file and line.
    """
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415  0.1 s, not paid by workers

    try:
        text = path.read_text(encoding="utf-8-sig")
        values = tomllib.loads(text)
    except OSError as error:
        message = f"Cannot read the settings file {path}: {error.strerror}."
        raise SettingsError(message) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"{path}: not a TOML file: {error}."
        raise SettingsError(message) from error
    try:
        settings = TypeAdapter(Settings).validate_python(values)
    except ValidationError as error:
        raise SettingsError(_explain(error.errors(), path, text)) from error
    _check_patterns(settings.sources, path, text)
    _check_content(settings.content, path, text)
    for key, problem in _wrong_automation(settings.automation):
        message = f"{_place(path, text, ['automation', key])}: automation.{key}: {problem}"
        raise SettingsError(message)
    base_url = _checked(check_base_url, settings.site.base_url, path, text, ["site", "base_url"])
    home = path.resolve().parent
    return replace(
        settings,
        paths=Paths(
            _checked(place, settings.paths.raw, path, text, ["paths", "raw"], home),
            home / settings.paths.out,
            _checked(storage_url, settings.paths.storage, path, text, ["paths", "storage"]),
        ),
        site=replace(settings.site, base_url=base_url),
    )


def place(stated: Place, home: Path = Path()) -> Place:
    """A folder, where it is relative to another, or a place on object storage.

    Raises:
        SettingsError: The URL is none of object storage.
    """
    return s3.check_url(str(stated)) if s3.is_url(stated) else home / stated


def storage_url(stated: str) -> str:
    """The URL of a place on object storage, or an empty text.

    Raises:
        SettingsError: It is none.
    """
    return stated and s3.check_url(stated)


def _checked(
    check: Callable[..., Value], value: Any, path: Path, text: str, loc: list[str], *more: Any
) -> Value:
    """A value as a function makes it, whose error gets the place of its key."""
    try:
        return check(value, *more)
    except SettingsError as error:
        message = f"{_place(path, text, loc)}: {'.'.join(loc)}: {error}"
        raise SettingsError(message) from error


def compile_patterns(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Whether a path below the raw folder, a folder's with ``/`` at its end, fits any pattern.

    Raises:
        SettingsError: One is no pattern.
    """
    from pathspec import GitIgnoreSpec  # noqa: PLC0415  0.06 s, paid only where there are patterns

    for pattern in patterns:
        try:
            compiled = GitIgnoreSpec.from_lines([pattern]).patterns
        except (ValueError, re.error):
            compiled = []
        if "\n" in pattern or not any(one.regex for one in compiled):
            message = f"{pattern!r} is no pattern as in a .gitignore, such as drafts/ or *.en.md."
            raise SettingsError(message)
    fits = GitIgnoreSpec.from_lines(patterns).match_file
    # In the pattern's regular expression a dot stands for all but a newline.
    return lambda path: fits(path.replace("\n", "\r"))


def _check_patterns(sources: Sources, path: Path, text: str) -> None:
    for name, patterns in (("include", sources.include), ("exclude", sources.exclude)):
        if patterns:
            _checked(compile_patterns, patterns, path, text, ["sources", name])


def _check_content(content: ContentModel, path: Path, text: str) -> None:
    columns = [(["content", "keys", column], column) for column in content.keys]
    columns += [(["content", "required"], column) for column in content.required]
    for loc, column in columns:
        if column not in DEFAULT_KEYS:
            nearest = _nearest(column, DEFAULT_KEYS)
            message = f"{_place(path, text, loc)}: unknown column {column!r}{nearest}"
            raise SettingsError(message)
    for column in content.required:
        if column != "answer" and not content.key(column):
            place = _place(path, text, ["content", "keys", column])
            message = f"{place}: the column {column!r} is required, so that a key must fill it."
            raise SettingsError(message)
    if problem := _wrong_extensions(content):
        place = _place(path, text, ["content", "markdown_extensions"])
        raise SettingsError(f"{place}: content.markdown_extensions: {problem}")
    for sign in content.maths:
        if sign not in MATHS:
            place = _place(path, text, ["content", "maths"])
            known = ", ".join(f"'{one}'" for one in MATHS)
            message = f"{place}: content.maths: {sign!r} does not open maths; known are {known}."
            raise SettingsError(message)
    for name in ("score_range", "date_range"):
        low, high = getattr(content, name)
        if not low <= high:
            place = _place(path, text, ["content", name])
            raise SettingsError(f"{place}: content.{name}: {low} is not below {high}.")


def _wrong_extensions(content: ContentModel) -> str | None:
    """What is wrong with the extensions of Python-Markdown, if anything is."""
    if not content.markdown_extensions:
        return None
    if content.dialect != "python-markdown":
        return 'they are extensions of Python-Markdown: set content.dialect = "python-markdown".'
    from ..markup.python_markdown import unusable  # noqa: PLC0415  for this dialect alone

    if problem := unusable(content.markdown_extensions):
        return f"{problem}. For pymdownx: pip install 'pressroom[markdown-extensions]'."
    return None


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


def _cron_field(number: str, names: Sequence[str] = ()) -> str:
    value = f"({'|'.join((number, *names))})"
    item = rf"(\*|{value}(-{value})?)(/(?!0+\b)({number}))?"
    return f"{item}(,{item})*"


# As in crontab(5).
_CRON = re.compile(
    " +".join(
        (
            _cron_field("[0-5]?[0-9]"),
            _cron_field("[01]?[0-9]|2[0-3]"),
            _cron_field("0?[1-9]|[12][0-9]|3[01]"),
            _cron_field("0?[1-9]|1[0-2]", _MONTHS),
            _cron_field("[0-7]", _DAYS),
        )
    ),
    re.ASCII | re.IGNORECASE,
)
_CRON_RANGE = re.compile("((?<![0-9])[0-9]++|[a-z]{3})-([0-9]+|[a-z]{3})")


def is_cron(text: str) -> bool:
    """Whether this is a cron expression of five fields, in which no range runs backwards."""
    ranges = _CRON_RANGE.findall(text.lower())
    ordered = all(_cron_number(first) <= _cron_number(last) for first, last in ranges)
    return bool(_CRON.fullmatch(text)) and ordered


def _cron_number(value: str) -> int:
    for names, first in ((_MONTHS, 1), (_DAYS, 0)):
        if value in names:
            return names.index(value) + first
    return int(value) if value.isdigit() else 0


_OWNER = re.compile(r"team:[A-Za-z0-9_]+|[A-Za-z0-9._%+-]+@([A-Za-z0-9-]+\.)+[A-Za-z]{2,}")
_VARIABLE = re.compile("[A-Za-z_][A-Za-z0-9_]*")


def _wrong_automation(automation: Automation) -> Iterator[tuple[str, str]]:
    """The keys whose values are wrong, and why."""
    if automation.cron and not is_cron(automation.cron):
        example = "0 3 * * * (minute, hour, day, month, day of the week)"
        yield "cron", f"{automation.cron!r} is not of the form {example}."
    if not _is_timezone(automation.timezone):
        yield "timezone", f"{automation.timezone!r} is no time zone such as Europe/Berlin or UTC."
    if automation.failed_hours and automation.late_hours >= automation.failed_hours:
        hours = f"{automation.late_hours} is not below failed_hours, {automation.failed_hours}"
        yield "late_hours", f"{hours}."
    for owner in automation.owners:
        if not _OWNER.fullmatch(owner):
            yield "owners", f"{owner!r} is neither a mail address nor of the form team:name."
    if automation.webhook_variable and not _VARIABLE.fullmatch(automation.webhook_variable):
        name = automation.webhook_variable
        yield "webhook_variable", f"{name!r} is no name of an environment variable."


def _is_timezone(name: str) -> bool:
    from zoneinfo import ZoneInfo  # noqa: PLC0415  not paid by workers

    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # KeyError: ZoneInfoNotFoundError
        return False
    return True


def _explain(errors: list[Any], path: Path, text: str) -> str:
    lines = []
    for error in errors:
        loc = [str(part) for part in error["loc"]]
        if loc[:2] == ["paths", "raw"]:  # of a union there is an error for each type
            loc, error["msg"] = loc[:2], "Input should be a folder, or s3://bucket/prefix"
        place = _place(path, text, loc)
        if error["type"] == "unexpected_keyword_argument":
            known = _known(loc[:-1])
            lines.append(f"{place}: unknown key {'.'.join(loc)!r}{_nearest(loc[-1], known)}")
        else:
            lines.append(f"{place}: {'.'.join(loc)}: {error['msg']}.")
    return "\n".join(dict.fromkeys(lines))


def _known(loc: list[str]) -> list[str]:
    """The keys that may stand at a place of the settings file."""
    kind: Any = Settings
    for part in loc:
        kind = get_type_hints(kind).get(part)
    return [f.name for f in fields(kind)] if is_dataclass(kind) else []


def _nearest(word: str, known: Mapping[str, str] | list[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(known)}."


_HEADER = re.compile(r"\s*\[\[?([^\[\]]+)\]")
_KEY = re.compile(r"\s*+([\w\s.\"'-]+?)=")


def _place(path: Path, text: str, loc: list[str]) -> str:
    """File and line of a key, or of the nearest table around it: tomllib keeps no positions."""
    table: list[str] = []
    best, place = 0, str(path)
    for number, line in enumerate(text.splitlines(), 1):
        found = table
        if header := _HEADER.match(line):
            found = table = _parts(header[1])
        elif key := _KEY.match(line):
            found = [*table, *_parts(key[1])]
        if best < len(found) and found == loc[: len(found)]:
            best, place = len(found), f"{path}:{number}"
    return place


def _parts(key: str) -> list[str]:
    return [part.strip(" \t\"'") for part in key.split(".")]
