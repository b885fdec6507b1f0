"""HTML within a text: which tags are tags, and what they are."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from .elements import EMPTY, HIDDEN, HTML, KEPT

__all__ = ["Markup", "attributes", "is_element", "markup", "without_unknown"]

_ATTRIBUTE = r"""
    (?<!\s) \s++ ([A-Za-z_:@][\w.:@-]*+)
    (?: \s*+ = \s*+ ( [^\s"'=<>`]++ | '[^']*+' | "[^"]*+" ) )?+
"""
_ATTRIBUTES = re.compile(_ATTRIBUTE, re.VERBOSE)
# CommonMark 0.31 §6.6; what is not ended goes to the end of the text.
_MARKUP = re.compile(
    rf"""
      <!-- (?: [^-] | -(?!->) )*+ (?: --> )?+
    | <\? (?: [^?] | \?(?!>) )*+ (?: \?> )?+
    | <!(?!--) [^>]* >?
    | < (?P<end> / )?+ (?P<tag> [A-Za-z][A-Za-z0-9-]*+ )
        (?P<attributes> (?: {_ATTRIBUTE} )*+ ) \s*+ /?+ >
    """,
    re.VERBOSE,
)


class Markup(NamedTuple):
    """A tag, or something else that is not shown (`tag` is empty), and the text before it.

    `written` is the tag as it stands in the text.
    """

    before: str
    written: str
    tag: str
    attributes: str
    is_end: bool


def markup(fragment: str) -> Iterator[Markup]:
    """The tags of HTML with the text before each; last the text behind all."""
    done = 0
    for found in _MARKUP.finditer(fragment):
        yield Markup(
            fragment[done : found.start()],
            found.group(),
            (found["tag"] or "").lower(),
            found["attributes"] or "",
            bool(found["end"]),
        )
        done = found.end()
    yield Markup(fragment[done:], "", "", "", is_end=False)


def attributes(text: str) -> Iterator[tuple[str, str]]:
    """Names and values of a tag's attributes; character references stand as they are."""
    for name, value in _ATTRIBUTES.findall(text):
        yield name.lower(), value[1:-1] if value[:1] in {'"', "'"} else value


_BEGIN = re.compile(
    r"""
    (?<! [\\(] ) (?<! \]:[ ] ) <
    (?: (?P<end> /?+ ) (?P<name> [A-Za-z][\w-]*+ ) (?= [\s/>] )
      | (?P<scheme> [A-Za-z][A-Za-z0-9+.-]{1,31} ) (?= : )
      | (?P<other> !-- | \? | !\[CDATA\[ | ![A-Za-z] ) )
    """,
    re.VERBOSE,
)
_ENDS = {"!--": "-->", "?": "?>", "![CDATA[": "]]>"}
_SCHEMES = frozenset({"ftp", "http", "https", "mailto", "tel"})
_TO_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}  # as many characters


def without_unknown(text: str, less: str) -> str:
    """Markdown with another character, `less`, where a tag seems to begin that is none of HTML.

    So ``vector<MyClass>`` and ``vector<std::string>`` are text, and begin no block that Markdown
    does not read.  What would hide all that follows, a comment or a script without an end, is text
    as well, and so is the placeholder ``<input>``.
    """
    if "<" not in text:
        return text
    if "-->" in text:
        text = _COMMENT.sub(_without_comment, text)
    lowered = text.translate(_TO_LOWER)
    ends: dict[str, int] = {}

    def escaped(found: re.Match[str]) -> str:
        end = _needed_end(found)
        if end and end not in ends:
            ends[end] = (text if end[-1].isupper() else lowered).rfind(end)
        is_text = end is None or (end and ends[end] < found.start())
        return f"{less}{found.group()[1:]}" if is_text else found.group()

    return _BEGIN.sub(escaped, text)


def _needed_end(found: re.Match[str]) -> str | None:
    """What must follow for a tag to be one; empty if nothing must, None if it is none at all."""
    if found["scheme"]:
        return "" if found["scheme"].lower() in _SCHEMES else None
    if found["other"]:
        return _ENDS.get(found["other"], ">")
    name = found["name"]
    if not is_element(name):
        return None
    if found["end"]:
        return ""
    if len(name) == 1 and name.isupper():  # the type parameter of `List<A>`
        return f"</{name}"
    lower = name.lower()
    is_bare = found.string.startswith(">", found.end())
    is_placeholder = is_bare and lower not in KEPT and lower not in EMPTY
    return f"</{lower}" if is_placeholder or lower in HIDDEN else ""


# One that holds a tag is left to the parser, so that each text is looked at once.
_COMMENT = re.compile(r"^[ ]{0,3}<!--[^-<]*+(?:-(?!->)[^-<]*+)*+-->", re.MULTILINE)


def _without_comment(found: re.Match[str]) -> str:
    """A comment before text on a line would make HTML of that line, in which is no Markdown."""
    rest = found.string[found.end() :].partition("\n")[0]
    return "" if rest.strip() else found.group()


def is_element(name: str) -> bool:
    """Whether a name is one of HTML's, as HTML is written: ``Button`` is somebody's component."""
    return (name.islower() or name.isupper()) and name.lower() in HTML
