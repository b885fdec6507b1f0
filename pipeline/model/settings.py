"""The settings of a site, as frozen values that are passed down.

`settings_toml.load` reads them. Nothing here reads the environment.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Literal, NamedTuple
from urllib.parse import quote
from zoneinfo import ZoneInfo

from annotated_types import Ge, Gt, Le

from ..base import web
from ..base.errors import SettingsError
from ..base.places import Place
from .automation import Automation
from .checks import STRICT, Checked
from .content import ContentModel
from .crawlers import Notify, Robots
from .findings import Findings
from .paths import Paths, Sources
from .publishing import Feeds, Sitemaps

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


_SPDX = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*")


def check_license(text: str) -> str:
    """An identifier of SPDX, a URL, or nothing.

    Raises:
        SettingsError: It is anything else.
    """
    if text and not _SPDX.fullmatch(text) and not web.is_address(text):
        message = f"{text!r} is neither an SPDX identifier, such as CC-BY-4.0, nor a URL."
        raise SettingsError(message)
    return text


@dataclass(frozen=True, slots=True)
class Site:
    """What readers of the feeds and sitemaps see. `base_url` has no trailing slash.

    A time that states no zone is of `timezone`. The day of one that does is, by `days`, that which
    is stated, or that in `timezone`. The tables may be used by the `license`, an identifier of SPDX
    or a URL.
    """

    __pydantic_config__ = STRICT

    base_url: Annotated[str, Checked(check_base_url)] = "http://localhost:8000"
    title: str = "Pressroom"
    description: str = ""
    language: str = "en"
    license: Annotated[str, Checked(check_license)] = ""
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

    def served_at(self, path: str) -> str:
        """The URL at which a file in the folder ``site`` of a release is served, by its path."""
        return self.absolute(quote(path.removeprefix("site")))


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
    """Which exports there are, and how much they hold. Without rows (0) there is no report.

    The type ``qapage`` of `structured_data` is for pages on which users can submit answers alone:
    that a site is `structured_data_eligible` nobody but its owner knows. `digital_source_type` says
    what its texts were made by; without it they count as written by people.
    """

    __pydantic_config__ = STRICT

    spreadsheet: bool = False
    report_rows: Annotated[int, Ge(0), Le(100)] = 20
    llms: Literal["off", "subjects", "titles"] = "off"
    structured_data: Literal["off", "article", "qapage"] = "off"
    structured_data_eligible: bool = False
    digital_source_type: Literal[
        "", "TrainedAlgorithmicMediaDigitalSource", "AlgorithmicMediaDigitalSource"
    ] = ""
    sqlite: bool = False
    jsonl: bool = False
    duckdb: bool = False


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

    paths: Paths = field(default_factory=Paths)
    sources: Sources = field(default_factory=Sources)
    site: Site = Site()
    content: ContentModel = field(default_factory=ContentModel)
    findings: Findings = field(default_factory=Findings)
    limits: Limits = Limits()
    exports: Exports = Exports()
    feeds: Feeds = field(default_factory=Feeds)
    sitemaps: Sitemaps = field(default_factory=Sitemaps)
    robots: Robots = field(default_factory=Robots)
    notify: Notify = field(default_factory=Notify)
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
            paths=self.paths.override(raw, out, storage),
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


QUESTION = "question"  # the column of articles that are questions with an answer


def contradictions(settings: Settings) -> Iterator[tuple[str, str]]:
    """What is wrong with these settings as a whole: the dotted key to look at, and a message."""
    if settings.exports.structured_data != "qapage":
        return
    key = "exports.structured_data"
    if not settings.exports.structured_data_eligible:
        yield (
            key,
            f"{key}: search engines take 'qapage' only where users can submit answers; for a page"
            " that its own site answers it is an invalid use. If users can, set"
            " exports.structured_data_eligible = true; else choose 'article'.",
        )
    elif QUESTION not in settings.content.all_columns():
        example = f'{QUESTION} = {{ key = "title" }}'
        yield (
            key,
            f"{key}: 'qapage' is for articles with a value in the column {QUESTION!r}: declare it"
            f" in [content.columns], or in those of a collection, such as {example}.",
        )
