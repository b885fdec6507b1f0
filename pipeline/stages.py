"""The functions that an executor maps over shards: a small job in, a small report out.

A stage does not know who runs it. Jobs and reports are picklable; data goes through files, whose
names depend on the job alone, so that a repeated job overwrites its own.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from pipeline import changes, findings, ledger, links, rejects, sources, store, subjects, url_index
from pipeline.articles import Article, fold, normalize, text_of
from pipeline.errors import Code, DocumentError, Problem
from pipeline.front_matter import decode, load, split
from pipeline.recipes import digest
from pipeline.schemas import (
    ARTICLES,
    KEYWORDS,
    LEDGER,
    LINK_DEGREES,
    REJECTS,
    RELATED_LINKS,
    STATED_LINKS,
)
from pipeline.settings import ContentModel, Limits
from pipeline.store import FileEntry

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where the stages of one run find and leave things; `as_of_us` is in microseconds."""

    raw: Path
    root: Path
    work: Path
    previous: Path | None
    as_of_us: int

    @property
    def paths(self) -> Path:
        """The list of source paths."""
        return self.work / "paths"

    @property
    def memory(self) -> Path:
        """The ledger of the previous release, as an index."""
        return self.work / "memory"

    @property
    def set_aside(self) -> Path:
        """The rejects of the previous release: path and first seen."""
        return self.work / "set-aside.parquet"

    @property
    def index(self) -> Path:
        """The keys of all articles, as an index."""
        return self.work / "index"

    @property
    def shared_ids(self) -> Path:
        """The ids that several articles have, with their number; an array of shape (n, 2)."""
        return self.work / "shared-ids.npy"

    @property
    def degrees(self) -> Path:
        """The degrees of all articles, in the order of the index."""
        return self.work / "degrees"

    def keys(self, shard: int) -> Path:
        """The keys of the articles of a shard, in their order."""
        return self.work / f"keys-{shard:05}"

    def stated_links(self, shard: int) -> str:
        """The links of a shard as written; a path below `work`."""
        return f"stated-links-{shard:05}.parquet"

    def findings(self, shard: int) -> str:
        """The findings in the text of the articles of a shard; a path below `work`."""
        return f"findings-{shard:05}.parquet"

    def pairs(self, shard: int) -> Path:
        """The ok links of a shard, as rows of the index."""
        return self.work / f"pairs-{shard:05}.npy"


# --- stage 1: files to articles, keywords, rejects and stated links ---------------------------


class Duplicate(NamedTuple):
    """A url that stands in an earlier file, which keeps it."""

    url: str
    kept: str


@dataclass(frozen=True, slots=True)
class IngestJob:
    """One shard: a slice of the list of paths, by its offsets.

    `excluded` holds the files of this shard that repeat a url, by path.
    """

    shard: int
    start: int
    stop: int
    workspace: Workspace
    model: ContentModel
    limits: Limits
    excluded: Mapping[str, Duplicate]


class IngestReport(NamedTuple):
    """What stage 1 made of a shard."""

    shard: int
    sources: str
    links: int
    parts: dict[str, FileEntry]


class _Accepted(NamedTuple):
    source: sources.SourceFile
    article: Article


class _Rejected(NamedTuple):
    path: str
    sha256: str | None
    problems: Sequence[Problem]
    text: str | None


def ingest(job: IngestJob) -> IngestReport:
    """Read the files of a shard and write its parts of articles, keywords and rejects."""
    paths = sources.read_list(job.workspace.paths, job.start, job.stop)
    results = [_read(path, job) for path in paths]
    accepted = [result for result in results if isinstance(result, _Accepted)]
    rejected = [result for result in results if isinstance(result, _Rejected)]
    tables = {
        "articles": _articles(accepted, job.workspace),
        "keywords": _keywords(accepted),
        "rejects": _rejects(rejected, job.workspace),
    }
    parts = _write_parts(job, tables)
    stated = _stated_links(accepted)
    store.write_table(job.workspace.work, job.workspace.stated_links(job.shard), stated)
    found = _findings(accepted, job.model)
    store.write_table(job.workspace.work, job.workspace.findings(job.shard), found)
    keys = links.keys(tables["articles"])
    url_index.write(job.workspace.keys(job.shard), keys)
    read: list[tuple[str, str | None]] = [
        (result.source.path, result.source.sha256) for result in accepted
    ]
    read += [(result.path, result.sha256) for result in rejected]
    return IngestReport(job.shard, digest(sorted(read)), len(stated), parts)


def _read(path: str, job: IngestJob) -> _Accepted | _Rejected:
    """Read one file: the one place where a document's error is caught."""
    source, text = None, None
    try:
        source = sources.read(job.workspace.raw, path, job.limits.file_bytes)
        text = decode(source.data)
        document = split(text)
        result = normalize(load(document, job.limits), document.body, job.model)
        if sources.shown(path) != path:
            raise DocumentError(Code.NAME_NOT_UTF8, "The name of the file is not UTF-8.")
        if isinstance(result, Article):
            _check_duplicate(result, job.excluded.get(path))
    except DocumentError as error:
        return _Rejected(path, source.sha256 if source else None, error.problems, text)
    if isinstance(result, Article):
        return _Accepted(source, result)
    return _Rejected(path, source.sha256, result, text)


def _check_duplicate(article: Article, duplicate: Duplicate | None) -> None:
    # The file may have got another url since it was read first.
    if duplicate is not None and article.columns["url"] == duplicate.url:
        message = f"The url stands in {sources.shown(duplicate.kept)} too, which keeps it."
        raise DocumentError(Code.DUPLICATE_URL, message)


def _articles(accepted: Sequence[_Accepted], workspace: Workspace) -> pa.Table:
    articles = [article.columns for _, article in accepted]
    dates = ledger.date(articles, url_index.read(workspace.memory), workspace.as_of_us)
    rows = []
    for (source, article), (first_seen, modified) in zip(accepted, dates, strict=True):
        row = {
            **article.columns,
            "source_path": source.path,
            "source_bytes": len(source.data),
            "source_sha256": source.sha256,
            "first_seen": first_seen,
            "modified": modified,
        }
        rows.append(tuple(row[name] for name in ARTICLES.schema.names))
    return store.to_table(rows, ARTICLES.schema)


def _keywords(accepted: Sequence[_Accepted]) -> pa.Table:
    rows = [
        (article.columns["url"], position, keyword, fold(keyword))
        for _, article in accepted
        for position, keyword in enumerate(article.keywords, 1)
    ]
    return store.to_table(rows, KEYWORDS.schema)


def _stated_links(accepted: Sequence[_Accepted]) -> pa.Table:
    rows = [(article.columns["url"], *link) for _, article in accepted for link in article.links]
    return store.to_table(rows, STATED_LINKS)


def _findings(accepted: Sequence[_Accepted], model: ContentModel) -> pa.Table:
    rows = [
        (article.columns["url"], *found)
        for _, article in accepted
        for found in findings.of_article(
            article.columns, text_of(article.columns), article.doubts, model
        )
    ]
    return store.to_table(rows, findings.OF_ARTICLE)


def _rejects(rejected: Sequence[_Rejected], workspace: Workspace) -> pa.Table:
    since = dict(zip(*store.read(workspace.set_aside).to_pydict().values(), strict=True))
    rows = []
    for path, sha256, problems, text in rejected:
        row = rejects.row(path, sha256, problems, text)
        row["first_seen"] = since.get(row["source_path"], workspace.as_of_us)
        rows.append(tuple(row[name] for name in REJECTS.schema.names))
    return store.to_table(rows, REJECTS.schema)


# --- stage 2: stated links against the index of all articles ----------------------------------


@dataclass(frozen=True, slots=True)
class ShardJob:
    """One shard of a later stage."""

    shard: int
    workspace: Workspace


class PartReport(NamedTuple):
    """The parts that a stage wrote for a shard, by table, with figures of its own."""

    shard: int
    parts: dict[str, FileEntry]
    counts: dict[str, int]


def link(job: ShardJob) -> PartReport:
    """Resolve the links of a shard: its part of related_links."""
    workspace = job.workspace
    stated = store.read(workspace.work / workspace.stated_links(job.shard))
    table, pairs = links.resolve(stated, url_index.read(workspace.index))
    np.save(workspace.pairs(job.shard), pairs, allow_pickle=False)
    part = store.write_part(workspace.root, "related_links", job.shard, table)
    statuses = table["status"].value_counts().to_pylist()
    return PartReport(
        job.shard, {"related_links": part}, {row["values"]: row["counts"] for row in statuses}
    )


def count_links(job: ShardJob) -> PartReport:
    """Look up the degrees of the articles of a shard: its part of link_degrees."""
    workspace = job.workspace
    urls = _part_of(job, "articles", ["url"])["url"]
    rows = url_index.find(url_index.read(workspace.index), urls.to_pylist())
    degrees = {name: column[rows] for name, column in url_index.read(workspace.degrees).items()}
    columns = {"url": urls, **degrees, "is_orphan": degrees["links_in"] == 0}
    table = pa.table(
        {name: columns[name] for name in LINK_DEGREES.schema.names}, schema=LINK_DEGREES.schema
    )
    part = store.write_part(workspace.root, "link_degrees", job.shard, table)
    return PartReport(job.shard, {"link_degrees": part}, {})


# --- stage 3: what follows from the tables -----------------------------------------------------


@dataclass(frozen=True, slots=True)
class SummarizeJob:
    """One shard, once the subjects of all are grouped."""

    shard: int
    workspace: Workspace
    model: ContentModel


def summarize(job: SummarizeJob) -> PartReport:
    """The parts of ledger, changes and findings of a shard."""
    workspace = job.workspace
    columns = [name for name in LEDGER.schema.names if name != "last_seen"]
    memory = url_index.read(workspace.memory)
    tables = {
        "ledger": ledger.live(_part_of(job, "articles", columns)),
        "changes": changes.compare(workspace.root, job.shard, workspace.previous, memory),
        "findings": _all_findings(job),
    }
    return _written(job, tables)


def _all_findings(job: SummarizeJob) -> pa.Table:
    workspace = job.workspace
    columns = ["url", "source_path", "id", "subject", "subject_slug", "source_lines"]
    articles = _frame(_part_of(job, "articles", columns))
    links_of_shard = _frame(_part_of(job, "related_links", RELATED_LINKS.schema.names))
    labels = store.read(workspace.root / store.part_path("subjects", 0), ["slug", "label"])
    tables = findings.Tables(
        articles,
        links_of_shard,
        dict(np.load(workspace.shared_ids).tolist()),
        dict(zip(*labels.to_pydict().values(), strict=True)),
    )
    in_text = _frame(store.read(workspace.work / workspace.findings(job.shard)))
    return findings.to_table(articles, [in_text, findings.of_tables(tables, job.model)])


def _frame(table: pa.Table) -> "pd.DataFrame":
    """A table as a frame whose columns keep their Arrow types."""
    import pandas as pd  # noqa: PLC0415  half a second that the parent of the workers is spared

    frame: pd.DataFrame = table.to_pandas(types_mapper=pd.ArrowDtype)
    return frame


@dataclass(frozen=True, slots=True)
class GoneJob:
    """The urls that are no longer published; `shard` is the number of the part to write."""

    shard: int
    workspace: Workspace
    previous_ledger: tuple[Path, ...]
    last_seen: int


def summarize_gone(job: GoneJob) -> PartReport:
    """The last part of the ledger and of changes: urls that are gone."""
    workspace = job.workspace
    table, removed = ledger.gone(
        job.previous_ledger,
        url_index.read(workspace.memory),
        url_index.read(workspace.index),
        job.last_seen,
    )
    tables = {"ledger": table, "changes": changes.removed(removed["url"].to_pylist())}
    return _written(job, tables)


@dataclass(frozen=True, slots=True)
class SubjectsJob:
    """All parts of articles, for what is grouped over them."""

    shard: int
    workspace: Workspace
    articles: tuple[Path, ...]


def group_subjects(job: SubjectsJob) -> PartReport:
    """The one part of subjects."""
    parts = (store.read(path, subjects.COLUMNS) for path in job.articles)
    return _written(job, {"subjects": subjects.aggregate(parts)})


def _part_of(job: ShardJob | SummarizeJob, table: str, columns: Sequence[str]) -> pa.Table:
    return store.read(job.workspace.root / store.part_path(table, job.shard), columns)


def _written(
    job: SummarizeJob | GoneJob | SubjectsJob, tables: Mapping[str, pa.Table]
) -> PartReport:
    parts = _write_parts(job, tables)
    counts: Counter[str] = Counter()
    if "changes" in tables:
        counts.update(tables["changes"]["change"].to_pylist())
    return PartReport(job.shard, parts, dict(counts))


def _write_parts(
    job: IngestJob | SummarizeJob | GoneJob | SubjectsJob, tables: Mapping[str, pa.Table]
) -> dict[str, FileEntry]:
    return {
        name: store.write_part(job.workspace.root, name, job.shard, table)
        for name, table in tables.items()
    }
