"""What the configuration of Hugo says: one file, or a folder of files for a table each."""

from collections.abc import Iterator, Mapping
from typing import Any

from ...markup.rules import MATHS
from ..configuration import Folder, Values, at, flag_at, list_at, mapping_at, text_at, texts_at
from ..draft import Draft, Stated, Table, below, constants, left_over, shared, site, stated

_SUFFIXES = ("toml", "yaml", "yml", "json")
_FOLDERS = ("", "config/_default/")
_OF_HUGO_ALONE = tuple(f"{folder}hugo.{end}" for folder in _FOLDERS for end in _SUFFIXES)
_OF_OTHERS_TOO = tuple(f"{folder}config.{end}" for folder in _FOLDERS for end in _SUFFIXES)
# Tables that have files of their own in config/_default.
_TABLES = ("languages", "permalinks", "params", "frontmatter", "markup", "module", "cascade")

# https://gohugo.io/configuration/permalinks/#tokens, but for what no file of ours can be asked.
_PLACEHOLDERS = {
    ":sections/:slugorcontentbasename": ":section/{path:hugo}",
    ":sections/:slugorfilename": ":section/{path:hugo}",
    ":sections/:contentbasename": ":section/{path:hugo}",
    ":sections/:filename": ":section/{path:hugo}",
    ":sections": ":",
    ":slugorcontentbasename": "{slug:hugo}",
    ":slugorfilename": "{slug:hugo}",
    ":contentbasename": "{name:hugo}",
    ":filename": "{name:hugo}",
    ":title": "{title:hugo}",
    ":slug": "{slug:hugo|}",
    ":year": "{year}",
    ":month": "{month}",
    ":day": "{day}",
}
_NO_VALUES = {"target", "_target", "params"}  # of a cascade
_DATES = ["date", "publishDate", "pubdate", "published", "lastmod", "modified"]
# What no file of ours says.
_ELSEWHERE = (":git", ":filemodtime")


def mark(folder: Folder) -> str:
    """The configuration if it is that of Hugo, which once had a name that others use, too."""
    if file := folder.first(*_OF_HUGO_ALONE):
        return file
    file = folder.first(*_OF_OTHERS_TOO)
    has_folders = folder.is_folder("content") and folder.is_folder("archetypes")
    values = folder.values(file)
    is_of_hugo = any(at(values, key) for key in ("baseURL", "languageCode", "contentDir"))
    return file if is_of_hugo or (file and has_folders) else ""


def draft(folder: Folder) -> Draft:
    """The draft of a site of Hugo."""
    file = mark(folder)
    values = _values(folder, file)
    languages = _languages(values)
    has_prefix = flag_at(values, "defaultContentLanguageInSubdir") is True and len(languages) > 1
    translations = tuple(_translations(values, languages, has_prefix=has_prefix))
    first = mapping_at(values, "languages", languages[0]) if languages else {}
    return Draft(
        raw=_raw(folder, values, languages, file),
        site=site(
            file,
            base_url=text_at(values, "baseURL"),
            title=text_at(values, "title") or text_at(first, "title"),
            language=_language(values, languages),
            timezone=text_at(values, "timeZone"),
        ),
        content={
            **stated(
                f"{file}: languages",
                languages=languages if len(languages) > 1 and not translations else [],
            ),
            **stated(
                f"{file}: defaultContentLanguageInSubdir",
                main_language_in_urls=(has_prefix and not translations) or "",
            ),
            **stated(f"{file}: uglyURLs", **_ugly(values)),
            **stated(f"{file}: buildFuture", future=_future(values)),
            **stated(f"{file}: passthrough of goldmark", maths=_maths(values)),
            **stated(f"{file}: cascade", set=_of_all(values)),
        },
        keys=stated(f"{file}: frontmatter", **_keys(values)),
        collections=(*_permalinks(values), *translations),
        notes=(*_unknown(values, file), *_not_taken_over(values, file)),
    )


def _values(folder: Folder, file: str) -> Values:
    """The configuration, with the tables that stand in files of their own."""
    values = dict(folder.values(file))
    if "/" in file:
        for name in _TABLES:
            above = file.rpartition("/")[0]
            if own := folder.first(*(f"{above}/{name}.{end}" for end in _SUFFIXES)):
                values[name] = folder.values(own)
    return values


def _language(values: Values, languages: list[str]) -> str:
    stated_codes = (text_at(values, key) for key in ("locale", "languageCode"))
    return next(filter(None, stated_codes), "") or next(iter(languages), "")


def _languages(values: Values) -> list[str]:
    """The languages in use, the main one first."""
    stated_ones = mapping_at(values, "languages")
    left_out = {*texts_at(values, "disableLanguages")}
    used = [
        name
        for name, of_it in stated_ones.items()
        if name not in left_out and flag_at(of_it, "disabled") is not True
    ]
    first = text_at(values, "defaultContentLanguage") or "en"
    return [first, *(name for name in used if name != first)]


def _raw(folder: Folder, values: Values, languages: list[str], file: str) -> Stated:
    """The folder of the content: the one that is mounted, that of all languages, or the stated."""
    mounts = [
        text_at(mount, "source")
        for mount in list_at(values, "module", "mounts")
        if text_at(mount, "target") == "content"
    ]
    if len(mounts) == 1 and folder.is_folder(mounts[0]):
        return Stated(below(mounts[0]), f"{file}: module.mounts")
    if folders := _folders(values, languages):
        return Stated(shared(folders.values()), f"{file}: languages, contentDir")
    if own := text_at(values, "contentDir"):
        return Stated(below(own), f"{file}: contentDir")
    return Stated("content", "the folder of the content of Hugo")


def _folders(values: Values, languages: list[str]) -> dict[str, str]:
    """The folder of each language, if they have some of their own."""
    found = {name: text_at(values, "languages", name, "contentDir") for name in languages}
    return {name: below(path) for name, path in found.items()} if all(found.values()) else {}


def _translations(values: Values, languages: list[str], *, has_prefix: bool) -> Iterator[Table]:
    """A collection for each language whose folder has another name."""
    folders = _folders(values, languages)
    raw = shared(folders.values())
    if len(folders) > 1 and any(path != below(raw, name) for name, path in folders.items()):
        for name, path in folders.items():
            yield stated(
                f"languages.{name}.contentDir",
                name=name,
                files=below(path.removeprefix(raw), "**"),
                url=f"/{name}/{{path:hugo}}/"
                if has_prefix or name != languages[0]
                else "/{path:hugo}/",
                set={"language": name},
            )


def _ugly(values: Values) -> dict[str, str]:
    is_ugly = flag_at(values, "uglyURLs")
    return {"url": "/{path:hugo}.html", "slash": "kept"} if is_ugly else {}


def _future(values: Values) -> str:
    return "publish" if flag_at(values, "buildFuture") else ""


def _maths(values: Values) -> list[str]:
    """The delimiters that goldmark passes through, in the order in which Pressroom names them."""
    passthrough = mapping_at(values, "markup", "goldmark", "extensions", "passthrough")
    if not flag_at(passthrough, "enable"):
        return []
    pairs = [
        pair
        for kind in ("block", "inline")
        for pair in list_at(passthrough, "delimiters", kind)
        if isinstance(pair, list) and pair
    ]
    signs = {str(pair[0]) for pair in pairs}
    return [sign for sign in MATHS if sign in signs]


def _keys(values: Values) -> dict[str, list[str]]:
    """The sources of dates, where they are not those of the preset."""
    return {
        column: found
        for column, name in (("published", "date"), ("updated", "lastmod"))
        if (found := list(dict.fromkeys(_sources(texts_at(values, "frontmatter", name), name))))
    }


def _sources(texts: list[str], name: str) -> Iterator[str]:
    for text in texts:
        if text.lower() == ":default":
            yield from _DATES if name == "date" else ["lastmod", "modified"]
        elif text.lower() not in _ELSEWHERE:
            yield text.lower() if text.startswith(":") else text


def _cascades(values: Values) -> Iterator[tuple[str, Values]]:
    """What the configuration hands down to pages: to which (empty for all), and the values."""
    stated_ones = list_at(values, "cascade") or [mapping_at(values, "cascade")]
    for one in stated_ones:
        if not isinstance(one, Mapping):
            continue
        target = mapping_at(one, "target") or mapping_at(one, "_target")
        of_pages = {key: value for key, value in one.items() if key.lower() not in _NO_VALUES}
        yield (
            text_at(target, "path") or ", ".join(target),
            {**of_pages, **mapping_at(one, "params")},
        )


def _of_all(values: Values) -> dict[str, str]:
    """What is handed down to all pages."""
    found: dict[str, str] = {}
    for target, of_pages in _cascades(values):
        found |= {} if target else constants(of_pages)
    return found


def _not_taken_over(values: Values, file: str) -> Iterator[str]:
    """What is handed down and settings cannot say."""
    for target, of_pages in _cascades(values):
        if left := sorted(of_pages) if target else left_over(of_pages):
            of = target or "all pages"
            yield f"{file}: of the cascade to {of}, not taken over: {', '.join(left)}."


def _permalinks(values: Values) -> Iterator[Table]:
    """A collection for each section with a permalink of its own, behind the sections' own pages."""
    tables = [_collection(section, pattern) for section, pattern in _patterns(values)]
    if known := [table for table in tables if table]:
        files = ["*/_index.md", "*/*/_index.md", "*/*/*/_index.md"]
        yield stated("permalinks are for other pages", name="sections", files=files)
        yield from known


def _patterns(values: Values) -> Iterator[tuple[str, str]]:
    """Sections, and the permalinks of their pages."""
    permalinks: Any = at(values, "permalinks")
    if isinstance(permalinks, list):  # since 0.161
        for one in permalinks:
            section = text_at(one, "target", "path").strip("/").removesuffix("/**")
            yield section, text_at(one, "pattern")
        return
    of_pages = {**mapping_at(values, "permalinks"), **mapping_at(values, "permalinks", "page")}
    for section, pattern in of_pages.items():
        if isinstance(pattern, str):
            yield section.strip("/"), pattern


def _unknown(values: Values, file: str) -> Iterator[str]:
    """What permalinks ask for in vain."""
    for section, pattern in _patterns(values):
        if not _collection(section, pattern):
            yield f"{file}: permalinks.{section} = {pattern} has a token that has no counterpart."


def _collection(section: str, pattern: str) -> Table:
    """The collection of a section; nothing if its urls cannot be told."""
    url = pattern
    for token, ours in {**_PLACEHOLDERS, ":section": section}.items():
        url = url.replace(token, ours)
    if not section or not url or ":" in url.replace(":hugo", ""):
        return {}
    has_slug = ":slug" in pattern.replace(":slugor", "")  # made of the title if none is stated
    of_slug = {"slug": ["slug", "title"]} if has_slug else {}
    # Hugo's section is the first folder of the content, which lies above the collection.
    keys = {**of_slug, "subject": ["categories"]}
    subject = {"subject": section.partition("/")[0]}
    where = f"permalinks.{section} = {pattern}"
    return stated(where, name=section, files=f"{section}/**", url=url, keys=keys, set=subject)
