"""The three functions of a shard of ingest: `parse`, `carry_over` and `write`, each by itself."""

import datetime as dt
import hashlib
from pathlib import Path

import numpy as np
import pytest

from pressroom.base.problems import Code, DocumentError
from pressroom.content.addresses import LinkRules
from pressroom.content.article import Rules
from pressroom.engine import shard_parse
from pressroom.engine.previous_rows import NOTHING, Remembered, carry_over
from pressroom.engine.shard_ingest import write
from pressroom.engine.shard_parse import Duplicate, Records, parse
from pressroom.engine.shard_survey import Read
from pressroom.engine.workspace import Workspace
from pressroom.files import parquet
from pressroom.model.settings import Limits
from pressroom.releases import cache
from pressroom.sources.raw_file import RawFile
from pressroom.sources.source import source_at
from pressroom.tables import ledger, scratch, url_index
from tests.conftest import article
from tests.quicktakes import MODEL

RULES = Rules(MODEL, Limits())
LINK_RULES = LinkRules(MODEL, "site.example", "", (".md",))
AS_OF = 1_740_000_000_000_000
BEFORE = 1_000


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def records(*texts: str, **excluded: Duplicate) -> Records:
    """The records of files ``0.md``, ``1.md`` and so on that hold these texts."""
    return parse(
        [
            Read(n, f"{n}.md", RawFile(f"{n}.md", text.encode(), sha256(text)))
            for n, text in enumerate(texts)
        ],
        RULES,
        {f"{name}.md": duplicate for name, duplicate in excluded.items()},
    )


def remembered(ledger_part: Path | None = None, **rejected: int) -> Remembered:
    """What a release remembers: a part of its ledger, and files rejected since a time."""
    since = {
        "url": url_index.digests(f"{name}.md" for name in rejected),
        "first_seen": np.array(list(rejected.values()), np.int64),
    }
    memory = ledger.recall({0: ledger_part} if ledger_part else {}, AS_OF)
    return Remembered(memory, url_index.by_url(since), cache.EMPTY, AS_OF, MODEL)


def workspace(folder: Path) -> Workspace:
    for name in ("release", "work"):
        (folder / name).mkdir()
    return Workspace(source_at(folder), folder / "release", folder / "work", AS_OF)


def test_files_become_records_in_their_order() -> None:
    texts = [article(slug="a"), "no front matter", article(slug="c", question="Why?")]
    rows, found = records(*texts)

    assert rows.places.tolist() == [0, 2]
    assert rows.articles["source_path"].to_pylist() == ["0.md", "2.md"]
    assert rows.articles["source_bytes"].to_pylist() == [len(texts[0]), len(texts[2])]
    assert rows.reject_places.tolist() == [1]
    assert rows.rejects["source_path"].to_pylist() == ["1.md"]
    assert found == dict(enumerate(map(sha256, texts)))


def test_a_file_that_cannot_be_read_has_no_digest() -> None:
    error = DocumentError(Code.VANISHED, "Gone.")
    rows, found = parse([Read(3, "a.md", error)], RULES, {})

    assert rows.reject_places.tolist() == [3]
    assert rows.rejects["code"].to_pylist() == [Code.VANISHED]
    assert found == {3: [[Code.VANISHED, "Gone."]]}


def test_a_file_gives_up_a_url_that_an_earlier_one_keeps() -> None:
    url = "/learn/databases/questions/a"
    kept, other = Duplicate(url, "before.md"), Duplicate("/another", "before.md")

    rejected = records(article(slug="a"), **{"0": kept}).rows.rejects
    assert rejected["code"].to_pylist() == [Code.DUPLICATE_URL]
    assert len(records(article(slug="a"), **{"0": other}).rows.articles) == 1


def test_no_border_between_files_that_are_parsed_at_once_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = [article(slug=slug) if slug != "d" else "" for slug in "abcdef"]
    whole = records(*texts)
    for at_once in (1, 2, 3, 6):
        monkeypatch.setattr(shard_parse, "_FILES_AT_ONCE", at_once)
        rows, found = records(*texts)

        assert found == whole.found
        assert rows.articles.equals(whole.rows.articles)
        assert rows.rejects.equals(whole.rows.rejects)
        assert rows.places.tolist() == whole.rows.places.tolist()


def test_what_is_new_is_dated_and_added() -> None:
    made = records(article(slug="a"), "no front matter").rows
    rows, changes = carry_over(made, NOTHING, remembered())

    assert rows.articles["first_seen"].cast("int64").to_pylist() == [AS_OF]
    assert rows.rejects["first_seen"].cast("int64").to_pylist() == [AS_OF]
    (row,) = changes.to_pylist()
    assert (row["url"], row["change"], row["fields"]) == (
        "/learn/databases/questions/a",
        "added",
        [],
    )
    assert (row["title"], row["published"]) == ("What is a?", dt.date(2025, 3, 1))


def test_what_is_remembered_keeps_its_dates(tmp_path: Path) -> None:
    made = records(article(slug="a"), "no front matter").rows
    first = carry_over(made, NOTHING, remembered()._replace(as_of=BEFORE)).rows
    part = parquet.write_table(tmp_path, "part", ledger.live(first.articles))
    previous = remembered(tmp_path / part.path, **{"1": BEFORE})
    rows, changes = carry_over(made, NOTHING, previous)

    assert rows.articles.equals(first.articles)
    assert rows.rejects.equals(first.rejects)
    assert changes.num_rows == 0


def test_rows_are_written_as_parts_and_what_follows_is_left_for_the_next_steps(
    tmp_path: Path,
) -> None:
    work = workspace(tmp_path)
    carried = carry_over(records(article(slug="a"), "none").rows, NOTHING, remembered())
    parts = write(work, 4, "inputs", carried, LINK_RULES)

    assert {name: (part.path, part.rows, part.inputs) for name, part in parts.items()} == {
        name: (parquet.part_path(name, 4), rows, "inputs")
        for name, rows in {
            **{"articles": 1, "anchors": 0, "rejects": 1, "skipped": 0},
            **{"article_subjects": 1, "article_authors": 0, "keywords": 0},
        }.items()
    }
    articles = parquet.read(work.root / parts["articles"].path)
    assert articles.to_pylist() == carried.rows.articles.to_pylist()
    keys = scratch.ARTICLE_KEYS.read(work.scratch, 4)
    urls = url_index.array(keys["url"])
    assert urls.tolist() == url_index.digests(["/learn/databases/questions/a"]).tolist()
    assert keys["subject"].to_pylist() == ["Databases"]
    assert scratch.CHANGES.read(work.scratch, 4).equals(carried.changes)


def test_a_shard_of_no_files_is_written_too(tmp_path: Path) -> None:
    carried = carry_over(records().rows, NOTHING, remembered())
    parts = write(workspace(tmp_path), 0, "", carried, LINK_RULES)

    assert [part.rows for part in parts.values()] == [0] * 7
