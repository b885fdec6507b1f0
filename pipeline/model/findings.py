"""How much each finding matters to a site."""

from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

from ..base.problems import FindingCode
from .checks import STRICT

SEVERITIES = ("info", "warning", "error")  # the least first
OFF = "off"
Level: TypeAlias = Literal["off", "info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Findings:
    """What a finding of each code is: `off`, none; an `error` holds a release back."""

    __pydantic_config__ = STRICT

    doubtful_escape: Level = "info"
    unbalanced_maths: Level = "warning"
    template_syntax: Level = "warning"
    not_rendered: Level = "warning"
    damaged_description: Level = "warning"
    wrong_value: Level = "warning"
    near_url: Level = "warning"
    subject_spelling: Level = "info"
    shared_slug: Level = "info"
    shared_id: Level = "info"
    stale_link: Level = "info"
    missing_link: Level = "warning"
    missing_anchor: Level = "warning"
    alias_link: Level = "info"
    taken_alias: Level = "warning"
    self_link: Level = "warning"
    repeated_link: Level = "warning"
    future_date: Level = "warning"
    date_moved: Level = "info"
    schema_change: Level = "warning"
    no_history: Level = "warning"

    def level(self, code: FindingCode) -> Level:
        """What a finding of a code is."""
        return cast("Level", getattr(self, code))
