"""RSS 2.0 and Atom 1.0."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from functools import partial

from . import html_text, texts
from .rules import Breach, Kind, Rule, Staged

_RSS_SPEC, _PROFILE = "RSS 2.0 (rssboard.org)", "RSS Best Practices Profile"
_ATOM_SPEC, _PAGING = "RFC 4287 (Atom)", "RFC 5005"
RSS_RULES = (
    Rule("RS-01", "XML of RSS 2.0, whose channel has title, link, description.", _RSS_SPEC),
    Rule("RS-02", "An item has a title or a description.", _RSS_SPEC),
    Rule("RS-03", "A guid is there, is a URL if it is a permalink, and is of one item.", _RSS_SPEC),
    Rule(
        "RS-04", "Dates are of RFC 822, with four digits of the year; none is to come.", _RSS_SPEC
    ),
    Rule("RS-05", "An enclosure has url, length and type.", _RSS_SPEC),
    Rule("RS-06", "An author is an address: names are dc:creator.", _RSS_SPEC),
    Rule("RS-07", "atom:link self is where it is served.", _PROFILE),
    Rule("RS-09", "URLs are absolute, those in HTML too, and HTML is safe.", _PROFILE),
    Rule("RS-11", "All characters are those of XML 1.0.", "XML 1.0, 2.2"),
)
ATOM_RULES = (
    Rule("AT-01", "A feed has one id, title and updated, and an author.", f"{_ATOM_SPEC}, 4.1.1"),
    Rule("AT-02", "link self is where it is served; one alternate.", f"{_ATOM_SPEC}, 4.1.1"),
    Rule("AT-03", "An entry has one id, title and updated, and content.", f"{_ATOM_SPEC}, 4.1.2"),
    Rule("AT-04", "Ids are IRIs, and no two entries have the same.", f"{_ATOM_SPEC}, 4.2.6"),
    Rule(
        "AT-05", "Dates are of RFC 3339, and none is later than the release.", f"{_ATOM_SPEC}, 3.3"
    ),
    Rule(
        "AT-06",
        "HTML is of type html, and safe; other texts have no children.",
        f"{_ATOM_SPEC}, 3.1",
    ),
    Rule("AT-07", "URLs are absolute, those in HTML too.", f"{_ATOM_SPEC}, 4.1.3"),
    Rule("AT-08", "updated is the newest of the entries.", f"{_ATOM_SPEC}, 4.2.15"),
    Rule("AT-10", "An archive names the current feed; prev-archive is of the release.", _PAGING),
)
_ATOM = "{http://www.w3.org/2005/Atom}"
_HISTORY = "{http://purl.org/syndication/history/1.0}"
_ENCODED = "{http://purl.org/rss/1.0/modules/content/}encoded"
_NO_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_RFC_822 = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?[0-9]{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct"
    r"|Nov|Dec) [0-9]{4} [0-9]{2}:[0-9]{2}(?::[0-9]{2})? (?:GMT|[-+][0-9]{4})"
)

_Breaches = Iterator[tuple[str, str]]
_Check = Callable[[ET.Element, str, Staged], _Breaches]


def _documents(staged: Staged, form: str, check: _Check) -> Iterator[Breach]:
    """The breaches of all documents of a format; `form` is its rule of being well formed."""
    for path in sorted(staged.changed):
        data = staged.read(path)
        if form == "RS-01" and (found := _NO_XML.search(data.decode(errors="replace"))):
            yield Breach("RS-11", path, f"U+{ord(found[0]):04X}")
        try:
            root = ET.fromstring(data)
        except ET.ParseError as error:
            yield Breach(form, path, str(error))
            continue
        for rule, what in check(root, path, staged):
            yield Breach(rule, path, what)


# --- RSS -----------------------------------------------------------------------------------------


def _rss(root: ET.Element, path: str, staged: Staged) -> _Breaches:
    channel = root.find("channel")
    if root.tag != "rss" or root.get("version") != "2.0" or channel is None:
        yield "RS-01", f"the root is {root.tag}"
        return
    for name in ("title", "link", "description"):
        if not (channel.findtext(name) or "").strip():
            yield "RS-01", f"the channel has no {name}"
    own = [link.get("href") for link in channel.iter(f"{_ATOM}link") if link.get("rel") == "self"]
    if own != [staged.served_at(path)]:
        yield "RS-07", str(own)
    yield from _rss_dates(channel, "lastBuildDate", staged)
    guids = set[str]()
    for item in channel.iter("item"):
        guid = item.find("guid")
        text = (guid.text or "") if guid is not None else ""
        is_url = guid is not None and guid.get("isPermaLink", "true") == "true"
        if not text or text in guids or (is_url and not texts.is_url(text)):
            yield "RS-03", text or "no guid"
        guids.add(text)
        yield from ((rule, f"{text}: {what}") for rule, what in _rss_item(item, staged))


def _rss_item(item: ET.Element, staged: Staged) -> _Breaches:
    if not (item.findtext("title") or item.findtext("description")):
        yield "RS-02", "neither title nor description"
    yield from _rss_dates(item, "pubDate", staged)
    for enclosure in item.iter("enclosure"):
        if not all(enclosure.get(name) for name in ("url", "length", "type")):
            yield "RS-05", str(enclosure.attrib)
    if any("@" not in (author.text or "") for author in item.iter("author")):
        yield "RS-06", item.findtext("author") or ""
    link = item.findtext("link")
    if link is not None and not texts.is_url(link):
        yield "RS-09", link
    for text in (item.findtext(_ENCODED) or "", item.findtext("description") or ""):
        yield from (("RS-09", what) for _, what in html_text.problems(text))


def _rss_dates(element: ET.Element, name: str, staged: Staged) -> _Breaches:
    for text in (found.text or "" for found in element.findall(name)):
        try:
            time = parsedate_to_datetime(text) if _RFC_822.fullmatch(text) else None
        except ValueError:
            time = None
        if time is None or time.timestamp() > staged.as_of:
            yield "RS-04", f"{name} is {text!r}"


# --- Atom ----------------------------------------------------------------------------------------


def _atom(root: ET.Element, path: str, staged: Staged) -> _Breaches:
    if root.tag != f"{_ATOM}feed":
        yield "AT-01", f"the root is {root.tag}"
        return
    entries = root.findall(f"{_ATOM}entry")
    yield from (("AT-01", what) for what in _lacking(root))
    authors = [element.find(f"{_ATOM}author") for element in (root, *entries)]
    if authors[0] is None and (not entries or None in authors[1:]):
        yield "AT-01", "no author"
    links = [(link.get("rel", "alternate"), link.get("href", "")) for link in _links(root)]
    if [url for rel, url in links if rel == "self"] != [staged.served_at(path)]:
        yield "AT-02", "link self"
    if sum(rel == "alternate" for rel, _ in links) > 1:
        yield "AT-02", "several alternates"
    yield from _paging(root, dict(links), staged)
    times = [texts.time(entry.findtext(f"{_ATOM}updated") or "") for entry in entries]
    known = [time for time in times if time]
    if known and texts.time(root.findtext(f"{_ATOM}updated") or "") != max(known):
        yield "AT-08", root.findtext(f"{_ATOM}updated") or ""
    ids = set[str]()
    for element in (root, *entries):
        id = element.findtext(f"{_ATOM}id") or ""
        if id in ids or not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:\S+\Z", id):
            yield "AT-04", id or "no id"
        if element is not root:
            ids.add(id)
            yield from ((rule, f"{id}: {what}") for rule, what in _entry(element))
        for name in ("updated", "published"):
            for found in element.findall(f"{_ATOM}{name}"):
                time = texts.time(found.text or "")
                if time is None or time.timestamp() > staged.as_of:
                    yield "AT-05", f"{id}: {name} is {found.text}"


def _lacking(element: ET.Element) -> Iterator[str]:
    for name in ("id", "title", "updated"):
        found = element.findall(f"{_ATOM}{name}")
        if len(found) != 1:
            yield f"{len(found)} {name}"


def _links(element: ET.Element) -> list[ET.Element]:
    return element.findall(f"{_ATOM}link")


def _paging(root: ET.Element, links: dict[str, str], staged: Staged) -> _Breaches:
    is_archive = root.find(f"{_HISTORY}archive") is not None
    if is_archive and not staged.serves(links.get("current", "")):
        yield "AT-10", "an archive names no current feed"
    if "prev-archive" in links and not staged.serves(links["prev-archive"]):
        yield "AT-10", links["prev-archive"]


def _entry(entry: ET.Element) -> _Breaches:
    yield from (("AT-03", what) for what in _lacking(entry))
    content = entry.find(f"{_ATOM}content")
    if content is None and not any(link.get("rel") == "alternate" for link in _links(entry)):
        yield "AT-03", "neither content nor a link alternate"
    text = (content.text or "") if content is not None else ""
    if content is not None and content.get("type") != "html":
        yield "AT-06", f"content is of type {content.get('type')}"
    if any(len(found) for name in ("title", "summary") for found in entry.findall(_ATOM + name)):
        yield "AT-06", "a text has children"
    for is_address, what in html_text.problems(text):
        yield "AT-07" if is_address else "AT-06", what
    for link in _links(entry):
        if not texts.is_url(link.get("href", "")):
            yield "AT-07", link.get("href", "")


def _is_rss(path: str) -> bool:
    return path == "site/feed.xml" or (path.startswith("site/feeds/") and path.endswith(".xml"))


def _is_atom(path: str) -> bool:
    return path == "site/atom.xml" or (path.startswith("site/feeds/") and path.endswith(".atom"))


_check_rss = partial(_documents, form="RS-01", check=_rss)
_check_atom = partial(_documents, form="AT-01", check=_atom)
RSS = Kind("rss", RSS_RULES, _is_rss, _check_rss, is_divisible=True)
ATOM = Kind("atom", ATOM_RULES, _is_atom, _check_atom, is_divisible=True)
