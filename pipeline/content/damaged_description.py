r"""Descriptions for search engines that were damaged before they came here.

Two kinds are known.  One tool took ``\t``, ``\f``, ``\b``, … for escapes and cut the text there,
so that a rest of LaTeX is left (``ext{length } n$, size $K$, $``); another dropped every character
that is not ASCII (``Schrdinger``, ``of  and -hydroxy acids``).  What was lost is no longer in the
description, but the word that it was dropped from is in the title or the text.
"""

import re
from functools import cache, partial

__all__ = ["is_damaged"]

# What is left of a command whose backslash and first letter were an escape: \text, \frac, \begin.
_REST_OF_COMMAND = re.compile(
    r"""
    (?<! [\w\\] )
    (?: (?: ext | extbf | extit | extrm | rac | egin | eft | ight | ec | heta | ho ) [{_^]
      | ight (?: left )? (?: arrow | harpoons ) (?! [A-Za-z] ) )
    """,
    re.VERBOSE,
)
_IN_EVERY_REST = ("{", "_", "^", "arrow", "harpoons")  # one of these
_AMOUNT = re.compile(r"[A-Z]\$|\$[ ]?\d")  # "US$", "$5 million"
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_ASCII = bytes(range(0x80))
# A letter or a figure that is not ASCII; quotes and dashes are often written in ASCII.
_DROPPED = re.compile(r"[^\W\x00-\x7f]")
_AROUND_WORDS = ".,;:!?()[]{}\"'*_`“”‘’…"
_FEWEST_LETTERS = 4  # of a word by which it is known; what is left of "é" or "H₂O" stands anywhere
# Of a description; search engines show less than a tenth. Each word of the text is sought in it.
_MOST_CHARS = 2_000
_BEFORE_WORD = re.compile(r"[\w-]")
_IN_WORD = re.compile(r"\w")


def is_damaged(description: str, title: str, text: str) -> bool:
    """Whether a description is the rest of a formula, or lost letters that title or text have."""
    if _is_rest_of_formula(description):
        return True
    is_plain = text.isascii() and title.isascii()  # nothing could be lost
    return not is_plain and _has_lost_letters(description, f"{title}\n{text}")


def _is_rest_of_formula(description: str) -> bool:
    """A command without its beginning, or a dollar that is neither paired nor money."""
    if any(map(description.__contains__, _IN_EVERY_REST)) and _REST_OF_COMMAND.search(description):
        return True
    return description.count("$") % 2 == 1 and not _AMOUNT.search(description)


def _has_lost_letters(description: str, source: str) -> bool:
    # Most texts hold no more than ASCII and typographic signs, and this tells them at once.
    if not _DROPPED.search(source.encode().translate(None, _ASCII).decode()):
        return False
    if _DROPPED.search(description):
        return False
    stands_in = cache(partial(_stands_in, description[:_MOST_CHARS]))
    words = ["", *source.replace("'", " ").replace("’", " ").split(), ""]
    lost: set[str] = set()
    for index in [index for index, word in enumerate(words) if not word.isascii()]:
        word = words[index]
        if not _DROPPED.search(word):
            continue
        rest = _rest(_bare(word))
        if sum(map(str.isalpha, rest)) >= _FEWEST_LETTERS:
            if stands_in(rest):
                lost.add(rest)
        else:
            neighbours = [_rest(near) for near in words[index - 1 : index + 2]]
            if all(neighbours[::2]) and stands_in(" ".join(neighbours)):
                return True
    return bool(lost) and not lost <= set(map(_bare, words))


def _bare(word: str) -> str:
    return word.strip(_AROUND_WORDS)


def _rest(word: str) -> str:
    return _NOT_ASCII.sub("", word)


def _stands_in(description: str, rest: str) -> bool:
    """Whether it stands there as whole words."""
    start = description.find(rest)
    while start >= 0:
        before, after = description[max(0, start - 1) : start], description[start + len(rest) :][:1]
        if not _BEFORE_WORD.match(before) and not _IN_WORD.match(after):
            return True
        start = description.find(rest, start + 1)
    return False
