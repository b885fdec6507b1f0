"""What standards ask of published files, checked in those that are about to be published.

Each module knows a kind of files: its rules, with the specification and section that each comes
from, and how to see whether they are kept. It reads what was written, and imports nothing of what
wrote it.
"""

from . import json_feeds, robots, sitemaps, tables, xml_feeds
from .rules import Kind

KINDS: tuple[Kind, ...] = (
    sitemaps.KIND,
    json_feeds.KIND,
    xml_feeds.RSS,
    xml_feeds.ATOM,
    robots.KIND,
    tables.KIND,
)
