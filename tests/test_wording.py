import pytest

from pressroom.base.wording import counted, cut, some


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 files"), (1, "1 file"), (2, "2 files"), (2000, "2,000 files")]
)
def test_a_noun_agrees_with_its_number(number: int, words: str) -> None:
    assert counted(number, "file") == words


@pytest.mark.parametrize(("number", "words"), [(1, "1 file differs"), (3, "3 files differ")])
def test_a_noun_may_bring_its_verb(number: int, words: str) -> None:
    assert counted(number, "file differs", "files differ") == words


@pytest.mark.parametrize(("text", "short"), [("", ""), ("abcd", "abcd"), ("abcde", "abc…")])
def test_a_text_is_cut_to_no_more_than_so_many_characters(text: str, short: str) -> None:
    assert cut(text, 4) == short


@pytest.mark.parametrize(
    ("paths", "words"), [("a", "a"), ("ab", "a and 1 more file"), ("abc", "a and 2 more files")]
)
def test_of_many_paths_the_first_is_named(paths: str, words: str) -> None:
    assert some(list(paths)) == words
