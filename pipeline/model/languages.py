"""In which language a file is written, where a site has several: its path says so.

``notes.fr.md`` is the French ``notes.md``; else the first folder may be the language, as in
``fr/notes.md``. All others are in the main language.
"""

from collections.abc import Sequence


def split(path: str, languages: Sequence[str]) -> tuple[str | None, str]:
    """The language of a path, None where the site has just one, and the path without it.

    `languages` are those of the site, the main one first.
    """
    if not languages:
        return None, path
    folder, slash, rest = path.partition("/")
    parent, between, name = path.rpartition("/")
    stem, dot, suffix = name.rpartition(".")
    stem, _, language = stem.rpartition(".")
    if dot and stem and language in languages:
        return language, f"{parent}{between}{stem}.{suffix}"
    if slash and folder in languages:
        return folder, rest
    return languages[0], path
