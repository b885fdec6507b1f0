"""Descriptions that were damaged before they came here, and those that look as if."""

import pytest

from pressroom.content.damaged_description import is_damaged
from pressroom.content.escaped_newlines import decode_newlines
from tests.conftest import needs_corpus
from tests.standards.real import real_front_matter


@pytest.mark.parametrize(
    ("description", "source"),
    [
        ("ext{length } n$, size $K$, $", ""),
        ("ext{O}_2$, $", ""),
        ("ext{R}^n$, linear maps", ""),
        ("so a ightarrow b", ""),
        ("the function $f, which is continuous", ""),
        ("The Schrdinger equation", "What is Schrödinger’s equation?"),
        ("behaviors of  and -hydroxy acids", "behaviors of γ and σ-hydroxy acids"),
        ("the mass of HO in grams", "the mass of H₂O in grams"),
        ("Timothe Chalamet", "**Timothée Chalamet**, actor"),
    ],
)
def test_what_has_lost_something_is_damaged(description: str, source: str) -> None:
    assert is_damaged(description, source, "")
    assert is_damaged(description, "", source)


@pytest.mark.parametrize(
    ("description", "source"),
    [
        ("", "é"),
        ("It costs $5 or US$ 3 billion", ""),
        ("It costs $5", ""),
        ("Let $x$ be $y$", ""),
        (r"\text{O}_2 and \frac{a}{b}", ""),
        ("a text{x} and the next_step", ""),
        ("The White Man's Burden", "The White Man’s Burden"),
        ("The Schrödinger equation", "Schrödinger and Schrdinger"),
        ("The Schroedinger equation", "The Schrödinger equation"),
        ("The cafs on the corner", "The cafés on the corner are cafs"),
        ("A nave in a church", "naïve nave"),
        ("em dashes", "em—dashes – and “quotes”…"),
        ("Water is wet", "Wasser ist naß"),
    ],
)
def test_what_is_only_odd_is_not_damaged(description: str, source: str) -> None:
    assert not is_damaged(description, source, "")


@needs_corpus
def test_eight_of_the_real_descriptions_are_damaged_as_a_reader_sees() -> None:
    damaged = {
        str(front["url"]).rpartition("/")[2]
        for front in real_front_matter()
        if isinstance(seo := front["seo"], dict)
        and is_damaged(
            seo["page_description"], str(front["title"]), decode_newlines(str(front["answer"])).text
        )
    }
    assert {name[:40] for name in damaged} == {
        "can-you-explain-the-concept-of-the-power",
        "how-are-hydroxy-acids-typically-prepared",
        "how-do-hydroxy-acids-behave-when-heated",
        "how-is-supercritical-co2-used-in-green-c",
        "what-are-some-examples-of-the-applicatio",
        "what-are-the-thermal-behaviors-of--and-h",
        "which-actors-are-nominated-for-best-acto",
        "which-films-are-nominated-for-best-produ",
    }
