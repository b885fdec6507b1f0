"""What the configuration of CloudCannon says of collections."""

import re
from typing import Any

from ..configuration import Folder, flag_at, mapping_at, text_at
from ..draft import HERE, Draft, Stated, below, site, stated

_FILES = ("cloudcannon.config.y*ml", "cloudcannon.config.json")
_FILTERED = re.compile(r"\{(\w+)\|(\w+)\}")
_OF_FILTERS = {"year": "{year}", "month": "{month}", "day": "{day}"}


def mark(folder: Folder) -> str:
    """The configuration of CloudCannon if it states the urls of a collection."""
    file = folder.first(*_FILES)
    of_all = mapping_at(folder.values(file), "collections_config")
    return file if any(text_at(one, "url") for one in of_all.values()) else ""


def draft(folder: Folder) -> Draft:
    """The draft of a site that states its collections to CloudCannon."""
    file = folder.first(*_FILES)
    values = folder.values(file)
    raw = below(text_at(values, "source"))
    collections = dict(  # the innermost first, for it may lie within another
        sorted(
            mapping_at(values, "collections_config").items(),
            key=lambda pair: -_folder(*pair).count("/"),
        )
    )
    hidden = [name for name, of_it in collections.items() if _has_no_pages(of_it)]
    tables = [
        stated(
            f"{file}: collections_config.{name}",
            name=name,
            files="**" if path == "." else f"{path}/**",
            url=_FILTERED.sub(_of_filter, url).replace("[collection]", name),
        )
        for name, of_it in collections.items()
        if name not in hidden and (url := text_at(of_it, "url"))
        for path in [_folder(name, of_it)]
    ]
    left_out = [f"/{_folder(name, collections[name])}/" for name in hidden]
    return Draft(
        raw=Stated(raw, f"{file}: source") if raw != "." else HERE,
        site=site(file, timezone=text_at(values, "timezone")),
        sources=stated(f"{file}: collections without pages", exclude=left_out),
        collections=tuple(tables),
    )


def _has_no_pages(collection: Any) -> bool:
    return flag_at(collection, "output") is False or flag_at(collection, "disable_url") is True


def _folder(name: str, collection: Any) -> str:
    return below(text_at(collection, "path") or name)


def _of_filter(found: re.Match[str]) -> str:
    return _OF_FILTERS.get(found[2], f"{{{found[1]}:github}}")
