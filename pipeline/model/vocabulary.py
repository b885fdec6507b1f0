"""The words that a column holds and no others, for those who write it and those who read it.

Codes of rejects and findings are in `base.problems`, kinds of links in `markup.link_kinds`, and
severities in `model.findings`.
"""

from enum import IntEnum
from typing import Literal, TypeAlias, get_args


class FoundBy(IntEnum):
    """What an article is known by, to a link; the value is that of `scratch.ADDRESSES`."""

    URL = 0
    FILE = 1
    ALIAS = 2
    NAME = 3
    SLUG = 4
    ID = 5

    @property
    def word(self) -> str:
        """What the column ``found_by`` holds."""
        return self.name.lower()


LINK_STATUSES = ("ok", "missing", "self", "duplicate", "external")
TEXT_LINK_STATUSES = ("ok", "missing", "self", "asset", "external")
CHANGE_KINDS = ("added", "changed", "removed")
PRESENT = "present"  # in the history of a site whose first releases are not known
MODIFIED_FROM = ("stated", "seen")
REDIRECT_KINDS = ("alias", "moved")
# What tells that an article moved, by the column that holds it, the surest first.
EVIDENCE = {
    "id": "id",
    "source_path": "path",
    "source_sha256": "file",
    "content_sha256": "content",
}
SkipReason: TypeAlias = Literal["bundle", "collection", "key", "url"]
SKIP_REASONS: tuple[str, ...] = get_args(SkipReason)
