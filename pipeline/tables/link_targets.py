"""What links lead to: an index of all that articles are known by, and the look-up of links in it.

One resolver for all links, in texts and in front matter. It takes time with the number of links;
the index holds some 150 bytes an article, and is memory-mapped by every worker.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..content import addresses
from ..content.addresses import LinkRules, Names, Page, Wanted
from ..files import parquet
from ..markup.link_kinds import LinkKind
from ..model.content import ContentModel
from ..model.vocabulary import FoundBy
from . import scratch, url_index

# --- the index -----------------------------------------------------------------------------------


def keys(articles: pa.Table, rules: LinkRules) -> pa.Table:
    """The keys of articles, as `scratch.ADDRESS_KEYS`.

    `articles` has the columns that `columns` names, as far as the site has them.
    """
    texts, owners, kinds, ranks = list[str](), list[int](), list[int](), list[int]()
    for number, called in enumerate(_names(articles, rules)):
        for text, found_by, rank in addresses.keys_of(called, rules):
            texts.append(text)
            owners.append(number)
            kinds.append(found_by)
            ranks.append(rank)
    of_all = {
        "key": url_index.digests(texts),
        "url": url_index.digests(articles["url"].to_pylist())[owners],
        "found_by": np.array(kinds, np.int8),
        "rank": np.array(ranks, np.int32),
    }
    return url_index.to_table(of_all)


_NAMES = ("url", "source_path", "slug", "aliases", "names")


def columns(model: ContentModel) -> tuple[str, ...]:
    """The columns of articles that hold what links may call them."""
    return (*_NAMES, *sorted(set(model.related_ids().values())))


def _names(articles: pa.Table, rules: LinkRules) -> Iterator[Names]:
    ids = sorted(set(rules.model.related_ids().values()))
    rows = zip(*(articles[name].to_pylist() for name in (*_NAMES, *ids)), strict=True)
    return (Names(*row[:5])._replace(ids=dict(zip(ids, row[5:], strict=True))) for row in rows)


def former(redirects: pa.Table) -> pa.Table:
    """The keys that redirects give to articles, as `scratch.ADDRESS_KEYS`."""
    texts = [addresses.former_key(url) for url in redirects["from_url"].to_pylist()]
    columns = {
        "key": url_index.digests(texts),
        "url": url_index.digests(redirects["to_url"].to_pylist()),
        "found_by": np.full(len(texts), FoundBy.ALIAS, np.int8),
        "rank": np.full(len(texts), 1, np.int32),  # what an article states itself comes first
    }
    return url_index.to_table(columns)


def aliases(articles: pa.Table, rules: LinkRules) -> pa.Table:
    """The former urls that articles state, as `scratch.ALIASES`."""
    pairs = zip(articles["aliases"].to_pylist(), articles["url"].to_pylist(), strict=True)
    rows = [
        (former, url)
        for stated, url in pairs
        for former in dict.fromkeys(addresses.former_urls(stated or (), url, rules))
    ]
    return parquet.to_table(rows, scratch.ALIASES.schema)


def index(parts: Sequence[url_index.Columns], urls: npt.NDArray[np.bytes_]) -> pa.Table:
    """The keys of all articles, each once, as `scratch.ADDRESSES`; `urls` are those of the index.

    Of articles with the same key and rank the first is meant.
    """
    of_all = url_index.concatenate(parts, scratch.ADDRESS_KEYS.schema)
    order = np.lexsort((of_all["rank"], of_all["key"]))
    sorted_keys = of_all["key"][order]
    is_first = np.ones(len(order), bool)
    is_first[1:] = sorted_keys[1:] != sorted_keys[:-1]
    chosen = order[is_first]
    rows = url_index.find_digests(urls, of_all["url"][chosen])
    columns = {
        "url": of_all["key"][chosen],
        "row": rows.astype(np.int32),
        "found_by": of_all["found_by"][chosen],
    }
    return url_index.to_table(columns)


def anchors(of_shard: pa.Table) -> pa.Table:
    """Where fragments can lead to in the articles of a shard, as `scratch.ANCHORS`.

    `of_shard` has the columns ``url`` and ``anchor``.
    """
    pairs = zip(of_shard["url"].to_pylist(), of_shard["anchor"].to_pylist(), strict=True)
    texts = [f"{url}#{name}" for url, anchor in pairs for name in addresses.anchor_names(anchor)]
    return url_index.to_table({"url": np.unique(url_index.digests(texts))})


# --- looking up ----------------------------------------------------------------------------------


class Targets(NamedTuple):
    """What links lead to, in their order: arrays of one length.

    `rows` are those of the index, -1 where no article is meant; `found_by` is of
    `addresses.FoundBy`, and `status` what the link itself tells where there is no row.
    """

    rows: npt.NDArray[np.int64]
    found_by: npt.NDArray[np.int8]
    status: Sequence[str]
    fragments: Sequence[str | None]


class Pages:
    """The pages of articles, by url, made when they are wanted.

    `articles` has the columns ``url`` and ``source_path``.
    """

    def __init__(self, articles: pa.Table, rules: LinkRules) -> None:
        columns = (articles[name].to_pylist() for name in ("url", "source_path"))
        self._paths: dict[str, str] = dict(zip(*columns, strict=True))
        self._rules = rules
        self._made: dict[str, Page] = {}

    def of(self, url: str) -> Page:
        """The page of an article."""
        if url not in self._made:
            self._made[url] = addresses.page_of(url, self._paths[url], self._rules)
        return self._made[url]


# How it is written (the kind of a link in a text, the column of a number), what it leads to, and
# the url of its article.
_Link: TypeAlias = tuple[str | None, str, str]


def of_text(written: pa.Table, pages: Pages, known: url_index.Columns, rules: LinkRules) -> Targets:
    """What links in texts lead to (`schemas.WRITTEN_LINKS`); `known` are `scratch.ADDRESSES`."""

    def wanted(kind: str | None, href: str, page: Page) -> Wanted:
        assert kind is not None
        return addresses.wanted(LinkKind(kind), href, page, rules)

    columns = (written[name].to_pylist() for name in ("kind", "href", "url"))
    return _look_up(list(zip(*columns, strict=True)), wanted, pages, known, rules)


def of_stated(
    stated: pa.Table, pages: Pages, known: url_index.Columns, rules: LinkRules
) -> Targets:
    """What links in front matter lead to (`schemas.STATED_LINKS`)."""
    ids = rules.model.related_ids()

    def wanted(column: str | None, href: str, page: Page) -> Wanted:
        return addresses.by_id(column, int(href)) if column else addresses.stated(href, page, rules)

    links: list[_Link] = []
    columns = (stated[name].to_pylist() for name in ("key", "related_id", "related_url", "url"))
    for key, number, href, url in zip(*columns, strict=True):
        column = ids.get(key) if href is None and number is not None else None
        links.append((column, str(number) if column else href or "", url))
    return _look_up(links, wanted, pages, known, rules)


def _look_up(
    links: Sequence[_Link],
    wanted: Callable[[str | None, str, Page], Wanted],
    pages: Pages,
    known: url_index.Columns,
    rules: LinkRules,
) -> Targets:
    places = np.full(len(links), -1, np.int64)
    status, fragments = ["missing"] * len(links), list[str | None]([None] * len(links))
    # Most of those from the root are spelled as the url is: they need no other key.
    plain = [n for n, (kind, href, _) in enumerate(links) if addresses.is_plain(kind, href, rules)]
    places[plain] = url_index.find(known, [addresses.url_key(links[n][1]) for n in plain])
    seen: dict[tuple[Any, ...], Wanted] = {}
    keys, owners = list[str](), list[int]()
    for number in np.flatnonzero(places < 0).tolist():
        kind, href, url = links[number]
        page = pages.of(url)
        # Navigation stands in many texts; what is relative differs from page to page.
        is_same = href.startswith(("/", "http://", "https://"))
        same = (kind, href, page.language, page.root) if is_same else ()
        found = seen.get(same) or wanted(kind, href, page)
        if same:
            seen[same] = found
        status[number], fragments[number] = found.status, found.fragment
        keys += found.keys
        owners += [number] * len(found.keys)
    hits = url_index.find(known, keys)
    is_hit = hits >= 0
    # Assigned from the last to the first, so that the likeliest stays.
    places[np.array(owners, np.int64)[is_hit][::-1]] = hits[is_hit][::-1]
    is_found = places >= 0
    rows, found_by = np.full(len(links), -1, np.int64), np.zeros(len(links), np.int8)
    rows[is_found] = known["row"][places[is_found]]
    found_by[is_found] = known["found_by"][places[is_found]]
    return Targets(rows, found_by, status, fragments)


def anchors_exist(
    urls: Iterable[str | None], fragments: Iterable[str | None], known: npt.NDArray[np.bytes_]
) -> pa.Array:
    """Whether articles have what fragments name, by `scratch.ANCHORS`.

    Null where there is no article or no fragment, and where it quotes text (``:~:``), names a block
    (``^``) or the top of the page.
    """
    wanted = [_anchor(*one) for one in zip(urls, fragments, strict=True)]
    rows = url_index.find_digests(known, url_index.digests(wanted))
    return pa.array(rows >= 0, mask=np.array([one is None for one in wanted], bool))


def _anchor(url: str | None, fragment: str | None) -> str | None:
    """The key of an anchor among those of `anchors`."""
    if not url or not fragment or fragment.startswith((":~:", "^")) or fragment.lower() == "top":
        return None
    name = next(addresses.anchor_names(fragment.rpartition("#")[2]), None)
    return name and f"{url}#{name}"
