"""How the texts of a site are written."""

from typing import Literal, NamedTuple, TypeAlias

__all__ = ["GFM", "MATHS", "Dialect", "Rules"]

Dialect: TypeAlias = Literal["gfm", "python-markdown"]


MATHS = ("$", "$$", r"\(", r"\[")  # what may open maths


class Rules(NamedTuple):
    """A dialect of Markdown; `extensions` are Python-Markdown's, by name; `maths` is of `MATHS`."""

    dialect: Dialect = "gfm"
    extensions: tuple[str, ...] = ()
    maths: tuple[str, ...] = MATHS


GFM = Rules()
