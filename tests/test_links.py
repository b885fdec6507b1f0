from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom.content.addresses import LinkRules
from pressroom.model.content import ContentModel
from pressroom.model.link_schemas import RELATED_LINKS, STATED_LINKS
from pressroom.tables import link_targets, links, scratch, url_index
from pressroom.tables.links import Known
from tests.quicktakes import TABLES

# url, id, title, subject, no_index
ARTICLE_ROWS = [
    ("/a", 1, "A", "S", False),
    ("/b", 2, "B", "S", False),
    ("/hidden", 3, "Hidden", "T", True),
    ("/bare", None, None, None, False),
    ("/zero", 0, "", "", False),
]


def articles(rows: Sequence[tuple[Any, ...]] = ARTICLE_ROWS) -> pa.Table:
    schema = pa.schema(
        [
            TABLES["articles"].schema.field(name)
            for name in ("url", "title", "subject", "id", "no_index")
        ]
    )
    order = ("url", "id", "title", "subject", "no_index")
    return pa.Table.from_pylist([dict(zip(order, row, strict=True)) for row in rows], schema)


COPIES = ("id", "title", "subject")
RULES = LinkRules(ContentModel(), "site.example", "", (".md",))


class Site:
    """Articles as links are looked up in them."""

    def __init__(self, table: pa.Table) -> None:
        index = url_index.by_url(links.keys(table))
        urls = table["url"].to_pylist()
        order = url_index.find(index, urls)
        names = pa.array(urls, pa.string()).take(pa.array(np.argsort(order)))
        self.known = Known(index, pa.chunked_array([names]))
        files = table.select(["url"]).append_column(
            "source_path", pa.array([f"files{url}.md" for url in urls], pa.string())
        )
        self.pages = link_targets.Pages(files, RULES)
        files = files.append_column("slug", pa.nulls(len(files), pa.string()))
        for name in ("aliases", "names"):
            files = files.append_column(name, pa.nulls(len(files), pa.list_(pa.string())))
        keys = url_index.columns(link_targets.keys(files, RULES))
        self.addresses = url_index.columns(link_targets.index([keys], index["url"]))

    @property
    def index(self) -> url_index.Columns:
        return self.known.keys


SITE = Site(articles())
INDEX = SITE.index


def resolve(
    *stated: tuple[Any, ...], site: Site = SITE
) -> tuple[list[dict[str, Any]], list[tuple[int, int]]]:
    """The rows and pairs of links (url, position, id, title, subject, related url), in line 9."""
    names = STATED_LINKS.names
    rows = [dict(zip(names, (*link, 9, "related"), strict=True)) for link in stated]
    links_as_written = pa.Table.from_pylist(rows, STATED_LINKS)
    targets = link_targets.of_stated(links_as_written, site.pages, site.addresses, RULES)
    sources = site.known.rows_of(links_as_written["url"])
    statuses = links.statuses(links_as_written, sources, targets, may_repeat=False)
    table = links.resolve(links_as_written, statuses, targets, site.known, COPIES)
    pairs = links.pairs(table, site.known)
    assert table.schema.equals(RELATED_LINKS.schema)
    assert url_index.to_table(pairs).schema.equals(scratch.PAIRS.schema)
    return table.to_pylist(), list(zip(*(pairs[name].tolist() for name in pairs), strict=True))


def pairs_of(edges: Iterable[tuple[int, int]]) -> url_index.Columns:
    rows = np.array(list(edges), dtype=np.int32).reshape(-1, 2)
    return {"source": rows[:, 0], "target": rows[:, 1]}


# The targets of the links of /a in their order, each with the status that it has.
STATUSES: list[list[tuple[str | None, str]]] = [
    [("/b", "ok")],
    [("/nowhere", "missing")],
    [(None, "missing"), (None, "missing")],
    [("/a", "self")],
    [("/a", "self"), ("/a", "self")],
    [("/b", "ok"), ("/hidden", "ok"), ("/b", "duplicate"), ("/b", "duplicate")],
    [("/nowhere", "missing"), ("/nowhere", "duplicate")],
    [("/b", "ok"), ("/B", "missing"), ("/b/", "duplicate"), ("b", "duplicate")],
    [("/b?x#y", "ok"), ("https://site.example/b", "duplicate"), ("b.md", "duplicate")],
    [("https://other.example/b", "external"), ("mailto:a@b.example", "external")],
    [("files/b.md", "ok"), ("/files/hidden.md", "ok"), ("", "missing")],
]


@pytest.mark.parametrize("targets", STATUSES)
def test_the_status_is_self_before_duplicate_before_missing_before_ok(
    targets: list[tuple[str | None, str]],
) -> None:
    stated = [("/a", n, None, None, None, url) for n, (url, _) in enumerate(targets, 1)]
    statuses = [status for _, status in targets]
    rows, pairs = resolve(*stated)
    assert [row["status"] for row in rows] == statuses
    assert len(pairs) == statuses.count("ok")


def test_the_same_target_in_two_articles_is_no_duplicate() -> None:
    rows, pairs = resolve(
        ("/a", 1, None, None, None, "/hidden"), ("/b", 1, None, None, None, "/hidden")
    )
    assert [row["status"] for row in rows] == ["ok", "ok"]
    source = url_index.find(INDEX, ["/a", "/b", "/hidden"]).tolist()
    assert pairs == sorted([(source[0], source[2]), (source[1], source[2])])


# stated id, title, subject and url; then whether each matches, and no_index of the target
MATCHES = {
    "all": ((2, "B", "S", "/b"), (True, True, True, False)),
    "none": ((3, "b", "s", "/b"), (False, False, False, False)),
    "not stated": ((None, None, None, "/b"), (None, None, None, False)),
    "hidden target": ((3, "Hidden", "T", "/hidden"), (True, True, True, True)),
    "missing target": ((2, "B", "S", "/nowhere"), (None, None, None, None)),
    "no url": ((2, "B", "S", None), (None, None, None, None)),
    "self": ((1, "A", "x", "/a"), (True, True, False, False)),
    "target without id, title and subject": (
        (1, "A", "S", "/bare"),
        (None, False, False, False),
    ),
    "zero is an id": ((0, "", "", "/zero"), (True, True, True, False)),
    "zero is no missing id": ((0, "x", "x", "/bare"), (None, False, False, False)),
    "largest id": ((2**63 - 1, None, None, "/b"), (False, None, None, False)),
}


@pytest.mark.parametrize(("stated", "expected"), MATCHES.values(), ids=MATCHES)
def test_what_is_stated_of_a_target_is_compared_with_it(
    stated: tuple[Any, ...], expected: tuple[bool | None, ...]
) -> None:
    (row,), _ = resolve(("/a", 1, *stated))
    names = ("id_matches", "title_matches", "subject_matches", "target_no_index")
    assert tuple(row[name] for name in names) == expected
    kept = ("related_id", "related_title", "related_subject", "related_url")
    assert tuple(row[name] for name in kept) == stated


def test_large_ids_are_compared_exactly_beside_missing_ones() -> None:
    # As floats, to which a missing value would turn the column, the two ids are equal.
    site = Site(articles([("/a", 2**53, "A", "S", False), ("/b", None, "B", "S", False)]))
    rows, _ = resolve(
        ("/b", 1, 2**53 + 1, None, None, "/a"),
        ("/b", 2, None, None, None, "/a"),
        ("/b", 3, 2**53, None, None, "/a"),
        ("/b", 4, 7, None, None, None),
        site=site,
    )
    assert [row["id_matches"] for row in rows] == [False, None, True, None]
    assert [row["related_id"] for row in rows] == [2**53 + 1, None, 2**53, 7]


def test_alone_every_link_of_an_article_is_missing() -> None:
    site = Site(articles(ARTICLE_ROWS[:1]))
    rows, pairs = resolve(
        ("/a", 1, 1, "A", "S", "/b"), ("/a", 2, None, None, None, None), site=site
    )
    assert [row["status"] for row in rows] == ["missing", "missing"]
    assert {row[name] for row in rows for name in row if name.endswith("matches")} == {None}
    assert pairs == []


@pytest.mark.parametrize("rows", [[], ARTICLE_ROWS])
def test_without_links_there_are_no_rows(rows: list[tuple[Any, ...]]) -> None:
    assert resolve(site=Site(articles(rows))) == ([], [])


URLS = ["/a", "/b", "/c", "/d", "/nowhere"]
GRAPHS = st.lists(
    st.tuples(st.sampled_from(URLS[:4]), st.none() | st.sampled_from(URLS)), max_size=30
)


@settings(max_examples=40)
@given(st.permutations(URLS[:4]), GRAPHS)
def test_links_keep_their_order_and_agree_with_a_naive_reading(
    known: list[str], stated: list[tuple[str, str | None]]
) -> None:
    site = Site(articles([(url, 1, url, "S", False) for url in known]))
    rows, pairs = resolve(
        *((source, n, n, target, "S", target) for n, (source, target) in enumerate(stated)),
        site=site,
    )
    seen: set[tuple[str, str | None]] = set()
    expected = []
    for source, target in stated:
        if source == target:
            expected.append("self")
        elif target is not None and (source, target) in seen:
            expected.append("duplicate")
        else:
            expected.append("ok" if target in known else "missing")
        seen.add((source, target))
    assert [row["position"] for row in rows] == list(range(len(stated)))
    assert [(row["url"], row["related_url"]) for row in rows] == stated
    assert [row["status"] for row in rows] == expected
    place = {url: int(url_index.find(site.index, [url])[0]) for url in known}
    ok = {link for link, status in zip(stated, expected, strict=True) if status == "ok"}
    assert pairs == sorted((place[source], place[target or ""]) for source, target in ok)


# --- degrees -----------------------------------------------------------------------------------


@given(
    st.integers(1, 8).flatmap(
        lambda n: st.tuples(
            st.just(n),
            st.sets(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=30),
        )
    )
)
def test_degrees_agree_with_a_naive_count(graph: tuple[int, set[tuple[int, int]]]) -> None:
    articles_count, edges = graph
    back = sorted((target, source) for source, target in edges)
    degrees = links.degrees(pairs_of(sorted(edges)), pairs_of(back), articles_count)
    nodes = range(articles_count)
    assert url_index.to_table(degrees).schema.equals(scratch.DEGREES.schema)
    assert degrees["text_links_out"].tolist() == degrees["links_in"].tolist()
    assert degrees["text_links_in"].tolist() == degrees["links_out"].tolist()
    assert {column.dtype for column in degrees.values()} == {np.dtype(np.int32)}
    assert degrees["links_out"].tolist() == [sum(s == n for s, _ in edges) for n in nodes]
    assert degrees["links_in"].tolist() == [sum(t == n for _, t in edges) for n in nodes]
    returned = [sum(s == n and (t, s) in edges for s, t in edges) for n in nodes]
    assert degrees["reciprocal"].tolist() == returned


def test_rows_of_a_large_index_are_not_confused() -> None:
    last = 2**31 - 1
    pairs = np.array([[last, 0], [0, last], [last, 1], [1, 2]], dtype=np.int32)
    source, target = pairs[:, 0].astype(np.int64), pairs[:, 1].astype(np.int64)
    assert len(set((source << 32 | target).tolist())) == 4
    small = links.degrees(pairs_of([(3, 0), (0, 3), (3, 1), (1, 2)]), pairs_of([]), 4)
    assert small["reciprocal"].tolist() == [1, 0, 0, 1]


@pytest.mark.parametrize("count", [0, 3])
def test_without_pairs_all_degrees_are_zero(count: int) -> None:
    degrees = links.degrees(pairs_of([]), pairs_of([]), count)
    assert [column.tolist() for column in degrees.values()] == [[0] * count] * len(degrees)
