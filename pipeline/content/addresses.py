"""How a link names an article: by its url, the path of its file, an alias, or a name.

An article has keys for all of these (`keys_of`), and a link those by which it may mean one, the
likeliest first (`wanted`). What a link leads to is the article that has the first of its keys.
"""

import posixpath
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import unquote

from ..markup.link_kinds import LinkKind
from ..model.content import ContentModel
from ..model.file_names import file_name
from ..model.settings import Settings
from ..model.vocabulary import FoundBy
from . import urls

__all__ = ["Key", "LinkRules", "Names", "Page", "Wanted", "keys_of", "link_rules"]
__all__ += [
    "by_id",
    "former_key",
    "former_urls",
    "is_plain",
    "page_of",
    "stated",
    "url_key",
    "wanted",
]


class LinkRules(NamedTuple):
    """What of a site decides what its links lead to.

    `host` is that of the site, `base_path` the path that all its urls stand below, without a slash
    at its end, and `suffixes` those of raw files, in lower case.
    """

    model: ContentModel
    host: str
    base_path: str
    suffixes: tuple[str, ...]


def link_rules(settings: Settings) -> LinkRules:
    """The rules of a site."""
    site = settings.site
    suffixes = tuple(one.lower() for one in settings.sources.extensions)
    return LinkRules(settings.content, site.host, site.base_path, suffixes)


class Page(NamedTuple):
    """An article as its links see it.

    `path` is that of its file below the raw folder, without the part that names its `language`,
    which is None where the site has just one; `root` is the folder of its collection, empty or with
    a slash at its end.
    """

    url: str
    path: str
    language: str | None
    root: str


def page_of(url: str, source_path: str, rules: LinkRules) -> Page:
    """The page of an article."""
    of_path = rules.model.of(source_path)
    root = of_path.path[: of_path.match.start]
    return Page(url, _nfc(of_path.path), of_path.language, _nfc(root[: root.rfind("/") + 1]))


class Wanted(NamedTuple):
    """What a link may mean: `keys` of an article, the likeliest first.

    Where none has one, it leads to nothing (`status` is ``missing``), to a file that is no page
    (``asset``) or out of the site (``external``); ``self`` is a link within its own page.
    """

    keys: tuple[str, ...]
    status: str
    fragment: str | None


# --- keys of articles ----------------------------------------------------------------------------


class Key(NamedTuple):
    """A key of an article. Of several articles that have it, the one of the least `rank` is meant.

    A rank is a number of folders: the shortest path is the likeliest.
    """

    text: str
    found_by: FoundBy
    rank: int


class Names(NamedTuple):
    """What an article is called: columns of the table ``articles``.

    `ids` are its numbers in the columns by which links may name it.
    """

    url: str
    source_path: str
    slug: str | None = None
    aliases: Sequence[str] | None = None
    names: Sequence[str] | None = None
    ids: Mapping[str, int | None] = MappingProxyType({})


def keys_of(called: Names, rules: LinkRules) -> Iterator[Key]:
    """All keys of an article."""
    url, source_path, slug, aliases, names, ids = called
    plain = _page(url)
    if url != plain:
        yield Key(f"url:{url}", FoundBy.URL, 0)
    # Of /a and /a/ each is found by itself.
    yield Key(f"page:{plain}", FoundBy.URL, int(url != plain))
    for alias in aliases or ():
        for one in _urls_of_alias(alias, url, rules):
            yield Key(former_key(one), FoundBy.ALIAS, 0)
    of_path = rules.model.of(source_path)
    model, path, language = of_path.model, _nfc(of_path.path), of_path.language
    stem = posixpath.splitext(path)[0]
    without_index = file_name(path, model.index).path
    depth = stem.count("/")
    # A link from a language without such a page leads to that in the main one.
    first = rules.model.languages.index(language) if language else 0
    for prefix, rank in (("", first), (f"{language}:", 0)) if language else (("", 0),):
        for one in dict.fromkeys((path, without_index, stem)):
            yield Key(f"file:{prefix}{one}", FoundBy.FILE, rank)
        if "wikilinks" in model.syntax:
            for tail in _tails(stem.casefold()):
                yield Key(f"name:{prefix}{tail}", FoundBy.NAME, rank * 1_000 + depth)
            for name in names or ():
                yield Key(f"name:{prefix}{_folded(name)}", FoundBy.NAME, 1_000_000 + depth)
    if slug:
        yield Key(f"slug:{_folded(slug)}", FoundBy.SLUG, first)
    for column, number in ids.items():
        if number is not None:
            yield Key(_id_key(column, number), FoundBy.ID, first)
    if path != source_path:
        yield Key(f"file:{_nfc(source_path)}", FoundBy.FILE, 0)


def _tails(path: str) -> Iterator[str]:
    """What a path may be called by its end: itself, without its first folder, and so on."""
    while path:
        yield path
        path = path.partition("/")[2]


def former_urls(aliases: Sequence[str], url: str, rules: LinkRules) -> Iterator[str]:
    """The urls that the aliases of an article are: without a slash in front, beside its own."""
    for alias in aliases:
        if found := list(_urls_of_alias(alias, url, rules)):
            yield found[-1]


def _urls_of_alias(alias: str, url: str, rules: LinkRules) -> Iterator[str]:
    """The urls that an alias may mean: from the root, or beside the article."""
    path = _on_site(alias.strip(), rules)
    if not path:
        return
    yield urls.spelled(path if path.startswith("/") else f"/{path}")
    if not path.startswith("/"):
        yield urls.spelled(_joined(url.rstrip("/") or "/", path))


# --- anchors -------------------------------------------------------------------------------------


def anchor_names(name: str) -> Iterator[str]:
    """What generators that make the name of an anchor otherwise have in common.

    That is its letters and digits, and these without digits in front, which kramdown drops.
    """
    letters = "".join(filter(str.isalnum, name.casefold()))
    yield from dict.fromkeys(filter(None, (letters, letters.lstrip("0123456789"))))


# --- what links want -----------------------------------------------------------------------------

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*+:")
_SLASHES = re.compile("^//+")  # as most servers take them
_BEYOND_ASCII = re.compile("(?:%[89A-F][0-9A-F])+")
_OF_TEMPLATES = re.compile(r"\{\{|\{%|\{<")
_PAGES = frozenset({"", ".html", ".htm", ".xhtml", ".php", ".asp", ".aspx", ".jsp"})
_SUFFIX = re.compile(r"\.(?=[0-9]*[A-Za-z])[A-Za-z0-9]{1,5}\Z")
# What notes hold besides notes.
_MEDIA = {".avif", ".base", ".bmp", ".canvas", ".flac", ".gif", ".jpeg", ".jpg", ".m4a", ".mkv"}
_MEDIA |= {".mov", ".mp3", ".mp4", ".ogg", ".pdf", ".png", ".svg", ".wav", ".webm", ".webp", ".zip"}
_WIKI = frozenset({LinkKind.WIKILINK, LinkKind.EMBED})
_EXTERNAL = Wanted((), "external", None)
_NOTHING = Wanted((), "missing", None)


def wanted(kind: LinkKind, href: str, page: Page, rules: LinkRules) -> Wanted:
    """What a link in a text may mean."""
    if kind in _WIKI and "://" not in href:
        return _by_name(kind, href, page, rules)
    path = _on_site(href.strip(), rules)
    if path is None:
        return _EXTERNAL
    if _OF_TEMPLATES.search(path):
        return _NOTHING
    path, _, fragment = path.partition("#")
    path, _, query = path.partition("?")
    path = _SLASHES.sub("/", path)
    named = unquote(fragment) or None
    if not path:
        return Wanted((), "self", named)
    base = rules.base_path
    if base and path[:1] != "/" and not _joined(base + page.url, path).startswith(f"{base}/"):
        return _EXTERNAL  # above the site, on its host
    suffix = posixpath.splitext(path)[1].lower()
    is_source = suffix in rules.suffixes
    may_be_page = is_source or suffix in _PAGES or not _SUFFIX.search(path)
    keys = _of_file if is_source else _of_url
    found = keys(path, query, page, rules)
    is_asset = kind is LinkKind.IMAGE or not may_be_page
    return Wanted(tuple(dict.fromkeys(found)), "asset" if is_asset else "missing", named)


def _by_name(kind: LinkKind, href: str, page: Page, rules: LinkRules) -> Wanted:
    """What a wikilink may mean: a name may hold what an address has for something else."""
    name, _, fragment = href.partition("#")
    if not name.strip():
        return Wanted((), "self", fragment or None)
    suffix = posixpath.splitext(name)[1].lower()
    is_media = suffix in _MEDIA or (kind is LinkKind.EMBED and bool(_SUFFIX.search(name)))
    is_asset = is_media and suffix not in rules.suffixes
    keys = tuple(dict.fromkeys(_of_wikilink(name, page, rules)))
    return Wanted(keys, "asset" if is_asset else "missing", fragment or None)


def stated(href: str, page: Page, rules: LinkRules) -> Wanted:
    """What a link in front matter may mean: without a slash, a path from the root first."""
    rest = href.strip()
    if not rest:
        return _NOTHING
    if not rest.startswith(("/", "#", "?")) and not _SCHEME.match(rest):
        from_root = wanted(LinkKind.LINK, f"/{rest}", page, rules)
        beside = wanted(LinkKind.LINK, rest, page, rules)
        keys = (*from_root.keys, *beside.keys, f"slug:{_folded(rest)}")
        return from_root._replace(keys=tuple(dict.fromkeys(keys)))
    return wanted(LinkKind.LINK, rest, page, rules)


def by_id(column: str, number: int) -> Wanted:
    """What a number means by which another article is called in a column."""
    return Wanted((_id_key(column, number),), "missing", None)


def _id_key(column: str, number: int) -> str:
    return f"id:{column}:{number}"


def former_key(url: str) -> str:
    """The key of an article that had a url."""
    return f"alias:{_page(url)}"


def is_plain(kind: str | None, href: str, rules: LinkRules) -> bool:
    """Whether a link is written as the url of an article on this site would be."""
    is_below = bool(rules.base_path) and f"{href}/".startswith(f"{rules.base_path}/")
    return kind not in _WIKI and not is_below and bool(urls.PLAIN.fullmatch(href))


def _on_site(href: str, rules: LinkRules) -> str | None:
    """A link without the own host and base path; None if it leads elsewhere."""
    names_host = href[:8].lower().startswith(("http://", "https://", "//"))
    if names_host:
        host, slash, path = href.partition("//")[2].partition("/")
        host, mark, rest = _cut_host(host)
        if host.lower() != rules.host.lower():
            return None
        href = f"/{mark}{rest}{slash and path}" if mark else f"/{path}"
    elif _SCHEME.match(href):
        return None
    base = rules.base_path
    if base and (href == base or href.startswith((f"{base}/", f"{base}#", f"{base}?"))):
        rest = href.removeprefix(base)
        return rest if rest.startswith("/") else f"/{rest}"
    return None if base and names_host else href


def _cut_host(host: str) -> tuple[str, str, str]:
    """A host, and the query or fragment that follows it without a path."""
    found = re.search("[?#]", host)
    return (host[: found.start()], found[0], host[found.end() :]) if found else (host, "", "")


def _of_url(path: str, query: str, page: Page, rules: LinkRules) -> Iterator[str]:
    """Keys of an article by its url; what begins with no slash may be the path of its file, too."""
    joined = urls.spelled(_joined(page.url, path))
    in_language = list(dict.fromkeys((joined, _composed(joined))))
    below = f"/{page.language}"
    if rules.model.begins_urls(page.language) and not joined.startswith(below):
        in_language += [f"{below}{url}" for url in in_language]
    if query:
        yield from _url_keys(f"{joined}?{urls.spelled(query)}")
    for url in in_language:
        yield from _url_keys(url)
    for url in in_language:
        yield f"alias:{_page(url)}"
    if not path.startswith("/"):
        is_html = path.lower().endswith((".html", ".htm"))
        stem = posixpath.splitext(path)[0] if is_html else path
        yield from _files(stem.rstrip("/"), page)


def _joined(url: str, path: str) -> str:
    """What a path leads to from a url without a host (RFC 3986, 5.2): `urljoin` takes ten times."""
    if not path.startswith("/"):
        path = f"{url.partition('?')[0].rpartition('/')[0]}/{path}"
    if "/." not in path:
        return path
    normal = posixpath.normpath(path)
    return f"{normal}/" if path.endswith(("/", "/.", "/..")) and normal != "/" else normal


def _composed(url: str) -> str:
    """A url with letters in NFC that were percent-encoded otherwise, as some systems name files."""
    if "%" not in url:
        return url
    return urls.spelled(_BEYOND_ASCII.sub(lambda found: unquote(found[0]), url))


def _of_file(path: str, _query: str, page: Page, _rules: LinkRules) -> Iterator[str]:
    """Keys of an article by the path of its file, else by its url without the suffix."""
    path = path.removeprefix("@site/")
    stem = posixpath.splitext(path)[0]
    yield from _files(path, page)
    yield from _files(stem, page)  # of another suffix
    for base in (page.url, "/"):
        joined = urls.spelled(_joined(base, stem))
        yield from _url_keys(joined)
        yield f"alias:{_page(joined)}"


def _files(path: str, page: Page) -> Iterator[str]:
    """Keys of an article by the path of its file: beside the page, then from the roots."""
    path = _nfc(unquote(path))
    folders = [posixpath.dirname(page.path), page.root, ""]
    for folder in dict.fromkeys(folders[1:] if path.startswith("/") else folders):
        found = posixpath.normpath(posixpath.join(folder, path.lstrip("/")))
        yield from _in_language("file", "" if found == "." else found, page)


def _in_language(kind: str, key: str, page: Page) -> Iterator[str]:
    """A key in the language of the page, then in any."""
    if page.language:
        yield f"{kind}:{page.language}:{key}"
    yield f"{kind}:{key}"


def _of_wikilink(path: str, page: Page, rules: LinkRules) -> Iterator[str]:
    """Keys of an article by its name, or the end of its path."""
    name = _folded(path)
    if name.startswith(("./", "../")):
        folder = posixpath.dirname(page.path).casefold()
        name = posixpath.normpath(posixpath.join(folder, name))
    name = name.lstrip("/")
    stem, suffix = posixpath.splitext(name)
    for one in (stem, name) if suffix in rules.suffixes else (name,):
        yield from _in_language("name", one, page)
    yield from _of_url(path, "", page, rules)


def _url_keys(url: str) -> Iterator[str]:
    """Keys of an article by a url: as it is written, then but for its end."""
    plain = _page(url)
    if url != plain:
        yield f"url:{url}"
    yield f"page:{plain}"


def url_key(href: str) -> str:
    """The first key that a link wants which is written as a url of this site would be."""
    return next(_url_keys(href))


def _page(url: str) -> str:
    """What the urls of one page have in common: all but the slash and the index at the end."""
    path, mark, query = url.partition("?")
    return f"{path.removesuffix('/index.html').rstrip('/')}{mark}{query}"


def _folded(name: str) -> str:
    return _nfc(name).strip().casefold()


def _nfc(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)
