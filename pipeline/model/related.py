"""Where the front matter of a file states links to other articles."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeAlias

from .checks import STRICT, Checked
from .columns import check_sources

Copied: TypeAlias = Literal["id", "title", "subject"]


@dataclass(frozen=True, slots=True)
class Related:
    """Links to other articles, a row each in the table ``related_links``.

    Of the keys that are `prefix` and a number, such as ``related_article1``, each holds a mapping
    with ``id``, ``title``, ``subject`` and ``url``; `copies` are those that are held against the
    target's. `keys` hold lists: urls, paths of files, slugs, mappings with a title and a url,
    or titles by url. `by_id` maps keys that hold numbers to the column in which the other file has
    its own.
    """

    __pydantic_config__ = STRICT

    prefix: str = ""
    copies: tuple[Copied, ...] = ("id", "title", "subject")
    keys: Annotated[Any, Checked(check_sources)] = ()
    by_id: Mapping[str, str] = field(default_factory=dict, hash=False)
