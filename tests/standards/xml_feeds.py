"""What strict checkers of feeds in XML have in common."""

import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
HISTORY = "{http://purl.org/syndication/history/1.0}"
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


def parse(data: bytes) -> etree._Element | str:
    """The root of a document in UTF-8; what is wrong with one that is none."""
    try:
        data.decode("utf-8")
        return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    except (UnicodeDecodeError, etree.XMLSyntaxError) as error:
        return str(error)


def is_absolute(url: str | None) -> bool:
    """Whether a URL of the web is whole, and written as RFC 3986 has it."""
    parts = urlsplit(url or "")
    return parts.scheme in ("http", "https") and bool(parts.netloc) and (url or "").isascii()


def one_each(element: etree._Element, *names: str) -> Iterator[str]:
    """The names that do not stand just once in an element, or hold nothing."""
    for name in names:
        found = element.findall(name)
        if len(found) != 1 or not (found[0].text or "").strip():
            yield name


def repeated(values: list[str]) -> list[str]:
    """The values that stand more than once."""
    return [value for value, times in Counter(values).items() if times > 1]


def links(element: etree._Element) -> dict[str, list[str]]:
    """The addresses of Atom's links in an element, by their relation."""
    found: dict[str, list[str]] = {}
    for link in element.findall(f"{ATOM}link"):
        found.setdefault(link.get("rel", "alternate"), []).append(link.get("href", ""))
    return found


def wrong_paging(element: etree._Element, location: str) -> Iterator[str]:
    """What RFC 5005 forbids in an archive, and in a document that leads to one."""
    of_relation = links(element)
    archives = element.findall(f"{HISTORY}archive")
    if len(archives) > 1 or (archives and of_relation.get("current", [location]) == [location]):
        yield "an archive that does not say which document is the current one"
    if not archives and "current" in of_relation:
        yield "current in a document that is no archive"
    if len(of_relation.get("prev-archive", [])) > 1 or location in of_relation.get(
        "prev-archive", []
    ):
        yield f"prev-archive {of_relation['prev-archive']}"
    if "next-archive" in of_relation:
        yield "next-archive, which a page that never changes cannot hold"
