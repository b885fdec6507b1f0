"""What ``docusaurus.config`` says of documents and posts, and their versions and languages."""

import json
import tomllib
from collections.abc import Iterator
from typing import Any

from ...model import presets
from .. import javascript
from ..configuration import Folder, mapping_at
from ..draft import Draft, Stated, Table, Value, address, below, site, stated
from ..javascript import Literals

_FILE = "docusaurus.config.*"
_VERSIONS = "versioned_docs/version-"
_TRANSLATED = "i18n/*/docusaurus-plugin-content-"
_SLASHES = {"true": "always", "false": "never"}


def mark(folder: Folder) -> str:
    """The configuration, if there is one."""
    return folder.first(_FILE)


def draft(folder: Folder) -> Draft:
    """The draft of a site of Docusaurus, of which the preset has documents, posts and pages."""
    file = folder.first(_FILE)
    found = folder.script(file)
    docs, blog = (_folder(folder, found, kind) for kind in ("docs", "blog"))
    versions, is_translated = _versions(folder), bool(folder.first(f"{_TRANSLATED}*"))
    # Documents may lie beside the folder, which then is a part of all other paths.
    raw, own = ("..", folder.path.resolve().name) if docs.startswith("../") else (".", "")
    folders = [docs, blog, "src/pages" if folder.is_folder("src/pages") else ""]
    folders += ["versioned_docs"] if versions else []
    folders += [f"{_TRANSLATED}*"] if is_translated else []
    collections = (
        *_documents(found, docs and below(own, docs), own, versions, is_translated),
        *_posts(found, blog and below(own, blog), own, is_translated),
    )
    return Draft(
        raw=Stated(raw, "the folder of documents, posts and pages"),
        site=site(
            file,
            base_url=address(
                javascript.first_of(found, "url"), javascript.first_of(found, "baseUrl")
            ),
            title=javascript.first_of(found, "title"),
            description=javascript.first_of(found, "tagline"),
            language=javascript.first_of(found, "i18n", "defaultLocale") or "en",
        ),
        sources=stated(
            "what Docusaurus makes pages of",
            include=[f"/{below(own, name)}/" for name in folders if name],
        ),
        content=stated(
            f"{file}: trailingSlash",
            slash=_SLASHES.get(javascript.first_of(found, "trailingSlash"), ""),
        ),
        collections=tuple(table for table in collections if table),
    )


def _folder(folder: Folder, found: Literals, kind: str) -> str:
    """The folder of documents or posts, if there is one."""
    name = below(javascript.first_of(found, kind, "path") or kind)
    return name if folder.is_folder(name) else ""


def _route(found: Literals, kind: str) -> str:
    """What the urls of documents or posts begin with, without a slash at its end."""
    routes = javascript.all_of(found, kind, "routeBasePath")
    return f"/{(routes[0] if routes else kind).strip('/')}".rstrip("/")


def _versions(folder: Folder) -> list[str]:
    """The versions of the documents, the newest first."""
    try:
        found = json.loads(folder.text("versions.json") or "[]")
    except ValueError:
        return []
    return [str(name) for name in found] if isinstance(found, list) else []


def _documents(
    found: Literals, docs: str, own: str, versions: list[str], is_translated: bool
) -> Iterator[Table]:
    """The documents; of their versions, one has none in its urls: the newest, or a stated one."""
    route = _route(found, "docs")
    plain = javascript.first_of(found, "docs", "lastVersion") or next(iter(versions), "current")
    current = route if plain == "current" else f"{route}/next"
    yield _otherwise("docs", docs, current)
    # Name, and what it is in the paths of files, in those of translations, and in urls.
    kinds = [("docs", "", "current", current)]
    if plain in versions:
        kinds.append((f"docs-{plain}", plain, f"version-{plain}", route))
    if versions:
        kinds.append(("docs-versions", "*", "version-*", f"{route}/{{1}}"))
    for name, version, _, url in kinds[1:]:
        files = below(own, f"{_VERSIONS}{version}/**")
        yield stated("versions.json", name=name, files=files, **_at("docs", url))
    for name, _, version, url in kinds if is_translated else []:
        files = below(own, f"{_TRANSLATED}docs/{version}/**")
        yield _translated(name, files, "docs", url.replace("{1}", "{2}"))


def _posts(found: Literals, blog: str, own: str, is_translated: bool) -> Iterator[Table]:
    route = _route(found, "blog")
    yield _otherwise("blog", blog, route)
    if blog and is_translated:
        yield _translated("blog", below(own, f"{_TRANSLATED}blog/**"), "blog", route)


def _otherwise(name: str, folder: str, route: str) -> Table:
    """What is not as the preset has it of a collection: in a folder and at urls of its name."""
    if not folder or (folder == name and route == f"/{name}"):
        return {}
    files = f"{folder}/**" if folder != name else ""
    urls = _at(name, route) if route != f"/{name}" else {}
    return stated("path, routeBasePath", name=name, files=files, **urls)


def _translated(name: str, files: str, kind: str, route: str) -> Table:
    """The translations of a collection, whose language is the first folder."""
    at = _at(kind, f"/{{1}}{route}")
    keys = {**mapping_at(at, "keys"), "language": "{1}"}
    table = {"name": f"{name}-translated", "files": files, **at, "keys": keys}
    return stated("in other languages", **table)


def _at(kind: str, route: str) -> dict[str, Value]:
    """The urls of a collection of the preset, and the sources of such, below another route."""
    preset = tomllib.loads(presets.text_of("docusaurus"))
    collections = preset["content"]["collections"]
    (collection,) = (one for one in collections if one["name"] == kind)
    stated_ones = {key: collection[key] for key in ("url", "keys") if key in collection}
    moved: dict[str, Value] = _moved(stated_ones, f"/{kind}/", f"{route}/")
    return moved


def _moved(value: Any, before: str, now: str) -> Any:
    if isinstance(value, dict):
        return {key: _moved(one, before, now) for key, one in value.items()}
    if isinstance(value, list):
        return [_moved(one, before, now) for one in value]
    return now + value.removeprefix(before) if value.startswith(before) else value
