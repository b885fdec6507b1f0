"""The settings of a site, as frozen values that are passed down.

`load` is strict: an unknown key is refused with the nearest known one. Paths in the file are
relative to the file. Nothing here reads the environment.
"""

import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cache, partial
from itertools import chain
from pathlib import Path
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Literal,
    NamedTuple,
    get_args,
    get_origin,
    get_type_hints,
)
from zoneinfo import ZoneInfo

from annotated_types import Ge, Gt, Le

from ..base import toml_keys
from ..base.errors import SettingsError
from ..base.places import Place, below, check_storage
from . import automation, contradictions, presets
from .automation import Automation
from .checks import STRICT, Checked, nearest
from .content import ContentModel
from .findings import Findings
from .patterns import check_patterns, check_suffixes

if TYPE_CHECKING:
    from pydantic import TypeAdapter

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


# Hosts of no site of anybody: this machine's, and those for documentation (RFC 2606).
_PLACEHOLDER = re.compile(r"https?://(localhost|([^/:]+\.)?example\.(com|net|org))([:/]|$)", re.I)


def is_placeholder(base_url: str) -> bool:
    """Whether a base URL stands for one that nobody has stated yet."""
    return _PLACEHOLDER.match(base_url) is not None


@dataclass(frozen=True, slots=True)
class Paths:
    """Where files are read from and releases are written to.

    `raw` is a folder, or a place on object storage, such as ``s3://bucket/raw``. With `storage`,
    such a place too, releases are published there, and `out` is where this machine works.
    """

    __pydantic_config__ = STRICT

    raw: Annotated[Place, Checked(partial(below, Path()))] = Path("raw")
    out: Path = Path("out")
    storage: Annotated[str, Checked(check_storage)] = ""


@dataclass(frozen=True, slots=True)
class Sources:
    """Which files of the raw folder are read: by suffix, and by patterns as in a ``.gitignore``.

    A file is read if its name ends in one of the `extensions`, in capitals or not, it fits
    `include`, where that holds anything, and does not fit `exclude`. Where `front_matter` is
    "optional", a file without any is an article of its text.
    """

    __pydantic_config__ = STRICT

    extensions: Annotated[tuple[str, ...], Checked(check_suffixes)] = (".md", ".markdown", ".mdx")
    include: Annotated[tuple[str, ...], Checked(check_patterns)] = ()
    exclude: Annotated[tuple[str, ...], Checked(check_patterns)] = ()
    front_matter: Literal["required", "optional"] = "required"


def check_timezone(name: str) -> str:
    """The name of a time zone of the IANA database.

    Raises:
        SettingsError: There is none of that name.
    """
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        message = f"{name!r} is not a time zone, such as 'Europe/Vienna'."
        raise SettingsError(message) from error
    return name


class SiteRules(NamedTuple):
    """What of a site decides how its files are read: see `Site`."""

    host: str = ""
    timezone: str = "UTC"
    days: Literal["stated", "site"] = "stated"


ANY_SITE = SiteRules()


@dataclass(frozen=True, slots=True)
class Site:
    """What readers of the feeds and sitemaps see. `base_url` has no trailing slash.

    A time that states no zone is of `timezone`. The day of one that does is, by `days`, that which
    is stated, or that in `timezone`.
    """

    __pydantic_config__ = STRICT

    base_url: Annotated[str, Checked(check_base_url)] = "http://localhost:8000"
    title: str = "Pressroom"
    description: str = ""
    language: str = "en"
    timezone: Annotated[str, Checked(check_timezone)] = "UTC"
    days: Literal["stated", "site"] = "stated"

    @property
    def rules(self) -> SiteRules:
        """What of it decides how files are read."""
        return SiteRules(self.host, self.timezone, self.days)

    @property
    def host(self) -> str:
        """The host of the site, with its port if one is stated."""
        return self.base_url.partition("://")[2].partition("/")[0]

    @property
    def base_path(self) -> str:
        """The path that all urls of the site stand below, without a slash at its end."""
        path = self.base_url.partition("://")[2].partition("/")[2]
        return f"/{path}" if path else ""

    def absolute(self, path: str) -> str:
        """The absolute URL of a path from the root of the site."""
        return self.base_url + path


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may hold, and what a release may lose before it is held back."""

    __pydantic_config__ = STRICT

    file_bytes: Annotated[int, Gt(0)] = 4 * 1024 * 1024
    depth: Annotated[int, Gt(0), Le(200)] = 64
    nodes: Annotated[int, Gt(0)] = 10_000
    scalar_chars: Annotated[int, Gt(0)] = 1_000_000
    max_removed: Annotated[float, Ge(0), Le(1)] = 0.1
    max_removed_articles: Annotated[int, Ge(0)] = 5
    max_rejects: Annotated[float, Ge(0), Le(1)] = 0.05
    max_rejects_files: Annotated[int, Ge(0)] = 20

    @property
    def of_a_file(self) -> tuple[int, ...]:
        """The limits that decide what becomes of a file."""
        return self.file_bytes, self.depth, self.nodes, self.scalar_chars


@dataclass(frozen=True, slots=True)
class Exports:
    """How much the exports hold. Without rows (0) there is no report."""

    __pydantic_config__ = STRICT

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

    __pydantic_config__ = STRICT

    # One at least, so that the number of a release is never given again.
    keep: Annotated[int, Ge(1)] = 7
    keep_days: Annotated[int, Ge(0)] = 0


@dataclass(frozen=True, slots=True)
class Query:
    """What a statement of ``pressroom query`` may take: `seconds` of work (0: no limit), memory.

    It runs on so many `threads` (0: one a core).
    """

    __pydantic_config__ = STRICT

    seconds: Annotated[int, Ge(0)] = 60
    memory_bytes: Annotated[int, Ge(10_000_000)] = 2_000_000_000
    threads: Annotated[int, Ge(0)] = 0


@dataclass(frozen=True, slots=True)
class Compute:
    """Who runs the shards, of about `shard_files` files each.

    That is the Dask cluster whose scheduler is at `address`, such as ``tcp://10.0.0.1:8786``, or,
    where there is none, `workers` processes (0: one a core).
    """

    __pydantic_config__ = STRICT

    workers: Annotated[int, Ge(0)] = 0
    shard_files: Annotated[int, Gt(0)] = 1000
    address: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one site."""

    __pydantic_config__ = STRICT

    paths: Paths = Paths()
    sources: Sources = Sources()
    site: Site = Site()
    content: ContentModel = field(default_factory=ContentModel)
    findings: Findings = field(default_factory=Findings)
    limits: Limits = Limits()
    exports: Exports = Exports()
    releases: Releases = Releases()
    query: Query = Query()
    compute: Compute = Compute()
    automation: Automation = field(default_factory=Automation)

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
                self.paths.raw if raw is None else below(Path(), raw),
                out or self.paths.out,
                self.paths.storage if storage is None else check_storage(storage),
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


_LONGEST_KEY = 1_000  # nobody writes one


def load(path: Path) -> Settings:
    """Read a settings file (TOML 1.0).

    Raises:
        SettingsError: The file is missing, is not TOML, has an unknown key or a wrong value;
            the text names file and line.
    """
    try:
        return parse(path.read_text(encoding="utf-8-sig"), path)
    except OSError as error:
        message = f"Cannot read the settings file {path}: {error.strerror}."
        raise SettingsError(message) from error
    except UnicodeDecodeError as error:
        message = f"{path}: not a TOML file: {error}."
        raise SettingsError(message) from error


def parse(text: str, path: Path) -> Settings:
    """The settings that a text states which is, or would be, in a file.

    Raises:
        SettingsError: As `load`.
    """
    from pydantic import ValidationError  # noqa: PLC0415  0.1 s, not paid by workers

    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = f"{path}: not a TOML file: {error}."
        raise SettingsError(message) from error
    try:
        values = presets.merged(values)
    except SettingsError as error:
        raise SettingsError(_said([("content.preset", str(error))], path, text)) from error
    if message := _said(_of_earlier_versions(values), path, text):
        raise SettingsError(message)
    try:
        settings = _validator().validate_python(values)
    except ValidationError as error:
        raise SettingsError(_said(_wrong(error.errors()), path, text)) from error
    found = chain(
        contradictions.contradictions(settings.content),
        automation.contradictions(settings.automation),
    )
    if message := _said(found, path, text):
        raise SettingsError(message)
    home = path.resolve().parent
    paths = settings.paths
    out = Path(os.path.normpath(home / paths.out))  # it is shown: vault/../vault-pressroom is not
    return replace(settings, paths=Paths(below(home, paths.raw), out, paths.storage))


@cache
def _validator() -> "TypeAdapter[Settings]":
    """What validates settings; it takes 0.2 s to make."""
    from pydantic import TypeAdapter  # noqa: PLC0415

    return TypeAdapter(Settings)


_MOVED = {
    "keyword_separator": "columns.keywords.separator",
    "score_range": "columns.score.range",
    "related_prefix": "related.prefix",
}
# Columns that every site had.
_OF_QUICKTAKES = {"answer", "id", "keywords", "score", "article_title", "question", "seo_title"}


def _of_earlier_versions(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The keys that meant something before there were presets, and what to write now."""
    content = values.get("content")
    if not isinstance(content, dict):
        return
    keys, required = content.get("keys"), content.get("required")
    moved = [
        (f"content.{key}", f"it is content.{now} now")
        for key, now in _MOVED.items()
        if key in content
    ]
    moved += [
        (
            f"content.keys.{column}",
            f"it is content.{'keys.text' if column == 'answer' else 'columns.' + column} now",
        )
        for column in sorted(_OF_QUICKTAKES.intersection(keys if isinstance(keys, dict) else ()))
    ]
    if isinstance(required, list) and "answer" in required:
        moved.append(("content.required", "the column 'answer' is 'text' now"))
    preset = "" if content.get("preset") else ', and add preset = "quicktakes" to [content]'
    yield from ((key, f"{key}: {what}{preset}.") for key, what in moved)


def _said(problems: Iterable[tuple[str, str]], path: Path, text: str) -> str:
    """Problems of keys, a line each, behind the file and the line of their keys."""
    places = [(key, line) for key, (line, _) in toml_keys.places(text, 1, _LONGEST_KEY)]
    lines = []
    for key, message in problems:
        line = toml_keys.line_of(places, key)
        lines.append(f"{path}: {message}" if line is None else f"{path}:{line}: {message}")
    return "\n".join(dict.fromkeys(lines))


def _wrong(errors: Iterable[Any]) -> Iterator[tuple[str, str]]:
    """The dotted keys that pydantic refuses, and why."""
    for error in errors:
        loc = [str(part) for part in error["loc"]]
        key = ".".join(loc)
        if error["type"] == "value_error":  # of `Checked`
            yield key, f"{key}: {error['ctx']['error']}"
        elif error["type"] == "unexpected_keyword_argument":
            yield key, f"unknown key {key!r}{nearest(loc[-1], _known(loc[:-1]))}"
        elif loc[:2] == ["paths", "raw"]:  # of a union there is an error for each type
            yield "paths.raw", "paths.raw: Input should be a folder, or s3://bucket/prefix."
        else:
            yield key, f"{key}: {error['msg']}."


def _known(loc: list[str]) -> list[str]:
    """The keys that may stand at a place of the settings file."""
    kind: Any = Settings
    for part in loc:
        if part.isdigit() or (get_origin(kind) is not None and not is_dataclass(kind)):
            kind = next((one for one in get_args(kind) if is_dataclass(one)), None)
        else:
            kind = get_type_hints(kind).get(part) if is_dataclass(kind) else None
    return [one.name for one in fields(kind)] if is_dataclass(kind) else []
