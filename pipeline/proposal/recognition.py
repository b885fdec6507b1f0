"""Which site generator a folder is for: by its configuration, else by names and keys of its files.

Where there are several configurations, the first in the table counts: a vault that Quartz publishes
has that of Obsidian, too, and a blog that is edited with CloudCannon that of what builds it.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from .census import Census
from .configuration import Folder
from .draft import HERE, Draft, Stated
from .generators import (
    astro,
    cloudcannon,
    docfx,
    docusaurus,
    eleventy,
    hugo,
    jekyll,
    mkdocs,
    obsidian,
    quartz,
    vitepress,
    zola,
)


class Generator(NamedTuple):
    """A site generator: the name of its preset, its own, and what finds and reads its settings."""

    preset: str
    name: str
    mark: Callable[[Folder], str]
    draft: Callable[[Folder], Draft]


class Recognized(NamedTuple):
    """What a folder is taken for, which may be nothing, and the reason."""

    preset: str
    name: str
    reason: str
    draft: Draft


GENERATORS = (
    Generator("docusaurus", "Docusaurus", docusaurus.mark, docusaurus.draft),
    Generator("starlight", "Starlight", astro.is_starlight, astro.starlight),
    Generator("vitepress", "VitePress", vitepress.mark, vitepress.draft),
    Generator("quartz", "Quartz", quartz.mark, quartz.draft),
    Generator("mkdocs", "MkDocs", mkdocs.mark, mkdocs.draft),
    Generator("docfx", "DocFX", docfx.mark, docfx.draft),
    Generator("zola", "Zola", zola.mark, zola.draft),
    Generator("hugo", "Hugo", hugo.mark, hugo.draft),
    Generator("jekyll", "Jekyll", jekyll.mark, jekyll.draft),
    Generator("eleventy", "Eleventy", eleventy.mark, eleventy.draft),
    Generator("cloudcannon", "CloudCannon", cloudcannon.mark, cloudcannon.draft),
    Generator("astro", "Astro", astro.mark, astro.draft),
    Generator("obsidian", "Obsidian", obsidian.mark, obsidian.draft),
)

# Paths that one generator alone gives a meaning to.
_PATHS = (
    ("jekyll", "Jekyll", re.compile(r"(?:.*/)?_posts/(?:.*/)?\d{4}-\d{1,2}-\d{1,2}-[^/]+")),
    ("wordpress", "an export of WordPress", re.compile(r"(?:output/)?posts/_drafts/.+")),
    ("hugo", "Hugo", re.compile(r"(?:.*/)?_index(?:\.\w+)?\.md")),
)
# Keys that one generator alone gives a meaning to, or that its first template has.
_KEYS = (
    ("quicktakes", "a site of questions and answers", ("related_article1", "post_on_text")),
    ("wordpress", "an export of WordPress", ("coverImage",)),
    ("docusaurus", "Docusaurus", ("sidebar_position", "sidebar_label")),
    ("docfx", "DocFX", ("ms.date", "ms.topic")),
    ("eleventy", "Eleventy", ("eleventyNavigation", "eleventyExcludeFromCollections")),
    ("astro", "Astro", ("pubDate", "pubDatetime")),
    ("obsidian", "Obsidian", ("cssclasses", "cssclass")),
)
_SHARE = 0.1  # of the files that have such a key; fewer may be those of another


def configured(folder: Folder) -> Recognized | None:
    """The generator whose configuration is in a folder, if any is."""
    if not (found := _generator(folder)):
        return None
    reason = f"there is {found.mark(folder)}"
    return Recognized(found.preset, found.name, reason, found.draft(folder))


def _generator(folder: Folder) -> Generator | None:
    return next((one for one in GENERATORS if one.mark(folder)), None)


def inside(folder: Folder) -> list[tuple[str, str]]:
    """The folders of a folder that have a configuration, each with the name of its generator."""
    return [
        (name, found.name)
        for name in folder.all("[!.]*/")
        if (found := _generator(Folder(folder.path / name)))
    ]


def guessed(paths: Iterable[str], census: Census) -> Recognized:
    """What files are taken for by their paths and keys, which may be nothing."""
    listed = list(paths)
    for preset, name, pattern in _PATHS:
        if path := next(filter(pattern.fullmatch, listed), ""):
            # The first that Hugo lists is that of the folder of its content.
            home = path.rpartition("/")[0] if preset == "hugo" else ""
            raw = Stated(home, "the folder of the first such file") if home else HERE
            return Recognized(preset, name, f"a file is named {path}", Draft(raw))
    counts = {key.name: key.files for key in census.keys}
    for preset, name, keys in _KEYS:
        stated = [key for key in keys if counts.get(key, 0) >= _SHARE * census.files]
        if stated and census.files:
            return Recognized(preset, name, f"files state {_and(stated)}", Draft())
    return Recognized("", "", "", Draft())


def _and(words: Sequence[str]) -> str:
    return " and ".join(words)
