from pathlib import Path

from pressroom.engine.previous_rows import Part
from pressroom.files import parquet
from tests.conftest import Site, article
from tests.quicktakes import MODEL, TABLES


def test_a_part_of_an_earlier_version_has_no_values_in_columns_that_are_new(
    site: Site, tmp_path: Path
) -> None:
    site.write(a=article(slug="a"))
    site.build()
    path = parquet.part_path("articles", 0)
    today = parquet.read(site.out / "current" / path)
    (tmp_path / "earlier").mkdir()
    parquet.write_table(tmp_path / "earlier", path, today.drop_columns(["source_lines", "title"]))

    articles = Part(tmp_path / "earlier", 0, MODEL).articles

    assert articles.schema == TABLES["articles"].schema
    assert articles["title"].null_count == articles["source_lines"].null_count == 1
    assert articles["url"].to_pylist() == today["url"].to_pylist()
