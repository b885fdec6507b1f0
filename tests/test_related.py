"""Related links by number, as proposals, errata and tickets name each other."""

import random
from pathlib import Path

from pressroom.model.columns import Column
from pressroom.model.content import ContentModel
from pressroom.model.related import Related
from tests.conftest import Site

DOCUMENTS = 300
MODEL = ContentModel(
    columns={"proposal": Column("integer")}, related=Related(by_id={"requires": "proposal"})
)


def test_three_hundred_numbered_documents_name_each_other_by_number(site: Site) -> None:
    chance = random.Random(0)
    numbers = chance.sample(range(1, 9_000), DOCUMENTS)
    gone = list(range(9_000, 9_010))
    expected = []
    for number in numbers:
        required = chance.sample([*numbers, *gone], chance.randrange(5))
        written = chance.choice((", ".join, " ".join, ",".join))(map(str, required))
        stated = chance.choice((written, str(required))) if required else "[]"
        path = site.raw / f"proposal-{number:04}.md"
        path.write_text(f"---\nproposal: {number}\nrequires: {stated}\n---\nText.\n")
        expected += [(number, one, one in numbers and one != number) for one in required]
    site.build(content=MODEL)

    rows = site.rows("related_links")
    assert {row["related_url"] for row in rows} == {None}
    assert sorted(
        (_number(row["url"]), row["related_id"], row["status"] == "ok") for row in rows
    ) == sorted(expected)
    for row in rows:
        if row["status"] == "ok":
            assert _number(row["target_url"]) == row["related_id"]
            assert row["found_by"] == "id"
        else:
            is_own = row["related_id"] == _number(row["url"])
            assert row["status"] == ("self" if is_own else "missing")
            assert is_own or row["related_id"] in gone


def _number(url: str) -> int:
    return int(Path(url).name.removeprefix("proposal-"))
