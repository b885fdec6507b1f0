"""Words, and letters of scripts that part no words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.content.word_count import count


@given(st.text(st.sampled_from([*map(chr, range(0x80)), *"é\x85\xa0\u2003\u200b—कि가"])))
def test_words_are_what_white_space_parts(text: str) -> None:
    assert count(text) == len(text.split())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("这是一个很长的中文段落，用来测试。", 15),
        ("「世界」、テスト。", 5),
        ("データ々〇ヶ", 6),
        ("ﾃﾞｰﾀ", 3),
        ("สวัสดีชาวโลก", 10),
        ("ສະບາຍດີ", 6),
        ("សួស្តី", 3),
        ("မင်္ဂလာပါ", 5),
        ("用 Python3 和Rust写", 5),
        ("第3章 2024年 ๒๕๖๗", 6),
        ("数据 — 数据 ...", 6),
        ("한국어 문장", 2),
    ],
)  # fmt: skip
def test_each_letter_of_a_script_without_blanks_is_a_word(text: str, words: int) -> None:
    assert count(text) == words


def test_an_article_in_chinese_has_as_many_words_as_letters() -> None:
    assert count("这是一个很长的中文段落，用来测试词数统计功能是否正确。" * 1000) == 25_000
