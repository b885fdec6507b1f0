"""Slugs of subjects, and keywords folded for grouping."""

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.model.schemas import NO_SUBJECT
from pressroom.model.slugs import fold, slug
from tests.patience import linear_time


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Computer Science", "computer-science"),
        ("  Art, History & Literature! ", "art-history-literature"),
        ("snake_case__x", "snake-case-x"),
        ("E\u0301conomie", "économie"),
        ("北京", "北京"),
        ("a" * 100, "a" * 100),
    ],
)
def test_a_slug_is_lower_case_with_hyphens(subject: str, expected: str) -> None:
    assert slug(subject) == expected


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("C", "c"),
        ("C++", "c-plus-plus"),
        ("C＋＋", "c-plus-plus"),
        ("C++11", "c-plus-plus-11"),
        ("C#", "c-sharp"),
        ("C♯ minor", "c-sharp-minor"),
        ("B♭", "b-flat"),
        ("C++ / C#", "c-plus-plus-c-sharp"),
        ("F", "f"),
        ("F#", "f-sharp"),
        (".NET", "dot-net"),
        ("(.NET Core)", "dot-net-core"),
        ("ASP.NET", "asp-net"),
        ("Net", "net"),
        ("Node.js", "node-js"),
        ("R&D", "r-and-d"),
        ("R D", "r-d"),
        ("A/B", "a-b"),
        ("AB", "ab"),
    ],
)
def test_a_sign_that_belongs_to_a_word_tells_subjects_apart(subject: str, expected: str) -> None:
    assert slug(subject) == expected


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("News #5", "news-5"),
        ("#news", "news"),
        ("Topic#1", "topic-1"),
        ("1 + 1", "1-1"),
        ("+1", "1"),
        ("Art & Craft", "art-craft"),
        ("...and more", "and-more"),
        ("v. 2.0", "v-2-0"),
        ("The .5 rule", "the-5-rule"),
        ("Etc.", "etc"),
    ],
)
def test_a_sign_that_parts_words_is_a_hyphen(subject: str, expected: str) -> None:
    assert slug(subject) == expected


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Straße", "strasse"),
        ("STRASSE", "strasse"),
        ("ΛΌΓΟΣ", "λόγος"),
        ("λόγος", "λόγος"),
        ("Ⅳ", "iv"),
        ("Ｐｙｔｈｏｎ", "python"),
        ("ﬁlm", "film"),
        ("km²", "km²"),
        ("Java™", "java"),
        ("数据", "数据"),
    ],
)
def test_a_letter_has_one_spelling(subject: str, expected: str) -> None:
    assert slug(subject) == expected


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("हिन्दी भाषा", "हिन्दी-भाषा"),
        ("ทำความรู้จัก", "ทำความรู้จัก"),
        ("தமிழ்", "தமிழ்"),
        ("שָׁלוֹם", unicodedata.normalize("NFC", "שָׁלוֹם")),
        ("العَرَبِيَّة", unicodedata.normalize("NFC", "العَرَبِيَّة")),
        ("ශ්\u200dරී ලංකා", "ශ්රී-ලංකා"),
        ("می\u200cخواهم", "می-خواهم"),
        ("x\u0304", "x\u0304"),
    ],
    ids=ascii,
)
def test_letters_keep_their_combining_marks(subject: str, expected: str) -> None:
    assert slug(subject) == expected


@pytest.mark.parametrize("subject", ["🎉", "💡", "❤\ufe0f", "\u0301", "???"], ids=ascii)
def test_a_subject_without_letters_and_digits_is_a_checksum(subject: str) -> None:
    assert len(slug(subject)) == 8
    assert int(slug(subject), 16)


def test_variation_selectors_and_frames_are_no_part_of_a_slug() -> None:
    assert slug("1\ufe0f\u20e3 Start") == "1-start"
    assert slug("葛\U000e0100城") == "葛城"


@given(st.text(min_size=1, max_size=150))
def test_a_slug_names_a_file(subject: str) -> None:
    name = slug(subject)
    assert 0 < len(name.encode()) <= 100
    assert not set(name) & set('/\\.:*?"<>|\0 \n')
    assert name == name.strip("-")
    assert slug(name) == name


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x24F), min_size=1, max_size=30))
def test_capitals_make_no_other_subject(subject: str) -> None:
    if not set(subject) & set("ıſµ"):  # their capitals are those of other letters
        assert slug(subject.upper()) == slug(subject) or len(slug(subject)) == 8


def test_subjects_without_letters_and_long_subjects_have_slugs_of_their_own() -> None:
    assert len({slug("???"), slug("!!!"), slug("…")}) == 3
    assert slug("é" * 60) != slug("é" * 61)
    assert slug("é" * 60).startswith("é" * 45 + "-")


@pytest.mark.parametrize("subject", ["No subject", "no-subject", "NO SUBJECT!"])
def test_no_subject_has_the_slug_that_stands_for_none(subject: str) -> None:
    assert slug(subject) != NO_SUBJECT
    assert slug(subject) == slug("No subject")
    assert slug(subject).startswith(f"{NO_SUBJECT}-")


@pytest.mark.parametrize(
    ("keyword", "key"),
    [
        ("Big  Data", "big data"),
        ("Straße", "strasse"),
        ("ﬁle", "file"),
        ("\u00a0x\u2003y ", "x y"),
        ("É", "é"),
    ],
)
def test_keywords_are_folded_for_grouping(keyword: str, key: str) -> None:
    assert fold(keyword) == key


@given(st.text())
def test_folding_is_blind_to_case_and_white_space(keyword: str) -> None:
    assert fold(f" {keyword}\t") == fold(keyword)
    assert fold(keyword) == " ".join(fold(keyword).split())


@pytest.mark.parametrize("function", [fold, slug])
@pytest.mark.parametrize("text", ["a" + "\u0301\u0316" * 100_000, "a." * 100_000, "." * 200_000])
def test_a_long_text_takes_linear_time(function: Callable[[str], str], text: str) -> None:
    with linear_time():
        assert function(text)
