"""The links to other articles that front matter states, in each of the shapes that sites have."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..base.problems import Code
from ..model.related import Related
from .columns import OF_LINKS, as_integer, as_text
from .reader import Reader
from .wrong_value import WrongValueError


class StatedLink(NamedTuple):
    """A related link as written in a file (`schemas.STATED_LINKS`)."""

    position: int
    id: int | None
    title: str | None
    subject: str | None
    url: str | None
    line: int
    key: str

    @property
    def content(self) -> tuple[Any, ...]:
        """What of it is content: all but where it stands."""
        return self[:5]


_NUMBER = re.compile("0|[1-9][0-9]{0,5}")
# What mappings in lists of links call an address, and what is shown of it.
_URLS = ("url", "link", "href", "path", "slug")
_TITLES = ("title", "text", "name", "label")
_APART = re.compile(r"[\s,]+")


def read(reader: Reader, related: Related) -> list[StatedLink]:
    """The related links of a file: numbered ones by their numbers, then those of lists."""
    numbered = sorted(_numbered(reader, related.prefix)) if related.prefix else []
    first = max((link.position for link in numbered), default=0) + 1
    others = (*_listed(reader, related), *_by_id(reader, related))
    return [*numbered, *(link._replace(position=first + n) for n, link in enumerate(others))]


def _numbered(reader: Reader, prefix: str) -> Iterator[StatedLink]:
    for key in [key for key in reader.values if key.startswith(prefix)]:
        value, number = reader.values[key], key.removeprefix(prefix)
        if value is None or not _NUMBER.fullmatch(number):
            continue
        if isinstance(value, dict):
            yield _of_mapping(reader, int(number), key, value)
        else:
            message = "expected a mapping with id, title, subject and url."
            reader.wrong(WrongValueError(Code.WRONG_TYPE, message), prefix, key)


def _of_mapping(reader: Reader, number: int, key: str, mapping: Mapping[str, Any]) -> StatedLink:
    """The link that a mapping states; what it does not state, or wrongly, is None."""
    wrong = len(reader.findings)
    stated = [
        reader.converted(mapping.get(name), convert, key, key, name)
        for name, convert in OF_LINKS.items()
    ]
    if mapping and mapping.keys() <= OF_LINKS.keys() and wrong == len(reader.findings):
        reader.whole.add(key)
    else:
        reader.more.update((key, name) for name in OF_LINKS)
    line, _ = reader.place(key)
    return StatedLink._make((number, *stated, line, key))


def _listed(reader: Reader, related: Related) -> Iterator[StatedLink]:
    """Links of lists: urls, paths or slugs, mappings with a title, or one of titles by url."""
    for key in related.keys:
        value = reader.sources.key(key)
        if value is None:
            continue
        found = list(_addressed(value))
        if None in found:
            message = "expected urls, or mappings with title and url."
            reader.wrong(WrongValueError(Code.WRONG_TYPE, f"{key}: {message}"), key, key)
        else:
            reader.more.add(tuple(key.split(".")))
        line, _ = reader.place(key)
        for one in filter(None, found):
            yield StatedLink(0, None, one[1], None, one[0], line, key)


def _addressed(value: Any) -> Iterator[tuple[str, str | None] | None]:
    """Addresses with their titles; None for what has no address."""
    if isinstance(value, list):
        for one in value:
            yield from _addressed(one)
    elif isinstance(value, dict):
        url = next((value[name] for name in _URLS if name in value), None)
        title = next((value[name] for name in _TITLES if name in value), None)
        if isinstance(url, str):
            yield url, title if isinstance(title, str) else None
        elif url is None and all(isinstance(one, str | None) for one in value.values()):
            yield from value.items()
        else:
            yield None
    elif isinstance(value, str):
        if value.strip():
            yield as_text(value), None
    else:
        yield None


def _by_id(reader: Reader, related: Related) -> Iterator[StatedLink]:
    """Links by the number that a column of another file has: ``2718, 2930``, or a list of them."""
    for key in related.by_id:
        value = reader.sources.key(key)
        if value is None:
            continue
        stated = value if isinstance(value, list) else _APART.split(str(value).strip())
        line, _ = reader.place(key)
        reader.more.add(tuple(key.split(".")))
        for one in stated:
            number = reader.converted(one, as_integer, key, key)
            if number is not None:
                yield StatedLink(0, number, None, None, None, line, key)
