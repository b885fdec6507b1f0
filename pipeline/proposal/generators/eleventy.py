"""What the configuration of Eleventy says, and data of its owner: title, address, permalinks."""

import re

from .. import javascript
from ..configuration import Folder, text_at
from ..draft import Draft, Stated, Table, below, site, stated

_FILES = ("eleventy.config.*", ".eleventy.js")
# An expression in a template, and what we call it.
_EXPRESSION = re.compile(r"\{\{-?\s*([\w.]+)\s*(?:\|[^{}]*)?-?\}\}")
_FILE_SLUG = {"page.fileSlug": "{filename}", "page.filePathStem": "{path}", "slug": "{slug}"}


def mark(folder: Folder) -> str:
    """The configuration, if there is one."""
    return folder.first(*_FILES)


def draft(folder: Folder) -> Draft:
    """The draft of a site of Eleventy, whose title and address are data of its owner."""
    file = folder.first(*_FILES)
    raw = below(javascript.first_of(folder.script(file), "dir", "input"))
    data = folder.first(
        *(
            f"{below(raw, where)}/{name}.{end}"
            for where in ("_data", "../_data", "data")
            for name in ("metadata", "site", "meta")
            for end in ("json", "y*ml", "*js")
        )
    )
    values = folder.values(data)
    found = {
        key: text_at(values, key) for key in ("url", "title", "description", "language", "lang")
    }
    if not values:
        found = {key: javascript.first_of(folder.script(data), key) for key in found}
    lines = (line.strip() for line in folder.text(".eleventyignore").splitlines())
    ignored = [line.removeprefix("./").removeprefix(f"{raw}/") for line in lines]
    return Draft(
        raw=Stated(raw, f"{file}: dir.input" if raw != "." else "Eleventy reads the whole folder"),
        site=site(
            data,
            base_url=found["url"],
            title=found["title"],
            description=found["description"],
            language=found["language"] or found["lang"],
        ),
        sources=stated(
            ".eleventyignore", exclude=[line for line in ignored if line and line[0] != "#"]
        ),
        collections=tuple(_of_directory_data(folder, raw)),
    )


def _of_directory_data(folder: Folder, raw: str) -> list[Table]:
    """A collection for each folder whose data file states a permalink that can be told."""
    tables: list[Table] = []
    for name in folder.below(raw, ".json"):
        parent, _, last = name.rpartition("/")
        if last.partition(".")[0] != parent.rpartition("/")[2]:
            continue
        permalink = text_at(folder.values(name), "permalink")
        url = _EXPRESSION.sub(lambda found: _FILE_SLUG.get(found[1], found[0]), permalink)
        if url and "{{" not in url and "{%" not in url:
            home = parent if raw == "." else parent.removeprefix(raw).strip("/")
            tables.append(stated(name, name=home, files=f"{home}/**", url=f"/{url.lstrip('/')}"))
    return tables
