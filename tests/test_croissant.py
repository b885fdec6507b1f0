"""Croissant: its metadata are valid, and its reader finds all rows."""

import json
from typing import Any

import mlcroissant
import pytest

from pressroom.exports.dataset import croissant
from pressroom.exports.dataset.about import about
from pressroom.model.settings import Site as SiteSettings
from tests.conftest import AS_OF
from tests.quicktakes import TABLES
from tests.standards.releases import Published

pytest_plugins = ["tests.standards.fixtures"]
# Of its dependencies.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


def dataset(release: Published) -> Any:
    return mlcroissant.Dataset(jsonld=str(release.root / "croissant.json"))


def test_its_own_checker_finds_croissant_valid(release: Published) -> None:
    metadata = dataset(release).metadata

    assert not metadata.ctx.issues.errors
    (warned,) = metadata.ctx.issues.warnings
    assert "license" in warned  # which nobody but the owner of a site knows
    assert metadata.name == release.site.title
    assert metadata.url == release.site.base_url
    assert metadata.date_published.timestamp() == release.as_of
    assert [one.id for one in metadata.record_sets] == list(TABLES)


@pytest.mark.parametrize("table", TABLES)
def test_its_own_reader_finds_the_rows_of_a_table(odd: Published, table: str) -> None:
    records = list(dataset(odd).records(table))
    rows = odd.rows(table)

    assert len(records) == len(rows)
    for name in TABLES[table].primary_key:
        found = [record[f"{table}/{name}"] for record in records]
        expected = [row[name] for row in rows]
        assert sorted(one.decode() if isinstance(one, bytes) else one for one in found) == sorted(
            expected
        )


def test_fields_of_structs_are_read_too(odd: Published) -> None:
    (two,) = (
        [field["rejects/problems/code"].decode() for field in record["rejects/problems"]]
        for record in dataset(odd).records("rejects")
        if record["rejects/source_path"] == b"reject_two.md"
    )
    rows = {row["source_path"]: row["problems"] for row in odd.rows("rejects")}
    assert two == [problem["code"] for problem in rows["reject_two.md"]]


def test_every_part_is_a_file_with_its_digest(odd: Published) -> None:
    described = json.loads((odd.root / "croissant.json").read_text(encoding="utf-8"))
    files = {one["contentUrl"]: one for one in described["distribution"] if "sha256" in one}
    manifest = json.loads((odd.root / "manifest.json").read_text(encoding="utf-8"))
    parts = {
        entry["path"]: entry for entry in manifest["files"] if entry["path"].startswith("tables/")
    }

    assert files.keys() == parts.keys()
    for path, entry in parts.items():
        assert files[path]["sha256"] == entry["sha256"]
        assert files[path]["contentSize"] == f"{entry['bytes']} B"


def test_it_has_the_licence_that_settings_state() -> None:
    text = croissant.dataset(about(SiteSettings(license="CC0-1.0"), AS_OF), [])

    assert json.loads(text)["license"] == "https://spdx.org/licenses/CC0-1.0.html"
