"""Links that lead nowhere, to a former url, or that state what is no longer so, and what to write.

Of a link that leads nowhere it is suggested which article was meant: that which alone has the
stated id, whose url differs in case or its end alone, or whose title or last part of the url is
much alike. A score, from 0 to 100, says how sure that is; 100 is what the tables say.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import unquote

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ..files import parquet
from ..model.content import ContentModel
from ..releases.manifest import Release
from . import links, near_urls

_Row: TypeAlias = Mapping[str, Any]

SURE = 100.0
_LEAST_SCORE = 75.0
_AT_ONCE = 8_000_000  # pairs of a link and an article that are compared: 8 bytes each
_HOST = re.compile("(?:https?:)?//[^/]*", re.IGNORECASE)  # the own one, where a link is missing
_COMPARED = ("id", "title", "subject")


class Suggestion(NamedTuple):
    """What to write instead of what a link states: the article that is meant, and why."""

    url: str
    score: float
    reason: str


class BrokenLink(NamedTuple):
    """A link to look at; `kind` is that of a link in a text, None of a related link.

    `problem` is ``missing``, ``former`` or ``stale``; `differing` are the copies of a related link
    that its target does not have, or that of the one suggested.
    """

    source_path: str
    line: int
    url: str
    key: str
    kind: str | None
    href: str
    problem: str
    suggestion: Suggestion | None
    differing: tuple[str, ...] = ()


class Articles:
    """What is known of all articles of a release, by url."""

    def __init__(self, release: Release) -> None:
        columns = ("url", "source_path", "id", "title", "subject")
        tables = [_completed(parquet.read(path, columns)) for path in release.paths("articles")]
        self.table = pa.concat_tables(tables)
        self.urls: list[str] = self.table["url"].to_pylist()
        self.rows = {url: row for row, url in enumerate(self.urls)}
        ids = Counter(self.table["id"].to_pylist())
        pairs = zip(self.table["id"].to_pylist(), self.urls, strict=True)
        self.by_id = {id: url for id, url in pairs if id is not None and ids[id] == 1}
        self.near: dict[str, str | None] = {}
        for url in self.urls:
            fold = near_urls.fold(unquote(url))
            self.near[fold] = None if fold in self.near else url

    def value(self, url: str, column: str) -> Any:
        """A value of an article."""
        return self.table[column][self.rows[url]].as_py()


def _completed(table: pa.Table) -> pa.Table:
    """A site need not declare an id."""
    kept = table.drop_columns(["id"]) if "id" in table.column_names else table
    return kept.append_column("id", links.ids_of(table))


def broken(
    release: Release, articles: Articles, model: ContentModel, *, is_guessed: bool = True
) -> list[BrokenLink]:
    """All links of a release to look at, in the order of files and lines.

    Where it `is_guessed`, links that lead nowhere get the article that is most alike.
    """
    found = [*_related(release, articles), *_in_texts(release, articles)]
    unknown = [_Words.of(link, row) for link, row in found if link.suggestion is None]
    guesses = _guesses(list(dict.fromkeys(unknown)), articles) if is_guessed else {}
    completed = [
        _with_copies(
            link._replace(
                suggestion=link.suggestion or _other(link, guesses.get(_Words.of(link, row)))
            ),
            articles,
            row,
            model.of(link.source_path).model.related.copies,
        )
        for link, row in found
    ]
    return sorted(completed, key=lambda link: (link.source_path, link.line, link.key, link.href))


_RELATED = (
    *("url", "key", "related_id", "related_title", "related_subject", "related_url"),
    *("line", "status", "target_url", "found_by"),
    *(f"{name}_matches" for name in _COMPARED),
)


class _Words(NamedTuple):
    """What a link says of the article that it means: words of its address, and a title."""

    slug: str
    title: str

    @classmethod
    def of(cls, link: BrokenLink, row: _Row) -> "_Words":
        return cls(_last(link.href), (row.get("related_title") or "").lower())


def _related(release: Release, articles: Articles) -> Iterator[tuple[BrokenLink, _Row]]:
    for row in _rows(release, "related_links", _RELATED):
        differing = tuple(name for name in _COMPARED if row[f"{name}_matches"] is False)
        problem = _problem(row) or ("stale" if differing else None)
        if problem is None or row["related_url"] is None:
            continue
        known = _known(row["related_url"], row, articles)
        if known is None and row["related_id"] in articles.by_id:
            known = Suggestion(articles.by_id[row["related_id"]], SURE, "id")
        path = articles.value(row["url"], "source_path")
        link = BrokenLink(
            path, row["line"], row["url"], row["key"], None, row["related_url"], problem, known
        )
        yield link, row


_IN_TEXTS = ("url", "line", "kind", "href", "status", "target_url", "found_by")


def _in_texts(release: Release, articles: Articles) -> Iterator[tuple[BrokenLink, _Row]]:
    for row in _rows(release, "text_links", _IN_TEXTS):
        problem = _problem(row)
        if problem is None:
            continue
        known = _known(row["href"], row, articles)
        path = articles.value(row["url"], "source_path")
        of_link = path, row["line"], row["url"], "", row["kind"], row["href"], problem, known
        yield BrokenLink(*of_link), {}


def _rows(release: Release, table: str, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    for path in release.paths(table):
        rows = parquet.read(path, columns)
        is_dead = pc.equal(rows["status"], "missing")
        # Another link to the same, which is nowhere.
        repeats = pc.and_(pc.equal(rows["status"], "duplicate"), pc.is_null(rows["target_url"]))
        is_former = pc.equal(pc.fill_null(rows["found_by"], ""), "alias")
        is_fine = pc.invert(pc.or_(pc.or_(is_dead, repeats), is_former))
        for name in _COMPARED:
            if f"{name}_matches" in rows.column_names:
                is_fine = pc.and_(is_fine, pc.fill_null(rows[f"{name}_matches"], True))
        yield from rows.filter(pc.invert(is_fine)).to_pylist()


def _problem(row: Mapping[str, Any]) -> str | None:
    if row["found_by"] == "alias":
        return "former"
    is_dead = row["status"] == "missing" or (row["status"] == "duplicate" and not row["target_url"])
    return "missing" if is_dead else None


def _known(href: str, row: Mapping[str, Any], articles: Articles) -> Suggestion | None:
    """What the tables say."""
    if row["target_url"]:
        reason = "redirect" if row["found_by"] == "alias" else "target"
        return Suggestion(row["target_url"], SURE, reason)
    path = _HOST.sub("", href.partition("#")[0].partition("?")[0])
    near = articles.near.get(near_urls.fold(unquote(path)))
    return Suggestion(near, SURE, "case") if near else None


def _guesses(links: Sequence[_Words], articles: Articles) -> dict[_Words, Suggestion | None]:
    """The article that each link is most like, by its title or by the last part of its url."""
    if not links:
        return {}
    from rapidfuzz import fuzz, process  # noqa: PLC0415

    choices = {
        "slug": [_last(url) for url in articles.urls],
        "title": [(title or "").lower() for title in articles.table["title"].to_pylist()],
    }
    best: dict[_Words, Suggestion | None] = {}
    at_once = max(_AT_ONCE // max(len(articles.urls), 1), 1)
    for start in range(0, len(links), at_once):
        part = links[start : start + at_once]
        scores = {
            reason: process.cdist(
                [getattr(link, reason) for link in part],
                of_articles,
                scorer=fuzz.ratio,
                score_cutoff=_LEAST_SCORE,
                dtype=np.float32,
            )
            for reason, of_articles in choices.items()
        }
        for place, link in enumerate(part):
            of_link = {reason: rows[place] for reason, rows in scores.items()}
            best[link] = _best(link, of_link, articles.urls)
    return best


def _best(
    link: _Words, scores: Mapping[str, npt.NDArray[np.float32]], urls: Sequence[str]
) -> Suggestion | None:
    """The article of the highest score; where several have it, nobody knows which is meant."""
    guesses = []
    for reason, of_articles in scores.items():
        row = int(of_articles.argmax())
        score = float(of_articles[row])
        is_alone = int((of_articles == score).sum()) == 1
        if getattr(link, reason) and score >= _LEAST_SCORE and is_alone:
            guesses.append(Suggestion(urls[row], round(min(score, 99.0), 1), reason))
    return max(guesses, key=lambda guess: guess.score, default=None)


def _other(link: BrokenLink, guess: Suggestion | None) -> Suggestion | None:
    """A guess that is not the article of the link itself."""
    return guess if guess and guess.url != link.url else None


def _last(address: str) -> str:
    """The last part of an address as words: without suffix, query and fragment."""
    path = unquote(address).partition("#")[0].partition("?")[0].rstrip("/")
    name = path.rpartition("/")[2].lower()
    stem, dot, suffix = name.rpartition(".")
    return (stem if dot and len(suffix) <= 8 else name).replace("-", " ").replace("_", " ")


def _with_copies(
    link: BrokenLink, articles: Articles, stated: _Row, copies: Collection[str]
) -> BrokenLink:
    """A related link with the copies that differ from what its target has."""
    if not stated or link.suggestion is None:
        return link
    target = link.suggestion.url
    differing = tuple(
        name
        for name in _COMPARED
        if name in copies
        and stated[f"related_{name}"] is not None
        and stated[f"related_{name}"] != articles.value(target, name)
    )
    return link._replace(differing=differing)
