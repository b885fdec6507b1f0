"""Structured data as pages hold it, and as Google describes what it reads."""

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from pressroom.base.errors import SettingsError
from pressroom.exports import structured_data
from pressroom.model.columns import Column
from pressroom.model.settings import Compute, Exports
from pressroom.model.settings import Site as SiteSettings
from pressroom.model.settings_toml import parse
from tests.conftest import AS_OF, ROOT, Site, article, contents
from tests.quicktakes import quicktakes

A = SiteSettings(base_url="https://a.example/docs", title="A site", language="en")
PATH = "https://a.example/docs/learn/databases/questions"
ARTICLES = Exports(structured_data="article")
QUESTIONS = Exports(structured_data="qapage", structured_data_eligible=True)
MODEL = {**quicktakes().columns, "image": Column()}


def element(text: str) -> Any:
    """What a parser of HTML finds in the element that holds a text."""
    page = f'<!doctype html><script type="application/ld+json">{text}</script><p id="end">'
    [script, end] = html.document_fromstring(page).xpath("//script | //*[@id='end']")
    assert end.text is None
    return json.loads(script.text)


def published(site: Site, exports: Exports = ARTICLES, **options: Any) -> dict[str, Any]:
    """What the pages of a site hold, by the end of their urls."""
    options = {"site": A, "content": quicktakes(columns=MODEL, required=("url",)), **options}
    site.build(exports=exports, **options)
    lines = (site.out / "current/site/structured-data.jsonl").read_bytes().decode().split("\n")
    assert lines.pop() == ""
    rows = [json.loads(line) for line in lines]
    assert all(row.keys() == {"url", "jsonld"} for row in rows)
    return {row["url"].rpartition("/")[2]: element(row["jsonld"]) for row in rows}


# --- what is published ---------------------------------------------------------------------------


def test_there_is_none_unless_settings_ask_for_it(site: Site) -> None:
    site.write(a=article(slug="a"))
    site.build()
    assert not [path for path in contents(site.out / "current") if "structured" in path]


def test_an_article_says_what_is_known_of_it(site: Site) -> None:
    site.write(
        a=article(
            slug="a",
            title="'Is a < b & c?'",
            date="2025-03-01T12:30:00+01:00",
            author="Ann, A site",
            image="/images/über uns.png",
            seo="{page_description: 'In <b>short</b>', page_keywords: 'x, y, X'}",
        )
    )
    assert published(site) == {
        "a": {
            "@context": "https://schema.org",
            "@type": "Article",
            "mainEntityOfPage": {"@type": "WebPage", "@id": f"{PATH}/a"},
            "url": f"{PATH}/a",
            "headline": "Is a < b & c?",
            "description": "In short",
            "image": "https://a.example/docs/images/%C3%BCber%20uns.png",
            "inLanguage": "en",
            "datePublished": "2025-03-01T11:30:00Z",
            "dateModified": "2025-03-01T11:30:00Z",
            "author": [{"@type": "Person", "name": "Ann, A site"}],
            "about": [{"@type": "Thing", "name": "Databases"}],
            "keywords": ["x", "y"],
        }
    }


def test_what_is_not_known_is_left_out_QA_04(site: Site) -> None:
    site.write(a=article(slug="a", title="~", subject="~", author="~"))
    [found] = published(site).values()
    assert found.keys() == {
        *("@context", "@type", "mainEntityOfPage", "url", "inLanguage"),
        *("datePublished", "dateModified"),
    }
    assert found["datePublished"] == "2025-03-01"


def test_what_search_engines_are_not_to_find_is_left_out(site: Site) -> None:
    site.write(a=article(slug="a"), b=article(slug="b", no_index="true"))
    assert published(site).keys() == {"a"}


def test_dates_that_contradict_each_other_are_not_both_stated() -> None:
    day = dt.date(2025, 3, 1)
    earlier, later = (dt.datetime(2025, month, 1, tzinfo=dt.UTC) for month in (2, 4))
    cases = [
        (
            (day, None, later),
            {"datePublished": "2025-03-01", "dateModified": "2025-04-01T00:00:00Z"},
        ),
        ((day, None, earlier), {"datePublished": "2025-03-01"}),
        ((day, None, None), {"datePublished": "2025-03-01"}),
        ((day, later, earlier), {"datePublished": "2025-04-01T00:00:00Z"}),
        ((None, None, later), {"dateModified": "2025-04-01T00:00:00Z"}),
        ((None, None, None), {}),
    ]
    for (published, published_at, modified), expected in cases:
        row = {"published": published, "published_at": published_at, "modified": modified}
        assert structured_data._dates(row) == expected


def test_an_author_who_is_the_site_is_no_person(site: Site) -> None:
    site.write(a=article(slug="a", author="A site"))
    assert published(site)["a"]["author"] == [{"@type": "Organization", "name": "A site"}]


def test_what_texts_were_made_by_is_said_by_the_settings_alone_QA_05(site: Site) -> None:
    site.write(a=article(slug="a"))
    assert "digitalSourceType" not in published(site)["a"]
    by_model = Exports(
        structured_data="article", digital_source_type="TrainedAlgorithmicMediaDigitalSource"
    )
    found = published(site, by_model, as_of=AS_OF + 60)["a"]["digitalSourceType"]
    assert found == "https://schema.org/TrainedAlgorithmicMediaDigitalSource"


# --- questions and answers -----------------------------------------------------------------------


@pytest.fixture
def asked(site: Site) -> Site:
    site.write(
        a=article(
            slug="a", title="Why?", question="Why is it so?", author="Ann",
            answer="'It **is**, by `x < y`.\\n\\n- One\\n- Two'",
        ),
        b=article(slug="b", title="A post"),
        c=article(slug="c", question="What?", answer='""'),
    )  # fmt: skip
    return site


def test_an_article_that_states_a_question_is_a_page_of_it_QA_01_to_QA_04(asked: Site) -> None:
    found = published(asked, QUESTIONS)
    assert found["a"] == {
        "@context": "https://schema.org",
        "@type": "QAPage",
        "@id": f"{PATH}/a",
        "url": f"{PATH}/a",
        "inLanguage": "en",
        "about": [{"@type": "Thing", "name": "Databases"}],
        "mainEntity": {
            "@type": "Question",
            "name": "Why?",
            "text": "Why is it so?",
            "answerCount": 1,
            "datePublished": "2025-03-01",
            "dateModified": "2025-03-01T00:00:00Z",
            "suggestedAnswer": {
                "@type": "Answer",
                "text": "It is, by x < y.\n\n- One\n- Two",
                "datePublished": "2025-03-01",
                "dateModified": "2025-03-01T00:00:00Z",
                "author": [{"@type": "Person", "name": "Ann"}],
            },
        },
    }


def test_what_states_no_question_or_has_no_answer_is_an_article_QA_06(asked: Site) -> None:
    found = published(asked, QUESTIONS)
    assert [found[name]["@type"] for name in "bc"] == ["Article", "Article"]


QAPAGE = '[exports]\nstructured_data = "qapage"\n'
ELIGIBLE = "structured_data_eligible = true\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (QAPAGE, "2: exports.structured_data: search engines take 'qapage' only where users can"),
        (QAPAGE + ELIGIBLE, "2: exports.structured_data: 'qapage' is for articles with a value in"),
        ('[exports]\nstructured_data = "faq"', "2: exports.structured_data: Input should be"),
        ('[exports]\ndigital_source_type = "x"', "2: exports.digital_source_type: Input should"),
    ],
)
def test_what_no_owner_asserts_is_refused_with_a_reason_QA_06(text: str, said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        parse(text, ROOT / "pressroom.toml")
    assert f"pressroom.toml:{said}" in str(refused.value)


@pytest.mark.parametrize(
    "model",
    [
        '[content]\npreset = "quicktakes"\n',
        '[content.columns]\nquestion = { key = "title" }\n',
        '[[content.collections]]\nfiles = "faq/**"\ncolumns.question = { key = "title" }\n',
    ],
)
def test_what_an_owner_asserts_is_taken(model: str) -> None:
    settings = parse(QAPAGE + ELIGIBLE + model, ROOT / "pressroom.toml")
    assert settings.exports == QUESTIONS


# --- in a page -----------------------------------------------------------------------------------

_HARD = ["</script>", "</", "<!--", "<script>", "<SCRIPT", "-->", "<", ">", '"', "\\", "&lt;", "'"]
_HARD += ["\u2028", "\u2029", "é", "𝒳", " ", "a"]


@given(st.lists(st.sampled_from(_HARD), max_size=8).map("".join))
def test_no_text_ends_the_element_that_it_stands_in_JL_01(text: str) -> None:
    escaped = structured_data.script_text({"headline": text})
    assert not re.search("</|<!--|<script|[\u2028\u2029]", escaped, re.IGNORECASE)
    assert element(escaped) == {"headline": text}


# --- from run to run -----------------------------------------------------------------------------


def parts(site: Site) -> dict[str, int]:
    folder = site.out / "current/structured"
    return {path.name: path.stat().st_ino for path in folder.iterdir()}


def test_only_parts_with_other_articles_are_made_again(site: Site) -> None:
    two = {"compute": Compute(workers=1, shard_files=3)}
    site.write(**{f"{n}": article(slug=f"{n}", question="Why?") for n in range(12)})
    first = published(site, QUESTIONS, **two)
    before, whole = parts(site), Path(site.out / "current/site/structured-data.jsonl")
    inode = whole.stat().st_ino
    assert len(before) > 1

    site.write(**{"1": article(slug="1", question="Why?", score="3")})
    published(site, QUESTIONS, as_of=AS_OF + 60, **two)
    assert whole.stat().st_ino == inode
    site.write(**{"0": article(slug="0", question="When?")})
    second = published(site, QUESTIONS, as_of=AS_OF + 120, **two)
    after = parts(site)
    assert sum(after[name] != before.get(name) for name in after) == 1
    assert {name for name in second if second[name] != first[name]} == {"0"}

    incremental = contents(site.out / "current", without="manifest.json".__eq__)
    assert not published_anew(site, two)
    assert contents(site.out / "current", without="manifest.json".__eq__) == incremental


def published_anew(site: Site, options: dict[str, Any]) -> bool:
    """Whether a full build of the same comes out otherwise."""
    content = quicktakes(columns=MODEL, required=("url",))
    done = site.build(AS_OF + 180, full=True, site=A, content=content, exports=QUESTIONS, **options)
    return bool(done.published)
