"""What robots.txt forbids although sitemaps ask search engines to read it."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from ..base.wording import counted
from ..exports import robots
from ..files import parquet
from ..model.crawlers import ALL, Robots, RobotsRule
from ..releases.manifest import Release

# That sitemaps are for. To forbid others to read what these find, such as GPTBot, is no mistake.
_SEARCH_ENGINES = frozenset(
    {ALL, "applebot", "baiduspider", "bingbot", "duckduckbot", "googlebot", "slurp", "yandex"}
    | {"yandexbot"}
)


def forbidden(stated: Robots, release: Release) -> Iterator[str]:
    """A line for each group of rules that keeps search engines from what sitemaps list."""
    groups = [group for group in stated.groups if group.disallow and _is_of_search_engine(group)]
    if not groups:
        return
    pages, sitemaps = _pages(release), _sitemaps(release)
    for group in groups:
        whose = f" (User-agent: {', '.join(group.user_agents)})"
        if len(found := robots.forbidden(group, pages)):
            yield (
                f"robots.txt forbids {counted(len(found), 'page')} that sitemaps list, such as"
                f" {found[0]}{whose}: give them no_index, or allow them in [robots]"
            )
        if len(found := robots.forbidden(group, sitemaps)):
            yield (
                f"robots.txt forbids {counted(len(found), 'sitemap')}, such as {found[0]}{whose}:"
                " allow them in [robots]"
            )


def _is_of_search_engine(group: RobotsRule) -> bool:
    return not _SEARCH_ENGINES.isdisjoint(name.lower() for name in group.user_agents)


def _pages(release: Release) -> pa.ChunkedArray:
    """The urls of the articles that search engines are to find."""
    parts = [parquet.read(path, ["url", "no_index"]) for path in release.paths("articles")]
    articles = pa.concat_tables(parts)
    return articles["url"].filter(pc.invert(articles["no_index"]))


def _sitemaps(release: Release) -> pa.ChunkedArray:
    paths = (entry.path.removeprefix("site") for entry in release.outputs["sitemap"].files)
    found = [path for path in paths if path.endswith((".xml", ".xml.gz"))]
    return pa.chunked_array([pa.array(found, pa.string())])
