"""The url of an article, as it is stated or made: a path from the root of the site, normalized.

Equal urls (RFC 3986, 6.2.2) have one spelling here: percent-encoded in capitals where it must be,
letters beyond ASCII in NFC.
"""

import re
import unicodedata
from urllib.parse import quote, unquote

from ..base.printable import brief
from ..base.problems import Code
from ..model.collections import Slash
from .wrong_value import WrongValueError

_LONGEST = 1_900
# Nearly all urls are written so: unreserved characters, and nothing to normalize.
PLAIN = re.compile(r"/(?![/.:])(?:[A-Za-z0-9_~$&'()*+,;=:@-]++|\.(?!\.?(?:/|\Z))|/(?![/.:]))*+")
_SAFE = "/~!$&'()*+,;=:@-._?"
_PERCENT = re.compile("%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
_HOST = re.compile(r"(?:https?:)?//([^/?#]*)", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"\{[^}]*\}?|(?<=/):[A-Za-z_]+|\[[A-Za-z_]+\]")
_FILE = re.compile(r"\.[A-Za-z0-9]{1,5}\Z")


def normalized(text: str, host: str, slash: Slash = "kept") -> str:
    """A url as a path; `host` is that of the site, and `slash` what is done at its end.

    Raises:
        WrongValueError: It leads out of the site, has a fragment or a placeholder, or is too long.
    """
    if not PLAIN.fullmatch(text):
        text = _repaired(text, host)
    if slash != "kept":
        text = _ended(text, slash)
    if len(text) > _LONGEST:
        raise _wrong(f"{brief(text)} is longer than {_LONGEST:,} characters.")
    return text


def _repaired(stated: str, host: str) -> str:
    text = stated.strip()
    if text.lower() == "false":
        raise _wrong("'false' says that the file has no page.")
    if found := _HOST.match(text):
        if found[1].lower() != host.lower():
            raise _wrong(f"{brief(stated)} is not on this site ({host}).")
        text = text[found.end() :]
    if found := _PLACEHOLDER.search(text):
        raise _wrong(f"{brief(stated)} has a placeholder, {found[0]!r}, that nothing fills.")
    if "#" in text:
        raise _wrong(f"{brief(stated)} has a fragment (#).")
    path, mark, query = text.partition("?")
    path = path if path.startswith("/") else f"/{path}"
    encoded = spelled(path)
    if re.search("%(?![0-9A-F]{2})", encoded):
        raise _wrong(f"{brief(stated)} has a % that is not followed by two hex digits.")
    if "//" in encoded:
        raise _wrong(f"{brief(stated)} is not a path from the root of the site.")
    if not {".", ".."}.isdisjoint(unquote(encoded).split("/")):
        raise _wrong(f"{brief(stated)} has a . or .. segment.")
    return encoded + mark + spelled(query)


def spelled(text: str) -> str:
    """A path or a query as all that are equal to it are written (RFC 3986, 6.2.2)."""
    if PLAIN.fullmatch(text):
        return text
    return _PERCENT.sub(_percent, quote(_nfc(text), safe=_SAFE + "%"))


def _nfc(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _percent(found: re.Match[str]) -> str:
    """An escape as it must be: in capitals, and only of what needs one."""
    char = chr(int(found[1], 16))
    return char if _UNRESERVED.fullmatch(char) else found[0].upper()


def _ended(url: str, slash: Slash) -> str:
    path, mark, query = url.partition("?")
    if slash == "never":
        path = path.rstrip("/") or "/"
    elif not path.endswith("/") and not _FILE.search(path.rpartition("/")[2]):
        path += "/"
    return path + mark + query


def _wrong(message: str) -> WrongValueError:
    return WrongValueError(Code.INVALID_URL, message)
