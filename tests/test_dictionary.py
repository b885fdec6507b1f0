"""The data dictionary is up to date, and what it says of the tables is so."""

import re
from collections.abc import Callable
from typing import Any

import duckdb
import pytest

from pressroom.model.dictionary import JOINS, Join, of_release, of_sample
from pressroom.model.settings_toml import load
from tests.conftest import ROOT
from tests.quicktakes import MODEL, TABLES
from tests.standards.releases import Published

pytest_plugins = ["tests.standards.fixtures"]

DICTIONARY = ROOT / "docs" / "data-dictionary.md"


def test_the_data_dictionary_is_that_of_the_schemas() -> None:
    model = load(ROOT / "pressroom.toml").content
    assert DICTIONARY.read_text() == of_sample(model), "renew it by: make docs"


@pytest.mark.parametrize("table", TABLES)
def test_a_table_of_the_dictionary_has_the_columns_of_its_parquet(
    odd: Published, table: str
) -> None:
    section = DICTIONARY.read_text().split(f"\n## {table}\n")[1].split("\n## ")[0]
    named = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    found = duckdb.read_parquet([str(path) for path in odd.parts(table)]).columns

    assert named == found


def test_a_release_has_the_dictionary_of_its_own_tables(sample: Published) -> None:
    told = (sample.root / "data-dictionary.md").read_text()

    assert told == of_release(MODEL)
    assert re.findall(r"^## (\w+)$", told, re.MULTILINE) == list(TABLES)
    assert "](" not in told  # it stands alone


@pytest.mark.parametrize("join", JOINS, ids=lambda join: f"{join.table}.{join.key.column}")
def test_only_rows_of_which_the_dictionary_says_so_find_no_partner(
    release: Published, join: Join
) -> None:
    partners = [row[join.key.reference_column] for row in release.rows(join.key.reference)]
    alone = [row for row in release.rows(join.table) if row[join.key.column] not in set(partners)]
    reasons: dict[str, Callable[[dict[str, Any]], bool]] = {
        "No row for a url that was removed": lambda row: row["change"] == "removed",
    }
    (reason,) = (reasons[text] for text in reasons if text in join.note)

    assert len(partners) == len(set(partners))
    assert alone == [row for row in release.rows(join.table) if reason(row)]
