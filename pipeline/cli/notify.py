"""``pressroom notify``: tells search engines which urls the published release changed.

::

    out/notified.json    the release that they were told of last, and the one told of before

Another machine that works for the same storage finds it there.
"""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import click

from ..base.errors import PipelineError, SettingsError
from ..base.wording import counted
from ..model.settings import is_placeholder
from ..releases.between import between
from ..releases.manifest import Release
from ..tables.announcements import Announcement, announcements, of_new_site
from . import indexnow
from .common import Site, command
from .indexnow import Target
from .terminal import echo

_NOTE = "notified.json"
_KINDS = ("added", "changed", "removed")


class _Told(NamedTuple):
    """What search engines were told: of all up to `release`, and that from `since` on at last.

    It was published for `base_url`. Of `begun`, where that failed on the way, the first `urls`.
    """

    release: str | None = None
    base_url: str | None = None
    since: str | None = None
    begun: str | None = None
    urls: int = 0


class _News(NamedTuple):
    """What is `found` to be told, behind what was told `before` and failed on the way.

    `is_whole`: it is all that changed `since` a release, where there is one.
    """

    since: str | None
    is_whole: bool
    before: int
    found: list[Announcement]


@command("out", "storage")
@click.option("--dry-run", is_flag=True, help="Print what would be sent, and send nothing.")
@click.option("--again", is_flag=True, help="Send what was sent last once more.")
@click.option("--all", "is_all", is_flag=True, help="Send the urls of all articles.")
@click.option("--json", "as_json", is_flag=True, help="Print an object on one line.")
def notify(site: Site, *, dry_run: bool, again: bool, is_all: bool, as_json: bool) -> None:
    """Tell search engines which urls the published release changed (IndexNow).

    Run it when the release is online. The first time it tells what the release changed, and later
    what all releases changed that were published since the last time, and nothing twice.

    It needs a key: notify.indexnow_key in the settings.
    """
    release = site.current("changes", "articles")
    target, told = _target(site, release), _recall(site)
    if is_all:
        news = _News(None, True, 0, of_new_site(release))
    else:
        has_moved = told.base_url != target.base_url
        news = _news(site, release, told, has_moved=has_moved, again=again)
    if not news.is_whole:
        lost = f"Not all releases since {news.since} are kept: what those changed that are gone"
        echo(f"{lost} is not known, and not told.", err=True)
    summary = {
        "release": release.id,
        "since": news.since,
        "is_whole": news.is_whole,
        "endpoint": target.endpoint,
        "urls": len(news.found),
        **dict.fromkeys(_KINDS, 0),
        **Counter(one.change for one in news.found),
    }
    if dry_run:
        _show(news.found, target, summary if as_json else None)
        return
    statuses = _send(site, target, news.found, told._replace(begun=release.id, urls=news.before))
    if news.since != release.id:
        _keep(site, _Told(release.id, target.base_url, news.since))
    if as_json:
        echo(json.dumps({**summary, "statuses": statuses}))
    elif news.found:
        echo(f"Told {target.endpoint} of {_counts(news.found)} in {release.id}.")
    elif news.since == release.id:
        echo(f"{target.endpoint} was told of {release.id} before: --again tells it once more.")
    else:
        echo(f"There is nothing to tell {target.endpoint} of {release.id}.")
    if indexnow.PENDING in statuses:
        echo(f"It is yet to look at the key: {target.key_location} must be online.")


def _news(site: Site, release: Release, told: _Told, *, has_moved: bool, again: bool) -> _News:
    """What is to be told of a release: all since the last one that was told of."""
    since = told.since if again and told.release == release.id else told.release
    if since == release.id:
        return _News(since, True, 0, [])
    before = told.urls if told.begun == release.id and not again else 0
    if since is not None and has_moved:
        return _News(since, True, before, of_new_site(release)[before:])
    way = between(release, since)
    for each in way.releases:
        site.bring(each, ["changes"])
    return _News(since, way.is_whole, before, announcements(release, way.releases)[before:])


def _target(site: Site, release: Release) -> Target:
    """Who is to be told, of the site as it is published."""
    stated = site.settings.notify
    base_url = release.base_url or site.settings.site.base_url
    if not stated.indexnow_key:
        raise SettingsError(
            "There is no key to tell search engines with: set notify.indexnow_key to 8 to 128"
            " letters, digits and hyphens, build, and put the site online."
        )
    if is_placeholder(base_url):
        raise SettingsError(
            f"The base URL of {release.id} is {base_url}, which is only a placeholder: set"
            " site.base_url, and build."
        )
    path = f"site/{stated.indexnow_key}.txt"
    if path not in {entry.path for entry in release.files}:
        raise PipelineError(
            f"{release.id} has no file of this key: run pressroom build, and put the site online."
        )
    return Target(stated.indexnow_endpoint, base_url, stated.indexnow_key)


def _send(site: Site, target: Target, found: Sequence[Announcement], told: _Told) -> list[int]:
    """Send all urls; where that fails on the way, it is kept how far it came."""
    statuses = []
    for request in indexnow.requests(target, [one.url for one in found]):
        statuses.append(indexnow.send(target, request, say=lambda line: echo(line, err=True)))
        told = told._replace(urls=told.urls + indexnow.MOST_URLS)
        _keep(site, told)
    return statuses


def _show(found: Sequence[Announcement], target: Target, summary: dict[str, Any] | None) -> None:
    requests = list(indexnow.requests(target, [one.url for one in found]))
    if summary is not None:
        echo(json.dumps({**summary, "requests": requests}))
        return
    for one in found:
        echo(f"{one.change:<8} {target.base_url}{one.url}")
    requested = counted(len(requests), "request")
    echo(f"Would tell {target.endpoint} of {_counts(found)}, in {requested}.", err=True)


def _counts(found: Sequence[Announcement]) -> str:
    kinds = Counter(one.change for one in found)
    shown = ", ".join(f"{kinds[kind]:,} {kind}" for kind in _KINDS)
    return f"{counted(len(found), 'url')} ({shown})"


def _recall(site: Site) -> _Told:
    path = site.store.note(_NOTE, anew=True)
    try:
        return _Told(**json.loads(path.read_bytes()))
    except FileNotFoundError:
        return _Told()
    except (ValueError, TypeError) as error:
        raise PipelineError(f"{path} is corrupt ({error}): remove it.") from error


def _keep(site: Site, told: _Told) -> None:
    site.store.keep(_NOTE, json.dumps(told._asdict()).encode())
