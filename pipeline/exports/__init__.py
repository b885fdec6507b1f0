"""The exports: what is made from the tables for people and machines outside.

A new format is one new module with an `Export`, and one line in `EXPORTS`.
"""

from . import (
    headers,
    indexnow,
    llms,
    redirect_rules,
    robots,
    spreadsheet,
    structured_data,
    tabular,
)
from .base import Context, Export
from .dataset import export as dataset
from .feeds import export as feeds
from .report import page
from .sitemaps import sitemap

EXPORTS: tuple[Export, ...] = (
    tabular.EXPORT,
    spreadsheet.EXPORT,
    dataset.EXPORT,
    sitemap.EXPORT,
    robots.EXPORT,
    redirect_rules.EXPORT,
    headers.EXPORT,
    indexnow.EXPORT,
    llms.EXPORT,
    structured_data.EXPORT,
    feeds.EXPORT,
    page.EXPORT,
)

__all__ = ["EXPORTS", "Context", "Export"]
