"""What robots.txt forbids although sitemaps ask search engines to read it."""

from collections.abc import Iterable, Iterator

import pyarrow as pa

from ..base.wording import counted
from ..exports import robots
from ..exports.sitemaps import listing
from ..model.crawlers import ALL, RobotsRule
from ..model.settings import Settings
from ..releases.manifest import Release

# That sitemaps are for. To forbid others to read what these find, such as GPTBot, is no mistake.
_SEARCH_ENGINES = frozenset(
    {ALL, "applebot", "baiduspider", "bingbot", "duckduckbot", "googlebot", "slurp", "yandex"}
    | {"yandexbot"}
)


def forbidden(settings: Settings, release: Release) -> Iterator[str]:
    """A line for each group of rules that keeps search engines from what sitemaps list."""
    for group in settings.robots.groups:
        if not group.disallow or not _is_of_search_engine(group):
            continue
        whose = f" (User-agent: {', '.join(group.user_agents)})"
        pages = listing.urls(tuple(release.paths("articles")), settings)
        if found := _found(group, pages):
            yield (
                f"robots.txt forbids {counted(len(found), 'page')} that sitemaps list, such as"
                f" {found[0]}{whose}: give them no_index, or allow them in [robots]"
            )
        if found := _found(group, [_sitemaps(release)]):
            yield (
                f"robots.txt forbids {counted(len(found), 'sitemap')}, such as {found[0]}{whose}:"
                " allow them in [robots]"
            )


def _is_of_search_engine(group: RobotsRule) -> bool:
    return not _SEARCH_ENGINES.isdisjoint(name.lower() for name in group.user_agents)


def _found(group: RobotsRule, urls: Iterable[pa.ChunkedArray]) -> list[str]:
    """What of some urls a group forbids."""
    return [url for part in urls for url in robots.forbidden(group, part).to_pylist()]


def _sitemaps(release: Release) -> pa.ChunkedArray:
    paths = (entry.path.removeprefix("site") for entry in release.outputs["sitemap"].files)
    found = [path for path in paths if path.endswith((".xml", ".xml.gz"))]
    return pa.chunked_array([pa.array(found, pa.string())])
