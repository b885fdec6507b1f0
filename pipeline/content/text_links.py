"""The links that the text of an article holds, and the anchors that links can lead to in it."""

from collections.abc import Iterator
from typing import NamedTuple

from ..markup import outline
from ..markup.link_kinds import LinkKind
from ..markup.outline import Outline
from ..markup.rules import Rules
from ..model.url_formats import formatted


class TextLink(NamedTuple):
    """A link in a text, as written (`schemas.WRITTEN_LINKS`)."""

    position: int
    line: int
    kind: LinkKind
    href: str


class Anchor(NamedTuple):
    """A place in a text that a fragment can lead to (`schemas.ANCHORS`)."""

    position: int
    line: int
    level: int | None
    anchor: str
    title: str | None


class ReadText(NamedTuple):
    """What was found in a text; `template` and `is_as_written` are those of `Outline`."""

    links: tuple[TextLink, ...]
    anchors: tuple[Anchor, ...]
    template: str | None
    is_as_written: bool


NOTHING = ReadText((), (), None, is_as_written=False)


def read(text: str, rules: Rules, first_line: int | None, key_line: int) -> ReadText:
    """Read a text.

    `first_line` is the line of the file in which the text begins, where it is the body; all links
    of one that stands in the front matter are on the line of its key, `key_line`.
    """
    found = outline.outline(text, rules)
    if found == outline.NOTHING:
        return NOTHING

    def line(number: int) -> int:
        return key_line if first_line is None else first_line + number - 1

    links = (
        TextLink(position, line(link.line), link.kind, link.href)
        for position, link in enumerate(found.links, 1)
    )
    anchors = (
        Anchor(position, line(one.line), one.level or None, name, one.text or None)
        for position, (one, name) in enumerate(_named(found), 1)
    )
    return ReadText(tuple(links), tuple(anchors), found.template, found.is_as_written)


def _named(found: Outline) -> Iterator[tuple[outline.Anchor, str]]:
    """Anchors with their names: a heading's that has none is made of its words, as GitHub does.

    One that is taken gets the next number that is not (github-slugger).
    """
    last: dict[str, int] = {}
    for one in found.anchors:
        name = one.id or formatted(one.text, "github")
        if one.id is None and name in last:
            base, number = name, last[name] + 1
            while (name := f"{base}-{number}") in last:
                number += 1
            last[base] = number
        last.setdefault(name, 0)
        if name:
            yield one, name
