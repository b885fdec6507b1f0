"""How the texts of a site are written."""

from typing import Literal, NamedTuple, TypeAlias

__all__ = ["GFM", "Dialect", "Rules"]

Dialect: TypeAlias = Literal["gfm", "python-markdown"]


class Rules(NamedTuple):
    """A dialect of Markdown; `extensions` are Python-Markdown's, by name."""

    dialect: Dialect = "gfm"
    extensions: tuple[str, ...] = ()


GFM = Rules()
