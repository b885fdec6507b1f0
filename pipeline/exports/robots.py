"""``site/robots.txt`` (RFC 9309): what crawlers may read, and where the sitemaps are.

Crawlers read it at the root of a host alone. Its paths are whole, and the owner of a site below a
path puts it there.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc

from ..files.atomic import FileEntry
from ..model.crawlers import RobotsRule
from ..model.settings import Settings
from .base import Context, Export, always, write_text
from .sitemaps import listing

_PATH = "site/robots.txt"
_OF_PATTERNS = "%/?&=*$:@!'()+,;~"
_ESCAPE = re.compile("%[0-9a-f]{2}", re.IGNORECASE)


class _Rule(NamedTuple):
    """A line of a group: a pattern of paths, from the root of the site and percent-encoded."""

    pattern: str
    is_allowed: bool

    def __str__(self) -> str:
        return f"{'Allow' if self.is_allowed else 'Disallow'}: {self.pattern}"


class RobotsJob(NamedTuple):
    """All articles of a site."""

    articles: tuple[Path, ...]
    settings: Settings


def write(context: Context) -> list[FileEntry]:
    """Write the file."""
    job = RobotsJob(context.tables["articles"], context.settings)
    return [write_text(context, _PATH, next(iter(context.run(text_of, [job]))))]


def text_of(job: RobotsJob) -> str:
    """The whole file: the groups, then the index of the sitemaps, if there are any."""
    site = job.settings.site
    blocks = [_group(rule, site.base_path) for rule in job.settings.robots.groups]
    if listing.is_any(job.articles, job.settings):
        blocks.append(f"Sitemap: {site.absolute('/sitemap.xml')}\n")
    return "\n".join(blocks)


def _group(group: RobotsRule, base_path: str) -> str:
    agents = [f"User-agent: {name}" for name in group.user_agents]
    rules = [str(rule._replace(pattern=base_path + rule.pattern)) for rule in _rules(group)]
    return "".join(f"{line}\n" for line in [*agents, *(rules or ["Disallow:"])])


def _rules(group: RobotsRule) -> Iterator[_Rule]:
    for patterns, is_allowed in ((group.allow, True), (group.disallow, False)):
        for pattern in patterns:
            yield _Rule(_ESCAPE.sub(_upper, quote(pattern, safe=_OF_PATTERNS)), is_allowed)


def _upper(found: re.Match[str]) -> str:
    return found[0].upper()


def forbidden(group: RobotsRule, urls: pa.ChunkedArray) -> pa.ChunkedArray:
    """Those of some urls, from the root of the site, that a group forbids.

    The longest rule that fits counts, and of two as long that which allows (RFC 9309, 2.2.2).
    """
    weights = {True: pa.repeat(0, len(urls)), False: pa.repeat(0, len(urls))}
    for rule in _rules(group):
        fits = pc.match_substring_regex(urls, _expression(rule.pattern))
        weight = pc.if_else(fits, len(rule.pattern), 0)
        weights[rule.is_allowed] = pc.max_element_wise(weights[rule.is_allowed], weight)
    return urls.filter(pc.greater(weights[False], weights[True]))


def _expression(pattern: str) -> str:
    begins, end = (pattern[:-1], "$") if pattern.endswith("$") else (pattern, "")
    return "^" + ".*".join(map(re.escape, begins.split("*"))) + end


EXPORT = Export(
    name="robots",
    description="robots.txt: what crawlers may read, and where the sitemaps are.",
    kinds=("txt",),
    tables=always("articles"),
    module=__name__,
    settings=lambda settings: [
        settings.site.base_url,
        settings.robots,
        *listing.depends_on(settings),
    ],
    write=write,
)
