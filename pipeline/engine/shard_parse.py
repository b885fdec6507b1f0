"""Files of a shard to records: the rows that each states, or all that keeps it from having any.

`parse` is a function of the files alone. What earlier releases know of them comes later
(`previous_rows.carry_over`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from operator import itemgetter
from typing import NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa

from ..base import printable
from ..base.errors import PipelineError
from ..base.problems import Code, DocumentError, Problem, unforeseen
from ..content.article import Article, Rules, Skipped, article_of
from ..content.lint import lint
from ..files import parquet
from ..frontmatter.fences import decode
from ..model.content import ContentModel
from ..model.link_schemas import ANCHORS, STATED_LINKS, WRITTEN_LINKS
from ..model.schemas import REJECTS, SKIPPED, tables
from ..model.slugs import fold, slug
from ..sources.raw_file import RawFile
from ..tables import rejects, scratch
from .previous_rows import Rows, together
from .shard_survey import Found, Read, unread


class Duplicate(NamedTuple):
    """A url that stands in an earlier file, which keeps it."""

    url: str
    kept: str


class Bundled(NamedTuple):
    """A file that belongs to the page of another, beside it or in a folder above."""

    page: str


Commits: TypeAlias = Mapping[str, Sequence[int]]
NO_COMMITS: Commits = {}
Excluded: TypeAlias = Mapping[str, Duplicate | Bundled]


class Records(NamedTuple):
    """What files hold: their rows, in their order, and the digest of each by its place.

    The rows have no ``first_seen`` and no ``modified`` yet.
    """

    rows: Rows
    found: dict[int, Found]


# What stands in Python's objects takes three times the memory that it takes in Arrow's columns.
_FILES_AT_ONCE = 500


def parse(
    files: Iterable[Read], rules: Rules, excluded: Excluded, commits: Commits = NO_COMMITS
) -> Records:
    """The records of files. What keeps a file from being an article makes it a reject.

    `excluded` holds the files that other files keep from being articles, by path,
    `commits` the times of the first and the last commit of files.

    Raises:
        OSError: Of the disk.
        PipelineError: Of another run.
    """
    files = iter(files)
    batches = [_batch(islice(files, _FILES_AT_ONCE), rules, excluded, commits)]
    while len(batches[-1].found) == _FILES_AT_ONCE:
        batches.append(_batch(islice(files, _FILES_AT_ONCE), rules, excluded, commits))
    found = {place: digest for batch in batches for place, digest in batch.found.items()}
    return Records(together([batch.rows for batch in batches]), found)


def _batch(files: Iterable[Read], rules: Rules, excluded: Excluded, commits: Commits) -> Records:
    results = {
        read.place: _parsed(read, rules, excluded.get(read.path), commits.get(read.path, ()))
        for read in files
    }
    try:
        rows = _rows(results, rules.model)
    except _NOT_OF_A_FILE:
        raise
    except Exception:  # noqa: BLE001  of which file it is not known, so each is tried alone
        results = {place: _alone(result, rules.model) for place, result in results.items()}
        rows = _rows(results, rules.model)
    return Records(rows, {place: result.found for place, result in results.items()})


# --- one file ------------------------------------------------------------------------------------


class _Accepted(NamedTuple):
    path: str
    bytes: int
    sha256: str
    article: Article

    @property
    def found(self) -> Found:
        return self.sha256


class _Rejected(NamedTuple):
    path: str
    sha256: str | None
    problems: Sequence[Problem]
    text: str | None

    @property
    def found(self) -> Found:
        # What was unforeseen may go well the next time, as where there was no memory: by another
        # digest than `survey` finds, the next run looks again.
        if self.sha256 is None or self.problems[0].code == Code.UNREADABLE_CONTENT:
            return unread(self.problems)
        return self.sha256


class _Skipped(NamedTuple):
    path: str
    sha256: str
    skipped: Skipped

    @property
    def found(self) -> Found:
        return self.sha256


_Result: TypeAlias = _Accepted | _Rejected | _Skipped


def _parsed(
    read: Read, rules: Rules, other: Duplicate | Bundled | None, commits: Sequence[int]
) -> _Result:
    """What becomes of a file that was read; `other` is what another file says of it."""
    source = read.source
    if isinstance(source, DocumentError):
        return _Rejected(read.path, None, source.problems, None)
    if isinstance(other, Bundled) and printable.encodable(read.path) == read.path:
        return _Skipped(read.path, source.sha256, Skipped("bundle", None))
    duplicate = other if isinstance(other, Duplicate) else None
    texts: list[str] = []

    def normalized() -> _Result:
        return _normalized(source, rules, texts, duplicate, commits)

    return _tried(read.path, source.sha256, texts, normalized)


def _normalized(
    source: RawFile,
    rules: Rules,
    texts: list[str],
    duplicate: Duplicate | None,
    commits: Sequence[int],
) -> _Result:
    """A file as the columns of an article, or all that keeps it from being one."""
    text, path = decode(source.data), source.path
    texts.append(text)
    result = article_of(text, path, rules, commits)
    if not path.isascii() and printable.encodable(path) != path:
        raise DocumentError(Code.NAME_NOT_UTF8, "The file name is not UTF-8.")
    if isinstance(result, Skipped):
        return _Skipped(path, source.sha256, result)
    if not isinstance(result, Article):
        return _Rejected(path, source.sha256, result, text)
    _check_duplicate(result, duplicate)
    return _Accepted(path, len(source.data), source.sha256, result)


def _alone(result: _Result, model: ContentModel) -> _Result:
    """What becomes of a file when rows are made of it alone."""

    def checked() -> _Result:
        _rows({0: result}, model)
        return result

    return _tried(result.path, result.sha256, [], checked)


def _tried(
    path: str, sha256: str | None, texts: Sequence[str], make: Callable[[], _Result]
) -> _Result:
    """What is made of a file: the one place where what a document raises is caught.

    `texts` holds its text, once that is known. Whatever else than a `DocumentError` it raises is a
    reject, too: a file that nobody foresaw is not to end the run of all others.
    """
    try:
        return make()
    except DocumentError as error:
        return _Rejected(path, sha256, error.problems, texts[0] if texts else None)
    except _NOT_OF_A_FILE:
        raise
    except Exception as error:  # noqa: BLE001
        return _Rejected(path, sha256, unforeseen(error).problems, None)


_NOT_OF_A_FILE = (OSError, PipelineError)  # of the disk, or of another run


def _check_duplicate(article: Article, duplicate: Duplicate | None) -> None:
    # The file may have got another url since it was read first.
    if duplicate is not None and article.columns["url"] == duplicate.url:
        message = f"The URL is also used by {printable.encodable(duplicate.kept)}, which keeps it."
        raise DocumentError(Code.DUPLICATE_URL, message)


# --- rows ----------------------------------------------------------------------------------------


def _rows(results: Mapping[int, _Result], model: ContentModel) -> Rows:
    accepted = {n: result for n, result in results.items() if isinstance(result, _Accepted)}
    rejected = {n: result for n, result in results.items() if isinstance(result, _Rejected)}
    skipped = {n: result for n, result in results.items() if isinstance(result, _Skipped)}
    articles, of_site = list(accepted.values()), tables(model)
    return Rows(
        np.array(list(accepted), np.int64),
        _articles(articles, of_site["articles"].schema),
        {name: _list(articles, name, of_site[name].schema) for name in model.lists()},
        _stated_links(articles),
        _written_links(articles),
        _anchors(articles),
        _findings(articles, model),
        np.array(list(rejected), np.int64),
        _rejects(list(rejected.values())),
        np.array(list(skipped), np.int64),
        _skipped(list(skipped.values())),
    )


_REJECT = itemgetter(*REJECTS.schema.names)


def _articles(accepted: Sequence[_Accepted], schema: pa.Schema) -> pa.Table:
    nothing = dict.fromkeys(schema.names)  # what one collection declares is null in all others
    values_of = itemgetter(*schema.names)
    rows = []
    for path, size, sha256, article in accepted:
        row = {
            **nothing,
            **article.columns,
            "source_path": path,
            "source_bytes": size,
            "source_sha256": sha256,
        }
        rows.append(values_of(row))
    return parquet.to_table(rows, schema)


# What the texts of lists are grouped by, where they are.
_GROUPED: Mapping[str, Callable[[str], str]] = {"subject_slug": slug, "term_key": fold}


def _list(accepted: Sequence[_Accepted], name: str, schema: pa.Schema) -> pa.Table:
    urls, positions, texts = list[str](), list[int](), list[str]()
    for *_, article in accepted:  # a tuple for each of some ten rows would take twice as long
        found = article.lists.get(name, [])
        urls += [article.columns["url"]] * len(found)
        positions += range(1, len(found) + 1)
        texts += found
    groups = [list(map(_GROUPED[key], texts)) for key in schema.names[3:]]
    columns = urls, positions, texts, *groups
    return pa.table(list(map(pa.array, columns, schema.types)), schema)


def _stated_links(accepted: Sequence[_Accepted]) -> pa.Table:
    rows = [(article.columns["url"], *link) for *_, article in accepted for link in article.links]
    return parquet.to_table(rows, STATED_LINKS)


def _written_links(accepted: Sequence[_Accepted]) -> pa.Table:
    rows = [
        (article.columns["url"], *link) for *_, article in accepted for link in article.text.links
    ]
    return parquet.to_table(rows, WRITTEN_LINKS)


def _anchors(accepted: Sequence[_Accepted]) -> pa.Table:
    rows = [
        (article.columns["url"], *one) for *_, article in accepted for one in article.text.anchors
    ]
    return parquet.to_table(rows, ANCHORS.schema)


def _findings(accepted: Sequence[_Accepted], model: ContentModel) -> pa.Table:
    rows = [
        (article.columns["url"], *found)
        for path, *_, article in accepted
        for found in lint(article, model.of(path).model)
    ]
    return parquet.to_table(rows, scratch.FINDINGS.schema)


def _rejects(rejected: Sequence[_Rejected]) -> pa.Table:
    rows = [{**rejects.row(*result), "first_seen": None} for result in rejected]
    return parquet.to_table(list(map(_REJECT, rows)), REJECTS.schema)


def _skipped(skipped: Sequence[_Skipped]) -> pa.Table:
    rows = [(path, sha256, *why) for path, sha256, why in skipped]
    return parquet.to_table(rows, SKIPPED.schema)
