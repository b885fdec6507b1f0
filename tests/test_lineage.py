"""Each key of an article is changed in a site, and each column that changes must name it."""

from collections import defaultdict
from typing import Any

import pytest

from pressroom.dagster import lineage
from pressroom.dagster.lineage import RAW, Source
from pressroom.engine import steps
from pressroom.model.related import Related
from tests.conftest import AS_OF, Site
from tests.quicktakes import MODEL, TABLES, quicktakes


@pytest.mark.parametrize("table", TABLES)
def test_every_column_has_its_sources_and_every_source_exists(table: str) -> None:
    sources = lineage.sources(table, MODEL)
    columns = {name: TABLES[name].schema.names for name in TABLES}
    columns[RAW] = list(lineage.keys(MODEL))

    assert set(sources) == set(columns[table])
    assert all(len(made) == len(set(made)) for made in sources.values())
    for source in (source for made in sources.values() for source in made):
        assert source.column in columns[source.table]


def upstream(table: str) -> set[str]:
    """The tables that a table is made from, directly or not, and the raw files."""
    if table in ("history", "releases"):  # which the release before tells
        return set()
    step = next(
        step for step in (steps.INGEST, *steps.AFTER_INGEST) if table in step.outputs(MODEL)
    )
    return {RAW}.union(*({name} | upstream(name) for name in step.tables(MODEL)))


@pytest.mark.parametrize("table", TABLES)
def test_sources_are_upstream(table: str) -> None:
    named = {source.table for made in lineage.sources(table, MODEL).values() for source in made}
    assert named <= upstream(table)


def test_keys_are_those_of_the_content_model() -> None:
    model = quicktakes(keys={"published": "publish_date", "text": ":body"}, related=Related("see"))
    articles = lineage.sources("articles", model)
    assert articles["published"] == [Source(RAW, "publish_date")]
    assert articles["text"] == [Source(RAW, "body")]
    assert articles["word_count"] == [Source(RAW, "body")]
    assert lineage.sources("related_links", model)["related_url"] == [Source(RAW, "see….url")]
    assert {"publish_date", "see….url", "body"} <= lineage.keys(model).keys()
    assert not {"date", "answer"} & lineage.keys(model).keys()


# --- an experiment -------------------------------------------------------------------------------

# Each key with a value that each article of a group has, and the one that another has after it.
CHANGES = {
    "url": None,
    "id": ("7", "8"),
    "_schema": ("default", "other"),
    "date": ("2025-03-01T10:00:00Z", "2025-02-02T11:00:00Z"),
    "title": ("A title", "Another"),
    "article_title": ("A title", "Another"),
    "question": ("What?", "Who?"),
    "answer": (
        r"An \nu [answer](b#c) ![x](y.png).\n\n# Head",
        r"Another ![x](z.png) [answer](nowhere#d), which is longer.\n\n## Other",
    ),
    "seo.page_description": ("A description", "Another"),
    "seo.title": ("A title", "Another"),
    "seo.page_keywords": ("a, b", "c, d"),
    "author": ("A person", "Another"),
    "subject": None,
    "score": ("1", "2"),
    "no_index": ("false", "true"),
    "date_format": ("long", "short"),
    "post_on_text": ("on", "at"),
    "related_article….id": ("7", "8"),
    "related_article….title": ("A title", "Another"),
    "related_article….subject": None,
    "related_article….url": None,
    "body": ("Text.", "Another text."),
}
# What is that of the file as a whole, or of when it was seen.
OF_FILE = {"source_path", "source_lines", "source_bytes", "source_sha256", "extra", "first_seen"}
TABLE_NAMES = (
    *("articles", "article_subjects", "article_authors", "keywords"),
    *("related_links", "text_links", "anchors", "link_degrees", "subjects", "ledger"),
)


def folder(key: str) -> str:
    return f"g{''.join(filter(str.isalnum, key))}g"


def text(key: str, *, changed: bool, is_target: bool) -> str:
    """One of the two articles of a group, which link to each other; the key of one changes."""
    group = folder(key)
    both = {name: pair[0] for name, pair in CHANGES.items() if pair}
    if key not in {"answer", "url"}:
        both["answer"] = "An answer."
    both["subject"] = f"{group} subject"
    both["url"] = f"/{group}/{'a' if is_target else 'b'}"
    both["related_article….subject"] = both["subject"]
    both["related_article….url"] = f"/{group}/{'b' if is_target else 'a'}"
    if changed:
        others = {
            "url": f"/{group}/a2",
            "subject": f"{group} another",
            "related_article….subject": "Other",
            "related_article….url": f"/{group}/nowhere",
        }
        pair = CHANGES[key]
        both[key] = pair[1] if pair else others[key]
    body = both.pop("body")
    link = {name.split(".")[1]: both.pop(name) for name in list(both) if "…" in name}
    seo = {name.split(".")[1]: both.pop(name) for name in list(both) if "." in name}
    if key == "body" and is_target:
        del both["answer"]
    nested = {"related_article1": link, "seo": seo}
    front = "\n".join(f"{name}: {value}" for name, value in both.items())
    for name, values in nested.items():
        front += f"\n{name}:" + "".join(f"\n  {k}: {v}" for k, v in values.items())
    return f"---\n{front}\n---\n\n{body}\n"


def write(site: Site, *, changed: bool) -> None:
    for key in CHANGES:
        (site.raw / folder(key)).mkdir(exist_ok=True)
        for name, is_target in (("a", True), ("b", False)):
            # The body is the text of the first, and stands below the answer of the second.
            is_changed = changed and (is_target or key == "body")
            path = site.raw / folder(key) / f"{name}.md"
            path.write_text(text(key, changed=is_changed, is_target=is_target))


def rows_of_groups(site: Site) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """The rows of each table by the key of their group."""
    tables: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for table in TABLE_NAMES:
        groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in site.rows(table):
            name = row.get("url") or row["slug"]
            groups[next(key for key in CHANGES if folder(key) in name)].append(row)
        tables[table] = groups
    return tables


def closure(table: str, column: str) -> set[str]:
    """The keys of the raw files that a column is made from, through all tables between."""
    keys = set()
    for source in lineage.sources(table, MODEL)[column]:
        keys |= {source.column} if source.table == RAW else closure(source.table, source.column)
    return keys


def test_a_column_that_changes_with_a_key_names_it(site: Site) -> None:
    content = quicktakes(required=("url",))
    write(site, changed=False)
    site.build(content=content)
    before = rows_of_groups(site)
    write(site, changed=True)
    site.build(AS_OF + 10, content=content, accept_removals=True)
    after = rows_of_groups(site)

    seen: dict[tuple[str, str], set[str]] = defaultdict(set)
    for table in TABLE_NAMES:
        for key in CHANGES:
            pairs = zip(before[table][key], after[table][key], strict=False)
            for old, new in pairs:
                for column in old.keys() - OF_FILE:
                    if old[column] != new[column]:
                        seen[table, column].add(key)

    unstated = {place: keys - closure(*place) for place, keys in seen.items()}
    assert {place: keys for place, keys in unstated.items() if keys} == {}
    never = {
        (table, column)
        for table in TABLE_NAMES
        for column, made in lineage.sources(table, MODEL).items()
        if made and (table, column) not in seen
    }
    # More or fewer rows, another date of two, and what a key does not decide are not seen so.
    assert never == {
        *((table, "position") for table in ("article_subjects", "article_authors", "keywords")),
        *((table, name) for table in ("text_links", "anchors") for name in ("position", "line")),
        ("subjects", "last_published"),
        ("ledger", "first_seen"),
        ("ledger", "last_seen"),
        ("ledger", "updated"),
    }
