import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pressroom.base.problems import Code, FindingCode, Problem
from pressroom.content.article import Article, Body, Skipped, StatedLink, normalize
from pressroom.frontmatter.document import FrontMatter
from pressroom.frontmatter.fences import decode, split
from pressroom.frontmatter.load import load
from pressroom.model.columns import Column
from pressroom.model.related import Related
from pressroom.model.settings import Limits
from tests.quicktakes import KEYS as KEYS_OF
from tests.quicktakes import quicktakes

VALID = sorted((Path(__file__).parent / "cases" / "valid").glob("*.md"))


def read(text: str | bytes, **model: Any) -> Article | Skipped | list[Problem]:
    """What a file is under a content model."""
    document = split(decode(text.encode() if isinstance(text, str) else text))
    return normalize(load(document, Limits()), Body(document.body), quicktakes(**model))


def plain(value: Any) -> Any:
    """A column as JSON holds it."""
    return value.isoformat() if isinstance(value, dt.date) else value


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_a_valid_file_has_the_expected_columns(path: Path) -> None:
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    article = read(path.read_bytes())
    assert isinstance(article, Article), article
    found = {name: plain(article.columns[name]) for name in expected["columns"]}
    assert found == expected["columns"]
    if "keywords" in expected:
        assert article.lists["keywords"] == expected["keywords"]
    if "links" in expected:
        assert [list(link.content) for link in article.links] == expected["links"]
    if "extra" in expected:
        assert json.loads(article.columns["extra"] or "{}") == expected["extra"]


WRONG = sorted((Path(__file__).parent / "cases" / "wrong_values").glob("*.md"))


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.stem)
def test_an_optional_value_that_does_not_fit_costs_the_value_alone(path: Path) -> None:
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    article = read(path.read_bytes())
    assert isinstance(article, Article), article
    [finding] = article.findings
    assert finding.code == FindingCode.WRONG_VALUE
    assert (finding.line, finding.key) == (expected["line"], expected["key"])
    kept: Any = json.loads(article.columns["extra"])
    for part in expected["key"].split("."):
        kept = kept[part]
    assert kept


# --- nothing is lost -------------------------------------------------------------------------

RELATED = ["related_article", "related_article1", "related_article01", "related_article2"]
KEYS = st.sampled_from(
    [*KEYS_OF.values(), *RELATED, "seo", "og", "image", "page_keywords", "1", "a.b", "", "é"]
) | st.text("ab.", max_size=3)
VALUES = st.recursive(
    st.none() | st.text("ab1,", max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
MAPPINGS = st.dictionaries(KEYS, VALUES, max_size=6).map(
    # A wrong url would keep the file from being accepted.
    lambda values: {key: value for key, value in values.items() if key != "url"}
)


def of_mapping(values: dict[str, Any], **model: Any) -> Article | Skipped | list[Problem]:
    """What a mapping is when it is front matter; it has a url, as it must."""
    front_matter = FrontMatter({"url": "/a", **values}, {}, [], 2)
    return normalize(front_matter, Body(""), quicktakes(required=(), **model))


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each value that is no filled mapping, with the keys that lead to it."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    else:
        yield path, value


@given(MAPPINGS)
@example({"": None})
def test_every_key_is_a_column_or_a_link_or_stands_in_extra(values: dict[str, Any]) -> None:
    article = of_mapping(values)
    assert isinstance(article, Article)
    columns = {(key,) if key in values else tuple(key.split(".")) for key in KEYS_OF.values()}
    wrong = {
        (finding.key,) if finding.key in values else tuple(finding.key.split("."))
        for finding in article.findings
    }
    links = {
        (f"related_article{link.position}", name)
        for link in article.links
        for name in ("id", "title", "subject", "url")
    }
    extra = json.loads(article.columns["extra"] or "{}")
    kept = dict(leaves(extra))
    for path, value in leaves(values):
        if any(path[: len(key)] == key for key in wrong):
            assert kept[path] == value
        elif path in columns | links and (isinstance(value, str) or value is None):
            assert path not in kept
        elif path in columns | links:
            pass  # a list of one subject, say, may say more than its column
        elif path:
            assert kept[path] == value
    assert set(kept) - {()} <= {path for path, _ in leaves(values)}


def reordered(value: Any, random: Random) -> Any:
    """The same value with the keys of every mapping in another order."""
    if isinstance(value, list):
        return [reordered(member, random) for member in value]
    if not isinstance(value, dict):
        return value
    keys = random.sample(list(value), len(value))
    return {key: reordered(value[key], random) for key in keys}


@given(MAPPINGS, st.randoms())
def test_the_order_of_keys_changes_nothing(values: dict[str, Any], random: Random) -> None:
    one, other = of_mapping(values), of_mapping(reordered(values, random))
    if isinstance(one, Article):
        assert one == other
    else:
        assert isinstance(other, list)
        assert isinstance(one, list)
        assert sorted(one) == sorted(other)


def test_a_key_with_a_dot_comes_before_a_step_into_a_mapping() -> None:
    article = of_mapping({"seo": {"title": "A"}, "seo.title": "B"})
    assert isinstance(article, Article)
    assert article.columns["seo_title"] == "B"
    assert json.loads(article.columns["extra"]) == {"seo": {"title": "A"}}


def test_numbers_of_links_are_written_without_leading_zeros() -> None:
    article = of_mapping({"related_article1": {"id": "1"}, "related_article01": {"url": "/b"}})
    assert isinstance(article, Article)
    assert article.links == [StatedLink(1, 1, None, None, None, 2, "related_article1")]
    assert article.columns["extra"] == '{"related_article01": {"url": "/b"}}'


@pytest.mark.parametrize("key", ["related_article1000000", "related_article²", "related_article-1"])
def test_what_is_no_number_of_a_link_stands_in_extra(key: str) -> None:
    article = of_mapping({key: {"url": "/b"}})
    assert isinstance(article, Article)
    assert article.links == []
    assert json.loads(article.columns["extra"]) == {key: {"url": "/b"}}


# --- what counts as content ------------------------------------------------------------------

WHOLE = {
    "url": "/a", "id": "1", "date": "2025-01-01", "title": "T", "article_title": "A",
    "question": "Q", "answer": "An answer", "subject": "S", "related_article1": {"url": "/b"},
}  # fmt: skip
INSIGNIFICANT = {
    "url": "/z", "id": "2", "date": "2025-01-02", "_schema": "x", "author": "x", "score": "1",
    "seo": {"title": "x", "page_description": "x", "page_keywords": "x"}, "no_index": "true",
    "date_format": "x", "post_on_text": "x", "unknown": "x",
}  # fmt: skip


def content(values: dict[str, Any], body: str = "") -> str:
    article = normalize(FrontMatter(values, {}, [], 2), Body(body), quicktakes(required=()))
    assert isinstance(article, Article)
    digest: str = article.columns["content_sha256"]
    return digest


@pytest.mark.parametrize("key", INSIGNIFICANT)
def test_what_is_not_significant_does_not_change_the_digest(key: str) -> None:
    assert content({**WHOLE, key: INSIGNIFICANT[key]}) == content(WHOLE)


def test_what_is_significant_changes_the_digest() -> None:
    digests = [
        content(WHOLE),
        content(WHOLE, "Body"),
        *(content({**WHOLE, key: "x"}) for key in ("title", "article_title", "question")),
        *(content({**WHOLE, key: "x"}) for key in ("answer", "subject")),
        content({**WHOLE, "title": "A", "article_title": "T"}),
        content({**WHOLE, "related_article1": {"url": "/c"}}),
        content({**WHOLE, "related_article1": {"url": "/b", "id": "1"}}),
        content({**WHOLE, "related_article2": {"url": "/b"}}),
        content({key: WHOLE[key] for key in WHOLE if key != "related_article1"}),
        content({key: WHOLE[key] for key in WHOLE if key != "question"}),
    ]
    assert len(set(digests)) == len(digests)


PARTS = st.sampled_from([None, "", "-", ":", "0:", "1:-", "-1:-", "1:a", "a", "2:1:"])


def content_of(texts: list[str | None], links: list[list[str | None]]) -> str:
    keys = ("title", "article_title", "question", "answer", "subject")
    values: dict[str, Any] = {"url": "/a", **dict(zip(keys, texts, strict=True))}
    for number, (title, url) in enumerate(links, 1):
        values[f"related_article{number}"] = {"title": title, "url": url}
    return content(values)


# An empty answer is none.
TEXTS = st.tuples(PARTS, PARTS, PARTS, PARTS.filter(lambda answer: answer != ""), PARTS)
CONTENTS = st.tuples(TEXTS.map(list), st.lists(st.lists(PARTS, min_size=2, max_size=2)))


@given(CONTENTS, CONTENTS)
def test_other_content_has_another_digest(one: Any, other: Any) -> None:
    assert (content_of(*one) == content_of(*other)) is (one == other)


@given(CONTENTS, st.sampled_from([0, 1, 2, 4]))
def test_nothing_is_not_empty_text_to_the_digest(whole: Any, place: int) -> None:
    texts, links = whole
    nothing, empty = ([*texts[:place], value, *texts[place + 1 :]] for value in (None, ""))
    assert content_of(nothing, links) != content_of(empty, links)


@pytest.mark.parametrize("body", ["", "Body"])
def test_an_empty_answer_is_no_answer_to_the_digest(body: str) -> None:
    absent = {key: WHOLE[key] for key in WHOLE if key != "answer"}
    assert content({**WHOLE, "answer": ""}, body) == content(absent, body)


# --- the content model -----------------------------------------------------------------------


def test_the_content_model_names_keys_separators_prefixes_and_ranges() -> None:
    article = read(
        "---\nmeta: {when: 2025-01-01, stars: 99, tags: 'a; b, c'}\nlink: /a\nsee3: {url: /b}\n"
        "title: kept\nrelated_article1: {url: /c}\n---\nThe text.",
        keys={
            "published": "meta.when", "url": "link", "title": "", "text": ":body",
        },
        columns={
            "score": Column("number", "meta.stars", (0, 100)),
            "keywords": Column("list", "meta.tags", separator=";"),
        },
        required=("url", "published", "score", "text"),
        related=Related("see"),
    )  # fmt: skip
    assert isinstance(article, Article)
    assert article.columns["url"] == "/a"
    assert article.columns["published"] == dt.date(2025, 1, 1)
    assert article.columns["score"] == 99
    assert article.columns["title"] is None
    assert article.columns["text"] == "The text."
    assert article.columns["body"] is None
    assert article.lists["keywords"] == ["a", "b, c"]
    assert article.links == [StatedLink(3, None, None, None, "/b", 4, "see3")]
    extra = json.loads(article.columns["extra"])
    assert extra == {"title": "kept", "related_article1": {"url": "/c"}}


def test_a_prefix_of_links_is_text_not_a_pattern() -> None:
    article = of_mapping({"see.1": {"url": "/b"}, "seex1": {"url": "/c"}}, related=Related("see."))
    assert isinstance(article, Article)
    assert article.links == [StatedLink(1, None, None, None, "/b", 2, "see.1")]
    assert json.loads(article.columns["extra"]) == {"seex1": {"url": "/c"}}


def test_all_problems_of_a_file_are_reported_in_the_order_of_lines() -> None:
    problems = read(
        "---\ntitle: [x]\nid: one\nscore: 99\ndate: 2024-02-30\nno_index: no\nid: 2\nurl: a//b\n"
        "related_article1: 7\nrelated_article2:\n  id: two\nsubject: ''\n---\n"
    )
    assert isinstance(problems, list)
    assert [(problem.code, problem.line) for problem in problems] == [
        (Code.WRONG_TYPE, 2),
        (Code.MISSING_KEY, 2),
        (Code.WRONG_TYPE, 3),
        (Code.INVALID_DATE, 5),
        (Code.DUPLICATE_KEY, 7),
        (Code.INVALID_URL, 8),
        (Code.EMPTY_VALUE, 12),
    ]


def test_a_message_names_the_key_and_shows_a_long_value_in_part() -> None:
    article = of_mapping({"seo": {"title": ["x"]}, "id": "1" * 99})
    assert isinstance(article, Article)
    number, title = sorted(finding.message for finding in article.findings)
    assert title.startswith("seo.title: ")
    assert number.startswith(f"id: '{'1' * 39}…' ")


def test_a_url_alone_is_required_of_a_model_that_requires_nothing() -> None:
    article = of_mapping({})
    assert isinstance(article, Article)
    assert {name for name, value in article.columns.items() if value is not None} == {
        "url", "no_index", "word_count", "doubtful_escapes", "content_sha256", "source_lines",
    }  # fmt: skip
    assert (article.lists["keywords"], article.links) == ([], [])


# --- subjects and keywords --------------------------------------------------------------------


def test_a_blank_subject_is_no_subject() -> None:
    article = of_mapping({"subject": " "})
    assert isinstance(article, Article)
    assert article.columns["subject_slug"] is None
