"""Pieces to safe HTML, with maths as MathML and URLs that are absolute.

The sanitizer sees all but code and maths, which are put back behind it as what is safe already.
"""

import re
from collections.abc import Iterator, Mapping
from html import escape
from types import MappingProxyType
from typing import NamedTuple, TypeAlias
from urllib.parse import urljoin, urlsplit

import nh3

from .elements import ATTRIBUTES, EMPTY, KEPT
from .source import Source
from .spans import Kind, Span
from .stream import BLOCK, END, FOOTNOTE, SPAN, START, TEXT, VOID, Attributes, Piece

__all__ = ["Address", "Links", "absolute", "write"]

_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_MATHS_COST = 50_000  # characters of TeX, and 30 more for each formula: some tenths of a second
_TAGS = set(KEPT | EMPTY)
# What HTML writes as a reference. The sanitizer's time grows with the square of a run of them.
_REFERRED = re.compile("[&<>\N{NO-BREAK SPACE}]")
_ADDRESSES = frozenset({"href", "src"})
_LONGEST_ADDRESS = 8_192  # characters; no server takes more
# Line ends between blocks, for people who look at the source.
_LINE_AFTER_START = frozenset({"blockquote", "ol", "table", "tbody", "thead", "tr", "ul"})
_LINE_AFTER_END = _LINE_AFTER_START | {"h1", "h2", "h3", "h4", "h5", "h6", "li", "p", "td", "th"}


# What links lead to, by how they are written (names in double brackets): absolute URLs, None where
# that is nothing. All others are resolved as a browser would.
Links: TypeAlias = Mapping[str, str | None]


class Address(NamedTuple):
    """Where a text is shown: the URL of its page, that of the site, and what its links lead to."""

    page_url: str
    site_url: str | None = None
    links: Links = MappingProxyType({})


def write(pieces: list[Piece], source: Source, address: Address) -> str:
    """The HTML of a text.

    Relative URLs, fragments too, are resolved against the page's; those that begin with a slash
    stand below that of the site, where the site is no whole host.  Of a link that leads nowhere the
    text stays, and an embedded page becomes a link to it.  Maths that is not understood stands
    with its delimiters in ``<code class="math">``, so that no dollar passes for money.
    """
    writer = _Writer(source, address)
    clean = nh3.clean(
        writer.write(pieces),
        tags=_TAGS,
        attributes=ATTRIBUTES,
        url_schemes=set(_SCHEMES),
    )
    mark = source.mark
    return re.sub(f"{mark}([0-9]+){mark}", lambda token: writer.kept[int(token[1])], clean).rstrip(
        "\n"
    )


class _Writer:
    """Writes pieces as HTML for the sanitizer; `kept` is what tokens of it stand for."""

    def __init__(self, source: Source, address: Address) -> None:
        self.kept: list[str] = []
        self._source = source
        self._page_url, self._site_url, self._links = address
        self._without_link: list[bool] = []  # of each element `a` that is open
        self._affordable = set(_affordable(source.spans))

    def write(self, pieces: list[Piece]) -> str:
        """The HTML of all pieces, for the sanitizer."""
        parts: list[str] = []
        add = parts.append
        for what, value, attributes in pieces:
            if what is TEXT:
                add(self._token(_text(value)) if _REFERRED.search(value) else value)
            elif value == "a" and what in (START, END):
                add(self._link(attributes) if what is START else self._end_of_link())
            elif what is START:
                line_end = "\n" if value in _LINE_AFTER_START else ""
                written = self._attributes(attributes) if attributes else ""
                add(f"<{value}{written}>{line_end}")
            elif what is END:
                add(f"</{value}>\n" if value in _LINE_AFTER_END else f"</{value}>")
            elif what is VOID:
                add(self._void(value, attributes))
            elif what is SPAN:
                add(self._token(self._span(int(value))))
            elif what is BLOCK:
                add(self._token(_block(value, attributes.get("language", ""))) + "\n")
            elif what is FOOTNOTE:
                url = escape(f"{self._page_url}#fn-{value}")
                add(f'<sup><a href="{url}">{value}</a></sup>')
        return "".join(parts)

    def _link(self, attributes: Attributes) -> str:
        written = self._attributes(attributes)
        is_dead = "href" in attributes and " href=" not in written
        self._without_link.append(is_dead)
        return "" if is_dead else f"<a{written}>"

    def _end_of_link(self) -> str:
        return "" if self._without_link.pop() else "</a>"

    def _void(self, tag: str, attributes: Attributes) -> str:
        written = self._attributes(attributes)
        text = self._token(_text(attributes.get("alt", ""))) if tag == "img" else ""
        if tag == "img" and " src=" not in written:
            page = self._links.get(attributes.get("src", ""))  # a note that is shown within another
            return f'<a href="{escape(page)}">{text}</a>' if page else text
        return f"<{tag}{written}>\n" if tag == "hr" else f"<{tag}{written}>"

    def _token(self, safe: str) -> str:
        self.kept.append(safe)
        return f"{self._source.mark}{len(self.kept) - 1}{self._source.mark}"

    def _attributes(self, attributes: Attributes) -> str:
        values: dict[str, str | None] = {**attributes}
        for name in _ADDRESSES & values.keys():
            leads = self._links if name == "href" else {}
            values[name] = self._absolute(attributes[name], leads)
        return "".join(
            f' {name}="{self._value(name, value)}"'
            for name, value in values.items()
            if value is not None
        )

    def _value(self, name: str, value: str) -> str:
        if name in _ADDRESSES or not _REFERRED.search(value):
            return escape(value)
        return self._token(escape(value))

    def _absolute(self, url: str, links: Links) -> str | None:
        """A URL from its scheme on; None if it is none that readers may be led to."""
        if url in links or url.startswith("[["):
            return links.get(url)
        return absolute(url, self._page_url, self._site_url)

    def _span(self, number: int) -> str:
        source, span = self._source, self._source.spans[number]
        if span.kind is Kind.CODE:
            return f"<code>{escape(source.code(number), quote=False)}</code>"
        from . import mathml  # noqa: PLC0415  0.03 s that a text without maths is spared

        is_display = span.kind is Kind.DISPLAY
        is_affordable = number in self._affordable
        made = mathml.from_tex(source.inner(number), display=is_display) if is_affordable else None
        return made or f'<code class="math">{escape(source.of(number), quote=False)}</code>'


def absolute(url: str, page_url: str, site_url: str | None) -> str | None:
    """A URL from its scheme on, as a browser would resolve it on a page of a site.

    None if readers may not be led to it.
    """
    try:
        is_of_site = site_url and url.startswith("/") and not url.startswith("//")
        resolved = f"{site_url}{url}" if is_of_site else urljoin(page_url, url)
        is_allowed = len(url) <= _LONGEST_ADDRESS and urlsplit(resolved).scheme in _SCHEMES
        return resolved if is_allowed else None
    except ValueError:  # no URL at all: "http://[::1"
        return None


def _text(text: str) -> str:
    return escape(text, quote=False).replace("\N{NO-BREAK SPACE}", "&nbsp;")


def _block(code: str, language: str) -> str:
    """A class names the language of a block (CommonMark 0.31 §4.5)."""
    name = f' class="language-{escape(language)}"' if language else ""
    return f"<pre><code{name}>{escape(code, quote=False)}</code></pre>"


def _affordable(spans: list[Span]) -> Iterator[int]:
    """The numbers of the formulas, from the first on, that a document has time for."""
    left = _MATHS_COST
    for number, span in enumerate(spans):
        if span.kind in (Kind.DISPLAY, Kind.INLINE):
            left -= span.end - span.start + 30
            if left >= 0:
                yield number
