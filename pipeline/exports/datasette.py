"""What Datasette is told of the SQLite file: ``metadata.json``, for its option ``--metadata``."""

from collections.abc import Iterable
from typing import Any

from ..base import web
from ..model.settings import Site
from ..model.table import Table, description

_SEARCH = """\
select url, title, snippet(articles_fts, 2, '', '', '…', 24) as found
from articles_fts
where articles_fts match escape_fts(:words)
order by rank
limit 50"""
# Columns that have few values, and are worth a list of them beside the rows.
_FACETS = {
    "articles": ("collection", "language", "subject_slug"),
    "text_links": ("kind", "status"),
    "related_links": ("status",),
    "findings": ("code", "severity"),
    "rejects": ("code",),
    "skipped": ("reason",),
    "changes": ("change",),
}
# How a table is shown: which column stands for a row, which rows come first, how many on a page.
_SHOWN: dict[str, dict[str, Any]] = {
    "articles": {
        "label_column": "title",
        "sort_desc": "published",
        "size": 20,
        "fts_table": "articles_fts",
        "fts_pk": "rowid",
    },
    "subjects": {"label_column": "label", "sort_desc": "articles"},
    "ledger": {"sort_desc": "first_seen"},
}


def metadata(site: Site, tables: Iterable[Table]) -> dict[str, Any]:
    """The description of the site, of its tables and of their columns, as JSON has it."""
    search = {
        "title": "Search articles",
        "description": "Articles in which all of some words stand, the best first.",
        "sql": _SEARCH,
    }
    described = {
        "title": site.title,
        "description": site.description,
        "license_url" if web.is_address(site.license) else "license": site.license,
        "source": site.host,
        "source_url": site.absolute("/"),
        "databases": {
            "site": {
                "description": "The tables of one release.",
                "tables": {table.name: _described(table) for table in tables},
                "queries": {"search": search},
            }
        },
    }
    return {name: value for name, value in described.items() if value}


def _described(table: Table) -> dict[str, Any]:
    return {
        "description": table.description,
        "columns": {field.name: description(field) for field in table.schema},
        **({"facets": [*_FACETS[table.name]]} if table.name in _FACETS else {}),
        **_SHOWN.get(table.name, {}),
    }
