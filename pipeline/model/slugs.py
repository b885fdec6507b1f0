"""Slugs of subjects: what groups their articles, and names their feeds and sitemaps."""

import hashlib
import unicodedata
from functools import lru_cache
from typing import Literal

from .schemas import NO_SUBJECT

_LONGEST = 100  # bytes: slugs name files
_CUT = 90
_SIGNS = {"+": "plus", "#": "sharp", "♯": "sharp", "♭": "flat", "&": "and", ".": "dot"}
_SAME_LETTER = ("<compat>", "<wide>", "<font>")  # Ⅳ, full-width and bold letters; not ² or ①
_VARIATION_SELECTORS = dict.fromkeys([*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)])
_JOINERS = "\u200c\u200d"  # within a word of an Indian script they stand behind a mark


@lru_cache(maxsize=1_000)
def slug(subject: str) -> str:
    """The words of a subject in lower case with hyphens between them, at most 100 bytes of UTF-8.

    Words are letters and digits with their combining marks, and a sign that belongs to one: ``C++``
    is ``c-plus-plus``, ``C#`` ``c-sharp``, ``.NET`` ``dot-net`` and ``R&D`` ``r-and-d``. A longer
    slug is cut and ends in a checksum; so does that of a subject spelled as `NO_SUBJECT`. The slug
    of a subject without letters and digits is a checksum.
    """
    text = "-".join(_words(subject.lower() if subject.isascii() else _folded(subject)))
    if 0 < len(text.encode()) <= _LONGEST and text != NO_SUBJECT:
        return text
    checksum = hashlib.sha256((text or subject).encode()).hexdigest()[:8]
    if not text:
        return checksum
    return f"{text.encode()[:_CUT].decode(errors='ignore').rstrip('-')}-{checksum}"


def _folded(text: str) -> str:
    """Lower case in which a letter has one spelling: ß is ss, as in capitals, and Ⅳ is iv."""
    text = _normal("NFC", text.translate(_VARIATION_SELECTORS))
    lowered = "".join(map(_plain_form, text)).lower()
    letters = (folded if len(folded := char.casefold()) > 1 else char for char in lowered)
    return _normal("NFC", "".join(letters))


def _plain_form(char: str) -> str:
    """The ASCII that a character stands for, if it is a letter or sign that only looks different.

    Not all of NFKC: it takes letters of Thai and Lao apart, and makes letters of signs (™).
    """
    tag, _, _ = unicodedata.decomposition(char).partition(" ")
    if tag not in _SAME_LETTER or not (char.isalnum() or tag == "<wide>"):
        return char
    plain = unicodedata.normalize("NFKC", char)
    return plain if plain.isascii() else char


def _words(text: str) -> list[str]:
    """The words of a text in lower case, signs that belong to one as words of their own."""
    words: list[list[str]] = [[]]
    is_bound = False  # whether the character before is a part of a word, or a sign of one
    for index, char in enumerate(text):
        if char.isalnum() or (words[-1] and unicodedata.category(char) in ("Mn", "Mc")):
            words[-1].append(char)
            is_bound = True
        elif char in _SIGNS and _is_of_word(text, index, is_bound=is_bound):
            words += [[_SIGNS[char]], []]
            is_bound = True
        elif not (char in _JOINERS and is_bound and not text[index - 1].isalnum()):
            words.append([])
            is_bound = False
    return ["".join(word) for word in words if word]


def _is_of_word(text: str, index: int, *, is_bound: bool) -> bool:
    """Whether a sign belongs to the word beside it, and does not only part two words."""
    char, after = text[index], text[index + 1 : index + 2]
    if char == ".":
        return not is_bound and after.isalpha() and text[max(0, index - 1) : index] != "."
    if char == "&":
        return is_bound and after.isalnum()
    return is_bound and (char == "+" or not after.isalnum())


_NormalForm = Literal["NFC", "NFKC"]
_AT_A_TIME = 1_000


def _normal(form: _NormalForm, text: str) -> str:
    """A text in a normal form, so many characters at a time: the time to put the marks behind a
    letter in order grows with the square of their number.
    """
    if len(text) <= _AT_A_TIME:
        return unicodedata.normalize(form, text)
    parts = (text[start : start + _AT_A_TIME] for start in range(0, len(text), _AT_A_TIME))
    return "".join(unicodedata.normalize(form, part) for part in parts)


def signs(subject: str) -> str:
    """The signs of a subject that say more than where a word ends, in their order."""
    text = _normal("NFKC", subject)
    return "".join(char for char in text if _is_sign(char))


def _is_sign(char: str) -> bool:
    return char in "*!?@%#&" or unicodedata.category(char)[0] == "S"


def fold(keyword: str) -> str:
    """A keyword for grouping: NFKC, case folded, white space as single blanks."""
    if keyword.isascii():  # NFKC leaves it as it is, and folding is lowering
        return " ".join(keyword.lower().split())
    return " ".join(_normal("NFKC", keyword).casefold().split())
