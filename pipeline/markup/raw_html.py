"""HTML within a text: which tags are tags, and what they are."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from pipeline.markup.elements import HIDDEN, HTML

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
    """A tag, or something else that is not shown (`tag` is empty), and the text before it."""

    before: str
    tag: str
    attributes: str
    is_end: bool


def markup(fragment: str) -> Iterator[Markup]:
    """The tags of HTML with the text before each; last the text behind all."""
    done = 0
    for found in _MARKUP.finditer(fragment):
        yield Markup(
            fragment[done : found.start()],
            (found["tag"] or "").lower(),
            found["attributes"] or "",
            bool(found["end"]),
        )
        done = found.end()
    yield Markup(fragment[done:], "", "", is_end=False)


def attributes(text: str) -> Iterator[tuple[str, str]]:
    """Names and values of a tag's attributes; character references stand as they are."""
    for name, value in _ATTRIBUTES.findall(text):
        yield name.lower(), value[1:-1] if value[:1] in {'"', "'"} else value


_BEGIN = re.compile(r"(?<![\\(])<(?:(/?+)([A-Za-z][\w-]*+)(?=[\s/>])|!--)")


def without_unknown(text: str) -> str:
    """Markdown in which what begins like a tag, and is none of HTML, is escaped.

    So ``vector<MyClass>`` is text, and does not begin a block that Markdown does not read.  What
    would hide all that follows, a comment or a script without an end, is text as well.
    """
    if "<" not in text:
        return text
    if "-->" in text:
        text = _COMMENT.sub(_without_comment, text)
    ends: dict[str, int] = {}

    def escaped(found: re.Match[str]) -> str:
        end = _needed_end(found[2], is_end=bool(found[1]))
        if end and end not in ends:
            ends[end] = text.rfind(end)
        is_text = end is None or (end and ends[end] < found.start())
        return f"\\{found.group()}" if is_text else found.group()

    return _BEGIN.sub(escaped, text)


def _needed_end(name: str | None, *, is_end: bool) -> str | None:
    """What must follow for a tag to be one; empty if nothing must, None if it is none at all."""
    if name is None:
        return "-->"
    if not is_element(name):
        return None
    # What is hidden is hidden to its end; a single capital is the type parameter of `List<A>`.
    is_doubtful = name.lower() in HIDDEN or (len(name) == 1 and name.isupper())
    return f"</{name}" if is_doubtful and not is_end else ""


# One that holds a tag is left to the parser, so that each text is looked at once.
_COMMENT = re.compile(r"^[ ]{0,3}<!--[^-<]*+(?:-(?!->)[^-<]*+)*+-->", re.MULTILINE)


def _without_comment(found: re.Match[str]) -> str:
    """A comment before text on a line would make HTML of that line, in which is no Markdown."""
    rest = found.string[found.end() :].partition("\n")[0]
    return "" if rest.strip() else found.group()


def is_element(name: str) -> bool:
    """Whether a name is one of HTML's, as HTML is written: ``Button`` is somebody's component."""
    return (name.islower() or name.isupper()) and name.lower() in HTML
