"""The exports: what is made from the tables for people and machines outside.

A new format is one new module with an `Export`, and one line in `EXPORTS`.
"""

from . import (
    duckdb_views,
    headers,
    indexnow,
    jsonl,
    llms,
    plain_text,
    redirect_rules,
    robots,
    spreadsheet,
    sqlite,
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
    plain_text.EXPORT,
    sqlite.EXPORT,
    jsonl.EXPORT,
    duckdb_views.EXPORT,
    feeds.EXPORT,
    page.EXPORT,
)

__all__ = ["EXPORTS", "Context", "Export"]
