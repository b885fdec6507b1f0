"""What ``_config.yml`` of Jekyll says: permalinks, collections, defaults, what is left out."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..configuration import Folder, Values, at, flag_at, list_at, mapping_at, text_at, texts_at
from ..draft import (
    Draft,
    Stated,
    Table,
    address,
    below,
    constants,
    left_over,
    site,
    stated,
)

_FILES = ("_config.yml", "_config.yaml", "_config.toml")

# https://jekyllrb.com/docs/permalinks/#built-in-formats
_STYLES = {
    "date": "/:categories/:year/:month/:day/:title.html",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title.html",
    "weekdate": "/:categories/:year/W:week/:short_day/:title.html",
    "none": "/:categories/:title.html",
}
# Those of the preset.
_PLACEHOLDERS = (
    *("categories", "title", "slug", "path", "name", "basename", "output_ext"),
    *("year", "short_year", "month", "i_month", "day", "i_day", "y_day"),
)
_TOKEN = re.compile(r":([a-z_]+)")


def mark(folder: Folder) -> str:
    """The configuration, if there is one."""
    return folder.first(*_FILES)


def draft(folder: Folder) -> Draft:
    """The draft of a site of Jekyll."""
    file = folder.first(*_FILES)
    values = folder.values(file)
    permalink = text_at(values, "permalink") or "date"
    source = below(text_at(values, "source"))
    tables = {**_posts(values, permalink), **_defaults(values), **_collections(values, permalink)}
    tables = _with_constants(values, tables)
    refused = [key for key, table in tables.items() if table.get("url") == Stated("")]
    return Draft(
        raw=Stated(source, f"{file}: source" if source != "." else "Jekyll reads the whole folder"),
        site=site(
            file,
            base_url=_base_url(folder, values),
            title=text_at(values, "title") or text_at(values, "name"),
            description=text_at(values, "description"),
            language=text_at(values, "lang") or text_at(values, "locale").partition("_")[0],
            timezone=text_at(values, "timezone"),
        ),
        sources=stated(f"{file}: exclude, include, collections", exclude=_patterns(values)),
        content=stated(f"{file}: permalink: {permalink}", url=_of_pages(values, permalink))
        | stated(f"{file}: future", future="publish" if flag_at(values, "future") else "")
        | stated(f"{file}: defaults", set=_of_all(values)),
        collections=tuple(table for key, table in tables.items() if key not in refused),
        notes=(
            *(
                f"{file}: {key} has a permalink with a placeholder that Pressroom does not know."
                for key in refused
            ),
            *_not_taken_over(values, tables, file),
        ),
    )


def _base_url(folder: Folder, values: Values) -> str:
    host = text_at(values, "url")
    if not host and (named := folder.text("CNAME").split()):  # of GitHub Pages
        host = f"https://{named[0]}"
    return address(host, text_at(values, "baseurl"))


def _of_pages(values: Values, permalink: str) -> str:
    """The url of what is in no collection, if it is not that of the preset."""
    own = _permalink_of_all(values, "pages", "")
    return _template(own, "") or ("" if permalink == "date" else f"/{{path}}{_end(permalink)}")


def _end(permalink: str) -> str:
    """How the urls end of what has no permalink of its own (`Utils.add_permalink_suffix`)."""
    if permalink == "pretty" or permalink.endswith("/"):
        return "/"
    return ".html" if permalink in _STYLES or permalink.endswith(":output_ext") else ""


def _template(permalink: str, collection: str) -> str:
    """A permalink as a template of ours; empty if it asks for what there is no placeholder for."""
    if not permalink:
        return ""
    text = _STYLES.get(permalink, permalink).replace(":collection", collection)
    text = text.replace(":path/:basename", ":path")  # the path of a page is its folder there
    is_known = all(name in _PLACEHOLDERS for name in _TOKEN.findall(text))
    return f"/{text.lstrip('/')}" if is_known else ""


def _posts(values: Values, permalink: str) -> dict[str, Table]:
    """What is otherwise for the posts of the preset, which has their files and keys."""
    of_posts = (
        ("defaults", _permalink_of_all(values, "posts", "")),
        ("collections.posts", text_at(values, "collections", "posts", "permalink")),
        ("permalink", permalink),
    )
    key, style = next((key, style) for key, style in of_posts if style)
    above = below(text_at(values, "collections_dir"))
    if style == "date" and above == ".":
        return {}
    files = f"{above}/**/_posts/**" if above != "." else ""
    table = stated(f"permalink: {style}", name="posts", files=files)
    return {key: {**table, "url": Stated(_template(style, "posts"))}}


def _permalink_of_all(values: Values, *kinds: str) -> str:
    """The permalink that the defaults have for all files of some kinds."""
    for entry in list_at(values, "defaults"):
        if text_at(entry, "scope", "type") in kinds and not text_at(entry, "scope", "path"):
            return text_at(entry, "values", "permalink")
    return ""


def _collections(values: Values, permalink: str) -> dict[str, Table]:
    """The collections that have pages."""
    tables: dict[str, Table] = {}
    for name, of_it in _with_pages(values):
        key = f"collections.{name}"
        own = text_at(of_it, "permalink") or f"/:collection/:path{_end(permalink)}"
        files = below(text_at(values, "collections_dir"), f"_{name}", "**")
        table = stated(key, name=name, files=files)
        tables[key] = {**table, "url": Stated(_template(own, name))}
    return tables


def _with_pages(values: Values) -> Iterator[tuple[str, Any]]:
    """The collections with ``output: true``; a list has names alone."""
    collections = at(values, "collections")
    if isinstance(collections, Mapping):
        for name, of_it in collections.items():
            if name != "posts" and flag_at(of_it, "output"):
                yield str(name), of_it


def _defaults(values: Values) -> dict[str, Table]:
    """The permalinks of files that state none, and what no sitemap has, the deepest path first."""
    found: dict[str, Table] = {}
    for entry in list_at(values, "defaults"):
        path, kind = text_at(entry, "scope", "path"), text_at(entry, "scope", "type")
        permalink = text_at(entry, "values", "permalink")
        is_hidden = flag_at(entry, "values", "sitemap") is False
        of_collection = f"_{kind}" if kind not in ("", "pages", "posts", "drafts") else ""
        folder = below(path.strip("/") or of_collection)
        if folder == "." or not (permalink or is_hidden):
            continue
        table = stated(f"defaults of {folder}", name=folder, files=_files(folder))
        if permalink:
            table["url"] = Stated(_template(permalink, kind))
        if is_hidden:
            table["no_index"] = Stated(True, "sitemap: false")
        found[folder] = table
    deepest_first = sorted(found, key=lambda folder: -folder.count("/"))
    return {f"defaults of {folder}": found[folder] for folder in deepest_first}


def _scope(entry: Any) -> tuple[str, str]:
    """The folder of a default, and the kind of its files; each is empty for all."""
    return text_at(entry, "scope", "path").strip("/"), text_at(entry, "scope", "type")


def _of_all(values: Values) -> dict[str, str]:
    """What the defaults state for all files."""
    found: dict[str, str] = {}
    for entry in list_at(values, "defaults"):
        if _scope(entry) == ("", ""):
            found |= constants(mapping_at(entry, "values"))
    return found


def _key_of(entry: Any, tables: Mapping[str, Table]) -> str:
    """The table that a default can be said in; empty if there is none."""
    path, kind = _scope(entry)
    name = below(path) if path else kind
    same = (key for key, table in tables.items() if table["name"].value in (name, f"_{name}"))
    return next(same, "posts" if name == "posts" else "")


def _with_constants(values: Values, tables: dict[str, Table]) -> dict[str, Table]:
    """The tables with what the defaults state for all files of one."""
    tables = dict(tables)
    for entry in list_at(values, "defaults"):
        found, key = constants(mapping_at(entry, "values")), _key_of(entry, tables)
        if found and key:
            table = tables.get(key) or stated("defaults of posts", name="posts")
            before = mapping_at({key: one.value for key, one in table.items()}, "set")
            tables[key] = {**table, "set": Stated({**before, **found})}
    return tables


def _not_taken_over(values: Values, tables: Mapping[str, Table], file: str) -> Iterator[str]:
    """What the defaults state and settings cannot."""
    for entry in list_at(values, "defaults"):
        path, kind = _scope(entry)
        said = mapping_at(entry, "values")
        taken = {"permalink"} | (
            {"sitemap"} if path or kind not in ("", "pages", "posts") else set()
        )
        has_place = (path, kind) == ("", "") or _key_of(entry, tables)
        left = left_over(said, taken) if has_place else sorted(set(said) - taken - {"layout"})
        if left:
            of = f"path {path!r}" if path else f"type {kind!r}" if kind else "all files"
            yield f"{file}: of the defaults of {of}, not taken over: {', '.join(left)}."


def _files(folder: str) -> str:
    """The pattern of a scope: a folder, or one file."""
    return folder if "." in folder.rpartition("/")[2] else f"{folder}/**"


def _patterns(values: Values) -> list[str]:
    """What Jekyll leaves out, and what it takes in although its name begins with ``_``."""
    left_out = [f"/{name.lstrip('/')}" for name in texts_at(values, "exclude")]
    taken_in = [f"!/{name.strip('/')}/" for name in texts_at(values, "include") if name[0] == "_"]
    above = text_at(values, "collections_dir")
    taken_in += [f"!/{below(above, f'_{name}')}/" for name, _ in _with_pages(values)]
    return [*left_out, *dict.fromkeys(taken_in)]
