import datetime as dt
from typing import Any

import pytest

from pressroom.model.settings import Compute
from tests.conftest import AS_OF, Site, article

DAY = 86_400
PUBLISHED = dt.datetime(2025, 3, 1, tzinfo=dt.UTC)


def time(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def ledger(site: Site) -> dict[str, dict[str, Any]]:
    return {row["url"].rsplit("/", 1)[1]: row for row in site.rows("ledger")}


def changes(site: Site) -> dict[str, tuple[str, list[str]]]:
    return {
        row["url"].rsplit("/", 1)[1]: (row["change"], row["fields"]) for row in site.rows("changes")
    }


@pytest.fixture
def three(site: Site) -> Site:
    """A site of three articles, published at AS_OF."""
    for name in "abc":
        site.write(**{name: article(slug=name)})
    site.build()
    return site


def test_the_first_release_adds_every_url_and_dates_it_by_its_front_matter(three: Site) -> None:
    assert changes(three) == dict.fromkeys("abc", ("added", []))
    for row in (*three.rows("ledger"), *three.rows("articles")):
        assert row["first_seen"] == time(AS_OF)
        assert row["modified"] == PUBLISHED
    assert {row["last_seen"] for row in three.rows("ledger")} == {None}


def test_a_changed_answer_moves_modified_to_the_time_of_the_run(three: Site) -> None:
    three.write(b=article(slug="b", answer="Another."))
    three.build(as_of=AS_OF + DAY)

    assert changes(three) == {"b": ("changed", ["text"])}
    assert {name: row["modified"] for name, row in ledger(three).items()} == {
        "a": PUBLISHED,
        "b": time(AS_OF + DAY),
        "c": PUBLISHED,
    }
    assert {row["first_seen"] for row in three.rows("ledger")} == {time(AS_OF)}


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"_schema": "other"}, ["schema"]),
        ({"author": "Somebody"}, ["author", "article_authors"]),
        ({"colour": "red"}, ["extra"]),
        ({"seo": "{page_keywords: 'x, y'}"}, ["keywords"]),
        ({"seo": "{page_description: A text.}"}, ["description"]),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_what_readers_do_not_see_is_a_change_but_moves_no_date(
    three: Site, change: dict[str, str], fields: list[str]
) -> None:
    three.write(b=article(slug="b", **change))
    three.build(as_of=AS_OF + DAY)

    assert changes(three) == {"b": ("changed", fields)}
    assert ledger(three)["b"]["modified"] == PUBLISHED


def test_a_stated_link_is_significant(three: Site) -> None:
    link = "{id: 1, title: What is a?, subject: Databases, url: /learn/databases/questions/a}"
    three.write(b=article(slug="b", related_article1=link))
    three.build(as_of=AS_OF + DAY)

    assert changes(three) == {"b": ("changed", ["related_links"])}
    assert ledger(three)["b"]["modified"] == time(AS_OF + DAY)


def test_what_a_clock_that_was_set_back_has_yet_to_reach_counts_from_then_on(three: Site) -> None:
    three.write(b=article(slug="b", answer="Another."))
    three.build(as_of=AS_OF + DAY)
    three.write(c=article(slug="c", answer="Another."))
    three.build(as_of=AS_OF - DAY)
    dates = {name: row["modified"] for name, row in ledger(three).items()}
    assert dates == {"a": PUBLISHED, "b": PUBLISHED, "c": time(AS_OF - DAY)}

    three.write(a=article(slug="a", answer="Another."))
    three.build(as_of=AS_OF)
    dates = {name: row["modified"] for name, row in ledger(three).items()}
    assert dates == {"a": time(AS_OF), "b": PUBLISHED, "c": time(AS_OF - DAY)}
    three.build(as_of=AS_OF + 2 * DAY)
    assert ledger(three)["b"]["modified"] == time(AS_OF + DAY)


def test_reordered_keys_and_a_moved_file_change_nothing_that_is_stated(three: Site) -> None:
    text = article(slug="b").split("\n")
    text[1:8] = reversed(text[1:8])
    (three.raw / "b.md").unlink()
    (three.raw / "folder").mkdir()
    (three.raw / "folder" / "z.md").write_text("\n".join(text))
    three.build(as_of=AS_OF + DAY, compute=Compute(workers=1, shard_files=2))

    assert changes(three) == {}
    assert ledger(three)["b"]["modified"] == PUBLISHED


def test_a_removed_url_keeps_its_row_and_its_dates_come_back_with_it(three: Site) -> None:
    three.write(b=article(slug="b", answer="Another."))
    three.build(as_of=AS_OF + DAY)
    text = (three.raw / "b.md").read_text()
    (three.raw / "b.md").unlink()
    three.build(as_of=AS_OF + 2 * DAY, accept_removals=True)

    assert changes(three) == {"b": ("removed", [])}
    assert ledger(three)["b"]["last_seen"] == time(AS_OF + DAY)
    assert len(three.rows("articles")) == 2

    three.write(d=article(slug="d"))
    three.build(as_of=AS_OF + 3 * DAY)
    assert changes(three) == {"d": ("added", [])}
    assert ledger(three)["b"]["last_seen"] == time(AS_OF + DAY)

    three.write(b=text)
    three.build(as_of=AS_OF + 4 * DAY)
    assert changes(three) == {"b": ("added", [])}
    back = ledger(three)["b"]
    assert back["first_seen"] == time(AS_OF)
    assert back["modified"] == time(AS_OF + DAY)
    assert back["last_seen"] is None


def test_a_reject_says_since_when_it_is_one(three: Site) -> None:
    three.write(d="---\ntitle: What: now\n---\n")
    three.build(as_of=AS_OF + DAY)
    three.write(a=article(slug="a", answer="New."))
    three.build(as_of=AS_OF + 2 * DAY)

    assert [row["first_seen"] for row in three.rows("rejects")] == [time(AS_OF + DAY)]


def test_a_time_of_publication_is_the_first_modified(site: Site) -> None:
    site.write(a=article(slug="a", date="2025-01-31T16:00:24+02:00"))
    site.build()

    assert site.rows("articles")[0]["modified"] == dt.datetime(
        2025, 1, 31, 14, 0, 24, tzinfo=dt.UTC
    )
