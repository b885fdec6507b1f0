"""What may be shown to people: text that acts on no terminal, log or page, and tells no secret.

Text of files and names may hold what a terminal obeys (C0 and C1 controls of ISO/IEC 6429), what
turns the direction of a line round (Unicode Standard Annex 9), what breaks a line, and halves of
surrogate pairs, which cannot be encoded. A file is refused for fewer of them (`NOT_PRINTABLE`): it
may turn directions round and break lines.
"""

import re

from .wording import cut

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_ACTING = (
    "\x00-\x08\x0a-\x1f\x7f-\x9f"
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
    "\u2028\u2029"
    "\ufeff"
    "\ud800-\udfff"
)
_IN_A_FIELD = re.compile(f"[{_ACTING}]")  # with the tab, which moves nothing but itself
_ON_A_LINE = re.compile(f"[\t{_ACTING}]")
_ON_LINES = re.compile(f"(?!\n)[{_ACTING}]")
_SURROGATE = re.compile("[\ud800-\udfff]")
# What no text of a file may hold: what libyaml refuses as it stands (YAML 1.1, 5.1), whatever the
# language and the escape that makes it, and in the body as well.
# A set of what is left, and not of what is taken, compiles in no time.
NOT_PRINTABLE = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def replaced(text: str) -> str:
    """A text of as many characters, each that acts replaced; a tab stays."""
    return _IN_A_FIELD.sub(REPLACEMENT, text)


def line(text: str) -> str:
    r"""A text on one line, what acts as an escape: ``\x1b``, ``\n``, ``\u202e``."""
    return _ON_A_LINE.sub(_escape, text)


def lines(text: str) -> str:
    """The same of a text of several lines, whose line ends stay; a tab becomes a space."""
    return _ON_LINES.sub(_escape, text.replace("\t", " "))


def as_json(text: str) -> str:
    r"""JSON of the same value, in which what acts is an escape (RFC 8259, section 7)."""
    return _ON_LINES.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def brief(text: str) -> str:
    """Text of a file for a message: in quotes, and cut."""
    return repr(cut(text, 40))


def encodable(text: str) -> str:
    r"""A text of a file system as valid text: a byte that is not UTF-8 is written as ``\xNN``."""
    return _SURROGATE.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    if 0xDC80 <= code <= 0xDCFF:  # the byte of a name that is not UTF-8 (PEP 383)
        return f"\\x{code - 0xDC00:02x}"
    return ascii(found[0])[1:-1]


# --- secrets -------------------------------------------------------------------------------------

_MASK = "***"
# User and password before the host of a URL (RFC 3986, section 3.2.1), whose password may hold what
# should have been percent-encoded: then a colon, and no port, stands before it. Nobody's is longer.
_USER = re.compile(r"(?<=://)(?:[^\s/?#]{0,1000}|[^\s/?#:@]{0,100}:(?!\d{1,5}[/?#])[^\s]{0,1000})@")
# A credential by its name, in the query of a URL or among the words of a database's address.
_CREDENTIAL = re.compile(
    r"""
    (?P<name>
        \b [\w.-]{0,40}?
        ( signature | credential | token | password | passwd | passphrase | secret | secret_?key
        | access_?key | access_?key_?id | account_?key | api_?key | auth )
    | (?<=[?&;]) ( sig | sas | key | code | pwd )
    )
    (?P<equals> \s?=\s? | %3D )
    ( ' [^']* ' | " [^"]* " | [^\s&;,'"<>()\[\]{}]+ )
    """,
    re.IGNORECASE | re.VERBOSE,
)


def masked(text: str) -> str:
    """A text in which no address tells a password, a signature or a token."""
    return _CREDENTIAL.sub(rf"\g<name>\g<equals>{_MASK}", _USER.sub(f"{_MASK}@", text))


def address(text: str) -> str:
    """What was given as an address, and may be none: masked, also where no scheme precedes."""
    before, at, host = text.rpartition("@")
    scheme = before.partition("://")[0] + "://" if "://" in before else ""
    return masked(f"{scheme}{_MASK}@{host}" if at else text)


def message(text: str) -> str:
    """An error or a message of several lines, as a terminal or a log may have it."""
    return lines(masked(text))


def note(text: str) -> str:
    """The same on one line."""
    return line(masked(text))
