"""A checker of the language versions that sitemaps name (G-08), by Python's own XML parser.

It knows the documents alone: it shares no code with what writes them, or with the other checker. A
problem is a text that begins with the url that it is about.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.etree import ElementTree

_URL = "{http://www.sitemaps.org/schemas/sitemap/0.9}url"
_LOC = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"
_LINK = "{http://www.w3.org/1999/xhtml}link"
# ISO 639-1, a script, ISO 3166-1.
_CODE = re.compile("[a-z]{2}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")
_DEFAULT = "x-default"

# The language versions of a page, in the order stated.
Versions = list[tuple[str, str]]


def versions(sitemaps: Iterable[bytes]) -> dict[str, Versions]:
    """What each page of some sitemaps says of its language versions."""
    return {
        url.findtext(_LOC, ""): [
            (link.attrib["hreflang"], link.attrib["href"]) for link in url.findall(_LINK)
        ]
        for data in sitemaps
        for url in ElementTree.fromstring(data).iter(_URL)
    }


def check(sitemaps: Iterable[bytes]) -> list[str]:
    """The problems of all sitemaps of a site together."""
    found = versions(sitemaps)
    return [f"{page} {problem}" for page in found for problem in _page(page, found)]


def _page(page: str, found: dict[str, Versions]) -> Iterator[str]:
    stated = found[page]
    if not stated:
        return
    codes, urls = [code for code, _ in stated], [url for _, url in stated]
    if len(set(codes)) < len(codes):
        yield f"names a language twice: {codes}"
    if wrong := [code for code in codes if code != _DEFAULT and not _CODE.fullmatch(code)]:
        yield f"names no languages: {wrong}"
    own = [code for code, url in stated if url == page and code != _DEFAULT]
    if len(own) != 1:
        yield f"has itself as {own}"
    if len(set(urls)) < 2:
        yield "is alone"
    for url in urls:
        if url not in found:
            yield f"names {url}, which no sitemap lists"
        elif found[url] != stated:
            yield f"names {url}, which says otherwise: {found[url]}"
    default = dict(stated).get(_DEFAULT)
    if default is not None and (codes[-1] != _DEFAULT or default not in urls[:-1]):
        yield f"has {default} for all others"


if __name__ == "__main__":
    files = [
        path.read_bytes() for folder in sys.argv[1:] for path in Path(folder).glob("sitemap*.xml")
    ]
    problems = check(files)
    print("\n".join(problems) or f"{sum(map(bool, versions(files).values()))} pages are right")
    sys.exit(bool(problems))
