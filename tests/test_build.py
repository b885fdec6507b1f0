import datetime as dt
import json
import re
import shutil
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pressroom.base.errors import AuditError, PipelineError, SettingsError
from pressroom.content.addresses import link_rules
from pressroom.content.article import rules_of
from pressroom.engine import build, export_steps, shard_ingest, shard_parse
from pressroom.engine.progress import Quiet
from pressroom.engine.steps import PER_RELEASE
from pressroom.exports import EXPORTS, Context, Export
from pressroom.files import parquet
from pressroom.files.atomic import FileEntry
from pressroom.model.paths import Paths
from pressroom.model.settings import Compute, Limits, Settings
from pressroom.model.settings import Site as SiteSettings
from pressroom.sources.listing import Slice
from tests.conftest import (
    AS_OF,
    CORPUS,
    POOL,
    Site,
    article,
    by_each_executor,
    contents,
    needs_corpus,
    pressroom,
    read_rows,
)
from tests.quicktakes import MODEL, TABLES, quicktakes

NO_REMOVALS = Limits(max_removed=0, max_removed_articles=0)


@needs_corpus
def test_the_shared_corpus_becomes_the_tables_that_were_counted_by_hand(tmp_path: Path) -> None:
    done = pressroom(
        "build", "--raw", CORPUS / "content", "--out", tmp_path / "out",
        "--base-url", "https://quicktakes.example", "--json",
    )  # fmt: skip

    assert done.status == 0, done.err
    result = done.json
    assert (result["files"], result["articles"], result["rejects"]) == (400, 400, 0)
    assert result["links"] == {"ok": 330, "duplicate": 110, "self": 1, "missing": 937}
    release = tmp_path / "out" / "current"
    articles = read_rows(release, "articles")
    assert len(read_rows(release, "keywords")) == 4868
    assert len({row["subject_slug"] for row in articles}) == 29
    assert len({row["subject"] for row in articles}) == 33
    assert sum(row["score"] is None for row in articles) == 57
    assert sum(row["no_index"] for row in articles) == 1
    assert sum(count > 1 for count in Counter(row["id"] for row in articles).values()) == 3
    dates = [row["published"] for row in articles]
    assert (min(dates), max(dates)) == (dt.date(2024, 11, 21), dt.date(2025, 3, 20))
    commands = re.compile(r"\\n(?:eq|eg|abla|u|ot|otin|mid)(?![A-Za-z])")
    assert sum(len(commands.findall(row["text"])) for row in articles) == 27
    extra = {key for row in articles for key in json.loads(row["extra"] or "{}")}
    assert extra == {"file_name"}


@needs_corpus
def test_older_and_broken_files_are_articles_or_rejects_with_line_and_hint(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = pressroom("build", "--raw", CORPUS / "history", "--out", out, "--json")

    assert done.status == 0, done.err
    release = out / "current"
    rejects = {
        (row["source_path"].split("/")[0], row["code"], row["line"]): row["hint"]
        for row in read_rows(release, "rejects")
    }
    assert rejects.keys() == {
        ("1df5b3809", "forbidden_character", 16),
        ("3a298310c", "not_a_mapping", 17),
        ("5de2b2db2", "missing_key", 2),
        ("7a5773bcd", "unquoted_colon", 5),
        ("7a5773bcd", "unquoted_colon", 36),
        ("f6d94c0f9", "quotes", 5),
    }
    assert all(rejects.values())
    assert len(read_rows(release, "articles")) == 3


def test_one_bad_file_among_a_thousand_is_set_aside_and_the_rest_is_published(
    tmp_path: Path,
) -> None:
    site = Site(tmp_path)
    for number in range(1000):
        site.write(**{f"a{number:04}": article(slug=f"a{number}")})
    site.write(a0500="---\ntitle: What: now\n---\n")

    done = pressroom("build", "--raw", site.raw, "--out", site.out, "--json")

    assert done.status == 0
    assert (done.json["articles"], done.json["rejects"], done.json["published"]) == (999, 1, True)


@by_each_executor
def test_a_second_build_of_the_same_files_publishes_nothing(site: Site) -> None:
    site.write(a=article(slug="a"), b=article(slug="b"))
    first = site.build()
    second = site.build(as_of=1_800_000_000)

    assert first.published
    assert not second.published
    assert second.release.id == first.release.id
    assert first.release.id in site.lines[-1]


@by_each_executor
def test_a_full_build_of_the_same_files_publishes_nothing(site: Site) -> None:
    site.write(a=article(slug="a"), b=article(slug="b"))
    first = site.build()
    before = contents(site.out / "current")
    second = site.build(as_of=1_800_000_000, full=True)

    assert not second.published
    assert second.release.id == first.release.id
    assert contents(site.out / "current") == before


def test_an_empty_raw_folder_after_a_full_one_is_held_back(site: Site) -> None:
    site.write(a=article(slug="a"))
    first = site.build()
    (site.raw / "a.md").unlink()

    with pytest.raises(AuditError, match="articles_remain"):
        site.build(accept_removals=True)

    assert (site.out / "current").resolve() == first.release.root


def test_a_release_with_too_many_removals_is_held_back_until_they_are_accepted(site: Site) -> None:
    site.write(**{f"a{number}": article(slug=f"a{number}") for number in range(8)})
    site.build()
    for number in range(6):
        (site.raw / f"a{number}.md").unlink()

    with pytest.raises(AuditError, match=r"removals_limited: 6 of 8 .*; 5 allowed"):
        site.build()
    assert site.build(accept_removals=True).published


def test_a_small_site_may_lose_a_few_articles_and_move_all(site: Site) -> None:
    names = [f"a{number}" for number in range(8)]
    site.write(**{name: article(slug=name, id=number) for number, name in enumerate(names)})
    site.build()
    for name in names[:5]:
        (site.raw / f"{name}.md").unlink()
    assert site.build(AS_OF + 60).published
    site.write(**{f"a{number}": article(slug=f"b{number}", id=number) for number in range(5, 8)})
    assert site.build(AS_OF + 120, limits=NO_REMOVALS).published


@by_each_executor
def test_a_release_that_lost_articles_to_broken_files_is_held_back_and_names_them(
    site: Site,
) -> None:
    site.write(**{name: article(slug=name) for name in "abc"})
    site.build()
    site.write(b="---\ntitle: A: b\n---\n")

    with pytest.raises(AuditError) as held_back:
        site.build(limits=NO_REMOVALS)
    assert "b.md:2" in str(held_back.value)


def test_a_release_with_too_many_rejects_is_held_back(site: Site) -> None:
    site.write(a=article(slug="a"), b="no front matter", c="none here either")

    with pytest.raises(AuditError, match="rejects_limited: 2 of 3 "):
        site.build(limits=Limits(max_rejects_files=1))


def test_a_release_that_is_held_back_names_the_first_files_that_were_set_aside(site: Site) -> None:
    site.write(**{f"a{number:02}": "---\ntitle: What: now\n---\n" for number in range(30)})

    with pytest.raises(AuditError) as held_back:
        site.build()
    lines = str(held_back.value).splitlines()
    named = [re.fullmatch(r"  (a\d\d)\.md:2:12: .+ \[unquoted_colon\]", line) for line in lines]
    assert [each[1] for each in named if each] == [f"a{number:02}" for number in range(20)]
    assert " 30 " in lines[1]
    assert " 10 " in lines[-1]


def test_of_files_that_are_set_aside_those_are_named_first_that_were_not_before(site: Site) -> None:
    site.write(**{f"{n:02}": article(slug=n) for n in range(40)})
    site.write(a="---\ntitle: What: now\n---\n")
    site.build()
    site.write(b="---\ntitle: What: then\n---\n")

    with pytest.raises(AuditError) as held_back:
        site.build(as_of=AS_OF + 60, limits=Limits(max_rejects=0, max_rejects_files=1))
    lines = str(held_back.value).splitlines()
    assert [line[:6] for line in lines if line.startswith("  ")] == ["  b.md", "  a.md"]


def test_a_release_with_too_many_removals_names_them_and_files_newly_set_aside(site: Site) -> None:
    site.write(**{f"{n:02}": article(slug=n) for n in range(9)}, old="no front matter")
    site.build()
    (site.raw / "03.md").unlink()
    with pytest.raises(AuditError) as held_back:
        site.build(as_of=AS_OF + 60, limits=NO_REMOVALS)
    assert ".md" not in str(held_back.value)
    assert "  /learn/databases/questions/3: " in str(held_back.value)

    site.write(**{"07": "no front matter"})
    with pytest.raises(AuditError) as held_back:
        site.build(as_of=AS_OF + 60, limits=NO_REMOVALS)
    lines = str(held_back.value).splitlines()
    assert lines[1].startswith("removals_limited: 2 of 9 ")
    assert "  /learn/databases/questions/7: removed" in lines
    assert next(line for line in lines if ".md" in line).startswith("  07.md")


@pytest.mark.parametrize(
    ("victim", "harm"),
    [
        ("site/feed.json", "changed"),
        ("csv/articles.csv", "missing"),
        (parquet.part_path("articles", 0), "missing"),
        *((parquet.part_path(table, 0), "changed") for table in TABLES if table not in PER_RELEASE),
    ],
)
def test_a_published_file_that_was_damaged_is_made_anew(site: Site, victim: str, harm: str) -> None:
    site.write(a=article(slug="a"))
    site.build()
    site.write(b=article(slug="b"))
    first = site.build(AS_OF + 1)
    whole = (first.release.root / victim).read_bytes()
    (first.release.root / victim).unlink()
    if harm == "changed":
        (first.release.root / victim).write_bytes(whole + b"\n")

    second = site.build(AS_OF + 2)

    assert second.published
    assert (site.out / "current" / victim).read_bytes() == whole
    assert not site.build(AS_OF + 3).published


def with_memory(site: Site) -> Path:
    """The release of a site with an article, one that is gone, and a file that is set aside."""
    site.write(a=article(slug="a"), gone=article(slug="gone"), b="---\ntitle: What: now\n---\n")
    site.build()
    (site.raw / "gone.md").unlink()
    root: Path = site.build(AS_OF + 1, accept_removals=True).release.root
    return root


def remembered(site: Site) -> list[list[dict[str, Any]]]:
    """What no raw file says: the ledger, and since when files are set aside."""
    return [site.rows(table) for table in ("ledger", "rejects")]


@pytest.mark.parametrize(
    "lost",
    [
        [("ledger", 0)],
        [("ledger", 1)],
        [("ledger", 0), ("ledger", 1), ("articles", 0), ("rejects", 0)],
        [("rejects", 0)],
    ],
    ids=str,
)
def test_what_no_raw_file_says_comes_of_the_newest_older_release_that_has_it(
    site: Site, lost: list[tuple[str, int]]
) -> None:
    older = with_memory(site)
    (older / parquet.part_path("articles", 0)).unlink()  # its ledger is whole
    site.write(young=article(slug="young"))
    root = site.build(AS_OF + 2).release.root
    before = remembered(site)
    for table, number in lost:
        (root / parquet.part_path(table, number)).unlink()

    assert site.build(AS_OF + 3).published
    ledger, rejects = remembered(site)
    is_young_lost = ("articles", 0) in lost  # else its row there is used again, with the time
    young = next(row for row in ledger if row["url"].endswith("/young"))
    assert young["first_seen"].timestamp() == AS_OF + (3 if is_young_lost else 2)
    assert [row for row in ledger if row is not young] == [
        row for row in before[0] if not row["url"].endswith("/young")
    ]
    assert rejects == before[1]
    changes = {row["url"].rpartition("/")[2]: row["change"] for row in site.rows("changes")}
    assert changes == ({"young": "added"} if is_young_lost else {})


def test_of_an_article_that_is_edited_as_the_ledger_is_lost_it_is_known_that_it_changed(
    site: Site,
) -> None:
    with_memory(site)
    site.write(young=article(slug="young"))
    root = site.build(AS_OF + 2).release.root
    (root / parquet.part_path("ledger", 0)).unlink()
    for slug in ("a", "young"):
        site.write(**{slug: article(slug=slug, answer="Another.")})

    site.build(AS_OF + 3)
    changes = {row["url"].rpartition("/")[2]: row for row in site.rows("changes")}
    assert {slug: (row["change"], row["fields"]) for slug, row in changes.items()} == {
        "a": ("changed", []),
        "young": ("added", []),
    }


def test_an_empty_part_of_the_ledger_is_no_loss(site: Site) -> None:
    site.write(a=article(slug="a"))
    root = site.build().release.root
    (root / parquet.part_path("ledger", 1)).unlink()

    assert site.build(AS_OF + 1).published


@pytest.mark.parametrize("number", [0, 1])
def test_a_run_stops_before_all_dates_of_first_sight_are_forgotten(site: Site, number: int) -> None:
    root = with_memory(site)
    shutil.rmtree(next(path for path in root.parent.iterdir() if path != root))
    part = parquet.part_path("ledger", number)
    (root / part).unlink()

    with pytest.raises(PipelineError, match=part):
        site.build()


AUTHOR = {"author": "Another"}
ANSWER = {"answer": "Another."}
KEYWORDS = {"seo": "{page_keywords: another}"}


@pytest.mark.parametrize(
    ("edit", "lost", "fields"),
    [
        (AUTHOR, "articles", [["article_authors"]]),
        (AUTHOR, "article_authors", [["author"]]),
        (AUTHOR, "keywords", [["author", "article_authors"]]),
        (ANSWER, "articles", [[]]),
        (ANSWER, "related_links", [["text"]]),
        (KEYWORDS, "articles", [["keywords"]]),
        (KEYWORDS, "keywords", []),
    ],
    ids=str,
)
@pytest.mark.parametrize("lose", [Path.unlink, lambda path: path.write_bytes(b"damaged")])
def test_an_edit_is_a_change_of_a_field_unless_the_part_is_lost_that_held_it(
    site: Site,
    edit: dict[str, str],
    lost: str,
    fields: list[list[str]],
    lose: Callable[[Path], object],
) -> None:
    """But a change of the content is one in any case."""
    site.write(a=article(slug="a"))
    part = site.build().release.root / parquet.part_path(lost, 0)
    part.chmod(0o644)
    lose(part)
    site.write(a=article(slug="a", **edit))
    site.build(AS_OF + 1)

    assert [row["fields"] for row in site.rows("changes")] == fields


def republished(site: Site) -> build.Outcome:
    """The outcome of a run of all exports, of the tables of the published release."""
    settings = Settings(content=MODEL, paths=Paths(site.raw, site.out), compute=Compute(workers=1))
    run = build.begin(settings, build.Options(), "run", AS_OF, Quiet(print))
    with run.pool:
        build.export_all(run)
        build.manifest(run)
    build.audit(run)
    return build.release(run)


def test_exports_of_a_release_that_lost_a_table_end_with_what_mends_it(site: Site) -> None:
    site.write(a=article(slug="a"))
    lost = parquet.part_path("articles", 0)
    (site.build().release.root / lost).unlink()

    with pytest.raises(PipelineError, match=f"{lost}"):
        republished(site)
    assert site.build().published


@pytest.mark.parametrize("lost", ["csv/articles.csv", "site/feed.json"])
def test_an_export_of_a_release_that_lost_a_file_of_it_makes_that_anew(
    site: Site, lost: str
) -> None:
    site.write(a=article(slug="a"))
    release = site.build().release
    whole = (release.root / lost).read_bytes()
    (release.root / lost).unlink()

    assert republished(site).published
    assert (site.out / "current" / lost).read_bytes() == whole


def test_a_url_is_needed_whatever_the_settings_say(site: Site) -> None:
    site.write(a=article(slug="a"), b=article(slug="b", url=None))
    site.build(content=quicktakes(required=()))

    assert [(row["code"], row["source_path"]) for row in site.rows("rejects")] == [
        ("missing_key", "b.md")
    ]


@pytest.mark.parametrize("shard_files", [1, 2, 3, 7, 1000])
def test_a_url_that_stands_twice_stays_with_the_first_file_in_path_order(
    site: Site, shard_files: int
) -> None:
    for name in ("d", "b", "e", "c", "a"):
        site.write(**{name: article(slug=name if name in "ad" else "twin")})
    site.build(compute=Compute(workers=1, shard_files=shard_files))

    assert [row["source_path"] for row in site.rows("articles")] == ["a.md", "b.md", "d.md"]
    rejects = site.rows("rejects")
    assert [(row["source_path"], row["code"]) for row in rejects] == [
        ("c.md", "duplicate_url"),
        ("e.md", "duplicate_url"),
    ]
    assert all("b.md" in row["message"] for row in rejects)


def test_a_file_that_got_another_url_while_it_was_read_again_is_kept(site: Site) -> None:
    site.write(a=article(slug="a"))
    run = build.begin(
        Settings(content=MODEL, paths=Paths(site.raw, site.out)),
        build.Options(),
        "run",
        AS_OF,
        Quiet(print),
    )
    build.ingest(run)
    excluded = {"a.md": shard_parse.Duplicate("/learn/databases/questions/before", "b.md")}
    job = shard_ingest.IngestJob(
        0,
        Slice(0, len(b"a.md\0"), 1),
        run.workspace,
        rules_of(Settings(content=MODEL)),
        link_rules(Settings(content=MODEL)),
        "",
        False,
        excluded,
    )

    assert shard_ingest.ingest(job).parts["articles"].rows == 1


@pytest.mark.parametrize("text", ["-1", "1.5", "x", "1790000000000", "²"])
def test_a_time_of_the_run_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(repr(text))):
        build.as_of(None, text)


def test_links_of_feeds_keep_the_path_of_the_site(site: Site) -> None:
    links = "'See [b](/learn/b), [b](/blog/learn/b), [c](c) and [a picture](p.png).'"
    site.write(
        a=article(slug="a", answer=links, date="2025-04-01"),
        b=article(url="/learn/b"),
        c=article(slug="c"),
    )
    site.build(site=SiteSettings(base_url="https://x.example/blog"))

    feed = json.loads((site.out / "current/site/feed.json").read_bytes())
    assert re.findall('href="([^"]*)"', feed["items"][0]["content_html"]) == [
        "https://x.example/blog/learn/b",
        "https://x.example/blog/learn/b",
        "https://x.example/blog/learn/databases/questions/c",
        "https://x.example/blog/learn/databases/questions/p.png",
    ]


def test_a_release_does_not_depend_on_how_many_workers_made_it(tmp_path: Path) -> None:
    made = []
    for workers in (1, 2):
        home = tmp_path / str(workers)
        home.mkdir()
        site = Site(home, POOL)
        for number in range(40):
            site.write(**{f"a{number:02}": article(slug=f"a{number}")})
        site.build(compute=Compute(workers=workers, shard_files=7))
        made.append(contents(site.out / "current", without="manifest.json".__eq__))

    assert made[0] == made[1]
    assert sum(path.startswith("tables/articles/") for path in made[0]) > 1


@by_each_executor
def test_exports_are_made_side_by_side(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each waits until all others are being made, but for those that read the files of one."""
    site.write(a=article())
    names = {item.name for item in EXPORTS}
    alone = [item for item in EXPORTS if names.isdisjoint(item.tables(MODEL))]
    together = threading.Barrier(len(alone), timeout=20)

    def waiting(item: Export) -> Export:
        if item not in alone:
            return item

        def write(context: Context) -> list[FileEntry]:
            together.wait()
            return item.write(context)

        return item._replace(write=write)

    monkeypatch.setattr(export_steps, "EXPORTS", tuple(map(waiting, EXPORTS)))

    assert site.build().published


@by_each_executor
def test_an_export_that_fails_fails_the_run_and_lets_the_others_end(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.write(a=article())

    def broken(context: Context) -> list[FileEntry]:
        raise PipelineError("No feed today.")

    exports = [item._replace(write=broken) if item.name == "feeds" else item for item in EXPORTS]
    monkeypatch.setattr(export_steps, "EXPORTS", tuple(exports))

    with pytest.raises(PipelineError, match="No feed today"):
        site.build()
    assert not (site.out / "current").exists()
    assert not list((site.out / "staging").iterdir())
