"""Where the front matter of a file states links to other articles."""

from dataclasses import dataclass

from .checks import STRICT


@dataclass(frozen=True, slots=True)
class Related:
    """Links to other articles, a row each in the table ``related_links``.

    Of the keys that are `prefix` and a number, such as ``related_article1``, each holds a mapping
    with ``id``, ``title``, ``subject`` and ``url``. Without a prefix there are none.
    """

    __pydantic_config__ = STRICT

    prefix: str = ""
