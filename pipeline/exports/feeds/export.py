"""The feeds of a site: of all its articles, of each language, collection and subject.

Articles are chosen and rendered once for all feeds and formats. What an earlier release knows of
feeds is read from it (`state`); the rest follows from the tables.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from ...base.wording import counted
from ...files import parquet
from ...files.atomic import FileEntry
from ...model.content import ContentModel
from ...model.settings import Settings
from ...model.slugs import slug
from ...releases.cache import Cache
from ..article_lists import lists_of_tags
from ..base import Context, Export, of_markdown, write_text
from . import content, opml, state
from .document import Feed
from .documents import FeedJob, Look, write_feed
from .opml import Outline
from .selection import Key, Place, SelectJob, limit, select
from .state import Known, Page

_OPML = "site/feeds.opml"


def write(context: Context) -> list[FileEntry]:
    """Write all feeds in all formats, the list of them, and what they are made from."""
    settings = context.settings
    if not settings.feeds.formats:
        return []
    look = Look(settings.site, settings.feeds, context.code)
    chosen = dict(next(iter(context.run(select, [_selection(context)]))))
    plans = list(_plans(context, look, chosen))
    rendered = content.rendered(context, chain.from_iterable(plan.places for plan in plans))
    items = {part: context.root / entry.path for part, entry in rendered.items()}
    reports = context.run(write_feed, [_job(context, look, plan, items) for plan in plans])
    files, full = [*rendered.values()], dict[Key, list[Page]]()
    for report in reports:
        files += report.files
        full[report.feed.key] = report.pages
    files += chain.from_iterable(plan.linked for plan in plans)
    if again := sum(len(plan.again) for plan in plans):
        context.say(
            f"feeds: {counted(again, 'full page')} written again, for articles that are gone, or"
            " for another address or look of the site"
        )
    known = {
        plan.feed.key: plan.known._replace(pages=(*plan.known.pages, *full[plan.feed.key]))
        for plan in plans
    }
    files.append(state.remember(context, known))
    if settings.feeds.opml:
        files.append(_write_list(context, look, plans))
    return sorted(files)


def _selection(context: Context) -> SelectJob:
    settings = context.settings
    collections = {name: slug(name) for name in settings.content.collections_with_feeds()}
    languages = frozenset(_languages(settings.content))
    return SelectJob(context.tables["articles"], settings.feeds, collections, languages)


def _languages(model: ContentModel) -> Sequence[str]:
    """The languages that have a feed each: of a site in several."""
    return model.languages if len(model.languages) > 1 else ()


class _Plan(NamedTuple):
    """What is to be written of a feed, and what of it is `linked` already.

    `known` is of what stays of its pages; `again` are those that are written again.
    """

    feed: Feed
    known: Known
    current: list[Place]
    pending: list[Place]
    again: list[tuple[int, list[Place]]]
    linked: list[FileEntry]

    @property
    def places(self) -> Iterable[Place]:
        """The articles whose items are needed."""
        return chain(self.current, self.pending, *(places for _, places in self.again))


def _plans(context: Context, look: Look, chosen: Mapping[Key, list[Place]]) -> Iterator[_Plan]:
    """The feeds that there are, and those of subjects that are to stay for a while."""
    known_files = context.remembered()
    before, days = state.recall(known_files), context.settings.feeds.expired_days
    labels = _labels(context)
    asked = {*chosen, *(key for key in labels if key.kind != "subjects")}
    vanished = {key for key in before if key.kind == "subjects" and key not in asked}
    for key in sorted(asked | vanished, key=lambda key: (key.kind != "site", key)):
        places, known = chosen.get(key, []), before.get(key, Known(key.name))
        label = labels.get(key, known.label)
        # A clock may have been set back, and no feed was updated later than now.
        since = context.as_of if known.empty_since is None else known.empty_since
        since = min(since, context.as_of)
        known = known._replace(label=label, empty_since=None if places else since)
        goes = known.goes(days)
        if key not in asked and goes is not None and context.as_of >= goes:
            continue
        feed = Feed(key, *_named(context.settings, key, label))
        yield _plan(context, look, feed, known, places, known_files)


def _labels(context: Context) -> dict[Key, str]:
    """What feeds are called by besides the title of the site: of each that settings ask for too."""
    model = context.settings.content
    labels = {Key("site"): ""}
    labels |= {Key("languages", language): language for language in _languages(model)}
    labels |= {Key("collections", slug(one)): one for one in model.collections_with_feeds()}
    for path in context.tables["subjects"]:
        table = parquet.read(path, ["slug", "label"])
        for name, label in zip(table["slug"].to_pylist(), table["label"].to_pylist(), strict=True):
            labels[Key("subjects", name)] = label
    return labels


def _named(settings: Settings, key: Key, label: str) -> tuple[str, str]:
    """The title and the language of a feed."""
    title = f"{settings.site.title}: {label}" if label else settings.site.title
    language = content.language_tag(key.name) if key.kind == "languages" else None
    return title, language or settings.site.language


def _plan(
    context: Context, look: Look, feed: Feed, known: Known, places: list[Place], known_files: Cache
) -> _Plan:
    if not look.feeds.archives:
        return _Plan(feed, known._replace(pages=()), places, [], [], [])
    by_url = {place.url: place for place in places}
    pages = tuple(page.only(by_url) for page in known.pages)
    told = dict(chain.from_iterable(zip(page.urls, page.modified, strict=True) for page in pages))
    pending = [place for place in places if told.get(place.url, _NEVER) != place.modified]
    needed = {place.url for place in (*places[: limit(feed.key.kind, look.feeds)], *pending)}
    linked, again = [], []
    for number, page in enumerate(pages, 1):
        if files := _linked(context.root, look, feed, number, page, known_files):
            linked += files
        else:
            again.append((number, [by_url[url] for url in page.urls]))
    return _Plan(
        feed,
        known._replace(pages=pages),
        [place for place in places if place.url in needed],
        sorted(pending, key=lambda place: (place.first_seen, place.url)),
        again,
        linked,
    )


_NEVER = -1  # no time at which anything was modified


def _linked(
    root: Path, look: Look, feed: Feed, number: int, page: Page, known: Cache
) -> list[FileEntry]:
    """The files of a full page, linked from the published release; none if they are not right."""
    files = []
    for form in look.formats:
        entry = known.files.get(form.page(feed.key, number))
        if entry is None or entry.inputs != look.page_inputs(feed, form, number, page.urls):
            return []
        files.append(entry)
    return [known.hard_link(entry, root, entry.path) for entry in files]


def _job(context: Context, look: Look, plan: _Plan, items: Mapping[int, Path]) -> FeedJob:
    needed = sorted({place.part for place in plan.places})
    return FeedJob(
        plan.feed,
        look,
        plan.current,
        plan.pending,
        len(plan.known.pages),
        plan.again,
        plan.known.empty_since,
        {part: items[part] for part in needed},
        context.root,
        context.cache.only(*(form.path(plan.feed.key) for form in look.formats)),
    )


def _write_list(context: Context, look: Look, plans: Iterable[_Plan]) -> FileEntry:
    """Write the list of feeds, each in the format that most readers take; none that is to go."""
    site = context.settings.site
    form = next((one for one in look.formats if one.is_xml), look.formats[0])
    outlines = [
        Outline(
            plan.feed.title,
            site.served_at(form.path(plan.feed.key)),
            site.absolute("/"),
            plan.feed.language,
        )
        for plan in plans
        if plan.current or plan.feed.key.kind != "subjects"
    ]
    return write_text(context, _OPML, opml.write(site.title, outlines).decode())


def _depends_on(settings: Settings) -> Any:
    return [settings.site, settings.feeds, *of_markdown(settings.content)]


EXPORT = Export(
    name="feeds",
    description="Feeds of the newest articles: JSON Feed 1.1, RSS 2.0 and Atom, and their list.",
    kinds=("json", "xml"),
    tables=lambda model: (
        *("articles", "article_authors", *lists_of_tags(model)),
        *("text_links", "subjects"),
    ),
    module=__name__,
    settings=_depends_on,
    write=write,
    next_due=lambda settings, root, files: state.next_due(root, files, settings.feeds.expired_days),
)
