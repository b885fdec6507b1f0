"""What ``docfx.json`` says."""

from collections.abc import Mapping
from typing import Any

from ..configuration import Folder, list_at, mapping_at, text_at, texts_at
from ..draft import Draft, Table, below, site, stated

_FILE = "docfx.json"


def mark(folder: Folder) -> str:
    """The configuration, if there is one."""
    return folder.first(_FILE)


def draft(folder: Folder) -> Draft:
    """The draft of a site of DocFX; those of Microsoft Learn have other urls."""
    values = folder.values(_FILE)
    is_of_learn = bool(folder.first(".openpublishing.*", "../.openpublishing.*"))
    build = mapping_at(values, "build")
    content = [one for one in list_at(build, "content") if isinstance(one, Mapping)]
    with_files = [
        one for one in content if any("*.md" in f or "{md" in f for f in texts_at(one, "files"))
    ]
    left_out = [
        f"/{below(text_at(one, 'src'))}/{name}".replace("/./", "/")
        for one in content
        for name in texts_at(one, "exclude")
    ]
    return Draft(
        site=site(
            _FILE,
            base_url=text_at(build, "sitemap", "baseUrl"),
            title=text_at(build, "globalMetadata", "_appTitle")
            or text_at(build, "globalMetadata", "_appName"),
            language=text_at(build, "globalMetadata", "_lang"),
        ),
        sources=stated(f"{_FILE}: build.content.exclude", exclude=[*dict.fromkeys(left_out)]),
        content=stated("as DocFX names pages", url="" if is_of_learn else "/{path}.html"),
        collections=tuple(
            table
            for one in with_files
            if (table := _of_content(one, "" if is_of_learn else ".html"))
        ),
    )


def _of_content(entry: Mapping[str, Any], end: str) -> Table:
    """The collection of files that are published elsewhere than where they are."""
    src, dest = below(text_at(entry, "src")), below(text_at(entry, "dest"))
    if src == dest or src.startswith(".."):
        return {}
    files = "**" if src == "." else f"{src}/**"
    url = f"/{dest}/{{path}}{end}".replace("/./", "/")
    return stated(f"{_FILE}: build.content", name=src, files=files, url=url)
