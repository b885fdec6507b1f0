"""How the texts of a site are written."""

from typing import Literal, NamedTuple, TypeAlias

__all__ = ["GFM", "IN_AUTOLINKS", "MATHS", "MOST_CHARS", "Dialect", "Rules", "Syntax"]

Dialect: TypeAlias = Literal["gfm", "python-markdown"]
# What editors of notes have added to it: [[name]] and ![[name]], %%for nobody%%, ==marked==.
Syntax: TypeAlias = Literal["wikilinks", "comments", "highlights"]

MOST_CHARS = 1_000_000  # of a text that is rendered, without embedded files
IN_AUTOLINKS = ("://", "@", "www.", "WWW.")  # of which each has one (GFM §6.9)
MATHS = ("$", "$$", r"\(", r"\[")  # what may open maths


class Rules(NamedTuple):
    """A dialect of Markdown; `extensions` are Python-Markdown's, by name; `maths` is of `MATHS`.

    `syntax` is what GitHub's dialect knows besides.
    """

    dialect: Dialect = "gfm"
    extensions: tuple[str, ...] = ()
    maths: tuple[str, ...] = MATHS
    syntax: tuple[Syntax, ...] = ()


GFM = Rules()
