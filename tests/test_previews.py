from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from lxml import etree

from pressroom.dagster import previews
from pressroom.dagster.previews import Parts
from pressroom.files import atomic, parquet
from pressroom.model.settings import Limits
from pressroom.releases.manifest import Output
from tests.conftest import AS_OF, Site, article
from tests.quicktakes import TABLES, quicktakes

HOSTILE = "![x](http://evil.example/x.png)\u202e\x1b[31m<script>\n" + "long " * 100_000


def table(root: Path, name: str, *parts: list[dict[str, Any]]) -> Parts:
    """A table of rows that state some columns; the others are empty."""
    schema = TABLES[name].schema
    entries = []
    for number, rows in enumerate(parts):
        full = [tuple(row.get(field.name, empty(field)) for field in schema) for row in rows]
        part = parquet.to_table(full, schema)
        entries.append(parquet.write_table(root, parquet.part_path(name, number), part))
    return Parts(name, root, Output("", "", tuple(entries)))


def empty(field: pa.Field) -> Any:
    if field.nullable:
        return None
    if pa.types.is_list(field.type):
        return []
    return "" if pa.types.is_string(field.type) else 0


@pytest.mark.parametrize("name", TABLES)
def test_the_first_ten_rows_are_shown_of_a_few_columns_of_each_table(site: Site, name: str) -> None:
    for number in range(12):
        link = f"{{url: /nowhere, id: {number}}}"
        others = {"seo": "{page_keywords: k}", "author": "Ann", "aliases": f"/old-{number}"}
        others["answer"] = "'# [x](/nowhere)'"
        text = article(slug=f"a{number:02}", related_article1=link, **others)
        site.write(**{f"a{number:02}": text, f"broken{number}": "no front matter"})
        site.write(**{f"hidden{number}": article(url="false")})
    model = quicktakes(keys={"aliases": "aliases"})
    for as_of in (AS_OF, AS_OF + 1)[: 1 + (name in ("history", "releases"))]:  # of one before
        site.build(as_of, limits=Limits(max_rejects=1.0), content=model, force=True)
    release = (site.out / "current").resolve()
    parts = sorted((release / "tables" / name).glob("*.parquet"))
    entries = [atomic.entry(release, str(p.relative_to(release)), rows=1) for p in parts]

    rows = previews.rows(Parts(name, release, Output("", "", tuple(entries))))

    stored = site.rows(name)[:10]
    assert len(rows) == len(stored) > 0
    assert len(rows[0]) <= 5
    for row, whole in zip(rows, stored, strict=True):
        shown = {key: value for key, value in row.items() if isinstance(value, int)}
        assert shown == {key: whole[key] for key in shown}


def test_rows_come_from_several_parts_and_empty_ones_are_not_opened(tmp_path: Path) -> None:
    made = table(tmp_path, "subjects", [{"label": "A"}], [], [{"label": "B"}])
    (tmp_path / parquet.part_path("subjects", 1)).unlink()
    assert [row["label"] for row in previews.rows(made)] == ["A", "B"]


def test_text_is_cut_short_on_one_line_and_without_controls(tmp_path: Path) -> None:
    (row,) = previews.rows(table(tmp_path, "subjects", [{"label": HOSTILE}]))
    label = str(row["label"])
    assert len(label) == 100
    assert label.isprintable() or label.replace("⏎", "").isprintable()
    assert label.startswith("![x](http://evil.example/x.png)\ufffd\ufffd[31m<script>⏎long")


def test_a_list_is_shown_as_its_values(tmp_path: Path) -> None:
    rows = previews.rows(table(tmp_path, "changes", [{"fields": ["title", "body"]}]))
    assert rows[0]["fields"] == "title, body"


def drawn(chart: previews.Chart | None) -> list[str]:
    """The texts of a chart, which is read as XML; the title first."""
    assert chart
    assert len(chart.svg) < 20_000
    texts = etree.fromstring(chart.svg.encode()).iter("{http://www.w3.org/2000/svg}text")
    return [str(text.text) for text in texts]


def test_articles_are_counted_by_the_last_days_that_have_any(site: Site) -> None:
    for number in range(30):
        date = f"{2020 + number // 12}-{number % 12 + 1:02}-05"
        site.write(**{f"a{number:02}": article(slug=f"a{number:02}", date=date)})
    site.write(b=article(slug="b", date="2022-06-05"))
    site.build()
    release = (site.out / "current").resolve()
    entry = atomic.entry(release, parquet.part_path("articles", 0), rows=31)
    chart = previews.chart(Parts("articles", release, Output("", "", (entry,))))

    texts = drawn(chart)

    assert texts[1::2][0] == "2020-07-05"
    assert texts[-2:] == ["2022-06-05", "2"]
    assert len(texts) == 1 + 2 * 24


def test_subjects_are_counted_the_largest_first(tmp_path: Path) -> None:
    rows = [{"slug": str(n), "label": f"Subject {n}", "articles": n} for n in range(40)]
    hostile = {"label": HOSTILE, "articles": 1234}
    texts = drawn(previews.chart(table(tmp_path, "subjects", rows, [hostile])))
    assert texts[1] == "![x](http://evil.example/x.png)…"
    assert texts[2:5] == ["1,234", "Subject 39", "39"]
    assert len(texts) == 1 + 2 * 24


def test_links_are_counted_by_status_over_all_parts(tmp_path: Path) -> None:
    ok, missing = {"status": "ok"}, {"status": "missing"}
    made = table(tmp_path, "related_links", [ok, missing], [ok])
    assert drawn(previews.chart(made))[1:] == ["ok", "2", "missing", "1"]


def test_a_chart_of_nothing_is_a_title(tmp_path: Path) -> None:
    assert len(drawn(previews.chart(table(tmp_path, "findings", [])))) == 1
    assert previews.chart(table(tmp_path, "keywords", [])) is None


def test_rejects_are_counted_by_code_for_each_of_the_last_releases(site: Site) -> None:
    site.write(a=article(slug="a"), b="no front matter")
    first = site.build().release.id
    site.write(b=article(slug="b"), c=b"\xff", d=b"\xfe")
    second = site.build(AS_OF + 1).release.id
    damaged = site.out / "releases" / "000001-damaged0"
    damaged.mkdir()

    by_release = previews.rejects_by_release(site.out)
    assert by_release == [
        {"code": "not_utf8", first: 0, second: 2},
        {"code": "no_front_matter", first: 1, second: 0},
    ]
    assert drawn(previews.chart_of_rejects(by_release))[1:] == [
        *("not_utf8 000002", "2"),
        *("no_front_matter 000001", "1"),
    ]
