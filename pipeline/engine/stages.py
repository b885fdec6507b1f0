"""The functions that an executor maps over shards: a small job in, a small report out.

A stage does not know who runs it. Jobs and reports are picklable; data goes through files, whose
names depend on the job alone, so that a repeated job overwrites its own.

A part whose inputs are those of a part of the published release is linked (`reuse`). The inputs of
a part are digested so that all that its rows depend on goes in, and nothing else: then a change
anywhere makes just those parts again that it touches.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..base import printable
from ..base.errors import PipelineError
from ..base.fingerprint import digest
from ..base.places import Place
from ..base.problems import Code, DocumentError, Problem, unforeseen
from ..content.article import Article, normalize
from ..content.lint import lint
from ..files import parquet
from ..files.atomic import FileEntry
from ..frontmatter.fences import decode, split
from ..frontmatter.load import load
from ..model.content import ContentModel
from ..model.schemas import ARTICLES, CHANGES, KEYWORDS, LINK_DEGREES, REJECTS, STATED_LINKS
from ..model.settings import Limits
from ..model.slugs import fold
from ..releases import reuse
from ..sources import etags, listing
from ..sources.etags import Fact
from ..sources.listing import Listed, Slice, SourceFile
from ..tables import changes, findings, ledger, links, rejects, subjects, url_index
from ..tables.changes import Stated
from . import previous_rows
from .previous_rows import Part, Rows, Unchanged


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where the stages of one run find and leave things; `as_of_us` is in microseconds.

    `previous` is the published release.
    """

    raw: Place
    root: Path
    work: Path
    previous: Path | None
    as_of_us: int

    @property
    def paths(self) -> Path:
        """The list of sources."""
        return self.work / "paths"

    @property
    def etags(self) -> Path:
        """What is known of objects, as an index: `etags.COLUMNS`."""
        return self.work / "etags"

    @property
    def memory(self) -> Path:
        """The ledger of the previous release, as an index."""
        return self.work / "memory"

    @property
    def known(self) -> Path:
        """The parts of the previous release that may be used again, for `reuse.read`."""
        return self.work / "known.json"

    @property
    def files(self) -> Path:
        """Rows of the previous release by source path, as an index: `FILES`."""
        return self.work / "files"

    @property
    def set_aside(self) -> Path:
        """When files were first set aside, by source path, as an index."""
        return self.work / "set-aside"

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

    def digests(self, shard: int) -> Path:
        """The SHA-256 of the files of a shard, in their order; zeros for what cannot be read."""
        return self.work / f"digests-{shard:05}.npy"

    def learnt(self, shard: int) -> Path:
        """What the objects of a shard hold, in the columns of `etags`."""
        return self.work / f"learnt-{shard:05}.npy"

    def keys(self, shard: int) -> Path:
        """The keys of the articles of a shard, in their order."""
        return self.work / f"keys-{shard:05}.npy"

    def subjects(self, shard: int) -> Path:
        """The subjects of a shard, counted."""
        return self.work / f"subjects-{shard:05}"

    def stated_links(self, shard: int) -> Path:
        """The links of a shard as written, or its former part of related_links."""
        return self.work / f"stated-links-{shard:05}"

    def findings(self, shard: int) -> Path:
        """The findings in the text of the articles of a shard, or its former part of findings."""
        return self.work / f"findings-{shard:05}"

    def changes(self, shard: int) -> Path:
        """What the release does to the urls of a shard."""
        return self.work / f"changes-{shard:05}"

    def pairs(self, shard: int) -> Path:
        """The ok links of a shard, as rows of the index."""
        return self.work / f"pairs-{shard:05}.npy"


# --- before stage 1: what is there ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SurveyJob:
    """One shard, of which only the digests are wanted."""

    shard: int
    paths: Slice
    workspace: Workspace
    file_bytes: int


class SurveyReport(NamedTuple):
    """The digest of the paths and contents of a shard."""

    shard: int
    sources: str


def survey(job: SurveyJob) -> SurveyReport:
    """Read the files of a shard for their digests alone: times of change are not trusted.

    Objects are not read whose ETag is known.
    """
    work = job.workspace
    listed = listing.read_list(work.paths, job.paths)
    known = etags.known(url_index.read(work.etags), listed)
    facts = [Fact(*listed[place], sha256) for place, sha256 in known.items()]
    found: dict[int, Found] = {**known}
    for place, source in _read_others(listed, known, work.raw, job.file_bytes):
        found[place] = _found(source)
        facts += _facts(source)
    _learn(work, job.shard, facts)
    digests = [
        bytes.fromhex(now) if isinstance(now, str) else b"" for _, now in sorted(found.items())
    ]
    url_index.save(work.digests(job.shard), np.array(digests, dtype="S32"))
    sources_digest = digest([(one.path, found[place]) for place, one in enumerate(listed)])
    return SurveyReport(job.shard, sources_digest)


def _read_others(
    listed: Sequence[Listed], known: Collection[int], raw: Place, file_bytes: int
) -> Iterator[tuple[int, SourceFile | DocumentError]]:
    """The files of a shard that are not known, with their places."""
    places = [place for place in range(len(listed)) if place not in known]
    read = listing.read_all(raw, [listed[place].path for place in places], file_bytes)
    return zip(places, read, strict=True)


def _facts(source: SourceFile | DocumentError) -> list[Fact]:
    if isinstance(source, DocumentError):
        return []
    return [Fact(source.path, source.etag, source.sha256)]


def _learn(work: Workspace, shard: int, facts: Sequence[Fact]) -> None:
    if isinstance(work.raw, str):
        url_index.write_records(work.learnt(shard), etags.learnt(facts))


# The digest of a file, or what keeps it from being read.
Found: TypeAlias = str | list[list[str]]


def _found(source: SourceFile | DocumentError) -> Found:
    return source.sha256 if isinstance(source, SourceFile) else _unread(source.problems)


def _unread(problems: Sequence[Problem]) -> list[list[str]]:
    return [[problem.code, problem.message] for problem in problems]


# --- stage 1: files to articles, keywords, rejects and stated links ---------------------------


class Duplicate(NamedTuple):
    """A url that stands in an earlier file, which keeps it."""

    url: str
    kept: str


@dataclass(frozen=True, slots=True)
class IngestJob:
    """One shard: a slice of the list of paths.

    `recipe` is the digest of what rows depend on besides the files. `excluded` holds the files of
    this shard that repeat a url, by path. `is_surveyed`: rows of the previous release may be used
    for files that `survey` found unchanged.
    """

    shard: int
    paths: Slice
    workspace: Workspace
    model: ContentModel
    limits: Limits
    recipe: str
    is_surveyed: bool
    excluded: Mapping[str, Duplicate]


class IngestReport(NamedTuple):
    """What stage 1 made of a shard; `parsed` counts the files that were read and parsed."""

    shard: int
    sources: str
    links: int
    parsed: int
    parts: dict[str, FileEntry]


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
            return _unread(self.problems)
        return self.sha256


_Result: TypeAlias = _Accepted | _Rejected


def part_inputs(recipe: str, sources_digest: str, excluded: Mapping[str, Duplicate]) -> str:
    """The digest of all that the parts of a shard of stage 1 are made from."""
    return digest(recipe, sources_digest, sorted(excluded.items()))


def ingest(job: IngestJob) -> IngestReport:
    """Read the files of a shard and write its parts of articles, keywords and rejects."""
    workspace, listed = job.workspace, listing.read_list(job.workspace.paths, job.paths)
    same = _unchanged(job, [one.path for one in listed])
    known = same.sha256()
    others = _read_others(listed, known, workspace.raw, job.limits.file_bytes)
    batches = [_batch(job, listed, islice(others, _FILES_AT_ONCE))]
    while len(batches[-1].found) == _FILES_AT_ONCE:
        batches.append(_batch(job, listed, islice(others, _FILES_AT_ONCE)))
    if not job.is_surveyed:
        _learn(workspace, job.shard, [fact for batch in batches for fact in batch.facts])
    made = previous_rows.together([batch.rows for batch in batches])
    rows, changed = _joined(made, same, workspace)
    found: dict[int, Found] = {**known}
    for batch in batches:
        found |= batch.found
    sources_digest = digest([(one.path, found[place]) for place, one in enumerate(listed)])
    inputs = part_inputs(job.recipe, sources_digest, job.excluded)
    parts = {
        "articles": _part(job, "articles", inputs, lambda: rows.articles),
        "keywords": _part(job, "keywords", inputs, lambda: rows.keywords),
        "rejects": _part(job, "rejects", inputs, lambda: rows.rejects),
    }
    parquet.write_scratch(workspace.stated_links(job.shard), rows.stated_links)
    parquet.write_scratch(workspace.findings(job.shard), rows.findings)
    _derive(workspace, job.shard, rows.articles, changed)
    parsed = len(listed) - len(known)
    return IngestReport(job.shard, sources_digest, len(rows.stated_links), parsed, parts)


# What stands in Python's objects takes three times the memory that it takes in Arrow's columns.
_FILES_AT_ONCE = 500


class _Batch(NamedTuple):
    """Some files of a shard that were read: their rows, their digests by place, what was learnt."""

    rows: Rows
    found: dict[int, Found]
    facts: list[Fact]


def _batch(
    job: IngestJob, listed: Sequence[Listed], read: Iterable[tuple[int, SourceFile | DocumentError]]
) -> _Batch:
    results, facts = dict[int, _Result](), list[Fact]()
    for place, source in read:
        results[place] = _parsed(listed[place].path, source, job)
        facts += _facts(source)
    try:
        rows = _made(results, job)
    except _NOT_OF_A_FILE:
        raise
    except Exception:  # noqa: BLE001  of which file it is not known, so each is tried alone
        results = {place: _alone(result, job) for place, result in results.items()}
        rows = _made(results, job)
    found = {place: result.found for place, result in results.items()}
    return _Batch(rows, found, facts)


def _unchanged(job: IngestJob, paths: Sequence[str]) -> Unchanged:
    """The files of a shard whose rows stand in the previous release."""
    if not job.is_surveyed:
        return previous_rows.NOTHING
    surveyed, known = np.load(job.workspace.digests(job.shard)), url_index.read(job.workspace.files)
    return previous_rows.unchanged(known, paths, surveyed, job.excluded)


def _joined(made: Rows, same: Unchanged, workspace: Workspace) -> tuple[Rows, pa.Table]:
    """The rows of all files of a shard, in their order, and the table ``changes`` for it.

    `made` are the rows of the files that were read; what did not change changes nothing. Each part
    of the previous release is read once, and let go before the next.
    """
    urls, memory = made.articles["url"].to_pylist(), url_index.read(workspace.memory)
    rows = url_index.find(memory, urls)
    is_known = rows >= 0
    is_known[is_known] = memory["is_live"][rows[is_known]]
    known = {name: memory[name][rows[is_known]] for name in ("part", "row", "content")}
    known["place"] = np.flatnonzero(is_known)
    pieces, changed = [made], dict[str, list[str]]()
    for number in np.union1d(known["part"], same.files["part"]).tolist():
        assert workspace.previous is not None
        part = Part(workspace.previous, number)
        of_part = {name: column[known["part"] == number] for name, column in known.items()}
        if len(of_part["place"]):
            changed |= _changed(made, of_part, part, workspace)
        if number in same.files["part"]:
            pieces.append(part.rows(same))
    return previous_rows.in_order(pieces), changes.made(urls, is_known.tolist(), changed)


def _changed(
    made: Rows, known: url_index.Columns, part: Part, workspace: Workspace
) -> dict[str, list[str]]:
    """The fields that differ, by url, of articles that stood in a part; `known` are their rows.

    Of fields that stand in a damaged file of the part it is known at most that the content differs.
    """
    articles = made.articles.take(known["place"])
    urls = articles["url"].to_pylist()
    held = part.holds(reuse.read(workspace.known).by_path)
    old = Stated(
        part.articles.take(known["row"]) if "articles" in held else None,
        part.keywords if "keywords" in held else None,
        part.stated_links if "related_links" in held else None,
    )
    new = Stated(articles, made.keywords, made.stated_links)
    changed = changes.fields(urls, old, new)
    if None in old:
        contents = url_index.from_hex(articles["content_sha256"].to_pylist())
        for place in np.flatnonzero(known["content"] != contents).tolist():
            changed.setdefault(urls[place], [])
    return changed


def _derive(workspace: Workspace, shard: int, articles: pa.Table, changed: pa.Table) -> None:
    """Leave what the next steps need to know of all articles."""
    url_index.write_records(workspace.keys(shard), links.keys(articles))
    parquet.write_scratch(workspace.subjects(shard), subjects.count(articles))
    parquet.write_scratch(workspace.changes(shard), changed)


def derive(job: "ShardJob") -> None:
    """Leave what `ingest` leaves besides parts, for a shard whose parts were linked."""
    articles = _part_of(job, "articles", _DERIVED_FROM)
    _derive(job.workspace, job.shard, articles, CHANGES.schema.empty_table())


_DERIVED_FROM = ("url", "id", "title", "subject", "no_index", *subjects.COLUMNS)


def _parsed(path: str, source: SourceFile | DocumentError, job: IngestJob) -> _Result:
    """What becomes of a file that was read."""
    if isinstance(source, DocumentError):
        return _Rejected(path, None, source.problems, None)
    texts: list[str] = []
    return _tried(path, source.sha256, texts, lambda: _normalized(path, source, job, texts))


def _normalized(path: str, source: SourceFile, job: IngestJob, texts: list[str]) -> _Result:
    """A file as the columns of an article, or all that keeps it from being one."""
    text = decode(source.data)
    texts.append(text)
    document = split(text)
    result = normalize(load(document, job.limits), document.body, job.model)
    if not path.isascii() and printable.encodable(path) != path:
        raise DocumentError(Code.NAME_NOT_UTF8, "The name of the file is not UTF-8.")
    if not isinstance(result, Article):
        return _Rejected(path, source.sha256, result, text)
    _check_duplicate(result, job.excluded.get(path))
    return _Accepted(path, len(source.data), source.sha256, result)


def _alone(result: _Result, job: IngestJob) -> _Result:
    """What becomes of a file when rows are made of it alone."""

    def checked() -> _Result:
        _made({0: result}, job)
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
        message = f"The url stands in {printable.encodable(duplicate.kept)} too, which keeps it."
        raise DocumentError(Code.DUPLICATE_URL, message)


def _made(results: Mapping[int, _Result], job: IngestJob) -> Rows:
    """The rows of files that were read."""
    accepted = {n: result for n, result in results.items() if isinstance(result, _Accepted)}
    rejected = {n: result for n, result in results.items() if isinstance(result, _Rejected)}
    articles = list(accepted.values())
    return Rows(
        np.array(list(accepted), np.int64),
        _articles(articles, job.workspace),
        _keywords(articles),
        _stated_links(articles),
        _findings(articles, job.model),
        np.array(list(rejected), np.int64),
        _rejects(list(rejected.values()), job.workspace),
    )


_ARTICLE = itemgetter(*ARTICLES.schema.names)
_REJECT = itemgetter(*REJECTS.schema.names)


def _articles(accepted: Sequence[_Accepted], workspace: Workspace) -> pa.Table:
    articles = [result.article.columns for result in accepted]
    dates = ledger.date(articles, url_index.read(workspace.memory), workspace.as_of_us)
    rows = []
    for result, (first_seen, modified) in zip(accepted, dates, strict=True):
        row = {
            **result.article.columns,
            "source_path": result.path,
            "source_bytes": result.bytes,
            "source_sha256": result.sha256,
            "first_seen": first_seen,
            "modified": modified,
        }
        rows.append(_ARTICLE(row))
    return parquet.to_table(rows, ARTICLES.schema)


def _keywords(accepted: Sequence[_Accepted]) -> pa.Table:
    urls, positions, keywords = list[str](), list[int](), list[str]()
    for *_, article in accepted:  # a tuple for each of some ten rows would take twice as long
        count = len(article.keywords)
        urls += [article.columns["url"]] * count
        positions += range(1, count + 1)
        keywords += article.keywords
    columns = urls, positions, keywords, list(map(fold, keywords))
    return pa.table(list(map(pa.array, columns, KEYWORDS.schema.types)), KEYWORDS.schema)


def _stated_links(accepted: Sequence[_Accepted]) -> pa.Table:
    rows = [(article.columns["url"], *link) for *_, article in accepted for link in article.links]
    return parquet.to_table(rows, STATED_LINKS)


def _findings(accepted: Sequence[_Accepted], model: ContentModel) -> pa.Table:
    rows = [
        (article.columns["url"], *found)
        for *_, article in accepted
        for found in lint(article, model)
    ]
    return parquet.to_table(rows, findings.OF_ARTICLE)


def _rejects(rejected: Sequence[_Rejected], workspace: Workspace) -> pa.Table:
    known = url_index.read(workspace.set_aside)
    since = url_index.find(known, [printable.encodable(result.path) for result in rejected])
    rows = []
    for (path, sha256, problems, text), place in zip(rejected, since.tolist(), strict=True):
        row = rejects.row(path, sha256, problems, text)
        row["first_seen"] = int(known["first_seen"][place]) if place >= 0 else workspace.as_of_us
        rows.append(_REJECT(row))
    return parquet.to_table(rows, REJECTS.schema)


# --- stage 2: stated links against the index of all articles ----------------------------------


@dataclass(frozen=True, slots=True)
class ShardJob:
    """One shard of a later stage.

    `recipe` is the digest of what its rows depend on besides tables; `made` holds the parts of the
    shard that earlier steps made, by table.
    """

    shard: int
    workspace: Workspace
    recipe: str
    made: Mapping[str, FileEntry]


class PartReport(NamedTuple):
    """The parts that a stage made of a shard, by table, with figures of its own."""

    shard: int
    parts: dict[str, FileEntry]
    counts: dict[str, int]


def link(job: ShardJob) -> PartReport:
    """Resolve the links of a shard: its part of related_links."""
    workspace = job.workspace
    index = url_index.read(workspace.index)
    stated = parquet.read_as(workspace.stated_links(job.shard), STATED_LINKS)
    targets = links.targets_of(stated, index)
    inputs = digest(job.recipe, job.made["articles"].inputs, links.looked_up(targets, index))
    part = _part(job, "related_links", inputs, lambda: links.resolve(stated, targets, index))
    resolved = _part_of(job, "related_links", ["url", "status"])
    pairs = links.pairs(resolved, targets, index)
    url_index.save(workspace.pairs(job.shard), pairs)
    statuses = resolved["status"].value_counts().to_pylist()
    counts = {row["values"]: row["counts"] for row in statuses}
    return PartReport(job.shard, {"related_links": part}, counts)


def count_links(job: ShardJob) -> PartReport:
    """Look up the degrees of the articles of a shard: its part of link_degrees."""
    workspace = job.workspace
    urls = url_index.read_field(workspace.keys(job.shard), "url")
    rows = url_index.find_digests(url_index.read(workspace.index), urls)
    degrees = {name: column[rows] for name, column in url_index.read(workspace.degrees).items()}

    def table() -> pa.Table:
        of_shard = _part_of(job, "articles", ["url"])["url"]
        columns = {"url": of_shard, **degrees, "is_orphan": degrees["links_in"] == 0}
        arrays = {name: columns[name] for name in LINK_DEGREES.schema.names}
        return pa.table(arrays, schema=LINK_DEGREES.schema)

    inputs = digest(job.recipe, url_index.digest_of({"url": urls, **degrees}))
    return PartReport(job.shard, {"link_degrees": _part(job, "link_degrees", inputs, table)}, {})


# --- stage 3: what follows from the tables -----------------------------------------------------


@dataclass(frozen=True, slots=True)
class SummarizeJob(ShardJob):
    """One shard, once the subjects of all are grouped."""

    model: ContentModel


def summarize(job: SummarizeJob) -> PartReport:
    """The parts of ledger, changes and findings of a shard."""
    articles = _part_of(job, "articles", _SUMMARIZED)
    of_articles = digest(job.recipe, job.made["articles"].sha256)
    changed = parquet.read_as(job.workspace.changes(job.shard), CHANGES.schema)
    parts = {
        "ledger": _part(job, "ledger", of_articles, partial(ledger.live, articles)),
        "changes": _part(job, "changes", "", lambda: changed),
        "findings": _all_findings(job, articles),
    }
    return PartReport(job.shard, parts, dict(Counter(changed["change"].to_pylist())))


_SUMMARIZED = sorted({*ledger.COLUMNS, *findings.ARTICLE_COLUMNS})


def _all_findings(job: SummarizeJob, articles: pa.Table) -> FileEntry:
    workspace = job.workspace
    shared_ids, labels = _of_shard(workspace, articles)

    def table() -> pa.Table:
        links_of_shard = _part_of(job, "related_links", findings.LINK_COLUMNS)
        tables = findings.Tables(articles, links_of_shard, shared_ids, labels)
        in_text = findings.in_text(
            parquet.read_as(workspace.findings(job.shard), findings.OF_ARTICLE)
        )
        return findings.to_table(articles, [in_text, findings.of_tables(tables, job.model)])

    of_shard = [job.made[name].sha256 for name in ("articles", "related_links")]
    inputs = digest(job.recipe, of_shard, sorted(shared_ids.items()), sorted(labels.items()))
    return _part(job, "findings", inputs, table)


def _of_shard(workspace: Workspace, articles: pa.Table) -> tuple[dict[int, int], dict[str, str]]:
    """The shared ids and the labels of subjects that articles of a shard have."""
    shared = np.load(workspace.shared_ids)
    here = np.isin(shared[:, 0], articles["id"].drop_null().to_numpy())
    labels = parquet.read(workspace.root / parquet.part_path("subjects", 0), ["slug", "label"])
    used = labels.filter(pc.is_in(labels["slug"], articles["subject_slug"].combine_chunks()))
    return dict(shared[here].tolist()), dict(zip(*used.to_pydict().values(), strict=True))


@dataclass(frozen=True, slots=True)
class GoneJob:
    """The urls that are no longer published; `shard` is the number of the part to write."""

    shard: int
    workspace: Workspace
    previous_ledger: dict[int, Path]
    last_seen: int


def summarize_gone(job: GoneJob) -> PartReport:
    """The last part of the ledger and of changes: urls that are gone."""
    workspace = job.workspace
    gone, removed = ledger.gone(
        job.previous_ledger,
        url_index.read(workspace.memory),
        url_index.read(workspace.index),
        job.last_seen,
    )
    changed = changes.removed(removed["url"].to_pylist())
    parts = {
        "ledger": _part(job, "ledger", "", lambda: gone),
        "changes": _part(job, "changes", "", lambda: changed),
    }
    return PartReport(job.shard, parts, {"removed": len(changed)})


@dataclass(frozen=True, slots=True)
class SubjectsJob:
    """The counted subjects of all shards; `shard` is the number of the part to write."""

    shard: int
    workspace: Workspace
    recipe: str
    shards: int


def group_subjects(job: SubjectsJob) -> PartReport:
    """The one part of subjects."""
    counted = pa.concat_tables(
        parquet.read(job.workspace.subjects(shard)) for shard in range(job.shards)
    )
    inputs = digest(job.recipe, counted.to_pydict())
    part = _part(job, "subjects", inputs, lambda: subjects.merge(counted))
    return PartReport(job.shard, {"subjects": part}, {})


def _part_of(job: ShardJob, table: str, columns: Sequence[str]) -> pa.Table:
    return parquet.read(job.workspace.root / parquet.part_path(table, job.shard), columns)


def _part(
    job: IngestJob | ShardJob | GoneJob | SubjectsJob,
    table: str,
    inputs: str,
    rows: Callable[[], pa.Table],
) -> FileEntry:
    """A part of this shard; without `inputs` it is made each time."""
    workspace = job.workspace
    known = reuse.read(workspace.known)
    return reuse.part(known, workspace.root, table, job.shard, inputs, rows)
