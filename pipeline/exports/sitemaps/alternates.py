"""The language versions of pages, of which each lists all, itself too, and one for all others.

Pages are translations of each other if they have the same ``articles.translation``, in a site that
has several languages. Of several in one language the first counts.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from ...model.settings import Settings
from . import document

COLUMNS = ("language", "translation")

# Language, script and region, as search engines read them (ISO 639, 15924, 3166-1).
_CODE = re.compile("[a-z]{2,3}(-[a-z]{4})?(-([a-z]{2}|[0-9]{3}))?", re.IGNORECASE)


def are_listed(settings: Settings) -> bool:
    """Whether a site has pages in several languages."""
    return len(settings.content.languages) > 1


def by_url(parts: Iterable[pa.Table], settings: Settings) -> Mapping[str, bytes]:
    """What the entries of pages say of their translations, by url; `parts` are of listed articles.

    A page without any translation that is listed, too, has none.
    """
    codes = {
        language: code
        for language in settings.content.languages
        if _CODE.fullmatch(code := language.replace("_", "-"))
    }
    groups: dict[str, dict[str, str]] = {}
    for part in parts:
        rows = part.filter(pc.is_valid(part["translation"]))
        columns = (rows[name].to_pylist() for name in ("translation", "language", "url"))
        for translation, language, url in zip(*columns, strict=True):
            if language in codes:
                groups.setdefault(translation, {}).setdefault(language, url)
    main = settings.content.languages[0]
    found: dict[str, bytes] = {}
    for urls in groups.values():
        if len(urls) > 1:
            links = [(codes[one], urls[one]) for one in codes if one in urls]
            links += [("x-default", urls[main])] if main in urls else []
            found |= dict.fromkeys(urls.values(), _written(links, settings))
    return found


def _written(links: Sequence[tuple[str, str]], settings: Settings) -> bytes:
    return document.alternates((code, settings.site.absolute(url)) for code, url in links)
