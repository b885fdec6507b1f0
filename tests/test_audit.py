"""The audit holds a release back whose tables are not what they should be.

No known input leads to such tables: each test lets a step lose or double what it was given.
"""

from collections.abc import Callable, Mapping

import pyarrow as pa
import pytest

from pressroom.base.errors import AuditError
from pressroom.engine import build, ingest
from pressroom.engine.checks import CHECKS
from pressroom.engine.steps import INGEST, LINK
from pressroom.model.settings import Compute
from tests.by_steps import begin, export_all, rewrite, stage_unaudited
from tests.conftest import Site, article

pytestmark = pytest.mark.usefixtures("in_process")

BROKEN = "---\ntitle: What: now\n---\n"
LINKS = {
    "related_article1": "{id: 1, title: T, url: /learn/databases/questions/a}",
    "related_article2": "{id: 2, title: T, url: /learn/databases/questions/nothing}",
}


def lost(rows: pa.Table) -> pa.Table:
    return rows.slice(0, len(rows) - 1)


def doubled(rows: pa.Table) -> pa.Table:
    return pa.concat_tables([rows, rows.slice(0, 1)])


def held_back(run: build.Run) -> dict[str, Mapping[str, int]]:
    """The checks that hold a release back, and what they count in it."""
    failed = [result for result in build.check(run) if not result.passed]
    with pytest.raises(AuditError) as held:
        build.audit(run)
    assert all(result.name in str(held.value) for result in failed)
    with pytest.raises(AuditError):
        build.release(run)
    return {result.name: result.figures for result in failed}


def test_a_release_that_is_as_it_should_be_passes_every_check(site: Site) -> None:
    site.write(a=article(slug="a"), b=article(slug="b", **LINKS), c=BROKEN)
    run = begin(site, "run")
    stage_unaudited(run)

    assert [result.name for result in build.audit(run) if result.passed] == list(CHECKS)
    assert build.release(run).published


@pytest.mark.parametrize(("change", "rejects"), [(lost, 0), (doubled, 2)])
def test_a_release_in_which_a_file_is_no_row_or_two_is_held_back(
    site: Site, change: Callable[[pa.Table], pa.Table], rejects: int
) -> None:
    site.write(a=article(slug="a"), b=BROKEN)
    run = begin(site, "run")
    build.ingest(run)
    rewrite(run, INGEST, "rejects", change)
    build.link(run)
    build.summarize(run)
    export_all(run)

    figures = {"files": 2, "articles": 1, "rejects": rejects, "skipped": 0}
    assert held_back(run) == {"files_accounted": figures}


@pytest.mark.parametrize("table", ["related_links", "text_links"])
@pytest.mark.parametrize(("change", "resolved"), [(lost, 1), (doubled, 3)])
def test_a_release_in_which_a_link_is_no_row_or_two_is_held_back(
    site: Site, change: Callable[[pa.Table], pa.Table], resolved: int, table: str
) -> None:
    site.write(a=article(slug="a"), b=article(slug="b", answer="'[a](/a) [b](/b)'", **LINKS))
    run = begin(site, "run")
    build.ingest(run)
    build.link(run)
    rewrite(run, LINK, table, change)
    build.summarize(run)
    export_all(run)

    figures = {"stated": 2, "resolved": 2, "written": 2, "resolved_in_texts": 2}
    key = "resolved" if table == "related_links" else "resolved_in_texts"
    assert held_back(run) == {"links_accounted": {**figures, key: resolved}}


@pytest.mark.parametrize("shard_files", [1, 10], ids=["of two parts", "of one part"])
def test_a_release_in_which_a_url_stands_on_two_articles_is_held_back(
    site: Site, monkeypatch: pytest.MonkeyPatch, shard_files: int
) -> None:
    site.write(a=article(slug="twin"), b=article(slug="twin"), c=article(slug="c"))
    monkeypatch.setattr(ingest, "_without_duplicates", lambda *_: [])
    run = begin(site, "run", compute=Compute(workers=1, shard_files=shard_files))
    stage_unaudited(run)

    figures = held_back(run)
    assert figures["urls_unique"] == {"repeated": 1}
    assert figures.keys() == {"urls_unique", "standards_met"}  # feeds and sitemaps have it twice
