"""How a text is written in a url: the rules of site generators, by the name that templates use.

Each works on one segment of a path, on one text of a list, or on a whole text.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping

_OF_JEKYLL = "._~!$&'()+,;=@"
_OF_HUGO = "._-+~@/\\"


def _github(text: str) -> str:
    """As github-slugger: lower case, blanks to hyphens, other signs but ``-`` and ``_`` dropped."""
    kept = (char for char in text.lower() if _is_of_word(char) or char in "-_ ")
    return "".join(kept).replace(" ", "-")


def _hugo(text: str) -> str:
    """As Hugo's `urlize`: runs of blanks to one hyphen, other signs dropped, lower case."""
    kept = "".join(char for char in text if _is_of_word(char) or char in _OF_HUGO or char.isspace())
    words = " ".join(kept.split())
    return words.replace(" -", "-").replace("- ", "-").replace(" ", "-").lower()


def _jekyll(text: str) -> str:
    """As Jekyll's slugs in the mode `pretty`: other signs to one hyphen; case stays."""
    kept = "".join(char if _is_of_word(char) or char in _OF_JEKYLL else "-" for char in text)
    return re.sub("-+", "-", kept).strip("-")


def _slugify(text: str) -> str:
    """As Jekyll's `slugify`: other signs than letters and digits to one hyphen; lower case."""
    kept = "".join(char if _is_of_word(char) else "-" for char in text)
    return re.sub("-+", "-", kept).strip("-").lower()


def _quartz(text: str) -> str:
    """As Quartz: blanks to hyphens, ``&`` and ``%`` to words, ``?`` and ``#`` dropped."""
    text = re.sub(r"\s", "-", text).replace("&", "-and-").replace("%", "-percent")
    return text.replace("?", "").replace("#", "")


_NUMBERED = re.compile(r"[0-9]++\s*+[-_.]++\s*+(?=[^-_.\s])")
_DATE_OR_VERSION = re.compile("[0-9]+[-_.][0-9]+")


def _docusaurus(text: str) -> str:
    """As Docusaurus: without the number in front that orders the files of a folder."""
    number = _NUMBERED.match(text)
    return text if number is None or _DATE_OR_VERSION.match(text) else text[number.end() :]


def _zola(text: str) -> str:
    """As Zola: letters and digits of ASCII, in lower case, with one hyphen between the words."""
    return re.sub("[^a-z0-9]+", "-", _in_ascii(text).lower()).strip("-")


def _in_ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


_WRITTEN_OUT = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "o", "đ": "d", "ð": "d"}
    | {"þ": "th", "ł": "l", "œ": "oe", "&": " and "}
)


def _eleventy(text: str) -> str:
    """As Eleventy's `slugify`: as Zola, but letters written out, and ``it's`` is one word."""
    text = _in_ascii(unicodedata.normalize("NFC", text).lower().translate(_WRITTEN_OUT))
    return _zola(re.sub(r"(?<=[a-z0-9])'([ts])(?=\s|$)", r"\1", text))


def _plus(text: str) -> str:
    """As Obsidian Publish: blanks to ``+``."""
    return text.replace(" ", "+")


def _title(text: str) -> str:
    """As Jekyll's titles of files: the words between hyphens, capitalized."""
    return " ".join(word.capitalize() for word in text.rstrip("-").split("-"))


def _words(text: str) -> str:
    """As MkDocs' titles of files: blanks for hyphens and underscores, with a capital at first."""
    words = text.replace("-", " ").replace("_", " ")
    return words.capitalize() if words.islower() else words


def _is_of_word(char: str) -> bool:
    """Whether a character is a letter, a decimal digit or a combining mark."""
    return char.isalpha() or unicodedata.category(char) in ("Nd", "Mn", "Mc", "Me")


FORMATS: Mapping[str, Callable[[str], str]] = {
    "lower": str.lower,
    "github": _github,
    "hugo": _hugo,
    "jekyll": _jekyll,
    "slugify": _slugify,
    "quartz": _quartz,
    "plus": _plus,
    "docusaurus": _docusaurus,
    "zola": _zola,
    "eleventy": _eleventy,
    "title": _title,
    "words": _words,
}


# Of the path of a file Hugo makes each blank a hyphen before it drops other signs.
_OF_PATHS: Mapping[str, Callable[[str], str]] = {"hugo": lambda text: _hugo(text.replace(" ", "-"))}


def formatted(text: str, name: str, *, is_path: bool = False) -> str:
    """A text as a format writes it; without a name as it is.

    It may be a segment of the path of a file, which some generators write otherwise.
    """
    if not name:
        return text
    return (_OF_PATHS if is_path and name in _OF_PATHS else FORMATS)[name](text)
