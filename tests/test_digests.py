"""The list of digests is the same for the same files, and another for others."""

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests import digests
from tests.conftest import article
from tests.digests import EDITS, Input


def site(answer: str) -> Input:
    def fill(raw: Path) -> None:
        raw.mkdir()
        for name in "abcdef":
            text = article(slug=name, answer=answer if name == "f" else "An answer.")
            (raw / f"{name}.md").write_text(text)

    return Input(fill, "[compute]\nworkers = 1\n")


@pytest.mark.torture
def test_the_same_files_give_the_same_list_and_another_byte_changes_it() -> None:
    first = set(digests.lines("a", site("One.")))
    again = set(digests.lines("a", site("One."), edits=EDITS[:1]))
    other = set(digests.lines("a", site("Two."), edits=()))

    assert {line.split("/")[1] for line in first} == {"0-cold", *(step.name for step in EDITS)}
    assert again == {line for line in first if line.startswith(("a/0-cold/", "a/1-texts/"))}
    cold = {line for line in first if line.startswith("a/0-cold/")}
    changed = {line.split()[0] for line in cold ^ other}
    assert "a/0-cold/tables/articles/part-00000.parquet" in changed
    assert "a/0-cold/site/feed.json" in changed
    assert "a/0-cold/csv/keywords.csv" not in changed


def parquet(path: Path, message: str, line: int) -> None:
    problem = {"line": line, "message": message}
    columns = {"line": [line], "message": [message], "problems": [[problem]]}
    table = pa.table(columns)
    pq.write_table(table.replace_schema_metadata({"description": message}), path)


def rows(path: Path, message: str, line: int) -> None:
    problems = f'[{{""line"": {line}, ""message"": ""{message}""}}]'
    path.write_text(f'"message","problems"\r\n"{message}\r\n","{problems}"\r\n')


def package(path: Path, message: str, line: int) -> None:
    path.write_text(
        json.dumps({"resources": [{"description": message, "hash": message, "n": line}]})
    )


@pytest.mark.parametrize(
    ("name", "write"),
    [("part.parquet", parquet), ("rejects.csv", rows), ("datapackage.json", package)],
)
def test_without_wording_sentences_do_not_count_and_values_do(
    tmp_path: Path, name: str, write: Callable[[Path, str, int], None]
) -> None:
    found = []
    for message, line in (("One.", 1), ("Two.", 1), ("One.", 2)):
        write(tmp_path / name, message, line)
        found.append(digests.without_wording(tmp_path / name))

    assert found[0] == found[1] != found[2]
