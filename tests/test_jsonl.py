"""The articles as JSON Lines, and the release as a data set of Hugging Face."""

import json
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from pressroom.exports import dataset_card
from pressroom.model.columns import Column
from pressroom.model.settings import Compute, Exports, Settings
from pressroom.model.settings import Site as SiteSettings
from tests.conftest import AS_OF, Site, article, contents
from tests.quicktakes import quicktakes
from tests.standards.releases import Published

pytest_plugins = ["tests.standards.fixtures"]

ON = Exports(jsonl=True)
A = SiteSettings(
    base_url="https://a.example/docs", title="A: *site*", language="en-GB", license="CC-BY-4.0"
)
PATH = "/learn/databases/questions"


def published(site: Site, **options: Any) -> dict[str, dict[str, Any]]:
    """The objects of a site, by the end of their urls."""
    site.build(**{"exports": ON, "site": A, **options})
    return {one["url"].rpartition("/")[2]: one for one in objects(site.out / "current")}


def objects(release: Path) -> list[dict[str, Any]]:
    lines = (release / "jsonl/articles.jsonl").read_bytes().decode().split("\n")
    assert lines.pop() == ""
    return [json.loads(line) for line in lines]


def front_matter(release: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((release / "README.md").read_text().split("---\n")[1])
    return found


def test_an_article_is_an_object_with_its_text_twice(site: Site) -> None:
    link = "\n    id: 1\n    title: What is b?\n    subject: Databases\n    url: "
    site.write(
        a=article(
            slug="a",
            title="'Is <b>a</b> &lt; b?'",
            date="2025-03-01T12:30:00+01:00",
            author="Ann",
            answer=f"'It is **so**, says [b]({PATH}/b), [c]({PATH}/c) and [d](/d).'",
            seo="{page_description: 'In <i>short</i>', page_keywords: 'x, y, X'}",
            related_article1=link + f"{PATH}/b",
        ),
        b=article(slug="b"),
        c=article(slug="c"),
    )
    assert published(site)["a"] == {
        "id": "b05103bd88045e89d3487bd75a7e04d1",
        "url": f"{PATH}/a",
        "address": f"https://a.example/docs{PATH}/a",
        "title": "Is a < b?",
        "description": "In short",
        "language": "en-GB",
        "subject": "Databases",
        "subjects": ["Databases"],
        "tags": ["x", "y"],
        "authors": ["Ann"],
        "published": "2025-03-01",
        "published_timestamp": 1740828600,
        "modified": "2025-03-01T11:30:00Z",
        "word_count": 8,
        "text": "It is so, says b, c and d.",
        "markdown": f"It is **so**, says [b]({PATH}/b), [c]({PATH}/c) and [d](/d).",
        "links": [f"{PATH}/b", f"{PATH}/c"],
    }


def test_what_is_not_known_is_null_and_no_key_is_left_out(site: Site) -> None:
    site.write(a=article(slug="a"), b="---\nurl: /b\n---\n")
    found = published(site, content=quicktakes(required=("url",)))
    assert [*found["b"]] == [*found["a"]]
    known = {name for name, value in found["b"].items() if value not in (None, "", [])}
    assert known == {"id", "url", "address", "language", "word_count"}


def test_what_search_engines_are_not_to_find_is_left_out(site: Site) -> None:
    site.write(a=article(slug="a"), b=article(slug="b", no_index="true"))
    assert published(site).keys() == {"a"}


def test_every_article_has_an_id_that_search_engines_take(release: Published) -> None:
    found = objects(release.root)
    assert [one["url"] for one in found] == [row["url"] for row in release.indexable()]
    assert [one["markdown"] or None for one in found] == [
        row["text"] for row in release.indexable()
    ]
    ids = {one["id"] for one in found}
    assert len(ids) == len(found)
    assert all(re.fullmatch("[0-9a-f]{32}", one) for one in ids)


def test_readers_of_json_lines_find_the_same(release: Published) -> None:
    with duckdb.connect() as connection:
        path = release.root / "jsonl/articles.jsonl"
        found = connection.sql(f"select id, text, links, published from '{path}'").fetchall()
    assert [(one["id"], one["text"], one["links"]) for one in objects(release.root)] == [
        row[:3] for row in found
    ]


def test_the_card_names_the_files_that_have_rows(site: Site) -> None:
    site.write(
        **{name: article(slug=name) for name in "abc"},
        z="---\ntitle: What: now\n---\n",
    )
    columns = {"tags": Column("list")}
    cut = Compute(workers=1, shard_files=1)
    published(site, compute=cut, content=quicktakes(columns=columns))
    root = site.out / "current"
    found = front_matter(root)
    assert {name: found[name] for name in [*found][:-1]} == {
        "pretty_name": "A: *site*",
        "language": ["en"],
        "license": "cc-by-4.0",
        "size_categories": ["n<1K"],
    }
    configs = {one["config_name"]: one["data_files"] for one in found["configs"]}
    assert [*configs] == ["articles", "article_subjects", "subjects"]
    assert [one["config_name"] for one in found["configs"] if one.get("default")] == ["articles"]
    parts = sorted((root / "tables/articles").iterdir())
    assert configs["articles"] == [f"tables/articles/{path.name}" for path in parts[:3]]
    assert len(parts) == 4
    with duckdb.connect() as connection:
        for name, files in configs.items():
            paths = [str(root / file) for file in files]
            assert connection.execute(
                "select count(*) from read_parquet(?)", [paths]
            ).fetchone() == (len(site.rows(name)),)
    text = (root / "README.md").read_text()
    assert "\n# A: \\*site\\*\n" in text
    assert "\n3 articles of <https://a.example/docs/>" in text


def test_a_license_may_be_an_address() -> None:
    site = SiteSettings(license="https://a.example/terms")
    found = yaml.safe_load(dataset_card.card(Settings(site=site), [], 1).split("---\n")[1])
    assert (found["license"], found["license_link"]) == ("other", site.license)


@pytest.mark.parametrize(
    ("rows", "size"),
    [
        (0, "n<1K"),
        (999, "n<1K"),
        (1_000, "1K<n<10K"),
        (99_999, "10K<n<100K"),
        (10**6, "1M<n<10M"),
        (10**9, "n>1B"),
    ],
)
def test_the_size_is_one_that_hugging_face_has(rows: int, size: str) -> None:
    text = dataset_card.card(Settings(), [], rows)
    assert yaml.safe_load(text.split("---\n")[1])["size_categories"] == [size]


def test_two_exports_of_texts_give_what_each_gives_alone(site: Site) -> None:
    site.write(a=article(slug="a"))
    alone = contents(site.build(exports=ON).release.root)
    both = contents(site.build(AS_OF + 60, exports=Exports(sqlite=True, jsonl=True)).release.root)
    for path in ("jsonl/articles.jsonl", "plain_text/part-00000.parquet"):
        assert alone[path] == both[path]


@pytest.mark.filterwarnings("ignore")
def test_hugging_face_loads_the_tables_and_the_lines(
    sample: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    datasets = pytest.importorskip("datasets")
    cache = str(tmp_path / "cache")
    for name in datasets.get_dataset_config_names(str(sample.root)):
        found = datasets.load_dataset(str(sample.root), name, split="train", cache_dir=cache)
        assert found.num_rows == len(sample.rows(name))
    lines = str(sample.root / "jsonl/articles.jsonl")
    found = datasets.load_dataset("json", data_files=lines, split="train", cache_dir=cache)
    assert found["id"][:] == [one["id"] for one in objects(sample.root)]
