"""What search engines are to look at again: the urls that releases changed."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from ..files import parquet
from ..releases.manifest import Release


class Announcement(NamedTuple):
    """A url, from the root of the site, that was ``added``, ``changed`` or ``removed``."""

    url: str
    change: str


def announcements(current: Release, releases: Iterable[Release]) -> list[Announcement]:
    """What `releases`, the newest first, changed on a site that is at `current` now, by url.

    Of several changes of a url the newest counts. An article that search engines are not to find is
    left out, unless they were to find it before.
    """
    changes: dict[str, str] = {}
    turned: set[str] = set()  # shown or hidden by one of them
    for release in releases:
        for path in release.paths("changes"):
            for row in parquet.read(path).to_pylist():
                changes.setdefault(row["url"], row["change"])
                if "no_index" in row["fields"]:
                    turned.add(row["url"])
    hidden = _hidden(current.paths("articles"), changes)
    found = []
    for url in sorted(changes):
        if url not in hidden:
            found.append(Announcement(url, "removed"))
        elif not hidden[url] or url in turned:
            # A release that was undone removed it, and now it is there.
            change = "added" if changes[url] == "removed" else changes[url]
            found.append(Announcement(url, change))
    return found


def of_new_site(current: Release) -> list[Announcement]:
    """All articles that search engines are to find, by url: of a site that has moved."""
    urls: list[str] = []
    for path in current.paths("articles"):
        rows = parquet.read(path, ["url", "no_index"])
        urls += rows["url"].filter(pc.invert(rows["no_index"])).to_pylist()
    return [Announcement(url, "added") for url in sorted(urls)]


def _hidden(articles: Iterable[Path], urls: Iterable[str]) -> dict[str, bool]:
    """Of those of some urls that are articles, whether search engines are not to find them."""
    wanted = pa.array(urls, pa.string())
    found: dict[str, bool] = {}
    for path in articles:
        rows = parquet.read(path, ["url", "no_index"])
        rows = rows.filter(pc.is_in(rows["url"], wanted))
        found |= zip(rows["url"].to_pylist(), rows["no_index"].to_pylist(), strict=True)
    return found
