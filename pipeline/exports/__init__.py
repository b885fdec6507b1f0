"""The exports: what is made from the tables for people and machines outside.

A new format is one new module with an `Export`, and one line in `EXPORTS`.
"""

from . import json_feed, report, sitemap, spreadsheet, tabular
from .base import Context, Export

EXPORTS: tuple[Export, ...] = (
    tabular.EXPORT,
    spreadsheet.EXPORT,
    sitemap.EXPORT,
    json_feed.EXPORT,
    report.EXPORT,
)

__all__ = ["EXPORTS", "Context", "Export"]
